"""Folders of files that belong together, written beside their place and put there in one step."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ..errors import TerminologyError
from ..store.leftovers import remove_leftovers, temporary_of

LABEL: Final = "export.json"
"""A file of every exported folder: what it is an export of, and which files belong to it."""


class Exported(NamedTuple):
    """A folder that was written."""

    folder: Path
    """Where it is."""
    rows: Mapping[str, int]
    """Of each file with rows, by its name in the folder."""
    withheld: tuple[str, ...] = ()
    """Short names of the systems whose titles are not in it, because their licence is not declared."""
    ids: Mapping[str, int] = MappingProxyType({})
    """Of the concepts of OMOP: how many ids are kept of an earlier export, are OHDSI's, and are new."""


def earlier_export(folder: Path, kind: str) -> Mapping[str, Any] | None:
    """Return the label of an earlier export of a kind; None where the folder is not there, or empty.

    Raises:
        TerminologyError: The folder holds anything else.
    """
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise TerminologyError(f"{folder} is a file: name a folder to write to")
    if not any(folder.iterdir()):
        return None
    found = _label(folder)
    if found is None or found.get("export") != kind:
        what = f"an export of another kind ({found.get('export')})" if found else "files that are no export"
        raise TerminologyError(f"the folder {folder} holds {what}: it is left as it is; name another folder")
    return found


def _label(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / LABEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@contextlib.contextmanager
def written_folder(folder: Path, kind: str, about: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a folder to fill; at the end it takes its place, that of an earlier export of its kind too.

    What others put into the earlier export stays there. Where anything goes wrong, the earlier export stays as it was.

    Raises:
        TerminologyError: The place holds anything else.
        OSError: It cannot be written to.
    """
    earlier = earlier_export(folder, kind)
    # a link leads to what is replaced
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder)
    made, former = temporary_of(folder), folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    try:
        yield made
        files = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
        label = {"export": kind, **about, "files": [*files, LABEL]}
        (made / LABEL).write_text(json.dumps(label, indent=2) + "\n", encoding="utf-8")
        if folder.exists():
            os.rename(folder, former)
        os.rename(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    if earlier is not None:
        _move_others(former, folder, frozenset(earlier.get("files", ())))
    shutil.rmtree(former, ignore_errors=True)


def _move_others(former: Path, folder: Path, own: frozenset[str]) -> None:
    """Move the files of an earlier export that are not of it to the new one, where that has none of their name."""
    for path in sorted(former.rglob("*")):
        name = path.relative_to(former)
        if not path.is_dir() and name.as_posix() not in own and not os.path.lexists(folder / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.rename(path, folder / name)
