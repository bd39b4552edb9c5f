"""The package itself: package.json, the index, and a file for each resource."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ...errors import TerminologyError
from ...query import CodeSystem, Edition, Terminology
from ..concept_maps import concept_map
from ..exchange import FHIR_VERSIONS, FhirVersion, Resource
from ..r4 import to_r4
from ..resources import code_list_value_set, code_system_head, implicit_value_set, most_nested
from ..resources.release_rows import json_pieces, nested
from .archive import Archive, written_archive
from .content import Chosen, chosen_content
from .map_text import map_pieces

if TYPE_CHECKING:
    from ...codelists import CodeList

NAME: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
CORE: Final[Mapping[FhirVersion, str]] = {"r4": "hl7.fhir.r4.core", "r5": "hl7.fhir.r5.core"}
INDEXED: Final = ("resourceType", "id", "url", "version", "content")
FOLDER: Final = "package/"
Progress = Callable[[str], None]


@frozen
class ExportedPackage:
    """A package that was written."""

    path: Path
    files: Mapping[str, int]
    """Of each resource, by the name of its file: concepts of a CodeSystem, elements of a ConceptMap; of a ValueSet 0."""
    withheld: tuple[str, ...]
    """Short names of systems whose texts are not in it, because their licence is not declared."""


def export(
    store: Terminology,
    destination: str | os.PathLike[str],
    *,
    name: str,
    version: str,
    systems: Iterable[str] | None = None,
    releases: Mapping[str, Sequence[str]] | str | None = None,
    crosswalks: Iterable[str] | None = None,
    code_lists: Iterable[CodeList] = (),
    fhir: FhirVersion = "r4",
    progress: Progress | None = None,
) -> ExportedPackage:
    """Return what was written: a FHIR package with a CodeSystem of each release, its value set, maps, and code lists.

    The bytes depend on the content only. Texts of licensed systems are in it where their licence is declared; which
    are left out is told in the result and in the description of the package.

    Args:
        store: The store.
        destination: The file, ``.tgz``.
        name: Of the package: words with dots between them, ``org.example.codes``.
        version: Of the package.
        systems: Code systems by any of their names; by default all.
        releases: Versions by short name of the system, ``all``, or None for the newest of each.
        crosswalks: Names of maps; by default the newest of those between the systems.
        code_lists: Lists that become value sets.
        fhir: The version of FHIR.
        progress: Called with the file that is made next.

    Raises:
        TerminologyError: Name or version cannot be those of a package; or two code lists have one name.
        UnknownSystemError: The store holds none of a name.
        UnknownReleaseError: It has no such release.
        UnknownCrosswalkError: It has no such map.
        OSError: The file cannot be written.
    """
    _check(name, version)
    content = chosen_content(store, systems=systems, releases=releases, crosswalks=crosswalks, code_lists=code_lists)
    told = progress or (lambda _name: None)
    path = Path(destination)
    members = sorted(_members(store, content), key=lambda member: member.file)
    repeated = [one.file for one, other in itertools.pairwise(members) if one.file == other.file]
    if repeated:
        raise TerminologyError(f"two code lists make the file {repeated[0]}: give one another name")
    files: dict[str, int] = {}
    with written_archive(path) as archive:
        archive.add(f"{FOLDER}package.json", _json(_about(name, version, fhir, content)))
        archive.add(f"{FOLDER}.index.json", _json(_index(member.head for member in members)))
        for member in members:
            told(member.file)
            files[member.file] = _write(archive, member, fhir)
    return ExportedPackage(path, files, content.withheld)


@frozen
class Member:
    """A resource of the package, which is made when it is written."""

    head: Resource
    """As far as the index tells it."""
    make: Callable[[], tuple[Resource, Iterable[Resource] | None]]
    """Returns the resource; of a large CodeSystem its head, and its concepts one by one."""

    @property
    def file(self) -> str:
        """Name of its file."""
        return file_of(self.head)


def file_of(resource: Resource) -> str:
    """Return the name of the file of a resource.

    >>> file_of({"resourceType": "CodeSystem", "id": "icd10cm-2026"})
    'CodeSystem-icd10cm-2026.json'
    """
    return f"{resource['resourceType']}-{resource['id']}.json"


def _members(store: Terminology, content: Chosen) -> Iterator[Member]:
    for system, edition in content.editions:
        head, _ = code_system_head(system, edition)
        yield Member(head, lambda system=system, edition=edition: _code_system(system, edition))  # type: ignore[misc]
        yield _made(implicit_value_set(system, edition))
    for code_list, edition in content.lists:
        yield _made(code_list_value_set(code_list, edition))
    for published in content.maps:
        head = {"resourceType": "ConceptMap", "id": published.id, "url": published.url, "version": published.version}
        yield Member(head, lambda published=published: (concept_map(store, published), None))  # type: ignore[misc]


def _made(resource: Resource) -> Member:
    return Member(resource, lambda: (resource, None))


def _code_system(system: CodeSystem, edition: Edition) -> tuple[Resource, Iterable[Resource] | None]:
    head, rows = code_system_head(system, edition)
    return head, nested(rows.elements()) if rows.count <= most_nested() else rows.elements()


def _write(archive: Archive, member: Member, fhir: FhirVersion) -> int:
    """Write a resource, and return how many concepts or elements it has."""
    resource, elements = member.make()
    convert = to_r4 if fhir == "r4" else _same
    if resource["resourceType"] == "ConceptMap":
        archive.add(FOLDER + member.file, map_pieces(resource, convert))
        return sum(len(group["element"]) for group in resource.get("group", ()))
    made = convert(resource)
    # concepts of releases are the same in both versions
    archive.add(FOLDER + member.file, _json(made) if elements is None else json_pieces(made, elements))
    return int(resource.get("count", 0))


def _same(resource: Resource) -> Resource:
    return resource


def _json(value: Any) -> Iterator[str]:
    yield json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _index(heads: Iterable[Resource]) -> Resource:
    return {
        "index-version": 2,
        "files": [
            {"filename": file_of(head), **{name: head[name] for name in INDEXED if name in head}} for head in heads
        ],
    }


def _about(name: str, version: str, fhir: FhirVersion, content: Chosen) -> Resource:
    held = [f"{system.definition.title} {edition.release.version}" for system, edition in content.editions if edition.release]  # fmt: skip
    said = f"Code systems: {', '.join(held) or 'none'}. Maps: {len(content.maps)}. Code lists: {len(content.lists)}."
    if content.withheld:
        said += f" Without the texts of {', '.join(content.withheld)}, whose licence was not declared."
    return {
        "name": name,
        "version": version,
        "type": "Conformance",
        "description": said,
        "author": "terminology-server",
        "fhirVersions": [FHIR_VERSIONS[fhir]],
        "dependencies": {CORE[fhir]: FHIR_VERSIONS[fhir]},
    }


def _check(name: str, version: str) -> None:
    if not NAME.fullmatch(name):
        raise TerminologyError(
            f"expected a name of small letters, digits and dashes, with dots between words (org.example.codes), got {name!r}"
        )
    if not VERSION.fullmatch(version):
        raise TerminologyError(f"expected a version of letters, digits, dots, dashes and plus signs, got {version!r}")
