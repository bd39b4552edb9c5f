"""The judges of answers refuse what is wrong: a judge that accepts everything is none."""

from __future__ import annotations

from typing import Any

import pytest

from .judges import judged


@pytest.mark.parametrize(
    "parameter",
    [
        [],
        [{"name": "result", "valueBoolean": None}],
        [{"name": "match", "part": []}],
        [{"name": "message", "valueString": ""}],
        [{"name": "result", "valueBoolean": True, "valueString": "yes"}],
    ],
)
@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_nothing_empty_and_one_value_each(parameter: list[dict[str, Any]], fhir) -> None:
    """What the models of either version let pass is refused all the same."""
    with pytest.raises(ValueError, match="parameter"):
        judged({"resourceType": "Parameters", "parameter": parameter}, fhir)


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_a_value_of_the_wrong_type(fhir) -> None:
    """A number where a flag belongs is refused by the model of the version."""
    with pytest.raises(ValueError, match=r"(?i)bool"):
        judged({"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": 7}]}, fhir)
