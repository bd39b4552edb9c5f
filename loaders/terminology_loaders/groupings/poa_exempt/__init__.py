"""Diagnoses that are exempt from present-on-admission (POA) reporting, by fiscal year.

A version is the whole list of a fiscal year. The lists of what was added and deleted, and the read-me with its counts,
are companions: they are checked against the list, and against that of the year before where it is loaded.

References:
    CDC/NCHS and CMS, "Present on Admission (POA) exempt list": ``POAexemptCodesYYYY`` as text and workbook, with
    ``POAexemptAddCodes``, ``POAexemptDeleteCodes``, ``POAexemptReviseCodes`` and a read-me.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from terminology.drafts import Assembly, Part
from terminology.groupings import GROUPINGS

from ..family import FileReader, GroupingFamily
from .changes import reconciled
from .files import read_list, read_me, with_first_day


class PoaExemptLoader(GroupingFamily):
    """Reads the lists of diagnoses that are exempt from POA reporting."""

    definition = GROUPINGS["poa_exempt"]
    readers: ClassVar[Sequence[FileReader]] = (read_list, read_me)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the list of each fiscal year, checked against the changes that its publisher states."""
        dated = [with_first_day(part) for part in parts]
        lists = [part for part in dated if part.facts["members"]]
        return reconciled(super().assemble(lists), [part for part in dated if not part.facts["members"]])


__all__ = ["PoaExemptLoader"]
