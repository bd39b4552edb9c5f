"""The program ``terminology``: its commands, its exit codes, and how it says that something went wrong."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

import click

from . import running
from .audit import audit
from .codelist import codelist
from .codes import explain, history, lookup, status
from .columns import columns
from .demo import demo
from .diff import diff
from .export import export
from .fhir import fhir
from .groups import groupings, groups
from .guidelines import guidelines
from .hierarchy import ancestors, children, common_ancestor, descendants, parent, siblings, subsumes
from .impact import impact
from .index import index
from .json_schema import schema
from .load import load
from .mapping import crosswalks, migrate, translate
from .mcp import mcp
from .printing import echo
from .procedures import pcs
from .running import BAD_INPUT
from .search import search
from .sections import SectionedGroup, Sections
from .serve import serve
from .store import releases, rollback, verify, withdraw
from .store_upgrade import store
from .update import update


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        echo(f"terminology {version('terminology-server')}")
        context.exit()


SECTIONS: Sections = {
    "Begin": (demo,),
    "Load and keep": (load, update, releases, verify, withdraw, rollback, store),
    "Ask about a code": (status, explain, lookup, history),
    "Find a code": (search, index, guidelines, pcs),
    "Hierarchy": (parent, children, siblings, ancestors, descendants, subsumes, common_ancestor),
    "Compare and map": (diff, migrate, translate, crosswalks),
    "Code lists and tables": (codelist, columns, impact),
    "Groupings and claims": (groups, groupings, audit),
    "Pass on": (export, serve, fhir, mcp, schema),
}


@click.group(
    cls=SectionedGroup,
    sections=SECTIONS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="The version."
)
@click.pass_context
def program(context: click.Context) -> int | None:
    """Versioned medical code sets: what a code is on a date, why, and what instead.

    Begin with `terminology demo`, or with `terminology load` and a folder of release files. The help of each command ends with examples. Try them after `terminology demo --store my-codes --files .` with TERMINOLOGY_STORE=my-codes.

    Exit codes: 0 fine, 1 the answer is "no" or a check failed, 2 wrong usage or bad input, 3 store damaged, 70 an error in the program itself, 130 interrupted.
    """
    if context.invoked_subcommand is not None:
        return None
    for line in context.get_help().splitlines():
        echo(line, err=True)
    return BAD_INPUT


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    # of a process that was started without them (>&-, pythonw) Python has none
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a character that the terminal cannot show must not prevent the answer
            stream.reconfigure(errors="replace")
    code = run(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # Python would try to write it again at the end, and replace the exit code
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def run(arguments: Sequence[str]) -> int:
    """Return the exit code of a command line, after it was answered or rejected."""
    return running.run(program, arguments)
