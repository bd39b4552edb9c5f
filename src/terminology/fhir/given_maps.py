"""ConceptMaps that come with a request, or that the service holds as resources: what they say of a code.

They are read as they come, in the words of R4 or of R5: ``equivalence`` or ``relationship``, ``unmatched`` or
``noMap``, ``provided`` or ``use-source-code``, a version in ``sourceVersion`` or behind a bar.

A group speaks for the version of the system that it names. Where a question names another one, the group is not
asked; hapi-fhir once ignored this, and gave the answers of another year.

A target with ``dependsOn`` holds only if what it depends on is known to be so. Where the question does not tell, the
match is returned with its condition, and does not count as a translation; where it tells otherwise, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from .exchange import Resource
from .matches import Detail, Found, Match
from .outcomes import FhirError, failure
from .questions import IMPLICIT, Coding, Question
from .relationships import EQUIVALENCES, NO_MAP, RELATED, UNMATCHED, relationship_of

PROVIDED: Final = ("use-source-code", "provided")
OTHER_MAP: Final = "other-map"
FIXED: Final = "fixed"


@frozen
class Statement:
    """One target of an element of a map, or that an element has none."""

    code: str
    """Of the element."""
    display: str | None
    target: Resource | None
    """None where there is nothing to map to."""


class GivenGroup:
    """A group of a ConceptMap: from one system to another."""

    def __init__(self, group: Resource, owner: GivenMap) -> None:
        self.owner = owner
        self.source, self.source_version = _system(group, "source")
        self.target, self.target_version = _system(group, "target")
        self.unmapped: Resource = group["unmapped"] if isinstance(group.get("unmapped"), dict) else {}
        self._elements = _items(group, "element")

    @cached_property
    def by_source(self) -> Mapping[str, Sequence[Statement]]:
        """What is said of each code of the source."""
        found: dict[str, list[Statement]] = {}
        for statement in self._statements():
            found.setdefault(statement.code, []).append(statement)
        return found

    @cached_property
    def by_target(self) -> Mapping[str, Sequence[Statement]]:
        """What leads to each code of the target."""
        found: dict[str, list[Statement]] = {}
        for statement in self._statements():
            if statement.target is not None and isinstance(code := statement.target.get("code"), str):
                found.setdefault(code, []).append(statement)
        return found

    def _statements(self) -> Iterator[Statement]:
        for element in self._elements:
            code, display = element.get("code"), _text(element, "display")
            if not isinstance(code, str):
                continue
            stated = _items(element, "target")
            targets = [one for one in stated if one.get("equivalence") != UNMATCHED]
            # an element without any target, and without noMap, says nothing
            if not targets and (stated or element.get("noMap") is True):
                yield Statement(code, display, None)
            for target in targets:
                yield Statement(code, display, target)

    def is_for(self, question: Question, coding: Coding) -> bool:
        """Return whether the group speaks of the code's system, in its version, and of the system that is sought."""
        sides = [(self.source, self.source_version), (self.target, self.target_version)]
        own, other = sides[::-1] if question.is_reverse else sides
        sought = Coding(question.sought, "", question.sought_version)
        return _agrees(own, coding) and _agrees(other, sought)


