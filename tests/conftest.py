"""The store of the packaged samples, opened: the store, ICD-10-CM in it, and one edition of that."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology import CodeSystem, Edition, Terminology


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
