"""The groups of a code are the same by every face: an edition, a column of a table, FHIR, and the publisher's file itself.

What a version says of all its codes is compared with its file. Of an edition and of a column every code is asked that is in
a category of any version of any grouping, again where another version has it in other categories; so is a sample of 300
codes of each version that are in none, and of 300 that are in the same as before. FHIR is asked for every code in force on the two days with the most groupings, all groupings at once, and for a
sample of 300 codes of each other version. The samples are seeded. All of it takes some four minutes of a processor.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import random
import re
import zipfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Edition, Terminology
from terminology.fhir import Request, Service
from terminology.query.grouping_editions import GroupingEdition

from ..grouping_readings import Sets, as_set, hcup_pairs, in_sets, risk_rows
from . import test_groupings_hcc as hcc
from . import test_groupings_hcup as hcup
from . import test_groupings_inpatient as inpatient

GROUPINGS = hcup.GROUPINGS
SAMPLED = 300
"""Codes of each version of which FHIR is asked, beside the days on which it is asked for all."""
WHOLE_DAYS = (("icd10cm", datetime.date(2022, 12, 1)), ("icd10pcs", datetime.date(2021, 11, 1)))

pytestmark = pytest.mark.slow


# ---- plain readings of the files, which share nothing with the loaders


EDITS = {
    "Newborn_Only": "newborn",
    "Pediatric_Only": "pediatric",
    "Maternity_Only": "maternity",
    "Adult_Only": "adult",
    "Female_Only": "female",
    "Male_Only": "male",
    "Principal_Manifestation": "manifestation",
    "Principal_Questionable_Admit": "questionable_admission",
    "Principal_Unacceptable": "unacceptable_principal",
    "Noncovered_Always": "noncovered_procedure",
    "Noncovered_Over60": "noncovered_over_60",
    "Limited_Coverage": "limited_coverage",
    "Wrong_Performed": "wrong_procedure",
    "Noncovered_LOS_96hr": "inconsistent_with_stay",
}
OF_PROCEDURES = {"5B", "5D", "11A", "11F", "17A", "19"}
"""Sections of the code editor that list procedures."""


def editor(version: str, *, procedures: bool) -> Sets:
    """Return the lists of the code editor that each diagnosis, or each procedure, is on."""
    return in_sets(
        (code, EDITS[one.partition(":")[2]])
        for code, lists in inpatient.edits(version).items()
        for one in lists
        if (one.partition(":")[0] in OF_PROCEDURES) is procedures
    )


@cache
def hospital_acquired(version: str) -> Sets:
    """Return the conditions that each diagnosis and each procedure belongs to, of appendix I."""
    pairs, number, reading = [], "", False
    for line in inpatient.text("msdrg", version, "appendix_F_J.txt").splitlines():
        if line.startswith("|") and "Appendix" in line:
            reading = "Appendix I " in line
        elif reading and (words := re.match(r"HAC (\d\d):", line)):
            number = words[1]
        elif reading and (words := re.match(r" *((?=\w*\d)[0-9A-Z]{3,7})(?:\*| )", line)):
            pairs.append((words[1], number))
    return in_sets(pairs)


def elixhauser() -> Sets:
    """Return the comorbidities of each code of AHRQ's program, its combined labels taken apart."""
    parts = {
        "DRUG_ABUSEPSYCHOSES": ("DRUG_ABUSE", "PSYCHOSES"),
        "HFHTN_CX": ("HF", "HTN_CX"),
        "HTN_CXRENLFL_SEV": ("HTN_CX", "RENLFL_SEV"),
        "HFHTN_CXRENLFL_SEV": ("HF", "HTN_CX", "RENLFL_SEV"),
        "ALCOHOLLIVER_MLD": ("ALCOHOL", "LIVER_MLD"),
        "VALVE_AUTOIMMUNE": ("VALVE", "AUTOIMMUNE"),
        "CBVD_SQLAPARALYSIS": ("CBVD_SQLA", "PARALYSIS"),
    }
    with zipfile.ZipFile(GROUPINGS / "elixhauser_ahrq/v2022-1/CMR_v2022-1.zip") as archive:
        text = archive.read("CMR_Format_Program_v2022-1.sas").decode()
    (body,) = re.findall(r"(?is)value \$COMFMT(.*?)other\s*=", text)
    pairs, pending = [], []
    for code, label in re.findall(r'"([^"]+)"(?:\s*=\s*"([^"]*)")?', body):
        pending.append(code)
        if label:
            pairs += [(one, part) for one in pending for part in parts.get(label, (label,))]
            pending = []
    return in_sets(pairs)


