"""The help of the commands: sorted by tasks, whole sentences, and examples that can be run as they are."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
import pytest

from terminology.cli.application import SECTIONS, program, run
from terminology.cli.demo import FILES
from terminology.cli.sections import ExampledCommand
from terminology.samples import sample_folders

from .conftest import Ask


def leaves(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, with its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


COMMANDS = dict(leaves(program))


def examples(command: click.Command) -> tuple[str, ...]:
    """Return the examples in the help of a command."""
    assert isinstance(command, ExampledCommand)
    return command.examples


def test_every_command_is_under_one_heading() -> None:
    """The help of the program names each once."""
    named = [command.name for commands in SECTIONS.values() for command in commands]
    assert sorted(named) == sorted(program.commands)


@pytest.mark.parametrize("group", ["", "columns", "codelist", "export", "pcs"])
def test_no_sentence_is_cut(ask: Ask, group: str) -> None:
    """Each command has a whole sentence, and the headings come in their order."""
    said = ask(f"{group} --help", store=None).out
    assert "..." not in said.partition("Usage:")[2].partition("\n")[2]
    if not group:
        places = [said.index(f"{heading}:") for heading in SECTIONS]
        assert places == sorted(places)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name: str) -> None:
    """Its help ends with one or more, which have the right options and arguments."""
    shown = examples(COMMANDS[name])
    assert shown
    assert COMMANDS[name].get_help(click.Context(COMMANDS[name])).endswith(shown[-1])
    for line in shown:
        words = shlex.split(line, comments=True)
        while "|" in words:
            words = words[words.index("|") + 1 :]
        assert words[: 1 + len(name.split())] == ["terminology", *name.split()], line
        context = COMMANDS[name].make_context(name, words[1 + len(name.split()) :])
        context.close()


NOT_RUN: Final[Mapping[str, str]] = {
    "serve": "it answers until a signal ends it",
    "export store": "it writes to an object store",
    "update update.toml": "it fetches from publishers' sites",
}
"""Examples that are not run, by how they begin, and why."""
RUN: Final = [
    line for command in COMMANDS.values() for line in examples(command) if not line[12:].startswith(tuple(NOT_RUN))
]


@pytest.fixture(scope="module")
def tried(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the examples name: the store and the files of the demo, and an archive to load."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(sample_store, folder / "my-codes")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "Downloads").mkdir()
    [codes] = [path for path in sample_folders() if path.name == "icd10cm"]
    with zipfile.ZipFile(folder / "Downloads" / "icd10cm-CodesDescriptions-2024.zip", "w") as archive:
        for path in codes.rglob("*2021*"):
            if path.is_file():
                archive.write(path, path.name)
    return folder


CHANGING: Final = ("load", "withdraw", "rollback", "demo", "store")
"""Commands that change the store."""


@pytest.mark.parametrize("line", RUN)
def test_every_example_works(
    tried: Path, tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each runs as it is in a folder of the demo, and is answered, with yes or with no."""
    name = line.split()[1]
    if name == "guidelines" and find_spec("pypdf") is None:
        pytest.skip("pypdf is not installed: the store of the samples has no guidelines")
    place = tried
    if name in CHANGING:
        place = tmp_path / "place"
        shutil.copytree(tried, place, ignore=shutil.ignore_patterns("my-codes" if name == "demo" else ""))
    monkeypatch.chdir(place)
    monkeypatch.setenv("TERMINOLOGY_STORE", "my-codes")
    if name == "rollback":
        assert run(["withdraw", "icd10cm", "2022-04"]) == 0
    if "|" in line or name == "mcp":
        program = f'terminology() {{ {shlex.quote(sys.executable)} -m terminology "$@"; }}\n'
        code = subprocess.run(["sh", "-c", program + line], stdin=subprocess.DEVNULL, check=False).returncode
    else:
        code = run(shlex.split(line)[1:])
    printed = capfd.readouterr()
    assert (code in (0, 1), "error:" in printed.err) == (True, False), printed.err
    assert printed.out or name == "mcp"


def test_examples_that_are_not_run_are_few(ask: Ask) -> None:
    """Each has a reason, and its help is shown."""
    left = [line[12:] for command in COMMANDS.values() for line in examples(command) if line not in RUN]
    assert sorted(NOT_RUN) == sorted(begin for begin in NOT_RUN if any(line.startswith(begin) for line in left))
    for begin in NOT_RUN:
        assert ask(f"{begin.removesuffix(' update.toml')} --help", store=None).code == 0
