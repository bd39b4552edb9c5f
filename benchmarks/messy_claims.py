"""What a release does to 200,000 messy rows of claims, whose right answers are known by the way in which they are made.

    python -m benchmarks messy_claims --store DIR
    python -m benchmarks.messy_claims STORE CLAIMS TRUTH    write the rows and their answers alone

The rows have days over several years and codes that are right, expired, headers, not yet in force, unknown, mistyped,
damaged by spreadsheets, of other systems, or words for nothing; some are written with blanks, in lower case or without the dot. The
answers come from the lists of codes of the releases, by the rules of the reference (docs/reference/code-lists.md), and
never from the code that is measured.
"""

from __future__ import annotations

import csv
import datetime
import json
import random
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .figures import Figure
from .processes import median_run, run_code, run_module
from .settings import SEED, Settings

ROWS = 200_000
BEFORE, AFTER = "2024", "2025"
FIRST_DAY, LAST_DAY = datetime.date(2018, 10, 1), datetime.date(2025, 6, 30)
KINDS = {
    "right": 800,
    "expired": 40,
    "header": 20,
    "future": 15,
    "unknown": 25,
    "typo": 25,
    "spreadsheet": 15,
    "other system": 25,
    "nothing": 20,
    "no day": 10,
    "uncovered day": 5,
}
"""How often each kind of row is made, in thousandths."""
OCTOBER = 10
NOTHING = ("", "NULL", "null", "N/A", "nan", "None", "-", "   ")
SPREADSHEET = ("#REF!", "#VALUE!", "1.00E+10", "5.1E+02", "Jan-50", "2-Mar", "2024-01-05", "38.9", "250", "8.45")
OTHER_SYSTEM = ("250.00", "401.9", "038.9", "99213", "99214-25", "73211009", "0FT44ZZ", "D0120", "428.0", "4019")
RELEASE, BROKEN, FINE, UNJUDGED = "broken_by_release", "broken_before", "no_action", "not_judged"
ENDING = "ends_with_release"
"""An outcome of its own among the rows that need no action."""
RUN = """
import contextlib, sys
from terminology.cli.application import run
with open(sys.argv[1], "w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
    run(sys.argv[2:])
"""
SHOWN = 24
"""Lines of the report that are printed."""


# ---- the rows and their answers


class Lists:
    """The codes of each release of a system, as its tables list them."""

    def __init__(self, store: str, name: str = "icd10cm") -> None:
        import terminology

        system = terminology.open(store)[name]
        self.versions, self.days = [], []
        self.billable: dict[str, frozenset[str]] = {}
        self.headers: dict[str, frozenset[str]] = {}
        for release in system.releases:
            table = system.release(release.version).table("published").select(["code", "kind", "billable"])
            rows = [row for row in table.to_pylist() if row["kind"] not in ("chapter", "section")]
            self.versions.append(release.version)
            self.days.append(release.effective)
            self.billable[release.version] = frozenset(row["code"] for row in rows if row["billable"])
            self.headers[release.version] = frozenset(row["code"] for row in rows if not row["billable"])
        # what the conversion table dates between two releases is on no list of its first days
        self.between = frozenset({"U07.0", "U07.1"})
        self.known = frozenset().union(*self.billable.values(), *self.headers.values())
        # a set of texts has another order in each process
        self.sorted = {version: sorted(codes - self.between) for version, codes in self.billable.items()}

    def elsewhere(self, version: str, *, earlier: bool) -> list[str]:
        """Return the codes that were billable before a release and are none of its codes, or that come after it."""
        place = self.versions.index(version)
        others = self.versions[:place] if earlier else self.versions[place + 1 :]
        own = [version] if earlier else self.versions[: place + 1]
        found = frozenset().union(*(self.billable[other] for other in others))
        return sorted(found.difference(self.between, *(self.billable[v] | self.headers[v] for v in own)))

    def version_on(self, day: datetime.date) -> str | None:
        """Return the release in force on a day; None before the first, and after the year of the last."""
        place = bisect_right(self.days, day) - 1
        if place < 0 or fiscal_year(day) != fiscal_year(self.days[place]):
            return None
        return self.versions[place]


def fiscal_year(day: datetime.date) -> int:
    return day.year + (day.month >= OCTOBER)


def answer(lists: Lists, code: str, day: datetime.date) -> str:
    """Return the right verdict on a well-formed code in official form, or `ENDING`, by the lists alone."""
    version = lists.version_on(day)
    first, end = (lists.days[lists.versions.index(name)] for name in (BEFORE, AFTER))
    was_right, is_right = code in lists.billable[BEFORE], code in lists.billable[AFTER]
    own = version is not None and code in lists.billable[version]
    if version is None:
        return UNJUDGED
    if own:
        ends = day < end and (was_right or day >= first) and not is_right
        return ENDING if ends else FINE
    return RELEASE if day >= first and was_right and not is_right else BROKEN


