"""CPT in a store, the conformance kit, and the real files of other systems."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

import terminology
from terminology.reading import ReadableFile, readable_files
from terminology.testing import CHECKS, check
from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    CODES,
    history_file,
    long_file,
)

day = datetime.date


SAMPLES = Path(terminology.__file__).parent / "samples" / "cpt"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The packaged sample, loaded."""
    path = tmp_path_factory.mktemp("store")
    report = terminology.load(SAMPLES, store=path, loaders={"cpt": CptLoader()})
    assert ((), ()) == (report.errors, report.skipped)
    return terminology.open(path)


class TestStore:
    """Through `terminology.load`."""

    def test_releases(self, store):
        """The sample makes two years and an update."""
        assert [("2024", 18), ("2025", 19), ("2025-04", 20)] == [
            (release.version, release.concepts) for release in store["cpt"].releases
        ]

    def test_the_sample_says_that_it_is_invented(self, store):
        """The licence of every release is the notice of the files."""
        assert all(release.licence.startswith("INVENTED SAMPLE") for release in store["cpt"].releases)

    def test_a_deleted_code(self, store):
        """A deleted code expires on the day of the next year's release."""
        cpt = store["cpt"]
        assert ("billable", "expired") == (cpt.on("2024-12-31").status("99993"), cpt.on("2025-01-01").status("99993"))

    def test_a_first_day_between_releases(self, store):
        """The history dates a code that began between two releases."""
        cpt = store["cpt"]
        found = [str(cpt.on(date).status("9991U")) for date in ("2024-06-30", "2024-07-01", "2025-01-01")]
        assert ["future", "billable", "billable"] == found

    def test_an_update(self, store):
        """A code of the April list is in force from April 1."""
        cpt = store["cpt"]
        assert ("future", "billable") == (cpt.on("2025-03-31").status("9992U"), cpt.on("2025-04-01").status("9992U"))

    @pytest.mark.parametrize(
        ("code", "file", "line"),
        [("99990", "LONGULT_2025.txt", 5), ("9992U", "CPTPLA_2025-04.xml", 26), ("25", "MODUL_2025.txt", 14)],
    )
    def test_each_row_cites_its_own_file(self, store, code, file, line):
        """Codes cite the descriptor file, new PLA codes their list, modifiers the list of modifiers."""
        source = store["cpt"].latest[code].source
        assert (file, line) == (source.file, source.line)

    def test_a_revision(self, store):
        """A new wording begins with its release."""
        assert ["Invented service, second level", "Invented service, second level, worded anew"] == [
            period.title for period in store["cpt"].history("99991").periods
        ]

    def test_the_day_of_a_deletion_may_be_the_last_one(self, tmp_path):
        """A deletion dated on the last day of a quarter ends the code after that day."""
        for year, codes in ((2024, {**CODES, "99995": "Invented"}), (2025, CODES)):
            (tmp_path / f"LONGULT_{year}.txt").write_bytes(long_file(codes, year).data)
        (tmp_path / "History_DTK_tab.txt").write_bytes(
            history_file(("20240930", "DELETED", "99995"), ("20250101", "ADDED", "99990")).data
        )
        report = terminology.load(tmp_path, store=tmp_path / "store", loaders={"cpt": CptLoader()})
        assert () == report.errors
        (period,) = terminology.open(tmp_path / "store")["cpt"].history("99995").periods
        assert day(2024, 10, 1) == period.effective_to

    def test_a_year_that_is_not_loaded_is_uncovered(self, store):
        """A release covers its own year."""
        assert "uncovered" == store["cpt"].on("2026-01-01").status("99990")

    def test_words_are_malformed(self, store):
        """A text that is no code is malformed, a node of the tree is a header."""
        edition = store["cpt"].latest
        assert ("malformed", "header", "unknown") == (
            edition.status("hello"),
            edition.status("category i"),
            edition.status("99999"),
        )

    def test_history_stays_a_table(self, store):
        """The whole history can be asked of a release."""
        table = store["cpt"].release("2025").table("history")
        assert 5 == table.num_rows
        assert "To report, use the invented 99994" in table.column("instruction").to_pylist()


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_conformance(name):
    """The loader keeps what every loader must keep, proved on the packaged sample."""
    check(name, CptLoader(), SAMPLES)


@pytest.mark.live
@pytest.mark.skipif("TERMINOLOGY_RELEASES" not in os.environ, reason="TERMINOLOGY_RELEASES names no folder of files")
def test_no_file_of_another_system_is_claimed():
    """Real release files of every other code system are strangers, although some of them name CPT."""
    files = [
        file for file in readable_files(Path(os.environ["TERMINOLOGY_RELEASES"])) if isinstance(file, ReadableFile)
    ]
    assert len(files) > 100
    assert [] == [file.path for file in files if CptLoader().read(file) is not None]
