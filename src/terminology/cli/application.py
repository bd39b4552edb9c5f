"""The program ``terminology``: its commands, its exit codes, and how it says that something went wrong."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import click

from ..errors import ReleaseFaults, StoreDamagedError, TerminologyError, UnknownCodeError, error_values
from .asking import history, lookup, status
from .demo import demo
from .differing import diff
from .impact import impact
from .index import index
from .keeping import load, releases, rollback, verify, withdraw
from .listing import codelist
from .mapping import crosswalks, migrate, translate
from .procedures import pcs
from .updating import update
from .walking import ancestors, children, descendants, parent, subsumes

NO: Final = 1
BAD_INPUT: Final = 2
DAMAGED: Final = 3
INTERRUPTED: Final = 130


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"terminology {version('terminology-server')}")
        context.exit()


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="The version."
)
@click.pass_context
def program(context: click.Context) -> int | None:
    """Versioned medical code sets: what a code is on a date, why, and what instead.

    Begin with `terminology demo`, or with `terminology load` and a folder of release files.

    Exit codes: 0 fine, 1 the answer is "no" or a check failed, 2 wrong usage or bad input, 3 store damaged.
    """
    if context.invoked_subcommand is not None:
        return None
    click.echo(context.get_help(), err=True)
    return BAD_INPUT


for _command in (
    load,
    releases,
    lookup,
    status,
    parent,
    children,
    ancestors,
    descendants,
    subsumes,
    pcs,
    index,
    history,
    diff,
    translate,
    migrate,
    crosswalks,
    codelist,
    impact,
    verify,
    withdraw,
    rollback,
    update,
    demo,
):
    program.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a character that the terminal cannot show must not cost the answer
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Return the exit code of a command line, after it was answered or refused."""
    try:
        # a command returns its exit code
        return int(program.main(list(arguments), prog_name="terminology", standalone_mode=False) or 0)
    except click.ClickException as error:
        _report(arguments, {**error_values(error), "message": error.format_message()}, _hint(error))
        return BAD_INPUT
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except ReleaseFaults as error:
        _report(arguments, {**error_values(error), "faults": [error_values(fault) for fault in error.exceptions]})
        return BAD_INPUT
    except (TerminologyError, OSError) as error:
        _report(arguments, error_values(error))
        return exit_code(error)


def exit_code(error: BaseException) -> int:
    """Return the exit code by which a command ends with this error.

    >>> exit_code(UnknownCodeError("no")), exit_code(StoreDamagedError("cut")), exit_code(FileNotFoundError("gone"))
    (1, 3, 2)
    """
    if isinstance(error, StoreDamagedError):
        return DAMAGED
    return NO if isinstance(error, UnknownCodeError) else BAD_INPUT


def _report(arguments: Sequence[str], values: dict[str, Any], hint: str = "") -> None:
    if "--json" in arguments:
        click.echo(json.dumps({"error": values}), err=True)
        return
    place = _place(values)
    text = f"{place}: {values['message']}" if place else values["message"]
    click.echo(f"{click.style('error:', fg='red')} {text}{hint}", err=True)
    for fault in values.get("faults", ()):
        click.echo(f"  {_place(fault)}: {fault['message']}", err=True)


def _place(values: dict[str, Any]) -> str:
    return ":".join(str(values[name]) for name in ("file", "line", "column") if values[name] is not None)


def _hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" (see {context.command_path} --help)" if context else ""
