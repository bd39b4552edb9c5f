"""The Charlson comorbidity index, from a definition file.

The publications print the algorithm as a table, and nobody posts it as a file. So the definition is a file of our own,
in a form that anyone can write for a variant: rows of what is known of it, a header, and a row for each category.

    Charlson comorbidity index
    version,quan-2005
    effective,1979-01-01
    category,title,weight,weight_2011,drops,icd10 icd10cm,icd9cm
    CEVD,Cerebrovascular disease,1,0,,G45 G46 H34.0 I60-I69,362.34 430-438

A column of codes is headed by the code systems that it is for. Each word there is the beginning of codes, or a range of
such beginnings: ``I60-I69`` has all codes that begin with I60, I61 … ``drops`` names categories that do not count beside
this one. Columns whose heading begins with ``weight`` have whole numbers.

References:
    Quan H, Sundararajan V, Halfon P, et al. "Coding algorithms for defining comorbidities in ICD-9-CM and ICD-10
    administrative data". Med Care 2005;43(11):1130-9.
    Charlson ME, Pompei P, Ales KL, MacKenzie CR. J Chronic Dis 1987;40(5):373-83: the weights.
    Quan H, Li B, Couris CM, et al. Am J Epidemiol 2011;173(6):676-82: the updated weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ..family import FileReader, GroupingFamily, family_definition
from .definition import read_definition


class CharlsonLoader(GroupingFamily):
    """Reads definition files of the Charlson comorbidity index."""

    definition = family_definition("charlson", "Charlson comorbidity index")
    readers: ClassVar[Sequence[FileReader]] = (read_definition,)


__all__ = ["CharlsonLoader"]
