"""Difference, status, history and migration agree on the codes of the publishers' real releases."""

from __future__ import annotations

import pytest

from terminology import Terminology
from terminology.differences import TABLES

from ..agreement import Agreement, neighbours, versions

SYSTEMS = ("hcpcs", "icd10", "icd10cm", "icd10gm", "icd10pcs", "icd9cm", "icd9pcs")
MIGRATED = 6
"""Codes of each table of each pair that are migrated: all of them take minutes."""
UNCHANGED = 5
"""Of the codes that no release changed, the history of each of so many is compared."""


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_four_agree(real_store: Terminology, name: str) -> None:
    """All codes by status and difference, between releases that follow each other, and from the first to each.

    All that ever changed are compared by history, beside some others; and some by migration. Any two releases are compared in `tests/property/test_agreement.py`, in invented worlds.
    """
    if name not in real_store:
        pytest.skip(f"no release of {name} is among the release files")
    system = real_store[name]
    agreement = Agreement(system)
    changed: set[str] = set()
    for first, last in neighbours(system):
        assert [] == agreement.of_difference(first, last)
        for before, after in ((first, last), (last, first)):
            difference = system.diff(before, after)
            tables = [difference.table(table).column("code").to_pylist() for table in TABLES]
            changed.update(*tables)
            codes = [code for listed in tables for code in listed[:: max(1, len(listed) // MIGRATED)]]
            assert [] == agreement.of_migration(before, after, codes)
    others = [code for code in agreement.codes if code not in changed]
    assert [] == agreement.of_history(versions(system), [*sorted(changed), *others[::UNCHANGED]])
