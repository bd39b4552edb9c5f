"""Elements that R4 has as well, and says otherwise: operators of filters, the parts of a ConceptMap, match parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...canonicals import R5_EXTENSION
from ..exchange import Resource
from ..relationships import EQUIVALENCES, RELATIONSHIPS, UNMATCHED
from .extensions import listed

NEW_OPERATORS: Final = frozenset({"child-of", "descendent-leaf"})
FILTER_OPERATOR: Final = f"{R5_EXTENSION}CodeSystem.filter.operator"
INCLUDE_OPERATOR: Final = f"{R5_EXTENSION}ValueSet.compose.include.filter.op"
IDENTIFIER: Final = f"{R5_EXTENSION}ConceptMap.identifier"
OLD_EQUIVALENCE: Final = "http://hl7.org/fhir/1.0/StructureDefinition/extension-ConceptMap.element.target.equivalence"
"""On a relationship of R5: the equivalence that it was made of, where that says more."""
OLD_TARGET: Final = "http://hl7.org/fhir/4.0/StructureDefinition/extension-ConceptMap.group.element.target."
"""On an element of R5 without map: what R4 says beside ``unmatched``."""
UNMATCHED_TEXTS: Final = ("comment", "display", "code")
SCOPES: Final = {f"{end}Scope{kind}": f"{end}{kind}" for end in ("source", "target") for kind in ("Uri", "Canonical")}
"""Names of R5, and those of R4."""
MODES: Final = {"use-source-map": "provided"}
OLD_MODES: Final = {old: new for new, old in MODES.items()}


def _without(extensions: Any, url: str) -> tuple[list[Any], list[Any]]:
    """Return the extensions of a URL, and the others."""
    given = listed(extensions)
    found = [one for one in given if isinstance(one, dict) and one.get("url") == url]
    return found, [one for one in given if one not in found]


def _set_extensions(element: Resource, extensions: list[Any]) -> None:
    if extensions:
        element["extension"] = extensions
    else:
        element.pop("extension", None)


# ---- filters


def _is_new(operator: Any) -> bool:
    return isinstance(operator, str) and operator in NEW_OPERATORS


def system_filter_to_r4(element: Resource) -> Resource:
    """Return a filter of a CodeSystem, operators that are new as extensions."""
    operators = listed(element.get("operator"))
    new = [one for one in operators if _is_new(one)]
    if not new:
        return element
    extensions = [{"url": FILTER_OPERATOR, "valueCode": one} for one in new]
    kept = [one for one in operators if not _is_new(one)]
    made = {**element, "extension": [*listed(element.get("extension")), *extensions], "operator": kept}
    if not kept:
        # an element that must be there may have an extension in place of its value
        made["_operator"] = [{"extension": made.pop("extension")}]
        made["operator"] = [None]
    return made


def system_filter_to_r5(element: Resource) -> Resource:
    """Return a filter of a CodeSystem with the operators that `system_filter_to_r4` set aside."""
    made = dict(element)
    aside = listed(made.get("_operator"))
    if made.get("operator") == [None] and len(aside) == 1 and isinstance(aside[0], dict):
        made |= {"operator": [], "extension": aside[0].get("extension")}
        made.pop("_operator")
    found, others = _without(made.get("extension"), FILTER_OPERATOR)
    if not found:
        return element
    _set_extensions(made, others)
    return {**made, "operator": [*listed(made.get("operator")), *(one.get("valueCode") for one in found)]}


def include_filter_to_r4(element: Resource) -> Resource:
    """Return a filter of a ValueSet; an operator that is new is an extension in place of the value."""
    if not _is_new(element.get("op")):
        return element
    made = {name: value for name, value in element.items() if name != "op"}
    return {**made, "_op": {"extension": [{"url": INCLUDE_OPERATOR, "valueCode": element["op"]}]}}


def include_filter_to_r5(element: Resource) -> Resource:
    """Return a filter of a ValueSet with the operator that `include_filter_to_r4` set aside."""
    further = element.get("_op")
    if not isinstance(further, dict):
        return element
    found, others = _without(further.get("extension"), INCLUDE_OPERATOR)
    if not found:
        return element
    made = {name: value for name, value in element.items() if name != "_op"}
    if others:
        made["_op"] = {**further, "extension": others}
    return {**made, "op": found[0].get("valueCode")}


# ---- concept maps


def map_to_r4(element: Resource) -> Resource:
    """Return the head of a ConceptMap: one identifier, and the old names of its scopes."""
    made = {SCOPES.get(name, name): value for name, value in element.items()}
    identifiers = made.get("identifier")
    if isinstance(identifiers, list) and identifiers:
        made["identifier"] = identifiers[0]
        further = [{"url": IDENTIFIER, "valueIdentifier": one} for one in identifiers[1:]]
        _set_extensions(made, [*listed(made.get("extension")), *further])
    return made


def map_to_r5(element: Resource) -> Resource:
    """Return the head of a ConceptMap: all its identifiers, and the new names of its scopes."""
    old = {before: now for now, before in SCOPES.items()}
    made = {old.get(name, name): value for name, value in element.items()}
    found, others = _without(made.get("extension"), IDENTIFIER)
    if isinstance(made.get("identifier"), dict):
        made["identifier"] = [made["identifier"], *(one.get("valueIdentifier") for one in found)]
        _set_extensions(made, others)
    return made


def group_to_r4(element: Resource) -> Resource:
    """Return a group with versions beside its systems rather than behind a bar."""
    made = dict(element)
    for end in ("source", "target"):
        uri, bar, version = str(made.get(end) or "").partition("|")
        if bar and version:
            made |= {end: uri, f"{end}Version": version}
    return made


def group_to_r5(element: Resource) -> Resource:
    """Return a group with versions behind its systems."""
    made = dict(element)
    for end in ("source", "target"):
        version = made.pop(f"{end}Version", None)
        if version and made.get(end):
            made[end] = f"{made[end]}|{version}"
    return made


def element_to_r4(element: Resource) -> Resource:
    """Return an element; one without map has a target that is unmatched."""
    if element.get("noMap") is not True or element.get("target"):
        return element
    made = {name: value for name, value in element.items() if name != "noMap"}
    target: Resource = {"equivalence": UNMATCHED}
    extensions = []
    for one in listed(made.get("extension")):
        url = str(one.get("url")) if isinstance(one, dict) else ""
        name = url.removeprefix(OLD_TARGET)
        if name != url and name in UNMATCHED_TEXTS:
            target[name] = one.get("valueString")
        else:
            extensions.append(one)
    _set_extensions(made, extensions)
    return {**made, "target": [target]}


def element_to_r5(element: Resource) -> Resource:
    """Return an element; one whose targets are all unmatched has no map."""
    targets = [one for one in listed(element.get("target")) if isinstance(one, dict)]
    if not targets or any(one.get("equivalence") != UNMATCHED for one in targets):
        return element
    made = {name: value for name, value in element.items() if name != "target"}
    said = [
        {"url": f"{OLD_TARGET}{name}", "valueString": one[name]}
        for one in targets[:1]
        for name in UNMATCHED_TEXTS
        if name in one
    ]
    _set_extensions(made, [*listed(made.get("extension")), *said])
    return {**made, "noMap": True}


def target_to_r4(element: Resource) -> Resource:
    """Return a target with the equivalence in place of the relationship."""
    if "equivalence" in element:
        return element
    made = dict(element)
    relationship, further = made.pop("relationship", None), made.pop("_relationship", None)
    found, others = _without(further.get("extension"), OLD_EQUIVALENCE) if isinstance(further, dict) else ([], [])
    said = str(found[0].get("valueCode")) if found else ""
    fits = RELATIONSHIPS.get(said) == relationship or said == UNMATCHED
    fits = fits and bool(said)
    made["equivalence"] = said if fits else EQUIVALENCES.get(str(relationship), "relatedto")
    if isinstance(further, dict) and (others or set(further) - {"extension"}):
        made["_equivalence"] = {**further, "extension": others} if others else {"id": further.get("id")}
    return made


def target_to_r5(element: Resource) -> Resource:
    """Return a target with the relationship in place of the equivalence, which is kept where it says more."""
    if "equivalence" not in element:
        return element
    made = dict(element)
    equivalence, further = str(made.pop("equivalence")), made.pop("_equivalence", None)
    relationship = RELATIONSHIPS.get(equivalence) or ("not-related-to" if equivalence == UNMATCHED else "related-to")
    made["relationship"] = relationship
    further = further if isinstance(further, dict) else {}
    extensions = [*listed(further.get("extension"))]
    if EQUIVALENCES[relationship] != equivalence:
        extensions.append({"url": OLD_EQUIVALENCE, "valueCode": equivalence})
    if extensions or further:
        made["_relationship"] = {**further, **({"extension": extensions} if extensions else {})}
    return made


def unmapped_to_r4(element: Resource) -> Resource:
    """Return what a group says of all other codes."""
    made = {"url" if name == "otherMap" else name: value for name, value in element.items()}
    return {**made, "mode": MODES.get(str(made["mode"]), made["mode"])} if "mode" in made else made


def unmapped_to_r5(element: Resource) -> Resource:
    """Return what a group says of all other codes."""
    made = {"otherMap" if name == "url" else name: value for name, value in element.items()}
    return {**made, "mode": OLD_MODES.get(str(made["mode"]), made["mode"])} if "mode" in made else made


# ---- further resources

SEVERITIES: Final = {"success": "information"}
ISSUES: Final = {"success": "informational", "limited-filter": "incomplete"}


def issue_to_r4(element: Resource) -> Resource:
    """Return an issue of an OperationOutcome with words that R4 has."""
    severity, code = element.get("severity"), element.get("code")
    if str(severity) not in SEVERITIES and str(code) not in ISSUES:
        return element
    return {**element, "severity": SEVERITIES.get(str(severity), severity), "code": ISSUES.get(str(code), code)}


MATCH_PARTS: Final = {"relationship": "equivalence", "originMap": "source"}
"""Of the answer of $translate: names of R5, and those of R4."""


def match_to_r4(parts: list[Any]) -> list[Any]:
    """Return the parts of a match of $translate under the names of R4."""
    made = []
    for part in parts:
        name = part.get("name") if isinstance(part, dict) else None
        if name == "relationship" and "valueCode" in part:
            made.append(
                {"name": "equivalence", "valueCode": EQUIVALENCES.get(str(part["valueCode"]), part["valueCode"])}
            )
        elif name == "originMap":
            renamed = {"valueUri" if key == "valueCanonical" else key: value for key, value in part.items()}
            made.append({**renamed, "name": "source"})
        else:
            made.append(part)
    return made


Change = Callable[[Resource], Resource]
TO_R4: Final[Mapping[str, Change]] = {
    "CodeSystem.filter": system_filter_to_r4,
    "ValueSet.compose.include.filter": include_filter_to_r4,
    "ConceptMap": map_to_r4,
    "ConceptMap.group": group_to_r4,
    "ConceptMap.group.element": element_to_r4,
    "ConceptMap.group.element.target": target_to_r4,
    "ConceptMap.group.unmapped": unmapped_to_r4,
}
"""What is done with elements of a path before what is left of R5 in them becomes extensions."""
TO_R5: Final[Mapping[str, Change]] = {
    "CodeSystem.filter": system_filter_to_r5,
    "ValueSet.compose.include.filter": include_filter_to_r5,
    "ConceptMap": map_to_r5,
    "ConceptMap.group": group_to_r5,
    "ConceptMap.group.element": element_to_r5,
    "ConceptMap.group.element.target": target_to_r5,
    "ConceptMap.group.unmapped": unmapped_to_r5,
}
