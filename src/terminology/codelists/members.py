"""Which rows of a column are in a code list, each on its own day."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..columns.answers import placed_rows, states_of
from ..columns.day_reading import DayReading
from ..columns.days import DayForm
from ..columns.frames import Frame, answered, with_columns
from ..columns.placing import NO_DAY, Placed
from ..columns.spellings import rows_of
from ..columns.states import States, sample_edition
from ..errors import UnknownSystemError
from ..query import CodeSystem, Terminology, opened_store
from .code_list import CodeList

if TYPE_CHECKING:
    import pyarrow as pa


def members(
    table: Frame,
    codelist: CodeList | str | os.PathLike[str],
    *,
    code: str = "dx",
    on: Any = None,
    day_format: str | DayForm | None = None,
    store: Terminology | str | None = None,
) -> pa.Table | pa.RecordBatchReader:
    """Return a table with whether each row is in a code list on its day, as a column ``dx_member``.

    The list is resolved in the edition of each day that occurs: "below E11" are the codes below E11 on that day. A
    row without a code or a day, or whose code is not in force on its day, is not in the list.

    Args:
        table: Of any library that speaks Arrow.
        codelist: A code list, or the path of one.
        code: The column of codes.
        on: A column of days, one day, a release, or None for the newest release.
        day_format: How the column of days is written, like ``%m/%d/%Y``; None to find it by what its days show.
        store: An open store or its folder; by default that of `terminology.open`.

    Raises:
        TerminologyError: A column is missing, or is there already; the list names no code system, or none of the store.

    >>> import pyarrow
    >>> from terminology.codelists import CodeList
    >>> claims = pyarrow.table({"dx": ["M54.5", "M54.5", "E11.9"], "day": ["2021-09-30", "2021-10-01", "2021-10-01"]})
    >>> pain = CodeList.parse("system: icd10cm\\nM54.5")
    >>> members(claims, pain, on="day", store=store).column("dx_member").to_pylist()
    [True, True, False]
    """
    opened = opened_store(store)
    found = codelist if isinstance(codelist, CodeList) else CodeList.read(codelist)
    if not found.system:
        raise UnknownSystemError(f"{found.file} names no code system: write one at its head, as in system: icd10cm")
    system = opened[found.system]
    days = DayReading(on, day_format)

    # of a stream too the list is resolved once for each stretch of days
    included = functools.cache(lambda stretch: included_rows(found, system, states_of(system, None, on), stretch))

    def answer(rows: pa.Table) -> pa.Table:
        return with_columns(
            rows, {f"{code}_member": membership(placed_rows(days.of(rows), system, code, on).found, included)}
        )

    return answered(table, answer)


def included_rows(code_list: CodeList, system: CodeSystem, states: States, stretch: int) -> Any:
    """Return for each row of a code whether it is in the list in a stretch of days."""
    import numpy as np
    import pyarrow as pa

    resolved = code_list.resolve(sample_edition(states, system, stretch))
    included = np.zeros(states.malformed_row + 1, dtype=bool)
    included[rows_of(pa.array(resolved.codes, pa.string()), states.system)] = True
    return included


def membership(found: Placed, included: Callable[[int], Any]) -> pa.Array:
    """Return which rows are included, each in its stretch of days; those without a day are not."""
    import numpy as np
    import pyarrow as pa

    member = np.zeros(len(found.rows), dtype=bool)
    for stretch in np.unique(found.stretches).tolist():
        if stretch == NO_DAY:
            continue
        of_stretch = found.stretches == stretch
        member[of_stretch] = included(stretch)[found.rows[of_stretch]]
    return pa.array(member)
