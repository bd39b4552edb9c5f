"""What a server can do, as FHIR says it: CapabilityStatement, TerminologyCapabilities and the answer to ``$versions``.

HL7's validator and IG publisher read these first. They turn away from a server whose statement lacks the features
``test-version`` and ``CodeSystemAsParameter``, and from one that does not list every version of a code system, with one
of them as the default.

Both are made in the form of the version of FHIR that is asked for. They are the same until something is published, so
they are kept; who changes one changes it for all.

References:
    HL7 FHIR R4 and R5, CapabilityStatement and TerminologyCapabilities; HL7 tx-ecosystem, requirements.
"""

from __future__ import annotations

import datetime
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version as installed_version
from typing import Any, Final

from ..query import Terminology
from ..store.folder import POINTER
from .exchange import FHIR_VERSIONS, FhirVersion, Resource
from .grouped import OPERATORS as OF_GROUPINGS
from .parameters import parameter, parameters
from .r4.elements import NEW_OPERATORS
from .resources import code_systems_of
from .resources.code_systems import OPERATORS
from .resources.properties import DATES, HIERARCHY

NAME: Final = "terminology-server"
RELEASED: Final = "2026-11-30"
"""The day of this version of the software."""
TEST_VERSION: Final = "1.9.3"
"""Of HL7's tests for terminology servers that this one is held to."""
FEATURE: Final = "http://hl7.org/fhir/uv/application-feature/StructureDefinition/feature"
FEATURES: Final = (
    ("http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version", {"valueCode": TEST_VERSION}),
    ("http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/CodeSystemAsParameter", {"valueBoolean": True}),
)
OPERATION: Final = "http://hl7.org/fhir/OperationDefinition/"
TX_OPERATION: Final = "http://hl7.org/fhir/uv/tx-ecosystem/OperationDefinition/"
OPERATIONS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "CodeSystem": (
        ("lookup", f"{OPERATION}CodeSystem-lookup"),
        ("validate-code", f"{OPERATION}CodeSystem-validate-code"),
        ("subsumes", f"{OPERATION}CodeSystem-subsumes"),
        ("batch-validate-code", f"{TX_OPERATION}CodeSystem-batch-validate-code"),
    ),
    "ValueSet": (
        ("expand", f"{OPERATION}ValueSet-expand"),
        ("validate-code", f"{OPERATION}ValueSet-validate-code"),
        ("batch-validate-code", f"{TX_OPERATION}ValueSet-batch-validate-code"),
    ),
    "ConceptMap": (("translate", f"{OPERATION}ConceptMap-translate"),),
}
SYSTEM_OPERATIONS: Final = (
    ("closure", f"{OPERATION}ConceptMap-closure"),
    ("versions", f"{OPERATION}CapabilityStatement-versions"),
)
SEARCHES: Final[dict[str, tuple[tuple[str, str, FhirVersion | None], ...]]] = {
    "CodeSystem": (("system", "uri", None),),
    "ValueSet": (("reference", "uri", None),),
    "ConceptMap": (
        *(("source-group-system", "uri", "r5"), ("target-group-system", "uri", "r5")),
        *(("source-system", "uri", "r4"), ("target-system", "uri", "r4")),
    ),
}
"""Search parameters of each type, and the version of FHIR that has them; beside those that all types have."""
COMMON_SEARCHES: Final = (
    *(("_id", "token"), ("description", "string"), ("identifier", "token"), ("name", "string")),
    *(("publisher", "string"), ("status", "token"), ("title", "string"), ("url", "uri"), ("version", "token")),
)
EXPANSION: Final = (
    ("activeOnly", "Leave out what is inactive."),
    ("check-system-version", "Fail where another version of a code system would be used."),
    ("count", "At most so many codes."),
    ("date", "The day on which the codes are used."),
    ("default-valueset-version", "Version of a value set that is named without one."),
    ("designation", "Only designations of this use or language."),
    ("displayLanguage", "Language of the displays."),
    ("exclude-system", "Leave out the codes of a code system."),
    ("excludeNested", "A flat list."),
    ("filter", "Words, or the beginnings of words, or of a code."),
    ("force-system-version", "Use this version of a code system, whatever the value set says."),
    ("includeDefinition", "With the definition of the value set."),
    ("includeDesignations", "With further designations."),
    ("offset", "Begin after so many codes."),
    ("property", "With this property of each code."),
    ("system-version", "Version of a code system where the value set names none."),
    ("tx-resource", "A resource for this request only."),
    ("useSupplement", "With a supplement of a code system."),
)
"""Parameters of ``$expand``, with their meaning."""
KEPT: Final = 32
_kept: dict[tuple[Any, ...], Resource] = {}


