"""How tests ask a service: in a line, by GET or POST, in either version of FHIR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from terminology.fhir import FhirVersion, Request, Resource, Response, Service

CM = "http://hl7.org/fhir/sid/icd-10-cm"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CPT = "http://www.ama-assn.org/go/cpt"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"


def asked(
    service: Service,
    path: str,
    fhir: FhirVersion = "r5",
    *,
    given: Sequence[Resource] = (),
    headers: Mapping[str, str] | None = None,
    **parameters: Any,
) -> Response:
    """Return the response to an operation: a text is a parameter of the URL, anything else one of the body.

    Args:
        service: The service.
        path: Path of the operation.
        fhir: Version of the endpoint.
        given: Resources to send along as ``tx-resource``.
        headers: Headers by lower-case name.
        parameters: Parameters by name; an underscore stands for a hyphen, a list for several values.
    """
    query: list[tuple[str, str]] = []
    body: list[Resource] = [{"name": "tx-resource", "resource": one} for one in given]
    for keyword, content in parameters.items():
        name = keyword.replace("_", "-")
        for value in content if isinstance(content, list) else [content]:
            if isinstance(value, str):
                query.append((name, value))
            else:
                body.append(parameter(name, value))
    sent = {"resourceType": "Parameters", "parameter": body} if body else None
    return service.answer(Request(path, fhir, "POST" if sent else "GET", tuple(query), sent, headers or {}))


def parameter(name: str, value: Any) -> Resource:
    """Return a parameter of a Parameters resource, by the type of its value."""
    if isinstance(value, dict):
        if "resourceType" in value:
            return {"name": name, "resource": value}
        return {"name": name, "valueCodeableConcept" if isinstance(value.get("coding"), list) else "valueCoding": value}
    kinds = {bool: "valueBoolean", int: "valueInteger"}
    return {"name": name, kinds.get(type(value), "valueString"): value}


def values(response: Response) -> dict[str, Any]:
    """Return the parameters of an answer that have a value, by name; of several of one name the last."""
    assert response.status < 400, response.resource
    found = {}
    for one in response.resource.get("parameter", []):
        found[one["name"]] = next((value for name, value in one.items() if name.startswith("value")), one.get("part"))
        if "resource" in one:
            found[one["name"]] = one["resource"]
    return found


def properties(response: Response) -> dict[str, list[Any]]:
    """Return the properties of a $lookup, by code."""
    found: dict[str, list[Any]] = {}
    for one in response.resource.get("parameter", []):
        if one["name"] == "property":
            parts = {
                part["name"]: next(value for name, value in part.items() if name != "name") for part in one["part"]
            }
            found.setdefault(parts["code"], []).append(parts["value"])
    return found


def codes(response: Response) -> list[str]:
    """Return the codes of an expansion, nested ones after what they stand in."""
    assert response.status < 400, response.resource
    return list(_codes(response.resource["expansion"].get("contains", [])))


def _codes(contains: Sequence[Resource]) -> list[str]:
    return [code for one in contains for code in (one["code"], *_codes(one.get("contains", [])))]


def issues(response: Response) -> list[tuple[str, str]]:
    """Return severity and text of the issues of an answer: of an OperationOutcome, or of its issues."""
    outcome = response.resource
    if outcome["resourceType"] == "Parameters":
        outcome = values(response).get("issues", {})
    return [(one["severity"], one["details"]["text"]) for one in outcome.get("issue", []) if "details" in one]
