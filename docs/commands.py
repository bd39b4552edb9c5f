"""The directives ``command`` and ``shared-options``: what the page of the command line shows is taken from the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import click
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from terminology.cli import options
from terminology.cli.application import program

PAGE_SECTION: Final = "options-that-commands-share"
"""The heading of the section that has the shared options."""
CODE: Final = re.compile(r"(?<!\w)(--?[a-z][\w-]*|\$[A-Z_]+|`[^`]+`)")
"""What is set as code in a help text: options and variables."""


def leaves(group: click.Group = program, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, with its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def shared() -> list[click.Option]:
    """Return the options that commands share."""

    def bare() -> None: ...

    of_all = click.command()(options.on_a_date(bare))
    return [one for one in of_all.params if isinstance(one, click.Option)]


def options_of(command: click.Command) -> tuple[list[click.Option], list[str]]:
    """Return the options of a command that are its own, and the names of those that it shares."""
    common = {one.opts[0]: one.help for one in shared()}
    visible = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    names = [one.opts[0] for one in visible if common.get(one.opts[0], "") == one.help]
    return [one for one in visible if one.opts[0] not in names], names


def _text(words: str) -> list[nodes.Node]:
    """Return a help text with its options and variables as code."""
    parts = CODE.split(words)
    return [nodes.literal("", one.strip("`")) if i % 2 else nodes.Text(one) for i, one in enumerate(parts) if one]


def _table(rows: list[tuple[list[nodes.Node], ...]], header: tuple[str, ...]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in header), cols=len(header))
    for kind, lines in ((nodes.thead, [tuple([nodes.Text(one)] for one in header)]), (nodes.tbody, rows)):
        entries = [[nodes.entry("", nodes.paragraph("", "", *cell)) for cell in line] for line in lines]
        group += kind("", *(nodes.row("", *line) for line in entries))
    return nodes.table("", group)


class CommandDirective(Directive):
    """The usage of a command, its own options, and the names of those that it shares."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the nodes."""
        return usage_and_options(self.arguments[0])


class SharedOptionsDirective(Directive):
    """The options that commands share, with the commands that have each."""

    def run(self) -> list[nodes.Node]:
        """Return the nodes."""
        return [table_of_shared_options()]


def usage_and_options(name: str) -> list[nodes.Node]:
    """Return how a command is called, a table of its own options, and a sentence on those that it shares."""
    command = dict(leaves())[name]
    context = click.Context(command, info_name=f"terminology {name}")
    usage = f"terminology {name} {' '.join(command.collect_usage_pieces(context))}"
    found: list[nodes.Node] = [nodes.literal_block(usage, usage, language="text")]
    own, names = options_of(command)
    records = [one.get_help_record(context) for one in own]
    if records:
        rows = [([nodes.literal("", record[0])], _text(record[1])) for record in records if record]
        found.append(_table(rows, ("option", "meaning")))
    if names:
        link = nodes.reference("", "shared options", refuri=f"#{PAGE_SECTION}", internal=True)
        found.append(nodes.paragraph("", "", nodes.Text("And the "), link, nodes.Text(": "), *_text(", ".join(names))))
    return found


def table_of_shared_options() -> nodes.table:
    """Return the table of the options that commands share, with the commands that have each."""
    having = {name: options_of(command)[1] for name, command in leaves()}
    rows = []
    for option in shared():
        names, meaning = option.get_help_record(click.Context(click.Command("terminology"))) or ("", "")
        with_it = [name for name, taken in having.items() if option.opts[0] in taken]
        without = [name for name in having if name not in with_it]
        said = f"all but {_listed(without)}" if len(without) < len(with_it) else _listed(with_it)
        rows.append(([nodes.literal("", names)], _text(meaning), _text(said if without else "all")))
    return _table(rows, ("option", "meaning", "commands"))


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives."""
    app.add_directive("command", CommandDirective)
    app.add_directive("shared-options", SharedOptionsDirective)
    return {"parallel_read_safe": True}
