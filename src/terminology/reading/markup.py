"""XML, read safely: no entities, no network, no huge trees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import ReleaseFormatError

if TYPE_CHECKING:
    from lxml.etree import _Element

ENTITY = re.compile(rb"<!ENTITY\b")


def xml_root(data: bytes, file: str) -> _Element:
    """Return the root element of the document.

    Raises:
        ReleaseFormatError: The document is not well formed, cut short, or declares entities.
    """
    from lxml import etree

    # a document type may stand only before the root; an entity declared there is never needed by a release file
    prolog = data[:65536]
    entity = ENTITY.search(prolog)
    if entity:
        line = data.count(b"\n", 0, entity.start()) + 1
        column = entity.start() - (data.rfind(b"\n", 0, entity.start()) + 1) + 1
        raise ReleaseFormatError("entity declarations are refused", file=file, line=line, column=column)
    options: dict[str, Any] = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    try:
        return etree.fromstring(data, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        raise ReleaseFormatError(
            f"expected well-formed XML: {error.msg}", file=file, line=error.lineno, column=error.offset
        ) from None
