"""Expressions of a code and its modifiers."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology.errors import UnknownCodeError
from terminology.postcoordination import rules_of
from terminology.systems import SYSTEMS
from terminology_loaders.cpt import CptLoader
from terminology_loaders.hcpcs import HcpcsLoader

SAMPLES = Path(terminology.__file__).parent / "samples"
LOADERS = {"cpt": CptLoader(), "hcpcs": HcpcsLoader()}


@pytest.fixture(scope="module")
def cpt(tmp_path_factory):
    """The invented CPT sample."""
    folder = tmp_path_factory.mktemp("store")
    terminology.load(SAMPLES / "cpt", store=folder, loaders=LOADERS)
    return terminology.open(folder)["cpt"]


@pytest.mark.parametrize("code", ["99990:25", "99990:22:LT", " 99990:rt ", "01998:P1", "9990F:1P", "9990T:22"])
def test_billable(cpt, code):
    """Members in force that may stand together make a billable expression."""
    check = cpt.latest.check(code)
    assert ("billable", code.strip().upper()) == (check.status, check.code)
    assert f"{check.code} is billable on 2025-04-01 (release 2025-04)" == check.reason
    assert cpt.latest.is_billable(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("99990:", "expected a modifier of two characters, got ''"),
        ("99990:255", "expected a modifier of two characters, got '255'"),
        (":25", "expected a CPT code before the modifiers, got ''"),
        ("9999X:25", "expected a CPT code before the modifiers, got '9999X'"),
        ("LT:25", "expected a CPT code before the modifiers, got 'LT'"),
        ("99990:25:25", "modifier 25 is given twice"),
        ("99990:1P", "modifier 1P goes with Category II codes only"),
        ("99990:8P", "modifier 8P goes with Category II codes only"),
        ("99990:P1", "modifier P1 goes with anesthesia codes (00100 to 01999) only"),
        ("0199F:P1", "modifier P1 goes with anesthesia codes (00100 to 01999) only"),
        ("9990F:50", "modifier 50 does not go with Category II codes"),
        ("9990F:51", "modifier 51 does not go with Category II codes"),
    ],
)
def test_malformed(cpt, code, reason):
    """Another shape, and members that must not stand together, are malformed with the reason."""
    check = cpt.latest.check(code)
    assert ("malformed", reason) == (check.status, check.reason)
    assert ("malformed", None) == (cpt.latest.status(code), cpt.latest.lookup(code))


@pytest.mark.parametrize(
    ("code", "reason"),
    [("99999:25", "99999 is not known"), ("99990:ZZ", "ZZ is not known"), ("9999T:25", "9999T is not known")],
)
def test_unknown(cpt, code, reason):
    """A member that nobody knows makes the expression unknown."""
    check = cpt.latest.check(code)
    assert ("unknown", reason) == (check.status, check.reason)
    assert cpt.latest.lookup(code) is None


@pytest.mark.parametrize(
    ("date", "code", "status", "reason"),
    [
        ("2024-12-31", "99993:25", "billable", "99993:25 is billable on 2024-12-31 (release 2024)"),
        ("2025-01-01", "99993:25", "expired", "99993 is no longer in force"),
        ("2024-12-31", "99994:25", "future", "99994 is not yet in force"),
        ("1990-01-01", "99990:25", "uncovered", "no release covers this day: nothing is known of 99990"),
    ],
)
def test_the_day_of_use(cpt, date, code, status, reason):
    """The expression is what the worst of its members is on the day."""
    check = cpt.on(date).check(code)
    assert (status, reason) == (check.status, check.reason)


def test_the_period(cpt):
    """An expression is in force while all of its members are."""
    check = cpt.on("2024-06-01").check("99993:25")
    assert ("2024-01-01", "2025-01-01") == (str(check.effective_from), str(check.effective_to))


def test_the_concept(cpt):
    """An expression is a concept under its base code, with the words of its members."""
    concept = cpt.latest["99990:25:LT"]
    assert ("expression", "99990", ["25", "LT"]) == (concept.kind, concept.parent, concept.properties["modifiers"])
    assert "Invented service, first level; Invented Separate Service; Invented left side" == concept.title


def test_no_place_in_the_tree(cpt):
    """Expressions are without number, and stand nowhere in the tree; notes are those of the base."""
    with pytest.raises(UnknownCodeError):
        cpt.latest.parent("99990:25")
    assert cpt.latest.notes("99990:25") == cpt.latest.notes("99990")


def test_modifiers_of_hcpcs(tmp_path):
    """Modifiers that CPT does not list are looked for in HCPCS, on the same day."""
    (tmp_path / "in").mkdir()
    for name in ("LONGULT_2024.txt", "MODUL_2024.txt"):
        text = (SAMPLES / "cpt" / name).read_text(encoding="utf-8").replace("2024", "2018")
        (tmp_path / "in" / name.replace("2024", "2018")).write_text(text, encoding="utf-8")
    terminology.load(tmp_path / "in", SAMPLES / "hcpcs", store=tmp_path / "store", loaders=LOADERS)
    store = terminology.open(tmp_path / "store")
    cpt, hcpcs = store["cpt"].on("2018-03-01"), store["hcpcs"].on("2018-03-01")
    held = [code for code in ("ZA", "E1", "GA", "TC") if str(hcpcs.status(code)) == "billable"]
    assert held
    assert {"billable"} == {str(cpt.status(f"99990:{code}")) for code in held}


def test_systems_without_expressions(tmp_path):
    """A colon in a code of another system is malformed as ever."""
    terminology.load(SAMPLES / "hcpcs", store=tmp_path, loaders=LOADERS)
    check = terminology.open(tmp_path)["hcpcs"].latest.check("C9014:25")
    assert ("malformed", "'C9014:25' cannot be a code of HCPCS Level II") == (check.status, check.reason)
    assert rules_of(SYSTEMS["hcpcs"]) is None


@pytest.mark.parametrize("text", ["99990:25", " 99990:lt:25 ", "99990:ZZ"])
def test_expressions_are_not_carried(cpt, text):
    """What becomes of an expression is not known, in force or not: its codes have to be asked for one by one."""
    members = text.strip().upper().split(":")
    expected = f"{':'.join(members)} is an expression of several codes: ask for each of them by itself"
    asked = {"source": "cpt", "target": "hcpcs"}
    for found in (cpt.became(text), cpt.migrate(text, "2024", "2025"), cpt.store.translate(text, **asked)):
        assert ("unknown", ":".join(members), ()) == (found.outcome, found.code, found.alternatives)
        assert f"{expected} ({', '.join(members)})" == found.reason
