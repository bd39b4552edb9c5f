"""The groups of a ConceptMap become rows: one for each target of an element, and one for an element without.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource ConceptMap.
    HL7, FHIR Cross-Version Extensions, ConceptMap4to5: equivalence of R4 as relationship of R5.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, evolve, field, frozen

from terminology import schema
from terminology.reading import Element, Faults

from ..mapping_rows import MappingRow, built_in_system, mention, official_code, short_name
from .particulars import Particulars

UNMATCHED: Final = "unmatched"
UNRELATED: Final = "not-related-to"
EQUIVALENCES: Final[Mapping[str, str]] = {
    "relatedto": "related-to",
    "inexact": "related-to",
    "equivalent": "equivalent",
    "equal": "equivalent",
    "wider": "source-is-narrower-than-target",
    "subsumes": "source-is-narrower-than-target",
    "narrower": "source-is-broader-than-target",
    "specializes": "source-is-broader-than-target",
    "disjoint": UNRELATED,
}
"""The relationship by R4's word. R4 states what the target is to the source, R5 what the source is to the target."""
PARTICULARS: Final = ("dependsOn", "product", "property")
"""Elements of a target that are kept as they are."""


@frozen
class MappedRow:
    """One target of an element, or an element without one."""

    source_system: str
    target_system: str
    source: str | None
    target: str | None
    relationship: str | None
    """In the words of the resource."""
    note: str
    """What is made of it."""
    line: int
    alternative: MappingRow | None = field(default=None, hash=False, eq=False)
    mention: MappingRow | None = field(default=None, hash=False, eq=False)
    """What is said of the code, where that makes no alternative."""
    comment: str | None = None


