"""Random successions of codes: releases of an invented system and what its publisher says became of each code.

The releases are files of `worlds`; the publication is a file of JSON rows that an invented reader takes. A brute-force
walker over plain dicts says what became of a code; it shares nothing with the library.
"""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from hypothesis import strategies as st

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.reading import ReadableFile

from .worlds import PLANTS, Published, World

FIRST_YEAR = 2015
MAGIC = b"#succession"
Codes = frozenset[str]
"""Codes that are used together."""


@frozen
class Row:
    """One row of the publication."""

    sources: tuple[str, ...]
    """Used together; empty where the targets have no predecessor."""
    targets: tuple[str, ...] | None
    release: int
    change: str

    def values(self) -> list[dict[str, Any]]:
        """Return the row as rows of a table ``mappings``: one for each of the sources."""
        common = {
            "target_codes": self.targets,
            "effective": day_of(self.release).isoformat(),
            "change": self.change,
            "relationship": "related-to",
            "source": 0,
        }
        if not self.sources:
            return [{**common, "source_code": None, "with_codes": []}]
        return [
            {**common, "source_code": code, "with_codes": [other for other in self.sources if other != code]}
            for code in self.sources
        ]


def day_of(release: int) -> datetime.date:
    """Return the first day of a release."""
    return datetime.date(FIRST_YEAR + release, 10, 1)


@define
class Story:
    """Releases as dicts of code to (billable, title), and the rows of the publication."""

    releases: list[dict[str, tuple[bool, str]]] = field(factory=list)
    rows: list[Row] = field(factory=list)

    @property
    def versions(self) -> list[str]:
        """Version labels of the releases."""
        return [str(FIRST_YEAR + release + 1) for release in range(len(self.releases))]

    @property
    def codes(self) -> list[str]:
        """Every code that is in any release."""
        return list(dict.fromkeys(code for release in self.releases for code in release))

    def write(self, folder: Path) -> Path:
        """Write the files into a folder, and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        releases = tuple(
            Published(day_of(number), tuple(_concepts(release))) for number, release in enumerate(self.releases)
        )
        for name, data in World(PLANTS, releases).files().items():
            (folder / name).write_bytes(data)
        rows = [value for row in self.rows for value in row.values()]
        (folder / "what-became.succession").write_bytes(MAGIC + b"\n" + json.dumps(rows).encode())
        return folder


def _concepts(release: dict[str, tuple[bool, str]]) -> Iterable[dict[str, Any]]:
    """Yield the rows of a release, a parent before its children: a code stands under the longest one it begins with."""
    for code in sorted(release):
        above = [other for other in release if code != other and code.startswith(other) and not release[other][0]]
        billable, title = release[code]
        parent = max(above, key=len, default=None)
        yield {
            "code": code,
            "title": title,
            "billable": billable,
            "kind": "code",
            "parent": parent,
            "derived": False,
        }


class SuccessionReader:
    """Reads the publication, as a third party's reader would."""

    name = "what_became"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the rows as a part, or None for a stranger's file."""
        import pyarrow as pa

        if not file.head.startswith(MAGIC):
            return None
        rows = json.loads(file.data.partition(b"\n")[2])
        for row in rows:
            row["effective"] = datetime.date.fromisoformat(row["effective"])
        return Part("rows", file.origin, {}, {"rows": pa.Table.from_pylist(rows, schema=schema.mappings())})

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for the one file."""
        return CrosswalkAssembly(
            tuple(
                CrosswalkDraft("1", PLANTS.name, PLANTS.name, day_of(0), partial(_built, part), (part,))
                for part in parts
            )
        )


def _built(part: Part) -> Built:
    return Built({"mappings": part.tables["rows"]})


# ---- the stories


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Return two to five releases in which codes are deleted, split, merged, renamed, made headers, combined, re-used."""
    first = {f"P{number}X": (True, "first") for number in range(draw(st.integers(2, 4)))}
    # no release is ever empty
    story = Story([{**first, LASTING: (True, "first")}])
    names = (f"P{number}{'Y' * (number % 3 * 5 + 1)}" for number in itertools.count(10))
    for number in range(1, draw(st.integers(2, 5))):
        story.releases.append(dict(story.releases[-1]))
        _Year(draw, story, number, names).pass_by()
    return story


LASTING = "PX"
CALM = ["keep", "keep", "keep"]
EVENTS = [
    *("delete", "vanish", "replace", "split", "merge", "rename", "head", "combine", "join", "split off", "appear"),
    *("return", "return as another", "misname", "renumber", "exchange", "perhaps stay", "perhaps take over"),
]
STYLES = st.sampled_from([("new",), ("deleted",), ("new", "deleted"), ()])


