"""How the oracle file beside the releases names them, and how we do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from terminology import CodeSystem
from terminology.model import Translation

Migrated = Callable[[str, str, str], Mapping[str, Translation]]
"""From system and two releases to every billable code of the first, carried to the second."""
MONTHS = {"": "", "Oct": "", "Jan": "-01", "Apr": "-04"}


def version_of(key: str) -> str:
    """Return our version label of a key like ``2021Jan`` or ``2022Oct``."""
    return key[:4] + MONTHS[key[4:]]


def official(code: str) -> str:
    """Return the dotted form of a code as order files write it."""
    return code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"


def rows(cm: CodeSystem, version: str) -> dict[str, tuple[bool, str, str]]:
    """Return the publisher's rows of a release: whether billable, short title and title, by official code."""
    table = cm.release(version).table("published")
    columns = (table.column(name).to_pylist() for name in ("code", "billable", "short_title", "title", "kind"))
    return {
        code: (billable, short_title, title)
        for code, billable, short_title, title, kind in zip(*columns, strict=True)
        if kind not in ("chapter", "section")
    }


def billable(system: CodeSystem, version: str) -> Iterator[str]:
    """Yield the billable codes of a release."""
    table = system.release(version).table("concepts")
    for code, status in zip(table.column("code").to_pylist(), table.column("status").to_pylist(), strict=True):
        if status == "billable":
            yield code
