"""The two ICD-9-CM loaders: layouts that must not be mixed, faults, versions, categories, and the real files."""

from __future__ import annotations

import datetime
import io
import os
import zipfile
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Part, Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.ingest.checks import check_concepts
from terminology.reading import ReadableFile, readable_files
from terminology_loaders.icd9 import Icd9cmLoader, Icd9pcsLoader

day = datetime.date
SAMPLES = Path(__file__).parents[2] / "src/terminology/samples"
LOADERS = {"icd9cm": Icd9cmLoader(), "icd9pcs": Icd9pcsLoader()}
WIDTHS = {"icd9cm": 5, "icd9pcs": 4}

CHOLERA = (("0010", "Cholera due to vibrio cholerae"), ("0011", "Cholera due to vibrio cholerae el tor"))
DIAGNOSES = (
    *CHOLERA,
    ("25000", "Diabetes mellitus without mention of complication, type II"),
    ("25001", "Diabetes mellitus without mention of complication, type I"),
    ("486", "Pneumonia, organism unspecified"),
    ("E8000", "Railway accident involving collision with rolling stock"),
    ("E887", "Fracture, cause unspecified, of the external cause"),
    ("V270", "Outcome of delivery, single liveborn"),
)
PROCEDURES = (
    ("0010", "Implantation of chemotherapeutic agent"),
    ("331", "Incision of lung, not otherwise specified"),
    ("3721", "Right heart cardiac catheterization"),
    ("3722", "Left heart cardiac catheterization"),
)


def text(system, rows, name="CMS32_DESC_LONG_DX.txt", *, ending="\n", archive=None):
    """Return a list of titles in the layout of a half."""
    width = WIDTHS[system]
    data = "".join(f"{code:<{width}} {title}{ending}" for code, title in rows).encode("cp1252")
    return ReadableFile(name, lambda: data, archive=archive, archive_sha256=archive and "0" * 64)


def raw(lines, name="CMS32_DESC_LONG_DX.txt"):
    """Return a file of these lines."""
    data = "".join(f"{line}\n" for line in lines).encode("cp1252")
    return ReadableFile(name, lambda: data)


def short(system, rows, name="CMS32_DESC_SHORT_DX.txt"):
    """Return the list of short titles of the rows."""
    return text(system, [(code, title[:24].strip()) for code, title in rows], name)


def workbook(rows, name="CMS32_DESC_LONG_SHORT_DX.xlsx"):
    """Return a workbook whose cells are the rows' texts (numbers, where a cell is an int)."""

    def cell(value):
        if isinstance(value, int):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    members = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>"
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return ReadableFile(name, buffer.getvalue)


def sheet(rows, heading="DIAGNOSIS CODE"):
    """Return the workbook of rows with long and short titles."""
    head = (heading, "LONG DESCRIPTION", "SHORT DESCRIPTION")
    return workbook([head, *((code, title, title[:24].strip()) for code, title in rows)])


def read(file, system="icd9cm"):
    """Return the part that a loader makes of the file."""
    part = LOADERS[system].read(file)
    assert isinstance(part, Part)
    return part


def faults(file, system="icd9cm"):
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADERS[system].read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


def build(*parts, system="icd9cm"):
    """Return what the only release of the parts is built to."""
    (draft,) = LOADERS[system].assemble(parts).drafts
    return draft.build()


