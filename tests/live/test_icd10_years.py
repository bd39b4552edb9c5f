"""Every year of ICD-10-GM and ICD-10 against the bytes, which these tests read by themselves, line by line."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import terminology
from terminology import Edition, Terminology
from terminology.drafts import Part
from terminology_crosswalks.icd10gm_transition import Icd10gmTransitionReader
from terminology_loaders.icd10 import Icd10Loader
from terminology_loaders.icd10gm import Icd10gmLoader

from ..crosswalks.releases import files_in, mappings, parts_of

TENS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
ROMAN = {number: "X" * (number // 10) + TENS[number % 10] for number in range(1, 23)}
TITLES_OF = {"2009": ("x1ueb2008_2009", 1), "2011": ("x1ueb2011_2012", 0), "2014": ("x1gut2015", 0)}
"""Years of which there is a list of titles only: the archive, and the side of its transition that is of the year."""


@pytest.fixture(scope="module")
def folders(releases: Path) -> list[Path]:
    """The folders of both systems, among the releases and among the further ones beside them."""
    further = releases.parent / "further-releases"
    if not further.is_dir():
        pytest.skip("no folder further-releases lies beside the release files")
    names = ("icd10gm", "icd10who", "icd10-us-mortality")
    return [top / name for top in (releases, further) for name in names if (top / name).is_dir()]


@pytest.fixture(scope="module")
def store(folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """All files of both systems, loaded in one command, without an error."""
    folder = tmp_path_factory.mktemp("years")
    report = terminology.load(*folders, store=folder, loaders={"icd10": Icd10Loader(), "icd10gm": Icd10gmLoader()})
    assert () == report.errors
    assert not [item for item in report.skipped if "recognises" in item.reason]
    return terminology.open(folder)


def members(folders: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file, also of those in archives."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}!{name}", archive.read(name)) for name in archive.namelist())
        else:
            yield path.name, path.read_bytes()


def text(data: bytes, name: str) -> str:
    """Return the text; only the files of 2004 are those of DOS."""
    if "x1gma2004" in name:
        return data.decode("cp437")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


@pytest.fixture(scope="module")
def codes_files(folders: list[Path]) -> dict[tuple[str, str], dict[str, list[str]]]:
    """The lines of each codes file, split, by code; by system and year."""
    found = {}
    for name, data in members(folders):
        if not re.match(rb"(\xef\xbb\xbf)?3;N;X;01;A00;", data):
            continue
        lines = [line.split(";") for line in text(data, name).split("\r\n") if line]
        system = "icd10" if len(lines[0]) == 17 else "icd10gm"
        year = re.findall(r"(20[012]\d)", name)[-1]
        found[system, year] = {line[6]: line for line in lines}
    return found


def titles_in(edition: Edition) -> dict[str, str]:
    """Return the title of every code of the release, without chapters and blocks."""
    names = ("code", "title", "kind")
    rows = zip(*(edition.table("concepts").column(name).to_pylist() for name in names), strict=True)
    return {code: title for code, title, kind in rows if kind in {"category", "code"}}


def upper_in(edition: Edition) -> set[str]:
    """Return the chapters and blocks of the release."""
    rows = zip(*(edition.table("concepts").column(name).to_pylist() for name in ("code", "kind")), strict=True)
    return {code for code, kind in rows if kind in {"chapter", "block"}}


def test_every_codes_file_is_a_release(store: Terminology, codes_files: dict) -> None:
    """Each of the twelve files is read, the years without one are derived, and no others are there."""
    expected = {*codes_files, *(("icd10gm", year) for year in TITLES_OF)}
    found = {(name, release.version) for name in store.systems for release in store[name].releases}
    assert expected == found
    assert len(codes_files) == 12
    derived = {release.version for release in store["icd10gm"].releases if release.derived}
    assert TITLES_OF.keys() == derived


def test_every_code(store: Terminology, codes_files: dict) -> None:
    """Status, title, chapter and block of every code are those of its line; no other code is there."""
    wrong, misplaced = [], []
    for (system, year), lines in codes_files.items():
        edition = store[system].release(year)
        first = 9 if len(next(iter(lines.values()))) < 28 else 12
        wrong += [(system, year, code, "set") for code in titles_in(edition).keys() ^ lines.keys()]
        for code, line in lines.items():
            barred = system == "icd10gm" and line[first : first + 2] == ["V", "V"]
            status = "billable" if line[1] == "T" and not barred else "header"
            above = edition.ancestors(code)
            said = (edition.status(code), edition.lookup(code).title, above[-1])
            if said != (status, line[8].strip(), ROMAN[int(line[3])]):
                wrong.append((system, year, code, said))
            if line[4] not in {node[:3] for node in above if "-" in node}:
                misplaced.append((system, year, code[:3]))
    assert [] == wrong
    # the block of these two is new in 2022, of which there is no file of blocks
    assert {("icd10gm", "2022", "U98"), ("icd10gm", "2022", "U99")} == set(misplaced)


def test_years_of_titles_only(store: Terminology, folders: list[Path]) -> None:
    """Codes and titles are those of the list, and billable are just the codes that the transition has on that side."""
    held = dict(members(folders))
    for year, (archive, side) in TITLES_OF.items():
        name = next(n for n in held if archive in n and re.search(rf"syst{year}\.txt|gm{year}syst\.txt", n))
        rows = dict(line.split(";", 1) for line in text(held[name], name).split("\r\n") if line)
        rows.pop("UNDEF", None)
        umsteiger = next(n for n in held if archive in n and "umsteiger" in n)
        ends = {line.split(";")[side] for line in text(held[umsteiger], umsteiger).split("\r\n") if line} - {"UNDEF"}
        edition = store["icd10gm"].release(year)
        assert {code: title.strip() for code, title in rows.items()} == titles_in(edition)
        assert ends == {code for code in rows if edition.status(code) == "billable"}


def test_chapters_and_blocks_last(store: Terminology) -> None:
    """No chapter or block ends because a year came without the file that lists it."""
    assert 0 == store["icd10"].diff("2016", "2019").moved.num_rows
    for system, year, other in (("icd10", "2016", "2019"), ("icd10gm", "2016", "2022"), ("icd10gm", "2010", "2011")):
        assert upper_in(store[system].release(year)) == upper_in(store[system].release(other))


def test_every_row_of_a_transition(folders: list[Path]) -> None:
    """Every line of every transition is kept as it is, and each change is a mapping.

    Further mappings are of codes that perhaps stay: to themselves.
    """
    reader = Icd10gmTransitionReader()
    expected = {
        re.findall(r"20[012]\d", name)[-1]: [tuple(line.split(";")) for line in text(data, name).split("\r\n") if line]
        for name, data in members(folders)
        if "umsteiger" in name
    }
    parts = [part for folder in folders for part in parts_of(reader, files_in(folder))]
    assembly = reader.assemble(parts, ())
    assert () == assembly.refused
    assert expected.keys() == {draft.version for draft in assembly.drafts}
    for draft in assembly.drafts:
        rows = draft.build().tables["rows"].to_pylist()
        mark = {True: "A", False: ""}
        kept = [(r["old"], r["new"], mark[r["automatic_forward"]], mark[r["automatic_backward"]]) for r in rows]
        assert expected[draft.version] == kept
        made = [row for row in mappings(draft) if [row["source_code"]] != row["target_codes"]]
        assert sum(row[0] != row[1] for row in kept) == len(made)


@pytest.fixture(scope="module")
def who_parts(folders: list[Path]) -> list[Part]:
    """The files of WHO's ICD-10, and the lists of the United States, as parts."""
    return [part for folder in folders for part in parts_of(Icd10Loader(), files_in(folder))]


