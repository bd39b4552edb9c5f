"""Rules that need dated lists: present on admission, the Medicare code editor, CC and MCC.

All of these are rules for inpatients; each follows the version of its list that covers the day of discharge.
"""

from __future__ import annotations

from typing import Final

from ..model import Source
from .claim import Diagnosis, Line
from .code_facts import CodeFacts
from .examined import NO_VERSION, Examined
from .lists import (
    AGES,
    CC_LEVEL,
    FEMALE,
    MALE,
    MANIFESTATION,
    POA_EXEMPT,
    REQUIRES_SECONDARY,
    UNACCEPTABLE,
    Listed,
    ages_of,
)

Coded = tuple[Diagnosis | Line, str]
INDICATORS: Final = frozenset("YNUW1")
SEXED: Final = {MALE: ("M", "men"), FEMALE: ("F", "women")}
TITLES: Final = {
    **dict.fromkeys(AGES, "ages by MCE"),
    **dict.fromkeys(SEXED, "sexes by MCE"),
    **dict.fromkeys((UNACCEPTABLE, REQUIRES_SECONDARY, MANIFESTATION), "principal diagnosis by MCE"),
    CC_LEVEL: "CC and MCC",
}
"""What is not checked without a list."""
LEVELS: Final = frozenset({"cc", "mcc"})


def check_poa(examined: Examined) -> None:
    """Find indicators of present on admission that are none, missing, or given for an exempt diagnosis."""
    says = [diagnosis for diagnosis, _ in examined.diagnoses if diagnosis.poa is not None]
    if not examined.is_inpatient:
        for diagnosis, facts in examined.diagnoses:
            if diagnosis.poa and diagnosis.poa.strip():
                message = f"{facts.code} has the indicator {diagnosis.poa!r}, which only claims of inpatients have"
                examined.add("poa_unexpected", (facts.code,), message, None, diagnosis)
        return
    if not says:
        if examined.diagnoses:
            examined.unchecked("POA", "the claims do not say it,")
        return
    is_covered = examined.systems.lists.version(POA_EXEMPT, examined.day) is not None
    if not is_covered:
        examined.unchecked("POA", NO_VERSION)
    for diagnosis, facts in examined.diagnoses:
        indicator = (diagnosis.poa or "").strip().upper()
        if indicator and indicator not in INDICATORS:
            message = f"{facts.code} has the indicator {diagnosis.poa!r}; expected Y, N, U, W, 1 or nothing"
            examined.add("poa_invalid", (facts.code,), message, None, diagnosis)
        elif is_covered and facts.is_billable:
            _check_exempt(examined, diagnosis, facts, indicator)


def _check_exempt(examined: Examined, diagnosis: Diagnosis, facts: CodeFacts, indicator: str) -> None:
    exempt = examined.systems.lists.holds(POA_EXEMPT, facts.code, examined.day)
    is_given = indicator not in ("", "1")
    if exempt is None and not is_given:
        what = "is reported as exempt" if indicator else "has no indicator"
        message = f"{facts.code} {what}, and is not exempt from present on admission on {examined.day}"
        examined.add("poa_missing", (facts.code,), message, facts.source, diagnosis)
    elif exempt is not None and is_given:
        message = f"{facts.code} has the indicator {indicator}, and is exempt ({exempt.version}): it has none"
        examined.add("poa_exempt", (facts.code,), message, exempt.source, diagnosis)


def check_editor(examined: Examined) -> None:
    """Find what the lists of the Medicare code editor say of principal diagnosis, age and sex."""
    if not examined.is_inpatient or not examined.diagnoses:
        return
    _check_principal(examined)
    coded: list[Coded] = [(item, facts.code) for item, facts in examined.diagnoses if facts.is_billable]
    coded += [(line, line.code) for line, name, _ in examined.coded_lines() if name == "icd10pcs"]
    _check_age(examined, coded)
    _check_sex(examined, coded)


