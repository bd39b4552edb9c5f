"""Comorbidities of persons: a table of codes with days in, a row a person out.

Each code is judged by the version of the index that is in force on its day, never by several at the same time. A day
that no version covers judges nothing: its rows are counted. Then hierarchies apply, over all codes of a person.

AHRQ's software counts some comorbidities only where the diagnosis was present on admission: POA is ``Y`` or ``W``, or
the code is exempt from POA reporting in the fiscal year of its day. Without a column of POA these are unknown: null,
and so are the scores. Cerebrovascular disease counts where a code of it was present on admission, or where there is a
sequela, and no code of it arose during the stay.

References:
    AHRQ HCUP, ``CMR_Mapping_Program_vYYYY-N.sas`` and ``CMR_Index_Program_vYYYY-N.sas``.
    Quan H et al., Med Care 2005;43(11):1130-9.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from ..errors import NoVersionError, TerminologyError, UnknownCodeError
from ..periods import day_from
from ..query import Terminology, opened_store
from ..query.grouping import Grouping
from ..query.grouping_editions import GroupingEdition
from .arrays import cells, is_of_days
from .cells import cell_of
from .day_columns import day_numbers
from .day_reading import DayReading
from .days import DayForm
from .frames import Frame, arrow_table, column_of, whole

if TYPE_CHECKING:
    import pyarrow as pa

INDEXES: Final = ("elixhauser", "charlson")
PRESENT: Final = frozenset({"Y", "W"})
ABSENT: Final = frozenset({"N", "U"})
WEIGHT: Final = "weight"
SCORE: Final = "score"
EXEMPT: Final = "poa_exempt"
ICD10: Final = datetime.date(2015, 10, 1)
"""From this day claims in the United States have codes of ICD-10-CM, by 45 CFR 162.1002."""
OCTOBER: Final = 10
UNCOVERED: Final = "uncovered"
UNREAD: Final = "unread"


def comorbidities(
    table: Frame,
    *,
    person: str,
    code: str,
    on: Any,
    index: str = "elixhauser",
    poa: str | None = None,
    system: str | None = None,
    version: str | None = None,
    day_format: str | DayForm | None = None,
    store: Terminology | str | None = None,
) -> pa.Table:
    """Return a row for each person: which comorbidities, the scores, and how many codes were judged.

    The columns are the person; a boolean for each category, null where it cannot be known; ``score`` or scores named
    by their weights, null where a category is; ``codes`` that were judged; codes ``uncovered``, of days that no version
    covers; and those ``unread``, without a day or malformed; ``versions``. What is uncovered is also said in the metadata of the table.

    Secondary diagnoses are what AHRQ's software looks at: leave principal diagnoses out. Its exclusions by DRG, in the
    software for ICD-9-CM, are not applied.

    Args:
        table: Of any library that speaks Arrow; a row for each code.
        person: The column of persons, or of stays where each is judged alone.
        code: The column of codes.
        on: The column of days, or one day.
        index: ``elixhauser`` or ``charlson``.
        poa: The column of present-on-admission indicators: Y, N, U, W.
        system: The code system; without it ICD-9-CM until September 2015 and ICD-10-CM since, where the version has both.
        version: A version that judges all days, as AHRQ's program does; without it the one in force on each.
        day_format: How the column of days is written, like ``%m/%d/%Y``; None to find it by what its days show.
        store: An open store or its folder; by default that of `terminology.open`.

    Raises:
        UnknownGroupingError: No version of the index is loaded.
        InvalidDateError: ``on`` is no column and no day.
        TerminologyError: A column is missing, a row has no person, or there is no such index or version.

    >>> claims = {"who": ["a", "a", "b"], "dx": ["E11.22", "E11.9", "E11.9"], "day": ["2022-03-01"] * 3}
    >>> made = comorbidities(claims, person="who", code="dx", on="day", index="charlson", store=store)
    >>> made.select(["who", "DIABETES", "DIABETES_CX", "score", "score_2011"]).to_pylist()[0]
    {'who': 'a', 'DIABETES': False, 'DIABETES_CX': True, 'score': 2, 'score_2011': 1}
    """
    if index not in INDEXES:
        raise TerminologyError(f"expected one of the indexes {', '.join(INDEXES)}, got {index!r}")
    grouping = opened_store(store).grouping(index)
    rows = _Rows.of(table, person, code, (on, day_format), poa)
    judge = _Judge(grouping, system, version, has_poa=poa is not None)
    found = [_Person(judge) for _ in range(len(rows.persons))]
    for number, key in rows.distinct():
        found[number].add(rows.case(key), rows.count(number, key))
    return _table(person, rows.persons, found, judge)


@frozen
class Case:
    """A code on a day."""

    code: str | None
    day: datetime.date | None
    poa: str


@define
class _Rows:
    """The rows of a table, each combination of person, code, day and POA once."""

    persons: pa.Array
    _columns: Sequence[Sequence[Any]]
    _counts: Mapping[tuple[int, tuple[int, ...]], int]

    @classmethod
    def of(cls, table: Frame, person: str, code: str, on: tuple[Any, Any], poa: str | None) -> _Rows:
        import pyarrow as pa

        given = table.read_all() if isinstance(table, pa.RecordBatchReader) else arrow_table(table)
        rows = DayReading(*on).of(given)
        who = _encoded(column_of(rows, person))
        if who.null_count:
            raise TerminologyError(f"{who.null_count:,} rows have no person in column {person!r}: leave them out")
        codes = cells(whole(column_of(rows, code)), code, "the table")
        days = _days(rows, on[0])
        indicators = _encoded(column_of(rows, poa)) if poa else pa.array([""] * len(who)).dictionary_encode()
        columns = (codes, days, indicators)
        places = [column.indices.fill_null(-1).to_pylist() for column in (who, *columns)]
        counts: dict[tuple[int, tuple[int, ...]], int] = {}
        for number, *key in zip(*places, strict=True):
            at = (number, tuple(key))
            counts[at] = counts.get(at, 0) + 1
        return cls(who.dictionary, [[*column.dictionary.to_pylist(), None] for column in columns], counts)

    def distinct(self) -> Iterable[tuple[int, tuple[int, ...]]]:
        """Return the number of a person with the key of a case, for each case of each person."""
        return self._counts

    def count(self, number: int, key: tuple[int, ...]) -> int:
        """Return how many rows have the case of a person."""
        return self._counts[number, key]

    def case(self, key: tuple[int, ...]) -> Case:
        """Return the case of a key; what is null is last in its column."""
        code, day, poa = (values[place] for values, place in zip(self._columns, key, strict=True))
        text = None if code is None else cell_of(code).text
        return Case(text, day, str(poa or "").strip().upper())


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    import pyarrow as pa

    found = whole(column)
    if pa.types.is_dictionary(found.type):
        found = found.cast(found.type.value_type)
    return found.dictionary_encode()


def _days(rows: pa.Table, on: Any) -> pa.DictionaryArray:
    """Return the days of the rows; of one day that is asked about, that of each."""
    import pyarrow as pa

    if isinstance(on, str) and on in rows.column_names:
        column = whole(column_of(rows, on))
        numbers = column if is_of_days(column.type) else day_numbers(column, on, "the table")[0]
        return numbers.cast(pa.date32(), safe=False).dictionary_encode()
    return pa.array([day_from(on)] * rows.num_rows, pa.date32()).dictionary_encode()


@frozen
class Verdict:
    """What a case says."""

    version: str | None
    """None where it says nothing."""
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Categories whose diagnosis arose during the stay."""
    why: str = ""
    """Why it says nothing: `UNCOVERED` or `UNREAD`."""


