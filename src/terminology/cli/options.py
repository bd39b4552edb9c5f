"""Options that commands share, and the edition that they name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import InvalidDateError, UnknownReleaseError
from ..model import Release
from ..query import CodeSystem, Edition, Terminology
from ..query import open_store as opened_at
from ..store import default_path
from ..store.folder import url_of
from ..wire import Licensed, late_day, unread_lines, withheld
from . import completion
from .drawing import measured_progress
from .printing import echo
from .renamed import RenamedOption

Command = TypeVar("Command", bound=Callable[..., Any])

store_option = click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the store, or URL like s3://BUCKET/PREFIX to read.  [default: $TERMINOLOGY_STORE or the folder for user data]",
)
json_option = click.option("--json", "as_json", is_flag=True, is_eager=True, help="Answer in JSON; errors too.")
on_option = click.option(
    "--on", metavar="DATE", help="The day of use, like 2024-03-01 or today.  [default: the newest release]"
)
known_option = click.option(
    "--known",
    metavar="V",
    shell_complete=completion.versions,
    help="Version or date: only releases up to it count. Needs --on.  [default: all]",
)
version_option = click.option(
    "--version", metavar="V", shell_complete=completion.versions, help="The release to ask, instead of a day."
)
translated_option = partial(click.option, cls=RenamedOption, required=True, shell_complete=completion.systems)
source_option = translated_option("--source", was="--from", metavar="S", help="The code system that codes are of.")
target_option = translated_option("--target", was="--to", metavar="T", help="The code system to translate to.")
system_argument = click.argument("system", shell_complete=completion.systems)
systems_option = click.option(
    "--system",
    "systems",
    metavar="S",
    multiple=True,
    shell_complete=completion.systems,
    help="A code system; may be repeated.  [default: all]",
)


def release_option(name: str, destination: str, metavar: str, **more: Any) -> Callable[[Command], Command]:
    """Return an option that takes a release: its version, or a day from which one is in force."""
    return click.option(name, destination, metavar=metavar, shell_complete=completion.versions, **more)


def on_a_store(command: Command) -> Command:
    """Return the command with ``--store`` and ``--json``."""
    return store_option(json_option(command))


def on_a_date(command: Command) -> Command:
    """Return the command with ``--on``, ``--known``, ``--store`` and ``--json``."""
    return on_option(known_option(on_a_store(command)))


def open_store(store: Path | None) -> Terminology:
    """Return the store that ``--store`` names, with a bar while files of an object store are downloaded."""
    if url_of(store or default_path()) is None:
        return opened_at(store)
    with measured_progress() as step:
        return opened_at(store, progress=step)


def edition_of(
    store: Path | None, system: str, *, on: str | None = None, known: str | None = None, version: str | None = None
) -> Edition:
    """Return the edition that the options name: of a day, of a release, or the newest release's.

    Raises:
        click.UsageError: The options contradict each other.
        TerminologyError: There is no such store, code system, release or day.
    """
    if on and version:
        raise click.UsageError("--on and --version exclude each other")
    if known and not on:
        raise click.UsageError("--known says up to which release a day is seen: it needs --on")
    opened: Terminology = open_store(store)
    code_system = opened[system]
    edition = on_day(code_system, on, known) if on else code_system.release(version or "latest")
    if remark := unread_lines(edition):
        echo(f"note: {remark}; see terminology releases", err=True)
    if on:
        note_late_day(edition, code_system.releases[-1])
    return edition


def on_day(code_system: CodeSystem, on: str, known: str | None = None) -> Edition:
    """Return the edition in force on the day that ``--on`` names.

    Raises:
        InvalidDateError: It is no date; the message names the option.
        UnknownReleaseError: ``--known`` is neither a release nor a date.
    """
    try:
        return code_system.on(on, known=known)
    except InvalidDateError as error:
        raise InvalidDateError(f"--on: {error}{_version_option(code_system, on)}") from None
    except UnknownReleaseError as error:
        held = ", ".join(release.version for release in code_system.releases)
        raise UnknownReleaseError(f"--known: {error} (loaded: {held})") from None


def _version_option(code_system: CodeSystem, on: str) -> str:
    """Return that a release is asked with ``--version``, where it is named as a day and the command has that option."""
    context = click.get_current_context(silent=True)
    if context is None or not any(parameter.name == "version" for parameter in context.command.params):
        return ""
    try:
        code_system.release(on)
    except UnknownReleaseError:
        return ""
    return f"; did you mean --version {on}?"


def note_late_day(edition: Edition, newest: Release) -> None:
    """Say on standard error that an answer is for a day after the year, or the quarter, of the newest release.

    The reason, and what to load, is in the answer itself.
    """
    if remark := late_day(edition, newest):
        echo(f"note: {remark}", err=True)


def note_withheld(of: Licensed) -> None:
    """Say on standard error, where an answer has no texts because no licence is declared, how one is declared."""
    if remark := withheld(of):
        echo(f"note: {remark}", err=True)
