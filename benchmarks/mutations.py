"""Change the library in small ways, one at a time, and list the changes that no test notices.

    pip install '.[test]' 'mutmut>=3.8'
    python -m benchmarks.mutations periods          one module
    python -m benchmarks.mutations --limit 1800     all that `MODULES` names, half an hour for each

Each module is mutated in a copy of the tree, where mutmut runs the tests that `MODULES` gives for it; of these it runs
for each mutation those that call the function. The exit code is 1 where a mutation survived or the time was up.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
COPIED: Final = ("src", "loaders", "crosswalks", "tests", "docs", "conftest.py", "README.md", "pyproject.toml")
SETTINGS: Final = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {files}
also_copy = {copied}
pytest_add_cli_args = ["-p", "no:randomly", "-p", "no:cacheprovider", "-o", "tmp_path_retention_count=1000000"]
pytest_add_cli_args_test_selection = {tests}
"""

WALKS: Final = ("tests/mapping", "tests/test_manners.py", "tests/test_postcoordination.py", "tests/cli/test_mapping.py")
SUCCESSION: Final = (
    *("tests/mapping/test_succession.py", "tests/mapping/test_succession_headers.py"),
    *("tests/mapping/test_succession_lives.py", "tests/mapping/test_split_off.py"),
)
TRANSLATIONS: Final = (
    *("tests/mapping/test_crossing_rows.py", "tests/mapping/test_translation.py", "tests/mapping/test_crossing.py"),
)
MODULES: Final[Mapping[str, Sequence[str]]] = {
    "periods": ["tests/test_periods.py"],
    "systems": ["tests/test_systems.py"],
    "licences": ["tests/test_licences.py", "tests/test_licence_door.py"],
    "hierarchy": ["tests/test_hierarchy.py"],
    "history": ["tests/test_history.py", "tests/test_fixed_worlds.py"],
    "query/timeline": ["tests/test_timeline.py"],
    "query/compiled": ["tests/test_compiled.py"],
    "query/answers": ["tests/test_answers.py"],
    "query/concepts": ["tests/test_concepts.py"],
    "query/descriptions": ["tests/test_descriptions.py", "tests/test_concepts.py"],
    "query/lives": ["tests/mapping/test_edition_lives.py"],
    "query/relatives": ["tests/mapping/test_relatives.py"],
    "query/crossing": TRANSLATIONS,
    "query/migration": ["tests/mapping/test_migration.py", "tests/test_postcoordination.py"],
    "query/translation": TRANSLATIONS,
    "mapping/succession": SUCCESSION,
    "mapping/ways": ["tests/mapping/test_ways.py", *SUCCESSION],
    "mapping/rows": ["tests/mapping/test_rows.py"],
    "store/codes": ["tests/store/test_codes.py"],
    "store/mapped": ["tests/store/test_mapped.py"],
    "store/compiling/*": ["tests/property", "tests/store", "tests/test_history.py"],
}
"""Modules below ``src/terminology``, ``*`` for all of a folder, and the tests that should notice a mutation of them."""


def files_of(module: str) -> list[str]:
    """Return the files of a module, relative to the root."""
    source = ROOT / "src" / "terminology"
    found = sorted(source.glob(f"{module}.py")) or sorted((source / module).glob("*.py"))
    if not found:
        raise SystemExit(f"there is no module {module} below {source}")
    return [path.relative_to(ROOT).as_posix() for path in found]


def copied_tree(folder: Path, module: str) -> None:
    """Copy all that tests need into a folder, with the settings of mutmut for a module."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_build"))
        else:
            shutil.copy(ROOT / name, folder / name)
    settings = {"files": files_of(module), "copied": list(COPIED), "tests": list(MODULES[module])}
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format_map(settings).replace("'", '"'))


def mutmut(*arguments: str) -> list[str]:
    """Return a command of the mutmut that is installed beside this interpreter."""
    return [str(Path(sys.executable).with_name("mutmut")), *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of the tests: the same examples each time, and no code but the copied."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TERMINOLOGY_", "PYTEST_"))}
    paths = os.pathsep.join(str(folder / "mutants" / name) for name in ("loaders", "crosswalks"))
    # two runs that tidy the same folder trip over each other, and the mutation would count as noticed
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    return {**kept, "HYPOTHESIS_PROFILE": "ci", "PYTHONPATH": paths, "PYTEST_DEBUG_TEMPROOT": str(temporary)}


def run(folder: Path, processes: int, limit: float) -> bool:
    """Run all mutations; return whether they were done before the time was up."""
    log = folder / "mutmut.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            mutmut("run", "--max-children", str(processes)),
            cwd=folder,
            env=environment(folder),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = running.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            return False
    if code:
        raise SystemExit(log.read_text(encoding="utf-8", errors="replace")[-3000:])
    return True


def asked(folder: Path, *arguments: str) -> str:
    """Return what mutmut says of the mutations that were run."""
    done = subprocess.run(
        mutmut(*arguments), cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def outcomes(folder: Path) -> dict[str, str]:
    """Return what became of each mutation."""
    lines = asked(folder, "results", "--all", "true").splitlines()
    return dict(re.findall(r"^\s*(\S+__mutmut_\d+): (.+?)\s*$", "\n".join(lines), re.MULTILINE))


def change(folder: Path, mutation: str) -> tuple[str, str]:
    """Return the lines that a mutation takes away, and those that it puts in their place."""
    lines = [line for line in asked(folder, "show", mutation).splitlines() if not line.startswith(("---", "+++"))]
    return tuple(" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")  # type: ignore[return-value]


def report(folder: Path, module: str, *, done: bool) -> bool:
    """Print counts and survivors of a module as Markdown; return whether all were run and none survived."""
    found = outcomes(folder)
    counts = Counter(found.values())
    print(f"\n## {module}\n")
    print(f"{len(found)} mutations: " + ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common()))
    if not done:
        print("\nThe time was up before all were run.")
    left = [name for name, outcome in found.items() if outcome in ("survived", "no tests", "suspicious")]
    if left:
        print("\n| function | before | after | |\n|---|---|---|---|")
    for name in left:
        before, after = (text.replace("|", "\\|") for text in change(folder, name))
        function = re.sub(r"x_|xǁ", "", name.rpartition("__mutmut_")[0].rpartition(".")[2]).replace("ǁ", ".")
        print(f"| `{function}` | `{before}` | `{after}` | {found[name]} |")
    return done and not left


def main() -> int:
    """Mutate the modules of the command line, or all."""
    parser = argparse.ArgumentParser(description="List the small changes of a module that no test notices.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"one of {', '.join(MODULES)}; all by default")
    parser.add_argument("--limit", type=float, default=3600, help="seconds for each module (3600)")
    parser.add_argument("--processes", type=int, default=2, help="tests that run at the same time (2)")
    options = parser.parse_args()
    if unknown := set(options.modules) - set(MODULES):
        parser.error(f"no tests are named for {', '.join(sorted(unknown))}; add them to MODULES")
    sound = True
    for module in options.modules or MODULES:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            copied_tree(folder, module)
            done = run(folder, options.processes, options.limit)
            sound = report(folder, module, done=done) and sound
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
