"""Which releases lists of ICD-9-CM make, and what a store answers."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.errors import ReleaseFaults
from terminology.ingest.checks import check_concepts
from terminology.reading import ReadableFile, readable_files

from .icd9_files import CHOLERA, DIAGNOSES, LOADERS, PROCEDURES, build, read, rows_of, sheet, short, text

day = datetime.date


SAMPLES = Path(__file__).parents[2] / "src/terminology/samples"


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
