"""The packaged ICD-10-CM samples in any order, and any choice of them."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import terminology
import terminology.samples
from terminology import CodeSystem, StoreNotFoundError
from terminology.testing import codes_of, days_of, near_misses_of

FILES = sorted((Path(terminology.samples.__file__).parent / "icd10cm").iterdir())
CODES = ("M54.5", "M54.50", "Z28.3", "Z28.310", "F32.A", "A00.0", "A00", "U07.1", "13", "M50-M54", "Z99.99")
DAYS = ("2020-09-30", "2020-10-01", "2021-09-30", "2021-10-01", "2022-03-31", "2022-04-01", "2022-09-30", "2022-10-01")


def entry(store: Path) -> Any:
    """Return all that the pointer says of ICD-10-CM, or None where nothing was published."""
    try:
        held = json.loads((store / "CURRENT.json").read_bytes().partition(b"\n")[2])
    except FileNotFoundError:
        return None
    return held["systems"].get("icd10cm")


def answers(store: Path) -> Any:
    """Return what a store says of some codes on some days."""
    try:
        cm = terminology.open(store)["icd10cm"]
    except (StoreNotFoundError, terminology.UnknownSystemError):
        return None
    return [(str(cm.on(day).status(code)), cm.on(day).lookup(code)) for day in DAYS for code in CODES]


def load(paths: list[Path], store: Path) -> None:
    """Load some files."""
    report = terminology.load(*paths, store=store, system="icd10cm")
    assert report.errors == ()


@settings(max_examples=10)
@given(st.sets(st.sampled_from(FILES), min_size=1), st.data())
def test_any_choice_in_any_order(chosen: set[Path], data: st.DataObject) -> None:
    """Any choice of files, over any number of loads in any order, gives the store that one load of them gives."""
    with tempfile.TemporaryDirectory() as folder:
        once, parts = Path(folder, "once"), Path(folder, "parts")
        load(sorted(chosen), once)
        order = data.draw(st.permutations(sorted(chosen)))
        cuts = sorted(data.draw(st.sets(st.integers(1, len(order) - 1), max_size=3))) if len(order) > 1 else []
        for first, last in itertools.pairwise([0, *cuts, len(order)]):
            load(order[first:last], parts)
        assert entry(once) == entry(parts)
        assert answers(once) == answers(parts)


def sample_system(folder: str) -> CodeSystem:
    """Return ICD-10-CM from all samples."""
    load(FILES, Path(folder))
    return terminology.open(folder)["icd10cm"]


def test_texts_that_are_nearly_codes() -> None:
    """Every way to write a code finds it; every near miss has a status, and a repair of it is in force."""
    with tempfile.TemporaryDirectory() as folder:
        cm = sample_system(folder)

        @settings(max_examples=300)
        @given(st.data())
        def agree(data: st.DataObject) -> None:
            edition = cm.on(data.draw(days_of(cm)))
            if not edition.roots():
                return
            written = data.draw(codes_of(edition))
            assert edition.status(written).valid
            assert edition[written].code == cm.definition.official(written)
            missed = data.draw(near_misses_of(edition))
            check = edition.check(missed)
            assert check.status is edition.status(missed)
            assert check.suggestion is None or edition.is_valid(check.suggestion)
            assert (edition.lookup(missed) is None) == (check.status in ("unknown", "malformed"))

        agree()


def test_periods_of_check_and_history() -> None:
    """The period that a check gives is one of the history's, or a union of them where only the title changed."""
    with tempfile.TemporaryDirectory() as folder:
        cm = sample_system(folder)

        @settings(max_examples=200)
        @given(st.data())
        def agree(data: st.DataObject) -> None:
            edition = cm.on(data.draw(days_of(cm)))
            code = data.draw(st.sampled_from(CODES[:-1]))
            check = edition.check(code)
            periods = cm.history(code).periods
            assert all(
                a.effective_to == b.effective_from or b.effective_from > a.effective_to
                for a, b in itertools.pairwise(periods)
                if a.effective_to
            )
            if check.effective_from is not None:
                assert check.effective_from in {period.effective_from for period in periods}
                assert check.effective_to in {period.effective_to for period in periods}
            if check.status.valid:
                (holding,) = [
                    p
                    for p in periods
                    if p.effective_from <= edition.date and (p.effective_to is None or edition.date < p.effective_to)
                ]
                assert holding.status is check.status
                assert holding.title == edition[code].title

        agree()
