"""Fuzz loaders and crosswalk readers: spoiled samples must be read, left alone or refused, and nothing else.

    python -m benchmarks.fuzz --seconds 60              every loader and reader, and the reading of archives
    python -m benchmarks.fuzz --seconds 60 cpt archives some
    python -m benchmarks.fuzz --replay FILE cpt         one input again, with its traceback

With atheris installed (``pip install atheris``) the search is led by coverage; without it samples are spoiled at
random. A finding is any exception but `ReleaseFormatError` and `ReleaseFaults`, and an input that takes longer than
ten seconds or a gibibyte more. Its input is kept in the folder that is named at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import importlib
import importlib.util
import json
import os
import pkgutil
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .fuzz_inputs import ARCHIVES, LARGEST, Seed, file_bytes, seeds, spoiled

SLOW_SECONDS = 10.0
GREEDY_KIB = 2**20
WHOLE_LOADS = 25
"""Every so many inputs that make a release, one is loaded into a store of its own."""


def main() -> None:
    """Fuzz what the command line names, one process each."""
    arguments = _arguments()
    if arguments.replay:
        target = Target(arguments.targets[0], Path(tempfile.mkdtemp(prefix="terminology-fuzz-")))
        target.run(Path(arguments.replay).read_bytes())
        print("nothing was found")
        return
    if arguments.child:
        _search(arguments.targets[0], arguments.seconds, Path(arguments.folder), arguments.seed)
        return
    from terminology.registry import crosswalk_readers, loaders

    known = [*loaders(), *(name for name in crosswalk_readers() if seeds(name)), ARCHIVES]
    if unknown := set(arguments.targets) - set(known):
        sys.exit(f"no such loader: {', '.join(sorted(unknown))} (there are {', '.join(known)})")
    if not _is_guided():
        print("atheris is not installed: samples are spoiled at random, not led by coverage")
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="terminology-fuzz-"))
    found = 0
    for name in arguments.targets or known:
        found += _fuzzed(name, arguments.seconds, folder / name, arguments.seed)
    print(f"inputs of the findings: {folder}" if found else "no findings")
    sys.exit(bool(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="LOADER", help="by default all, and the reading of archives")
    parser.add_argument("--seconds", type=int, default=60, help="for each loader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where the inputs of findings go")
    parser.add_argument("--replay", metavar="FILE", help="run one input of a finding again")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _is_guided() -> bool:
    return importlib.util.find_spec("atheris") is not None


def _fuzzed(name: str, seconds: int, folder: Path, seed: int) -> int:
    """Return the number of findings of one target, after printing them."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--seconds", str(seconds), "--seed", str(seed), "--folder", str(folder)]
    command = [sys.executable, "-m", "benchmarks.fuzz", "--child", *options, name]
    with (folder / "log.txt").open("wb") as log:
        made = subprocess.run(command, stdout=log, stderr=log, check=False)
    stored = folder / "figures.json"
    figures: dict[str, Any] = json.loads(stored.read_text()) if stored.exists() else {"executions": 0, "findings": []}
    if made.returncode:
        figures["findings"].append(f"the process ended with {made.returncode}: {folder / 'log.txt'}")
    count, taken = figures["executions"], figures.get("seconds", 0)
    made_of = ", ".join(f"{number:,} {what}" for what, number in sorted(figures.get("outcomes", {}).items()))
    print(f"{name}: {count:,} executions in {taken:.0f} s ({made_of}), {len(figures['findings'])} findings", flush=True)
    for finding in figures["findings"]:
        print(f"    {finding}", flush=True)
    return len(figures["findings"])


