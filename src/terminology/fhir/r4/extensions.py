"""Elements that R5 has and R4 has not, as the extensions that HL7 fixes for them.

A `Shape` lists the elements of one path that are new, and the paths of the elements below. The extension of an element
of a simple type has a value; that of an element with parts has an extension for each part:

    "property": [{"code": "parent", "valueCode": "E11"}]

    "extension": [{"url": "…/extension-ValueSet.expansion.contains.property",
                   "extension": [{"url": "code", "valueCode": "parent"}, {"url": "value", "valueCode": "E11"}]}]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias, Union

from attrs import field, frozen

from ...canonicals import R5_EXTENSION
from ..exchange import Resource

ANY_BASE: Final = re.compile(r"http://hl7\.org/fhir/[56]\.0/StructureDefinition/extension-(.+)")
CHOICE: Final = "[x]"

Parts: TypeAlias = Mapping[str, Union[str, "Parts"]]


@frozen
class New:
    """An element that R4 has not."""

    type: str | Parts
    """Its type, or its parts with theirs; `CHOICE` where the name of the element says the type."""
    many: bool = False


@frozen
class Shape:
    """The elements of one path."""

    path: str
    new: Mapping[str, New] = field(factory=dict)
    below: Mapping[str, str] = field(factory=dict)
    """Paths of the elements below that have a shape, by name."""


def listed(value: Any) -> list[Any]:
    """Return what should be an array as a list: what somebody sent in its place is none.

    >>> listed([1]), listed("x"), listed(None)
    ([1], [], [])
    """
    return value if isinstance(value, list) else []


def value_key(kind: str) -> str:
    """Return the name of an extension's value of a type.

    >>> value_key("code"), value_key("CodeableConcept")
    ('valueCode', 'valueCodeableConcept')
    """
    return f"value{kind[0].upper()}{kind[1:]}"


def moved_out(element: Resource, shape: Shape) -> Resource:
    """Return an element with its new elements as extensions."""
    new = {name: _new(name, shape) for name in element}
    if not any(new.values()):
        return element
    made = {name: value for name, value in element.items() if new[name] is None}
    extensions = [*listed(element.get("extension"))]
    for name, found in new.items():
        if found is not None and not (name.startswith("_") and name[1:] in element):
            extensions += _extensions(element, name.removeprefix("_"), *found, shape.path)
    return {"extension": extensions, **{name: value for name, value in made.items() if name != "extension"}}


def _new(name: str, shape: Shape) -> tuple[str, New] | None:
    """Return the new element that a member of an element is, with its name without type."""
    plain = name.removeprefix("_")
    if plain in shape.new:
        return plain, shape.new[plain]
    for one, new in shape.new.items():
        if new.type == CHOICE and plain.startswith(one) and plain[len(one) : len(one) + 1].isupper():
            return one, new
    return None


def _extensions(element: Resource, name: str, base: str, new: New, path: str) -> Iterator[Resource]:
    values, further = element.get(name), element.get(f"_{name}")
    items = _paired(values, further) if new.many else [(values, further)]
    for value, companion in items:
        yield _extension(f"{R5_EXTENSION}{path}.{base}", value, companion, name[len(base) :] or new.type)


def _paired(values: Any, further: Any) -> list[tuple[Any, Any]]:
    values, further = listed(values), listed(further)
    count = max(len(values), len(further))
    return list(zip(*(one + [None] * (count - len(one)) for one in (values, further)), strict=True))


def _extension(url: str, value: Any, companion: Any, kind: str | Parts) -> Resource:
    made: Resource = {"url": url}
    if isinstance(kind, str):
        key = value_key(kind)
        if value is not None:
            made[key] = value
        if companion is not None:
            made[f"_{key}"] = companion
        return made
    parts = value if isinstance(value, dict) else {}
    made["extension"] = [*listed(parts.get("extension")), *_parts(parts, kind)]
    return made


def _parts(value: Resource, parts: Parts) -> Iterator[Resource]:
    for name, kind in parts.items():
        if kind == CHOICE:
            for key in value:
                if key.startswith(name) and key[len(name) : len(name) + 1].isupper():
                    yield {"url": name, value_key(key[len(name) :]): value[key]}
        elif name in value:
            items = value[name] if isinstance(value[name], list) else [value[name]]
            yield from (_extension(name, item, None, kind) for item in items)


# ---- and back


def moved_in(element: Resource, shape: Shape) -> Resource:
    """Return an element with the extensions that stand for new elements as these elements."""
    given = listed(element.get("extension"))
    if not given or not shape.new:
        return element
    made = {name: value for name, value in element.items() if name != "extension"}
    kept = [extension for extension in given if not _taken(made, extension, shape)]
    return {"extension": kept, **made} if kept else made


def _taken(made: Resource, extension: Any, shape: Shape) -> bool:
    """Add what an extension stands for to an element, and return whether it stands for anything."""
    found = ANY_BASE.fullmatch(str(extension.get("url"))) if isinstance(extension, dict) else None
    path, _, name = found[1].rpartition(".") if found else ("", "", "")
    if path != shape.path or name not in shape.new:
        return False
    new = shape.new[name]
    if isinstance(new.type, str):
        key = next((key for key in extension if key.startswith("value")), "")
        companion = next((key for key in extension if key.startswith("_value")), "")
        member = name + (key or companion[1:]).removeprefix("value") if new.type == CHOICE else name
        _put(made, member, extension.get(key), extension.get(companion), many=new.many)
    else:
        _put(made, name, _whole(extension, new.type), None, many=new.many)
    return True


def _put(made: Resource, name: str, value: Any, companion: Any, *, many: bool) -> None:
    if not many:
        made.update({key: one for key, one in ((name, value), (f"_{name}", companion)) if one is not None})
        return
    place = len(listed(made.get(name)))
    made[name] = [*listed(made.get(name)), value]
    if companion is not None or f"_{name}" in made:
        before = listed(made.get(f"_{name}"))
        made[f"_{name}"] = [*before, *[None] * (place - len(before)), companion]


def _whole(extension: Resource, parts: Parts) -> Resource:
    made: Resource = {}
    others = []
    for part in listed(extension.get("extension")):
        name = part.get("url") if isinstance(part, dict) else None
        kind = parts.get(name) if isinstance(name, str) else None
        if kind is None or not isinstance(name, str):
            others.append(part)
        elif isinstance(kind, str):
            key = next((key for key in part if key.startswith("value")), "value")
            made[f"{name}{key.removeprefix('value')}" if kind == CHOICE else name] = part.get(key)
        else:
            made[name] = [*listed(made.get(name)), _whole(part, kind)]
    return {"extension": others, **made} if others else made
