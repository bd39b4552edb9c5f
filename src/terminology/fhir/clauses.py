"""The parts of a value set: its clauses, and the rows that they become.

References:
    HL7 FHIR R5, ``ValueSet.compose``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, overload

from attrs import frozen

from .code_systems import SystemVersion, split_canonical
from .exchange import Resource


class Row(NamedTuple):
    """A code of a value set."""

    system: SystemVersion
    code: str
    entry: Resource | None = None
    """The concept of the value set that names it."""

    @property
    def key(self) -> tuple[str, str | None, str]:
        """System, version and code: what makes two rows the same."""
        return self.system.url, self.system.version, self.code


class SystemRows(Sequence[Row]):
    """The rows of many codes of one version, made when they are asked for."""

    def __init__(self, system: SystemVersion, codes: Sequence[str]) -> None:
        self.system = system
        self.codes = codes

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [Row(self.system, code) for code in self.codes[place]]
        return Row(self.system, self.codes[place])

    def __iter__(self) -> Iterator[Row]:
        return (Row(self.system, code) for code in self.codes)


@frozen(eq=False)
class Clause:
    """One include or exclude of a value set."""

    element: Resource
    place: str
    """Like ``ValueSet.compose.include[0]``."""
    is_exclude: bool

    @property
    def url(self) -> str | None:
        """The code system that it names, without version."""
        system = self.element.get("system")
        if not isinstance(system, str):
            return None
        return split_canonical(system)[0] if "|" in system else system

    @property
    def version(self) -> str | None:
        """The version that it names."""
        version = self.element.get("version") or split_canonical(self.element.get("system") or "")[1]
        return str(version) if version else None

    @property
    def concepts(self) -> list[Resource]:
        """The codes that it lists."""
        return [one for one in self.element.get("concept") or [] if isinstance(one, dict) and "code" in one]

    @property
    def imports(self) -> list[str]:
        """The value sets that it refers to."""
        return [one for one in self.element.get("valueSet") or [] if isinstance(one, str)]


def clauses_of(value_set: Resource) -> list[Clause]:
    """Return the clauses of a value set; of one with an expansion and no definition, what its expansion lists."""
    compose = value_set.get("compose")
    if not isinstance(compose, dict):
        return [Clause(one, "ValueSet.expansion", is_exclude=False) for one in _expanded(value_set)]
    return [
        Clause(one, f"ValueSet.compose.{name}[{number}]", name == "exclude")
        for name in ("include", "exclude")
        for number, one in enumerate(compose.get(name) or [])
        if isinstance(one, dict)
    ]


def _expanded(value_set: Resource) -> list[Resource]:
    """Return what the expansion of a value set lists, as includes."""
    found: dict[tuple[Any, Any], list[Resource]] = {}
    waiting = list(reversed((value_set.get("expansion") or {}).get("contains") or []))
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        if "code" in one and one.get("system"):
            found.setdefault((one["system"], one.get("version")), []).append({"code": one["code"]})
        waiting += reversed(one.get("contains") or [])
    return [
        {"system": system, "concept": concepts, **({"version": version} if version else {})}
        for (system, version), concepts in found.items()
    ]


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Return rows, each once; the first of several that are the same is kept."""
    found: dict[tuple[str, str | None, str], Row] = {}
    for row in rows:
        found.setdefault(row.key, row)
    return list(found.values())


def active(rows: Sequence[Row]) -> Sequence[Row]:
    """Return rows without those of inactive concepts."""
    if isinstance(rows, SystemRows) and not rows.system.has_inactive:
        return rows
    return [
        row
        for row in rows
        if not row.system.has_inactive or ((found := row.system.concept(row.code)) and not found.is_inactive)
    ]
