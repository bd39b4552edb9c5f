"""The alphabetic index of a code system, and the tables beside it: from words to codes, and term by term.

The entries come from the table ``index`` that a release keeps in the archive, where its loader read an index.
A release without one is answered from the nearest that has it, and each entry says so.
"""

from .finding import entries
from .tables import has_index
from .terms import Cell, IndexEntry
from .walking import Term, Volume, volumes

__all__ = ["Cell", "IndexEntry", "Term", "Volume", "entries", "has_index", "volumes"]
