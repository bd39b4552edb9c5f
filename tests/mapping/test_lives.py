"""Editions as walks see them: lives across holes, lives that part, and what a migration makes of codes that come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import terminology
from terminology import CodeSystem
from terminology.model import Status
from terminology.periods import day_number
from terminology.periods import day_of as day_from_number
from terminology.query import engine_of, lives
from terminology.query.answers import Answers
from terminology.query.lives import EditionLives

from ..heads import table_of
from ..property.successions import Row, Story, SuccessionReader, day_of
from ..property.worlds import LOADERS, PLANTS

Codes = Mapping[str, str]
"""Titles by code; all are billable."""
Told = Callable[..., CodeSystem]


@pytest.fixture
def plants(tmp_path: Path) -> Told:
    """A function that loads releases of plants, None for a year that is missing, and rows of a publication."""

    def loaded(releases: Sequence[Codes | None], *rows: Row) -> CodeSystem:
        story = Story([{c: (True, title) for c, title in (codes or {}).items()} for codes in releases], list(rows))
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        files = story.write(folder / "files")
        for number, codes in enumerate(releases):
            if codes is None:
                (files / f"{number}-plants.world").unlink()
        reader = SuccessionReader()
        report = terminology.load(files, store=folder / "store", loaders=LOADERS, crosswalks={reader.name: reader})
        assert report.errors == ()
        return terminology.open(folder / "store")[PLANTS.name]

    return loaded


X = {"PX": "lasting"}
A, B = {**X, "PA": "a"}, {**X, "PB": "b"}


def number(release: int) -> int:
    """Return the number of the first day of a release."""
    return day_number(day_of(release))


def kinds(found: terminology.model.Translation) -> list[tuple[str, str, str]]:
    """Return codes, kind and relationship of each alternative."""
    return [("+".join(one.codes), one.kind, one.relationship) for one in found.alternatives]


# ---- holes


def test_a_year_that_is_missing_does_not_end_a_life(plants: Told) -> None:
    """Where nothing speaks for the days between, a code lives on: it is itself, in both directions, and was not reinstated."""
    system = plants([A, None, A])
    assert kinds(system.migrate("PA", "2016", "2018")) == [("PA", "identity", "equivalent")]
    assert kinds(system.migrate("PA", "2018", "2016")) == [("PA", "identity", "equivalent")]
    lives = EditionLives(Answers(engine_of(system.release("2018"))))
    assert lives.first_day("PA") == day_of(0)
    assert lives.is_billable("PA", number(1))


def test_a_year_without_the_code_ends_its_life(plants: Told) -> None:
    """Where a release speaks for the days between and lacks the code, there are two lives, with or without a hole."""
    for releases in ([A, X, A], [A, X, None, A], [A, None, X, A]):
        system = plants(releases)
        first, last = system.releases[0].version, system.releases[-1].version
        assert kinds(system.migrate("PA", first, last)) == [("PA", "reinstated", "equivalent")], releases
        assert not EditionLives(Answers(engine_of(system.latest))).is_billable("PA", number(1 if releases[1] else 2))


def test_a_step_within_a_hole_belongs_to_the_next_release(plants: Told) -> None:
    """A change on a day that no release speaks for is followed, and cites the release that first shows it."""
    system = plants([A, None, B], Row(("PA",), ("PB",), 1, "deleted"))
    (alternative,) = system.migrate("PA", "2016", "2018").alternatives
    assert [(step.effective, step.release) for step in alternative.path] == [(day_of(1), "2018")]
    (back,) = system.migrate("PB", "2018", "2016").alternatives
    assert (back.codes, back.path[0].release) == (("PA",), "2018")
    lives = EditionLives(Answers(engine_of(system.latest)))
    assert [lives.release_on(number(release)) for release in (-1, 0, 1, 2)] == [None, "2016", "2018", "2018"]


def test_into_a_code_that_stood_before_the_hole(plants: Told) -> None:
    """A code that stood before and after a hole stood in it: what is merged into it there is narrower."""
    both = {**A, **B}
    system = plants([both, None, B], Row(("PA",), ("PB",), 1, "deleted"))
    assert kinds(system.migrate("PA", "2016", "2018")) == [("PB", "merged", "source-is-narrower-than-target")]


def test_an_edition_in_a_hole(plants: Told) -> None:
    """On a day that no release speaks for, nothing is known of any code."""
    system = plants([A, None, B], Row(("PA",), ("PB",), 1, "deleted"))
    found = system.became("PA", day_of(1))
    assert (str(found.outcome), found.reason) == (
        "unknown",
        f"nothing loaded says whether PA is in force on {day_of(1)}",
    )


# ---- codes that come back


def test_reinstated(plants: Told) -> None:
    """A code that came back under its title is equivalent; under another one it is related, and both titles are told."""
    system = plants([A, X, A])
    assert kinds(system.migrate("PA", "2016", "2018")) == [("PA", "reinstated", "equivalent")]
    renamed = plants([A, X, {**X, "PA": "something else"}])
    found = renamed.migrate("PA", "2016", "2018")
    assert kinds(found) == [("PA", "reinstated", "related-to")]
    assert sorted(step.kind for step in found.alternatives[0].path) == ["reinstated", "renamed"]


def test_a_code_that_was_given_to_something_else(plants: Told) -> None:
    """A code that was replaced before it came back is followed as what it was when it was used."""
    system = plants([A, B, {**B, "PA": "another"}], Row(("PA",), ("PB",), 1, "deleted"))
    assert kinds(system.migrate("PA", "2016", "2018")) == [("PB", "replaced", "equivalent")]
    assert kinds(system.migrate("PA", "2017", "2018")) == [("PB", "replaced", "equivalent")]
    assert kinds(system.migrate("PA", "2018", "2018")) == [("PA", "identity", "equivalent")]
    assert system.migrate("PA", "2018", "2016").alternatives == ()


def test_what_became_of_a_code_of_unknown_age(plants: Told) -> None:
    """Where the release of a code is not told, its last life by the day is meant."""
    system = plants([A, B, {**B, "PA": "another"}], Row(("PA",), ("PB",), 1, "deleted"))
    codes = [kinds(system.became("PA", day_of(release)))[0][0] for release in (0, 1, 2)]
    assert codes == ["PA", "PB", "PA"]


def test_standing(plants: Told) -> None:
    """A standing tells which life is meant, whether it is over or to come, and where the way meets the next one."""
    system = plants([A, X, A, X])
    lives = EditionLives(Answers(engine_of(system.release("2018"))))
    before = lives.standing("PA", number(0))
    assert before is not None
    assert (before.status, before.ended, before.begins, before.life, before.again) == (
        Status.BILLABLE,
        number(1),
        None,
        number(0),
        number(2),
    )
    now = lives.standing("PA", number(2))
    assert now is not None
    assert (now.ended, now.begins, now.life, now.again) == (None, None, number(2), None)
    first = EditionLives(Answers(engine_of(system.release("2016")))).standing("PA", number(3))
    assert first is not None
    assert (first.ended, first.begins, first.life, first.again) == (None, number(2), number(2), number(1) - 1)
    gap = EditionLives(Answers(engine_of(system.release("2017")))).standing("PA", number(2))
    assert gap is not None
    assert (gap.begins, gap.again) == (number(2), None)
    assert lives.standing("PQ") is None


def test_the_example_at_the_head(plants: Told) -> None:
    """The standings that the module shows are those of a code that two of four releases list."""
    system = plants([A, X, A, X])
    rows = []
    for edition, used in (("2018", 0), ("2018", 2), ("2016", 3), ("2017", 2)):
        found = EditionLives(Answers(engine_of(system.release(edition)))).standing("PA", number(used))
        assert found is not None
        standing = (found.ended, found.begins, found.life, found.again)
        days = (day and day_from_number(day) for day in standing)
        rows.append(" ".join([edition, str(day_of(used)), str(found.status), *(str(day or "-") for day in days)]))
    assert rows == table_of(lives.__doc__, "edition")


def test_a_hole_of_the_example(plants: Told) -> None:
    """Were the second release not loaded, there would be one period."""
    found = EditionLives(Answers(engine_of(plants([A, None, A, X]).release("2019")))).standing("PA", number(2))
    assert found is not None
    assert (found.life, found.ended) == (number(0), number(3))
