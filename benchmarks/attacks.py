"""Attack a store in every way that is known: kills, full disks, flipped bits, servers and files that mean harm.

    python -m benchmarks.attacks                        all of them
    python -m benchmarks.attacks kills --times 200      one

Prints a table for each attack. What must never happen is counted in its last column: a store that is neither as
before nor as after, an answer that is wrong, a traceback, a limit that is passed. Takes half an hour or so; nothing
of it is part of the tests, which try one case of each kind. The files need the package's tests: run it in a copy of
the repository, with ``pip install -e '.[test]'``.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from . import attack_flips, attack_servers

MEMORY_KILOBYTES: Final = 2**20
SECONDS: Final = 60
LOAD: Final = """
import os, signal, sys
import terminology
step, done = int(sys.argv[1]), 0
def counted(real):
    def call(*args, **kwargs):
        global done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call
for name in ("fsync", "replace", "rename", "unlink", "rmdir"):
    setattr(os, name, counted(getattr(os, name)))
report = terminology.load(*sys.argv[3:], store=sys.argv[2])
print(done)
"""
Row = Sequence[str]


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attacks", nargs="*", help=f"by default all: {', '.join(ATTACKS)}")
    parser.add_argument("--times", type=int, default=0, help="how often, instead of the attack's own number")
    arguments = parser.parse_args()
    for name in arguments.attacks or ATTACKS:
        start = time.perf_counter()
        print(f"\n### {name}\n")
        for line in ATTACKS[name](arguments.times):
            print(line)
        print(f"\n({time.perf_counter() - start:.0f} s)", flush=True)


def table(rows: Sequence[Row]) -> list[str]:
    """Return rows as a table, the first of them its head."""
    return [f"| {' | '.join(row)} |" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:])]


# ---- kills


def kills(times: int) -> list[Row]:
    """Kill loads, half of them at a step on the disk, half at a moment; return what was found."""
    count = times or 200
    chance = random.Random(11)  # noqa: S311 -- no secret
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="terminology-attacks-") as temporary:
        place = Path(temporary)
        first, second = _halves()
        store, whole = place / "store", place / "whole"
        _loaded(0, store, first)
        shutil.copytree(store, whole)
        begun = time.monotonic()
        steps = _loaded(0, whole, second)
        seconds = time.monotonic() - begun
        before, after = _answers(store), _answers(whole)
        for number in range(count):
            copy = place / "copy"
            shutil.copytree(store, copy)
            if number % 2:
                _killed_at_step(chance.randint(1, steps), copy, second)
            else:
                _killed_after(chance.uniform(0, seconds), copy, second)
            found[_state(copy, before, after)] += 1
            _loaded(0, copy, second)
            found["as a load without a kill, after the next load"] += _answers(copy) == after and not _strays(copy)
            shutil.rmtree(copy)
    wrong = count - found["as before"] - found["as after"]
    wrong += count - found["as a load without a kill, after the next load"]
    return [
        ("kills", "as before", "as after", "whole after the next load", "anything else"),
        (
            *map(str, (count, found["as before"], found["as after"])),
            str(found["as a load without a kill, after the next load"]),
            str(wrong),
        ),
    ]


def _halves() -> tuple[list[str], list[str]]:
    """Return the sample releases that a store is built of, and those that are loaded under attack."""
    from terminology.samples import sample_folders

    folders = [str(folder) for folder in sample_folders()]
    return folders[::2], folders


def _loaded(step: int, store: Path, paths: Sequence[str]) -> int:
    process = subprocess.run(
        [sys.executable, "-c", LOAD, str(step), str(store), *paths], capture_output=True, text=True, check=True
    )
    return int(process.stdout)


def _killed_at_step(step: int, store: Path, paths: Sequence[str]) -> None:
    subprocess.run([sys.executable, "-c", LOAD, str(step), str(store), *paths], capture_output=True, check=False)


def _killed_after(seconds: float, store: Path, paths: Sequence[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, "0", str(store), *paths], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _answers(store: Path) -> Any:
    """Return what a store says: its releases, crosswalks, and the titles and statuses of all codes of each."""
    import terminology

    opened = terminology.open(store)
    return {
        "systems": {
            name: [
                (str(release), system.release(release.version).table("concepts").to_pylist())
                for release in system.releases
            ]
            for name, system in opened.items()
        },
        "crosswalks": [str(crosswalk) for crosswalk in opened.crosswalks],
    }


def _state(store: Path, before: Any, after: Any) -> str:
    from terminology.store import StoreFolder
    from terminology.store.verify import verify

    if verify(StoreFolder(store)):
        return "damaged"
    said = _answers(store)
    return "as before" if said == before else "as after" if said == after else "something else"


def _strays(store: Path) -> list[Path]:
    return [*store.rglob("*.tmp"), *(store / "incoming").glob("*")]


# ---- full disks


def full_disks(times: int) -> list[Row]:
    """Load onto disks that are full after a part of what the load needs; return what was found."""
    sizes = times or 20
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="terminology-attacks-") as temporary:
        place = Path(temporary)
        first, second = _halves()
        _loaded(0, place / "store", first)
        shutil.copytree(place / "store", place / "whole")
        _loaded(0, place / "whole", second)
        held, needed = (sum(file.stat().st_size for file in (place / name).rglob("*")) for name in ("store", "whole"))
        before, after = _answers(place / "store"), _answers(place / "whole")
        for number in range(sizes):
            size = held + 200_000 + (needed - held) * 2 * number // sizes
            with _disk(place / "disk", size) as disk:
                if disk is None:
                    return [("disks", "result"), ("0", "only root can mount small disks: nothing was tried")]
                shutil.copytree(place / "store", disk / "store")
                process = _command("load", *second, "--store", str(disk / "store"))
                found["reported" if process.returncode == 2 else "loaded" if process.returncode == 0 else "else"] += 1
                found["traceback"] += "Traceback" in process.stderr
                found[_state(disk / "store", before, after)] += 1
                found["strays"] += bool(_strays(disk / "store"))
    names = ("reported", "loaded", "as before", "as after", "strays", "traceback")
    wrong = found["else"] + found["traceback"] + found["damaged"] + found["something else"] + found["strays"]
    return [("disks", *names, "anything else"), (str(sizes), *(str(found[name]) for name in names), str(wrong))]


class _disk:  # noqa: N801 -- reads as the statement that it is
    """A disk of a size, mounted for a while; None where that is not allowed."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size

    def __enter__(self) -> Path | None:
        self.path.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", str(self.path)]
        self.mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        return self.path if self.mounted else None

    def __exit__(self, *_: object) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=True)  # noqa: S607 -- where it lies is the system's


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminology", *arguments], capture_output=True, text=True, errors="replace", check=False
    )