def rows_of(built):
    """Return the concepts by code."""
    return {row["code"]: row for row in built.tables["concepts"].to_pylist()}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of the samples."""
    folder = tmp_path_factory.mktemp("icd9")
    report = terminology.load(SAMPLES / "icd9cm", SAMPLES / "icd9pcs", store=folder, loaders=LOADERS)
    assert ((), ()) == (report.errors, report.skipped)
    return terminology.open(folder)


@pytest.fixture(scope="module")
def folder():
    """The folder of the real files."""
    if not os.environ.get("TERMINOLOGY_RELEASES"):
        pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
    return Path(os.environ["TERMINOLOGY_RELEASES"])


class TestReading:
    """Which half a file is of, and what stands in it."""

    def test_the_same_digits_are_two_codes(self):
        """0010 is 001.0 in a list of diagnoses and 00.10 in one of procedures."""
        diagnosis = rows_of(build(read(text("icd9cm", DIAGNOSES))))
        procedure = rows_of(
            build(read(text("icd9pcs", PROCEDURES, "CMS32_DESC_LONG_SG.txt"), "icd9pcs"), system="icd9pcs")
        )
        assert ("Cholera due to vibrio cholerae", "Implantation of chemotherapeutic agent") == (
            diagnosis["001.0"]["title"],
            procedure["00.10"]["title"],
        )

    @pytest.mark.parametrize(("system", "rows"), [("icd9cm", DIAGNOSES), ("icd9pcs", PROCEDURES)])
    def test_the_other_half_is_skipped(self, system, rows):
        """A loader leaves the other half's files alone and says what they are, whatever their names."""
        other = next(name for name in LOADERS if name != system)
        assert isinstance(LOADERS[other].read(text(system, rows, "v32.txt")), Skipped)

    @pytest.mark.parametrize(
        "line",
        [
            "00001 A00     0 Cholera                                                      Cholera",
            "0010  A000    10000",
            "0001  NoPCS   11000",
            "A000    Cholera due to Vibrio cholerae 01, biovar cholerae",
            "0016070 Bypass Cerebral Ventricle to Nasopharynx",
            "<?xml version='1.0'?>",
            "code,title",
        ],
    )
    def test_strangers(self, line):
        """Order files, mappings and codes files of other systems are none of ours."""
        file = raw([line] * 30, "release.txt")
        assert [None, None] == [loader.read(file) for loader in LOADERS.values()]

    def test_codes_get_their_dots(self):
        """The dot stands after three characters, in E-codes after four."""
        codes = rows_of(build(read(text("icd9cm", DIAGNOSES))))
        expected = {"001.0", "001.1", "250.00", "250.01", "486", "E800.0", "E887", "V27.0"}
        assert expected == {code for code, row in codes.items() if row["billable"]}

    def test_accents_are_read_without_a_warning(self):
        """The lists are CP1252 as published."""
        part = read(text("icd9cm", (*CHOLERA, ("38600", "Ménière's disease, unspecified"))))
        assert ("Ménière's disease, unspecified", ()) == (part.tables["rows"]["title"][2].as_py(), part.warnings)

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("CMS32_DESC_SHORT_DX.txt", "short"), ("CMS32_DESC_LONG_DX.txt", "long"), ("v32.txt", "short")],
    )
    def test_long_or_short(self, name, kind):
        """The name says whether titles are long or short; without a name their lengths do."""
        assert kind == read(short("icd9cm", DIAGNOSES, name)).kind

    def test_the_workbook_has_both(self):
        """A workbook gives long and short titles."""
        part = read(sheet(DIAGNOSES))
        assert ("sheet", "Cholera due to vibrio cholerae", "Cholera due to vibrio ch".strip(), 2) == (
            part.kind,
            *(part.tables["rows"][name][0].as_py() for name in ("title", "short_title", "line")),
        )


class TestFaults:
    """What is refused, with its place."""

    def test_lines_of_the_other_half(self):
        """A line of procedures among diagnoses is told from one that is nothing, each by its line."""
        lines = [f"{code:<5} {title}" for code, title in DIAGNOSES]
        found = faults(raw([*lines, "0012 Infusion of drotrecogin alfa", "9999999 Nothing", ""]))
        assert [(9, 6), (10, 1), (11, 1)] == [fault[:2] for fault in found]
        assert "one of procedures" in found[0][2]

    def test_a_name_that_contradicts(self):
        """A file named as diagnoses that holds procedures is refused."""
        (fault,) = faults(text("icd9pcs", PROCEDURES, "CMS32_DESC_LONG_DX.txt"), "icd9pcs")
        assert (1, 1) == fault[:2]
        assert "expected diagnoses" in fault[2]

    def test_a_code_twice(self):
        """A repeated code names the line on which it stood before."""
        assert [(3, 1, "code 0010 stands on line 1 already")] == faults(text("icd9cm", (*CHOLERA, CHOLERA[0])))

    def test_a_file_that_is_cut_short(self):
        """The last line must end."""
        data = "".join(f"{code:<5} {title}\n" for code, title in DIAGNOSES).encode()[:-9]
        ((line, _, message),) = faults(ReadableFile("CMS32_DESC_LONG_DX.txt", lambda: data))
        assert (8, True) == (line, "cut short" in message)

    def test_faults_of_a_workbook(self):
        """Lost leading zeros, repeated codes and empty titles are named with row and column."""
        head = ("DIAGNOSIS CODE", "LONG DESCRIPTION", "SHORT DESCRIPTION")
        rows = [(10, "Cholera", "Cholera"), ("25000", "a", "b"), ("25000", "a", "b"), ("486", "Pneumonia", "")]
        found = faults(workbook([head, *rows]))
        assert [(2, "DIAGNOSIS CODE"), (4, "DIAGNOSIS CODE"), (5, "SHORT DESCRIPTION")] == [f[:2] for f in found]
        assert "leading zeros" in found[0][2]

    def test_a_workbook_without_a_column(self):
        """A missing column is named."""
        ((line, _, message),) = faults(workbook([("DIAGNOSIS CODE", "LONG DESCRIPTION"), ("0010", "Cholera")]))
        assert (1, True) == (line, "SHORT DESCRIPTION" in message)

    def test_an_empty_workbook(self):
        """A header alone is no release."""
        assert [(2, None, "expected at least one row, got none")] == faults(sheet(()))


