"""Profiles of columns: every row is counted once, under what `terminology.validate` says of it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

import terminology
from terminology import Terminology, TerminologyError
from terminology.errors import ReleaseFormatError, UnknownReleaseError, UnknownSystemError
from terminology.profiles import ACTIONS, Action, Profile, counting
from terminology.profiles.page import KINDS, LABELS, TONES
from terminology.profiles.system_profile import STATES
from terminology.repairs import NULL_WORDS

TEXTS = (
    *("M54.5", "m545", " E119 ", "E11.9", "F32.A", "M54", "13", "M54.50", "I10"),
    *("W21.89A", "38.9", "E11.90", "J1815", "250.00", "99213", "nonsense", "?"),
    *("", "  ", "NULL", "n/a", "None", None),
)
DAYS = ("2019-05-01", "2020-10-01", "2021-09-30", "2021-10-01", "2022-04-01", "2031-01-01", "soon", "", None)
ROWS = st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(DAYS)), max_size=40).map(
    # a column without any day that can be read is an error
    lambda rows: [("E11.9", "2021-10-01"), *rows]
)


def table_of(rows: list[tuple[str | None, str | None]]) -> pa.Table:
    """Return a table of codes and days."""
    dx, day = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"dx": pa.array(dx, pa.string()), "day": pa.array(day, pa.string())})


def expected(store: Terminology, rows: list[tuple[str | None, str | None]]) -> Counter[str]:
    """Return the rows by status, asked of the edition of each day, one by one."""
    found: Counter[str] = Counter()
    for text, day in rows:
        dated = day not in ("soon", "", None)
        status = str(store["icd10cm"].on(day).status(text)) if dated else ""
        is_empty = not (text or "").strip() or (text or "").strip().lower() in NULL_WORDS
        if is_empty and status not in ("billable", "header"):
            found["empty"] += 1
        else:
            found[status or "no_day"] += 1
    return found


@given(ROWS)
def test_every_row_is_counted_under_its_status(store: Terminology, rows: list[tuple[str | None, str | None]]) -> None:
    """The numbers are those of the editions, empty cells and rows without a day apart."""
    found = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store)
    assert found.statuses == {state: n for state in STATES if (n := expected(store, rows)[state])}
    assert found.rows == len(rows) == sum(found.statuses.values())


@given(ROWS)
def test_years_and_findings_add_up(store: Terminology, rows: list[tuple[str | None, str | None]]) -> None:
    """The rows of years are all that have a day; a finding has the rows of its text; actions count findings."""
    [one] = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store).systems
    years = Counter({year: sum(counts.values()) for year, counts in one.years.items()})
    assert years == Counter(int(day[:4]) for _, day in rows if day not in ("soon", "", None))
    for finding in one.findings:
        same = [
            day
            for text, day in rows
            if text is not None and (text.strip() == finding.text or _official(store, text) == finding.text)
        ]
        assert 0 < finding.rows <= len(same)
        assert finding.status not in ("billable", "uncovered", "no_day")
    assert sum(one.actions.values()) == sum(finding.rows for finding in one.findings)
    assert sum(one.kinds.values()) <= sum(one.actions.values())


def _official(store: Terminology, text: str) -> str | None:
    return store["icd10cm"].definition.official(text)


@given(ROWS, st.integers(1, 5))
def test_batches_make_no_difference(store: Terminology, rows: list[tuple[str | None, str | None]], size: int) -> None:
    """A stream of small batches has the profile of the table, however often its counts are added up."""
    table = table_of(rows)
    whole = terminology.profile(table, system="icd10cm", on="day", store=store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "MERGED", 2)
        streamed = terminology.profile(table.to_reader(size), system="icd10cm", on="day", store=store)
    assert [one.to_dict() for one in streamed.systems] == [one.to_dict() for one in whole.systems]


@pytest.fixture(scope="module")
def profile(store: Terminology) -> Profile:
    """Return the profile of a column with every kind of text."""
    table = pa.table({"dx": [*TEXTS, "#REF!", "01-Mar", "E11.9, M54.9"], "day": ["2021-11-05"] * (len(TEXTS) + 3)})
    return terminology.profile(table, system="icd10cm", on="day", store=store)


@pytest.mark.parametrize(
    ("text", "kind", "action", "instead"),
    [
        ("W21.89A", "placeholder_missing", "repair", (("W21.89XA",),)),
        ("E11.90", "zeros_surplus", "repair", (("E11.9",),)),
        ("250.00", "other_system", "move", (("E11.9",),)),
        ("J1815", "other_system", "move", ()),
        ("NULL", "null_word", "empty", ()),
        ("#REF!", "spreadsheet_error", "decide", ()),
        ("01-Mar", "day", "decide", ()),
        ("E11.9, M54.9", "several_codes", "choose", (("E11.9", "M54.9"),)),
        ("nonsense", "no_code", "decide", ()),
        ("M54.5", None, "specify", (("M54.50",), ("M54.51",), ("M54.59",))),
    ],
)
def test_a_finding_says_what_is_wrong_and_what_to_do(
    profile: Profile, text: str, kind: str | None, action: str, instead: Any
) -> None:
    """Each with its kind of damage, the action, and the codes to take."""
    [finding] = [one for one in profile.systems[0].findings if one.text == text]
    assert (finding.kind and str(finding.kind), str(finding.action), finding.instead) == (kind, action, instead)
    assert finding.reason
    assert finding.years == (2021, 2021)


def test_blank_cells_are_no_findings(profile: Profile) -> None:
    """They are counted as empty alone."""
    assert not [one for one in profile.systems[0].findings if not one.text.strip()]
    assert profile.statuses["empty"] == 6


def test_other_ways_of_writing_are_counted(profile: Profile) -> None:
    """Rows with a known code that is not written as the publisher does."""
    assert profile.systems[0].rewritten == 2


def test_chapters_are_those_of_the_edition(store: Terminology, profile: Profile) -> None:
    """Of each known code the chapter, of one that is not in force where it was or will be."""
    edition = store["icd10cm"].on("2021-11-05")
    known = [text for text in TEXTS if text and edition.lookup(text)]
    found = Counter(_chapter(store, text) for text in known)
    assert {chapter.code: chapter.rows for chapter in profile.systems[0].chapters} == found
    assert all(chapter.title for chapter in profile.systems[0].chapters)


def _chapter(store: Terminology, text: str) -> str:
    edition = store["icd10cm"].latest
    code = edition.definition.official(text) or text
    above = (code, *edition.ancestors(code))
    return next(one for one in above if edition.node(one).kind == "chapter")


def test_a_code_before_its_time_is_to_be_checked(store: Terminology) -> None:
    """F32.A came on 2021-10-01: the day is checked, and its chapter is that of later."""
    table = pa.table({"dx": ["F32.A"], "day": ["2021-01-05"]})
    [one] = terminology.profile(table, system="icd10cm", on="day", store=store).systems
    assert [(str(f.status), f.action, [c.code for c in one.chapters]) for f in one.findings] == [
        ("future", Action.CHECK_DAY, ["5"])
    ]


def test_what_a_release_ends_is_said(store: Terminology) -> None:
    """M54.5 was right in September 2021; release 2022 made it a header, release 2021 did not."""
    table = pa.table({"dx": ["M54.5", "m54.5", "E11.9"], "day": ["2021-09-30"] * 3})
    [one] = terminology.profile(table, system="icd10cm", on="day", store=store).systems
    [ended] = one.ended
    assert (ended.change.code, ended.rows, str(ended.change.fate)) == ("M54.5", 2, "to_header")
    assert one.ended_rows == 2
    [before] = terminology.profile(table, system="icd10cm", on="day", release="2021", store=store).systems
    assert (before.ended, before.release and before.release.version) == ((), "2021")


@pytest.mark.parametrize("on", ["2021", "2021-09-30", datetime.date(2021, 9, 30), None])
def test_one_day_for_all_rows(store: Terminology, on: Any) -> None:
    """A day, a release or the newest: there are no years then."""
    table = pa.table({"dx": ["M54.5", "M54.50"]})
    [one] = terminology.profile(table, system="icd10cm", on=on, store=store).systems
    cm = store["icd10cm"]
    edition = {None: cm.latest, "2021": cm.release("2021")}.get(on) or cm.on("2021-09-30")
    assert one.statuses == Counter(str(edition.status(text)) for text in ("M54.5", "M54.50"))
    assert one.years == {}
    assert all(finding.years is None for finding in one.findings)


def test_days_are_seen_with_earlier_knowledge(store: Terminology) -> None:
    """Known with release 2021, M54.50 is no code."""
    table = pa.table({"dx": ["M54.50"], "day": ["2021-03-01"]})
    found = terminology.profile(table, system="icd10cm", on="day", known="2021", store=store)
    assert found.statuses == {"unknown": 1}


def test_each_row_of_its_own_system(store: Terminology) -> None:
    """Systems by any name; those that are not loaded, and rows that name none, are counted apart."""
    names = ["ICD10CM", "http://hl7.org/fhir/sid/icd-10-cm", "HCPCS", "2.16.840.1.113883.6.285", "SNOMED", None]
    table = pa.table({"dx": ["E11.9", "m545", "J1815", "E11.9", "73211009", "E11.9"], "vocabulary": names})
    found = terminology.profile(table, store=store)
    assert [(one.name, one.rows) for one in found.systems] == [("icd10cm", 2), ("hcpcs", 2)]
    assert found.not_loaded == {"SNOMED": 1, "": 1}
    assert found.rows == 6
    assert terminology.profile(table, system="vocabulary", store=store).to_dict() == found.to_dict()


def test_the_codes_show_their_system(store: Terminology) -> None:
    """Where most of them, or alone some of them, are of one system."""
    for texts in (["E11.9", "M54.50", "F32.A"], ["E11.9", "?", "?", "?", None]):
        assert [one.name for one in terminology.profile({"dx": texts}, store=store).systems] == ["icd10cm"]


@pytest.mark.parametrize("texts", [["?", "nonsense"], [None], []])
def test_codes_that_show_no_system(store: Terminology, texts: list[str | None]) -> None:
    """It has to be named."""
    with pytest.raises(TerminologyError, match="does not show: few are of any that is loaded; name it with system"):
        terminology.profile(pa.table({"dx": pa.array(texts, pa.string())}), store=store)


def test_no_rows(store: Terminology) -> None:
    """A table without rows has a profile without numbers, and a page."""
    empty = pa.table({"dx": pa.array([], pa.string()), "day": pa.array([], pa.date32())})
    found = terminology.profile(empty, system="icd10cm", on="day", store=store)
    assert (found.rows, found.statuses, found.table().num_rows) == (0, {}, 0)
    assert "Codes in" in found.to_html()


def test_what_is_asked_in_vain(store: Terminology) -> None:
    """A missing column, an unknown system, an unknown release: each is said."""
    table = pa.table({"dx": ["E11.9"]})
    with pytest.raises(ReleaseFormatError, match="has no column 'icd'"):
        terminology.profile(table, code="icd", store=store)
    with pytest.raises(UnknownSystemError, match="'icd11' is neither a column of the table nor a code system"):
        terminology.profile(table, system="icd11", store=store)
    with pytest.raises(UnknownReleaseError):
        terminology.profile(table, system="icd10cm", release="1999", store=store)


def test_too_many_texts_are_counted_together(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is lost, each is counted under its status, and codes are always known; only which text a row has is not listed."""
    monkeypatch.setattr(counting, "MOST_TEXTS", 3)
    garbage = [*(f"text {number}" for number in range(7)), "Z99.991", "Z99.992", "Z99.993"]
    texts = ["E11.9", *garbage, "E11.9", "m54.5", "NULL", None]
    rows = [(text, day) for text in texts for day in ("2021-11-05", "2021-01-05", "2030-01-01", None)]
    [one] = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store).systems
    monkeypatch.undo()
    [full] = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store).systems
    assert (one.statuses, one.codes, one.rows, one.chapters) == (full.statuses, full.codes, full.rows, full.chapters)
    assert one.years == full.years
    assert sum(f.rows for f in one.findings) + one.unlisted == sum(f.rows for f in full.findings)
    assert 0 < one.unlisted < len(rows)


