"""Manifestations and their etiologies: by titles and notes of the tabular list, and of nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import terminology
from terminology import Edition, Terminology, UnknownCodeError

from .release_files import Row, order_file, tabular, written

ELSEWHERE = "Joint disorder in diseases classified elsewhere"
ROWS: Sequence[Row] = (
    ("A00", False, "Cholera"),
    ("A000", True, "Cholera, classical"),
    ("A001", True, "Cholera, eltor"),
    ("A01", False, "Typhoid"),
    ("A010", True, "Typhoid fever"),
    ("A02", True, "Salmonella as the cause of diseases classified elsewhere"),
    ("M50", False, ELSEWHERE),
    ("M500", True, "Arthritis"),
    ("M501", True, "Charcot joint"),
    ("M51", False, "Dorsalgia"),
    ("M510", True, "Low back pain"),
    ("M511", True, "Fever presenting with conditions classified elsewhere"),
)
MORE = {
    "A01": "<useAdditionalCode><note>code to identify manifestation (M50.0)</note></useAdditionalCode>",
    "A02": "<codeFirst><note>sepsis (A01.0)</note></codeFirst>",
    "M500": "<codeFirst><note>underlying disease, such as:</note><note>cholera (A00.0)</note></codeFirst>",
    "M51": "<codeFirst><note>infection (A00-A02)</note></codeFirst>",
}


def opened(folder: Path, rows: Sequence[Row], more: Mapping[str, str]) -> Terminology:
    """Return a store of one release with a tabular list, and an earlier one without."""
    files = {
        "icd10cm_order_2021.txt": order_file(rows[:-1]),
        "icd10cm_order_2022.txt": order_file(rows),
        "icd10cm_tabular_2022.xml": tabular(2022, rows, more=more),
    }
    report = terminology.load(written(folder / "files", files), store=folder / "store")
    assert report.errors == ()
    return terminology.open(folder / "store")


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """The release with the tabular list."""
    return opened(tmp_path_factory.mktemp("order"), ROWS, MORE)["icd10cm"].release("2022")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("M50.0", True),
        ("M51.1", True),
        ("M50.1", False),
        ("M51.0", False),
        ("M50", False),
        ("A02", False),
        ("A00.0", False),
    ],
)
def test_a_manifestation_has_title_and_note(edition: Edition, code: str, expected: bool) -> None:  # noqa: FBT001
    """Both may be inherited; one of them alone makes none, nor does a title of what causes diseases."""
    found = edition.coding_order(code)
    assert found is not None
    assert (found.manifestation, edition.is_manifestation(code)) == (expected, expected)


@pytest.mark.parametrize(
    ("code", "named_at"),
    [
        ("A00.0", ["M50.0", "M51"]),
        ("A00.1", ["M51"]),
        ("A00", ["M51"]),
        ("A01.0", ["M51"]),
        ("A02", ["M51"]),
        ("M50.0", []),
    ],
)
def test_an_etiology_is_named_by_notes(edition: Edition, code: str, named_at: list[str]) -> None:
    """Notes of manifestations name codes, all below them, and ranges; each is told with its file and line."""
    found = edition.coding_order(code)
    assert found is not None
    assert sorted({note.declared_at for note in found.named_by}) == named_at
    assert (found.etiology, edition.is_etiology(code)) == (bool(named_at),) * 2
    assert all(note.source and note.source.file == "icd10cm_tabular_2022.xml" for note in found.named_by)


def test_an_etiology_may_name_its_manifestation(tmp_path: Path) -> None:
    """A note "use additional code" that names a manifestation makes an etiology, without a note that names it in turn."""
    more = {"A01": MORE["A01"], "M500": "<codeFirst><note>underlying disease</note></codeFirst>"}
    edition = opened(tmp_path, ROWS, more)["icd10cm"].release("2022")
    found = edition.coding_order("A01.0")
    assert found is not None
    assert (found.etiology, found.named_by, [note.inherited for note in found.additional]) == (True, (), [True])
    assert [edition.is_etiology(code) for code in ("A00.0", "M50.0", "A02")] == [False, False, False]


def test_the_notes_come_with_the_answer(edition: Edition) -> None:
    """All notes that apply are there, of codes that are no manifestations too, and where the title is."""
    found = edition.coding_order("m500")
    assert found is not None
    assert (found.code, found.titled_at) == ("M50.0", "M50")
    assert [(note.kind, note.text) for note in found.first] == [
        ("codeFirst", "underlying disease, such as:"),
        ("codeFirst", "cholera (A00.0)"),
    ]
    other = edition.coding_order("M51.0")
    assert other is not None
    assert (other.titled_at, [note.declared_at for note in other.first]) == (None, ["M51"])
    assert list(found.to_dict()) == [
        *("code", "manifestation", "etiology", "titled_at", "first", "additional", "named_by"),
    ]


def test_without_notes_nothing_is_known(edition: Edition, store: Terminology, tmp_path: Path) -> None:
    """Of a release without notes, and of one in which no code is to be coded first, the answer is None, never False."""
    before = edition._origin.release("2021")
    silent = opened(tmp_path, ROWS, {})["icd10cm"].release("2022")
    for one, code in ((before, "M50.0"), (silent, "M50.0"), (store["hcpcs"].latest, "J1815")):
        assert one.coding_order(code) is one.is_manifestation(code) is one.is_etiology(code) is None


@pytest.mark.parametrize("code", ["M51.2", "nonsense", ""])
def test_a_code_that_is_not_in_force_is_an_error(edition: Edition, code: str) -> None:
    """As for all questions about notes."""
    for ask in (edition.coding_order, edition.is_manifestation, edition.is_etiology):
        with pytest.raises(UnknownCodeError):
            ask(code)


# ---- against a plain reading

CODES = [code if len(code) == 3 else f"{code[:3]}.{code[3:]}" for code, _, _ in ROWS]
TARGETS = [*CODES, "A00.-", "A01.-", "M50.-", "A00-A01", "A01-A02", "M50-M51", "A00.1-A01.0", "Z99.9"]


@st.composite
def lists(draw: st.DrawFn) -> tuple[frozenset[str], Mapping[tuple[str, str], list[str]]]:
    """Return the codes with the title of a manifestation, and by code and kind of note the codes that it names."""
    titled = draw(st.frozensets(st.sampled_from(CODES)))
    kinds = st.sampled_from(["codeFirst", "useAdditionalCode"])
    named = st.lists(st.sampled_from(TARGETS), max_size=2, unique=True)
    return titled, draw(st.dictionaries(st.tuples(st.sampled_from(CODES), kinds), named, max_size=6))


def above(code: str) -> Iterator[str]:
    """Yield a code and the codes above it."""
    yield from (code[:length] for length in (5, 3) if len(code) >= length)


def covers(target: str, code: str) -> bool:
    """Return whether what a note names is a code, or above it, or a range with it."""
    first, _, last = target.partition("-")
    if not last:
        return first.rstrip(".") in above(code)
    inside = [one for one in CODES if first <= one and (one <= last or one.startswith(last))]
    return code in inside


def manifestation(code: str, titled: frozenset[str], notes: Mapping[tuple[str, str], list[str]]) -> bool:
    """Return whether a code, or one above it, has the title, and one of them the note."""
    return any(one in titled for one in above(code)) and any((one, "codeFirst") in notes for one in above(code))


@settings(max_examples=40)
@given(lists())
def test_answers_are_those_of_a_scan(made: tuple[frozenset[str], Mapping[tuple[str, str], list[str]]]) -> None:
    """For any titles and notes each code is what a scan of all of them says."""
    titled, notes = made
    rows = [
        (plain, flag, ELSEWHERE if code in titled else "Title")
        for (plain, flag, _), code in zip(ROWS, CODES, strict=True)
    ]
    more: dict[str, str] = {}
    for (code, kind), targets in sorted(notes.items()):
        texts = [f"<note>something ({target})</note>" for target in targets] or ["<note>something</note>"]
        plain = code.replace(".", "")
        more[plain] = more.get(plain, "") + f"<{kind}>{''.join(texts)}</{kind}>"
    first = {code: targets for (code, kind), targets in notes.items() if kind == "codeFirst"}
    naming = [
        target
        for code, targets in first.items()
        if any(manifestation(one, titled, notes) for one in CODES if code in above(one))
        for target in targets
    ]
    with tempfile.TemporaryDirectory(prefix="order-") as folder:
        edition = opened(Path(folder), rows, more)["icd10cm"].release("2022")
        for code in CODES:
            found = edition.coding_order(code)
            assert (found is None) == (not first)
            if found is None:
                continue
            additional = [t for one in above(code) for t in notes.get((one, "useAdditionalCode"), [])]
            names_one = any(
                manifestation(target.rstrip("-."), titled, notes)
                for target in additional
                if target.rstrip("-.") in CODES
            )
            assert found.manifestation == manifestation(code, titled, notes), code
            assert bool(found.named_by) == any(covers(target, code) for target in naming), code
            assert found.etiology == (bool(found.named_by) or names_one), code
