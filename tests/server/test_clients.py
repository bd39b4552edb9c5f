"""A client that nobody here wrote asks a running server: `fhirpy`, with threads and without, in R4 and R5."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ..fhir.asking import CM, HCPCS
from .test_serving import Process, serve

fhirpy = pytest.importorskip("fhirpy")

T2: Final = "Type 2 diabetes mellitus without complications"
Resource = dict[str, Any]


@pytest.fixture(scope="module")
def running(sample_store: Path) -> Iterator[Process]:
    """A server over the samples, in a process of its own."""
    process = Process(serve(sample_store))
    yield process
    process.end()
    process._reader.join(30)
    assert process.process.stderr is not None
    process.process.stderr.close()


@pytest.fixture(params=["r4", "r5"])
def client(running: Process, request: pytest.FixtureRequest) -> Any:
    """A client of an endpoint."""
    return fhirpy.SyncFHIRClient(f"http://127.0.0.1:{running.port}/{request.param}")


def values(parameters: Resource) -> Resource:
    """Return the parameters of an answer that have a value, by name."""
    found = parameters["parameter"]
    return {one["name"]: value for one in found for name, value in one.items() if name.startswith("value")}


def parameters(**given: str) -> Resource:
    """Return a Parameters resource of texts."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, "valueString": value} for name, value in given.items()],
    }


def test_search(client: Any) -> None:
    """Every release of a code system, page after page; how many; the first; none."""
    found = client.resources("CodeSystem").search(url=CM)
    assert [one["version"] for one in found.fetch()] == ["2022-04", "2022", "2021"]
    assert [one["version"] for one in found.limit(1).fetch_all()] == ["2022-04", "2022", "2021"]
    assert found.count() == 3
    assert found.first()["version"] == "2022-04"
    assert found.search(version="2021").get()["id"] == "icd10cm-2021"
    assert client.resources("CodeSystem").search(url="http://example.org/none").fetch() == []


def test_read(client: Any) -> None:
    """By id, and by a reference."""
    assert client.get("CodeSystem", "icd10cm-2022")["version"] == "2022"
    assert client.reference("ConceptMap", "gems-2018-icd9cm-icd10cm").to_resource()["version"] == "2018"
    with pytest.raises(fhirpy.base.exceptions.ResourceNotFound):
        client.get("CodeSystem", "icd10cm-1999")


def test_lookup(client: Any) -> None:
    """By GET and by POST; of a code that is none it raises what it raises for 404."""
    asked = {"system": CM, "code": "E11.9"}
    assert values(client.execute("CodeSystem/$lookup", "get", params=asked))["display"] == T2
    assert values(client.execute("CodeSystem/$lookup", data=parameters(**asked)))["display"] == T2
    with pytest.raises(fhirpy.base.exceptions.ResourceNotFound, match=r"Q99\.99 is not in ICD-10-CM"):
        client.execute("CodeSystem/$lookup", "get", params={"system": CM, "code": "Q99.99"})


def test_validate(client: Any) -> None:
    """On the type with a date, on an instance, and against a value set."""
    of_day = {"url": HCPCS, "code": "C9014", "date": "2018-12-31"}
    assert values(client.execute("CodeSystem/$validate-code", "get", params=of_day))["result"] is True
    later = {**of_day, "date": "2019-01-01"}
    assert values(client.execute("CodeSystem/$validate-code", data=parameters(**later)))["result"] is False
    instance = client.resource("CodeSystem", id="icd10cm-2021")
    assert values(instance.execute("$validate-code", "get", params={"code": "M54.5"}))["version"] == "2021"
    among = {"url": f"{CM}?fhir_vs=isa/E11", "system": CM, "code": "E11.9"}
    assert values(client.resources("ValueSet").execute("$validate-code", "get", params=among))["result"] is True


def test_expand(client: Any) -> None:
    """An implicit value set by GET, one of its own by POST; a parameter that is wrong raises what says so."""
    asked = {"url": f"{CM}?fhir_vs", "filter": "kidney diabetic", "count": 5}
    found = client.execute("ValueSet/$expand", "get", params=asked)
    assert [one["code"] for one in found["expansion"]["contains"]] == ["E11.2", "E11.22"]
    own = {
        "resourceType": "ValueSet",
        "status": "active",
        "compose": {
            "include": [{"system": CM, "filter": [{"property": "concept", "op": "child-of", "value": "M54.5"}]}]
        },
    }
    assert client.execute("ValueSet/$expand", data=own)["expansion"]["total"] == 3
    with pytest.raises(fhirpy.base.exceptions.OperationOutcome) as raised:
        client.execute("ValueSet/$expand", "get", params={**asked, "count": -1})
    assert "count" in raised.value.resource["issue"][0]["details"]["text"]


def test_batch(client: Any) -> None:
    """A Bundle of requests, and many validations in one request: answered by position."""
    urls = [f"CodeSystem/$validate-code?url={CM}&code={code}" for code in ("E11.9", "e119")]
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in (*urls, "CodeSystem/none")],
    }
    found = client.execute("", data=bundle)
    assert [one["response"]["status"][:3] for one in found["entry"]] == ["200", "200", "404"]
    assert [values(one["resource"])["result"] for one in found["entry"][:2]] == [True, False]
    many = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "validation", "resource": parameters(url=CM, code=code)} for code in ("E11.9", "e119", "Q99.99")
        ],
    }
    answers = client.execute("CodeSystem/$batch-validate-code", data=many)["parameter"]
    assert [values(one["resource"])["result"] for one in answers] == [True, False, False]


def test_many_at_once(running: Process) -> None:
    """A hundred lookups on one connection pool, without threads: each gets its own answer."""
    client = fhirpy.AsyncFHIRClient(f"http://127.0.0.1:{running.port}/r5")
    codes = ["E11.9", "M54.50", "F32.A", "U07.1"] * 25

    async def asked() -> list[Resource]:
        return await asyncio.gather(*(_looked_up(client.execute, code) for code in codes))

    assert [values(one)["code"] for one in asyncio.run(asked())] == codes


async def _looked_up(execute: Callable[..., Any], code: str) -> Resource:
    return dict(await execute("CodeSystem/$lookup", "get", params={"system": CM, "code": code}))
