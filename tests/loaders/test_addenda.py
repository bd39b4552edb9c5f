"""Addenda: forwards and backwards, and the releases that they derive."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology_loaders.order.addenda import Change, changes_of, read_addenda
from terminology_loaders.order.changes import applied, reversed_changes
from terminology_loaders.order.file import OrderRows, order_rows

from ..release_files import BACK_PAIN, CHOLERA, Row, order_addenda, order_file, tabular
from .test_icd10cm_dating import MORE, assembled, parts_of

NAMES = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
TITLES = st.sampled_from(["Cholera", "Dorsalgia", "Low back pain", "L" * 100])
CODES = st.from_regex(r"[AMZ][0-9][0-9][0-9A]{0,4}", fullmatch=True)


def rows_of(rows: Sequence[Row]) -> OrderRows:
    """Return rows as the reader of order files returns them."""
    return order_rows(order_file(rows).decode(), "order.txt")[0]


@st.composite
def row_lists(draw: st.DrawFn) -> Sequence[Row]:
    """Return rows in order of their codes, as they would stand in a file."""
    codes = draw(st.lists(CODES, min_size=1, max_size=12, unique=True))
    return [(code, draw(st.booleans()), draw(TITLES)) for code in sorted(codes)]


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return two lists of rows that share some."""
    old = draw(row_lists())
    kept = {row[0]: row for row in old if draw(st.booleans())}
    return old, sorted({**kept, **{row[0]: row for row in draw(row_lists())}}.values())


@settings(deadline=None)
@given(neighbours())
def test_forwards_and_backwards(lists: tuple[Sequence[Row], Sequence[Row]]) -> None:
    """An addenda leads from the old rows to the new ones, reversed from the new ones to the old; what stays keeps its order."""
    old, new = (rows_of(rows) for rows in lists)
    addenda = read_addenda(order_addenda(*lists, *NAMES).decode(), "addenda.txt")
    changes = list(addenda.changes)
    if changes and all(len(change.code) in {3, 7} for change in changes):
        return
    for before, after, told in ((old, new, changes), (new, old, reversed_changes(changes))):
        made = applied(before, told)
        assert after.values() == made.values()
        assert len(after.codes) == len(made.codes)
        staying = set(before.codes) & set(after.codes)
        assert [c for c in before.codes if c in staying] == [c for c in made.codes if c in staying]
    assert changes == reversed_changes(reversed_changes(changes))
    assert changes == changes_of(addenda.to_table())


def test_summary() -> None:
    """The summary of an addenda names both files, and counts codes and headers before and after."""
    facts = read_addenda(order_addenda(CHOLERA, BACK_PAIN, *NAMES).decode(), "addenda.txt").facts
    assert (facts["old_name"], facts["new_name"]) == NAMES
    assert (facts["codes"]["old"], facts["codes"]["new"]) == (4, 6)
    assert (facts["headers"]["old"], facts["headers"]["new"]) == (2, 3)
    assert facts["level"] == "order"


@pytest.mark.parametrize("word", ["additions", "deletions"])
def test_summary_against_records(word: str) -> None:
    """A summary that counts otherwise than the records is a fault."""
    text = order_addenda(CHOLERA, BACK_PAIN, *NAMES).decode()
    count = {"additions": "3", "deletions": "1"}[word]
    with pytest.raises((ReleaseFaults, ReleaseFormatError)):
        read_addenda(text.replace(f"{count} {word}", f"7 {word}"), "addenda.txt")


def test_new_codes_stand_after_their_siblings() -> None:
    """A code that is added takes its place behind its last sibling, not where its letters sort in the whole file."""
    old = [
        ("C43", False, "Melanoma"),
        ("C439", True, "Unspecified"),
        ("C4A", False, "Merkel"),
        ("C4A9", True, "Unspecified"),
    ]
    old += [("C44", False, "Other")]
    new = [*old[:4], ("C4A8", True, "Overlapping"), ("C440", True, "Lip")]
    addenda = read_addenda(order_addenda(old, [*new, old[4]], *NAMES).decode(), "addenda.txt")
    made = applied(rows_of(old), list(addenda.changes))
    assert made.codes == ["C43", "C439", "C4A", "C4A8", "C4A9", "C44", "C440"]


