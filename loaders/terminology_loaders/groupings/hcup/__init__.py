"""The groupings of AHRQ's Healthcare Cost and Utilization Project (HCUP): CCSR, CCS, chronic conditions, procedure classes.

References:
    AHRQ, HCUP Tools and Software, hcup-us.ahrq.gov: the mapping files of each tool and their user guides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ..family import FileReader, GroupingFamily, family_definition
from .ccsr import read_ccsr_dx


class HcupLoader(GroupingFamily):
    """Reads the mapping files of HCUP's tools."""

    definition = family_definition("hcup", "AHRQ HCUP groupings")
    readers: ClassVar[Sequence[FileReader]] = (read_ccsr_dx,)


__all__ = ["HcupLoader"]