def elixhauser_of_icd9() -> Sets:
    """Return the comorbidities of each text that could be a code of ICD-9-CM, by ranges of texts padded to five characters."""
    temporary = {
        "HTNWCHF": ("HTNCX", "CHF"),
        "HRENWRF": ("HTNCX", "RENLFAIL"),
        "HHRWCHF": ("HTNCX", "CHF"),
        "HHRWRF": ("HTNCX", "RENLFAIL"),
        "HHRWHRF": ("HTNCX", "CHF", "RENLFAIL"),
        **dict.fromkeys(("HTNPREG", "HTNWOCHF", "HRENWORF", "HHRWOHRF", "OHTNPREG"), ("HTNCX",)),
    }
    text = (GROUPINGS / "elixhauser_ahrq/ICD9-v3.7/comformat2012-2013.txt").read_text(encoding="latin-1")
    (body,) = re.findall(r"(?is)value \$RCOMFMT(.*?)other\s*=", re.sub(r"(?s)/\*.*?\*/", "", text))
    ranges, pending = [], []
    for first, last, label in re.findall(r'"([^"]+)"(?:\s*-\s*"([^"]+)")?(?:\s*=\s*"([^"]+)")?', body):
        pending.append((first, last or first))
        if label:
            ranges += [(*one, label) for one in pending]
            pending = []
    ranges.sort()
    starts = [first for first, _, _ in ranges]
    pairs = []
    for letters in (*map("".join, product("0123456789V", "0123456789")), "E8", "E9"):
        for digits in (f"{number:0{width}}" for width in (1, 2, 3) for number in range(10**width)):
            place = bisect_right(starts, f"{letters}{digits}".ljust(5)) - 1
            if place >= 0 and f"{letters}{digits}".ljust(5) <= ranges[place][1]:
                label = ranges[place][2]
                pairs += [(f"{letters}{digits}", one) for one in temporary.get(label, (label,))]
    return in_sets(pairs)


ALL_MODELS = {
    **{f"hcc_v{number}": f"CMS-HCC Model V{number}" for number in ("22", "24", "28")},
    **{f"hcc_esrd_v{number}": f"CMS-HCC ESRD Model V{number}" for number in ("21", "24")},
    "rxhcc_v08": "RxHCC Model V08",
}


@cache
def all_models() -> Mapping[str, Sets]:
    """Return the categories of each code by model, of the file of all models."""
    (path,) = GROUPINGS.glob("cms_hcc_all_models/*/*.csv.gz")
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            found[row["model_name"]].append((row["diagnosis_code"], row["cc"]))
    return {model: in_sets(pairs) for model, pairs in found.items()}


def risk_adjustment_of_icd9() -> Sets:
    """Return the categories of each code, by columns of the line."""
    (path,) = GROUPINGS.glob("cms_hcc/*/2013_icd9hcc.txt")
    return in_sets((line[:7].strip(), line[7:].strip()) for line in path.read_text(encoding="ascii").splitlines())


def risk_adjustment(path: Path) -> Sets:
    """Return the categories of each code, by a table of a model."""
    return in_sets((code, category) for code, category, _ in risk_rows(path))


def exclusions(version: str) -> Sets:
    """Return the collections of principal diagnoses that each code is in."""
    return in_sets((code, number) for number, codes in inpatient.levels(version)[1].items() for code in codes)


