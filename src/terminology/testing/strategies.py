"""Strategies of hypothesis over what a store holds: codes, texts that are nearly codes, and days."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import schema
from ..query import CodeSystem, Edition

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def codes_of(edition: Edition) -> SearchStrategy[str]:
    """Return a strategy of codes in force in an edition, written in all the ways that are accepted."""
    from hypothesis import strategies as st

    table = edition.table("concepts")
    kinds = table.column("kind").to_pylist()
    # a prefix stands in the tree and is no code
    codes = [
        c for c, kind in zip(table.column("code").to_pylist(), kinds, strict=True) if kind not in schema.NODE_KINDS
    ]
    forms = st.sampled_from([str, str.lower, " {} ".format, lambda code: code.replace(".", "")])
    return st.builds(lambda code, form: form(code) if "-" not in code else code, st.sampled_from(codes), forms)


def near_misses_of(edition: Edition) -> SearchStrategy[str]:
    """Return a strategy of texts that are nearly codes of an edition: a character changed, lost, doubled or swapped."""
    from hypothesis import strategies as st

    @st.composite
    def missed(draw: st.DrawFn) -> str:
        code = draw(st.sampled_from(edition.table("concepts").column("code").to_pylist()))
        place = draw(st.integers(0, len(code) - 1))
        change: Callable[[str, int], str] = draw(
            st.sampled_from(
                [
                    lambda text, i: text[:i] + text[i + 1 :],
                    lambda text, i: text[:i] + text[i] + text[i:],
                    lambda text, i: text[:i] + "X" + text[i + 1 :],
                    lambda text, i: text[:i] + text[i : i + 2][::-1] + text[i + 2 :],
                ]
            )
        )
        return change(code, place)

    return missed()


def days_of(system: CodeSystem) -> SearchStrategy[str]:
    """Return a strategy of days in ISO form: any, and many at the turning points of a code system's releases."""
    import datetime

    from hypothesis import strategies as st

    day = datetime.timedelta(days=1)
    turns = [release.effective + step * day for release in system.releases for step in (-1, 0, 1)]
    anywhere = st.dates(datetime.date(1980, 1, 1), datetime.date(2040, 12, 31))
    return (st.sampled_from(turns) | anywhere).map(datetime.date.isoformat)
