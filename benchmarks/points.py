"""One question at a time, the edition in hand: the same random codes asked of us and of the peers.

Run as a program (``python -m benchmarks.points ENGINE CODES STORE ORDER``) it measures one engine and prints JSON;
`measure` does so in turns, each engine in a process of its own.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from .figures import Figure
from .processes import run_module
from .settings import DATE, SEED, Settings, order_file

CODES = 2_000
PASSES = 5
CHAPTER = "19"
DESCENDANTS = f"descendants of chapter {CHAPTER}"
LISTED, COUNTED, IN_ARROW = f"{DESCENDANTS}, as a list", f"number of {DESCENDANTS}", f"{DESCENDANTS}, to_arrow"
GRAPH = "to_networkx"

OURS, SIMPLE_ICD, PLAIN = "ours", "simple-icd-10-cm", "plain dicts"


def measure(settings: Settings) -> list[Figure]:
    """Return every question's time against each peer; engines in turns, medians over the rounds."""
    order = order_file(settings)
    engines = [OURS, *([SIMPLE_ICD] if settings.simple_icd else []), *([PLAIN] if order else [])]
    codes = settings.temporary / "codes.json"
    chosen = run_module("benchmarks.points", "choose", str(codes), str(settings.store), str(settings.simple_icd))
    rounds: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(settings.repeats):
        for engine in engines:
            arguments = (engine, str(codes), str(settings.store), str(order or ""))
            rounds[engine].append(run_module("benchmarks.points", *arguments))
    found = {
        engine: {work: statistics.median(each[work] for each in taken) for work in taken[0]}
        for engine, taken in rounds.items()
    }
    note = f"{chosen['codes']:,} codes"
    figures = []
    for work, seconds in found[OURS].items():
        unit, scale = ("ms", 1e3) if work in WHOLE else ("µs", 1e6)
        peers = [(engine, found[engine][work]) for engine in engines[1:] if work in found[engine]]
        for engine, taken in peers or [("", None)]:
            peers_figure = taken * scale if taken is not None else None
            remark = "" if work in WHOLE else note
            figures.append(Figure(work, unit, seconds * scale, engine, peers_figure, remark))
    return figures


WHOLE = frozenset({LISTED, COUNTED, IN_ARROW, GRAPH})
"""Work that is measured once a pass rather than once a code."""


def choose(path: str, store: str, with_peer: str) -> dict[str, int]:
    """Write the codes that every engine is asked: random, in force, and known to the peer where it is installed."""
    import terminology

    edition = terminology.open(store)["icd10cm"].on(DATE)
    table = edition.table("concepts")
    kinds = table.column("kind").to_pylist()
    universe = [
        code for code, kind in zip(table.column("code").to_pylist(), kinds, strict=True) if kind in {"category", "code"}
    ]
    rng = random.Random(SEED)  # noqa: S311 -- a sample, not a secret
    codes = rng.sample(universe, CODES * 2)
    if with_peer == "True":
        import simple_icd_10_cm

        codes = [code for code in codes if simple_icd_10_cm.is_valid_item(code)]
    codes = codes[:CODES]
    ancestors = [edition.ancestors(code) for code in codes]
    # half of the pairs lie below each other, half most likely not; chapters and sections are left to the side
    above = [
        rng.choice([a for a in line if "-" not in a and len(a) > 2] or [codes[0]]) if i % 2 else rng.choice(codes)
        for i, line in enumerate(ancestors)
    ]
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 -- a path from the command line
        json.dump({"codes": codes, "pairs": list(zip(above, codes, strict=True))}, file)
    return {"codes": len(codes)}


def seconds_each(ask: Callable[[Any], Any], questions: Sequence[Any]) -> float:
    """Return the median over passes of the time of one question."""
    return statistics.median(_pass(ask, questions) for _ in range(PASSES))


def _pass(ask: Callable[[Any], Any], questions: Sequence[Any]) -> float:
    start = time.perf_counter()
    for question in questions:
        ask(question)
    return (time.perf_counter() - start) / len(questions)


def ours(codes: list[str], pairs: list[tuple[str, str]], store: str, _order: str) -> dict[str, float]:
    """Return our times."""
    import terminology

    edition = terminology.open(store)["icd10cm"].on(DATE)
    # an edition remembers what it answered: cold is the first question of each code to an edition just made
    found = {
        f"{name}, cold": statistics.median(
            _pass(getattr(terminology.open(store)["icd10cm"].on(DATE), name), codes) for _ in range(PASSES)
        )
        for name in ("status", "lookup")
    }
    asked: dict[str, Callable[[str], Any]] = {
        "status, warm": edition.status,
        "is_billable": edition.is_billable,
        "parent": edition.parent,
        "ancestors": edition.ancestors,
        "lookup": edition.lookup,
    }
    found |= {work: seconds_each(ask, codes) for work, ask in asked.items()}
    found["subsumes"] = seconds_each(lambda pair: edition.subsumes(*pair), pairs)
    found[COUNTED] = seconds_each(lambda code: len(edition.descendants(code)), [CHAPTER])
    found[LISTED] = seconds_each(lambda code: list(edition.descendants(code)), [CHAPTER])
    edition.descendants(CHAPTER).to_arrow()
    found[IN_ARROW] = seconds_each(lambda code: edition.descendants(code).to_arrow(), [CHAPTER])
    edition.to_networkx()
    found[GRAPH] = seconds_each(lambda _: edition.to_networkx(), [None])
    return found


