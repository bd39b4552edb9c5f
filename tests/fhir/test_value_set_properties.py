"""Value sets that nobody thought of: what is expanded, what is validated and what sets say of each other are the same.

A small code system with a hierarchy and properties is invented, and value sets of includes, excludes, filters and
imports over it. What they hold is worked out here a second time, by going through all codes and asking of each whether
it is meant: no index, no order, no choice of what to look at first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.fhir import FhirVersion, Request, Resource, Service
from terminology.fhir.validation import Validation

URL: Final = "http://example.org/cs/invented"
SETS: Final = "http://example.org/vs/"
CODES: Final = ("a", "aa", "ab", "aab", "b", "ba", "c", "ca", "cb", "d")
COLOURS: Final = ("red", "green")
SPELLINGS: Final = (*CODES, "A", "zz")
"""What is validated: every code that may be there, one in another case, one that is nowhere."""


@frozen
class Member:
    """A concept of the invented code system."""

    code: str
    parents: tuple[str, ...]
    colours: tuple[str, ...]
    is_inactive: bool
    is_abstract: bool


@frozen
class World:
    """A code system and value sets over it; each may import those before it."""

    members: Mapping[str, Member]
    value_sets: tuple[Resource, ...] = field(factory=tuple)

    # ---- the second evaluation

    def above(self, code: str) -> set[str]:
        """Return what is above a code, by walking up as far as it goes."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            for parent in self.members[waiting.pop()].parents:
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    def below(self, code: str) -> set[str]:
        """Return what is directly below a code."""
        return {one.code for one in self.members.values() if code in one.parents}

    def holds(self, value_set: Resource, code: str) -> bool:
        """Return whether a value set has a code."""
        compose = value_set["compose"]
        if not any(self._clause_holds(one, code) for one in compose["include"]):
            return False
        if any(self._clause_holds(one, code) for one in compose.get("exclude", ())):
            return False
        return compose.get("inactive") is not False or not self.members[code].is_inactive

    def _clause_holds(self, clause: Resource, code: str) -> bool:
        if "concept" in clause and code not in [one["code"] for one in clause["concept"]]:
            return False
        if not all(self._filter_holds(one, code) for one in clause.get("filter", ())):
            return False
        imported = [one for url in clause.get("valueSet", ()) for one in self.value_sets if one["url"] == url]
        return all(self.holds(one, code) for one in imported)

    def _filter_holds(self, element: Resource, code: str) -> bool:
        name, operator, value = element["property"], element["op"], element["value"]
        above = self.above(code)
        if name == "concept" and operator in (
            "is-a",
            "descendent-of",
            "is-not-a",
            "descendent-leaf",
            "child-of",
            "generalizes",
        ):
            return {
                "is-a": code == value or value in above,
                "descendent-of": value in above,
                "is-not-a": code != value and value not in above,
                "descendent-leaf": value in above and not self.below(code),
                "child-of": value in self.members[code].parents,
                "generalizes": code == value or (value in self.members and code in self.above(value)),
            }[operator]
        held: Sequence[str] = {
            "concept": (code,),
            "colour": self.members[code].colours,
            "parent": self.members[code].parents,
            "child": tuple(self.below(code)),
        }[name]
        wanted = value.split(",")
        return {
            "=": value in held,
            "in": any(one in wanted for one in held),
            "not-in": not any(one in wanted for one in held),
            "exists": bool(held) == (value == "true"),
            "regex": any(re.fullmatch(value, one) for one in held),
        }[operator]

    # ---- as resources

    @property
    def code_system(self) -> Resource:
        """The code system, with parents as properties."""
        declared = [
            {"code": "colour", "type": "code"},
            {"code": "parent", "type": "code", "uri": "http://hl7.org/fhir/concept-properties#parent"},
            {"code": "inactive", "type": "boolean", "uri": "http://hl7.org/fhir/concept-properties#inactive"},
            {"code": "notSelectable", "type": "boolean", "uri": "http://hl7.org/fhir/concept-properties#notSelectable"},
        ]
        return {
            "resourceType": "CodeSystem",
            "url": URL,
            "version": "1",
            "status": "active",
            "content": "complete",
            "caseSensitive": True,
            "property": declared,
            "concept": [_element(one) for one in self.members.values()],
        }


