"""POA-exempt lists, the Medicare Code Editor and the MS-DRG manual as published, against worked answers and plain readings."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from gzip import decompress
from pathlib import Path

import pytest

import terminology
from terminology import LoadReport, Terminology
from terminology.query.complications import ComplicationEdition

from ..grouping_readings import exempt_codes

FAMILIES = ("poa_exempt", "mce", "msdrg")
FOLDER = Path(os.environ.get("TERMINOLOGY_RELEASES", "")).parent / "groupings"


def rows() -> list[tuple[str, str, str, str]]:
    """Return the worked answers of these families: family, version, input, expected."""
    path = FOLDER / "ORACLES.tsv"
    if "TERMINOLOGY_RELEASES" not in os.environ or not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        found = csv.DictReader(handle, delimiter="\t")
        return [(r["family"], r["version"], r["input"], r["expected"]) for r in found if r["family"] in FAMILIES]


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminology, LoadReport]:
    """The store of the files of these families, loaded in one command, and the report."""
    if not FOLDER.exists():
        pytest.skip("no folder of groupings lies beside the release files")
    folder = tmp_path_factory.mktemp("inpatient")
    report = terminology.load(*(FOLDER / family for family in FAMILIES), store=folder)
    return terminology.open(folder), report


@pytest.fixture(scope="module")
def store(lists: tuple[Terminology, LoadReport]) -> Terminology:
    """The store of these families."""
    return lists[0]


# ---- plain readings, which share nothing with the loaders


@cache
def text(family: str, version: str, name: str) -> str:
    """Return a file of a family, unpacked."""
    return decompress((FOLDER / family / version / f"{name}.gz").read_bytes()).decode("latin-1")


@cache
def exempt(version: str) -> frozenset[str]:
    """Return the codes of a list of exempt diagnoses, read from its text."""
    [archive] = (FOLDER / "poa_exempt" / version).glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        [name] = [one for one in opened.namelist() if re.fullmatch(r"POAexemptCodes\w+\.txt", one)]
        return exempt_codes(io.TextIOWrapper(opened.open(name), "latin-1"))


@cache
def edits(version: str) -> Mapping[str, frozenset[str]]:
    """Return the lists of each code of a version of the code editor, as section and edit type."""
    found: dict[str, set[str]] = defaultdict(set)
    lines = text("mce", version, f"MCE_Simple_Code_Edits_{version}.txt").splitlines()
    for line in lines[1:]:
        _, _, section, sub, edit, _, code, *_ = line.split("\t")
        found[code].add(f"{section}{sub.replace('_', '')}:{edit}")
    return {code: frozenset(lists) for code, lists in found.items()}


@cache
def index(version: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return MDC and MS-DRGs of each code of appendix B, in the order of its lines."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    code = ""
    for line in text("msdrg", version, "appendix_B.txt").splitlines():
        words = re.match(r" (\w{3,7})? +(\d\d|Pre) +([\d,-]+) ", f"{line} ")
        if words:
            code = words[1] or code
            found[code].append((words[2], words[3]))
    return {one: tuple(pairs) for one, pairs in found.items()}


@cache
def levels(version: str) -> tuple[Mapping[str, tuple[str, str]], Mapping[str, frozenset[str]]]:
    """Return level and collection of each code of appendix C, and the codes of each collection."""
    listed: dict[str, tuple[str, str]] = {}
    collections: dict[str, set[str]] = {}
    current: set[str] | None = None
    for line in text("msdrg", version, "appendix_C.txt").splitlines():
        if words := re.match(r" (\w{3,7}) +(CC|MCC) +(\d{4}):", line):
            listed[words[1]] = (words[2].lower(), words[3])
        elif words := re.match(r"PDX collection (\d+)", line):
            current = collections.setdefault(words[1], set())
        elif line.startswith("Appendix C Part 2"):
            current = None
        elif current is not None and (words := re.match(r"  (\w{3,7}) ", line)):
            current.add(words[1])
    return listed, {number: frozenset(codes) for number, codes in collections.items()}


def plain(code: str) -> str:
    """Return a code without its dot."""
    return code.replace(".", "")


# ---- worked answers


def editor_lists(store: Terminology, version: str, code: str) -> str:
    """Return the lists that a code is on as the worked answers write them."""
    edition = store.grouping("mce").version(version)
    found = []
    for system in edition_systems(store, "mce", version):
        try:
            groups = edition.groups(code, system)
        except terminology.UnknownCodeError:
            continue
        found += [f"{group.detail['section']}:{group.detail['edit']}" for group in groups]
    return ", ".join(sorted(found)) or "none"


def edition_systems(store: Terminology, grouping: str, version: str) -> list[str]:
    """Return the code systems of a version."""
    table = store.grouping(grouping).version(version).table()
    return sorted(set(table.column("system").to_pylist()))


def severity(store: Terminology, version: str, code: str) -> str:
    """Return the level of a code with the size of what excludes it."""
    edition = store.grouping("cc_level").version(version)
    assert isinstance(edition, ComplicationEdition)
    level = edition.level(code)
    return "not CC" if level == "none" else f"{level.upper()} ({len(edition.excluded_by(code))})"


def answer(store: Terminology, family: str, version: str, asked: str) -> str:
    """Return the answer of the library to the input of a worked answer."""
    if family == "poa_exempt":
        members = set(store.grouping("poa_exempt").version(version).members("exempt"))
        if asked == "codes":
            return str(len(members))
        return " / ".join(str(code.strip() in members) for code in asked.removesuffix(" exempt").split("/"))
    if family == "mce":
        if asked == "rows":
            return str(store.grouping("mce").version(version).table().num_rows)
        return editor_lists(store, version, asked)
    return manual_answer(store, version, asked)


def manual_answer(store: Terminology, version: str, asked: str) -> str:
    """Return the answer about the MS-DRG manual."""
    mdc, level = store.grouping("mdc").version(version), store.grouping("cc_level").version(version)
    drgs = mdc.table("drgs").column("drg").to_pylist()
    first = asked.split(maxsplit=1)[0]
    if asked == "DRGs in appendix A":
        return str(len(drgs))
    if asked.endswith("exists"):
        return str(asked.split()[1] in drgs)
    if asked.endswith("MDC DRGs"):
        return " | ".join(f"{group.category} {group.detail['drgs']}" for group in mdc.groups(first))
    if asked == "CC / MCC codes":
        return f"{len(level.members('cc'))} / {len(level.members('mcc'))}"
    if "severity" in asked:
        return severity(store, version, first)
    if "alive" in asked:
        alive = [code for one in ("cc", "mcc") for code in level.members(one)]
        return " ".join(sorted(plain(code) for code in alive if level.groups(code)[0].detail.get("alive")))
    assert asked == "HAC groups"
    return str(len(store.grouping("hac").version(version).categories))


@pytest.mark.parametrize(("family", "version", "asked", "expected"), rows())
def test_worked_answer(store: Terminology, family: str, version: str, asked: str, expected: str) -> None:
    """Each worked answer that lies beside the files is the library's."""
    assert answer(store, family, version, asked) == expected


