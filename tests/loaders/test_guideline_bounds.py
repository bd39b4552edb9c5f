"""Hostile PDF documents: tiny files that would take memory or time without end are rejected, with file and bound named."""

from __future__ import annotations

import time
import zlib
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.reading import Limits, ReadableFile
from terminology_loaders.guidelines import Icd10cmGuidelinesLoader
from terminology_loaders.guidelines.contents import led
from terminology_loaders.guidelines.document import MOST

from .guideline_files import Printed, file_of, pdf

LOADER = Icd10cmGuidelinesLoader()
NAME = "10cmguidelines-FY2022.pdf"
LIMITS = Limits(file_seconds=5, memory_bytes=512 * 2**20)
MOST_SECONDS = 60
TINY = 300_000
"""Bytes."""
PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F0 4 0 R >> %b >> /Contents 5 0 R >>"
)
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>"

pytestmark = pytest.mark.skipif(find_spec("pypdf") is None, reason="pypdf is not installed: it is the extra guidelines")


def packed(content: bytes, more: bytes = b"") -> bytes:
    """Return a stream that unpacks to a content."""
    data = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode %b >>\nstream\n%b\nendstream" % (len(data), more, data)


def document(
    content: bytes, *further: bytes, kids: bytes = b"3 0 R", forms: bytes = b"", catalog: bytes = b""
) -> bytes:
    """Return a document of one page with a stream; further objects are numbered from 6."""
    pages = b"<< /Type /Pages /Kids [%b] /Count 1 >>" % kids
    top = b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalog
    objects = [top, pages, PAGE % forms, FONT, content, *further]
    return file_of(objects, 4)


def form(calls: int, called: int | None) -> bytes:
    """Return a form that draws another one several times, or a word."""
    forms = b"/XObject << /A %d 0 R >>" % called if called else b""
    drawn = b"/A Do " * calls if called else b"BT /F0 12 Tf (word) Tj ET "
    return packed(
        drawn, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F0 4 0 R >> %b >>" % forms
    )


WORDS = b"BT /F0 12 Tf 1 0 0 1 72 700 Tm "
TITLE = "ICD-10-CM Official Guidelines for Coding and Reporting"
TITLED = packed(WORDS + b"(%b) Tj ET" % TITLE.encode())
HOSTILE = {
    "a stream that unpacks to a gigabyte": lambda: document(packed(b" " * 2**20 * 200)),
    "filters within filters": lambda: document(
        b"<< /Length %d /Filter [%b] >>\nstream\n%b\nendstream"
        % (len(data := zlib.compress(zlib.compress(zlib.compress(b" " * 2**20 * 200)))), b"/FlateDecode " * 3, data)
    ),
    "two million words": lambda: document(packed(WORDS + b"(a) Tj " * 2_000_000 + b"ET")),
    "one word of ten million letters": lambda: document(packed(WORDS + b"(" + b"a" * 10_000_000 + b") Tj ET")),
    "a line of twenty thousand dots": lambda: document(packed(WORDS + b"(" + b"." * 20_000 + b") Tj ET")),
    "a page a hundred thousand times": lambda: document(packed(b""), kids=b"3 0 R " * 20_000),
    "pages that are their own parents": lambda: document(packed(b""), kids=b"2 0 R"),
    "forms that draw forms": lambda: document(
        packed(b"/A Do"),
        *(form(20, number + 1 if number < 13 else None) for number in range(6, 14)),
        forms=b"/XObject << /A 6 0 R >>",
    ),
    "a form that draws itself": lambda: document(packed(b"/A Do"), form(3, 6), forms=b"/XObject << /A 6 0 R >>"),
    "a hundred thousand brackets": lambda: document(packed(b"[" * 100_000)),
    "a bookmark that is its own next": lambda: document(
        TITLED,
        b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
        b"<< /Title (a) /Parent 6 0 R /Dest [3 0 R /Fit] /Next 7 0 R >>",
        catalog=b"/Outlines 6 0 R",
    ),
    "a bookmark that is below itself": lambda: document(
        TITLED,
        b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
        b"<< /Title (a) /Parent 6 0 R /Dest [3 0 R /Fit] /First 7 0 R /Last 7 0 R >>",
        catalog=b"/Outlines 6 0 R",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_documents(kind: str) -> None:
    """Each is an error that names the file, in little time; never is anything read of it in silence."""
    data = HOSTILE[kind]()
    assert len(data) < TINY
    began = time.monotonic()
    with pytest.raises((terminology.ReleaseFormatError, terminology.ReleaseFaults)) as caught:
        LOADER.read(ReadableFile(NAME, lambda: data, limits=LIMITS))
    assert time.monotonic() - began < MOST_SECONDS
    assert NAME in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("a line of twenty thousand dots", "expected lines of at most 1,000 characters, got one of 20,000"),
        ("a page a hundred thousand times", "expected at most 2,000 pages, got more"),
    ],
)
def test_bounds_are_named(kind: str, says: str) -> None:
    """The message says which bound was met."""
    data = HOSTILE[kind]()
    with pytest.raises(terminology.ReleaseFormatError, match=says):
        LOADER.read(ReadableFile(NAME, lambda: data, limits=Limits()))


def test_limits_of_time_and_memory_are_named() -> None:
    """What takes longer, or more memory, than a load allows names the option that raises the limit."""
    data = HOSTILE["forms that draw forms"]()
    with pytest.raises(terminology.ReleaseFormatError, match=r"--limit (file_seconds|memory_bytes)=N"):
        LOADER.read(ReadableFile(NAME, lambda: data, limits=Limits(file_seconds=1)))


def test_too_much_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters are counted over all pages, and the empty pieces of text as well."""
    monkeypatch.setitem(MOST, "characters", 2_000)
    data = pdf([[Printed(72, TITLE)], *[[Printed(72, "word " * 12)] * 3] * 9])
    with pytest.raises(terminology.ReleaseFormatError, match="expected at most 2,000 characters of text, got more"):
        LOADER.read(ReadableFile(NAME, lambda: data))


def test_too_many_lines_and_bookmarks() -> None:
    """A page of more lines, and a document of more bookmarks, than anybody prints is rejected."""
    lines = pdf([[Printed(72, f"line {number}") for number in range(1_100)]])
    with pytest.raises(terminology.ReleaseFormatError, match="expected at most 1,000 lines on a page, got more"):
        LOADER.read(ReadableFile(NAME, lambda: lines))
    marks = pdf([[Printed(72, TITLE)]], [("a", 0)] * 5_100)
    with pytest.raises(terminology.ReleaseFormatError, match="expected at most 5,000 bookmarks, got more"):
        LOADER.read(ReadableFile(NAME, lambda: marks))


def test_other_hostile_documents_are_left_to_others() -> None:
    """A hostile document that is no guidelines by its name and by what can be read of it is none of them."""
    data = HOSTILE["a page a hundred thousand times"]()
    assert LOADER.read(ReadableFile("letter.pdf", lambda: data, limits=LIMITS)) is None


@given(st.text("ab .…12", max_size=30))
def test_dots_before_a_page(text: str) -> None:
    """An entry is told from other lines as by the plain pattern, which takes time without end for long lines."""
    import re

    line = " ".join(text.split())
    found = re.fullmatch(r"(?P<text>.*?)[\s.…]*(?:\.{3}|…)[\s.…]*(?P<page>\d{1,4})", line)
    assert led(line) == ((found["text"], found["page"]) if found else None)
