"""What is loaded and what is missing, as pages."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import terminology
from terminology.pages.coverage import end_of, spans_of

from ..small_store import small_store
from .reading import Reader


def test_every_system_has_its_releases_and_the_days_that_they_cover(reader: Reader) -> None:
    """In the table below the picture, which says the same."""
    page = reader.page("/loaded")
    row = next(row for row in page.said(".//section[@aria-labelledby='days']//tbody/tr") if row.startswith("ICD-10-CM"))
    assert "3: 2021 to 2022-04" in row
    assert "2020-10-01 to 2022-09-30" in row
    pictures = [picture.get("aria-label") for picture in page.tree.findall(".//svg")]
    assert "ICD-10-CM: 2020-10-01 to 2022-09-30" in pictures


def test_when_coverage_ends_and_what_to_load_next_is_said(reader: Reader) -> None:
    """Of a system that is out of use, that nothing more comes."""
    text = reader.page("/loaded").text
    assert "the newest release, 2022-04, ends 2022-09-30; load FY2023." in text
    assert "Not in use since 2015-10-01: nothing more is published." in text
    assert "is after the newest release of ICD-10 (WHO), 2019, and answered from it." in text


def test_a_gap_between_releases_is_said(tmp_path: Path) -> None:
    """In the table of systems, and before the release that follows it."""
    page = Reader(small_store(tmp_path)).page("/loaded")
    row = next(row for row in page.said(".//section[@aria-labelledby='days']//tbody/tr") if "plants" in row.lower())
    assert "2017-10-01 to 2019-09-30 2020-10-01 to 2021-09-30" in row
    assert "Not covered from 2019-10-01 to 2020-09-30: release 2019 ends 2019-09-30; load FY2020." in row


def test_crosswalks_have_their_direction_versions_and_rows(reader: Reader) -> None:
    """Versions of one are one line."""
    rows = reader.page("/loaded").said(".//section[@aria-labelledby='maps']//tbody/tr")
    assert any(row.startswith("General Equivalence Mappings") and row.endswith("2018 28") for row in rows)
    assert any("2018-01, 2019-01" in row for row in rows)


def test_systems_that_are_known_and_not_loaded_say_how_they_can_be(reader: Reader) -> None:
    """ICD-11 has no loader of its own."""
    text = reader.page("/loaded").text
    assert "ICD-11 MMS (WHO): no loader reads its files; load a list of codes" in text


def test_that_texts_are_withheld_is_said(reader: Reader) -> None:
    """With what to do."""
    assert (
        "Texts of CPT are withheld: declare your licence with TERMINOLOGY_LICENCES=cpt." in reader.page("/loaded").text
    )


def test_a_system_has_its_releases_the_newest_first(reader: Reader) -> None:
    """Each with its counts, and whether notes and index came with it."""
    page = reader.page("/loaded/icd10cm")
    rows = page.said(".//tbody/tr")
    assert page.said(".//tbody/tr/th") == ["2022-04", "2022", "2021"]
    assert "not known" in rows[2]
    assert page.links()["2022"] == "/loaded/icd10cm/2022"


def test_a_release_has_its_files_with_their_checksums(reader: Reader, sample_store: Path) -> None:
    """All of them."""
    release = terminology.open(sample_store)["icd10cm"].release("2022").release
    assert release is not None
    page = reader.page("/loaded/icd10cm/2022")
    for source in release.sources:
        assert source.file in page.text
        assert source.sha256 in page.text
    assert page.links(".//header")["what changed since 2021"] == "/compare/icd10cm?from=2021&to=2022"


def test_what_is_not_there_says_what_is(reader: Reader) -> None:
    """In a page."""
    page = reader.page("/loaded/icd10cm/1999")
    assert page.status == 404
    assert "loaded are: 2021, 2022, 2022-04" in page.text
    assert reader.page("/loaded/snomed").status == 404


def test_the_days_that_are_said_to_be_covered_are_covered(sample_store: Path, tmp_path: Path) -> None:
    """On their first and their last day, and not on those beside them."""
    one_day = datetime.timedelta(days=1)
    stores = [terminology.open(path) for path in (sample_store, small_store(tmp_path))]
    for system in (system for store in stores for system in store.values()):
        for span in spans_of(system):
            assert system.on(span.start).is_covered
            assert not system.on(span.start - one_day).is_covered
            if span.end is not None:
                assert system.on(span.end - one_day).is_covered
                assert not system.on(span.end).is_covered or system.definition.retired == span.end.isoformat()
        assert end_of(system) == spans_of(system)[-1].end


def test_lines_that_could_not_be_read_are_said_without_the_words_of_a_licensed_publisher(reader: Reader) -> None:
    """Warnings of CPT quote nothing."""
    page = reader.page("/loaded/cpt/2025-04")
    assert page.status == 200
    assert "Invented" not in page.body


def test_a_path_is_text(reader: Reader) -> None:
    """No markup of an address is markup of the page."""
    page = reader.page("/loaded/icd10cm/%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.status == 404
    assert "<script>alert" not in page.body


@pytest.mark.parametrize("start", ["1", "99999999999999999999", "-1", "x"])
def test_a_start_that_is_none_is_no_failure(reader: Reader, start: str) -> None:
    """A number beyond the end has no rows."""
    assert reader.page("/loaded/icd10cm", start=start).status == 200