def test_numbers_of_spreadsheets(store: Terminology) -> None:
    """A number that lost zeros is repaired where one code fits, and chosen where several do."""
    table = pa.table({"dx": [250.0, 3.1]})
    [one] = terminology.profile(table, system="icd9cm", store=store).systems
    found = {finding.text: (str(finding.kind), str(finding.action), finding.instead) for finding in one.findings}
    assert found["3.1"] == ("leading_zeros", "repair", (("003.1",),))
    assert found["250"] == ("leading_zeros", "choose", (("250",), ("250.0",), ("250.00",)))


def test_days_that_cannot_be_read_at_all(store: Terminology) -> None:
    """Where no row has a day, the form of the days has to be given."""
    with pytest.raises(ReleaseFormatError, match="expected days like 2024-03-01, got 'soon'"):
        terminology.profile({"dx": ["E11.9"], "day": ["soon"]}, system="icd10cm", on="day", store=store)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_has_the_profile_of_its_table(store: Terminology, tmp_path: Path, form: str) -> None:
    """Whatever its form."""
    table = pa.table({"dx": ["M54.5", "W21.89A", "E11.9"], "day": ["2021-11-05"] * 3})
    path = tmp_path / f"claims.{form}"
    if form == "csv":
        path.write_text("dx,day\nM54.5,2021-11-05\nW21.89A,2021-11-05\nE11.9,2021-11-05\n", encoding="utf-8")
    else:
        pq.write_table(table, path)
    seen: list[int] = []
    found = terminology.profile(path, code=None, on="day", system="icd10cm", store=store, progress=seen.append)
    whole = terminology.profile(table, on="day", system="icd10cm", store=store)
    assert [one.to_dict() for one in found.systems] == [one.to_dict() for one in whole.systems]
    assert (found.source, seen) == (f"claims.{form}", [3])


