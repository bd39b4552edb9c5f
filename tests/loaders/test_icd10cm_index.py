"""The index files of ICD-10-CM: what is read, what is refused, and which release an index belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import terminology
from terminology import ReleaseFaults, ReleaseFormatError
from terminology.drafts import Part
from terminology.reading import ReadableFile, readable_files
from terminology_loaders.icd10cm import Icd10cmLoader
from terminology_loaders.icd10cm.index import is_index, read_index

from ..release_files import CHOLERA, order_file, zipped
from .index_files import HEART, HEART_ROWS, index_file, sub, term

LOADERS = {"icd10cm": Icd10cmLoader()}
CHOLERA_INDEX = index_file("alphabetic", term("Cholera", code="A00.9"))
EXTERNAL = index_file("external", term("Abuse", code="X58"))


def rows(data: bytes):
    """Return the rows of an index file."""
    return read_index(data, "index.xml").rows


def faults(data: bytes):
    """Return line, column and message of each fault."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        read_index(data, "index.xml")
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {"index.xml"} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


def load(folder: Path, files: dict[str, bytes], **options):
    """Return the report of loading files into the store of a folder."""
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return terminology.load(*(folder / name for name in files), store=folder / "store", loaders=LOADERS, **options)


def indexed(folder: Path):
    """Return which kinds of index each release has, and of which files."""
    system = terminology.open(folder / "store")["icd10cm"]
    found = {}
    for release in system.releases:
        if any(source.role == "index" for source in release.sources):
            table = system.release(release.version).table("index")
            found[release.version] = sorted(set(zip(*(table[n].to_pylist() for n in ("index", "file")), strict=True)))
    return found


class TestReading:
    """One file."""

    def test_paths_and_codes(self):
        """Each term is a row with its path, code, references and line."""
        found = {row.terms: row for row in rows(HEART)}
        path = ("Infarct, infarction", "myocardium, myocardial")
        infarct = found[path]
        assert ("I21.9", True, ("acute", "with stated duration of 4 weeks or less")) == (
            infarct.code,
            infarct.complete,
            infarct.nonessential,
        )
        assert ("I21.0", False) == (found[(*path, "anterior")].code, found[(*path, "anterior")].complete)
        assert "infarct, myocardium" == found["Attack, attacks", "heart"].see
        assert "H81.0" == found[("Ménière's disease",)].category
        lines = HEART.decode().split("\n")
        assert all(row.terms[-1] in lines[row.line - 1] for row in rows(HEART))

    def test_manifestations(self):
        """The code in square brackets is kept beside the first."""
        (row,) = rows(index_file("alphabetic", term("Amyloid heart", code="E85.4", manif="I43", seeAlso="Heart")))
        assert ("E85.4", "I43", "Heart") == (row.code, row.manifestation, row.see_also)

    @pytest.mark.parametrize(
        ("title", "name", "modifiers"),
        [
            ("Pain<nemod>(s)</nemod>", "Pain", ("s",)),
            ("vein<nemod>(peripheral) (deep)</nemod> NEC", "vein NEC", ("peripheral", "deep")),
            ("thorax<nemod>(pleural  fluid)</nemod>", "thorax", ("pleural fluid",)),
            ("chest<nemod>(wall (front))</nemod>", "chest", ("wall (front)",)),
            ("<nemod>(mono)</nemod>", "(mono)", ("mono",)),
            ("Contraction<nemod>(s)</nemod>, contracture", "Contraction, contracture", ("s",)),
            ("stimulant<nemod>(or other)</nemod>-induced", "stimulant-induced", ("or other",)),
            ("<nemod>(L)</nemod>-carnitine", "carnitine", ("L",)),
            ("Cancer<nemod>(o)</nemod>phobia", "Cancerphobia", ("o",)),
            ("delta-<nemod>(super)</nemod>infection", "delta-infection", ("super",)),
            ("autonomic<nemod>(poly)</nemod>neuropathy", "autonomic neuropathy", ("poly",)),
            ("a <nemod>(b)</nemod> c<nemod>(d)</nemod>, e", "a c, e", ("b", "d")),
        ],
    )
    def test_nonessential_modifiers(self, title, name, modifiers):
        """Words in brackets are taken out of the term, each bracket by itself, and leave no blank before a mark."""
        (row,) = rows(index_file("alphabetic", term(title, code="A00")))
        assert ((name,), modifiers) == (row.terms, row.nonessential)

    def test_neoplasm_cells(self):
        """Each cell with a code is a row below its term; a dash is no code."""
        cells = ("C34.9-", "C78.0-", "D02.2-", "D14.3-", "-", "D49.1")
        term_row, *found = rows(index_file("neoplasm", term("lung<nemod>(all)</nemod>", cells=cells)))
        assert (None, None) == (term_row.code, term_row.column)
        assert [
            (2, "C34.9", False),
            (3, "C78.0", False),
            (4, "D02.2", False),
            (5, "D14.3", False),
            (7, "D49.1", True),
        ] == [(row.column, row.code, row.complete) for row in found]
        assert {("Malignant Primary", ("all",))} == {
            (row.heading, row.nonessential) for row in found if row.column == 2
        }

    def test_drug_cells_are_not_complete(self):
        """The table of drugs leaves out the seventh character, which no code of poisoning lacks."""
        cells = ("T51.3X1", "T51.3X2", "T51.3X3", "T51.3X4", "--", "--")
        _, *found = rows(index_file("drug", term("1-propanol", cells=cells)))
        assert [("T51.3X1", False), ("T51.3X2", False), ("T51.3X3", False), ("T51.3X4", False)] == [
            (row.code, row.complete) for row in found
        ]

    @pytest.mark.parametrize("which", ["alphabetic", "external", "neoplasm", "drug"])
    def test_which_of_the_four(self, which):
        """Title and headings tell which file it is."""
        data = index_file(which, term("Alpha", code="A00"))
        assert (True, which, "2022") == (
            is_index(data),
            *(getattr(read_index(data, "x"), n) for n in ("which", "version")),
        )

    def test_text_in_place_of_a_code(self):
        """What is no code is left out with a warning."""
        found = read_index(index_file("neoplasm", term("tongue", cells=("ventral surface", "C79.89"))), "x.xml")
        assert ["C79.89"] == [row.code for row in found.rows if row.code]
        assert "'ventral surface' on line" in found.warnings[0]

    def test_faults(self):
        """Titles that are missing, levels that are not the depth and cells without a column are named together."""
        data = index_file(
            "neoplasm",
            term("", code="A00"),
            term("lung", sub("left", level=2), sub("", code="A01")),
            term("liver").replace("</mainTerm>", '<cell col="9">A00</cell></mainTerm>'),
            term("skin").replace("</mainTerm>", "<cell>A00</cell></mainTerm>"),
        )
        expected = [
            (None, "expected a term with a title below the letter"),
            ("level", "expected level 1 for 'left', got '2'"),
            (None, "expected a term with a title below lung"),
            ("col", "expected a cell in a column of the heading, got col '9' for liver"),
            ("col", "expected a cell in a column of the heading, got col '' for skin"),
        ]
        found = faults(data)
        assert expected == [fault[1:] for fault in found]
        assert all(fault[0] for fault in found)

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (b"Abuse", b"Abuse<", "expected well-formed XML"),
            (b"mainTerm", b"term", "expected at least one main term"),
            (b"<letter>", b'<indexHeading><head col="2">Colour</head></indexHeading><letter>', "expected an index"),
        ],
    )
    def test_files_that_are_no_index(self, old, new, message):
        """Broken XML, an empty index and a table of another kind are refused."""
        assert message in faults(EXTERNAL.replace(old, new))[0][2]


