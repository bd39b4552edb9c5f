"""Judges of answers: other people's models of R4 and R5, where they are installed, and what neither of them sees."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import Any

from terminology.fhir.exchange import FhirVersion


def judged(resource: dict[str, Any], fhir: FhirVersion) -> dict[str, Any]:
    """Return a resource that holds nothing empty and one value an element, and that the model of its version accepts."""
    _require_contents(resource, resource["resourceType"])
    package, module = {"r5": ("fhir", "fhir.resources"), "r4": ("fhirclient", "fhirclient.models")}[fhir]
    if importlib.util.find_spec(package) is None:
        return resource
    name = resource["resourceType"]
    with warnings.catch_warnings():
        # those are about the judges' own code
        warnings.simplefilter("ignore")
        model = getattr(importlib.import_module(f"{module}.{name.lower()}"), name)
        if fhir == "r5":
            model.model_validate(resource)
        else:
            model(resource, strict=True)
    return resource


def _require_contents(value: Any, place: str) -> None:
    """Refuse nulls, empty texts, arrays and objects, and elements with two values."""
    assert value not in (None, "", [], {}), place
    if isinstance(value, dict):
        assert sum(key.startswith("value") and len(key) > len("value") for key in value) <= 1, place
        for key, inner in value.items():
            _require_contents(inner, f"{place}.{key}")
    if isinstance(value, list):
        for number, inner in enumerate(value):
            _require_contents(inner, f"{place}[{number}]")
