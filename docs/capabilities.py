"""Writes the page of what a FHIR client may ask: from what the service declares, with the meanings of parameters.

Run it with ``python docs/capabilities.py``; a test compares the page with what would be written.
"""

from __future__ import annotations

from pathlib import Path

import terminology
from terminology.fhir import FHIR_VERSIONS, Request, Service
from terminology.fhir.service import PARAMETERS

PAGE = Path(__file__).parent / "reference" / "fhir-capabilities.md"
HEAD = """# FHIR capabilities

What the server declares: `metadata` is the CapabilityStatement, `metadata?mode=terminology` the TerminologyCapabilities.
This page is written by `docs/capabilities.py` from both, for the two versions of FHIR.
{doc}`fhir` says what the answers mean, {doc}`http` which headers and status codes they have.

"""
MEANINGS = {
    "abstract": "whether a header counts as valid; true without it",
    "code": "the code",
    "codeA": "the one code",
    "codeB": "the other code",
    "codeSystem": "a CodeSystem that is asked in place of a loaded one",
    "codeableConcept": "a CodeableConcept; each of its Codings is looked at",
    "coding": "a Coding: code, system, version and display at once",
    "codingA": "the one code, as a Coding",
    "codingB": "the other code, as a Coding",
    "context": "accepted, and has no effect",
    "display": "a title that must be one of the code's",
    "excludeNotForUI": "leave out abstract codes: headers, chapters, sections",
    "excludePostCoordinated": "accepted; expansions have no combined codes",
    "inferSystem": "find the code system of a code in the value set",
    "lenient-code-validation": "accept a code in another form than the official one",
    "lenient-display-validation": "a wrong display is a warning only",
    "limitedExpansion": "accepted, and has no effect",
    "system": "URI of the code system",
    "systemVersion": "version of the code system",
    "url": "URI of the code system, or of the value set",
    "validation": "of a batch: one question, as a Parameters resource",
    "valueSet": "a ValueSet that is asked in place of a known one",
    "valueSetVersion": "version of the value set",
    "valueset-membership-only": "only whether the code is in the value set, without a look at its system",
    "version": "version of the code system",
}
"""Of the parameters that the TerminologyCapabilities do not explain."""
OF_R4 = {"source-system": "source-group-system", "target-system": "target-group-system"}
"""Search parameters that have another name in R5."""


def metadata(service: Service, fhir: str, **query: str) -> dict[str, object]:
    """Return what an endpoint declares."""
    return service.answer(Request("metadata", fhir, query=tuple(query.items()))).resource


def listed(names: list[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def resource_rows(rest: dict) -> list[str]:
    """Return a row for each type of resource."""
    rows = ["| resource | interactions | operations |", "|---|---|---|"]
    for one in rest["resource"]:
        interactions = listed([item["code"] for item in one["interaction"]])
        rows.append(
            f"| `{one['type']}` | {interactions} | {listed(['$' + item['name'] for item in one['operation']])} |"
        )
    whole = listed(["$" + item["name"] for item in rest["operation"]])
    return [*rows, f"| the system | {listed([item['code'] for item in rest['interaction']])} | {whole} |"]


def search_rows(rest: dict, earlier: dict) -> list[str]:
    """Return a row for each search parameter, with the types that have it."""
    found: dict[tuple[str, str], list[str]] = {}
    for one, former in zip(rest["resource"], earlier["resource"], strict=True):
        for item, old in zip(one["searchParam"], former["searchParam"], strict=True):
            name = f"`{item['name']}`" + ("" if item == old else f"; in R4 `{old['name']}`")
            found.setdefault((name, item["type"]), []).append(one["type"])
    every = [one["type"] for one in rest["resource"]]
    rows = [
        f"| {name} | {kind} | {'all' if types == every else listed(types)} |" for (name, kind), types in found.items()
    ]
    return ["| parameter | type | resources |", "|---|---|---|", *rows]


def parameter_rows(meanings: dict[str, str]) -> list[str]:
    """Return a row for each parameter of operations, with the operations that take it."""
    takers: dict[str, list[str]] = {}
    for (kind, name), parameters in PARAMETERS.items():
        for one in parameters:
            takers.setdefault(one, []).append(f"{kind}/${name}")
    every = [f"{kind}/${name}" for kind, name in PARAMETERS]
    rows = ["| parameter | meaning | operations |", "|---|---|---|"]
    for name in sorted(takers, key=str.lower):
        of = takers[name]
        shown = "all" if of == every else ", ".join(dict.fromkeys(f"`${one.partition('$')[2]}`" for one in of))
        rows.append(f"| `{name}` | {meanings[name]} | {shown} |")
    return rows


def page(store: terminology.Terminology) -> str:
    """Return the page; a parameter without a meaning is an error."""
    service = Service(store)
    statement, earlier = metadata(service, "r5"), metadata(service, "r4")
    rest, capable = statement["rest"][0], metadata(service, "r5", mode="terminology")
    expansion = capable["expansion"]
    declared = {
        one["name"]: one["documentation"][0].lower() + one["documentation"][1:].rstrip(".")
        for one in expansion["parameter"]
    }
    versions = ", ".join(f"{name.upper()} ({full}) at `/{name}`" for name, full in FHIR_VERSIONS.items())
    features = [one["extension"][0]["valueCanonical"] for one in statement["extension"]]
    nested = "lists and trees" if expansion["hierarchical"] else "lists"
    paged = ", in pages" if expansion["paging"] else ""
    lines = [
        HEAD,
        "| | |",
        "|---|---|",
        f"| versions of FHIR | {versions} |",
        f"| formats | {listed(statement['format'])} |",
        f"| stands for | `{statement['instantiates'][0]}` |",
        f"| features | {', '.join(f'`{one}`' for one in features)} |",
        f"| writes | none. {rest['security']['description']} |",
        f"| expansions | {nested}{paged} |",
        "| code systems | each that is loaded, with all versions, and groupings; the newest version is the default |",
        "",
        "",
        "## Resources, interactions, operations",
        "",
        *resource_rows(rest),
        "",
        "`read` is by id; `search-type` is a search by the parameters below.",
        "",
        "",
        "## Search parameters",
        "",
        *search_rows(rest, earlier["rest"][0]),
        "",
        "{doc}`fhir-resources` says how each compares, and what `_count`, `_summary` and `_elements` do.",
        "",
        "",
        "## Parameters of operations",
        "",
        "Those of `$translate` are on {doc}`fhir-concept-maps`.",
        "Other parameters are left out, or are an error with `Prefer: handling=strict`.",
        "",
        *parameter_rows({**MEANINGS, **declared}),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    from _sample import sample_store

    PAGE.write_text(page(terminology.open(sample_store())), encoding="utf-8")


if __name__ == "__main__":
    main()
