"""Follow the first pages to the letter, as a newcomer would, and compare what they show with what comes out.

    python docs/follow.py

Works on a clone of the last commit in a temporary folder, with an empty home and with nothing on the path but Python and
the system's own commands. It runs the first command of README, then the lines of the page on installation, then the
tutorial: the commands of its shell tabs in one shell, and the examples of its Python tabs in one interpreter. It prints
wall time and time of processors of each step, and ends with 1 where something differs, with 77 where pip has no packages.
"""

from __future__ import annotations

import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
FENCE: Final = re.compile(r"^```(?P<language>\{?\w+\}?)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND: Final = re.compile(r"^\$ (?P<command>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
NO_PACKAGES: Final = re.compile("Retrying|Could not fetch|No matching distribution|Network is unreachable")
SKIPPED: Final = 77


class Walk:
    """A newcomer's machine: a clone, a home, and the steps that were taken on it."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "terminology"
        self.differences: list[str] = []
        home = folder / "home"
        home.mkdir()
        path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
        passed_on = {name: os.environ[name] for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE") if name in os.environ}
        self.environment = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **passed_on}
        subprocess.run(["git", "clone", "-q", str(ROOT), str(self.clone)], check=True)  # noqa: S603, S607

    def run(self, name: str, script: str) -> str:
        """Return what a script of the shell printed, in the clone; the time that it took is printed."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        ended = subprocess.run(  # noqa: S603
            ["/bin/bash", "-euc", script],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{name:<44} {time.monotonic() - began:7.1f} s {processors:7.1f} s CPU", flush=True)
        if ended.returncode and NO_PACKAGES.search(ended.stderr):
            print("pip has no packages here")
            sys.exit(SKIPPED)
        if ended.returncode:
            self.differences.append(
                f"{name}: exit code {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
            )
        return ended.stdout

    def blocks(self, page: str, *languages: str) -> list[str]:
        """Return the fenced blocks of a page of the clone, in their order."""
        text = (self.clone / page).read_text(encoding="utf-8")
        return [found["text"] for found in FENCE.finditer(text) if found["language"] in languages]


def readme(walk: Walk) -> None:
    """Run the README's first command: it installs the program and shows the demo."""
    first = next(block for block in walk.blocks("README.md", "shell") if "terminology demo" in block)
    shown = walk.run("README: install, and the demo", first)
    if "M54.5  billable on 2021-09-30" not in shown:
        walk.differences.append("README: the demo does not show its first answer")


def shell_tabs(walk: Walk, page: str) -> None:
    """Run each command of a page in the shell that its `shell` blocks prepare, and compare what it prints.

    Exit code 1 is that of a command whose answer is "no".
    """
    ready = "".join(walk.blocks(page, "shell"))
    for block in walk.blocks(page, "console"):
        for shown in COMMAND.finditer(block):
            printed = walk.run(f"  {shown['command'][:40]}", f"{ready}\n{shown['command']} || [ $? -eq 1 ]")
            if printed != shown["output"]:
                walk.differences.append(f"{page}: {shown['command']}\nshown:\n{shown['output']}printed:\n{printed}")


def python_tabs(walk: Walk, page: str) -> None:
    """Run the examples of a page in one interpreter of the new environment."""
    examples = walk.clone / "examples.txt"
    examples.write_text("\n".join(walk.blocks(page, "{doctest}", "pycon")), encoding="utf-8")
    said = walk.run(f"  Python of {page}", f"source .venv/bin/activate\npython -m doctest {shlex.quote(str(examples))}")
    if said:
        walk.differences.append(f"{page}\n{said}")


def follow() -> int:
    """Return the exit code: 0 where all is as it is shown."""
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(Path(folder))
        readme(walk)
        walk.run("docs/start/install.md", "".join(walk.blocks("docs/start/install.md", "shell")))
        print("docs/start/first-answers.md")
        shell_tabs(walk, "docs/start/first-answers.md")
        python_tabs(walk, "docs/start/first-answers.md")
    print("\n\n".join(walk.differences) or "all is as it is shown")
    return 1 if walk.differences else 0


if __name__ == "__main__":
    sys.exit(follow())
