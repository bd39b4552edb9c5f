"""Tables and progress. rich is imported only where the output is a terminal."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..characters import escaped
from .printing import echo, is_plain, style

if TYPE_CHECKING:
    from rich.console import Console

DEEPEST: Final = 16
"""Levels by which a line is indented."""
WIDEST: Final = 64
"""Characters up to which a column is as wide as its longest text."""
NARROWEST: Final = 18
"""Characters that a column of wrapped text keeps on a terminal."""
BETWEEN: Final = 2
"""Blanks between two columns."""


def print_table(header: Sequence[str], rows: Sequence[Sequence[Any]], *, spare: Sequence[str] = ()) -> None:
    """Print a table: drawn on a terminal, else in plain columns that no width cuts or wraps. Numbers are aligned to the right.

    Args:
        header: Names of the columns.
        rows: A row has a cell for each column.
        spare: Columns that a terminal too narrow for all is not shown, in the order in which they are left out.
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    right = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(header))]
    if sys.stdout.isatty():
        _draw(header, texts, right, spare)
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


# ---- tables on a terminal


def _draw(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], spare: Sequence[str]) -> None:
    """Draw as many columns as have room; where even the needed ones have none, each row as a block of lines."""
    from rich.console import Console

    console = Console(color_system=None if is_plain() else "auto")
    shown = list(range(len(header)))
    columns = [[name, *(row[i] for row in rows)] for i, name in enumerate(header)]
    narrowest = [_narrowest(*column) for column in columns]
    left_out = [header.index(name) for name in spare if name in header]
    while left_out and _together(narrowest[i] for i in shown) > console.width:
        shown.remove(left_out.pop(0))
    if _together(narrowest[i] for i in shown) > console.width:
        _print_blocks(header, rows)
        return
    widths = _widened([narrowest[i] for i in shown], [_longest(columns[i]) for i in shown], console.width)
    _print_columns(console, [(columns[i], width, right[i]) for i, width in zip(shown, widths, strict=True)])
    if missing := [name for i, name in enumerate(header) if i not in shown]:
        echo(style(f"(no room for: {', '.join(missing)}; --json has all)", dim=True))


def _together(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + BETWEEN * (len(listed) - 1)


def _longest(texts: Iterable[str]) -> int:
    from rich.cells import cell_len

    return max((cell_len(text) for text in texts), default=0)


def _narrowest(name: str, *texts: str) -> int:
    """Return the width below which a column is not readable: codes, days and numbers stay whole, texts of words wrap."""
    longest = _longest(texts)
    if longest > NARROWEST and (longest > 2 * NARROWEST or any(" " in text for text in texts)):
        longest = NARROWEST
    return max(longest, _longest(name.split()))


def _widened(widths: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns that share what room is left: the column that lacks most has it first."""
    found = list(widths)
    while _together(found) < room:
        lacking = [want - width for want, width in zip(wanted, found, strict=True)]
        if max(lacking) <= 0:
            break
        found[lacking.index(max(lacking))] += 1
    return found


def _print_columns(console: Console, columns: Sequence[tuple[Sequence[str], int, bool]]) -> None:
    """Draw columns, each with its name and cells, its width, and whether it is aligned to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, BETWEEN - 1, 0, 0))
    for (name, *_), width, right in columns:
        table.add_column(Text(name), justify="right" if right else "left", width=width, overflow="fold")
    for row in zip(*(cells[1:] for cells, *_ in columns), strict=True):
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _print_blocks(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for first, *others in rows:
        echo(f"{header[0]} {style(first, bold=True)}")
        for name, cell in zip(header[1:], others, strict=True):
            if cell:
                echo(f"  {name}: {cell}")


# ---- progress


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
    from rich.table import Column

    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[stage]:<8}", markup=False),
        BarColumn(bar_width=20),
        *([TextColumn("{task.completed:>5,}")] if counted else []),
        TimeElapsedColumn(),
        # the subject has what the other columns leave: a long name must not take the room of the bar
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
    )
    with Progress(
        *columns, console=Console(stderr=True, color_system=None if is_plain() else "auto"), transient=True, expand=True
    ) as bar:
        task = bar.add_task("", total=None, stage="")

        def step(stage: str, subject: str, done: int, total: int | None) -> None:
            bar.update(task, description=escaped(subject), stage=escaped(stage), completed=done, total=total)

        yield step
