"""An update of ICD-10-CM from fiscal year 2021 to 2025, release by release, over HTTP on this machine; and killed.

Run with ``python -m benchmarks.update_run`` where ``TERMINOLOGY_RELEASES`` names the folder of release files. It prints
the time of each stage, then kills the job at each of its stages, runs it again, and compares the stores.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import terminology

STEPS: Sequence[tuple[str, ...]] = (
    ("FY2020/2020-icd-10-cm-codes.zip", "FY2021/icd10cm_order_addenda_2021.txt"),
    ("FY2021-Jan/icd10cm-codes-order-Jan-2021.zip", "FY2021-Jan/ICD-10-CM-Conversion-Table-FY2021-Jan-2021.xlsx"),
    ("FY2022/Code Descriptions zip.zip",),
    (
        "FY2022-Apr/2022-code-descriptions-tabular-order-updated-02012022.zip",
        "FY2022-Apr/ICD-10-CM-Conversion-Table-FY2022-Effective-04-01-2022.xlsx",
    ),
    ("FY2023/icd10-Order-CodeFiles2023.zip",),
    (
        "FY2023-Apr/icd10cm-code descriptions- April 1 2023.zip",
        "FY2023-Apr/Copy of ICD-10-CM-Conversion-Table-FY2023-Effective-04-01-2023.xlsx",
    ),
    ("FY2024/icd10cm-CodesDescriptions-2024.zip",),
    ("FY2024-Apr/icd10cm-Codes-Descriptions-April-2024.zip",),
    ("FY2025/ICD10-CM Code Descriptions 2025.zip", "FY2025/icd-10-cm-conversion-table-FY2025.xlsx"),
    ("FY2025-Apr/Code-desciptions-April-2025.zip", "FY2025-Apr/icd10cm-tabular-April-2025.xml"),
)
"""Files under ``icd10cm`` as they come out, one publication after the other."""
STAGES = ("fetch", "read", "build", "compile", "compare", "impact", "report", "publish", "published", "filed")
KILLED_EVERYWHERE = (0, 4)
"""Of these publications (the first load, an annual release) every stage is killed; of each other one a stage."""
LISTED = 500


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Yield the address at which a folder is served on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def configured(place: Path, address: str, files: Sequence[str]) -> Path:
    """Write the configuration for the files, and return it."""
    lines = ['store = "store"', 'downloads = "downloads"', 'reports = "reports"']
    lines += ["[[codelists]]", 'path = "list.txt"', 'system = "icd10cm"', 'name = "five hundred"']
    for name in files:
        quoted = name.replace(" ", "%20")
        lines += [
            "[[fetch]]",
            f'url = "{address}/{quoted}"',
            f"name = {json.dumps(Path(name).name)}",
            "required = false",
        ]
    path = place / "update.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def listed_codes(releases: Path, place: Path) -> None:
    """Write a list of 500 codes of fiscal year 2020, evenly spread, and some that are known to change."""
    with tempfile.TemporaryDirectory() as folder:
        terminology.load(releases / "icd10cm" / STEPS[0][0], store=folder)
        table = terminology.open(folder)["icd10cm"].latest.table()
    codes = [
        c
        for c, billable in zip(table.column("code").to_pylist(), table.column("billable").to_pylist(), strict=True)
        if billable
    ]
    known = ["M54.5", "M35.8", "Z28.3", "F32.9", "G93.1", "I10", "E11.9", "R05", "K85.9", "Z59.8"]
    spread = codes[:: len(codes) // (LISTED - len(known))][: LISTED - len(known)]
    (place / "list.txt").write_text("\n".join(["system: icd10cm", *known, *spread]) + "\n", encoding="utf-8")


def run(configuration: Path, kill: str | None = None) -> subprocess.CompletedProcess[str]:
    """Return the ended update; with ``kill`` it is killed when it reaches the stage."""
    command = [sys.executable, "-m", "benchmarks.update_run", str(configuration), *([kill] if kill else [])]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def child(configuration: str, kill: str | None) -> None:
    """Run one update in this process, and kill it where it reaches the stage."""
    from terminology.update import Configuration, filing, job, update

    def die(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def told(stage: str, _label: str, done: int, _total: int | None) -> None:
        if stage == kill and (stage != "fetch" or done > 500_000):
            die()

    def after(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def wrapped(*args: Any, **values: Any) -> Any:
            made = original(*args, **values)
            die()
            return made

        setattr(owner, name, wrapped)

    places = {
        "impact": (job, "impacts_of"),
        "report": (job, "overview_page"),
        "publish": (job, "publish"),
        "filed": (filing.Cabinet, "file"),
    }
    if kill in places:
        setattr(*places[kill], die)
    elif kill == "published":
        after(job, "publish")
    report = update(Configuration.read(configuration), progress=told)
    print(json.dumps(report.to_dict()))
    sys.exit(report.exit_code)


def state(place: Path) -> str:
    """Return a digest of what is in force, and of all files that it names."""
    digest = hashlib.sha256((place / "store" / "CURRENT.json").read_bytes())
    for path in sorted((place / "store").rglob("*")):
        if path.is_file() and path.name != "lock":
            digest.update(str(path.relative_to(place)).encode())
    return digest.hexdigest()


def publish_files(releases: Path, site: Path, files: Sequence[str]) -> None:
    """Let files come out at the site."""
    for name in files:
        (site / Path(name).name).write_bytes((releases / "icd10cm" / name).read_bytes())


def uninterrupted(releases: Path, place: Path, site: Path, configuration: Path) -> list[dict[str, Any]]:
    """Return the reports of an update after each publication."""
    reports = []
    for files in STEPS:
        publish_files(releases, site, files)
        made = run(configuration)
        reports.append(json.loads(made.stdout or "{}") or {"error": made.stderr[-2000:]})
    assert (place / "reports" / "latest.json").exists()
    return reports


def print_reports(reports: Sequence[dict[str, Any]]) -> None:
    """Print a line for each update."""
    print(
        f"{'new release':24} {'outcome':10} exit  "
        + "".join(f"{s:>9}" for s in ("fetch", "load", "compare", "impact", "report", "publish"))
        + "  checks, list"
    )
    for report in reports:
        if "error" in report:
            print(report["error"])
            continue
        fresh = ", ".join(item["version"] for item in report["load"]["loaded"] if not item["already"])
        times = "".join(
            f"{report['seconds'].get(stage, 0):>8.2f}s"
            for stage in ("fetch", "load", "compare", "impact", "report", "publish")
        )
        checks = sum(check["passed"] for check in report["checks"])
        impacts = "; ".join(
            f"{count} {name}" for item in report["impacts"] for name, count in item["counts"].items() if count
        )
        print(
            f"{fresh:24} {report['outcome']:10} {report['exit_code']:>4}  {times}  {checks}/{len(report['checks'])}, {impacts or 'no list'}"
        )


def killed_everywhere(releases: Path, place: Path, site: Path, configuration: Path) -> None:
    """Kill the update of some publications at one stage after the other, of the rest at one stage, and run it again."""
    for number, files in enumerate(STEPS):
        publish_files(releases, site, files)
        outcomes = []
        for stage in STAGES if number in KILLED_EVERYWHERE else STAGES[number : number + 1]:
            before = (
                (place / "store" / "CURRENT.json").read_bytes() if (place / "store" / "CURRENT.json").exists() else b""
            )
            ended = run(configuration, kill=stage)
            after = (
                (place / "store" / "CURRENT.json").read_bytes() if (place / "store" / "CURRENT.json").exists() else b""
            )
            outcomes.append(
                f"{stage}{'' if ended.returncode == -signal.SIGKILL else '-'}{'*' if before != after else ''}"
            )
        ended = run(configuration)
        print(f"publication {number + 1}: killed at {' '.join(outcomes)}; then exit {ended.returncode}", flush=True)


def main() -> None:
    """Run the update twice, once undisturbed and once killed everywhere, and compare."""
    releases = Path(os.environ["TERMINOLOGY_RELEASES"])
    root = Path(tempfile.mkdtemp(prefix="terminology-update-"))
    try:
        digests = []
        for name in ("undisturbed", "killed"):
            place, site = root / name, root / f"{name}-site"
            place.mkdir()
            site.mkdir()
            listed_codes(releases, place)
            with served(site) as address:
                names = [Path(file).name for files in STEPS for file in files]
                configuration = configured(place, address, names)
                if name == "undisturbed":
                    print_reports(uninterrupted(releases, place, site, configuration))
                else:
                    killed_everywhere(releases, place, site, configuration)
            digests.append(state(place))
        print(
            "the same store:",
            digests[0] == digests[1],
            "(- the stage was not reached; * the kill came after the publication)",
        )
    finally:
        if "--keep" not in sys.argv:
            shutil.rmtree(root, ignore_errors=True)
        else:
            print(root)


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--keep"]
    if arguments:
        child(arguments[0], arguments[1] if len(arguments) > 1 else None)
    else:
        main()
