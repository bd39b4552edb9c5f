"""The only module that prints, so that texts of files reach a terminal as text, and never as control characters.

Tables and progress, which rich draws in `drawing`, are given texts that went through `escaped` before.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
from typing import Any, Final

import click

from ..characters import HIDDEN, escaped

ESCAPE: Final = "\x1b"
MARK: Final = f"{ESCAPE}{os.urandom(16).hex()}"
"""In place of the escape character in our own styles. It is random in each process, so no file can contain it."""
NARROWEST: Final = 20
"""Columns of a terminal below which lines are not wrapped."""
GAP: Final = re.compile(r" {2,}(?=\S)")
"""Between two columns."""
WORD: Final = re.compile(r"( *)([^ ]+)")
STYLING: Final = re.compile(rf"{MARK}(\[[0-9;]*m)")


def style(text: object, *, fg: str | None = None, bold: bool | None = None, dim: bool | None = None) -> str:
    """Return a text in a style, for `echo` alone: any other output would show marks in place of the style."""
    begin = click.style("", fg=fg, bold=bold, dim=dim, reset=False)
    return f"{begin.replace(ESCAPE, MARK)}{text}{MARK}[0m"


def echo(line: str = "", *, err: bool = False, wrap: bool = True) -> None:
    """Print one line: what `style` did is kept, hidden characters are written as escapes, ends of lines too.

    Args:
        line: The line.
        err: Print it on standard error.
        wrap: Break it between words where it is wider than the terminal; commands to copy are not broken.
    """
    pieces = STYLING.split(line)
    plain = is_plain()
    # the pattern has one group: texts and styles by turns
    shown = (
        ("" if plain else f"{ESCAPE}{piece}") if number % 2 else escaped(piece) for number, piece in enumerate(pieces)
    )
    text = "".join(shown)
    stream = sys.stderr if err else sys.stdout
    is_wrapped = wrap and len(text) > NARROWEST and stream is not None and stream.isatty()
    click.echo(wrapped(text, shutil.get_terminal_size().columns) if is_wrapped else text, err=err)


def is_plain() -> bool:
    """Return whether the user or the terminal wants no colours: ``NO_COLOR`` is set, or ``TERM`` is ``dumb``."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def wrapped(text: str, width: int) -> str:
    r"""Return a line as lines no wider than a terminal, broken between words.

    The further ones are indented by two more; those of a line in columns, with two blanks between, begin as its last
    column does, where that leaves half of the terminal. A word that is wider than a line is left whole, as is
    everything for a terminal that is hardly wider than a word.

    >>> print(wrapped("  note: the release of 2021 is missing", 24))
      note: the release of
        2021 is missing
    >>> print(wrapped("M54.5  Low back pain, unspecified", 24))
    M54.5  Low back pain,
           unspecified
    """
    if width < NARROWEST:
        return text
    plain = click.unstyle(text)
    columns = [found.end() for found in GAP.finditer(plain) if found.start() and found.end() <= width // 2]
    indent = " " * (columns[-1] if columns else min(len(plain) - len(plain.lstrip(" ")) + 2, width // 2))
    lines, used = [""], 0
    for gap, word in WORD.findall(text):
        size = len(click.unstyle(word))
        if used and used + len(gap) + size > width and len(indent) + size <= width:
            lines.append(f"{indent}{word}")
            used = len(indent) + size
        else:
            lines[-1] += f"{gap}{word}"
            used += len(gap) + size
    return "\n".join(lines)


def echo_json(values: Any, *, err: bool = False) -> None:
    """Print values as JSON: one line for programs, indented on a terminal; errors always as one line of ASCII."""
    unicode = not err and (sys.stdout.encoding or "").lower().startswith("utf")
    click.echo(json_text(values, indent=2 if not err and sys.stdout.isatty() else None, unicode=unicode), err=err)


def json_text(values: Any, *, indent: int | None = None, unicode: bool = True) -> str:
    r"""Return values as JSON that every parser reads and that no terminal obeys.

    Hidden characters are escapes of JSON, which are equal data. JSON has no number that is not finite; it becomes
    null.

    >>> print(json_text({"title": "Ödem\u202e\x7f", "mean": float("nan")}))
    {"title": "Ödem\u202e\u007f", "mean": null}
    """
    try:
        text = json.dumps(values, indent=indent, ensure_ascii=not unicode, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(values), indent=indent, ensure_ascii=not unicode, allow_nan=False)
    if text.isascii() and "\x7f" not in text:
        return text
    # outside of the strings the only hidden characters are ends of lines
    return HIDDEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {_finite(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
