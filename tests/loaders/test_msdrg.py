"""Appendices of the MS-DRG manual: their lines, their faults, and which version they are of."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import terminology
from terminology import LoadReport, NoVersionError, UnknownCodeError
from terminology.ingest import withdraw
from terminology.query.complications import ComplicationEdition
from terminology.samples import sample_folder

SAMPLES = sample_folder("msdrg") or Path()
NAMES = ("A", "B", "C", "F_J")
EARLIER = (
    (b"Version 39.0", b"Version 38.1"),
    (b"019     P  SIMULTANEOUS PANCREAS AND KIDNEY TRANSPLANT WITH HEMODIALYSIS\r\n", b""),
    (b"         Pre 019         \r\n", b""),
    (b"0001:3 codes", b"0001:2 codes"),
    (b"  U071    COVID-19\r\n\r\nPDX", b"\r\nPDX"),
    (b"HAC 05: FALLS AND TRAUMA", b"HAC 05: FALLS"),
)
"""What makes appendices of version 38.1 of those of version 39."""


def folder_of(place: Path, *names: str, earlier: bool = False) -> Path:
    """Return a folder with copies of some appendices, or with such of an earlier version."""
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        data = (SAMPLES / f"appendix_{name}.txt").read_bytes()
        for now, before in EARLIER if earlier else ():
            data = data.replace(now, before)
        (place / f"{name}.txt").write_bytes(data)
    return place


def changed(place: Path, name: str, change: Callable[[str], str]) -> LoadReport:
    """Load all appendices after a change of one."""
    folder = folder_of(place / "in", *NAMES)
    path = folder / f"{name}.txt"
    with path.open(encoding="utf-8", newline="") as handle:
        before = handle.read()
    after = change(before)
    assert after != before
    path.write_bytes(after.encode())
    return terminology.load(folder, store=place / "store")


def versions(report: LoadReport) -> set[tuple[str, str]]:
    """Return grouping and version of what was loaded."""
    return {(item.release.system, item.release.version) for item in report.loaded}


ALL = {(grouping, "v39") for grouping in ("mdc", "cc_level", "cc_exclusion", "hac")}


class TestVersions:
    """Which version an appendix is of."""

    def test_of_one_folder(self, tmp_path: Path) -> None:
        """Appendices beside a list that they fit are of its version, whatever the folder is called."""
        folder = folder_of(tmp_path / "v12", *NAMES)
        assert versions(terminology.load(folder, store=tmp_path / "store")) == ALL

    @pytest.mark.parametrize("order", [NAMES, NAMES[::-1], ("B", "A", "F_J", "C")])
    def test_one_by_one(self, tmp_path: Path, order: tuple[str, ...]) -> None:
        """The order in which the files of a folder arrive does not matter."""
        folder = folder_of(tmp_path / "in", *NAMES)
        for name in order:
            assert terminology.load(folder / f"{name}.txt", store=tmp_path / "store").ok
        store = terminology.open(tmp_path / "store")
        assert {(name, store.grouping(name).latest.version) for name in store.groupings} == ALL

    def test_other_folder(self, tmp_path: Path) -> None:
        """An appendix in another folder than the list waits, and says what to do."""
        report = terminology.load(
            folder_of(tmp_path / "a", "A"), folder_of(tmp_path / "b", "B", "C"), store=tmp_path / "store"
        )
        assert not report.loaded
        assert not report.errors
        assert any("give --version" in skip.reason for skip in report.skipped)

    def test_in_an_archive(self, tmp_path: Path) -> None:
        """Files of one archive go together; two folders in it are two places."""
        for version in ("one", "two"):
            folder_of(tmp_path / "zip" / version, *NAMES, earlier=version == "two")
        shutil.make_archive(str(tmp_path / "manuals"), "zip", tmp_path / "zip")
        found = versions(terminology.load(tmp_path / "manuals.zip", store=tmp_path / "store"))
        assert found == ALL | {(grouping, "v38.1") for grouping, _ in ALL}

    def test_index_of_another_version(self, tmp_path: Path) -> None:
        """An index that names an MS-DRG which the list has not is rejected, and so are its neighbours."""
        folder = folder_of(tmp_path / "in", "A", earlier=True)
        report = terminology.load(folder_of(folder, "B", "C"), store=tmp_path / "store")
        assert not report.loaded
        assert any("v38.1 has no MS-DRG 019" in error.message for error in report.errors)

    def test_levels_of_another_version(self, tmp_path: Path) -> None:
        """Appendix C whose levels are not those of the lists G and H beside it is rejected."""
        report = changed(tmp_path, "C", lambda text: text.replace(" J129    MCC", " J129    CC "))
        assert ("cc_level", "v39") not in versions(report)
        assert any("lists of CC and MCC are not those of F_J.txt" in error.message for error in report.errors)

    def test_titles_of_another_version(self, tmp_path: Path) -> None:
        """Appendix F that has another title for an MS-DRG than the list is rejected with what lies beside it."""
        report = changed(tmp_path, "F_J", lambda text: text.replace("O.R. PROCEDURES UNREL", "O.R. PROCEDURE UNREL"))
        assert not report.loaded
        assert any("MS-DRG 981 has another title in v39" in error.message for error in report.errors)

    def test_two_lists_in_a_folder(self, tmp_path: Path) -> None:
        """Where several versions lie in a folder an appendix that fits both is not guessed."""
        folder = folder_of(tmp_path / "in", *NAMES)
        shutil.move(folder_of(tmp_path / "other", "A", earlier=True) / "A.txt", folder / "other.txt")
        found = versions(terminology.load(folder, store=tmp_path / "store"))
        assert ("mdc", "v39") in found
        assert not {version for _, version in found} - {"v39"}

    def test_the_operators_version(self, tmp_path: Path) -> None:
        """The operator's version is taken, from its first day; a list that calls itself otherwise is rejected."""
        alone = folder_of(tmp_path / "in", "C")
        report = terminology.load(alone, store=tmp_path / "store", version="41.1")
        [*_, item] = report.loaded
        assert (item.release.version, str(item.release.effective)) == ("v41.1", "2024-04-01")
        assert any("presumed to be in force from 2024-04-01" in text for text in item.release.warnings)
        listed = terminology.load(folder_of(tmp_path / "list", *NAMES), store=tmp_path / "other", version="38")
        assert any("calls itself version 39.0, and was given as v38" in error.message for error in listed.errors)


