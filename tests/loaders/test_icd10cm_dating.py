"""On which day an ICD-10-CM file takes effect, by its name, its addenda and its archive; and which files belong together."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import terminology
from terminology.drafts import Assembly, Part
from terminology.reading import ReadableFile
from terminology_loaders.icd10cm import Icd10cmLoader

from ..release_files import BACK_PAIN, CHOLERA, Row, codes_file, order_addenda, order_file, tabular, written, zipped

MORE: Sequence[Row] = (*BACK_PAIN, ("Z00", True, "Encounter for general examination"))


def parts_of(members: Mapping[str, bytes], archive: str | None = None) -> list[Part]:
    """Return what the loader reads from files, loose or from one archive."""
    sha256 = f"{archive}'s checksum" if archive else None
    files = [
        ReadableFile(name, lambda data=data: data, archive=archive, archive_sha256=sha256)
        for name, data in members.items()
    ]
    parts = [Icd10cmLoader().read(file) for file in files]
    assert all(isinstance(part, Part) for part in parts)
    return [part for part in parts if isinstance(part, Part)]


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return Icd10cmLoader().assemble(parts)


def days(*parts: Part) -> list[str]:
    """Return the effective days of the releases that the parts make."""
    return [draft.effective.isoformat() for draft in assembled(*parts).drafts]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("icd10cm_order_2019.txt", "2018-10-01"),
        ("icd10cm-order-2022.txt", "2021-10-01"),
        ("ICD10CM_ORDER_2020.TXT", "2019-10-01"),
        ("icd10cm-order-Jan-2021.txt", "2021-01-01"),
        ("icd10cm_order_2021jan.txt", "2021-01-01"),
        ("icd10cm-order-April-2025.txt", "2025-04-01"),
        ("icd10cm-order-April-1-2022.txt", "2022-04-01"),
        ("icd10cm-order- April 1 2023.txt", "2023-04-01"),
        ("icd10cm_order_April 1, 2024.txt", "2024-04-01"),
        ("icd10cm-order-October 1st 2022.txt", "2022-10-01"),
    ],
)
def test_loose_file(name: str, expected: str) -> None:
    """The name of a loose order file dates it: by month and year where it has them, else by fiscal year."""
    assert [expected] == days(*parts_of({name: order_file(CHOLERA)}))


@pytest.mark.parametrize(
    ("archive", "member", "expected"),
    [
        ("2021-code-descriptions-tabular-order-updated-12162020.zip", "icd10cm_order_2021.txt", "2021-01-01"),
        ("2022-code-descriptions-tabular-order-updated-02012022.zip", "icd10cm_order_2022.txt", "2022-04-01"),
        ("2023-code-descriptions-tabular-order-updated-01-11-2023.zip", "icd10cm_order_2023.txt", "2023-04-01"),
        ("2024-code-descriptions-tabular-order-updated-02-01-2024.zip", "icd10cm_order_2024.txt", "2024-04-01"),
        ("2025-code-descriptions-tabular-order.zip", "icd10cm_order_2025.txt", "2024-10-01"),
        ("Code Descriptions zip.zip", "icd10cm-order-2022.txt", "2021-10-01"),
        ("icd10cm-codes-order-Jan-2021.zip", "icd10cm-order-2021.txt", "2021-01-01"),
        ("icd10cm-code descriptions- April 1 2023.zip", "icd10cm-order- April 1 2023.txt", "2023-04-01"),
        ("2024-updated-02-01-2024.zip", "icd10cm-order-April-2023.txt", "2023-04-01"),
    ],
)
def test_archive(archive: str, member: str, expected: str) -> None:
    """A member's own date is heard first, then the archive's: an update takes effect on the first update day after it."""
    assert [expected] == days(*parts_of({member: order_file(CHOLERA)}, archive))


def test_year_alone_is_said() -> None:
    """A file that nothing dates but its year is taken for the annual one, with a warning that says so."""
    (draft,) = assembled(*parts_of({"icd10cm_order_2019.txt": order_file(CHOLERA)})).drafts
    (warning,) = draft.warnings
    assert "icd10cm_order_2019.txt" in warning
    assert "2018-10-01" in warning


def test_named_month_needs_no_warning() -> None:
    """A file that its own name dates is dated without a warning."""
    (draft,) = assembled(*parts_of({"icd10cm-order-April-2025.txt": order_file(CHOLERA)})).drafts
    assert draft.warnings == ()


def test_nothing_dates_it() -> None:
    """A file that nothing dates is refused, and the way out is named."""
    made = assembled(*parts_of({"order.txt": order_file(CHOLERA)}))
    assert made.drafts == ()
    assert ["--effective" in why for _, why in made.refused] == [True]


def test_addenda_from_another_year() -> None:
    """Addenda that start from last year's file prove the annual one, so that no warning is needed."""
    members = {
        "icd10cm_order_2022.txt": order_file(BACK_PAIN),
        "icd10cm_order_addenda_2022.txt": order_addenda(
            CHOLERA, BACK_PAIN, "icd10cm_order_2021.txt", "icd10cm_order_2022.txt"
        ),
    }
    (draft,) = assembled(*parts_of(members, "descriptions.zip")).drafts
    assert (draft.effective.isoformat(), draft.warnings) == ("2021-10-01", ())


