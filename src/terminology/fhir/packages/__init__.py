"""Packages of FHIR resources: what a store holds as one file that other terminology servers, and stores, load.

References:
    HL7, "FHIR Package Specification", https://hl7.org/fhir/packages.html.
"""

from .content import Chosen, chosen_content
from .writing import ExportedPackage, export

__all__ = ["Chosen", "ExportedPackage", "chosen_content", "export"]
