"""A ConceptMap as JSON text, piece by piece: a GEM has a hundred thousand targets, and need not stand in memory twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from ..exchange import Resource

BATCH: Final = 1_024
"""Elements that are converted at a time."""


def map_pieces(resource: Resource, convert: Callable[[Resource], Resource]) -> Iterator[str]:
    """Yield a ConceptMap as JSON text, an element a line.

    Args:
        resource: The map.
        convert: Turns a ConceptMap into another form, as `terminology.fhir.r4.to_r4`; each element by itself.

    >>> whole = {"resourceType": "ConceptMap", "group": [{"source": "http://a.b", "element": [{"code": "x"}]}]}
    >>> json.loads("".join(map_pieces(whole, dict))) == whole
    True
    """
    groups = resource.get("group", ())
    head = {name: value for name, value in resource.items() if name != "group"}
    if not groups:
        yield _text(convert(head)) + "\n"
        return
    yield _text(convert({**head, "group": []})).removesuffix("]}")
    for number, group in enumerate(groups):
        around = {name: value for name, value in group.items() if name != "element"}
        # what is said of a group does not depend on its elements
        (made,) = convert({**head, "group": [{**around, "element": []}]})["group"]
        yield f"{',' if number else ''}\n{_text({**made, 'element': []}).removesuffix(']}')}"
        yield from _elements(head, around, group["element"], convert)
        yield "]}"
    yield "]}\n"


def _elements(
    head: Resource, around: Resource, elements: list[Resource], convert: Callable[[Resource], Resource]
) -> Iterator[str]:
    for start in range(0, len(elements), BATCH):
        part = {**head, "group": [{**around, "element": elements[start : start + BATCH]}]}
        made = convert(part)["group"][0]["element"]
        yield "".join(f"{',' if start + number else ''}\n{_text(one)}" for number, one in enumerate(made))


def _text(value: Any) -> str:
    """Return JSON; a member that is empty is put at the end, to be filled."""
    if isinstance(value, dict):
        last = next((name for name in ("group", "element") if value.get(name) == []), None)
        if last is not None:
            value = {**{name: one for name, one in value.items() if name != last}, last: []}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