def capability_statement(store: Terminology, fhir: FhirVersion, base: str | None = None) -> Resource:
    """Return the CapabilityStatement of a server over a store.

    Args:
        store: The store.
        fhir: Version of FHIR of the endpoint.
        base: URL of the endpoint, without slash at the end; None where it is not known.

    >>> capability_statement(store, "r4")["fhirVersion"]
    '4.0.1'
    """
    return _remembered(("statement", *_state(store), fhir, base), lambda: _statement(store, fhir, base))


def terminology_capabilities(
    store: Terminology, fhir: FhirVersion, base: str | None = None, resources: Sequence[Resource] = ()
) -> Resource:
    """Return the TerminologyCapabilities of a server over a store: every code system with every version.

    Args:
        store: The store.
        fhir: Version of FHIR of the endpoint.
        base: URL of the endpoint, without slash at the end; None where it is not known.
        resources: What is served beside the store; of its CodeSystems, supplements are not listed.

    >>> [one["isDefault"] for one in terminology_capabilities(store, "r5")["codeSystem"][0]["version"]].count(True)
    1
    """
    content = tuple(sorted({(one["url"], one.get("version")) for one in _given(resources)}, key=str))
    key = ("terminology", *_state(store), fhir, base, content)
    return _remembered(key, lambda: _terminology(store, fhir, base, resources))


def versions(fhir: FhirVersion) -> Resource:
    """Return the answer to ``$versions``: the versions of FHIR that there are, and that of this endpoint.

    >>> [one["valueCode"] for one in versions("r4")["parameter"]]
    ['4.0', '5.0', '4.0']
    """
    short = {name: full.rpartition(".")[0] for name, full in FHIR_VERSIONS.items()}
    every = [parameter("version", code=one) for one in short.values()]
    return parameters(*every, parameter("default", code=short[fhir]))


def _state(store: Terminology) -> tuple[Any, ...]:
    """Return what is the same as long as nothing is published."""
    return store.url or str(store.path), store.generation, _changed(store), store.systems, store.groupings


def _remembered(key: tuple[Any, ...], make: Callable[[], Resource]) -> Resource:
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= KEPT:
            _kept.clear()
        found = _kept[key] = make()
    return found


def _changed(store: Terminology) -> str:
    """Return the day on which the store was published, as far as it is known; else today."""
    try:
        changed = datetime.datetime.fromtimestamp(os.stat(store.path / POINTER).st_mtime, datetime.UTC)  # noqa: PTH116
    except OSError:
        changed = datetime.datetime.now(datetime.UTC)
    return max(changed.date().isoformat(), RELEASED)


def _head(store: Terminology, fhir: FhirVersion, base: str | None, kind: str, title: str) -> Resource:
    software = installed_version(NAME)
    url = f"{base}/{kind}/server" if base else uuid.uuid5(uuid.NAMESPACE_URL, f"{NAME}/{kind}/{fhir}").urn
    # TerminologyCapabilities says no such day
    released = {"releaseDate": RELEASED} if kind == "CapabilityStatement" else {}
    implementation = {"description": "Medical code sets by release and by day", **({"url": base} if base else {})}
    return {
        "url": url,
        "version": f"{software}-{store.generation}",
        "name": f"Terminology{kind.removeprefix('Terminology')}",
        "title": title,
        "status": "active",
        "experimental": False,
        "date": _changed(store),
        "kind": "instance",
        "software": {"name": NAME, "version": software, **released},
        "implementation": implementation,
    }


