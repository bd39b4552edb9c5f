"""Which version of a code system or value set is meant: patterns, and the rules that a request gives.

A version may be a pattern: ``x`` or ``*`` in place of a part fits any, and at its end any further parts; ``1.x`` fits
``1.2.0``, and ``1`` does not. A request gives three kinds of rules:

* ``force-system-version``: this version, whatever a value set says
* ``system-version``: this version, where a value set says none
* ``check-system-version``: another version is an error; where a value set says none, it is this one

References:
    HL7 FHIR R5, ``ValueSet/$expand`` and ``ValueSet/$validate-code``; THO extension ``versionAlgorithm``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import field, frozen

from .code_systems import split_canonical
from .outcomes import FhirError, said
from .parameters import Inputs

WILDCARDS: Final = ("x", "X", "*")
SEPARATORS: Final = re.compile(r"[.\-]")


def fits(version: str | None, pattern: str | None) -> bool:
    """Return whether a version is the one that a pattern asks for; any is where there is no pattern.

    >>> fits("1.2.0", "1.x"), fits("1.2.0", "1"), fits("2023-04", "2023-x"), fits(None, "1"), fits("1", None)
    (True, False, True, False, True)
    """
    if not pattern or version == pattern:
        return True
    if version is None or not is_pattern(pattern):
        return False
    wanted, parts = SEPARATORS.split(pattern), SEPARATORS.split(version)
    if len(parts) < len(wanted) or (len(parts) > len(wanted) and wanted[-1] not in WILDCARDS):
        return False
    return all(one in WILDCARDS or one == part for one, part in zip(wanted, parts, strict=False))


def is_pattern(version: str) -> bool:
    """Return whether a version is a pattern.

    >>> is_pattern("1.x.x"), is_pattern("1.0.0")
    (True, False)
    """
    return any(part in WILDCARDS for part in SEPARATORS.split(version))


def age(version: str | None) -> tuple[tuple[int, int, str], ...]:
    """Return what versions sort by, oldest first; numbers count as numbers, and none at all is the oldest.

    >>> sorted(["1.10.0", "1.9.0", "2023-04", "2023", None], key=age)
    [None, '1.9.0', '1.10.0', '2023', '2023-04']
    """
    if version is None:
        return ()
    parts = re.findall(r"[0-9]+|[^0-9.\-_ ]+", version)
    return tuple((1, int(part), "") if part.isdecimal() and len(part) < 16 else (0, 0, part) for part in parts)  # noqa: PLR2004


def newest(versions: Iterable[str | None], pattern: str | None = None) -> str | None:
    """Return the newest version that fits a pattern; None where none does.

    >>> newest(["1.0.0", "1.2.0", "2.0.0"], "1.x.x")
    '1.2.0'
    """
    return max((one for one in versions if fits(one, pattern)), key=age, default=None)


@frozen
class VersionRules:
    """What a request says of the versions to use, by URL."""

    force: dict[str, str] = field(factory=dict)
    default: dict[str, str] = field(factory=dict)
    check: dict[str, str] = field(factory=dict)
    value_sets: dict[str, str] = field(factory=dict)
    """Versions of value sets where nothing else is said (``default-valueset-version``)."""

    def pattern(self, url: str, stated: str | None) -> tuple[str | None, str | None]:
        """Return the version to use of a code system, and the rule that made it so.

        The rule is ``force``, ``default``, ``check``, or None where the stated version, or any, will do.
        """
        if url in self.force:
            return self.force[url], "force"
        if stated:
            return stated, None
        if url in self.default:
            return self.default[url], "default"
        return (self.check[url], "check") if url in self.check else (None, None)


RULES: Final = frozenset({"force-system-version", "system-version", "check-system-version", "default-valueset-version"})
NO_RULES: Final = VersionRules()


def rules_of(inputs: Inputs) -> VersionRules:
    """Return the rules of a request.

    Raises:
        FhirError: Two rules of one kind differ about a code system.
    """
    if RULES.isdisjoint(inputs.names):
        return NO_RULES
    force = _by_url(inputs.texts("force-system-version"), "SYSTEM_VERSION_MULTIPLE_OVERRIDE")
    default = _by_url(inputs.texts("system-version"), "SYSTEM_VERSION_MULTIPLE_DEFAULT")
    check = _by_url(inputs.texts("check-system-version"), "SYSTEM_VERSION_MULTIPLE_DEFAULT")
    return VersionRules(force, default, check, _by_url(inputs.texts("default-valueset-version"), None))


def _by_url(canonicals: Sequence[str], clash: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in canonicals:
        url, version = split_canonical(one)
        if version is None:
            continue
        if clash and found.get(url, version) != version:
            raise FhirError(400, [said(clash, url, found[url], version, code="exception", kind="version-error")])
        found[url] = version
    return found
