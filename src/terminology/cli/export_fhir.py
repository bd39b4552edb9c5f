"""The command export fhir: a package of FHIR resources."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..query import Terminology
from ..systems import SYSTEMS
from ..wire import Licensed
from . import completion
from .codelist import read_list
from .drawing import measured_progress, print_table
from .options import note_withheld, on_a_store, open_store, systems_option
from .printing import echo, echo_json
from .renamed import RenamedOption
from .running import FINE
from .sections import command
from .writing import OutputFile, check_files

if TYPE_CHECKING:
    from ..fhir.packages import ExportedPackage


@command(name="fhir")
@click.argument("output", metavar="OUT", type=OutputFile(standard=False))
@click.option("--package", "name", metavar="NAME", required=True, help="Name of the package, like org.example.codes.")
@click.option(
    "--package-version",
    "version",
    cls=RenamedOption,
    was="--version",
    metavar="V",
    required=True,
    help="Version of the package.",
)
@systems_option
@click.option(
    "--release",
    "releases",
    metavar="S=V",
    multiple=True,
    help="A release of a system; may be repeated.  [default: the newest of each]",
)
@click.option("--all-releases", is_flag=True, help="Every release of the systems.")
@click.option(
    "--crosswalk",
    "maps",
    cls=RenamedOption,
    was="--map",
    shell_complete=completion.crosswalks,
    metavar="NAME",
    multiple=True,
    help="A crosswalk by name, or name and version; may be repeated.  [default: the newest of those between the systems]",
)
@click.option("--no-crosswalks", "no_maps", cls=RenamedOption, was="--no-maps", is_flag=True, help="No crosswalk.")
@click.option(
    "--list",
    "lists",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A code list, which becomes a value set; may be repeated.",
)
@click.option("--fhir", type=click.Choice(["r4", "r5"]), default="r4", show_default=True, help="Version of FHIR.")
@on_a_store
def export_fhir(
    *,
    output: Path,
    name: str,
    version: str,
    systems: tuple[str, ...],
    releases: tuple[str, ...],
    all_releases: bool,
    maps: tuple[str, ...],
    no_maps: bool,
    lists: tuple[Path, ...],
    fhir: Any,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a FHIR package: code systems, value sets and concept maps that other terminology servers load.

    OUT is a gzipped tar archive (.tgz), the form of FHIR's NPM packages. Each release is a CodeSystem with a ValueSet of all its codes, each crosswalk a ConceptMap, each code list a ValueSet. Texts of licensed systems need the declared licence; what is left out is said.

    Example: terminology export fhir codes.tgz --package org.example.codes --package-version 1.0.0 --system icd10cm
    """
    from ..fhir.packages import export

    if releases and all_releases:
        raise click.UsageError("--release and --all-releases exclude each other")
    if maps and no_maps:
        raise click.UsageError("--crosswalk and --no-crosswalks exclude each other")
    check_files(lists, [output])
    opened = open_store(store)
    versions = _versions(opened, releases)
    if others := set(versions or ()) - {opened[name].name for name in systems or opened}:
        raise click.UsageError(f"--release names {', '.join(sorted(others))}, which no --system does")
    code_lists = [read_list(opened, path, None) for path in lists]
    numbers = itertools.count()
    with measured_progress(counted=True) as step:
        found = export(
            opened,
            output,
            name=name,
            version=version,
            systems=list(systems) or None,
            releases="all" if all_releases else versions,
            crosswalks=[] if no_maps else list(maps) or None,
            code_lists=code_lists,
            fhir=fhir,
            progress=lambda file: step("export", file, next(numbers), None),
        )
    return _report(found, opened, fhir, as_json=as_json)


def _versions(opened: Terminology, stated: Sequence[str]) -> dict[str, list[str]] | None:
    """Return the versions by system that ``S=V`` texts state; None where there are none."""
    found: dict[str, list[str]] = {}
    for text in stated:
        system, mark, version = text.rpartition("=")
        if not (mark and system and version):
            raise click.UsageError(f"--release: expected SYSTEM=VERSION, as in icd10cm=2026, got {text!r}")
        found.setdefault(opened[system].name, []).append(version)
    return found or None


def _report(found: ExportedPackage, opened: Terminology, fhir: str, *, as_json: bool) -> int:
    """Print what the package has, and what is withheld."""
    for one in _withheld(found, opened):
        note_withheld(one)
    files = dict(found.files)
    if as_json:
        values = {"export": "fhir", "fhir": fhir, "files": files, "withheld": [*found.withheld]}
        echo_json({**values, "written": str(found.path)})
        return FINE
    print_table(["file", "concepts or elements"], [[file, count] for file, count in files.items()])
    echo(f"written: {found.path}")
    return FINE


class _NotLoaded:
    """A system that only maps lead to."""

    def __init__(self, name: str, licences: frozenset[str]) -> None:
        self.definition = SYSTEMS[name]
        self.licences = licences


def _withheld(found: ExportedPackage, opened: Terminology) -> Iterator[Licensed]:
    for name in found.withheld:
        yield opened[name] if name in opened else _NotLoaded(name, opened.licences)