def rows(lists: Lists) -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, text, day and right verdict of each row."""
    chance = random.Random(SEED)  # noqa: S311 -- a benchmark is the same each time
    span = (LAST_DAY - FIRST_DAY).days
    kinds, weights = list(KINDS), list(KINDS.values())
    expired = {version: lists.elsewhere(version, earlier=True) for version in lists.versions}
    future = {version: lists.elsewhere(version, earlier=False) for version in lists.versions}
    headers = {version: sorted(codes) for version, codes in lists.headers.items()}
    for kind in chance.choices(kinds, weights, k=ROWS):
        day = FIRST_DAY + datetime.timedelta(chance.randint(0, span))
        version = lists.version_on(day) or BEFORE
        code = chance.choice(lists.sorted[version])
        if kind == "nothing":
            yield kind, chance.choice(NOTHING), str(day), FINE
        elif kind == "spreadsheet":
            yield kind, chance.choice(SPREADSHEET), str(day), BROKEN
        elif kind == "other system":
            yield kind, chance.choice(OTHER_SYSTEM), str(day), BROKEN
        elif kind == "typo":
            yield kind, typo(code, chance), str(day), BROKEN
        elif kind == "no day":
            yield kind, written(code, chance), "", UNJUDGED
        elif kind == "uncovered day":
            early = datetime.date(2012, 1, 1) + datetime.timedelta(chance.randint(0, 700))
            yield kind, written(code, chance), str(early), UNJUDGED
        else:
            if kind == "unknown":
                code = unknown(code, lists.known, chance)
            elif kind != "right":
                choices = {"expired": expired, "future": future, "header": headers}[kind][version]
                code = chance.choice(choices) if choices else code
            yield kind, written(code, chance), str(day), answer(lists, code, day)


def written(code: str, chance: random.Random) -> str:
    """Return a code as people write it."""
    plain = code.replace(".", "")
    return chance.choice((code, code, code, plain, code.lower(), f" {code} ", f"{code}\t", plain.lower()))


def typo(code: str, chance: random.Random) -> str:
    """Return a code with a slip that makes it no code: dots, signs and letters where none can be."""
    dots = (f"{code}.", f"{code[:2]}.{code[2:]}", f"{code[:3]}..{code[4:]}")
    return chance.choice((*dots, f"{code}?", f"1{code}", f"{code} x", f"{code}/{code}"))


def unknown(code: str, known: frozenset[str], chance: random.Random) -> str:
    """Return a well-formed code that no release has."""
    while True:
        made = f"{code[:3]}.{''.join(chance.choices('0123456789ABX', k=chance.randint(1, 4)))}"
        if made not in known:
            return made


def main() -> None:
    """Write the rows and their answers; print how many there are of each kind and verdict."""
    store, claims, truth = sys.argv[1:]
    kinds: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    with (
        Path(claims).open("w", encoding="utf-8", newline="") as file,
        Path(truth).open("w", encoding="utf-8") as answers,
    ):
        writer = csv.writer(file)
        writer.writerow(("claim", "dx", "day"))
        for number, (kind, text, day, verdict) in enumerate(rows(Lists(store)), 1):
            writer.writerow((f"c{number}", text, day))
            answers.write(f"{verdict}\n")
            kinds[kind] += 1
            verdicts[verdict] += 1
    print(json.dumps({"kinds": kinds, "verdicts": verdicts}))


# ---- the comparison


def measure(settings: Settings) -> list[Figure]:
    """Return the wrong verdicts on the rows, time and memory; print how the report begins."""
    folder = settings.temporary
    claims, truth, broken, said, values = (
        folder / name for name in ("claims.csv", "truth", "rows.csv", "said", "json")
    )
    made = run_module("benchmarks.messy_claims", str(settings.store), str(claims), str(truth))
    command = [
        "impact",
        str(claims),
        "--code-column",
        "dx",
        "--on",
        "day",
        "--system",
        "icd10cm",
        "--from",
        BEFORE,
        "--to",
        AFTER,
    ]
    command += ["--store", str(settings.store)]
    runs = [run_code(RUN, str(said), *command) for _ in range(settings.repeats)]
    print("\n".join(said.read_text(encoding="utf-8").splitlines()[:SHOWN]), flush=True)
    run_code(RUN, str(values), *command, "--json", "--id-column", "claim", "--rows", str(broken))
    [column] = json.loads(values.read_text(encoding="utf-8"))["columns"]
    run = median_run(runs)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in made["kinds"].items())
    return [
        Figure("wrong verdicts", "rows", wrong_verdicts(truth, broken, column), note=f"of {ROWS:,}: {kinds}"),
        *(Figure(name.replace("_", " "), "rows", column[name]) for name in (RELEASE, BROKEN, ENDING, FINE, UNJUDGED)),
        Figure("impact of FY2025", "s", run.seconds, note=f"{column['distinct']:,} different codes"),
        Figure("the same: peak of memory", "MiB", run.mib),
    ]


def wrong_verdicts(truth: Path, broken: Path, column: dict[str, int]) -> int:
    """Return how many rows have another verdict than the right one: each row that is listed, and the numbers of the others."""
    found = found_in(broken)
    wanted = truth.read_text(encoding="utf-8").splitlines()
    listed = (RELEASE, BROKEN, UNJUDGED)
    right = {f"c{number}": verdict for number, verdict in enumerate(wanted, 1) if verdict in listed}
    wrong = sum(right.get(claim) != found.get(claim) for claim in right.keys() | found.keys())
    counts = ((FINE, wanted.count(FINE) + wanted.count(ENDING)), (ENDING, wanted.count(ENDING)))
    return wrong + sum(abs(column[name] - number) for name, number in counts)


def found_in(path: Path) -> dict[str, str]:
    """Return the verdict of each row that was written."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["verdict"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    main()
