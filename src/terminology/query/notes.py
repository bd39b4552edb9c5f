"""Instructional notes: found by the code that declares them."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Final

from ..model import Note, Release, Source
from ..store.mapped import MappedTable, key_of

OWN_ONLY: Final = frozenset({"inclusionTerm", "visualImpairment"})
"""Kinds that say something of their own code only."""

NOTE_ROLES: Final = frozenset({"tabular", "claml"})
"""Roles of the sources that carry notes."""


def notes_at(table: MappedTable, code: str, release: Release, *, inherited: bool) -> list[Note]:
    """Return the notes that a code declares; of an ancestor only those that apply below it."""
    keys, codes, kinds, texts = table.integers("key"), table.texts("code"), table.texts("kind"), table.texts("text")
    targets, lines = table.texts("targets"), table.integers("line")
    listed = next((source for source in release.sources if source.role in NOTE_ROLES), release.sources[0])
    found = []
    key = key_of(code)
    row = bisect_left(keys, key)
    while row < len(keys) and keys[row] == key:
        if codes[row] == code and not (inherited and kinds[row] in OWN_ONLY):
            named = targets[row]
            source = Source(release.system, release.version, listed.file, listed.sha256, lines[row] or None)
            aims = tuple(json.loads(named)) if named else ()
            found.append(Note(kinds[row], texts[row], code, inherited, aims, source))
        row += 1
    return found
