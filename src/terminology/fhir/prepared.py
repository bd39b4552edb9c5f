"""Questions that are alike but for their codes: what else they say is read once, and kept for the next of them.

Programs ask the same of one code after another: what it is, whether it is valid, whether it is below another. To read
the parameters, to find the version of the code system that is in force, and to look for what would make the answer
another one, takes several times as long as the answer. So the first question of a kind goes the whole way, and leaves
a function from codes to answers. What that function does not answer, as a code that is unknown, goes the whole way too.

Only what is quick to answer is prepared: codes of the store, and nothing asked for that is slow to find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import time
from typing import Final, NamedTuple, TypeAlias

from attrs import evolve

from .call import Call
from .catalogue import Library
from .clauses import SystemRows
from .code_systems import split_canonical
from .exchange import Resource
from .expansion import expand, options_of
from .languages import languages_of
from .loaded_systems import LoadedSystem
from .lookup import looked_up, subsumption
from .operations import validation_of
from .outcomes import FhirError
from .r4 import to_r4
from .validation import plain_answer

Answer: TypeAlias = "Callable[..., Resource | None]"
"""From the codes of a question, in its order, to what is answered; None where the question has to be read as a whole."""

CODES: Final = frozenset({"code", "codeA", "codeB", "filter"})
"""Parameters by which questions of one kind differ."""
EXPAND: Final = "ValueSet/$expand"
TAKEN: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "CodeSystem/$lookup": (["code"],),
    "CodeSystem/$subsumes": (["codeA", "codeB"], ["codeB", "codeA"]),
    "CodeSystem/$validate-code": (["code"],),
    "ValueSet/$validate-code": (["code"],),
    EXPAND: (["filter"],),
}
"""Which of them an operation takes, in which order. A question with others, or with one twice, is read as a whole."""
LIKE: Final = frozenset({"system", "url", "version", "date", "displayLanguage", "count", "offset"})
"""Parameters that are the same in questions of one kind. One with any other is read as a whole."""
LONGEST_CODE: Final = 64
"""Characters of a code; what is longer may be an expression, which takes time."""
SECONDS_OF_DAY: Final = 86_400


class Question(NamedTuple):
    """A question about a code or two."""

    kind: tuple[object, ...]
    """What questions have in common for which the same is prepared."""
    codes: Sequence[str]


def question_of(path: str, query: Sequence[tuple[str, str]], accepted: str | None) -> Question | None:
    """Return a question as its kind and its codes; None where it is not of a kind that can be prepared.

    Args:
        path: Path of the operation.
        query: Parameters of the URL.
        accepted: The languages of the header.

    >>> question_of("CodeSystem/$lookup", (("system", "http://a.b"), ("code", "E11")), None).codes
    ['E11']
    """
    taken = TAKEN.get(path)
    if taken is None:
        return None
    alike: list[object] = []
    names: list[str] = []
    codes: list[str] = []
    for pair in query:
        name, value = pair
        if name in CODES:
            if not value or len(value) > LONGEST_CODE or not value.isascii():
                return None
            names.append(name)
            codes.append(value)
        elif name in LIKE:
            alike.append(pair)
        else:
            return None
    if names not in taken:
        return None
    # the day on which the question is asked is that of UTC, as `Library.in_force` has it
    return Question((path, accepted, int(time() // SECONDS_OF_DAY), *names, *alike), codes)


def is_prompt(question: Question) -> bool:
    """Return whether a question that is prepared is answered in microseconds; to find words takes longer."""
    return question.kind[0] != EXPAND


def answered(library: Library, question: Question) -> Resource | None:
    """Return the answer to a question of a kind that is prepared; None of any other.

    Raises:
        FhirError: There is none, as the code is unknown.
    """
    found: Answer | None = library.prepared.get(question.kind)
    return found(*question.codes) if found is not None else None


def prepare(question: Question, call: Call) -> None:
    """Prepare the kind of a question that was answered the whole way."""
    if question.kind not in call.library.prepared:
        call.library.prepare(question.kind, _made(call) or _unprepared)


def _made(call: Call) -> Answer | None:
    try:
        return MAKERS[call.request.path](call)
    except FhirError:
        # no version is in force on the day, and the code was answered for by its own row
        return None


def _unprepared(*_codes: str) -> None:
    """Answer nothing: of this kind every question has to be read."""


# ---- what is prepared


def _lookup(call: Call) -> Answer | None:
    system = _system(call)
    languages = languages_of(call.inputs.text("displayLanguage") or call.accepted)
    return None if system is None else lambda code: looked_up(system, code, languages, ())


def _subsumes(call: Call) -> Answer | None:
    system = _system(call)
    if system is None:
        return None
    if [name for name in call.inputs.names if name in CODES] == ["codeB", "codeA"]:
        return lambda b, a: subsumption(system, a, b)
    return lambda a, b: subsumption(system, a, b)


def _system(call: Call) -> LoadedSystem | None:
    """Return the version of the store that a question is about; None where it is of another kind."""
    inputs = call.inputs
    found = call.system(inputs.text("system") or inputs.text("url"), inputs.text("version"))
    return found if isinstance(found, LoadedSystem) else None


def _validated(call: Call, value_set: Resource | None) -> Answer | None:
    inputs = call.inputs
    named = inputs.text("system") or (inputs.text("url") if value_set is None else None)
    url, stated = split_canonical(named or "")
    if not url or stated or inputs.text("version"):
        return None
    system = validation_of(call, value_set).whole(url)
    return partial(plain_answer, system, url) if system is not None else None


def _expanded(call: Call) -> Answer | None:
    """Return what finds the codes of a value set by words: the value set and its codes are looked up once."""
    value_set, evaluation = call.value_set(is_needed=True) or {}, call.evaluation()
    rows = evaluation.rows(value_set)
    if not isinstance(rows, SystemRows) or not rows.system.is_ranked:
        return None
    options = options_of(call.inputs, value_set, call.accepted, call.limit)
    whole = expand(evaluation, value_set, options)
    head = {name: value for name, value in _in_form(whole, call).items() if name != "expansion"}

    def found(text: str) -> Resource | None:
        if text != text.strip():
            return None
        echoed = tuple({**one, "valueString": text} if one["name"] == "filter" else one for one in options.echoed)
        made = expand(evaluation, value_set, evolve(options, text=text, echoed=echoed))
        # properties are what R4 says in another way
        return None if "property" in made["expansion"] else {**head, "expansion": made["expansion"]}

    return found


def _in_form(value_set: Resource, call: Call) -> Resource:
    return to_r4(value_set) if call.request.fhir == "r4" else value_set


MAKERS: Final[Mapping[str, Callable[[Call], Answer | None]]] = {
    "CodeSystem/$lookup": _lookup,
    "CodeSystem/$subsumes": _subsumes,
    "CodeSystem/$validate-code": lambda call: _validated(call, None),
    "ValueSet/$validate-code": lambda call: _validated(call, call.value_set(is_needed=False)),
    EXPAND: _expanded,
}
