"""Any files of CPT, in any order, give each code the status of the rule on every day; the rule is read by brute force."""

from __future__ import annotations

import datetime
import random
import tempfile
from pathlib import Path

import pytest
from attrs import field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import terminology
from terminology.reading import ReadableFile
from terminology.testing.cpt_lives import (
    InventedLife,
    consolidated_text,
    deleted_text,
    descriptor_text,
    history_text,
    laboratory_list_text,
)
from terminology_loaders.cpt import CptLoader

Day = datetime.date
CODES = ("99990", "99991", "9990F", "9990T", "9991T", "9992T", "9990U", "9991U", "9990A", "9990M")
YEARS = (2023, 2024, 2025, 2026)
QUARTERS = [Day(year, month, 1) for year in range(2021, 2028) for month in (1, 4, 7, 10)]
FIRSTS = [Day(year, month, 1) for year in range(2021, 2028) for month in range(1, 13)]
INSIDE = [day for day in QUARTERS if day.year in YEARS and day.month > 1]
ANY_CATEGORY = "any"


@frozen
class File:
    """A file, and what it says: all codes of a year, codes of a category, or changes."""

    name: str
    text: str = field(repr=False)
    kind: str
    day: Day
    """On which its codes are in force; of changes the newest."""
    codes: frozenset[str] = frozenset()
    events: tuple[tuple[Day, str, str], ...] = ()


def annual(year, codes):
    """Return the descriptors of a year."""
    return File(f"LONGULT_{year}.txt", descriptor_text(year, codes), ANY_CATEGORY, Day(year, 1, 1), frozenset(codes))


def quarterly(day, dated):
    """Return the consolidated list of a quarter; the day of its newest descriptor is its own."""
    events = tuple((first, "ADDED", code) for code, first in dated if first)
    name = f"ConsolidatedCodeList {day.year}{'abcd'[day.month // 3]}.txt"
    text = consolidated_text(day.year, dated)
    return File(name, text, ANY_CATEGORY, day, frozenset(code for code, _ in dated), events)


def category_list(day, codes):
    """Return a list of Category III codes; they take effect six months after the month of its name."""
    out = Day(day.year - (day.month < 7), (day.month + 5) % 12 + 1, 1)
    name = f"Category III {out:%B %Y}.txt"
    return File(name, descriptor_text(day.year, codes), "T", day, frozenset(codes))


def laboratory_list(day, dated, gone):
    """Return a quarter's list of PLA codes."""
    events = tuple((first, "ADDED", code) for code, first in dated)
    text = laboratory_list_text(dated, gone)
    return File(f"CPTPLA_{day:%Y-%m}.xml", text, "U", day, frozenset(code for code, _ in dated), events)


def history(year, events):
    """Return the history that came with a year's files."""
    return File(f"History_DTK_tab_{year}.txt", history_text(events), "history", max(events)[0], events=tuple(events))


def deleted(year, events):
    """Return the list of deleted codes that came with a year's files."""
    gone = tuple(event for event in events if event[1] == "DELETED")
    return File(f"Deleted_DTK_tab_{year}.txt", deleted_text(gone), "deleted", max(gone)[0], events=gone)


@st.composite
def lives(draw):
    """Return the true lives of the codes: up to three periods each, on first days of quarters."""
    made = []
    for code in CODES:
        days = sorted(draw(st.sets(st.sampled_from(QUARTERS), min_size=0, max_size=5)))
        pairs = zip(days[::2], [*days[1::2], None], strict=False)
        made.append(InventedLife(code, tuple(pairs)))
    return made


