"""A whole CPT of invented codes: two years with history and a quarter's PLA list, loaded and compared with the plan."""

from __future__ import annotations

import datetime
import re
import zipfile

import pytest

import terminology
from terminology.testing.cpt import invented_release, write_cpt_release, write_laboratory_update
from terminology_loaders.cpt import CptLoader

CODES = 5_000


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Two years and an April list, written and loaded."""
    folder = tmp_path_factory.mktemp("cpt")
    years = [write_cpt_release(folder / "in", year, CODES, seed=3, zipped=True) for year in (2025, 2026)]
    new, gone = write_laboratory_update(folder / "april", years[0], 2)
    store = folder / "store"
    report = terminology.load(folder / "in", folder / "april", store=store, loaders={"cpt": CptLoader()})
    assert ((), ()) == (report.errors, report.skipped)
    return years, new, gone, terminology.open(store)["cpt"]


def test_releases(plan):
    """Two annual releases and the update, with the planned numbers of codes and eleven modifiers."""
    (first, second), new, gone, cpt = plan
    expected = [
        ("2025", len(first.codes) + 11),
        ("2025-04", len(first.codes) + 11 + len(new) - len(gone)),
        ("2026", len(second.codes) + 11),
    ]
    assert expected == [(release.version, release.concepts) for release in cpt.releases]
    assert [()] * 2 == [release.warnings for release in cpt.releases if release.version != "2025-04"]


def test_deletions(plan):
    """Every planned deletion expires on the first day of the year, and no other code does."""
    (first, second), _, gone, cpt = plan
    before, after = cpt.on("2025-12-31"), cpt.on("2026-01-01")
    assert {"billable"} == {str(before.status(code)) for code in second.deleted if code not in gone}
    assert {"expired"} == {str(after.status(code)) for code in second.deleted}
    expired = {code for code in first.codes if str(after.status(code)) == "expired"}
    assert set(second.deleted) == expired


def test_additions(plan):
    """Every planned addition begins on its own day, inside the year or with the next release."""
    _, second = plan[0]
    cpt = plan[3]
    for code in second.added:
        (period,) = cpt.history(code).periods
        assert (second.codes[code].since, True) == (period.effective_from, period.from_known)
        assert "future" == cpt.on(second.codes[code].since - datetime.timedelta(days=1)).status(code)


def test_revisions(plan):
    """Every planned revision begins a new wording with the year, and the old one stands before it."""
    (first, second), _, _, cpt = plan
    for code in second.revised:
        titles = [period.title for period in cpt.history(code).periods]
        assert [first.codes[code].title, second.codes[code].title] == titles


def test_unchanged_codes(plan):
    """A code of which nothing changed has one period and its own texts."""
    (first, second), _, _, cpt = plan
    edition = cpt.latest
    kept = [code for code in second.codes if code in first.codes and code not in second.revised][::97]
    for code in kept:
        made, found = second.codes[code], edition[code]
        assert len(cpt.history(code).periods) == 1 or code.endswith("U")
        assert (made.title, made.short_title, made.medium_title) == (
            found.title,
            found.short_title,
            found.properties["medium_title"],
        )
        assert len(found.properties["clinician_titles"]) == 2


def test_the_quarter(plan):
    """New PLA codes begin on April 1, the deleted one ends there, and codes of the next quarters are not yet there."""
    _, new, gone, cpt = plan
    march, april = cpt.on("2025-03-31"), cpt.on("2025-04-01")
    assert {("future", "billable")} == {(str(march.status(code)), str(april.status(code))) for code in new}
    assert {("billable", "expired")} == {(str(march.status(code)), str(april.status(code))) for code in gone}


def test_the_history_table(plan):
    """The history of the newest release holds every change that was written."""
    second = plan[0][1]
    table = plan[3].latest.table("history")
    deleted = sum(change == "DELETED" for _, change, *_ in second.history)
    assert len(second.history) + deleted + 2 + 12 == table.num_rows


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    """What is written follows from year, number and seed alone."""
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        write_cpt_release(folder, 2025, 200, seed=5)
    names = sorted(path.relative_to(folders[0]) for path in folders[0].rglob("*.*"))
    assert 15 == len(names)
    assert [(folders[0] / name).read_bytes() for name in names] == [(folders[1] / name).read_bytes() for name in names]


def test_loose_files_of_one_year(tmp_path):
    """The folder of one release loads as its archive does."""
    release = write_cpt_release(tmp_path / "in", 2025, 200, seed=5)
    report = terminology.load(tmp_path / "in", store=tmp_path / "store", loaders={"cpt": CptLoader()})
    assert ((), ()) == (report.errors, report.skipped)
    assert [("2025", len(release.codes) + 11, ())] == [
        (loaded.release.version, loaded.release.concepts, loaded.release.warnings) for loaded in report.loaded
    ]


def test_a_file_that_comes_later(tmp_path):
    """Files that arrive one by one make the same release as all at once."""
    write_cpt_release(tmp_path / "in", 2025, 200, seed=5)
    loaders = {"cpt": CptLoader()}
    for path in sorted((tmp_path / "in").rglob("*.*"), reverse=True):
        assert () == terminology.load(path, store=tmp_path / "one", loaders=loaders).errors
    terminology.load(tmp_path / "in", store=tmp_path / "all", loaders=loaders)
    one, both = (terminology.open(tmp_path / name)["cpt"] for name in ("one", "all"))
    assert both.releases == one.releases
    assert both.latest.table().equals(one.latest.table())


def test_everything_is_invented(tmp_path):
    """No descriptor is without the word, and the notice says so first of all."""
    release = invented_release(2026, 500, seed=9)
    assert all(re.match(r"Invented service [0-9A-Z]{5}, ", made.title) for made in release.codes.values())
    write_cpt_release(tmp_path, 2026, 500, seed=9, zipped=True)
    with zipfile.ZipFile(tmp_path / "cpt2026.zip") as archive:
        assert archive.read("standard/LONGULT.txt").startswith(b"INVENTED TEST DATA")


def test_no_year_before_the_first():
    """There is nothing before 2020."""
    with pytest.raises(ValueError, match="expected a year from 2020 on, got 2019"):
        invented_release(2019)
