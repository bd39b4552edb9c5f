"""Lists of codes as Parquet."""

from __future__ import annotations

import datetime
import io

import pyarrow as pa
import pyarrow.parquet as pq

from terminology.drafts import Skipped
from terminology.reading import ReadableFile
from terminology_loaders.generic import GenericLoader

from .generic_files import faults, places, read, rows

day = datetime.date


def columns(table, **metadata):
    """Return a Parquet file of the table with the metadata in its key-value pairs."""
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return ReadableFile("list.parquet", buffer.getvalue)


class TestColumns:
    """Parquet."""

    def test_types_are_kept(self):
        """Columns keep their types; the metadata stand in the key-value pairs."""
        table = pa.table(
            {
                "code": ["a", "b"],
                "title": ["A", "B"],
                "parent": [None, "a"],
                "n": pa.array([1, None], pa.int16()),
                "since": pa.array([day(2024, 1, 1), None]),
                "tags": [["x"], None],
                "group": pa.array(["g", "h"]).dictionary_encode(),
            }
        )
        part = read(columns(table, system="colours", effective="2024-01-01"))
        types = {name: str(part.tables["concepts"].schema.field(name).type) for name in ("n", "since", "tags", "group")}
        assert {"n": "int64", "since": "date32[day]", "tags": "list<item: string>", "group": "string"} == types
        assert (1, day(2024, 1, 1), ["x"], "g", 1) == tuple(
            rows(part)["a"][name] for name in ("n", "since", "tags", "group", "line")
        )

    def test_days_make_it_dated(self):
        """Columns of days may be days or texts."""
        table = pa.table(
            {"code": ["a"], "title": ["A"], "effective_from": [day(2024, 1, 1)], "effective_to": ["2025-01-01"]}
        )
        part = read(columns(table, system="colours"))
        assert (True, day(2024, 1, 1), day(2025, 1, 1)) == (
            part.definition.dated,
            rows(part)["a"]["effective_from"],
            rows(part)["a"]["effective_to"],
        )

    def test_faults(self):
        """Repeated codes and types that no property can have are named."""
        table = pa.table({"code": ["a", "a"], "title": ["A", None], "x": [{"y": 1}, None], "status": ["s", "s"]})
        found = places(columns(table, system="colours"))
        assert {(None, "status"), (None, "x"), (2, "code"), (2, "title")} == set(found)

    def test_a_damaged_file(self):
        """A file that only begins like Parquet is refused."""
        ((_, _, message),) = faults(ReadableFile("x.parquet", lambda: b"PAR1 nothing more"))
        assert "damaged Parquet" in message

    def test_strangers(self):
        """Other tables are left alone, nameless lists with advice."""
        nameless = GenericLoader().read(columns(pa.table({"code": ["a"], "title": ["A"]})))
        assert isinstance(nameless, Skipped)
