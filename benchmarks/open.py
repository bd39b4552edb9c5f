"""From nothing to a first answer: a fresh process imports, opens and asks once; and the command line does the same.

Peers: Python itself, simple-icd-10-cm (whose import loads its one edition), and a plain dict of one order file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from .figures import Figure
from .processes import Run, median_run, run_code, run_command
from .settings import DATE, Settings, order_file

BARE = "pass"
OURS = f"""
import sys, terminology
store = terminology.open(sys.argv[1])
assert store["icd10cm"].on("{DATE}").status("E11.9").billable
"""
SIMPLE_ICD = """
import simple_icd_10_cm
assert simple_icd_10_cm.is_valid_item("E11.9")
"""
PLAIN_DICT = """
import sys
with open(sys.argv[1], encoding="utf-8") as lines:
    codes = {line[6:13].rstrip(): (line[14] == "1", line[16:76].rstrip(), line[77:].rstrip()) for line in lines}
assert codes["E119"][0]
"""


def measure(settings: Settings) -> list[Figure]:
    """Return time and peak memory of each way, taken in turns."""
    programs = {"bare Python": (BARE, []), "ours": (OURS, [str(settings.store)])}
    if settings.simple_icd:
        programs["simple-icd-10-cm"] = (SIMPLE_ICD, [])
    order = order_file(settings)
    if order:
        programs["plain dict of one order file"] = (PLAIN_DICT, [str(order)])
    for code, arguments in programs.values():
        run_code(code, *arguments)
    runs: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(settings.repeats):
        for name, (code, arguments) in programs.items():
            runs[name].append(run_code(code, *arguments))
    found = {name: median_run(taken) for name, taken in runs.items()}
    ours = found.pop("ours")
    figures = []
    for name, run in found.items():
        figures.append(Figure("import, open, one status", "ms", ours.seconds * 1e3, name, run.seconds * 1e3))
    for name, run in found.items():
        figures.append(Figure("the same: peak of memory", "MiB", ours.mib, name, run.mib))
    return figures + _commands(settings, found["bare Python"])


def _commands(settings: Settings, bare: Run) -> list[Figure]:
    program = Path(sys.executable).with_name("terminology")
    if not program.exists():
        return []
    figures = []
    for words in (["status", "icd10cm", "E11.9"], ["lookup", "icd10cm", "E11.9"]):
        command = [str(program), *words, "--on", DATE, "--store", str(settings.store)]
        run_command(command)
        taken = median(run_command(command) for _ in range(settings.repeats))
        work = f"command: terminology {words[0]}"
        figures.append(Figure(work, "ms", taken * 1e3, "bare Python", bare.seconds * 1e3))
    return figures