class _Judge:
    """Judges cases by the versions of an index."""

    def __init__(self, grouping: Grouping, system: str | None, version: str | None, *, has_poa: bool) -> None:
        self.has_poa = has_poa
        self._grouping, self._asked = grouping, system
        self._fixed = Version(grouping.version(version)) if version else None
        self.versions: dict[str, Version] = {}
        self._by_day: dict[datetime.date, Version | None] = {}
        self._verdicts: dict[Case, Verdict] = {}
        self.uncovered: dict[datetime.date, int] = {}

    def verdict(self, case: Case) -> Verdict:
        """Return what a case says."""
        found = self._verdicts.get(case)
        if found is None:
            found = self._verdicts[case] = self._made(case)
        return found

    def _made(self, case: Case) -> Verdict:
        if case.day is None or case.code is None:
            return Verdict(None, why=UNREAD)
        version = self._version(case.day)
        if version is None or (self._asked and self._asked not in version.edition.systems):
            return Verdict(None, why=UNCOVERED)
        system = self._asked or version.system_on(case.day)
        try:
            groups = version.edition.groups(case.code, system)
        except UnknownCodeError:
            return Verdict(None, why=UNREAD)
        present, absent = [], []
        for category in dict.fromkeys(group.category for group in groups):
            if not version.needs_poa(category) or version.is_exempt(case.code, system, case.day) or case.poa in PRESENT:
                present.append(category)
            elif case.poa in ABSENT:
                absent.append(category)
        return Verdict(version.name, tuple(present), tuple(absent))

    def _version(self, day: datetime.date) -> Version | None:
        if day not in self._by_day:
            self._by_day[day] = self._fixed or self._on(day)
        found = self._by_day[day]
        if found is not None:
            self.versions.setdefault(found.name, found)
        return found

    def _on(self, day: datetime.date) -> Version | None:
        try:
            edition = self._grouping.on(day)
        except NoVersionError:
            return None
        return self.versions.get(edition.version) or Version(edition)

    def ordered(self) -> list[Version]:
        """Return the versions that judged, the oldest first; those that are loaded where none did."""
        found = list(self.versions.values()) or [Version(self._grouping.latest)]
        return sorted(found, key=lambda one: one.edition.release.effective)

    def said(self) -> str | None:
        """Return what is said of days that no version covers; None where there are none."""
        if not self.uncovered:
            return None
        count, days = sum(self.uncovered.values()), sorted(self.uncovered)
        loaded = ", ".join(one.version for one in self._grouping.versions)
        rows = "1 row is" if count == 1 else f"{count:,} rows are"
        between = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
        return f"{rows} of days that no version of {self._grouping.name} covers ({between}), without an answer; loaded: {loaded}"


