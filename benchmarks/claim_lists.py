"""Invented claims audited by the publishers' own lists: precision and recall of each rule, and of each list by its year.

    python -m benchmarks.claim_lists --store DIR --groupings DIR [--claims N]

The store has ICD-10-CM and ICD-10-PCS from fiscal year 2016 to 2022, and the lists of the folder: exempt from POA, the code
editor as others cut it, appendix C of MS-DRG. What the lists say of a claim is also read here, from the files and without
the library. So of a rule that needs a list every claim of the file is an example, and not only those in which an error
was planted. Of the other rules a finding is right where its error was planted, as in `benchmarks.claims`.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import gzip
import io
import json
import random
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .claims import (
    BESIDE,
    HEADER,
    HOSPITAL,
    INSTEAD,
    PLANTED,
    Days,
    World,
    audit_file,
    codes_of,
    has_side,
    hospital_claim,
    set_diagnoses,
)
from .figures import Figure, markdown
from .processes import run_module
from .settings import SEED, Settings, heading

CLAIMS = 1_000_000
AGES = {"newborn": (0, 0), "pediatric": (0, 17), "maternity": (12, 55), "adult": (15, 124)}
"""Of versions 33 to 36, by the definitions of the publisher."""
EDITS = {
    "Newborn_Only": "newborn",
    "Pediatric_Only": "pediatric",
    "Maternity_Only": "maternity",
    "Adult_Only": "adult",
    "Female_Only": "female",
    "Male_Only": "male",
    "Principal_Manifestation": "manifestation",
    "Principal_Unacceptable": "unacceptable",
    "Principal_Requires_Secondary": "secondary",
}
OF_LISTS = (
    *("poa_missing", "poa_exempt", "unacceptable_principal", "requires_secondary", "age_conflict", "sex_conflict"),
    *("manifestation_principal", "cc_excluded"),
)
AT_THE_EDGE = "age_conflict: none, at the first or last age"
"""Planted too: a claim that is right by a year."""
TRIES = 200


# ---- the lists, read without the library


@dataclass(frozen=True)
class Lists:
    """What the publishers' files say of a fiscal year; codes without dots."""

    name: str
    days: Days
    exempt: frozenset[str] | None = None
    editor: Mapping[str, frozenset[str]] | None = None
    """Names of the lists of a code."""
    levels: Mapping[str, tuple[str, str]] | None = None
    """Level and number of the collection of a code."""
    collections: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, code: str) -> frozenset[str]:
        """Return the names of the editor's lists that have a code."""
        return (self.editor or {}).get(_plain(code), frozenset())

    def truth(self, row: Mapping[str, str], billable: frozenset[str]) -> set[str]:
        """Return the rules of which a claim is an example by these lists."""
        codes = codes_of(row)
        if not row["discharge_date"] or not codes:
            return set()
        found = {*self._poa(row, codes, billable)}
        if self.editor is not None:
            found.update(self._edits(row, codes, billable))
        if self.levels is not None:
            numbers = [self.levels.get(_plain(code), ("", ""))[1] for code in codes[1:]]
            if any(_plain(codes[0]) in self.collections.get(number, ()) for number in numbers):
                found.add("cc_excluded")
        return found

    def _poa(self, row: Mapping[str, str], codes: Sequence[str], billable: frozenset[str]) -> set[str]:
        found = set()
        for place, code in enumerate(codes, 1):
            said = row[f"poa{place}"]
            if self.exempt is None or code not in billable or said not in ("", *"YNUW1"):
                continue
            is_exempt, is_given = _plain(code) in self.exempt, said not in ("", "1")
            found |= {"poa_exempt"} if is_exempt and is_given else set()
            found |= set() if is_exempt or is_given else {"poa_missing"}
        return found

    def _edits(self, row: Mapping[str, str], codes: Sequence[str], billable: frozenset[str]) -> set[str]:
        found, age = set(), int(row["age"])
        for code in [*(one for one in codes if one in billable), *filter(None, [row["pr1"]])]:
            names = self.of(code)
            found |= {"age_conflict" for name in names & AGES.keys() if not AGES[name][0] <= age <= AGES[name][1]}
            found |= {"sex_conflict"} if ({"F": "male", "M": "female"}[row["sex"]]) in names else set()
        first = self.of(codes[0])
        found |= {"unacceptable_principal"} if "unacceptable" in first else set()
        found |= {"manifestation_principal"} if "manifestation" in first else set()
        return found | ({"requires_secondary"} if "secondary" in first and len(codes) == 1 else set())


def _plain(code: str) -> str:
    return code.replace(".", "")


