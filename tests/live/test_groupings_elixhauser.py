"""Elixhauser comorbidities on AHRQ's real programs: worked answers, every code, and persons against a second reading."""

from __future__ import annotations

import random
import re
import zipfile
from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.samples import sample_releases

from .test_groupings_hcup import GROUPINGS, ORACLES, bare, worked

ARCHIVE = "elixhauser_ahrq/v2022-1/CMR_v2022-1.zip"
VERSION = "v2022-1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A store of AHRQ's programs and of the Charlson definition."""
    if not ORACLES.exists():
        pytest.skip(f"{ORACLES} is not beside the release files")
    folder = tmp_path_factory.mktemp("elixhauser")
    report = terminology.load(GROUPINGS / "elixhauser_ahrq", sample_releases() / "groupings" / "charlson", store=folder)
    assert report.ok, report.errors
    return terminology.open(folder)


@pytest.fixture(scope="module")
def program() -> dict[str, dict[str, str]]:
    """Formats by name, each with values and labels: split by semicolons and quotes, not by the loader's tokens."""
    with zipfile.ZipFile(GROUPINGS / ARCHIVE) as archive:
        text = archive.read("CMR_Format_Program_v2022-1.sas").decode()
    found: dict[str, dict[str, str]] = {}
    for block in re.split(r"(?i)\n\s*value\s+\$", text)[1:]:
        name, _, body = block.partition("\n")
        pending: list[str] = []
        made = found.setdefault(name.strip(), {})
        for value, label in re.findall(r'"([^"]+)"\s*(=\s*"[^"]*")?', body.partition("other =")[0]):
            if value.strip() and not label:
                pending.append(value)
            elif label:
                pending.append(value)
                made.update(dict.fromkeys(pending, label.split('"')[1]))
                pending = []
    return found


@pytest.mark.parametrize(("family", "version", "asked", "expected"), worked("elixhauser_ahrq"))
def test_worked_answers(store: Terminology, family: str, version: str, asked: str, expected: str) -> None:
    """Labels, weights and lists of exempt codes are those that were worked out from the bytes."""
    edition = store.grouping("elixhauser").version(version)
    if asked.startswith("codes in"):
        assert int(expected) == len(edition.sets())
    elif asked.startswith("mortality weight"):
        assert int(expected) == edition.properties(asked.rsplit(maxsplit=1)[-1])["weight_mortality"]
    elif "POA-exempt" in asked:
        code, number = asked.split(maxsplit=1)[0], int(asked.rpartition("V")[2])
        table = edition.table("poa_exempt").to_pylist()
        assert expected == str(any((code, number) == (row["code"].replace(".", ""), row["version"]) for row in table))
    else:
        groups = edition.groups(asked)
        labels = {group.detail.get("label", group.category) for group in groups} or {"none"}
        assert {expected} == labels


def test_every_code_has_what_a_second_reading_gives(store: Terminology, program: dict[str, dict[str, str]]) -> None:
    """All codes of the program, combined labels taken apart by hand; the workbook of the same archive agrees."""
    parts = {
        "DRUG_ABUSEPSYCHOSES": {"DRUG_ABUSE", "PSYCHOSES"},
        "HFHTN_CX": {"HF", "HTN_CX"},
        "HTN_CXRENLFL_SEV": {"HTN_CX", "RENLFL_SEV"},
        "HFHTN_CXRENLFL_SEV": {"HF", "HTN_CX", "RENLFL_SEV"},
        "ALCOHOLLIVER_MLD": {"ALCOHOL", "LIVER_MLD"},
        "VALVE_AUTOIMMUNE": {"VALVE", "AUTOIMMUNE"},
        "CBVD_SQLAPARALYSIS": {"CBVD_SQLA", "PARALYSIS"},
    }
    expected = {code: frozenset(parts.get(label, {label})) for code, label in program["COMFMT"].items()}
    edition = store.grouping("elixhauser").version(VERSION)
    assert expected == bare(edition.sets())
    assert edition.release.warnings == ()
    assert len(edition.release.sources) == 4


