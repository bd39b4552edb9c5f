"""``ValueSet/$expand``: the codes of a value set, by page, by text, as a list or a tree.

References:
    HL7 FHIR R5, operation ``ValueSet/$expand``.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from attrs import field, frozen

from .clauses import Row, SystemRows, active, clauses_of
from .code_systems import STANDARD_PROPERTIES, Concept, SystemVersion, property_uri, split_canonical
from .exchange import Resource
from .found_rows import found_rows, is_ranked
from .languages import PREFERRED, Languages, languages_of, shown
from .loaded_concepts import LoadedConcept
from .loaded_systems import LoadedSystem
from .outcomes import FhirError, said
from .parameters import Inputs, parameter
from .value_sets import EXPANSION_PARAMETER, Evaluation

LIMIT: Final = 20_000
"""Codes that one answer may have."""
EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/"
SHOWN: Final = frozenset(
    EXTENSION + name
    for name in (
        *("rendering-style", "rendering-xhtml", "valueset-deprecated", "valueset-concept-definition"),
        *("codesystem-alternate", "itemWeight"),
    )
)
"""Extensions of concepts that an expansion repeats."""
PROPERTIES: Final = {
    EXTENSION + "codesystem-label": ("label", "label"),
    EXTENSION + "valueset-label": ("label", "label"),
    EXTENSION + "codesystem-conceptOrder": ("order", "order"),
    EXTENSION + "valueset-conceptOrder": ("order", "order"),
    EXTENSION + "itemWeight": ("weight", "itemWeight"),
}
"""Extensions of concepts that an expansion has as properties: code and standard property."""
HEAD: Final = (
    *("resourceType", "id", "language", "url", "identifier", "version", "name", "title", "status", "experimental"),
    *("date", "publisher"),
)
"""Elements of a value set that come with its expansion."""
UNCLOSED: Final = EXTENSION + "valueset-unclosed"
ECHOED: Final = {
    "excludeNested": "boolean",
    "activeOnly": "boolean",
    "includeDesignations": "boolean",
    "includeDefinition": "boolean",
    "excludeNotForUI": "boolean",
    "excludePostCoordinated": "boolean",
    "limitedExpansion": "boolean",
    "count": "integer",
    "offset": "integer",
    "filter": "string",
    "date": "dateTime",
}
"""Parameters that an expansion repeats, and their types."""


@frozen
class Options:
    """How a value set is to be expanded."""

    count: int | None = None
    offset: int | None = None
    text: str | None = None
    is_flat: bool = False
    is_active_only: bool = False
    has_designations: bool = False
    has_definition: bool = False
    languages: Languages = field(factory=Languages)
    designations: tuple[str, ...] = ()
    """The designations to show, by language or ``system|code`` of their use; all where it is empty."""
    properties: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Code systems to leave out, by ``url`` or ``url|version``."""
    is_for_display: bool = False
    """Whether abstract codes are left out."""
    limit: int = LIMIT
    echoed: tuple[Resource, ...] = field(default=())


def options_of(inputs: Inputs, value_set: Resource, accepted: str | None, limit: int = LIMIT) -> Options:
    """Return how a request wants a value set expanded.

    Args:
        inputs: The parameters.
        value_set: The value set: its definition may have parameters, too.
        accepted: The header ``Accept-Language``.
        limit: Codes that the answer may have.

    Raises:
        FhirError: A parameter is not of its type.
    """
    language = inputs.text("displayLanguage") or accepted or stated_language(value_set)
    echoed = []
    for name, kind in ECHOED.items() if not inputs.names.isdisjoint(ECHOED) else ():
        if name in inputs:
            read: Callable[[str], Any] = {"boolean": inputs.flag, "integer": inputs.number}.get(kind, inputs.text)
            value: Any = read(name)
            if value is not None:
                echoed.append({"name": name, f"value{kind[0].upper()}{kind[1:]}": value})
    if language:
        echoed.append(parameter("displayLanguage", code=language))
    echoed += [parameter("designation", string=one) for one in inputs.texts("designation")]
    echoed += [parameter("exclude-system", uri=one) for one in inputs.texts("exclude-system")]
    echoed += [parameter("default-valueset-version", uri=one) for one in inputs.texts("default-valueset-version")]
    return Options(
        count=inputs.number("count"),
        offset=inputs.number("offset"),
        text=inputs.text("filter"),
        is_flat=inputs.flag("excludeNested") is True,
        is_active_only=inputs.flag("activeOnly") is True,
        has_designations=inputs.flag("includeDesignations") is True or "designation" in inputs,
        has_definition=inputs.flag("includeDefinition") is True,
        languages=languages_of(language),
        designations=tuple(inputs.texts("designation")),
        properties=tuple(inputs.texts("property")),
        excluded=tuple(inputs.texts("exclude-system")),
        is_for_display=inputs.flag("excludeNotForUI") is True,
        limit=limit,
        echoed=tuple(echoed),
    )