def _search(name: str, seconds: int, folder: Path, seed: int) -> None:
    """Spoil the samples until the time is over."""
    if not _is_guided():
        target = Target(name, folder)
        _search_at_random(target, seconds, seed)
        return
    import atheris

    with atheris.instrument_imports(include=["terminology", "terminology_loaders", "terminology_crosswalks"]):
        _import_all()
        target = Target(name, folder)
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, found in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(bytes([number]) + found.data)

    def mutated(data: bytes, largest: int, number: int) -> bytes:
        chance = random.Random(number)  # noqa: S311 -- no secret
        if len(data) < 2 or chance.random() < 0.3:
            return atheris.Mutate(data, largest)
        return (data[:1] + spoiled(data[1:], chance))[:largest]

    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LARGEST}",
        f"-seed={seed}",
        "-timeout=120",
        "-rss_limit_mb=6144",
        f"-artifact_prefix={folder}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.observed, custom_mutator=mutated)
    atheris.Fuzz()


def _search_at_random(target: Target, seconds: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- no secret
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number = chance.randrange(len(target.seeds))
        target.observed(bytes([number]) + spoiled(target.seeds[number].data, chance))
    target.note()


def _import_all() -> None:
    """Import every module of the library and its loaders, so that what functions import later is watched too."""
    for package in ("terminology", "terminology_loaders", "terminology_crosswalks"):
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if not module.name.endswith("__main__") and ".cli" not in module.name:
                with contextlib.suppress(ImportError):
                    importlib.import_module(module.name)


class Target:
    """A loader, a crosswalk reader, or the reading of archives, with what was found so far."""

    def __init__(self, name: str, folder: Path) -> None:
        from terminology.registry import crosswalk_readers, loaders

        self.name = name
        self.folder = folder
        self.is_reader = name in crosswalk_readers()
        self.loader: Any = {**loaders(), **crosswalk_readers()}.get(name)
        self.seeds = seeds(name)
        self.companions = list(self._companions())
        self.findings: dict[str, str] = {}
        self.outcomes: dict[str, int] = {}
        self.executions = self.built = 0
        self.begun = self.noted = time.monotonic()

    def _companions(self) -> Iterator[Any]:
        """Yield the parts of the samples; a spoiled one is assembled among them."""
        from terminology.drafts import Part

        for seed in self.seeds if self.loader else ():
            part = self.loader.read(self._file(seed.name, file_bytes(seed.name, seed.data)))
            if isinstance(part, Part):
                yield part

    @staticmethod
    def _file(name: str, data: bytes) -> Any:
        from terminology.reading import ReadableFile

        return ReadableFile(name, lambda: data)

    def observed(self, data: bytes) -> None:
        """Run one input and note a finding; the search goes on."""
        self.executions += 1
        began, peak = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            outcome = self.run(data)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            outcome = "findings"
            self._found(data, _place(error))
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        taken = time.monotonic() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
        if taken > SLOW_SECONDS:
            self._found(data, f"took {taken:.0f} s")
        if grown > GREEDY_KIB:
            self._found(data, f"took {grown // 1024:,} MiB")
        if time.monotonic() - self.noted > 1:
            self.note()

    def _found(self, data: bytes, what: str) -> None:
        kept = self.findings.get(what)
        path = Path(kept) if kept else self.folder / f"finding-{len(self.findings)}"
        if not kept or len(data) < path.stat().st_size:
            path.write_bytes(data)
        self.findings[what] = str(path)
        self.note()

    def note(self) -> None:
        """Write the figures down; the fuzzing engine ends the process on its own."""
        self.noted = time.monotonic()
        figures = {
            "executions": self.executions,
            "seconds": self.noted - self.begun,
            "outcomes": self.outcomes,
            "findings": [f"{what} ({path})" for what, path in self.findings.items()],
        }
        path = self.folder / "figures.json"
        path.with_suffix(".new").write_text(json.dumps(figures))
        os.replace(path.with_suffix(".new"), path)

    def run(self, data: bytes) -> str:
        """Return what became of one input; whatever is raised is a finding."""
        seed = self.seeds[data[0] % len(self.seeds) if data else 0]
        if self.loader is None:
            return self._opened(seed, data[1:])
        return self._loaded(seed, file_bytes(seed.name, data[1:]))

    def _opened(self, seed: Seed, data: bytes) -> str:
        """Read all members of an archive."""
        from terminology.errors import ReleaseFormatError
        from terminology.reading import readable_files

        path = self.folder / seed.name
        path.write_bytes(data)
        refused = 0
        for file in readable_files(path):
            if isinstance(file, ReleaseFormatError):
                refused += 1
                continue
            try:
                _ = file.origin, file.head, file.suffix, file.label, file.is_html
            except ReleaseFormatError:
                refused += 1
        return "refused" if refused else "read"

    def _loaded(self, seed: Seed, data: bytes) -> str:
        """Read the file, assemble it alone and among the samples, and build the releases that it is part of."""
        from terminology.drafts import Part
        from terminology.errors import ReleaseFaults, ReleaseFormatError

        try:
            part = self.loader.read(self._file(seed.name, data))
        except (ReleaseFormatError, ReleaseFaults) as error:
            _check(error)
            return "refused"
        if not isinstance(part, Part):
            return "left alone"
        json.dumps(dict(part.facts))
        others = [other for other in self.companions if other.origin.name != seed.name]
        made = [self._build(part, [part]), self._build(part, [*others, part])]
        if any(made):
            self.built += 1
            if self.built % WHOLE_LOADS == 0:
                self._load(seed, data)
        return "built" if any(made) else "read"

    def _build(self, part: Any, parts: list[Any]) -> bool:
        """Return whether a release of the part was built and is sound."""
        from terminology.errors import ReleaseFaults, ReleaseFormatError
        from terminology.ingest.checks import check_concepts, counts

        sound = False
        if self.is_reader:
            return self._build_crosswalks(part, parts)
        for draft in self.loader.assemble(parts).drafts:
            if part not in (*draft.parts, *draft.borrowed):
                continue
            definition = draft.parts[0].definition or self.loader.definition
            try:
                tables = draft.build().tables
                check_concepts(definition, tables["concepts"], "built")
            except (ReleaseFormatError, ReleaseFaults) as error:
                _check(error)
                continue
            counts(definition, tables["concepts"], draft.effective)
            assert isinstance(draft.effective, datetime.date)
            sound = True
        return sound

    def _build_crosswalks(self, part: Any, parts: list[Any]) -> bool:
        """Return whether a crosswalk of the part was built and is sound."""
        from terminology.errors import ReleaseFaults, ReleaseFormatError
        from terminology.ingest.checks import check_mappings

        sound = False
        for draft in self.loader.assemble(parts, ()).drafts:
            if part in draft.parts:
                try:
                    check_mappings(draft, draft.build().tables["mappings"], "built")
                except (ReleaseFormatError, ReleaseFaults) as error:
                    _check(error)
                    continue
                sound = True
        return sound

    def _load(self, seed: Seed, data: bytes) -> None:
        """Load the file into a store of its own, and open it."""
        import terminology

        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            path = Path(folder) / seed.name
            path.write_bytes(data)
            asked = {self.name: self.loader}
            kind = {"loaders": {}, "crosswalks": asked} if self.is_reader else {"loaders": asked}
            report = terminology.load(path, store=Path(folder) / "store", **kind)
            if report.loaded or report.crosswalks:
                terminology.open(Path(folder) / "store")


def _check(error: BaseException) -> None:
    """Raise where a fault names no file, or no message."""
    for fault in getattr(error, "exceptions", None) or (error,):
        if not (getattr(fault, "file", None) and getattr(fault, "message", None)):
            raise AssertionError(f"a fault without file or message: {fault!r}") from error
        str(fault).encode()


def _place(error: BaseException) -> str:
    """Return the kind of an exception and the innermost place of ours that it went through."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "terminology" in Path(frame.filename).parts[-3:]
        or "terminology_loaders" in frame.filename
        or "terminology_crosswalks" in frame.filename
        or "/terminology/" in frame.filename
    ]
    where = f" in {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"


if __name__ == "__main__":
    main()