# ---- hostile files


def hostile_files(times: int) -> list[Row]:
    """Load a hostile file of each kind with each reader's name on it; return what became of it, and what it took."""
    from tests.hostile import HOSTILE
    from tests.test_bad_input_matrix import INSTALLED, WITNESS, samples

    rows: list[Row] = [
        ("file", "files", "rejected", "skipped or read", "seconds at most", "MiB at most", "anything else")
    ]
    for kind, make in HOSTILE.items():
        results = []
        for reader in INSTALLED[: times or None]:
            made = next(filter(None, (make(sample) for sample in samples(reader).values())), None)
            if made:
                results.append(_tried(*made, WITNESS))
        if results:
            rejected = sum(code == 2 for code, *_ in results)
            slowest, largest = max(item[1] for item in results), max(item[2] for item in results)
            bad = sum(not _is_sound(*item) for item in results)
            counts = (len(results), rejected, sum(code == 0 for code, *_ in results))
            rows.append((kind, *map(str, counts), f"{slowest:.1f}", f"{largest / 1024:.0f}", str(bad)))
    return rows


def _is_sound(code: int, seconds: float, kilobytes: int, printed: str) -> bool:
    """Return whether a load kept what it promises: the sound list beside the hostile file was loaded, within bounds."""
    report = json.loads(printed) if code in (0, 2) and printed else {"loaded": []}
    witness = any(item["system"] == "witness" for item in report["loaded"])
    return witness and seconds <= SECONDS and kilobytes <= MEMORY_KILOBYTES


def _tried(name: str, data: bytes, witness: bytes) -> tuple[int, float, int, str]:
    """Return exit code, seconds, kilobytes and output of a load of a file beside a sound one."""
    with tempfile.TemporaryDirectory(prefix="terminology-attacks-") as temporary:
        files = Path(temporary) / "files"
        files.mkdir()
        (files / name).write_bytes(data)
        (files / "witness.csv").write_bytes(witness)
        begun = time.monotonic()
        command = ["load", str(files), "--store", str(Path(temporary) / "store"), "--json"]
        # a process of its own measures the largest of its children, of which there is this one, and those of that
        measured = subprocess.run(
            [sys.executable, "-c", MEASURED, *command], capture_output=True, text=True, errors="replace", check=False
        )
        kilobytes = int(measured.stderr.splitlines()[-1])
        return measured.returncode, time.monotonic() - begun, kilobytes, measured.stdout


MEASURED: Final = """
import resource, subprocess, sys
process = subprocess.run([sys.executable, "-m", "terminology", *sys.argv[1:]], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(process.returncode)
"""


# ---- flips and servers, in rooms of their own


def flips(times: int) -> list[str]:
    """Flip bits in files of a store; return what was answered then, by kind of file."""
    return attack_flips.report(attack_flips.run(times or 500)).splitlines()


def servers(_times: int) -> list[str]:
    """Fetch from servers that misbehave; return what became of each answer."""
    return list(attack_servers.lines(attack_servers.measure()))


ATTACKS: Final[Mapping[str, Callable[[int], list[str]]]] = {
    "kills": lambda times: table(kills(times)),
    "full-disks": lambda times: table(full_disks(times)),
    "hostile-files": lambda times: table(hostile_files(times)),
    "flips": flips,
    "servers": servers,
}


if __name__ == "__main__":
    main()
