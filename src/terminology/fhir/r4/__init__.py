"""Resources of FHIR R5 as those of R4, and back.

Inside, every resource has the shape of R5. What R4 cannot say becomes an extension whose URL HL7 fixes for this, and is
read back from it: ``ValueSet.expansion.property`` becomes
``http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property``. So a resource of R5 survives the
way to R4 and back. Resources of other types pass as they are.

References:
    HL7, "Extensions for converting between versions", http://hl7.org/fhir/versions.html#extensions.
"""

from .resources import to_r4, to_r5

__all__ = ["to_r4", "to_r5"]
