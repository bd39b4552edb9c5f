"""A list of codes as people paste it, from a spreadsheet, a mail or a program, read into codes with their lines and days."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from ..characters import HIDDEN
from ..columns import DayForm, is_code_shaped
from ..columns.names import role_of
from ..query import Edition

MOST: Final = 10_000
"""Codes of one list."""
MOST_CHARACTERS: Final = 2_000_000
MOST_TEXTS: Final = 5 * MOST
"""Codes with what stands beside them: to tell whether a text is a code takes some time, too."""
LONGEST: Final = 80
"""Characters of a code as it is kept; no code is longer."""
BETWEEN: Final = re.compile(r"[\t,;|]")
AROUND: Final = " \r\n\f\v\"'“”‘’()[]{}\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"  # noqa: RUF001 -- quotation marks of word processors
WORD: Final = re.compile(r"[^\W\d_]{4}")
"""Four letters in a row: a description has some, and hardly any code."""
DAYS: Final = DayForm(order="mdY")
"""Days in numbers are read as they are written in the US."""


class TooManyError(ValueError):
    """A list has more codes, or more beside them, than are read at once."""


@frozen
class Given:
    """A code as it was given."""

    line: int
    text: str
    day: datetime.date | None = None
    """The day that stands beside it; None where none does."""


@frozen
class Pasted:
    """What was read of a list."""

    codes: tuple[Given, ...]
    descriptions: int = 0
    """Texts beside codes that were taken for their descriptions."""
    heading: str = ""
    """The first line, where it names columns."""


def cleaned(text: str) -> str:
    """Return a list without characters that nobody sees, and with one kind of line ends, as it is shown again.

    >>> cleaned("E11.9\\u200b\\r\\nI10\\tpain")
    'E11.9\\nI10\\tpain'
    """
    return HIDDEN.sub(_seen, "\n".join(text.splitlines()))


def _seen(found: re.Match[str]) -> str:
    letter = found[0]
    return letter if letter in "\n\t" else " " if letter.isspace() else ""


def pasted_codes(text: str, edition: Edition) -> Pasted:
    """Return the codes of a list: one a line, or several with commas, semicolons, tabs or bars between them.

    A day on the line is that of its codes. What follows a code and reads as a description is left out, and counted. Any
    other text is given back as a code, so that somebody is told what is wrong with it.

    Args:
        text: The list.
        edition: Of the code system, by which codes are told from descriptions.

    Raises:
        TooManyError: There are more than `MOST`, or too much beside them.

    >>> read = pasted_codes("dx,date\\nE11.9 Type 2 diabetes,2022-03-01\\nm545, I10", store["icd10cm"].latest)
    >>> [(one.line, one.text, str(one.day)) for one in read.codes]
    [(2, 'E11.9', '2022-03-01'), (3, 'm545', 'None'), (3, 'I10', 'None')]
    >>> read.descriptions, read.heading
    (1, 'dx,date')
    """
    codes: list[Given] = []
    texts, descriptions, heading = 0, 0, ""
    if len(text) > MOST_CHARACTERS:
        raise TooManyError
    for number, line in enumerate(text.splitlines(), 1):
        fields = [field for field in (part.strip(AROUND) for part in BETWEEN.split(line)) if field]
        texts += len(fields)
        if texts > MOST_TEXTS:
            raise TooManyError
        if not fields or fields[0].startswith("#"):
            continue
        if not codes and not heading and _names_columns(fields, edition):
            heading = line.strip()[:LONGEST]
            continue
        day, kept = _without_day(fields)
        found = list(_codes(kept, edition))
        descriptions += sum(text is None for text in found)
        codes += [Given(number, text[:LONGEST], day) for text in found if text is not None]
        if len(codes) > MOST:
            raise TooManyError
    return Pasted(tuple(codes), descriptions, heading)


def _names_columns(fields: list[str], edition: Edition) -> bool:
    return role_of(fields[0]) is not None and not edition.is_valid(fields[0])


def _without_day(fields: list[str]) -> tuple[datetime.date | None, list[str]]:
    """Return the day among the texts of a line, and the others; a day alone is a text like any other."""
    days: list[datetime.date] = []
    others: list[str] = []
    for field in fields:
        # a day may stand in a field of its own, or behind a blank: "E11.9 2022-03-01"
        found = [(word, DAYS.day(word)) for word in ([field] if DAYS.day(field) else field.split())]
        days += [day for _, day in found if day is not None]
        others.append(" ".join(word for word, day in found if day is None))
    others = [text for text in others if text]
    if not others:
        return None, fields
    return days[0] if days else None, others


def _codes(fields: list[str], edition: Edition) -> Iterator[str | None]:
    """Yield the codes of a line, and None for each description."""
    for place, field in enumerate(fields):
        if edition.is_valid(field):
            yield field
        elif place and WORD.search(field):
            yield None
        else:
            yield from _words(field, edition)


def _words(field: str, edition: Edition) -> Iterator[str | None]:
    """Yield the codes of a text that has blanks: all of its words, or the first with a description behind it."""
    words = field.split()
    shaped = [is_code_shaped(word, edition.definition) for word in words]
    if len(words) > 1 and all(shaped):
        yield from words
    elif len(words) > 1 and shaped[0]:
        yield words[0]
        yield None
    else:
        yield field
