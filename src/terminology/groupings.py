"""The groupings that are built in: names, titles, which codes they group, and the properties of codes that they give.

A grouping is a code system whose codes are categories. Each of its releases is a version of the published table, and
says which codes of other systems are in which category. The table becomes a crosswalk of the same version; so days,
versions, differences and sources are those of code systems and crosswalks.

References:
    AHRQ HCUP tools (CCSR, CCS, chronic condition indicators, procedure classes, Elixhauser); CMS risk adjustment model
    software (HCC, RxHCC) and HHS-HCC; CMS MS-DRG Definitions Manual and Medicare Code Editor; CDC/CMS lists of codes
    that are exempt from present-on-admission reporting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from .periods import Calendar
from .systems import GROUPING, SystemDefinition, names_of, plain_name

ROLE: Final = re.compile(r".+ of ([a-z0-9_+]+)")
HCUP: Final = "https://hcup-us.ahrq.gov/toolssoftware"
RISK_ADJUSTMENT: Final = "https://www.cms.gov/medicare/payment/medicare-advantage-rates-statistics/risk-adjustment"
MARKETPLACE: Final = "https://www.cms.gov/marketplace/resources/regulations-guidance"
INPATIENT: Final = "https://www.cms.gov/medicare/payment/prospective-payment-systems/acute-inpatient-pps"


def _grouping(name: str, title: str, uri: str, calendar: Calendar = "fiscal", **fixed: Any) -> SystemDefinition:
    return SystemDefinition(name, title, uri, calendar=calendar, kind=GROUPING, folded=False, **fixed)


GROUPINGS: Final[Mapping[str, SystemDefinition]] = {
    definition.name: definition
    for definition in (
        _grouping("ccsr_dx", "CCSR for ICD-10-CM diagnoses", f"{HCUP}/ccsr/dxccsr"),
        _grouping("ccsr_pr", "CCSR for ICD-10-PCS procedures", f"{HCUP}/ccsr/prccsr"),
        _grouping("ccs_dx", "CCS for ICD-9-CM diagnoses", f"{HCUP}/ccs/ccs/dx"),
        _grouping("ccs_pr", "CCS for ICD-9-CM procedures", f"{HCUP}/ccs/ccs/pr"),
        _grouping("ccs_dx_multi", "CCS for ICD-9-CM diagnoses, multi-level", f"{HCUP}/ccs/ccs/multi-dx"),
        _grouping("ccs_pr_multi", "CCS for ICD-9-CM procedures, multi-level", f"{HCUP}/ccs/ccs/multi-pr"),
        _grouping("ccs_icd10_dx", "CCS for ICD-10-CM diagnoses (beta)", f"{HCUP}/ccs10/ccs10/dx"),
        _grouping("ccs_icd10_pr", "CCS for ICD-10-PCS procedures (beta)", f"{HCUP}/ccs10/ccs10/pr"),
        _grouping("cci", "Chronic Condition Indicator for ICD-9-CM", f"{HCUP}/chronic/chronic"),
        _grouping("ccir", "Chronic Condition Indicator Refined", f"{HCUP}/chronic_icd10/chronic_icd10"),
        _grouping("procedure_class", "Procedure Classes", f"{HCUP}/procedureicd10/procedure_icd10"),
        _grouping("utilization_flag", "Utilization Flags", f"{HCUP}/utilflagsicd10/utilflag_icd10"),
        _grouping("elixhauser", "Elixhauser Comorbidity", f"{HCUP}/comorbidityicd10/comorbidity_icd10"),
        _grouping("hcc_v22", "CMS-HCC V22", f"{RISK_ADJUSTMENT}/v22", "calendar"),
        _grouping("hcc_v23", "CMS-HCC V23", f"{RISK_ADJUSTMENT}/v23", "calendar"),
        _grouping("hcc_v24", "CMS-HCC V24", f"{RISK_ADJUSTMENT}/v24", "calendar"),
        _grouping("hcc_v28", "CMS-HCC V28", f"{RISK_ADJUSTMENT}/v28", "calendar"),
        _grouping("hcc_esrd_v21", "CMS-HCC ESRD V21", f"{RISK_ADJUSTMENT}/esrd-v21", "calendar"),
        _grouping("hcc_esrd_v24", "CMS-HCC ESRD V24", f"{RISK_ADJUSTMENT}/esrd-v24", "calendar"),
        _grouping("hcc_2013", "CMS-HCC for ICD-9-CM, 2013", f"{RISK_ADJUSTMENT}/2013", "calendar"),
        _grouping("rxhcc_v08", "RxHCC V08", f"{RISK_ADJUSTMENT}/rx-v08", "calendar"),
        _grouping("hhs_hcc_v05", "HHS-HCC V05", f"{MARKETPLACE}/v05", "calendar"),
        _grouping("hhs_hcc_v07", "HHS-HCC V07", f"{MARKETPLACE}/v07", "calendar"),
        _grouping("mdc", "MS-DRG major diagnostic categories", f"{INPATIENT}/ms-drg-classifications-and-software/mdc"),
        _grouping("cc_level", "MS-DRG CC and MCC list", f"{INPATIENT}/ms-drg-classifications-and-software/cc"),
        _grouping(
            "cc_exclusion", "MS-DRG CC exclusions", f"{INPATIENT}/ms-drg-classifications-and-software/exclusions"
        ),
        _grouping("hac", "Hospital-acquired conditions", f"{INPATIENT}/ms-drg-classifications-and-software/hac"),
        _grouping("mce", "Medicare Code Editor", f"{INPATIENT}/ms-drg-classifications-and-software/mce"),
        _grouping("poa_exempt", "Exempt from POA reporting", f"{INPATIENT}/present-on-admission/exempt"),
        _grouping("charlson", "Charlson Comorbidity", "https://doi.org/10.1097/01.mlr.0000182534.19832.83", "open"),
    )
}


@cache
def _by_name() -> Mapping[str, SystemDefinition]:
    return {name: definition for definition in GROUPINGS.values() for name in names_of(definition)}


def named_grouping(text: str) -> SystemDefinition | None:
    """Return the built-in grouping of this short name or URI; None where there is none.

    >>> named_grouping("https://hcup-us.ahrq.gov/toolssoftware/ccsr/dxccsr").name
    'ccsr_dx'
    """
    return _by_name().get(plain_name(text))


def role_of_table(kind: str, systems: Iterable[str]) -> str:
    """Return what a file is to a release of a grouping, with the code systems whose codes it puts into categories.

    >>> role_of_table("ccsr_dx table", ["icd10cm"]), role_of_table("hcc_v28 labels", [])
    ('ccsr_dx table of icd10cm', 'hcc_v28 labels')
    """
    named = "+".join(sorted(systems))
    return f"{kind} of {named}" if named else kind


def systems_in(role: str) -> tuple[str, ...]:
    """Return the code systems that a role names; none where it names none.

    >>> systems_in("mce table of icd10cm+icd10pcs"), systems_in("hcc_v28 labels")
    (('icd10cm', 'icd10pcs'), ())
    """
    found = ROLE.fullmatch(role)
    return tuple(found[1].split("+")) if found else ()


class PropertyRule(NamedTuple):
    """How a property of codes is made of a grouping, on a day that one of its versions covers."""

    grouping: str
    values: Mapping[str, Any]
    """What the property is for a code of a category, the first that it is in; where none are named, its own code."""
    otherwise: Any
    """What it is for any other code in force."""


PROPERTIES: Final[Mapping[str, PropertyRule]] = {
    "poa_exempt": PropertyRule("poa_exempt", {"exempt": True}, otherwise=False),
    "cc_level": PropertyRule("cc_level", {}, otherwise="none"),
    "chronic": PropertyRule("ccir", {"0": False, "1": True, "9": None}, otherwise=None),
}
"""Properties by name; beside them each list of the code editor is one, ``mce_`` with the name of its category."""
MCE_PREFIX: Final = "mce_"


def property_rule(name: str) -> PropertyRule | None:
    """Return how a property is made of a grouping; None for any other name.

    >>> property_rule("mce_newborn").grouping, property_rule("title")
    ('mce', None)
    """
    if name.startswith(MCE_PREFIX):
        return PropertyRule("mce", {name.removeprefix(MCE_PREFIX): True}, otherwise=False)
    return PROPERTIES.get(name)
