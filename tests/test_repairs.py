"""Damaged codes: each kind of damage has a rule, and what is repaired is the code that was meant, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import Edition, Status, Terminology
from terminology.repairs import Rule, repairs_of
from terminology.systems import SYSTEMS

CODES = {
    "icd10cm": {
        *("A00", "A00.0", "E11", "E11.9", "E11.90"[:5], "I10", "I25.10", "I25.110", "J06.9", "L25.10"[:5], "M54.50"),
        *("R51", "R51.0", "R51.9", "S06.0X0", "S06.0X0A", "T07", "T07.XXXA", "T07.XXXD", "W21.89", "W21.89XA", "J09.X"),
        *("O9A.111", "Y93.I1", "Y93.11", "O80"),
    },
    "icd10": {"A00.0", "E11.9", "I10"},
    "icd10gm": {"E11.9", "E11.90", "G83.88"},
    "icd9cm": {
        *("008.45", "008", "008.0", "008.00", "022", "038.1", "038.10", "038.9", "041", "041.0", "041.00", "042"),
        *(
            "003.22",
            "032.2",
            "116.0",
            "011.60",
            "220",
            "250",
            "250.0",
            "250.00",
            "389",
            "389.1",
            "389.10",
            "510",
            "510.0",
        ),
        *("845", "845.0", "V10.3", "401.9", "100.0", "010.00", "051", "389.0", "010.01", "100.1"),
    },
    "icd9pcs": {"00.66", "06.6", "01.24", "12.4", "06", "38.93", "38.9"},
    "icd10pcs": {"015L4ZZ", "01514ZZ", "0FT44ZZ", "0210093", "02700E6", "0W9F30Z", "XW033H6"},
    "hcpcs": {"J1815", "A0100", "G0477", "L1000", "LT"},
    "cpt": {"00100", "99213", "0001F", "25"},
    "plants": {"00123", "A0I", "A01"},
}


def repaired(system: str, text: str, *, is_foreign: bool = False) -> list[tuple[str, str]]:
    """Return the codes that are proposed, with the names of their rules."""
    definition = SYSTEMS.get(system) or SYSTEMS["hcpcs"]._replace(name=system, shape=r"[0-9]{5}|[A-Z][0-9A-Z]{2}")

    def status(code: str) -> Status:
        if code not in CODES[system]:
            return Status.UNKNOWN
        return Status.HEADER if f"{code}.0" in CODES[system] else Status.BILLABLE

    found = repairs_of(text, definition, status, is_foreign=is_foreign)
    return [(code, str(rule)) for code, rule in found]


@pytest.mark.parametrize(
    ("system", "text", "code", "rule"),
    [
        # what a spreadsheet did
        ("icd9cm", "38.9", "038.9", "leading_zeros"),
        ("icd9cm", "8.45", "008.45", "leading_zeros"),
        ("icd9pcs", "0.66", "00.66", "leading_zeros"),
        ("icd9pcs", ".66", "00.66", "leading_zeros"),
        ("icd9pcs", "1.24", "01.24", "leading_zeros"),
        ("icd9cm", "42", "042", "leading_zeros"),
        ("icd9cm", "5.1E+02", "510", "scientific_notation"),
        ("icd9cm", "2.5e+02", "250", "scientific_notation"),
        ("icd9cm", "3.89E+01", "038.9", "scientific_notation"),
        ("icd9cm", "8.45E+00", "008.45", "scientific_notation"),
        ("icd9cm", "4019.0", "401.9", "decimals"),
        ("icd9cm", "25,000", "250.00", "thousands_separators"),
        ("icd9cm", "25.000", "250.00", "thousands_separators"),
        ("icd10pcs", "210093", "0210093", "leading_zeros"),
        ("icd10pcs", "2.7E+09", "02700E6", "scientific_notation"),
        ("icd10pcs", "0210093.0", "0210093", "decimals"),
        ("cpt", "100", "00100", "leading_zeros"),
        ("cpt", "1E+02", "00100", "leading_zeros"),
        ("cpt", "99,213", "99213", "thousands_separators"),
        ("cpt", "1f", "0001F", "leading_zeros"),
        ("plants", "123", "00123", "leading_zeros"),
        # digits and letters that look alike
        ("icd10pcs", "0I5L4ZZ", "015L4ZZ", "confused_characters"),
        ("icd10pcs", "OFT44ZZ", "0FT44ZZ", "confused_characters"),
        ("icd10pcs", "0l5L4ZZ", "015L4ZZ", "confused_characters"),
        ("icd10cm", "I1O", "I10", "confused_characters"),
        ("icd10cm", "JO6.9", "J06.9", "confused_characters"),
        ("icd10cm", "EII.9", "E11.9", "confused_characters"),
        ("icd10cm", "E1L.9", "E11.9", "confused_characters"),
        ("icd10cm", "S06.0XOA", "S06.0X0A", "confused_characters"),
        ("icd10cm", "S06.OOA", "S06.0X0A", "confused_characters"),
        ("icd10cm", "O9A.11I", "O9A.111", "confused_characters"),
        ("icd10cm", "080", "O80", "confused_characters"),
        ("icd10cm", "125.110", "I25.110", "confused_characters"),
        ("icd10cm", "l25.10", "I25.10", "confused_characters"),
        ("icd9cm", "V1O.3", "V10.3", "confused_characters"),
        ("hcpcs", "J18I5", "J1815", "confused_characters"),
        ("hcpcs", "GO477", "G0477", "confused_characters"),
        # placeholders and seventh characters
        ("icd10cm", "W21.89A", "W21.89XA", "placeholder_missing"),
        ("icd10cm", "T07D", "T07.XXXD", "placeholder_missing"),
        ("icd10cm", "S06.00A", "S06.0X0A", "placeholder_missing"),
        ("icd10cm", "J09.", "J09.X", "placeholder_missing"),
        ("icd10cm", "T07XXXXD", "T07.XXXD", "placeholder_surplus"),
        ("icd10cm", "S06.0XX0A", "S06.0X0A", "placeholder_surplus"),
        ("icd10cm", "E11.9XX", "E11.9", "placeholder_surplus"),
        ("icd10", "E11.9X", "E11.9", "placeholder_surplus"),
        ("icd10cm", "I10A", "I10", "seventh_character_surplus"),
        ("icd10cm", "E11.9XXA", "E11.9", "seventh_character_surplus"),
        ("icd10cm", "R51A", "R51", "seventh_character_surplus"),
        # dots and signs
        ("icd10cm", "E1.19", "E11.9", "dot"),
        ("icd10cm", "A0.00", "A00.0", "dot"),
        ("icd10cm", "E11..9", "E11.9", "dot"),
        ("icd10cm", "E11.9.", "E11.9", "dot"),
        ("icd10cm", "E11.-", "E11", "dot"),
        ("icd10cm", "M54,50", "M54.50", "decimal_comma"),
        ("icd9cm", "250,00", "250.00", "decimal_comma"),
        ("hcpcs", "J-1815", "J1815", "signs"),
        ("hcpcs", "j1815-", "J1815", "signs"),
        ("icd10cm", "E11.90", "E11.9", "zeros_surplus"),
        ("icd10cm", "E119.0", "E11.9", "zeros_surplus"),
        ("icd10cm", "00E119", "E11.9", "zeros_surplus"),
        ("icd9cm", "0004019", "401.9", "zeros_surplus"),
        ("icd9cm", "000100.1", "100.1", "zeros_surplus"),
        ("icd9cm", "401.90", "401.9", "zeros_surplus"),
        # what is around it
        ("icd10cm", '"E11.9"', "E11.9", "quotes"),
        ("icd10cm", "'E119", "E11.9", "quotes"),
        ("icd10cm", '="E11.9"', "E11.9", "quotes"),
        ("icd10cm", "E11.9;", "E11.9", "quotes"),
        ("icd10cm", "E11 .9", "E11.9", "blanks"),
        ("icd10cm", "E11.9\u200b", "E11.9", "blanks"),
        ("icd10cm", "\ufeffE11.9", "E11.9", "blanks"),
        ("icd10cm", "I10\0\0", "I10", "blanks"),
        ("icd10cm", "E 11\u00a09", "E11.9", "blanks"),
        ("icd10cm", "\u0130\u0031\u0030", "I10", "look_alikes"),
        ("icd10cm", "\u013110", "I10", "look_alikes"),
        ("icd10cm", "\u017f06.0X0A", "S06.0X0A", "look_alikes"),
        ("icd10cm", "\u041511.9", "E11.9", "look_alikes"),
        ("icd10cm", "\uff25\uff11\uff11\uff0e\uff19", "E11.9", "look_alikes"),
    ],
)
def test_one_code_was_meant(system: str, text: str, code: str, rule: str) -> None:
    """Where one repair fits it is the only one, and its rule names the damage."""
    assert [(code, rule)] == repaired(system, text)


@pytest.mark.parametrize(
    ("system", "text", "codes"),
    [
        ("icd9cm", "38.1", ["038.1", "038.10"]),
        ("icd9cm", "8", ["008", "008.0", "008.00"]),
        ("icd9cm", "22", ["022", "220"]),
        ("icd9cm", "1,000", ["100.0", "010.00"]),
        ("icd9cm", "2500.0", ["250.0", "250.00"]),
        ("icd9cm", "1000.0", ["100.0", "010.00"]),
        ("icd9cm", "11.60", ["011.60", "116.0"]),
        ("icd9cm", "03.22", ["003.22", "032.2"]),
        # every number written with as many decimals
        ("icd9cm", "38.90", ["389.0", "038.9"]),
        ("icd9cm", "8.450", ["845.0", "008.45"]),
        # zeros before the code, or behind it
        ("icd9cm", "05100", ["051", "510.0"]),
        ("icd9cm", "00001001", ["010.01", "100.1"]),
        ("icd9cm", "389.00", ["389", "038.9", "389.0"]),
        ("icd10cm", "T07.XXX", ["T07", "T07.XXXA", "T07.XXXD"]),
        ("icd10cm", "Y93.II", ["Y93.I1", "Y93.11"]),
        ("plants", "AOI", ["A0I", "A01"]),
    ],
)
def test_several_codes_fit(system: str, text: str, codes: list[str]) -> None:
    """Where several repairs fit all of them are given."""
    assert codes == [code for code, _ in repaired(system, text)]


@pytest.mark.parametrize(
    ("system", "text"),
    [
        ("icd9cm", "389.99"),
        # what was between the header and the seventh character is lost
        ("icd9cm", ""),
        ("icd9cm", "."),
        ("icd9cm", "-1"),
        ("icd9cm", "1E+400"),
        ("icd9cm", "9.99E+99"),
        ("icd10cm", "no code"),
        ("icd10cm", "0.80"),
        ("icd10cm", "Q99.Z"),
        ("icd10cm", "W21.8XA"),
        ("icd10cm", "Z" * 33),
        ("icd10cm", "E11.9" + " " * 600),
        ("hcpcs", "J1815RT"),
        ("hcpcs", "11000"),
        ("icd10pcs", "0FT44Z"),
    ],
)
def test_nothing_fits(system: str, text: str) -> None:
    """What no rule leads to a code is left alone."""
    assert [] == repaired(system, text)


def test_a_code_of_another_kind_of_system_is_not_repaired() -> None:
    """E0110 of HCPCS is in the wrong column; but quotes around it, or zeros that a number lost, are repaired even so."""
    assert [] == repaired("icd10cm", "E11.90", is_foreign=True)
    assert [("E11.9", "quotes")] == repaired("icd10cm", "'E11.9'", is_foreign=True)
    assert [("038.9", "leading_zeros")] == repaired("icd9cm", "38.9", is_foreign=True)
    # no spreadsheet shows a zero at the end; a program that has numbers with decimals shows one
    assert [] == repaired("icd9pcs", "66.00", is_foreign=True) == repaired("icd9cm", "38.90", is_foreign=True)
    assert [("042", "leading_zeros")] == repaired("icd9cm", "42.0", is_foreign=True)


def test_every_rule_has_an_example() -> None:
    """No rule is without a text that it repairs, nor without the words of an explanation."""
    from terminology.query.explanations import DAMAGES

    marks = [mark for mark in test_one_code_was_meant.pytestmark if mark.name == "parametrize"]
    shown = {row[3] for row in marks[0].args[1]}
    several = {
        rule for text in ("38.1", "T07.XXX") for system in ("icd9cm", "icd10cm") for _, rule in repaired(system, text)
    }
    assert {str(rule) for rule in Rule} == shown | several
    assert set(Rule) == set(DAMAGES)


@pytest.mark.parametrize("system", CODES)
@given(st.text(max_size=12) | st.from_regex(r"[A-Z0-9.,E+' ]{1,10}", fullmatch=True))
def test_repairs_are_codes_that_may_be_proposed(system: str, text: str) -> None:
    """Whatever the text: each proposal is a code of those that are in force, and is there once."""
    found = [code for code, _ in repaired(system, text)]
    assert set(found) <= CODES[system]
    assert len(found) == len(set(found))


# ---- every code of a store, damaged in every way


def _number(code: str) -> str:
    whole, _, fraction = code.partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(whole)}.{fraction}" if fraction else str(int(whole))


DAMAGES: dict[str, tuple[str, Callable[[str], str]]] = {
    "dot moved": (r".+\..{2,}", lambda code: re.sub(r"\.(.)", r"\1.", code)),
    "dot twice": (r".+\..+", lambda code: code.replace(".", "..")),
    "leading zero lost": (r"0.+", lambda code: code[1:]),
    "as a number": (r"[0-9]+(\.[0-9]+)?", _number),
    "thousands separators": (r"[0-9]+(\.[0-9]+)?", lambda code: f"{int(code.replace('.', '')):,}"),
    "quotes": (r".+", lambda code: f'"{code}"'),
    "blank inside": (r".{4,}", lambda code: f"{code[:3]} {code[3:]}"),
    "O for 0": (r".*0.*", lambda code: code.replace("0", "O")),
    "I for 1": (r".*1.*", lambda code: code.replace("1", "I")),
    "l for 1": (r".*1.*", lambda code: code.replace("1", "l")),
    "X missing": (r".{4,}X.*", lambda code: code[:4] + code[4:].replace("X", "")),
    "X doubled": (r".{4,}X.*", lambda code: code[:4] + code[4:].replace("X", "XX")),
    "X padded": (r"[A-Z][0-9][0-9A-Z].{0,4}", lambda code: code.ljust(8 if "." in code else 7, "X")),
}


def _editions(store: Terminology) -> list[Edition]:
    retired = {"icd9cm", "icd9pcs"}
    return [
        system.on(system.releases[-1].effective) if name in retired else system.latest for name, system in store.items()
    ]


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_damage_leads_to_another_code(store: Terminology, damage: str) -> None:
    """Every code of the samples: what comes back is the code, or several with it, or nothing, never one other code."""
    shape, damaged = DAMAGES[damage]
    asked = wrong = 0
    for edition in _editions(store):
        for code in edition:
            text = damaged(code) if re.fullmatch(shape, code) else code
            if text == code or edition.is_valid(text):
                continue
            asked += 1
            found = edition.check(text)
            wrong += found.suggestion not in (None, code)
    assert asked
    assert wrong == 0


# ---- in answers


def test_two_repairs_are_both_explained_and_none_is_suggested(store: Terminology) -> None:
    """A check suggests the one code that fits; of several an explanation names all, each with its rule."""
    edition = store["icd10cm"].on("2022-03-01")
    assert (edition.check("W21.89A").suggestion, edition.check("W21.89A").rule) == ("W21.89XA", "placeholder_missing")
    doubtful = edition.explain("W21.89X")
    assert (None, None) == (edition.check("W21.89X").suggestion, edition.check("W21.89X").rule)
    assert len(doubtful.suggestions) == len(doubtful.rules) > 1
    assert "W21.89XA" in doubtful.suggestions


@pytest.mark.parametrize("text", ["\u0130\u0031\u0030", "\u013110", "\u017f06.0X0A", "\u212a11", "M54.\uff15"])
def test_look_alikes_are_malformed(store: Terminology, text: str) -> None:
    """A letter that only upper-casing makes one of a code is no letter of a code, in any system."""
    for name in {*store} & {*SYSTEMS}:
        assert store[name].latest.status(text) == "malformed"


def test_a_chapter_is_no_repair(store: Terminology) -> None:
    """Digits that are left of a damaged text are not taken for the number of a chapter, nor a prefix for a code."""
    assert store["icd10cm"].latest.is_valid("13")
    assert store["icd10cm"].latest.check("\u0401 13").suggestion is None
    assert store["icd10cm"].latest.check("'13'").suggestion is None


@pytest.mark.parametrize(
    ("system", "text", "others"),
    [("icd10cm", "J1815", ("hcpcs",)), ("hcpcs", "M54.5", ("icd10cm",)), ("icd10cm", "0", ()), ("hcpcs", "13", ())],
)
def test_whole_codes_only_name_another_system(store: Terminology, system: str, text: str, others: Any) -> None:
    """A prefix of ICD-10-PCS or a chapter is no code: that another system has it says nothing."""
    assert others == tuple(
        name
        for name in store[system].on("2019-03-01").check(text).other_systems
        if name in ("hcpcs", "icd10cm", "icd10pcs")
    )


def test_a_repair_counts_more_than_a_variant(store: Terminology) -> None:
    """E11.90 is a code of the German variant; asked of ICD-10-CM it is E11.9 with a zero too many."""
    edition = store["icd10cm"].on("2022-03-01")
    found = edition.check("E11.90")
    assert ("E11.9", ()) == (found.suggestion, found.other_systems)
    assert Status.UNKNOWN is found.status
