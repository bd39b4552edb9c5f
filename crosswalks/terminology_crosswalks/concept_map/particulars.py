"""What a ConceptMap that this library wrote says of a target besides: codes used together, flags, days.

`terminology.fhir.concept_maps` writes a crosswalk as a ConceptMap of R5, `terminology.fhir.r4` makes it one of R4:

    R5  "product": [{"attribute": "used-with", "valueCoding": {"system": "…", "code": "995.91"}}]
        "property": [{"code": "approximate", "valueBoolean": true}]
    R4  "product": [{"property": "urn:terminology:attribute:used-with", "system": "…", "value": "995.91"}]
        "extension": [{"url": "…extension-ConceptMap.group.element.target.property",
                       "extension": [{"url": "code", "valueCode": "approximate"}, {"url": "value", "valueBoolean": true}]}]

Maps of others have attributes and properties of their own, which mean whatever their authors say: these are kept as they
are, and not interpreted.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from terminology.canonicals import ATTRIBUTE, PROPERTY, R5_EXTENSION, USED_WITH
from terminology.reading import Element, day_in
from terminology.schema import CHANGES

TARGET: Final = f"{R5_EXTENSION}ConceptMap.group.element.target.property"
DECLARED: Final = {
    "property": f"{R5_EXTENSION}ConceptMap.property",
    "additionalAttribute": f"{R5_EXTENSION}ConceptMap.additionalAttribute",
}


@frozen
class Particulars:
    """Reads targets of one map."""

    properties: Mapping[str, str]
    """Our names of its properties, by their codes; empty of a map of others."""
    attributes: frozenset[str]
    """What it calls the attribute *used with*: code, and URI."""

    @classmethod
    def of(cls, resource: Element) -> Particulars:
        """Return the reader of the targets of a map."""
        properties = {code: uri.removeprefix(PROPERTY) for code, uri in _declared(resource, "property")}
        attributes = [code for code, uri in _declared(resource, "additionalAttribute") if uri == ATTRIBUTE + USED_WITH]
        uris = dict(_declared(resource, "property"))
        ours = {code: name for code, name in properties.items() if uris[code].startswith(PROPERTY)}
        return cls(ours, frozenset([*attributes, ATTRIBUTE + USED_WITH]))

    def used_with(self, target: Element, name: str) -> tuple[str, ...]:
        """Return the codes of ``product`` or ``dependsOn`` that are used together with the one beside them."""
        found = []
        for one in target.items_of(name):
            if isinstance(one, Element) and (one.text("attribute") or one.text("property")) in self.attributes:
                coding = one.get("valueCoding")
                code = coding.text("code") if isinstance(coding, Element) else one.text("value")
                found += [code] if code else []
        return tuple(found)

    def values(self, target: Element) -> dict[str, list[Any]]:
        """Return the values of our properties of a target, by our names."""
        found: dict[str, list[Any]] = {}
        for code, value in (*_properties(target), *_extended(target)):
            if code in self.properties:
                found.setdefault(self.properties[code], []).append(value)
        return found

    def fields(self, target: Element) -> dict[str, Any]:
        """Return the fields of a row of ``mappings`` that the properties of a target are."""
        said = self.values(target)
        approximate, day, change = (said.get(name, [None])[0] for name in ("approximate", "effective", "change"))
        return {
            "approximate": approximate if isinstance(approximate, bool) else None,
            "effective": day_in(day) if isinstance(day, str) else None,
            "change": change if isinstance(change, str) and change in CHANGES else None,
        }

    def detail(self, target: Element) -> dict[str, Any]:
        """Return what the publisher says besides: the scenario of a combination, and its choice lists."""
        said = self.values(target)
        lists = [[code.strip() for code in text.split(",")] for text in said.get("choice-list", []) if isinstance(text, str)]  # fmt: skip
        scenario = next(iter(said.get("scenario", [])), None)
        found = {"scenario": scenario, "choice_lists": lists or None}
        return {name: value for name, value in found.items() if value is not None}

    def day_of(self, group: Element) -> datetime.date | None:
        """Return the day that the targets of a group state: all of one group have the same."""
        for element in group.items_of("element"):
            for target in element.items_of("target") if isinstance(element, Element) else ():
                if isinstance(target, Element) and (day := self.fields(target)["effective"]):
                    return day  # type: ignore[no-any-return]
        return None


def _declared(resource: Element, name: str) -> Iterator[tuple[str, str]]:
    """Yield code and URI of the properties or attributes that a map declares, in R5 or by extensions."""
    for one in resource.items_of(name):
        if isinstance(one, Element) and (code := one.text("code")) and (uri := one.text("uri")):
            yield code, uri
    for parts in _parts(resource, DECLARED[name]):
        if isinstance(parts.get("code"), str) and isinstance(parts.get("uri"), str):
            yield parts["code"], parts["uri"]


def _properties(target: Element) -> Iterator[tuple[str, Any]]:
    for one in target.items_of("property"):
        if isinstance(one, Element) and (code := one.text("code")):
            yield code, next((value for name, value in one.items() if name.startswith("value")), None)


def _extended(target: Element) -> Iterator[tuple[str, Any]]:
    for parts in _parts(target, TARGET):
        if isinstance(parts.get("code"), str):
            yield parts["code"], parts.get("value")


def _parts(element: Element, url: str) -> Iterator[dict[str, Any]]:
    """Yield the values of the extensions within each extension of a URL, by their own URLs."""
    for extension in element.items_of("extension"):
        if isinstance(extension, Element) and extension.get("url") == url:
            held = [one for one in extension.items_of("extension") if isinstance(one, Element)]
            yield {
                str(one.get("url")): next((value for name, value in one.items() if name.startswith("value")), None)
                for one in held
            }