class GivenMap:
    """A ConceptMap as a resource. What it says is sorted by code when it is first asked."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.url = _text(resource, "url")
        self.version = _text(resource, "version")
        self.groups = [GivenGroup(group, self) for group in _items(resource, "group")]

    @property
    def canonical(self) -> str | None:
        """URL and version; None where it has no URL."""
        return f"{self.url}|{self.version}" if self.url and self.version else self.url

    @property
    def called(self) -> str:
        """The map, in a sentence."""
        return self.canonical or f"ConceptMap {_text(self.resource, 'id') or 'without url'}"

    def is_named(self, url: str, version: str | None = None) -> bool:
        """Return whether it is the map of a URL, which may have a version behind a bar."""
        plain, _, stated = url.partition("|")
        return self.url == plain and (version or stated or self.version) == self.version

    def is_in_scope(self, question: Question) -> bool:
        """Return whether it is between the value sets that are asked for; so is one that does not say."""
        scopes = (("source", question.source_scope), ("target", question.target_scope))
        return all(self._is_scope(side, wanted) for side, wanted in scopes)

    def _is_scope(self, side: str, wanted: str | None) -> bool:
        if wanted is None or wanted.endswith(IMPLICIT):
            # of all codes of a system the groups decide
            return True
        names = (f"{side}ScopeUri", f"{side}ScopeCanonical", f"{side}Uri", f"{side}Canonical")
        stated = next((text for name in names if (text := _text(self.resource, name))), None)
        return stated is None or stated.partition("|")[0] == wanted.partition("|")[0]

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """URIs of the attributes that the map defines, by code."""
        return {
            code: uri
            for one in _items(self.resource, "additionalAttribute")
            if (code := _text(one, "code")) and (uri := _text(one, "uri"))
        }

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """URIs of the properties that the map defines, by code."""
        return {
            code: uri
            for one in _items(self.resource, "property")
            if (code := _text(one, "code")) and (uri := _text(one, "uri"))
        }


def found_in(given: GivenMap, question: Question, coding: Coding) -> tuple[Found, list[str]]:
    """Return what a map says of a code, and the URLs of other maps that it leaves the code to."""
    matches: list[Match] = []
    said: list[str] = []
    others: list[str] = []
    for group in given.groups:
        if not group.is_for(question, coding):
            continue
        index = group.by_target if question.is_reverse else group.by_source
        statements = index.get(coding.code, ())
        made = [match for one in statements if (match := _match(group, one, question))]
        if not statements and not question.is_reverse:
            made = list(_unmapped(group, coding, others))
        matches += made
        said += _sentences(group, coding, made)
    # values that JSON has cannot be hashed
    return Found(tuple({repr(match): match for match in matches}.values()), tuple(said)), others


def _sentences(group: GivenGroup, coding: Coding, made: Sequence[Match]) -> Iterator[str]:
    if not made:
        yield f"{group.owner.called} has no mapping of '{coding.code}' of {coding.system}"
    elif all(match.relationship is NO_MAP for match in made):
        yield f"{group.owner.called} says that '{coding.code}' has no counterpart in {group.target}"
    elif not any(match.holds for match in made):
        yield f"{group.owner.called} maps '{coding.code}' only where something else is known: see dependsOn"


def _match(group: GivenGroup, statement: Statement, question: Question) -> Match | None:
    """Return a statement as a match; None where it depends on what the question says is otherwise."""
    owner, target = group.owner, statement.target
    source = _coding(group.source, group.source_version, statement.code, statement.display)
    if target is None:
        return Match(NO_MAP, source, None, owner.canonical)
    if not isinstance(target.get("code"), str):
        # a set of values: which of them is meant, nobody says
        return None
    conditions = [_detail(owner, part) for part in _items(target, "dependsOn")]
    met = [_is_met(part, question.dependencies, owner) for part in _items(target, "dependsOn")]
    if False in met:
        return None
    return Match(
        relationship=_relationship(target, owner),
        source=source,
        target=_coding(group.target, group.target_version, target["code"], _text(target, "display")),
        origin=owner.canonical,
        product=tuple(_detail(owner, part) for part in _items(target, "product")),
        depends_on=tuple(conditions),
        properties=tuple(_property(owner, part) for part in _items(target, "property")),
        holds=None not in met,
    )


def _unmapped(group: GivenGroup, coding: Coding, others: list[str]) -> Iterator[Match]:
    """Yield what a group says of all codes that it does not name; what it leaves to other maps is added to these."""
    unmapped, mode, owner = group.unmapped, group.unmapped.get("mode"), group.owner
    code = _text(unmapped, "code") if mode == FIXED else coding.code if mode in PROVIDED else None
    if mode == OTHER_MAP:
        others += filter(None, (_text(unmapped, "otherMap") or _text(unmapped, "url"),))
    if code is None:
        return
    source = _coding(coding.system, coding.version, coding.code, None)
    target = _coding(group.target, group.target_version, code, _text(unmapped, "display") if mode == FIXED else None)
    # R4 states none, and that a code was passed on says nothing of its meaning
    relationship = _relationship(unmapped, owner) if "relationship" in unmapped else RELATED
    yield Match(relationship, source, target, owner.canonical)


# ---- reading


def _relationship(stated: Resource, owner: GivenMap) -> str | None:
    word, equivalence = stated.get("relationship"), stated.get("equivalence")
    try:
        if word is None:
            return relationship_of(str(equivalence)) if equivalence is not None else RELATED
        if word in EQUIVALENCES:
            return str(word)
    except (TypeError, ValueError):
        pass
    raise _unreadable(owner, f"no relationship is called {word or equivalence!r}")


def _unreadable(owner: GivenMap, why: str) -> FhirError:
    return failure(422, "invalid", f"{owner.called}: {why}")


def _agrees(stated: tuple[str | None, str | None], asked: Coding) -> bool:
    """Return whether a system of a group is the one that is asked for; what either does not say hinders nothing."""
    uri, version = stated
    if None not in (uri, asked.system) and uri != asked.system:
        return False
    return None in (version, asked.version) or version == asked.version


def _system(group: Resource, side: str) -> tuple[str | None, str | None]:
    uri, _, version = (_text(group, side) or "").partition("|")
    return uri or None, version or _text(group, f"{side}Version")


def _coding(system: str | None, version: str | None, code: str, display: str | None) -> Resource:
    stated = {"system": system, "version": version, "code": code, "display": display}
    return {name: value for name, value in stated.items() if value is not None}


def _detail(owner: GivenMap, part: Resource) -> Detail:
    return Detail(_attribute(owner, part), _value(part))


def _attribute(owner: GivenMap, part: Resource) -> str:
    """Return the URI of an attribute, which R4 calls a property; its code where the map defines no URI."""
    code = _text(part, "attribute") or _text(part, "property") or ""
    return owner.attributes.get(code, code)


def _property(owner: GivenMap, part: Resource) -> Detail:
    code = _text(part, "code") or ""
    return Detail(owner.properties.get(code, code), _value(part))


def _value(part: Resource) -> Resource:
    """Return a value as JSON has it; R4's system, value and display as a Coding."""
    stated = {name: value for name, value in part.items() if name.startswith("value") and name != "value"}
    if stated:
        name, value = next(iter(stated.items()))
        return {name: value}
    if stated_system := _text(part, "system"):
        system, _, version = stated_system.partition("|")
        coding = _coding(system, version or None, _text(part, "value") or "", _text(part, "display"))
        return {"valueCoding": coding}
    return {"valueString": _text(part, "value") or _text(part, "display") or ""}