@define
class _Year:
    """What happens from one release to the next; each code takes part in one event at most."""

    draw: st.DrawFn
    story: Story
    number: int
    names: Iterable[str]
    busy: set[str] = field(factory=set)

    def pass_by(self) -> None:
        """Let something happen to each code, or nothing."""
        self.busy.add(LASTING)
        for code in [code for code, (billable, _) in self.now.items() if billable]:
            if code in self.busy:
                continue
            event = self.draw(st.sampled_from(CALM + EVENTS))
            self.busy.add(code)
            getattr(self, event.replace(" ", "_"))(code)

    @property
    def now(self) -> dict[str, tuple[bool, str]]:
        """The release in the making."""
        return self.story.releases[self.number]

    def tell(self, sources: Sequence[str], targets: Sequence[str] | None, *changes: str) -> None:
        """Let the publication say something, in each of the ways."""
        for change in changes:
            told = tuple(targets) if targets is not None else None
            self.story.rows.append(Row(tuple(sources), told, self.number, change))

    def begin(self, title: str = "new") -> str:
        """Return a code that was never there, now in force."""
        code = next(iter(self.names))
        self.now[code] = (True, title)
        self.busy.add(code)
        return code

    def another(self) -> str | None:
        """Return another code in force in both releases that takes part in nothing else."""
        before = self.story.releases[self.number - 1]
        idle = [code for code, (billable, _) in self.now.items() if billable and before.get(code, (False,))[0]]
        idle = [code for code in idle if code not in self.busy]
        if not idle:
            return None
        code = self.draw(st.sampled_from(idle))
        self.busy.add(code)
        return code

    def departed(self) -> str | None:
        """Return a code that is in no way in force any more and may come back."""
        gone = [code for code in self.story.codes if code not in self.now and code not in self.busy]
        gone = [code for code in gone if code not in self.story.releases[self.number - 1]]
        return self.draw(st.sampled_from(gone)) if gone else None

    def keep(self, code: str) -> None:
        """Nothing happens."""

    def delete(self, code: str) -> None:
        """The code goes, and the publisher says that nothing replaces it."""
        del self.now[code]
        self.tell([code], None, "deleted")

    def vanish(self, code: str) -> None:
        """The code goes, and nobody says what became of it."""
        del self.now[code]

    def replace(self, code: str) -> None:
        """Another code takes over."""
        del self.now[code]
        self.tell([code], [self.begin()], *self.draw(STYLES))

    def split(self, code: str) -> None:
        """Several codes take over."""
        del self.now[code]
        style = self.draw(STYLES)
        for _ in range(self.draw(st.integers(2, 3))):
            self.tell([code], [self.begin()], *style)

    def merge(self, code: str) -> None:
        """The code is merged with another one: into it, or both into a new one."""
        other = self.another()
        if other is None:
            return
        del self.now[code]
        if self.draw(st.booleans()):
            self.tell([code], [other], "deleted")
            return
        del self.now[other]
        target = self.begin()
        style = self.draw(STYLES)
        self.tell([code], [target], *style)
        self.tell([other], [target], *style)

    def rename(self, code: str) -> None:
        """The code gets another title."""
        self.now[code] = (True, f"renamed in {self.number}")

    def head(self, code: str) -> None:
        """The code becomes a header; of what stands below the publication tells all, some or nothing.

        It may also say of the code itself what became of it: one of the codes below, and no other.
        """
        below = [f"{code}{letter}" for letter in "AB"]
        if any(child in self.story.codes for child in below) or len(code) > 12:
            return
        is_one_of_them = self.draw(st.booleans())
        self.now[code] = (False, self.now[code][1])
        for child in below:
            self.now[child] = (True, "below")
            self.busy.add(child)
            if not is_one_of_them and self.draw(st.booleans()):
                self.tell([code], [child], "new")
        if is_one_of_them:
            self.tell([code], below[:1], "deleted")

    def combine(self, code: str) -> None:
        """Two codes together take over."""
        del self.now[code]
        self.tell([code], [self.begin(), self.begin()], "deleted")

    def join(self, code: str) -> None:
        """Two codes together are what a new one was before; they stay or go."""
        other = self.another()
        if other is None:
            return
        if self.draw(st.booleans()):
            del self.now[code]
            del self.now[other]
        self.tell([code, other], [self.begin()], "new")

    def split_off(self, code: str) -> None:
        """A new code takes over a part, and the code stays."""
        self.tell([code], [self.begin()], "new")

    def appear(self, _code: str) -> None:
        """A code without predecessor comes; the publication says so or says nothing."""
        self.tell([], [self.begin()], *self.draw(st.sampled_from([("new",), ()])))

    def return_(self, _code: str) -> None:
        """A code that went comes back, and nobody says what it was in between."""
        if back := self.departed():
            self.now[back] = (True, self.draw(st.sampled_from(["first", "back"])))
            self.busy.add(back)

    def return_as_another(self, code: str) -> None:
        """A code that went is given to what another code was."""
        if back := self.departed():
            del self.now[code]
            self.now[back] = (True, "another")
            self.busy.add(back)
            self.tell([code], [back], *self.draw(STYLES))

    def renumber(self, code: str) -> None:
        """The code goes and another one that stays is what it was; that one is a new code, or a third one is, and so on."""
        del self.now[code]
        while other := self.another():
            self.now[other] = (True, f"renumbered in {self.number}")
            self.tell([code], [other], "deleted")
            code = other
            if self.draw(st.booleans()):
                break
        self.tell([code], [self.begin()], "deleted")

    def exchange(self, code: str) -> None:
        """Two codes that stay are what the other was."""
        if other := self.another():
            self.tell([code], [other], "deleted")
            self.tell([other], [code], "deleted")

    def perhaps_stay(self, code: str) -> None:
        """The code stays, or became a new one; the publisher cannot say which."""
        self.tell([code], [code], "deleted")
        self.tell([code], [self.begin()], "deleted")

    def perhaps_take_over(self, code: str) -> None:
        """The code goes into another one; of that one nobody can say whether it was the code or itself."""
        if other := self.another():
            del self.now[code]
            self.tell([code], [other], "deleted")
            self.tell([other], [other], "new")

    def misname(self, _code: str) -> None:
        """A new code is said to come from one that went long before."""
        if back := self.departed():
            self.tell([back], [self.begin()], "new")


