"""Rules that need dated lists: present on admission, the code editor, CC and MCC."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from terminology import NoVersionError, Terminology, UnknownGroupingError
from terminology.claims import Ages, Auditor, Claim, Findings, audit
from terminology.claims.grouped_lists import GroupedLists
from terminology.claims.lists import NAMES, KeptLists
from terminology.model import Group, Groups, Source

from .conftest import InventedLists, Rules

STAY = {"service_date": None, "discharge_date": "2022-03-01", "sex": "F", "age": 40}
LISTS = InventedLists(
    {
        "poa_exempt": {"Z72.0": "exempt"},
        "mce_unacceptable_principal": {"Z72.0": "unacceptable_principal"},
        "mce_requires_secondary": {"A00.9": "requires_secondary"},
        "mce_manifestation": {"G30.9": "manifestation"},
        "mce_newborn": {"A08.0": "newborn"},
        "mce_adult": {"I10": "adult"},
        "mce_male": {"C44.0": "male"},
        "cc_level": {"J85.1": "mcc", "E11.9": "none", "J12.9": "cc"},
    },
    frozenset({("J85.1", "J12.9"), ("E11.9", "J12.9")}),
)


@pytest.mark.parametrize(
    ("diagnosis", "expected"),
    [
        ({"code": "E11.9", "poa": "Y"}, []),
        ({"code": "E11.9", "poa": ""}, ["poa_missing"]),
        ({"code": "E11.9", "poa": None}, ["poa_missing"]),
        ({"code": "E11.9", "poa": "1"}, ["poa_missing"]),
        ({"code": "E11.9", "poa": "Q"}, ["poa_invalid"]),
        ({"code": "Z72.0", "poa": ""}, []),
        ({"code": "Z72.0", "poa": "1"}, []),
        ({"code": "Z72.0", "poa": "n"}, ["poa_exempt"]),
    ],
)
def test_present_on_admission(rules: Rules, diagnosis: dict[str, Any], expected: list[str]) -> None:
    """Missing, given for an exempt diagnosis, or no indicator."""
    assert rules({"code": "J85.1", "poa": "W"}, diagnosis, lists=LISTS, **STAY) == expected


def test_present_on_admission_elsewhere(rules: Rules) -> None:
    """Only claims of inpatients have indicators."""
    assert rules({"code": "E11.9", "poa": "Y"}, lists=LISTS) == ["poa_unexpected"]
    assert rules({"code": "E11.9", "poa": ""}, lists=LISTS) == []


@pytest.mark.parametrize("indicator", ["", "1"])
def test_a_missing_indicator_cites_the_list_of_exempt_diagnoses(found: Callable[..., Findings], indicator: str) -> None:
    """The list of the day with its version and file; that a code is not on it has no line."""
    [missing] = found({"code": "J85.1", "poa": "W"}, {"code": "E11.9", "poa": indicator}, lists=LISTS, **STAY)
    assert missing.source == Source("icd10cm", "v39", "poa_exempt.txt", "5e" * 32, None)
    assert missing.message.endswith("not exempt from present on admission on 2022-03-01 (poa_exempt, version v39)")


def test_lists_that_rules_asked_are_named(noted_store: Terminology) -> None:
    """Those that cover the claim's day and that its rules need, each once, with their files; claims of others need none."""
    auditor = Auditor(noted_store, LISTS)
    coded = [{"code": "E11.9", "poa": "Y"}]
    auditor.findings(Claim.from_dict({"id": "1", "service_date": "2022-03-01", "diagnoses": coded}))
    auditor.findings(Claim.from_dict({"id": "2", "discharge_date": "2023-03-01", "diagnoses": coded}))
    assert auditor.lists == ()
    for _ in range(2):
        auditor.findings(Claim.from_dict({"id": "3", "discharge_date": "2022-03-01", "diagnoses": coded}))
    assert [one.grouping for one in auditor.lists] == [
        *("mce_manifestation", "mce_requires_secondary", "mce_unacceptable_principal", "poa_exempt")
    ]
    auditor.findings(Claim.from_dict({"id": "4", "diagnoses": [*coded, {"code": "J85.1", "poa": "Y"}], **STAY}))
    assert {"cc_level", "mce_newborn", "mce_male"} <= {one.grouping for one in auditor.lists}
    assert auditor.lists[0].sources[0].file == "cc_level.txt"


