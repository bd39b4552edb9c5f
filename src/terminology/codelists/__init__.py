"""Lists of codes that people keep: resolved, migrated to another release, checked against one."""

from .affected_rows import affected_rows
from .bad_texts import BadText, Unrepaired
from .changes import CodeChange, Fate
from .code_list import CodeList, Resolution
from .column_impact import CodeImpact, ColumnImpact
from .damaged import Damaged
from .entries import Entry, EntryKind
from .entry_changes import Entered, EntryChange, Left
from .list_impact import ListImpact, ListsImpact, impact_on_lists
from .matching import Match
from .migration import ListMigration, migration_of
from .plain import Head
from .review import Review
from .table_impact import impact_on_table
from .tables import OtherRow
from .verdicts import RowOutcome, Verdict

__all__ = [
    "BadText",
    "CodeChange",
    "CodeImpact",
    "CodeList",
    "ColumnImpact",
    "Damaged",
    "Entered",
    "Entry",
    "EntryChange",
    "EntryKind",
    "Fate",
    "Head",
    "Left",
    "ListImpact",
    "ListMigration",
    "ListsImpact",
    "Match",
    "OtherRow",
    "Resolution",
    "Review",
    "RowOutcome",
    "Unrepaired",
    "Verdict",
    "affected_rows",
    "impact_on_lists",
    "impact_on_table",
    "migration_of",
]
