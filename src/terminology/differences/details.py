"""Compare what codes have besides title, place and flag: properties and notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SHORT_TITLE = "short_title"


def unequal(left: Any, right: Any) -> Any:
    """Return whether two columns differ, row by row; null equals null and nothing else."""
    import pyarrow.compute as pc

    differs = pc.fill_null(pc.not_equal(left, right), False)  # noqa: FBT003 -- pyarrow takes it by position
    return pc.or_(differs, pc.xor(pc.is_null(left), pc.is_null(right)))


def unshared_properties(before: pa.Table, after: pa.Table) -> tuple[str, ...]:
    """Return the properties that one edition has and no code of the other does: they cannot be compared.

    A release that came without one of its files (the tabular list, a file of descriptors) has none of what the file
    says; that is no change of the codes. No property of an edition without codes can be compared.
    """
    return tuple(sorted(_names(before) ^ _names(after)))


def _names(table: pa.Table) -> set[str]:
    column = table.column("properties")
    texts = column.unique().drop_null().to_pylist()
    names = {name for text in texts for name in json.loads(text)}
    has_short = table.column(SHORT_TITLE).null_count < table.num_rows
    return names | ({SHORT_TITLE} if has_short else set())


def changed_properties(stayed: pa.Table, unknown: tuple[str, ...]) -> pa.Table:
    """Return a row for each property of a code whose value differs, values as JSON text.

    Args:
        stayed: Codes of both editions, with their columns before and after.
        unknown: Properties that are not compared.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    differs = unequal(stayed["properties"], stayed["properties_before"])
    differs = pc.or_(differs, unequal(stayed[SHORT_TITLE], stayed[f"{SHORT_TITLE}_before"]))
    names = ("code", SHORT_TITLE, "properties", f"{SHORT_TITLE}_before", "properties_before")
    found = stayed.filter(differs)
    columns = [found.column(name).to_pylist() for name in names]
    ignored = frozenset(unknown)
    rows = [
        (code, name, old, new)
        for code, short, values, short_before, values_before in zip(*columns, strict=True)
        for name, old, new in (
            *_short_title(short_before, short, ignored),
            *_unequal_values(values_before, values, ignored),
        )
    ]
    shape = [pa.field(name, pa.string(), nullable=name in ("before", "after")) for name in PROPERTY_COLUMNS]
    turned = zip(*rows, strict=True) if rows else ((),) * len(PROPERTY_COLUMNS)
    return pa.table([pa.array(values, pa.string()) for values in turned], schema=pa.schema(shape))


PROPERTY_COLUMNS = ("code", "property", "before", "after")


def _short_title(before: str | None, after: str | None, ignored: frozenset[str]) -> tuple[tuple[Any, ...], ...]:
    if before == after or SHORT_TITLE in ignored:
        return ()
    return ((SHORT_TITLE, *(None if text is None else _json(text) for text in (before, after))),)


@lru_cache(maxsize=4096)
def _parsed(text: str | None) -> Mapping[str, str]:
    """Return the properties by name, each as JSON text in one form."""
    return {name: _json(value) for name, value in json.loads(text).items()} if text else {}


def _unequal_values(before: str | None, after: str | None, ignored: frozenset[str]) -> list[tuple[Any, ...]]:
    if before == after:
        return []
    old, new = _parsed(before), _parsed(after)
    names = dict.fromkeys([*new, *old])
    return [
        (name, old.get(name), new.get(name)) for name in names if name not in ignored and old.get(name) != new.get(name)
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def changed_notes(before: pa.Table | None, after: pa.Table | None) -> pa.Table:
    """Return the notes that only one of the tables has: those removed, then those added; none where one is missing.

    A note is the same where code, kind and text are; how often it is repeated does not count.
    """
    import pyarrow as pa

    names = ("code", "kind", "text")
    if before is None or after is None:
        empty = pa.schema([pa.field(name, pa.string(), nullable=False) for name in (*names, "change")])
        return empty.empty_table()
    sides = [table.select(names).combine_chunks() for table in (before, after)]
    keys = _note_keys(pa.concat_tables(sides))
    old, new = keys[: before.num_rows], keys[before.num_rows :]
    return pa.concat_tables([_only(sides[0], old, new, "removed"), _only(sides[1], new, old, "added")]).combine_chunks()


def _note_keys(notes: pa.Table) -> Any:
    """Return one number for each distinct note."""
    import numpy as np

    keys = np.zeros(notes.num_rows, dtype=np.int64)
    for name in notes.column_names:
        encoded = notes.column(name).combine_chunks().dictionary_encode()
        _, keys = np.unique(keys * (len(encoded.dictionary) + 1) + encoded.indices.to_numpy(), return_inverse=True)
    return keys


def _only(table: pa.Table, keys: Any, others: Any, change: str) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    rows = table.filter(pa.array(~np.isin(keys, others)))
    return rows.append_column(
        pa.field("change", pa.string(), nullable=False), pa.array([change] * rows.num_rows, pa.string())
    )
