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
    MissingExtraError,
    NotAStoreError,
    NotPublishedError,
    NoVersionError,
    ReleaseFaults,
    ReleaseFormatError,
    StoreDamagedError,
    StoreError,
    StoreFormatError,
    StoreLockedError,
    StoreNotFoundError,
    TablesUnknownError,
    TerminologyError,
    UnknownCodeError,
    UnknownCrosswalkError,
    UnknownGroupingError,
    UnknownReleaseError,
    UnknownSystemError,
    UnknownTableError,
    UnreachableError,
    UnsupportedPlatformError,
)
from .query import CodeSystem, Edition, Terminology
from .query import open_store as open  # noqa: A004 -- terminology.open is the name that users call
from .status import Status

if TYPE_CHECKING:
    __version__: str
    from .codelists.members import members
    from .columns.annotation import annotate
    from .columns.comorbidity import comorbidities
    from .columns.translations import migrate, translate
    from .columns.validation import validate
    from .ingest import LoadReport, load
    from .model import (
        Alternative,
        Check,
        CodingOrder,
        Concept,
        Crosswalk,
        Explanation,
        Fault,
        Gap,
        Group,
        GroupingVersion,
        Groups,
        History,
        Hit,
        Note,
        Notes,
        Option,
        Outcome,
        Period,
        Release,
        Section,
        Source,
        SourceFile,
        Step,
        Translation,
    )
    from .profiles.making import profile
    from .query.complications import ComplicationEdition
    from .query.grouping import Grouping
    from .query.grouping_differences import GroupingDifference, GroupingImpact
    from .query.grouping_editions import Combined, GroupingEdition
    from .query.guidelines import Guidelines, GuidelineSections
    from .store.push import PushReport, push

__all__ = [
    "Alternative",
    "Check",
    "CodeSystem",
    "CodingOrder",
    "Combined",
    "ComplicationEdition",
    "Concept",
    "Crosswalk",
    "Edition",
    "Explanation",
    "Fault",
    "FetchError",
    "Gap",
    "Group",
    "Grouping",
    "GroupingDifference",
    "GroupingEdition",
    "GroupingImpact",
    "GroupingVersion",
    "Groups",
    "GuidelineSections",
    "Guidelines",
    "History",
    "Hit",
    "InvalidDateError",
    "LoadReport",
    "MissingExtraError",
    "NoVersionError",
    "NotAStoreError",
    "NotPublishedError",
    "Note",
    "Notes",
    "Option",
    "Outcome",
    "Period",
    "PushReport",
    "Release",
    "ReleaseFaults",
    "ReleaseFormatError",
    "Section",
    "Source",
    "SourceFile",
    "Status",
    "Step",
    "StoreDamagedError",
    "StoreError",
    "StoreFormatError",
    "StoreLockedError",
    "StoreNotFoundError",
    "TablesUnknownError",
    "Terminology",
    "TerminologyError",
    "Translation",
    "UnknownCodeError",
    "UnknownCrosswalkError",
    "UnknownGroupingError",
    "UnknownReleaseError",
    "UnknownSystemError",
    "UnknownTableError",
    "UnreachableError",
    "UnsupportedPlatformError",
    "annotate",
    "comorbidities",
    "load",
    "members",
    "migrate",
    "open",
    "profile",
    "push",
    "translate",
    "validate",
]


_IMPORTED_LATE = {
    **dict.fromkeys(("LoadReport", "load"), "ingest"),
    **dict.fromkeys(("PushReport", "push"), "store.push"),
    "annotate": "columns.annotation",
    "comorbidities": "columns.comorbidity",
    "members": "codelists.members",
    "migrate": "columns.translations",
    "profile": "profiles.making",
    "translate": "columns.translations",
    "validate": "columns.validation",
    **dict.fromkeys(("Alternative", "Check", "Concept", "Crosswalk", "Gap", "History", "Hit", "Note"), "model"),
    **dict.fromkeys(
        ("Fault", "Notes", "Outcome", "Period", "Release", "Source", "SourceFile", "Step", "Translation"), "model"
    ),
    **dict.fromkeys(("CodingOrder", "Explanation", "Group", "GroupingVersion", "Groups", "Option", "Section"), "model"),
    **dict.fromkeys(("Combined", "GroupingEdition"), "query.grouping_editions"),
    **dict.fromkeys(("GuidelineSections", "Guidelines"), "query.guidelines"),
    "ComplicationEdition": "query.complications",
    "Grouping": "query.grouping",
    **dict.fromkeys(("GroupingDifference", "GroupingImpact"), "query.grouping_differences"),
}
"""The public names that a status needs none of, with their modules. Loading needs the readers and pyarrow, values need
attrs; they are imported when the first of their names is asked for."""
_ROOMS = frozenset({"claims", "duckdb", "exports", "fhir", "licences", "mapping", "model", "spark"})
"""Modules that are used as attributes, as in ``terminology.licences.outgoing``, and that a status does not import."""


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _IMPORTED_LATE:
        from importlib import import_module

        found = globals()[name] = getattr(import_module(f".{_IMPORTED_LATE[name]}", __name__), name)
        return found
    if name in _ROOMS:
        from importlib import import_module

        return import_module(f".{name}", __name__)
    if name == "__version__":
        from importlib.metadata import version

        return version("terminology-server")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
