"""Circles among steps from code to code."""

from __future__ import annotations

from collections.abc import Sequence


def circles(steps: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return every circle that following the steps ends in, each once, from its first code in the alphabet.

    >>> circles([("A", "B"), ("B", "C"), ("C", "B"), ("D", "E")])
    [('B', 'C', 'B')]
    """
    following: dict[str, list[str]] = {}
    for origin, target in steps:
        following.setdefault(origin, []).append(target)
    found: dict[tuple[str, ...], None] = {}
    done: set[str] = set()
    for start, targets in following.items():
        way = [start]
        branches = [iter(targets)]
        while branches:
            code = next(branches[-1], None)
            if code is None:
                done.add(way.pop())
                branches.pop()
            elif code in way:
                circle = way[way.index(code) :]
                least = circle.index(min(circle))
                found[(*circle[least:], *circle[:least], circle[least])] = None
            elif code in following and code not in done:
                way.append(code)
                branches.append(iter(following[code]))
    return list(found)
