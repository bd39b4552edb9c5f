"""The Medicare Code Editor (MCE): lists of codes by which it edits the claims of inpatients.

A version is that of the editor, which follows the fiscal year. Its lists are categories: ``newborn``, ``maternity``,
``unacceptable_principal`` … A list of diagnoses and one of procedures may have the same name (``female``).

References:
    CMS, "Definitions of Medicare Code Edits", text and PDF, with each final rule of the inpatient payment system.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import evolve

from terminology.drafts import Assembly, Part
from terminology.groupings import GROUPINGS

from ..family import FileReader, GroupingFamily
from .definitions import read_definitions
from .tab import read_tab
from .versions import with_first_day


class MceLoader(GroupingFamily):
    """Reads the lists of the Medicare Code Editor."""

    definition = GROUPINGS["mce"]
    readers: ClassVar[Sequence[FileReader]] = (read_tab, read_definitions)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the versions; the publisher's definitions are preferred to a table that was made of them."""
        dated = [with_first_day(part) for part in parts]
        published = {_version(part) for part in dated if part.facts["form"] == "definitions"}
        preferred = [part for part in dated if part.facts["form"] == "definitions" or _version(part) not in published]
        made = super().assemble(preferred)
        left = [part for part in dated if part not in preferred]
        why = "the publisher's own definitions of the version are loaded"
        return evolve(made, unused=(*made.unused, *((part, why) for part in left)))


def _version(part: Part) -> str | None:
    found: str | None = part.version or part.facts["version"]
    return found


__all__ = ["MceLoader"]
