"""The groups of a code are the same by every face: an edition, a column of a table, FHIR, and the publisher's file itself.

Every code of every version of every grouping is asked of an edition and of a column. FHIR is asked for every code of the
two days with the most groupings, all groupings at once, and for a sample of each other version.
"""

from __future__ import annotations

import datetime
import random
import re
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import pytest

import terminology
from terminology import Edition, Terminology
from terminology.fhir import Request, Service
from terminology.query.grouping_editions import GroupingEdition

from . import test_groupings_hcc as hcc
from . import test_groupings_hcup as hcup
from . import test_groupings_inpatient as inpatient

GROUPINGS = hcup.GROUPINGS
SAMPLED = 500
"""Codes of each version of which FHIR is asked, beside the days on which it is asked for all."""
WHOLE_DAYS = (("icd10cm", datetime.date(2022, 12, 1)), ("icd10pcs", datetime.date(2021, 11, 1)))

Sets = Mapping[str, frozenset[str]]
"""Categories by code without dot."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def grouped(real_store: Terminology, tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """The store of the real files, with all groupings."""
    if not GROUPINGS.is_dir():
        pytest.skip(f"{GROUPINGS} is not beside the release files")
    folder = tmp_path_factory.mktemp("grouped") / "store"
    shutil.copytree(real_store.path, folder)
    report = terminology.load(GROUPINGS, store=folder)
    assert report.ok, report.errors
    return terminology.open(folder)


# ---- plain readings of the files, which share nothing with the loaders


def in_sets(pairs: Iterable[tuple[str, str]]) -> Sets:
    """Return the categories of each code; some files write codes with their dots."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, category in pairs:
        found[code.replace(".", "")].add(category)
    return {code: frozenset(categories) for code, categories in found.items()}


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


def risk_adjustment(version: str, path: str) -> Callable[[], Sets]:
    """Return a reading of a table of an HCC model."""
    del version
    return lambda: in_sets((code, category) for code, category, _ in hcc.plain_rows(path))


def exclusions(version: str) -> Sets:
    """Return the collections of principal diagnoses that each code is in."""
    return in_sets((code, number) for number, codes in inpatient.levels(version)[1].items() for code in codes)


def readings() -> dict[tuple[str, str | None, str | None], Callable[[], Sets]]:
    """Return the readings by grouping, version and code system; None is the only one of the grouping."""
    made: dict[tuple[str, str | None, str | None], Callable[[], Sets]] = {
        (name, None, None): lambda read=read: hcup.as_sets(read()) for name, read in hcup.READINGS.items()
    }
    made |= {(name, version, None): risk_adjustment(version, path) for name, version, path in hcc.tables()}
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
    return made


READINGS = readings() if GROUPINGS.is_dir() else {}


def plain_reading(grouping: str, version: str, system: str) -> Sets | None:
    """Return what the publisher's file says; None where there is no second reading of it."""
    for key in ((grouping, version, system), (grouping, version, None), (grouping, None, None)):
        if key in READINGS:
            return READINGS[key]()
    return None


# ---- the faces


def covers(store: Terminology, grouping: str, day: datetime.date) -> bool:
    """Return whether a version of a grouping covers a day."""
    return any(
        one.effective_from <= day and (one.effective_to is None or day < one.effective_to)
        for one in store.grouping(grouping).versions
    )


def days_of(store: Terminology) -> list[tuple[str, str, str, Edition]]:
    """Return grouping, version and code system of all versions, each with the edition of a day of it.

    A version of whose days no release of the code system is loaded has no edition, and is left out.
    """
    found = []
    for name in store.groupings:
        grouping = store.grouping(name)
        for version in grouping.versions:
            last = version.effective_to - datetime.timedelta(1) if version.effective_to else None
            for system in grouping.version(version.version).systems:
                for day in filter(None, (last, version.effective_from)):
                    if system in store and store[system].on(day).is_covered:
                        found.append((name, version.version, system, store[system].on(day)))
                        break
    return found


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
    return {code: as_set(grouping, found) for code, found in zip(codes, made.to_pylist(), strict=True)}


def as_set(grouping: str, cell: Any) -> frozenset[str]:
    """Return the categories that a cell of a column means.

    >>> as_set("ccsr_dx", ["MUS038"]), as_set("cc_level", "none"), as_set("poa_exempt", True)
    (frozenset({'MUS038'}), frozenset(), frozenset({'exempt'}))
    """
    if isinstance(cell, bool):
        return frozenset({"exempt"} if cell else ())
    if isinstance(cell, str):
        return frozenset({cell} - {"none"})
    return frozenset(cell)


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


def test_every_code_of_every_version_by_edition_and_column(grouped: Terminology) -> None:
    """Edition, column and the publisher's file agree; so do they of a sample of codes that are in no category."""
    drawn, compared, read = random.Random(15), 0, 0  # noqa: S311 -- no secret
    for name, version, system, edition in days_of(grouped):
        of_version: GroupingEdition = grouped.grouping(name).version(version)
        codes = in_force(edition)
        plain = plain_reading(name, version, system)
        listed = {code.replace(".", "") for code in of_version.sets(system)} & codes.keys()
        others = sorted(codes.keys() - listed)
        asked = {bare: codes[bare] for bare in [*sorted(listed), *drawn.sample(others, min(SAMPLED, len(others)))]}
        found = by_edition(edition, name, asked.values())
        assert found == by_column(grouped, edition, name, list(asked.values())), (name, version, system)
        if plain is not None:
            read += 1
            assert {bare: found[code] for bare, code in asked.items() if found[code]} == {
                bare: categories for bare, categories in plain.items() if bare in asked
            }, (name, version, system)
            assert not (plain.keys() & codes.keys()) - listed, (name, version, system)
        compared += len(asked)
    assert compared > 500_000
    assert read >= len({key[:2] for key in READINGS if key[1]})


@pytest.mark.parametrize(("system", "day"), WHOLE_DAYS)
def test_every_code_of_a_day_by_fhir(grouped: Terminology, system: str, day: datetime.date) -> None:
    """All codes of the day, in all groupings that have a version for it, by one lookup each."""
    edition, service = grouped[system].on(day), Service(grouped)
    names = [name for name in edition.groupings if covers(grouped, name, day)]
    assert names
    for code in in_force(edition).values():
        expected = {name: frozenset(one.category for one in edition.groups(code, name)) for name in names}
        assert by_fhir(service, edition, names, code) == expected, code


def test_a_sample_of_every_version_by_fhir(grouped: Terminology) -> None:
    """Codes that are in a category, of each version of each grouping."""
    drawn, service = random.Random(16), Service(grouped)  # noqa: S311 -- no secret
    for name, version, system, edition in days_of(grouped):
        listed = sorted(grouped.grouping(name).version(version).sets(system).keys() & set(in_force(edition).values()))
        for code in drawn.sample(listed, min(SAMPLED, len(listed))):
            expected = frozenset(one.category for one in edition.groups(code, name))
            assert by_fhir(service, edition, [name], code)[name] == expected, (name, version, code)
