"""Judges of resources: the models of fhir.resources (R5, R4B) and fhirclient (R4), and a check of what they let pass."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

from terminology.fhir import Resource

CHOICE = re.compile(r"value[A-Z]\w*")
NOT_CHOICES = frozenset({"valueSet"})


def flaws(value: Any, place: str = "") -> Iterator[str]:
    """Yield what FHIR's JSON must not have: nulls, empty arrays, objects and texts, two values of one element."""
    if value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
        yield f"{place}: {value!r}"
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from flaws(one, f"{place}[{number}]")
    elif isinstance(value, dict):
        values = [name for name in value if CHOICE.fullmatch(name) and name not in NOT_CHOICES]
        if len(values) > 1:
            yield f"{place}: {' and '.join(values)}"
        for name in value:
            yield from flaws(_whole(value, name), f"{place}.{name}")


def _whole(element: Resource, name: str) -> Any:
    """Return a member; of a list of primitive values with extensions, one of the two lists has a null at each place."""
    one, companion = element[name], element.get(name[1:] if name.startswith("_") else f"_{name}")
    if not isinstance(one, list) or not isinstance(companion, list):
        return one
    return [other if item is None else item for item, other in zip(one, companion, strict=True)]


def judged(resource: Resource, version: str) -> Resource:
    """Return a resource that all judges of a version accept.

    Raises:
        ValueError: One does not.
    """
    found = list(flaws(resource))
    if found:
        raise ValueError("; ".join(found))
    kind = resource["resourceType"]
    package = "fhir.resources" if version == "r5" else "fhir.resources.R4B"
    importlib.import_module(package).get_fhir_model_class(kind).model_validate(resource)
    if version == "r4":
        module = importlib.import_module(f"fhirclient.models.{kind.lower()}")
        # texts with extensions only are beyond it
        getattr(module, kind)(resource, strict=True)
    return resource
