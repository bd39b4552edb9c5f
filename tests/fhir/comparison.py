"""Whether a response is the expected one, in the form that HL7's tests of terminology servers are written in.

Where a value is not known beforehand the expected text is a template: ``$uuid$``, ``$instant$``, ``$choice:a|b$`` (one of
them), ``$fragments:a|b$`` (all of them in it, in any case), ``$$`` (anything). An object may name members that need not
be there (``$optional-properties$``, ``*`` for all) and arrays of which only the length counts (``$count-arrays$``); an
item of an array may be ``$optional$``: always, or for one version of FHIR (``version:4``).

Parameters, parts, properties and issues have no order that means anything; all other arrays have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen

SHAPES: Final = {
    "$$": r".*",
    "$id$": r"[A-Za-z0-9\-.]{1,64}",
    "$instant$": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+\-]\d\d:\d\d)",
    "$date$": r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+\-]\d\d:\d\d))?)?)?",
    "$uuid$": r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "$url$": r"(https?://|urn:(uuid|oid):)\S+",
    "$token$": r"\w[\w.\-]*",
    "$string$": r"\S(.*\S)?",
    "$semver$": r"\d+\.\d+(\.\d+)?([\-+].*)?",
}
MARKS: Final = frozenset({"$optional$", "$optional-properties$", "$count-arrays$"})
UNORDERED: Final = frozenset({"parameter", "part", "issue", "property", "extension"})


@frozen
class Comparison:
    """Compares responses of one version of FHIR.

    Args:
        version: The version: ``4.0.1``.
    """

    version: str

    def differences(self, expected: Any, actual: Any, place: str = "") -> list[str]:
        """Return what differs, each with its place; nothing where a response is the expected one.

        >>> Comparison("5.0.0").differences({"a": "$choice:x|y$"}, {"a": "z"})
        [".a: expected '$choice:x|y$', got 'z'"]
        """
        if isinstance(expected, dict) and isinstance(actual, dict):
            return list(self._of_objects(expected, actual, place))
        if isinstance(expected, list) and isinstance(actual, list):
            of_name = place.rpartition(".")[2]
            compared = self._unordered if of_name in UNORDERED else self._ordered
            return list(compared(expected, actual, place))
        same = self._is_same(expected, actual)
        return [] if same else [f"{place}: expected {expected!r}, got {actual!r}"]

    def _is_same(self, expected: Any, actual: Any) -> bool:
        if type(expected) is not type(actual):
            return False
        if isinstance(expected, str) and expected.startswith("$") and expected.endswith("$"):
            return self._fits(expected, actual)
        return bool(expected == actual)

    def _fits(self, template: str, text: str) -> bool:
        if template in SHAPES:
            return re.fullmatch(SHAPES[template], text, re.DOTALL) is not None
        if template == "$version$":
            return text == self.version
        name, _, values = template[1:-1].partition(":")
        choices = values.split("|")
        if name == "choice":
            return text in choices
        if name == "fragments":
            return all(one.lower() in text.lower() for one in choices)
        raise ValueError(f"expected a template, got {template!r}")

    def _of_objects(self, expected: dict[str, Any], actual: dict[str, Any], place: str) -> Iterator[str]:
        optional, counted = (expected.get(mark, ()) for mark in ("$optional-properties$", "$count-arrays$"))
        for name, value in expected.items():
            if name in MARKS:
                continue
            if name in actual:
                here = f"{place}.{name}"
                yield from (
                    _of_length(value, actual[name], here)
                    if name in counted
                    else self.differences(value, actual[name], here)
                )
            elif name not in optional and "*" not in optional and not self._may_be_absent(value):
                yield f"{place}: expected {name}"
        for name, held in actual.items():
            if name not in expected and name not in optional and "*" not in optional:
                yield f"{place}: unexpected {name} = {held!r}"

    def _may_be_absent(self, value: Any) -> bool:
        return isinstance(value, list) and all(self._is_optional(one) for one in value)

    def _is_optional(self, item: Any) -> bool:
        mark = item.get("$optional$", False) if isinstance(item, dict) else False
        return self.version.startswith(mark[8:]) if isinstance(mark, str) else bool(mark)

    def _ordered(self, expected: Sequence[Any], actual: Sequence[Any], place: str) -> Iterator[str]:
        left = list(actual)
        for number, item in enumerate(expected):
            found = self.differences(item, left[0], f"{place}[{number}]") if left else [f"{place}[{number}]: missing"]
            if not found:
                del left[0]
            elif not self._is_optional(item):
                yield from found
                del left[:1]
        yield from (f"{place}: unexpected {one!r}" for one in left)

    def _unordered(self, expected: Sequence[Any], actual: Sequence[Any], place: str) -> Iterator[str]:
        left = list(actual)
        missing = []
        for item in expected:
            found = next((place for place, one in enumerate(left) if not self.differences(item, one)), None)
            if found is not None:
                del left[found]
            elif not self._is_optional(item):
                missing.append(item)
        for item in missing:
            near = next((one for one in left if _name(one) == _name(item)), None)
            here = f"{place}({_name(item)})"
            if near is None:
                yield f"{here}: expected {item!r}"
            else:
                left.remove(near)
                yield from self.differences(item, near, here)
        yield from (f"{place}: unexpected {one!r}" for one in left)


def _of_length(expected: Sequence[Any], actual: Any, place: str) -> Iterator[str]:
    if not isinstance(actual, list) or len(actual) != len(expected):
        yield f"{place}: expected {len(expected)} items, got {actual!r}"


def _name(item: Any) -> str:
    """Return what an item of an array without order goes by."""
    if not isinstance(item, dict):
        return str(item)
    text = item.get("details", {}).get("text", "")
    return str(item.get("name") or item.get("url") or item.get("code") or "") + (f" {item['severity']}" if text else "")
