"""The resources that an operator serves beside the store: CodeSystems, ValueSets and ConceptMaps in files and packages."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from ..errors import TerminologyError
from ..fhir import Resource
from ..fhir.r4 import to_r5
from .bodies import BYTE_ORDER_MARK

SERVED: Final = ("CodeSystem", "ValueSet", "ConceptMap")
PACKAGES: Final = (".tgz", ".tar.gz")
LARGEST: Final = 1 << 30
"""Bytes of all files of a package together."""


def read_resources(paths: Iterable[Path]) -> tuple[Resource, ...]:
    """Return the resources of files, of Bundles, of NPM packages, and of all these below folders.

    They may be of R4 or R5, and are returned in the form of R5. Resources of other types are left out.

    Raises:
        TerminologyError: A file is no JSON, no resource of FHIR, or no package; the message names it.
        OSError: A file cannot be read.
    """
    return tuple(resource for path in paths for file in _files(path) for resource in _read(file))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.name.endswith((".json", *PACKAGES)))


def _read(file: Path) -> Iterator[Resource]:
    if file.name.endswith(PACKAGES):
        yield from _packed(file)
        return
    value = _parsed(file.read_bytes(), str(file))
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise TerminologyError(f"{file} is no resource of FHIR: it has no resourceType")
    yield from _served(value)


def _packed(file: Path) -> Iterator[Resource]:
    """Yield the resources of a package; it also has files that are none."""
    left = LARGEST
    try:
        with tarfile.open(file, "r:gz") as package:
            for member in package:
                if not member.isfile() or not member.name.endswith(".json"):
                    continue
                left -= member.size
                if left < 0:
                    raise TerminologyError(f"{file} is too large: its files have more than {LARGEST:,} bytes")
                content = package.extractfile(member)
                if content is not None:
                    yield from _served(_parsed(content.read(), f"{file}, {member.name}"))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise TerminologyError(f"{file} is no package: {error}") from None


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
