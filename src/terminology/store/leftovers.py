"""What processes that were ended left beside the file or folder that they were writing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path


def temporary_of(path: Path) -> Path:
    """Return where this process writes a file or folder, until it is whole and takes its place.

    >>> temporary_of(Path("out.csv")).name == f".out.csv.{os.getpid()}.tmp"
    True
    """
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def remove_leftovers(path: Path) -> tuple[str, ...]:
    """Remove what ended processes left beside a file or folder that they were writing; return the names, sorted.

    Nothing of another name is touched, nor what a process that still runs is writing.
    """
    name = re.compile(rf"\.{re.escape(path.name)}\.([0-9]{{1,10}})\.tmp")
    removed = []
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            found = name.fullmatch(entry.name)
            if found is None or _is_running(int(found[1])):
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)  # noqa: PTH108 -- the entry has it as text
            removed.append(entry.name)
    return tuple(sorted(removed))


def _is_running(process: int) -> bool:
    """Return whether there is a process with a number; where that cannot be asked, as if there were."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        # it is of another user
        return True
    return True