def simple_icd(codes: list[str], pairs: list[tuple[str, str]], _store: str, _order: str) -> dict[str, float]:
    """Return the times of simple-icd-10-cm; it has no status and no flag: valid and leaf come nearest."""
    import simple_icd_10_cm as peer

    asked: dict[str, Callable[[str], Any]] = {
        "status, cold": peer.is_valid_item,
        "status, warm": peer.is_valid_item,
        "is_billable": peer.is_leaf,
        "parent": peer.get_parent,
        "ancestors": peer.get_ancestors,
        "lookup, cold": peer.get_full_data,
        "lookup": peer.get_full_data,
    }
    found = {work: seconds_each(ask, codes) for work, ask in asked.items()}
    found["subsumes"] = seconds_each(lambda pair: peer.is_ancestor(*pair), pairs)
    found[COUNTED] = seconds_each(lambda code: len(peer.get_descendants(code)), [CHAPTER])
    found[LISTED] = seconds_each(peer.get_descendants, [CHAPTER])
    found[IN_ARROW] = seconds_each(lambda code: _arrow(peer.get_descendants(code)), [CHAPTER])
    return found


def plain_dicts(codes: list[str], pairs: list[tuple[str, str]], _store: str, order: str) -> dict[str, float]:
    """Return the times of dicts made from one order file: no dates, no dots, no chapters, no checks."""
    import networkx as nx

    with open(order, encoding="utf-8") as lines:  # noqa: PTH123 -- a path from the command line
        rows = {line[6:13].rstrip(): (line[14] == "1", line[16:76].rstrip(), line[77:].rstrip()) for line in lines}
    parents = {code: next((code[:n] for n in range(len(code) - 1, 2, -1) if code[:n] in rows), None) for code in rows}
    children: dict[str | None, list[str]] = {}
    for code, parent in parents.items():
        children.setdefault(parent, []).append(code)
    plain = [code.replace(".", "") for code in codes]
    plain_pairs = [(a.replace(".", ""), b.replace(".", "")) for a, b in pairs]

    def ancestors(code: str) -> list[str]:
        found = []
        parent = parents[code]
        while parent is not None:
            found.append(parent)
            parent = parents[parent]
        return found

    def below(categories: list[str]) -> list[str]:
        found = []
        stack = list(categories)
        while stack:
            code = stack.pop()
            found.append(code)
            stack.extend(children.get(code, ()))
        return found

    def graph(_: None) -> Any:
        made = nx.DiGraph()
        made.add_nodes_from((code, {"billable": row[0], "title": row[2]}) for code, row in rows.items())
        made.add_edges_from((parent, code) for code, parent in parents.items() if parent)
        return made

    chapter = [code for code in children[None] if code[0] in "ST"]
    asked: dict[str, Callable[[str], Any]] = {
        "status, cold": rows.__contains__,
        "status, warm": rows.__contains__,
        "is_billable": lambda code: rows[code][0],
        "parent": parents.__getitem__,
        "ancestors": ancestors,
        "lookup, cold": rows.__getitem__,
        "lookup": rows.__getitem__,
    }
    found = {work: seconds_each(ask, plain) for work, ask in asked.items()}
    found["subsumes"] = seconds_each(lambda pair: pair[0] == pair[1] or pair[0] in ancestors(pair[1]), plain_pairs)
    found[COUNTED] = seconds_each(lambda code: len(below(code)), [chapter])
    found[LISTED] = seconds_each(below, [chapter])
    found[IN_ARROW] = seconds_each(lambda code: _arrow(below(code)), [chapter])
    graph(None)
    found[GRAPH] = seconds_each(graph, [None])
    return found


def _arrow(codes: list[str]) -> Any:
    import pyarrow as pa

    return pa.array(codes)


ENGINES = {OURS: ours, SIMPLE_ICD: simple_icd, PLAIN: plain_dicts}


def main(arguments: list[str]) -> None:
    """Measure one engine, or choose the codes, and print JSON."""
    if arguments[0] == "choose":
        print(json.dumps(choose(*arguments[1:])))
        return
    engine, path, store, order = arguments
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 -- a path from the command line
        questions = json.load(file)
    print(json.dumps(ENGINES[engine](questions["codes"], questions["pairs"], store, order)))


if __name__ == "__main__":
    main(sys.argv[1:])
