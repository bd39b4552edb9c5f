"""The resources that an operator serves beside the store: CodeSystems, ValueSets and ConceptMaps in files and packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from ..errors import TerminologyError
from ..fhir import Resource
from ..fhir.r4 import to_r5
from ..reading import readable_files
from .bodies import BYTE_ORDER_MARK

SERVED: Final = ("CodeSystem", "ValueSet", "ConceptMap")


def read_resources(paths: Iterable[Path]) -> tuple[Resource, ...]:
    """Return the resources of files, and of all files ``*.json`` in folders and packages; those in Bundles too.

    They may be of R4 or R5, and are returned in the form of R5. Resources of other types are left out, and what is no
    resource in a folder or package.

    Raises:
        TerminologyError: A file is no JSON, or no archive; or one that is named is no resource. The message names it.
        OSError: There is no such file, or it cannot be read.
    """
    return tuple(resource for path in paths for resource in _read(path))


def _read(path: Path) -> Iterator[Resource]:
    for file in readable_files(path):
        if isinstance(file, TerminologyError):
            raise file
        is_named = file.archive is None and path.is_file()
        if not is_named and file.suffix != ".json":
            continue
        value = _parsed(file.data, file.label)
        if is_named and not (isinstance(value, dict) and isinstance(value.get("resourceType"), str)):
            raise TerminologyError(f"{path} is no resource of FHIR: it has no resourceType")
        yield from _served(value)


def _parsed(data: bytes, name: str) -> Any:
    try:
        return orjson.loads(data.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise TerminologyError(f"{name} is not JSON: {error}") from None


def _served(resource: Any) -> Iterator[Resource]:
    if not isinstance(resource, dict):
        return
    if resource.get("resourceType") in SERVED:
        # one of R5 stays as it is
        yield to_r5(resource)
    elif resource.get("resourceType") == "Bundle":
        for entry in resource.get("entry") or ():
            yield from _served(entry.get("resource") if isinstance(entry, dict) else None)
