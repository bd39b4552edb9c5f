"""The audit of claims: every rule, each by the versions in force on the claim's day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..model import GroupingVersion
from ..query import Terminology
from . import code_rules, line_rules, list_rules, order_rules, pair_rules
from .claim import Claim, Kind
from .examined import Examined, Systems
from .findings import RULES, Finding, Findings, Unchecked
from .grouped_lists import GroupedLists
from .lists import DatedLists, KeptLists

CHECKS: Final[tuple[Callable[[Examined], None], ...]] = (
    code_rules.check_diagnoses,
    code_rules.check_procedures,
    pair_rules.check_duplicates,
    pair_rules.check_excludes1,
    pair_rules.check_sides,
    order_rules.check_principal,
    order_rules.check_order,
    line_rules.check_modifiers,
    list_rules.check_poa,
    list_rules.check_editor,
    list_rules.check_complications,
)
PLACE: Final = {name: place for place, name in enumerate(RULES)}
TRIMMED: Final = 20_000
"""Claims after which is looked at how much is kept."""
MOST_LISTED: Final = 500_000


class Auditor:
    """Audits claims one by one, and keeps what it learns of codes for the next one.

    It is not for several threads at once: each takes one of its own.
    """

    def __init__(self, store: Terminology, lists: DatedLists | None = None) -> None:
        """Make an auditor.

        Args:
            store: With the code systems of the claims.
            lists: Dated lists of the rules that need some; by default the groupings of the store.
        """
        self._lists = KeptLists(lists or GroupedLists(store))
        self._systems = Systems(store, self._lists)
        self.claims = 0
        """How many claims were audited."""

    def findings(self, claim: Claim) -> tuple[Finding, ...]:
        """Return what is found on a claim, in the order of the rules; empty where nothing is."""
        self.claims += 1
        self._systems.unchecked.begin()
        if self.claims % TRIMMED == 0:
            self._systems.trim()
            self._lists.trim(MOST_LISTED)
        found: list[Finding] = []
        day = claim.day
        for what, reason in claim.unread:
            self._systems.unchecked.add(what, reason, day)
        if day is None:
            wanted = "day of discharge" if claim.kind is Kind.INPATIENT else "day of service"
            lines = (claim.line,) if claim.line is not None else ()
            return (Finding("no_date", (), f"the claim has no {wanted}: none of its codes is judged", None, lines),)
        examined = Examined(claim, day, self._systems, found)
        for check in CHECKS:
            check(examined)
        if len(found) > 1:
            found.sort(key=lambda one: PLACE[one.rule])
        return tuple(found)

    @property
    def releases(self) -> dict[str, set[str]]:
        """The versions of the code systems that were asked so far, by system."""
        return self._systems.releases()

    @property
    def lists(self) -> tuple[GroupingVersion, ...]:
        """The versions of the lists that rules asked so far, with their files, sorted by name and first day."""
        return self._lists.used

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """What was not checked on the claims so far, and why."""
        return self._systems.unchecked.values()


def audit(claim: Claim | Mapping[str, Any], store: Terminology, lists: DatedLists | None = None) -> Findings:
    """Return what is found on a claim; empty where these rules, with these versions, find nothing.

    That a claim has no findings does not make it right. What could not be checked is in ``unchecked``.

    Args:
        claim: A claim, or the JSON object of one (`Claim.from_dict`).
        store: With the code systems of the claim.
        lists: Dated lists of the rules that need some; by default the groupings of the store.

    Raises:
        ReleaseFormatError: The object is no claim.

    References:
        ICD-10-CM Official Guidelines for Coding and Reporting, section I.

    >>> import terminology.claims
    >>> claim = {"id": "1", "service_date": "2022-03-01", "diagnoses": ["W21.89XA", "E11.9"]}
    >>> [found] = terminology.claims.audit(claim, store)
    >>> found.rule, found.message
    ('external_cause_principal', 'W21.89XA is an external cause (chapter 20), and stands first')
    """
    auditor = Auditor(store, lists)
    made = claim if isinstance(claim, Claim) else Claim.from_dict(claim)
    found = auditor.findings(made)
    return Findings(found, auditor.unchecked)
