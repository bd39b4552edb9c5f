"""How much memory questions take in a process, and how large a store is."""

from __future__ import annotations

from pathlib import Path

from .figures import Figure
from .processes import Run, median_run, run_code
from .settings import DATE, Settings, order_file

OPENED = """
import sys, terminology
store = terminology.open(sys.argv[1])
cm = store["icd10cm"]
"""
CODES = """
import sys
from pathlib import Path
codes = [line[6:13].rstrip() for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()]
"""
PROGRAMS = {
    "open": OPENED,
    "open, an edition of each ICD-10-CM release, one status of each": OPENED
    + "for release in cm.releases: cm.release(release.version).status('E11.9')\n",
    "status of all codes of the newest release": CODES
    + OPENED
    + f"edition = cm.on('{DATE}')\nfor code in codes: edition.status(code)\n",
    "table of an edition (imports pyarrow and numpy)": OPENED + f"assert cm.on('{DATE}').table().num_rows\n",
    "to_networkx of an edition": OPENED + f"assert len(cm.on('{DATE}').to_networkx())\n",
}
SIMPLE_ICD = {
    "open": "import simple_icd_10_cm\n",
    "status of all codes of the newest release": CODES
    + "import simple_icd_10_cm\nfor code in codes: simple_icd_10_cm.is_valid_item(code)\n",
}
PYARROW = "import pyarrow, pyarrow.compute, numpy\n"
NETWORKX = "import pyarrow, pyarrow.compute, numpy, networkx\n"


def measure(settings: Settings) -> list[Figure]:
    """Return peaks of memory in fresh processes, and the sizes of the store's folders."""
    order = order_file(settings)
    arguments = (str(settings.store), str(order or ""))
    figures = []
    for work, code in PROGRAMS.items():
        if "argv[2]" in code and order is None:
            continue
        ours = _median(settings, code, arguments)
        for peer, peers_code in _peers(settings, work):
            figures.append(Figure(f"peak: {work}", "MiB", ours.mib, peer, _median(settings, peers_code, arguments).mib))
    return figures + _sizes(settings.store)


def _peers(settings: Settings, work: str) -> list[tuple[str, str]]:
    found = [("bare Python", "pass")]
    if work in SIMPLE_ICD and settings.simple_icd:
        found.append(("simple-icd-10-cm", SIMPLE_ICD[work]))
    if work.startswith("table"):
        found = [("import of pyarrow and numpy", PYARROW)]
    if work.startswith("to_networkx"):
        found = [("import of pyarrow, numpy, networkx", NETWORKX)]
    return found


def _median(settings: Settings, code: str, arguments: tuple[str, str]) -> Run:
    return median_run([run_code(code, *arguments) for _ in range(settings.repeats)])


def _sizes(store: Path) -> list[Figure]:
    figures = []
    for name in ("compiled", "releases", "parts"):
        files = [path for path in (store / name).rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files) / 2**20
        figures.append(Figure(f"size of {name}/ in the store", "MiB", size, note=f"{len(files)} files"))
    return figures
