"""Formats in SAS programs: which values have which label.

    Value $COMFMT
       "K7010",
       "K7011" = "ALCOHOLLIVER_MLD"
       other = " " ;

A label is below the values that have it. A value may be a range, ``"4280 "-"4289 "``; texts are compared with their
padding, so ``"42891"`` is not in that one. A comment behind a label is its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import define, field, frozen

from terminology.reading import Faults

TOKEN: Final = re.compile(
    r"""/\*(?P<comment>.*?)\*/|"(?P<text>[^"\n]*)"|(?P<word>[$\w.]+)|(?P<mark>[;,=\-])|(?P<other>\S)""", re.DOTALL
)
VALUE: Final = "value"
OTHER: Final = "other"


@frozen
class Entry:
    """A value or range of values with its label."""

    low: str
    high: str
    label: str
    line: int


@define
class Format:
    """One format of a program."""

    name: str
    """Without the dollar sign, in capitals."""
    line: int
    entries: list[Entry] = field(factory=list)
    titles: dict[str, str] = field(factory=dict)
    """Comments behind labels."""


@frozen
class Token:
    """A word, text or mark of a program, or a comment."""

    kind: str
    text: str
    line: int


def tokens_of(text: str) -> Iterator[Token]:
    """Yield what a program is made of, in order.

    >>> [(token.kind, token.text, token.line) for token in tokens_of('"A1"\\n = "X" /* a tree */')]
    [('text', 'A1', 1), ('mark', '=', 2), ('text', 'X', 2), ('comment', ' a tree ', 2)]
    """
    line, at = 1, 0
    for found in TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        kind = found.lastgroup or "other"
        yield Token(kind, found[kind], line)


def formats_of(text: str, faults: Faults) -> dict[str, Format]:
    """Return the formats of a program by their names; what is none of their parts is an error with its line."""
    found: dict[str, Format] = {}
    current: Format | None = None
    pending: list[tuple[str, str, int]] = []
    state = _State()
    for token in tokens_of(text):
        if current is None:
            if token.kind == "word" and token.text.lower() == VALUE:
                state.is_named = False
                current = Format("", token.line)
            continue
        if not state.is_named:
            current.name, state.is_named = token.text.lstrip("$").upper(), True
            found[current.name] = current
        elif token.kind == "mark" and token.text == ";":
            if pending:
                faults.add(f"expected a label of the values of {current.name}, got ;", line=token.line, of_file=True)
            current, pending, state = None, [], _State()
        else:
            _take(token, current, pending, state, faults)
    if current is not None:
        faults.add(f"expected ; at the end of the format {current.name}: the file is cut short", of_file=True)
    return found


@define
class _State:
    """Where in a format the reading is."""

    is_named: bool = True
    is_range: bool = False
    is_label: bool = False
    label: str | None = None
    """The last one, for the comment behind it."""


def _take(token: Token, current: Format, pending: list[tuple[str, str, int]], state: _State, faults: Faults) -> None:
    """Take one token of a format: a value, a range, a label, a comment."""
    if token.kind == "comment":
        if state.label:
            current.titles.setdefault(state.label, " ".join(token.text.split()))
            state.label = None
        return
    if token.kind == "mark":
        state.is_range = state.is_range or token.text == "-"
        state.is_label = state.is_label or token.text == "="
        return
    if token.kind == "other":
        faults.add(f"expected a value or label of {current.name}, got {token.text!r}", line=token.line)
        return
    if state.is_label:
        label = token.text.strip()
        current.entries += [Entry(low, high, label, line) for low, high, line in pending if low.lower() != OTHER]
        pending.clear()
        state.is_label, state.label = False, label or None
    elif state.is_range and pending:
        low, _, line = pending.pop()
        pending.append((low, token.text, line))
    else:
        pending.append((token.text, token.text, token.line))
        state.label = None
    state.is_range = False
