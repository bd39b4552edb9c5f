"""Columns of codes and days as inputs of benchmarks: the same each time, of any number of rows.

python -m benchmarks.column_inputs STORE PATH ROWS               claims (dx, dos) as Parquet, or CSV (.csv.zst)
python -m benchmarks.column_inputs STORE FOLDER ROWS SHAPE...    a table of each shape as FOLDER/SHAPE.arrow
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

import terminology

from .settings import SEED

FIRST_DAY, LAST_DAY = 16_709, 20_362
"""2015-10-01 to 2025-10-01."""
PART = 1_000_000
DAMAGED = 0.05
UNKNOWN = 0.1
"""Of distinct texts."""
SCHEMA = pa.schema([("dx", pa.string()), ("dos", pa.date32())])


def codes_of(store: str, system: str = "icd10cm") -> pa.Array:
    """Return the codes of the newest release of a system."""
    return pa.array(list(terminology.open(store)[system].latest), pa.string())


def plain(codes: pa.Array, rows: int, chosen: np.random.Generator) -> pa.Array:
    """Return codes, each as often as any other."""
    return codes.take(pa.array(chosen.integers(0, len(codes), rows)))


def dictionary(codes: pa.Array, rows: int, chosen: np.random.Generator) -> pa.Array:
    """Return the same, dictionary-encoded."""
    return plain(codes, rows, chosen).dictionary_encode()


def repeats(codes: pa.Array, rows: int, chosen: np.random.Generator) -> pa.Array:
    """Return codes of which few are frequent, by the law of Zipf with exponent 1.3."""
    shuffled = codes.take(pa.array(chosen.permutation(len(codes))))
    return shuffled.take(pa.array(np.minimum(chosen.zipf(1.3, rows) - 1, len(codes) - 1)))


def distinct(codes: pa.Array, rows: int, chosen: np.random.Generator) -> pa.Array:
    """Return texts of which no two are alike: codes in every spelling that is accepted, and texts that are no codes.

    Nine in ten are codes in small or capital letters, with or without the dot, with none or more blanks behind; one in
    ten has the form of a code and is none.
    """
    dotted = codes.filter(pc.match_substring(codes, "."))
    unknown = int(rows * UNKNOWN)
    spellings, start = [], 0
    while start < rows - unknown:
        number = start // len(dotted)
        form = pc.replace_substring(dotted, ".", "") if number & 2 else dotted
        form = pc.utf8_lower(form) if number & 1 else form
        spellings.append(pc.binary_join_element_wise(form, " " * (number >> 2), ""))
        start += len(dotted)
    digits = pa.array([f"{number:04X}" for number in range(16**4)])
    counted = np.arange(unknown)
    heads = pa.array([f"{letter}{number:02}." for letter in "UW" for number in range(100)]).take(
        pa.array(counted // len(digits) % 200)
    )
    none = pc.binary_join_element_wise(heads, digits.take(pa.array(counted % len(digits))), "")
    whole = pa.chunked_array([*spellings, none]).slice(0) if unknown else pa.chunked_array(spellings)
    made = pa.concat_arrays([*whole.slice(0, rows - unknown).chunks, none])
    return made.take(pa.array(chosen.permutation(len(made))))


def damaged(codes: pa.Array, rows: int, chosen: np.random.Generator) -> pa.Array:
    """Return codes of which one in twenty is damaged, in one of five ways."""
    made = plain(codes, rows, chosen)
    which = pa.array(chosen.integers(0, int(5 / DAMAGED), rows))
    ways: tuple[Callable[[Any], Any], ...] = (
        lambda texts: pc.utf8_lower(pc.replace_substring(texts, ".", "")),
        lambda texts: pc.binary_join_element_wise(" ", texts, " ", ""),
        lambda texts: pc.binary_join_element_wise(texts, ".", ""),
        lambda texts: pc.replace_substring(texts, "0", "O"),
        lambda texts: pc.replace_substring_regex(texts, "X+", ""),
    )
    for number, way in enumerate(ways):
        made = pc.if_else(pc.equal(which, number), way(made), made)
    return made


SHAPES: dict[str, Callable[[pa.Array, int, np.random.Generator], pa.Array]] = {
    "plain": plain,
    "dictionary": dictionary,
    "repeats": repeats,
    "distinct": distinct,
    "damaged": damaged,
}


def days(rows: int, chosen: np.random.Generator) -> pa.Array:
    """Return days of ten years."""
    return pa.array(chosen.integers(FIRST_DAY, LAST_DAY, rows).astype("int32")).cast(pa.date32())


def table(shape: str, codes: pa.Array, rows: int) -> pa.Table:
    """Return a table of a shape, each column in one piece."""
    chosen = np.random.default_rng(SEED)
    return pa.table({"dx": SHAPES[shape](codes, rows, chosen), "dos": days(rows, chosen)})


def claims(codes: pa.Array, rows: int) -> Iterator[pa.Table]:
    """Yield claims of any number, a million at a time."""
    chosen = np.random.default_rng(SEED)
    for start in range(0, rows, PART):
        count = min(PART, rows - start)
        yield pa.table([plain(codes, count, chosen), days(count, chosen)], schema=SCHEMA)


def write_claims(codes: pa.Array, path: Path, rows: int) -> None:
    """Write claims to a file."""
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, SCHEMA) as writer:
            for part in claims(codes, rows):
                writer.write_table(part)
        return
    with (
        pa.output_stream(str(path), compression="zstd") as stream,
        arrow_csv.CSVWriter(stream, SCHEMA) as writer,
    ):
        for part in claims(codes, rows):
            writer.write_table(part)


def main() -> None:
    """Write what the command line names."""
    store, target, rows, *shapes = sys.argv[1:]
    for shape in shapes:
        name, _, system = shape.partition("@")
        made = table(name, codes_of(store, system or "icd10cm"), int(rows))
        with pa.ipc.new_file(str(Path(target, f"{shape}.arrow")), made.schema) as writer:
            writer.write_table(made)
    if not shapes:
        write_claims(codes_of(store), Path(target), int(rows))
    print("{}")


if __name__ == "__main__":
    main()
