"""ClaML, the XML of classifications: read into values, modifiers expanded into codes.

Shared by the loaders of ICD-10 (WHO) and ICD-10-GM; nothing here knows one publisher's columns.

References:
    ISO 13120, "Classification Markup Language (ClaML)"; the DTDs of versions 2.0 and 3.0.
"""

from .document import PREFERRED, PREFERRED_LONG, Application, ClamlClass, Document, Rubric, read_claml
from .expansion import Expanded, Expansion, expand
from .identity import Identity, identity_of, is_claml
from .labels import LabelText, label_text

__all__ = [
    "PREFERRED",
    "PREFERRED_LONG",
    "Application",
    "ClamlClass",
    "Document",
    "Expanded",
    "Expansion",
    "Identity",
    "LabelText",
    "Rubric",
    "expand",
    "identity_of",
    "is_claml",
    "label_text",
    "read_claml",
]
