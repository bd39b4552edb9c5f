"""The clinic's loader: the public conformance kit, and what is its own."""

from pathlib import Path

import pytest
from clinic_codes import ClinicLoader

import terminology
from terminology.reading import ReadableFile
from terminology.testing import CHECKS, check

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", CHECKS)
def test_conformance(name):
    """The loader keeps what every loader must keep."""
    check(name, ClinicLoader(), SAMPLES)


def test_codes_by_date(tmp_path):
    """A code that the next year's list leaves out expires with its year."""
    report = terminology.load(SAMPLES, store=tmp_path, loaders={"clinic": ClinicLoader()})
    assert not report.errors
    clinic = terminology.open(tmp_path)["https://clinic.example/codes"]
    assert [str(clinic.on(day).status("home-2")) for day in ("2024-06-01", "2025-06-01")] == ["billable", "expired"]
    assert clinic.latest["LAB-2"].properties == {"minutes": 5}
    assert clinic.latest.ancestors("LAB-2") == ("LAB",)


def test_all_faults_are_named():
    """Every faulty line is named with its column."""
    data = b"#clinic codes 2024\nhome\tHome\nLAB-1\tCount\tten\nLAB\t\nLAB\tAgain\n"
    with pytest.raises(terminology.ReleaseFaults) as caught:
        ClinicLoader().read(ReadableFile("clinic.txt", lambda: data))
    assert [(fault.line, fault.column) for fault in caught.value.exceptions] == [
        (2, 1),
        (3, 13),
        (3, 1),
        (4, 4),
        (5, 1),
    ]


def test_two_lists_of_one_year(tmp_path):
    """Another list of a year that is there already is refused."""
    (tmp_path / "a.txt").write_text("#clinic codes 2024\nHOME\tHome\n")
    (tmp_path / "b.txt").write_text("#clinic codes 2024\nHOME\tHouse\n")
    report = terminology.load(tmp_path, store=tmp_path / "store", loaders={"clinic": ClinicLoader()}, dry_run=True)
    assert [error.file for error in report.errors] == ["b.txt"]
