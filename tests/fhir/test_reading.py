"""Read by id, and search."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

import terminology
from terminology import Terminology
from terminology.fhir import Resource
from terminology.fhir.candidates import candidates_of
from terminology.fhir.outcomes import FhirError
from terminology.fhir.parameters import Inputs
from terminology.fhir.r4 import to_r4
from terminology.fhir.reading import read, search

from .judges import judged

CM = "http://hl7.org/fhir/sid/icd-10-cm"
GIVEN: tuple[Resource, ...] = (
    {"resourceType": "CodeSystem", "url": "http://a.b/cs", "version": "1", "name": "Given", "status": "draft", "content": "complete"},
    {"resourceType": "ValueSet", "id": "vs", "url": "http://a.b/vs", "status": "active", "compose": {"include": [{"system": CM}]}},
)  # fmt: skip


def asked(query: str) -> Inputs:
    """Return the parameters of a query."""
    return Inputs(parse_qsl(query, keep_blank_values=True))


def found(store: Terminology, query: str, **options: object) -> list[str]:
    """Return the ids that a search for code systems finds, all of them."""
    made = search(store, "CodeSystem", asked(query), **options)  # type: ignore[arg-type]
    judged(made, "r5")
    ids = [entry["resource"]["id"] for entry in made.get("entry", ())]
    assert made["total"] == len(ids)
    return ids


def is_subsetted(resource: Resource) -> bool:
    """Return whether a resource says that it is not whole."""
    return any(tag["code"] == "SUBSETTED" for tag in resource.get("meta", {}).get("tag", ()))


@pytest.mark.parametrize("kind", ["CodeSystem", "ValueSet", "ConceptMap"])
def test_everything_that_is_found_can_be_read(store: Terminology, kind: str) -> None:
    """By its id, which is one thing's only; as R5 and as R4."""
    made = search(store, kind, asked("_count=500"))
    judged(made, "r5")
    judged(to_r4(made), "r4")
    ids = [entry["resource"]["id"] for entry in made["entry"]]
    assert made["total"] == len(ids) == len(set(ids))
    assert len(ids) > 18
    for identity in ids:
        resource = read(store, kind, identity)
        assert (kind, identity) == (resource["resourceType"], resource["id"])
        judged(resource, "r5")
        judged(to_r4(resource), "r4")


def test_what_was_corrected_is_read_as_its_correction(store: Terminology) -> None:
    """Every release that answers has a resource, the newest first."""
    assert found(store, f"url={CM}") == ["icd10cm-2022-04", "icd10cm-2022", "icd10cm-2021"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"url={CM}&version=2022", ["icd10cm-2022"]),
        (f"url={CM}|2021", ["icd10cm-2021"]),
        ("url=https://hl7.org/fhir/sid/icd-10-cm&version=2021", ["icd10cm-2021"]),
        ("url=http://hl7.org/fhir/sid/icd-10-cmx", []),
        (f"system={CM}&version=2022,2021", ["icd10cm-2022", "icd10cm-2021"]),
        ("identifier=urn:oid:2.16.840.1.113883.6.90&version=2021", ["icd10cm-2021"]),
        ("name=icd10c&version=2022", ["icd10cm-2022"]),
        ("name:exact=icd10cm", []),
        ("name:exact=ICD10CM&version=2021", ["icd10cm-2021"]),
        ("title:contains=LEVEL%20ii", ["hcpcs-2019-01", "hcpcs-2018-01"]),
        ("title=level", []),
        ("_id=hcpcs-2019-01,places-2024,nothing", ["hcpcs-2019-01", "places-2024"]),
        ("status=retired", []),
        ("status=active&name=HCPCS&name=ICD", []),
        ("publisher=american&version=2025", ["cpt-2025"]),
        ("description:contains=cdc", ["vaccines-2024-03-01"]),
        (r"name=a\,b,HCPCS&version=2018-01", ["hcpcs-2018-01"]),
        ("unknown=3&_id=hcpcs-2019-01&_format=json&_limit=3", ["hcpcs-2019-01"]),
    ],
)
def test_a_search_finds_what_fits_all_parameters(store: Terminology, query: str, expected: list[str]) -> None:
    """One value of each; without case at the beginning of texts, anywhere or whole as a modifier says."""
    assert expected == found(store, query)


@pytest.mark.parametrize(
    ("query", "strict", "said"),
    [
        ("name:below=x", False, "unknown modifier"),
        ("url:contains=x", False, "unknown modifier"),
        ("unknown=3", True, "unknown search parameter unknown: CodeSystem is searched by _id, description"),
        ("_summary=everything", False, "expected one of true, text, data, count, false, got 'everything'"),
        ("_count=-1", False, "expected a whole number from 0"),
        ("_offset=x", False, "expected a whole number from 0"),
    ],
)
def test_a_search_that_cannot_be_meant_is_an_error(store: Terminology, query: str, *, strict: bool, said: str) -> None:
    """A modifier always, an unknown parameter where the client asks for that."""
    with pytest.raises(FhirError, match=said) as caught:
        search(store, "CodeSystem", asked(query), strict=strict)
    assert caught.value.status == 400


@pytest.mark.parametrize(("kind", "identity"), [("CodeSystem", "icd10cm-1850"), ("ValueSet", "x"), ("Patient", "1")])
def test_what_is_not_there_is_not_found(store: Terminology, kind: str, identity: str) -> None:
    """With the status 404."""
    with pytest.raises(FhirError, match="there is no") as caught:
        read(store, kind, identity)
    assert caught.value.status == 404


