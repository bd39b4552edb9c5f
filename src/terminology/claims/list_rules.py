"""Rules that need dated lists: present on admission, the Medicare code editor, CC and MCC.

All of these are rules for inpatients; each follows the version of its list that covers the day of discharge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..systems import in_use
from .claim import Diagnosis, Line
from .code_facts import CodeFacts
from .examined import NO_VERSION, Examined
from .lists import (
    AGED,
    CC_LEVEL,
    FEMALE,
    MALE,
    MANIFESTATION,
    POA_EXEMPT,
    REQUIRES_SECONDARY,
    UNACCEPTABLE,
    Listed,
)

Coded = tuple[Diagnosis | Line, str]
INDICATORS: Final = frozenset("YNUW1")
SEXED: Final = {MALE: ("M", "men"), FEMALE: ("F", "women")}
TITLES: Final = {
    **dict.fromkeys(AGED, "ages by MCE"),
    **dict.fromkeys(SEXED, "sexes by MCE"),
    **dict.fromkeys((UNACCEPTABLE, MANIFESTATION), "principal diagnosis by MCE"),
    REQUIRES_SECONDARY: "principal diagnosis that requires a secondary one, by MCE",
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
            examined.unchecked("POA", "the claims do not say it")
        return
    is_covered = POA_EXEMPT in examined.systems.lists.covered(examined.day)
    examined.systems.lists.use((POA_EXEMPT,), examined.day)
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
    lists, day = examined.systems.lists, examined.day
    exempt = lists.held(facts.code, day).get(POA_EXEMPT)
    is_given = indicator not in ("", "1")
    if exempt is None and not is_given:
        what = "is reported as exempt" if indicator else "has no indicator"
        # that a code is not on a list has no line: the list itself is cited
        source = lists.file_of(POA_EXEMPT, in_use("icd10cm", day), day)
        version = f" ({POA_EXEMPT}, version {source.version})" if source else ""
        message = f"{facts.code} {what}, and is not exempt from present on admission on {day}{version}"
        examined.add("poa_missing", (facts.code,), message, source, diagnosis)
    elif exempt is not None and is_given:
        message = f"{facts.code} has the indicator {indicator}, and is exempt ({exempt.version}): it has none"
        examined.add("poa_exempt", (facts.code,), message, exempt.source, diagnosis)


def check_editor(examined: Examined) -> None:
    """Find what the lists of the Medicare code editor say of principal diagnosis, age and sex."""
    if not examined.is_inpatient or not examined.diagnoses:
        return
    _say_uncovered(examined)
    lists, day = examined.systems.lists, examined.day
    coded: list[Coded] = [(item, facts.code) for item, facts in examined.diagnoses if facts.is_billable]
    coded += [(line, line.code) for line, name, _ in examined.lines if name == "icd10pcs"]
    for item, code in coded:
        if held := lists.held(code, day):
            _check_age(examined, item, code, held)
            _check_sex(examined, item, code, held)
    if held := lists.held(examined.diagnoses[0][1].code, day):
        _check_principal(examined, held)


def _say_uncovered(examined: Examined) -> None:
    """Note which lists that the claim needs have no version for its day, and what the claim does not say."""
    wanted = [UNACCEPTABLE, REQUIRES_SECONDARY, MANIFESTATION]
    if examined.claim.years is None:
        examined.unchecked("ages by MCE", "the claims do not say them")
    else:
        wanted += AGED
    if examined.claim.sex is None:
        examined.unchecked("sexes by MCE", "the claims do not say them")
    else:
        wanted += SEXED
    examined.systems.lists.use(wanted, examined.day)
    covered = examined.systems.lists.covered(examined.day)
    if not covered.issuperset(wanted):
        for name in wanted:
            if name not in covered:
                examined.unchecked(TITLES[name], NO_VERSION)


def _check_age(examined: Examined, item: Diagnosis | Line, code: str, held: Mapping[str, Listed]) -> None:
    years = examined.claim.years
    if years is None:
        return
    for name, ages in examined.systems.lists.ages(examined.day).items():
        if (listed := held.get(name)) is None:
            continue
        if ages is None:
            examined.unchecked(f"ages of {name}", f"version {listed.version} does not say them")
        elif not ages.least <= years <= ages.most:
            said = f"{code} is for ages {ages.least} to {ages.most}, and the patient is {years} {_of(name, listed)}"
            examined.add("age_conflict", (code,), said, listed.source, item)


def _check_sex(examined: Examined, item: Diagnosis | Line, code: str, held: Mapping[str, Listed]) -> None:
    sex = examined.claim.sex
    for name, (wanted, people) in SEXED.items():
        if sex not in (None, wanted) and (listed := held.get(name)) is not None:
            said = f"{code} is for {people}, and the patient is {sex} {_of(name, listed)}"
            examined.add("sex_conflict", (code,), said, listed.source, item)


def _check_principal(examined: Examined, held: Mapping[str, Listed]) -> None:
    diagnosis, facts = examined.diagnoses[0]
    if (listed := held.get(UNACCEPTABLE)) is not None:
        message = f"{facts.code} is not accepted as principal diagnosis {_of(UNACCEPTABLE, listed)}"
        examined.add("unacceptable_principal", (facts.code,), message, listed.source, diagnosis)
    if len(examined.diagnoses) == 1 and (listed := held.get(REQUIRES_SECONDARY)) is not None:
        told = _of(REQUIRES_SECONDARY, listed)
        message = f"{facts.code} is accepted as principal diagnosis only with a secondary one {told}"
        examined.add("requires_secondary", (facts.code,), message, listed.source, diagnosis)
    is_said = any(found.rule == "manifestation_principal" for found in examined.found)
    if not is_said and (listed := held.get(MANIFESTATION)) is not None:
        message = f"{facts.code} is a manifestation, and stands first {_of(MANIFESTATION, listed)}"
        examined.add("manifestation_principal", (facts.code,), message, listed.source, diagnosis)


def _of(name: str, listed: Listed) -> str:
    return f"({name}, version {listed.version})"


def check_complications(examined: Examined) -> None:
    """Find secondary diagnoses whose level as CC or MCC does not count with this principal diagnosis."""
    if not examined.is_inpatient or len(examined.diagnoses) <= 1:
        return
    lists, day = examined.systems.lists, examined.day
    if CC_LEVEL not in lists.covered(day):
        examined.unchecked(TITLES[CC_LEVEL], NO_VERSION)
        return
    lists.use((CC_LEVEL,), day)
    principal, principal_facts = examined.diagnoses[0]
    for diagnosis, facts in examined.diagnoses[1:]:
        level = lists.held(facts.code, day).get(CC_LEVEL)
        if level is None or level.category.lower() not in LEVELS:
            continue
        if (listed := lists.excluded(facts.code, principal_facts.code, day)) is not None:
            codes = (facts.code, principal_facts.code)
            message = (
                f"{facts.code} is a {level.category.upper()}, and does not count as one with the principal diagnosis "
                f"{principal_facts.code} {_of(CC_LEVEL, listed)}"
            )
            examined.add("cc_excluded", codes, message, listed.source or level.source, diagnosis, principal)
