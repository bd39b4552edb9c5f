"""Rows of columns in code lists, each on its own day."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import terminology
from terminology import Terminology, UnknownSystemError
from terminology.codelists import CodeList

from ..columns.test_validation import FORMS, rows

LISTS = {
    "icd10cm": "system: icd10cm\nM54*\nis-a E11\nexcluding E11.9\nF32.A",
    "hcpcs": "system: hcpcs\nC9014\nJ0567",
    "icd9cm": "system: icd9cm\n250*",
}


@pytest.mark.parametrize("system", LISTS)
def test_each_row_is_in_the_list_of_its_own_day(store: Terminology, system: str) -> None:
    """A row is in the list where its code is one that the list includes in the edition of its day."""
    table, code_list = rows(store, system, 400, seed=2), CodeList.parse(LISTS[system])
    answered = terminology.members(table, code_list, on="day", store=store)
    for row in answered.to_pylist():
        edition = store[system].on(row["day"])
        code = edition.check(row["dx"]).code
        assert (code in code_list.resolve(edition).members) is row["dx_member"], row
    assert table.equals(answered.select(table.column_names))


@pytest.mark.parametrize("form", FORMS)
def test_whatever_the_form_of_the_table(store: Terminology, form: str) -> None:
    """The same rows in another form have the same answers."""
    table, code_list = rows(store, "icd10cm", 150, seed=3), CodeList.parse(LISTS["icd10cm"])
    answered = terminology.members(FORMS[form](table), code_list, on="day", store=store)
    plain = terminology.members(table, code_list, on="day", store=store)
    assert plain.column("dx_member").to_pylist() == answered.column("dx_member").to_pylist()


def test_a_list_in_a_file(store: Terminology, tmp_path: Path) -> None:
    """A path is read; rows without a code or a day are in no list; a list has to name its system."""
    path = tmp_path / "pain.txt"
    path.write_text(LISTS["icd10cm"], encoding="utf-8")
    table = pa.table({"dx": ["m54.50", None, "M54.50"], "day": ["2021-10-01", "2021-10-01", "soon"]})
    answered = terminology.members(table, path, on="day", store=store)
    assert [True, False, False] == answered.column("dx_member").to_pylist()
    with pytest.raises(UnknownSystemError, match="names no code system"):
        terminology.members(table, CodeList.parse("M54.5"), store=store)
