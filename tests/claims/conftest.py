"""A store with notes of every kind, invented lists, and a claim that nothing is found on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from attrs import field, frozen

from terminology import Terminology
from terminology.claims import Ages, Findings, Listed, audit
from terminology.model import GroupingVersion, SourceFile

from .publications import loaded

DAY = "2022-03-01"
AGES = {"mce_newborn": Ages(0, 0), "mce_pediatric": Ages(0, 17), "mce_adult": Ages(15, 124)}
"""Of maternity they are not said."""
Rules = Callable[..., list[str]]


@frozen
class InventedLists:
    """Lists of one version, which covers fiscal year 2022 alone."""

    codes: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """By list, the codes with what is said of them."""
    exclusions: frozenset[tuple[str, str]] = frozenset()
    missing: frozenset[str] = frozenset()

    def version(self, name: str, day: datetime.date) -> str | None:
        """Return the version of the year."""
        is_covered = datetime.date(2021, 10, 1) <= day < datetime.date(2022, 10, 1)
        return "v39" if is_covered and name not in self.missing else None

    def holds(self, name: str, code: str, _day: datetime.date) -> Listed | None:
        """Return what is said of a code."""
        found = self.codes.get(name, {})
        return Listed("v39", category=found[code]) if code in found else None

    def ages(self, name: str, _day: datetime.date) -> Ages | None:
        """Return the ages of the lists up to version 36."""
        return AGES.get(name)

    def excluded(self, code: str, principal: str, _day: datetime.date) -> Listed | None:
        """Return an exclusion."""
        return Listed("v39") if (code, principal) in self.exclusions else None

    def published(self, name: str, _day: datetime.date) -> tuple[GroupingVersion, ...]:
        """Return the version with a file of its name, and what goes with it."""
        files = (
            SourceFile(f"{name}.txt", "5e" * 32, 9, f"{name} list of icd10cm"),
            SourceFile("readme.txt", "0a" * 32, 9),
        )
        days = (datetime.date(2021, 10, 1), datetime.date(2022, 10, 1))
        return (GroupingVersion(name, "v39", *days, None, None, sources=files),)


@pytest.fixture(scope="session")
def noted_store(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """The store of the small ICD-10-CM."""
    return loaded(tmp_path_factory.mktemp("noted"))


@pytest.fixture(scope="session")
def found(noted_store: Terminology) -> Callable[..., Findings]:
    """A function that audits a claim of March 2022."""

    def ask(*diagnoses: Any, lists: Any = None, **more: Any) -> Findings:
        claim = {"id": "1", "service_date": DAY, "diagnoses": list(diagnoses), **more}
        return audit(claim, noted_store, lists)

    return ask


@pytest.fixture(scope="session")
def rules(found: Callable[..., Findings]) -> Rules:
    """A function that returns the rules of what is found on a claim."""

    def ask(*diagnoses: Any, lists: Any = None, **more: Any) -> list[str]:
        return [finding.rule for finding in found(*diagnoses, lists=lists, **more)]

    return ask
