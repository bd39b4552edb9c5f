"""The command about two releases: diff."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..characters import escaped
from ..counts import counted
from ..query import Terminology
from ..wire import sent
from . import completion
from .drawing import column_width, print_table
from .options import note_withheld, on_a_store, open_store, system_argument
from .printing import echo, echo_json, style
from .running import FINE
from .sections import command
from .writing import csv_option, html_option, write_files

if TYPE_CHECKING:
    from ..differences import Difference

SHOWN: Final = 20
"""Lines of a list without ``--all``."""
HEADINGS: Final[Mapping[str, str]] = {
    "added": "added",
    "deleted": "deleted",
    "to_header": "now header",
    "to_billable": "now billable",
    "revised": "description changed",
    "moved": "moved",
    "changed": "changed in properties or notes only",
}
BORROWED: Final = (
    "One of the releases has the chapters and sections of another: what moved may have moved earlier or later."
)
NOTE_FILES: Final[Mapping[str, str]] = {
    "icd10cm": "tabular list (XML)",
    "icd10pcs": "tables (XML)",
    "icd10": "ClaML file",
    "icd10gm": "ClaML file",
}
"""Of code systems whose publisher has notes, the file that they come with."""
COLUMNS: Final = {**HEADINGS, "changed": "changed"}
"""The same where there is little room."""


@command()
@system_argument
@click.argument("a", shell_complete=completion.versions)
@click.argument("b", shell_complete=completion.versions)
@click.option("--all", "everything", is_flag=True, help=f"Show whole lists, rather than {SHOWN} lines of each.")
@csv_option
@html_option
@on_a_store
def diff(
    *,
    system: str,
    a: str,
    b: str,
    everything: bool,
    csv_file: Path | None,
    html_file: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Show what changed from release A to release B.

    A and B are versions, effective days, or "latest". Each code is in one list: added, deleted, now header, now
    billable, description changed, moved, or changed in properties or notes only.

    Example: terminology diff icd10cm 2021 2022
    """
    opened = open_store(store)
    code_system = opened[system]
    difference = sent(code_system.diff(a, b), code_system)
    made = partial(_made, opened, difference)
    written = write_files((csv_file, partial(made, "csv")), (html_file, partial(made, "html")))
    if as_json:
        echo_json(difference.to_dict())
        return FINE
    note_withheld(code_system)
    before, after = difference.before, difference.after
    title = f"{code_system.definition.title} from {before.version} to {after.version}"
    echo(f"{style(title, bold=True)} (effective {before.effective} and {after.effective})")
    if before.version == after.version:
        echo(
            f"note: both are release {before.version}: name two (terminology releases {before.system} lists them)",
            err=True,
        )
    if after.effective < before.effective:
        echo(f"note: {before.version} is later than {after.version}: this goes back in time", err=True)
    echo(_summary(difference))
    if why := _notes_unknown(difference):
        echo(why)
    if not difference.places_known and (difference.moved.num_rows or difference.groups.num_rows):
        echo(BORROWED)
    if written:
        for path in written:
            echo(f"written: {path}")
        return FINE
    _print_chapters(difference)
    for line in _lines(difference, sys.maxsize if everything else SHOWN):
        echo(line)
    return FINE


def _made(opened: Terminology, difference: Difference, form: str) -> str:
    """Return the text of a file."""
    from ..reports import difference_csv, difference_page

    made = difference_csv if form == "csv" else difference_page
    return made(difference, definition=opened[difference.system].definition, licences=opened.licences)


def _summary(difference: Difference) -> str:
    counts = difference.counts()
    parts = [f"{counts[name]:,} {words}" for name, words in HEADINGS.items() if counts[name]]
    if counts["notes"]:
        parts.append(f"{counted(counts['notes'], 'note')} changed")
    return ", ".join(parts) or "Nothing changed that can be compared."


def _notes_unknown(difference: Difference) -> str | None:
    """Return why notes are not compared, and what to load; None where they are, or where nobody publishes any."""
    before, after = difference.before, difference.after
    file = NOTE_FILES.get(difference.system)
    lacking = list(dict.fromkeys(one.version for one in (before, after) if not one.notes_known))
    if not lacking or before == after or (file is None and not (before.notes_known or after.notes_known)):
        return None
    word, its = ("release", "its") if len(lacking) == 1 else ("releases", "their")
    load = f" Load {its} {file} to compare them." if file else ""
    return f"Notes are not compared: {word} {' and '.join(lacking)} came without them.{load}"


def _print_chapters(difference: Difference) -> None:
    rows = difference.by_chapter().to_pylist()
    names = [name for name in HEADINGS if any(row[name] for row in rows)]
    if rows:
        echo()
        header = ["chapter", *(COLUMNS[name] for name in names), "title"]
        cells = [[row["code"] or "-", *(row[name] for name in names), row["title"] or ""] for row in rows]
        # what changed least of all goes first; the line above has the numbers of all chapters together
        print_table(header, cells, spare=(COLUMNS["changed"], COLUMNS["moved"], "title"))


def _lines(difference: Difference, shown: int) -> Iterator[str]:
    """Yield the lists, each under its heading; a list that is cut says so."""
    for name, words in HEADINGS.items():
        rows = difference.table(name).slice(0, shown).to_pylist()
        if not rows:
            continue
        number = difference.table(name).num_rows
        yield ""
        yield f"{style(words, bold=True)} ({number:,})"
        width = column_width(row["code"] for row in rows)
        for row in rows:
            yield from _row_lines(name, row, width)
        if number > shown:
            yield f"… {number - shown:,} more: --all shows them"
    if difference.groups.num_rows:
        yield ""
        yield f"{style('chapters, sections and other groups', bold=True)} ({difference.groups.num_rows:,})"
        for row in difference.groups.slice(0, shown).to_pylist():
            yield f"{row['code']}  {row['change']}  {row['title']}"
        if difference.groups.num_rows > shown:
            yield f"… {difference.groups.num_rows - shown:,} more: --all shows them"


def _row_lines(name: str, row: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield the line of a code, and what it was before in the lists that are about that."""
    status = "billable" if row["billable"] else "header  "
    yield f"{escaped(row['code']):<{width}}  {style(status, fg='green' if row['billable'] else 'yellow')}  {row['title']}"
    margin = " " * (width + 2)
    if (row["revised"] or row["derived"]) and row["title"] != row["title_before"]:
        yield f"{margin}was: {row['title_before']}"
    elif row["revised"] and row["short_title"] != row["short_title_before"]:
        yield f"{margin}short title: {row['short_title'] or 'none'}, was: {row['short_title_before'] or 'none'}"
    if row["moved"]:
        yield f"{margin}from {row['parent_before'] or 'the top'} to {row['parent'] or 'the top'}"
    if name == "changed":
        yield f"{margin}{' and '.join(w for w in ('properties', 'notes') if row[f'{w}_changed'])}"
