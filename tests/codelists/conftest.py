"""What tests of code lists resolve their lists with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from terminology import Edition
from terminology.codelists import CodeList, Resolution

Resolve = Callable[..., Resolution]


@pytest.fixture(scope="session")
def resolve(edition: Edition) -> Resolve:
    """A function that resolves the text of a list, in October 2021 or in another edition."""

    def resolved(text: str, other: Edition | None = None) -> Resolution:
        return CodeList.parse(text).resolve(other or edition)

    return resolved