# ---- plain readings


@pytest.mark.parametrize("version", ["FY2016", "FY2017", "FY2022"])
def test_exempt_codes(store: Terminology, version: str) -> None:
    """The members of a list are its codes, no more and no fewer."""
    assert set(store.grouping("poa_exempt").version(version).members("exempt")) == exempt(version)


@pytest.mark.parametrize("version", ["v32", "v33", "v34", "v35", "v36"])
def test_every_code_of_the_editor(store: Terminology, version: str) -> None:
    """Each code is in the lists of the code editor that a plain reading finds, in all its code systems."""
    table = store.grouping("mce").version(version).table()
    edition = store.grouping("mce").version(version)
    found: dict[str, set[str]] = defaultdict(set)
    for row in table.to_pylist():
        for group in edition.groups(row["code"], row["system"]):
            found[plain(row["code"])].add(f"{group.detail['section']}:{group.detail['edit']}")
    assert found == edits(version)


@pytest.mark.parametrize("version", ["v37.2", "v38.1"])
def test_every_code_of_the_index(store: Terminology, version: str) -> None:
    """Each diagnosis has the MDCs with their MS-DRGs that a plain reading finds, in the same order."""
    edition = store.grouping("mdc").version(version)
    expected = index(version)
    found = {code: tuple((group.category, group.detail["drgs"]) for group in edition.groups(code)) for code in expected}
    assert found == expected
    assert {plain(code) for code in edition.sets()} == set(expected)


