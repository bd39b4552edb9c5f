"""Days inside a year on which codes of CPT begin and end, of every category, with and without lists of PLA codes."""

from __future__ import annotations

import datetime
import itertools

import pytest

import terminology
from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    assembled,
    history_file,
    laboratory_file,
    long_file,
    modifier_file,
    notice,
    tab_lines,
    table_file,
    text_file,
)

day = datetime.date
KEPT = {"99990": "Invented one", "9990F": "Invented measure", "9990U": "Invented analysis"}
ENDING = {"99991": "Invented two", "9991T": "Invented technique that ends", "9990A": "Invented administration"}
NEW = {"9992T": "Invented technique", "99992": "Invented three", "9991A": "Invented other administration"}
EVENTS = (
    *(("20250701", "ADDED", code) for code in NEW),
    *(("20250701", "DELETED", code) for code in ENDING),
)
LISTS = [
    laboratory_file(("9990U", "2024-01-01", "EXISTING"), (new, first, "NEW"), name=f"CPTPLA_{first[:7]}.xml")
    for new, first in (("9991U", "2025-04-01"), ("9992U", "2025-07-01"), ("9993U", "2025-10-01"))
]


def annual_files():
    """Return the releases of 2025 and 2026, and the history that came with the later one."""
    return [
        long_file({**KEPT, **ENDING}, 2025, name="LONGULT_2025.txt"),
        long_file({**KEPT, **NEW}, 2026, name="LONGULT_2026.txt"),
        history_file(*EVENTS, ("20260101", "REVISED", "99990")),
    ]


def loaded(files, folder):
    """Return the code system of a store with the files."""
    (folder / "in").mkdir()
    for file in files:
        (folder / "in" / file.name).write_bytes(file.data)
    report = terminology.load(folder / "in", store=folder / "store", loaders={"cpt": CptLoader()})
    assert () == report.errors
    return terminology.open(folder / "store")["cpt"]


@pytest.mark.parametrize("lists", [list(chosen) for n in range(4) for chosen in itertools.combinations(LISTS, n)])
def test_changes_of_july(lists, tmp_path):
    """Codes of any category begin and end on the day of the history, whichever lists of PLA codes are loaded."""
    cpt = loaded([*annual_files(), *lists], tmp_path)
    for date, new, ending in (
        ("2025-06-30", "future", "billable"),
        ("2025-07-01", "billable", "expired"),
        ("2025-10-01", "billable", "expired"),
        ("2026-01-01", "billable", "expired"),
    ):
        assert {new} == {str(cpt.on(date).status(code)) for code in NEW}, date
        assert {ending} == {str(cpt.on(date).status(code)) for code in ENDING}, date
    for code, title in {**NEW, **ENDING}.items():
        (period,) = cpt.history(code).periods
        assert title == period.title
    assert day(2025, 7, 1) == cpt.history("9992T").periods[0].effective_from
    assert day(2025, 7, 1) == cpt.history("9991T").periods[0].effective_to
    assert ("9992T" in cpt.on("2025-08-01").children("category iii"), "9992T" in cpt.on("2025-06-01")) == (True, False)


def test_a_code_cites_where_its_beginning_is_said(tmp_path):
    """A code that an update takes from the history cites that file and line, and has the texts of the next release."""
    cpt = loaded([*annual_files(), *LISTS], tmp_path)
    found = cpt.release("2025-10")["9992T"]
    assert ("History_DTK_tab.txt", 2, "Invented technique") == (found.source.file, found.source.line, found.title)
    assert not any(release.derived for release in cpt.releases)
    assert ["2025", "2025-04", "2025-07", "2025-10", "2026"] == [release.version for release in cpt.releases]


def test_a_history_without_its_release(tmp_path):
    """A history whose own descriptor files are missing makes derived updates of the year before."""
    first, _, history = annual_files()
    cpt = loaded([first, history], tmp_path)
    assert [("2025", False), ("2025-07", True)] == [(one.version, one.derived) for one in cpt.releases]
    assert ("codes of release 2025, changed as History_DTK_tab.txt says: 3 begin, 3 end",) == cpt.releases[1].warnings
    edition = cpt.on("2025-07-01")
    assert ("billable", "expired") == (edition.status("9992T"), edition.status("9991T"))
    assert "(no loaded file has its descriptor)" == edition["9992T"].title


def test_a_life_between_two_releases(tmp_path):
    """A code that begins and ends between two releases is in force in between."""
    files = [
        long_file(KEPT, 2025, name="LONGULT_2025.txt"),
        long_file(KEPT, 2026, name="LONGULT_2026.txt"),
        history_file(("20250401", "ADDED", "9994T"), ("20251001", "DELETED", "9994T"), ("20260101", "ADDED", "99995")),
    ]
    cpt = loaded(files, tmp_path)
    found = [str(cpt.on(f"2025-{month}-01").status("9994T")) for month in ("03", "04", "09", "10")]
    assert ["future", "billable", "billable", "expired"] == found


