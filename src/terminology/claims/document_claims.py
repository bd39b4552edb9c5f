"""Claims out of JSON: a list of objects, objects one behind the other, or one a line. Read piece by piece, whatever its length."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import define

from ..columns.compression import opened_bytes
from ..errors import ReleaseFormatError
from .claim import Claim
from .table_claims import BadRow

PIECE: Final = 2**16
"""Bytes that are read at once."""
LONGEST: Final = 16 * 2**20
"""Characters of one claim: what is longer is none."""
BLANKS: Final = " \t\r\n"
BETWEEN: Final = f"{BLANKS},"
DECODER: Final = json.JSONDecoder()


def document_claims(path: Path, *, kind: str | None = None) -> Iterator[Claim | BadRow]:
    """Yield the claims of a file of JSON, and the objects that are none.

    Args:
        path: The file, also compressed.
        kind: Of claims that do not say theirs.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is no JSON from some line on.
    """
    for line, value in _values(path):
        try:
            yield Claim.from_dict(value, kind=kind, file=path.name, line=line)
        except ReleaseFormatError as error:
            yield BadRow(path.name, line, None, error.message)


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the objects of a file with the lines on which they begin; those of a list one by one."""
    text = _Text(path.name)
    for piece, is_last in _pieces(path):
        text.rest += piece
        while text.begins():
            found = text.value(is_last=is_last)
            if found is None:
                break
            yield found
    if text.is_list:
        said = "the list of claims is not closed: is the file whole?"
        raise ReleaseFormatError(said, file=path.name, line=text.line)


@define
class _Text:
    """What is left of a text of JSON, and the line that it begins on."""

    file: str
    rest: str = ""
    line: int = 1
    is_list: bool = False

    def begins(self) -> bool:
        """Go on to the next object, into a list and out of it; return whether there is one."""
        while True:
            bare = self.rest.lstrip(BETWEEN if self.is_list else BLANKS)
            self._drop(len(self.rest) - len(bare))
            if not self.rest.startswith("]" if self.is_list else "["):
                return bool(self.rest)
            self.is_list = not self.is_list
            self._drop(1)

    def value(self, *, is_last: bool) -> tuple[int, Any] | None:
        """Return the object with its line; None where it may go on in the next piece of the file."""
        try:
            value, end = DECODER.raw_decode(self.rest)
        except json.JSONDecodeError as error:
            if not is_last and len(self.rest) < LONGEST:
                return None
            at = self.line + self.rest.count("\n", 0, error.pos)
            raise ReleaseFormatError(f"expected JSON: {error.msg}", file=self.file, line=at) from None
        except RecursionError:
            said = "expected a claim, got JSON nested too deeply"
            raise ReleaseFormatError(said, file=self.file, line=self.line) from None
        if end == len(self.rest) and not is_last:
            return None
        line = self.line
        self._drop(end)
        return line, value

    def _drop(self, count: int) -> None:
        self.line += self.rest.count("\n", 0, count)
        self.rest = self.rest[count:]


def _pieces(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield a file as texts, and with each whether it is the last one."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with opened_bytes(path) as stream:
        try:
            while piece := stream.read(PIECE):
                yield decoder.decode(piece), False
            yield decoder.decode(b"", final=True), True
        except UnicodeDecodeError as error:
            raise ReleaseFormatError(f"expected text in UTF-8: {error.reason}", file=path.name) from None
