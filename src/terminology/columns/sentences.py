"""Why a code has its status, where a period bounds it, as sentences for columns: those of `Check.reason`, without the day and its release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..model import Status
from ..periods import OPEN
from .states import NUMBER, STATUS_BITS, States

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = Any
"""A numpy array of numbers."""


class Sentences(NamedTuple):
    """The sentences of all runs of cells."""

    texts: pa.Array
    """Each text once."""
    places: pa.Array
    """For each run that of its sentence; -1 where no period bounds it."""


def sentences_of(states: States) -> Sentences:
    """Return the sentences of all runs of cells.

    They are those of `terminology.query.reasons.reason_of`, made for all codes at once.
    """
    import numpy as np
    import pyarrow as pa

    status, span = states.runs.marks.to_numpy() & STATUS_BITS, states.runs.span.to_numpy()
    made, places = [], []
    for kind in (Status.BILLABLE, Status.HEADER, Status.EXPIRED, Status.FUTURE):
        runs = np.flatnonzero((status == NUMBER[kind]) & (span >= 0))
        made.append(_sentences(states, kind, span[runs]).cast(pa.string()))
        places.append(runs)
    where = np.full(len(status), -1, dtype=np.int64)
    where[np.concatenate(places)] = np.arange(sum(map(len, places)))
    once = pa.concat_arrays(made).dictionary_encode()
    places_of_runs = np.append(once.indices.to_numpy(), np.int32(-1))[where]
    return Sentences(once.dictionary, pa.array(places_of_runs))


def _sentences(states: States, kind: Status, spans: Numbers) -> pa.Array:
    """Return the sentences of codes that have one status, each by the period that bounds it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    title = states.system.definition.title
    codes = states.system.arrow_codes.take(pa.array(states.spans.owner[spans]))
    match kind:
        case Status.BILLABLE:
            said = [" is billable"]
        case Status.HEADER:
            said = [" is a header: in force, and not valid for submission"]
        case Status.EXPIRED:
            last = _days(states.spans.end[spans] - 1)
            said = [f" is expired in {title}: it was in force through ", last]
        case _:
            first = _days(states.spans.start[spans])
            is_known = np.asarray(states.system.periods.details.from_known)[states.spans.head[spans]].astype(bool)
            word = pc.if_else(pa.array(is_known), "on ", "by ")
            said = [f" is not yet in force in {title}: it comes into force ", word, first]
    return pc.binary_join_element_wise(codes, *said, "")


def _days(numbers: Numbers) -> pa.Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    bounded = np.where((numbers >= OPEN - 1) | (numbers <= -OPEN), 0, numbers).astype(np.int32)
    return pc.strftime(pa.array(bounded).cast(pa.date32()), format="%Y-%m-%d")
