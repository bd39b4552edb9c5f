"""Invented claims with one planted error each, audited: claims a second, peak of memory, precision and recall by rule.

    python -m benchmarks.claims --store DIR [--claims N]
    python -m benchmarks claims --store DIR

Nine claims of ten are clean by a plain reading of the publisher's notes, which is made here and shares nothing with the
library: no code on them is excluded by another, wants one before it, or has a side. Into each tenth one error of one rule is
planted. A finding of a rule on a claim in which this rule was not planted is a false one, unless the planted error
has it as its consequence (`FOLLOWS`). Lists of present on admission, of the code editor and of CC are invented here.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import random
import re
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .figures import Figure, markdown
from .processes import run_module
from .settings import SEED, Settings, heading

CLAIMS = 100_000
PLANTED = 0.1
WIDTH = 8
"""Diagnoses at most."""
POOL = 4_000
HOSPITAL_DAYS = (datetime.date(2025, 4, 1), datetime.date(2025, 9, 30))
"""Of a release with notes, and with tables of ICD-10-PCS."""
SERVICE_DAYS = (datetime.date(2020, 10, 1), datetime.date(2020, 12, 31))
"""Of a release of HCPCS."""
TARGET = re.compile(r"([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]+)?)[.-]*(?:-([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]+)?)[.-]*)?")
HEADER = (
    *("claim_id", "kind", "admission_date", "discharge_date", "service_date", "sex", "age"),
    *(f"dx{n}" for n in range(1, WIDTH + 1)),
    *(f"poa{n}" for n in range(1, WIDTH + 1)),
    *("pr1", "hcpcs", "modifier"),
)
HOSPITAL = (
    *("invalid_code", "not_billable", "not_in_force", "seventh_character", "duplicate_diagnosis", "excludes1"),
    *("laterality_both", "laterality_unspecified", "manifestation_principal", "code_first", "use_additional"),
    *("external_cause_principal", "pcs_not_built", "poa_invalid", "poa_missing", "poa_exempt"),
    *("unacceptable_principal", "requires_secondary", "age_conflict", "sex_conflict", "cc_excluded", "no_date"),
)
SERVICES = ("modifier_unknown", "modifier_not_in_force", "modifier_misplaced", "poa_unexpected")
FOLLOWS: Mapping[str, tuple[str, ...]] = {}
"""Rules that the error of another one breaks as well."""
LISTS: Mapping[str, str] = {
    "poa_exempt": "Z",
    "mce_unacceptable_principal": "R05",
    "mce_requires_secondary": "R06",
    "mce_newborn": "P",
    "mce_maternity": "O",
    "mce_male": "N4",
    "mce_female": "N8",
}
"""Invented lists: the codes that begin so."""
AGES = {"mce_newborn": (0, 0), "mce_pediatric": (0, 17), "mce_maternity": (12, 55), "mce_adult": (15, 124)}
RESERVED = (*(prefix for prefix in LISTS.values() if prefix != "Z"), *"VWXY")
"""Codes that begin so are on no clean claim."""
COMPLICATION, EXCLUDER = "J18.9", "J20.9"


# ---- a plain reading of the publisher's notes


class Notes:
    """The notes of a release, read without the library: a note of a node holds for all codes that are below it."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], above: Mapping[str, list[str]]) -> None:
        self.by_node: dict[str, list[tuple[str, str, list[tuple[str, str]]]]] = {}
        for row in rows:
            targets = []
            for written in row["targets"] or ():
                if found := TARGET.fullmatch(written):
                    first = found[1].replace(".", "")
                    targets.append((first, (found[2] or first).replace(".", "")))
            self.by_node.setdefault(row["code"], []).append((row["kind"], row["text"], targets))
        self.above = above

    def of(self, code: str, kind: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the notes of a kind that hold for a code."""
        found = []
        for node in (code, *self.above[code]):
            found += [(text, targets) for name, text, targets in self.by_node.get(node, ()) if name == kind]
        return found

    def targets(self, code: str, kind: str, among: list[str]) -> set[str]:
        """Return the codes of a sorted list that notes of a kind name."""
        named: set[str] = set()
        for _, targets in self.of(code, kind):
            for first, last in targets:
                begin, end = bisect_left(among, first), bisect_right(among, f"{last}~")
                named.update(among[begin:end])
        return named


def has_side(title: str | None) -> bool:
    """Return whether a title has words for a side."""
    return re.search(r"\b(right|left|bilateral|unspecified (eye|ear|side))\b", title or "", re.IGNORECASE) is not None


Days = tuple[datetime.date, datetime.date]


class World:
    """The codes that claims of some days are made of."""

    def __init__(self, store: Any, picks: random.Random, days: Days = HOSPITAL_DAYS) -> None:
        self.picks = picks
        self.days = days
        edition = store["icd10cm"].on(days[0])
        self.billable = [code for code in edition if edition.is_billable(code)]
        above = {code: list(edition.ancestors(code)) for code in self.billable}
        rows = edition.table("notes").to_pylist() if edition.release.notes_known else []
        self.notes = Notes(rows, above)
        self.edition = edition
        self.expired = [
            code for code in store["icd10cm"].on(datetime.date(2016, 3, 1)) if str(edition.status(code)) == "expired"
        ]
        simple = [
            code
            for code in self.billable
            if not self.is_listed(code) and not self.notes.of(code, "codeFirst") and not has_side(edition.title(code))
        ]
        self.pool = sorted(picks.sample(simple, min(POOL, len(simple))))
        compact = sorted(code.replace(".", "") for code in self.pool)
        self.excluded = {code: self.notes.targets(code, "excludes1", compact) for code in self.pool}
        self.additional = {code: self.notes.targets(code, "useAdditionalCode", compact) for code in self.pool}
        self.both = {code: self.excluded[code] | self.additional[code] for code in self.pool}
        self.pairs = self._pairs()
        self.manifestations = self._manifestations()
        self.firsts = self._firsts()
        self.sides = self._sides()
        procedures = store["icd10pcs"].on(days[0])
        built = [code for code in procedures if procedures.is_billable(code) and not self.is_listed(code)]
        self.procedures = picks.sample(built, min(5_000, len(built)))
        self.is_procedure = procedures.is_valid
        services = store["hcpcs"].on(SERVICE_DAYS[0])
        listed = [services[code] for code in services]
        self.services = [item.code for item in listed if item.kind == "code" and item.code[0] != "A"]
        self.modifiers = [item.code for item in listed if item.kind == "modifier"]
        self.old_modifiers = [
            code
            for code in (f"{a}{b}" for a in "ABCDEFGHJKLMNPQRSTUVWXYZ" for b in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            if str(services.status(code)) == "expired"
        ]
        self.no_modifiers = [code for code in ("ZZ", "OO", "YX", "WQ") if str(services.status(code)) == "unknown"]

    def is_listed(self, code: str) -> bool:
        """Return whether a list, or a rule, says something of a code, so that it is on no clean claim."""
        return code.startswith(RESERVED) or code in (COMPLICATION, EXCLUDER)

    def is_exempt(self, code: str) -> bool:
        """Return whether a code is exempt from the indicator of presence on admission."""
        return code.startswith(LISTS["poa_exempt"])

    def _pairs(self) -> list[tuple[str, str]]:
        """Return pairs that a note excludes, of notes whose words narrow nothing."""
        by_compact = {code.replace(".", ""): code for code in self.billable}
        ordered = sorted(by_compact)
        found = []
        for code in self.picks.sample(self.pool, len(self.pool)):
            for text, targets in self.notes.of(code, "excludes1"):
                if "with" in text:
                    continue
                for first, last in targets:
                    begin, end = bisect_left(ordered, first), bisect_right(ordered, f"{last}~")
                    named = [by_compact[one] for one in ordered[begin:end]]
                    named = [one for one in named if one[0] not in "VWXYOP" and not self.notes.of(one, "codeFirst")]
                    if named and (other := self.picks.choice(named)) != code:
                        found.append((code, other))
            if len(found) > 3_000:
                break
        return found

    def _manifestations(self) -> list[str]:
        return [
            code
            for code in self.billable
            if re.search(r"\bin .*classified elsewhere", self.edition.title(code) or "")
            and self.notes.of(code, "codeFirst")
        ]

    def _firsts(self) -> list[tuple[str, str]]:
        """Return a code with another one that a note wants before it."""
        by_compact = {code.replace(".", ""): code for code in self.billable}
        found = []
        for code in self.billable:
            if code in self.manifestations or code[0] in "VWXYOP":
                continue
            for text, targets in self.notes.of(code, "codeFirst"):
                named = [by_compact[first] for first, _ in targets if "with" not in text and first in by_compact]
                found += [(code, one) for one in named if not one.startswith((*"VWXYOP", *LISTS.values()))]
        return found

    def _sides(self) -> list[tuple[str, str, str, str]]:
        """Return left, right, bilateral and unspecified codes: the publisher's numbers 1, 2, 3 and 0 or 9 in one place."""
        titles = {self.edition.title(code): code for code in self.billable}
        found = []
        for title, code in titles.items():
            is_clean = code[0] not in "VWXYOP" and not self.notes.of(code, "codeFirst")
            if title and " right ear" in title and is_clean:
                others = [title.replace("right ear", word) for word in ("left ear", "bilateral", "unspecified ear")]
                if all(other in titles for other in others):
                    found.append((code, *(titles[other] for other in others)))
        return found

    # ---- claims

    def diagnoses(self, count: int, letters: str = "") -> list[str]:
        """Return diagnoses that are clean together, the first of some chapters."""
        chosen: list[str] = []
        compact: set[str] = set()
        while len(chosen) < count:
            code = self.picks.choice(self.pool)
            if not chosen and letters and code[0] not in letters:
                continue
            short = code.replace(".", "")
            if short in compact or self.both[code] & compact:
                continue
            if any(short in self.both[other] for other in chosen):
                continue
            chosen.append(code)
            compact.add(short)
        return chosen

    def no_procedure(self) -> str:
        """Return a text in the form of a procedure that is none."""
        while self.is_procedure(code := self.picks.choice(self.procedures)[:6] + self.picks.choice("QRSTUVW")):
            continue
        return code


def _between(picks: random.Random, days: Days) -> datetime.date:
    return days[0] + datetime.timedelta(picks.randrange((days[1] - days[0]).days + 1))


def hospital_claim(world: World, number: int) -> dict[str, str]:
    """Return a clean claim of an inpatient."""
    picks = world.picks
    day = _between(picks, world.days)
    row = dict.fromkeys(HEADER, "")
    row |= {
        "claim_id": f"C{number}",
        "kind": "inpatient",
        "admission_date": str(day - datetime.timedelta(picks.randrange(1, 6))),
        "discharge_date": str(day),
        "sex": picks.choice("MF"),
        "age": str(picks.randrange(18, 95)),
        "pr1": picks.choice(world.procedures) if picks.random() < 0.5 and world.procedures else "",
    }
    set_diagnoses(world, row, world.diagnoses(picks.randrange(2, WIDTH - 1)))
    return row


def service_claim(world: World, number: int) -> dict[str, str]:
    """Return a clean professional claim."""
    picks = world.picks
    row = dict.fromkeys(HEADER, "")
    row |= {
        "claim_id": f"C{number}",
        "kind": "professional",
        "service_date": str(_between(picks, SERVICE_DAYS)),
        "sex": picks.choice("MF"),
        "age": str(picks.randrange(18, 95)),
        "hcpcs": picks.choice(world.services),
        "modifier": picks.choice(world.modifiers),
        "dx1": "I10",
        "dx2": "E78.5",
    }
    return row


def set_diagnoses(world: World, row: dict[str, str], codes: list[str]) -> None:
    """Put diagnoses on a claim, each but the exempt ones present on admission."""
    for place in range(1, WIDTH + 1):
        code = codes[place - 1] if place <= len(codes) else ""
        row[f"dx{place}"] = code
        row[f"poa{place}"] = "Y" if code and not world.is_exempt(code) else ""


def codes_of(row: dict[str, str]) -> list[str]:
    """Return the diagnoses of a claim."""
    return [row[f"dx{place}"] for place in range(1, WIDTH + 1) if row[f"dx{place}"]]


INSTEAD: Mapping[str, Callable[[World, dict[str, str]], list[str]]] = {
    "invalid_code": lambda world, _: ["I10", world.picks.choice(("Q99.99", "A99.7", "Z98.00"))],
    "not_billable": lambda world, _: ["I10", world.picks.choice(("E11", "I25.1", "C50", "K50.0"))],
    "not_in_force": lambda world, _: ["I10", world.picks.choice(world.expired)],
    "seventh_character": lambda world, _: ["I10", world.picks.choice(("S72.001", "T07", "S06.0X0", "S52.501"))],
    "duplicate_diagnosis": lambda _, row: [*codes_of(row), codes_of(row)[0]],
    "external_cause_principal": lambda _, __: ["W19.XXXA", "S00.83XA"],
    "manifestation_principal": lambda world, _: [world.picks.choice(world.manifestations), "I10"],
    "code_first": lambda world, _: [*world.picks.choice(world.firsts)],
    "use_additional": lambda _, __: ["Z72.0", "I10"],
    "excludes1": lambda world, _: [*world.picks.choice(world.pairs)],
    "laterality_both": lambda world, _: [*world.picks.choice(world.sides)[:2]],
    "laterality_unspecified": lambda world, _: [*world.picks.choice(world.sides)[1:4:2]],
    "unacceptable_principal": lambda _, __: ["R05.9", "I10"],
    "requires_secondary": lambda _, __: ["R06.00"],
    "age_conflict": lambda world, _: [world.picks.choice(("P07.30", "P22.0"))],
    "sex_conflict": lambda _, row: ["N40.0" if row["sex"] == "F" else "N80.9"],
    "cc_excluded": lambda _, __: [EXCLUDER, COMPLICATION],
    "poa_missing": lambda world, _: world.diagnoses(3, "ABCDEFGHIJKLMN"),
    "poa_exempt": lambda _, __: ["I10", "Z87.891"],
}
"""By rule, the diagnoses of a claim that breaks it."""
BESIDE: Mapping[str, Callable[[World, dict[str, str]], dict[str, str]]] = {
    "pcs_not_built": lambda world, _: {"pr1": world.no_procedure()},
    "no_date": lambda _, __: {"discharge_date": ""},
    "poa_invalid": lambda _, __: {"poa1": "Q"},
    "poa_missing": lambda _, __: {"poa1": ""},
    "poa_exempt": lambda _, __: {"poa2": "Y"},
    "poa_unexpected": lambda _, __: {"poa1": "Y"},
    "modifier_unknown": lambda world, _: {"modifier": world.picks.choice(world.no_modifiers)},
    "modifier_not_in_force": lambda world, _: {"modifier": world.picks.choice(world.old_modifiers)},
    "modifier_misplaced": lambda _, row: {"modifier": row["hcpcs"], "hcpcs": row["modifier"]},
}
"""By rule, the other columns of a claim that breaks it."""


def plant(world: World, row: dict[str, str], rule: str) -> None:
    """Plant an error of a rule into a clean claim."""
    if rule in INSTEAD:
        set_diagnoses(world, row, INSTEAD[rule](world, row))
    if rule in BESIDE:
        row |= BESIDE[rule](world, row)


def make(store: Any, path: Path, count: int) -> dict[str, str]:
    """Write claims to a CSV file; return the planted rule by claim."""
    world = World(store, random.Random(SEED))  # noqa: S311 -- the same claims in each run
    picks = world.picks
    planted: dict[str, str] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        rules = [*HOSPITAL, *SERVICES]
        for number in range(count):
            rule = rules[len(planted) % len(rules)] if picks.random() < PLANTED else None
            is_service = rule in SERVICES or (rule is None and picks.random() < 0.3)
            row = service_claim(world, number) if is_service else hospital_claim(world, number)
            if rule is not None:
                plant(world, row, rule)
                planted[row["claim_id"]] = rule
            writer.writerow(row)
    return planted


# ---- the audit


class InventedLists:
    """Lists of present on admission, of the code editor and of CC, which cover every day."""

    def version(self, _name: str, _day: datetime.date) -> str | None:
        """Return the only version."""
        return "invented"

    def holds(self, name: str, code: str, _day: datetime.date) -> Any:
        """Return whether a list has a code."""
        from terminology.claims import Listed

        if name == "cc_level":
            return Listed("invented", category="mcc") if code == COMPLICATION else None
        prefix = LISTS.get(name)
        return Listed("invented") if prefix and code.startswith(prefix) else None

    def ages(self, name: str, _day: datetime.date) -> Any:
        """Return the ages of a list."""
        from terminology.claims import Ages

        return Ages(*AGES[name])

    def excluded(self, code: str, principal: str, _day: datetime.date) -> Any:
        """Return whether the principal diagnosis excludes a CC."""
        from terminology.claims import Listed

        return Listed("invented") if (code, principal) == (COMPLICATION, EXCLUDER) else None


def audit_file(store: str, path: str, lists: Any = None) -> dict[str, Any]:
    """Audit a file in this process, by the lists of the store or by others; return the rules by claim, seconds and peak of memory."""
    import terminology
    from terminology.claims import Summary, audited, read_claims

    opened = terminology.open(store)
    summary = Summary()
    start, cpu = time.perf_counter(), time.process_time()
    found: dict[str, list[str]] = {}
    claims = read_claims(path)
    for table in audited(claims, opened, summary, lists=lists):
        ids, rules = table.column("claim").to_pylist(), table.column("rule").to_pylist()
        for claim, rule in zip(ids, rules, strict=True):
            found.setdefault(claim, []).append(rule)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    mib = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    read = time.perf_counter()
    for _ in read_claims(path):
        continue
    return {
        "found": found,
        "seconds": seconds,
        "cpu": cpu,
        "reading": time.perf_counter() - read,
        "mib": mib,
        "claims": summary.claims,
        "bad_rows": summary.bad_rows,
        "unchecked": [str(one) for one in summary.unchecked],
    }


def compared(planted: Mapping[str, str], found: Mapping[str, list[str]]) -> list[tuple[str, int, int, int]]:
    """Return by rule how many errors were planted, how many of them found, and how many findings are false."""
    made = Counter(planted.values())
    hits: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for claim, rules in found.items():
        for rule in set(rules):
            rule_planted = planted.get(claim)
            if rule == rule_planted:
                hits[rule] += 1
            elif rule not in FOLLOWS.get(rule_planted or "", ()):
                false[rule] += 1
    return [(rule, made[rule], hits[rule], false[rule]) for rule in (*HOSPITAL, *SERVICES)]


def measure(settings: Settings, count: int = CLAIMS) -> list[Figure]:
    """Return claims a second, memory, and precision and recall of each rule."""
    import terminology

    path = settings.temporary / "claims.csv"
    planted = make(terminology.open(settings.store), path, count)
    done = run_module("benchmarks.claims", "--audit", str(settings.store), str(path))
    size = path.stat().st_size / 2**20
    figures = [
        Figure(f"audit of {count:,} claims, CSV of {size:.0f} MiB", "claims/s", count / done["seconds"]),
        Figure("the same, by a second of CPU", "claims/s", count / done["cpu"]),
        Figure("the same, reading alone", "claims/s", count / done["reading"]),
        Figure("peak of memory", "MiB", done["mib"], note="with what is found, by claim"),
    ]
    for rule, made, hits, false in compared(planted, done["found"]):
        recall = 100 * hits / made if made else 0
        precision = 100 * hits / (hits + false) if hits + false else 0
        note = f"precision {precision:.1f} %; {made:,} planted, {hits:,} found, {false:,} others"
        figures.append(Figure(rule, "recall %", recall, note=note))
    return figures


def main() -> None:
    """Run what the command line asks for."""
    if sys.argv[1:2] == ["--audit"]:
        print(json.dumps(audit_file(*sys.argv[2:4], InventedLists())))
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__)
    parser.add_argument("--store", required=True)
    parser.add_argument("--claims", type=int, default=CLAIMS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        settings = Settings(None, Path(arguments.store).resolve(), Path(temporary), 5)
        print(heading(settings), flush=True)
        print(f"\n### claims\n\n{markdown(measure(settings, arguments.claims))}")


if __name__ == "__main__":
    main()