def unchecked(found: Findings) -> dict[str, str]:
    """Return the reasons by what was not checked."""
    return {one.what: one.reason for one in found.unchecked}


def test_a_claim_that_says_nothing_of_poa_is_not_checked(found: Callable[..., Findings]) -> None:
    """Where no diagnosis has the key; nor are age and sex, where the claim does not say them."""
    result = found("E11.9", lists=LISTS, service_date=None, discharge_date="2022-03-01")
    assert result == ()
    assert set(unchecked(result)) == {"POA", "ages by MCE", "sexes by MCE"}
    assert unchecked(result)["POA"] == "the claims do not say it"


def test_a_day_that_no_version_covers_is_not_checked(found: Callable[..., Findings]) -> None:
    """It is said for each kind of rule, with the day; never is a neighbour asked."""
    result = found({"code": "Z72.0", "poa": "Y"}, "A00.9", lists=InventedLists(missing=frozenset(NAMES)), **STAY)
    assert result == ()
    assert {str(one) for one in result.unchecked} == {
        f"not checked: {what}, no version with such a list covers 2022-03-01 (1 claim)"
        for what in (
            *("POA", "ages by MCE", "sexes by MCE", "principal diagnosis by MCE", "CC and MCC"),
            "principal diagnosis that requires a secondary one, by MCE",
        )
    }


@pytest.mark.parametrize(
    ("codes", "more", "expected"),
    [
        (["Z72.0", "E11.9"], {}, ["unacceptable_principal"]),
        (["E11.9", "Z72.0"], {}, []),
        (["A00.9"], {}, ["requires_secondary"]),
        (["A00.9", "E11.9"], {}, []),
        (["G30.9"], {}, ["manifestation_principal"]),
        (["E11.9", "A08.0"], {}, ["age_conflict"]),
        (["E11.9", "A08.0"], {"age": 0}, []),
        (["E11.9", "A08.0"], {"age": None, "birth_date": "2022-02-28"}, []),
        (["E11.9", "I10"], {"age": 14}, ["age_conflict"]),
        (["E11.9", "I10"], {"age": 15}, []),
        (["E11.9", "C44.0"], {}, ["sex_conflict"]),
        (["E11.9", "C44.0"], {"sex": "male"}, []),
        (["J85.1", "J12.9"], {}, []),
        (["A08.0", "Z72.0"], {"service_date": "2022-03-01", "kind": "outpatient", "discharge_date": None}, []),
    ],
)
def test_code_editor(rules: Rules, codes: list[str], more: dict[str, Any], expected: list[str]) -> None:
    """Principal diagnosis, age and sex of inpatients, by the lists of the day of discharge."""
    assert rules(*codes, lists=LISTS, **{**STAY, **more}) == expected


def test_a_complication_that_the_principal_diagnosis_excludes(found: Callable[..., Findings]) -> None:
    """Levels that count are looked up; no group is assigned."""
    result = [one for one in found("J12.9", "J85.1", "E11.9", lists=LISTS, **STAY) if one.rule == "cc_excluded"]
    assert [one.codes for one in result] == [("J85.1", "J12.9")]
    assert "J85.1 is a MCC" in result[0].message


def test_a_list_is_asked_once_a_version() -> None:
    """A million claims ask as many questions as there are codes."""
    asked: list[str] = []

    class Counting(InventedLists):
        def holds(self, name: str, code: str, day: datetime.date) -> Any:
            asked.append(code)
            return InventedLists.holds(self, name, code, day)

    kept = KeptLists(Counting(LISTS.codes))
    for day in range(1, 29):
        assert "poa_exempt" in kept.held("Z72.0", datetime.date(2022, 3, day))
    assert len(asked) == len(NAMES)
    kept.trim(0)
    kept.held("Z72.0", datetime.date(2022, 3, 1))
    assert len(asked) == 2 * len(NAMES)


