"""Claims: what the publishers' own files say against their codes, each by the version in force on the claim's day.

No finding calls a claim right and none denies one. Nothing found means: nothing by these rules, with these versions.
"""

from .auditing import Auditor, audit
from .claim import Claim, Diagnosis, Kind, Line
from .findings import RULES, Finding, Findings, Rule, Severity, Unchecked
from .lists import Ages, DatedLists, Listed, NoLists
from .reading import read_claims
from .run import ClaimFinding, Summary, audited
from .table_claims import BadRow

__all__ = [
    "RULES",
    "Ages",
    "Auditor",
    "BadRow",
    "Claim",
    "ClaimFinding",
    "DatedLists",
    "Diagnosis",
    "Finding",
    "Findings",
    "Kind",
    "Line",
    "Listed",
    "NoLists",
    "Rule",
    "Severity",
    "Summary",
    "Unchecked",
    "audit",
    "audited",
    "read_claims",
]
