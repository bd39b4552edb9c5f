"""Why a code has its status, as sentences for columns: those of `Check.reason`, without the day and its release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..model import Status
from ..periods import OPEN
from ..query import engine_of
from ..query.reasons import reason_of
from .states import States

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import Edition

Numbers = Any
"""A numpy array of numbers."""


def sentences_of(states: States, kinds: Sequence[Status]) -> pa.Array:
    """Return the sentences of all periods in the order of their spans: one for each kind of status, side by side.

    They are those of `reason_of`, made for all codes at once.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    spans, title = states.spans, states.system.definition.title
    codes = states.system.arrow_codes.take(pa.array(spans.owner))
    made = {
        Status.BILLABLE: pc.binary_join_element_wise(codes, " is billable", ""),
        Status.HEADER: pc.binary_join_element_wise(codes, " is a header: in force, and not valid for submission", ""),
        Status.EXPIRED: pc.binary_join_element_wise(
            codes, f" is expired in {title}: it was in force through ", _days(spans.end - 1), ""
        ),
        Status.FUTURE: pc.binary_join_element_wise(
            codes, f" is not yet in force in {title}: it comes into force on ", _days(spans.start), ""
        ),
    }
    whole = pa.concat_arrays([made[kind].cast(pa.string()) for kind in kinds])
    count = len(spans.owner)
    order = np.arange(count * len(kinds)).reshape(len(kinds), count).T.reshape(-1)
    return whole.take(pa.array(order))


def _days(numbers: Numbers) -> pa.Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    bounded = np.where((numbers >= OPEN - 1) | (numbers <= -OPEN), 0, numbers).astype(np.int32)
    return pc.strftime(pa.array(bounded).cast(pa.date32()), format="%Y-%m-%d")


def other_sentence(text: str | None, edition: Edition, has_no_day: bool) -> str:  # noqa: FBT001 -- of a row
    """Return the sentence of a text that no period bounds: an unknown or malformed one, or on a day that is not covered."""
    if text is None:
        return "there is no code"
    check = edition.check(text)
    if has_no_day and check.status is not Status.MALFORMED:
        return "there is no day"
    return reason_of(engine_of(edition), check.code, check.status, None, check.other_systems, dated=False)