@pytest.mark.parametrize(("year", "update"), [("2022", "2022-04-01"), ("2021", "2021-01-01")])
def test_addenda_from_the_same_year(year: str, update: str) -> None:
    """Addenda between two files of one year prove an update; without a date it is that of the year, with a warning.

    It is April's, but for 2021, which had one in January alone.
    """
    annual = parts_of({f"icd10cm-order-{year}.txt": order_file(BACK_PAIN)}, "october.zip")
    name = f"icd10cm_order_{year}.txt"
    members = {
        name: order_file(MORE),
        f"icd10cm_order_addenda_{year}.txt": order_addenda(BACK_PAIN, MORE, name, name),
    }
    drafts = assembled(*annual, *parts_of(members, "update.zip")).drafts
    assert [draft.effective.isoformat() for draft in drafts] == [f"{int(year) - 1}-10-01", update]
    assert any(f"taken as {update}" in warning for warning in drafts[1].warnings)


def test_addenda_with_a_date_in_its_names() -> None:
    """Addenda that name the new file with its month date it."""
    annual = parts_of({"icd10cm-order-2022.txt": order_file(BACK_PAIN)})
    members = {
        "order.txt": order_file(MORE),
        "addenda.txt": order_addenda(BACK_PAIN, MORE, "icd10cm-order-2022.txt", "icd10cm-order-April-1-2022.txt"),
    }
    assert days(*annual, *parts_of(members, "update.zip")) == ["2021-10-01", "2022-04-01"]


@pytest.mark.parametrize("given", [{"effective": "2022-04-01"}, {"version": "2022-04"}])
def test_the_operator_wins(tmp_path: Path, given: Mapping[str, str]) -> None:
    """A day or version that is given wins over all evidence in names."""
    files = written(tmp_path / "files", {"icd10cm-order-Jan-2021.txt": order_file(CHOLERA)})
    report = terminology.load(files, store=tmp_path / "store", **given)
    assert [(item.release.version, item.release.effective) for item in report.loaded] == [
        ("2022-04", datetime.date(2022, 4, 1))
    ]


