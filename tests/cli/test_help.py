"""The help of the commands: sorted by tasks, whole sentences, and examples that can be run as they are."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import click
import pytest

from terminology.cli.application import SECTIONS, program

from .conftest import Ask


def leaves(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, with its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


COMMANDS = dict(leaves(program))


def examples(command: click.Command) -> list[str]:
    """Return the examples in the help of a command."""
    lines = (line.strip() for line in (command.help or "").splitlines())
    return [line.removeprefix("Example: ") for line in lines if line.startswith("Example: ")]


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
    for line in shown:
        words = shlex.split(line, comments=True)
        while "|" in words:
            words = words[words.index("|") + 1 :]
        assert words[: 1 + len(name.split())] == ["terminology", *name.split()], line
        context = COMMANDS[name].make_context(name, words[1 + len(name.split()) :])
        context.close()
