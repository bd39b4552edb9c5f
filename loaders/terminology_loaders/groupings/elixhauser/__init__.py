"""Elixhauser comorbidities, as AHRQ's Healthcare Cost and Utilization Project (HCUP) refines them.

A version is a set of SAS programs: one has the formats that put codes under labels, one says which comorbidities a
label means and which of them count, one has the weights of the indices. A workbook says the same as the first.

References:
    AHRQ HCUP, "Elixhauser Comorbidity Software Refined for ICD-10-CM" (``CMR_vYYYY-N.zip``); "Comorbidity Software,
    Version 3.7" for ICD-9-CM (``comformat2012-2013.txt``, ``comoanaly2012-2013.txt``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from terminology.drafts import Assembly, Part
from terminology.groupings import GROUPINGS

from ..assembly import Dated, assembled
from ..family import FileReader, GroupingFamily, family_definition
from .formats import read_format_program
from .programs import read_index_program, read_mapping_program
from .resolving import resolved
from .workbook import read_reference_workbook


def programs_of(table: Dated, others: Sequence[Part]) -> Iterable[Part]:
    """Yield the parts that go along with a version: those of its name; ``v3.7-2013`` has the programs of ``v3.7``."""
    for part in others:
        stated = part.version or part.facts["version"]
        if stated and (table.version == stated or table.version.startswith(f"{stated}-")):
            yield part


class ElixhauserLoader(GroupingFamily):
    """Reads the programs of AHRQ's comorbidity software."""

    definition = family_definition("elixhauser", "Elixhauser comorbidities of AHRQ")
    readers: ClassVar[Sequence[FileReader]] = (
        read_format_program,
        read_mapping_program,
        read_index_program,
        read_reference_workbook,
    )

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the versions that the programs make, labels resolved."""
        return assembled(parts, GROUPINGS[self.definition.name].calendar, programs_of, resolved)


__all__ = ["ElixhauserLoader"]