class TestReleases:
    """Which release an index joins."""

    def test_the_year_decides(self, tmp_path):
        """An index joins the first release of its fiscal year; the table names its file."""
        files = {f"icd10cm_order_{year}.txt": order_file(CHOLERA) for year in (2021, 2022, 2023)}
        load(tmp_path, {**files, "Index.xml": CHOLERA_INDEX, "E-Index.xml": EXTERNAL})
        assert {"2022": [("alphabetic", "Index.xml"), ("external", "E-Index.xml")]} == indexed(tmp_path)

    def test_the_name_of_the_day_decides(self, tmp_path):
        """A day in the name wins over the year; without a release of that day the nearest of the year is taken."""
        files = {
            "icd10cm_order_2022.txt": order_file(CHOLERA),
            "icd10cm-order-April-1-2022.txt": order_file(CHOLERA[:5]),
            "icd10cm-index-April-1-2022.xml": CHOLERA_INDEX,
            "icd10cm-eindex-January-2022.xml": EXTERNAL,
        }
        load(tmp_path, files)
        assert {
            "2022-04": [
                ("alphabetic", "icd10cm-index-April-1-2022.xml"),
                ("external", "icd10cm-eindex-January-2022.xml"),
            ]
        } == indexed(tmp_path)

    def test_the_archive_decides(self, tmp_path):
        """An index packed with an order file joins that file's release."""
        together = {"icd10cm-order-April-1-2022.txt": order_file(CHOLERA[:5]), "Index.xml": CHOLERA_INDEX}
        load(tmp_path, {"icd10cm_order_2022.txt": order_file(CHOLERA), "update.zip": zipped(together)})
        assert {"2022-04": [("alphabetic", "update.zip!Index.xml")]} == indexed(tmp_path)

    def test_a_faulty_index_is_rejected_alone(self, tmp_path):
        """An index that cannot be read does not keep the release from being loaded that came with it."""
        broken = CHOLERA_INDEX.replace(b"</letter>", b"")
        together = {"icd10cm_order_2022.txt": order_file(CHOLERA), "icd10cm_index_2022.xml": broken}
        report = load(tmp_path, {"FY2022.zip": zipped(together)})
        assert ["2022"] == [item.release.version for item in report.loaded]
        assert ["FY2022.zip!icd10cm_index_2022.xml"] == [error.file for error in report.errors]

    def test_the_operator_decides(self, tmp_path):
        """The day given with the load wins over all."""
        load(tmp_path, {f"icd10cm_order_{year}.txt": order_file(CHOLERA) for year in (2021, 2022)})
        load(tmp_path, {"Index.xml": CHOLERA_INDEX}, effective="2020-10-01")
        assert ["2021"] == list(indexed(tmp_path))

    def test_a_late_index_is_a_new_revision(self, tmp_path):
        """The index may come before or after its release, and makes the same of it."""
        order = {"icd10cm_order_2022.txt": order_file(CHOLERA)}
        stores = []
        for name, steps in {
            "a": [order, {"Index.xml": CHOLERA_INDEX}],
            "b": [{"Index.xml": CHOLERA_INDEX}, order],
        }.items():
            reports = [load(tmp_path / name, files) for files in steps]
            stores.append((indexed(tmp_path / name), terminology.open(tmp_path / name / "store")["icd10cm"].releases))
        assert stores[0] == stores[1]
        assert "index of 2022, of which no release is loaded; it waits for one" in [
            skip.reason for skip in load(tmp_path / "c", {"Index.xml": CHOLERA_INDEX}).skipped
        ]
        assert () == reports[0].errors

    def test_two_indexes_of_one_release(self, tmp_path):
        """Two files of one kind that differ cannot both be a release's."""
        other = index_file("alphabetic", term("Cholera", code="A00.0"))
        files = {"icd10cm_order_2022.txt": order_file(CHOLERA), "Index.xml": CHOLERA_INDEX, "Index2.xml": other}
        (error,) = load(tmp_path, files).errors
        assert ("Index2.xml", True) == (error.file, "another alphabetic index" in error.message)

    def test_codes_that_lead_nowhere(self, tmp_path):
        """Codes under which nothing is billable are a warning; beginnings of codes and headers are not."""
        data = index_file(
            "alphabetic",
            term("Cholera", sub("a", code="A00.-"), sub("b", code="A00"), sub("c", code="A00.7"), code="A00.9"),
            term("Other", code="B99.9", manif="A00.8"),
        )
        report = load(tmp_path, {"icd10cm_order_2022.txt": order_file(CHOLERA), "Index.xml": data})
        warnings = [warning for warning in report.loaded[0].release.warnings if "Index.xml" in warning]
        assert ["Index.xml: 3 codes lead to nothing that is billable in the release: A00.7, A00.8, B99.9"] == warnings

    def test_rows_of_the_table(self, tmp_path):
        """The table of the release has every row in the order of the file."""
        load(tmp_path, {"icd10cm_order_2022.txt": order_file(HEART_ROWS), "Index.xml": HEART})
        table = terminology.open(tmp_path / "store")["icd10cm"].latest.table("index")
        assert [", ".join(row.terms) for row in rows(HEART)] == table["path"].to_pylist()
        assert {0, 1, 2} == set(table["level"].to_pylist())