@define
class GroupReader:
    """Reads groups; notes errors and warnings."""

    faults: Faults
    particulars: Particulars
    warnings: list[str] = field(factory=list)
    unsaid: int = 0
    """Elements with neither target nor noMap."""
    day: datetime.date | None = None
    """Of the group that is read."""

    def rows(self, group: Element) -> Iterator[MappedRow]:
        """Yield the rows of a group."""
        source, target = (self._system(group, name) for name in ("source", "target"))
        if source is None or target is None:
            return
        self.day = self.particulars.day_of(group)
        if group.get("unmapped"):
            self.warnings.append(f"what group {source} -> {target} says of all other codes (unmapped) is left out")
        elements = group.items_of("element")
        if not elements:
            self.faults.add("expected at least one element, got none", line=group.line, column="element")
        for element in elements:
            if isinstance(element, Element):
                yield from self._element(element, source, target)
            else:
                self.faults.add(f"expected an element, got {element!r}", line=group.line, column="element")

    def _system(self, group: Element, name: str) -> str | None:
        """Return the short name of a group's system; one that is not built in is named by the end of its URI."""
        uri = (group.text(name) or "").partition("|")[0]
        if not uri:
            self.faults.add(f"expected the URI of the {name} system, got nothing", line=group.line, column=name)
            return None
        known = built_in_system(uri)
        if known:
            return known
        made = short_name(uri)
        if made is None:
            message = f"expected the URI of a built-in system, or one whose end makes a short name, got {uri!r}"
            self.faults.add(message, line=group.line, column=name)
            return None
        warning = f"{uri} is no built-in system: taken for the one whose short name is {made}"
        if warning not in self.warnings:
            self.warnings.append(warning)
        return made

    def _element(self, element: Element, source: str, target: str) -> Iterator[MappedRow]:
        code = self._code(element, source)
        targets = element.items_of("target")
        base: dict[str, Any] = {"source_system": source, "target_system": target, "source": element.text("code")}
        if element.get("noMap") is True:
            if targets:
                self.faults.add("expected no target beside noMap", line=element.line, column="target")
            nothing = self._alternative(code, None, "related-to", element, None)
            yield MappedRow(
                **base, target=None, relationship="noMap", note="no map", line=element.line, alternative=nothing
            )
            return
        if not targets:
            self.unsaid += 1
            meaning = f"has no code of {target} beside it, and does not say that there is none"
            yield MappedRow(
                **base,
                target=None,
                relationship=None,
                note="left out: no target",
                line=element.line,
                mention=mention(code, meaning, element.text("comment"), line=element.line),
            )
        for item in targets:
            if isinstance(item, Element):
                yield self._target(item, element, code, base)
            else:
                self.faults.add(f"expected a target, got {item!r}", line=element.line, column="target")

    def _target(self, item: Element, element: Element, code: str | None, base: Mapping[str, Any]) -> MappedRow:
        word = item.text("relationship") or item.text("equivalence")
        row: dict[str, Any] = {
            **base,
            "target": item.text("code"),
            "relationship": word,
            "line": item.line,
            "comment": item.text("comment"),
        }
        if word == UNMATCHED:
            return MappedRow(
                **row, note="no map", alternative=self._alternative(code, None, "related-to", element, item)
            )
        relationship = self._relationship(item)
        found = self._code(item, base["target_system"])
        if relationship == UNRELATED:
            told = mention(
                code,
                f"says that {code} and {found} are not related",
                word,
                line=item.line,
                target_codes=(found,) if found else None,
                relationship=UNRELATED,
            )
            return MappedRow(**row, note="left out: the codes are not related", mention=told)
        together = self.particulars.used_with(item, "product") or self.particulars.used_with(item, "dependsOn")
        if base["source_system"] == base["target_system"] and found == code and not together:
            return MappedRow(**row, note="left out: the code stays")
        made = self._alternative(code, found, relationship or "related-to", element, item)
        return MappedRow(**row, note="mapped", alternative=self._whole(made, item, base))

    def _whole(self, made: MappingRow, item: Element, base: Mapping[str, Any]) -> MappingRow:
        """Return an alternative with the codes that are used together with its own, and its day, as we wrote them."""
        others = [
            self._companion(item, code, base["target_system"]) for code in self.particulars.used_with(item, "product")
        ]
        beside = [
            self._companion(item, code, base["source_system"]) for code in self.particulars.used_with(item, "dependsOn")
        ]
        fields = self.particulars.fields(item)
        return evolve(
            made,
            target_codes=(*(made.target_codes or ()), *filter(None, others)) or None,
            with_codes=tuple(filter(None, beside)),
            approximate=fields["approximate"],
            effective=fields["effective"],
            change=fields["change"],
        )

    def _companion(self, item: Element, code: str, system: str) -> str | None:
        found = official_code(system, code)
        if found is None:
            self.faults.add(f"expected a code of {system}, got {code!r}", line=item.line, column="product")
        return found

    def _relationship(self, item: Element) -> str | None:
        """Return the relationship as R5 has it, by R5's word or by R4's."""
        word = item.text("relationship")
        if word in schema.RELATIONSHIPS:
            return word
        equivalence = item.text("equivalence")
        if word is None and equivalence is not None and equivalence in EQUIVALENCES:
            return EQUIVALENCES[equivalence]
        words = sorted(schema.RELATIONSHIPS) if word else [*EQUIVALENCES, UNMATCHED]
        column = "relationship" if word else "equivalence"
        self.faults.add(
            f"expected one of {', '.join(words)}, got {word or equivalence!r}", line=item.line, column=column
        )
        return None

    def _code(self, element: Element, system: str) -> str | None:
        text = element.text("code")
        code = official_code(system, text) if text else None
        if code is None:
            what = "a set of values, which is not read" if element.get("valueSet") else repr(text)
            self.faults.add(f"expected a code of {system}, got {what}", line=element.line, column="code")
        return code

    def _alternative(
        self, source: str | None, target: str | None, relationship: str, element: Element, item: Element | None
    ) -> MappingRow:
        stated = item or element
        detail = {"comment": stated.text("comment"), **self._kept(stated), **self.particulars.detail(stated)}
        return MappingRow(
            source_code=source,
            target_codes=(target,) if target else None,
            line=stated.line,
            relationship=relationship,
            effective=self.day if target is None else None,
            detail=detail,
        )

    def _kept(self, stated: Element) -> dict[str, Any]:
        """Return the elements of a target that are kept as they are: without what is read of them."""
        found = {name: stated[name] for name in PARTICULARS if stated.get(name)}
        if self.particulars.properties:
            found.pop("property", None)
        return {name: value for name, value in found.items() if not self.particulars.used_with(stated, name)}


def contradictions(rows: list[MappedRow]) -> list[str]:
    """Return the codes that map to something and to nothing in one map, in order."""
    mapped = {(row.source_system, row.target_system, row.source) for row in rows if row.note == "mapped"}
    nothing = {(row.source_system, row.target_system, row.source) for row in rows if row.note == "no map"}
    return sorted(code for _, _, code in mapped & nothing if code)
