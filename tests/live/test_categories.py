"""The real order files of ICD-10-CM: taken out and added again, categories with letters stand where they stood."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from terminology_loaders.icd10cm.tabular import read_tabular
from terminology_loaders.order.addenda import Change
from terminology_loaders.order.changes import applied
from terminology_loaders.order.file import OrderRows, is_order_file, order_rows

CATEGORY = 3


def order_files(releases: Path) -> Iterator[tuple[str, OrderRows]]:
    """Yield the rows of every order file, with its name."""
    for path in sorted((releases / "icd10cm").rglob("*")):
        if path.suffix.lower() != ".zip":
            continue
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                if is_order_file(data[:4096]):
                    yield name, order_rows(data.decode(), name)[0]


def with_letter(code: str) -> bool:
    """Return whether a code is of a category such as C4A."""
    return not code[1:CATEGORY].isdigit()


def test_letter_categories_are_put_back(releases: Path) -> None:
    """With the tabular list of another year, every category with a letter and all below it get their places back."""
    path = releases / "icd10cm" / "FY2025-Apr" / "icd10cm-tabular-April-2025.xml"
    categories = [node.code for node in read_tabular(path.read_bytes(), path.name).nodes if node.kind == "category"]
    found = list(order_files(releases))
    assert len(found) >= 17
    for name, rows in found:
        columns = (rows.codes, rows.billable, rows.short_titles, rows.titles)
        kept = [i for i, code in enumerate(rows.codes) if not with_letter(code)]
        changes = [Change("add", *row, 1) for row in zip(*(columns[i] for i in (1, 0, 2, 3)), strict=True)]
        changes = [change for change in changes if with_letter(change.code)]
        assert changes, name
        less = OrderRows(*([column[i] for i in kept] for column in columns))  # type: ignore[arg-type]
        assert rows.codes == applied(less, changes, categories).codes, name
