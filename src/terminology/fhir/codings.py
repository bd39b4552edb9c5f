"""What is found of a coding in one version of its code system: its concept, or what there is to say of its absence."""

from __future__ import annotations

from typing import Final

from .catalogue import Catalogue
from .choices import Choice
from .clauses import Row
from .code_systems import Concept, SystemVersion, canonical
from .findings import Coding, Finding, Rules
from .outcomes import FhirError, issue, said
from .value_sets import Evaluation, unknown_system

CAUSE: Final = "x-caused-by-unknown-system"
UNKNOWN: Final = "x-unknown-system"


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


def place(finding: Finding, row: Row, rules: Rules) -> None:
    """Note the concept of a coding in a version, where there is one."""
    found, is_same = known_as(row.system, finding.coding.code, rules)
    finding.row, finding.version = row, row.system.version
    if found is None:
        return
    finding.concept = found
    if not is_same:
        finding.normalized = found.code


def note_version(finding: Finding, row: Row, rules: Rules) -> None:
    """Note the concept of a code in a version; that there is none is an error."""
    place(finding, row, rules)
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
    _explain(finding, system)


def _explain(finding: Finding, system: SystemVersion) -> None:
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


def any_version(evaluation: Evaluation, coding: Coding) -> SystemVersion | None:
    """Return a version that can tell what a code is, where the one that is meant is not known."""
    if not coding.system:
        return None
    catalogue = evaluation.catalogue
    pattern, _ = evaluation.rules.pattern(coding.system, None)
    tried = [version for version in (coding.version, pattern) if version]
    try:
        found = (catalogue.system(coding.system, version) for version in (*tried, None))
        return next((one for one in found if one is not None), None)
    except FhirError:
        # no version is in force on the day: none can tell
        return None


def note_unknown(catalogue: Catalogue, finding: Finding, cause: str = UNKNOWN) -> None:
    """Note that the code system of a coding is not known, or is none."""
    coding = finding.coding
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


def note_choice(finding: Finding, choice: Choice) -> None:
    """Note what is wrong with the choice of a version."""
    for made, is_said in choice.issues:
        finding.add(made, is_said=is_said)
    for cause in choice.causes:
        finding.causes[CAUSE, cause] = None
