"""Read the tables of a TOML file: every value has a type, every key is known, every error has its line."""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from attrs import define, field

from ..errors import ReleaseFormatError, suggestion
from ..reading import Faults
from .urls import printable

HEADER: Final = re.compile(r"\s*(\[{1,2})\s*([\w.\-]+)\s*\]")
KEY: Final = re.compile(r"\s*([\w\-]+)\s*=")
VARIABLE: Final = re.compile(r"\$\{([^${}]*)\}")
MOST_BYTES: Final = 2**18
"""The configuration that comes with the package has 15 thousand."""
LONGEST_LINE: Final = 10_000
MOST: Final = 10**15
LONGEST_SECONDS: Final = 10**9
"""Some thirty years; timers of systems know no more than a few hundred."""
LONGEST_VALUE: Final = 100
PLACE_OF_FAULT: Final = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")


@define
class Settings:
    """One table of a TOML file. A value of the wrong type is an error, and read as if it were not there."""

    values: Mapping[str, Any]
    faults: Faults
    folder: Path
    """What relative paths are relative to."""
    lines: Mapping[str, int]
    """The line of a table or a key, by its place: ``fetch[2].url``."""
    place: str = ""
    asked: set[str] = field(factory=set)

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Return the outermost table of a file.

        Raises:
            FileNotFoundError: There is no file of this name.
            ReleaseFormatError: It is no TOML; the message has the line and column.
        """
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ReleaseFormatError(f"expected a configuration of up to {MOST_BYTES:,} bytes", file=str(path))
        try:
            # some editors put a mark of the encoding before the text
            text = content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise ReleaseFormatError(
                f"expected UTF-8, got byte {error.object[error.start]:#x}", file=str(path)
            ) from None
        _check_lines(text, path)
        try:
            values = tomllib.loads(text)
        except RecursionError:
            raise ReleaseFormatError("this is nested too deeply", file=str(path)) from None
        except ValueError as error:
            # the parser leaves numbers of thousands of digits to Python
            found = PLACE_OF_FAULT.search(str(error))
            line, column = (int(found[1]), int(found[2])) if found and found[1] else (None, None)
            known = isinstance(error, tomllib.TOMLDecodeError)
            message = PLACE_OF_FAULT.sub("", str(error)).strip() if known else "a number has too many digits"
            where = "" if line or not found else " at its end"
            raise ReleaseFormatError(
                f"this is no TOML{where}: {printable(message)}", file=str(path), line=line, column=column
            ) from None
        return cls(values, Faults(str(path)), path.absolute().parent, lines_of_keys(text))

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def at(self, key: str) -> str:
        """Return the place of a key: ``fetch[2].url``."""
        return f"{self.place}.{key}" if self.place else key

    def fault(self, key: str, message: str) -> None:
        """Add an error of a key, or of the whole table where the key is empty."""
        place = self.at(key) if key else self.place
        line = self.lines.get(place) or self.lines.get(self.place)
        self.faults.add(f"{place}: {message}", line=line)

    def _value(self, key: str, kinds: tuple[type, ...], expected: str) -> Any:
        self.asked.add(key)
        value = self.values.get(key)
        # a bool is an int for Python, not for an operator
        if value is None or (isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))):
            return value
        self.fault(key, f"expected {expected}, got {brief(value)}")
        return None

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a text that is not empty; the default where there is none."""
        value = self._value(key, (str,), "a text in quotes")
        if value is not None and not value.strip():
            self.fault(key, "expected a text, got an empty one")
            return default
        return default if value is None else cast("str", value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return whether the key says true."""
        value = self._value(key, (bool,), "true or false")
        return default if value is None else cast("bool", value)

    def number(self, key: str, default: float, *, least: float = 0.0) -> float:
        """Return a number that is not below the least."""
        value = self._value(key, (int, float), "a number")
        if value is not None and not least <= value <= LONGEST_SECONDS:
            self.fault(key, f"expected a number from {least:g} on, got {brief(value)}")
            return default
        return default if value is None else float(value)

    def whole(self, key: str, default: int, *, least: int = 0) -> int:
        """Return a whole number that is not below the least."""
        value = self._value(key, (int,), "a whole number")
        if value is not None and not least <= value <= MOST:
            self.fault(key, f"expected a whole number from {least} on, got {brief(value)}")
            return default
        return default if value is None else cast("int", value)

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
        """Return one of the allowed texts."""
        value = self.text(key)
        if value is None or value in choices:
            return value or default
        listed = ", ".join(map(repr, choices))
        self.fault(key, f"expected one of {listed}, got {brief(value)}{suggestion(value, choices)}")
        return default

    def day(self, key: str) -> datetime.date | str | None:
        """Return a day, written as a date of TOML or as text; a text is returned as it is."""
        value = self._value(key, (datetime.date, str), "a date like 2025-10-01")
        return value.date() if isinstance(value, datetime.datetime) else cast("datetime.date | str | None", value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text, or a list of texts, as a tuple."""
        value = self._value(key, (str, list), "a text or a list of texts")
        listed = [value] if isinstance(value, str) else value or []
        wrong = [item for item in listed if not isinstance(item, str) or not item.strip()]
        if wrong:
            self.fault(key, f"expected texts that are not empty, got {brief(wrong[0])}")
        return tuple(item for item in listed if item not in wrong)

    def path(self, key: str, default: Path | None = None) -> Path | None:
        """Return a path: variables and ``~`` expanded, relative ones from the folder of the file."""
        value = self.text(key)
        return default if value is None else self.located(key, value)

    def located(self, key: str, value: str) -> Path:
        """Return the path that a text names."""
        expanded = self.expanded(key, value)
        if "\0" in expanded:
            self.fault(key, f"expected a path, got {brief(expanded)}")
            return self.folder
        try:
            return self.folder / Path(expanded).expanduser()
        except RuntimeError:
            self.fault(key, f"there is no home folder for {brief(expanded)}")
            return self.folder / expanded

    def expanded(self, key: str, value: str) -> str:
        """Return the text with ``${NAME}`` replaced by the environment's value; one that is not set is an error."""

        def replaced(match: re.Match[str]) -> str:
            found = os.environ.get(match[1])
            if not found:
                self.fault(key, f"the environment variable {match[1]} is not set")
            return found or match[1]

        return VARIABLE.sub(replaced, value)

    def table(self, key: str) -> Settings:
        """Return the table under a key; an empty one where there is none."""
        value = self._value(key, (dict,), f"a table [{self.at(key)}]")
        return Settings(value or {}, self.faults, self.folder, self.lines, self.at(key))

    def tables(self, key: str) -> tuple[Settings, ...]:
        """Return the tables of a list ``[[key]]``, in their order."""
        value = self._value(key, (list,), f"tables [[{self.at(key)}]]") or []
        found = []
        for number, item in enumerate(value, 1):
            place = f"{self.at(key)}[{number}]"
            if isinstance(item, dict):
                found.append(Settings(item, self.faults, self.folder, self.lines, place))
            else:
                self.fault(key, f"expected tables [[{self.at(key)}]], got {brief(item)}")
        return tuple(found)

    def finish(self) -> None:
        """Add an error for every key that was not read."""
        for key in self.values:
            if key not in self.asked:
                listed = ", ".join(sorted(self.asked))
                self.fault(
                    printable(key, LONGEST_VALUE),
                    f"there is no such key{suggestion(key, tuple(self.asked)) or f'; there are {listed}'}",
                )


def _check_lines(text: str, path: Path) -> None:
    """Check that no line is so long that its keys would take the parser, which is quadratic in their dots, for hours.

    Raises:
        ReleaseFormatError: One is.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            message = f"expected lines of up to {LONGEST_LINE:,} characters, got {len(line):,}"
            raise ReleaseFormatError(message, file=str(path), line=number)


def brief(value: object) -> str:
    """Return a value as a message shows it: in one line, and not too long.

    >>> brief("zap"), brief([1] * 100)[-4:]
    ("'zap'", '1, …')
    """
    try:
        return printable(repr(value), LONGEST_VALUE)
    except ValueError:
        return "a number of too many digits"


def lines_of_keys(text: str) -> Mapping[str, int]:
    """Return the line of each table and key, by its place; the parser of the standard library does not say.

    >>> lines_of_keys('[[fetch]]\\nurl = "a"\\n[[fetch]]\\nurl = "b"')["fetch[2].url"]
    4
    """
    lines: dict[str, int] = {}
    counts: Counter[str] = Counter()
    place = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            place = header[2]
            if header[1] == "[[":
                counts[place] += 1
                place = f"{place}[{counts[place]}]"
            lines.setdefault(place, number)
        elif key := KEY.match(line):
            lines.setdefault(f"{place}.{key[1]}" if place else key[1], number)
    return lines
