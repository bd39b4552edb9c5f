"""The order addenda of the publishers' real files as changes: counts by release, and worked examples."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest

from terminology import Terminology
from terminology.drafts import CrosswalkDraft
from terminology_crosswalks.order_addenda import OrderAddendaReader

from ..crosswalks.releases import by_version, committed_in, mappings

day = datetime.date
CM = {
    "2017": {"begun": 2_305, "ended": 212, "revised": 551, "to_header": 128, "to_billable": 1},
    "2018": {"begun": 419, "ended": 122, "revised": 270, "to_header": 34},
    "2019": {"begun": 320, "ended": 3, "revised": 172, "to_header": 48},
    "2020": {"begun": 328, "ended": 7, "revised": 35, "to_header": 14, "to_billable": 1},
    "2022": {"begun": 191, "ended": 25, "revised": 27, "to_header": 14},
    "2022-04": {"begun": 4, "revised": 1, "to_header": 1},
    "2023": {"begun": 1_468, "ended": 251, "revised": 35, "to_header": 36},
    "2023-04": {"begun": 50, "revised": 1, "to_header": 7},
    "2024": {"begun": 501, "revised": 26, "to_header": 25},
    "2024-04": {},
    "2025": {"begun": 291, "ended": 3, "revised": 14, "to_header": 33},
    "2025-04": {},
}
PCS = {
    "2017": {"begun": 3_836, "ended": 12, "revised": 738},
    "2018": {"begun": 3_578, "ended": 646, "revised": 2_082},
    "2019": {"begun": 396, "ended": 216, "revised": 9},
    "2020": {"begun": 737, "ended": 2_056, "revised": 130},
    "2021-01": {"begun": 587},
    "2022-04": {"begun": 7},
    "2022-04.1": {"begun": 2},
    "2023-04": {"begun": 34},
    "2024-04": {"begun": 41, "ended": 6, "revised": 3},
    "2025": {"begun": 374, "ended": 61},
}
Drafts = dict[tuple[str, str, str], CrosswalkDraft]


@pytest.fixture(scope="module")
def cm_drafts(real_store: Terminology) -> Drafts:
    """The crosswalks of ICD-10-CM."""
    return by_version(OrderAddendaReader().assemble([], committed_in(real_store, "icd10cm")).drafts)


@pytest.fixture(scope="module")
def pcs_drafts(real_store: Terminology) -> Drafts:
    """The crosswalks of ICD-10-PCS."""
    return by_version(OrderAddendaReader().assemble([], committed_in(real_store, "icd10pcs")).drafts)


def counts(drafts: Drafts, version: str, system: str) -> dict[str, int]:
    """Return how many changes of each kind a release tells."""
    return dict(Counter(row["change"] for row in mappings(drafts[version, system, system])))


@pytest.mark.parametrize("version", CM)
def test_counts_of_icd10cm(cm_drafts: Drafts, version: str) -> None:
    """Codes and headers of ICD-10-CM began, ended, were reworded and became headers as often as the addenda say."""
    assert CM[version] == counts(cm_drafts, version, "icd10cm")


@pytest.mark.parametrize("version", PCS)
def test_counts_of_icd10pcs(pcs_drafts: Drafts, version: str) -> None:
    """So did codes and tables of ICD-10-PCS."""
    assert PCS[version] == counts(pcs_drafts, version, "icd10pcs")


def test_january_does_not_repeat_october(cm_drafts: Drafts) -> None:
    """The addenda of January 2021 tell October's changes again; only its own six codes and one header are dated so."""
    rows = mappings(cm_drafts["2021-01", "icd10cm", "icd10cm"])
    begun = {row["target_codes"][0] for row in rows if row["change"] == "begun"}
    assert {"J12.82", "M35.81", "M35.89", "Z11.52", "Z20.822", "Z86.16"} == begun
    assert ["M35.8"] == [row["source_code"] for row in rows if row["change"] == "to_header"]


def test_whole_year_in_one(pcs_drafts: Drafts) -> None:
    """ICD-10-PCS of January 2021 comes without October, which is told."""
    (warning,) = pcs_drafts["2021-01", "icd10pcs", "icd10pcs"].warnings
    assert "no release of 2020-10-01 is loaded" in warning


def test_header_to_billable(cm_drafts: Drafts) -> None:
    """Two headers became billable since 2014: one subarachnoid haemorrhage, and vertigo of central origin."""
    found = [
        (row["source_code"], row["effective"])
        for draft in cm_drafts.values()
        for row in mappings(draft)
        if row["change"] == "to_billable"
    ]
    assert [("I60.2", day(2016, 10, 1)), ("H81.4", day(2019, 10, 1))] == found
