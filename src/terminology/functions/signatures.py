"""Names, arguments and types of the functions, for every engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["text", "boolean", "alternatives"]
"""What a function returns; alternatives are lists of codes that are used together."""


class Signature(NamedTuple):
    """How one function is called."""

    arguments: tuple[str, ...]
    """Their names, in their order."""
    optional: int
    """How many arguments at the end may be left out."""
    kind: Kind
    """What it returns: ``text``, ``boolean`` or ``alternatives``."""

    def check(self, name: str, given: int) -> None:
        """Check the number of arguments.

        Raises:
            TypeError: There are too few, or too many.

        >>> SIGNATURES["status"].check("terminology_status", 1)
        Traceback (most recent call last):
        TypeError: terminology_status takes (system, code[, day]), got 1 argument
        """
        if not len(self.arguments) - self.optional <= given <= len(self.arguments):
            count = "1 argument" if given == 1 else f"{given} arguments"
            raise TypeError(f"{name} takes ({self}), got {count}")

    def __str__(self) -> str:
        needed = self.arguments[: len(self.arguments) - self.optional]
        return ", ".join(needed) + "".join(f"[, {name}]" for name in self.arguments[len(needed) :])


SIGNATURES: Final[Mapping[str, Signature]] = {
    "status": Signature(("system", "code", "day"), 1, "text"),
    "code": Signature(("system", "code"), 0, "text"),
    "reason": Signature(("system", "code", "day"), 1, "text"),
    "display": Signature(("system", "code", "day"), 1, "text"),
    "property": Signature(("system", "code", "name", "day"), 1, "text"),
    "subsumes": Signature(("system", "a", "b", "day"), 1, "text"),
    "member": Signature(("list", "code", "day"), 1, "boolean"),
    "migrate": Signature(("system", "code", "origin", "target"), 1, "alternatives"),
    "translate": Signature(("source", "target", "code", "day"), 1, "alternatives"),
}
"""By name, which is the same as that of the method of `Functions`."""