def test_pages_have_everything_once(store: Terminology) -> None:
    """By the links to the next one; the others lead to the first, the last and back."""
    base = "http://localhost/r5/"
    whole = found(store, "status=active&_count=100")

    def pages(url: str) -> Iterator[Resource]:
        made = search(store, "CodeSystem", asked(urlsplit(url).query), base=base)
        yield made
        links = {link["relation"]: link["url"] for link in made["link"]}
        assert url == links["self"]
        if "next" in links:
            yield from pages(links["next"])
        else:
            assert links["last"] == links["self"]

    made = list(pages(f"{base}CodeSystem?status=active&_count=4"))
    assert whole == [entry["resource"]["id"] for page in made for entry in page["entry"]]
    assert {page["total"] for page in made} == {len(whole)}
    entry = made[0]["entry"][0]
    assert entry["fullUrl"] == f"{base}CodeSystem/{entry['resource']['id']}"
    links = {link["relation"]: link["url"] for link in made[2]["link"]}
    assert links["previous"] == f"{base}CodeSystem?status=active&_count=4&_offset=4"
    assert links["first"] == f"{base}CodeSystem?status=active&_count=4"


def test_a_page_beyond_the_last_is_empty(store: Terminology) -> None:
    """Its total stays; so does that of a search that only counts."""
    total = len(found(store, "_count=100"))
    for query in ("_offset=1000", "_count=0", "_summary=count"):
        made = judged(search(store, "CodeSystem", asked(query)), "r5")
        assert (total, "entry" in made) == (made["total"], False)


def test_a_resource_is_given_in_part_where_that_is_asked_for(store: Terminology) -> None:
    """What lacks anything says so."""
    whole = read(store, "CodeSystem", "hcpcs-2019-01")
    assert "concept" in whole
    assert not is_subsetted(whole)
    assert whole == read(store, "CodeSystem", "hcpcs-2019-01", inputs=asked("_summary=false"))
    assert whole == read(store, "CodeSystem", "hcpcs-2019-01", inputs=asked("_summary=data"))
    summary = read(store, "CodeSystem", "hcpcs-2019-01", inputs=asked("_summary=true"))
    assert is_subsetted(summary)
    assert {"concept", "copyright"}.isdisjoint(summary)
    assert whole["count"] == summary["count"]
    text = read(store, "CodeSystem", "hcpcs-2019-01", inputs=asked("_summary=text"))
    assert {"resourceType", "id", "meta", "status", "content"} == set(text)
    part = read(store, "CodeSystem", "hcpcs-2019-01", inputs=asked("_elements=concept,name"))
    assert {"resourceType", "id", "meta", "status", "content", "concept", "name"} == set(part)
    for one in (summary, text, part):
        judged(one, "r5")
        judged(to_r4(one), "r4")


def test_large_resources_come_without_content_unless_they_are_asked_for_whole(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, from more concepts or mappings on than found by a search."""
    store = terminology.open(sample_store)
    monkeypatch.setattr("terminology.fhir.candidates.LARGE", 40)
    monkeypatch.setattr("terminology.fhir.reading.FOUND_WHOLE", 10)
    for kind, identity, content in (
        ("CodeSystem", "icd10cm-2022", "concept"),
        ("ConceptMap", "icd10cm-conversion-2022-04-icd10cm-icd10cm", "group"),
    ):
        monkeypatch.setattr("terminology.fhir.candidates.LARGE", 30)
        resource = read(store, kind, identity)
        assert is_subsetted(resource)
        assert content not in resource
        whole = read(store, kind, identity, inputs=asked("_summary=false"))
        assert content in whole
        assert not is_subsetted(whole)
        entry = search(store, kind, asked(f"_id={identity}&_summary=false"))["entry"][0]
        assert whole == entry["resource"]
    hcpcs = search(store, "CodeSystem", asked("_id=hcpcs-2019-01"))["entry"][0]["resource"]
    assert is_subsetted(hcpcs)
    assert not is_subsetted(read(store, "CodeSystem", "hcpcs-2019-01"))


def test_given_resources_take_part(store: Terminology) -> None:
    """One without id gets one, by which it is read; they go before those of the store."""
    made = search(store, "CodeSystem", asked("name=given"), extra=GIVEN)
    assert made["total"] == 1
    resource = made["entry"][0]["resource"]
    assert {**GIVEN[0], "id": resource["id"]} == resource
    assert resource == read(store, "CodeSystem", resource["id"], extra=GIVEN)
    about = search(store, "ValueSet", asked(f"reference={CM}"), extra=GIVEN)["entry"]
    assert about[0]["resource"] == GIVEN[1]
    assert len(about) == 4


def test_value_sets_of_what_is_below_a_code_are_found_by_their_url(store: Terminology) -> None:
    """No list has them, for there are as many as codes."""
    made = search(store, "ValueSet", Inputs([("url", f"{CM}?fhir_vs=isa/M54")]))
    assert made["total"] == 1
    assert made["entry"][0]["resource"]["compose"]["include"][0]["filter"][0]["value"] == "M54"
    made = search(store, "ValueSet", Inputs([("url", f"{CM}?fhir_vs"), ("version", "2022")]))
    assert [entry["resource"]["id"] for entry in made["entry"]] == ["icd10cm-2022-vs"]
    for url in (f"{CM}?fhir_vs=isa/M54|1850", f"{CM}?fhir_vs=isa/NOTHING", f"{CM}?fhir_vs=x"):
        assert search(store, "ValueSet", Inputs([("url", url)]))["total"] == 0


def test_a_store_that_nobody_holds_any_more_goes(sample_store: Path) -> None:
    """What was remembered of it does not keep it."""
    store = terminology.open(sample_store)
    for kind in ("CodeSystem", "ConceptMap"):
        search(store, kind, asked(""))
    assert candidates_of(store) is candidates_of(store)
    gone = weakref.ref(store)
    del store
    gc.collect()
    assert gone() is None
