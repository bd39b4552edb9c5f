"""FHIR CodeSystems of systems that have a loader of their own, and those that a store of this library wrote, of any system.

What a terminology server exports of ICD-10-CM or HCPCS is a copy of a release. It has less than the publisher's files:
no alphabetic index, no tables of ICD-10-PCS. So where these files are loaded too, they make the release. Of a copy that
this library wrote, statuses, titles, hierarchy, days, properties and notes are those of the store that it came from.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource CodeSystem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import define

from terminology.canonicals import PROPERTY
from terminology.drafts import Assembly, Part, Skipped
from terminology.errors import ReleaseFormatError
from terminology.reading import Element, ReadableFile, decoded, json_document
from terminology.systems import SYSTEMS, SystemDefinition, named

from ..generic.fhir import resource_type
from ..generic.heading import UNREAD
from .assembly import assembled
from .reading import read_copy

URL: Final = re.compile(rb'"url"\s*:\s*"([^"\\]{1,300})"')
KINDS: Final = ("CodeSystem", "Bundle")


@define
class FhirLoader:
    """Reads copies of releases."""

    system: str | None = None
    """Short name of the system that the operator gave."""
    definition = SystemDefinition("fhir", "FHIR CodeSystems", "urn:terminology:fhir")
    format_number = 1
    reads_copies = True

    def of_system(self, name: str) -> FhirLoader:
        """Return a loader that takes every CodeSystem for one of this system."""
        return FhirLoader(name)

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a CodeSystem as a part, also one that is alone in a Bundle; None for any other file, or system.

        Raises:
            ReleaseFaults: The resource is faulty.
            ReleaseFormatError: The same, with one error.
        """
        if not self._may_be_copy(file):
            return None
        text, warnings = decoded(file.data, file.label)
        resource = _code_system(json_document(text, file.label), file.label)
        if resource is None:
            return None
        definition = self._definition(resource)
        is_ours = _is_ours(resource)
        if definition is None and not is_ours:
            return None
        return read_copy(resource, definition, file, warnings, is_ours=is_ours)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts of one code system make."""
        return assembled(parts)

    def _may_be_copy(self, file: ReadableFile) -> bool:
        """Return whether a file may be a copy, before it is parsed: most files are not."""
        if resource_type(file.data) not in KINDS:
            return False
        known = (named(url.decode("utf-8", "replace")) for url in set(URL.findall(file.data[:65_536])))
        return self.system is not None or any(known) or PROPERTY.encode() in file.data[:65_536]

    def _definition(self, resource: Element) -> SystemDefinition | None:
        """Return the built-in system that a resource is of; None where it is of another."""
        found = SYSTEMS.get(self.system) if self.system else named(resource.text("url") or "")
        return None if found is None or found.name in UNREAD else found


def _is_ours(resource: Element) -> bool:
    properties = [one for one in resource.items_of("property") if isinstance(one, Element)]
    return any((one.text("uri") or "").startswith(PROPERTY) for one in properties)


def _code_system(document: object, file: str) -> Element | None:
    """Return the CodeSystem that a document is or holds; None where it holds none.

    Raises:
        ReleaseFormatError: It holds several.
    """
    if not isinstance(document, Element):
        return None
    if document.get("resourceType") == "CodeSystem":
        return document
    entries = [one.get("resource") for one in document.items_of("entry") if isinstance(one, Element)]
    found = [one for one in entries if isinstance(one, Element) and one.get("resourceType") == "CodeSystem"]
    if len(found) > 1:
        message = (
            f"expected one CodeSystem in a Bundle, got {len(found)}: save each as a file of its own, or as a package"
        )
        raise ReleaseFormatError(message, file=file, line=found[1].line)
    return found[0] if found else None


__all__ = ["FhirLoader"]
