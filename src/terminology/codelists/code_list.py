"""A code list: read from a file or a text, resolved in an edition, written again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from ..columns import Roles, Table, shaped_as, table_in, text_table
from ..columns.delimited import decoded_text
from ..errors import ReleaseFormatError, UnknownReleaseError, UnknownSystemError
from ..reading import decoded
from ..systems import names_of, plain_name
from .damaged import Damaged, RowFaults, with_suggestion
from .edition_rows import rows_of
from .entries import Entry
from .matching import Match, matched
from .other_forms import other_form
from .plain import HEAD, Head, definition_of, read_plain, repetitions
from .tables import OtherRow, read_table
from .volumes import of_one_volume

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import CodeSystem, Edition, Terminology

MOST_BYTES: Final = 64 * 2**20
"""A list is written by people; what is larger is something else."""
OPENING: Final = 64
"""Characters by which another form is known."""
UNNAMED: Final = "code list"
"""What a text without a file is called in errors."""
FORMATS: Final = ("text", "csv", "json")


@frozen
class CodeList:
    """A list of codes that people keep. Made by `read` and `parse`."""

    head: Head
    """The lines before the first entry: name, system, release and day."""
    entries: tuple[Entry, ...]
    """In the order of the list."""
    file: str
    """The file as people know it."""
    form: str = "text"
    """text, csv, parquet, workbook, json or fhir: what it was read from."""
    source_text: str = field(default="", repr=False)
    """The plain text that it was read from; empty where it was read from another form."""
    warnings: tuple[str, ...] = ()
    """What was noticed while it was read, a sentence each."""
    damaged: tuple[Damaged, ...] = ()
    """Rows that are no entry, and are left out."""
    others: tuple[OtherRow, ...] = ()
    """Rows of other code systems, by a column of a table: left out, and kept in what is written."""
    columns: Roles | None = None
    """What the columns hold, where it was read from a table."""

    @property
    def name(self) -> str:
        """The name in its head, else that of the file."""
        return self.head.name or Path(self.file).stem

    @property
    def system(self) -> str | None:
        """The code system that the list names, or that was given for it."""
        return self.head.system

    @property
    def text(self) -> str:
        """The list as plain text: as it was read, or written from its entries, with damaged rows as comments.

        >>> print(CodeList.parse('["E11.9", "excluding is-a E11.6"]', form="json").text, end="")
        E11.9
        excluding is-a E11.6
        """
        if self.source_text:
            return self.source_text
        head = list(self.head.lines())
        written = (
            f"# damaged: {row.text}  # {row.sentence}" if isinstance(row, Damaged) else row.source_line
            for row in self.rows
        )
        lines = [*head, *([""] if head else []), *written]
        return "".join(f"{line}\n" for line in lines)

    @property
    def rows(self) -> list[Entry | Damaged | OtherRow]:
        """Entries, damaged rows and rows of other systems, in the order of the list."""
        return sorted((*self.entries, *self.damaged, *self.others), key=lambda row: row.line or 0)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        system: str | None = None,
        *,
        code: str | None = None,
        strict: bool = False,
    ) -> CodeList:
        """Return the list in a file: plain text, a FHIR ValueSet or CodeSystem or other JSON, or a table with codes.

        A name that ends in ``.json`` says that it is JSON. Parquet files, workbooks, ``.csv``, ``.tsv`` and any text
        whose header names a column of codes are tables. Anything else is plain text.

        Args:
            path: The file.
            system: The code system, where the file does not name it. Of a ValueSet that spans several, the one that
                is read.
            code: The column of codes, where the file is a table; without, it is found by its name or its content.
            strict: Whether a row that is no entry is an error. Otherwise it is in `damaged`, and the rest is read.

        Raises:
            OSError: The file cannot be read.
            ReleaseFormatError: It has one error, which is named with its place: it is no code list, or has no entry.
            ReleaseFaults: It has several; all are named.
        """
        file = Path(path)
        if file.stat().st_size > MOST_BYTES:
            said = (
                f"larger than {MOST_BYTES:,} bytes, so no code list: give a table to terminology impact --code-column"
            )
            raise ReleaseFormatError(said, file=file.name)
        is_json = file.suffix.lower() == ".json"
        if not is_json:
            with file.open("rb") as stream:
                _check_form(stream.read(OPENING).decode("latin-1"), file.name)
        table = None if is_json else _table(file, system, code)
        if table is not None and table.form != "delimited":
            return cls._of_table(table, RowFaults(file.name, strict=strict), system, code)
        text, warnings = decoded(file.read_bytes(), file.name) if is_json else decoded_text(file)
        if table:
            faults = RowFaults(file.name, strict=strict)
            made = cls._of_table(text_table(text, file.name), faults, system, code, text)
        else:
            form = "json" if is_json else "text"
            made = cls.parse(text, system=system, file=file.name, form=form, strict=strict)
        return evolve(made, warnings=(*warnings, *made.warnings))

    @classmethod
    def _of_table(
        cls, table: Table, faults: RowFaults, system: str | None, code: str | None = None, preface: str = ""
    ) -> CodeList:
        """Return the list that a table holds; the preface is the text that it was read from."""
        found = read_table(table, faults, system, code, preface)
        head = evolve(found.head, system=found.head.system or found.system)
        made = cls._checked(
            head, found.entries, system, faults, form="csv" if table.form == "delimited" else table.form
        )
        warnings = (*found.warnings, *made.warnings)
        return evolve(made, warnings=warnings, columns=found.roles, others=found.others)

    @classmethod
    def _checked(
        cls, head: Head, entries: Sequence[Entry], system: str | None, faults: RowFaults, *, form: str, text: str = ""
    ) -> CodeList:
        """Return the list of what was read; raise its errors: that nothing is included is one."""
        head, entries, of_volumes = of_one_volume(head, entries, system, faults)
        if not entries and not faults and not faults.damaged:
            faults.add("expected at least one entry, got none: write a code a line", line=1)
        if entries and all(entry.excluding for entry in entries) and not faults:
            said = "expected an entry to exclude from, got entries with excluding only: add one that includes codes"
            faults.add(said, line=entries[0].line)
        if not entries or faults:
            faults.add_damaged()
        faults.raise_if_any()
        return cls(
            head=evolve(head, system=head.system or system),
            entries=tuple(entries),
            file=faults.file,
            form=form,
            source_text=text,
            warnings=(*of_volumes, *repetitions(entries, faults.file)),
            damaged=tuple(sorted(faults.damaged, key=lambda row: row.line or 0)),
        )

    @classmethod
    def parse(
        cls,
        text: str,
        system: str | None = None,
        file: str = UNNAMED,
        form: str = "text",
        *,
        strict: bool = False,
    ) -> CodeList:
        """Return the list that a text holds.

        Args:
            text: The whole text.
            system: The code system, where the text does not name it.
            file: Its name in errors.
            form: ``text``, ``csv`` or ``json``; a FHIR ValueSet is JSON.
            strict: Whether a row that is no entry is an error. Otherwise it is in `damaged`, and the rest is read.

        Raises:
            ReleaseFormatError: It has one error, which is named with its place: it is no code list, or has no entry.
            ReleaseFaults: It has several; all are named.
            ValueError: There is no such form.

        >>> [entry.text for entry in CodeList.parse("E10-E13\\nexcluding E11.65  # not this").entries]
        ['E10-E13', 'excluding E11.65']
        >>> CodeList.parse("E10-E13\\nE11-").damaged[0].reason
        'expected two codes around the dash; for all that begin with E11 write E11*'
        """
        if form not in FORMATS:
            raise ValueError(f"expected one of {', '.join(FORMATS)}, got {form!r}")
        if form == "text":
            _check_form(text[:OPENING], file)
            # people save JSON under any name; no entry begins with a brace
            form = "json" if text.lstrip().startswith("{") else form
        faults = RowFaults(file, strict=strict)
        warnings: tuple[str, ...] = ()
        if form == "text":
            head, entries = read_plain(text, faults, system)
        elif form == "csv":
            return cls._of_table(text_table(text, file), faults, system, None, text)
        else:
            from .documents import read_document

            head, entries, form, warnings = read_document(text, file, faults, system)
        made = cls._checked(head, entries, system, faults, form=form, text=text if form == "text" else "")
        return evolve(made, warnings=(*warnings, *made.warnings))

    def resolve(self, edition: Edition) -> Resolution:
        """Return the codes that the list includes in an edition, by entry, with the entries that are not in force.

        Raises:
            UnknownSystemError: The list names another code system.

        >>> found = CodeList.parse("C43-C44\\nexcluding C4A.9").resolve(store["icd10cm"].release("2022"))
        >>> found.codes
        ('C43', 'C43.0', 'C43.9', 'C4A', 'C4A.0')
        >>> found.billable
        ('C43.0', 'C43.9', 'C4A.0')
        """
        return _resolution_of(self, edition)

    def edition(self, store: Terminology) -> Edition:
        """Return the edition that the list was written for, by its head; the newest where it names none.

        Raises:
            UnknownSystemError: The list names no code system, or none of the store.
            UnknownReleaseError: The store has no such release.
        """
        code_system: CodeSystem = store[self.head.system or ""]
        if self.head.on:
            return code_system.on(self.head.on)
        try:
            return code_system.release(self.head.release or "latest")
        except UnknownReleaseError as error:
            said = (
                f"{self.file} says that it is right for {self.head.release}: {error}; load it, or name another release"
            )
            raise UnknownReleaseError(said) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the list as plain values; `parse` reads them again with ``form="json"``."""
        head = {name: str(value) for name in HEAD if (value := getattr(self.head, name)) is not None}
        return {
            **head,
            **_listed("entries", self.entries, excluding=False),
            **_listed("excluding", self.entries, excluding=True),
        }

    to_json = to_dict
    """Former name of `to_dict`."""


