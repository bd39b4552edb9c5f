"""Options that had another name before: the former one is still taken, with a note, and is not in the help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .printing import echo

if TYPE_CHECKING:
    from click.parser import _OptionParser


class RenamedOption(click.Option):
    """An option with a former name.

    Args:
        declarations: Its names, as of `click.Option`.
        was: The former name.
        more: What `click.Option` takes.
    """

    def __init__(self, *declarations: Any, was: str, **more: Any) -> None:
        super().__init__(*declarations, **more)
        self.was = was

    def add_to_parser(self, parser: _OptionParser, ctx: click.Context) -> None:
        """Let the parser know both names; a value by the former one is kept under a key of its own."""
        super().add_to_parser(parser, ctx)
        if self.is_flag:
            parser.add_option(obj=self, opts=[self.was], dest=self._former, action="store_const", const=True)
        else:
            action = "append" if self.multiple else "store"
            parser.add_option(obj=self, opts=[self.was], dest=self._former, action=action, nargs=self.nargs)

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Take a value that came by the former name, and say so once.

        Raises:
            click.UsageError: Both names are used, and only one value is taken.
        """
        key, former = self.name or "", opts.get(self._former)
        if former is None:
            return super().handle_parse_result(ctx, opts, args)
        if key in opts and not self.multiple:
            raise click.UsageError(f"{self.was} is {self.opts[0]} now: give it once", ctx)
        note_renamed(self.was, self.opts[0], "" if self.is_flag else self.metavar or "VALUE")
        both = [*opts.get(key, ()), *former] if self.multiple else former
        return super().handle_parse_result(ctx, {**opts, key: both}, args)

    @property
    def _former(self) -> str:
        return f"{self.name} by its former name"


def note_renamed(was: str, name: str, value: str) -> None:
    """Say on standard error that an option has another name now; not where errors are to be JSON."""
    context = click.get_current_context(silent=True)
    if not (context and context.params.get("as_json")):
        echo(f"note: {was} {value}".rstrip() + f" is now {name} {value}".rstrip(), err=True)
