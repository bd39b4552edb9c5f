"""A CodeSystem as a part: its head, and what is wrong with it."""

from __future__ import annotations

import datetime
import json
from typing import Any, Final

from terminology.canonicals import DEFINITION
from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.periods import version_label
from terminology.reading import Element, Faults, ReadableFile, day_in, first_day_of
from terminology.systems import SYSTEMS, SystemDefinition

from ..generic.assembly import content_digest
from ..generic.fhir import DETAILS, REASONS
from ..generic.fhir_concepts import ConceptReader
from ..generic.heading import refuse_owned
from .columns import Copy
from .prefixes import place_nodes

FRAGMENT: Final = "fragment"


def read_copy(
    resource: Element,
    definition: SystemDefinition | None,
    file: ReadableFile,
    warnings: tuple[str, ...],
    *,
    is_ours: bool,
) -> Part:
    """Return a CodeSystem as a part.

    Args:
        resource: The CodeSystem.
        definition: The built-in system that it is of; None of any other.
        file: Where it is from.
        warnings: What was noticed when the file was decoded.
        is_ours: Whether this library wrote it.

    Raises:
        ReleaseFaults: Its concepts are faulty; all errors are named.
        ReleaseFormatError: It holds no concepts, or not all, or does not say of which release.
    """
    _check_content(resource, file.label)
    definition = definition or _stated_definition(resource, file.label)
    faults = Faults(file.label)
    reader = ConceptReader(faults)
    reader.declarations(resource)
    reader.concepts(resource)
    reader.place_children()
    _check_count(resource, len(reader.codes), faults)
    copy = Copy(reader, resource, definition, is_ours=is_ours)
    place_nodes(reader, copy.node_property, copy.ours)
    copy.check(faults)
    faults.kept.sort(key=lambda fault: fault.line or 0)
    faults.raise_if_any()
    version, effective, dating = _dating(resource, definition, is_ours=is_ours)
    tables = copy.tables()
    if definition.name not in SYSTEMS and (details := _details(resource)):
        tables["details"] = details
    facts = {
        "codes": len(reader.codes),
        "version": version,
        "effective": effective and effective.isoformat(),
        "digest": content_digest(copy.comparable(tables["concepts"]), frozenset({"line"})),
        "licence": resource.text("copyright"),
    }
    noticed = tuple(f"{file.label}: {warning}" for warning in (*reader.warnings(), *copy.warnings, *dating))
    return Part("copy", file.origin, facts, tables, (*warnings, *noticed), definition=definition)


def _check_content(resource: Element, file: str) -> None:
    content = resource.get("content")
    if content != "complete":
        reason = REASONS.get(str(content), "does not say that it is complete")
        message = f"a CodeSystem with content {content!r} {reason}: load a complete one"
        raise ReleaseFormatError(message, file=file, line=resource.line)


def _check_count(resource: Element, found: int, faults: Faults) -> None:
    stated = resource.get("count")
    if not found:
        faults.add("expected at least one concept, got none", line=resource.line, column="concept")
    elif stated is not None and stated != found:
        message = f"expected {stated!r} concepts, as count says, got {found}: is the file cut short?"
        faults.add(message, line=resource.line, column="count")


def _stated_definition(resource: Element, file: str) -> SystemDefinition:
    """Return the definition that this library wrote of a system that is not built in.

    Raises:
        ReleaseFormatError: It is none, or that of a system which has a loader of its own.
    """
    given = [one for one in resource.items_of("extension") if isinstance(one, Element)]
    text = next((one.get("valueString") for one in given if one.get("url") == DEFINITION), None)
    try:
        definition = SystemDefinition.from_json(json.loads(str(text)))
        # a shape that cannot be matched in linear time is an error of the file
        sound = all(isinstance(one, str) for one in (definition.name, definition.title, definition.uri))
        definition.official("A")
    except Exception:  # noqa: BLE001 -- whatever a file may say in place of a definition
        sound = False
    if not sound:
        message = f"expected the definition of the code system in the extension {DEFINITION}, got none that can be read"
        raise ReleaseFormatError(message, file=file, line=resource.line)
    refuse_owned(definition.name, definition.uri, file)
    return definition


def _dating(
    resource: Element, definition: SystemDefinition, *, is_ours: bool
) -> tuple[str | None, datetime.date | None, list[str]]:
    """Return version and first day as the resource states them, in our form, and what is odd about that.

    A date of a resource that others wrote is when it was edited, and no first day.
    """
    version = resource.text("version")
    period = resource.get("effectivePeriod")
    start = day_in((period.text("start") or "") if isinstance(period, Element) else "")
    if is_ours:
        return version, start or day_in(resource.text("date") or ""), []
    day = start or (first_day_of(version, definition.calendar) if version else None)
    if day is None or definition.retired:
        return version, day, []
    label = version_label(definition.calendar, day)
    if label == version:
        return label, day, []
    return label, day, [f"version {version or 'without label'} is taken for {label}, by its first day {day}"]


def _details(resource: Element) -> Any:
    import pyarrow as pa

    found = {name: text for name in DETAILS if (text := resource.text(name))}
    return pa.table({"name": list(found), "value": list(found.values())}) if found else None