def test_exempt_codes_are_those_of_each_year(store: Terminology, program: dict[str, dict[str, str]]) -> None:
    """Seven lists, none of them mixed with another."""
    table = store.grouping("elixhauser").version(VERSION).table("poa_exempt").to_pylist()
    found: dict[int, set[str]] = {}
    for row in table:
        found.setdefault(row["version"], set()).add(row["code"].replace(".", ""))
    lists = {name: set(codes) for name, codes in program.items() if name.startswith("POAXMPT")}
    assert lists == {f"POAXMPT_V{number}FMT": codes for number, codes in found.items()}
    assert len(found) == 7


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("428.0", {"CHF"}),
        ("428.90", set()),
        ("404.03", {"HTNCX", "CHF", "RENLFAIL"}),
        ("642.70", {"HTNCX"}),
        ("250.40", {"DMCX"}),
        ("042", {"AIDS"}),
        ("209.29", {"TUMOR"}),
        ("V45.12", {"RENLFAIL"}),
        ("250.34", set()),
        ("E955.0", set()),
    ],
)
def test_ranges_of_the_software_for_icd9(store: Terminology, code: str, expected: set[str]) -> None:
    """Texts are compared with their padding; temporary labels stand for what the analysis program makes of them."""
    edition = store.grouping("elixhauser").on("2012-03-01")
    assert expected == {group.category for group in edition.groups(code)}
    assert edition.version == "v3.7"


def test_the_software_for_icd9_covers_the_years_that_it_names(store: Terminology) -> None:
    """Fiscal year 2012, and 2013 in which no code was new; nothing after, though ICD-9-CM was in use."""
    grouping = store.grouping("elixhauser")
    assert grouping.on("2013-09-30").version == "v3.7-2013"
    with pytest.raises(terminology.NoVersionError):
        grouping.on("2013-10-01")


ANY_POA = [
    "AIDS",
    "ALCOHOL",
    "AUTOIMMUNE",
    "LUNG_CHRONIC",
    "DEMENTIA",
    "DEPRESS",
    "DIAB_UNCX",
    "DIAB_CX",
    "DRUG_ABUSE",
    "HTN_UNCX",
    "HTN_CX",
    "THYROID_HYPO",
    "THYROID_OTH",
    "CANCER_LYMPH",
    "CANCER_LEUK",
    "CANCER_METS",
    "OBESE",
    "PERIVASC",
    "CANCER_SOLID",
    "CANCER_NSITU",
]
ON_ADMISSION = [
    "ANEMDEF",
    "BLDLOSS",
    "HF",
    "COAG",
    "LIVER_MLD",
    "LIVER_SEV",
    "NEURO_MOVT",
    "NEURO_SEIZ",
    "NEURO_OTH",
    "PARALYSIS",
    "PSYCHOSES",
    "PULMCIRC",
    "RENLFL_MOD",
    "RENLFL_SEV",
    "ULCER_PEPTIC",
    "WGHTLOSS",
    "CBVD_POA",
    "CBVD_SQLA",
    "VALVE",
]
COMBINED = {
    "DRUG_ABUSEPSYCHOSES": (("DRUG_ABUSE",), ("PSYCHOSES",)),
    "HFHTN_CX": (("HTN_CX",), ("HF",)),
    "HTN_CXRENLFL_SEV": (("HTN_CX",), ("RENLFL_SEV",)),
    "HFHTN_CXRENLFL_SEV": (("HTN_CX",), ("HF", "RENLFL_SEV")),
    "CBVD_SQLAPARALYSIS": ((), ("PARALYSIS", "CBVD_SQLA")),
    "ALCOHOLLIVER_MLD": (("ALCOHOL",), ("LIVER_MLD",)),
    "VALVE_AUTOIMMUNE": (("AUTOIMMUNE",), ("VALVE",)),
}


