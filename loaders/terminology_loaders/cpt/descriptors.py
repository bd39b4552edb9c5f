"""Descriptor files: long texts between tabs or on fixed lines, medium and short texts on fixed lines.

References:
    AMA, public ETL code `datalabs.curate.cpt.descriptor` (tab; columns 1-5 and from 7, 48 and 28 wide).
    AMA, CPT file layout of 2001 (`LONGULF`: code 1-5, sequence 6-7, text 9-80).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from .dating import name_facts
from .layout import (
    CODE,
    CODE_WORDS,
    HEAD,
    RECORD,
    category_of,
    first_record,
    is_of_cpt,
    named_kind,
    preamble_of,
    preamble_warnings,
    year_facts,
)

if TYPE_CHECKING:
    import pyarrow as pa

LINE_LENGTH: Final = 80
TEXT_START: Final = 8
LIMITS: Final = {"medium": 48, "short": 28}
LONGEST_STRANGER: Final = 6 + LIMITS["medium"]


@define
class Descriptors:
    """The rows of a descriptor file, in its order."""

    codes: list[str] = field(factory=list)
    texts: list[str] = field(factory=list)
    lines: list[int] = field(factory=list)

    def to_table(self) -> pa.Table:
        """Return the rows as a table: code, title, line."""
        import pyarrow as pa

        return pa.table(
            {
                "code": pa.array(self.codes, pa.string()),
                "title": pa.array(self.texts, pa.string()),
                "line": pa.array(self.lines, pa.int32()),
            }
        )

    def digest(self) -> str:
        """Return a digest of codes and texts."""
        rows = "\n".join(f"{code}\t{text}" for code, text in zip(self.codes, self.texts, strict=True))
        return hashlib.sha256(rows.encode()).hexdigest()


@frozen
class Form:
    """How the rows of a file are laid out."""

    kind: str
    """long, medium or short"""
    fixed: bool


def form_of(file: ReadableFile) -> Form | None:
    """Return the layout of a descriptor file by its first record, or None for another file.

    The sixth column decides: a tab, a digit of the sequence number, or a blank before a medium or short text.
    The name decides only what content leaves open.
    """
    head = file.data[:HEAD].decode("utf-8", "replace").removeprefix("\ufeff")
    start, named = first_record(head), named_kind(file.name)
    first = RECORD.search(head, start) if start is not None else None
    if first is None or not (named or is_of_cpt(head)):
        return None
    mark = head[first.end() - 1]
    if mark.isdigit():
        return Form("long", fixed=True)
    if mark == "\t":
        return Form(named or "long", fixed=False)
    if named in LIMITS:
        return Form(named, fixed=True)
    longest = max(len(line.rstrip()) for _, line in lines_of(head[first.start() :]) if RECORD.match(line))
    if longest > LONGEST_STRANGER and not named:
        return None
    return Form("short" if longest <= 6 + LIMITS["short"] else "medium", fixed=True)


def read_descriptors(file: ReadableFile, form: Form) -> Part:
    """Return the descriptor file as a part.

    Raises:
        ReleaseFaults, ReleaseFormatError: Codes are malformed or repeated, texts are missing or too long, sequence
            numbers leave gaps, columns are shifted.
    """
    text, warnings = decoded(file.data, file.label)
    preamble = preamble_of(text)
    faults = Faults(file.label)
    body = [(number + preamble.line, line) for number, line in lines_of(text[preamble.end :]) if line.strip()]
    read = _long_fixed if form.kind == "long" and form.fixed else _single_lines
    rows = read(body, form, faults)
    _check_codes(rows, faults)
    if not body:
        faults.add("expected at least one record, got none", line=preamble.line + 1)
    faults.kept.sort(key=lambda fault: fault.line or 0)
    faults.raise_if_any()
    # the registered sign of the notice is CP1252 in most files; a warning is needed for descriptors only
    if all(title.isascii() for title in rows.texts):
        warnings = ()
    years = year_facts(preamble.text)
    facts = {
        "form": form.kind,
        "codes": len(rows.codes),
        "digest": rows.digest(),
        "categories": sorted({category_of(code) for code in rows.codes}),
        "notice": preamble.text,
        **years,
        **name_facts(file.origin),
    }
    warnings = (*preamble_warnings(preamble, years, file.label), *warnings)
    return Part(_kind(form, rows), file.origin, facts, {"rows": rows.to_table()}, warnings)


def _kind(form: Form, rows: Descriptors) -> str:
    if form.kind != "long":
        return form.kind
    words = ["long", "fixed" if form.fixed else "", "upper" if all(text == text.upper() for text in rows.texts) else ""]
    return " ".join(filter(None, words))


def _single_lines(body: list[tuple[int, str]], form: Form, faults: Faults) -> Descriptors:
    """Return the rows of a file with one line a code; the limits are those of the layout."""
    rows = Descriptors()
    limit = LIMITS.get(form.kind)
    for number, line in body:
        mark = line[5:6]
        expected = "a tab" if not form.fixed else "a blank"
        if mark != ("\t" if not form.fixed else " "):
            faults.add(f"expected {expected} after the code, got {mark!r}", line=number, column=6)
            continue
        text = line[6:].rstrip()
        if not form.fixed and "\t" in text:
            faults.add("expected two fields, got more", line=number, column=7 + text.index("\t"))
            continue
        if limit and len(text) > limit:
            message = f"expected at most {limit} characters of a {form.kind} descriptor, got {len(text)}"
            faults.add(message, line=number, column=7 + limit)
        _add(rows, line[:5], text.strip(), number, faults)
    return rows


def _add(rows: Descriptors, code: str, text: str, number: int, faults: Faults) -> None:
    if not CODE.fullmatch(code):
        faults.add(f"expected {CODE_WORDS}, got {code!r}", line=number, column=1)
    if not text:
        faults.add(f"expected a descriptor of {code}, got blanks", line=number, column=7)
    rows.codes.append(code)
    rows.texts.append(" ".join(text.split()))
    rows.lines.append(number)


def _long_fixed(body: list[tuple[int, str]], form: Form, faults: Faults) -> Descriptors:  # noqa: ARG001 -- as the other
    """Return the rows of a file of 80-byte lines, continuations joined; their sequence numbers must not leave gaps."""
    chunks: list[tuple[str, int, list[str]]] = []
    expected = 1
    for number, line in body:
        code, sequence, blank, text = line[:5], line[5:7], line[7:8], line[TEXT_START:LINE_LENGTH]
        if len(line.rstrip()) > LINE_LENGTH:
            message = f"expected at most {LINE_LENGTH} characters, got {len(line.rstrip())}"
            faults.add(message, line=number, column=LINE_LENGTH + 1)
        if not (sequence.isascii() and sequence.isdigit()) or blank != " ":
            found = line[5:8]
            faults.add(f"expected a sequence number of two digits and a blank, got {found!r}", line=number, column=6)
            continue
        continued = bool(chunks) and chunks[-1][0] == code
        wanted = expected if continued else 1
        if int(sequence) != wanted:
            faults.add(f"expected sequence number {wanted:02} of {code}, got {sequence}", line=number, column=6)
        expected = int(sequence) + 1
        if continued and int(sequence) != 1:
            chunks[-1][2].append(text)
        else:
            chunks.append((code, number, [text]))
    rows = Descriptors()
    broken = _breaks_words(chunks)
    for code, number, texts in chunks:
        _add(rows, code, _joined(texts, broken=broken), number, faults)
    return rows


def _breaks_words(chunks: list[tuple[str, int, list[str]]]) -> bool:
    """Return whether lines are cut at column 80 wherever that falls, rather than between words."""
    width = LINE_LENGTH - TEXT_START
    full = [len(text.rstrip()) >= width - 1 for _, _, texts in chunks for text in texts[:-1]]
    return bool(full) and all(full)


def _joined(texts: list[str], *, broken: bool) -> str:
    width = LINE_LENGTH - TEXT_START
    return "".join(text.ljust(width) for text in texts) if broken else " ".join(map(str.strip, texts))


def _check_codes(rows: Descriptors, faults: Faults) -> None:
    seen: dict[str, int] = {}
    for code, line in zip(rows.codes, rows.lines, strict=True):
        if code in seen:
            faults.add(f"expected each code once, got {code} again (first on line {seen[code]})", line=line, column=1)
        seen.setdefault(code, line)


def misplaced_name(file: ReadableFile) -> ReleaseFormatError | None:
    """Return the error of a file that has the name of a descriptor file but no record in its head, or None."""
    named = named_kind(file.name)
    if named is None or not file.data.strip():
        return None
    return ReleaseFormatError(
        f"expected records of a {named} descriptor file ({CODE_WORDS} in columns 1-5, then a tab or a blank), got none",
        file=file.label,
        line=1,
        column=1,
    )
