"""Whole columns annotated: what an edition says of each code on its day."""

from __future__ import annotations

import pyarrow as pa
import pytest

import terminology
from terminology import Edition, Terminology, TerminologyError

from .test_validation import FORMS, rows

NAMES = ("title", "short_title", "kind", "parent", "chapter", "section", "effective_from", "effective_to")


def said(edition: Edition, code: str | None, name: str) -> object:
    """Return what an edition says of a code under a name."""
    found = edition.lookup(code) if code else None
    if found is None or not found.valid:
        return None
    if name in ("chapter", "section"):
        chain = [found.code, *edition.ancestors(found.code)]
        return next((above for above in chain if edition.node(above).kind == name), None)
    return getattr(found, name)


@pytest.mark.parametrize("system", ["icd10cm", "hcpcs", "icd10pcs", "icd10gm", "icd9cm", "places"])
def test_each_row_is_annotated_on_its_own_day(store: Terminology, system: str) -> None:
    """Fields and places of every code in force on its day; null of any other."""
    table = rows(store, system, 250, seed=5)
    answered = terminology.annotate(table, system=system, on="day", columns=NAMES, store=store)
    for row in answered.to_pylist():
        edition = store[system].on(row["day"])
        assert [said(edition, row["dx"], name) for name in NAMES] == [row[f"dx_{name}"] for name in NAMES]
    assert table.equals(answered.select(table.column_names))


def test_properties_of_the_day(store: Terminology) -> None:
    """A property of the system has a column as well; what a code does not have is null."""
    concept = store["hcpcs"].release("2018-01")["C9014"]
    name, value = next((name, value) for name, value in concept.properties.items() if isinstance(value, str))
    answered = terminology.annotate(
        {"dx": ["C9014", "?"]}, system="hcpcs", on="2018-06-01", columns=[name], store=store
    )
    assert [value, None] == answered.column(f"dx_{name}").to_pylist()


@pytest.mark.parametrize("form", FORMS)
def test_whatever_the_form_of_the_table(store: Terminology, form: str) -> None:
    """The same rows in another form have the same answers."""
    table = rows(store, "icd10cm", 150, seed=3)
    answered = terminology.annotate(FORMS[form](table), system="icd10cm", on="day", store=store)
    plain = terminology.annotate(table, system="icd10cm", on="day", store=store)
    assert plain.column("dx_title").to_pylist() == answered.column("dx_title").to_pylist()


def test_no_rows(store: Terminology) -> None:
    """A table without rows has the columns all the same."""
    table = pa.table({"dx": pa.array([], pa.string()), "day": pa.array([], pa.date32())})
    answered = terminology.annotate(table, system="icd10cm", on="day", store=store)
    assert (0, ["dx", "day", "dx_title", "dx_chapter"]) == (answered.num_rows, answered.column_names)


def test_a_column_that_is_missing(store: Terminology) -> None:
    """An error names it, and those that there are."""
    with pytest.raises(TerminologyError, match=r"the table has no column 'code' \(it has dx\)"):
        terminology.annotate({"dx": ["E11.9"]}, system="icd10cm", code="code", store=store)


def test_the_error_names_groupings(store: Terminology) -> None:
    """A mistyped grouping is found among them."""
    with pytest.raises(TerminologyError, match=r"no 'ccsr' to annotate codes with.*; groupings: .*ccsr_dx"):
        terminology.annotate({"dx": ["?"]}, system="icd10cm", columns=["ccsr"], store=store)


def test_a_name_that_nothing_has_is_an_error(store: Terminology) -> None:
    """A mistyped name names what may be asked for; it is no column of nulls."""
    for system, names in (("hcpcs", "coverage"), ("icd10cm", "chapter")):
        with pytest.raises(TerminologyError, match=f"no 'titel' to annotate codes with.*{names}"):
            terminology.annotate({"dx": ["?"]}, system=system, columns=["titel"], store=store)
