"""Flip random bits in every kind of file of a store, and count what the library then says.

    python -m benchmarks.attack_flips --flips 500 --seed 1

The store is built from the packaged samples. After each flip a fixed set of questions is asked of it, in a child
process that a crash may end, and the store is verified. An answer that differs from that of the sound store is the one
thing that must never happen; a flip that `verify` does not find must change no answer.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

KINDS: Final[Mapping[str, str]] = {
    "pointer": "CURRENT.json",
    "pointer before": "compiled/*.pointer",
    "compiled file": "compiled/*.arrow",
    "list of parts": "compiled/*.parts",
    "manifest": "*/**/manifest.json",
    "table of a part": "parts/*/*/*.parquet",
    "table of a release": "releases/*/*/*/*.parquet",
    "table of a crosswalk": "crosswalks/*/*/*/*.parquet",
}
"""Kinds of file, each with the pattern of its names."""
RIGHT, DAMAGED, WRONG, OTHER, CRASH = "right answer", "StoreDamagedError", "wrong answer", "other exception", "crash"
OUTCOMES: Final = (RIGHT, DAMAGED, WRONG, OTHER, CRASH)
FOUND, HARMLESS, MISSED = "found", "not found, all answers right", "not found, answers changed"
VERIFIED: Final = (FOUND, HARMLESS, MISSED, OTHER, CRASH)
ASKED_CODES: Final = 6
"""Codes of each system that all questions are asked of."""


def run(flips: int = 500, seed: int = 1, folder: Path | None = None) -> list[dict[str, Any]]:
    """Return what became of each flip: its place, the outcome of the questions, and that of `verify`.

    Args:
        flips: How many, spread over the kinds of file in turn.
        seed: Of the random places.
        folder: Where the store is built; by default a temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="terminology-flips-") as temporary:
        store = _built(Path(folder or temporary) / "store")
        plan = list(_places(store, flips, seed))
        path = Path(temporary) / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        done: list[dict[str, Any]] = []
        while len(done) < len(plan):
            done += _child(store, path, len(done), plan)
        return done


def _built(store: Path) -> Path:
    """Return a store of all samples that was published twice, so that there is a state before."""
    import terminology
    from terminology.samples import sample_folders

    folders = sample_folders()
    terminology.load(*folders[:2], store=store)
    terminology.load(*folders, store=store)
    return store


def _places(store: Path, flips: int, seed: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)  # noqa: S311 -- places of flips, no secret
    kinds = {kind: sorted(store.glob(pattern)) for kind, pattern in KINDS.items()}
    for number in range(flips):
        kind = list(kinds)[number % len(kinds)]
        path = chance.choice(kinds[kind])
        place, bit = chance.randrange(path.stat().st_size), chance.randrange(8)
        yield {"kind": kind, "file": str(path.relative_to(store)), "byte": place, "bit": bit}


