"""What a benchmark yields, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: the same work done by us and by a peer, in the same unit."""

    work: str
    unit: str
    ours: float
    peer: str = ""
    peers: float | None = None
    note: str = ""

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


def markdown(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table, columns aligned."""
    rows: list[Sequence[str]] = [("work", "unit", "ours", "peer", "peer's", "ours ÷ peer's", "note")]
    for figure in figures:
        ratio = shown(figure.ratio) if figure.ratio is not None else ""
        peers = shown(figure.peers) if figure.peers is not None else ""
        rows.append((figure.work, figure.unit, shown(figure.ours), figure.peer, peers, ratio, figure.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
