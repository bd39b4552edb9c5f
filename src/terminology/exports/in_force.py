"""What is in force, over all releases: each code with its periods, and what is said of it in each; a dimension that changes slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..columns.states import NUMBER, ORDER, States
from ..model import Status
from ..query import CodeSystem
from .ancestry import NOTHING, levels_of
from .runs import Numbers, runs_of
from .time_axis import titles_of

if TYPE_CHECKING:
    import pyarrow as pa

IN_FORCE: Final = (NUMBER[Status.BILLABLE], NUMBER[Status.HEADER])
CHAPTER: Final = "chapter"


def in_force_table(system: CodeSystem, states: States, *, shows_titles: bool) -> pa.Table:
    """Return each code with every period in which nothing of what the table says of it changes.

    Columns: ``code``, ``match_code``, ``title``, ``status`` (billable or header), ``billable``, ``kind``, ``parent``,
    ``chapter``, ``valid_from`` and ``valid_to`` (half open; null while open). ``match_code`` is the code in the form by which
    codes are compared: upper case and without the dot, as far as the system does not tell codes apart by these.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    count = states.system.codes.count
    status, levels = states.status[:count], levels_of(states)
    kinds, kind = _kinds_of(states)
    parent = levels[1] if len(levels) > 1 else levels[0] * 0 + NOTHING
    chapter = _chapters_of(levels, kind == _place(kinds, CHAPTER))
    titles, title = titles_of(states)
    told = (status, kind, parent, chapter)
    runs = runs_of(*told, title) if shows_titles else runs_of(*told)
    runs = runs.where((runs.of(status) == IN_FORCE[0]) | (runs.of(status) == IN_FORCE[1]))
    starts, ends = runs.days(states)
    codes = states.system.arrow_codes
    shown = codes.take(pa.array(runs.rows))
    number = runs.of(status)
    return pa.table(
        {
            "code": shown,
            "match_code": match_codes(system, shown),
            "title": _taken(titles, runs.of(title)) if shows_titles else pa.nulls(len(shown), pa.string()),
            "status": pa.array([str(one) for one in ORDER]).take(pa.array(number)),
            "billable": pc.equal(pa.array(number), IN_FORCE[0]),
            "kind": _taken(kinds, runs.of(kind)),
            "parent": _taken(codes, runs.of(parent)),
            "chapter": _taken(codes, runs.of(chapter)),
            "valid_from": starts,
            "valid_to": ends,
        }
    )


def has_dot(system: CodeSystem) -> bool:
    """Return whether codes of a system have a dot that may be left out."""
    return system.definition.dot is not None


def is_upper(system: CodeSystem) -> bool:
    """Return whether codes of a system are the same in any case."""
    return system.definition.folded


def match_codes(system: CodeSystem, codes: pa.Array) -> pa.Array:
    """Return codes in the form by which they are compared."""
    import pyarrow.compute as pc

    if has_dot(system):
        codes = pc.replace_substring(codes, ".", "")
    return pc.utf8_upper(codes) if is_upper(system) else codes


def _taken(texts: pa.Array, places: Numbers) -> pa.Array:
    import pyarrow as pa

    return texts.take(pa.array(places, mask=places < 0))


def _kinds_of(states: States) -> tuple[pa.Array, Numbers]:
    """Return the distinct kinds, and the number of the kind of each code in each stretch; -1 where it is not in force."""
    import numpy as np

    column = states.system.periods.table.to_arrow(["kind"]).column("kind").combine_chunks().dictionary_encode()
    numbers = np.append(column.indices.fill_null(-1).to_numpy(zero_copy_only=False), -1).astype(np.int32)
    return column.dictionary, numbers[states.period_rows[: states.system.codes.count]]


def _place(texts: pa.Array, text: str) -> int:
    """Return the place of a text; a number that is no place where it is not there."""
    found: int = texts.index(text).as_py()
    return found if found >= 0 else NOTHING - 1


def _chapters_of(levels: list[Numbers], is_chapter: Numbers) -> Numbers:
    """Return the row of the chapter that each code is in, or is, in each stretch; -1 where there is none."""
    import numpy as np

    found = np.full_like(levels[0], NOTHING)
    stretches = np.arange(found.shape[1])
    for above in levels:
        is_nearest = (found == NOTHING) & (above != NOTHING) & is_chapter[above, stretches]
        found = np.where(is_nearest, above, found)
    return found
