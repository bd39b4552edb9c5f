"""The functions over arrays: each takes the columns of some rows, and returns a column of as many."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..codelists import CodeList
from ..codelists.members import included_rows, membership
from ..columns.annotation import FIELDS, LEVELS
from ..columns.validation import absence
from ..errors import TerminologyError, UnknownSystemError
from ..model import Status
from ..query import Terminology, engine_of
from .arguments import Keys, alternatives_type, whole
from .moves import Moves, Translations
from .signatures import Kind
from .system_answers import SystemAnswers

if TYPE_CHECKING:
    import pyarrow as pa

LIST_HEAD: Final = "system:"
"""With it begins a list that is written in the query."""
Column = Any
"""A `pyarrow` array or chunked array; all of one call have the same length."""
CodeLists = Mapping[str, CodeList | str | os.PathLike[str]]
Made = TypeVar("Made")


class Functions:
    """The functions of a store. What its batches share is kept, so make one for a connection or a process.

    A row never raises. A null code is ``malformed``; a row without a day, or whose system is not loaded, is ``uncovered``;
    where a function has no answer it is null. Where the days are left out, each system answers for the first
    day of its newest release. Codes may be texts or numbers, days may be days, times or texts.

    Args:
        store: An open store.
        codelists: Code lists, or paths of such, by the names that `member` knows them by.

    >>> import pyarrow
    >>> functions = Functions(store)
    >>> functions.status(
    ...     pyarrow.array(["icd10cm"] * 3), pyarrow.array(["M54.5", "m54.5", None]), pyarrow.array(["2021-09-30", "2021-10-01", None])
    ... ).to_pylist()
    ['billable', 'header', 'malformed']
    """

    def __init__(self, store: Terminology, codelists: CodeLists | None = None) -> None:
        self.store = store
        self._codelists = {name: _code_list(given) for name, given in (codelists or {}).items()}
        self._keys = Keys()
        self._made: dict[Any, Any] = {}

    # ---- what a code is

    def status(self, system: Column, code: Column, day: Column | None = None) -> pa.Array:
        """Return the statuses: billable, header, expired, future, unknown, malformed or uncovered."""
        return self._by_system(
            system, [code, day], lambda found, rows: found.status(*rows), lambda _: str(Status.UNCOVERED)
        )

    def code(self, system: Column, code: Column) -> pa.Array:
        """Return the codes in official form; null of what no release knows."""
        return self._by_system(system, [code], lambda found, rows: found.code(*rows))

    def reason(self, system: Column, code: Column, day: Column | None = None) -> pa.Array:
        """Return why each code has its status, as a sentence."""
        return self._by_system(system, [code, day], lambda found, rows: found.reason(*rows), absence)

    def display(self, system: Column, code: Column, day: Column | None = None) -> pa.Array:
        """Return the titles; null of codes that are not in force, and of systems whose licence is not declared."""
        return self._by_system(system, [code, day], lambda found, rows: found.display(*rows))

    def property(self, system: Column, code: Column, name: Column, day: Column | None = None) -> pa.Array:
        """Return a field or property as text, or the code of the chapter, section or category; null of codes not in force.

        Raises:
            TerminologyError: No code of the store has a property of such a name.
        """

        def answer(values: Sequence[Any], rows: Sequence[Any]) -> pa.Array:
            found, asked = self._system(values[0]), values[1]
            if asked is not None:
                self._require_name(str(asked))
            if found is None or asked is None:
                return _same(None, len(rows[0]))
            return found.property(rows[0], str(asked), rows[1] if day is not None else None)

        return self._answered([system, name], [code, day], answer)

    def subsumes(self, system: Column, a: Column, b: Column, day: Column | None = None) -> pa.Array:
        """Return how codes relate: equivalent, subsumes (a is above b), subsumed-by, not-subsumed; null where one is not in force."""
        return self._by_system(system, [a, b, day], lambda found, rows: found.subsumes(*rows))

    # ---- lists

    def member(self, list: Column, code: Column, day: Column | None = None) -> pa.Array:  # noqa: A002 -- as in SQL
        """Return whether codes are in a code list on their days; false where they are not in force.

        A list is one of the names that the functions were made with, the path of a file, or a text that begins with its
        system, with an entry a line or between semicolons: ``system: icd10cm; is-a E11``.

        Raises:
            TerminologyError: There is no such list; it names no code system, or none of the store.
        """

        def answer(values: Sequence[Any], rows: Sequence[Any]) -> pa.Array:
            import pyarrow as pa

            if values[0] is None:
                return pa.array([False] * len(rows[0]), pa.bool_())
            found, included = self._list(str(values[0]))
            return membership(found.placed(rows[0], rows[1] if day is not None else None), included)

        return self._answered([list], [code, day], answer, "boolean")

    def _list(self, text: str) -> tuple[SystemAnswers, Callable[[int], Any]]:
        """Return the answers of the system of a list, and a function with the rows that it includes in a stretch of days."""
        if text in self._codelists:
            return self._made_once(("list", text), lambda: self._resolved(self._codelists[text]))
        if text.lstrip().lower().startswith(LIST_HEAD):
            written = text.replace(";", "\n")
            return self._made_once(("list", text), lambda: self._resolved(CodeList.parse(written, file="the query")))
        try:
            changed = os.stat(text).st_mtime_ns  # noqa: PTH116 -- asked for every batch
        except (OSError, ValueError):
            names = ", ".join(self._codelists) or "none"
            raise TerminologyError(
                f"no code list {text!r}: expected one of the names given as codelists ({names}), the path of a file, "
                f"or a list such as 'system: icd10cm; is-a E11'"
            ) from None
        return self._made_once(("list", text, changed), lambda: self._resolved(CodeList.read(text)))

    def _resolved(self, code_list: CodeList) -> tuple[SystemAnswers, Callable[[int], Any]]:
        if not code_list.system:
            raise UnknownSystemError(
                f"{code_list.file} names no code system: write one at its head, as in system: icd10cm"
            )
        found = self._answers(self.store[code_list.system].name)
        return found, functools.cache(lambda stretch: included_rows(code_list, found.system, found.states, stretch))

    # ---- other releases and systems

    def migrate(self, system: Column, code: Column, origin: Column, target: Column | None = None) -> pa.Array:
        """Return what codes become in a release: alternatives, each a list of codes that are used together.

        An empty list says that there is nothing, by the publisher; null that nothing loaded says anything, that there is
        no code or origin, or no such system or release.

        Args:
            system: Of the codes.
            code: The codes.
            origin: The day, or the release, that each code is from.
            target: The release to migrate to: version, effective day or ``latest``, which it is where it is left out.
        """

        def answer(values: Sequence[Any], rows: Sequence[Any]) -> pa.Array:
            found = self._system(values[0])
            asked = "latest" if target is None else values[1]
            if found is None or asked is None:
                return _no_alternatives(len(rows[0]))
            moves = self._made_once(("moves", found.system.name), lambda: Moves(found.system))
            return moves.targets(rows[0], rows[1], asked)

        keys = [system] if target is None else [system, target]
        return self._answered(keys, [code, origin], answer, "alternatives")

    def translate(self, source: Column, target: Column, code: Column, day: Column | None = None) -> pa.Array:
        """Return what codes are in another system, in the form of `migrate`.

        Args:
            source: Code system of the codes.
            target: Code system to translate to.
            code: The codes.
            day: Whose edition of the target is asked; without it, that of its newest release.
        """

        def answer(values: Sequence[Any], rows: Sequence[Any]) -> pa.Array:
            if None in values:
                return _no_alternatives(len(rows[0]))
            names = str(values[0]).strip(), str(values[1]).strip()
            translations = self._made_once(("translations", names), lambda: Translations(self.store, *names))
            return translations.targets(rows[0], rows[1] if day is not None else None)

        return self._answered([source, target], [code, day], answer, "alternatives")

    # ---- what all of them do

    def _by_system(
        self,
        system: Column,
        columns: Sequence[Column | None],
        answer: Callable[[SystemAnswers, Sequence[Any]], pa.Array],
        missing: Callable[[str], str] | None = None,
    ) -> pa.Array:
        """Return what the answers of each system say; of those that are not loaded the same text for all rows, or nulls."""
        optional = [None] * sum(column is None for column in columns)

        def answered(values: Sequence[Any], rows: Sequence[Any]) -> pa.Array:
            found = self._system(values[0])
            if found is None:
                name = "" if values[0] is None else str(values[0]).strip()
                return _same(missing(name) if missing else None, len(rows[0]))
            return answer(found, [*rows, *optional])

        return self._answered([system], [column for column in columns if column is not None], answered)

    def _answered(
        self,
        keys: Sequence[Column],
        columns: Sequence[Column | None],
        answer: Callable[[Sequence[Any], Sequence[Any]], pa.Array],
        kind: Kind = "text",
    ) -> pa.Array:
        given = [whole(column) for column in columns if column is not None]
        if not len(given[0]):
            import pyarrow as pa

            kinds = {"text": pa.string(), "boolean": pa.bool_(), "alternatives": alternatives_type()}
            return pa.array([], kinds[kind])
        return self._keys.answered([whole(key) for key in keys], given, answer)

    def _system(self, name: Any) -> SystemAnswers | None:
        """Return the answers of a system by any of its names; None where it is not loaded."""
        found = self.store.get(name.strip()) if isinstance(name, str) else None
        return None if found is None else self._answers(found.name)

    def _answers(self, name: str) -> SystemAnswers:
        return self._made_once(("system", name), lambda: SystemAnswers(self.store[name]))

    def _require_name(self, name: str) -> None:
        known = self._made_once(("names",), self._property_names)
        if name not in known:
            raise TerminologyError(
                f"no code of the store has a property {name!r} (there are {', '.join(sorted(known))})"
            )

    def _property_names(self) -> frozenset[str]:
        import json

        texts = (engine_of(system.latest).system.property_column() for system in self.store.values())
        found = {name for column in texts for text in column.to_pylist() if text for name in json.loads(text)}
        return frozenset({*FIELDS, *LEVELS, *found})

    def _made_once(self, key: Any, make: Callable[[], Made]) -> Made:
        found: Made | None = self._made.get(key)
        if found is None:
            found = self._made[key] = make()
        return found


def _code_list(given: CodeList | str | os.PathLike[str]) -> CodeList:
    return given if isinstance(given, CodeList) else CodeList.read(given)


def _same(text: str | None, count: int) -> pa.Array:
    import pyarrow as pa

    return pa.array([text] * count, pa.string())


def _no_alternatives(count: int) -> pa.Array:
    import pyarrow as pa

    return pa.nulls(count, alternatives_type())
