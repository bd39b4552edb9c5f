"""The index in XML: alphabetic index, index of external causes, neoplasm table, table of drugs and chemicals.

An index leads from words to codes, and is no authority on which codes there are.

References:
    NCHS, `icd10cm_index.xsd` (2011-05-29) and `icd10cm_drug_neoplasm.xsd` (2011-02-02), published with the
    full XML of each year.
    NCHS, the introduction of the index itself, on "see", "see also" and nonessential modifiers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import field, frozen

from terminology.counts import counted
from terminology.drafts import Part
from terminology.reading import Faults, whole_number, xml_root

from ..order.changes import listed

if TYPE_CHECKING:
    import pyarrow as pa
    from lxml.etree import _Element

Which = Literal["alphabetic", "external", "neoplasm", "drug"]

ROOT: Final = re.compile(rb"<ICD10CM\.(?:index|table)[\s>]")
CODE: Final = re.compile(r"(?P<code>[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?)(?P<open>\.?-)?")
NO_CODE: Final = re.compile(r"[-–—]+")  # noqa: RUF001 -- however the publisher types it
MODIFIER: Final = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
MARKS: Final = frozenset(",;:-/")
"""What stands right behind a word."""
LETTER: Final = re.compile(r"\([a-z]\)")
"""A modifier that is a letter within a word."""
FULL_LENGTH: Final = 7
POISONING: Final = re.compile(r"T(?:3[6-9]|[45][0-9]|6[0-5])")
"""Categories of poisoning and toxic effects: all of their codes take a seventh character."""
SHOWN: Final = 5


@frozen
class IndexRow:
    """A term, or a coded cell of a term in one of the two tables."""

    terms: tuple[str, ...]
    """The path from the main term down, without nonessential modifiers."""
    nonessential: tuple[str, ...]
    """Modifiers in brackets of the last term: they may be there or not, and do not change the code."""
    line: int
    code: str | None = None
    complete: bool = False
    """Whether the index gives a whole code, rather than one to be completed (``C79.8-``)."""
    manifestation: str | None = None
    see: str | None = None
    see_also: str | None = None
    category: str | None = None
    """A category or subcategory that the term sends to as a whole."""
    column: int | None = None
    heading: str | None = None
    """Of a cell: what its column is for."""


@frozen
class IndexFile:
    """One file of an index."""

    which: Which
    version: str
    rows: list[IndexRow]
    warnings: tuple[str, ...] = ()

    @property
    def main_terms(self) -> int:
        """The number of main terms."""
        return sum(len(row.terms) == 1 and row.column is None for row in self.rows)

    @property
    def terms(self) -> int:
        """The number of terms of all levels."""
        return sum(row.column is None for row in self.rows)

    def to_table(self) -> pa.Table:
        """Return the rows as an Arrow table, in the order of the file."""
        import pyarrow as pa

        rows = self.rows
        columns: dict[str, tuple[Sequence[Any], pa.DataType]] = {
            "index": ([self.which] * len(rows), pa.string()),
            "path": ([", ".join(row.terms) for row in rows], pa.string()),
            "terms": ([row.terms for row in rows], pa.list_(pa.string())),
            "nonessential": ([row.nonessential or None for row in rows], pa.list_(pa.string())),
            "level": ([len(row.terms) - 1 for row in rows], pa.int32()),
            "code": ([row.code for row in rows], pa.string()),
            "complete": ([row.complete for row in rows], pa.bool_()),
            "manifestation": ([row.manifestation for row in rows], pa.string()),
            "see": ([row.see for row in rows], pa.string()),
            "see_also": ([row.see_also for row in rows], pa.string()),
            "category": ([row.category for row in rows], pa.string()),
            "column": ([row.column for row in rows], pa.int32()),
            "heading": ([row.heading for row in rows], pa.string()),
            "line": ([row.line for row in rows], pa.int32()),
        }
        return pa.table({name: pa.array(values, kind) for name, (values, kind) in columns.items()})


def is_index(head: bytes) -> bool:
    """Return whether the bytes begin like one of the four files."""
    return ROOT.search(head) is not None


def read_index(data: bytes, file: str) -> IndexFile:
    """Return the index.

    Raises:
        ReleaseFaults: Terms lack a title or are at another level than they say, cells lack a column; all are named.
        ReleaseFormatError: The same, with one error, or the XML is not well formed.
    """
    root = xml_root(data, file)
    reader = _Reader(Faults(file), _headings(root))
    which = _which(root, reader.headings)
    if which is None:
        reader.faults.add("expected an index of ICD-10-CM, or its neoplasm or drug table", line=root.sourceline)
    for letter in root.iterchildren("letter"):
        for term in letter.iterchildren("mainTerm"):
            reader.term(term, ())
    if not reader.rows and not reader.faults:
        reader.faults.add("expected at least one main term, got none", line=root.sourceline)
    reader.faults.raise_if_any()
    version = (root.findtext("version") or "").strip()
    return IndexFile(which or "alphabetic", version, reader.rows, tuple(reader.warnings(file)))


def _headings(root: _Element) -> dict[int, str]:
    heading = root.find("indexHeading")
    heads = [] if heading is None else heading.iterchildren("head")
    return {column: _words(head) for head in heads if (column := whole_number(head.get("col"))) is not None}


def _which(root: _Element, headings: dict[int, str]) -> Which | None:
    """Return which of the four the document is, by its headings and title."""
    if not ROOT.match(f"<{root.tag}>".encode()):
        return None
    words = " ".join(headings.values()).lower()
    if headings:
        return "neoplasm" if "malignant" in words else "drug" if "poisoning" in words else None
    title = _words(root.find("title")).lower()
    return "external" if "external" in title else "alphabetic"


@frozen
class _Reader:
    faults: Faults
    headings: dict[int, str]
    rows: list[IndexRow] = field(factory=list)
    strange: list[tuple[int, str]] = field(factory=list)
    """Lines and texts in the place of a code that are no codes."""

    def term(self, element: _Element, above: tuple[str, ...]) -> None:
        """Take in a term, its cells, and the terms below it."""
        title = element.find("title")
        line = (element if title is None else title).sourceline or 0
        name, nonessential = _name(title)
        if not name and not nonessential:
            self.faults.add(f"expected a term with a title below {', '.join(above) or 'the letter'}", line=line)
            return
        level = element.get("level", "0")
        if level != str(len(above)):
            self.faults.add(f"expected level {len(above)} for {name!r}, got {level!r}", line=line, column="level")
        path = (*above, name or f"({nonessential[0]})")
        texts: dict[str, str] = {}
        cells = []
        below = []
        for child in element.iterchildren():
            if child.tag == "term":
                below.append(child)
            elif child.tag == "cell":
                cells.append(child)
            elif child.tag != "title":
                texts[str(child.tag)] = _words(child)
        code, complete = self._code(texts.get("code"), line)
        manifestation, _ = self._code(texts.get("manif"), line)
        self.rows.append(
            IndexRow(
                terms=path,
                nonessential=nonessential,
                line=line,
                code=code,
                complete=complete,
                manifestation=manifestation,
                see=texts.get("see") or None,
                see_also=texts.get("seeAlso") or None,
                category=self._code(texts.get("seecat") or texts.get("subcat"), line)[0],
            )
        )
        for cell in cells:
            self._cell(cell, path, nonessential)
        for child in below:
            self.term(child, path)

    def _cell(self, element: _Element, path: tuple[str, ...], nonessential: tuple[str, ...]) -> None:
        line, place = element.sourceline or 0, element.get("col", "")
        column = whole_number(place)
        if column not in self.headings:
            message = f"expected a cell in a column of the heading, got col {place!r} for {', '.join(path)}"
            self.faults.add(message, line=line, column="col")
            return
        code, complete = self._code(_words(element), line)
        if code is not None:
            # the drug table leaves out the seventh character that every code of these categories needs
            whole = complete and (len(code) > FULL_LENGTH or POISONING.match(code) is None)
            self.rows.append(
                IndexRow(path, nonessential, line, code, whole, column=column, heading=self.headings[column])
            )

    def _code(self, text: str | None, line: int) -> tuple[str | None, bool]:
        """Return a code, or the beginning of one, and whether it is whole; None where there is none."""
        if not text or NO_CODE.fullmatch(text):
            return None, False
        match = CODE.fullmatch(text)
        if match is None:
            self.strange.append((line, text))
            return None, False
        return match["code"], match["open"] is None

    def warnings(self, file: str) -> list[str]:
        """Return a text in the place of a code that is no code."""
        if not self.strange:
            return []
        shown = ", ".join(f"{text!r} on line {line}" for line, text in self.strange[:SHOWN])
        more = " …" if len(self.strange) > SHOWN else ""
        what = counted(
            len(self.strange), "text in the place of a code is no code", "texts in the place of a code are no codes"
        )
        return [f"{file}: {what}, left out: {shown}{more}"]


def _name(title: _Element | None) -> tuple[str, tuple[str, ...]]:
    """Return a title without its nonessential modifiers, and these."""
    if title is None:
        return "", ()
    name = title.text or ""
    for child in title:
        name = _joined(name, _words(child), child.tail or "")
    modifiers = " ".join(_words(child) for child in title.iterchildren("nemod"))
    words = tuple(words for found in MODIFIER.findall(modifiers) if (words := " ".join(found.split())))
    return " ".join(name.split()), words


def _joined(before: str, modifier: str, after: str) -> str:
    """Return the words around a modifier without it.

    The files have no blank before a modifier, whether it is a word of its own or the end of one, and a comma or a
    hyphen may stand right behind it. So a blank is put between words, but not before a mark, nor in place of a letter.

    >>> _joined("Contraction", "(s)", ", contracture"), _joined("Cancer", "(o)", "phobia"), _joined("", "(L)", "-carnitine")
    ('Contraction, contracture', 'Cancerphobia', 'carnitine')
    >>> _joined("autonomic", "(poly)", "neuropathy"), _joined("Abandonment", "(causing exposure)", " NEC")
    ('autonomic neuropathy', 'Abandonment NEC')
    """
    if not before.strip():
        return after.lstrip("-")
    is_glued = after[:1] in MARKS or LETTER.fullmatch(modifier) or before.endswith("-")
    return f"{before}{after}" if is_glued else f"{before} {after}"


def _words(element: _Element | None) -> str:
    if element is None:
        return ""
    # most have no element within
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return " ".join(text.split())


ORDER: Final = ("alphabetic", "external", "neoplasm", "drug")


def index_table(indexes: Sequence[Part], billable: Collection[str]) -> tuple[pa.Table, list[str]]:
    """Return the rows of all index files of a release; and warnings on codes that it does not have.

    Args:
        indexes: The files, at most one of each kind.
        billable: The billable codes of the release, with dots.
    """
    import pyarrow as pa

    tables = []
    warnings = []
    firsts: dict[str, Part] = {}
    for part in indexes:
        firsts.setdefault(part.facts["which"], part)
    for part in sorted(firsts.values(), key=lambda part: ORDER.index(part.facts["which"])):
        table = part.tables["index"]
        files = pa.array([part.origin.label] * table.num_rows, pa.string())
        tables.append(table.append_column("file", files))
        wrong = _without_target(table, billable)
        if wrong:
            warnings.append(
                f"{part.origin.label}: {counted(len(wrong), 'code leads', 'codes lead')} to nothing that is billable in the release: {listed(wrong)}"
            )
    return pa.concat_tables(tables), warnings


def _without_target(table: pa.Table, billable: Collection[str]) -> list[str]:
    """Return the codes, and beginnings of codes, under which the release has no billable code."""
    columns: list[Any] = [table.column(name).to_pylist() for name in ("code", "manifestation")]
    ordered = [*sorted(billable), ""]
    named = sorted({code for column in columns for code in column if code is not None})
    return [code for code in named if not ordered[bisect_left(ordered, code, hi=len(billable))].startswith(code)]