@st.composite
def worlds(draw):
    """Return files: true ones mostly, some with changes left out, invented or dated anew."""
    truth = draw(lives())
    files = [
        annual(year, _in_force(truth, Day(year, 1, 1)))
        for year in draw(st.lists(st.sampled_from(YEARS), unique=True, max_size=4))
    ]
    for day in draw(st.lists(st.sampled_from(INSIDE), unique=True, max_size=3)):
        dated = [(code, draw(_blank(_since(truth, code, day)))) for code in _in_force(truth, day) if code != "99998"]
        files.append(quarterly(day, [*dated, ("99998", day)]))
    for day in draw(_some(INSIDE)):
        dated = [
            (life.code, _since(truth, life.code, day))
            for life in truth
            if life.code.endswith("U") and life.is_in_force(day)
        ]
        gone = [("9999U", Day(2021, 1, 1))] if draw(st.booleans()) else []
        if dated or gone:
            files.append(laboratory_list(day, dated, gone) if dated else laboratory_list(day, [], gone))
    for day in draw(_some([day for day in QUARTERS if day.year in YEARS and day.month == 7])):
        codes = [code for code in _in_force(truth, day) if code.endswith("T")]
        chosen = [code for code in codes if draw(st.booleans())] if draw(st.booleans()) else codes
        if chosen:
            files.append(category_list(day, chosen))
    for year in draw(_some(YEARS)):
        events = [one for life in truth for one in life.events() if one[0] <= Day(year, 1, 1)]
        events = sorted(one for one in events if not draw(_seldom)) + draw(_inventions(year))
        if events:
            files.append(history(year, sorted(events)))
        if any(change == "DELETED" for _, change, _ in events) and draw(st.booleans()):
            files.append(deleted(year, sorted(events)))
    return files


_seldom = st.sampled_from([False] * 9 + [True])


def _some(values):
    return st.lists(st.sampled_from(values), unique=True, min_size=1, max_size=len(values))


def _blank(day):
    return st.sampled_from([day, None])


def _since(truth, code, day):
    """Return the first day of the period of a code that holds a day."""
    periods = [period for life in truth if life.code == code for period in life.periods]
    return max((first for first, _ in periods if first <= day), default=None)


def _inventions(year):
    day = st.sampled_from([day for day in QUARTERS if day <= Day(year, 1, 1)])
    event = st.tuples(day, st.sampled_from(["ADDED", "DELETED"]), st.sampled_from(CODES))
    return st.one_of(st.just([]), st.lists(event, max_size=2))


def _in_force(truth, day):
    # a release has codes of more than one category; a code that nothing else tells of is in all of them
    return ["99998", "9998F", *(life.code for life in truth if life.is_in_force(day))]


# ---- the rule by brute force, from what the files say


@frozen
class Oracle:
    """Answers by the rule that the page of CPT states; no code is shared with the loader."""

    files: tuple[File, ...]

    @property
    def releases(self):
        """The loaded lists of all codes by their days."""
        return {file.day: file for file in self.files if file.kind == ANY_CATEGORY}

    def base(self, day):
        """Return the newest list of all codes of a day's year, or None."""
        held = [one for one in self.releases if one <= day and one.year == day.year]
        return self.releases[max(held)] if held else None

    def statements(self, code):
        """Return by day what the newest file that covers the code says of it."""
        said = {}
        for file in self.files:
            if file.kind in {"history", "deleted"}:
                continue
            base = self.base(file.day)
            if base is None or (base.day == file.day and base is not file):
                continue
            if code in file.codes:
                said[file.day] = True
            elif file.kind == ANY_CATEGORY or file.kind == code[-1] == "U":
                said[file.day] = False
            elif file.kind == code[-1] == "T":
                held = {one for one in base.codes if one.endswith("T")}
                if held and 2 * len(held & file.codes) >= len(held):
                    said[file.day] = False
        return dict(sorted(said.items()))

    def changes(self, code, first, last):
        """Return what counts of the changes after a day up to another: of each kind what the newest file says."""
        made = set()
        for change in ("ADDED", "DELETED"):
            told = {}
            for file in self.files:
                days = {
                    day for day, kind, other in file.events if (kind, other) == (change, code) and first < day <= last
                }
                if days:
                    weight = {"history": 3, "deleted": 2, ANY_CATEGORY: 0}.get(file.kind, 1)
                    age = Day.min if file.kind == ANY_CATEGORY else file.day
                    told.setdefault((age, weight), set()).update(days)
            if told:
                made |= {(day, change == "ADDED") for day in told[max(told)]}
        return sorted(made)

    def periods(self, code):
        """Return the half-open stretches of days on which the code is in force, between first release and for ever."""
        said = self.statements(code)
        state, since, found = False, None, []
        days = list(said)
        for number, start in enumerate(days):
            turns = [(start, said[start])]
            end = days[number + 1] if number + 1 < len(days) else Day.max
            inside = self.changes(code, start, end)
            if end != Day.max:
                while inside and inside[-1][1] != said[end]:
                    inside.pop()
                if not inside and said[start] != said[end]:
                    inside = []
            turns += [(day, begins) for day, begins in inside if day < end]
            for day, begins in turns:
                if begins and not state:
                    since = day
                if state and not begins:
                    found.append((since, day))
                state = begins
        return [*found, *([(since, Day.max)] if state else [])]

    def is_covered(self, day):
        """Return whether a list of all codes of the day's year is loaded, of that day or before."""
        return self.base(day) is not None

    def status(self, code, day):
        """Return the status on a day; None for a day without release, on which rows may answer all the same."""
        if not self.is_covered(day):
            return None
        periods = [period for period in self.periods(code) if self._is_seen(*period)]
        if any(first <= day < end for first, end in periods):
            return "billable"
        if any(end <= day for _, end in periods):
            return "expired"
        return "future" if periods else "unknown"

    def _is_seen(self, first, end):
        """Return whether any loaded year has days of the period."""
        return any(first < Day(day.year + 1, 1, 1) and day < end for day in self.releases)