def as_the_program(formats: dict[str, dict[str, str]], codes: list[tuple[str, str]], number: int) -> set[str]:
    """Return the comorbidities of a stay: the mapping program line by line, in Python."""
    flags: set[str] = set()
    for code, poa in codes:
        label = formats["COMFMT"].get(code, "")
        without, needing = COMBINED.get(label, ((), ()))
        flags.update(without)
        if label in ANY_POA:
            flags.add(label)
        is_exempt = code in formats[f"POAXMPT_V{number}FMT"]
        if is_exempt or poa in ("Y", "W"):
            flags.update(needing)
            if label in ON_ADMISSION:
                flags.add(label)
        if not is_exempt and poa in ("N", "U") and label == "CBVD_POA":
            flags.add("CBVD_NPOA")
    for above, below in (
        ("DIAB_CX", "DIAB_UNCX"),
        ("HTN_CX", "HTN_UNCX"),
        ("CANCER_METS", "CANCER_SOLID"),
        ("CANCER_METS", "CANCER_NSITU"),
        ("CANCER_SOLID", "CANCER_NSITU"),
        ("LIVER_SEV", "LIVER_MLD"),
        ("RENLFL_SEV", "RENLFL_MOD"),
    ):
        if above in flags:
            flags.discard(below)
    if "CBVD_POA" in flags or ("CBVD_NPOA" not in flags and "CBVD_SQLA" in flags):
        flags.add("CBVD")
    return flags - {"CBVD_POA", "CBVD_SQLA", "CBVD_NPOA"}


@pytest.mark.parametrize(("day", "number"), [("2022-03-01", 39), ("2019-03-01", 36), ("2015-12-31", 33)])
def test_persons_are_judged_as_by_the_program(
    store: Terminology, program: dict[str, dict[str, str]], day: str, number: int
) -> None:
    """A thousand invented stays, by one version for all days as the program does; POA lists are those of each day's year."""
    chance = random.Random(number)  # noqa: S311 -- no secret
    known = sorted(program["COMFMT"])
    # codes that the version lists and that are exempt matter most, so they are drawn often
    exempt = sorted(set(known) & set(program["POAXMPT_V33FMT"]))
    stays = {
        f"p{place}": [
            (chance.choice(exempt if chance.random() < 0.2 else known), chance.choice("YNUW1 "))
            for _ in range(chance.randrange(1, 12))
        ]
        for place in range(1000)
    }
    rows = [(who, code, poa) for who, codes in stays.items() for code, poa in codes]
    table = {"who": [r[0] for r in rows], "dx": [r[1] for r in rows], "poa": [r[2] for r in rows]}
    made = terminology.comorbidities(
        table, person="who", code="dx", on=day, poa="poa", version=VERSION, store=store
    ).to_pylist()
    weights = {
        name: store.grouping("elixhauser").version(VERSION).properties(name) for name in made[0] if name.isupper()
    }
    assert len(weights) == 38
    for row in made:
        expected = as_the_program(program, stays[row["who"]], number)
        assert expected == {name for name in weights if row[name]}
        assert row["score_mortality"] == sum(weights[name]["weight_mortality"] for name in expected)
        assert row["score_readmission"] == sum(weights[name]["weight_readmission"] for name in expected)


def test_days_are_judged_by_their_own_version(store: Terminology) -> None:
    """Each code by the version of its day; what no version covers judges nothing, and is counted and said."""
    rows: dict[str, list[Any]] = {
        "who": ["a", "a", "a", "b"],
        "dx": ["25000", "E1122", "I5022", "I5022"],
        "day": ["2012-01-01", "2022-01-01", "2019-01-01", "2019-01-01"],
        "poa": ["Y"] * 4,
    }
    made = terminology.comorbidities(rows, person="who", code="dx", on="day", poa="poa", store=store)
    first, second = made.to_pylist()
    assert (first["DM"], first["DIAB_CX"], first["HF"]) == (True, True, False)
    assert (first["codes"], first["uncovered"], first["versions"]) == (2, 1, ["v3.7", VERSION])
    assert (second["HF"], second["codes"], second["uncovered"], second["versions"]) == (None, 0, 1, [])
    assert b"2 rows are of days that no version of elixhauser covers (2019-01-01)" in made.schema.metadata[b"uncovered"]
