"""What a value set includes: its clauses read against the code systems that a request sees.

`Evaluation` is one reading, for one request: it chooses versions by the rules of the request, and notes what it used.
A value set becomes `Row`s: a version of a code system, a code, and the entry of the value set that named the code.

References:
    HL7 FHIR R5, ``ValueSet.compose``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .budget import spend
from .catalogue import Catalogue
from .clauses import Clause, Row, SystemRows, active, clauses_of, distinct
from .code_systems import SystemVersion, canonical, official, split_canonical
from .exchange import Resource
from .filters import HIERARCHY, filters_of, selected
from .given_systems import GivenSystem, standards_status
from .outcomes import FhirError, failure, said
from .versions import VersionRules

SUPPLEMENT: Final = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"
EXPANSION_PARAMETER: Final = "http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter"
BY_CODE: Final = ("is-a", "descendent-of", "child-of", "descendent-leaf", "generalizes", "=")
"""Operators of filters whose value is a code."""
MOST_WARNINGS: Final = 20
DEEPEST: Final = 50
"""Value sets that may include each other in a row."""


class Evaluation:
    """One reading of value sets, for one request."""

    def __init__(self, catalogue: Catalogue, rules: VersionRules) -> None:
        self.catalogue = catalogue
        self.rules = rules
        self.used: dict[tuple[str, str], None] = {}
        """What was used: ``used-codesystem`` and the like with ``url|version``, in the order of their use."""
        self._rows: dict[int, tuple[Resource, Sequence[Row]]] = {}
        self._imports: dict[str, Resource | None] = {}
        self._within: dict[int, tuple[Resource, Resource]] = {}
        self._clear: set[int] = set()
        """Value sets that are known to lead to no circle, by their ids."""
        self.warnings: dict[str, None] = {}
        """What is left out of the store's codes, each a sentence."""
        self.fragments: list[str] = []
        """URLs of the code systems that are fragments."""

    # ---- what is used

    def use(self, name: str, value: str) -> None:
        """Note that something was used."""
        self.used[name, value] = None

    def note_status(self, resource: Resource, of: Resource) -> None:
        """Note the use of a resource that is not to be relied on, unless the value set that uses it is not either."""
        reason = caution(resource, of)
        if reason:
            self.use(f"warning-{reason}", canonical(resource.get("url", ""), resource.get("version")))

    def require_supplements(self, value_set: Resource) -> None:
        """Ask for the supplements that a value set needs.

        Raises:
            FhirError: One of them is not known.
        """
        needed = [one.get("valueCanonical") for one in value_set.get("extension") or [] if one.get("url") == SUPPLEMENT]
        self.catalogue.require_supplements([one for one in needed if isinstance(one, str)])

    def require_no_circle(self, value_set: Resource, trail: tuple[str, ...] = ()) -> None:
        """Check that no value set refers to itself, by whatever way.

        Raises:
            FhirError: One does.
        """
        if id(value_set) in self._clear:
            return
        trail = extended(trail, value_set)
        for clause in clauses_of(value_set):
            for text in clause.imports:
                other = self.imported(text, value_set)
                if other is not None:
                    self.require_no_circle(other, trail)
        self._clear.add(id(value_set))

    # ---- code systems and value sets

    def system(self, clause: Clause, of: Resource) -> SystemVersion:
        """Return the version of the code system that a clause means.

        Raises:
            FhirError: It is not known, or another version is required.
        """
        url = clause.url or ""
        pattern, rule = self.rules.pattern(url, clause.version)
        system = self.catalogue.system(url, pattern)
        if system is None:
            raise unknown_system(self.catalogue, url, pattern, "_EXP", status=404)
        if rule is not None:
            name = {"force": "force-system-version", "default": "system-version", "check": "check-system-version"}[rule]
            self.use(name, canonical(url, pattern))
        self.check_version(system)
        self._note_system(system, of)
        return system

    def check_version(self, system: SystemVersion) -> None:
        """Check that a version is the one that the request requires.

        Raises:
            FhirError: It is another one.
        """
        required = self.rules.check.get(system.url)
        if required and not self.catalogue.fits(system.url, system.version, required):
            values = (system.url, system.version, required)
            raise FhirError(422, [said("VALUESET_VERSION_CHECK", *values, code="exception", kind="version-error")])

    def _note_system(self, system: SystemVersion, of: Resource) -> None:
        self.use("used-codesystem", canonical(system.url, system.version))
        for one in system.supplements:
            self.use("used-supplement", one)
        if system.head.get("content") == "fragment":
            self.use("used-fragment", canonical(system.url, system.version))
            if system.url not in self.fragments:
                self.fragments.append(system.url)
        self.note_status(system.head, of)

    def imported(self, text: str, of: Resource) -> Resource | None:
        """Return the value set that a clause refers to, by URL or within the same resource; None where it is unknown."""
        if text.startswith("#"):
            return self._contained(text[1:], of)
        if text not in self._imports:
            url, version = split_canonical(text)
            self._imports[text] = self.catalogue.value_set(url, version or self.rules.value_sets.get(url))
        return self._imports[text]

    def _contained(self, identity: str, of: Resource) -> Resource | None:
        """Return a value set that is contained in another: it may refer to its siblings, too."""
        held = [one for one in of.get("contained") or [] if isinstance(one, dict)]
        found = next((one for one in held if one.get("id") == identity), None)
        if found is None:
            return None
        key = id(found)
        if key not in self._within:
            self._within[key] = found, {"contained": held, **found}
        return self._within[key][1]

    def pinned(self, text: str) -> str:
        """Return the reference of a clause with the version that the request pins it to."""
        url, version = split_canonical(text)
        return canonical(url, version or self.rules.value_sets.get(url))

    def note_import(self, value_set: Resource, of: Resource) -> None:
        """Note that another value set was used; one within the same resource has no name to note."""
        if "url" in value_set and "contained" not in value_set:
            self.use("used-valueset", canonical(value_set["url"], value_set.get("version")))
        self.note_status(value_set, of)

    # ---- rows

    def rows(self, value_set: Resource, trail: tuple[str, ...] = ()) -> Sequence[Row]:
        """Return the rows of a value set, each once, in the order of its clauses.

        Raises:
            FhirError: It cannot be expanded.
        """
        trail = extended(trail, value_set)
        key = id(value_set)
        if key not in self._rows:
            # the value set is kept with its rows: its id is its own as long as it lives
            self._rows[key] = value_set, self._fresh_rows(value_set, trail)
        return self._rows[key][1]

    def _fresh_rows(self, value_set: Resource, trail: tuple[str, ...]) -> Sequence[Row]:
        spend()
        self.require_supplements(value_set)
        clauses = clauses_of(value_set)
        if not clauses:
            raise failure(422, "invalid", "The value set has neither a definition nor an expansion", kind="vs-invalid")
        included = [self._clause_rows(one, value_set, trail) for one in clauses if not one.is_exclude]
        rows = included[0] if len(included) == 1 else distinct(row for rows in included for row in rows)
        systems = _systems_of(rows) if any(one.is_exclude for one in clauses) else []
        excluded = [self._excluded(one, value_set, trail, systems) for one in clauses if one.is_exclude]
        if excluded:
            keys = set().union(*excluded)
            rows = [row for row in rows if row.key not in keys]
        if (value_set.get("compose") or {}).get("inactive") is False:
            rows = active(rows)
        return rows

    def _clause_rows(self, clause: Clause, of: Resource, trail: tuple[str, ...]) -> Sequence[Row]:
        rows: Sequence[Row] | None = None
        if clause.url is not None:
            system = self.system(clause, of)
            rows = system_rows(system, clause)
            self._note_missing(system, clause)
        return self._within_imports(rows, clause, of, trail)

    def _within_imports(
        self, rows: Sequence[Row] | None, clause: Clause, of: Resource, trail: tuple[str, ...]
    ) -> Sequence[Row]:
        """Return the rows that all value sets of a clause have; of None, which stands for any, those of the first."""
        for text in clause.imports:
            other = self._required(text, clause, of)
            further = self.rows(other, trail)
            if rows is None:
                rows = further
            else:
                keys = {row.key for row in further}
                rows = [row for row in rows if row.key in keys]
        if rows is None:
            text = f"{clause.place}: expected a system or a valueSet"
            raise failure(400, "invalid", text, kind="vs-invalid")
        return rows

    def _note_missing(self, system: SystemVersion, clause: Clause) -> None:
        """Note what a clause names and a code system of the store does not have: a list that shrinks is to be seen."""
        if isinstance(system, GivenSystem):
            return
        named = [one["code"] for one in clause.concepts]
        named += [
            one["value"]
            for one in clause.element.get("filter") or []
            if one.get("property") in HIERARCHY and one.get("op") in BY_CODE and one.get("value")
        ]
        for code in named:
            if len(self.warnings) < MOST_WARNINGS and not system.holds(code):
                reason = system.absence(code) or f"{code} is not in {system.url}"
                self.warnings.setdefault(f"{clause.place}: {reason}")

    def _excluded(
        self, clause: Clause, of: Resource, trail: tuple[str, ...], systems: Sequence[SystemVersion]
    ) -> set[tuple[str, str | None, str]]:
        """Return the keys of what a clause excludes. One without version is read in each version that is included."""
        rows: Sequence[Row] | None = None
        if clause.url is not None:
            system = self.system(clause, of)
            held = [one for one in systems if one.url == system.url]
            asked = held if held and not clause.version else [system]
            rows = [row for one in asked for row in system_rows(one, clause)]
        return {row.key for row in self._within_imports(rows, clause, of, trail)}

    def _required(self, text: str, clause: Clause, of: Resource) -> Resource:
        found = self.imported(text, of)
        if found is None:
            url, version = split_canonical(self.pinned(text))
            message = "VS_EXP_IMPORT_UNK" + ("_PINNED" if version else "") + ("_X" if clause.is_exclude else "")
            values = (url, version) if version else (url,)
            raise FhirError(404, [said(message, *values, code="not-found", kind="not-found")])
        self.note_import(found, of)
        return found


