"""Modifier expansion: the codes that a ClaML file means without writing them out.

A modifier holds values (``S04E10_4``: .0 to .9); a class that is modified by it has one more code for each value.
Where the value goes follows from the code and from what is below it:

====================================================  ==========================================
modified class                                        codes made
====================================================  ==========================================
three characters, none below, value ``.0``            ``E10`` + ``.0`` → ``E10.0``
three characters, four-character codes below          each of them: ``I70.0`` + ``0`` → ``I70.00``
three characters, none below, fifth-character values  ``M45`` + ``0`` → ``M45.X0``
four characters                                       ``T14.2`` + ``0`` → ``T14.20``
two modifiers                                         one after the other: ``E10.3`` + ``0`` → ``E10.30``
====================================================  ==========================================

A class that is written out is never overwritten.

References:
    WHO, ICD-10 in ClaML: identifiers of modifiers end in ``_4`` or ``_5``, the character that they supply.
    WHO, ICD-10 volume 1, chapter XX: place of occurrence for W00-Y34 except Y06 and Y07, activity for V01-Y34.
    BfArM (formerly DIMDI), read-me of ICD-10-GM in ClaML: `excludeOnPrecedingModifier`, `ValidModifierClass`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import define, field, frozen

from .document import Application, ClamlClass, Document

CATEGORY_LENGTH: Final = 3
SUBCATEGORY_LENGTH: Final = 5
"""Of a code of four characters, with its dot."""
FIFTH: Final = 5
PLACE_OF_OCCURRENCE: Final = "S20W00_4"
"""Its values have no dot although they are fourth characters, and it is published for W00-Y34 alone."""
PLACE_RANGE: Final = ("W00", "Y34")
ACTIVITY: Final = "S20V01T_5"
"""Published for a supplementary character beside the code, not for a code of its own."""
BARRED: Final = "excludeOnPrecedingModifier"


@frozen
class Expanded:
    """A code made by modifiers."""

    code: str
    parent: str
    base: str
    """The class that is written out."""
    values: tuple[ClamlClass, ...]
    """The modifier classes, in order."""
    modifiers: tuple[str, ...]
    optional: bool


@frozen
class Expansion:
    """All codes that the modifiers of a document make, by parent, and the warnings."""

    codes: dict[str, tuple[Expanded, ...]]
    warnings: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Expanded]:
        for group in self.codes.values():
            yield from group


def tier_of(modifier: str) -> int | None:
    """Return the character that a modifier supplies, by the end of its identifier; None where it does not say.

    >>> tier_of("S04E10_4"), tier_of("S13M00_5"), tier_of("ST5870")
    (4, 5, None)
    """
    _, _, suffix = modifier.rpartition("_")
    return int(suffix) if suffix in {"4", "5", "6"} else None


def expand(document: Document) -> Expansion:
    """Return every code that the modifiers make."""
    work = _Expander(document)
    for node in document.classes.values():
        if node.kind == "category":
            work.category(node)
    return Expansion({parent: tuple(group) for parent, group in work.made.items()}, tuple(work.warnings()))


@define
class _Expander:
    document: Document
    made: dict[str, list[Expanded]] = field(factory=dict)
    known: set[str] = field(factory=set)
    linked: list[str] = field(factory=list)
    occupied: list[str] = field(factory=list)
    activity: int = 0

    def __attrs_post_init__(self) -> None:
        self.known = set(self.document.classes)

    def warnings(self) -> Iterator[str]:
        if self.linked:
            yield f"modified by a link in a rubric, without ModifiedBy: {', '.join(self.linked)}"
        if self.occupied:
            yield f"place of occurrence is not applied, the fourth character is taken: {', '.join(self.occupied)}"
        if self.activity:
            yield f"{self.activity} categories take activity codes: these are reported beside a code and make none"

    def category(self, node: ClamlClass) -> None:
        """Make the codes of one class that is written out."""
        applications = self._applications(node)
        if not applications:
            return
        below = self._below(node)
        frontier: list[Expanded] = [_unmodified(node.code)]
        if below and not any(value.startswith(".") for value in self._values(applications[0])):
            frontier = [_unmodified(child) for child in below if not self._governed(child, applications)]
        for application in applications:
            frontier = [code for base in frontier for code in self._applied(base, application)]

    def _applications(self, node: ClamlClass) -> list[Application]:
        """Return what modifies the class, in the order in which it is applied."""
        own = [a for a in node.applications if a.modifier not in node.excluded]
        if len(node.code) == CATEGORY_LENGTH:
            own += self._inherited(node, {a.modifier for a in own})
            own += self._linked(node, own)
        applications = []
        for application in own:
            if application.modifier == ACTIVITY:
                self.activity += 1
            elif application.modifier == PLACE_OF_OCCURRENCE:
                if self._has_place(node):
                    applications.append(application)
            else:
                applications.append(application)
        # the sort is stable: where neither position nor identifier says more, the order of the file holds
        return sorted(applications, key=lambda a: (a.position or 0, tier_of(a.modifier) or 0))

    def _inherited(self, node: ClamlClass, own: set[str]) -> list[Application]:
        """Return what modifies the chapter or block above, and is excluded nowhere on the way."""
        excluded = {*node.excluded, *own}
        found = []
        seen = {node.code}
        above = self.document.classes.get(self.document.above(node.code) or "")
        while above is not None and above.code not in seen:
            seen.add(above.code)
            found += [a for a in above.applications if a.modifier not in excluded]
            excluded |= {*above.excluded, *(a.modifier for a in above.applications)}
            above = self.document.classes.get(self.document.above(above.code) or "")
        return found

    def _linked(self, node: ClamlClass, own: list[Application]) -> list[Application]:
        """Return the modifier that a rubric links to, where nothing else modifies the class (WHO: M13)."""
        if own or any(self.document.classes[child].applications for child in self._below(node)):
            return []
        for rubric in node.rubrics:
            named = [t for t in rubric.label.targets if t in self.document.modifiers and t not in node.excluded]
            if rubric.kind == "modifierlink" and named and named[0] not in {PLACE_OF_OCCURRENCE, ACTIVITY}:
                self.linked.append(node.code)
                return [Application(named[0], optional=True, line=rubric.line)]
        return []

    def _has_place(self, node: ClamlClass) -> bool:
        if not PLACE_RANGE[0] <= node.code <= PLACE_RANGE[1]:
            return False
        if self._below(node):
            self.occupied.append(node.code)
            return False
        return True

    def _below(self, node: ClamlClass) -> list[str]:
        """Return the subdivisions of a three-character class that are written out."""
        if len(node.code) != CATEGORY_LENGTH:
            return []
        return [child for child in self.document.below.get(node.code, ()) if len(child) == SUBCATEGORY_LENGTH]

    def _governed(self, child: str, applications: list[Application]) -> bool:
        """Return whether a class below says itself how it is modified, or is divided already."""
        node = self.document.classes[child]
        own = {*node.excluded, *(a.modifier for a in node.applications)}
        return bool(self.document.below.get(child)) or any(a.modifier in own for a in applications)

    def _values(self, application: Application) -> list[str]:
        values = self.document.modifiers[application.modifier]
        return [code for code in values if application.values is None or code in application.values]

    def _applied(self, base: Expanded, application: Application) -> Iterator[Expanded]:
        optional = base.optional or application.optional or application.modifier == PLACE_OF_OCCURRENCE
        for code in self._values(application):
            value = self.document.modifiers[application.modifier][code]
            if _is_barred(value, base):
                continue
            made = Expanded(
                code=_joined(base.code, code, tier_of(application.modifier)),
                parent=base.code,
                base=base.base,
                values=(*base.values, value),
                modifiers=(*base.modifiers, f"{application.modifier} {code}"),
                optional=optional,
            )
            if made.code in self.known:
                continue
            self.known.add(made.code)
            self.made.setdefault(base.code, []).append(made)
            yield made


def _unmodified(code: str) -> Expanded:
    return Expanded(code, code, code, (), (), optional=False)


def _is_barred(value: ClamlClass, base: Expanded) -> bool:
    """Return whether the value must not follow one of those before it (``S04E10_4 .6``)."""
    return any(name == BARRED and barred in base.modifiers for name, barred in value.metas)


def _joined(code: str, value: str, tier: int | None) -> str:
    """Return the code with the value where it belongs.

    >>> _joined("E10", ".0", 4), _joined("M45", "0", 5), _joined("W00", "0", 4), _joined("I70.0", "1", 4)
    ('E10.0', 'M45.X0', 'W00.0', 'I70.01')
    """
    if "." in code:
        return code + value.removeprefix(".")
    if value.startswith("."):
        return code + value
    return f"{code}.X{value}" if tier == FIFTH else f"{code}.{value}"