# ---- the page


def test_the_page_has_every_finding(profile: Profile) -> None:
    """Each with its text, and every status with its number."""
    page = profile.to_html()
    for finding in profile.systems[0].findings:
        assert finding.text.replace('"', "&#34;") in page
    assert "<script>" in page.split("</main>")[1], "the page's own script alone"


def test_a_page_of_one_row(store: Terminology) -> None:
    """One row, one code and one row that a release ends are said in the singular."""
    table = pa.table({"dx": ["M54.5"], "day": ["2021-09-30"]})
    found = terminology.profile(table, system="icd10cm", on="day", store=store)
    text = html.fromstring(found.to_html()).text_content()
    assert "1 row with 1 different code; 0 rows have a code" in text
    assert "1 row has a code that is right on its day" in text


def test_texts_are_escaped(store: Terminology) -> None:
    """A text of the column is no markup."""
    page = terminology.profile({"dx": ["<script>alert(1)</script>"]}, system="icd10cm", store=store).to_html()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_every_status_and_action_has_words() -> None:
    """None is shown as its name in the program."""
    assert {*LABELS} == {*TONES} == {*STATES}
    assert {*ACTIONS} == {*Action}
    assert all(KINDS.values())


def licensed(store: Terminology) -> Iterator[str]:
    """Yield the titles of CPT in the samples."""
    for code in store["cpt"].latest:
        title = store["cpt"].latest.title(code)
        if title:
            yield title


