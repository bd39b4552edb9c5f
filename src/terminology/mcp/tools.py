"""The tools: what each is asked with, and which function of the library answers.

None has a rule of its own. Each names an edition or a pair of releases, asks, and hands the answer through the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from ..model import Notes
from ..query import CodeSystem, Edition, Terminology
from ..wire import lookup_values, sent, sent_translation
from .answers import Answer, answer_of, edition_of, edition_remarks, licence_remarks
from .lists import validate_list
from .parameters import Parameter, arguments_of
from .searching import search

Arguments: TypeAlias = Mapping[str, Any]

SYSTEM: Final = Parameter(
    "system",
    "The code system, by any of its names: short name (icd10cm, icd10pcs, icd9cm, icd9pcs, hcpcs, cpt, icd10, icd10gm), "
    "title (ICD-10-CM), FHIR URI or OID. The resource terminology://systems lists those that are loaded.",
    required=True,
    example="icd10cm",
)
CODE: Final = Parameter(
    "code", "The code, with or without its dot, in any case.", required=True, example="E11.9", longest=100
)
ON: Final = Parameter(
    "on",
    "The day of use, which on a claim is the date of service: like 2024-03-01, or today. The release that was in force on "
    "that day answers, and is named in the answer. By default today.",
    example="2024-03-01",
)
VERSION: Final = Parameter(
    "version", "A release instead of a day: its version label like 2024 or 2023-04, or latest.", example="2024"
)
KNOWN: Final = Parameter(
    "known",
    "Version or date: only releases up to it count, for what could be known at that time. Needs on. By default all.",
)
BILLABLE: Final = Parameter(
    "billable", "Whether a header that is reached is followed to the billable codes below it.", "flag", default=False
)
EDITION: Final = (ON, VERSION, KNOWN)


def limit_of(default: int, what: str, most: int = 500) -> Parameter:
    """Return the parameter that bounds an answer."""
    return Parameter(
        "limit", f"Most {what} in the answer; left_off says how many more.", "number", default=default, longest=most
    )


@frozen
class Tool:
    """A tool as clients see it, and what answers."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    ask: Callable[[Terminology, Arguments], Answer]

    def answer(self, store: Terminology, given: Mapping[str, Any]) -> Answer:
        """Return the answer to a call.

        Raises:
            ArgumentError: An argument is missing, unknown or wrong.
            TerminologyError: There is no such system, release or day, or the store is damaged.
        """
        return self.ask(store, arguments_of(self.parameters, given))


def edition_asked(store: Terminology, arguments: Arguments) -> tuple[Edition, CodeSystem, Iterator[str]]:
    """Return the edition that a call names, its code system, and what is to be said of it."""
    code_system = store[arguments["system"]]
    on, version, known = arguments["on"], arguments["version"], arguments["known"]
    edition = edition_of(code_system, on=on, version=version, known=known)
    return edition, code_system, edition_remarks(edition, code_system, was_dated=bool(on or version))


def explain(store: Terminology, arguments: Arguments) -> Answer:
    """Return what `Edition.explain` says."""
    edition, _, remarks = edition_asked(store, arguments)
    found = sent(edition.explain(arguments["code"]), edition)
    return answer_of(
        found.to_dict(), limit=arguments["limit"], lists=("instead", "suggestions"), edition=edition, remarks=remarks
    )


def lookup(store: Terminology, arguments: Arguments) -> Answer:
    """Return what `Edition.check`, `Edition.lookup` and `Edition.notes` say."""
    edition, _, remarks = edition_asked(store, arguments)
    code = arguments["code"]
    check, concept = sent(edition.check(code), edition), sent(edition.lookup(code), edition)
    notes = sent(edition.notes(code), edition) if check.valid else Notes(known=False)
    values = lookup_values(edition, check, concept, notes)
    return answer_of(values, limit=arguments["limit"], lists=("notes",), edition=edition, remarks=remarks)


def translate(store: Terminology, arguments: Arguments) -> Answer:
    """Return what `Terminology.translate` says."""
    source, target = arguments["source"], arguments["target"]
    found = store.translate(
        arguments["code"],
        source=source,
        target=target,
        on=arguments["on"],
        crosswalk=arguments["crosswalk"],
        inverted=arguments["inverted"],
        billable=arguments["billable"],
    )
    found = sent_translation(found, (source, target), store, store.licences)
    edition = _target_edition(store, target, arguments["on"])
    remarks = _target_remarks(store, target, edition, was_dated=bool(arguments["on"]))
    return answer_of(found.to_dict(), limit=arguments["limit"], lists=TRANSLATION, edition=edition, remarks=remarks)


TRANSLATION: Final = ("alternatives", "path", "split_off")
"""Lists of a translation that are cut; the codes of an alternative and the steps to them stay whole."""


def _target_edition(store: Terminology, target: str, on: str | None) -> Edition | None:
    if target not in store:
        # only crosswalks have its codes
        return None
    return store[target].on(on) if on else store[target].latest


def _target_remarks(store: Terminology, target: str, edition: Edition | None, *, was_dated: bool) -> Iterator[str]:
    if edition is None:
        yield f"no release of {target} is loaded: whether the codes are in force is not known"
    elif was_dated:
        yield from edition_remarks(edition, store[target], was_dated=True)
    elif edition.release is not None:
        yield f"no day was given: the newest release of {edition.definition.title}, {edition.release.version}, answers"
        yield from licence_remarks(edition, edition)


