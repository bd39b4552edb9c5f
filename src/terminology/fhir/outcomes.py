"""Issues, OperationOutcomes and the exception that carries one.

Every issue that a client may act on has a code of ``tx-issue-type`` and, where HL7's messages have one, the id of its
message. The wording is HL7's (`messages`), because clients compare it.

References:
    HL7 FHIR R5, resource OperationOutcome; http://hl7.org/fhir/tools/CodeSystem/tx-issue-type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .exchange import Resource
from .messages import MESSAGES

ISSUE_TYPES: Final = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type"
MESSAGE_ID: Final = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"


class FhirError(Exception):
    """An operation that cannot be answered: an HTTP status, and the issues of the OperationOutcome."""

    def __init__(self, status: int, issues: Sequence[Resource]) -> None:
        super().__init__("; ".join(issue["details"]["text"] for issue in issues))
        self.status = status
        self.issues = list(issues)

    @property
    def outcome(self) -> Resource:
        """The OperationOutcome."""
        return outcome(self.issues)


def issue(
    severity: str, code: str, text: str, *, kind: str | None = None, at: str | None = None, message: str | None = None
) -> Resource:
    """Return an issue of an OperationOutcome.

    Args:
        severity: ``error``, ``warning`` or ``information``.
        code: Of ``http://hl7.org/fhir/issue-type``: ``not-found``, ``invalid`` …
        text: The message.
        kind: Of ``tx-issue-type``: ``not-in-vs`` …
        at: FHIRPath of what it is about: ``Coding.code``.
        message: Id of HL7's message.

    >>> issue("error", "not-found", "no such thing", kind="not-found")["details"]["coding"][0]["code"]
    'not-found'
    """
    made: Resource = {}
    if message is not None:
        made["extension"] = [{"url": MESSAGE_ID, "valueString": message}]
    made |= {"severity": severity, "code": code, "details": {"text": text}}
    if kind is not None:
        made["details"] = {"coding": [{"system": ISSUE_TYPES, "code": kind}], "text": text}
    if at:
        made["expression"] = [at]
    return made


def said(
    message: str, *values: object, severity: str = "error", code: str, kind: str | None = None, at: str | None = None
) -> Resource:
    """Return an issue with one of HL7's messages.

    Args:
        message: Id of the message in `messages.MESSAGES`.
        values: What stands in its places ``{0}``, ``{1}`` …
        severity: ``error``, ``warning`` or ``information``.
        code: Of ``http://hl7.org/fhir/issue-type``.
        kind: Of ``tx-issue-type``.
        at: FHIRPath of what it is about.

    >>> said("UNKNOWN_CODESYSTEM", "http://a.b", code="not-found")["details"]["text"]
    "A definition for CodeSystem 'http://a.b' could not be found, so the code cannot be validated"
    """
    return issue(severity, code, text_of(message, *values), kind=kind, at=at, message=message)


def text_of(message: str, *values: object) -> str:
    """Return the text of one of HL7's messages."""
    text = MESSAGES[message]
    for number, value in enumerate(values):
        text = text.replace(f"{{{number}}}", "" if value is None else str(value))
    return text


def outcome(issues: Iterable[Resource]) -> Resource:
    """Return an OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def failure(status: int, code: str, text: str, *, kind: str | None = None) -> FhirError:
    """Return the exception of an operation that failed for one reason.

    >>> failure(404, "not-found", "no ValueSet/abc").outcome["issue"][0]["code"]
    'not-found'
    """
    return FhirError(status, [issue("error", code, text, kind=kind)])