def _element(member: Member) -> Resource:
    properties: list[Resource] = [{"code": "parent", "valueCode": one} for one in member.parents]
    properties += [{"code": "colour", "valueCode": one} for one in member.colours]
    if member.is_inactive:
        properties.append({"code": "inactive", "valueBoolean": True})
    if member.is_abstract:
        properties.append({"code": "notSelectable", "valueBoolean": True})
    made: Resource = {"code": member.code, "display": f"Concept {member.code}"}
    return {**made, "property": properties} if properties else made


# ---- what is invented


@st.composite
def members(draw: st.DrawFn) -> Mapping[str, Member]:
    """Return concepts; each may stand below several of those before it."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, unique=True))
    found: dict[str, Member] = {}
    for code in codes:
        parents = draw(st.lists(st.sampled_from(sorted(found)), max_size=2, unique=True)) if found else []
        colours = draw(st.lists(st.sampled_from(COLOURS), max_size=2, unique=True))
        flags = draw(st.tuples(st.booleans(), st.booleans()))
        found[code] = Member(code, tuple(parents), tuple(colours), *flags)
    return found


OF_HIERARCHY: Final = ("is-a", "descendent-of", "is-not-a", "descendent-leaf", "child-of", "generalizes")
REGEXES: Final = ("a.*", "[ab]+", "r.d", ".")
FILTERS: Final = st.one_of(
    st.builds(
        lambda operator, value: {"property": "concept", "op": operator, "value": value},
        st.sampled_from(OF_HIERARCHY),
        st.sampled_from(CODES),
    ),
    st.builds(
        lambda name, operator, values: {"property": name, "op": operator, "value": ",".join(values)},
        st.sampled_from(("concept", "colour", "parent", "child")),
        st.sampled_from(("in", "not-in")),
        st.lists(st.sampled_from((*CODES, *COLOURS)), min_size=1, max_size=3),
    ),
    st.builds(
        lambda name, value: {"property": name, "op": "=", "value": value},
        st.sampled_from(("concept", "colour", "parent", "child")),
        st.sampled_from((*CODES, *COLOURS)),
    ),
    st.builds(
        lambda name, value: {"property": name, "op": "regex", "value": value},
        st.sampled_from(("concept", "colour", "parent", "child")),
        st.sampled_from(REGEXES),
    ),
    st.builds(
        lambda name, value: {"property": name, "op": "exists", "value": value},
        st.sampled_from(("colour", "parent", "child")),
        st.sampled_from(("true", "false")),
    ),
)


@st.composite
def clauses(draw: st.DrawFn, before: Sequence[str]) -> Resource:
    """Return an include or exclude: of the code system, whole, listed or filtered, or of value sets, or of both."""
    kinds = ["whole", "listed", "filtered"] + (["imported", "both"] if before else [])
    kind = draw(st.sampled_from(kinds))
    made: Resource = {} if kind == "imported" else {"system": URL}
    if kind == "listed":
        listed = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=4))
        made["concept"] = [{"code": one} for one in listed]
    if kind in ("filtered", "both"):
        made["filter"] = draw(st.lists(FILTERS, min_size=1, max_size=2))
    if kind in ("imported", "both"):
        made["valueSet"] = draw(st.lists(st.sampled_from(before), min_size=1, max_size=2, unique=True))
    return made


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a code system with value sets; the last one is asked about."""
    made: list[Resource] = []
    for number in range(draw(st.integers(1, 3))):
        before = [one["url"] for one in made]
        compose: Resource = {"include": draw(st.lists(clauses(before), min_size=1, max_size=3))}
        if excludes := draw(st.lists(clauses(before), max_size=2)):
            compose["exclude"] = excludes
        if draw(st.booleans()):
            compose["inactive"] = draw(st.booleans())
        head = {"resourceType": "ValueSet", "url": f"{SETS}{number}", "status": "active", "experimental": False}
        made.append({**head, "compose": compose})
    return World(draw(members()), tuple(made))


