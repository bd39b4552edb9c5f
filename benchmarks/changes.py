"""What changed between releases, and what codes became: one code at a time, and whole systems.

Run as a program (``python -m benchmarks.changes ENGINE STORE``) it measures one engine and prints JSON; `measure`
does so in turns, each engine in a process of its own.
"""

from __future__ import annotations

import importlib.util
import json
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from .figures import Figure
from .processes import run_module
from .settings import SEED, Settings

CODES = 3_000
LISTED = 500
OURS, PEER = "ours", "icd-mappings"
TRANSLATE = "translate ICD-9-CM to ICD-10-CM"


def measure(settings: Settings) -> list[Figure]:
    """Return every question's time, beside the peer's where it has the question; medians over the rounds."""
    engines = [OURS, *([PEER] if importlib.util.find_spec("icdmappings") else [])]
    rounds: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(settings.repeats):
        for engine in engines:
            rounds[engine].append(run_module("benchmarks.changes", engine, str(settings.store)))
    found = {
        engine: {work: statistics.median(each[work] for each in taken) for work in taken[0]}
        for engine, taken in rounds.items()
    }
    figures = []
    for work, value in found[OURS].items():
        unit = "µs" if work.endswith("a code") else "ms"
        peer = found.get(PEER, {}).get(work)
        note = "the peer gives one target, in the year of the map" if peer is not None else ""
        figures.append(Figure(work, unit, value, PEER if peer is not None else "", peer, note))
    return figures


def _a_code(codes: list[str], ask: Callable[[str], Any]) -> float:
    """Return the microseconds that a code takes, the second time that it is asked."""
    for code in codes:
        ask(code)
    begun = time.perf_counter()
    for code in codes:
        ask(code)
    return (time.perf_counter() - begun) / len(codes) * 1e6


def _whole(work: Callable[[], Any]) -> float:
    """Return the milliseconds of work that is done once, after it was done once."""
    work()
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def _ours(place: str) -> dict[str, float]:
    import terminology
    from terminology.codelists import CodeList, migration_of

    store = terminology.open(place)
    cm, pcs = store["icd10cm"], store["icd10pcs"]
    rng = random.Random(SEED)  # noqa: S311 -- a sample, not a secret
    table = cm.release("2017").table()
    billable = table.filter(table.column("billable")).column("code").to_pylist()
    old = rng.sample(billable, CODES)
    gone = [code for code in billable if cm.release("2025").status(code) != "billable"]
    ninth = rng.sample(store["icd9cm"].latest.table().column("code").to_pylist(), CODES)
    listed = CodeList.parse("\n".join(rng.sample(billable, LISTED)))
    return {
        f"{TRANSLATE}, a code": _a_code(ninth, lambda c: store.translate(c, source="icd9cm", target="icd10cm")),
        "migrate ICD-10-CM 2017 to 2025, a code": _a_code(old, lambda code: cm.migrate(code, "2017", "2025")),
        "migrate what is not billable any more, a code": _a_code(gone, lambda code: cm.migrate(code, "2017", "2025")),
        "history, a code": _a_code(old, cm.history),
        "diff ICD-10-CM 2021 to 2022": _whole(lambda: cm.diff("2021", "2022")),
        "diff ICD-10-CM 2017 to 2025": _whole(lambda: cm.diff("2017", "2025")),
        "diff ICD-10-PCS 2017 to 2025": _whole(lambda: pcs.diff("2017", "2025")),
        f"resolve a list of {LISTED} codes": _whole(lambda: listed.resolve(cm.release("2017"))),
        f"migrate a list of {LISTED} codes, 2017 to 2025": _whole(lambda: migration_of(listed, cm, "2017", "2025")),
    }


def _peers(place: str) -> dict[str, float]:
    from icdmappings import Mapper

    import terminology

    mapper = Mapper()
    rng = random.Random(SEED)  # noqa: S311 -- a sample, not a secret
    table = terminology.open(place)["icd10cm"].release("2017").table()
    rng.sample(table.filter(table.column("billable")).column("code").to_pylist(), CODES)
    codes = rng.sample(terminology.open(place)["icd9cm"].latest.table().column("code").to_pylist(), CODES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = [code.replace(".", "") for code in codes]
        return {f"{TRANSLATE}, a code": _a_code(plain, lambda code: mapper.map(code, source="icd9", target="icd10"))}


if __name__ == "__main__":
    print(json.dumps({OURS: _ours, PEER: _peers}[sys.argv[1]](sys.argv[2])))
