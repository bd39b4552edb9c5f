"""What R5 has and R4 has not, path by path.

References:
    HL7 FHIR R5, the pages "R4 Conversions" of CodeSystem, ValueSet, ConceptMap, TerminologyCapabilities and
    CapabilityStatement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .extensions import CHOICE, New, Parts, Shape

VERSIONED: Final[Mapping[str, New]] = {"versionAlgorithm": New(CHOICE), "copyrightLabel": New("string")}
METADATA: Final[Mapping[str, New]] = {
    **VERSIONED,
    "approvalDate": New("date"),
    "lastReviewDate": New("date"),
    "effectivePeriod": New("Period"),
    "topic": New("CodeableConcept", many=True),
    **{name: New("ContactDetail", many=True) for name in ("author", "editor", "reviewer", "endorser")},
    "relatedArtifact": New("RelatedArtifact", many=True),
}
"""Of CodeSystem, ValueSet and ConceptMap alike."""
CODE_AND_VALUE: Final[Parts] = {"code": "code", "value": CHOICE}
DESIGNATION: Final = {"additionalUse": New("Coding", many=True)}

_ALL: Final = (
    Shape("CodeSystem", METADATA, {"concept": "CodeSystem.concept", "filter": "CodeSystem.filter"}),
    Shape("CodeSystem.filter"),
    Shape(
        "CodeSystem.concept", below={"concept": "CodeSystem.concept", "designation": "CodeSystem.concept.designation"}
    ),
    Shape("CodeSystem.concept.designation", DESIGNATION),
    Shape(
        "ValueSet",
        {**METADATA, "scope": New({"inclusionCriteria": "string", "exclusionCriteria": "string"})},
        {"compose": "ValueSet.compose", "expansion": "ValueSet.expansion"},
    ),
    Shape(
        "ValueSet.compose",
        {"property": New("string", many=True)},
        {"include": "ValueSet.compose.include", "exclude": "ValueSet.compose.include"},
    ),
    Shape(
        "ValueSet.compose.include",
        {"copyright": New("string")},
        {"concept": "ValueSet.compose.include.concept", "filter": "ValueSet.compose.include.filter"},
    ),
    Shape("ValueSet.compose.include.filter"),
    Shape("ValueSet.compose.include.concept", below={"designation": "ValueSet.compose.include.concept.designation"}),
    Shape("ValueSet.compose.include.concept.designation", DESIGNATION),
    Shape(
        "ValueSet.expansion",
        {"next": New("uri"), "property": New({"code": "code", "uri": "uri"}, many=True)},
        {"contains": "ValueSet.expansion.contains"},
    ),
    Shape(
        "ValueSet.expansion.contains",
        {"property": New({**CODE_AND_VALUE, "subProperty": CODE_AND_VALUE}, many=True)},
        {"contains": "ValueSet.expansion.contains", "designation": "ValueSet.compose.include.concept.designation"},
    ),
    Shape(
        "ConceptMap",
        {
            **METADATA,
            "property": New(
                {"code": "code", "uri": "uri", "description": "string", "type": "code", "system": "canonical"},
                many=True,
            ),
            "additionalAttribute": New(
                {"code": "code", "uri": "uri", "description": "string", "type": "code"}, many=True
            ),
        },
        {"group": "ConceptMap.group"},
    ),
    Shape("ConceptMap.group", below={"element": "ConceptMap.group.element", "unmapped": "ConceptMap.group.unmapped"}),
    Shape(
        "ConceptMap.group.element",
        {"valueSet": New("canonical"), "noMap": New("boolean")},
        {"target": "ConceptMap.group.element.target"},
    ),
    Shape(
        "ConceptMap.group.element.target",
        {"valueSet": New("canonical"), "property": New(CODE_AND_VALUE, many=True)},
        {name: f"ConceptMap.group.element.target.{name}" for name in ("dependsOn", "product")},
    ),
    *(
        Shape(f"ConceptMap.group.element.target.{name}", {"valueSet": New("canonical")})
        for name in ("dependsOn", "product")
    ),
    Shape("ConceptMap.group.unmapped", {"relationship": New("code"), "valueSet": New("canonical")}),
    Shape(
        "TerminologyCapabilities",
        {**VERSIONED, "identifier": New("Identifier", many=True)},
        {"codeSystem": "TerminologyCapabilities.codeSystem"},
    ),
    Shape("TerminologyCapabilities.codeSystem", {"content": New("code")}),
    Shape(
        "CapabilityStatement",
        {**VERSIONED, "identifier": New("Identifier", many=True), "acceptLanguage": New("code", many=True)},
        {"rest": "CapabilityStatement.rest"},
    ),
    Shape("CapabilityStatement.rest", below={"resource": "CapabilityStatement.rest.resource"}),
    Shape("CapabilityStatement.rest.resource", {"conditionalPatch": New("boolean")}),
)
SHAPES: Final[Mapping[str, Shape]] = {shape.path: shape for shape in _ALL}