def migrate(store: Terminology, arguments: Arguments) -> Answer:
    """Return what `CodeSystem.migrate` says."""
    code_system = store[arguments["system"]]
    found = code_system.migrate(
        arguments["code"], arguments["origin"], arguments["target"], billable=arguments["billable"]
    )
    found = sent_translation(found, (code_system.name,), store, store.licences)
    edition = code_system.release(arguments["target"])
    remarks = edition_remarks(edition, code_system, was_dated=True)
    return answer_of(found.to_dict(), limit=arguments["limit"], lists=TRANSLATION, edition=edition, remarks=remarks)


def searched(store: Terminology, arguments: Arguments) -> Answer:
    """Return the codes that a text finds."""
    edition, _, remarks = edition_asked(store, arguments)
    hits = search(edition, arguments["text"], billable=arguments["billable"])
    return answer_of(hits, limit=arguments["limit"], lists=("",), edition=edition, remarks=remarks, found=len(hits))


def list_validated(store: Terminology, arguments: Arguments) -> Answer:
    """Return what `CodeList.resolve` says of a list, and `Edition.check` of each single code in it."""
    return validate_list(store, arguments)


TOOLS: Final = (
    Tool(
        "explain",
        "May this code be used",
        "May this code be submitted on this day, why not, and what instead. The status is billable, header (in force, but "
        "not valid for submission), future, expired, unknown, malformed, or uncovered (no loaded release speaks for the "
        "day). instead has billable codes of that day: those below a header, recorded successors of an expired code, "
        "repairs of a mistyped one. Every answer names release, file and line. Ask this first.",
        (SYSTEM, CODE, *EDITION, limit_of(20, "codes to use instead")),
        explain,
    ),
    Tool(
        "search",
        "Find codes by words",
        "Find codes by words in any order, as people or clinicians say them: titles, inclusion terms, the publisher's index "
        "and synonyms are searched, plurals, typos and common abbreviations understood. Or by a code, or how one begins. "
        "The best hit comes first; matched and term say what of it matched, score how well, from 0 to 1. A hit is a "
        "candidate: read its lookup before it is used. found counts to 1,000. Words are understood in the language of the "
        "code system alone.",
        (
            SYSTEM,
            Parameter("text", "Words, or how a code begins.", required=True, example="heart attack"),
            *EDITION,
            Parameter("billable", "Only codes that may be submitted on a claim.", "flag", default=False),
            limit_of(20, "hits"),
        ),
        searched,
    ),
    Tool(
        "lookup",
        "Look a code up",
        "All that the release in force on the day says of a code: title, status, period, parent, properties, and notes such "
        "as inclusions, excludes1 and useAdditionalCode, each with the code that it was declared at.",
        (SYSTEM, CODE, *EDITION, limit_of(50, "notes")),
        lookup,
    ),
    Tool(
        "translate",
        "Translate to another code system",
        "What a code is in another code system by published crosswalks such as the GEM. The outcome is mapped, none (the "
        "publisher says that nothing corresponds) or unknown (nothing loaded covers the code). There may be several "
        "alternatives, among which a person has to choose; the codes of one alternative are used together. approximate "
        "says that the map is no equivalence. path names each step with its publication.",
        (
            CODE,
            Parameter("source", "Code system of the code, by any of its names.", required=True, example="icd9cm"),
            Parameter("target", "Code system to translate to, by any of its names.", required=True, example="icd10cm"),
            Parameter(
                "on",
                "The day whose codes are wanted. By default the target's newest release answers.",
                example="2024-03-01",
            ),
            Parameter("crosswalk", "Use this crosswalk only: its name, or name and version.", example="gems 2018"),
            Parameter(
                "inverted", "Whether maps published in the other direction are read backwards.", "flag", default=False
            ),
            BILLABLE,
            limit_of(50, "alternatives"),
        ),
        translate,
    ),
    Tool(
        "migrate",
        "Migrate to another release",
        "What a code of one release of a system became in a later or earlier one, step by step with the publication of each. "
        "The outcome is mapped, none or unknown; alternatives as of translate.",
        (
            SYSTEM,
            CODE,
            Parameter("origin", "The release that the code is from, or a day.", required=True, example="2021"),
            Parameter("target", "The release to migrate to, or a day. By default the newest.", default="latest"),
            BILLABLE,
            limit_of(50, "alternatives"),
        ),
        migrate,
    ),
    Tool(
        "validate_list",
        "Check a list of codes",
        "Check a list of codes against the release in force on the day. checks has the status of each single code with the "
        "reason and the likely correction; answer has the codes that the list includes, with ranges (E10-E14), descendants "
        "(is-a E11), patterns (E11*) and exclusions (excluding E11.65) resolved, the entries that are not in force, and the "
        "rows that are no entry. summary counts all of them.",
        (
            Parameter(
                "codes",
                "The list: codes or entries, one a line, or as a list of texts. A table with a column of codes may be pasted.",
                "codes",
                required=True,
                longest=200_000,
            ),
            Parameter("system", f"{SYSTEM.description} May be left out where the list names it (system: icd10cm)."),
            *EDITION,
            limit_of(100, "items of each list", 2_000),
        ),
        list_validated,
    ),
)
"""All tools, in the order in which clients list them."""
