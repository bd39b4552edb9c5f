"""parent, children, siblings, ancestors, descendants, subsumes, common-ancestor."""

from __future__ import annotations

import pytest

from .conftest import Ask


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("parent icd10cm M54.50", ["M54.5"]),
        ("parent icd10cm 13", []),
        ("children icd10cm M54.5", ["M54.50", "M54.51", "M54.59"]),
        ("children icd10cm M54.50", []),
        ("siblings icd10cm M54.51", ["M54.50", "M54.59"]),
        ("siblings icd10cm C43-C44", ["C00-C96"]),
        ("common-ancestor icd10cm M54.50 m5459", ["M54.5"]),
        ("common-ancestor icd10cm M54.50 M54.2 M54.9", ["M54"]),
        ("common-ancestor icd10cm M54.50 M54", ["M54"]),
        ("common-ancestor icd10cm M54.50", ["M54.50"]),
        ("common-ancestor icd10cm M54.50 E11.9", []),
        ("ancestors icd10cm M54.50", ["M54.5", "M54", "M50-M54", "13"]),
        ("descendants icd10cm M54.5", ["M54.50", "M54.51", "M54.59"]),
        ("children icd10cm 2", ["C00-C96", "C43-C44"]),
        ("descendants icd10cm C43-C44", ["C43", "C43.0", "C43.9", "C4A", "C4A.0", "C4A.9"]),
    ],
)
def test_codes_of_the_tree(ask: Ask, line: str, codes: list[str]) -> None:
    """Each command lists codes in the order that the library gives them."""
    found = ask(f"{line} --on 2022-03-01 --json")
    assert ([row["code"] for row in found.json], found.code) == (codes, 0)


def test_rows_have_the_shape_of_the_contract(ask: Ask) -> None:
    """A row has code, title and whether it may be submitted."""
    assert ask("children icd10cm F32 --on 2022-03-01 --json").json[-1] == {
        "code": "F32.A",
        "title": "Depression, unspecified",
        "billable": True,
    }


def test_the_tree_is_that_of_the_day(ask: Ask) -> None:
    """Before the split M54.5 had no children."""
    assert [ask(f"children icd10cm M54.5 --on {day} --json").json == [] for day in ("2021-09-30", "2021-10-01")] == [
        True,
        False,
    ]


def test_descendants_in_words(ask: Ask) -> None:
    """The text is a tree: indented, with the status of each, in columns."""
    assert ask("descendants icd10cm M54 --on 2022-03-01").out == (
        "M54.2     billable  Cervicalgia\n"
        "M54.5     header    Low back pain\n"
        "  M54.50  billable  Low back pain, unspecified\n"
        "  M54.51  billable  Vertebrogenic low back pain\n"
        "  M54.59  billable  Other low back pain\n"
        "M54.9     billable  Dorsalgia, unspecified\n"
    )


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ("M54 m5450", "subsumes"),
        ("M54.50 13", "subsumed-by"),
        ("M54.50 M5450", "equivalent"),
        ("M54.50 M54.51", "not-subsumed"),
    ],
)
def test_subsumes(ask: Ask, codes: str, outcome: str) -> None:
    """Each of the four outcomes is an answer: the exit code is 0."""
    found = ask(f"subsumes icd10cm {codes} --on 2022-03-01 --json")
    assert (found.json, found.code) == ({"outcome": outcome}, 0)
    assert ask(f"subsumes icd10cm {codes} --on 2022-03-01").out.startswith(f"{outcome}  (")


@pytest.mark.parametrize(
    "command", ["parent", "children", "siblings", "ancestors", "descendants", "common-ancestor M54"]
)
def test_a_code_that_is_not_in_force_has_no_place(ask: Ask, command: str) -> None:
    """Asking for the place of a code that is not in force is answered with an error and exit code 1."""
    words = command.split()
    found = ask(f"{' '.join([words[0], 'icd10cm', *words[1:]])} F32.A --on 2021-01-01 --json")
    assert (found.code, found.out, found.error["type"]) == (1, "", "UnknownCodeError")
