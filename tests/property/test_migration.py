"""Codes carried from release to release in random stories, against a brute-force walker over plain dicts."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence

from hypothesis import given

import terminology
from terminology import CodeSystem
from terminology.model import Alternative, Translation

from .successions import Row, Story, SuccessionReader, Walker, day_of, stories
from .test_worlds import scratch
from .worlds import LOADERS, PLANTS

PLAIN = {"replaced", "renamed"}


@contextlib.contextmanager
def told(story: Story) -> Iterator[CodeSystem]:
    """Yield the system of a story, with its publication."""
    with scratch() as folder:
        files = story.write(folder / "files")
        reader = SuccessionReader()
        report = terminology.load(files, store=folder / "store", loaders=LOADERS, crosswalks={reader.name: reader})
        assert report.errors == ()
        yield terminology.open(folder / "store")[PLANTS.name]


def sets_of(found: Translation) -> list[frozenset[str]]:
    """Return the alternatives as sets of codes."""
    return [frozenset(alternative.codes) for alternative in found.alternatives]


def pairs(story: Story) -> Iterator[tuple[int, int]]:
    """Yield any two releases, in both directions of time."""
    return itertools.product(range(len(story.releases)), repeat=2)


def migrations(story: Story, plants: CodeSystem) -> Iterator[tuple[str, int, int, Translation]]:
    """Yield every code of every release carried to every release."""
    for before, after in pairs(story):
        for code in story.releases[before]:
            yield code, before, after, plants.migrate(code, story.versions[before], story.versions[after])


@given(stories())
def test_agrees_with_a_brute_force_walker(story: Story) -> None:
    """Outcome, completeness and the set of alternatives of every migration are those of a walk over the raw rows."""
    with told(story) as plants:
        for code, before, after, found in migrations(story, plants):
            is_header = story.releases[before][code][0] is False
            expected = Walker(story, after).becomes(code, before, keep_header=is_header)
            assert expected.outcome == found.outcome, (code, before, after)
            assert expected.alternatives == set(sets_of(found)), (code, before, after)
            assert expected.lost is not found.is_complete, (code, before, after)
            assert len(found.alternatives) == len(set(sets_of(found)))


@given(stories())
def test_every_code_of_an_answer_is_in_force(story: Story) -> None:
    """Every code of every alternative, and every code split off, is in force in the release asked for."""
    with told(story) as plants:
        for code, before, after, found in migrations(story, plants):
            reached = {*found.codes, *found.split_off}
            assert all(story.releases[after].get(other) for other in reached), (code, before, after)
            if story.releases[before][code][0]:
                assert all(story.releases[after][other][0] for other in reached), (code, before, after)


@given(stories())
def test_no_step_from_a_header_names_a_code_that_was_not_there(story: Story) -> None:
    """What is below a header is in force on the day of the step to it; where the step leads back, on the day before."""
    days = [day_of(number) for number in range(len(story.releases))]
    with told(story) as plants:
        for code, before, after, found in migrations(story, plants):
            steps = [step for alternative in found.alternatives for step in alternative.path if step.effective]
            for step in (step for step in steps if step.kind == "to_header" and not step.crosswalk):
                number = max(n for n, day in enumerate(days) if day <= step.effective) - (after < before)
                there = story.releases[number]
                assert all(other in there for other in step.to_codes), (code, before, after, step)


@given(stories())
def test_two_legs_make_the_whole_way(story: Story) -> None:
    """From A over B to C is from A to C, where the first leg only renamed or replaced the code, and on no detour."""
    with told(story) as plants:
        for first, second, third in itertools.combinations(range(len(story.releases)), 3):
            for before, between, after in ((first, second, third), (third, second, first)):
                labels = [story.versions[release] for release in (before, between, after)]
                for code in story.releases[before]:
                    leg = plants.migrate(code, labels[0], labels[1])
                    if len(leg.codes) != 1 or not {step.kind for step in leg.alternatives[0].path} <= PLAIN:
                        continue
                    earlier, later = sorted(map(day_of, (before, between)))
                    days = [step.effective for step in leg.alternatives[0].path if step.effective]
                    if not all(earlier < day <= later for day in days):
                        continue
                    if story.releases[between][leg.codes[0]][0] is not story.releases[before][code][0]:
                        continue
                    onward, whole = (
                        plants.migrate(leg.codes[0], *labels[1:]),
                        plants.migrate(code, labels[0], labels[2]),
                    )
                    assert onward.outcome == whole.outcome, (code, labels)
                    assert set(sets_of(onward)) == set(sets_of(whole)), (code, labels)


@given(stories())
def test_there_and_back(story: Story) -> None:
    """Carrying the codes that a billable code became back reaches it, or they were in force there already.

    Not where a publication says otherwise on the way back: of a code that stood before another was merged into it,
    of codes below a header that it does not tell of, of a code that came back, of one of several codes used together.
    """
    with told(story) as plants:
        for code, before, after, found in migrations(story, plants):
            if not story.releases[before][code][0]:
                continue
            for alternative in found.alternatives:
                if alternative.codes == (code,) or not is_told(story, alternative):
                    continue
                labels = story.versions[after], story.versions[before]
                back = {other: plants.migrate(other, *labels).codes for other in alternative.codes}
                stood = [other for other in alternative.codes if story.releases[before].get(other)]
                assert stood or any(code in codes for codes in back.values()), (code, labels, alternative, back)


def is_told(story: Story, alternative: Alternative) -> bool:
    """Return whether publications tell of each step, and each leads to codes that are not in force on its other side."""
    for step in alternative.path:
        if step.kind == "renamed":
            continue
        if step.crosswalk is None or step.effective is None or len(step.from_codes) > 1:
            return False
        release = next(n for n in range(len(story.releases)) if day_of(n) == step.effective)
        old, new = story.releases[release - 1], story.releases[release]
        left, reached = set(step.from_codes), set(step.to_codes)
        is_forward = left <= set(old) and reached <= set(new) - set(old)
        is_backward = left <= set(new) and reached <= set(old) - set(new)
        if not is_forward and not is_backward:
            return False
    return True


@given(stories())
def test_history_tells_what_differences_tell(story: Story) -> None:
    """Periods begin, end and change their titles just where the differences of neighbouring releases say so."""
    with told(story) as plants:
        histories = {code: plants.history(code) for code in story.codes}
        for number, (before, after) in enumerate(itertools.pairwise(story.versions)):
            day = day_of(number + 1)
            found: dict[str, set[str]] = {
                name: set() for name in ("added", "deleted", "to_header", "to_billable", "revised")
            }
            for code, history in histories.items():
                ending = next((period for period in history.periods if period.effective_to == day), None)
                beginning = next((period for period in history.periods if period.effective_from == day), None)
                if ending and beginning:
                    changed = "revised" if ending.status is beginning.status else f"to_{beginning.status}"
                    found[changed].add(code)
                elif ending or beginning:
                    found["deleted" if ending else "added"].add(code)
            difference = plants.diff(before, after)
            tables = {name: set(difference.table(name).column("code").to_pylist()) for name in found}
            assert found == tables, (before, after)


@given(stories())
def test_history_names_the_relatives_that_are_published(story: Story) -> None:
    """Successors are what the publication names at the end of a code's last life, predecessors at its beginning."""
    with told(story) as plants:
        for code in story.codes:
            walker = Walker(story, 0)
            renumbered = walker.renumberings(code)
            history, lives = plants.history(code), walker.lives(code, renumbered)
            first, ended = lives[-1]
            if first in renumbered and ended == len(story.releases) and len(lives) > 1 and lives[-2][1] == first:
                # it stands for something else now, and what it stood for has a successor
                ended = first
            was_code = any(story.releases[n][code][0] for n in range(*lives[-1]))
            rows = [row for row in story.rows if code in row.sources and row.release >= ended]
            rows = rows if ended < len(story.releases) and was_code else []
            rows = [row for row in rows if row.change == "deleted" or row.release == ended]
            rows = [row for row in earliest(rows) if row.change == "deleted"] or earliest(rows)
            assert {other for row in rows for other in row.targets or ()} - {code} == set(history.successors), code
            starts = {start for start, _ in lives} - {0}
            rows = [row for row in story.rows if code in (row.targets or ()) and row.release in starts]
            assert {other for row in earliest(rows) for other in row.sources} - {code} == set(history.predecessors)


def earliest(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the first release among them."""
    first = min((row.release for row in rows), default=0)
    return [row for row in rows if row.release == first]
