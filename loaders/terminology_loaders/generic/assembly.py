"""Which releases the files of one code system make, and whether two files say the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Assembly, Built, Draft, Part
from terminology.reading import stated_release
from terminology.reading.dates import DatedVersion

if TYPE_CHECKING:
    import pyarrow as pa


FIXED = ("uri", "dated", "calendar", "dot")
"""What all files of a code system must say alike."""


def dating_of(part: Part) -> DatedVersion | str:
    """Return version and first day of a part, or the reason why nothing states them.

    What the operator gave overrides all else; then the day that the file states, then a version that is a day, month or year.
    """
    definition = part.definition
    calendar = definition.calendar if definition else "open"
    stated = stated_release(part, calendar)
    return stated if isinstance(stated, str) else DatedVersion(*stated)


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order: one for each version."""
    refused: list[tuple[Part, str]] = []
    dated: list[tuple[DatedVersion, Part]] = []
    for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
        dating = dating_of(part)
        if isinstance(dating, str):
            refused.append((part, dating))
        else:
            dated.append((dating, part))
    dated.sort(key=lambda pair: (pair[0].effective, pair[0].version))
    groups: dict[DatedVersion, list[Part]] = {}
    for dating, part in dated:
        why = _contradiction(dating, part, groups)
        if why:
            refused.append((part, why))
        else:
            groups.setdefault(dating, []).append(part)
    return Assembly(tuple(_draft(dating, group) for dating, group in groups.items()), refused=tuple(refused))


def _contradiction(dating: DatedVersion, part: Part, groups: dict[DatedVersion, list[Part]]) -> str | None:
    """Return why a part does not go with those taken before, or None."""
    for other_dating, others in groups.items():
        other = others[0]
        for name in FIXED:
            said, says = (getattr(one.definition, name, None) for one in (other, part))
            if said != says:
                return f"says {name} {says!r}, but {other.origin.label}, of the same code system, says {said!r}"
        if other_dating == dating and other.facts["digest"] != part.facts["digest"]:
            return f"lists other codes than {other.origin.label}, which is version {dating.version} too"
        if other_dating != dating and other_dating.version == dating.version:
            return f"takes effect on {dating.effective}, but {other.origin.label}, of the same version, on " + str(
                other_dating.effective
            )
        if other_dating != dating and other_dating.effective == dating.effective:
            return f"takes effect on the same day as version {other_dating.version}: give the --effective of each"
    return None


def _draft(dating: DatedVersion, parts: Sequence[Part]) -> Draft:
    return Draft(dating.version, dating.effective, tuple(parts), partial(built, parts[0]))


def built(part: Part) -> Built:
    """Return the tables of a release."""
    names = [name for name in ("concepts", "designations", "details") if name in part.tables]
    tables: dict[str, Any] = {name: part.tables[name] for name in names}
    return Built(tables, licence=part.facts["licence"])


MISSING: Final = -1
"""Length of a value that is missing."""


def content_digest(table: pa.Table, without: frozenset[str] = frozenset()) -> str:
    """Return a digest of the values in a table by name of the column.

    Args:
        table: Texts, numbers, truth values, days, and lists of texts. A day is the same as its text in ISO form.
        without: Columns that are no content.
    """
    whole = hashlib.sha256()
    for name in sorted(set(table.column_names) - without):
        column = table.column(name)
        digests = _column_digests(column)
        whole.update(f"{name}\0{table.num_rows}\0{':'.join(digests)}\n".encode())
    return whole.hexdigest()


def _column_digests(column: pa.ChunkedArray) -> list[str]:
    """Return digests of the parts that a column is made of: which values there are, how long, and of what."""
    import pyarrow as pa

    if column.null_count == len(column):
        return ["nothing"]
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    hashes = [hashlib.sha256() for _ in range(4)]
    for chunk in column.chunks:
        _add(chunk, hashes)
    kind = next(name for name, test in _KINDS.items() if getattr(pa.types, test)(column.type))
    return [kind, *(one.hexdigest() for one in hashes)]


_KINDS: Final = {
    "text": "is_string",
    "list": "is_list",
    "truth": "is_boolean",
    "integer": "is_integer",
    "decimal": "is_floating",
}


def _add(chunk: pa.Array, hashes: list[Any]) -> None:
    """Add the values of an array; of a list its lengths first, then its items."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(chunk.type):
        lengths = pc.fill_null(pc.list_value_length(chunk), MISSING)
        hashes[2].update(_bytes(lengths, np.int64))
        _add(chunk.flatten(), hashes)
    elif pa.types.is_string(chunk.type):
        hashes[0].update(_bytes(pc.fill_null(pc.binary_length(chunk), MISSING), np.int64))
        plain = pc.fill_null(chunk, "")
        if len(plain):
            offsets = np.frombuffer(plain.buffers()[1], dtype=np.int32)[plain.offset : plain.offset + len(plain) + 1]
            data = plain.buffers()[2]
            if data is not None:
                hashes[1].update(memoryview(data)[offsets[0] : offsets[-1]])
    else:
        hashes[0].update(_bytes(pc.is_valid(chunk), np.uint8))
        floating = pa.types.is_floating(chunk.type)
        hashes[1].update(
            _bytes(pc.fill_null(chunk, pa.scalar(0).cast(chunk.type)), np.float64 if floating else np.int64)
        )


def _bytes(values: pa.Array, kind: Any) -> bytes:
    import numpy as np

    made: bytes = (
        np.asarray(values.to_numpy(zero_copy_only=False))
        .astype(kind)
        .astype(np.dtype(kind).newbyteorder("<"))
        .tobytes()
    )
    return made
