"""The format of a store: a number in its pointer that says what this version of the program can read.

It is raised where a program of another version would read the files wrong: columns of compiled files, or keys of the
pointer, that changed their meaning. What an older reader may ignore, and what a newer one can do without, raises nothing.
"""

# no `from __future__ import annotations`: see `pointer`

import os
from collections.abc import Iterable
from typing import Any, Final

from ..errors import StoreFormatError
from ..systems import SYSTEMS
from .folder import POINTER, url_of

FORMAT: Final = 3
"""What is written, and read."""
OLDEST: Final = 2
"""The oldest format that `terminology store upgrade` makes into this one. In it there were no crosswalks."""


def program_version() -> str:
    """Return the version of this program, which the pointer names as its writer."""
    from importlib.metadata import version

    return version("terminology-server")


def check_format(found: Any, name: str, written_by: Any, oldest: int = FORMAT) -> None:
    """Check that a pointer is of a format that can be read.

    Args:
        found: The number in the pointer.
        name: Path or URL of the pointer.
        written_by: Version of the program that wrote it; None where it does not say.
        oldest: The oldest format that is read.

    Raises:
        StoreFormatError: It is of another; both numbers, and the command to run.
        TypeError: It is no number.

    >>> check_format(4, "codes/CURRENT.json", "1.2.0")
    Traceback (most recent call last):
    ...
    terminology.errors.StoreFormatError: codes/CURRENT.json has store format 4, and terminology-server ... reads format 3: \
install terminology-server 1.2.0 or later, which wrote it: pip install 'terminology-server>=1.2.0'
    """
    if type(found) is not int or found < 1:
        raise TypeError(f"its format is {found!r}, and no whole number from 1")
    if oldest <= found <= FORMAT:
        return
    advice = _later(written_by) if found > FORMAT else _earlier(found, name)
    raise StoreFormatError(
        f"{name} has store format {found}, and terminology-server {program_version()} reads format {FORMAT}: {advice}"
    )


def check_systems(names: Iterable[str], name: str, written_by: Any) -> None:
    """Check that code systems which a pointer does not define are built in: a later version may have more of them.

    Raises:
        StoreFormatError: One is not; which, and the command to run.

    >>> check_systems(["icd10cm", "icd12"], "codes/CURRENT.json", None)
    Traceback (most recent call last):
    ...
    terminology.errors.StoreFormatError: codes/CURRENT.json holds icd12, a code system that terminology-server ... does \
not know: install a later version: pip install --upgrade terminology-server
    """
    unknown = sorted(set(names) - SYSTEMS.keys())
    if unknown:
        raise StoreFormatError(
            f"{name} holds {unknown[0]}, a code system that terminology-server {program_version()} does not know: "
            f"{_later(written_by)}"
        )


def _later(written_by: Any) -> str:
    if not isinstance(written_by, str) or written_by == program_version():
        return "install a later version: pip install --upgrade terminology-server"
    return (
        f"install terminology-server {written_by} or later, which wrote it: "
        f"pip install 'terminology-server>={written_by}'"
    )


def _earlier(found: int, name: str) -> str:
    if found < OLDEST:
        return (
            "it is too old to be upgraded; load the release files into a new store: terminology load PATH --store NEW"
        )
    if (url := url_of(name)) is not None:
        place = url.removesuffix(f"/{POINTER}")
        return (
            "upgrade the folder that it was pushed from, and push it again: "
            f"terminology store upgrade --store DIR, then terminology export store {place} --store DIR"
        )
    folder, file = os.path.split(name)
    if file != POINTER:
        return "it is the state before an upgrade, which this version cannot go back to"
    return f"run terminology store upgrade --store {folder or os.curdir}"
