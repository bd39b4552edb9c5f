"""How much a load may take: bytes, members, time and memory. Every limit is an option, and named where it is met."""

from __future__ import annotations

import time
from typing import Final

from attrs import define, field, fields, frozen

from ..errors import ReleaseFormatError

MEBIBYTE: Final = 2**20
DIGITS: Final = 15
GIBIBYTE: Final = 2**30
SMALL: Final = MEBIBYTE
"""Below, no member is taken for a bomb, however well it was compressed, and nothing is estimated."""
JSON_BYTES: Final = {b"{": 450, b"[": 120, b",": 80}
"""What an object, a list and a further value of a JSON document take in memory, about."""
XML_BYTES: Final = {b"<": 120, b"=": 100}
"""The same of half an element (it ends as well) and of an attribute."""
LINE_BYTES: Final = 150
CHARACTER_BYTES: Final = 3
"""A document is in memory as bytes and as text, and once more in pieces."""


@frozen
class Limits:
    """What a load may take before it gives up on a file, or on all that is left. Real releases stay far below.

    All that is ever published of the built-in systems in a year unpacks to less than 1 GB in some thousand files,
    the largest of 30 MB; official text files compress by a factor of 30 at most.
    """

    member_bytes: int = 256 * MEBIBYTE
    """One file, or one member of an archive."""
    archive_bytes: int = GIBIBYTE
    """An archive, with all that the archives in it unpack to."""
    members: int = 10_000
    """Members of an archive, with those of the archives in it."""
    total_bytes: int = 16 * GIBIBYTE
    """All files of a load."""
    files: int = 100_000
    """Files and members of a load."""
    depth: int = 4
    """Archives within archives."""
    ratio: int = 300
    """Uncompressed to compressed size, of members over a mebibyte."""
    memory_bytes: int = GIBIBYTE
    """What reading one file may take in memory."""
    file_seconds: int = 60
    """How long the reading of one workbook, Parquet file or PDF document may take."""
    seconds: int = 3_600
    """How long the reading of all files may take."""


def option_of(name: str) -> str:
    """Return how a limit is given on the command line.

    >>> option_of("member_bytes")
    '--limit member_bytes=N'
    """
    return f"--limit {name}=N"


def limits_from(texts: tuple[str, ...]) -> Limits:
    """Return the limits that ``NAME=NUMBER`` texts state; the others as they are by default.

    Numbers of bytes may end in K, M or G, which mean powers of 1,024.

    Raises:
        ValueError: A text states none; the message says what was expected.

    >>> limits_from(("member_bytes=2G", "seconds=60")).member_bytes
    2147483648
    """
    names = [attribute.name for attribute in fields(Limits)]
    given = {}
    for text in texts:
        name, _, number = text.partition("=")
        if name not in names:
            raise ValueError(f"expected a limit NAME=NUMBER, NAME one of {', '.join(names)}; got {text!r}")
        given[name] = _number(number, text)
    return Limits(**given)


def _number(text: str, whole: str) -> int:
    factor = {"K": 2**10, "M": MEBIBYTE, "G": GIBIBYTE}.get(text[-1:].upper(), 1)
    digits = text if factor == 1 else text[:-1]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS and int(digits) > 0):
        raise ValueError(
            f"expected a positive whole number of at most {DIGITS} digits in {whole!r}, which may end in K, M or G"
        )
    return int(digits) * factor


@define
class Budget:
    """What a load has taken of its limits so far. One for all its paths."""

    limits: Limits = field(factory=Limits)
    """That hold for the load."""
    bytes_read: int = 0
    """Taken out of archives so far."""
    files_seen: int = 0
    """Files and members of archives so far."""
    begun: float = field(factory=time.monotonic)
    """By the clock `time.monotonic`, in seconds."""

    def count_file(self, label: str) -> None:
        """Check that the load may open one more file.

        Raises:
            ReleaseFormatError: It has opened as many as it may, or has taken too long.
        """
        self.files_seen += 1
        if self.files_seen > self.limits.files:
            raise exceeded("files", f"the load holds more than {self.limits.files:,} files", label)
        if time.monotonic() - self.begun > self.limits.seconds:
            raise exceeded("seconds", f"the reading has taken longer than {self.limits.seconds:,} s", label)

    def count_bytes(self, size: int, label: str) -> None:
        """Check that the load may read this many bytes more.

        Raises:
            ReleaseFormatError: It may not.
        """
        self.bytes_read += size
        if self.bytes_read > self.limits.total_bytes:
            raise exceeded("total_bytes", f"the load has read more than {self.limits.total_bytes:,} bytes", label)

    @property
    def is_spent(self) -> bool:
        """Whether no further file can be read: what is left need not be looked at."""
        return (
            self.files_seen > self.limits.files
            or self.bytes_read > self.limits.total_bytes
            or time.monotonic() - self.begun > self.limits.seconds
        )


def exceeded(name: str, what: str, label: str) -> ReleaseFormatError:
    """Return the error that says which limit was met, and how to raise it."""
    return ReleaseFormatError(f"{what}; where that is right, raise the limit with {option_of(name)}", file=label)


def check_memory(data: bytes, limits: Limits, label: str) -> None:
    """Check that a text can be parsed within the limit of memory, by its brackets and lines.

    A file of a few mebibytes that is nothing but brackets or line ends takes gigabytes when it is parsed.

    Raises:
        ReleaseFormatError: It cannot.

    >>> check_memory(b"{}," * 10_000_000, Limits(), "x.json")
    Traceback (most recent call last):
    ...
    terminology.errors.ReleaseFormatError: x.json: reading it would take about 5.0 GiB of memory, more than 1.0 GiB; \
where that is right, raise the limit with --limit memory_bytes=N
    """
    if len(data) <= SMALL:
        return
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    weights = JSON_BYTES if start[:1] in {b"{", b"["} else XML_BYTES if start[:1] == b"<" else {}
    needed = len(data) * CHARACTER_BYTES + data.count(b"\n") * LINE_BYTES
    needed += sum(data.count(mark) * weight for mark, weight in weights.items())
    if needed > limits.memory_bytes:
        taken, most = (f"{size / GIBIBYTE:.1f} GiB" for size in (needed, limits.memory_bytes))
        raise exceeded("memory_bytes", f"reading it would take about {taken} of memory, more than {most}", label)