def _statement(store: Terminology, fhir: FhirVersion, base: str | None) -> Resource:
    features = [
        {"url": FEATURE, "extension": [{"url": "definition", "valueCanonical": name}, {"url": "value", **value}]}
        for name, value in FEATURES
    ]
    return {
        "resourceType": "CapabilityStatement",
        "extension": features,
        **_head(store, fhir, base, "CapabilityStatement", "What this terminology server does"),
        "instantiates": ["http://hl7.org/fhir/CapabilityStatement/terminology-server"],
        "fhirVersion": FHIR_VERSIONS[fhir],
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": True,
                    "service": [{"text": "A bearer token, where the operator asks for one"}],
                    "description": "The server only reads: nothing can be created, changed or deleted.",
                },
                "resource": [_resource(kind, fhir) for kind in OPERATIONS],
                "interaction": [{"code": "batch"}],
                "operation": [{"name": name, "definition": url} for name, url in SYSTEM_OPERATIONS],
            }
        ],
    }


def _resource(kind: str, fhir: FhirVersion) -> Resource:
    searches = [*COMMON_SEARCHES, *((name, type_) for name, type_, of in SEARCHES[kind] if of in (None, fhir))]
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": type_} for name, type_ in searches],
        "operation": [{"name": name, "definition": url} for name, url in OPERATIONS[kind]],
    }


def _terminology(store: Terminology, fhir: FhirVersion, base: str | None, resources: Sequence[Resource]) -> Resource:
    return {
        "resourceType": "TerminologyCapabilities",
        **_head(store, fhir, base, "TerminologyCapabilities", "The code systems of this terminology server"),
        "codeSystem": list(_code_systems(store, fhir, resources)),
        "expansion": {
            "hierarchical": True,
            "paging": True,
            "incomplete": False,
            "parameter": [{"name": name, "documentation": text} for name, text in EXPANSION],
            "textFilter": "Every word is the beginning of a word of the display, in any order; or the beginning of the code.",
        },
        "codeSearch": "all",
        "validateCode": {"translations": False},
        "translation": {"needsMap": True},
        "closure": {"translation": False},
    }


def _code_systems(store: Terminology, fhir: FhirVersion, resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the code systems of the store and its groupings, and then those of the resources, each URI once."""
    found: dict[str, dict[str | None, str]] = {}
    grouped: dict[str, dict[str | None, list[str]]] = {}
    for system in code_systems_of(store):
        held = found.setdefault(system.definition.uri, {})
        held.update((release.version, "complete") for release in system.releases)
        groupings = system.latest.groupings
        # diagnoses and procedures of ICD-9-CM have one URI
        of_uri = grouped.setdefault(system.definition.uri, {})
        for release in system.releases:
            of_uri.setdefault(release.version, []).extend(groupings)
    for resource in _given(resources):
        held = found.setdefault(resource["url"], {})
        held.setdefault(resource.get("version"), resource.get("content", "complete"))
    for uri, held in found.items():
        # `content` came with R5
        content = {"content": next(reversed(held.values()))} if fhir == "r5" else {}
        known = {version: _asked(names, fhir) for version, names in grouped.get(uri, {}).items()}
        yield {"uri": uri, "version": list(_versions(list(held), known)), **content, "subsumption": True}


def _asked(groupings: Sequence[str], fhir: FhirVersion) -> Resource:
    """Return filters and properties of the codes of a release: those that all releases have, and groupings.

    What a release has beside these is in its CodeSystem: nothing is read here for it.
    """
    names = dict.fromkeys(groupings)
    filters = {**OPERATORS, **dict.fromkeys(names, OF_GROUPINGS)}
    new = NEW_OPERATORS if fhir == "r4" else ()
    return {
        "filter": [{"code": name, "op": [one for one in asked if one not in new]} for name, asked in filters.items()],
        "property": [*(one.code for one in (*HIERARCHY, *DATES)), *names],
    }


def _versions(names: Sequence[str | None], known: Mapping[str | None, Resource]) -> Iterator[Resource]:
    """Yield the versions of one code system, of which the last is the default, with what is known of their codes."""
    for name in names:
        coded = {} if name is None else {"code": name}
        yield {**coded, "isDefault": name == names[-1], "compositional": False, **known.get(name, {})}


def _given(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the CodeSystems that are no supplements and have codes."""
    for one in resources:
        is_system = one.get("resourceType") == "CodeSystem" and isinstance(one.get("url"), str)
        if is_system and one.get("content") not in ("supplement", "not-present", "example"):
            yield one
