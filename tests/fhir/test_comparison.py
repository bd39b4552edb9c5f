"""The comparison of responses finds what differs: one that finds nothing would let everything pass."""

from __future__ import annotations

from typing import Any

import pytest

from .comparison import Comparison

R4, R5 = Comparison("4.0.1"), Comparison("5.0.0")


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": "1"}, {"a": 1}),
        ({"a": 1}, {}),
        ({}, {"a": 1}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": [1]}, {"a": [1, 1]}),
        ({"a": [1, 1]}, {"a": [1]}),
        ({"parameter": [{"name": "x"}, {"name": "x"}]}, {"parameter": [{"name": "x"}]}),
        ({"a": "$uuid$"}, {"a": "urn:uuid:1"}),
        ({"a": "$instant$"}, {"a": "2024-03-01"}),
        ({"a": "$choice:x|y$"}, {"a": "x|y"}),
        ({"a": "$fragments:x|y$"}, {"a": "an X"}),
        ({"a": "$version$"}, {"a": "4.3.0"}),
        ({"$count-arrays$": ["a"], "a": [1, 2]}, {"a": [1]}),
        ({"$optional-properties$": ["a"], "a": 1}, {"a": 2}),
        ({"a": [{"$optional$": True, "b": 1}]}, {"a": [{"b": 2}]}),
        ({"a": [{"$optional$": "version:5", "b": 1}]}, {"a": []}),
    ],
)
def test_what_differs(expected: Any, actual: Any) -> None:
    """A type, a member too many or too few, another order, a text that does not fit a template."""
    assert R4.differences(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ({"parameter": [{"name": "x"}, {"name": "y"}]}, {"parameter": [{"name": "y"}, {"name": "x"}]}),
        ({"a": "$uuid$"}, {"a": "urn:uuid:01234567-89ab-cdef-0123-456789abcdef"}),
        ({"a": "$instant$"}, {"a": "2024-03-01T10:00:00Z"}),
        ({"a": "$choice:x|y$", "b": "$fragments:in|it$", "c": "$$"}, {"a": "y", "b": "It is in", "c": "x\ny"}),
        ({"$optional-properties$": ["*"]}, {"a": 2}),
        ({"$count-arrays$": ["a"], "a": [1, 2]}, {"a": [3, 4]}),
        ({"a": [{"$optional$": True, "b": 1}]}, {}),
        ({"a": [{"$optional$": "version:5", "b": 1}, 2]}, {"a": [2]}),
        ({"a": "$version$"}, {"a": "5.0.0"}),
    ],
)
def test_what_is_the_same(expected: Any, actual: Any) -> None:
    """Parameters in another order, what a template allows, what may be missing."""
    assert not R5.differences(expected, actual)


def test_an_unknown_template_is_no_text() -> None:
    """A mistake in an expected response is told."""
    with pytest.raises(ValueError, match=r"\$uid\$"):
        R5.differences("$uid$", "x")