def _items(element: Resource, name: str) -> list[Resource]:
    """Return the elements of an array; nothing of what is none."""
    found = element.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(element: Resource, name: str) -> str | None:
    found = element.get(name)
    return found if isinstance(found, str) and found else None


# ---- dependencies


def _is_met(part: Resource, told: Sequence[tuple[str, Any]], owner: GivenMap) -> bool | None:
    """Return whether what a target depends on is so; None where the question does not tell."""
    names = {_text(part, "attribute"), _text(part, "property"), _attribute(owner, part)}
    values = [value for name, value in told if name in names]
    if not values:
        return None
    stated = next(iter(_value(part).values()))
    return any(_is_same(stated, value) for value in values)


def _is_same(stated: Any, told: Any) -> bool:
    """Return whether two values are the same; a code is also the text of it."""
    if isinstance(told, dict) and isinstance(told.get("coding"), list):
        return any(_is_same(stated, one) for one in _items(told, "coding")) or stated == told.get("text")
    if isinstance(stated, dict) and isinstance(told, dict):
        shared = [name for name in KEYS if name in stated and name in told]
        return bool(shared) and all(stated[name] == told[name] for name in shared)
    if isinstance(stated, dict) or isinstance(told, dict):
        element, text = (stated, told) if isinstance(stated, dict) else (told, stated)
        return text in (element.get("code"), element.get("display"))
    return _plain(stated) == _plain(told)


KEYS: Final = ("system", "code", "value", "unit")
"""By which Codings and Quantities are compared, where both have them."""


def _plain(value: Any) -> str:
    # in a URL everything is a text
    return str(value).lower() if isinstance(value, bool) else str(value)
