"""The samples and the real files of HCPCS."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from terminology.drafts import Part
from terminology.reading import ReadableFile, readable_files
from terminology_loaders.hcpcs import HcpcsLoader

from .hcpcs_records import (
    faults,
    read,
)

day = datetime.date


SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/hcpcs"


class TestSamples:
    """The sample releases in the package."""

    def test_the_samples_tell_the_story_of_a_code(self):
        """The two samples hold a code that was terminated, and the one that follows it."""
        loader = HcpcsLoader()
        files = [file for file in readable_files(SAMPLES) if isinstance(file, ReadableFile)]
        parts = [read(file) for file in files]
        older, newer = loader.assemble(parts).drafts
        assert ("2018-01", "2019-01", (), ()) == (older.version, newer.version, older.warnings, newer.warnings)
        states = [
            {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()} for draft in (older, newer)
        ]
        assert [None, day(2019, 1, 1)] == [state["C9014"]["effective_to"] for state in states]
        assert ["J0567"] == states[1]["C9014"]["cross_references"]
        assert [False, True] == ["J0567" in state for state in states]
        assert [None, day(2018, 4, 1)] == [state["ZA"]["effective_to"] for state in states]


COUNTS = {
    "2018-01": (6205, 354),
    "2019-01": (6440, 360),
    "2020-01": (6710, 369),
    "2020-04": (6728, 369),
    "2020-07": (6789, 369),
    "2020-10": (6825, 371),
    "2025-01": (8259, 383),
}


@pytest.fixture(scope="module")
def real_files() -> list[ReadableFile]:
    """The real HCPCS files, or a skip where no folder is given."""
    folder = os.environ.get("TERMINOLOGY_RELEASES")
    if not folder:
        pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
    return [file for file in readable_files(Path(folder) / "hcpcs") if isinstance(file, ReadableFile)]


@pytest.fixture(scope="module")
def real_parts(real_files) -> list[Part]:
    """The parts that the real files make."""
    found = [HcpcsLoader().read(file) for file in real_files]
    return [part for part in found if isinstance(part, Part)]


@pytest.fixture(scope="module")
def real_drafts(real_parts) -> dict:
    """The real releases by version."""
    return {draft.version: draft for draft in HcpcsLoader().assemble(real_parts).drafts}


@pytest.mark.live
class TestRealFiles:
    """The publisher's own files."""

    def test_every_file_is_known(self, real_files):
        """Each file of the publications is a part, or skipped with a reason."""
        assert [] == [file.label for file in real_files if HcpcsLoader().read(file) is None]

    def test_versions_and_counts(self, real_drafts):
        """Releases have the versions and the counts of codes and modifiers that were published."""
        found = {
            version: (draft.parts[0].facts["codes"], draft.parts[0].facts["modifiers"])
            for version, draft in real_drafts.items()
        }
        assert COUNTS == found

    def test_days_are_sure(self, real_drafts):
        """No release is dated by default."""
        assert {()} == {draft.warnings for draft in real_drafts.values()}

    def test_gaps(self, real_parts):
        """The sixteen quarters from 2021 to 2024 are missing, and nothing else."""
        (gap,) = HcpcsLoader().assemble(real_parts).gaps
        assert "2021-01 to 2024-10 are not loaded (16 quarterly releases)" == gap.reason

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ("2018-01", []),
            ("2019-01", ["types_of_service in 2 codes", "action_effective in 115 codes"]),
            ("2020-01", []),
            ("2025-01", ["title in 1 code", "types_of_service in 2 codes", "action_effective in 116 codes"]),
        ],
    )
    def test_text_against_sheet(self, real_drafts, version, expected):
        """Text and sheet of a release are equal but for what the workbooks lost."""
        draft = real_drafts[version]
        assert ["text", "sheet"] == [part.kind for part in draft.parts]
        told = [warning.split(": another ")[1].split(" (")[0] for warning in draft.build().warnings]
        assert expected == told

    def test_lives_of_codes(self, real_drafts):
        """Days, successors and modifiers of well-known codes are as published."""
        states = {
            version: {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()}
            for version, draft in real_drafts.items()
            if version in {"2018-01", "2019-01"}
        }
        before, after = states["2018-01"], states["2019-01"]
        assert (None, day(2019, 1, 1)) == (before["C9014"]["effective_to"], after["C9014"]["effective_to"])
        assert (["J0567"], "D") == (after["C9014"]["cross_references"], after["C9014"]["action"])
        assert (day(2017, 7, 1), day(2018, 1, 1)) == tuple(
            before["Q9989"][name] for name in ("effective_from", "effective_to")
        )
        assert ["99483"] == before["G0505"]["cross_references"]
        assert (day(2019, 1, 1), None) == (after["J9310"]["effective_to"], after["J9310"]["cross_references"])
        assert day(2018, 4, 1) == after["ZA"]["effective_to"]
        assert "  " not in before["K3"]["title"]

    @pytest.mark.usefixtures("real_files")
    def test_a_cut_workbook_is_refused(self):
        """A workbook that someone saved again with four columns is refused, the missing ones named."""
        folder = Path(os.environ["TERMINOLOGY_RELEASES"]) / "oddities"
        (path,) = folder.glob("*4-columns.xlsx")
        (file,) = readable_files(path)
        assert isinstance(file, ReadableFile)
        (fault,) = faults(file)
        assert (1, None) == fault[:2]
        assert 44 == fault[2].count(",")

    def test_no_other_system_is_claimed(self):
        """Files of other systems are neither read nor skipped as HCPCS."""
        folder = os.environ.get("TERMINOLOGY_RELEASES")
        if not folder:
            pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
        others = [path for path in sorted(Path(folder).iterdir()) if path.name not in {"hcpcs", "oddities"}]
        claimed = [
            file.label
            for other in others
            for file in readable_files(other)
            if isinstance(file, ReadableFile) and HcpcsLoader().read(file) is not None
        ]
        assert [] == claimed
