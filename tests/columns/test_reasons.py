"""Reasons of whole columns: sentence by sentence those of an edition, however many texts there are."""

from __future__ import annotations

import datetime
import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Status, Terminology
from terminology.columns import misses
from terminology.history import status_of
from terminology.query.edition import engine_of
from terminology.query.reasons import reason_of

from .test_validation import DAMAGED, FIRST, LAST, SYSTEMS

ODD = (
    *DAMAGED,
    *("it's", 'say "E11"', "back\\slash", "tab\tin", "a\nb", "\x7f", "Å12", "Ⅷ", "\u00a0E11.9", "\u00a0null", "١٢٣"),
    *("E11.9, I10", "E11.9/I10", "E11.9 x", ",E11.9;I10", "E11.9,", "J1815 J1816", "250.00 V10.3", "&", "a b c"),
    *(
        "N/A",
        " null ",
        "None",
        "-",
        "--",
        "#N/A",
        "   ",
        "\t",
        "U00.0A3F",
        "u000a3f",
        "99999",
        "9999F",
        "12.34",
        "E0110",
    ),
    *("250.00", "V10.3", "0FT44ZZ", "0FT4", "0FT44Z9", "E9999", "e800.5", "A00-B99", "x" * 600, "99999:25", "LT", "13"),
)


def said(store: Terminology, system: str, text: str | None, day: datetime.date | None) -> str:
    """Return what an edition says of one row, without the day."""
    if text is None:
        return "there is no code"
    edition = store[system].on(day) if day else store[system].latest
    check, as_of = edition.check(text), engine_of(edition)
    if day is None and check.status is not Status.MALFORMED:
        return "there is no day"
    _, span = status_of(as_of.spans(as_of.system.row_of(text)), as_of.day)
    return reason_of(as_of, check.code, check.status, span, check.other_systems, dated=False)


def reasons(store: Terminology, system: str, table: pa.Table) -> list[str]:
    """Return the reasons of a column."""
    answered = terminology.validate(table, system=system, on="day", store=store, columns=["reason"])
    return answered.column("dx_reason").to_pylist()


def agreed(store: Terminology, system: str, texts: list[str | None], days: list[datetime.date | None]) -> None:
    """Check that the sentence of each row is that of an edition, for texts and for a dictionary of them."""
    table = pa.table({"dx": pa.array(texts, pa.string()), "day": pa.array(days, pa.date32())})
    expected = [said(store, system, text, day) for text, day in zip(texts, days, strict=True)]
    assert reasons(store, system, table) == expected
    encoded = table.set_column(0, "dx", table.column("dx").dictionary_encode())
    assert reasons(store, system, pa.concat_tables([encoded.slice(0, 50), encoded.slice(50)])) == expected


@pytest.mark.parametrize("system", [*SYSTEMS, "cpt"])
def test_the_reasons_of_a_column_are_those_of_an_edition(store: Terminology, system: str) -> None:
    """Codes of all systems and odd texts, on days of every kind: unknown, malformed, not covered, without a day."""
    chosen = random.Random(system)  # noqa: S311 -- to choose rows
    codes = [code for one in store.values() for release in one.releases for code in one.release(release.version)]
    texts: list[str | None] = []
    days: list[datetime.date | None] = []
    for text in [*ODD, *chosen.sample(codes, 200), *(store[system].latest), None]:
        for _ in range(3):
            texts.append(chosen.choice([text, text, text and text.lower(), text and f"{text} "]))
            days.append(chosen.choice([datetime.date.fromordinal(chosen.randrange(FIRST, LAST)), None]))
    agreed(store, system, texts, days)


@given(st.lists(st.tuples(st.text(max_size=12), st.dates(datetime.date(2012, 1, 1), datetime.date(2027, 1, 1)))))
def test_the_reason_of_any_text_is_that_of_an_edition(
    store: Terminology, rows: list[tuple[str, datetime.date]]
) -> None:
    """Whatever characters are in it."""
    agreed(store, "icd10cm", [text for text, _ in rows], [day for _, day in rows])


@given(st.lists(st.text(alphabet="E119.I0 ,;/+&|-nulNaA'\"\\25V:", max_size=14)))
def test_the_reason_of_what_is_nearly_a_code_is_that_of_an_edition(store: Terminology, texts: list[str]) -> None:
    """Codes beside codes, words for nothing, quotation marks."""
    day = datetime.date(2021, 11, 1)
    agreed(store, "icd10cm", [*texts], [day] * len(texts))
    agreed(store, "icd9cm", [*texts], [day] * len(texts))


def test_unknown_texts_are_not_checked_one_by_one(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand different texts that are no codes, of two kinds, ask no edition."""
    monkeypatch.setattr(misses, "other_sentence", None)
    monkeypatch.setattr(misses, "reason_of", None)
    texts = [f"U{number // 10000:02}.{number % 10000:04}" for number in range(50_000)]
    texts += [f"?{number}" for number in range(50_000)]
    table = pa.table({"dx": texts, "day": ["2021-11-01", "1990-01-01"] * 50_000})
    found = reasons(store, "icd10cm", table)
    assert found[:2] == ["U00.0000 is not in ICD-10-CM", "no release of ICD-10-CM covers the day"]
    assert found[-2:] == ["'?49998' cannot be a code of ICD-10-CM", "'?49999' cannot be a code of ICD-10-CM"]


def test_a_number_that_may_have_been_several_codes_says_which(store: Terminology) -> None:
    """It is malformed, so its sentence does not say that one of them is billable."""
    answered = terminology.validate({"dx": [1.1]}, system="icd9cm", on="2014-11-01", store=store, columns=["reason"])
    [row] = answered.select(["dx_status", "dx_reason"]).to_pylist()
    assert row["dx_status"] == "malformed"
    assert row["dx_reason"].startswith("1.1 is a number that may have been ")