class Version:
    """One version of an index, with what is asked of it again and again."""

    def __init__(self, edition: GroupingEdition) -> None:
        self.edition = edition
        self.name = edition.version
        self.properties = {category: edition.properties(category) for category in edition.categories}
        self.kinds: dict[str, tuple[str, ...]] = {}
        for category in edition.categories:
            parent = edition.parent(category)
            if parent is not None:
                self.kinds[parent] = (*self.kinds.get(parent, ()), category)
        below = {kind for kinds in self.kinds.values() for kind in kinds}
        self.columns = tuple(category for category in edition.categories if category not in below)
        """Categories that are reported: those below others are parts of them."""
        self.is_weighted = any(name.startswith(WEIGHT) for said in self.properties.values() for name in said)
        self._systems: tuple[str, ...] = edition.systems
        self._exempt: dict[int, frozenset[str]] | None = None

    def needs_poa(self, category: str) -> bool:
        """Return whether a category counts only where it was present on admission."""
        kinds = (category, *self.kinds.get(category, ()))
        return any(self.properties.get(kind, {}).get("needs_poa") for kind in kinds)

    def system_on(self, day: datetime.date) -> str:
        """Return the code system of the codes of a day."""
        if len(self._systems) == 1:
            return self._systems[0]
        return "icd9cm" if day < ICD10 else "icd10cm"

    def is_exempt(self, code: str, system: str, day: datetime.date) -> bool:
        """Return whether a code is exempt from POA reporting in the fiscal year of a day; of a later one as in the last that is listed."""
        from ..systems import SYSTEMS

        if self._exempt is None:
            self._exempt = _exempt_by_year(self.edition.further_table(EXEMPT))
        if not self._exempt:
            return False
        year = day.year + (day.month >= OCTOBER)
        listed = self._exempt.get(year, self._exempt[max(self._exempt)])
        return SYSTEMS[system].official(code) in listed

    def after_hierarchies(self, present: set[str], absent: set[str]) -> set[str]:
        """Return the categories that count: parts are made one, then those above others drop them."""
        found = set(present)
        for category, kinds in self.kinds.items():
            during = [kind for kind in kinds if kind.endswith("_POA")]
            counts = any(kind in present for kind in during)
            # a sequela counts where nothing new arose during the stay
            if counts or (any(kind in present for kind in kinds) and not any(kind in absent for kind in during)):
                found.add(category)
            found -= set(kinds)
        dropped = {below for category in found for below in self.properties.get(category, {}).get("drops", ())}
        return found - dropped


