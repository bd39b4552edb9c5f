"""Any code system: a list of codes as delimited text or Parquet, or a FHIR CodeSystem, becomes a release.

For systems without a loader of their own: a payer's local list, a small public one, a terminology server's export.
A file says itself of which code system it is, so that one folder may hold several.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve

from terminology.drafts import Assembly, Part, Skipped
from terminology.errors import ReleaseFormatError
from terminology.reading import Element, Faults, Opening, ReadableFile, decoded, json_document
from terminology.systems import SystemDefinition

from .assembly import assembled, content_digest
from .delimited import list_opening, read_delimited
from .fhir import read_code_system, resource_type
from .heading import refuse_owned
from .parquet import MAGIC, read_columns
from .rows import CodeList, check_codes, concept_table, official_codes, texts_of

NAMELESS = "a list of codes that does not say of which code system: put #system: NAME first, or give --system"
OPENING = 16_384


@define
class GenericLoader:
    """Reads code systems that have no loader of their own."""

    system: str | None = None
    """Name of the code system that the operator gave."""
    definition = SystemDefinition("generic", "Any code system", "urn:terminology:generic")
    format_number = 2

    def of_system(self, name: str) -> GenericLoader:
        """Return a loader that takes every file for a list of this code system."""
        return GenericLoader(name)

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for another FHIR resource or a nameless list; None for any other file."""
        head = file.head
        if head.startswith(MAGIC):
            return self._columns(file)
        if kind := resource_type(file.data) if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else None:
            return self._fhir(file) if kind == "CodeSystem" else Skipped(f"FHIR {kind}: defines no codes")
        if b"\0" in head or head.lstrip()[:1] in {b"<", b"{", b"["} or not head.strip():
            return None
        opening = list_opening(file.data[:OPENING].decode("cp1252", "replace").removeprefix("ï»¿"))
        return self._delimited(file) if opening else None

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts of one code system make."""
        return assembled(parts)

    def _delimited(self, file: ReadableFile) -> Part | Skipped | None:
        text, warnings = decoded(file.data, file.label)
        opening = list_opening(text)
        if opening is None:
            return None
        if self.system is None and "system" not in opening.values:
            return Skipped(NAMELESS)
        self._check_name(opening, file)
        faults = Faults(file.label)
        listed = read_delimited(text, opening, self.system, faults)
        return _part("list", file, listed, faults, warnings)

    def _check_name(self, opening: Opening, file: ReadableFile) -> None:
        said, line = opening.values.get("system", (self.system, None))
        if self.system is not None and said != self.system:
            message = f"expected a list of {self.system}, got one of {said}"
            raise ReleaseFormatError(message, file=file.label, line=line, column="system")

    def _columns(self, file: ReadableFile) -> Part | Skipped | None:
        faults = Faults(file.label)
        listed = read_columns(file, self.system, faults)
        if listed is None and not faults:
            return Skipped(NAMELESS)
        if listed and self.system and listed.heading.system != self.system:
            message = f"expected a list of {self.system}, got one of {listed.heading.system}"
            raise ReleaseFormatError(message, file=file.label)
        return _part("columns", file, listed, faults, ())

    def _fhir(self, file: ReadableFile) -> Part:
        text, warnings = decoded(file.data, file.label)
        resource = json_document(text, file.label)
        if not isinstance(resource, Element) or resource.get("resourceType") != "CodeSystem":
            raise ReleaseFormatError("expected one CodeSystem, got another JSON document", file=file.label, line=1)
        faults = Faults(file.label)
        read = read_code_system(resource, self.system, file.label, faults)
        part = _part("fhir", file, read.codes, faults, warnings)
        if not read.designations:
            return part
        return evolve(part, tables={**part.tables, "designations": read.designation_table()})


def _part(
    kind: str,
    file: ReadableFile,
    listed: CodeList | None,
    faults: Faults,
    warnings: tuple[str, ...],
) -> Part:
    """Return the part that a list makes.

    Raises:
        ReleaseFaults: The list is faulty; all errors are named.
        ReleaseFormatError: The same, with one error, or another loader reads the code system.
    """
    if listed is None:
        faults.raise_if_any()
        raise ReleaseFormatError("expected a list of codes", file=file.label)
    heading = listed.heading
    refuse_owned(heading.system, heading.uri, file.label)
    definition = heading.definition(texts_of(listed.codes.column("code")))
    listed = evolve(listed, codes=official_codes(listed.codes, definition))
    check_codes(listed, definition, faults)
    faults.kept.sort(key=lambda fault: fault.line or 0)
    faults.raise_if_any()
    table = concept_table(listed)
    facts = {
        "codes": table.num_rows,
        "version": heading.version,
        "effective": heading.effective and heading.effective.isoformat(),
        "digest": content_digest(table, frozenset({"line"})),
        "licence": heading.licence,
    }
    tables = {"concepts": table}
    if heading.details:
        import pyarrow as pa

        tables["details"] = pa.table({"name": list(heading.details), "value": list(heading.details.values())})
    found = tuple(f"{file.label}: {warning}" for warning in listed.warnings)
    return Part(kind, file.origin, facts, tables, (*warnings, *found), definition=definition)


__all__ = ["GenericLoader"]
