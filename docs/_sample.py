"""The stores that the examples of these pages are run on."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

import terminology
from terminology.samples import sample_folders


@functools.cache
def sample_store() -> str:
    """Return a store of all sample releases, as the demo makes it, built once for all pages."""
    folder = tempfile.mkdtemp(prefix="terminology-docs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    terminology.load(*sample_folders(), store=folder)
    return folder


def enter_scratch_folder() -> str:
    """Go to a new folder, so that a page may write files; return the one to go back to.

    The store of the samples is there as ``my-codes``, as `terminology demo --store my-codes` would have made it.
    """
    before = str(Path.cwd())
    folder = tempfile.mkdtemp(prefix="terminology-docs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chdir(folder)
    Path("my-codes").symlink_to(sample_store())
    return before
