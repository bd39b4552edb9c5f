"""Loading: one release into an empty store, then everything at hand; whole processes, time and peak of memory.

Peers: reading the same bytes with the engines alone (unzip, lxml, a dict of the order file), and
simple-icd-10-cm made to read the same tabular list.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from .figures import Figure
from .processes import Run, median_run, run_code
from .settings import Settings, newest_release_files

OURS = """
import sys, terminology
report = terminology.load(*sys.argv[2:], store=sys.argv[1])
assert report.loaded
"""
ENGINES = """
import io, sys, zipfile
from lxml import etree
archive, tabular = sys.argv[1:]
with zipfile.ZipFile(archive) as opened:
    name = next(n for n in opened.namelist() if "order" in n.lower() and "addenda" not in n.lower() and n.endswith(".txt"))
    text = opened.read(name).decode()
codes = {line[6:13].rstrip(): (line[14], line[16:76], line[77:]) for line in text.splitlines()}
titles = {e.findtext("name"): e.findtext("desc") for e in etree.parse(tabular).iter("diag")}
assert len(codes) > len(titles)
"""
SIMPLE_ICD = """
import sys, simple_icd_10_cm
simple_icd_10_cm.change_version(sys.argv[1], sys.argv[2], suppress_warnings=True)
assert simple_icd_10_cm.is_valid_item("E11.9")
"""
BYTES = """
import hashlib, sys, zipfile
from pathlib import Path
total = 0
for folder in map(Path, sys.argv[1:]):
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as opened:
                for name in opened.namelist():
                    hashlib.sha256(opened.read(name)).digest()
        else:
            hashlib.sha256(path.read_bytes()).digest()
"""
EVERYTHING = ("icd10cm", "hcpcs", "oddities")


def measure(settings: Settings) -> list[Figure]:
    """Return time and peak memory of loading; empty without release files."""
    if settings.releases is None:
        return []
    figures = _one_release(settings)
    folders = [str(settings.releases / name) for name in EVERYTHING if (settings.releases / name).is_dir()]
    if folders:
        ours = _repeated(settings, lambda: _loaded(settings, *folders))
        bare = _repeated(settings, lambda: run_code(BYTES, *folders))
        work = "load all of " + ", ".join(Path(folder).name for folder in folders)
        figures += _pair(work, ours, "unzip and SHA-256 of the same files", bare)
    return figures


def _one_release(settings: Settings) -> list[Figure]:
    files = [str(path) for path in newest_release_files(settings)]
    if not files:
        return []
    work = "load one ICD-10-CM release"
    ours = _repeated(settings, lambda: _loaded(settings, *files))
    figures = _pair(
        work, ours, "engines alone: unzip, dict, lxml", _repeated(settings, lambda: run_code(ENGINES, *files))
    )
    if settings.simple_icd:
        codes = _code_list(settings, *files)
        peer = _repeated(settings, lambda: run_code(SIMPLE_ICD, str(codes), files[1]))
        figures += _pair(work, ours, "simple-icd-10-cm: import, change_version", peer)
    return figures


def _pair(work: str, ours: Run, peer: str, peers: Run) -> list[Figure]:
    return [
        Figure(work, "s", ours.seconds, peer, peers.seconds),
        Figure(f"{work}: peak of memory", "MiB", ours.mib, peer, peers.mib),
    ]


def _repeated(settings: Settings, once: Callable[[], Run]) -> Run:
    return median_run([once() for _ in range(settings.repeats)])


def _loaded(settings: Settings, *paths: str) -> Run:
    store = settings.temporary / "load"
    shutil.rmtree(store, ignore_errors=True)
    try:
        return run_code(OURS, str(store), *paths)
    finally:
        shutil.rmtree(store, ignore_errors=True)


def _code_list(settings: Settings, archive: str, tabular: str) -> Path:
    """Return the list that the peer wants beside the tabular list: chapters, sections and codes, one a line."""
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if "order" in name.lower() and name.endswith(".txt")]
        order = opened.read(next(name for name in names if "addenda" not in name.lower())).decode()
    sections = re.findall(r'<section id="([^"]+)"', Path(tabular).read_text(encoding="utf-8"))
    chapters = [str(number) for number in range(1, 23)]
    path = settings.temporary / "codes.txt"
    codes = [line[6:13].rstrip() for line in order.splitlines()]
    path.write_text("".join(f"{code}\n" for code in (*chapters, *sections, *codes)), encoding="utf-8")
    return path
