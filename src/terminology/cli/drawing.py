"""Tables and progress. rich is imported only where the output is a terminal."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from ..characters import escaped
from .printing import echo

DEEPEST: Final = 16
"""Levels by which a line is indented."""
WIDEST: Final = 64
"""Characters up to which a column is as wide as its longest text."""


def print_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table: drawn on a terminal, else in plain columns that no width cuts or wraps. Numbers are aligned to the right."""
    texts = [[_text(cell) for cell in row] for row in rows]
    right = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(header))]
    if sys.stdout.isatty():
        _draw(header, texts, right)
        return
    widths = [column_width(line[i] for line in [list(header), *texts]) for i in range(len(header))]
    for line in [list(header), *texts]:
        cells = [f"{cell:>{w}}" if r else f"{cell:<{w}}" for cell, w, r in zip(line, widths, right, strict=True)]
        echo("  ".join(cells).rstrip())


def _text(cell: Any) -> str:
    return f"{cell:,}" if isinstance(cell, int) else escaped(str(cell))


def column_width(texts: Iterable[str]) -> int:
    """Return the width of a column: that of its longest text, so long as it is no wider than columns get.

    Beyond that a text pushes the rest of its line to the right: one long code must not widen a million lines.
    """
    return min(max((len(escaped(text)) for text in texts), default=0), WIDEST)


def indented(text: str, depth: int) -> str:
    """Return a line of a tree, indented by its depth; where it is too deep for that, with the depth as a number.

    >>> indented("M54.50", 2), indented("Z9", 30).strip()
    ('    M54.50', '[30] Z9')
    """
    return f"{'  ' * depth}{text}" if depth <= DEEPEST else f"{'  ' * DEEPEST}[{depth}] {text}"


def _draw(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for name, numeric in zip(header, right, strict=True):
        table.add_column(Text(name), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[str, str], None]]:
    """Yield a function to be called with stage and subject of each step; it draws on standard error, on a terminal."""
    # how much there is to do is known only when it is done
    numbers = itertools.count(1)
    with measured_progress(counted=True) as draw:
        yield lambda stage, subject: draw(stage, subject, next(numbers), None)


@contextlib.contextmanager
def measured_progress(*, counted: bool = False) -> Iterator[Callable[[str, str, int, int | None], None]]:
    """Yield a function like that of `progress_bar`, called also with what is done and what there is to do.

    Args:
        counted: Whether what is done is shown as a number too.
    """
    if not sys.stderr.isatty():
        yield lambda _stage, _subject, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[stage]:<8}", markup=False),
        BarColumn(bar_width=20),
        *([TextColumn("{task.completed:>5,}")] if counted else []),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, stage="")

        def step(stage: str, subject: str, done: int, total: int | None) -> None:
            bar.update(task, description=escaped(subject), stage=escaped(stage), completed=done, total=total)

        yield step