def stated_language(value_set: Resource) -> str | None:
    """Return the language that a value set is to be shown in, by its own word; None where it says none."""
    for extension in (value_set.get("compose") or {}).get("extension") or []:
        if extension.get("url") == EXPANSION_PARAMETER:
            parts = {one.get("url"): one for one in extension.get("extension") or []}
            name, value = (_value(parts.get(part, {})) for part in ("name", "value"))
            if name == "displayLanguage" and isinstance(value, str):
                return value
    language = value_set.get("language")
    return language if isinstance(language, str) else None


def _value(holder: Resource) -> Any:
    return next((value for name, value in holder.items() if name.startswith("value")), None)


def expand(evaluation: Evaluation, value_set: Resource, options: Options) -> Resource:
    """Return a value set with its expansion.

    ``total`` counts what the text and the exclusions leave, before paging.

    Raises:
        FhirError: It cannot be expanded, or has more codes than the answer may have and no page was asked for.
    """
    rows = evaluation.rows(value_set)
    evaluation.note_status(value_set, value_set)
    rows = _without_systems(rows, options.excluded, evaluation)
    if options.is_active_only:
        rows = active(rows)
    if options.is_for_display:
        rows = [row for row in rows if not ((found := row.system.concept(row.code)) and found.is_abstract)]
    if options.text:
        rows = found_rows(rows, options.text)
    offset = options.offset or 0
    page = rows[offset:] if options.count is None else rows[offset : offset + options.count]
    if len(page) > options.limit:
        name = _name(value_set)
        made = said("VALUESET_TOO_COSTLY", name, f">{options.limit}", code="too-costly")
        made["diagnostics"] = f"{len(rows)} codes; ask for pages with count and offset, or for fewer with filter"
        raise FhirError(422, [made])
    entries = _Entries(options, value_set, page)
    contains = entries.listed(page) if _is_flat(options, value_set, rows, page) else entries.nested(page)
    return _expanded(value_set, evaluation, options, len(rows), contains, entries.properties)


def _without_systems(rows: Sequence[Row], excluded: Sequence[str], evaluation: Evaluation) -> Sequence[Row]:
    """Return rows without those of code systems that are to be left out."""
    if not excluded:
        return rows
    catalogue, named = evaluation.catalogue, [split_canonical(one) for one in excluded]

    def is_left(system: SystemVersion) -> bool:
        return not any(
            catalogue.is_same(system.url, url) and catalogue.fits(system.url, system.version, version)
            for url, version in named
        )

    kept = {id(system): is_left(system) for system in {id(row.system): row.system for row in rows}.values()}
    return [row for row in rows if kept[id(row.system)]]


def is_short(contains: Sequence[Resource], most: int) -> bool:
    """Return whether an expansion has at most so many entries, those in others counted."""
    waiting, count = [contains], 0
    while waiting and count <= most:
        held = waiting.pop()
        count += len(held)
        waiting += [one["contains"] for one in held if "contains" in one]
    return count <= most


def _name(value_set: Resource) -> str:
    url, version = value_set.get("url") or "", value_set.get("version")
    return f"{url}|{version}" if version else url


