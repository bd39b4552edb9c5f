"""Codes files: they prove an order file or a derived release, and make the release where neither is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import terminology

from ..release_files import BACK_PAIN, CHOLERA, codes_file, order_addenda, order_file, written, zipped
from .test_icd10cm_dating import assembled, parts_of

NAMES = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")


def rows(draft: Any) -> list[tuple[Any, ...]]:
    """Return code, flag, title, short title, line and mark of the rows of a draft."""
    columns = ("code", "billable", "title", "short_title", "line", "derived")
    table = draft.build().tables["concepts"]
    return list(zip(*(table.column(name).to_pylist() for name in columns), strict=True))


def test_a_codes_file_makes_its_release() -> None:
    """Without order file the codes file says which codes there are; headers come from the nearest order file, marked."""
    before, made = assembled(
        *parts_of({NAMES[0]: order_file(CHOLERA), "icd10cm_codes_2022.txt": codes_file(BACK_PAIN)})
    ).drafts
    assert [("2021", False), ("2022", False)] == [(draft.version, draft.derived) for draft in (before, made)]
    assert ["icd10cm_codes_2022.txt"] == [part.origin.name for part in made.parts]
    assert [NAMES[0]] == [part.origin.name for part in made.borrowed]
    titles = {code: title for code, _, title in BACK_PAIN}
    short = {code: title[:60] for code, _, title in CHOLERA}
    listed = [code for code, flag, _ in BACK_PAIN if flag]
    expected = [
        ("A00", False, titles["A00"], short["A00"], None, True),
        *((f"A00.{code[3:]}", True, titles[code], short[code], listed.index(code) + 1, False) for code in listed[:3]),
        ("M54", False, titles["M54"], short["M54"], None, True),
        # was billable, and has become what is above the codes that are listed
        ("M54.5", False, titles["M545"], short["M545"], None, True),
        *((f"M54.{code[3:]}", True, titles[code], None, listed.index(code) + 1, False) for code in listed[3:]),
    ]
    assert rows(made) == expected


def test_a_codes_file_without_any_order_file() -> None:
    """Where no order file is loaded at all, the codes stand by themselves."""
    (made,) = assembled(*parts_of({"icd10cm_codes_2022.txt": codes_file(CHOLERA)})).drafts
    assert [code for code, *_ in rows(made)] == ["A00.0", "A00.1", "A00.9", "M54.5"]


def test_a_codes_file_proves_a_derived_release() -> None:
    """A release that an addenda makes takes the codes file of its codes as a further source."""
    parts = parts_of({NAMES[0]: order_file(CHOLERA)})
    parts += parts_of({"icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES)})
    made = assembled(*parts, *parts_of({"icd10cm_codes_2022.txt": codes_file(BACK_PAIN)})).drafts[1]
    assert (True, ["order", "codes", "addenda"]) == (made.derived, [part.kind for part in made.parts])
    other = assembled(*parts, *parts_of({"icd10cm_codes_2022.txt": codes_file(BACK_PAIN[:-1])})).drafts[1]
    assert (False, ["codes"]) == (other.derived, [part.kind for part in other.parts])


def test_the_order_file_takes_the_place_of_the_codes_file(tmp_path: Path) -> None:
    """When the order file arrives it makes the release, and the codes file is a source beside it; in any order."""
    codes = written(tmp_path / "codes", {"codes.zip": zipped({"icd10cm_codes_2022.txt": codes_file(BACK_PAIN)})})
    orders = written(tmp_path / "orders", {NAMES[0]: order_file(CHOLERA), NAMES[1]: order_file(BACK_PAIN)})
    answers = []
    for number, steps in enumerate(((codes, orders), (orders, codes))):
        store = tmp_path / f"store{number}"
        for step in steps:
            assert terminology.load(step, store=store).errors == ()
        system = terminology.open(store)["icd10cm"]
        answers.append(([release.to_dict() for release in system.releases], system.release("2022").table("concepts")))
    assert answers[0] == answers[1]
    assert ["icd10cm_order_2022.txt", "codes.zip!icd10cm_codes_2022.txt"] == [
        source["file"] for source in answers[0][0][1]["sources"]
    ]


def test_two_codes_files_of_one_day() -> None:
    """Of two codes files of one day with different codes none is taken, and each is named."""
    made = assembled(
        *parts_of({"icd10cm_codes_2022.txt": codes_file(BACK_PAIN)}, "a.zip"),
        *parts_of({"icd10cm_codes_2022.txt": codes_file(CHOLERA)}, "b.zip"),
    )
    assert made.drafts == ()
    assert ["a.zip", "b.zip"] == sorted(str(part.origin.archive) for part, _ in made.unused)


def test_an_addenda_of_another_year_dates_no_codes_file() -> None:
    """Counts of different years may be equal: a loose addenda leads to the codes file that its names say, or to none."""
    files = {
        "icd10cm_codes_2025.txt": codes_file(BACK_PAIN),
        "icd10cm_order_addenda_2023.txt": order_addenda(CHOLERA, BACK_PAIN, NAMES[0], "icd10cm_order_2023.txt"),
    }
    made = assembled(*parts_of(files))
    assert [("2025", ["codes"])] == [(draft.version, [part.kind for part in draft.parts]) for draft in made.drafts]
    (waiting,) = made.unused
    assert waiting[0].origin.name == "icd10cm_order_addenda_2023.txt"