def _child(store: Path, plan: Path, start: int, places: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what a child process found from one place on, to the end or to the flip that ended the process."""
    command = [sys.executable, "-m", "benchmarks.attack_flips", "--child", str(store), str(plan), str(start)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    done = [{**places[start + number], **line} for number, line in enumerate(lines)]
    if start + len(done) < len(places):
        if not done and not (store / "flipped").exists():
            raise RuntimeError(f"the child did not start: {found.stderr}")
        # the process ended while it worked on this one: of what, it had said
        said = (store / "flipped").read_text(encoding="utf-8")
        _restore(store, places[start + len(done)])
        outcome = {"asked": CRASH, "verified": FOUND} if said == "ask" else {"asked": RIGHT, "verified": CRASH}
        done.append({**places[start + len(done)], **outcome, "detail": f"ended with {found.returncode}"})
    return done


def _restore(store: Path, place: Mapping[str, Any]) -> None:
    kept = store / "kept"
    if kept.exists():
        os.replace(kept, store / place["file"])


def _work(store: Path, plan: Path, start: int) -> None:
    """Make the flips from one on, and print what became of each."""
    expected = {name: _outcome(ask) for name, ask in questions(store)}
    if odd := [name for name, (kind, _) in expected.items() if kind != RIGHT]:
        raise RuntimeError(f"the sound store does not answer: {odd[0]}: {expected[odd[0]]}")
    for place in json.loads(plan.read_text(encoding="utf-8"))[start:]:
        path = store / place["file"]
        data = bytearray(path.read_bytes())
        data[place["byte"]] ^= 1 << place["bit"]
        os.replace(path, store / "kept")
        path.write_bytes(data)
        (store / "flipped").write_text("ask", encoding="utf-8")
        asked, detail = _asked(store, expected)
        (store / "flipped").write_text("verify", encoding="utf-8")
        verified, said = _verified(store, asked)
        _restore(store, place)
        print(json.dumps({"asked": asked, "verified": verified, "detail": detail or said}), flush=True)


def _asked(store: Path, expected: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    worst, detail = RIGHT, ""
    asked = dict.fromkeys(expected, (DAMAGED, ""))
    try:
        for name, ask in questions(store):
            asked[name] = _outcome(ask)
    except Exception as error:  # noqa: BLE001 -- what is raised is what is counted
        asked["opening"] = _raised(error)
    for name, (kind, answer) in asked.items():
        found = WRONG if kind == RIGHT and answer != expected[name][1] else kind
        if OUTCOMES.index(found) > OUTCOMES.index(worst) or (found == WRONG and worst == OTHER):
            worst, detail = found, f"{name}: {answer}"
    return worst, detail


def _verified(store: Path, asked: str) -> tuple[str, str]:
    from terminology.store import StoreFolder
    from terminology.store.verify import verify

    try:
        findings = verify(StoreFolder(store))
    except Exception as error:  # noqa: BLE001 -- what is raised is what is counted
        return OTHER, repr(error)
    if findings:
        return FOUND, ""
    return (HARMLESS if asked == RIGHT else MISSED), ""


def _outcome(ask: Callable[[], Any]) -> tuple[str, str]:
    try:
        return RIGHT, hashlib.sha256(repr(ask()).encode()).hexdigest()
    except Exception as error:  # noqa: BLE001 -- what is raised is what is counted
        return _raised(error)


def _raised(error: Exception) -> tuple[str, str]:
    import terminology

    if isinstance(error, terminology.StoreDamagedError):
        return DAMAGED, str(error)
    # a code that is not in force is an answer
    if isinstance(error, terminology.UnknownCodeError):
        return RIGHT, repr(error)
    return OTHER, repr(error)


def questions(store: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the questions, by name, about a store that is opened anew.

    Raises:
        TerminologyError: The store does not open.
    """
    import terminology
    from terminology.store import StoreFolder, read_catalog
    from terminology.store.archive import read_parts_list

    opened = terminology.open(store)
    for name in opened.systems:
        yield from _about_system(opened, name)
    for crosswalk in opened.crosswalks:
        label = f"{crosswalk.label} {crosswalk.source_system} {crosswalk.target_system}"
        yield f"table of {label}", lambda crosswalk=crosswalk: opened.table(crosswalk).to_pylist()
    folder = StoreFolder(store)
    yield "list of parts", lambda: list(read_parts_list(folder, read_catalog(folder).parts))
    try:
        parts = read_parts_list(folder, read_catalog(folder).parts)
    except terminology.StoreDamagedError:
        return
    for system, part in parts:
        yield f"part {system} {part.identity}", lambda part=part: {n: t.to_pylist() for n, t in part.tables.items()}


def _about_system(opened: Any, name: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    from terminology import index

    system = opened[name]
    first, last = system.releases[0].version, system.releases[-1].version
    latest = system.latest
    codes = CODES.setdefault(name, latest.table().column("code").to_pylist())
    yield f"{name} statuses", lambda: [str(latest.status(code)) for code in [*codes, "Z99.99", "X"]]
    yield f"{name} lookups", lambda: [latest.lookup(code) for code in codes]
    for release in system.releases:
        edition = system.release(release.version)
        label = f"{name} {release.version}"
        yield f"{label} concepts", lambda edition=edition: edition.table().to_pylist()
        yield f"{label} published", lambda edition=edition: edition.table("published").to_pylist()
    yield f"{name} diff", lambda: system.diff(first, last).to_dict()
    if name == "icd10cm":
        yield f"{name} index", lambda: index.entries(latest, "pain")
    for code in codes[:: max(1, len(codes) // ASKED_CODES)]:
        yield f"{name} {code} hierarchy", lambda code=code: _hierarchy(latest, code)
        yield f"{name} {code} notes", lambda code=code: latest.notes(code)
        yield f"{name} {code} history", lambda code=code: system.history(code)
        yield f"{name} {code} migrate", lambda code=code: system.migrate(code, first, last)
        yield (
            f"{name} {code} translate",
            lambda code=code: [
                opened.translate(code, source=name, target=target) for target in opened.systems if target != name
            ],
        )


CODES: Final[dict[str, list[str]]] = {}
"""Codes of each system, as the sound store names them: asked first, before any flip."""


def _hierarchy(edition: Any, code: str) -> list[Any]:
    below, above = list(edition.descendants(code)), edition.ancestors(code)
    return [edition.parent(code), edition.children(code), below, above, edition.source(code)]


def report(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the counts by kind of file, of the questions and of `verify`."""
    lines = []
    for key, names in (("asked", OUTCOMES), ("verified", VERIFIED)):
        lines += ["", f"| {key} | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
        for kind in [*KINDS, ""]:
            counts = Counter(item[key] for item in found if kind in ("", item["kind"]))
            lines.append(f"| {kind or 'all'} | " + " | ".join(str(counts[name]) for name in names) + " |")
    return "\n".join(lines)


def main() -> None:
    """Make the flips, print the counts, and each flip that must not be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--flips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        store, plan, start = arguments.child
        _work(Path(store), Path(plan), int(start))
        return
    found = run(arguments.flips, arguments.seed)
    print(report(found))
    for item in found:
        if item["asked"] in (WRONG, OTHER, CRASH) or item["verified"] in (MISSED, OTHER, CRASH):
            place = f"{item['kind']}: {item['file']} byte {item['byte']} bit {item['bit']}"
            print(f"{place}: {item['asked']}, verify: {item['verified']}: {item['detail']}")


if __name__ == "__main__":
    main()
