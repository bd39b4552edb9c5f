"""Every loader and crosswalk reader against every kind of bad file: a clear error and nothing committed, or a reason.

The bad files are made of the packaged samples (`tests.mutations`). Beside each lies a sound list of codes in the same
command, which is committed whatever else happens. What a format cannot know is listed in `EXEMPTIONS`, with the reason.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape

import pytest
from attrs import frozen

import terminology
from terminology import Crosswalk, LoadReport, Release, ReleaseFormatError
from terminology.reading import ReadableFile, first_sheet
from terminology.registry import CROSSWALKS, LOADERS
from terminology.samples import sample_folder, sample_releases

from .loaders.hcpcs_records import POSITIONS
from .mutations import MUTATIONS, Sample, sheet
from .release_files import written

WITHOUT_FILES = {"cpt_history", "groupings", "order_addenda"}
"""Readers that take all from releases: what they bear is what the loaders bear."""
READERS = {point.name for point in entry_points(group=CROSSWALKS)} - WITHOUT_FILES
DOCUMENTS = {"icd10cm_guidelines", "icd10pcs_guidelines"}
"""Loaders of PDF files, which have no lines to spoil: their bad files are those of `tests.loaders.test_guidelines`."""
INSTALLED = sorted({point.name for point in entry_points(group=LOADERS)} - DOCUMENTS | READERS)
REFUSED, LEFT, SOUND, NOTHING = "refused", "left alone", "sound", "does not apply"
WRONG_FILE = "file_of_another_system"
KINDS = (*MUTATIONS, WRONG_FILE)
WITNESS = b"#system: witness\n#version: 2001\n#calendar: calendar\ncode,title\nW1,A sound code\n"
TIMES = re.compile(r"(?:19|20)\d\d|april", re.IGNORECASE)
ALIKE = {
    "hcc": ("F2*.TXT", "H*.FY *.TXT", "V*H?.TXT", "V*L?.TXT", "V*ED?.TXT"),
    "hcup": ("ccs_multi_*.csv", "ccs_??_icd10*.csv"),
}
"""Files of one form for several models, years or code systems: one of each is enough."""


@frozen
class Exemption:
    """A kind of fault that a file may have without being refused, or without a line: what becomes of it, and why."""

    loader: str
    """Or crosswalk reader."""
    file: str
    kind: str
    outcome: str
    reason: str

    def covers(self, loader: str, file: str, kind: str) -> bool:
        """Return whether the exemption is for this case."""
        pairs = ((loader, self.loader), (file, self.file), (kind, self.kind))
        return all(fnmatch.fnmatchcase(word, pattern) for word, pattern in pairs)


UNCOUNTED = "nothing in the file or beside it counts the lines: what is left is a smaller, sound file"
STRANGE = "files are told by their content: this is no longer one of the publisher's, and is listed under skipped"
UNSUMMED = "without the summary at its end addenda say of no order file that they lead to it; listed under skipped"
TOLD_TWICE = "the publishers' own maps repeat rows; told twice a mapping is the same"
HIERARCHY = ("unknown_parent", "cycle")
PROSE_FIRST = (
    "an appendix begins with prose, which these faults are made in; those of its lines have tests of their own"
)
PADDED = "blanks before and between words mean nothing"
EXEMPTIONS = (
    # what a format does not have
    Exemption("*", "*.xml", "shifted_columns", NOTHING, "elements have names, not columns"),
    Exemption("*", "*.json", "shifted_columns", NOTHING, "members have names, not columns"),
    Exemption("*", "*.txt", "unknown_parent", NOTHING, "the format names no parents: they follow from the codes"),
    Exemption("*", "*.txt", "cycle", NOTHING, "the format names no parents: they follow from the codes"),
    Exemption("*", "*.xlsx", "unknown_parent", NOTHING, "the format names no parents: they follow from the codes"),
    Exemption("*", "*.xlsx", "cycle", NOTHING, "the format names no parents: they follow from the codes"),
    Exemption("*", "*.xlsx", "utf_16", NOTHING, "a workbook is packed; its program writes its encoding"),
    Exemption("*", "*.xlsx", "nul_byte", NOTHING, "a workbook is packed; a wrong byte makes a damaged archive"),
    Exemption("*", "*.xlsx", "no_text", NOTHING, "a workbook is packed; a wrong byte makes a damaged archive"),
    Exemption("icd10cm", "*.xml", "unknown_parent", NOTHING, "elements stand within their parents"),
    Exemption("icd10cm", "*.xml", "cycle", NOTHING, "elements stand within their parents"),
    Exemption("icd10pcs", "*.xml", "unknown_parent", NOTHING, "elements stand within their parents"),
    Exemption("icd10pcs", "*.xml", "cycle", NOTHING, "elements stand within their parents"),
    Exemption("cpt", "*.xml", "unknown_parent", NOTHING, "a list of codes without parents"),
    Exemption("cpt", "*.xml", "cycle", NOTHING, "a list of codes without parents"),
    # what no loader can tell
    Exemption("*", "*", "empty", LEFT, "no byte tells whose it is; listed under skipped as an empty file"),
    Exemption("*", "*", WRONG_FILE, LEFT, "it is taken for what it is, and makes no release of this system"),
    Exemption("cpt", "ClinicianDescriptor_*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("cpt", "ConsumerDescriptor_*", "cut_*", SOUND, f"{UNCOUNTED}; a descriptor may end anywhere"),
    Exemption("cpt", "History_*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("cpt", "MODUL_*", "cut_*", SOUND, f"{UNCOUNTED}; its running text may end anywhere"),
    Exemption("generic", "*.csv", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("hcpcs", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("icd10", "*_codes.txt", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption(
        "icd10cm", "*order-April*", "cut_before_the_last_line", SOUND, f"{UNCOUNTED}; loose addenda prove nothing"
    ),
    Exemption("icd10cm", "*addenda*", "cut_before_the_last_line", SOUND, "its last line counts what no row depends on"),
    Exemption("icd10cm", "*addenda*", "cut_*", LEFT, UNSUMMED),
    Exemption("icd10pcs", "icd10pcs_order_*", "cut_before_the_last_line", SOUND, f"{UNCOUNTED}; tables may be newer"),
    Exemption("icd10pcs", "order_addenda_*", "cut_*", LEFT, UNSUMMED),
    Exemption("icd9?*", "*.xlsx", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("icd10", "*_chapters.txt", "cut_at_a_third", LEFT, STRANGE),
    Exemption("icd10gm", "*_gruppen.txt", "cut_at_a_third", LEFT, STRANGE),
    Exemption("icd10gm", "*_kapitel.txt", "cut_at_a_third", LEFT, STRANGE),
    Exemption("hcpcs", "*.txt", "cut_within_a_line", LEFT, STRANGE),
    Exemption("icd10", "*.txt", "shifted_columns", LEFT, STRANGE),
    Exemption("icd10gm", "*.txt", "shifted_columns", LEFT, STRANGE),
    Exemption("icd10pcs", "icd10pcs_order_*", "shifted_columns", LEFT, STRANGE),
    Exemption("icd9?*", "*.txt", "shifted_columns", LEFT, STRANGE),
    Exemption(
        "cpt", "MODUL_*", "shifted_columns", SOUND, "running text has no columns; blanks before a line mean nothing"
    ),
    Exemption("cpt", "MODUL_*", "repeated_code", SOUND, "its last line is running text, and not a code"),
    Exemption("cpt", "ClinicianDescriptor_*", "repeated_code", SOUND, "a code has several of them"),
    Exemption("cpt", "History_*", "repeated_code", SOUND, "lists changes, not codes; told twice a change is the same"),
    Exemption("icd10cm", "*index*", "repeated_code", SOUND, "an index lists terms, not codes"),
    Exemption("icd10pcs", "*index*", "repeated_code", SOUND, "an index lists terms, not codes"),
    Exemption("icd10pcs", "*definitions*", "repeated_code", SOUND, "lists definitions of terms, not codes"),
    Exemption("icd10cm", "icd10cm_tabular_*", "utf_16", SOUND, "XML may be in UTF-16, and says so by its first bytes"),
    # lists and appendices for inpatients
    Exemption("poa_exempt", "*", "cut_*", SOUND, f"{UNCOUNTED}; the read-me counts, which is a warning"),
    Exemption("poa_exempt", "*Delete*", "shifted_columns", SOUND, "the code is first, and titles are not read"),
    Exemption("poa_exempt", "ReadMe*", "shifted_columns", SOUND, "prose"),
    Exemption("poa_exempt", "ReadMe*", "repeated_code", SOUND, "prose"),
    Exemption("mce", "*", "cut_*", SOUND, UNCOUNTED),
    Exemption("mce", "Definitions*", "shifted_columns", SOUND, "blanks before a code mean nothing"),
    Exemption("mce", "Definitions*", "repeated_code", SOUND, "the last code is in the chapter of changes"),
    Exemption("msdrg", "*", "cut_before_the_last_line", SOUND, f"{UNCOUNTED}, but those of collections"),
    Exemption("msdrg", "*", "shifted_columns", SOUND, PROSE_FIRST),
    Exemption("msdrg", "*", "repeated_code", SOUND, PROSE_FIRST),
    Exemption("msdrg", "appendix_F_J.txt", "cut_*", LEFT, "what is left are lists that tell the version only"),
    # models of risk adjustment
    *(Exemption("hcc", "*", kind, NOTHING, "hierarchies are statements, not rows with a parent") for kind in HIERARCHY),
    Exemption("hcc", "[0-9FHr]*", "cut_*", SOUND, UNCOUNTED),
    Exemption("hcc", "2013_icd9hcc.txt", "shifted_columns", SOUND, PADDED),
    Exemption("hcc", "*_BUNDLED_*", "shifted_columns", SOUND, PADDED),
    Exemption("hcc", "V*", "shifted_columns", SOUND, PADDED),
    Exemption("hcc", "2013_icd9hcc.txt", "shifted_columns", LEFT, STRANGE),
    Exemption("hcc", "V*", "shifted_columns", LEFT, "the first line says what the program is"),
    Exemption("hcc", "V*", "repeated_code", SOUND, "a statement that comes twice says the same"),
    Exemption("hcc", "V*", "cut_before_the_last_line", SOUND, "the last line ends the program"),
    Exemption("hcup", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    *(Exemption("hcup", "*.csv", kind, NOTHING, "levels follow from the numbers of categories") for kind in HIERARCHY),
    *(Exemption("hcup", "*.CSV", kind, NOTHING, "the table has no levels") for kind in HIERARCHY),
    Exemption("hcup", "ccs_*.csv", "cut_*", SOUND, f"{UNCOUNTED}; the last columns, titles, may end anywhere"),
    Exemption("hcup", "*", "shifted_columns", SOUND, "padding within and around quotes means nothing"),
    Exemption("hcup", "Appendix*", "repeated_code", SOUND, "the publisher's own list repeats codes in a category"),
    Exemption("hcup", "*.xlsx", "*", LEFT, STRANGE),
    Exemption("elixhauser", "*.xlsx", "*", LEFT, STRANGE),
    *(Exemption("elixhauser", "*.sas", kind, NOTHING, "a program has no table of levels") for kind in HIERARCHY),
    Exemption("elixhauser", "*.sas", "utf_16", LEFT, STRANGE),
    Exemption("elixhauser", "*.sas", "web_page", LEFT, STRANGE),
    Exemption("elixhauser", "*", "cut_before_the_last_line", SOUND, "what follows the last statement is not read"),
    Exemption("elixhauser", "*", "shifted_columns", SOUND, "blanks between the words of a program mean nothing"),
    Exemption("elixhauser", "*", "repeated_code", SOUND, "a statement that comes twice says the same"),
    *(Exemption("charlson", "*", kind, NOTHING, "the definition has no levels") for kind in HIERARCHY),
    Exemption("charlson", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    # crosswalks
    *(Exemption(name, "*", kind, NOTHING, "a map has no hierarchy") for name in sorted(READERS) for kind in HIERARCHY),
    Exemption("gems", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("reimbursement", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("icd10_icd11", "*.txt", "cut_*", SOUND, f"{UNCOUNTED}; the last columns, titles, may end anywhere"),
    Exemption("icd10_icd11", "*.txt", "repeated_code", SOUND, TOLD_TWICE),
    Exemption("icd10cm_conversion", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("icd10cm_conversion", "*", "repeated_code", SOUND, TOLD_TWICE),
    Exemption("icd10gm_transition", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("icd10gm_transition", "*", "shifted_columns", LEFT, STRANGE),
    Exemption("icd10pcs_conversion", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("icd10pcs_conversion", "*", "repeated_code", SOUND, TOLD_TWICE),
    Exemption("own_map", "*", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("concept_map", "*", "repeated_code", SOUND, TOLD_TWICE),
    Exemption("hcpcs_cross_references", "*.prn", "cut_before_the_last_line", SOUND, UNCOUNTED),
    Exemption("hcpcs_cross_references", "*.prn", "repeated_code", SOUND, TOLD_TWICE),
    Exemption("hcpcs_cross_references", "*.prn", "shifted_columns", SOUND, "blanks before a code mean nothing"),
    Exemption("hcpcs_cross_references", "*.prn", "utf_16", LEFT, STRANGE),
    Exemption("hcpcs_cross_references", "*.prn", "web_page", LEFT, STRANGE),
)


def kind_of_file(loader: str, name: str) -> str:
    """Return the pattern of the files of one form, or the name without what dates it: one file of each is enough."""
    alike = (pattern for pattern in ALIKE.get(loader, ()) if fnmatch.fnmatchcase(name, pattern))
    return next(alike, TIMES.sub("", name))


def folder_of(loader: str) -> Path:
    """Return the folder of the samples of a loader or crosswalk reader."""
    return sample_folder(loader) or sample_releases() / loader


@cache
def samples(loader: str) -> dict[str, Sample]:
    """Return one sample of each kind of file of a loader or reader, by name; the latest of each kind."""
    found = {kind_of_file(loader, path.name): sample_of(path) for path in sorted(folder_of(loader).iterdir())}
    made = workbooks(loader, list(found.values()))
    return {sample.name: sample for sample in (*found.values(), *made)}


def workbooks(loader: str, found: list[Sample]) -> Iterator[Sample]:
    """Yield the workbooks that publishers issue instead of a text: the rows of the text."""
    if loader == "hcpcs":
        lines = [line for line in found[0].data.decode("cp1252").splitlines() if line[10:11] in set("37")]
        places = {heading: slice(start - 1, start - 1 + width) for heading, (start, width) in POSITIONS.items()}
        rows = [[line[place].strip() for place in places.values()] for line in lines]
        rows = [[row[0], row[1][:4], *row[2:]] for row in rows]
        yield sheet(found[0].name.replace(".txt", ".xlsx"), [list(places), *rows])
    if loader in {"icd9cm", "icd9pcs"}:
        long, short = (
            dict(line.split(maxsplit=1) for line in sample.data.decode("cp1252").splitlines()) for sample in found
        )
        head = ["DIAGNOSIS CODE" if loader == "icd9cm" else "PROCEDURE CODE", "LONG DESCRIPTION", "SHORT DESCRIPTION"]
        ending = "DX" if loader == "icd9cm" else "SG"
        rows = [[code, title, short[code]] for code, title in long.items()]
        yield sheet(f"CMS32_DESC_LONG_SHORT_{ending}.xlsx", [head, *rows])


def sample_of(path: Path) -> Sample:
    """Return a sample; of a workbook with its rows."""
    sheet = first_sheet(ReadableFile(path.name, path.read_bytes))
    rows = tuple(tuple(map(escape, row)) for row in sheet.rows) if sheet else ()
    return Sample(path.name, path.read_bytes(), rows)


SECOND = {"$dxref 2015.csv": "AppendixASingleDX.txt", "DXCCSR_v2022-1.csv": "DXCCSR-Reference-File-v2022-1.xlsx"}
"""Files that say the same again: a bad table beside one contradicts it, and then the second is refused."""
NEEDED = {"hcpcs_cross_references": ("hcpcs",)}
"""Releases without which a map is nothing."""
CASES = [(loader, file, kind) for loader in INSTALLED for file in samples(loader) for kind in KINDS]


def with_the_slow(cases: Sequence[tuple[str, str, str]], step: int = 1) -> list[Any]:
    """Return the cases as parameters, most of them slow.

    Of every reader each kind, or each second one and so on by the step, stays fast, with one file, of all files in turn.
    """
    files: dict[str, list[str]] = {}
    for reader, file, _ in cases:
        if file not in files.setdefault(reader, []):
            files[reader].append(file)
    readers, kinds = list(files), list(dict.fromkeys(kind for *_, kind in cases))

    def is_fast(reader: str, file: str, kind: str) -> bool:
        turn = kinds.index(kind)
        return file == files[reader][turn % len(files[reader])] and not (readers.index(reader) + turn) % step

    return [pytest.param(*case, marks=() if is_fast(*case) else pytest.mark.slow) for case in cases]


@cache
def systems_by_file(loader: str) -> dict[str, set[str]]:
    """Return the code systems and groupings that each sample of a loader has to do with, itself or by a file beside it."""
    with TemporaryDirectory() as folder:
        report = terminology.load(folder_of(loader), store=folder)
    found: dict[str, set[str]] = {}
    for item in report.loaded:
        for source in item.release.sources:
            found.setdefault(source.file.partition("!")[0], set()).add(item.release.system)
    for systems in list(found.values()):
        joined = set.union(*(one for one in found.values() if one & systems))
        found |= {name: joined for name, one in found.items() if one & systems}
    return found


def beside(loader: str, sample: Sample) -> dict[str, bytes]:
    """Return the other samples that have to do with one.

    Of a loader for several systems those of its systems; of a workbook made of a text those of another year, as it stands
    for its text.
    """
    folders = [folder_of(name) for name in (loader, *NEEDED.get(loader, ()))]
    files = {path.name: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}
    if own := systems_by_file(loader).get(sample.name):
        files = {name: data for name, data in files.items() if systems_by_file(loader).get(name, own) == own}
    files.pop(SECOND.get(sample.name, ""), None)
    if sample.rows and sample.name not in files:
        return {name: data for name, data in files.items() if TIMES.findall(name) != TIMES.findall(sample.name)}
    return {name: data for name, data in files.items() if name != sample.name}


def bad(loader: str, sample: Sample, kind: str) -> bytes | None:
    """Return the bytes of the bad file."""
    if kind != WRONG_FILE:
        return MUTATIONS[kind](sample)
    other = "hcpcs" if loader != "hcpcs" else "icd10cm"
    return next(found.data for found in samples(other).values() if found.suffix == "txt")


def load(folder: Path, files: dict[str, bytes]) -> LoadReport:
    """Return what comes of loading the files with the witness beside them, every installed loader asked."""
    written(folder / "files", files)
    written(folder / "witness", {"witness.csv": WITNESS})
    return terminology.load(folder / "files", folder / "witness", store=folder / "store")


Made = Release | Crosswalk


def made_of(report: LoadReport) -> dict[tuple[str, ...], Made]:
    """Return the releases and crosswalks of a load, by what tells them apart."""
    releases = {(item.release.system, item.release.version): item.release for item in report.loaded}
    return {**releases, **{key_of(item.crosswalk): item.crosswalk for item in report.crosswalks}}


def key_of(crosswalk: Crosswalk) -> tuple[str, ...]:
    """Return what tells a crosswalk from others."""
    return crosswalk.name, crosswalk.version, crosswalk.source_system, crosswalk.target_system


@cache
def sound_releases(loader: str, file: str) -> dict[tuple[str, ...], bool]:
    """Return the releases and crosswalks of all samples, and whether each is of another time than the file."""
    with TemporaryDirectory() as folder:
        sample = samples(loader)[file]
        report = load(Path(folder), {**beside(loader, sample), file: sample.data})
    assert report.ok, report.errors
    time = TIMES.findall(file)
    return {
        key: bool(time) and all(TIMES.findall(source.file) != time for source in made.sources)
        for key, made in made_of(report).items()
    }


@pytest.mark.parametrize("loader", INSTALLED)
def test_every_loader_has_samples(loader: str) -> None:
    """Every loader and reader that is found by entry point is tried."""
    assert samples(loader)


@pytest.mark.parametrize("exemption", EXEMPTIONS, ids=lambda found: f"{found.loader}-{found.file}-{found.kind}")
def test_exemptions_are_for_something(exemption: Exemption) -> None:
    """An exemption is for cases that there are, and has a reason."""
    assert any(exemption.covers(*case) for case in CASES)
    assert exemption.reason


@pytest.mark.parametrize(("loader", "file", "kind"), with_the_slow(CASES, 3))
def test_bad_input(tmp_path: Path, loader: str, file: str, kind: str) -> None:
    """A bad file is refused with its place and leaves nothing behind, or is exempt; what is sound is committed."""
    exempt = [found for found in EXEMPTIONS if found.covers(loader, file, kind)]
    outcomes = {found.outcome for found in exempt}
    sample = samples(loader)[file]
    data = bad(loader, sample, kind)
    if data is None:
        assert NOTHING in outcomes, "not made, and not exempt"
        return
    report = load(tmp_path, {**beside(loader, sample), file: data})
    digest = hashlib.sha256(data).hexdigest()
    made = made_of(report)
    assert {("witness", "2001")} | {key for key, apart in sound_releases(loader, file).items() if apart} <= set(made)
    taken = [
        item for item in made.values() if any(source.sha256 == digest for source in item.sources) and kind != WRONG_FILE
    ]
    if report.errors:
        assert not taken
        check_errors(report, file, sample)
    elif taken:
        assert SOUND in outcomes, f"committed as {taken[0].version}"
    else:
        assert any(file in skip.path for skip in report.skipped) or kind == WRONG_FILE, "neither refused nor skipped"
        assert LEFT in outcomes, f"left alone: {[skip.reason for skip in report.skipped if file in skip.path]}"
    check_store(tmp_path / "store", report)


def check_errors(report: LoadReport, file: str, sample: Sample) -> None:
    """Check that every fault is one of a release file, that some name the bad file, and where in it."""
    assert all(type(error) is ReleaseFormatError and error.message and error.file for error in report.errors)
    assert not any("Traceback" in error.message or "object at 0x" in error.message for error in report.errors)
    # a companion that a file contradicts is named too, or alone: which of the two is wrong nobody can know
    assert {error.file for error in report.errors} & {file, *(Path(name).name for name in beside_names(sample))}


def beside_names(sample: Sample) -> list[str]:
    """Return the names of all samples that lie beside this one."""
    return [
        path.name for path in sample_releases().glob("**/*") if TIMES.findall(path.name) == TIMES.findall(sample.name)
    ]


def check_store(store: Path, report: LoadReport) -> None:
    """Check that the store holds what the report says, and answers from it."""
    opened = terminology.open(store)
    names = (*opened.systems, *opened.groupings)
    held = {(release.system, release.version) for name in names for release in opened[name].releases}
    assert held | {key_of(crosswalk) for crosswalk in opened.crosswalks} == set(made_of(report))
    for name in names:
        for release in opened[name].releases:
            assert len(opened[name].release(release.version).table("concepts"))
