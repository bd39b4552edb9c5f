"""Concepts of a code system and how they relate, as rows of the OMOP common data model.

The data model has one period for a concept or relationship. Here it is from the first day to the last; days between two
validity periods are in it. An end is the last day, and 2099-12-31 where there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import schema
from ..columns.states import States
from ..errors import TerminologyError
from ..periods import BEGIN, OPEN, day_number
from ..query import CodeSystem
from ..store.codes import CodeColumn
from .ancestry import NOTHING
from .omop_classes import Vocabulary, class_of
from .omop_fields import shortened
from .omop_ids import Ids
from .replacements import Replacement
from .runs import Numbers, Runs, runs_of

if TYPE_CHECKING:
    import pyarrow as pa

UNENDED: Final = 47_481
"""2099-12-31 as a day number: the end of what has none."""
LONGEST_CODE: Final = 50
IS_A, SUBSUMES = "Is a", "Subsumes"
REPLACED_BY, REPLACES = "Concept replaced by", "Concept replaces"


class Concepts(NamedTuple):
    """The concepts of a system: their ids and days by the rows of codes; -1 for what is no concept."""

    ids: Numbers
    starts: Numbers
    ends: Numbers
    """Half open."""
    table: pa.Table

    def has_ended(self, row: int) -> bool:
        """Return whether the code in a row is no longer in force."""
        return bool(self.ends[row] != OPEN)


def concepts_of(
    system: CodeSystem,
    states: States,
    vocabulary: Vocabulary,
    ids: Ids,
    replaced: Collection[str],
    *,
    shows_titles: bool,
) -> Concepts:
    """Return the concepts of everything that any release of a system has.

    Args:
        system: The code system.
        states: Of its codes.
        vocabulary: What OHDSI calls it.
        ids: Gives each concept its id.
        replaced: The codes that other concepts replaced.
        shows_titles: Whether titles may leave the process.

    Raises:
        TerminologyError: A code does not fit its column.
    """
    import numpy as np
    import pyarrow as pa

    spans, count = states.spans, states.system.codes.count
    lived = np.flatnonzero(np.isin(spans.state, (schema.BILLABLE, schema.HEADER, schema.NODE)))
    owner = spans.owner[lived]
    is_first = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
    is_last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
    rows, last = owner[is_first], lived[is_last]
    starts, ends = (np.full(count, NOTHING, dtype=np.int64) for _ in range(2))
    starts[rows], ends[rows] = spans.start[lived[is_first]], spans.end[last]
    said = _said(states, rows, last, shows_titles=shows_titles)
    made: dict[str, list[Any]] = {
        name: [] for name in ("concept_id", "domain_id", "concept_class_id", "standard_concept")
    }
    for code, kind, billable in zip(said["code"], said["kind"], said["billable"], strict=True):
        if len(code) > LONGEST_CODE:
            raise TerminologyError(
                f"the code {code[:LONGEST_CODE]}… of {system.name} is longer than OMOP's 50 characters"
            )
        concept_id, official = ids.id_of(vocabulary.name, code)
        made["concept_id"].append(concept_id)
        made["domain_id"].append(official.domain if official else vocabulary.domain)
        local = class_of(system.name, code, kind, billable=billable)
        made["concept_class_id"].append(official.concept_class if official else local)
        made["standard_concept"].append(official.standard if official else None)
    id_of = np.full(count, NOTHING, dtype=np.int64)
    id_of[rows] = made["concept_id"]
    is_ended = ends[rows] != OPEN
    table = pa.table(
        {
            "concept_id": pa.array(made["concept_id"], pa.int64()),
            "concept_name": pa.array(said["name"], pa.string()),
            "domain_id": pa.array(made["domain_id"], pa.string()),
            "vocabulary_id": pa.array([vocabulary.name] * len(rows), pa.string()),
            "concept_class_id": pa.array(made["concept_class_id"], pa.string()),
            "standard_concept": pa.array(made["standard_concept"], pa.string()),
            "concept_code": pa.array(said["code"], pa.string()),
            "valid_start_date": dates(starts[rows]),
            "valid_end_date": last_days(ends[rows]),
            "invalid_reason": pa.array(
                [
                    ("U" if code in replaced else "D") if ended else None
                    for code, ended in zip(said["code"], is_ended.tolist(), strict=True)
                ],
                pa.string(),
            ),
        }
    )
    return Concepts(id_of, starts, ends, table)


def _said(states: States, rows: Numbers, last: Numbers, *, shows_titles: bool) -> dict[str, list[Any]]:
    """Return what the last interval row of each code says: code, name, kind, and whether it is or was billable then."""
    import pyarrow as pa

    spans = states.spans
    texts = states.system.periods.table.to_arrow(["title", "kind"]).take(pa.array(spans.row[last]))
    codes = states.system.arrow_codes.take(pa.array(rows)).to_pylist()
    titles = texts.column("title").to_pylist() if shows_titles else codes
    return {
        "code": codes,
        # the data model needs a name: of what may not be shown, and of a prefix without title, the code
        "name": [shortened(title or "") or code for title, code in zip(titles, codes, strict=True)],
        "kind": texts.column("kind").to_pylist(),
        "billable": (spans.state[last] == schema.BILLABLE).tolist(),
    }


def dates(days: Numbers) -> pa.Array:
    """Return day numbers as dates."""
    import numpy as np
    import pyarrow as pa

    return pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32())


def last_days(ends: Numbers) -> pa.Array:
    """Return the last days of half-open periods; 2099-12-31 for those without end."""
    import numpy as np

    return dates(np.where(ends == OPEN, UNENDED, ends - 1))


# ---- relationships


def hierarchy_of(states: States, parents: Numbers, concepts: Concepts) -> pa.Table:
    """Return the relationships between each concept and each that was directly above it, in both directions."""
    import numpy as np

    runs = runs_of(parents)
    runs = runs.where(runs.of(parents) != NOTHING)
    child, parent = runs.rows.astype(np.int64), runs.of(parents).astype(np.int64)
    keys, place = np.unique(child * parents.shape[0] + parent, return_inverse=True)
    starts, ends = _days_of(states, runs)
    first, end = np.full(len(keys), OPEN, dtype=np.int64), np.full(len(keys), BEGIN, dtype=np.int64)
    np.minimum.at(first, place, starts)
    np.maximum.at(end, place, ends)
    child, parent = keys // parents.shape[0], keys % parents.shape[0]
    end = np.minimum(end, np.minimum(concepts.ends[child], concepts.ends[parent]))
    pairs = concepts.ids[child], concepts.ids[parent]
    return _related(pairs, (IS_A, SUBSUMES), first, end)


def _days_of(states: States, runs: Runs) -> tuple[Numbers, Numbers]:
    """Return first days and ends of runs as day numbers. One that the newest release has is open."""
    import numpy as np

    days = np.asarray(states.days).astype(np.int64)
    newest = int(states.stretches(np.array([states.system.timeline.days[-1]]))[0])
    # nothing is in the hierarchy before the first of the days
    starts = days[runs.firsts - 1]
    ends = np.append(days, OPEN)[np.minimum(runs.ends - 1, len(days))]
    return starts, np.where((runs.firsts <= newest) & (newest < runs.ends), OPEN, ends)


class Places(NamedTuple):
    """Where the ids of the concepts of a system are: the rows of its codes, and the id of each row."""

    codes: CodeColumn
    ids: Numbers

    def id_of(self, code: str) -> int:
        """Return the id of a code; -1 where it is no concept."""
        row = self.codes.find(code)
        return int(self.ids[row]) if row >= 0 else NOTHING


def replaced_of(replacements: list[Replacement], places: Places, others: Mapping[str, Places]) -> pa.Table:
    """Return the relationships between each code that ended and each that replaced it, in both directions.

    Args:
        replacements: Of codes of one system, by codes of this or another one.
        places: Of the codes that ended.
        others: Of the codes that replaced them, by their systems.
    """
    import numpy as np

    rows = [
        (places.id_of(one.code), others[one.system].id_of(one.replaced_by), day_number(one.effective))
        for one in replacements
    ]
    columns = np.array([row for row in rows if min(row[:2]) >= 0], dtype=np.int64).reshape(-1, 3)
    pairs = columns[:, 0], columns[:, 1]
    return _related(pairs, (REPLACED_BY, REPLACES), columns[:, 2], np.full(len(columns), OPEN, dtype=np.int64))


def _related(pairs: tuple[Numbers, Numbers], names: tuple[str, str], starts: Numbers, ends: Numbers) -> pa.Table:
    """Return rows of a relationship and of its reverse."""
    import pyarrow as pa

    is_ended = ends != OPEN
    tables = [
        pa.table(
            {
                "concept_id_1": pa.array(one, pa.int64()),
                "concept_id_2": pa.array(other, pa.int64()),
                "relationship_id": pa.array([name] * len(one), pa.string()),
                "valid_start_date": dates(starts),
                "valid_end_date": last_days(ends),
                "invalid_reason": pa.array(["D" if ended else None for ended in is_ended.tolist()], pa.string()),
            }
        )
        for (one, other), name in ((pairs, names[0]), (pairs[::-1], names[1]))
    ]
    return pa.concat_tables(tables)


def ancestors_of(states: States, levels: list[Numbers], concepts: Concepts) -> pa.Table:
    """Return every pair of a concept in force with the newest release and what is above it then, or itself."""
    import numpy as np
    import pyarrow as pa

    newest = int(states.stretches(np.array([states.system.timeline.days[-1]]))[0])
    tables = []
    for distance, above in enumerate(levels):
        rows = np.flatnonzero(above[:, newest] != NOTHING)
        levels_between = pa.array(np.full(len(rows), distance, dtype=np.int32))
        tables.append(
            pa.table(
                {
                    "ancestor_concept_id": pa.array(concepts.ids[above[rows, newest]], pa.int64()),
                    "descendant_concept_id": pa.array(concepts.ids[rows], pa.int64()),
                    "min_levels_of_separation": levels_between,
                    "max_levels_of_separation": levels_between,
                }
            )
        )
    return pa.concat_tables(tables)
