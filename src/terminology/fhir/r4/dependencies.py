"""What the target of a ConceptMap depends on, and what comes with it.

R5 names an attribute by a code and gives a value of some type; R4 names it by a URI, and its value is a text or a code
with its system:

    {"attribute": "with", "valueCoding": {"system": "http://hl7.org/fhir/sid/icd-9-cm", "code": "250.00"}}
    {"property": "urn:example:with", "system": "http://hl7.org/fhir/sid/icd-9-cm", "value": "250.00"}

The URI of an attribute is in ``ConceptMap.additionalAttribute``; one that is not declared is named by its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...canonicals import R5_EXTENSION
from ..exchange import Resource
from .extensions import listed

NAMES: Final = ("dependsOn", "product")
CODE: Final = re.compile(r"[^\s:/|#]+")
TAIL: Final = re.compile(r"[A-Za-z0-9_.-]+$")
OF_CODINGS: Final = frozenset({"system", "version", "code", "display"})


def dependencies_to_r4(resource: Resource) -> Resource:
    """Return a ConceptMap with the dependencies of its targets in the form of R4."""
    declared = _declared(resource)
    uris = {one.get("code"): one["uri"] for one in declared if one.get("uri")}
    return _changed(resource, lambda element, name: _to_r4(element, name, uris))


def dependencies_to_r5(resource: Resource) -> Resource:
    """Return a ConceptMap with the dependencies of its targets in the form of R5; what names them is declared."""
    declared = _declared(resource)
    codes = {one["uri"]: one.get("code") for one in declared if one.get("uri")}
    taken = {one.get("code") for one in declared}
    added: list[Resource] = []

    def code_of(uri: str, kind: str) -> str:
        if uri not in codes and CODE.fullmatch(uri):
            return uri
        if uri not in codes:
            codes[uri] = _free_code(uri, taken)
            taken.add(codes[uri])
            added.append({"code": codes[uri], "uri": uri, "type": kind})
        return str(codes[uri])

    made = _changed(resource, lambda element, name: _to_r5(element, name, code_of))
    given = listed(resource.get("additionalAttribute"))
    return {**made, "additionalAttribute": [*given, *added]} if added else made


def _declared(resource: Resource) -> list[Resource]:
    """Return the attributes that are declared, with texts for code and URI."""
    found = [one for one in listed(resource.get("additionalAttribute")) if isinstance(one, dict)]
    return [one for one in found if all(isinstance(one.get(name, ""), str) for name in ("code", "uri"))]


def _free_code(uri: str, taken: set[Any]) -> str:
    found = TAIL.search(uri)
    code = name = found[0] if found else "attribute"
    number = 1
    while code in taken:
        number += 1
        code = f"{name}-{number}"
    return code


def _changed(resource: Resource, change: Any) -> Resource:
    """Return a ConceptMap in which each dependency is changed; what has none stays the same object."""
    if not any(name in target for target in _targets(resource) for name in NAMES):
        return resource

    def of_target(target: Any) -> Any:
        if not isinstance(target, dict):
            return target
        found = {
            name: [change(one, name) if isinstance(one, dict) else one for one in target[name]]
            for name in NAMES
            if isinstance(target.get(name), list)
        }
        return {**target, **found}

    def of_list(holder: Any, name: str, each: Any) -> Any:
        if not isinstance(holder, dict) or not isinstance(holder.get(name), list):
            return holder
        return {**holder, name: [each(one) for one in holder[name]]}

    return of_list(  # type: ignore[no-any-return]
        resource, "group", lambda group: of_list(group, "element", lambda one: of_list(one, "target", of_target))
    )


def _targets(resource: Resource) -> Iterator[Resource]:
    def held(holder: Any, name: str) -> Iterator[Any]:
        items = holder.get(name) if isinstance(holder, dict) else None
        yield from (one for one in (items if isinstance(items, list) else ()) if isinstance(one, dict))

    for group in held(resource, "group"):
        for element in held(group, "element"):
            yield from held(element, "target")


def _to_r4(element: Resource, name: str, uris: Mapping[Any, str]) -> Resource:
    made = dict(element)
    attribute = made.pop("attribute", None)
    key = next((key for key in element if key.startswith("value") and key != "valueSet"), None)
    value = made.pop(key, None) if key else None
    head: Resource = {"property": uris.get(str(attribute), attribute)} if attribute is not None else {}
    further = None
    if isinstance(value, dict) and key == "valueCoding":
        head |= _coding_to_r4(value)
        is_plain = set(value) <= OF_CODINGS and bool({"system", "display"} & set(value)) and "code" in value
        further = None if is_plain else value
    elif value is not None:
        head["value"] = _text(value)
        further = value if key != "valueString" else None
    elif "valueSet" in made:
        head["value"] = made["valueSet"]
    if further is not None:
        made["extension"] = [*listed(made.get("extension")), {"url": _url(name), key: further}]
    return {**made, **head}


def _url(name: str) -> str:
    return f"{R5_EXTENSION}ConceptMap.group.element.target.{name}.value"


def _coding_to_r4(coding: Resource) -> Resource:
    system, version = coding.get("system"), coding.get("version")
    named = f"{system}|{version}" if system and version else system
    found = {"system": named, "value": coding.get("code"), "display": coding.get("display")}
    return {name: value for name, value in found.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return " ".join(str(value[name]) for name in ("value", "unit", "code") if name in value)
    return str(value)


def _to_r5(element: Resource, name: str, code_of: Any) -> Resource:
    made = dict(element)
    given = listed(made.pop("extension", None))
    stated = next((one for one in given if isinstance(one, dict) and one.get("url") == _url(name)), None)
    others = [one for one in given if one is not stated]
    uri, system, display = (made.pop(part, None) for part in ("property", "system", "display"))
    value = made.pop("value", None)
    head: Resource = {}
    if stated is not None:
        head |= {key: one for key, one in stated.items() if key.startswith("value")}
    elif system is not None or display is not None:
        plain, _, version = str(system or "").partition("|")
        coding = {"system": plain or None, "version": version or None, "code": value, "display": display}
        head["valueCoding"] = {key: one for key, one in coding.items() if one is not None}
    elif value is not None and value != made.get("valueSet"):
        head["valueString"] = value
    kind = "Coding" if "valueCoding" in head else "code" if "valueCode" in head else "string"
    attribute = {"attribute": code_of(str(uri), kind)} if uri is not None else {}
    return {**({"extension": others} if others else {}), **made, **attribute, **head}