def _exempt(path: Path) -> frozenset[str]:
    """Return the codes of a list of exempt diagnoses."""
    [archive] = path.glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        [name] = [one for one in opened.namelist() if re.fullmatch(r"POAexemptCodes\w+\.txt", one)]
        rows = list(csv.reader(io.TextIOWrapper(opened.open(name), "latin-1"), delimiter="\t"))
    return frozenset(_plain(row[1].strip()) for row in rows[1:])


def _editor(path: Path) -> dict[str, frozenset[str]]:
    """Return by code the names of the editor's lists."""
    [file] = path.glob("*.gz")
    found: dict[str, set[str]] = {}
    for line in gzip.decompress(file.read_bytes()).decode("latin-1").splitlines()[1:]:
        edit, code = line.split("\t")[4], line.split("\t")[6]
        if edit in EDITS:
            found.setdefault(code, set()).add(EDITS[edit])
    return {code: frozenset(names) for code, names in found.items()}


def _levels(path: Path) -> tuple[dict[str, tuple[str, str]], dict[str, frozenset[str]]]:
    """Return level and collection by code, and the codes of each collection, of appendix C."""
    listed: dict[str, tuple[str, str]] = {}
    collections: dict[str, set[str]] = {}
    current: set[str] | None = None
    for line in gzip.decompress((path / "appendix_C.txt.gz").read_bytes()).decode("latin-1").splitlines():
        if words := re.match(r" (\w{3,7}) +(CC|MCC) +(\d{4}):", line):
            listed[words[1]] = (words[2].lower(), words[3])
        elif words := re.match(r"PDX collection (\d+)", line):
            current = collections.setdefault(words[1], set())
        elif line.startswith("Appendix C Part 2"):
            current = None
        elif current is not None and (words := re.match(r"  (\w{3,7}) ", line)):
            current.add(words[1])
    return listed, {number: frozenset(codes) for number, codes in collections.items()}


def read_lists(folder: Path) -> list[Lists]:
    """Return the lists by year, of years that have some."""
    day = datetime.date
    poa, mce = folder / "poa_exempt", folder / "mce"
    years = [
        Lists(f"FY{year}", (day(year - 1, 10, 1), day(year, 9, 30)), exempt, _editor(mce / f"v{year - 1983}"))
        for year, exempt in (
            *((2016, _exempt(poa / "FY2016")), (2017, _exempt(poa / "FY2017"))),
            *((2018, None), (2019, None)),
        )
    ]
    levels, collections = _levels(folder / "msdrg" / "v38.1")
    years.append(Lists("FY2021", (day(2021, 1, 1), day(2021, 9, 30)), None, None, levels, collections))
    # until the update of April, which has further codes
    return [*years, Lists("FY2022", (day(2021, 10, 1), day(2022, 3, 31)), _exempt(poa / "FY2022"))]


# ---- claims


class ListedWorld(World):
    """The codes that claims of a year are made of, and those of its lists."""

    def __init__(self, store: Any, picks: random.Random, lists: Lists) -> None:
        self.lists = lists
        super().__init__(store, picks, lists.days)
        self.all_billable = frozenset(self.billable)
        plain = [
            code
            for code in self.billable
            if code[0] not in "VWXY" and not self.notes.of(code, "codeFirst") and not has_side(self.edition.title(code))
        ]
        self.by_list = {
            name: [code for code in plain if name in lists.of(code)]
            for name in EDITS.values()
            if name != "manifestation"
        }
        self.by_list["manifestation"] = [code for code in self.billable if "manifestation" in lists.of(code)]
        self.exempt = [code for code in plain if self.is_exempt(code)]
        self.complications = [code for code in plain if _plain(code) in (lists.levels or {})]
        self.procedures_of = {name: self._procedures(store, name) for name in ("male", "female")}
        self.has_tables = _has_tables(store["icd10pcs"].on(lists.days[0]))
        self.dotted = {_plain(code): code for code in plain}

    def _procedures(self, store: Any, name: str) -> list[str]:
        edition = store["icd10pcs"].on(self.days[0])
        return [
            code for code, names in (self.lists.editor or {}).items() if name in names and edition.is_billable(code)
        ]

    def is_listed(self, code: str) -> bool:
        """Return whether the editor has a code, or it is an external cause."""
        return code[0] in "VWXY" or bool(self.lists.of(code))

    def is_exempt(self, code: str) -> bool:
        """Return whether a code is exempt from the indicator; of a year without the list none is."""
        return _plain(code) in (self.lists.exempt or ())

    def with_others(self, *codes: str) -> list[str]:
        """Return codes with one or two of clean claims, so that no note of any names another."""
        for _ in range(TRIES):
            made = [*codes, *self.diagnoses(self.picks.randrange(1, 3))]
            compact = sorted(map(_plain, made))
            kinds = ("excludes1", "useAdditionalCode")
            if len(set(made)) == len(made) and not any(
                self.notes.targets(code, kind, compact) - {_plain(code)} for code in made for kind in kinds
            ):
                return made
        raise IndexError(codes)