# ---- asked


class Asked:
    """A service that sees a world."""

    def __init__(self, service: Service, world: World, fhir: FhirVersion = "r5") -> None:
        self._service = service
        self._fhir = fhir
        self._resources = [{"name": "tx-resource", "resource": one} for one in (world.code_system, *world.value_sets)]
        self._url = world.value_sets[-1]["url"]

    def answer(self, path: str, *parameters: Resource) -> Resource:
        """Return the answer to an operation about the last value set."""
        sent = [{"name": "url", "valueUri": self._url}, *parameters, *self._resources]
        body = {"resourceType": "Parameters", "parameter": sent}
        response = self._service.answer(Request(path, self._fhir, "POST", (), body))
        assert response.status == 200, response.resource
        return response.resource

    def expansion(self, **parameters: int) -> Resource:
        """Return the expansion."""
        numbers = [{"name": name, "valueInteger": value} for name, value in parameters.items()]
        return dict(self.answer("ValueSet/$expand", *numbers)["expansion"])

    def validated(self, code: str, *parameters: Resource) -> list[Resource]:
        """Return the parameters of the answer whether a code is in the value set."""
        coding = {"name": "coding", "valueCoding": {"system": URL, "code": code}}
        return list(self.answer("ValueSet/$validate-code", coding, *parameters)["parameter"])


def codes(entries: Sequence[Resource]) -> list[str]:
    """Return the codes of entries, and of those below them."""
    return [code for one in entries for code in (one["code"], *codes(one.get("contains", ())))]


def result(parameters: Sequence[Resource]) -> bool:
    """Return the result of a validation."""
    return next(bool(one["valueBoolean"]) for one in parameters if one["name"] == "result")


@given(world=worlds())
def test_expansion_and_validation_are_the_set(service: Service, world: World) -> None:
    """The codes that are expanded, those that are valid, and those that each clause holds by itself are the same."""
    expected = {code for code in world.members if world.holds(world.value_sets[-1], code)}
    asked = Asked(service, world)
    expansion = asked.expansion()
    found = codes(expansion.get("contains", ()))
    assert sorted(found) == sorted(expected)
    assert expansion["total"] == len(expected)
    assert {code for code in SPELLINGS if result(asked.validated(code))} == expected


@given(world=worlds(), count=st.integers(1, 4))
def test_pages_make_the_whole(service: Service, world: World, count: int) -> None:
    """Page after page gives each code once, in an order that stays; and each page says how many there are."""
    asked = Asked(service, world)
    listed = asked.answer("ValueSet/$expand", {"name": "excludeNested", "valueBoolean": True})["expansion"]
    whole = codes(listed.get("contains", ()))
    pages = [asked.expansion(count=count, offset=offset) for offset in range(0, len(whole) + count, count)]
    assert whole == [one["code"] for page in pages for one in page.get("contains", ())]
    assert {page["total"] for page in pages} == {len(whole)}


@given(world=worlds(), code=st.sampled_from(SPELLINGS))
def test_both_versions_say_the_same(service: Service, world: World, code: str) -> None:
    """What is expanded and what is validated does not depend on the version of FHIR."""
    r4, r5 = Asked(service, world, "r4"), Asked(service, world, "r5")
    of_r4, of_r5 = r4.expansion(), r5.expansion()
    assert codes(of_r4.get("contains", ())) == codes(of_r5.get("contains", ()))
    assert of_r4["total"] == of_r5["total"]
    assert r4.validated(code) == r5.validated(code)


