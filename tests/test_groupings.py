"""Groupings: which version answers on a day, what a version says, and what changed from one to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology import NoVersionError, Terminology, UnknownCodeError, UnknownGroupingError
from terminology.samples import sample_releases

HEADER = (
    "'ICD-10-CM CODE','ICD-10-CM CODE DESCRIPTION','Default CCSR CATEGORY IP','Default CCSR CATEGORY DESCRIPTION IP',"
    "'Default CCSR CATEGORY OP','Default CCSR CATEGORY DESCRIPTION OP','CCSR CATEGORY 1','CCSR CATEGORY 1 DESCRIPTION',"
    "'CCSR CATEGORY 2','CCSR CATEGORY 2 DESCRIPTION'"
)


def written(folder: Path, version: str, rows: dict[str, tuple[str, ...]]) -> Path:
    """Return a table of diagnoses in which the first category of each code is its default."""
    lines = [HEADER]
    for code, categories in rows.items():
        first, second = (*categories, "")[:2]
        cells = (f"'{one}',{f'Title of {one}' if one else ' '}" for one in (first, first, first, second))
        lines.append(f"'{code}',Title,{','.join(cells)}")
    path = folder / f"DXCCSR_{version}.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode())
    return path


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """Versions of fiscal years 2022 and 2024 beside ICD-10-CM; that of 2023 is missing."""
    folder = tmp_path_factory.mktemp("groupings")
    first = written(folder, "v2022-1", {"A000": ("DIG001", "INF003"), "E119": ("END002",), "M542": ("MUS010",)})
    second = written(folder, "v2024-1", {"A000": ("INF003", "DIG001"), "E119": ("END005",), "M5450": ("MUS038",)})
    report = terminology.load(first, second, sample_releases() / "icd10cm", store=folder / "store")
    assert report.ok
    return terminology.open(folder / "store")


def test_code_sets_and_groupings_are_listed_apart(two: Terminology) -> None:
    """A grouping is no code set; as a code system of categories it is an item of the store all the same."""
    assert two.systems == ("icd10cm",) == tuple(two)
    assert len(two) == 1
    assert two.groupings == ("ccsr_dx",)
    assert two["ccsr_dx"].latest.title("MUS038") == "Title of MUS038"


def test_a_category_is_no_code_of_another_system(two: Terminology) -> None:
    """Whoever asks a code set about a category is not sent to the grouping."""
    assert two["icd10cm"].latest.check("END005").other_systems == ()


@pytest.mark.parametrize(
    ("day", "version"), [("2021-10-01", "v2022-1"), ("2022-09-30", "v2022-1"), ("2023-10-01", "v2024-1")]
)
def test_a_version_answers_to_the_end_of_its_year(two: Terminology, day: str, version: str) -> None:
    """And from its first day on."""
    assert two.grouping("ccsr_dx").on(day).version == version


@pytest.mark.parametrize(
    ("day", "nearest"),
    [("2021-09-30", "v2022-1"), ("2022-10-01", "v2022-1"), ("2023-09-30", "v2024-1"), ("2030-01-01", "v2024-1")],
)
def test_a_day_that_no_version_covers_names_the_nearest(two: Terminology, day: str, nearest: str) -> None:
    """It answers only where that is accepted, and every group says so."""
    edition = two["icd10cm"].on(day)
    with pytest.raises(NoVersionError, match=f"covers {day}: .*the nearest is {nearest}, effective"):
        edition.groups("A00.0", "ccsr_dx")
    found = edition.groups("A00.0", "ccsr_dx", accept_nearest=True)
    assert found.is_nearest
    assert {(group.version, group.is_nearest) for group in found} == {(nearest, True)}


def test_versions_say_what_dates_them(two: Terminology) -> None:
    """First day and end, the basis of the first day, the release of the code set, and the file with its checksum."""
    first, second = two.grouping("ccsr_dx").versions
    assert (str(first.effective_from), str(first.effective_to)) == ("2021-10-01", "2022-10-01")
    assert first.basis == "version v2022-1 is of fiscal year 2022"
    assert (second.version, second.presumes) == ("v2024-1", "icd10cm 2024")
    assert [source.file for source in second.sources] == ["DXCCSR_v2024-1.csv"]
    assert len(second.sources[0].sha256) == 64


def test_a_day_that_the_operator_gives_overrides_the_name(tmp_path: Path) -> None:
    """And is the basis."""
    terminology.load(
        written(tmp_path, "v2022-1", {"A000": ("DIG001",)}), store=tmp_path / "store", effective="2022-01-01"
    )
    (version,) = terminology.open(tmp_path / "store").grouping("ccsr_dx").versions
    assert (str(version.effective_from), version.basis) == ("2022-01-01", "given by the operator")


def test_two_tables_of_one_version_that_differ_are_refused(tmp_path: Path) -> None:
    """Both are named."""
    (tmp_path / "b").mkdir()
    first = written(tmp_path, "v2022-1", {"A000": ("DIG001",)})
    second = written(tmp_path / "b", "v2022-1", {"A000": ("INF003",)})
    second = second.rename(second.with_name("other_v2022-1.csv"))
    report = terminology.load(first, second, store=tmp_path / "store")
    assert not report.ok
    assert "differs from DXCCSR_v2022-1.csv, and both are version v2022-1" in str(report.errors[0])


def test_a_difference_compares_categories_as_sets(two: Terminology) -> None:
    """Another order of the same categories is no change."""
    found = two.grouping("ccsr_dx").diff("v2022-1", "v2024-1")
    assert found.rows == [
        ("E11.9", "changed", ("END002",), ("END005",)),
        ("M54.2", "removed", ("MUS010",), ()),
        ("M54.50", "added", (), ("MUS038",)),
    ]
    assert found.table().column("change").to_pylist() == ["changed", "removed", "added"]


def test_the_impact_on_codes_of_ones_own_counts_their_rows(two: Terminology) -> None:
    """In any form; what is no code does not count, and what no version groups is named."""
    found = two.grouping("ccsr_dx").impact(
        "v2022-1", "v2024-1", ["e119", "E11.9", "A00.0", "Z00.00", "?", None, "M545"]
    )
    assert found.rows == ((2, "E11.9", "changed", ("END002",), ("END005",)),)
    assert (found.changed, found.used, found.ungrouped) == (2, 5, ("M54.5", "Z00.00"))


def test_the_history_of_a_code_has_its_groups_by_version(two: Terminology) -> None:
    """Oldest first; none is an answer, too."""
    found = two.grouping("ccsr_dx").history("M542")
    assert [(version.version, [group.category for group in groups]) for version, groups in found] == [
        ("v2022-1", ["MUS010"]),
        ("v2024-1", []),
    ]


def test_members_are_the_codes_of_a_category(two: Terminology) -> None:
    """Of one role, where it is asked for."""
    version = two.grouping("ccsr_dx").version("v2024-1")
    assert version.members("INF003") == ("A00.0",) == version.members("INF003", role="default")
    assert version.members("DIG001", role="default") == ()
    with pytest.raises(UnknownCodeError, match="v2024-1 has no category 'MUS010'"):
        version.members("MUS010")


def test_what_there_is_not_is_said(two: Terminology) -> None:
    """A grouping that is not loaded, and a text that can be no code."""
    with pytest.raises(
        UnknownGroupingError, match=r"no grouping 'ccsr' in the store \(it holds: ccsr_dx\); load its files"
    ):
        two.grouping("ccsr")
    with pytest.raises(UnknownGroupingError, match="no grouping 'icd10cm'"):
        two.grouping("icd10cm")
    with pytest.raises(UnknownCodeError, match="'high fever' cannot be a code of ICD-10-CM"):
        two["icd10cm"].on("2021-10-01").groups("high fever", "ccsr_dx")
    with pytest.raises(terminology.TerminologyError, match="ccsr_dx groups codes of icd10cm, not of hcpcs"):
        two.grouping("ccsr_dx").latest.groups("J1815", "hcpcs")


def test_a_faulty_table_names_every_line(tmp_path: Path) -> None:
    """Nothing of it is committed."""
    path = written(tmp_path, "v2022-1", {"A000": ("DIG001",), "high fever": ("DIG001",)})
    path.write_bytes(path.read_bytes() + b"'A001',Title,'XYZ001',T,'DIG001',T,'DIG001',T,' ', \r\n'A009',cut\r\n")
    report = terminology.load(path, store=tmp_path / "store")
    said = "\n".join(map(str, report.errors))
    assert "DXCCSR_v2022-1.csv:3: column 1: expected a code of ICD-10-CM, got 'high fever'" in said
    assert (
        "csv:4: column Default CCSR CATEGORY IP: the default XYZ001 of A00.1 is none of its categories DIG001" in said
    )
    assert "csv:5: expected at least 9 cells, got 2: the row is cut short" in said
    assert report.loaded == ()
