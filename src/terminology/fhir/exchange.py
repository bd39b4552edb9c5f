"""What a FHIR terminology service is asked, and what it answers: a request and a response without any HTTP in them.

The server makes a `Request` of what came over the wire, the command of its arguments, a test of literals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen

FhirVersion: TypeAlias = Literal["r4", "r5"]
Resource: TypeAlias = dict[str, Any]
"""A FHIR resource, or an element of one, in the form of its JSON."""

FHIR_VERSIONS: Final[Mapping[FhirVersion, str]] = {"r4": "4.0.1", "r5": "5.0.0"}


@frozen
class Request:
    """One interaction with a FHIR endpoint."""

    path: str
    """What follows the base, without slash before it: ``CodeSystem/$lookup``, ``metadata``, ``ValueSet/abc``."""
    fhir: FhirVersion = "r5"
    """Version of FHIR: ``r4`` or ``r5``."""
    method: str = "GET"
    """``GET`` or ``POST``."""
    query: tuple[tuple[str, str], ...] = ()
    """The parameters of the URL, decoded, in their order."""
    body: Any = None
    """The JSON of a POST, parsed; None where there is none."""
    headers: Mapping[str, str] = field(factory=dict)
    """Of the headers those that change an answer, by lower-case name: accept-language, x-request-id, x-cache-id."""
    base: str = ""
    """URL of the endpoint with a slash at its end, for links to it; empty where it is not known."""


@frozen
class Response:
    """What a FHIR endpoint answers: always a resource."""

    resource: Resource
    """As JSON values; an OperationOutcome where the request cannot be answered."""
    status: int = 200
    """Of HTTP: 200, 400, 404, 422 …"""
    headers: Mapping[str, str] = field(factory=dict)
    """Headers that only the answer knows, by lower-case name: etag, last-modified."""
