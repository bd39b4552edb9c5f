"""The audit of a whole file: claims in, findings out in batches, and what is counted of them meanwhile."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from ..model import GroupingVersion
from ..query import Terminology
from .auditing import Auditor
from .claim import Claim
from .findings import RULES, Finding, Severity, Unchecked
from .lists import DatedLists
from .table_claims import BadRow

if TYPE_CHECKING:
    import pyarrow as pa

TOGETHER: Final = 20_000
"""Findings that are handed over at once."""
LISTED: Final = 2_000
"""Findings that are kept to be shown, of each rule a part."""
LISTED_OF_RULE: Final = 200
LISTED_ROWS: Final = 100
MOST_CODES: Final = 50_000
"""Different codes that are counted one by one."""
STEP: Final = 1_000
COLUMNS: Final = (
    *("claim", "day", "rule", "severity", "codes", "message", "lines"),
    *("source_system", "source_version", "source_file", "source_line", "source_sha256"),
)


@frozen
class ClaimFinding:
    """A finding with the claim that it is on."""

    claim: str
    """Id of the claim."""
    day: datetime.date | None
    """That governs the claim; None where it has none."""
    finding: Finding
    """What was found."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        day = self.day.isoformat() if self.day else None
        return {"claim": self.claim, "day": day, **self.finding.to_dict()}


@define(eq=False)
class Summary:
    """What is counted of an audit. Its size does not grow with the number of claims."""

    claims: int = 0
    """Number of claims that were audited."""
    with_findings: int = 0
    """Number of claims with at least one finding."""
    findings: int = 0
    """Number of findings."""
    bad_rows: int = 0
    """Number of rows, or claims, that could not be read."""
    by_rule: Counter[str] = field(factory=Counter)
    """Findings by rule."""
    claims_by_rule: Counter[str] = field(factory=Counter)
    """Claims with at least one finding of a rule."""
    by_severity: Counter[str] = field(factory=Counter)
    """Findings by severity."""
    claims_by_severity: Counter[str] = field(factory=Counter)
    """Claims by the highest severity of their findings."""
    by_code: Counter[tuple[str, str]] = field(factory=Counter)
    """Findings by code and rule."""
    by_month: dict[str, Counter[str]] = field(factory=dict)
    """Findings by month and severity."""
    claims_by_month: Counter[str] = field(factory=Counter)
    """Claims by the month of their day, ``2022-03``."""
    listed: list[ClaimFinding] = field(factory=list)
    """Findings to be shown: those of each rule that came first."""
    listed_rows: list[BadRow] = field(factory=list)
    """Rows to be shown that could not be read: those that came first."""
    unchecked: tuple[Unchecked, ...] = ()
    """What was not checked, and why."""
    releases: dict[str, set[str]] = field(factory=dict)
    """Versions of the code systems that were asked, by system."""
    lists: tuple[GroupingVersion, ...] = ()
    """Versions of the lists that rules asked, with their files: exempt from present on admission, code editor, CC and MCC."""

    def add(self, claim: Claim, found: tuple[Finding, ...]) -> None:
        """Count a claim with its findings."""
        self.claims += 1
        month = f"{claim.day:%Y-%m}" if claim.day else ""
        self.claims_by_month[month] += 1
        if not found:
            return
        self.with_findings += 1
        self.findings += len(found)
        counts = self.by_month.setdefault(month, Counter())
        severities = {str(finding.severity) for finding in found}
        self.claims_by_severity[next(str(one) for one in Severity if str(one) in severities)] += 1
        self.claims_by_rule.update({finding.rule for finding in found})
        for finding in found:
            self.by_rule[finding.rule] += 1
            self.by_severity[finding.severity] += 1
            counts[finding.severity] += 1
            for code in finding.codes:
                key = (code, finding.rule)
                if key in self.by_code or len(self.by_code) < MOST_CODES:
                    self.by_code[key] += 1
            if len(self.listed) < LISTED and self.by_rule[finding.rule] <= LISTED_OF_RULE:
                self.listed.append(ClaimFinding(claim.id, claim.day, finding))

    def add_row(self, row: BadRow) -> None:
        """Count a row that cannot be read."""
        self.bad_rows += 1
        if len(self.listed_rows) < LISTED_ROWS:
            self.listed_rows.append(row)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, by these rules and with these versions, and every row was read."""
        return not self.findings and not self.bad_rows

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain JSON values."""
        rules = {
            name: {"severity": str(rule.severity), "findings": self.by_rule[name], "claims": self.claims_by_rule[name]}
            for name, rule in RULES.items()
            if self.by_rule[name]
        }
        return {
            "claims": self.claims,
            "claims_with_findings": self.with_findings,
            "rules": rules,
            "findings": [found.to_dict() for found in self.listed],
            "unlisted": self.findings - len(self.listed),
            "bad_rows": [row.to_dict() for row in self.listed_rows],
            "unlisted_rows": self.bad_rows - len(self.listed_rows),
            "unchecked": [one.to_dict() for one in self.unchecked],
        }


def audited(
    claims: Iterable[Claim | BadRow],
    store: Terminology,
    summary: Summary,
    *,
    lists: DatedLists | None = None,
    progress: Callable[[int], None] = lambda _claims: None,
) -> Iterator[pa.Table]:
    """Yield the findings on claims as tables, some at a time, and count them in a summary; at least one table, if an empty one.

    Args:
        claims: As `reading.read_claims` yields them.
        store: With the code systems of the claims.
        summary: To be filled.
        lists: Dated lists of the rules that need some.
        progress: Called with the claims that are done.

    >>> from terminology.claims import Claim
    >>> summary = Summary()
    >>> claim = Claim.from_dict({"id": "7", "service_date": "2022-03-01", "diagnoses": ["E11"]})
    >>> [table] = audited([claim], store, summary)
    >>> table.select(["claim", "rule", "severity"]).to_pylist(), summary.findings
    ([{'claim': '7', 'rule': 'not_billable', 'severity': 'error'}], 1)
    """
    auditor = Auditor(store, lists)
    kept: list[ClaimFinding] = []
    is_empty = True
    for claim in claims:
        if isinstance(claim, BadRow):
            summary.add_row(claim)
            continue
        found = auditor.findings(claim)
        summary.add(claim, found)
        if found:
            kept.extend(ClaimFinding(claim.id, claim.day, finding) for finding in found)
            if len(kept) >= TOGETHER:
                yield finding_table(kept)
                kept, is_empty = [], False
        if summary.claims % STEP == 0:
            progress(summary.claims)
    progress(summary.claims)
    summary.unchecked = auditor.unchecked
    summary.releases = auditor.releases
    summary.lists = auditor.lists
    if kept or is_empty:
        yield finding_table(kept)


def finding_table(found: Iterable[ClaimFinding]) -> pa.Table:
    """Return findings as an Arrow table with the columns of `COLUMNS`."""
    import pyarrow as pa

    texts = pa.string()
    types = [texts, pa.date32(), texts, texts, pa.list_(texts), texts, pa.list_(pa.int64()), texts, texts, texts]
    schema = pa.schema(list(zip(COLUMNS, [*types, pa.int64(), texts], strict=True)))
    rows = [_row(one) for one in found]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in COLUMNS]
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _row(one: ClaimFinding) -> tuple[Any, ...]:
    finding, source = one.finding, one.finding.source
    told = (source.system, source.version, source.file, source.line, source.sha256) if source else (None,) * 5
    found = (finding.rule, str(finding.severity), list(finding.codes), finding.message, list(finding.lines))
    return (one.claim, one.day, *found, *told)