def test_ages_that_a_version_does_not_say(found: Callable[..., Findings]) -> None:
    """Nobody guesses them: the table of a later version lists codes for mothers, and not from which age on."""
    lists = InventedLists({"mce_maternity": {"A08.0": "maternity"}})
    result = found("E11.9", "A08.0", lists=lists, **STAY)
    assert result == ()
    assert unchecked(result)["ages of mce_maternity"] == "version v39 does not say them"


# ---- groupings


class InventedGrouping:
    """A grouping of one version."""

    code_systems = ("icd10cm",)
    version = "v39"
    categories = ("newborn", "pediatric", "maternity", "unacceptable_principal")

    def __init__(self, groups: dict[str, Group]) -> None:
        self._groups = groups

    def on(self, day: datetime.date) -> InventedGrouping:
        """Return itself; no version covers the years from 2016 to 2020."""
        if day.year < 2021 and day.year > 2015:
            raise NoVersionError("no version")
        return self

    def properties(self, category: str) -> dict[str, int]:
        """Return the ages of a category."""
        return {"age_from": 0, "age_through": 17} if category == "pediatric" else {}

    def groups(self, code: str, _system: str) -> Groups:
        """Return the group of a code."""
        return Groups([self._groups[code]] if code in self._groups else [], version=self.version)


class InventedStore:
    """A store of groupings alone."""

    def __init__(self, **groupings: dict[str, Group]) -> None:
        self._groupings = {name: InventedGrouping(groups) for name, groups in groupings.items()}

    def grouping(self, name: str) -> InventedGrouping:
        """Return a grouping."""
        if name not in self._groupings:
            raise UnknownGroupingError(name)
        return self._groupings[name]


def test_lists_are_groupings_of_the_store() -> None:
    """The lists of the code editor are categories of one grouping; a CC names its collection of exclusions."""
    mcc = Group("mcc", None, None, "v39", detail={"exclusion": "0042"})
    store: Any = InventedStore(
        mce={"Z72.0": Group("unacceptable_principal", None, None, "v39")},
        cc_level={"J85.1": mcc, "J12.9": evolve(mcc, category="cc", detail={})},
        cc_exclusion={"J12.9": Group("0042", None, None, "v39"), "J85.1": Group("0042", None, None, "v39")},
    )
    lists, day = GroupedLists(store), datetime.date(2022, 3, 1)

    assert lists.version("mce_newborn", day) == "v39"
    assert lists.version("mce_newborn", datetime.date(2020, 3, 1)) is None
    assert lists.version("mce_newborn", datetime.date(2012, 3, 1)) is None
    assert lists.version("mce_requires_secondary", day) is None
    assert lists.version("poa_exempt", day) is None
    assert (lists.ages("mce_pediatric", day), lists.ages("mce_maternity", day)) == (Ages(0, 17), None)
    held = lists.holds("mce_unacceptable_principal", "Z72.0", day)
    assert held is not None
    assert held.category == "unacceptable_principal"
    assert lists.holds("mce_newborn", "Z72.0", day) is None
    assert lists.holds("mce_newborn", "0FT44ZZ", day) is None
    level = lists.holds("cc_level", "J85.1", day)
    assert level is not None
    assert level.category == "mcc"
    assert lists.excluded("J85.1", "J12.9", day) is not None
    assert lists.excluded("J12.9", "J85.1", day) is None


def test_a_list_that_a_version_lacks_is_said() -> None:
    """A table that others cut from the publisher's text has no list of diagnoses that require a secondary one."""
    store: Any = InventedStore(mce={"Z72.0": Group("unacceptable_principal", None, None, "v39")})
    kept = KeptLists(GroupedLists(store))
    covered = kept.covered(datetime.date(2022, 3, 1))
    assert "mce_unacceptable_principal" in covered
    assert "mce_requires_secondary" not in covered


def test_without_groupings_nothing_is_guessed(noted_store: Terminology) -> None:
    """A store without them says what is not checked."""
    result = audit({"id": "1", "discharge_date": "2022-03-01", "diagnoses": ["I10"]}, noted_store)
    assert {one.reason for one in result.unchecked} >= {"no version with such a list covers"}
