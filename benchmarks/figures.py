"""What a benchmark yields, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Figure:
    """One line of the table: the same work done by us and by a peer, in the same unit."""

    work: str
    unit: str
    ours: float
    peer: str = ""
    peers: float | None = None
    note: str = ""

    HEADING: ClassVar = ("work", "unit", "ours", "peer", "peer's", "ours ÷ peer's", "note")

    @property
    def cells(self) -> Sequence[str]:
        """The texts of the line."""
        ratio = shown(self.ratio) if self.ratio is not None else ""
        peers = shown(self.peers) if self.peers is not None else ""
        return self.work, self.unit, shown(self.ours), self.peer, peers, ratio, self.note

    @property
    def ratio(self) -> float | None:
        """Ours by the peer's: below one is less time or memory than the peer takes."""
        return self.ours / self.peers if self.peers else None


def shown(value: float) -> str:
    """Return a figure with three significant digits.

    >>> shown(1234.5), shown(12.345), shown(0.012345)
    ('1,234', '12.3', '0.0123')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclass(frozen=True)
class ColumnFigure:
    """One line of a table about whole columns: our time and memory, and a peer's time in the same run."""

    work: str
    shape: str
    rows: int
    ours: float
    """Seconds."""
    mib: float | None
    """Peak of memory above the input, in a fresh process."""
    peer: str
    peers: float | None

    HEADING: ClassVar = (
        "work",
        "shape",
        "rows",
        "our s",
        "our rows/s",
        "our MiB above input",
        "peer",
        "its s",
        "ratio",
    )

    @property
    def cells(self) -> Sequence[str]:
        """The texts of the line."""
        peers, ratio = (shown(self.peers), shown(self.ours / self.peers)) if self.peers else ("", "")
        mib = shown(self.mib) if self.mib is not None else ""
        speed = f"{self.rows / self.ours / 1e6:.3g} M"
        return self.work, self.shape, f"{self.rows:,}", shown(self.ours), speed, mib, self.peer, peers, ratio


def markdown(figures: Sequence[Figure | ColumnFigure]) -> str:
    """Return the figures, all of one kind, as a Markdown table, columns aligned."""
    rows = [type(figures[0]).HEADING if figures else Figure.HEADING, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
