"""Small lists of codes in every format that the loader for any code system reads."""

from __future__ import annotations

import pytest

from terminology.drafts import Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.generic import GenericLoader


def listed(text, name="list.csv"):
    """Return a file of this text."""
    return ReadableFile(name, text.encode)


def coded(rows="", *lines, header="code,title", system="#system: colours\n#effective: 2024-01-01\n"):
    """Return a list of colours: metadata, header, rows."""
    return listed("\n".join(filter(None, [*lines, system + header, rows])) + "\n")


def read(file, system=None):
    """Return the part that the loader makes of the file."""
    part = GenericLoader(system).read(file)
    assert isinstance(part, Part)
    return part


def rows(part):
    """Return the concepts of a part by code."""
    return {row["code"]: row for row in part.tables["concepts"].to_pylist()}


def faults(file, system=None):
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        GenericLoader(system).read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


def places(file):
    """Return line and column of each fault of the file."""
    return [fault[:2] for fault in faults(file)]