@pytest.mark.parametrize("version", ["v37.2", "v38.1"])
def test_every_level_and_exclusion(store: Terminology, version: str) -> None:
    """Each CC and MCC has the level, and is excluded by the diagnoses, that a plain reading finds; compared as sets."""
    edition = store.grouping("cc_level").version(version)
    assert isinstance(edition, ComplicationEdition)
    listed, collections = levels(version)
    of_number: dict[str, frozenset[str]] = {}
    for code, (level, number) in listed.items():
        [group] = edition.groups(code)
        assert (group.category, group.detail["exclusion"]) == (level, number)
        if number not in of_number:
            of_number[number] = frozenset(map(plain, edition.excluded_by(code)))
    assert of_number == {number: collections[number] for number in of_number}


# ---- days


EXEMPT_DAYS = [
    ("2015-10-01", True),
    ("2016-09-30", True),
    ("2016-10-01", False),
    ("2017-09-30", False),
    ("2017-10-01", None),
    ("2021-09-30", None),
    ("2021-10-01", True),
    ("2022-09-30", True),
    ("2022-10-01", None),
]


def test_exempt_by_day(grouped_store: Terminology) -> None:
    """Z51.5 is exempt in FY2016, not in FY2017, again in FY2022; between them no list says anything, and none is said."""
    system = grouped_store["icd10cm"]
    assert [(day, system.on(day).property("Z51.5", "poa_exempt")) for day, _ in EXEMPT_DAYS] == EXEMPT_DAYS


def test_columns_by_day(grouped_store: Terminology) -> None:
    """Columns of a table say of each row what its own day says, list and property alike."""
    import pyarrow as pa

    days = [day for day, _ in EXEMPT_DAYS]
    table = pa.table({"dx": ["Z51.5"] * len(days), "day": days})
    made = terminology.annotate(
        table,
        system="icd10cm",
        on="day",
        columns=["poa_exempt", "mce_unacceptable_principal", "mce"],
        store=grouped_store,
    )
    assert made.column("dx_poa_exempt").to_pylist() == [expected for _, expected in EXEMPT_DAYS]
    system = grouped_store["icd10cm"]
    unacceptable = [system.on(day).property("Z51.5", "mce_unacceptable_principal") for day in days]
    assert made.column("dx_mce_unacceptable_principal").to_pylist() == unacceptable
    lists = made.column("dx_mce").to_pylist()
    assert [None if one is None else "unacceptable_principal" in one for one in lists] == unacceptable


def test_what_the_load_says(lists: tuple[Terminology, LoadReport]) -> None:
    """The read-me of FY2017 miscounts, which is a warning; rules that assign MS-DRGs are skipped with that reason."""
    _, report = lists
    assert not report.errors
    warnings = [text for item in report.loaded for text in item.release.warnings]
    assert warnings == [
        "POAexemptCodes2017.zip!ReadMe-POA.txt counts 1,817 codes added, the file has 1,814: the file counts"
    ]
    assert len([skip for skip in report.skipped if "MS-DRGs are assigned" in skip.reason]) == 5


def mixed(tmp_path: Path, *names: tuple[str, str]) -> LoadReport:
    """Load appendices of given versions from one folder."""
    for version, letter in names:
        (tmp_path / f"{letter}.txt").write_bytes(text("msdrg", version, f"appendix_{letter}.txt").encode("latin-1"))
    return terminology.load(tmp_path, store=tmp_path / "store")


@pytest.mark.parametrize(("listed", "others"), [("v37.2", "v38.1"), ("v38.1", "v37.2")])
def test_appendices_of_another_version(tmp_path: Path, listed: str, others: str) -> None:
    """Appendices B, C and F to J beside the list of another version are rejected: nothing is loaded under that version."""
    report = mixed(tmp_path, (listed, "A"), *((others, letter) for letter in ("B", "C", "F_J")))
    assert not report.loaded
    assert {Path(error.file).name for error in report.errors} == {"B.txt", "C.txt", "F_J.txt"}


def test_an_appendix_alone(tmp_path: Path) -> None:
    """An appendix without a list beside it waits; the operator's version makes it a release, from its cited day."""
    data = mixed(tmp_path, ("v37.2", "C"))
    assert not data.loaded
    assert not data.errors
    again = terminology.load(tmp_path / "C.txt", store=tmp_path / "told", version="37.2")
    found = {(item.release.system, item.release.version, str(item.release.effective)) for item in again.loaded}
    assert found == {("cc_level", "v37.2", "2020-08-01"), ("cc_exclusion", "v37.2", "2020-08-01")}
