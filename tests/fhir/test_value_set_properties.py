"""Value sets that nobody thought of: what is expanded, what is validated and what sets say of each other are the same.

A small code system with a hierarchy and properties is invented, and value sets of includes, excludes, filters and
imports over it. What they hold is worked out a second time (`invented_sets`), by going through all codes and asking of
each whether it is meant: no index, no order, no choice of what to look at first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.fhir import FhirVersion, Request, Resource, Service
from terminology.fhir.validation import Validation

from .invented_sets import CODES, COLOURS, SETS, URL, World, worlds

SPELLINGS: Final = (*CODES, "A", "zz")
"""What is validated: every code that may be there, one in another case, one that is nowhere."""


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
        kinds = {bool: "valueBoolean", int: "valueInteger"}
        sent = [{"name": name, kinds[type(value)]: value} for name, value in parameters.items()]
        return dict(self.answer("ValueSet/$expand", *sent)["expansion"])

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
    whole = codes(asked.expansion(excludeNested=True).get("contains", ()))
    starts = range(0, len(whole) + count, count)
    pages = [asked.expansion(excludeNested=True, count=count, offset=start) for start in starts]
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


# ---- several versions


@st.composite
def layers(draw: st.DrawFn) -> tuple[Mapping[str, Mapping[str, Sequence[str]]], Resource]:
    """Return the colours of codes by version of a code system, and a value set that names versions."""
    colours = st.dictionaries(
        st.sampled_from(CODES), st.lists(st.sampled_from(COLOURS), max_size=2, unique=True), min_size=1, max_size=5
    )
    versions = {version: draw(colours) for version in ("1", "2")}
    listed = st.lists(st.sampled_from(CODES), min_size=1, max_size=4).map(
        lambda codes: {"concept": [{"code": one} for one in codes]}
    )
    coloured = st.sampled_from(COLOURS).map(lambda one: {"filter": [{"property": "colour", "op": "=", "value": one}]})
    which = st.one_of(st.just({}), listed, coloured)
    includes = st.builds(lambda version, one: {"system": URL, "version": version, **one}, st.sampled_from("12"), which)
    excludes = st.builds(
        lambda version, one: {"system": URL, **version, **one}, st.sampled_from([{}, {"version": "1"}]), which
    )
    compose: Resource = {"include": draw(st.lists(includes, min_size=1, max_size=3))}
    if excluded := draw(st.lists(excludes, max_size=2)):
        compose["exclude"] = excluded
    return versions, {"resourceType": "ValueSet", "url": f"{SETS}layers", "status": "active", "compose": compose}


def in_layers(
    versions: Mapping[str, Mapping[str, Sequence[str]]], value_set: Resource, version: str, code: str
) -> bool:
    """Return whether a value set has a code of a version: an exclude that names no version means any."""

    def means(clause: Resource) -> bool:
        if clause.get("version", version) != version or code not in versions[version]:
            return False
        if "concept" in clause:
            return {"code": code} in clause["concept"]
        return all(one["value"] in versions[version][code] for one in clause.get("filter", ()))

    compose = value_set["compose"]
    return any(map(means, compose["include"])) and not any(map(means, compose.get("exclude", ())))


@given(layered=layers())
def test_members_of_several_versions(service: Service, layered: Any) -> None:
    """Each version of a code is a member of its own; without a version a code is valid where any of them is."""
    versions, value_set = layered
    declared = {"property": [{"code": "colour", "type": "code"}], "status": "active", "content": "complete"}
    systems = [
        {
            "resourceType": "CodeSystem",
            "url": URL,
            "version": version,
            **declared,
            "concept": [_coloured(*one) for one in held.items()],
        }
        for version, held in versions.items()
    ]
    sent = [{"name": "tx-resource", "resource": one} for one in (*systems, value_set)]
    sent.append({"name": "url", "valueUri": value_set["url"]})

    def answer(path: str, *more: Resource) -> Resource:
        body = {"resourceType": "Parameters", "parameter": [*more, *sent]}
        return service.answer(Request(path, "r5", "POST", (), body)).resource

    every = [(version, code) for version in versions for code in CODES]
    expected = {one for one in every if in_layers(versions, value_set, *one)}
    expansion = answer("ValueSet/$expand")["expansion"]
    assert expansion["total"] == len(expected)
    stated = {one["version"] for one in value_set["compose"]["include"]}
    found = [(one.get("version", min(stated)), one["code"]) for one in expansion.get("contains", ())]
    assert sorted(found) == sorted(expected)
    for version, code in every:
        if version in stated:
            coding = {"system": URL, "version": version, "code": code}
            of_version = answer("ValueSet/$validate-code", {"name": "coding", "valueCoding": coding})["parameter"]
            assert result(of_version) == ((version, code) in expected)
        of_any = answer("ValueSet/$validate-code", {"name": "coding", "valueCoding": {"system": URL, "code": code}})
        assert result(of_any["parameter"]) == any((one, code) in expected for one in stated)


def _coloured(code: str, colours: Sequence[str]) -> Resource:
    held = [{"code": "colour", "valueCode": one} for one in colours]
    return {"code": code, "property": held} if held else {"code": code}


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