def readings() -> dict[tuple[str, str | None, str | None], Callable[[], Sets]]:
    """Return the readings by grouping, version and code system; None is the only one of the grouping."""
    made: dict[tuple[str, str | None, str | None], Callable[[], Sets]] = {
        (name, None, None): lambda name=name, path=path: in_sets(hcup_pairs(name, GROUPINGS / path))
        for name, path in hcup.TABLES.items()
    }
    made |= {
        (name, version, None): lambda path=path: risk_adjustment(Path(path)) for name, version, path in hcc.tables()
    }
    for version in ("FY2016", "FY2017", "FY2022"):
        made["poa_exempt", version, None] = lambda v=version: in_sets((one, "exempt") for one in inpatient.exempt(v))
    for version in ("v32", "v33", "v34", "v35", "v36"):
        for system in ("icd9cm", "icd9pcs") if version == "v32" else ("icd10cm", "icd10pcs"):
            procedures = system.endswith("pcs")
            made["mce", version, system] = lambda v=version, p=procedures: editor(v, procedures=p)
    for version in ("v37.2", "v38.1"):
        made["mdc", version, None] = lambda v=version: in_sets(
            (code, mdc) for code, pairs in inpatient.index(v).items() for mdc, _ in pairs
        )
        made["cc_level", version, None] = lambda v=version: in_sets(
            (code, level) for code, (level, _) in inpatient.levels(v)[0].items()
        )
        made["cc_exclusion", version, None] = lambda v=version: exclusions(v)
        made["hac", version, "icd10cm"] = lambda v=version: hospital_acquired(v)
        made["hac", version, "icd10pcs"] = lambda v=version: hospital_acquired(v)
    made["elixhauser", "v2022-1", "icd10cm"] = elixhauser
    made["elixhauser", "v3.7", "icd9cm"] = made["elixhauser", "v3.7-2013", "icd9cm"] = elixhauser_of_icd9
    made["hcc_2013", "2013", "icd9cm"] = risk_adjustment_of_icd9
    for name, model in ALL_MODELS.items():
        made[name, "ra_dx_to_cc_2025", None] = lambda model=model: all_models()[model]
    return made


READINGS = readings() if GROUPINGS.is_dir() else {}


def plain_reading(grouping: str, version: str, system: str) -> Sets:
    """Return what the publisher's file says; each file has a second reading."""
    keys = ((grouping, version, system), (grouping, version, None), (grouping, None, None))
    return READINGS[next(key for key in keys if key in READINGS)]()


# ---- the faces


def covers(store: Terminology, grouping: str, day: datetime.date) -> bool:
    """Return whether a version of a grouping covers a day."""
    return any(
        one.effective_from <= day and (one.effective_to is None or day < one.effective_to)
        for one in store.grouping(grouping).versions
    )


def days_of(store: Terminology) -> list[tuple[str, str, str, Edition | None]]:
    """Return grouping, version and code system of all versions, each with the edition of a day of it.

    A version on whose days no release of the code system is loaded has no edition.
    """
    found = []
    for name in store.groupings:
        grouping = store.grouping(name)
        for version in grouping.versions:
            last = version.effective_to - datetime.timedelta(1) if version.effective_to else None
            days = [day for day in (last, version.effective_from) if day is not None]
            for system in grouping.version(version.version).systems:
                editions = (store[system].on(day) for day in days if system in store)
                found.append((name, version.version, system, next((one for one in editions if one.is_covered), None)))
    return found


def asked_about(store: Terminology) -> list[tuple[str, str, str, Edition]]:
    """Return those of `days_of` that have an edition."""
    return [(*of, edition) for *of, edition in days_of(store) if edition is not None]


def in_force(edition: Edition) -> dict[str, str]:
    """Return the codes that are in force, chapters and sections left out, by their form without dot."""
    rows = edition.table("concepts").select(["code", "kind"]).to_pylist()
    return {row["code"].replace(".", ""): row["code"] for row in rows if row["kind"] == "code"}


