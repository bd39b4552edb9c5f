"""200,000 messy claims of 2015 to 2025, validated by their own days, migrated and profiled; every answer is checked.

    python -m benchmarks.claims_trial --store DIR
    python -m benchmarks claims_trial --store DIR

Claims before October 2015 are coded in ICD-9-CM, later ones in ICD-10-CM, as a column says. Some are right; the others are
damaged as claims are, each in one known way. What is right follows from the way of the damage and the publisher's
lists of the releases (`messy_claims.Lists`): the status by the list of the day, and the suggestion by all codes of that
list which the same damage would have made into the same text. Where several codes fit, none is suggested, or one of them.
A number has one reading more than the lists say: the text as it is written, if that is a code in force.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .damages import _number, _scientific
from .figures import Figure, markdown
from .messy_claims import NOTHING, Lists, typo, unknown
from .processes import run_module
from .settings import SEED, Settings, heading

ROWS = 200_000
FIRST_DAY, LAST_DAY = datetime.date(2015, 1, 1), datetime.date(2025, 9, 30)
SWITCH = datetime.date(2015, 10, 1)
TARGET = "2025"
NINE, TEN = "icd9cm", "icd10cm"
KINDS = {
    "right": 500,
    "small letters, no dot": 60,
    "blanks around": 50,
    "header": 40,
    "expired": 40,
    "future": 20,
    "ICD-9 after its end": 20,
    "ICD-9 in the column of ICD-10": 40,
    "ICD-10 in the column of ICD-9": 10,
    "placeholder X missing": 50,
    "O for 0": 20,
    "zeros lost": 40,
    "scientific notation": 20,
    "a date": 15,
    "typo": 20,
    "no such code": 20,
    "nothing": 30,
    "no day": 5,
}
"""How often each kind is made, in thousandths."""
EARLY = ("right", "small letters, no dot", "blanks around", "header", "ICD-10 in the column of ICD-9")
"""Kinds whose days before October 2015 are those of ICD-9-CM, as often as the calendar has it."""
NINE_ALONE = ("zeros lost", "scientific notation", "ICD-10 in the column of ICD-9")
DATES = ("2024-01-05", "Jan-50", "2-Mar", "03/02/2019", "43891")
FORMS = {
    NINE: re.compile(r"([0-9]{3}|V[0-9]{2})(\.[0-9]{1,2})?|E[0-9]{3}(\.[0-9])?"),
    TEN: re.compile(r"[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?"),
}
"""As the publishers write their codes; since fiscal year 2026 the second character may be a letter (QA0)."""
SHOWN = 3


class Claim(NamedTuple):
    """A row with its right answer."""

    kind: str
    system: str
    text: str | None
    day: datetime.date | None
    status: str
    suggestions: frozenset[str] | None
    """Those that fit; empty where there is none, None where any is right."""


class Truth:
    """What the publishers' lists say."""

    def __init__(self, store: str) -> None:
        self.lists = {NINE: Lists(store, NINE), TEN: Lists(store, TEN)}

    def version(self, system: str, day: datetime.date) -> str | None:
        """Return the release of a day."""
        lists = self.lists[system]
        return lists.version_on(day) if system == TEN or day < SWITCH else None

    def status(self, system: str, text: str | None, day: datetime.date | None) -> str:
        """Return the status of a text on a day."""
        code = written(system, text or "")
        if not FORMS[system].fullmatch(code):
            return "malformed"
        if day is None:
            return "uncovered"
        lists, version = self.lists[system], self.version(system, day)
        if version is None:
            retired = system == NINE and day >= SWITCH
            return ("expired" if code in lists.known else "unknown") if retired else "uncovered"
        if code in lists.billable[version] or code in lists.headers[version]:
            return "billable" if code in lists.billable[version] else "header"
        place = lists.versions.index(version)
        held = [code in lists.billable[name] or code in lists.headers[name] for name in lists.versions]
        return "expired" if any(held[:place]) else "future" if any(held[place:]) else "unknown"

    @functools.cache  # noqa: B019 -- there is one, as long as the process
    def in_force(self, system: str, version: str) -> frozenset[str]:
        """Return all codes of a release."""
        lists = self.lists[system]
        return lists.billable[version] | lists.headers[version]

    @functools.cache  # noqa: B019 -- the same
    def read(self, system: str, version: str, kind: str) -> dict[str, frozenset[str]]:
        """Return the codes of a release by what a damage makes of them."""
        found: dict[str, set[str]] = defaultdict(set)
        for code in self.in_force(system, version):
            # a column of numbers may have been one of codes without the dot
            for form in (code, code.replace(".", "")) if kind in NINE_ALONE else (code,):
                text = DAMAGES[kind](form)
                if text is not None:
                    found[text].add(code)
        return {text: frozenset(codes) for text, codes in found.items()}

    @functools.cache  # noqa: B019 -- the same
    def texts(self, system: str, version: str, kind: str) -> tuple[str, ...]:
        """Return what a damage makes of the codes of a release, sorted."""
        return tuple(sorted(self.read(system, version, kind)))

    @functools.cache  # noqa: B019 -- the same
    def elsewhere(self, system: str, version: str, kind: str) -> tuple[str, ...]:
        """Return the headers of a release, the codes that were before it, or those that come after it."""
        lists = self.lists[system]
        if kind == "header":
            return tuple(sorted(lists.headers[version]))
        return tuple(lists.elsewhere(version, earlier=kind == "expired"))