@frozen(eq=False)
class Resolution:
    """The codes that a code list includes in an edition, and the entries that are not in force."""

    code_list: CodeList = field(repr=False)
    """That was resolved."""
    system: str
    """Short name of the code system."""
    version: str | None
    """Version of the release in force; None where nothing covers the day."""
    date: Any
    """The day that it was resolved on."""
    matches: tuple[Match, ...] = field(repr=False)
    """One for each entry, in the order of the list."""
    codes: tuple[str, ...]
    """All codes that are included and not excluded, in document order, each once."""
    billable: tuple[str, ...] = field(repr=False)
    """Those of them that may be submitted on a claim."""
    edition: Edition = field(repr=False)
    """That it was resolved in."""
    damaged: tuple[Damaged, ...] = field(default=(), repr=False)
    """Rows of the list that are no entry, each with the code of the edition that was probably meant."""
    has_titles: bool = field(default=True, repr=False)
    """Whether the table has the titles of the codes; without, they are empty."""

    @property
    def absent(self) -> tuple[Match, ...]:
        """Entries that name a code which is not in force, with its status and a likely correction."""
        return tuple(match for match in self.matches if match.is_absent)

    @property
    def empty(self) -> tuple[Match, ...]:
        """Entries that name nothing out of force, and still include nothing."""
        return tuple(match for match in self.matches if not match.codes and not match.is_absent)

    @property
    def is_whole(self) -> bool:
        """Whether every row is an entry, is in force and includes something."""
        return not self.damaged and all(match.codes and not match.is_absent for match in self.matches)

    @cached_property
    def members(self) -> frozenset[str]:
        """The codes as a set."""
        return frozenset(self.codes)

    def to_arrow(self) -> pa.Table:
        """Return the codes as a table: code, title, billable, in document order."""
        import pyarrow as pa

        rows = rows_of(self.edition)
        places = pa.array([rows.places[code] for code in self.codes], pa.int64())
        found = rows.table.select(["code", "title", "billable"]).take(places)
        if not self.has_titles:
            found = found.set_column(1, "title", pa.array([""] * found.num_rows, pa.string()))
        return found

    def without_texts(self, _open_properties: Iterable[str] = ()) -> Resolution:
        """Return the resolution without the publisher's words; what the list itself says stays."""
        return evolve(self, has_titles=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the resolution as plain values."""
        return {
            "list": self.code_list.name,
            "system": self.system,
            "version": self.version,
            "date": str(self.date),
            "codes": self.to_arrow().to_pylist(),
            "entries": [match.to_dict() for match in self.matches],
            "absent": [match.entry.text for match in self.absent],
            "empty": [match.entry.text for match in self.empty],
            "damaged": [row.to_dict() for row in self.damaged],
            **columns_of(self.code_list),
        }

    to_json = to_dict
    """Former name of `to_dict`."""


def columns_of(code_list: CodeList) -> dict[str, Any]:
    """Return what the columns of the table hold that a list was read from, as JSON has it; nothing for other forms."""
    return {"columns": code_list.columns.to_dict()} if code_list.columns else {}


def _table(file: Path, system: str | None, code: str | None) -> Table | None:
    """Return the table that a file holds; None where it is another text."""
    definition = definition_of(system)
    return table_in(file, [code] if code else [], shaped_as(definition) if definition else None)


def _check_form(start: str, file: str) -> None:
    """Check that a text does not begin as a page or a document does.

    Raises:
        ReleaseFormatError: It does.
    """
    if form := other_form(start):
        raise ReleaseFormatError(f"expected a code list, got {form}", file=file, line=1)


def _resolution_of(code_list: CodeList, edition: Edition) -> Resolution:
    """Return the codes that the list includes in the edition.

    Raises:
        UnknownSystemError: The list names another code system.
    """
    import numpy as np

    definition = edition.definition
    if code_list.system and plain_name(code_list.system) not in names_of(definition):
        said = (
            f"{code_list.file} is a list of {code_list.system}, not of {edition.system}: ask an edition of its system"
        )
        raise UnknownSystemError(said)
    rows = rows_of(edition)
    included = np.zeros(len(rows), dtype=bool)
    excluded = np.zeros(len(rows), dtype=bool)
    matches = []
    for entry in code_list.entries:
        match, places = matched(entry, edition, rows)
        (excluded if entry.excluding else included)[places] = True
        matches.append(match)
    chosen = included & ~excluded
    return Resolution(
        code_list=code_list,
        system=edition.system,
        version=edition.release.version if edition.release else None,
        date=edition.date,
        matches=tuple(matches),
        codes=tuple(rows.chosen(chosen)),
        billable=tuple(rows.chosen(chosen & rows.billable)),
        edition=edition,
        damaged=tuple(with_suggestion(row, edition) for row in code_list.damaged),
    )


def _listed(name: str, entries: Iterable[Entry], *, excluding: bool) -> dict[str, list[Any]]:
    """Return the entries of one kind under their name; those with a label or a comment as objects."""
    rows: list[Any] = []
    for entry in entries:
        if entry.excluding != excluding:
            continue
        text = evolve(entry, excluding=False).text
        remarks = {key: value for key in ("label", "comment") if (value := getattr(entry, key))}
        rows.append({"entry": text, **remarks} if remarks else text)
    return {name: rows} if rows or not excluding else {}
