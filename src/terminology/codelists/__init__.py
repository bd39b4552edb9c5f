"""Lists of codes that people keep: resolved, carried to another release, checked against one."""

from .changes import CodeChange, Fate
from .code_list import CodeList
from .column_impact import CodeImpact, ColumnImpact, impact_on_table
from .entries import Entry, EntryKind
from .list_impact import ListImpact, ListsImpact, impact_on_lists
from .migration import Entered, EntryChange, Left, ListMigration, Review, migration_of
from .resolving import Match, Resolution

__all__ = [
    "CodeChange",
    "CodeImpact",
    "CodeList",
    "ColumnImpact",
    "Entered",
    "Entry",
    "EntryChange",
    "EntryKind",
    "Fate",
    "Left",
    "ListImpact",
    "ListMigration",
    "ListsImpact",
    "Match",
    "Resolution",
    "Review",
    "impact_on_lists",
    "impact_on_table",
    "migration_of",
]
