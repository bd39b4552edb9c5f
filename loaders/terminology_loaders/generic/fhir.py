"""A FHIR CodeSystem, R4 or R5, as JSON.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource CodeSystem; "Concept Properties",
    http://hl7.org/fhir/concept-properties.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import MOST_COLUMNS, Element, Faults, day_in

from .fhir_concepts import ConceptReader, Designation, items_of, shown, text_of
from .heading import Heading, short_name
from .rows import CodeList

if TYPE_CHECKING:
    import pyarrow as pa

RESOURCE: Final = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
REASONS: Final[Mapping[str, str]] = {
    "not-present": "holds no concepts: they are published elsewhere",
    "example": "holds examples of the concepts only",
    "fragment": "holds a part of the concepts only: what it lacks would be taken for unknown",
    "supplement": "adds to another code system, and defines no codes",
}
DETAILS: Final = ("publisher", "status", "description", "purpose", "hierarchyMeaning", "date", "copyrightLabel")


@frozen
class FhirCodeSystem:
    """What the resource holds."""

    codes: CodeList
    designations: list[Designation]

    def designation_table(self) -> pa.Table:
        """Return the designations as an Arrow table."""
        import pyarrow as pa

        names = ("code", "value", "language", "use_system", "use_code", "use_display")
        columns: dict[str, Any] = {
            name: pa.array([getattr(row, name) for row in self.designations], pa.string()) for name in names
        }
        return pa.table({**columns, "line": pa.array([row.line for row in self.designations], pa.int32())})


def resource_type(data: bytes) -> str | None:
    """Return the type of the FHIR resource that the bytes are, or None for other bytes."""
    if not data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    found = RESOURCE.search(data)
    return found[1].decode() if found else None


def read_code_system(resource: Element, system: str | None, file: str, faults: Faults) -> FhirCodeSystem:
    """Return the code system; errors are noted.

    Raises:
        ReleaseFormatError: The resource does not hold all concepts, or has no name to go by.
    """
    content = resource.get("content")
    if content != "complete":
        reason = REASONS.get(str(content), "does not say that it is complete")
        message = f"a CodeSystem with content {content!r} {reason}: load a complete one"
        if content in ("example", "fragment"):
            message += ", or read its codes as a list (terminology codelist resolve)"
        raise ReleaseFormatError(message, file=file, line=resource.line)
    reader = ConceptReader(faults)
    reader.declarations(resource)
    reader.concepts(resource)
    reader.place_children()
    _check_count(resource, len(reader.codes), faults)
    if len(reader.declared) > MOST_COLUMNS:
        message = f"expected at most {MOST_COLUMNS:,} properties, got {len(reader.declared):,}"
        faults.add(message, line=resource.line, column="property")
        # a column of each would be empty for nearly all concepts
        reader.declared.clear()
    if not reader.codes:
        faults.add("expected at least one concept, got none", line=resource.line, column="concept")
    heading = _heading(resource, system, file)
    return FhirCodeSystem(
        CodeList(heading, reader.table(), reader.properties(), tuple(reader.warnings())), reader.designations
    )


def _check_count(resource: Element, found: int, faults: Faults) -> None:
    stated = resource.get("count")
    if stated is None:
        return
    if isinstance(stated, bool) or not isinstance(stated, int):
        faults.add(f"expected a whole number, got {shown(stated)}", line=resource.line, column="count")
    elif stated != found:
        message = f"expected {stated} concepts, as count says, got {found}: is the file cut short?"
        faults.add(message, line=resource.line, column="count")


def _heading(resource: Element, system: str | None, file: str) -> Heading:
    url = text_of(resource.get("url"))
    last = re.split(r"[/:#]", url)[-1] if url else None
    name = system or short_name(text_of(resource.get("name")), text_of(resource.get("id")), last)
    if name is None:
        message = "the CodeSystem has no name, id or url to go by: give --system"
        raise ReleaseFormatError(message, file=file, line=resource.line)
    period = resource.get("effectivePeriod")
    start = text_of(period.get("start")) if isinstance(period, dict) else None
    sensitive = resource.get("caseSensitive")
    identifiers = [item for item in items_of(resource.get("identifier")) if isinstance(item, dict)]
    oids = [value for item in identifiers if (value := text_of(item.get("value")) or "").startswith("urn:oid:")]
    return Heading(
        system=name,
        title=text_of(resource.get("title")) or text_of(resource.get("name")) or name,
        uri=url or f"urn:terminology:{name}",
        oid=oids[0].removeprefix("urn:oid:") if oids else None,
        version=text_of(resource.get("version")),
        effective=day_in(start or "") or day_in(text_of(resource.get("date")) or ""),
        case_sensitive=sensitive if isinstance(sensitive, bool) else None,
        licence=text_of(resource.get("copyright")),
        details={name: text for name in DETAILS if (text := text_of(resource.get(name)))},
    )