def written(system: str, text: str) -> str:
    """Return a text as the publisher writes a code: in capital letters, with the dot."""
    bare = text.strip().upper()
    place = 4 if system == NINE and bare.startswith("E") else 3
    return f"{bare[:place]}.{bare[place:]}" if "." not in bare and len(bare) > place else bare


def without_placeholder(code: str) -> str | None:
    """Return a code of seven characters without the placeholders X; None of any other."""
    bare = code.replace(".", "")
    short = re.sub(r"X+(?=[0-9A-Z]$)", "", bare)
    return f"{short[:3]}.{short[3:]}" if len(bare) == 7 and short != bare else None


def with_letters(code: str) -> str | None:
    """Return a code with the letter O for its zeros."""
    return code.replace("0", "O") if "0" in code else None


def zeros_lost(code: str) -> str | None:
    """Return a code as a spreadsheet shows it that takes it for a number, if that is something else."""
    text = _number(code)
    return text if text != code else None


DAMAGES: dict[str, Callable[[str], str | None]] = {
    "placeholder X missing": without_placeholder,
    "O for 0": with_letters,
    "zeros lost": zeros_lost,
    "scientific notation": _scientific,
}


ELSEWHERE = ("header", "expired", "future")
WRITTEN: dict[str, Callable[[str, random.Random], str | None]] = {
    "small letters, no dot": lambda code, chance: chance.choice(
        (code.lower(), code.replace(".", ""), code.replace(".", "").lower())
    ),
    "blanks around": lambda code, chance: chance.choice((f" {code} ", f"{code}\t", f"  {code}")),
    "a date": lambda _, chance: chance.choice(DATES),
    "nothing": lambda _, chance: chance.choice((*NOTHING, None)),
}
OF_OTHERS = {
    "ICD-9 after its end": (NINE, NINE),
    "ICD-9 in the column of ICD-10": (TEN, NINE),
    "ICD-10 in the column of ICD-9": (NINE, TEN),
}
"""The system of the row, and that of its code."""
ANY_SUGGESTION = ("typo", "no such code")


