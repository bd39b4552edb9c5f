"""Small code systems with value sets over them, invented, and what they hold worked out by going through all codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen
from hypothesis import strategies as st

from terminology.fhir import Resource

URL: Final = "http://example.org/cs/invented"
SETS: Final = "http://example.org/vs/"
CODES: Final = ("a", "aa", "ab", "aab", "b", "ba", "c", "ca", "cb", "d")
COLOURS: Final = ("red", "green")


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
