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

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import TerminologyError
from ..query import Terminology, opened_store
from .comorbidity_judge import SCORE, UNCOVERED, UNREAD, WEIGHT, Judge, Person
from .days import DayForm
from .frames import Frame
from .person_cases import PersonCases

if TYPE_CHECKING:
    import pyarrow as pa

INDEXES: Final = ("elixhauser", "charlson")


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
    cases = PersonCases.of(table, person, code, (on, day_format), poa)
    judge = Judge(grouping, system, version, has_poa=poa is not None)
    found = [Person(judge) for _ in range(len(cases.persons))]
    for number, key in cases.distinct():
        found[number].add(cases.case(key), cases.count(number, key))
    return _table(person, cases.persons, found, judge)


def _table(person: str, persons: pa.Array, found: Sequence[Person], judge: Judge) -> pa.Table:
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