def _exempt_by_year(table: pa.Table | None) -> dict[int, frozenset[str]]:
    if table is None:
        return {}
    found: dict[int, set[str]] = {}
    for year, code in zip(table.column("fiscal_year").to_pylist(), table.column("code").to_pylist(), strict=True):
        found.setdefault(year, set()).add(code)
    return {year: frozenset(codes) for year, codes in found.items()}


@define
class _Person:
    """What is known of one person."""

    judge: _Judge
    present: dict[str, set[str]] = field(factory=dict)
    absent: dict[str, set[str]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)

    def add(self, case: Case, count: int) -> None:
        """Take a case that so many rows have."""
        verdict = self.judge.verdict(case)
        kind = verdict.why or "codes"
        self.counts[kind] = self.counts.get(kind, 0) + count
        if verdict.version is not None:
            self.present.setdefault(verdict.version, set()).update(verdict.present)
            self.absent.setdefault(verdict.version, set()).update(verdict.absent)
        elif verdict.why == UNCOVERED and case.day is not None:
            self.judge.uncovered[case.day] = self.judge.uncovered.get(case.day, 0) + count

    def values(self, versions: Sequence[Version]) -> dict[str, bool | int | None]:
        """Return categories and scores of the person; hierarchies apply over all versions that judged."""
        own = [version for version in versions if version.name in self.present]
        present = set().union(*self.present.values())
        absent = set().union(*self.absent.values())
        made: dict[str, bool | int | None] = {}
        weights: dict[str, dict[str, int]] = {}
        weighted = {name for version in own if version.is_weighted for name in self.present[version.name]}
        for version in own:
            present = version.after_hierarchies(present, absent)
            weighted = version.after_hierarchies(weighted, absent)
        for version in own:
            for category in version.columns:
                is_known = self.judge.has_poa or not version.needs_poa(category)
                made[category] = category in present if is_known else None
                for name, weight in version.properties[category].items():
                    if name.startswith(WEIGHT) and weight is not None:
                        weights.setdefault(name, {})[category] = weight
        for name, by_category in weights.items():
            counted = [made[category] for category in by_category]
            # a category of the same name in software without weights counts in no score
            total = sum(weight for category, weight in by_category.items() if category in weighted)
            made[name.replace(WEIGHT, SCORE, 1)] = None if None in counted else total
        return made


def _table(person: str, persons: pa.Array, found: Sequence[_Person], judge: _Judge) -> pa.Table:
    import pyarrow as pa

    versions = judge.ordered()
    categories = list(dict.fromkeys(category for version in versions for category in version.columns))
    scores = dict.fromkeys(
        name.replace(WEIGHT, SCORE, 1)
        for version in versions
        for properties in version.properties.values()
        for name in properties
        if name.startswith(WEIGHT)
    )
    values = [one.values(versions) for one in found]
    columns: dict[str, pa.Array] = {person: persons}
    made: list[tuple[str, pa.DataType, Callable[[int], Any]]] = [
        *((name, pa.bool_(), lambda at, name=name: values[at].get(name)) for name in categories),
        *((name, pa.int64(), lambda at, name=name: values[at].get(name)) for name in scores),
        *(
            (name, pa.int64(), lambda at, name=name: found[at].counts.get(name, 0))
            for name in ("codes", UNCOVERED, UNREAD)
        ),
        ("versions", pa.list_(pa.string()), lambda at: [one.name for one in versions if one.name in found[at].present]),
    ]
    for name, kind, value in made:
        if name in columns:
            raise TerminologyError(f"the column {person!r} has the name of a column that is made: rename it")
        columns[name] = pa.array([value(at) for at in range(len(found))], kind)
    said = judge.said()
    return pa.table(columns).replace_schema_metadata({UNCOVERED: said} if said else None)