@given(world=worlds(), code=st.sampled_from(CODES))
def test_stricter_questions(service: Service, world: World, code: str) -> None:
    """Inactive codes are left out where only active ones are wanted, abstract ones where they are refused."""
    asked = Asked(service, world)
    member = world.members.get(code)
    is_in = member is not None and world.holds(world.value_sets[-1], code)
    active = [{"name": "activeOnly", "valueBoolean": True}]
    assert result(asked.validated(code, *active)) == (is_in and not (member and member.is_inactive))
    concrete = [{"name": "abstract", "valueBoolean": False}]
    assert result(asked.validated(code, *concrete)) == (is_in and not (member and member.is_abstract))
    left = codes(asked.answer("ValueSet/$expand", *active)["expansion"].get("contains", ()))
    assert (code in left) == (is_in and not (member and member.is_inactive))


LOADED: Final = st.tuples(
    st.sampled_from(
        [
            (
                "http://hl7.org/fhir/sid/icd-10-cm",
                "E11.9",
                "E11",
                "e119",
                "M54.5",
                "M54.50",
                "F32.A",
                "W21.89A",
                "U07.1",
            ),
            ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "J1815", "LT", "C9014", "j1815", "J"),
            ("http://www.cms.gov/Medicare/Coding/ICD10", "0FT44ZZ", "0FT", "0FT4"),
            ("http://www.ama-assn.org/go/cpt", "99990", "99990:25", "99993"),
            ("http://hl7.org/fhir/sid/icd-9-cm", "250.00", "47.01", "4701"),
        ]
    ).flatmap(lambda one: st.tuples(st.just(one[0]), st.sampled_from(one[1:]))),
    st.sampled_from([None, "2015-09-30", "2018-12-31", "2019-01-01", "2021-09-30", "2022-04-01", "1990-01-01"]),
    st.sampled_from([None, "?fhir_vs", "?fhir_vs=isa/E11"]),
    st.lists(
        st.sampled_from(["abstract", "activeOnly", "lenient-code-validation", "valueset-membership-only"]), max_size=2
    ),
    st.booleans(),
)


def _validation_of(service: Service, asked: Any, fhir: FhirVersion) -> Resource:
    (url, code), day, value_set, flags, is_coding = asked
    sent: list[Resource] = [{"name": name, "valueBoolean": name != "abstract"} for name in dict.fromkeys(flags)]
    if day:
        sent.append({"name": "date", "valueDateTime": day})
    if value_set:
        sent.append({"name": "url", "valueUri": url + value_set})
    if is_coding:
        sent.append({"name": "coding", "valueCoding": {"system": url, "code": code}})
    else:
        sent += [{"name": "system", "valueUri": url}, {"name": "code", "valueCode": code}]
    kind = "ValueSet" if value_set else "CodeSystem"
    body = {"resourceType": "Parameters", "parameter": sent}
    return service.answer(Request(f"{kind}/$validate-code", fhir, "POST", (), body)).resource


@settings(max_examples=200)
@given(asked=LOADED, fhir=st.sampled_from(["r4", "r5"]))
def test_the_short_way_answers_as_the_long_one(service: Service, asked: Any, fhir: FhirVersion) -> None:
    """Codes that there is nothing to say about are answered at once, with what the whole reading would answer."""
    short = _validation_of(service, asked, fhir)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Validation, "_plain", lambda _, coding: None)  # noqa: ARG005 -- as what it stands for
        assert short == _validation_of(service, asked, fhir)


def test_the_short_way_is_taken(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a code that there is nothing to say about, so that the comparison is of two ways."""
    taken = []
    plain = Validation._plain
    monkeypatch.setattr(Validation, "_plain", lambda self, coding: taken.append(plain(self, coding)) or taken[-1])
    _validation_of(service, (("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"), None, None, [], True), "r5")
    assert taken[0] is not None
