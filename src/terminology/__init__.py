"""Versioned medical code sets: what a code is on a date, why, and what instead.

>>> import terminology
>>> store = terminology.open(sample_store)
>>> store["icd10cm"].on("2021-10-01").status("M54.5")
<Status.HEADER: 'header'>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import (
    FetchError,
    InvalidDateError,
    NotAStoreError,
    NotPublishedError,
    ReleaseFaults,
    ReleaseFormatError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
    StoreNotFoundError,
    TablesUnknownError,
    TerminologyError,
    UnknownCodeError,
    UnknownCrosswalkError,
    UnknownReleaseError,
    UnknownSystemError,
    UnreachableError,
    UnsupportedPlatformError,
)
from .model import (
    Alternative,
    Check,
    Concept,
    Crosswalk,
    Gap,
    History,
    Note,
    Notes,
    Outcome,
    Period,
    Release,
    Source,
    SourceFile,
    Status,
    Step,
    Translation,
)
from .query import CodeSystem, Edition, Terminology
from .query import open_store as open  # noqa: A004 -- terminology.open is the name that users call

if TYPE_CHECKING:
    __version__: str
    from .ingest import LoadReport as LoadReport
    from .ingest import load as load

__all__ = [
    "Alternative",
    "Check",
    "CodeSystem",
    "Concept",
    "Crosswalk",
    "Edition",
    "FetchError",
    "Gap",
    "History",
    "InvalidDateError",
    "LoadReport",
    "NotAStoreError",
    "NotPublishedError",
    "Note",
    "Notes",
    "Outcome",
    "Period",
    "Release",
    "ReleaseFaults",
    "ReleaseFormatError",
    "Source",
    "SourceFile",
    "Status",
    "Step",
    "StoreDamagedError",
    "StoreError",
    "StoreLockedError",
    "StoreNotFoundError",
    "TablesUnknownError",
    "Terminology",
    "TerminologyError",
    "Translation",
    "UnknownCodeError",
    "UnknownCrosswalkError",
    "UnknownReleaseError",
    "UnknownSystemError",
    "UnreachableError",
    "UnsupportedPlatformError",
    "load",
    "open",
]


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    # loading needs the readers and pyarrow; asking must not pay for them
    if name in ("load", "LoadReport"):
        from . import ingest

        return getattr(ingest, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("terminology-server")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
