"""Whether a coding is in a value set, or in a code system: each clause is asked in turn, and the best answer counts."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, evolve, field

from .budget import spend
from .choices import Choice, Choices
from .clauses import Clause, Row, clauses_of
from .code_systems import SystemVersion, official
from .codings import CAUSE, any_version, known_as, note_choice, note_unknown, note_version, place
from .displays import display_issue
from .exchange import Resource
from .filters import Filter, filters_of
from .findings import Coding, Finding, Rules
from .outcomes import issue, said
from .value_sets import Evaluation, extended


@define(eq=False)
class Hit:
    """What one clause says of a coding."""

    choice: Choice
    row: Row | None = None
    is_member: bool = False
    refusals: list[Resource] = field(factory=list)
    """Why it is no member though a clause names it: it is inactive, where that is not wanted."""

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
        self._found: dict[tuple[int, Coding], Hit | None] = {}
        """What value sets say of the coding that is being looked for."""
        self._read: dict[int, tuple[Resource, list[Clause]]] = {}
        self._made: dict[tuple[int, int], list[Filter]] = {}
        self._lists: dict[tuple[int, int], dict[str, Resource]] = {}

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

    def _listed(self, clause: Clause, system: SystemVersion) -> dict[str, Resource]:
        """Return the codes that a clause lists, by code as the code system writes it."""
        key = id(clause), id(system)
        if key not in self._lists:
            found: dict[str, Resource] = {}
            for one in clause.concepts:
                found.setdefault(official(system, one["code"]), one)
            self._lists[key] = found
        return self._lists[key]

    # ---- value sets

    def in_value_set(self, value_set: Resource, finding: Finding) -> None:
        """Find a coding in a value set, and note what is wrong with it."""
        coding = finding.coding
        self._found.clear()
        hit = self._search(value_set, coding, finding, ())
        for made in hit.refusals if hit and not hit.is_member else ():
            finding.add(made)
        if finding.is_blocked:
            self._fill_in(finding, hit)
            return
        if hit is None or hit.rank > 2:  # noqa: PLR2004 -- no clause knows the coding
            self._outside(finding, hit)
            return
        note_choice(finding, hit.choice)
        finding.is_blocked = hit.choice.is_blocked
        finding.is_member = hit.is_member
        self._fill_in(finding, hit)

    def _fill_in(self, finding: Finding, hit: Hit | None) -> None:
        """Note the concept of a coding, where a clause, or the code system alone, knows it."""
        coding = finding.coding
        row = hit.row if hit else None
        if row is None:
            system = (hit.choice.system if hit else None) or any_version(self.evaluation, coding)
            row = Row(system, coding.code) if system else None
        if row is not None:
            place(finding, row, self.rules)

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
            note_choice(finding, choice)
            finding.is_blocked = True
            return
        if choice.system is None:
            note_unknown(self.evaluation.catalogue, finding)
            return
        note_choice(finding, choice)
        note_version(finding, Row(choice.system, coding.code), self.rules)

    def _search(self, value_set: Resource, coding: Coding, finding: Finding, trail: tuple[str, ...]) -> Hit | None:
        """Return the best of what the clauses of a value set say of a coding; None where none is of its system."""
        trail = extended(trail, value_set)
        self._use(value_set)
        key = id(value_set), coding
        if key not in self._found:
            spend()
            self._found[key] = self._fresh(value_set, coding, finding, trail)
        found = self._found[key]
        # whoever gets it may refuse it
        return evolve(found, refusals=list(found.refusals)) if found is not None else None

    def _fresh(self, value_set: Resource, coding: Coding, finding: Finding, trail: tuple[str, ...]) -> Hit | None:
        hits: list[Hit] = []
        clauses = self._clauses(value_set)
        for clause in clauses:
            if not clause.is_exclude:
                hit = self._clause(clause, value_set, coding, finding, trail)
                if hit is not None:
                    hits.append(hit)
        for hit in (one for one in hits if one.is_member):
            if any(self._excludes(one, value_set, hit, finding, trail) for one in clauses if one.is_exclude):
                hit.is_member = False
            else:
                self._refuse(value_set, hit, coding)
        best = min(
            hits, key=lambda one: (one.rank, self._is_of_other_display(one, coding), one.row is None), default=None
        )
        if best is not None and not best.is_member:
            best.refusals = list({one["details"]["text"]: one for hit in hits for one in hit.refusals}.values())
        return best

    def _is_of_other_display(self, hit: Hit, coding: Coding) -> bool:
        """Return whether a member has not the display that came with the code: another version of it may have."""
        if coding.display is None or hit.row is None or not hit.is_member:
            return False
        concept, _ = known_as(hit.row.system, coding.code, self.rules)
        if concept is None:
            return False
        return display_issue(coding.display, hit.row, concept, self.rules.languages, "", "error") is not None

    def _refuse(self, value_set: Resource, hit: Hit, coding: Coding) -> None:
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
            hit.refusals.append(
                said("STATUS_CODE_WARNING_CODE", *values, code="business-rule", kind="code-rule", at=at)
            )
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
                return Hit(hit.choice, hit.row, refusals=further.refusals if further else []) if hit else further
            hit = hit or further
        return hit

    def _in_clause(self, clause: Clause, of: Resource, coding: Coding) -> Hit:
        """Return what a clause says of a coding of its code system."""
        by_row = not clause.element.get("filter")
        choice = self.choices.of(clause.url or "", clause.version, coding, by_row=by_row)
        if choice.system is None or choice.is_blocked:
            return Hit(choice)
        self._use(choice.system.head)
        self.evaluation.note_status(choice.system.head, of)
        concept, _ = known_as(choice.system, coding.code, self.rules)
        if concept is None:
            return self._unknown_in(choice, clause, coding)
        if clause.element.get("concept"):
            entry = self._listed(clause, choice.system).get(concept.code)
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
            return concept.code in self._listed(clause, row.system)
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
        for url in dict.fromkeys(self._systems(value_set)):
            tried = evolve(coding, system=url)
            hit = self._search(value_set, tried, Finding(tried), ())
            if hit is not None and hit.is_member:
                found.append(url)
        return found

    def _systems(self, value_set: Resource) -> Iterator[str]:
        """Yield the code systems of a value set, and of those that it refers to, each value set looked at once."""
        waiting, seen = [value_set], set[int]()
        while waiting:
            found = waiting.pop(0)
            if id(found) in seen:
                continue
            seen.add(id(found))
            for clause in self._clauses(found):
                if clause.is_exclude:
                    continue
                if clause.url is not None:
                    yield clause.url
                imported = (self.evaluation.imported(text, found) for text in clause.imports)
                waiting += [one for one in imported if one is not None]

    # ---- code systems

    def in_code_system(self, finding: Finding) -> None:
        """Find a coding in its code system, and note what is wrong with it."""
        coding = finding.coding
        if not coding.system:
            at = coding.itself
            text = "Coding_has_no_system__cannot_validate"
            finding.add(said(text, severity="error", code="invalid", kind="invalid-data", at=at))
            return
        if coding.required is not None:
            text = f"The coding is of {coding.system}, and the code system of the request is {coding.required}"
            finding.add(issue("error", "invalid", text, kind="invalid-data", at=coding.at("system")))
            return
        choice = self.choices.of(coding.system, None, coding)
        if choice.is_uncovered:
            note_choice(finding, choice)
            return
        if choice.system is None:
            note_unknown(self.evaluation.catalogue, finding, CAUSE)
            return
        note_choice(finding, choice)
        self._use(choice.system.head)
        note_version(finding, Row(choice.system, coding.code), self.rules)
        finding.is_member = finding.concept is not None
