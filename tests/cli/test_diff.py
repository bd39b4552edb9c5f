"""diff: what changed between two releases, as text, JSON, CSV and a page."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ..release_files import BACK_PAIN, order_file, tabular, written
from .conftest import Ask

LISTS = ("added", "deleted", "to_header", "to_billable", "revised", "moved", "changed")


def test_json_has_the_lists_of_the_contract(ask: Ask) -> None:
    """Each list of the contract holds its codes, with what was before."""
    found = ask("diff icd10cm 2021 2022 --json")
    assert (found.code, found.err) == (0, "")
    assert {name: [row["code"] for row in found.json[name]] for name in LISTS} == {
        "added": ["F32.A", "M54.50", "M54.51", "M54.59"],
        "deleted": [],
        "to_header": ["M54.5"],
        "to_billable": [],
        "revised": ["F32", "G71.20"],
        "moved": [],
        "changed": [],
    }
    assert found.json["revised"][0]["title_before"] == "Major depressive disorder, single episode"
    assert found.json["notes_known"] is False


def test_one_name_for_two_files(ask: Ask, tmp_path: Path) -> None:
    """A file that is asked for as CSV and as HTML would hold only one of them: nothing is written."""
    path = tmp_path / "changes"
    found = ask("diff icd10cm 2021 2022", "--csv", path, "--html", path)
    assert (2, False) == (found.code, path.exists())
    assert "changes is named for two files" in found.err


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            "icd10cm 2021 2022",
            "Notes are not compared: release 2021 came without them. Load its tabular list (XML) to compare them.",
        ),
        (
            "icd10cm 2021 2022-04",
            (
                "Notes are not compared: releases 2021 and 2022-04 came without them. "
                "Load their tabular list (XML) to compare them."
            ),
        ),
        (
            "icd10pcs 2022 2022-04",
            "Notes are not compared: release 2022 came without them. Load its tables (XML) to compare them.",
        ),
        (
            "icd10 2016 2019",
            "Notes are not compared: release 2016 came without them. Load its ClaML file to compare them.",
        ),
        ("cpt 2024 2025", None),
        ("hcpcs 2018-01 2019-01", None),
        ("icd10cm 2021 2021", None),
    ],
)
def test_why_notes_are_not_compared(ask: Ask, asked: str, expected: str | None) -> None:
    """The releases without notes are named with the file that brings them; systems without notes have no such line."""
    found = [line for line in ask(f"diff {asked}").out.splitlines() if "otes" in line and "compared" in line]
    assert found == ([] if expected is None else [expected])


def test_text(ask: Ask) -> None:
    """The text has the counts, the chapters, and each list with what was before."""
    assert ask("diff icd10cm 2022 2022-04").out == (
        "ICD-10-CM from 2022 to 2022-04 (effective 2021-10-01 and 2022-04-01)\n"
        "4 added, 1 now header\n"
        "Notes are not compared: release 2022-04 came without them. Load its tabular list (XML) to compare them.\n"
        "\n"
        "chapter  added  now header  title\n"
        "21           4           1  Factors influencing health status and contact with health services (Z00-Z99)\n"
        "\n"
        "added (4)\n"
        "Z28.31   header    Underimmunization for COVID-19 status\n"
        "Z28.310  billable  Unvaccinated for COVID-19\n"
        "Z28.311  billable  Partially vaccinated for COVID-19\n"
        "Z28.39   billable  Other underimmunization status\n"
        "\n"
        "now header (1)\n"
        "Z28.3  header    Underimmunization status\n"
    )


def test_a_new_title_stands_above_the_old(ask: Ask) -> None:
    """A code with another title is shown with both."""
    lines = ask("diff icd10cm 2021 2022").out.splitlines()
    place = lines.index("F32     header    Depressive episode")
    assert lines[place + 1] == "        was: Major depressive disorder, single episode"


def test_no_difference_is_an_answer(ask: Ask) -> None:
    """Of two equal releases it says that nothing changed, with exit code 0."""
    found = ask("diff icd10cm 2022 2021-10-01")
    assert (found.code, found.out.splitlines()[1:]) == (0, ["Nothing changed that can be compared."])


def test_long_lists_are_cut_and_say_so(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long list ends in the number of the lines left out; --all leaves none out."""
    monkeypatch.setattr("terminology.cli.diff.SHOWN", 2)
    short, whole = ask("diff icd10cm 2021 2022").out, ask("diff icd10cm 2021 2022 --all").out
    assert "… 2 more: --all shows them" in short
    assert "M54.59" not in short
    assert "more:" not in whole
    assert "M54.59" in whole


