"""Comorbidities of persons: each code by the version of its day, and what cannot be known is null."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Terminology, TerminologyError

DAY = "2022-03-01"


@pytest.fixture(scope="module")
def store(sample_store: Path) -> Terminology:
    """The packaged samples."""
    return terminology.open(sample_store)


def asked(store: Terminology, rows: list[tuple[Any, ...]], **further: Any) -> list[dict[str, Any]]:
    """Return the rows that are made of rows of person, code, day, POA."""
    who, dx, day, poa = zip(*rows, strict=True)
    table = pa.table({"who": who, "dx": dx, "day": day, "poa": poa})
    options = {"person": "who", "code": "dx", "on": "day", "poa": "poa", "store": store, **further}
    return list(terminology.comorbidities(table, **options).to_pylist())


def test_a_combined_label_is_two_comorbidities(store: Terminology) -> None:
    """Hypertensive heart disease with failure; the one drops hypertension without complication."""
    (row,) = asked(store, [("a", "I110", DAY, "Y"), ("a", "I10", DAY, "Y")])
    assert (row["HF"], row["HTN_CX"], row["HTN_UNCX"]) == (True, True, False)
    assert (row["score_mortality"], row["score_readmission"]) == (16, 7)


@pytest.mark.parametrize(
    ("poa", "counts"), [("Y", True), ("W", True), ("N", False), ("U", False), ("", False), (None, False)]
)
def test_poa_is_needed_where_the_program_says_so(store: Terminology, poa: str | None, counts: object) -> None:
    """Heart failure counts where it was there on admission; complicated hypertension in any case."""
    (row,) = asked(store, [("a", "I110", DAY, poa)])
    assert (row["HF"], row["HTN_CX"]) == (counts, True)


def test_exempt_codes_are_those_of_the_year_of_the_day(store: Terminology) -> None:
    """The sequela with paralysis is exempt in fiscal year 2022, and was not in 2021: the union of years is never used."""
    found = [
        asked(store, [("a", "I69351", day, "N")], version="v2022-1")[0]["PARALYSIS"] for day in ("2021-03-01", DAY)
    ]
    assert found == [False, True]


def test_what_arose_during_the_stay_outweighs_a_sequela(store: Terminology) -> None:
    """A new stroke in hospital is no comorbidity, also where there is an old one."""
    old, new = ("a", "I69320", DAY, ""), ("a", "I639", DAY, "N")
    assert [asked(store, rows)[0]["CBVD"] for rows in ([old], [new], [old, new])] == [True, False, False]


def test_without_poa_what_needs_it_is_unknown(store: Terminology) -> None:
    """Null, and so are the scores; what needs no POA is known."""
    (row,) = asked(store, [("a", "I110", DAY, "Y")], poa=None)
    assert (row["HF"], row["CBVD"], row["HTN_CX"], row["score_mortality"]) == (None, None, True, None)


def test_codes_that_cannot_be_judged_are_counted(store: Terminology) -> None:
    """Of days without a version, without a day, malformed: none of them is a guess."""
    rows = [("a", "I110", "2019-01-01", "Y"), ("a", "?", DAY, "Y"), ("a", "I10", None, "Y"), ("a", "E119", DAY, "Y")]
    (row,) = asked(store, rows)
    assert (row["codes"], row["uncovered"], row["unread"], row["versions"]) == (1, 1, 2, ["v2022-1"])
    assert (row["HF"], row["DIAB_UNCX"]) == (False, True)


def test_a_stay_that_no_version_covers_is_unknown(store: Terminology) -> None:
    """Null is not false."""
    (row,) = asked(store, [("a", "I110", "2019-01-01", "Y")])
    assert {row[name] for name in ("HF", "HTN_CX", "DIAB_CX", "score_mortality")} == {None}


def test_charlson_takes_the_system_of_the_day(store: Terminology) -> None:
    """V43.4 is a vascular graft in ICD-9-CM, and a car occupant in ICD-10-CM."""
    found = [asked(store, [("a", "V434", day, "")], index="charlson")[0]["PVD"] for day in ("2010-01-01", "2020-01-01")]
    assert found == [True, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"index": "gagne"}, "elixhauser, charlson"),
        ({"code": "icd"}, "no column 'icd'"),
        ({"version": "v1999-1"}, "v1999-1"),
    ],
)
def test_wrong_use_is_said(store: Terminology, options: dict[str, str], message: str) -> None:
    """What is wrong, and what there is."""
    with pytest.raises((TerminologyError, KeyError), match=message):
        asked(store, [("a", "I110", DAY, "Y")], **options)


def test_a_row_without_a_person_is_an_error(store: Terminology) -> None:
    """Nobody's codes are not made one person's."""
    with pytest.raises(TerminologyError, match=r"1 row has no person in column .*: leave it out"):
        asked(store, [("a", "I110", DAY, "Y"), (None, "I110", DAY, "Y")])


CODES = {"I110": ("CHF",), "E119": ("DIABETES",), "E1122": ("DIABETES_CX",), "C780": ("METASTASIS",), "C349": ("CANCER",),
         "K703": ("MILD_LIVER",), "I850": ("SEVERE_LIVER",), "B20": ("AIDS",), "I10": (), "G811": ("PLEGIA",)}  # fmt: skip
DROPS = {"DIABETES_CX": "DIABETES", "METASTASIS": "CANCER", "SEVERE_LIVER": "MILD_LIVER"}
WEIGHTS = {"CHF": 1, "DIABETES": 1, "DIABETES_CX": 2, "METASTASIS": 6, "CANCER": 2, "MILD_LIVER": 1, "SEVERE_LIVER": 3,
           "AIDS": 6, "PLEGIA": 2}  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(sorted(CODES))), min_size=1, max_size=20))
def test_the_charlson_score_is_the_sum_of_its_weights(store: Terminology, rows: list[tuple[str, str]]) -> None:
    """Whatever the codes, in any order: categories, hierarchies and sums are those of a plain reading of the article."""
    made = asked(store, [(who, code, DAY, "") for who, code in rows], index="charlson")
    assert [row["who"] for row in made] == list(dict.fromkeys(who for who, _ in rows))
    for row in made:
        found = {name for who, code in rows if who == row["who"] for name in CODES[code]}
        found -= {DROPS[name] for name in found if name in DROPS}
        assert found == {name for name in WEIGHTS if row[name]}
        assert row["score"] == sum(WEIGHTS[name] for name in found)