def test_folder_is_no_evidence(tmp_path: Path) -> None:
    """The folder that a file lies in dates nothing."""
    files = written(tmp_path / "FY2022-Apr-1-2022", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    report = terminology.load(files, store=tmp_path / "store")
    assert [item.release.version for item in report.loaded] == ["2021"]


def test_same_bytes_two_releases() -> None:
    """The same bytes under two dated names are two releases."""
    members = {"icd10cm-order-2025.txt": order_file(CHOLERA), "icd10cm-order-April-2025.txt": order_file(CHOLERA)}
    assert days(*parts_of(members)) == ["2024-10-01", "2025-04-01"]


def test_two_archives_one_release() -> None:
    """The same release in two archives is one, with the files of both as its sources."""
    one = parts_of({"icd10cm-order-2025.txt": order_file(CHOLERA)}, "CDC.zip")
    two = parts_of({"icd10cm_order_2025.txt": order_file(CHOLERA)}, "CMS.zip")
    (draft,) = assembled(*one, *two).drafts
    assert {part.origin.archive for part in draft.parts} == {"CDC.zip", "CMS.zip"}


def test_versions() -> None:
    """The version is the fiscal year, and of an update also its month."""
    names = ("icd10cm_order_2020.txt", "icd10cm-order-Jan-2021.txt", "icd10cm-order-April-2022.txt")
    drafts = assembled(*parts_of({name: order_file(CHOLERA) for name in names})).drafts
    assert [draft.version for draft in drafts] == ["2020", "2021-01", "2022-04"]


def test_the_name_of_a_tabular_list_is_stronger_than_its_codes() -> None:
    """A tabular list joins the release of the year in its name, though it expands to the codes of another year."""
    orders = parts_of({"icd10cm_order_2021.txt": order_file(CHOLERA), "icd10cm_order_2022.txt": order_file(BACK_PAIN)})
    listed = parts_of({"icd10cm_tabular_2021.xml": tabular(2022, BACK_PAIN)})
    first, second = assembled(*orders, *listed).drafts
    assert [[part.kind for part in draft.parts] for draft in (first, second)] == [["order", "tabular"], ["order"]]
    assert any("expanded codes are not in order file" in warning for warning in first.build().warnings)


def test_a_tabular_list_joins_its_codes_where_nothing_names_its_year() -> None:
    """Without a year in names and version element a tabular list joins the release whose codes it expands to."""
    orders = parts_of({"icd10cm_order_2021.txt": order_file(CHOLERA), "icd10cm_order_2022.txt": order_file(BACK_PAIN)})
    listed = parts_of({"Tabular.xml": tabular(0, BACK_PAIN)})
    drafts = assembled(*orders, *listed).drafts
    assert [[part.kind for part in draft.parts] for draft in drafts] == [["order"], ["order", "tabular"]]


def test_tabular_list_of_equal_codes() -> None:
    """Where two releases hold the codes of a tabular list, the day in its name decides."""
    orders = parts_of(
        {"icd10cm-order-2025.txt": order_file(BACK_PAIN), "icd10cm-order-April-2025.txt": order_file(BACK_PAIN)}
    )
    listed = parts_of({"icd10cm-tabular-April-2025.xml": tabular(2025, BACK_PAIN)})
    drafts = assembled(*orders, *listed).drafts
    assert [[part.kind for part in draft.parts] for draft in drafts] == [["order"], ["order", "tabular"]]


def test_a_list_inside_the_year_makes_a_release() -> None:
    """A tabular list of April with the codes of October makes a release of April; October keeps its own list."""
    orders = parts_of({"icd10cm-order-2026.txt": order_file(BACK_PAIN)})
    october = parts_of({"icd10cm_tabular_2026.xml": tabular(2026, BACK_PAIN)})
    april = parts_of({"icd10cm-tabular-April-1-2026.xml": tabular(2026, BACK_PAIN, notes={"M54": "spring (M99)"})})
    first, second = assembled(*orders, *october, *april).drafts
    assert ("2026", False, "2026-04", True) == (first.version, first.derived, second.version, second.derived)
    assert [part.origin.name for part in first.parts] == ["icd10cm-order-2026.txt", "icd10cm_tabular_2026.xml"]
    assert [part.origin.name for part in second.parts] == ["icd10cm-order-2026.txt", "icd10cm-tabular-April-1-2026.xml"]
    rows = [
        {row["code"]: row["billable"] for row in draft.build().tables["concepts"].to_pylist()}
        for draft in (first, second)
    ]
    assert rows[0] == rows[1]
    assert [row["text"] for row in second.build().tables["notes"].to_pylist()] == ["spring (M99)"]


def test_a_list_inside_the_year_with_other_codes_waits() -> None:
    """A tabular list of April that expands to other codes than October's makes nothing, and the reason counts them."""
    orders = parts_of({"icd10cm-order-2026.txt": order_file(CHOLERA)})
    april = parts_of({"icd10cm-tabular-April-1-2026.xml": tabular(2026, BACK_PAIN)})
    made = assembled(*orders, *april)
    assert [draft.version for draft in made.drafts] == ["2026"]
    assert [why for _, why in made.unused] == [
        "tabular list of 2026-04: differs in 4 codes from 2026, and no order file of 2026-04 is loaded; it is kept"
    ]
    later = parts_of({"icd10cm-order-April-1-2026.txt": order_file(BACK_PAIN)})
    assert ["order", "tabular"] == [part.kind for part in assembled(*orders, *april, *later).drafts[1].parts]


def test_the_nearer_of_two_lists_answers() -> None:
    """Of two tabular lists of one year the one with the release's codes answers; the other is reported."""
    orders = parts_of({"icd10cm_order_2021.txt": order_file(BACK_PAIN)})
    lists = parts_of({"icd10cm_tabular_2021.xml": tabular(2021, CHOLERA)})
    lists += parts_of({"icd10cm_tabular_2021.xml": tabular(2021, BACK_PAIN)}, "FY2021.zip")
    made = assembled(*orders, *lists)
    assert made.drafts[0].parts[1] is lists[1]
    assert [(part, why) for part, why in made.unused] == [
        (lists[0], "another tabular list of 2021, which FY2021.zip!icd10cm_tabular_2021.xml is nearer to; it is kept")
    ]


@pytest.mark.parametrize(
    "archive", ["April-1-2024-XML.zip", "2024-tables-and-index-updated-02-01-2024.zip", "FY2024-updated-12152023.zip"]
)
def test_an_archive_dates_a_list_inside_the_year(archive: str) -> None:
    """A list that its archive dates to April makes the release of April, whose codes are October's; October keeps its own."""
    orders = parts_of({"icd10cm_order_2024.txt": order_file(BACK_PAIN)})
    october = parts_of({"icd10cm_tabular_2024.xml": tabular(2024, BACK_PAIN)}, "october.zip")
    april = parts_of({"icd10cm_tabular_2024.xml": tabular(2024, BACK_PAIN, notes={"M54": "spring (M99)"})}, archive)
    first, second = assembled(*orders, *october, *april).drafts
    assert [("2024", october[0]), ("2024-04", april[0])] == [
        (draft.version, draft.parts[1]) for draft in (first, second)
    ]
    assert ["2024", "2024-04"] == [draft.version for draft in assembled(*orders, *april).drafts]


def test_a_load_says_which_file_gave_way(tmp_path: Path) -> None:
    """Where a load gives a release another tabular list, its report says from which to which."""
    store = tmp_path / "store"
    first = {"icd10cm_order_2021.txt": order_file(BACK_PAIN), "Tabular.xml": tabular(0, BACK_PAIN)}
    terminology.load(written(tmp_path / "first", first), store=store)
    again = written(tmp_path / "second", {"icd10cm_tabular_2021.xml": tabular(2021, BACK_PAIN)})
    (loaded,) = terminology.load(again, store=store).loaded
    assert loaded.changed
    assert loaded.replaced == ("tabular: from Tabular.xml to icd10cm_tabular_2021.xml",)
    (unchanged,) = terminology.load(again, store=store).loaded
    assert (unchanged.already, unchanged.replaced) == (True, ())


def test_missing_years_are_a_gap() -> None:
    """A missing annual release is a gap between its neighbours."""
    members = {f"icd10cm_order_{year}.txt": order_file(CHOLERA) for year in (2018, 2019, 2022)}
    gaps = assembled(*parts_of(members)).gaps
    assert [(gap.after, gap.before) for gap in gaps] == [("2019", "2022")]
    assert "2020, 2021" in gaps[0].reason


def test_missing_update_is_a_gap() -> None:
    """An update that only the addenda of the next release prove is a gap when it is not there."""
    after = (*MORE, ("Z01", True, "Encounter for other special examination"))
    members = {
        "icd10cm_order_2023.txt": order_file(after),
        "icd10cm_order_addenda_2023.txt": order_addenda(
            MORE, after, "icd10cm_order_2022.txt", "icd10cm_order_2023.txt"
        ),
    }
    october = parts_of({"icd10cm-order-2022.txt": order_file(BACK_PAIN)})
    made = assembled(*october, *parts_of(members, "2023.zip"))
    assert [(gap.after, gap.before) for gap in made.gaps] == [("2022", "2023")]


def test_nested_archive_keeps_the_name_of_the_outer_one(tmp_path: Path) -> None:
    """A file in an archive in an archive is dated and cited by the archive that was downloaded."""
    inner = zipped({"icd10cm_order_2022.txt": order_file(CHOLERA), "icd10cm_codes_2022.txt": codes_file(CHOLERA)})
    files = written(tmp_path / "files", {"2022-updated-02012022.zip": zipped({"inner.zip": inner})})
    (item,) = terminology.load(files, store=tmp_path / "store").loaded
    assert item.release.version == "2022-04"
    assert {source.file.partition("!")[0] for source in item.release.sources} == {"2022-updated-02012022.zip"}