@pytest.mark.live
class TestRealFiles:
    """The publisher's files."""

    @staticmethod
    def files(*parts: str):
        """Return the index files below a folder of the real releases."""
        if not os.environ.get("TERMINOLOGY_RELEASES"):
            pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
        found = readable_files(Path(os.environ["TERMINOLOGY_RELEASES"]).joinpath("icd10cm", *parts))
        return [file for file in found if isinstance(file, ReadableFile) and is_index(file.head)]

    def test_fiscal_year_2017(self):
        """The counts of the full set of 2017 are as published."""
        found = {}
        for file in self.files("FY2017"):
            index = read_index(file.data, file.label)
            found[index.which] = (index.main_terms, index.terms)
            if index.which == "alphabetic":
                manifestations = sum(row.manifestation is not None for row in index.rows)
                assert (746, 15 + 130) == (manifestations, sum(row.category is not None for row in index.rows))
        assert {
            "alphabetic": (7_973, 77_199),
            "external": (314, 7_572),
            "neoplasm": (1, 1_930),
            "drug": (5_170, 7_416),
        } == found

    def test_all_years(self):
        """Every index file of every year is read, one cell of the neoplasm table apart without a warning."""
        for file in self.files():
            part = Icd10cmLoader().read(file)
            assert isinstance(part, Part)
            assert (part.facts["which"] == "neoplasm") == bool(part.warnings)
            assert all("ventral surface of tongue" in warning for warning in part.warnings)