def _check_age(examined: Examined, coded: list[Coded]) -> None:
    years = examined.claim.years
    if years is None:
        examined.unchecked("ages by MCE", "the claims do not say them,")
        return
    for name in AGES:
        if not _is_covered(examined, name):
            continue
        ages = ages_of(name, examined.day)
        if not ages.least <= years <= ages.most:
            said = f"is for ages {ages.least} to {ages.most}, and the patient is {years}"
            _check_listed(examined, name, coded, "age_conflict", said)


def _check_sex(examined: Examined, coded: list[Coded]) -> None:
    sex = examined.claim.sex
    if sex is None:
        examined.unchecked("sexes by MCE", "the claims do not say them,")
        return
    for name, (wanted, people) in SEXED.items():
        if wanted != sex and _is_covered(examined, name):
            _check_listed(examined, name, coded, "sex_conflict", f"is for {people}, and the patient is {sex}")


def _check_listed(examined: Examined, name: str, coded: list[Coded], rule: str, said: str) -> None:
    """Find the codes that a list has, where none of them may be on it."""
    for item, code in coded:
        if listed := examined.systems.lists.holds(name, code, examined.day):
            examined.add(rule, (code,), f"{code} {said} {_of(name, listed)}", listed.source, item)


def _check_principal(examined: Examined) -> None:
    diagnosis, facts = examined.diagnoses[0]
    if (listed := _listed(examined, UNACCEPTABLE, facts)) is not None:
        message = f"{facts.code} is not accepted as principal diagnosis {_of(UNACCEPTABLE, listed)}"
        examined.add("unacceptable_principal", (facts.code,), message, listed.source, diagnosis)
    if len(examined.diagnoses) == 1 and (listed := _listed(examined, REQUIRES_SECONDARY, facts)) is not None:
        message = f"{facts.code} is accepted as principal diagnosis only with a secondary one {_of(REQUIRES_SECONDARY, listed)}"
        examined.add("requires_secondary", (facts.code,), message, listed.source, diagnosis)
    listed = _listed(examined, MANIFESTATION, facts)
    if listed is not None and not any(found.rule == "manifestation_principal" for found in examined.found):
        message = f"{facts.code} is a manifestation, and stands first {_of(MANIFESTATION, listed)}"
        examined.add("manifestation_principal", (facts.code,), message, listed.source, diagnosis)


def _listed(examined: Examined, name: str, facts: CodeFacts) -> Listed | None:
    if not _is_covered(examined, name):
        return None
    return examined.systems.lists.holds(name, facts.code, examined.day)


def _is_covered(examined: Examined, name: str) -> bool:
    if examined.systems.lists.version(name, examined.day) is None:
        examined.unchecked(TITLES[name], NO_VERSION)
        return False
    return True


def _of(name: str, listed: Listed) -> str:
    return f"({name}, version {listed.version})"


def check_complications(examined: Examined) -> None:
    """Find secondary diagnoses whose level as CC or MCC does not count with this principal diagnosis."""
    if not examined.is_inpatient or len(examined.diagnoses) <= 1 or not _is_covered(examined, CC_LEVEL):
        return
    lists, day = examined.systems.lists, examined.day
    principal, principal_facts = examined.diagnoses[0]
    for diagnosis, facts in examined.diagnoses[1:]:
        level = lists.holds(CC_LEVEL, facts.code, day)
        if level is None or level.category.lower() not in LEVELS:
            continue
        if (listed := lists.excluded(facts.code, principal_facts.code, day)) is not None:
            codes = (facts.code, principal_facts.code)
            message = (
                f"{facts.code} is a {level.category.upper()}, and does not count as one with the principal diagnosis "
                f"{principal_facts.code} {_of(CC_LEVEL, listed)}"
            )
            source: Source | None = listed.source or level.source
            examined.add("cc_excluded", codes, message, source, diagnosis, principal)
