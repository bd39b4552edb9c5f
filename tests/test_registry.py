"""What is found by entry point, and what is said of a package that is at fault."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from terminology import TerminologyError, registry

HOUSEHOLD = "terminology_loaders.cpt:CptLoader"
MAPS = "terminology_crosswalks.own_map:OwnMapReader"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return what a group finds among entry points that are given as values."""

    def find(group: str, *values: str) -> dict[str, Any]:
        points = [EntryPoint(f"point{number}", value, group) for number, value in enumerate(values)]
        monkeypatch.setattr(
            registry, "entry_points", lambda *, group: [point for point in points if point.group == group]
        )
        asked = {registry.LOADERS: registry.loaders, registry.CROSSWALKS: registry.crosswalk_readers}[group]
        return asked.__wrapped__()

    return find


def test_the_names_are_those_of_systems_and_of_readers(found: Callable[..., dict[str, Any]]) -> None:
    """The name of an entry point does not count."""
    assert list(found(registry.LOADERS, HOUSEHOLD)) == ["cpt"]
    assert list(found(registry.CROSSWALKS, MAPS)) == ["own_map"]


@pytest.mark.parametrize(
    ("group", "values", "message"),
    [
        (registry.LOADERS, [MAPS], f"entry point point0 = {MAPS} is not a loader"),
        (registry.CROSSWALKS, [HOUSEHOLD], f"entry point point0 = {HOUSEHOLD} is not a crosswalk reader"),
        (registry.LOADERS, [HOUSEHOLD, HOUSEHOLD], "two loaders claim the code system cpt"),
        (registry.CROSSWALKS, [MAPS, MAPS], "two crosswalk readers are named own_map"),
        (
            registry.LOADERS,
            ["no_such_package:Loader"],
            (
                "entry point point0 = no_such_package:Loader cannot be loaded (ModuleNotFoundError: "
                "No module named 'no_such_package'); mend or uninstall the package"
            ),
        ),
        (
            registry.CROSSWALKS,
            ["datetime:date"],
            (
                "entry point point0 = datetime:date cannot be loaded (TypeError: function missing required argument 'year' "
                "(pos 1)); mend or uninstall the package"
            ),
        ),
    ],
)
def test_a_package_at_fault(found: Callable[..., dict[str, Any]], group: str, values: list[str], message: str) -> None:
    """The error names the entry point; it is none of the program itself."""
    with pytest.raises(TerminologyError) as caught:
        found(group, *values)
    assert message == str(caught.value)
