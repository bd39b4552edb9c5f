"""Invented guidelines as PDF documents in the publishers' form: title page, contents, headings, running footers, bookmarks.

The documents are written by hand, object by object, so that tests need no library that makes PDFs. The text is invented.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from attrs import evolve, field, frozen

LEFTS = {1: 72, 2: 108, 3: 127, 4: 176, 5: 205, 6: 248, 7: 288, 0: 270}
"""Where headings of a level begin, in points."""
SIZES = {1: 16, 2: 14, 3: 13, 4: 14, 5: 13, 6: 12, 7: 12, 0: 16}
RIGHT = 540
LINES = 44
"""Of a page."""


@frozen
class Printed:
    """A line as it is printed."""

    left: float
    text: str
    size: float = 12
    bold: bool = False
    gap: float = 0
    """What is left free above it, in lines."""


@frozen
class Entry:
    """A section to be printed."""

    mark: str
    """As it is printed: ``Section I.``, ``A.``, ``1.``, ``a.``, ``1)``, ``(a)``, ``(i)``."""
    level: int
    number: str
    title: str
    paragraphs: tuple[str, ...] = ()
    listed: bool = True
    """Whether the table of contents has it, where it lists its level."""
    printed: bool = True
    """Whether the body has it."""


def section(number: str, title: str, *paragraphs: str) -> Entry:
    """Return a section by its number, with the sign that is printed before its title."""
    level, last = number.count(".") + 1, number.rpartition(".")[2]
    if number.startswith("Appendix"):
        return Entry(number, 0, number, title, paragraphs)
    marks = {
        1: f"Section {last}.",
        2: f"{last}.",
        3: f"{last}.",
        4: f"{last}.",
        5: f"{last})",
        6: f"({last})",
        7: f"({last})",
    }
    return Entry(marks[level], level, number, title, paragraphs)


@frozen
class Guidelines:
    """A document to be written."""

    sections: tuple[Entry, ...]
    top: tuple[str, ...] = (
        "ICD-10-CM Official Guidelines for Coding and Reporting",
        "FY 2022",
        "(October 1, 2021 - September 30, 2022)",
    )
    footer: tuple[str, ...] = ("ICD-10-CM Official Guidelines for Coding and Reporting", "FY 2022")
    bookmarks: bool = True
    inner_bold: bool = True
    """Whether titles of the levels below ``1)`` are set in bold type."""
    contents: tuple[str, ...] = field(factory=tuple)
    """Numbers in the order in which the table of contents has them, where it is another one."""

    def pdf(self, *, made: str = "20210801120000") -> bytes:
        """Return the document."""
        body, marks = self._body()
        first = 2 + len(self._contents({}))
        places = {number: first + page for number, page in marks.items()}
        pages = [self._title(), *self._contents(places), *body]
        outline = (
            [(f"{one.mark} {one.title}", places[one.number] - 1) for one in self.sections if one.number in places]
            if self.bookmarks
            else []
        )
        return pdf(pages, outline, made=made)

    def without(self, number: str, **changes: bool) -> Guidelines:
        """Return the document with another setting of one section."""
        return evolve(
            self, sections=tuple(evolve(one, **changes) if one.number == number else one for one in self.sections)
        )

    def _title(self) -> list[Printed]:
        said = [Printed(120, line, 14, bold=True) for line in self.top]
        return [
            *said,
            Printed(72, "These guidelines are invented: a sample in the form of the publishers' document.", gap=2),
        ]

    def _contents(self, places: dict[str, int]) -> list[list[Printed]]:
        made: list[Printed] = []
        order = {number: place for place, number in enumerate(self.contents)}
        for one in sorted(self.sections, key=lambda one: order.get(one.number, 0)):
            if one.level <= 4 and one.listed:
                text = f"{one.mark} {one.title}"
                *before, last = textwrap.wrap(text, 70, break_on_hyphens=False)
                page = places.get(one.number, 1)
                left = 72 + 12 * one.level
                made += [Printed(left, line) for line in before]
                made.append(Printed(left, f"{last} {'.' * max(90 - len(last), 4)} {page}"))
        return [self._footed(page, 2 + place) for place, page in enumerate(_in_pages(made))]

    def _body(self) -> tuple[list[list[Printed]], dict[str, int]]:
        """Return the pages of the body, and on which of them each section begins."""
        lines: list[Printed] = []
        starts: dict[int, str] = {}
        for one in self.sections:
            if not one.printed:
                continue
            left = LEFTS[one.level]
            starts[len(lines)] = one.number
            bold = one.level < 6 or self.inner_bold
            size = SIZES[one.level]
            text = f"{one.mark} {one.title}".strip()
            for place, line in enumerate(_wrapped(text, left, size * 1.1)):
                lines.append(Printed(left if not place else left + 18, line, size, bold=bold, gap=0 if place else 1))
            for paragraph in one.paragraphs:
                for place, line in enumerate(_wrapped(paragraph, left + 30, 12)):
                    lines.append(Printed(left + 30, line, gap=0 if place else 0.8))
        pages = list(_in_pages(lines))
        marks, count = {}, 0
        for number, page in enumerate(pages):
            for _ in page:
                if count in starts:
                    marks[starts[count]] = number
                count += 1
        before = 1 + len(self._contents_pages())
        return [self._footed(page, before + place + 1) for place, page in enumerate(pages)], marks

    def _contents_pages(self) -> list[list[Printed]]:
        return self._contents({})

    def _footed(self, page: Sequence[Printed], number: int) -> list[Printed]:
        """Return a page with what is printed at its foot."""
        return [*page, *(Printed(-310, line, 10) for line in (*self.footer, f"Page {number} of 99"))]


def _wrapped(text: str, left: float, size: float) -> list[str]:
    width = int((RIGHT - left) / (0.5 * size))
    return textwrap.wrap(text, width) or [""]


def _in_pages(lines: Sequence[Printed]) -> Iterable[list[Printed]]:
    page: list[Printed] = []
    used = 0.0
    for line in lines:
        used += 1 + line.gap
        if page and used > LINES:
            yield page
            page, used = [], 1 + line.gap
        page.append(line)
    if page:
        yield page


# ---- the bytes


def pdf(
    pages: Sequence[Sequence[Printed]], outline: Sequence[tuple[str, int]] = (), *, made: str = "20210801120000"
) -> bytes:
    """Return a PDF document of pages with lines; those with a negative place are printed at the foot."""
    objects: list[bytes] = [b"", b""]

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    fonts = [
        add(b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>" % name)
        for name in (b"Times-Roman", b"Times-Bold")
    ]
    resources = f"<< /Font << /F0 {fonts[0]} 0 R /F1 {fonts[1]} 0 R >> >>"
    leaves = []
    for page in pages:
        stream = _stream(page)
        content = add(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
        leaves.append(
            add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources {resources} /Contents {content} 0 R >>".encode()
            )
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(f'{one} 0 R' for one in leaves)}] /Count {len(leaves)} >>".encode()
    catalog = "<< /Type /Catalog /Pages 2 0 R"
    if outline:
        first = len(objects) + 2
        top = add(
            f"<< /Type /Outlines /First {first} 0 R /Last {first + len(outline) - 1} 0 R /Count {len(outline)} >>".encode()
        )
        for place, (title, page) in enumerate(outline):
            around = "".join(
                f" /{name} {first + at} 0 R"
                for name, at in (("Prev", place - 1), ("Next", place + 1))
                if 0 <= at < len(outline)
            )
            add(
                b"<< /Title %b /Parent %d 0 R /Dest [%d 0 R /Fit]%b >>"
                % (_text(title), top, leaves[page], around.encode())
            )
        catalog += f" /Outlines {top} 0 R"
    objects[0] = f"{catalog} >>".encode()
    info = add(f"<< /ModDate (D:{made}Z) /Title (Invented guidelines) >>".encode())
    return file_of(objects, info)


def _stream(page: Sequence[Printed]) -> bytes:
    made, height = [], 720.0
    feet = [line for line in page if line.left < 0]
    for line in page:
        if line.left < 0:
            continue
        height -= (1 + line.gap) * 13.8
        made.append(_shown(line, line.left, height))
    made += [_shown(line, -line.left, 53 - 12 * place) for place, line in enumerate(feet)]
    return b"\n".join(made)


def _shown(line: Printed, left: float, height: float) -> bytes:
    return b"BT /F%d %g Tf 1 0 0 1 %g %g Tm %b Tj ET" % (line.bold, line.size, left, height, _literal(line.text))


def _literal(text: str) -> bytes:
    said = text.encode("cp1252")
    for sign in (b"\\", b"(", b")"):
        said = said.replace(sign, b"\\" + sign)
    return b"(" + said + b")"


def _text(text: str) -> bytes:
    """Return a text of the outline: in UTF-16."""
    return b"<" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">"


def file_of(objects: Sequence[bytes], info: int) -> bytes:
    """Return a PDF document of objects, the first of which is its catalog; `info` is the number of the one about it."""
    made = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        info,
        start,
    )
    return bytes(made)


# ---- the packaged samples


def _sample(year: int, *further: Entry, pain: str) -> Guidelines:
    sections = (
        section(
            "I",
            "Conventions, general coding guidelines and chapter specific guidelines",
            "The conventions of a sample apply to all samples.",
        ),
        section("I.A", "Conventions for the sample"),
        section(
            "I.A.1",
            "Punctuation",
            "[ ] Brackets enclose synonyms in this sample.",
            "( ) Parentheses enclose words that may be left out.",
        ),
        section("I.A.2", "Excludes Notes", "A sample has two kinds of them."),
        section(
            "I.A.2.a",
            "Excludes1",
            "An invented rule: both codes are never reported together, unless the sample says “together”.",
        ),
        section("I.A.2.b", "Excludes2", "An invented rule: both codes may be reported together."),
        section("I.B", "General Coding Guidelines"),
        section(
            "I.B.1", "Code or codes from A00.0 through T88.9, Z00-Z99.8", "An invented rule that concerns all codes."
        ),
        section("I.C", "Chapter-Specific Coding Guidelines", "What follows concerns the chapters of the sample."),
        section(
            "I.C.5",
            "Chapter 5: Mental, Behavioral and Neurodevelopmental disorders (F01 – F99)",  # noqa: RUF001 -- as printed
            "Reserved for future samples.",
        ),
        section("I.C.13", "Chapter 13: Diseases of the Musculoskeletal System and Connective Tissue (M00-M99)"),
        section(
            "I.C.13.a",
            "Site",
            "An invented rule about the site of a disease, which is long enough to be printed on several lines, so that a reader has to join them.",
        ),
        section("I.C.13.a.1", "Bone versus joint", "An invented rule: where both are named, the joint is coded."),
        section("I.C.13.b", "Low back pain, category M54", pain),
        *further,
        section(
            "II",
            "Selection of Principal Diagnosis",
            "An invented rule on the choice of the first code:",
            "• the one that the sample names first;",
            "• or the only one.",
        ),
        section("II.A", "Uncertain Diagnosis", "An invented rule about what is uncertain."),
        section("Appendix I", "Present on Admission Reporting Guidelines", "Nothing is reported in a sample."),
    )
    title = "ICD-10-CM Official Guidelines for Coding and Reporting"
    span = f"(October 1, {year - 1} - September 30, {year})"
    return Guidelines(sections, top=(title, f"FY {year}", span), footer=(title, f"FY {year}"))


SAMPLES = {
    "10cmguidelines-sample-FY2021.pdf": _sample(
        2021, pain="An invented rule: M54.5 is reported for low back pain."
    ).pdf(made="20200801120000"),
    "10cmguidelines-sample-FY2022.pdf": _sample(
        2022,
        section("I.C.13.c", "Codes M54.50, M54.51 and M54.59", "An invented rule on the codes that replaced M54.5."),
        pain="An invented rule: the code for low back pain says its cause, where that is known.",
    ).pdf(),
}
"""The files of the folder of samples, by name."""
