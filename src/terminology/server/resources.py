"""The resources that an operator serves beside the store: CodeSystems, ValueSets and ConceptMaps in files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from ..errors import TerminologyError
from ..fhir import Resource
from ..fhir.r4 import to_r5
from .bodies import BYTE_ORDER_MARK

SERVED: Final = ("CodeSystem", "ValueSet", "ConceptMap")


def read_resources(paths: Iterable[Path]) -> tuple[Resource, ...]:
    """Return the resources of files, of Bundles, and of all files ``*.json`` below folders; other types are left out.

    They may be of R4 or R5, and are returned in the form of R5.

    Raises:
        TerminologyError: A file is no JSON, or no resource of FHIR; the message names it.
        OSError: A file cannot be read.
    """
    return tuple(resource for path in paths for file in _files(path) for resource in _read(file))


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.json")) if path.is_dir() else [path]


def _read(file: Path) -> Iterator[Resource]:
    try:
        value = orjson.loads(file.read_bytes().removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise TerminologyError(f"{file} is not JSON: {error}") from None
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise TerminologyError(f"{file} is no resource of FHIR: it has no resourceType")
    yield from _served(value)


def _served(resource: Any) -> Iterator[Resource]:
    if not isinstance(resource, dict):
        return
    if resource.get("resourceType") in SERVED:
        # one of R5 stays as it is
        yield to_r5(resource)
    elif resource.get("resourceType") == "Bundle":
        for entry in resource.get("entry") or ():
            yield from _served(entry.get("resource") if isinstance(entry, dict) else None)