setattr(_Year, "return", _Year.return_)


# ---- the walker


@frozen
class Found:
    """What a code becomes: the alternatives, and whether some ways end because the publisher says so, or are lost."""

    alternatives: frozenset[Codes] = frozenset()
    ended: bool = False
    lost: bool = False

    @property
    def outcome(self) -> str:
        """The outcome that the contract names."""
        if self.alternatives:
            return "mapped"
        return "none" if self.ended and not self.lost else "unknown"


LOST = Found(lost=True)
Life = tuple[int, int]
"""First release of a life, and the first after it."""


def together(members: Sequence[Found]) -> Found:
    """Return what codes used together become."""
    products = itertools.product(*(member.alternatives for member in members))
    ended, lost = any(member.ended for member in members), any(member.lost for member in members)
    if len(members) > 1 and ended and any(member.alternatives for member in members):
        ended, lost = False, True
    return Found(frozenset(frozenset().union(*product) for product in products), ended, lost)


def united(members: Iterable[Found]) -> Found:
    """Return what any of several steps leads to."""
    listed = list(members)
    return Found(
        frozenset().union(*(member.alternatives for member in listed)),
        any(member.ended for member in listed),
        any(member.lost for member in listed),
    )


@frozen
class Walker:
    """Follows codes of a story to one release, step by step."""

    story: Story
    target: int

    def state(self, code: str, release: int) -> bool | None:
        """Return whether a code is billable in a release; None where it is not there."""
        return self.story.releases[release].get(code, (None,))[0]

    def lives(self, code: str, turns: Collection[int] = ()) -> list[Life]:
        """Return the runs of releases in which a code is billable, else those in which it is a header.

        A run ends where the code becomes something else: with the releases ``turns``.
        """
        states = [self.state(code, release) for release in range(len(self.story.releases))]
        wanted = True in states
        runs: list[Life] = []
        for release, state in enumerate(states):
            if state is not wanted:
                continue
            if runs and runs[-1][1] == release and release not in turns:
                runs[-1] = (runs[-1][0], release + 1)
            else:
                runs.append((release, release + 1))
        return runs

    def turns(self, code: str, *, forward: bool) -> set[int]:
        """Return the releases from which on a code is something else."""
        rows = [row for row in self.story.rows if code in row.sources]
        if forward:
            return {row.release for row in rows if row.change == "deleted"}
        own = [row for row in rows if row.targets == (code,)]
        return self.renumberings(code) | {row.release for row in own if row.change == "new"}

    def renumberings(self, code: str) -> set[int]:
        """Return the releases from which on a code is something else for certain."""
        rows = [row for row in self.story.rows if code in row.sources]
        own = {row.release for row in rows if row.targets == (code,)}
        return {row.release for row in rows if row.change == "deleted"} - own

    def becomes(self, code: str, release: int, *, keep_header: bool = False) -> Found:
        """Return what a code, as it is used in a release, is in the target."""
        lives = self.lives(code, self.turns(code, forward=release <= self.target))
        begun = [life for life in lives if life[0] <= release]
        place = len(begun) - 1 if begun else 0
        life, state = lives[place], self.state(code, self.target)
        if (state and life[0] <= self.target < life[1]) or (state is False and keep_header):
            return Found(frozenset({frozenset({code})}))
        after = lives[place + 1][0] if place + 1 < len(lives) else len(self.story.releases)
        before = lives[place - 1][1] if place else -1
        is_over = life[1] <= self.target
        rows = self.following(code, life, after) if is_over else self.preceding(code, life, before)
        if state is False:
            return self.heads(code, life, rows, is_over=is_over)
        if rows:
            return united(self.follow(row, is_over=is_over) for row in rows)
        neighbour = after if is_over and after <= self.target else before - 1 if self.target < before else None
        if neighbour is None or is_over != (neighbour == after) or self.is_another(code, life, before, after, is_over):
            return LOST
        return self.becomes(code, neighbour)

    def is_another(self, code: str, life: Life, before: int, after: int, is_over: bool) -> bool:  # noqa: FBT001
        """Return whether something is said of the other side of the gap."""
        gap = (life[1], after) if is_over else (before, life[0])
        sides = (
            row.targets or () if is_over else row.sources for row in self.story.rows if gap[0] <= row.release <= gap[1]
        )
        return any(code in side for side in sides)

    def following(self, code: str, life: Life, after: int) -> list[Row]:
        """Return the first rows after a life and before the next one that say what took over."""
        rows = [row for row in self.story.rows if code in row.sources]
        rows = [row for row in rows if life[1] <= row.release <= self.target and row.release < max(after, life[1] + 1)]
        rows = [row for row in rows if row.change == "deleted" or row.release == life[1]]
        rows = [row for row in rows if row.release == min(row.release for row in rows)]
        rows = [row for row in rows if after == life[1] or row.targets != (code,)]
        return [row for row in rows if row.change == "deleted"] or rows

    def preceding(self, code: str, life: Life, before: int) -> list[Row]:
        """Return the rows nearest to the beginning of a life that say what it was before."""
        rows = [row for row in self.story.rows if code in (row.targets or ())]
        rows = [row for row in rows if self.target < row.release <= life[0] and before <= row.release]
        rows = [row for row in rows if row.release == max(row.release for row in rows)]
        return [row for row in rows if before == life[0] or row.sources != (code,)]

    def follow(self, row: Row, *, is_over: bool) -> Found:
        """Return what a row leads to."""
        reached = row.targets if is_over else row.sources
        if not reached:
            return Found(ended=True)
        release = row.release if is_over else row.release - 1
        return together([self.becomes(code, release) for code in reached])

    def heads(self, code: str, life: Life, rows: Sequence[Row], *, is_over: bool) -> Found:
        """Return what rows say of a header that was a code, and what the codes became that were below it then."""
        rows = [row for row in rows if (row.targets if is_over else row.sources)]
        told = united(self.follow(row, is_over=is_over) for row in rows)
        if any(row.change == ("deleted" if is_over else "new") for row in rows):
            return told
        turned = life[1] if is_over else life[0] - 1
        elsewhere = {other for row in self.story.rows if row.release == life[0] for other in row.sources}
        is_back = not is_over and self.target < life[0]
        then, now = (
            [other for other in self.below(code, release) if not (is_back and other in elsewhere)]
            for release in (turned if is_over or is_back else -1, self.target)
        )
        found = united([told, *(self.becomes(other, turned) for other in then)])
        later = {frozenset({other}) for other in now} - found.alternatives
        found = united([found, Found(frozenset(later))])
        return LOST if found == Found() else found

    def below(self, code: str, release: int) -> list[str]:
        """Return what is billable below a header in a release."""
        there = self.story.releases[release] if 0 <= release < len(self.story.releases) else {}
        if there.get(code, (True,))[0]:
            return []
        return [other for other in there if other != code and other.startswith(code) and there[other][0]]
