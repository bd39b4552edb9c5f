"""The command fhir: one request to a FHIR endpoint, answered without a server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from ..errors import TerminologyError
from ..extras import require
from ..fhir import FHIR_VERSIONS, FhirVersion, Request, Response
from .options import open_store, store_option
from .printing import echo_json
from .running import FINE, NO
from .sections import command

ERRORS = ("error", "fatal")
OTHER_BASE = re.compile(r"(?i)r[0-9]\w*|fhir|dstu[0-9]|stu[0-9]|https?:")
"""How paths of other servers begin; no type of FHIR does."""


@command()
@click.argument("method", type=click.Choice(["GET", "POST"], case_sensitive=False))
@click.argument("path")
@click.option(
    "--fhir",
    type=click.Choice(list(FHIR_VERSIONS)),
    help="Version of FHIR, where PATH does not begin with it.  [default: r5]",
)
@click.option("--body", type=click.File("rb"), help="File with the JSON of a POST; - for standard input.")
@click.option(
    "--resources",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="JSON, package (.tgz) or folder with CodeSystems, ValueSets and ConceptMaps beside the store.",
)
@store_option
def fhir(
    *, method: str, path: str, fhir: FhirVersion | None, body: Any, resources: tuple[Path, ...], store: Path | None
) -> int:
    """Answer one request of FHIR, and print the resource.

    PATH is what a URL has after the host, with its parameters: /r4/metadata. Without /r4 or /r5 it is R5, or what --fhir says. Exit code 1 where the answer is an OperationOutcome with an error.

    Example: terminology fhir GET 'CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=E11.9'
    """
    from ..fhir.service import Service
    from ..server.queries import split_target

    target, query = split_target(path)
    version, inner = _of_version(target, fhir)
    content = _parsed(body) if body is not None else None
    request = Request(inner, version, method.upper(), query, content)
    response: Response = Service(open_store(store), _read(resources)).answer(request)
    echo_json(response.resource)
    return NO if is_error(response) else FINE


def _of_version(target: str, chosen: FhirVersion | None) -> tuple[FhirVersion, str]:
    """Return the version of FHIR that a path or an option names, and the path below its endpoint."""
    first, _, inner = target.partition("/")
    named = next((version for version in FHIR_VERSIONS if version == first), None)
    if named is None:
        if OTHER_BASE.fullmatch(first):
            raise TerminologyError(
                f"there is no endpoint {first!r}: begin with /r4 or /r5, or leave it out and say --fhir"
            )
        return chosen or "r5", target
    if chosen not in (None, named):
        raise TerminologyError(f"the path says {named} and --fhir says {chosen}: leave one of them out")
    return named, inner


def is_error(response: Response) -> bool:
    """Return whether a response says that there is no answer."""
    resource = response.resource
    issues = resource.get("issue", ()) if resource.get("resourceType") == "OperationOutcome" else ()
    return response.status >= 400 or any(issue.get("severity") in ERRORS for issue in issues)  # noqa: PLR2004 -- HTTP's


def _parsed(body: Any) -> Any:
    try:
        return json.loads(body.read().decode("utf-8-sig"))
    except ValueError as error:
        raise TerminologyError(f"{body.name} is not JSON: {error}") from None


def _read(paths: tuple[Path, ...]) -> tuple[dict[str, Any], ...]:
    if not paths:
        return ()
    require("server", "terminology fhir --resources")
    from ..server.resources import read_resources

    return read_resources(paths)