LUNG = [
    *[("J44", True, "Chronic obstruction"), ("J4A", False, "Allograft dysfunction"), ("J4A0", True, "Restrictive")],
    *[("J45", True, "Asthma"), ("J47", True, "Bronchiectasis"), ("K00", True, "Teeth")],
    *[("K65", True, "Peritonitis"), ("K68", True, "Retroperitoneum"), ("K70", True, "Liver"), ("Q99", True, "Others")],
]


@pytest.mark.parametrize(
    ("new", "categories", "before", "after"),
    [
        # behind the letters of the stem, though J47 sorts before it
        (["J4B", "J4B1"], [], "J4A0", "J45"),
        # the first letter: behind all of the stem
        (["K6A", "K6A0"], [], "K68", "K70"),
        (["QA1"], [], "Q99", None),
        # where a tabular list has it, in spite of all that
        (["J4B", "J4B1"], ["J44", "J45", "J4B", "J47"], "J45", "J47"),
        # behind one that is new itself, and of one that is nowhere
        (["J4B", "J4C"], ["J45", "J46", "J4B", "J4C", "J47"], "J45", "J47"),
    ],
)
def test_new_letter_categories_stand_where_the_publisher_puts_them(
    new: list[str], categories: list[str], before: str, after: str | None
) -> None:
    """A new category with a letter stands behind the one before it in a tabular list, else behind its stem."""
    changes = [Change("add", len(code) > 3, code, "short", "long", 1) for code in reversed(new)]
    made = applied(rows_of(LUNG), changes, categories).codes
    assert [code for code in made if code not in new] == [code for code, *_ in LUNG]
    place = made.index(new[0])
    assert made[place : place + len(new)] == new
    assert (before, after) == (made[place - 1], dict(enumerate(made)).get(place + len(new)))


