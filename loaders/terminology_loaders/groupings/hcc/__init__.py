"""The groupings of risk adjustment: CMS-HCC, ESRD, RxHCC and HHS-HCC.

References:
    CMS, Medicare risk adjustment: model software and ICD-10 mappings, a zip for each model and year.
    CCIIO, HHS-Developed Risk Adjustment Model Algorithm "Do It Yourself (DIY)" Software, a zip for each benefit year.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ..assembly import Companions
from ..family import FileReader, GroupingFamily, family_definition
from .all_models import read_all_models
from .companions import companions
from .lists import read_list
from .macros import read_macro
from .mapping import read_fixed, read_mapping


class HccLoader(GroupingFamily):
    """Reads the files of the risk adjustment models of CMS and HHS."""

    definition = family_definition("hcc", "CMS and HHS risk adjustment")
    readers: ClassVar[Sequence[FileReader]] = (read_list, read_mapping, read_fixed, read_macro, read_all_models)
    companions: ClassVar[Companions | None] = staticmethod(companions)


__all__ = ["HccLoader"]
