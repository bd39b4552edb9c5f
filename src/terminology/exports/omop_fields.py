"""The vocabulary tables of the OMOP common data model: their columns in order, with types and lengths, and how rows are written.

Files are those of Athena, the download of the OHDSI vocabularies: names in capitals, columns between tabs, days as 20240301,
nothing quoted, nothing in place of a null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "CONCEPT": {
        "concept_id": "integer",
        "concept_name": "varchar(255)",
        "domain_id": "varchar(20)",
        "vocabulary_id": "varchar(20)",
        "concept_class_id": "varchar(20)",
        "standard_concept": "varchar(1)",
        "concept_code": "varchar(50)",
        "valid_start_date": "date",
        "valid_end_date": "date",
        "invalid_reason": "varchar(1)",
    },
    "VOCABULARY": {
        "vocabulary_id": "varchar(20)",
        "vocabulary_name": "varchar(255)",
        "vocabulary_reference": "varchar(255)",
        "vocabulary_version": "varchar(255)",
        "vocabulary_concept_id": "integer",
    },
    "DOMAIN": {"domain_id": "varchar(20)", "domain_name": "varchar(255)", "domain_concept_id": "integer"},
    "CONCEPT_CLASS": {
        "concept_class_id": "varchar(20)",
        "concept_class_name": "varchar(255)",
        "concept_class_concept_id": "integer",
    },
    "RELATIONSHIP": {
        "relationship_id": "varchar(20)",
        "relationship_name": "varchar(255)",
        "is_hierarchical": "varchar(1)",
        "defines_ancestry": "varchar(1)",
        "reverse_relationship_id": "varchar(20)",
        "relationship_concept_id": "integer",
    },
    "CONCEPT_RELATIONSHIP": {
        "concept_id_1": "integer",
        "concept_id_2": "integer",
        "relationship_id": "varchar(20)",
        "valid_start_date": "date",
        "valid_end_date": "date",
        "invalid_reason": "varchar(1)",
    },
    "CONCEPT_ANCESTOR": {
        "ancestor_concept_id": "integer",
        "descendant_concept_id": "integer",
        "min_levels_of_separation": "integer",
        "max_levels_of_separation": "integer",
    },
}
"""Columns of each table, as the field-level list of CDM 5.3 has them; 5.4 has the same."""
NAME_BYTES: Final = 255
MORE: Final = "..."
BATCH_ROWS: Final = 100_000


def shortened(name: str) -> str:
    """Return a name that fits the column: cut where it is longer than 255 bytes, and free of tabs and ends of lines.

    Bytes and not characters, because some databases count these.

    >>> shortened("Low back\\tpain"), shortened("é" * 200).endswith("é..."), len(shortened("é" * 200).encode())
    ('Low back pain', True, 255)
    """
    name = " ".join(name.split())
    data = name.encode()
    if len(data) <= NAME_BYTES:
        return name
    return data[: NAME_BYTES - len(MORE)].decode(errors="ignore") + MORE


class TableFile:
    """A file of a table while it is written, some rows at a time."""

    def __init__(self, folder: Path, name: str) -> None:
        self.columns = tuple(TABLES[name])
        self._rows = 0
        self._file = (folder / f"{name}.csv").open("w", encoding="utf-8", newline="\n")
        self._file.write("\t".join(self.columns) + "\n")

    def write(self, table: pa.Table) -> None:
        """Write rows; the columns may be in any order."""
        for lines in _lines(table.select(list(self.columns))):
            self._file.write("\n".join(lines) + "\n")
        self._rows += table.num_rows

    def close(self) -> int:
        """End the file, and return the number of its rows."""
        self._file.close()
        return self._rows


def _lines(table: pa.Table) -> Iterator[list[str]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    for batch in table.to_batches(BATCH_ROWS):
        texts = [_text(batch.column(place)) for place in range(batch.num_columns)]
        yield pc.binary_join_element_wise(*texts, pa.scalar("\t")).to_pylist()


def _text(column: pa.Array) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(column.type):
        return pc.replace_substring(column.cast(pa.string()), "-", "")
    return pc.fill_null(column.cast(pa.string()), "")
