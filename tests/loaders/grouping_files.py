"""What the tests of loaders of groupings share."""

from __future__ import annotations

from terminology import ReleaseFaults, ReleaseFormatError
from terminology.drafts import Loader
from terminology.reading import ReadableFile


def faults_of(loader: Loader, name: str, data: str | bytes) -> list[str]:
    """Return the errors of a file, as texts; none of one that is read."""
    try:
        loader.read(ReadableFile(name, lambda: data if isinstance(data, bytes) else data.encode()))
    except ReleaseFaults as error:
        return [str(fault) for fault in error.exceptions]
    except ReleaseFormatError as error:
        return [str(error)]
    return []