def _is_flat(options: Options, value_set: Resource, rows: Sequence[Row], page: Sequence[Row]) -> bool:
    """Return whether codes are listed rather than arranged.

    They are when it is asked for, on a page, where words found them, and where a value set takes codes out of another
    or leaves some out: then what is above a code may not be there.
    """
    if options.is_flat or len(page) < len(rows):
        return True
    if any(one.is_exclude or one.imports for one in clauses_of(value_set)):
        return True
    return bool(options.text) and (isinstance(rows, SystemRows) or is_ranked(rows))


class _Entries:
    """Makes the entries of an expansion, and knows which properties they have."""

    def __init__(self, options: Options, value_set: Resource, page: Sequence[Row]) -> None:
        self.options = options
        self.properties: dict[str, str | None] = {}
        versions: dict[str, set[str | None]] = {}
        for clause in clauses_of(value_set):
            versions.setdefault(clause.url or "", set()).add(clause.version)
        stated = {url for url, labels in versions.items() if len(labels) > 1}
        versions.clear()
        systems = list({id(row.system): row.system for row in page}.values())
        for system in systems:
            versions.setdefault(system.url, set()).add(system.version)
        self._is_plain = not (options.languages or options.has_designations or options.properties)
        self._plain: dict[int, Callable[[str], Resource | None]] = {}
        """By the ids of systems, what makes the entries of most codes."""
        if self._is_plain:
            held = (system for system in systems if isinstance(system, LoadedSystem) and not system.has_inactive)
            self._plain = {id(system): system.plain_entry for system in held}
        self._several = stated | {url for url, labels in versions.items() if len(labels) > 1}

    def listed(self, rows: Iterable[Row]) -> list[Resource]:
        """Return entries as a list."""
        return [self.entry(row) for row in rows]

    def nested(self, rows: Sequence[Row]) -> list[Resource]:
        """Return entries as trees: a code stands in the one directly above it, where that is there."""
        made = {(id(row.system), row.code): self.entry(row) for row in rows}
        roots = []
        for row in rows:
            system, code, reference = row
            entry = made[id(system), code]
            parents = () if reference is not None else system.parents(code)
            above = next((made[key] for one in parents if (key := (id(system), one)) in made), None)
            if above is None:
                roots.append(entry)
            else:
                above.setdefault("contains", []).append(entry)
        return roots

    def entry(self, row: Row) -> Resource:
        """Return the entry of one row."""
        system = row.system
        if row.entry is None and id(system) in self._plain and (known := self._plain[id(system)](row.code)) is not None:
            return {**known, "version": system.version} if system.url in self._several else {**known}
        concept = system.concept(row.code)
        if concept is None:
            return {"system": system.url, "code": row.code}
        if self._is_plain and isinstance(concept, LoadedConcept) and row.entry is None and not concept.is_inactive:
            plain = {**concept.entry, "system": system.url}
            if system.url in self._several:
                plain["version"] = system.version
            return plain
        made: Resource = {"system": system.url}
        if concept.is_abstract:
            made["abstract"] = True
        if concept.is_inactive:
            made["inactive"] = True
        if system.url in self._several:
            made["version"] = system.version
        made["code"] = concept.code
        self._texts(made, row, concept)
        extensions = _extensions(row, concept)
        if extensions:
            made["extension"] = extensions
        properties = self._property_values(row, concept)
        if properties:
            made["property"] = properties
        return made

    def _texts(self, made: Resource, row: Row, concept: Concept) -> None:
        own = [one for one in (row.entry or {}).get("designation") or [] if "value" in one]
        display = (row.entry or {}).get("display") or concept.display
        designations = [*concept.designations, *own]
        text, source = shown(display, row.system.language, designations, self.options.languages)
        if text is not None:
            made["display"] = text
        if not self.options.has_designations:
            return
        others = [one for one in designations if one is not source]
        if display is not None and (source is not None or text is None):
            base: Resource = {"language": row.system.language} if row.system.language else {}
            others.insert(0, {**base, "use": PREFERRED, "value": display})
        wanted = [_without_source(one) for one in others if self._is_wanted(one)]
        if wanted:
            made["designation"] = wanted

    def _is_wanted(self, designation: Resource) -> bool:
        if not self.options.designations:
            return True
        use = designation.get("use") or {}
        names = {designation.get("language"), f"{use.get('system')}|{use.get('code')}"}
        return any(one.removeprefix("urn:ietf:bcp:47|") in names for one in self.options.designations)

    def _property_values(self, row: Row, concept: Concept) -> list[Resource]:
        found: dict[str, Resource] = {}
        several: list[Resource] = []
        for extension in [*concept.extensions, *((row.entry or {}).get("extension") or [])]:
            name, standard = PROPERTIES.get(extension.get("url", ""), (None, None))
            if name is not None:
                self.properties[name] = f"{STANDARD_PROPERTIES}{standard}"
                found[name] = {"code": name, **_as_property(extension)}
        if concept.status not in (None, "active"):
            self.properties["status"] = f"{STANDARD_PROPERTIES}status"
            found["status"] = {"code": "status", "valueCode": concept.status}
        for name in self.options.properties:
            several += self._asked(name, row, concept)
        return [*found.values(), *(one for one in several if one["code"] not in found)]

    def _asked(self, name: str, row: Row, concept: Concept) -> list[Resource]:
        """Return the values of a property that was asked for."""
        if name == "definition":
            values = [{"code": name, "valueString": concept.definition}] if concept.definition else []
            uri: str | None = f"{STANDARD_PROPERTIES}definition"
        elif name in ("parent", "child"):
            codes = row.system.parents(row.code) if name == "parent" else row.system.children(row.code)
            values = [{"code": name, "valueCode": code} for code in codes]
            uri = f"{STANDARD_PROPERTIES}{name}"
        else:
            values = [dict(one) for one in concept.named(name)]
            uri = property_uri(row.system, name)
        if values:
            self.properties.setdefault(name, uri)
        return values


