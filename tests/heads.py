"""The tables of examples at the head of modules."""

from __future__ import annotations


def table_of(head: str | None, first: str) -> list[str]:
    """Return the rows below the heading of a table, found by its first cell, with one blank between the cells."""
    assert head is not None
    body = head.partition(f"    {first} ")[2].partition("\n\n")[0]
    return [" ".join(line.split()) for line in body.splitlines()[1:]]
