"""A ClaML file as values: classes, modifiers and their rubrics, with every reference between them checked.

References:
    ISO 13120 (ClaML), versions 2.0 and 3.0 of the DTD: `Meta`, `Identifier`, `Title`, `UsageKinds`, `Modifier`,
    `ModifierClass`, `Class`, `SuperClass`, `SubClass`, `ModifiedBy`, `ExcludeModifier`, `Rubric`.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from terminology.counts import counted
from terminology.reading import Faults, whole_number, xml_root

from .labels import USAGE_MARKS, LabelText, label_text, local

if TYPE_CHECKING:
    from lxml.etree import _Element

PREFERRED: Final = "preferred"
PREFERRED_LONG: Final = "preferredLong"
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
SHOWN: Final = 5


@frozen
class Rubric:
    """A text of a class or of a modifier class, in one language."""

    kind: str
    language: str | None
    label: LabelText
    line: int


@frozen
class Application:
    """A ``ModifiedBy``: which modifier a class takes, and which of its values."""

    modifier: str
    values: tuple[str, ...] | None = None
    """Codes of the modifier classes that are valid; None for all."""
    position: int | None = None
    optional: bool = False
    """Whether the publisher leaves the subdivision to the user (``Meta usage="optional"``)."""
    line: int = 0


@frozen
class ClamlClass:
    """A ``Class``, ``Modifier`` or ``ModifierClass``."""

    code: str
    kind: str
    line: int
    usage: str | None = None
    metas: tuple[tuple[str, str], ...] = ()
    parent: str | None = None
    children: tuple[str, ...] = ()
    applications: tuple[Application, ...] = ()
    excluded: tuple[str, ...] = ()
    rubrics: tuple[Rubric, ...] = field(default=(), repr=False)

    def text(self, kind: str, language: str | None) -> LabelText | None:
        """Return the rubric of this kind, in the language or else in the first there is; None without one."""
        found = [rubric for rubric in self.rubrics if rubric.kind == kind]
        own = [rubric for rubric in found if rubric.language == language]
        return (own or found)[0].label if found else None

    def meta(self, name: str) -> str | None:
        """Return the value of a ``Meta``, or None."""
        return next((value for key, value in self.metas if key == name), None)


@frozen(slots=False)
class Document:
    """A ClaML file; classes in document order, by code."""

    version: str
    title: str
    title_name: str
    title_version: str
    title_date: str
    identifiers: tuple[str, ...]
    language: str | None
    languages: tuple[str, ...]
    classes: dict[str, ClamlClass]
    modifiers: dict[str, dict[str, ClamlClass]]
    """Modifier classes by modifier and code, in document order."""
    warnings: tuple[str, ...] = ()

    @cached_property
    def below(self) -> dict[str, tuple[str, ...]]:
        """Classes by the one above them: as that one lists them, then those that only name it."""
        found: dict[str, dict[str, None]] = {}
        for node in self.classes.values():
            found.setdefault(node.code, {}).update(dict.fromkeys(c for c in node.children if c in self.classes))
        for node in self.classes.values():
            if node.parent in self.classes:
                found.setdefault(node.parent, {})[node.code] = None
        return {code: tuple(children) for code, children in found.items() if children}

    def above(self, code: str) -> str | None:
        """Return the class above, or None for a chapter and for a class without a parent in an excerpt."""
        return self._parents.get(code)

    @cached_property
    def _parents(self) -> dict[str, str]:
        return {child: parent for parent, children in self.below.items() for child in children}


def read_claml(data: bytes, file: str) -> Document:
    """Return the document.

    Raises:
        ReleaseFaults: Classes lack code, kind or title, are defined twice, or name modifiers that are not there.
        ReleaseFormatError: The same, with one error; the XML is not well formed or declares entities.
    """
    root = xml_root(data, file)
    faults = Faults(file)
    if local(root).lower() != "claml":
        faults.add(f"expected the root ClaML, got {local(root)}", line=root.sourceline)
        faults.raise_if_any()
    reader = _Reader(root, faults)
    document = reader.document(file)
    faults.raise_if_any()
    return document


class _Reader:
    def __init__(self, root: _Element, faults: Faults) -> None:
        self.root = root
        self.faults = faults
        self.marks = dict(USAGE_MARKS)
        self.head: dict[str, _Element] = {}
        self.metas: dict[str, str] = {}
        self.identifiers: list[str] = []
        self.classes: dict[str, ClamlClass] = {}
        self.modifiers: dict[str, dict[str, ClamlClass]] = {}
        self.listed: dict[str, list[tuple[str, int]]] = {}

    def document(self, file: str) -> Document:
        for element in self.root:
            self._top(element)
        if not self.classes and not self.faults:
            self.faults.add("expected at least one Class, got none", line=self.root.sourceline)
        warnings = self._hierarchy(file)
        self._check_references()
        title = self.head.get("Title")
        spoken = Counter(r.language for c in self.classes.values() for r in c.rubrics if r.kind == PREFERRED)
        language = self.metas.get("lang") or next((name for name, _ in spoken.most_common(1)), None)
        languages = {r.language for c in self._all() for r in c.rubrics if r.language}
        return Document(
            version=self.root.get("version", ""),
            title=" ".join((title.text or "").split()) if title is not None else "",
            title_name=title.get("name", "") if title is not None else "",
            title_version=title.get("version", "") if title is not None else "",
            title_date=title.get("date", "") if title is not None else "",
            identifiers=tuple(self.identifiers),
            language=language,
            languages=tuple(sorted(languages)),
            classes=self.classes,
            modifiers=self.modifiers,
            warnings=tuple(warnings),
        )

    def _all(self) -> list[ClamlClass]:
        return [*self.classes.values(), *(m for group in self.modifiers.values() for m in group.values())]

    def _top(self, element: _Element) -> None:
        name = local(element)
        if name == "Class":
            self._class(element)
        elif name == "ModifierClass":
            self._modifier_class(element)
        elif name == "Modifier":
            code = element.get("code", "")
            self.modifiers.setdefault(code, {})
            self.listed[code] = [
                (child.get("code", ""), child.sourceline or 0) for child in element if local(child) == "SubClass"
            ]
        elif name == "UsageKinds":
            for kind in element:
                self.marks[kind.get("name", "")] = kind.get("mark", "")
        elif name == "Meta":
            self.metas[element.get("name", "")] = element.get("value", "")
        elif name == "Identifier":
            self.identifiers.append(f"{element.get('authority', '')} {element.get('uid', '')}".strip())
        elif name == "Title":
            self.head[name] = element

    def _class(self, element: _Element) -> None:
        code, kind, line = element.get("code", "").strip(), element.get("kind", "").strip(), element.sourceline or 0
        if not code or kind not in {"chapter", "block", "category"}:
            self.faults.add(
                f"expected a Class with code and kind chapter, block or category, got {code!r}, {kind!r}", line=line
            )
        elif code in self.classes:
            self.faults.add(f"class {shown(code)} is defined on line {self.classes[code].line} already", line=line)
        else:
            self.classes[code] = self._made(element, code, kind)

    def _modifier_class(self, element: _Element) -> None:
        code, modifier, line = element.get("code", ""), element.get("modifier", ""), element.sourceline or 0
        group = self.modifiers.setdefault(modifier, {})
        if not code or not modifier:
            self.faults.add(f"expected a ModifierClass with code and modifier, got {code!r}, {modifier!r}", line=line)
        elif code in group:
            self.faults.add(
                f"modifier class {shown(modifier)} {shown(code)} is defined on line {group[code].line} already",
                line=line,
            )
        else:
            group[code] = self._made(element, code, "modifier")

    def _made(self, element: _Element, code: str, kind: str) -> ClamlClass:
        parts: dict[str, list[_Element]] = {}
        for child in element:
            parts.setdefault(local(child), []).append(child)
        line = element.sourceline or 0
        rubrics = [rubric for child in parts.get("Rubric", ()) for rubric in self._rubric(child)]
        parents = [child.get("code", "") for child in parts.get("SuperClass", ())]
        if len(parents) > 1:
            self.faults.add(f"{shown(code)}: expected one SuperClass, got {', '.join(map(shown, parents))}", line=line)
        self._check_titles(code, line, rubrics)
        return ClamlClass(
            code,
            kind,
            line,
            usage=element.get("usage") or None,
            metas=tuple((child.get("name", ""), child.get("value", "")) for child in parts.get("Meta", ())),
            parent=parents[0] if parents else None,
            children=tuple(child.get("code", "") for child in parts.get("SubClass", ())),
            applications=tuple(self._application(child) for child in parts.get("ModifiedBy", ())),
            excluded=tuple(child.get("code", "") for child in parts.get("ExcludeModifier", ())),
            rubrics=tuple(rubrics),
        )

    def _check_titles(self, code: str, line: int, rubrics: list[Rubric]) -> None:
        if not any(rubric.kind == PREFERRED and rubric.label.plain for rubric in rubrics):
            self.faults.add(f"{shown(code)}: expected a preferred rubric with a label, got none", line=line)
        spoken = Counter(rubric.language for rubric in rubrics if rubric.kind == PREFERRED)
        for language, number in spoken.items():
            if number > 1:
                said = f" in {language}" if language else ""
                self.faults.add(f"{shown(code)}: expected one preferred rubric{said}, got {number}", line=line)

    def _application(self, element: _Element) -> Application:
        valid = tuple(child.get("code", "") for child in element if local(child) == "ValidModifierClass")
        metas = {child.get("name"): child.get("value") for child in element if local(child) == "Meta"}
        some = element.get("all", "true").lower() == "false" or bool(valid)
        position = element.get("position", "")
        return Application(
            modifier=element.get("code", ""),
            values=valid if some else None,
            position=whole_number(position),
            optional=metas.get("usage") == "optional",
            line=element.sourceline or 0,
        )

    def _rubric(self, element: _Element) -> list[Rubric]:
        kind = element.get("kind", "")
        found = []
        for label in element:
            if local(label) != "Label":
                continue
            line = label.sourceline or 0
            text = label_text(label, self.marks)
            # the publishers' files hold a few empty labels
            if text.text:
                found.append(Rubric(kind, label.get(LANGUAGE) or None, text, line))
        return found

    def _hierarchy(self, file: str) -> list[str]:
        """Note contradictions as errors; return what is only incomplete, as an excerpt is."""
        listing: dict[str, str] = {}
        absent, parentless, unlisted = [], [], []
        for node in self.classes.values():
            for child in node.children:
                other = listing.setdefault(child, node.code)
                if other != node.code:
                    self.faults.add(
                        f"{shown(node.code)} and {shown(other)} both list {shown(child)} as SubClass", line=node.line
                    )
                if child not in self.classes:
                    absent.append(child)
                elif self.classes[child].parent not in (None, node.code):
                    named = self.classes[child].parent or ""
                    self.faults.add(
                        f"{shown(node.code)} lists {shown(child)} as SubClass, whose SuperClass is {shown(named or '')}",
                        line=node.line,
                    )
        for node in self.classes.values():
            if node.parent and node.parent not in self.classes:
                parentless.append(node.code)
            elif node.parent and listing.get(node.code) != node.parent:
                unlisted.append(node.code)
        said = [
            ("named as SubClass and not defined", absent),
            ("without the SuperClass that is named", parentless),
            ("not listed as SubClass by the SuperClass", unlisted),
        ]
        return [
            f"{file}: {counted(len(codes), 'class is', 'classes are')} {what}: {_some(codes)}"
            for what, codes in said
            if codes
        ]

    def _check_references(self) -> None:
        for node in self.classes.values():
            for application in node.applications:
                values = self.modifiers.get(application.modifier)
                if not values:
                    self.faults.add(
                        f"{shown(node.code)} is modified by {shown(application.modifier)}, which has no ModifierClass",
                        line=application.line,
                    )
                    continue
                for value in application.values or ():
                    if value not in values:
                        self.faults.add(
                            f"{shown(node.code)}: {shown(application.modifier)} has no ModifierClass {shown(value)}",
                            line=application.line,
                        )
        for modifier, listed in self.listed.items():
            for value, line in listed:
                if value not in self.modifiers[modifier]:
                    self.faults.add(
                        f"modifier {shown(modifier)} lists {shown(value)}, which has no ModifierClass", line=line
                    )


def _some(codes: list[str]) -> str:
    return ", ".join(map(shown, codes[:SHOWN])) + (" …" if len(codes) > SHOWN else "")


def shown(code: str) -> str:
    """Return a code as a message has it: in quotation marks where it cannot be one, as it may be any text then.

    >>> shown("A00.0"), shown("Cholera due to something")
    ('A00.0', "'Cholera due to something'")
    """
    return repr(code) if any(map(str.isspace, code)) else code
