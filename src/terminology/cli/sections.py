"""Help of a group of commands, sorted by what people want to do, and of a command, with examples at its end."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

Sections = Mapping[str, Sequence[click.Command]]
"""The commands under each heading, in the order of the help."""
WIDEST = 1_000
"""So that click cuts no sentence."""


EXAMPLE: Final = "Example: "
"""How the lines at the end of a docstring begin that are examples."""


class ExampledCommand(click.Command):
    """A command whose help ends with examples: the last lines of its docstring, as they are."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        text, *examples = inspect.cleandoc(self.help or "").split(EXAMPLE)
        self.help = text.rstrip()
        self.examples = tuple(map(str.strip, examples))
        """Command lines that work on the samples."""

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples after the options, none of them wrapped: they are to be copied."""
        super().format_epilog(context, formatter)
        with formatter.section("Example" if len(self.examples) == 1 else "Examples"):
            for line in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


command = functools.partial(click.command, cls=ExampledCommand)
"""Make a function a command with examples, as `click.command`."""


class SectionedGroup(click.Group):
    """A group whose help has a heading for each task.

    Its commands are those of the sections; without sections there is one, of all commands by name.
    """

    command_class = ExampledCommand

    def __init__(self, *arguments: Any, sections: Sections | None = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.sections = sections or {}
        for commands in self.sections.values():
            for command in commands:
                self.add_command(command)

    def invoke(self, context: click.Context) -> Any:
        """Run the command that is asked for.

        Raises:
            click.Abort: Control-C. `click` would print an empty line for it, which only a terminal with ``^C`` needs.
        """
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            raise click.Abort from None

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
