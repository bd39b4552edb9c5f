"""What an audit says: findings, and what could not be checked. No finding calls a claim right, and none denies one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Final, Self

from attrs import frozen

from ..counts import counted
from ..model import Source, Value


class Severity(StrEnum):
    """How sure a finding is."""

    ERROR = "error"
    """The publisher's file, or a rule without exceptions, contradicts the claim."""
    WARNING = "warning"
    """Very probably a mistake."""
    REVIEW = "review"
    """Something to look at: the rule has exceptions that only the record can decide."""


@frozen
class Rule:
    """What is looked for: its severity, the phrase that people read, and what it is based on."""

    severity: Severity
    """Of each finding of the rule."""
    title: str
    """The phrase that people read."""
    basis: str
    """The publication that the rule follows."""


ERROR, WARNING, REVIEW = Severity.ERROR, Severity.WARNING, Severity.REVIEW
RULES: Final[Mapping[str, Rule]] = {
    "no_date": Rule(ERROR, "no day to judge the codes by", "the claim"),
    "invalid_code": Rule(ERROR, "no code of its system", "code system"),
    "not_billable": Rule(ERROR, "header, not valid for submission", "code system"),
    "not_in_force": Rule(ERROR, "not in force on the day", "code system"),
    "seventh_character": Rule(ERROR, "7th character or placeholder wrong", "code system"),
    "duplicate_diagnosis": Rule(WARNING, "diagnosis twice on the claim", "guideline I.B.12"),
    "excludes1": Rule(REVIEW, "Excludes1 pair", "tabular list, Excludes1; guideline I.A.12.a"),
    "laterality_both": Rule(REVIEW, "sides coded apart where a bilateral code exists", "titles; guideline I.B.13"),
    "laterality_unspecified": Rule(REVIEW, "unspecified side beside a specified one", "titles; guideline I.B.13"),
    "manifestation_principal": Rule(
        ERROR, "manifestation as principal diagnosis", "tabular list, code first; MCE; guideline I.A.13"
    ),
    "code_first": Rule(REVIEW, "another code comes first", "tabular list, code first; guideline I.A.13"),
    "use_additional": Rule(
        REVIEW, "additional code comes first", "tabular list, use additional code; guideline I.A.17"
    ),
    "external_cause_principal": Rule(ERROR, "external cause as principal diagnosis", "chapter 20; guideline I.C.20.a"),
    "pcs_not_built": Rule(ERROR, "no table builds the procedure", "ICD-10-PCS tables"),
    "modifier_unknown": Rule(ERROR, "unknown modifier", "HCPCS, CPT"),
    "modifier_not_in_force": Rule(ERROR, "modifier not in force on the day", "HCPCS, CPT"),
    "modifier_misplaced": Rule(ERROR, "modifier and code exchanged, or a procedure that takes none", "HCPCS, CPT"),
    "poa_invalid": Rule(ERROR, "no indicator of present on admission", "UB-04: Y, N, U, W, 1 or blank"),
    "poa_missing": Rule(ERROR, "present on admission missing", "POA exempt list"),
    "poa_exempt": Rule(WARNING, "present on admission for an exempt diagnosis", "POA exempt list"),
    "poa_unexpected": Rule(REVIEW, "present on admission outside of inpatient claims", "UB-04"),
    "unacceptable_principal": Rule(ERROR, "unacceptable principal diagnosis", "MCE"),
    "requires_secondary": Rule(ERROR, "principal diagnosis that needs a secondary one", "MCE"),
    "age_conflict": Rule(ERROR, "diagnosis or procedure does not go with the age", "MCE"),
    "sex_conflict": Rule(ERROR, "diagnosis or procedure does not go with the sex", "MCE"),
    "cc_excluded": Rule(REVIEW, "CC or MCC that this principal diagnosis excludes", "MS-DRG definitions, appendix C"),
}
"""The rules by name, in the order in which they are reported."""


@frozen
class Finding(Value):
    """What a rule found on a claim.

    >>> found = Finding("external_cause_principal", ("W21.89XA",), "W21.89XA is an external cause")
    >>> str(found.severity), found.to_dict()["codes"]
    ('error', ['W21.89XA'])
    """

    SHAPE: ClassVar = "rule severity codes message source [lines]"

    rule: str
    """Name of the rule, a key of `RULES`."""
    codes: tuple[str, ...]
    """Those that the finding is about, in the official form where they have one."""
    message: str
    """What is wrong, as a sentence with the codes."""
    source: Source | None = None
    """The publisher's file, with its line, that the finding is based on."""
    lines: tuple[int, ...] = ()
    """Of the file of claims: those that hold the codes, or the one on which the claim begins."""

    @property
    def severity(self) -> Severity:
        """How sure it is, by its rule."""
        return RULES[self.rule].severity


AIMED: Final = (" covers", " on")
"""Reasons that end so go on with the days."""


@frozen
class Unchecked(Value):
    """What was not checked, and why; said once for all claims that it concerns."""

    SHAPE: ClassVar = "what reason first last claims"

    what: str
    """What was not checked, as a phrase."""
    reason: str
    """Why, as a sentence."""
    first: datetime.date | None
    """The first day of a claim that it concerns."""
    last: datetime.date | None
    """The last day of a claim that it concerns; None where the claims have no day."""
    claims: int
    """Number of claims that it concerns."""

    def __str__(self) -> str:
        claims = counted(self.claims, "claim")
        if self.reason.endswith(AIMED):
            several = "" if self.first == self.last else "the days "
            return f"not checked: {self.what}, {self.reason} {several}{self.days} ({claims})"
        return f"not checked: {self.what}, {self.reason} ({', '.join(filter(None, (claims, self.days)))})"

    @property
    def days(self) -> str:
        """The first and the last day of a claim that it concerns."""
        if self.first is None:
            return ""
        return str(self.first) if self.first == self.last else f"from {self.first} to {self.last}"


class Findings(tuple[Finding, ...]):  # noqa: SLOT001 -- a tuple with slots cannot carry a value
    """A tuple of findings that also says what was not checked."""

    unchecked: tuple[Unchecked, ...]
    """What was not checked of the claim, and why."""

    def __new__(cls, findings: tuple[Finding, ...] = (), unchecked: tuple[Unchecked, ...] = ()) -> Self:
        """Return the findings."""
        made = super().__new__(cls, findings)
        made.unchecked = unchecked
        return made
