"""Which version of a code system answers for a coding.

It comes of three voices: the clause, the coding, and the rules of the request. An example: the
clause says ``1.x.x``, the coding says ``1.0.0``, and ``1.0.0`` and ``1.2.0`` are known. Then ``1.0.0`` answers, since it
is a version that the clause allows; of a coding that says nothing, ``1.2.0`` answers. A coding that says ``2.4.0`` is
an error, and ``1.2.0`` still tells what the code is.
"""

from __future__ import annotations

from attrs import define, field

from .catalogue import Catalogue
from .code_systems import SystemVersion, canonical
from .exchange import Resource
from .findings import Coding
from .outcomes import FhirError, said
from .value_sets import unknown_system
from .versions import VersionRules


@define(eq=False)
class Choice:
    """The version that answers for a coding, and what is wrong with the choice."""

    system: SystemVersion | None = None
    is_blocked: bool = False
    is_uncovered: bool = False
    """Whether the code system is known, and no version of it is in force on the day of the request."""
    issues: list[tuple[Resource, bool]] = field(factory=list)
    """Issues, and whether the message says them."""
    causes: list[str] = field(factory=list)

    @property
    def has_error(self) -> bool:
        """Whether any issue is an error."""
        return any(one["severity"] == "error" for one, _ in self.issues)


class Choices:
    """Chooses versions for the codings of one request."""

    def __init__(self, catalogue: Catalogue, rules: VersionRules) -> None:
        self.catalogue = catalogue
        self.rules = rules
        self._clean: dict[tuple[str, str | None, str | None], Choice] = {}
        """Choices that nothing is wrong with: they are the same for all codings."""

    def of(self, url: str, stated: str | None, coding: Coding) -> Choice:
        """Return the version of a code system that answers for a coding.

        Args:
            url: The code system.
            stated: The version that the clause states, where it does.
            coding: The coding.
        """
        key = url, stated, coding.version
        if key in self._clean:
            return self._clean[key]
        choice = self._fresh(url, stated, coding)
        if not choice.issues and choice.system is not None:
            self._clean[key] = choice
        return choice

    def _fresh(self, url: str, stated: str | None, coding: Coding) -> Choice:
        choice = Choice()
        catalogue = self.catalogue
        pattern, rule = self.rules.pattern(url, stated)
        wanted = coding.version
        try:
            if wanted and catalogue.fits(url, wanted, pattern):
                choice.system = catalogue.system(url, wanted)
            choice.system = choice.system or catalogue.system(url, pattern)
        except FhirError as error:
            choice.is_blocked = choice.is_uncovered = True
            choice.issues += [(one, True) for one in error.issues]
            return choice
        if choice.system is None and (stated or rule or not catalogue.versions(url)):
            self._block(choice, url, pattern, coding, is_stated=stated is not None or rule is not None)
        if wanted and catalogue.versions(url):
            self._compare(choice, url, stated, coding)
        self._check(choice, coding)
        return choice

    def _block(self, choice: Choice, url: str, pattern: str | None, coding: Coding, *, is_stated: bool) -> None:
        """Note that the version which a clause asks for is not known."""
        choice.is_blocked = True
        version = pattern if is_stated else coding.version
        error = unknown_system(self.catalogue, url, version, at=coding.at("system"))
        choice.issues += [(one, True) for one in error.issues]
        choice.causes.append(canonical(url, version) if is_stated else url)

    def _compare(self, choice: Choice, url: str, stated: str | None, coding: Coding) -> None:
        """Note that the version of a coding is another one than that which answers."""
        catalogue = self.catalogue
        pattern, rule = self.rules.pattern(url, stated)
        actual = choice.system.version if choice.system else None
        if choice.system is not None and catalogue.fits(url, actual, coding.version):
            return
        at = coding.at("version")
        if rule is not None:
            values: tuple[str | None, ...] = (url, pattern, stated, coding.version)
            made = said("VALUESET_VALUE_MISMATCH_CHANGED", *values, code="invalid", kind="vs-invalid", at=at)
        elif stated:
            values = (url, pattern, coding.version)
            made = said("VALUESET_VALUE_MISMATCH", *values, code="invalid", kind="vs-invalid", at=at)
        else:
            values = (url, actual, None, coding.version)
            message = "VALUESET_VALUE_MISMATCH_DEFAULT"
            made = said(message, *values, severity="warning", code="invalid", kind="vs-invalid", at=at)
        choice.issues.append((made, made["severity"] == "error"))
        if catalogue.system(url, coding.version) is None:
            error = unknown_system(catalogue, url, coding.version, at=coding.at("system"))
            choice.issues += [(one, True) for one in error.issues]
            choice.causes.append(canonical(url, coding.version))

    def _check(self, choice: Choice, coding: Coding) -> None:
        """Note that the version which answers is another one than the request requires."""
        if choice.system is None or choice.is_blocked:
            return
        required = self.rules.check.get(choice.system.url)
        if required and not self.catalogue.fits(choice.system.url, choice.system.version, required):
            values = (choice.system.url, choice.system.version, required)
            at = coding.at("version")
            made = said("VALUESET_VERSION_CHECK", *values, code="exception", kind="version-error", at=at)
            choice.issues.append((made, True))