def test_a_change_that_the_next_release_contradicts(tmp_path):
    """What the history says between two releases does not count against both of them."""
    files = [
        long_file(KEPT, 2025, name="LONGULT_2025.txt"),
        long_file(KEPT, 2026, name="LONGULT_2026.txt"),
        history_file(
            ("20250701", "DELETED", "99990"), ("20250701", "ADDED", "9994T"), ("20260101", "REVISED", "99990")
        ),
    ]
    cpt = loaded(files, tmp_path)
    edition = cpt.on("2025-08-01")
    assert ("billable", "unknown") == (edition.status("99990"), edition.status("9994T"))
    assert any("1 code (99990) deleted by the history, in the release" in text for text in cpt.releases[1].warnings)


def test_a_modifier_inside_the_year(tmp_path):
    """A modifier begins on its own day, also while lists of PLA codes make updates."""
    header = ("Date", "Change Type", "Concept Id", "Modifier Code", "Prior Value", "CurrentValue")
    row = ("20250701", "ADDED", "1", "97", "", "Invented modifier")
    more = modifier_file().data.decode().replace("Anesthesia", "97 Invented modifier\n\nAnesthesia", 1)
    files = [
        *annual_files(),
        modifier_file(name="MODUL_2025.txt"),
        text_file("MODUL_2026.txt", more.replace("2025", "2026").replace("2024", "2025")),
        table_file("HistoryModifiers_DTK_tab_2026.txt", header, row),
        *LISTS,
    ]
    cpt = loaded(files, tmp_path)
    statuses = [str(cpt.on(date).status("97")) for date in ("2025-06-30", "2025-07-01", "2025-10-01", "2026-01-01")]
    assert ["future", "billable", "billable", "billable"] == statuses


@pytest.mark.parametrize(
    ("listed", "lost"), [(("9990T", "9992T", "9994T"), {"9991T"}), (("9994T",), set()), (("9990T", "9994T"), set())]
)
def test_a_list_of_one_category(listed, lost):
    """A list that repeats half of the category's codes is complete; one that repeats fewer adds codes."""
    base = {code: f"Invented technique {code}" for code in ("9990T", "9991T", "9992T", "9993T")[: 3 + (len(lost) == 0)]}
    third = text_file("January 2025.txt", notice() + tab_lines(dict.fromkeys(listed, "Invented technique")))
    first, second = assembled(long_file({"99990": "Invented", **base}), third).drafts
    before, after = (set(d.build().tables["concepts"].column("code").to_pylist()) for d in (first, second))
    assert (lost, {"9994T"}) == (before - after, after - before)
    assert any("taken as complete" in text for text in second.warnings) is bool(lost)


def test_one_deletion_in_two_files(tmp_path):
    """History and list of deleted codes side by side: the same deletion is one, another day is told, the history counts."""
    header = ("Concept Id", "Code", "Date Deleted", "Level", "Descriptor", "Instruction")
    rows = [("1", "9991T", "20250630", "", "Invented", ""), ("1", "99991", "20251001", "", "Invented", "")]
    rows.append(("1", "99997", "20260101", "", "Invented", ""))
    cpt = loaded([*annual_files(), table_file("Deleted_DTK_tab.txt", header, *rows)], tmp_path)
    other = "1 code (99991: 2025-10-01, there 2025-07-01) deleted on another day than History_DTK_tab.txt says"
    assert (
        f"Deleted_DTK_tab.txt: {other}",
        "Deleted_DTK_tab.txt: 1 code (99997) deleted, and not by History_DTK_tab.txt",
        "Deleted_DTK_tab.txt: 1 code (9990A) deleted by History_DTK_tab.txt, and not in the list",
    ) == tuple(text for text in cpt.release("2026").release.warnings if text.startswith("Deleted"))
    assert day(2025, 7, 1) == cpt.history("99991").periods[0].effective_to


def test_two_histories_of_one_year(tmp_path):
    """A history that goes on after the one that came with the year's files is taken in too."""
    first = long_file({**KEPT, **ENDING}, 2025, name="LONGULT_2025.txt")
    own = table_file("History_DTK_tab_2025.txt", ("Date", "Change Type", "CPT Code"), ("20250101", "ADDED", "99990"))
    cpt = loaded([first, own, history_file(*EVENTS)], tmp_path)
    assert "expired" == cpt.on("2025-07-01").status("9991T")


class TestYearOfAHistory:
    """To which release a loose history belongs."""

    HEADER = ("Date", "Change Type", "CPT Code")

    def of(self, name, *rows):
        """Return which release cites the file, or why none does."""
        releases = [long_file(KEPT, year, name=f"LONGULT_{year}.txt") for year in (2025, 2026)]
        found = assembled(*releases, table_file(name, self.HEADER, *rows))
        cited = [draft.version for draft in found.drafts if name in [part.origin.label for part in draft.parts]]
        return cited or [reason for _, reason in found.unused]

    def test_by_its_name(self):
        """A year in the name counts."""
        assert ["2025"] == self.of("History_DTK_tab_2025.txt", ("20260101", "ADDED", "99990"))

    @pytest.mark.parametrize("row", [("20260101", "ADDED", "99990"), ("20251231", "DELETED", "99991")])
    def test_by_its_newest_change(self, row):
        """Else the newest change does; a last day of use at the end of a year is a change of the next one."""
        assert ["2026"] == self.of("History_DTK_tab.txt", row)

    def test_by_nothing(self):
        """Where no change has a day that is known, the message says what is missing."""
        assert ["no change in it has a day that is known, and no name states its year: give --version"] == self.of(
            "History_DTK_tab.txt", ("Pre-1990", "ADDED", "99990")
        )
