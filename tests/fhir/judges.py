"""Judges of resources that others wrote: of R5, R4B and R4. And what none of them sees."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from terminology.fhir import FhirVersion


def require_valid(resource: dict[str, Any], fhir: FhirVersion) -> None:
    """Check that a resource is one of its version of FHIR."""
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    pytest.importorskip("fhirclient", reason="fhirclient is not installed")
    kind = resource["resourceType"]
    package = "fhir.resources" if fhir == "r5" else "fhir.resources.R4B"
    judge = getattr(import_module(f"{package}.{kind.lower()}"), kind)
    judge.model_validate(copy.deepcopy(resource))
    if fhir == "r4":
        # it has R4 itself, and refuses elements that it does not know
        getattr(import_module(f"fhirclient.models.{kind.lower()}"), kind)(copy.deepcopy(resource))
    assert list(faults_of(resource)) == []


def faults_of(value: Any, path: str = "") -> Iterator[str]:
    """Yield what JSON of FHIR may not have: nulls, what is empty, and two values where there may be one."""
    if value is None or value in ("", [], {}):
        yield f"{path}: {value!r}"
    elif isinstance(value, dict):
        if len([name for name in value if name.startswith("value") and name[5:6].isupper()]) > 1:
            yield f"{path}: several values"
        for name, inner in value.items():
            yield from faults_of(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from faults_of(inner, f"{path}[{number}]")
