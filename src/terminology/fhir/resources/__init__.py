"""The resources that a store makes of what it holds: a CodeSystem of each release, a ValueSet of each whole system or list.

They have the shape of FHIR R5; `terminology.fhir.r4` turns them into R4. What each code system becomes is described in
the reference, "FHIR resources". Texts of licensed systems pass the licence door here: without a declared licence a
CodeSystem has its codes, their places and days, and no word of the publisher.
"""

from .code_systems import code_system, code_system_head, code_systems_of
from .identity import resource_id, system_name
from .release_rows import concepts, most_nested
from .value_sets import code_list_value_set, implicit_value_set, value_set

__all__ = [
    "code_list_value_set",
    "code_system",
    "code_system_head",
    "code_systems_of",
    "concepts",
    "implicit_value_set",
    "most_nested",
    "resource_id",
    "system_name",
    "value_set",
]
