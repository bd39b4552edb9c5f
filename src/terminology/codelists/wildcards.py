"""Patterns of other languages as the wildcards of a code list, where these can express the same."""

from __future__ import annotations

import re
from typing import Final

TOKEN: Final = re.compile(r"\\\.|\.[*+]?|[A-Za-z0-9-]")
MEANING: Final = {"\\.": ".", ".": "?", ".*": "*", ".+": "?*"}
SIGNS: Final = re.compile(r"[\\^$\[\](){}+|]")


def is_regular_expression(text: str) -> bool:
    """Return whether a text has signs that regular expressions have, and codes and wildcards have not.

    >>> is_regular_expression(r"E11\\..*"), is_regular_expression("E11.*")
    (True, False)
    """
    return SIGNS.search(text) is not None


def from_regular_expression(text: str) -> str | None:
    """Return the wildcards that match what a regular expression matches as a whole, or None where none do.

    >>> from_regular_expression(r"^E11\\..*$"), from_regular_expression("E1.*"), from_regular_expression("E1[0-4].*")
    ('E11.*', 'E1*', None)
    """
    body = text.removeprefix("^").removesuffix("$")
    tokens = [found[0] for found in TOKEN.finditer(body)]
    if not body or "".join(tokens) != body:
        return None
    return "".join(MEANING.get(token, token) for token in tokens)