def test_licensed_texts_stay(sample_store: Path, store: Terminology) -> None:
    """Titles of CPT are in the value, and in no page or JSON without the licence."""
    codes = list(store["cpt"].latest)[:20]
    table = pa.table({"dx": [*codes, "?"]})
    found = terminology.profile(table, system="cpt", on="2015-01-01", store=store)
    titles = [title for title in licensed(store) if title in str(found.to_dict())]
    with_licence = terminology.open(sample_store, licences=("cpt",))
    open_page = terminology.profile(table, system="cpt", on="2015-01-01", store=with_licence).to_html()
    page, shown = found.to_html(), str(found.shown.to_dict())
    assert not [title for title in titles if title in page or title in shown]
    assert "Titles of" in page
    assert "Titles of" not in open_page


def test_what_is_no_column_and_no_day(store: Terminology) -> None:
    """The message lists the columns that there are."""
    with pytest.raises(terminology.InvalidDateError, match=r"'dos' is no column of the table \(dx\), no day"):
        terminology.profile({"dx": ["E11.9"]}, system="icd10cm", on="dos", store=store)


def test_a_day_that_nothing_covers_hides_no_chapter(store: Terminology) -> None:
    """The other rows of the code are counted, and those of a code without any other under the newest release."""
    rows = [("M54.2", "2021-01-01"), ("M54.2", "2030-01-01"), ("E11.9", "2030-01-01"), (None, "2021-01-01")]
    [one] = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store).systems
    assert [(chapter.code, chapter.rows) for chapter in one.chapters] == [("4", 1), ("13", 2)]


def test_what_is_to_be_done_does_not_hang_on_a_day_that_nothing_covers(store: Terminology) -> None:
    """A damaged text is explained on a day of its rows that is covered, or by the newest release."""
    for days in (["2030-01-01", "2030-01-01", "2021-11-05"], ["2030-01-01"]):
        rows = [(text, day) for text in ("25000", "E11.9;M54.9", "NULL", "#N/A") for day in days]
        [one] = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store).systems
        found = {finding.text: finding for finding in one.findings}
        assert (str(found["25000"].action), found["25000"].instead) == ("move", (("E11.9",),))
        assert found["E11.9;M54.9"].instead == (("E11.9", "M54.9"),)
        assert {str(found[text].action) for text in ("NULL", "#N/A")} == {"empty"}
        assert "covers" not in "".join(finding.reason for finding in one.findings)


def test_a_reason_names_no_day(profile: Profile) -> None:
    """A finding speaks of rows of many days."""
    assert not [finding for finding in profile.systems[0].findings if "2021" in finding.reason]


def test_days_of_programs_that_have_none(store: Terminology) -> None:
    """A day that stands for none or for ever is counted in its own year."""
    rows = [("E11.9", day) for day in ("0001-01-01", "1753-01-01", "9999-12-31")]
    [one] = terminology.profile(table_of(rows), system="icd10cm", on="day", store=store).systems
    assert sorted(one.years) == [1, 1753, 9999]
