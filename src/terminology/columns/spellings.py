"""Which code each of many texts is, in any accepted form: `SystemDefinition.official` for whole Arrow arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..shapes import LONGEST_CODE
from .keyed import SMALL, rows_by_key

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query.compiled import CompiledSystem
    from ..systems import SystemDefinition

BLANKS: Final = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""What `str.strip` takes away of ASCII."""
Numbers = Any
"""A numpy array of numbers."""


def rows_of(texts: pa.Array, system: CompiledSystem) -> Numbers:
    """Return for each text the row of its code in the codes table; of any other that of `States` for its kind.

    Args:
        texts: Of type string, without nulls. Each is looked at, so let them be distinct.
        system: Of the codes.
    """
    import numpy as np
    import pyarrow.compute as pc

    rows = found_among(texts, system).astype("int64")
    missing = np.flatnonzero(rows < 0)
    if not len(missing):
        return rows
    others = texts.take(missing)
    rows[missing] = _rows_as_written(others, system)
    odd = np.flatnonzero(~pc.string_is_ascii(others).to_numpy(zero_copy_only=False))
    for place in odd:
        rows[missing[place]] = _row_of(others[int(place)].as_py(), system)
    return rows


def found_among(texts: pa.Array, system: CompiledSystem) -> Numbers:
    """Return the rows of texts that are codes as they are written; -1 of any other."""
    import pyarrow.compute as pc

    if len(texts) <= SMALL:
        return rows_by_key(texts, system)
    found = pc.fill_null(pc.index_in(texts, value_set=system.arrow_codes), -1)
    return found.to_numpy(zero_copy_only=False)


def _row_of(text: str, system: CompiledSystem) -> int:
    """Return the row of one text."""
    row = system.row_of(text)
    if row >= 0:
        return row
    return system.codes.count + (system.definition.official(text) is None)


def _rows_as_written(texts: pa.Array, system: CompiledSystem) -> Numbers:
    """Return the rows of ASCII texts in whatever accepted form they are written."""
    import numpy as np
    import pyarrow.compute as pc

    definition = system.definition
    bare = pc.utf8_trim(texts, characters=BLANKS)
    plain = bare
    if definition.folded:
        plain = pc.ascii_lower(bare) if definition.lower else pc.ascii_upper(bare)
    code = _dotted(plain, definition)
    is_code = _fits(code, definition.shape)
    rows = np.where(is_code, found_among(code, system), -1)
    nodes = [plain, code, *([pc.ascii_lower(plain)] if definition.folded else [])] if definition.nodes else []
    for node in nodes:
        fits = _fits(node, definition.nodes) & ~is_code
        rows = np.where(fits, found_among(node, system), rows)
        is_code |= fits
    fits_in = pc.less_equal(pc.utf8_length(bare), LONGEST_CODE).to_numpy(zero_copy_only=False)
    return np.where(fits_in & is_code, np.where(rows >= 0, rows, system.codes.count), system.codes.count + 1)


def _dotted(plain: pa.Array, definition: SystemDefinition) -> pa.Array:
    """Return the texts with the dot in its place where they have none."""
    import pyarrow.compute as pc

    if definition.dot is None:
        return plain
    has_none = pc.invert(pc.match_substring_regex(plain, r"[.-]"))
    made = plain
    for letter, place in _places(definition):
        lacks = pc.and_(has_none, pc.greater(pc.utf8_length(plain), place))
        if letter:
            lacks = pc.and_(lacks, pc.starts_with(plain, letter))
        dotted = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(plain, 0, place), pc.utf8_slice_codeunits(plain, place), "."
        )
        short = pc.and_(has_none, pc.starts_with(plain, letter)) if letter else lacks
        # a code that begins with this letter has its dot here or nowhere
        made = pc.if_else(lacks, dotted, pc.if_else(short, plain, made) if letter else made)
    return made


def _places(definition: SystemDefinition) -> Iterator[tuple[str, int]]:
    """Yield where the dot is: of all codes, and then of those that begin with a letter of their own."""
    if definition.dot is not None:
        yield "", definition.dot
    yield from definition.dot_by_letter


def _fits(texts: pa.Array, shape: str | None) -> Numbers:
    """Return whether whole texts have a shape."""
    import pyarrow.compute as pc

    return pc.match_substring_regex(texts, rf"\A(?:{shape})\z").to_numpy(zero_copy_only=False)
