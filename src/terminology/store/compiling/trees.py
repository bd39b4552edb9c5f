"""Number a tree in document order: descendants become a slice, subsumption two comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ...errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

NONE: Final = 2**32 - 1
"""No parent, or no place in the tree."""


def tree_table(nodes: Any, parents: Any, lines: Any, sources: Any, codes: int) -> pa.Table:
    """Return the tree as columns of ``codes`` rows.

    ``pre`` is indexed by the row of a code and gives its place in the tree (`NONE` outside it). The others are
    indexed by place: ``node`` the row of the code, ``end`` the place behind its last descendant, ``parent`` the
    place of its parent, ``source`` and ``line`` the release's source and the line in it (0 where it has none).

    Args:
        nodes: Rows of the codes in document order.
        parents: Of each, the position of its parent in ``nodes``, or -1.
        lines: Of each, the line.
        sources: Of each, the source.
        codes: Number of rows of the codes table.
    """
    import numpy as np
    import pyarrow as pa

    order, ends = preorder(list(map(int, parents)))
    order_array = np.asarray(order, dtype=np.int64)
    places = np.full(len(nodes) + 1, NONE, dtype=np.uint32)
    places[order_array] = np.arange(len(order), dtype=np.uint32)
    node = np.asarray(nodes, dtype=np.uint32)[order_array]
    parent = places[np.asarray(parents, dtype=np.int64)[order_array]]
    pre = np.full(codes, NONE, dtype=np.uint32)
    pre[node] = np.arange(len(order), dtype=np.uint32)
    return pa.table(
        {
            "pre": pre,
            "node": _padded(node, codes),
            "end": _padded(np.asarray(ends, dtype=np.uint32), codes),
            "parent": _padded(parent, codes),
            "line": _padded(np.asarray(lines, dtype=np.uint32)[order_array], codes, 0),
            "source": _padded(np.asarray(sources, dtype=np.uint32)[order_array], codes, 0).astype("uint8"),
        }
    )


def _padded(values: Any, length: int, filling: int = NONE) -> Any:
    import numpy as np

    padded = np.full(length, filling, dtype=np.uint32)
    padded[: len(values)] = values
    return padded


def preorder(parents: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the positions in pre-order, and the end of each subtree by place.

    Siblings keep their order. Rows that are in pre-order already, as official files are,
    take one pass.

    Raises:
        StoreError: The parents form a cycle.

    >>> preorder([-1, 0, 0, -1, 1])
    ([0, 1, 4, 2, 3], [4, 3, 3, 4, 5])
    """
    ends = _ends_if_preordered(parents)
    if ends is not None:
        return list(range(len(parents))), ends
    children: dict[int, list[int]] = {}
    for position, parent in enumerate(parents):
        children.setdefault(parent, []).append(position)
    order: list[int] = []
    ends = [0] * len(parents)
    stack: list[tuple[int, int]] = [(root, -1) for root in reversed(children.get(-1, []))]
    while stack:
        position, place = stack.pop()
        if place >= 0:
            ends[place] = len(order)
            continue
        stack.append((position, len(order)))
        order.append(position)
        stack.extend((child, -1) for child in reversed(children.get(position, [])))
    if len(order) != len(parents):
        raise StoreError(f"{len(parents) - len(order)} nodes of the hierarchy form a cycle")
    return order, ends


def _ends_if_preordered(parents: Sequence[int]) -> list[int] | None:
    """Return the end of each subtree, or None if the rows are not in pre-order."""
    ends = [len(parents)] * len(parents)
    stack: list[int] = []
    for position, parent in enumerate(parents):
        while stack and stack[-1] != parent:
            ends[stack.pop()] = position
        if parent >= 0 and not stack:
            return None
        stack.append(position)
    return ends
