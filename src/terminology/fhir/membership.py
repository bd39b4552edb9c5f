"""Whether a coding is in a value set, or in a code system: each clause is asked in turn, and the best answer counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import define, evolve

from .choices import Choice, Choices
from .clauses import Clause, Row, clauses_of
from .code_systems import Concept, SystemVersion, canonical
from .exchange import Resource
from .filters import Filter, filters_of
from .findings import Coding, Finding, Rules
from .outcomes import FhirError, issue, said
from .value_sets import Evaluation, extended, unknown_system

CAUSE: Final = "x-caused-by-unknown-system"
UNKNOWN: Final = "x-unknown-system"


@define(eq=False)
class Hit:
    """What one clause says of a coding."""

    choice: Choice
    row: Row | None = None
    is_member: bool = False

    @property
    def rank(self) -> int:
        """How good an answer it is: a member without error first, then a member, then what cannot be said."""
        if self.is_member:
            return 0 if not self.choice.has_error else 1
        return 2 if self.choice.is_blocked else 3


class Membership:
    """Looks for codings in value sets and code systems, for one request."""

    def __init__(self, evaluation: Evaluation, rules: Rules) -> None:
        self.evaluation = evaluation
        self.rules = rules
        self.choices = Choices(evaluation.catalogue, evaluation.rules)
        self.used: list[Resource] = []
        """The value sets and heads of code systems that were asked, each once."""
        self._read: dict[int, tuple[Resource, list[Clause]]] = {}
        self._made: dict[tuple[int, int], list[Filter]] = {}
        self._lists: dict[int, dict[str, Resource]] = {}

    def _use(self, resource: Resource) -> None:
        if not any(one is resource for one in self.used):
            self.used.append(resource)

    def _clauses(self, value_set: Resource) -> list[Clause]:
        """Return the clauses of a value set, read once."""
        key = id(value_set)
        if key not in self._read:
            # the value set is kept with them: its id is its own as long as it lives
            self._read[key] = value_set, clauses_of(value_set)
        return self._read[key][1]

    def _filters(self, system: SystemVersion, clause: Clause) -> list[Filter]:
        """Return the filters of a clause in a version, made once."""
        if not clause.element.get("filter"):
            return []
        key = id(system), id(clause)
        if key not in self._made:
            self._made[key] = filters_of(system, clause.element, clause.place)
        return self._made[key]

    def _listed(self, clause: Clause) -> dict[str, Resource]:
        """Return the codes that a clause lists, by code."""
        key = id(clause)
        if key not in self._lists:
            found: dict[str, Resource] = {}
            for one in clause.concepts:
                found.setdefault(one["code"], one)
            self._lists[key] = found
        return self._lists[key]

    # ---- value sets

    def in_value_set(self, value_set: Resource, finding: Finding) -> None:
        """Find a coding in a value set, and note what is wrong with it."""
        coding = finding.coding
        hit = self._search(value_set, coding, finding, ())
        if finding.is_blocked:
            self._fill_in(finding, hit)
            return
        if hit is None or hit.rank > 2:  # noqa: PLR2004 -- no clause knows the coding
            self._outside(finding, hit)
            return
        self._take(finding, hit.choice)
        finding.is_blocked = hit.choice.is_blocked
        finding.is_member = hit.is_member
        self._fill_in(finding, hit)

    def _fill_in(self, finding: Finding, hit: Hit | None) -> None:
        """Note the concept of a coding, where a clause, or the code system alone, knows it."""
        coding = finding.coding
        row = hit.row if hit else None
        if row is None:
            system = (hit.choice.system if hit else None) or self._any_version(coding)
            row = Row(system, coding.code) if system else None
        if row is not None:
            self._place(finding, row)

    def _place(self, finding: Finding, row: Row) -> None:
        found, is_same = known_as(row.system, finding.coding.code, self.rules)
        finding.row, finding.version = row, row.system.version
        if found is None:
            return
        finding.concept = found
        if not is_same:
            finding.normalized = found.code

    def _outside(self, finding: Finding, hit: Hit | None) -> None:
        """Note what a coding is that is in no clause: nothing, or a code of another value set."""
        coding = finding.coding
        if not coding.system:
            if coding.place:
                at = coding.itself
                text = "Coding_has_no_system__cannot_validate"
                finding.add(said(text, severity="warning", code="invalid", kind="invalid-data", at=at))
            return
        if self.rules.is_membership_only:
            return
        choice = hit.choice if hit and hit.choice.system else self.choices.of(coding.system, None, coding)
        if choice.is_uncovered:
            self._take(finding, choice)
            finding.is_blocked = True
            return
        if choice.system is None:
            self._unknown(finding)
            return
        self._take(finding, choice)
        self._in_version(finding, Row(choice.system, coding.code))

    def _search(self, value_set: Resource, coding: Coding, finding: Finding, trail: tuple[str, ...]) -> Hit | None:
        """Return the best of what the clauses of a value set say of a coding; None where none is of its system."""
        trail = extended(trail, value_set)
        self._use(value_set)
        hits: list[Hit] = []
        clauses = self._clauses(value_set)
        for clause in clauses:
            if not clause.is_exclude:
                hit = self._clause(clause, value_set, coding, finding, trail)
                if hit is not None:
                    hits.append(hit)
        best = min(hits, key=lambda one: one.rank, default=None)
        if best is None or not best.is_member:
            return best
        if any(self._excludes(one, value_set, best, finding, trail) for one in clauses if one.is_exclude):
            best.is_member = False
        self._refuse(value_set, best, coding, finding)
        return best

    def _refuse(self, value_set: Resource, hit: Hit, coding: Coding, finding: Finding) -> None:
        """Take a code out of a value set that is inactive or abstract, where such codes are not wanted."""
        if hit.row is None:
            return
        concept, _ = known_as(hit.row.system, coding.code, self.rules)
        if concept is None:
            return
        at = coding.at("code")
        is_active_only = (value_set.get("compose") or {}).get("inactive") is False or self.rules.is_active_only
        if concept.is_inactive and is_active_only:
            hit.is_member = False
            values = ("not active", concept.code)
            made = said("STATUS_CODE_WARNING_CODE", *values, code="business-rule", kind="code-rule", at=at)
            if not any(one["details"] == made["details"] for one in finding.issues):
                finding.add(made)
        if concept.is_abstract and self.rules.is_abstract_refused:
            hit.is_member = False

    def _clause(
        self, clause: Clause, of: Resource, coding: Coding, finding: Finding, trail: tuple[str, ...]
    ) -> Hit | None:
        hit: Hit | None = None
        if clause.url is not None:
            if not self._same_system(clause.url, coding.system):
                return None
            hit = self._in_clause(clause, of, coding)
            if not hit.is_member:
                return hit
        for text in clause.imports:
            other = self.evaluation.imported(text, of)
            if other is None:
                name = self.evaluation.pinned(text)
                finding.is_blocked = True
                finding.add(said("Unable_to_resolve_value_Set_", name, code="not-found", kind="not-found"))
                return hit
            further = self._search(other, coding, finding, trail)
            if further is None or not further.is_member:
                return Hit(hit.choice, hit.row) if hit else further
            hit = hit or further
        return hit

    def _in_clause(self, clause: Clause, of: Resource, coding: Coding) -> Hit:
        """Return what a clause says of a coding of its code system."""
        choice = self.choices.of(clause.url or "", clause.version, coding)
        if choice.system is None or choice.is_blocked:
            return Hit(choice)
        self._use(choice.system.head)
        self.evaluation.note_status(choice.system.head, of)
        concept, _ = known_as(choice.system, coding.code, self.rules)
        if concept is None:
            return self._unknown_in(choice, clause, coding)
        if clause.element.get("concept"):
            entry = self._listed(clause).get(concept.code)
            return Hit(choice, Row(choice.system, concept.code, entry), is_member=entry is not None)
        filters = self._filters(choice.system, clause)
        return Hit(choice, Row(choice.system, concept.code), all(one.holds(concept) for one in filters))

    def _unknown_in(self, choice: Choice, clause: Clause, coding: Coding) -> Hit:
        """Return that a code is unknown: of a fragment that is no error, the code may be in another part."""
        assert choice.system is not None  # noqa: S101 -- asked by the caller
        # a filter that has no value is an error whatever the code is
        self._filters(choice.system, clause)
        if choice.system.head.get("content") == "fragment" and not clause.concepts:
            values = (coding.code, choice.system.url, choice.system.version)
            at = coding.at("code")
            made = said(
                "UNKNOWN_CODE_IN_FRAGMENT",
                *values,
                severity="warning",
                code="code-invalid",
                kind="invalid-code",
                at=at,
            )
            choice = evolve(choice, issues=[*choice.issues, (made, False)])
            assert choice.system is not None  # noqa: S101 -- as above
            return Hit(choice, Row(choice.system, coding.code), is_member=True)
        return Hit(choice)

    def _excludes(self, clause: Clause, of: Resource, hit: Hit, finding: Finding, trail: tuple[str, ...]) -> bool:
        """Return whether an exclude names what another clause includes."""
        row = hit.row
        if row is None:
            return False
        if clause.url is not None and not (
            self._same_system(clause.url, row.system.url) and self._excluded_in(clause, row)
        ):
            return False
        for text in clause.imports:
            other = self.evaluation.imported(text, of)
            if other is None:
                return False
            further = self._search(other, evolve(finding.coding, version=row.system.version), finding, trail)
            if further is None or not further.is_member:
                return False
        return True

    def _excluded_in(self, clause: Clause, row: Row) -> bool:
        system = row.system
        if clause.version and not self.evaluation.catalogue.fits(system.url, system.version, clause.version):
            return False
        concept = row.system.concept(row.code)
        if concept is None:
            return False
        if clause.element.get("concept"):
            return row.code in self._listed(clause)
        return all(one.holds(concept) for one in self._filters(row.system, clause))

    def _same_system(self, url: str, other: str | None) -> bool:
        """Return whether two URLs name one code system; those of the store have several names."""
        if url == other or other is None:
            return url == other
        loaded = self.evaluation.catalogue.loaded(url)
        return loaded is not None and loaded is self.evaluation.catalogue.loaded(other)

    def systems_with(self, value_set: Resource, coding: Coding) -> list[str]:
        """Return the code systems of a value set in which it has a code."""
        found = []
        for url in dict.fromkeys(self._systems(value_set, ())):
            tried = evolve(coding, system=url)
            hit = self._search(value_set, tried, Finding(tried), ())
            if hit is not None and hit.is_member:
                found.append(url)
        return found

    def _systems(self, value_set: Resource, trail: tuple[str, ...]) -> Iterator[str]:
        """Yield the code systems of a value set, and of those that it refers to."""
        trail = extended(trail, value_set)
        for clause in self._clauses(value_set):
            if clause.is_exclude:
                continue
            if clause.url is not None:
                yield clause.url
            for text in clause.imports:
                other = self.evaluation.imported(text, value_set)
                if other is not None:
                    yield from self._systems(other, trail)

    # ---- code systems

    def in_code_system(self, finding: Finding) -> None:
        """Find a coding in its code system, and note what is wrong with it."""
        coding = finding.coding
        if not coding.system:
            at = coding.itself
            text = "Coding_has_no_system__cannot_validate"
            finding.add(said(text, severity="error", code="invalid", kind="invalid-data", at=at))
            return
        choice = self.choices.of(coding.system, None, coding)
        if choice.is_uncovered:
            self._take(finding, choice)
            return
        if choice.system is None:
            self._unknown(finding, cause=CAUSE)
            return
        self._take(finding, choice)
        self._use(choice.system.head)
        self._in_version(finding, Row(choice.system, coding.code))
        finding.is_member = finding.concept is not None

    def _in_version(self, finding: Finding, row: Row) -> None:
        """Note the concept of a code in a version; that there is none is an error."""
        self._place(finding, row)
        if finding.concept is not None:
            return
        coding, system = finding.coding, row.system
        is_fragment = system.head.get("content") == "fragment"
        if is_fragment:
            message, severity = "UNKNOWN_CODE_IN_FRAGMENT", "warning"
        else:
            message, severity = ("Unknown_Code_in_Version" if system.version else "Unknown_Code_in"), "error"
        values = (coding.code, system.url, system.version)
        at = coding.at("code")
        made = said(message, *values, severity=severity, code="code-invalid", kind="invalid-code", at=at)
        finding.add(made, is_said=not is_fragment)
        self._explain(finding, system)

    def _explain(self, finding: Finding, system: SystemVersion) -> None:
        """Note what a code was, or which one was probably meant, where the code system knows."""
        coding = finding.coding
        reason = system.absence(coding.code)
        if reason is not None:
            finding.add(issue("information", "informational", reason, kind="code-comment", at=coding.at("code")))
        near = system.near(coding.code)
        if near is not None:
            finding.normalized = near.code
        lapsed = system.lapsed(coding.code)
        if lapsed is not None:
            finding.display, finding.is_inactive = lapsed.display, lapsed.is_inactive

    def _any_version(self, coding: Coding) -> SystemVersion | None:
        """Return a version that can tell what a code is, where the one that is meant is not known."""
        if not coding.system:
            return None
        catalogue = self.evaluation.catalogue
        pattern, _ = self.evaluation.rules.pattern(coding.system, None)
        tried = [version for version in (coding.version, pattern) if version]
        try:
            found = (catalogue.system(coding.system, version) for version in (*tried, None))
            return next((one for one in found if one is not None), None)
        except FhirError:
            # no version is in force on the day: none can tell
            return None

    def _unknown(self, finding: Finding, cause: str = UNKNOWN) -> None:
        """Note that the code system of a coding is not known, or is none."""
        coding, catalogue = finding.coding, self.evaluation.catalogue
        url, at = coding.system or "", coding.at("system")
        supplement = catalogue.supplement(url)
        if supplement is not None:
            name = canonical(url, supplement.get("version"))
            finding.add(said("CODESYSTEM_CS_NO_SUPPLEMENT", name, code="invalid", kind="invalid-data", at=at))
            finding.causes[CAUSE, url] = None
            return
        if catalogue.value_set(url) is not None and "?" not in url:
            finding.add(said("Terminology_TX_System_ValueSet2", url, code="invalid", kind="invalid-data", at=at))
            return
        if ":" not in url:
            finding.add(said("Terminology_TX_System_Relative", code="invalid", kind="invalid-data", at=at))
        for one in unknown_system(catalogue, url, coding.version, at=at).issues:
            finding.add(one)
        finding.causes[cause, url] = None

    # ---- versions

    @staticmethod
    def _take(finding: Finding, choice: Choice) -> None:
        """Note what is wrong with the choice of a version."""
        for made, is_said in choice.issues:
            finding.add(made, is_said=is_said)
        for cause in choice.causes:
            finding.causes[CAUSE, cause] = None


def known_as(system: SystemVersion, code: str, rules: Rules) -> tuple[Concept | None, bool]:
    """Return the concept that a code means, and whether it is its very code.

    Another case is forgiven where the code system says that case does not count, other spellings on request.
    """
    found = system.concept(code)
    if found is not None:
        return found, True
    if not system.is_case_sensitive or rules.is_lenient_of_code:
        return system.near(code), False
    return None, False