def _extensions(row: Row, concept: Concept) -> list[Resource]:
    """Return the extensions of an entry: those of the concept, and over them those of the value set."""
    found = {one.get("url"): one for one in concept.extensions if one.get("url") in SHOWN - {EXTENSION + "itemWeight"}}
    status = EXTENSION + "structuredefinition-standards-status"
    for one in (row.entry or {}).get("extension") or []:
        if one.get("url") in SHOWN - {EXTENSION + "itemWeight"} or one.get("url") == status:
            found[one["url"]] = one
    return list(found.values())


def _as_property(extension: Resource) -> Resource:
    value = _value(extension)
    return {"valueDecimal": value} if isinstance(value, (int, float)) else {"valueString": value}


def not_derived(name: str) -> bool:
    """Return whether an element belongs to the definition of a value set."""
    return name not in ("expansion", "text", "meta")


def _without_source(designation: Resource) -> Resource:
    return {name: value for name, value in designation.items() if name != "source"}


def _expanded(  # noqa: PLR0917 -- the parts of one resource
    value_set: Resource,
    evaluation: Evaluation,
    options: Options,
    total: int,
    contains: list[Resource],
    properties: dict[str, str | None],
) -> Resource:
    is_kept = not_derived if options.has_definition else HEAD.__contains__
    made = {name: value for name, value in value_set.items() if is_kept(name)}
    made.setdefault("status", "unknown")
    expansion: Resource = {}
    if evaluation.fragments:
        reason = f"This extension is based on a fragment of the code system {evaluation.fragments[0]}"
        expansion["extension"] = [
            {"url": UNCLOSED, "valueBoolean": True},
            {"url": f"{UNCLOSED}-reason", "valueString": reason},
        ]
    expansion |= {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "total": total,
    }
    if options.offset is not None:
        expansion["offset"] = options.offset
    used = [parameter(name, uri=value) for name, value in evaluation.used]
    used += [parameter("warning", string=text) for text in evaluation.warnings]
    if parameters := [*options.echoed, *used]:
        expansion["parameter"] = parameters
    if properties:
        expansion["property"] = [{"code": code, **({"uri": uri} if uri else {})} for code, uri in properties.items()]
    if contains:
        expansion["contains"] = contains
    return {**made, "expansion": expansion}
