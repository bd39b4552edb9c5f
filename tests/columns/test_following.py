"""Each code is followed once for all days on which it becomes the same, and what was followed is remembered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Outcome, Terminology, Translation
from terminology.columns import becoming, following, translations
from terminology.columns.following import OwnStretches
from terminology.columns.losses import losses
from terminology.query import engine_of
from terminology.query.migration import migrated

SYSTEMS = ("icd10cm", "hcpcs", "icd10pcs", "icd10gm", "cpt", "icd9cm", "icd9pcs")


def said(found: Translation) -> tuple[Any, ...]:
    """Return all that a column or a loss can show of a translation."""
    alternatives = [(one.codes, one.kind, one.relationship, one.billable) for one in found.alternatives]
    return found.outcome, alternatives, found.split_off, found.reason


def became(found: Translation) -> tuple[Any, ...]:
    """Return outcome and codes of a translation."""
    return found.outcome, tuple(one.codes for one in found.alternatives)


@pytest.mark.parametrize("billable", [False, True])
@pytest.mark.parametrize("name", SYSTEMS)
def test_in_its_own_stretches_a_code_becomes_the_same(store: Terminology, name: str, billable: bool) -> None:  # noqa: FBT001 -- of a test
    """Of every code, from every day, to the first, a middle and the newest release: as if each day were asked."""
    system = store[name]
    changes = following.changes_of(system)
    days = [int(changes[0]) - 1, *map(int, changes)]
    releases = system.releases
    for release in {releases[0].version, releases[len(releases) // 2].version, releases[-1].version}:
        edition = system.release(release)
        follow = translations.followed(system, edition, billable=billable)
        codes = engine_of(edition).system.arrow_codes
        places, stretches = np.repeat(np.arange(len(codes)), len(days)), np.tile(np.arange(len(days)), len(codes))
        stretched = OwnStretches(system, engine_of(edition))
        own = stretched.of(codes, stretches, places)
        untouched = {*stretched.untouched.tolist()}
        for place, stretch, first in zip(places.tolist(), stretches.tolist(), own.tolist(), strict=True):
            if stretch != first:
                code = codes[place].as_py()
                assert said(follow(code, days[stretch])) == said(follow(code, days[first])), (code, release, stretch)
            if place in untouched:
                code = codes[place].as_py()
                assert (Outcome.MAPPED, ((code,),)) == became(follow(code, days[stretch]))


def test_most_codes_have_one_stretch(store: Terminology) -> None:
    """That is what it is for: a code that was always there, and in no map, is followed once."""
    system = store["icd10cm"]
    own = OwnStretches(system, engine_of(system.latest))
    width = len(following.changes_of(system)) + 1
    found = own.of(pa.array(["E11.9"]), np.arange(width), np.zeros(width, dtype=np.int64))
    assert [0] == sorted(set(found.tolist()))
    found = own.of(pa.array(["M54.5"]), np.arange(width), np.zeros(width, dtype=np.int64))
    assert len(set(found.tolist())) > 1


@pytest.fixture
def follows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the codes that are followed from now on."""
    asked: list[str] = []

    def counted(code: str, *arguments: Any, **options: Any) -> Translation:
        asked.append(code)
        return migrated(code, *arguments, **options)

    monkeypatch.setattr("terminology.query.migration.migrated", counted)
    return asked


def test_parts_of_a_table_share_what_was_followed(sample_store: Any, follows: list[str]) -> None:
    """A stream follows each code once, a second call none; another target is another question."""
    opened = terminology.open(sample_store)
    table = pa.table({"dx": ["M54.5", "G71.2", "?"] * 10})
    whole = terminology.migrate(table, system="icd10cm", origin="2021", target="2022", store=opened)
    assert ["?", "G71.2", "M54.5"] == sorted(follows)
    reader = table.to_reader(max_chunksize=4)
    parts = terminology.migrate(reader, system="icd10cm", origin="2021", target="2022", store=opened).read_all()
    assert whole.column("dx_targets").to_pylist() == parts.column("dx_targets").to_pylist()
    assert 3 == len(follows)
    terminology.migrate(table, system="icd10cm", origin="2021", target="2022-04", store=opened)
    terminology.migrate(table, system="icd10cm", origin="2021", target="2022", billable=True, store=opened)
    assert 9 == len(follows)


