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

    options: dict[str, Any] = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    try:
        root = etree.fromstring(data, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        raise ReleaseFormatError(
            f"expected well-formed XML: {error.msg}", file=file, line=error.lineno, column=error.offset
        ) from None
    # nothing was expanded; an entity is never needed by a release file, and what names one cannot be read
    declarations = root.getroottree().docinfo.internalDTD
    if declarations is not None and next(iter(declarations.iterentities()), None) is not None:
        line, column = _entity_place(data)
        raise ReleaseFormatError("entity declarations are not allowed", file=file, line=line, column=column)
    return root


def _entity_place(data: bytes) -> tuple[int, int] | tuple[None, None]:
    """Return line and column of the first declaration; none where the encoding hides it."""
    entity = ENTITY.search(data)
    if entity is None:
        return None, None
    return data.count(b"\n", 0, entity.start()) + 1, entity.start() - data.rfind(b"\n", 0, entity.start())