def _has_tables(edition: Any) -> bool:
    """Return whether the release of procedures came with the tables that build them."""
    from terminology.errors import TablesUnknownError
    from terminology.procedures import explanation

    try:
        explanation(edition, "0FT44ZW")
    except (TablesUnknownError, LookupError):
        return False
    return True


def _aged(world: ListedWorld, row: dict[str, str], *, is_inside: bool) -> None:
    name = world.picks.choice([name for name in AGES if world.by_list[name]])
    least, most = AGES[name]
    ages = (
        [least, most] if is_inside else [age for age in (least - 1, most + 1, 11, 60, 90) if not least <= age <= most]
    )
    row["age"] = str(world.picks.choice([age for age in ages if 0 <= age <= 124]))
    code = world.picks.choice(world.by_list[name])
    row["sex"] = "M" if "male" in world.lists.of(code) else "F"
    set_diagnoses(world, row, world.with_others(code))


def _sexed(world: ListedWorld, row: dict[str, str]) -> None:
    name = world.picks.choice(("male", "female"))
    row |= {"sex": "F" if name == "male" else "M", "age": str(world.picks.randrange(18, 50))}
    if world.procedures_of[name] and world.picks.random() < 0.3:
        row["pr1"] = world.picks.choice(world.procedures_of[name])
    else:
        set_diagnoses(world, row, world.with_others(world.picks.choice(world.by_list[name])))


def _first(name: str) -> Callable[[ListedWorld, dict[str, str]], None]:
    def put(world: ListedWorld, row: dict[str, str]) -> None:
        code = world.picks.choice(world.by_list[name])
        codes = [code] if name == "secondary" else world.with_others(code)
        set_diagnoses(world, row, codes)

    return put


def _unsaid(world: ListedWorld, row: dict[str, str]) -> None:
    if world.lists.exempt is None:
        raise IndexError
    codes = codes_of(row)
    places = [place for place, code in enumerate(codes, 1) if not world.is_exempt(code)]
    row[f"poa{world.picks.choice(places)}"] = world.picks.choice(("", "1"))


def _exempted(world: ListedWorld, row: dict[str, str]) -> None:
    set_diagnoses(world, row, world.with_others(world.picks.choice(world.exempt)))
    row["poa1"] = world.picks.choice("YNUW")


def _excluded(world: ListedWorld, row: dict[str, str]) -> None:
    for _ in range(TRIES):
        code = world.picks.choice(world.complications)
        firsts = world.lists.collections.get((world.lists.levels or {})[_plain(code)][1], ())
        first = world.dotted.get(world.picks.choice(sorted(firsts) or [""]))
        if first and first != code:
            try:
                set_diagnoses(world, row, world.with_others(first, code))
            except IndexError:
                continue
            return
    raise IndexError


LISTED: Mapping[str, Callable[[ListedWorld, dict[str, str]], None]] = {
    "poa_missing": _unsaid,
    "poa_exempt": _exempted,
    "unacceptable_principal": _first("unacceptable"),
    "requires_secondary": _first("secondary"),
    "manifestation_principal": _first("manifestation"),
    "age_conflict": lambda world, row: _aged(world, row, is_inside=False),
    AT_THE_EDGE: lambda world, row: _aged(world, row, is_inside=True),
    "sex_conflict": _sexed,
    "cc_excluded": _excluded,
}
"""By rule of a list, what plants its error."""
BY_NOTES = tuple(rule for rule in HOSPITAL if rule not in LISTED)
ALWAYS: Mapping[str, tuple[str, ...]] = {
    "seventh_character": ("S72.001", "S06.0X0", "S52.501"),
    "not_billable": ("E11", "C50", "K50.0"),
}
"""Codes that are so in all years, and that no note of any has with ``I10``."""
NOTED = ("excludes1", "code_first", "use_additional")
"""Rules that need the notes of the year."""


def plant(world: ListedWorld, row: dict[str, str], rule: str) -> None:
    """Plant an error of a rule; an `IndexError` says that the year has no codes for it."""
    if rule in LISTED:
        LISTED[rule](world, row)
        return
    if rule in ALWAYS:
        set_diagnoses(world, row, ["I10", world.picks.choice(ALWAYS[rule])])
    elif rule in INSTEAD:
        set_diagnoses(world, row, INSTEAD[rule](world, row))
    if rule in BESIDE:
        row |= BESIDE[rule](world, row)


def _rules(world: ListedWorld) -> list[str]:
    """Return the rules of which the year has codes."""
    found = []
    for rule in (*LISTED, *BY_NOTES):
        if (rule in NOTED and not world.edition.release.notes_known) or (
            rule == "pcs_not_built" and not world.has_tables
        ):
            continue
        try:
            plant(world, hospital_claim(world, 0), rule)
        except IndexError:
            continue
        found.append(rule)
    return found


