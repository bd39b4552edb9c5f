"""Editions of the sample store, for tests of code lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import terminology
from terminology import CodeSystem, Edition, Terminology
from terminology.codelists import CodeList, Resolution

Resolve = Callable[..., Resolution]


@pytest.fixture(scope="session")
def store(sample_store: Path) -> Terminology:
    """The store of the packaged samples."""
    return terminology.open(sample_store)


@pytest.fixture(scope="session")
def cm(store: Terminology) -> CodeSystem:
    """ICD-10-CM of the samples."""
    return store["icd10cm"]


@pytest.fixture(scope="session")
def edition(cm: CodeSystem) -> Edition:
    """ICD-10-CM of October 2021."""
    return cm.release("2022")


@pytest.fixture(scope="session")
def resolve(edition: Edition) -> Resolve:
    """A function that resolves the text of a list, in October 2021 or in another edition."""

    def resolved(text: str, other: Edition | None = None) -> Resolution:
        return CodeList.parse(text).resolve(other or edition)

    return resolved