class TestReleases:
    """Versions, cross-checks and categories."""

    @pytest.mark.parametrize(
        ("name", "archive", "expected"),
        [
            ("CMS32_DESC_LONG_DX.txt", None, ("32", day(2014, 10, 1))),
            ("dx.txt", "icd-9-cm-v31-master-descriptions.zip", ("31", day(2013, 10, 1))),
            ("I9diagnosesV23.txt", None, ("23", day(2005, 10, 1))),
        ],
    )
    def test_versions(self, name, archive, expected):
        """The version stands in the name of the file or of its archive, and tells the fiscal year."""
        (draft,) = LOADERS["icd9cm"].assemble([read(text("icd9cm", DIAGNOSES, name, archive=archive))]).drafts
        assert expected == (draft.version, draft.effective)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"version": "30"}, ("30", day(2012, 10, 1))),
            ({"effective": day(2011, 10, 1)}, ("29", day(2011, 10, 1))),
            ({"version": "29", "effective": day(2011, 11, 1)}, ("29", day(2011, 11, 1))),
        ],
    )
    def test_the_operator_wins(self, given, expected):
        """A version or day given with the load wins over the names."""
        part = evolve(read(text("icd9cm", DIAGNOSES)), **given)
        (draft,) = LOADERS["icd9cm"].assemble([part]).drafts
        assert expected == (draft.version, draft.effective)

    @pytest.mark.parametrize(
        ("name", "given", "advice"), [("dx.txt", None, "--version 32"), ("dx.txt", "33", "from 1 to 32")]
    )
    def test_no_version(self, name, given, advice):
        """A file whose version nothing tells, or that cannot be, is refused."""
        part = evolve(read(text("icd9cm", DIAGNOSES, name)), version=given)
        ((refused, why),) = LOADERS["icd9cm"].assemble([part]).refused
        assert (part.identity, True) == (refused.identity, advice in why)

    def test_long_and_short_titles_join(self):
        """Short titles come from their own list; the long list is the authority."""
        parts = [read(short("icd9cm", DIAGNOSES)), read(text("icd9cm", DIAGNOSES))]
        (draft,) = LOADERS["icd9cm"].assemble(parts).drafts
        row = rows_of(draft.build())["001.1"]
        assert ["long", "short"] == [part.kind for part in draft.parts]
        assert ("Cholera due to vibrio cholerae el tor", "Cholera due to vibrio ch", 2) == (
            row["title"],
            row["short_title"],
            row["line"],
        )

    def test_short_titles_alone(self):
        """Without the long list the short titles stand in, with a warning."""
        (draft,) = LOADERS["icd9cm"].assemble([read(short("icd9cm", DIAGNOSES))]).drafts
        assert ("Cholera due to vibrio ch", 1) == (rows_of(draft.build())["001.0"]["title"], len(draft.warnings))

    def test_lists_of_other_codes(self):
        """A short list that lacks a code or adds one contradicts the long one; both are named."""
        other = (*DIAGNOSES[1:], ("V271", "Outcome of delivery, single stillborn"))
        with pytest.raises(ReleaseFaults) as caught:
            build(read(text("icd9cm", DIAGNOSES)), read(short("icd9cm", other)))
        assert [(8, "got V271"), (9, "missing: 0010")] == [
            (
                fault.line,
                fault.message[-len("got V271") :] if fault.line == 8 else fault.message[-len("missing: 0010") :],
            )
            for fault in caught.value.exceptions
        ]

    def test_other_titles(self):
        """Titles of the workbook that differ are warnings."""
        other = (("0010", "Cholera due to vibrio cholera"), *DIAGNOSES[1:])
        (warning,) = build(read(text("icd9cm", DIAGNOSES)), read(sheet(other))).warnings
        assert ("1 long titles", "0010") == (warning[warning.index("1 ") :][:13], warning[-4:])

    def test_two_lists_of_one_version(self):
        """Another list for the same version is refused; the same list is a further source."""
        first = read(text("icd9cm", DIAGNOSES))
        again = read(text("icd9cm", DIAGNOSES, "CMS32_DESC_LONG_DX (1).txt"))
        other = read(text("icd9cm", CHOLERA, "CMS32_DESC_LONG_DX.txt copy.txt"))
        assembly = LOADERS["icd9cm"].assemble([other, again, first])
        assert [other.identity] == [part.identity for part, _ in assembly.refused]
        assert [2] == [len(draft.parts) for draft in assembly.drafts]

    def test_a_missing_version_is_a_gap(self):
        """Versions between two loaded ones are reported."""
        parts = [read(text("icd9cm", DIAGNOSES, f"CMS{n}_DESC_LONG_DX.txt")) for n in (29, 32)]
        (gap,) = LOADERS["icd9cm"].assemble(parts).gaps
        assert ("29", "32", "versions 30, 31 not loaded") == (gap.after, gap.before, gap.reason)

    def test_categories_are_derived(self):
        """Prefixes that are no codes become categories, titled by the codes below them."""
        codes = rows_of(build(read(text("icd9cm", DIAGNOSES))))
        expected = {
            "001": (None, "001 (category of the codes 001.0–001.1)"),  # noqa: RUF001
            "250": (None, "250 (category of the codes 250.00–250.01)"),  # noqa: RUF001
            "250.0": ("250", "250.0 (category of the codes 250.00–250.01)"),  # noqa: RUF001
            "E800": (None, "E800 (category of the code E800.0)"),
            "V27": (None, "V27 (category of the code V27.0)"),
        }
        found = {code: row for code, row in codes.items() if row["derived"]}
        assert expected == {code: (row["parent"], row["title"]) for code, row in found.items()}
        assert {("category", False, None)} == {(row["kind"], row["billable"], row["line"]) for row in found.values()}

    def test_categories_of_procedures(self):
        """Procedures have categories of two and three digits."""
        parts = [read(text("icd9pcs", PROCEDURES, "CMS32_DESC_LONG_SG.txt"), "icd9pcs")]
        built = build(*parts, system="icd9pcs")
        assert [
            ("00", None),
            ("00.1", "00"),
            ("00.10", "00.1"),
            ("33", None),
            ("33.1", "33"),
            ("37", None),
            ("37.2", "37"),
            ("37.21", "37.2"),
            ("37.22", "37.2"),
        ] == [(row["code"], row["parent"]) for row in built.tables["concepts"].to_pylist()]

    @pytest.mark.parametrize(("system", "rows"), [("icd9cm", DIAGNOSES), ("icd9pcs", PROCEDURES)])
    def test_the_tables_are_sound(self, system, rows):
        """Every release keeps the rules of all code systems."""
        built = build(read(text(system, rows, "v32.txt"), system), system=system)
        check_concepts(LOADERS[system].definition, built.tables["concepts"], "v32.txt")


