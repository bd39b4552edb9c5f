"""Segments out of X12, whatever its interchanges: each is split with the delimiters that its own header declares.

pyx12 splits one interchange, keeps to the delimiters of its header, and stops at an empty segment. So each header begins
another one here, and an empty segment, which says nothing, is passed over.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Final, TextIO

from attrs import define, field

HEADER: Final = "ISA"
REST: Final = 65_536
"""Characters after the last segment in which anything but blanks is looked for."""


@define
class _Chained:
    """A text that was read too far, and then its stream."""

    before: str
    stream: TextIO

    def read(self, count: int) -> str:
        """Return the next characters; fewer only at the end."""
        found, self.before = self.before[:count], self.before[count:]
        return found if len(found) == count else found + self.stream.read(count - len(found))


@define
class Segments:
    """The segments of a stream; afterwards, what of it was not read.

    Iterating raises the errors of pyx12 where the first header is none.
    """

    stream: TextIO
    unread: str | None = field(default=None, init=False)
    """Why something at the end is not read; None where all was."""

    def __iter__(self) -> Iterator[Any]:
        from pyx12.errors import X12Error
        from pyx12.rawx12file import RawX12File

        rest: str | None = ""
        is_first = True
        while rest is not None:
            try:
                raw = RawX12File(_Chained(rest, self.stream))
            except X12Error as error:
                if is_first:
                    raise
                self.unread = f"the interchange that follows is not read: {error}"
                return
            is_first = False
            rest = yield from self._of_interchange(raw)

    def _of_interchange(self, raw: Any) -> Generator[Any, None, str | None]:
        """Yield the segments up to the next header; return the text from there on, None where there is no other one."""
        from pyx12.segment import Segment

        marks = raw.seg_term, raw.ele_term, raw.subele_term
        is_header = True
        while True:
            for text in raw:
                bare = text.strip()
                if bare.startswith(HEADER) and not is_header:
                    # its own terminator may be another one, which this one cut
                    return f"{bare}{raw.seg_term}{raw.buffer}"
                is_header = False
                if bare:
                    yield Segment(bare, *marks)
            if raw.seg_term not in raw.buffer:
                break
        rest = f"{raw.buffer}{raw.fd.read(REST)}".lstrip()
        if rest.startswith(HEADER):
            return rest
        if rest:
            self.unread = f"what follows is not read: it is no segment, and no interchange: {rest[:20]!r}"
        return None
