"""lookup, status and history: shapes, texts and exit codes."""

from __future__ import annotations

import io

import pytest
from attrs import evolve

from terminology import Status, Terminology
from terminology.cli.card import period_sentence

from .conftest import Ask

BY = '("by": the first day may be earlier, in a release that is not loaded).'


def test_lookup_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`lookup --json` says all of a code, with the file, line and checksum that it comes from."""
    found = ask("lookup icd10cm m545 --on 2022-03-01 --json")
    source = found.json.pop("source")
    notes = found.json["notes"]
    assert found.code == 0
    assert {key: value for key, value in found.json.items() if key not in ("notes", "source")} == {
        "system": "icd10cm",
        "version": "2022",
        "code": "M54.5",
        "title": "Low back pain",
        "short_title": "Low back pain",
        "status": "header",
        "valid": True,
        "billable": False,
        "effective_from": "2021-10-01",
        "effective_to": None,
        "from_known": True,
        "parent": "M54",
        "properties": {},
        "suggestion": None,
        "other_systems": [],
        "kind": "code",
        "derived": False,
        "notes_known": True,
    }
    assert notes[0] == {
        "kind": "excludes1",
        "text": "low back strain (S39.012)",
        "declared_at": "M54.5",
        "inherited": False,
        "targets": ["S39.012"],
    }
    assert {note["declared_at"]: note["inherited"] for note in notes} == {
        "M54.5": False,
        "M54": True,
        "M50-M54": True,
        "13": True,
    }
    assert (source["file"], source["line"], source["version"], len(source["sha256"])) == (
        "icd10cm_order_2022.txt",
        36,
        "2022",
        64,
    )


def test_lookup_of_an_unknown_code_has_the_same_keys(ask: Ask) -> None:
    """A code that is in no release gives the same object with nulls, what was meant, and exit code 1."""
    known, unknown = ask("lookup icd10cm W21.89XA --json"), ask("lookup icd10cm W21.89A --json")
    assert known.json.keys() == unknown.json.keys()
    assert unknown.code == 1
    assert {key: value for key, value in unknown.json.items() if value} == {
        "system": "icd10cm",
        "version": "2022-04",
        "code": "W21.89A",
        "status": "unknown",
        "suggestion": "W21.89XA",
    }


def test_lookup_of_a_malformed_code(ask: Ask) -> None:
    """A text that cannot be a code is answered, not refused."""
    found = ask("lookup icd10cm A0.00 --json")
    assert (found.code, found.json["status"], found.json["title"]) == (1, "malformed", None)


@pytest.mark.parametrize(
    ("line", "status", "days", "code"),
    [
        ("hcpcs C9014 --on 2018-12-31", "billable", ["2018-01-01", "2019-01-01"], 0),
        ("hcpcs C9014 --on 2019-01-01", "expired", ["2018-01-01", "2019-01-01"], 1),
        ("icd10cm F32.A --on 2021-01-01", "future", ["2021-10-01", None], 1),
        ("icd10cm A00.0 --on 1990-01-01", "uncovered", ["2020-10-01", None], 1),
    ],
)
def test_lookup_by_status(ask: Ask, line: str, status: str, days: list[str | None], code: int) -> None:
    """The exit code is 0 only for what is in force; periods are half open."""
    found = ask(f"lookup {line} --json")
    assert (found.json["status"], [found.json["effective_from"], found.json["effective_to"]]) == (status, days)
    assert found.code == code


def test_lookup_without_a_day_asks_the_newest_release(ask: Ask) -> None:
    """Without a day the newest release answers; its notes did not come and are not borrowed."""
    found = ask("lookup icd10cm Z28.310 --json").json
    assert (found["version"], found["status"], found["notes"], found["notes_known"]) == (
        "2022-04",
        "billable",
        [],
        False,
    )


def test_lookup_by_version(ask: Ask) -> None:
    """`--version` takes a label or the effective day."""
    by_label, by_day = (ask(f"lookup icd10cm M54.5 --version {v} --json").json for v in ("2021", "2020-10-01"))
    assert by_label == by_day
    assert (by_label["version"], by_label["status"]) == ("2021", "billable")


def test_known_hides_later_releases(ask: Ask) -> None:
    """Who knows releases up to 2021 only takes M54.5 for billable, and still open."""
    then, now = (ask(f"lookup icd10cm M54.5 --on 2021-09-30 {k} --json").json for k in ("--known 2021", ""))
    assert (then["effective_to"], now["effective_to"]) == (None, "2021-10-01")


def test_card_of_a_header(ask: Ask) -> None:
    """The card names status, inclusive period, place in the tree, notes by kind and place, and the source."""
    card = ask("lookup icd10cm M54.5 --on 2021-10-01").out
    assert card.splitlines()[:5] == [
        "M54.5  Low back pain",
        "ICD-10-CM 2022, on 2021-10-01",
        "",
        "Header: in force, not valid for submission.",
        "From 2021-10-01, still in force.",
    ]
    assert "        M54.5  Low back pain\n          M54.50  Low back pain, unspecified (billable)\n" in card
    assert "  excludes1, from M54 above\n    psychogenic dorsalgia (F45.41)\n" in card
    assert "  icd10cm_order_2022.txt, line 36\n  release 2022, SHA-256 " in card


def test_card_of_an_expired_code(ask: Ask) -> None:
    """The card of an ended code gives the last day, not the day after."""
    card = ask("lookup hcpcs C9014 --on 2019-03-01").out
    assert "Expired: no longer in force.\nWas in force from 2018-01-01 through 2018-12-31.\n" in card
    assert "Notes" not in card


def test_card_of_a_future_code(ask: Ask) -> None:
    """The card of a code to come gives its first day."""
    assert "Comes into force on 2021-10-01." in ask("lookup icd10cm F32.A --on 2021-01-01").out


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("icd10cm M54.5 --on 2021-03-01", f"By 2020-10-01, through 2021-09-30 {BY}"),
        ("icd10cm E11.9 --on 2022-03-01", f"By 2020-10-01, still in force {BY}"),
        ("icd10cm E11.9 --on 2030-03-01", f"Known by 2020-10-01, still in force by the nearest release {BY}"),
    ],
)
def test_card_of_a_code_older_than_the_releases(ask: Ask, line: str, sentence: str) -> None:
    """The card says "by" where the history does."""
    assert f"\n{sentence}\n" in ask(f"lookup {line}").out


@pytest.mark.parametrize(
    ("status", "from_known", "sentence"),
    [
        (Status.EXPIRED, False, f"Was in force by 2020-10-01, through 2021-09-30 {BY}"),
        (Status.EXPIRED, True, "Was in force from 2020-10-01 through 2021-09-30."),
        (Status.FUTURE, False, f"Comes into force by 2020-10-01 {BY}"),
        (Status.FUTURE, True, "Comes into force on 2020-10-01."),
    ],
)
def test_the_sentence_on_a_period_that_does_not_hold(
    store: Terminology, status: Status, *, from_known: bool, sentence: str
) -> None:
    """Its first day too is one that may be earlier, or is not."""
    concept = store["icd10cm"].on("2021-03-01")["M54.5"]
    assert sentence == period_sentence(evolve(concept, status=status, from_known=from_known))


def test_card_says_that_notes_are_not_known(ask: Ask) -> None:
    """A release without tabular list does not look like one without notes."""
    assert "Notes\n  not known: this release came without them\n" in ask("lookup icd10cm M54.5 --on 2021-01-01").out


def test_card_shows_properties(ask: Ask) -> None:
    """Seventh characters and other properties are told in words."""
    card = ask("lookup icd10cm S06 --on 2022-03-01").out
    assert "  seventh characters: A initial encounter; D subsequent encounter; S sequela\n" in card


def test_status_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`status --json` is a list with one object a code, in the order asked."""
    found = ask("status icd10cm e119 W21.89A J1815 --on 2022-03-01 --json")
    assert found.code == 1
    rows = found.json
    sources = [row.pop("source") for row in rows]
    assert [source and (source["file"], source["line"], source["version"]) for source in sources] == [
        ("icd10cm_order_2022.txt", 18, "2022"),
        None,
        None,
    ]
    unknown = {"valid": False, "billable": False, "effective_from": None, "effective_to": None, "from_known": None}
    asked = {"date": "2022-03-01", "version": "2022"}
    assert rows == [
        {
            "code": "E11.9",
            "status": "billable",
            "valid": True,
            "billable": True,
            "suggestion": None,
            "other_systems": [],
            "rule": None,
            "reason": "E11.9 is billable on 2022-03-01 (release 2022)",
            "effective_from": "2020-10-01",
            "effective_to": None,
            "from_known": False,
            **asked,
        },
        {
            "code": "W21.89A",
            "status": "unknown",
            "suggestion": "W21.89XA",
            "other_systems": [],
            "rule": "placeholder_missing",
            "reason": "W21.89A is not in ICD-10-CM on 2022-03-01 (release 2022)",
            **unknown,
            **asked,
        },
        {
            "code": "J1815",
            "status": "unknown",
            "suggestion": None,
            "other_systems": ["hcpcs"],
            "rule": None,
            "reason": "J1815 is not in ICD-10-CM on 2022-03-01 (release 2022); it is a code of HCPCS Level II",
            **unknown,
            **asked,
        },
    ]


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        ("icd10cm E119 --on 2022-03-01", "E11.9  billable on 2022-03-01 (release 2022)", 0),
        ("icd10cm M54.5 --on 2022-03-01", "M54.5  header on 2022-03-01 (release 2022) — not valid for submission", 1),
        (
            "icd10cm F32.A --on 2021-01-01",
            "F32.A  future on 2021-01-01 (release 2021) — comes into force on 2021-10-01",
            1,
        ),
        (
            "hcpcs C9014 --on 2019-03-01",
            "C9014  expired on 2019-03-01 (release 2019-01) — was in force through 2018-12-31",
            1,
        ),
        (
            "icd10cm W21.89A --on 2022-03-01",
            "W21.89A  unknown — W21.89A is not in ICD-10-CM on 2022-03-01 (release 2022); did you mean W21.89XA?",
            1,
        ),
        (
            "icd10cm W21.89X --on 2022-03-01",
            (
                "W21.89X  unknown — W21.89X is not in ICD-10-CM on 2022-03-01 (release 2022); "
                "did you mean W21.89 or W21.89XA or W21.89XD or W21.89XS?"
            ),
            1,
        ),
        (
            "icd10cm J1815 --on 2022-03-01",
            "J1815  unknown — J1815 is not in ICD-10-CM on 2022-03-01 (release 2022); it is a code of HCPCS Level II",
            1,
        ),
        (
            "hcpcs E11.9 --on 2019-01-01",
            "E11.9  malformed — 'E11.9' cannot be a code of HCPCS Level II; it is a code of ICD-10-CM",
            1,
        ),
        (
            "icd10cm A00.0000000",
            "A00.0000000  malformed — 'A00.0000000' cannot be a code of ICD-10-CM; did you mean A00.0?",
            1,
        ),
        (
            "icd10cm E11.9 --on 1990-01-01",
            "E11.9  uncovered — no release of ICD-10-CM covers 1990-01-01: ICD-10-CM is used from 2015-10-01 on; for that day ask icd9cm",
            1,
        ),
    ],
)
def test_status_in_words(ask: Ask, line: str, text: str, code: int) -> None:
    """Each status has one line, with the reason or the repair."""
    found = ask(f"status {line}")
    assert (found.out.splitlines()[0], found.code) == (text, code)