def claims(truth: Truth) -> Iterator[Claim]:
    """Yield the claims, the same each time."""
    chance = random.Random(SEED)  # noqa: S311 -- a benchmark is the same each time
    span, early = (LAST_DAY - FIRST_DAY).days, (SWITCH - FIRST_DAY).days
    for kind in chance.choices(list(KINDS), list(KINDS.values()), k=ROWS):
        number = chance.randint(0, span)
        if kind in NINE_ALONE:
            number = chance.randint(0, early - 1)
        elif number < early and kind not in EARLY and kind != "ICD-9 in the column of ICD-10":
            number = chance.randint(early, span)
        day = FIRST_DAY + datetime.timedelta(number)
        yield _claim(kind, day, truth, chance)


def _claim(kind: str, day: datetime.date, truth: Truth, chance: random.Random) -> Claim:
    system = NINE if day < SWITCH else TEN
    version = truth.version(system, day) or truth.lists[system].versions[-1]
    code = chance.choice(truth.lists[system].sorted[version])
    kept: datetime.date | None = None if kind == "no day" else day
    found: str | None = code
    suggestions: frozenset[str] | None = frozenset()
    if kind in DAMAGES:
        read = truth.read(system, version, kind)
        found = chance.choice(truth.texts(system, version, kind))
        # what is left of a number may be a code itself
        suggestions = read[found] | (frozenset({found}) & truth.in_force(system, version))
    elif kind in ELSEWHERE:
        found = chance.choice(truth.elsewhere(system, version, kind) or (code,))
    elif kind in WRITTEN:
        found = WRITTEN[kind](code, chance)
    elif kind in OF_OTHERS:
        system, other = OF_OTHERS[kind]
        lists = truth.lists[other]
        found = chance.choice(lists.sorted[lists.versions[-1 if other == NINE else 0]])
        # a V code of one may be one of the other, damaged
        suggestions = frozenset() if found[0].isdigit() or other == system else None
    elif kind in ANY_SUGGESTION:
        known = truth.lists[system].known
        found, suggestions = (typo(code, chance) if kind == "typo" else unknown(code, known, chance)), None
    status = truth.status(system, found, kept)
    if status not in ("malformed", "unknown"):
        suggestions = frozenset()
    return Claim(kind, system, found, kept, status, suggestions)


# ---- the trial, in a process of its own


def trial(store: str) -> dict[str, Any]:
    """Return what was right by kind, what was not with examples, and how long each step took."""
    import pyarrow as pa

    import terminology

    rows = list(claims(Truth(store)))
    opened = terminology.open(store)
    kinds = {"system": pa.string(), "dx": pa.string(), "dos": pa.date32()}
    columns = ([row.system for row in rows], [row.text for row in rows], [row.day for row in rows])
    table = pa.table(
        {name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)}
    )
    tens = table.filter(pa.array([row.system == TEN for row in rows]))
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = work()
        seconds[name] = time.perf_counter() - start
        return made

    wanted = ["reason", "suggestion"]
    answered = timed(
        "validate, with reason and suggestion",
        lambda: terminology.validate(table, system="system", on="dos", store=opened, columns=wanted),
    )
    migrated = timed(
        f"migrate ICD-10-CM to {TARGET}",
        lambda: terminology.migrate(tens, system=TEN, origin="dos", target=TARGET, store=opened),
    )
    profile = getattr(terminology, "profile", None)
    if profile is not None:
        timed("profile, as a page", lambda: profile(table, code="dx", on="dos", store=opened).to_html())
    found = _judged(rows, answered)
    found.update(_migrated([row for row in rows if row.system == TEN], migrated, Truth(store)))
    return {"seconds": seconds, "kinds": found}