class TestFaults:
    """Lines that cannot be read."""

    @pytest.mark.parametrize(
        ("name", "old", "new", "message"),
        [
            ("A", "089 01  M  CONCUSSION WITH MCC", "089 01", "expected a DRG, its MDC"),
            ("A", "090 01", "089 01", "DRG 089 is on line"),
            ("B", "04  193-195     Viral", "04", "expected a code, an MDC and MS-DRGs"),
            ("B", " J129 ", " J1.29", "expected a code, an MDC and MS-DRGs"),
            ("B", "04  193-195     Viral", "99  193-195     Viral", "expected an MDC from 01 to 25"),
            ("C", "MCC 0001:3 codes     Viral", "MAJ 0001:3 codes     Viral", "expected a code, CC or MCC"),
            ("C", "0001:3 codes     Viral", "0001:4 codes     Viral", "collection 0001 has"),
            ("C", "PDX collection 0002", "PDX collection 0003", "collection 0002 is not in the file"),
            ("C", "  U071    COVID-19", "  J129    COVID-19", "J12.9 is in collection 0001 already"),
            ("C", "  I469  Cardiac", "  I468  Cardiac", "is no CC or MCC"),
            ("F_J", "HAC 11: SURG", "HAC 05: SURG", "HAC 05 is stated twice"),
            (
                "F_J",
                "  E119      Type 2 diabetes mellitus without complications",
                "  E119",
                "expected a code and its title",
            ),
        ],
    )
    def test_a_line(self, tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
        """A line that is cut short, repeated, or contradicts another is an error with its place."""
        report = changed(tmp_path, name, lambda text: text.replace(old, new))
        assert any(message in error.message and error.line for error in report.errors), report.errors

    def test_a_cut_file(self, tmp_path: Path) -> None:
        """Appendix C that ends too early is rejected: collections that its codes name are not there."""
        report = changed(tmp_path, "C", lambda text: text[: text.index("PDX collection 0002")])
        assert any("ends too early" in error.message for error in report.errors)


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> ComplicationEdition:
    """The levels of the samples."""
    folder = tmp_path_factory.mktemp("answers")
    terminology.load(SAMPLES, store=folder)
    edition = terminology.open(folder).grouping("cc_level").latest
    assert isinstance(edition, ComplicationEdition)
    return edition


class TestAnswers:
    """What the groupings of the manual answer."""

    @pytest.mark.parametrize(
        ("code", "asked", "level"),
        [
            ("J189", {}, "mcc"),
            ("A00.0", {}, "cc"),
            ("E11.9", {}, "none"),
            ("J18.9", {"principal": "u071"}, "none"),
            ("J18.9", {"principal": "E11.9"}, "mcc"),
            ("I46.9", {"principal": "J18.9"}, "mcc"),
            ("I46.9", {"alive": False}, "none"),
            ("I46.9", {"alive": True}, "mcc"),
        ],
    )
    def test_level(self, levels: ComplicationEdition, code: str, asked: dict[str, object], level: str) -> None:
        """A secondary diagnosis has its level, unless the principal one excludes it or the patient died."""
        assert levels.level(code, **asked) == level  # type: ignore[arg-type]

    def test_what_excludes(self, levels: ComplicationEdition) -> None:
        """What excludes a code is a set of principal diagnoses; empty of one that nothing excludes, or that is no CC."""
        assert levels.excluded_by("J12.9") == {"J12.9", "J18.9", "U07.1"}
        assert levels.excluded_by("I46.9") == levels.excluded_by("E11.9") == frozenset()

    def test_no_diagnosis(self, levels: ComplicationEdition) -> None:
        """A text that is no diagnosis is an error, as code and as principal."""
        for asked in (("?",), ("J18.9", "?")):
            with pytest.raises(UnknownCodeError, match="cannot be a code of ICD-10-CM"):
                levels.level(asked[0], principal=asked[-1])

    def test_exclusions_that_are_not_loaded(self, tmp_path: Path) -> None:
        """Without the collections a level is known, and what excludes it is an error."""
        terminology.load(SAMPLES, store=tmp_path)
        withdraw("cc_exclusion", "v39", store=tmp_path)
        edition = terminology.open(tmp_path).grouping("cc_level").latest
        assert isinstance(edition, ComplicationEdition)
        assert edition.level("J18.9") == "mcc"
        with pytest.raises(NoVersionError, match="load its appendix C"):
            edition.excluded_by("J18.9")


def test_versions_of_a_year_are_apart(tmp_path: Path) -> None:
    """Version 38 is named by its number where 38.1 is loaded too: an update is no correction."""
    for name, label in (("first", "38.0"), ("second", "38.1")):
        folder = folder_of(tmp_path / name, *NAMES, earlier=True)
        for path in folder.iterdir():
            text = path.read_bytes().replace(b"Version 38.1", f"Version {label}".encode())
            path.write_bytes(text.rstrip() + (b"\r\n" if name == "first" else b"\r\n\r\n"))
        terminology.load(folder, store=tmp_path / "store")
    grouping = terminology.open(tmp_path / "store").grouping("mdc")
    assert [grouping.version(one).version for one in ("v38", "v38.1", "latest")] == ["v38", "v38.1", "v38.1"]