def loaded(files, folder, order):
    """Return the code system of a store with these files, given one by one or all at once."""
    ordered = list(files)
    order.shuffle(ordered)
    source = folder / "in"
    source.mkdir()
    for file in ordered:
        (source / file.name).write_bytes(file.text.encode())
    steps = [[source / file.name] for file in ordered] if order.random() < 0.3 else [[source]]
    for paths in steps:
        terminology.load(*paths, store=folder / "store", loaders={"cpt": CptLoader()})
    return terminology.open(folder / "store")["cpt"]


def agrees(files, seed):
    """Hold every code on every first day of a month against the oracle."""
    oracle = Oracle(tuple(files))
    if not oracle.releases:
        return
    with tempfile.TemporaryDirectory() as name:
        cpt = loaded(files, Path(name), random.Random(seed))  # noqa: S311 -- an order, no secret
        for day in FIRSTS:
            edition = cpt.on(day)
            for code in (*CODES, "99998", "9999U"):
                expected = oracle.status(code, day)
                found = str(edition.status(code))
                assert expected in (found, None), f"{code} on {day}: {found}, by the rule {expected}"
                assert expected is not None or found in {"uncovered", "billable", "expired"}, (code, day, found)
                if expected == "billable":
                    assert code in edition
                    assert edition.lookup(code).title == f"Invented service {code}"


SLOW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
FAST = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@given(files=worlds(), seed=st.integers(0, 99))
@FAST
def test_any_files_in_any_order(files, seed):
    """The status of every code on every first day of a month is that of the rule."""
    agrees(files, seed)


@pytest.mark.slow
@given(files=worlds(), seed=st.integers(0, 99))
@SLOW
def test_many_files_in_any_order(files, seed):
    """The same, of many more worlds."""
    agrees(files, seed)


@given(files=worlds(), seeds=st.lists(st.integers(0, 99), min_size=2, max_size=3, unique=True))
@FAST
def test_the_order_of_the_files(files, seeds):
    """The plan of releases depends on the set of the files alone."""
    parts = [CptLoader().read(ReadableFile(f.name, lambda f=f: f.text.encode())) for f in files]
    plans = set()
    for seed in seeds:
        random.Random(seed).shuffle(parts)  # noqa: S311 -- an order, no secret
        plans.add(tuple(draft.digest("cpt", 1) for draft in CptLoader().assemble(parts).drafts))
    assert len(plans) == 1
