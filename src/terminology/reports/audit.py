"""The audit of claims as one self-contained page: by rule, by month, by code, and each finding with its file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from ..claims import RULES, ClaimFinding, Severity, Summary
from ..counts import counted
from ..groupings import GROUPINGS
from ..layout.parts import Bar, ListSources, Sources, Tile, bars
from ..query import Terminology
from .rendering import report

TONES: Final[Mapping[str, str]] = {
    Severity.ERROR: "deleted",
    Severity.WARNING: "to_header",
    Severity.REVIEW: "revised",
}
WORDS: Final[Mapping[str, str]] = {
    "deleted": "errors",
    "to_header": "warnings",
    "revised": "to review",
}
ORDER: Final = tuple(TONES)
CODES: Final = 50
"""Codes that are listed, those with the most findings first."""
NO_MONTH: Final = "no day"


@frozen
class RulePart:
    """What the page shows of a rule."""

    name: str
    title: str
    severity: str
    tone: str
    basis: str
    findings: int
    claims: int
    listed: tuple[ClaimFinding, ...]


@frozen
class CodePart:
    """A code with its findings by rule."""

    code: str
    findings: int
    rules: tuple[tuple[str, int], ...]


def audit_page(summary: Summary, store: Terminology, name: str) -> str:
    """Return the page of an audit.

    Args:
        summary: Of all claims.
        store: With the releases that were asked.
        name: Of the file of claims.
    """
    rules = _rules(summary)
    return report(
        "audit.html",
        heading=f"Audit of {name}",
        summary=summary,
        tiles=_tiles(summary),
        rules=list(
            zip(rules, bars(((rule.name, "", {rule.tone: rule.findings}) for rule in rules), WORDS), strict=True)
        ),
        months=_months(summary),
        legend={tone: words for tone, words in WORDS.items() if any(rule.tone == tone for rule in rules)},
        codes=_codes(summary),
        all_codes=len({code for code, _ in summary.by_code}),
        sources=[
            Sources(store[system].definition.title, release)
            for system, versions in sorted(summary.releases.items())
            for release in store[system].releases
            if release.version in versions
        ],
        dated_lists=[
            ListSources(GROUPINGS[one.grouping].title if one.grouping in GROUPINGS else one.grouping, one)
            for one in summary.lists
        ],
    )


def _tiles(summary: Summary) -> list[Tile]:
    counts = summary.claims_by_severity
    found = summary.by_severity

    def detail(severity: Severity, noun: str) -> str:
        return counted(found[severity], noun)

    return [
        Tile("claims", summary.claims),
        Tile("with an error", counts[Severity.ERROR], "deleted", detail=detail(Severity.ERROR, "error")),
        Tile("with a warning", counts[Severity.WARNING], "to_header", detail=detail(Severity.WARNING, "warning")),
        Tile("to review", counts[Severity.REVIEW], "revised", detail=detail(Severity.REVIEW, "finding")),
        Tile("nothing found", summary.claims - summary.with_findings, "added", detail="by these rules and versions"),
        Tile("rows not read", summary.bad_rows, "changed"),
    ]


def _rules(summary: Summary) -> list[RulePart]:
    listed: dict[str, list[ClaimFinding]] = {}
    for found in summary.listed:
        listed.setdefault(found.finding.rule, []).append(found)
    return [
        RulePart(
            name,
            rule.title,
            str(rule.severity),
            TONES[rule.severity],
            rule.basis,
            summary.by_rule[name],
            summary.claims_by_rule[name],
            tuple(listed.get(name, ())),
        )
        for name, rule in sorted(RULES.items(), key=lambda item: ORDER.index(item[1].severity))
        if summary.by_rule[name]
    ]


def _months(summary: Summary) -> tuple[Bar, ...]:
    rows: list[tuple[str, str, Mapping[str, int]]] = []
    for month in sorted(summary.claims_by_month):
        counts: Counter[str] = summary.by_month.get(month, Counter())
        claims = summary.claims_by_month[month]
        rows.append(
            (month or NO_MONTH, counted(claims, "claim"), {tone: counts[severity] for severity, tone in TONES.items()})
        )
    return bars(rows, WORDS)


def _codes(summary: Summary) -> list[CodePart]:
    found: dict[str, dict[str, int]] = {}
    for (code, rule), count in summary.by_code.items():
        found.setdefault(code, {})[rule] = count
    made: list[CodePart] = []
    for code, rules in found.items():
        by_count: list[tuple[str, Any]] = sorted(rules.items(), key=lambda item: -item[1])
        made.append(CodePart(code, sum(rules.values()), tuple(by_count)))
    return sorted(made, key=lambda part: (-part.findings, part.code))[:CODES]