def test_status_reads_codes_from_standard_input(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hyphen stands for its lines that are not empty."""
    monkeypatch.setattr("sys.stdin", io.StringIO("E11.9\n\n M54.5 \n"))
    found = ask("status icd10cm A00.0 - --on 2022-03-01 --json")
    assert [row["code"] for row in found.json] == ["A00.0", "E11.9", "M54.5"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("icd10cm M54.5X --on 2022-03-01", "; did you mean M54.5, a header, as in M54.50 or M54.51 or M54.59?\n"),
        ("icd10cm NULL --on 2022-03-01", "NULL  unknown — there is no code: 'NULL' is a word for nothing\n"),
        ("icd10cm E11.9,A00.0", "malformed — there are 2 codes in 'E11.9,A00.0': ask for each of them\n"),
    ],
)
def test_status_says_what_is_in_the_way(ask: Ask, line: str, said: str) -> None:
    """A repair that is a header is named as one; a word for nothing, and several codes in one text, as what they are."""
    assert ask(f"status {line}").out.endswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("icd10cm 13", "The codes below it: terminology descendants icd10cm 13\n"),
        ("icd10pcs 0FT4 --on 2022-03-01", "terminology pcs explain 0FT4\n"),
        ("icd10cm 250.00 --on 2022-03-01", "mapped from icd9cm (gems 2018)\n"),
    ],
)
def test_explain_says_where_to_look(ask: Ask, line: str, said: str) -> None:
    """What is above codes leads to them, and a code of another system to what it is mapped to."""
    assert ask(f"explain {line}").out.endswith(said)


def test_status_of_several_codes_has_a_line_each(ask: Ask) -> None:
    """The exit code is 0 only where all codes are billable."""
    good, mixed = ask("status icd10cm E11.9 A00.0"), ask("status icd10cm E11.9 A00")
    assert (len(good.out.splitlines()), good.code) == (2, 0)
    assert (len(mixed.out.splitlines()), mixed.code) == (2, 1)


def test_explain_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`explain --json` has the reason, the repairs, and each code to use instead with title and why."""
    found = ask("explain icd10cm M54.5 --on 2022-03-01 --json")
    assert found.code == 1
    values = found.json
    concept, source, instead = (values.pop(key) for key in ("concept", "source", "instead"))
    assert (concept["title"], source["line"]) == ("Low back pain", 36)
    assert values == {
        "code": "M54.5",
        "status": "header",
        "valid": True,
        "billable": False,
        "reason": "M54.5 is a header on 2022-03-01 (release 2022): in force, and not valid for submission",
        "suggestions": [],
        "rules": [],
        "other_systems": [],
        "date": "2022-03-01",
        "version": "2022",
        "effective_from": "2021-10-01",
        "effective_to": None,
        "from_known": True,
    }
    assert instead[0] == {
        "system": "icd10cm",
        "code": "M54.50",
        "title": "Low back pain, unspecified",
        "why": "billable below M54.5",
        "together": [],
    }


@pytest.mark.parametrize(
    ("line", "code", "parts"),
    [
        ("icd10cm E11.9 --on 2022-03-01", 0, ["E11.9  billable\n", "E11.9 is billable on 2022-03-01 (release 2022)."]),
        ("icd10cm M54.5 --on 2022-03-01", 1, ["M54.5  header\n", "Instead\n  M54.50  Low back pain, unspecified\n"]),
        ("hcpcs C9014 --on 2019-03-01", 1, ["C9014  expired\n", "through 2018-12-31", "J0567"]),
        ("icd10cm M54.50 --on 2021-03-01", 1, ["M54.50  future\n", "comes into force on 2021-10-01", "M54.5 "]),
        ("icd10cm W21.89A --on 2022-03-01", 1, ["W21.89A  unknown\n", "W21.89XA", "with the placeholder X"]),
        ("icd9cm 5.1E+02 --on 2014-11-01", 1, ["5.1E+02  malformed\n", "cannot be a code of ICD-9-CM diagnoses"]),
        ("icd10cm E11.9 --on 2031-03-01", 1, ["E11.9  uncovered\n", "load FY2031"]),
        ("icd10cm Z99.99 --on 2022-03-01", 1, ["Z99.99  unknown\n", "No code is known that may be used instead."]),
    ],
)
def test_each_status_is_explained(ask: Ask, line: str, code: int, parts: list[str]) -> None:
    """In words: what the code is, why, and what instead; exit code 0 only of what may be submitted."""
    found = ask(f"explain {line}")
    assert found.code == code
    for part in parts:
        assert part in found.out


def test_history_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`history --json` gives half-open periods and whether the first day is known."""
    found = ask("history icd10cm m545 --json")
    assert found.code == 0
    assert found.json == {
        "code": "M54.5",
        "periods": [
            {
                "effective_from": "2020-10-01",
                "effective_to": "2021-10-01",
                "from_known": False,
                "status": "billable",
                "title": "Low back pain",
            },
            {
                "effective_from": "2021-10-01",
                "effective_to": None,
                "from_known": True,
                "status": "header",
                "title": "Low back pain",
            },
        ],
        "predecessors": [],
        "successors": ["M54.50", "M54.51", "M54.59"],
    }


def test_history_in_words(ask: Ask) -> None:
    """The text gives the last day of each period, and says where the first day is only bounded."""
    assert ask("history icd10cm G71.20").out == (
        "G71.20\n"
        "  by   2020-10-01 through 2021-09-30  billable  Congenital myopathy, unspecifed\n"
        "  from 2021-10-01 still in force      billable  Congenital myopathy, unspecified\n"
        "  replaced G71.2\n"
        '  ("by": the first day may be earlier, in a release that is not loaded)\n'
    )


def test_history_of_a_stranger(ask: Ask) -> None:
    """A code that no release knows has no periods, and the exit code is 1."""
    assert (ask("history icd10cm Q99 --json").json["periods"], ask("history icd10cm Q99").code) == ([], 1)


# ---- days after the newest release


DAYS = {
    "a status": "status icd10cm E11.9",
    "a card": "lookup icd10cm E11.9",
    "a place": "children icd10cm E11",
    "a status of a dated system": "status hcpcs J1815",
    "a translation": "translate 250.00 --source icd9cm --target icd10cm",
    "an index": "index icd10cm back",
    "axes": "pcs explain 0FT44ZZ",
}


@pytest.mark.parametrize("case", DAYS)
@pytest.mark.parametrize("day", ["2031-01-01", "today"])
def test_a_day_after_the_newest_release(ask: Ask, case: str, day: str) -> None:
    """An answer for a later day says so on standard error, in one line without the reason that the answer has."""
    found = ask(f"{DAYS[case]} --on {day}")
    [note] = [line for line in found.err.splitlines() if line.startswith("note: ")]
    assert " is after the newest release of " in note
    assert f"{found.out}{found.err}".count("; load ") <= 1


@pytest.mark.parametrize("line", ["status icd10 A00 --on 2031-01-01", "status icd9cm 250.00 --on 2031-01-01"])
def test_a_day_of_a_system_without_ends(ask: Ask, line: str) -> None:
    """Where the newest release answers on, that is said; a system that has ended needs no newer release."""
    goes_on = "note: 2031-01-01 is after the newest release of ICD-10 (WHO), 2019, and answered from it\n"
    assert ask(line).err == (goes_on if " icd10 " in line else "")