def system_rows(system: SystemVersion, clause: Clause) -> Sequence[Row]:
    """Return the rows of a clause in one version of its code system, whatever value sets it refers to."""
    if clause.concepts:
        rows = (Row(system, official(system, one["code"]), one) for one in clause.concepts)
        return distinct(row for row in rows if system.holds(row.code))
    filters = filters_of(system, clause.element, clause.place)
    return SystemRows(system, selected(system, filters) if filters else system.codes())


def extended(trail: tuple[str, ...], value_set: Resource) -> tuple[str, ...]:
    """Return the value sets that led here, with one more.

    Raises:
        FhirError: It is among them, or they are too many.
    """
    name = canonical(value_set.get("url") or f"#{value_set.get('id')}", value_set.get("version"))
    if name in trail or len(trail) >= DEEPEST:
        pathway = f"[{', '.join(trail)}]"
        made = said("VALUESET_CIRCULAR_REFERENCE", name, pathway, code="processing", kind="vs-invalid")
        made["diagnostics"] = f"{name} is reached again by {pathway}"
        raise FhirError(422, [made])
    return (*trail, name)


def _systems_of(rows: Sequence[Row]) -> list[SystemVersion]:
    """Return the versions of code systems that rows are of, each once."""
    if isinstance(rows, SystemRows):
        return [rows.system]
    return list({(row.system.url, row.system.version): row.system for row in rows}.values())


