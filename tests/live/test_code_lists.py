"""Code lists on the publishers' real files."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from terminology import CodeSystem
from terminology.codelists import CodeList, migration_of

Needs = Callable[[str, str, str], None]


@pytest.mark.parametrize(("text", "rows"), [("C43-C44", 213), ("is-a C43-C44", 213), ("C00-C14", 78)])
def test_ranges_go_by_the_order_of_the_document(cm: CodeSystem, text: str, rows: int) -> None:
    """A range holds what stands between its ends in the publisher's order: C4A is in C43-C44."""
    found = CodeList.parse(text).resolve(cm.latest)

    assert rows == len(found.codes)
    assert ("C4A" in found.codes) is (text != "C00-C14")


def test_every_section_is_its_range(cm: CodeSystem) -> None:
    """A section id chooses what stands below the section, or what it spans where sections lie flat."""
    edition = cm.latest
    rows = edition.table().select(["code", "kind"]).to_pylist()
    sections = [row["code"] for row in rows if row["kind"] == "section"]

    for section in sections:
        found = CodeList.parse(section).resolve(edition)
        below = tuple(edition.descendants(section))
        assert found.codes
        assert not below or below == found.codes


def test_a_long_list_is_resolved_at_once(cm: CodeSystem) -> None:
    """A list of five hundred entries is resolved sooner than all codes are asked for one by one, on any machine."""
    edition = cm.latest
    codes = [code for code in cm.release("2024").table()["code"].to_pylist() if "-" not in code and len(code) > 2]
    entries = [
        *codes[:40_000:100],
        *(f"is-a {code}" for code in codes[50:60_000:1000]),
        *map("{}.*".format, codes[::3000]),
    ]
    code_list = CodeList.parse("\n".join(entries))

    begin = time.process_time()
    found = code_list.resolve(edition)
    taken = time.process_time() - begin
    for code in codes:
        edition.lookup(code)

    assert len(found.codes) > 400
    assert taken < time.process_time() - begin - taken


def test_a_list_over_years(cm: CodeSystem, needs_release: Needs) -> None:
    """From 2021 to 2025: a code that became a header, codes that a pattern gains, a section that was renamed."""
    needs_release("icd10cm", "2021", "the order file of October 2020")
    text = "M54.5\nM54.*\nis-a O35\nI10-I16\nF32.9\nH81.49"
    found = migration_of(CodeList.parse(text), cm, "2021", "2025")

    assert {("M54.5", "to_header"), ("F32.9", "split_off"), (None, "section"), ("H81.49", "absent")} <= {
        (row.code, row.kind) for row in found.review
    }
    assert ("M54.50", ("M54.5",)) in [(entered.code, entered.successor_of) for entered in found.entries[1].entered]
    assert 14 == len(found.entries[2].left)
    assert () == sum((left.unmatched for left in found.entries[2].left), ())
    assert found.proposal().resolve(cm.release("2025")).is_whole


@pytest.mark.parametrize("versions", [("2016", "2025"), ("2022", "2023"), ("2025", "2019")])
def test_everything_can_be_migrated(cm: CodeSystem, versions: tuple[str, str]) -> None:
    """The list of all codes by name is carried anywhere; its proposal is in force there, and no code is lost."""
    before, after = (cm.release(version) for version in versions)
    codes = before.table().filter(before.table()["billable"])["code"].to_pylist()[::7]
    found = migration_of(CodeList.parse("\n".join(codes)), cm, *versions)
    resolved = found.proposal().resolve(after)
    asked = {row.code for row in found.review}

    assert resolved.is_whole
    assert not [
        item.entry.code
        for item in found.entries
        if item.entry.code not in asked and not {*item.change.codes} & resolved.members
    ]