def mortality_rows(folders: list[Path], name: str, mark: str) -> list[list[str]]:
    """Return the rows that have a code, as a plain reader of the text finds them."""
    data = next(data for own, data in members(folders) if own.startswith(name) and own.endswith((".csv", ".txt")))
    cells = csv.reader(io.StringIO(text(data, name), newline=""), delimiter=mark)
    return [row for row in cells if len(row) > 1 and re.fullmatch(r"\*?[A-Z]\d\d(\.\d)?", row[1].strip())]


@pytest.mark.parametrize(("name", "mark"), [("allvalid2011", "\t"), ("allvalid2020", ",")])
def test_every_row_of_a_mortality_list(folders: list[Path], who_parts: list[Part], name: str, mark: str) -> None:
    """Code, asterisk and both years of every row are read, from text and from the workbook alike."""
    expected = {}
    for status, code, *_ in mortality_rows(folders, name, mark):
        added, deleted = (re.search(rf"{word} in (\d+)", status) for word in ("Added", "Deleted"))
        key = code.strip().lstrip("*")
        expected[key] = (not code.startswith("*"), added and int(added[1]), deleted and int(deleted[1]))
    lists = [part for part in who_parts if part.kind == "mortality" and part.origin.name.startswith(name)]
    assert len(lists) == 2
    for part in lists:
        rows = part.tables["rows"].to_pylist()
        assert expected == {row["code"]: (row["is_whos"], row["added"], row["deleted"]) for row in rows}


def test_mortality_lists_change_no_status(who_parts: list[Part], codes_files: dict) -> None:
    """The list dates no change between 2016 and 2019; what it says otherwise than WHO is told."""
    drafts = {draft.version: draft for draft in Icd10Loader().assemble(who_parts).drafts}
    for year, count in (("2016", 31), ("2019", 36)):
        tables = drafts[year].build().tables
        assert "days" not in tables
        found = tables["differences"].to_pylist()
        missing = {row["code"] for row in found if row["check"] == f"in use in {year}, not in the release"}
        assert count == len(missing)
        assert not missing & codes_files["icd10", year].keys()
        kept = {row["code"] for row in found if row["check"] == "given up, still in the release"}
        assert {"I25.2", *(f"F1{digit}.0" for digit in range(10))} == kept
