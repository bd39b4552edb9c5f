"""Help of a group of commands, sorted by what people want to do, with whole sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

Sections = Mapping[str, Sequence[click.Command]]
"""The commands under each heading, in the order of the help."""
WIDEST = 1_000
"""So that click cuts no sentence."""


class SectionedGroup(click.Group):
    """A group whose help has a heading for each task.

    Its commands are those of the sections; without sections there is one, of all commands by name.
    """

    def __init__(self, *arguments: Any, sections: Sections | None = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.sections = sections or {}
        for commands in self.sections.values():
            for command in commands:
                self.add_command(command)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, each with the whole first sentence of its help."""
        del context
        width = max(len(name) for name in self.commands)
        by_name = [self.commands[name] for name in sorted(self.commands)]
        for heading, commands in (self.sections or {"Commands": by_name}).items():
            with formatter.section(heading):
                rows = [(one.name or "", one.get_short_help_str(WIDEST)) for one in commands]
                # one column for all sections
                rows = [(name.ljust(width), sentence) for name, sentence in rows]
                formatter.write_dl(rows)
