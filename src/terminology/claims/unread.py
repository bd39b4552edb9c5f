"""What of a claim is not read: keys of its object, and columns of its table, that have no name of a part of a claim.

Claims carry much else. So nothing of it is an error, and all of it is said: a misspelt name is a rule that does not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..columns.names import plain
from ..errors import suggestion
from .layout import END, NUMBERED, USUAL, Layout

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        *("id", "kind", "sex", "age", "birth_date", "admission_date", "discharge_date", "service_date"),
        *("diagnoses", "procedures"),
    ),
    "diagnoses": ("code", "poa"),
    "procedures": ("code", "date", "modifiers", "system"),
}
"""The keys that are read: of a claim, and of the objects in its lists."""
ALIKE: Final = 0.8
"""How alike names of columns are of which one was probably meant: 1 where they are the same."""
SHOWN: Final = 8
LONGEST: Final = 64
Unread = tuple[str, str]
"""What is not read, and why."""


def unread_keys(values: Mapping[Any, Any]) -> tuple[Unread, ...]:
    """Return the keys of a claim's object that are not read.

    >>> unread_keys({"id": "1", "sexx": "F", "diagnoses": [{"code": "I10", "pao": "Y"}]})
    (("the key 'sexx'", "no such key of a claim is read; did you mean 'sex'?"), ("the key 'pao' of diagnoses", "no such key is read; did you mean 'poa'?"))
    """
    found: dict[Unread, None] = {}
    if any(key not in KEYS[""] for key in values):
        found.update(dict.fromkeys(_unread(values, "")))
    for name in ("diagnoses", "procedures"):
        items = values.get(name)
        for item in items if isinstance(items, list | tuple) else ():
            if isinstance(item, Mapping) and any(key not in KEYS[name] for key in item):
                found.update(dict.fromkeys(_unread(item, name)))
    return tuple(found)


def _unread(values: Mapping[Any, Any], place: str) -> Iterable[Unread]:
    known = KEYS[place]
    for key in values:
        if key not in known:
            word = str(key)[:LONGEST]
            near = suggestion(word, [name for name in known if name not in values])
            of = (" of ", "") if place else ("", " of a claim")
            yield f"the key {word!r}{of[0]}{place}", f"no such key{of[1]} is read{near}"


def unread_columns(names: Sequence[str], layout: Layout) -> tuple[Unread, ...]:
    """Return the columns of a table that are not read: each that is nearly called as one that is, and all others together.

    >>> from .layout import layout_of
    >>> names = ("claim_id", "dx1", "diagnosys2", "payer", "drg")
    >>> for one in unread_columns(names, layout_of(names, {}, "claims.csv", 1)): print(one)
    ("the column 'diagnosys2'", "no column of this name is read; did you mean 'diagnosis2'?")
    ("the columns 'payer', 'drg'", 'no rule reads them')
    """
    read = set(layout.names)
    left = [name for name in names if name not in read]
    near = {name: word for name in left if (word := _near(name, layout))}
    made = [
        (f"the column {name[:LONGEST]!r}", f"no column of this name is read; did you mean {word!r}?")
        for name, word in near.items()
    ]
    others = [name for name in left if name not in near]
    if others:
        listed = ", ".join(repr(name[:LONGEST]) for name in others[:SHOWN])
        more = f" and {len(others) - SHOWN:,} more" if len(others) > SHOWN else ""
        several = ("columns", "them") if len(others) > 1 else ("column", "it")
        made.append((f"the {several[0]} {listed}{more}", f"no rule reads {several[1]}"))
    return tuple(made)


def _near(name: str, layout: Layout) -> str | None:
    """Return the name of the role that a column was probably meant for, with its number; None where none is near."""
    from difflib import get_close_matches

    short = plain(name[:LONGEST])
    number = END.search(short)
    bare = short[: number.start()] if number else short
    free = [role for role in USUAL if role in NUMBERED or not layout.several(role)]
    roles = {word: role for role in reversed(free) for word in USUAL[role]}
    found = get_close_matches(bare, roles, 1, ALIKE)
    if not found:
        return None
    role = roles[found[0]]
    return f"{role}{number[1]}" if number and role in NUMBERED else role
