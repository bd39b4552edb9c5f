"""A column of texts by the dictionary of the official codes beside it: most texts are written as these are.

A writer of Parquet seeks each text among those before it, and that takes longer than all else. The official codes have
their dictionary from the answer, and where a text is the same, its place in it is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .frames import whole

if TYPE_CHECKING:
    import pyarrow as pa

MOST_OTHERS: Final = 0.25
"""The share of texts that are not as the official codes, up to which they have these as their dictionary."""
Numbers = Any
"""A numpy array of numbers."""


def encoded_as(table: pa.Table, name: str, codes: str) -> pa.Table:
    """Return a table with a column of texts dictionary-encoded; as it is where too many texts are not as their codes are.

    Args:
        table: Answered rows.
        name: The column of texts.
        codes: The column of their official codes, with a dictionary.
    """
    import pyarrow as pa

    field, kind = table.schema.field(name), table.schema.field(codes).type
    if not (pa.types.is_string(field.type) and pa.types.is_dictionary(kind)):
        return table
    chunks, start = [], 0
    for chunk in table.column(codes).chunks:
        texts = whole(table.column(name).slice(start, len(chunk)))
        others = _others(texts, chunk)
        if len(others) > len(chunk) * MOST_OTHERS:
            return table
        chunks.append(_encoded(texts, chunk, others) if len(others) else chunk)
        start += len(chunk)
    return table.set_column(table.column_names.index(name), field.with_type(kind), pa.chunked_array(chunks, kind))


def _others(texts: pa.Array, codes: pa.DictionaryArray) -> Numbers:
    """Return the places of texts that are not as their codes are, of nulls too."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    same = pc.equal(texts, codes.cast(pa.string())).fill_null(fill_value=False)
    return np.flatnonzero(~same.to_numpy(zero_copy_only=False))


def _encoded(texts: pa.Array, codes: pa.DictionaryArray, others: Numbers) -> pa.DictionaryArray:
    """Return texts with the dictionary of their codes, and behind it the texts that are not as these are."""
    import pyarrow as pa

    rest = texts.take(pa.array(others)).dictionary_encode()
    places = codes.indices.fill_null(0).to_numpy(zero_copy_only=False).copy()
    places[others] = rest.indices.fill_null(0).to_numpy(zero_copy_only=False) + len(codes.dictionary)
    is_null = texts.is_null().to_numpy(zero_copy_only=False)
    dictionary = pa.concat_arrays([codes.dictionary, rest.dictionary])
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=is_null), dictionary)
