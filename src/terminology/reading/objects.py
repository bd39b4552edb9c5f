"""JSON in which every object knows its line, and, where it is asked for, every text its line and column."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final

from attrs import define, field

from ..errors import ReleaseFormatError
from .faults import Faults

STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
"""Possessive; of a text that the parser was content with, as what has no end would be tried from each quotation mark."""
STRUCTURE: Final = re.compile(r"[{}\n]")
PLACED: Final = re.compile(rf"{STRING.pattern}|{{", re.DOTALL)
"""What has a place: texts and objects."""
UNWRITABLE: Final = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""Escapes that may leave half a character, or a NUL."""
HALVES: Final = re.compile("[\0\ud800-\udfff]")
DEEPEST: Final = 200
"""Objects within objects; the parser itself goes a few times deeper."""
LONGEST_NUMBER: Final = 300
"""Digits of a number: one more than any decimal number in use has."""


class Element(dict[str, Any]):
    """A JSON object with the line on which it begins."""

    __slots__ = ("column", "line")

    line: int
    """On which it begins, counted from 1."""
    column: int
    """Of its bracket, in a document with places; else 0."""

    def __init__(self, values: Any = (), line: int = 0, column: int = 0) -> None:
        super().__init__(values)
        self.line = line
        self.column = column

    def text(self, name: str) -> str | None:
        """Return a value that is a text with something in it, without blanks around it; None for anything else."""
        value = self.get(name)
        return value.strip() or None if isinstance(value, str) else None

    def items_of(self, name: str) -> list[Any]:
        """Return a value as a list: of one value a list of one, of none an empty one."""
        value = self.get(name)
        return value if isinstance(value, list) else [] if value is None else [value]


class PlacedText(str):
    """A JSON text with the line and the column of its first character."""

    __slots__ = ("column", "line")

    line: int
    """Counted from 1."""
    column: int
    """Counted from 1."""

    @classmethod
    def at(cls, value: str, line: int, column: int) -> PlacedText:
        """Return the text with its place."""
        made = cls(value)
        made.line, made.column = line, column
        return made


@define
class _Objects:
    """The objects of a document in the order in which they close, and the errors in them."""

    has_escapes: bool
    made: list[Element] = field(factory=list)
    faults: list[tuple[int, str, str | None]] = field(factory=list)
    """Place of the object, message, name of the member."""
    numbers: list[str] = field(factory=list)
    """Numbers that no object has taken yet, and that nothing can hold."""

    def take(self, pairs: list[tuple[str, Any]]) -> Element:
        """Return an object of these members; its errors are noted."""
        element = Element(pairs)
        if len(element) != len(pairs) or self.numbers or self.has_escapes:
            self._check(pairs)
        self.made.append(element)
        return element

    def _check(self, pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        place = len(self.made)
        for name, value in pairs:
            shown = name if not HALVES.search(name) else None
            if name in seen:
                self.faults.append((place, f"expected each name once, got {name[:80]!r} twice", shown))
            seen.add(name)
            if self.has_escapes and any(HALVES.search(text) for text in (name, *_texts(value))):
                self.faults.append((place, "expected text, got a NUL or half a character (a lone surrogate)", shown))
        self.faults += [(place, f"expected a number that can be kept, got {text}", None) for text in self.numbers]
        self.numbers.clear()

    def integer(self, text: str) -> int:
        """Return a whole number; 0 in place of one that is too long, which is noted."""
        if len(text) <= LONGEST_NUMBER:
            return int(text)
        self.numbers.append(f"one of {len(text):,} digits")
        return 0

    def decimal(self, text: str) -> float:
        """Return a decimal number; 0 in place of one beyond all that can be kept, which is noted."""
        value = float(text)
        if math.isfinite(value):
            return value
        self.numbers.append(text[:40])
        return 0.0


def json_document(text: str, file: str, *, with_places: bool = False) -> Any:
    """Return the JSON document that a text holds, its objects as `Element`.

    Args:
        text: The whole text.
        file: What errors call it.
        with_places: Whether texts are `PlacedText`, and objects have a column; it takes about twice the time.

    Raises:
        ReleaseFormatError: The text is no JSON; objects are nested deeper than `DEEPEST`; or an object has a name
            twice, half a character, or a number that nothing can hold.
        ReleaseFaults: Several objects have.

    >>> json_document('{"a": [\\n{}]}', "x.json").items_of("a")[0].line
    2
    >>> found = json_document('["E11.9",\\n "E11.65"]', "x.json", with_places=True)
    >>> found[1], found[1].line, found[1].column
    ('E11.65', 2, 3)
    """
    objects = _Objects(UNWRITABLE.search(text) is not None)

    def rejected(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        document = json.loads(
            text,
            object_pairs_hook=objects.take,
            parse_constant=rejected,
            parse_int=objects.integer,
            parse_float=objects.decimal,
        )
    except json.JSONDecodeError as error:
        raise ReleaseFormatError(
            f"expected JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise ReleaseFormatError(_too_deep(), file=file) from None
    except ValueError as error:
        raise ReleaseFormatError(f"expected JSON: {error}", file=file) from None
    for element, (line, depth) in zip(objects.made, _opening_lines(text), strict=True):
        element.line = line
        if depth > DEEPEST:
            raise ReleaseFormatError(_too_deep(), file=file, line=line)
    faults = Faults(file)
    for place, message, name in objects.faults:
        faults.add(message, line=objects.made[place].line, column=name)
    faults.kept.sort(key=lambda fault: fault.line or 0)
    faults.raise_if_any()
    return _placed(document, text) if with_places else document


def _too_deep() -> str:
    return (
        f"expected JSON with at most {DEEPEST} objects within each other: "
        "give a deeper hierarchy as a property parent of each concept"
    )


def _texts(value: Any) -> Iterator[str]:
    """Yield a text, or the texts of a list and the lists in it; objects have looked at their own."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += value


def _placed(document: Any, text: str) -> Any:
    """Return the document with a place for each text and object: both are walked in the order of the text."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    tokens = PLACED.finditer(text)

    def place(within: int = 0) -> tuple[int, int]:
        offset = next(tokens).start() + within
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    whole = [document]
    waiting: list[tuple[Any, Iterator[Any]]] = [(whole, iter(range(1)))]
    while waiting:
        holder, keys = waiting[-1]
        key = next(keys, None)
        if key is None:
            waiting.pop()
            continue
        if isinstance(holder, Element):
            # the name of the member
            next(tokens)
        value = holder[key]
        if isinstance(value, str):
            holder[key] = PlacedText.at(value, *place(within=1))
        elif isinstance(value, Element):
            value.line, value.column = place()
            waiting.append((value, iter(list(value))))
        elif isinstance(value, list):
            waiting.append((value, iter(range(len(value)))))
    return whole[0]


def _opening_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield line and depth of the opening bracket of each object, in the order in which the objects close."""
    opened, line = [], 1
    # the parser was content: strings are closed, and no line ends in one
    for token in STRUCTURE.finditer(STRING.sub("", text)):
        mark = token.group()
        if mark == "\n":
            line += 1
        elif mark == "{":
            opened.append(line)
        else:
            yield opened.pop(), len(opened) + 1
