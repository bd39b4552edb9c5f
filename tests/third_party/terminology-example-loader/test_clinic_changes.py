"""The clinic's crosswalk reader: the public conformance kit, and what is its own."""

from pathlib import Path

import pytest
from clinic_changes import ClinicChangesReader
from clinic_codes import ClinicLoader

import terminology
from terminology.reading import ReadableFile
from terminology.testing import CROSSWALK_CHECKS, check_crosswalk

MAPS = Path(__file__).parent / "maps"
SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", CROSSWALK_CHECKS)
def test_conformance(name):
    """The reader keeps what every reader must keep."""
    check_crosswalk(name, ClinicChangesReader(), MAPS)


def test_codes_across_years(tmp_path):
    """A code that ended is followed to the one used instead, a new one back to the one used before."""
    readers = {"loaders": {"clinic": ClinicLoader()}, "crosswalks": {"clinic_changes": ClinicChangesReader()}}
    report = terminology.load(SAMPLES, MAPS, store=tmp_path, **readers)
    assert not report.errors
    clinic = terminology.open(tmp_path)["clinic"]
    (alternative,) = clinic.migrate("HOME-2", "2024", "2025").alternatives
    assert (alternative.codes, alternative.source.file) == (("HOME-1",), "clinic-changes-2025.txt")
    assert clinic.history("LAB-2").predecessors == ("LAB-1",)


def test_all_faults_are_named():
    """Every faulty line is named with its column."""
    data = b"#clinic changes 2025\n*HOME-1\tHOME-2\n-LAB-1\n+LAB-2\tlab-1\n"
    with pytest.raises(terminology.ReleaseFaults) as caught:
        ClinicChangesReader().read(ReadableFile("changes.txt", lambda: data))
    assert [(fault.line, fault.column) for fault in caught.value.exceptions] == [(2, 1), (3, 7), (4, 8)]


def test_two_lists_of_one_year(tmp_path):
    """Another list of a year that is there already is refused."""
    (tmp_path / "a.txt").write_text("#clinic changes 2025\n-HOME-2\tHOME-1\n")
    (tmp_path / "b.txt").write_text("#clinic changes 2025\n-HOME-2\t\n")
    readers = {"loaders": {}, "crosswalks": {"clinic_changes": ClinicChangesReader()}}
    report = terminology.load(tmp_path, store=tmp_path / "store", dry_run=True, **readers)
    assert [error.file for error in report.errors] == ["b.txt"]
