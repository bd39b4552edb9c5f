"""URIs of our own in FHIR resources: what writes resources and what reads them back agree on these.

A column ``pricing_indicators`` of HCPCS is the property whose URI is ``urn:terminology:property:hcpcs:pricing_indicators#list``.
What stands behind ``#`` says what the column holds, so that it can be made again.
"""

import re
from typing import Final
from urllib.parse import quote, unquote

PROPERTY: Final = "urn:terminology:property:"
"""What begins the URI of a property that is no standard one: of concepts, and of targets of maps."""
NOTE: Final = "note"
"""In the place of a system's name: a kind of instructional note."""
PREFIX: Final = f"{PROPERTY}prefix"
"""URI of the property that has a node of the hierarchy which is no code, at the first code below it.

Its value is the node and its title, in which ``…`` stands for the title of what is above: ``0016 …: Cerebral Ventricle``.
"""
ABOVE: Final = "…"
"""In such a title: that of what is above."""
LIST: Final = "list"
"""A concept may have several values."""
PAIRS: Final = "pairs"
"""Values are written as ``A: initial encounter``."""
PER_RELEASE: Final = "release"
"""It says something of this release, and nothing of the code."""
PIECES: Final = ("character", "meaning")
"""The two sides of such a pair."""
DESIGNATION_USE: Final = "urn:terminology:designation-use"
"""Code system of what designations are: ``short`` titles, kinds that a publisher names."""
DEFINITION: Final = "urn:terminology:definition"
"""Extension of a system that is not built in: what is fixed about it, so that it loads as it was."""
ATTRIBUTE: Final = "urn:terminology:attribute:"
"""What begins the URI of an attribute of a map."""
USED_WITH: Final = "used-with"
"""The attribute: a further code that is used together with the one beside it."""
R5_EXTENSION: Final = "http://hl7.org/fhir/5.0/StructureDefinition/extension-"
"""What begins the URL by which HL7 lets R4 say what only R5 has an element for."""


def column_uri(system: str, column: str, *flags: str) -> str:
    """Return the URI of the property that a column of a release is.

    >>> column_uri("hcpcs", "statutes", LIST)
    'urn:terminology:property:hcpcs:statutes#list'
    """
    return f"{PROPERTY}{system}:{quote(column)}{'#' + ','.join(flags) if flags else ''}"


def column_of(uri: str, system: str) -> tuple[str, frozenset[str]] | None:
    """Return the column of a release that a property was made of, and what it holds, by its URI; None for any other.

    >>> column_of("urn:terminology:property:hcpcs:statutes#list", "hcpcs")
    ('statutes', frozenset({'list'}))
    >>> column_of("urn:terminology:property:billable", "hcpcs") is None
    True
    """
    found = re.fullmatch(rf"{re.escape(PROPERTY)}{re.escape(system)}:([^#]+)(?:#(.*))?", uri)
    return (unquote(found[1]), frozenset(filter(None, (found[2] or "").split(",")))) if found else None
