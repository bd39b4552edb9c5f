"""Trees of FHIR concepts as codes of a list: the expansion of a ValueSet, and the concepts of a CodeSystem.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), ``ValueSet.expansion``, resource CodeSystem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from attrs import frozen

from ..counts import counted
from ..reading import Element, Faults, PlacedText
from ..systems import SystemDefinition
from .damaged import add_damaged
from .entries import Entry, EntryKind, remark
from .fhir_content import ChosenSystem, Content, chosen_system, identity

UNCLOSED: Final = "valueset-unclosed"
TOO_COSTLY: Final = "valueset-toocostly"
VERSIONS: Final = frozenset({"version", "system-version", "used-codesystem", "check-system-version"})
"""Parameters of an expansion that name system and version, with a bar between them."""
PARTIAL: Final = {
    "fragment": "is a fragment: it may lack codes of the system",
    "example": "is an example: it lacks codes of the system",
    "supplement": "is a supplement: it may lack codes of the system",
}


@frozen(eq=False)
class Node:
    """A concept of a tree."""

    element: Element
    place: str
    """Like ``expansion.contains[1].contains[2]``."""

    @property
    def system(self) -> str | None:
        """The system that it names."""
        return self.element.text("system")

    @property
    def is_group(self) -> bool:
        """Whether it only groups others, and cannot be chosen itself."""
        return self.element.get("abstract") is True or any(
            isinstance(item, Element)
            and item.get("code") in ("notSelectable", "abstract")
            and item.get("valueBoolean") is True
            for item in self.element.items_of("property")
        )


def is_expanded(resource: Element) -> bool:
    """Return whether a ValueSet has an expansion with codes."""
    expansion = resource.get("expansion")
    return isinstance(expansion, Element) and bool(expansion.items_of("contains"))


def expansion_content(resource: Element, system: str | None, faults: Faults) -> Content:
    """Return the codes of the expansion of a ValueSet, of one system, with the warning that it is a snapshot.

    Args:
        resource: The ValueSet.
        system: The system that is asked for; else it has codes of one only.
        faults: Where errors and damaged rows are noted.
    """
    expansion = resource["expansion"]
    every = list(_nodes(expansion, "contains", "expansion", faults))
    coded = [node for node in every if not node.is_group and _has_code(node, faults, is_group=bool(_below(node)))]
    systems = [node.system for node in coded]
    choice = chosen_system(systems, system, faults, line=expansion.line, column="expansion.contains.system")
    kept = [node for node in coded if choice.holds(node.system)]
    versions = _versions(expansion, kept, choice)
    warnings = [*_about(expansion, len(every), versions), *_left_out(coded, choice), *_inactive(kept)]
    shared = next((node.system for node in kept if node.system and choice.is_of_both(node.system)), None)
    return Content(shared or choice.name, _once(kept), versions, warnings)


def code_system_content(resource: Element, system: str | None, faults: Faults) -> Content:
    """Return the codes of a CodeSystem as a list of them; chapters, sections and other groups are left out.

    Args:
        resource: The CodeSystem.
        system: The system that is asked for; else its own URL.
        faults: Where errors and damaged rows are noted.
    """
    content = resource.text("content")
    every = list(_nodes(resource, "concept", "CodeSystem", faults))
    if not every:
        said = f"expected a CodeSystem with concepts, got none (its content is {content!r}): its codes are elsewhere"
        faults.add(said, line=resource.line, column="concept")
    url = resource.text("url")
    choice = chosen_system([url] if url else [], system, faults, line=resource.line, column="url")
    coded = [node for node in every if not node.is_group and _has_code(node, faults, is_group=False)]
    kept = [node for node in coded if not _is_section(node, choice.definition)]
    version = resource.text("version")
    warnings = [f"the CodeSystem {PARTIAL[content]}"] if content in PARTIAL else []
    if groups := len(every) - len(kept):
        words = (
            "concept of the CodeSystem is a chapter, section or other group",
            "concepts of the CodeSystem are chapters, sections or other groups",
        )
        warnings.append(f"{counted(groups, *words)}: left out")
    name = url if url and choice.is_of_both(url) else choice.name
    return Content(name, _once(kept), {version: ["the CodeSystem"]} if version else {}, warnings)


def _nodes(parent: Element, name: str, place: str, faults: Faults) -> Iterator[Node]:
    """Yield the concepts below an object, each before those below it."""
    waiting: list[tuple[Any, str, int]] = [
        (item, f"{place}.{name}[{number}]", parent.line) for number, item in enumerate(parent.items_of(name), 1)
    ][::-1]
    while waiting:
        item, at, line = waiting.pop()
        if not isinstance(item, Element):
            add_damaged(
                faults,
                str(item),
                f"expected a concept, got {item!r}: give an object with its code",
                line=line,
                column=at,
            )
            continue
        yield Node(item, at)
        below = [(inner, f"{at}.{name}[{number}]", item.line) for number, inner in enumerate(item.items_of(name), 1)]
        waiting += below[::-1]


def _below(node: Node) -> list[Any]:
    return [*node.element.items_of("contains"), *node.element.items_of("concept")]


def _has_code(node: Node, faults: Faults, *, is_group: bool) -> bool:
    code = node.element.get("code")
    if isinstance(code, PlacedText) and code.strip():
        return True
    if not is_group:
        # what has no code and others below it is a heading
        said = f"expected a concept with a code, got {code!r}: give its code"
        shown = node.element.text("display") or ""
        add_damaged(faults, shown, said, line=node.element.line, column=f"{node.place}.code")
    return False


def _is_section(node: Node, definition: SystemDefinition | None) -> bool:
    """Return whether a concept is above codes: a chapter, a section, a prefix."""
    if definition is None or definition.node_pattern is None:
        return False
    code = str(node.element["code"]).strip().upper()
    return not definition.pattern.fullmatch(code) and definition.node_pattern.fullmatch(code) is not None


def _once(nodes: list[Node]) -> list[Entry]:
    """Return an entry of each code; a code may be in a tree at several places."""
    found: dict[str, Entry] = {}
    for node in nodes:
        code = node.element["code"]
        text = " ".join(code.split())
        label = remark(node.element.text("display"))
        found.setdefault(text, Entry(EntryKind.CODE, text, label=label, line=code.line, column=code.column))
    return list(found.values())


def _versions(expansion: Element, kept: list[Node], choice: ChosenSystem) -> dict[str, list[str]]:
    """Return the versions that the codes state, else those of the parameters that the expansion was asked with."""
    counted = Counter(version for node in kept if (version := node.element.text("version")))
    if counted:
        return {version: [_codes(count)] for version, count in counted.items()}
    stated = (text.partition("|") for text in _parameters(expansion))
    return {
        version: ["the expansion"]
        for name, _, version in stated
        if version and choice.name and identity(name) == identity(choice.name)
    }


def _parameters(expansion: Element) -> Iterator[str]:
    for item in expansion.items_of("parameter"):
        if isinstance(item, Element) and item.text("name") in VERSIONS:
            yield from (text for key in ("valueUri", "valueCanonical", "valueString") if (text := item.text(key)))


def _about(expansion: Element, found: int, versions: Iterable[str]) -> Iterator[str]:
    """Yield that an expansion is a snapshot, and that it holds a part only."""
    day = expansion.text("timestamp")
    made = " ".join(
        part for part in (f"of {day}" if day else "", f"(version {', '.join(versions)})" if versions else "") if part
    )
    yield (
        f"the list is the expansion {made or 'without a date'} of a value set, a snapshot:"
        " what later releases add is not in it"
    )
    total, offset = expansion.get("total"), expansion.get("offset")
    if isinstance(total, int) and total > found:
        yield (
            f"the expansion holds {found:,} of {total:,} codes, the rest is missing:"
            " ask the server for all pages (count, offset)"
        )
    elif isinstance(offset, int) and offset > 0:
        yield f"the expansion begins after code {offset:,}: what comes before is missing; ask the server for all pages"
    urls = [item.text("url") or "" for item in expansion.items_of("extension") if isinstance(item, Element)]
    if any(url.endswith((UNCLOSED, TOO_COSTLY)) for url in urls):
        yield "the server says that the expansion holds a part of the codes only (unclosed, or too costly)"


def _left_out(coded: list[Node], choice: ChosenSystem) -> Iterator[str]:
    counts = Counter(node.system or "?" for node in coded if not choice.holds(node.system))
    for system, count in counts.items():
        yield f"{_codes(count)} of {system} {_were(count)} left out: the list is read for {choice.name}"


def _inactive(kept: list[Node]) -> Iterator[str]:
    if count := sum(node.element.get("inactive") is True for node in kept):
        yield f"{_codes(count)} of the expansion {_were(count)} inactive when it was made, and may not be in force"


def _codes(count: int) -> str:
    return counted(count, "code")


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
