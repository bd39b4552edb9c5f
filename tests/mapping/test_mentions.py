"""Reasons that say what a publication has beside a code, where that leads to no code, rather than that it has nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import terminology
from terminology import Terminology
from terminology.licences import unquoted
from terminology.mapping.mentions import told_before, told_by
from terminology.schema import MENTIONED

from ..release_files import BACK_PAIN, CHOLERA, order_file, written
from .fakes import NEW, FakeLives, FakeRows, told, walk
from .test_loading import ORDERS, conversion_table

RANGE = "names a range of codes, which is not written out"


def opened(folder: Path, files: Mapping[str, bytes]) -> Terminology:
    """Return the store of some files."""
    report = terminology.load(written(folder / "files", files), store=folder / "store")
    assert report.ok, report.errors
    return terminology.open(folder / "store")


def back(folder: Path, cell: str) -> terminology.model.Translation:
    """Return M54.50, new in 2022, as of 2021, where the conversion table has a cell of previous codes."""
    table = conversion_table(f'M54.50,2021,"{cell}"', "M54.51,2021,M54.5", "M54.59,2021,M54.5")
    orders = {ORDERS[0]: order_file(CHOLERA), ORDERS[1]: order_file(BACK_PAIN)}
    store = opened(folder, {**orders, "ICD-10-CM-Conversion-Table-FY2022.csv": table})
    return store["icd10cm"].migrate("M54.50", "2022", "2021")


NEW_CODE = "M54.50 is new on 2021-10-01, and"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("I10-I15.9", f"for what it was before icd10cm_conversion 2022 {RANGE}: 'I10-I15.9'"),
        (
            "M54.-",
            "for what it was before icd10cm_conversion 2022 names a category of codes, which is not written out: 'M54.-'",
        ),
        (
            'see ""book""',
            "for what it was before icd10cm_conversion 2022 has words that are not understood: 'see \"book\"'",
        ),
        ("", "for what it was before icd10cm_conversion 2022 has an empty cell"),
        (
            "M53.81-M53.82",
            "for what it was before icd10cm_conversion 2022 names a range in which no code is known: 'M53.81-M53.82'",
        ),
    ],
)
def test_a_cell_that_lists_no_code_is_quoted(tmp_path: Path, cell: str, reason: str) -> None:
    """A range, a category, prose and an empty cell are told apart from a table that does not have the code."""
    found = back(tmp_path, cell)
    assert (found.outcome, found.reason) == ("unknown", f"{NEW_CODE} {reason}")


def test_a_code_that_no_table_has(tmp_path: Path) -> None:
    """Without a row of the code, nothing loaded says what it was before."""
    files = {ORDERS[0]: order_file(CHOLERA), ORDERS[1]: order_file(BACK_PAIN)}
    found = opened(tmp_path, files)["icd10cm"].migrate("M54.50", "2022", "2021")
    assert found.reason == f"{NEW_CODE} no loaded crosswalk says what it was before"


def test_none_is_the_publishers_word(tmp_path: Path) -> None:
    """Where the cell says that there is none, the outcome is none."""
    assert back(tmp_path, "None").outcome == "none"


def test_what_stands_beside_codes_makes_an_answer_incomplete(tmp_path: Path) -> None:
    """A cell with a code and a range leads to the code, and the answer says that there is more."""
    found = back(tmp_path, "M54.5; I10-I15.9")
    assert ([*found.codes], found.is_complete) == (["M54.5"], False)
    assert "'M54.5; I10-I15.9'" in (found.reason or "")


def test_the_row_is_cited(tmp_path: Path) -> None:
    """The path of an answer without alternatives has file and line of what is quoted."""
    [step] = back(tmp_path, "I10-I15.9").path
    assert (step.kind, step.from_codes, step.to_codes) == (MENTIONED, ("M54.50",), ())
    assert step.source is not None
    assert (step.source.line, step.detail["said"]) == (3, "I10-I15.9")


def concept_map(*elements: dict[str, object]) -> bytes:
    """Return a map of ICD-9-CM."""
    group = {
        "source": "http://hl7.org/fhir/sid/icd-9-cm",
        "target": "http://hl7.org/fhir/sid/icd-10-cm",
        "element": list(elements),
    }
    resource = {
        "resourceType": "ConceptMap",
        "version": "2022",
        "date": "2021-10-01",
        "title": "Ours",
        "group": [group],
    }
    return json.dumps(resource, indent=1).encode()


def test_codes_that_are_called_unrelated(tmp_path: Path) -> None:
    """A code that a map calls unrelated to another, or has without one, is in the map; one that it does not have is not."""
    elements = (
        {"code": "486", "target": [{"code": "A00.0", "equivalence": "disjoint"}]},
        {"code": "250.00"},
        {"code": "001.0", "target": [{"code": "A00.0", "equivalence": "equal"}]},
    )
    store = opened(tmp_path, {"map.json": concept_map(*elements)})
    reasons = [store.translate(code, source="icd9cm", target="icd10cm").reason for code in ("486", "250.00", "001.1")]
    assert reasons == [
        "for 486 concept_map Ours 2022 says that 486 and A00.0 are not related: 'disjoint'",
        "for 250.00 concept_map Ours 2022 has no code of icd10cm beside it, and does not say that there is none",
        "concept_map Ours 2022 does not hold 001.1",
    ]


def test_unrelated_codes_backwards(tmp_path: Path) -> None:
    """Against the direction of the map the same is said of the code on the other side."""
    store = opened(
        tmp_path, {"map.json": concept_map({"code": "486", "target": [{"code": "A00.0", "equivalence": "disjoint"}]})}
    )
    found = store.translate("A00.0", source="icd10cm", target="icd9cm", inverted=True)
    assert found.reason == "for A00.0 concept_map Ours 2022 says that 486 and A00.0 are not related: 'disjoint'"


def test_a_code_that_ended() -> None:
    """What a publication says of an ended code on another day is not what it says of its end."""
    said = {"detail": {"meaning": "gives an instruction that names no code", "said": "See the book"}}
    rows = [
        told("A", None, 2018, MENTIONED, **said),
        told("A", None, 2017, MENTIONED, detail={"meaning": "is elsewhere"}),
    ]
    found = walk(FakeLives(2018, {"A": [(2016, 2018)], "B": NEW}), *rows).ways("A")
    [sentence] = found.lost
    told_of_it = "invented 1 gives an instruction that names no code: 'See the book'"
    assert sentence == f"A is not in force from 2018-01-01 on, and for what replaced it {told_of_it}"


def test_sentences() -> None:
    """Each sentence is told once, a row without words of its own says so, and a licence takes the publisher's words out."""
    said = told("A", None, 2018, MENTIONED, detail={"meaning": RANGE, "said": "Ménière's range"})
    sentence = told_by([said, said, told("A", None, 2018, MENTIONED)])
    assert sentence == f'invented 1 {RANGE}: "Ménière\'s range", and invented 1 has no code on the other side'
    assert "range" not in unquoted(sentence).replace(RANGE, "")
    assert told_before([], []) == "no loaded crosswalk says what it was before"


def test_fakes_are_like_rows() -> None:
    """The rows of the other tests keep what mentions a code apart, as stored rows do."""
    rows = FakeRows([told("A", "B", 2018, MENTIONED)])
    assert ([], [], 1, 1) == (
        rows.of_source("A"),
        rows.of_target("B"),
        len(rows.mentions("A")),
        len(rows.mentions("B")),
    )