def make(worlds: Sequence[ListedWorld], path: Path, count: int) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Write claims to a CSV file; return the planted rule by claim, and by claim what the lists say of it."""
    planted: dict[str, str] = {}
    truths: dict[str, list[str]] = {}
    rules = {world.lists.name: _rules(world) for world in worlds}
    turns: Counter[str] = Counter()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        for number in range(count):
            world = worlds[number % len(worlds)]
            row = hospital_claim(world, number)
            row["claim_id"] = name = f"{world.lists.name}-{number}"
            if world.picks.random() < PLANTED:
                turns[world.lists.name] += 1
                listed = rules[world.lists.name]
                rule = listed[turns[world.lists.name] % len(listed)]
                try:
                    plant(world, row, rule)
                    planted[name] = rule
                except IndexError:
                    # of this claim there is nothing to make one of; it stays as it is
                    pass
            if found := world.lists.truth(row, world.all_billable):
                truths[name] = sorted(found)
            writer.writerow(row)
    return planted, truths


# ---- figures


def compared(
    planted: Mapping[str, str], truths: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], Counter[str]]:
    """Return by year and rule how many claims are examples, how many of them are found, and how many findings are false."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    shown: Counter[str] = Counter()
    for claim in {*planted, *truths, *found}:
        year = claim.partition("-")[0]
        expected = {*truths.get(claim, ()), *({planted[claim]} - {*LISTED} if claim in planted else ())}
        if planted.get(claim) == "manifestation_principal":
            expected.add("manifestation_principal")
        said = set(found.get(claim, ()))
        if "manifestation_principal" in expected and "code_first" not in expected:
            # a list of the editor has codes that follow by their notes alone, and not by their titles
            said.discard("code_first")
        for rule in expected | said:
            kind = "found" if rule in expected & said else "missed" if rule in expected else "false"
            counts.setdefault((year, rule), Counter())[kind] += 1
            shown[f"{rule} {kind}"] += kind != "found"
            if kind != "found" and shown[f"{rule} {kind}"] <= 3:
                print(f"{kind} {rule}: {claim}, planted {planted.get(claim)}", file=sys.stderr)
    return counts


def measure(settings: Settings, groupings: Path, count: int) -> list[Figure]:
    """Return claims a second, memory, and recall and precision of each rule, those of lists by year."""
    import terminology

    store = terminology.open(settings.store)
    picks = random.Random(SEED)  # noqa: S311 -- the same claims in each run
    worlds = [ListedWorld(store, picks, lists) for lists in read_lists(groupings)]
    path = settings.temporary / "claims.csv"
    planted, truths = make(worlds, path, count)
    done = run_module("benchmarks.claim_lists", "--audit", str(settings.store), str(path))
    size = path.stat().st_size / 2**20
    figures = [
        Figure(f"audit of {count:,} claims, CSV of {size:.0f} MiB", "claims/s", count / done["seconds"]),
        Figure("the same, by a second of CPU", "claims/s", count / done["cpu"]),
        Figure("peak of memory", "MiB", done["mib"], note="with what is found, by claim"),
    ]
    counts = compared(planted, truths, done["found"])
    for one in done["unchecked"]:
        print(one)
    for rule in dict.fromkeys((*OF_LISTS, *HOSPITAL)):
        years = {year: counted for (year, of), counted in sorted(counts.items()) if of == rule}
        total = sum(years.values(), Counter())
        if not total:
            print(f"{rule}: no year has what an example needs")
            continue
        figures.append(_figure(rule, total))
        if rule in OF_LISTS and len(years) > 1:
            figures += [_figure(f"{rule}, {year}", counted) for year, counted in years.items()]
    return figures


def _figure(name: str, counted: Counter[str]) -> Figure:
    found, missed, false = (counted[kind] for kind in ("found", "missed", "false"))
    recall = 100 * found / (found + missed) if found + missed else 0
    precision = 100 * found / (found + false) if found + false else 0
    note = f"precision {precision:.2f} %; {found + missed:,} examples, {found:,} found, {false:,} others"
    return Figure(name, "recall %", recall, note=note)


def main() -> None:
    """Run what the command line asks for."""
    if sys.argv[1:2] == ["--audit"]:
        print(json.dumps(audit_file(*sys.argv[2:4])))
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claim_lists", description=__doc__)
    parser.add_argument("--store", required=True)
    parser.add_argument("--groupings", required=True, help="the folder of the publishers' lists")
    parser.add_argument("--claims", type=int, default=CLAIMS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        settings = Settings(None, Path(arguments.store).resolve(), Path(temporary), 5)
        print(heading(settings), flush=True)
        print(f"\n### claim_lists\n\n{markdown(measure(settings, Path(arguments.groupings), arguments.claims))}")


if __name__ == "__main__":
    main()
