"""The MS-DRG Definitions Manual: what diagnoses are to the grouper, and no more; no DRG is assigned.

    Appendix A   list of MS-DRGs                                the version, and the table ``drgs``
    Appendix B   diagnoses with their MDCs and MS-DRGs          the grouping ``mdc``
    Appendix C   CC and MCC, with collections of exclusions     the groupings ``cc_level`` and ``cc_exclusion``
    Appendix G, H lists of CC and MCC                           which appendix C goes along
    Appendix I   hospital-acquired conditions                   the grouping ``hac``

Only appendix A names its version. `joining` finds which version another appendix is of.

References:
    CMS, "ICD-10 MS-DRG Definitions Manual", text version, with each version of the grouper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from terminology.drafts import Assembly, Part

from ..family import FileReader, GroupingFamily, family_definition
from .joining import joined
from .reading import read_manual


class MsDrgLoader(GroupingFamily):
    """Reads appendices of the MS-DRG Definitions Manual."""

    definition = family_definition("msdrg", "MS-DRG Definitions Manual")
    readers: ClassVar[Sequence[FileReader]] = (read_manual,)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the versions of one grouping of the manual."""
        return joined(parts)


__all__ = ["MsDrgLoader"]