def test_translations_are_remembered_by_all_that_is_asked(store: Terminology) -> None:
    """Another crosswalk, target or day never has the answer of the one before."""
    old = {"dx": ["250.00"]}
    asked: list[dict[str, Any]] = [{"billable": True}, {"on": "2021-01-01"}, {"crosswalk": "gems"}, {}]
    for options in [*asked, *reversed(asked)]:
        told = terminology.translate(old, source="icd9cm", target="icd10cm", store=store, **options)
        expected = store.translate("250.00", source="icd9cm", target="icd10cm", **options)
        assert [[list(one.codes) for one in expected.alternatives]] == told.column("dx_targets").to_pylist()


def test_texts_that_are_no_codes_are_not_kept_for_ever(
    sample_store: Any, follows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit all are forgotten, and asked again; the answers stay what they were."""
    monkeypatch.setattr(becoming, "REMEMBERED", 3)
    opened = terminology.open(sample_store)
    for _ in range(2):
        for first in (0, 10, 20):
            texts = [*(f"?{number}" for number in range(first, first + 4)), "M54.5"]
            found = terminology.migrate({"dx": texts}, system="icd10cm", origin="2021", target="2022", store=opened)
            assert [0, 0, 0, 0, 3] == [len(groups) for groups in found.column("dx_targets").to_pylist()]
    # each lot of four is more than is kept, so the next one begins anew
    assert 6 * 5 == len(follows)


def test_a_code_is_followed_once_however_many_parts_have_it(sample_store: Any, follows: list[str]) -> None:
    """On every day of a stretch of its own, in every part, as text and in a dictionary."""
    opened = terminology.open(sample_store)
    days = [day for year in range(2018, 2023) for day in (f"{year}-01-05", f"{year}-11-05")]
    table = pa.table({"dx": ["M54.5", "G71.2"] * len(days), "day": [day for day in days for _ in range(2)]})
    whole = terminology.migrate(table, system="icd10cm", origin="day", target="2022", store=opened)
    count = len(follows)
    assert count < 2 * len(days)
    encoded = table.set_column(0, "dx", table.column("dx").dictionary_encode())
    for again in (table, encoded):
        parts = [again.slice(start, 3) for start in range(0, table.num_rows, 3)]
        told = [
            terminology.migrate(part, system="icd10cm", origin="day", target="2022", store=opened) for part in parts
        ]
        assert whole.column("dx_targets").to_pylist() == pa.concat_tables(told).column("dx_targets").to_pylist()
    assert count == len(follows)


@given(st.lists(st.integers(0, 50)), st.sampled_from([0, 2**26]))
def test_numbers_are_those_of_numpy(keys: list[int], most: int) -> None:
    """Whether keys are sorted or counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "MOST_CELLS", most)
        different, numbers = following._numbered(np.array(keys, dtype=np.int64), 51)
    expected, places = np.unique(np.array(keys, dtype=np.int64), return_inverse=True)
    assert (expected.tolist(), places.tolist()) == (different.tolist(), numbers.tolist())


def test_losses_are_by_day_too(store: Terminology) -> None:
    """Rows of one code from days on which it becomes something else are two losses."""
    table = {"dx": ["M54.5", "M54.5", "E11.9", "E11.9"], "day": ["2021-01-05", "2021-11-05"] * 2}
    found = losses(table, system="icd10cm", origin="day", target="2022", store=store)
    told = [(row["code"], row["rows"], row["kind"]) for row in found.to_pylist()]
    assert [("E11.9", 2, "one_to_one"), ("M54.5", 1, "split"), ("M54.5", 1, "header")] == told
