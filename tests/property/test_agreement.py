"""Difference, status, history and migration agree on every code between any two releases of random worlds."""

from __future__ import annotations

from hypothesis import given

from terminology import CodeSystem

from ..agreement import Agreement, pairs, versions
from .successions import Story, stories
from .test_migration import told
from .test_worlds import WORLDS, opened
from .worlds import World, unlisted_worlds


@given(WORLDS | unlisted_worlds())
def test_of_any_world(world: World) -> None:
    """Of releases alone, snapshots and dated ones, with headers that the publisher lists and with derived ones."""
    with opened(world) as store:
        all_agree(store[world.definition.name])


@given(stories())
def test_of_any_succession(story: Story) -> None:
    """Of releases and what a publication says became of their codes."""
    with told(story) as plants:
        all_agree(plants)


def all_agree(system: CodeSystem) -> None:
    """Compare the four for all codes, between all releases, in both directions."""
    agreement = Agreement(system)
    assert [] == agreement.of_history(versions(system))
    for first, last in pairs(system):
        for before, after in ((first, last), (last, first)):
            assert [] == agreement.of_difference(before, after)
            assert [] == agreement.of_migration(before, after, agreement.codes)