def test_csv(ask: Ask, tmp_path: Path) -> None:
    """The CSV has a line for each code, first the name of its list."""
    file = tmp_path / "changes.csv"
    found = ask("diff icd10cm 2021 2022 --csv", file)
    assert (found.code, found.out.splitlines()[-1]) == (0, f"written: {file}")
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    expected = [("added", "F32.A"), ("added", "M54.50"), ("added", "M54.51"), ("added", "M54.59")]
    expected += [("to_header", "M54.5"), ("revised", "F32"), ("revised", "G71.20")]
    assert expected == [(row["difference"], row["code"]) for row in rows]
    assert rows[4]["billable_before"] == "true"


def test_html(ask: Ask, tmp_path: Path) -> None:
    """The page is written beside the CSV, and JSON may be asked for at once."""
    page, table = tmp_path / "page.html", tmp_path / "table.csv"
    found = ask("diff icd10cm 2021 2022 --json --html", page, "--csv", table)
    assert found.json["counts"]["added"] == 4
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(tmp_path.iterdir()) == [page, table]


def test_licensed_texts_stay_in_the_process(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV and page of a licensed system have no titles, until the licence is declared."""
    files = tmp_path / "cpt.csv", tmp_path / "cpt.html"
    word = "Invented service"
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    assert ask("diff cpt 2024 2025 --csv", files[0], "--html", files[1]).code == 0
    assert [word in file.read_text(encoding="utf-8") for file in files] == [False, False]
    assert "no licence for the texts" in files[1].read_text(encoding="utf-8")
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    ask("diff cpt 2024 2025 --csv", files[0], "--html", files[1])
    assert [word in file.read_text(encoding="utf-8") for file in files] == [True, True]


@pytest.mark.parametrize(
    ("line", "error"),
    [("diff icd10cm 2021 1999", "UnknownReleaseError"), ("diff icd11 2021 2022", "UnknownSystemError")],
)
def test_strangers_are_refused(ask: Ask, line: str, error: str) -> None:
    """A release or system that is not loaded is wrong usage."""
    found = ask(f"{line} --json")
    assert (found.code, found.error["type"]) == (2, error)


def test_links_are_written_to(ask: Ask, tmp_path: Path) -> None:
    """A link (as /dev/stdout is one) stays what it is: the file goes where it leads."""
    aim, link = tmp_path / "aim.csv", tmp_path / "link.csv"
    aim.write_text("", encoding="utf-8")
    link.symlink_to(aim)
    assert 0 == ask("diff icd10cm 2021 2022 --csv", link).code
    assert link.is_symlink()
    assert aim.read_text(encoding="utf-8").startswith("difference,")


def test_withheld_titles_are_said_once(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where titles are missing for want of a licence, one line on standard error says how to declare it."""
    note = "note: texts of CPT are withheld: declare your licence with TERMINOLOGY_LICENCES=cpt\n"
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    for line in ("diff cpt 2024 2025", "children cpt 99990"):
        assert ask(line).err in (note, f"{note}error: ")
    assert ask("diff cpt 2024 2025 --json").err == ""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    assert ask("diff cpt 2024 2025").err == ""


def test_borrowed_chapters_are_said(ask: Ask, tmp_path: Path) -> None:
    """A comparison with a release that has the chapters and sections of another says so, and so does the release."""
    files = {f"icd10cm_order_{year}.txt": order_file(BACK_PAIN) for year in (2021, 2022, 2023)}
    files["icd10cm_tabular_2021.xml"] = tabular(2021, BACK_PAIN)
    files["icd10cm_tabular_2023.xml"] = tabular(2023, BACK_PAIN).replace(b"M50-M54", b"M53-M54")
    store = tmp_path / "store"
    assert ask("load", written(tmp_path / "files", files), store=store).code == 0
    said = "One of the releases has the chapters and sections of another: what moved may have moved earlier or later."
    compared = [ask(f"diff icd10cm {a} {b}", store=store).out.splitlines() for a, b in ((2021, 2022), (2022, 2023))]
    assert sum(said in lines for lines in compared) == 1
    assert said not in ask("diff icd10cm 2021 2023", store=store).out
    note = "note icd10cm 2022: chapters and sections are those of another release, marked derived"
    assert note in ask("releases --verbose", store=store).out.splitlines()
    assert "chapters and sections" not in ask("releases icd10cm 2021", store=store).out