def by_edition(edition: Edition, grouping: str, codes: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the categories of each code by `Edition.groups`."""
    return {code: frozenset(one.category for one in edition.groups(code, grouping)) for code in codes}


def by_column(store: Terminology, edition: Edition, grouping: str, codes: list[str]) -> dict[str, frozenset[str]]:
    """Return the categories of each code by a column of a table.

    Where a property has the name of its grouping, the column is that property: whether, or which one.
    """
    made = terminology.annotate(
        {"dx": codes}, system=edition.system, on=edition.date, columns=[grouping], store=store
    ).column(f"dx_{grouping}")
    return {code: as_set(found) for code, found in zip(codes, made.to_pylist(), strict=True)}


def by_fhir(service: Service, edition: Edition, groupings: list[str], code: str) -> dict[str, frozenset[str]]:
    """Return the categories of a code in several groupings by `$lookup`."""
    uri = str(edition.definition.uri)
    query = [("system", uri), ("code", code), ("date", str(edition.date)), *(("property", one) for one in groupings)]
    response = service.answer(Request("CodeSystem/$lookup", "r5", "GET", tuple(query), None, {}))
    assert response.status == 200, response.resource
    found: dict[str, set[str]] = {name: set() for name in groupings}
    for one in response.resource["parameter"]:
        if one["name"] == "property":
            parts: dict[str, Any] = {part["name"]: part for part in one["part"]}
            name = parts["code"].get("valueCode")
            if name in found:
                found[name].add(parts["value"]["valueCoding"]["code"])
    return {name: frozenset(categories) for name, categories in found.items()}


# ---- the promise


def test_every_code_of_every_version_by_edition_and_column(grouped_store: Terminology) -> None:
    """Edition, column and the publisher's file agree; so do they of a sample of codes that are in no category."""
    drawn, compared = random.Random(15), 0  # noqa: S311 -- no secret
    asked_before: set[tuple[str, str, str, frozenset[str]]] = set()
    for name, version, system, edition in asked_about(grouped_store):
        of_version: GroupingEdition = grouped_store.grouping(name).version(version)
        codes = in_force(edition)
        plain = plain_reading(name, version, system)
        said = {code.replace(".", ""): categories for code, categories in of_version.sets(system).items()}
        listed = said.keys() & codes.keys()
        assert {bare: said[bare] for bare in listed} == {bare: plain[bare] for bare in plain.keys() & codes.keys()}
        others = sorted(codes.keys() - listed)
        known = sorted(bare for bare in listed if (name, system, bare, said[bare]) in asked_before)
        asked_before |= {(name, system, bare, said[bare]) for bare in listed}
        samples = [bare for some in (others, known) for bare in drawn.sample(some, min(SAMPLED, len(some)))]
        asked = {bare: codes[bare] for bare in [*sorted(listed - {*known}), *samples]}
        found = by_edition(edition, name, asked.values())
        assert found == by_column(grouped_store, edition, name, list(asked.values())), (name, version, system)
        assert {bare: found[code] for bare, code in asked.items() if found[code]} == {
            bare: categories for bare, categories in plain.items() if bare in asked
        }, (name, version, system)
        compared += len(listed)
    assert compared > 900_000


def test_versions_on_whose_days_no_release_is_loaded(grouped_store: Terminology) -> None:
    """No edition answers for them; what the version itself says of its codes is what the file says."""
    alone = [tuple(of) for *of, edition in days_of(grouped_store) if edition is None]
    assert ("mce", "v33", "icd10pcs") in alone
    for name, version, system in alone:
        plain, found = plain_reading(name, version, system), grouped_store.grouping(name).version(version)
        said = {code.replace(".", ""): categories for code, categories in found.sets(system).items()}
        # ranges of texts stand for more texts than there are codes
        assert said == {code: plain.get(code) for code in said}
        assert name == "elixhauser" or said.keys() == plain.keys()


@pytest.mark.parametrize(("system", "day"), WHOLE_DAYS)
def test_every_code_of_a_day_by_fhir(grouped_store: Terminology, system: str, day: datetime.date) -> None:
    """All codes of the day, in all groupings that have a version for it, by one lookup each."""
    edition, service = grouped_store[system].on(day), Service(grouped_store)
    names = [name for name in edition.groupings if covers(grouped_store, name, day)]
    assert names
    for code in in_force(edition).values():
        expected = {name: frozenset(one.category for one in edition.groups(code, name)) for name in names}
        assert by_fhir(service, edition, names, code) == expected, code


def test_a_sample_of_every_version_by_fhir(grouped_store: Terminology) -> None:
    """Codes that are in a category, of each version of each grouping."""
    drawn, service = random.Random(16), Service(grouped_store)  # noqa: S311 -- no secret
    for name, version, system, edition in asked_about(grouped_store):
        listed = sorted(
            grouped_store.grouping(name).version(version).sets(system).keys() & set(in_force(edition).values())
        )
        for code in drawn.sample(listed, min(SAMPLED, len(listed))):
            expected = frozenset(one.category for one in edition.groups(code, name))
            assert by_fhir(service, edition, [name], code)[name] == expected, (name, version, code)