def caution(resource: Resource, of: Resource) -> str | None:
    """Return why a resource is not to be relied on; None where it may be, or the one that uses it is no better."""
    stated = standards_status(resource.get("extension") or [])
    if stated in ("deprecated", "withdrawn"):
        return stated
    if resource.get("status") == "retired":
        return "retired"
    if resource.get("experimental") is True and of.get("experimental") is not True:
        return "experimental"
    if resource.get("status") == "draft" and of.get("status") != "draft":
        return "draft"
    return None


def unknown_system(
    catalogue: Catalogue, url: str, version: str | None, suffix: str = "", *, status: int = 422, at: str | None = None
) -> FhirError:
    """Return the error that a code system, or a version of it, is not known.

    Args:
        catalogue: What the request sees.
        url: The code system.
        version: The version, or pattern.
        suffix: ``_EXP`` where a value set was to be expanded.
        status: HTTP status.
        at: FHIRPath of what names it.
    """
    known = [one or "(none)" for one in catalogue.versions(url)]
    if not version:
        message, values = f"UNKNOWN_CODESYSTEM{suffix}", [url]
    elif known:
        message, values = f"UNKNOWN_CODESYSTEM_VERSION{suffix}", [url, version, listed(known)]
    else:
        message, values = f"UNKNOWN_CODESYSTEM_VERSION{suffix}_NONE", [url, version]
    return FhirError(status, [said(message, *values, code="not-found", kind="not-found", at=at)])


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list in a sentence.

    >>> listed(["1.0.0", "1.2.0"]), listed(["1", "2", "3"])
    ('1.0.0 or 1.2.0', '1, 2 or 3')
    """
    return " or ".join([*([", ".join(texts[:-1])] if len(texts) > 1 else []), *texts[-1:]])
