"""The groupings of AHRQ's Healthcare Cost and Utilization Project (HCUP): CCSR, CCS, chronic conditions, procedure classes.

References:
    AHRQ, HCUP Tools and Software, hcup-us.ahrq.gov: the mapping files of each tool and their user guides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ..family import FileReader, GroupingFamily, family_definition
from .ccs import read_ccs, read_ccs_icd10, read_ccs_multi
from .ccs_text import read_ccs_text
from .ccsr import read_ccsr_dx
from .ccsr_workbook import read_ccsr_workbook
from .chronic import read_chronic
from .procedures import read_ccsr_pr, read_procedure_class, read_utilization_flag


class HcupLoader(GroupingFamily):
    """Reads the mapping files of HCUP's tools."""

    definition = family_definition("hcup", "AHRQ HCUP groupings")
    readers: ClassVar[Sequence[FileReader]] = (
        read_ccsr_dx,
        read_ccsr_workbook,
        read_ccsr_pr,
        read_ccs,
        read_ccs_multi,
        read_ccs_icd10,
        read_ccs_text,
        read_chronic,
        read_procedure_class,
        read_utilization_flag,
    )


__all__ = ["HcupLoader"]