def _judged(rows: list[Claim], answered: Any) -> dict[str, Any]:
    """Return for each kind its rows, the right ones, and the misses by what is wrong, with examples."""
    found: dict[str, Any] = {kind: {"rows": 0, "right": 0, "misses": Counter(), "examples": {}} for kind in KINDS}
    names = ("dx_status", "dx_suggestion", "dx_reason")
    for row, *said in zip(rows, *(answered.column(name).to_pylist() for name in names), strict=True):
        status, suggestion, reason = said
        kind = found[row.kind]
        kind["rows"] += 1
        wrong = None
        if status != row.status:
            wrong = f"{status}, not {row.status}"
        elif not reason:
            wrong = "no reason"
        elif row.suggestions is not None and not _fits(suggestion, row.suggestions):
            wrong = "a suggestion" if suggestion else "no suggestion"
        if wrong is None:
            kind["right"] += 1
            continue
        kind["misses"][wrong] += 1
        shown = kind["examples"].setdefault(wrong, [])
        if len(shown) < SHOWN:
            fitting = sorted(row.suggestions or ())
            shown.append(
                f"{row.system} {row.text!r} on {row.day}: {status}, {suggestion}; right: {row.status}, {fitting}"
            )
    return found


def _fits(suggestion: str | None, fitting: frozenset[str]) -> bool:
    """Return whether a suggestion is the only one that fits; of several, one of them or none."""
    return suggestion in fitting if len(fitting) == 1 else suggestion is None or suggestion in fitting


def _migrated(rows: list[Claim], migrated: Any, truth: Truth) -> dict[str, Any]:
    """Return what is right of the migrated rows.

    A code that was on every list from its day to the target becomes itself; whatever becomes something else is on the
    list of the target; what is no code becomes nothing.
    """
    lists = truth.lists[TEN]
    last = lists.versions.index(TARGET)
    there = [lists.billable[name] for name in lists.versions]
    final = lists.billable[TARGET] | lists.headers[TARGET]
    found: dict[str, Any] = {}
    for row, targets in zip(rows, migrated.column("dx_targets").to_pylist(), strict=True):
        code = written(TEN, row.text or "")
        version = truth.version(TEN, row.day) if row.day else None
        place = lists.versions.index(version) if version else None
        codes = {one for group in targets for one in group}
        if row.status in ("malformed", "unknown") or row.day is None:
            name, is_right = "migrated: what is no code becomes none", not targets
        elif place is not None and all(code in codes for codes in there[min(place, last) : max(place, last) + 1]):
            name, is_right = "migrated: a code of every list becomes itself", code in codes
        else:
            name, is_right = "migrated: any other becomes codes of the target, or none", codes <= final
        kind = found.setdefault(name, {"rows": 0, "right": 0, "misses": Counter(), "examples": {}})
        kind["rows"] += 1
        kind["right"] += is_right
        if not is_right:
            kind["misses"]["targets"] += 1
            shown = kind["examples"].setdefault("targets", [])
            if len(shown) < SHOWN:
                shown.append(f"{row.text!r} on {row.day}: {targets}")
    return found


# ---- figures


def measure(settings: Settings) -> list[Figure]:
    """Return how many rows of each kind are right, and the time of each step; print every miss by kind."""
    found = run_module("benchmarks.claims_trial", "--trial", str(settings.store))
    figures = []
    for name, kind in found["kinds"].items():
        misses = ", ".join(f"{count:,} {wrong}" for wrong, count in kind["misses"].items())
        figures.append(Figure(name, "rows right", kind["right"], "rows of the kind", kind["rows"], misses))
        for wrong, examples in kind["examples"].items():
            print(f"{name}, {wrong} ({kind['misses'][wrong]:,}):", *examples, sep="\n  ", flush=True)
    figures += [Figure(f"{name}, {ROWS:,} claims", "s", seconds) for name, seconds in found["seconds"].items()]
    return figures


def main() -> None:
    """Run the trial, and print a table."""
    if sys.argv[1:2] == ["--trial"]:
        print(json.dumps(trial(sys.argv[2])))
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims_trial", description=__doc__.splitlines()[0])
    parser.add_argument("--store", default=os.environ.get("TERMINOLOGY_STORE"))
    arguments = parser.parse_args()
    if not arguments.store:
        parser.error("give --store")
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        settings = Settings(None, Path(arguments.store).resolve(), Path(temporary), 1)
        print(heading(settings), "\n\n### claims_trial\n", flush=True)
        print(markdown(measure(settings)))


if __name__ == "__main__":
    main()