class TestStore:
    """What a store answers."""

    @pytest.mark.parametrize(
        ("code", "date", "status"),
        [
            ("250.00", "2015-09-30", "billable"),
            ("25000", "2014-10-01", "billable"),
            ("250", "2015-09-30", "header"),
            ("250.00", "2015-10-01", "expired"),
            ("250", "2030-01-01", "expired"),
            ("250.00", "2014-09-30", "uncovered"),
            ("e800.0", "2015-01-01", "billable"),
            ("999.99", "2015-01-01", "unknown"),
            ("E99", "2015-01-01", "malformed"),
        ],
    )
    def test_statuses(self, store, code, date, status):
        """Version 32 covers its fiscal year; after that every code is expired."""
        assert status == str(store["icd9cm"].on(date).status(code))

    def test_the_halves_stay_apart(self, store):
        """0010 leads to each half's own code."""
        titles = [store[system].latest.lookup("0010").title for system in ("icd9cm", "icd9pcs")]
        assert ["Cholera due to vibrio cholerae", "Implantation of chemotherapeutic agent"] == titles

    def test_counts(self, store):
        """Categories are not counted."""
        found = {name: (store[name].releases[0].concepts, store[name].releases[0].billable) for name in store.systems}
        assert {"icd9cm": (40, 40), "icd9pcs": (22, 22)} == found


@pytest.mark.live
class TestRealFiles:
    """The last release as CMS published it."""

    def test_version_32(self, folder, tmp_path):
        """Both halves load without a warning, with the counts that CMS gives."""
        report = terminology.load(folder / "icd9cm", store=tmp_path, loaders=LOADERS)
        assert ((), ()) == (report.errors, report.skipped)
        found = {item.release.system: item.release for item in report.loaded}
        assert {"icd9cm": (14_567, 14_567), "icd9pcs": (3_882, 3_882)} == {
            name: (release.concepts, release.billable) for name, release in found.items()
        }
        assert [()] == list({release.warnings for release in found.values()})
        edition = terminology.open(tmp_path)["icd9cm"].on("2015-09-30")
        assert "Ménière's disease, unspecified" == edition["386.00"].title

    def test_no_other_system_is_claimed(self, folder):
        """Files of other systems are neither read nor skipped as ICD-9-CM."""
        others = [path for path in sorted(folder.iterdir()) if path.name not in {"icd9cm", "oddities"}]
        claimed = [
            file.label
            for other in others
            for file in readable_files(other)
            if isinstance(file, ReadableFile)
            if any(loader.read(file) is not None for loader in LOADERS.values())
        ]
        assert [] == claimed
