"""The transitions of ICD-10-GM from the publisher's real files: counts, kinds of change, and codes used again."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import pytest

from terminology.drafts import CrosswalkDraft
from terminology_crosswalks.icd10gm_transition import Icd10gmTransitionReader

from ..crosswalks.releases import by_version, files_in, mappings, parts_of

READER = Icd10gmTransitionReader()
COUNTS = {
    "2015": (13_440, {("deleted", False): 75, ("new", True): 4}),
    "2016": (13_500, {("deleted", False): 96, ("new", False): 3, ("new", True): 1}),
}
"""Lines; and rows by where they stand, and whether they have no predecessor. Of codes that perhaps stay one is to themselves."""


@pytest.fixture(scope="module")
def drafts(releases: Path) -> dict[tuple[str, str, str], CrosswalkDraft]:
    """The crosswalks by year and systems."""
    assembly = READER.assemble(parts_of(READER, files_in(releases / "icd10gm")), ())
    assert ((), ()) == (assembly.refused, assembly.unused)
    return by_version(assembly.drafts)


@pytest.mark.parametrize("year", COUNTS)
def test_counts(drafts: dict[tuple[str, str, str], CrosswalkDraft], year: str) -> None:
    """Every line is kept, and those that change something make a row."""
    draft = drafts[year, "icd10gm", "icd10gm"]
    kinds = Counter((row["change"], row["source_code"] is None) for row in mappings(draft))
    assert COUNTS[year] == (draft.build().tables["rows"].num_rows, dict(kinds))
    assert datetime.date(int(year), 1, 1) == draft.effective


def test_codes_used_again(drafts: dict[tuple[str, str, str], CrosswalkDraft]) -> None:
    """In 2015 five codes moved on by one, and mean something else than before; in 2016 none did."""
    assert ("5 codes mean something else than before: I70.21, I70.22, I70.23, I70.24, I70.25",) == (
        drafts["2015", "icd10gm", "icd10gm"].build().warnings
    )
    assert () == drafts["2016", "icd10gm", "icd10gm"].build().warnings
