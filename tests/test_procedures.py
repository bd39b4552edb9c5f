"""ICD-10-PCS by its axes: what a code means, what may follow, and why a code is none."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology import CodeSystem
from terminology.errors import TablesUnknownError, UnknownCodeError
from terminology.procedures import Axis, allowed, axes, explanation, next_title
from terminology.query import Edition
from terminology_loaders.icd10pcs import Icd10pcsLoader

SAMPLES = Path(terminology.__file__).parent / "samples/icd10pcs"


@pytest.fixture(scope="module")
def pcs(tmp_path_factory: pytest.TempPathFactory) -> CodeSystem:
    """ICD-10-PCS from the packaged sample."""
    folder = tmp_path_factory.mktemp("procedures")
    terminology.load(SAMPLES, store=folder, loaders={"icd10pcs": Icd10pcsLoader()})
    return terminology.open(folder)["icd10pcs"]


@pytest.fixture(scope="module")
def april(pcs: CodeSystem) -> Edition:
    """The release of the sample that came with its tables."""
    return pcs.release("2022-04")


def test_axes(april: Edition) -> None:
    """Each of the seven characters has a title, a value and a label; case and blanks are forgiven."""
    assert axes(april, " 0ft44zz ") == (
        Axis(1, "Section", "0", "Medical and Surgical"),
        Axis(2, "Body System", "F", "Hepatobiliary System and Pancreas"),
        Axis(3, "Operation", "T", "Resection"),
        Axis(4, "Body Part", "4", "Gallbladder"),
        Axis(5, "Approach", "4", "Percutaneous Endoscopic"),
        Axis(6, "Device", "Z", "No Device"),
        Axis(7, "Qualifier", "Z", "No Qualifier"),
    )


@pytest.mark.parametrize("length", range(1, 7))
def test_axes_of_a_beginning(april: Edition, length: int) -> None:
    """A section, body system, table or prefix is explained as far as it goes."""
    assert axes(april, "00160ZB"[:length]) == axes(april, "00160ZB")[:length]


@pytest.mark.parametrize("code", ["00160Z0", "ZZZ", "0FX", "0FT9", "0FT44ZZZ", "", "0FTI"])
def test_no_axes(april: Edition, code: str) -> None:
    """What is no code and begins none has no axes; the error says why."""
    with pytest.raises(UnknownCodeError) as caught:
        axes(april, code)
    assert str(caught.value) == explanation(april, code)


@pytest.mark.parametrize(
    ("prefix", "title", "values"),
    [
        ("", "Section", "05X"),
        ("0", "Body System", "0F"),
        ("0F", "Operation", "BT"),
        ("0FT", "Body Part", "04G"),
        ("00160", "Device", "7JZ"),
        ("00160Z", "Qualifier", "B"),
        ("001607", "Qualifier", "06"),
        ("00160ZB", None, ""),
    ],
)
def test_allowed(april: Edition, prefix: str, title: str | None, values: str) -> None:
    """After a beginning the rows that hold it say which values may follow, in the order of the tables."""
    assert (title, values) == (next_title(april, prefix), "".join(value for value, _ in allowed(april, prefix)))


def test_every_path_is_a_code(april: Edition) -> None:
    """Following the allowed values from the first to the last axis leads to just the billable codes."""
    stems = [""]
    for _ in range(7):
        stems = [stem + value for stem in stems for value, _ in allowed(april, stem)]
    table = april.table("published")
    billable = [c for c, flag in zip(*(table.column(n).to_pylist() for n in ("code", "billable")), strict=True) if flag]
    assert sorted(stems) == sorted(billable)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("00160ZB", "row 2 of table 001 holds 6-0-Z-B"),
        ("00160Z0", "no row of table 001 holds 6-0-Z-0: after 00160Z only B (Cerebral Cisterns)"),
        ("0FT94ZZ", "no row of table 0FT holds 9-4-Z-Z: after 0FT only 0 (Liver), 4 (Gallbladder), G (Pancreas)"),
        ("0FX44ZZ", "no table begins with 0FX: after 0F only B (Excision), T (Resection)"),
        ("0FT4", "0FT4 is a beginning of codes, no code: after 0FT4 only 0 (Open), 4 (Percutaneous Endoscopic)"),
        ("0FT4I", "'0FT4I' cannot be a code: seven digits and letters, without I and O"),
    ],
)
def test_explanation(april: Edition, code: str, sentence: str) -> None:
    """A code is explained by the row that holds it, and what is none by the place at which every row leaves it."""
    assert sentence == explanation(april, code)


def test_tables_are_not_borrowed(pcs: CodeSystem) -> None:
    """A release without tables says so, and which releases have them."""
    for question in (axes, allowed, explanation, next_title):
        with pytest.raises(TablesUnknownError, match=r"tables of icd10pcs 2022 are not known.*with tables: 2022-04\)"):
            question(pcs.release("2022"), "0FT")
