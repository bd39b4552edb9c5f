"""Lists of codes that people keep: resolved, carried to another release, checked against one."""

from .code_list import CodeList
from .entries import Entry, EntryKind
from .resolving import Match, Resolution

__all__ = ["CodeList", "Entry", "EntryKind", "Match", "Resolution"]
