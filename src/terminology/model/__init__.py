"""The values of the domain: frozen, small, free of Arrow."""

from ..status import Status
from .base import Value, plain
from .checks import Check, Explanation, Option
from .codes import (
    CodingOrder,
    Concept,
    Fault,
    Gap,
    History,
    Note,
    Notes,
    Origin,
    Period,
    Properties,
    Release,
    Source,
    SourceFile,
    concept_of,
    lines_lost,
    source_of,
)
from .groups import Group, GroupingVersion, Groups
from .hits import Hit
from .maps import Alternative, Crosswalk, Outcome, Step, Translation
from .sections import Section

__all__ = [
    "Alternative",
    "Check",
    "CodingOrder",
    "Concept",
    "Crosswalk",
    "Explanation",
    "Fault",
    "Gap",
    "Group",
    "GroupingVersion",
    "Groups",
    "History",
    "Hit",
    "Note",
    "Notes",
    "Option",
    "Origin",
    "Outcome",
    "Period",
    "Properties",
    "Release",
    "Section",
    "Source",
    "SourceFile",
    "Status",
    "Step",
    "Translation",
    "Value",
    "concept_of",
    "lines_lost",
    "plain",
    "source_of",
]