def test_a_new_category_is_found_in_its_chapter() -> None:
    """In a derived release a new category is in the section of the one before it, or behind all of that section."""
    new = [*CHOLERA, ("M5A", True, "Inflammatory"), ("M60", True, "Myositis")]
    parts = parts_of({NAMES[0]: order_file(CHOLERA), "icd10cm_tabular_2021.xml": tabular(2021, CHOLERA)})
    parts += parts_of({"icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, new, *NAMES)})
    table = assembled(*parts).drafts[1].build().tables["concepts"]
    found = {row["code"]: row["parent"] for row in table.to_pylist()}
    assert list(found)[-6:] == ["13", "M50-M54", "M54", "M54.5", "M5A", "M60"]
    assert ("M50-M54", "13") == (found["M5A"], found["M60"])


def test_an_addenda_without_changes_proves_both_sides() -> None:
    """An addenda that changes nothing makes October from April's archive alone, and April from October's."""
    april = {"icd10cm-order-April-2022.txt": order_file(BACK_PAIN)}
    change = {"icd10cm-order-addenda-April-2022.txt": order_addenda(BACK_PAIN, BACK_PAIN, NAMES[1], NAMES[1])}
    october = parts_of({NAMES[1]: order_file(BACK_PAIN)}, "October.zip")
    alone = assembled(*parts_of({**april, **change}, "icd10cm-April-2022.zip"))
    assert [("2022", True), ("2022-04", False)] == [(draft.version, draft.derived) for draft in alone.drafts]
    both = assembled(*october, *parts_of({**april, **change}, "icd10cm-April-2022.zip"))
    assert [("2022", False), ("2022-04", False)] == [(draft.version, draft.derived) for draft in both.drafts]
    forwards = assembled(*october, *parts_of(change, "icd10cm-April-2022.zip"))
    assert [("2022", False), ("2022-04", True)] == [(draft.version, draft.derived) for draft in forwards.drafts]
    tables = [[draft.build().tables["concepts"] for draft in made.drafts] for made in (alone, both, forwards)]
    codes = {tuple(table.column("code").to_pylist()) for pair in tables for table in pair}
    assert len(codes) == 1


def test_an_addenda_leads_to_the_order_file_that_it_came_with() -> None:
    """An order file of April with October's rows has nothing of October's addenda, and there is no gap between them."""
    october = {NAMES[1]: order_file(BACK_PAIN)}
    october["icd10cm_order_addenda_2022.txt"] = order_addenda(CHOLERA, BACK_PAIN, *NAMES)
    april = parts_of({"icd10cm-order-April-2022.txt": order_file(BACK_PAIN)})
    made = assembled(*parts_of(october, "October.zip"), *april)
    assert [["order", "addenda"], ["order"]] == [[part.kind for part in draft.parts] for draft in made.drafts]
    assert made.gaps == ()


def test_derived_forwards() -> None:
    """An addenda without its order file makes the release from the one before, marked as derived, with its sources."""
    base = parts_of({NAMES[0]: order_file(CHOLERA)})
    change = parts_of({"icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES)})
    made = assembled(*base, *change)
    assert [(draft.version, draft.derived) for draft in made.drafts] == [("2021", False), ("2022", True)]
    assert {part.origin.name for part in made.drafts[1].parts} == {NAMES[0], "icd10cm_order_addenda_2022.txt"}
    table = made.drafts[1].build().tables["concepts"]
    found = list(zip(*(table.column(name).to_pylist() for name in ("code", "billable", "title")), strict=True))
    assert [(code.replace(".", ""), flag, title) for code, flag, title in found] == list(BACK_PAIN)


def test_derived_backwards() -> None:
    """An addenda inside a year makes the year's first release from the update, where that one is missing."""
    members = {
        "icd10cm-order-April-1-2022.txt": order_file(MORE),
        "icd10cm-order-addenda-April-1-2022.txt": order_addenda(
            BACK_PAIN, MORE, "icd10cm-order-2022.txt", "icd10cm-order-April-1-2022.txt"
        ),
    }
    made = assembled(*parts_of(members))
    assert [(draft.version, draft.derived) for draft in made.drafts] == [("2022", True), ("2022-04", False)]
    codes = made.drafts[0].build().tables["concepts"].column("code").to_pylist()
    assert [code.replace(".", "") for code in codes] == [code for code, _, _ in BACK_PAIN]


def test_not_derived_where_counts_differ() -> None:
    """Where the release before does not hold as many codes as the addenda starts from, nothing is derived."""
    base = parts_of({NAMES[0]: order_file(CHOLERA[:-1])})
    change = parts_of({"icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES)})
    assert [draft.version for draft in assembled(*base, *change).drafts] == ["2021"]


def test_an_addenda_that_does_not_come_out_is_rejected_alone() -> None:
    """Where the summary reconciles and the rows do not, the addenda is rejected; the order file beside it is a release."""
    name = "icd10cm-order-April-1-2022.txt"
    # adds a code that is not in the order file, which has as many
    wrong = order_addenda(BACK_PAIN, [*BACK_PAIN, ("M999", True, "Other")], "icd10cm-order-2022.txt", name)
    assert len(MORE) == len(BACK_PAIN) + 1
    made = assembled(*parts_of({name: order_file(MORE), "icd10cm-order-addenda-April-1-2022.txt": wrong}))
    assert [("2022-04", ["order"])] == [(draft.version, [part.kind for part in draft.parts]) for draft in made.drafts]
    ((part, why),) = made.refused
    assert part.kind == "addenda"
    assert why.endswith("the release is not derived")


def test_own_file_takes_the_place_of_the_derived() -> None:
    """When the order file of a derived release arrives, it is the release."""
    base = parts_of({NAMES[0]: order_file(CHOLERA)})
    change = parts_of({"icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES)})
    own = parts_of({NAMES[1]: order_file(BACK_PAIN)})
    assert [(draft.version, draft.derived) for draft in assembled(*base, *change, *own).drafts] == [
        ("2021", False),
        ("2022", False),
    ]


def test_chain_is_proved() -> None:
    """Where base, addenda and file are there, a row that the addenda does not tell of is warned about."""
    base = parts_of({NAMES[0]: order_file(CHOLERA)})
    silent = [(code, flag, "Cholera by eltor" if code == "A001" else title) for code, flag, title in BACK_PAIN]
    members = {
        NAMES[1]: order_file(silent),
        "icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES),
    }
    drafts = assembled(*base, *parts_of(members, "2022.zip")).drafts
    (warning,) = [w for w in drafts[1].build().warnings if "addenda" in w]
    assert "1 code is not as the addenda says" in warning
    assert warning.endswith(": A001")
