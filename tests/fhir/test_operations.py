"""What operations make of their parameters: which code system and version are meant, and what bounds an answer."""

from __future__ import annotations

import time

import pytest

from terminology import Terminology
from terminology.fhir import Request, Service
from terminology.fhir.budget import until
from terminology.fhir.catalogue import KEPT, Library
from terminology.fhir.titles import TitleIndex

from .asking import CM, CPT, ICD9, asked, codes, issues, properties, values

OID = "urn:oid:2.16.840.1.113883.6.90"


def doubled(depth: int) -> list[dict[str, object]]:
    """Return value sets of which each refers to the one below twice: as many ways as two to the power of the depth."""
    whole = {"resourceType": "ValueSet", "url": "urn:v0", "compose": {"include": [{"system": CM}]}}
    return [
        whole,
        *(
            {
                "resourceType": "ValueSet",
                "url": f"urn:v{number}",
                "compose": {"include": [{"valueSet": [f"urn:v{number - 1}"]}] * 2},
            }
            for number in range(1, depth + 1)
        ),
    ]


def test_a_value_set_is_evaluated_once_however_often_it_is_referred_to(service: Service) -> None:
    """Forty levels of two references each are answered at once, by all operations that read value sets."""
    sets = doubled(40)
    assert asked(service, "ValueSet/$expand", given=sets, url="urn:v40").status == 200
    for inferred in ({"system": CM}, {"inferSystem": True}):
        found = asked(service, "ValueSet/$validate-code", given=sets, url="urn:v40", code="E11.9", **inferred)
        assert values(found)["result"]
    asked(service, "ConceptMap/$translate", given=sets, source="urn:v40", system=CM, code="E11.9")


def test_a_request_has_an_end(service: Service) -> None:
    """A request whose time is over is answered that it takes too long, and not worked on."""
    filters = [{"property": "billable", "op": "=", "value": "true"}]
    value_set = {"resourceType": "ValueSet", "compose": {"include": [{"system": CM, "filter": filters}]}}
    with until(time.monotonic() - 1):
        found = asked(service, "ValueSet/$expand", valueSet=value_set)
    assert (found.status, issues(found)[0][1]) == (
        503,
        "The request takes too long to answer; ask for less at a time",
    )


def test_days_do_not_fill_the_memory(store: Terminology) -> None:
    """Editions of many days share what they have in common, and what is dropped is held by nobody."""
    library = Library(store)
    for year in range(2015, 2023):
        for month in range(1, 13):
            for name in ("icd10cm", "hcpcs", "icd10pcs"):
                system = store[name]
                edition = system.on(f"{year}-{month:02}-01")
                if edition.release is not None:
                    library.in_force(system, edition.date)
    held = {id(one.content) for one in library._editions.values()}
    assert held == {id(one) for one in library._contents.values()}
    assert len(held) <= KEPT


@pytest.mark.parametrize("path", ["CodeSystem/$validate-code", "CodeSystem/icd10cm-2021/$validate-code"])
def test_a_coding_is_validated_in_the_version_that_the_request_names(service: Service, path: str) -> None:
    """F32.A is of 2022: beside the version 2021, or asked of that resource, it is unknown."""
    named = {} if "icd10cm" in path else {"url": CM, "version": "2021"}
    for coded in ({"coding": {"system": CM, "code": "F32.A"}}, {"coding": {"code": "F32.A"}}, {"code": "F32.A"}):
        found = asked(service, path, **named, **coded)
        assert not values(found)["result"]
        assert values(found)["version"] == "2021"


def test_a_coding_of_another_system_than_the_request_names_is_wrong(service: Service) -> None:
    """250.00 of ICD-9-CM is no code of ICD-10-CM, whatever the coding says of its system."""
    coding = {"system": ICD9, "code": "250.00"}
    for coded in ({"coding": coding}, {"codeableConcept": {"coding": [coding]}}):
        found = asked(service, "CodeSystem/$validate-code", url=CM, **coded)
        assert not values(found)["result"]
        assert f"the code system of the request is {CM}" in values(found)["message"]


def test_names_of_one_system_agree(service: Service) -> None:
    """URI and OID of one system are no contradiction."""
    found = asked(service, "CodeSystem/$validate-code", url=OID, coding={"system": CM, "code": "E11.9"})
    assert values(found)["result"]
    codings = {"codingA": {"system": CM, "code": "E11"}, "codingB": {"system": OID, "code": "E11.9"}}
    assert values(asked(service, "CodeSystem/$subsumes", **codings))["outcome"] == "subsumes"


def test_what_is_said_twice_has_to_agree(service: Service) -> None:
    """Two versions, or two code systems, are an error, and none is preferred in silence."""
    old, new = ({"system": CM, "version": version, "code": "E11"} for version in ("2021", "2022"))
    assert asked(service, "CodeSystem/$subsumes", codingA=old, codingB=new).status == 400
    assert asked(service, "CodeSystem/$lookup", system=ICD9, coding={"system": CM, "code": "E11"}).status == 400
    assert asked(service, "CodeSystem/$lookup", version="2022", coding=old).status == 400


def test_a_version_that_is_named_answers_or_none_does(service: Service) -> None:
    """A version and a day on which another one is in force are an error, in both directions."""
    for version, day in (("2022", "2021-01-01"), ("2021", "2021-12-01")):
        found = asked(service, "CodeSystem/$lookup", system=CM, version=version, code="E11.9", date=day)
        assert found.status == 422
        assert f"Version {version}" in issues(found)[0][1]
    forced = asked(
        service, "ValueSet/$expand", url=f"{CM}?fhir_vs", date="2021-01-01", force_system_version=f"{CM}|2022"
    )
    assert forced.status == 422


@pytest.mark.parametrize(("date", "version"), [("2021", "2021"), ("2021-10", "2022"), ("2021-10-01T12:00:00Z", "2022")])
def test_a_date_may_be_a_part_of_one(service: Service, date: str, version: str) -> None:
    """A year or a month stands for its first day."""
    assert values(asked(service, "CodeSystem/$lookup", system=CM, code="E11.9", date=date))["version"] == version


@pytest.mark.parametrize("date", ["20211001", "2021-W40-4", "2021-10-01junk", "2021-13-01", "yesterday"])
def test_a_date_of_another_form_is_an_error(service: Service, date: str) -> None:
    """Only FHIR's form of a date is taken."""
    assert asked(service, "CodeSystem/$lookup", system=CM, code="E11.9", date=date).status == 400


def test_a_display_that_may_not_be_shown_is_not_judged(service: Service) -> None:
    """Right and wrong displays of CPT have one answer without a licence: true, with an information."""
    answers = [
        asked(service, "CodeSystem/$validate-code", url=CPT, code="9990A", display=display)
        for display in ("Invented administration of an invented product", "Something else")
    ]
    assert [values(one)["result"] for one in answers] == [True, True]
    assert [[severity for severity, _ in issues(one)] for one in answers] == [["information"]] * 2


def test_code_systems_and_abstract_codes_are_left_out_on_request(service: Service) -> None:
    """``exclude-system`` and ``excludeNotForUI`` do what they say."""
    url = f"{CM}?fhir_vs=isa/M54"
    assert codes(asked(service, "ValueSet/$expand", url=url, exclude_system=CM)) == []
    found = codes(asked(service, "ValueSet/$expand", url=url, excludeNotForUI=True, date="2021-10-01"))
    assert found == ["M54.2", "M54.50", "M54.51", "M54.59", "M54.9"]


def test_what_a_list_loses_is_said(service: Service) -> None:
    """A code without its dot, and one that is unknown, are named as warnings of the expansion."""
    listed = [{"code": code} for code in ("E11.9", "M545", "ZZZ")]
    value_set = {"resourceType": "ValueSet", "compose": {"include": [{"system": CM, "concept": listed}]}}
    found = asked(service, "ValueSet/$expand", valueSet=value_set)
    assert codes(found) == ["E11.9"]
    said = [one["valueString"] for one in found.resource["expansion"]["parameter"] if one["name"] == "warning"]
    assert [text.split(": ", 1)[1].split()[0] for text in said] == ["'M545'", "ZZZ"]


def test_a_code_in_another_spelling_is_none_in_a_filter(service: Service) -> None:
    """A filter takes codes as they are written: not half of what another spelling would mean."""
    for code in ("m54", "M545"):
        assert codes(asked(service, "ValueSet/$expand", url=f"{CM}?fhir_vs=isa/{code}")) == []


def test_codes_that_may_be_chosen_are_found_in_the_way_of_fhir(service: Service) -> None:
    """``notSelectable = false`` lets through what is no header."""
    filters = [
        {"property": "concept", "op": "is-a", "value": "M54"},
        {"property": "notSelectable", "op": "=", "value": "false"},
    ]
    value_set = {"resourceType": "ValueSet", "compose": {"include": [{"system": CM, "filter": filters}]}}
    assert "M54" not in codes(asked(service, "ValueSet/$expand", valueSet=value_set, date="2021-10-01"))
    assert "M54.50" in codes(asked(service, "ValueSet/$expand", valueSet=value_set, date="2021-10-01"))


def test_lookup_returns_what_is_asked_for(service: Service) -> None:
    """With ``property`` only these come, and no designations; without, the usual ones and the designations."""
    found = asked(service, "CodeSystem/$lookup", system=CM, code="E11.9", property="parent")
    assert properties(found) == {"parent": ["E11"]}
    assert not [one for one in found.resource["parameter"] if one["name"] == "designation"]


def test_unknown_parameters_are_an_error_where_a_client_prefers_it(service: Service) -> None:
    """``dat`` for ``date`` is reported to who asks for strict handling; others are answered as FHIR allows."""
    query = (("system", CM), ("code", "E11.9"), ("dat", "2021-09-30"))
    strict = service.answer(Request("CodeSystem/$lookup", query=query, headers={"prefer": "handling=strict"}))
    assert (strict.status, issues(strict)[0][1]) == (400, "$lookup has no parameter dat")
    assert service.answer(Request("CodeSystem/$lookup", query=query)).status == 200


@pytest.mark.parametrize("path", ["Patient", "Metadata", "Patient/1", "CodeSystem/$frobnicate", "nothing"])
def test_what_is_not_there_is_not_found(service: Service, path: str) -> None:
    """Other resources and operations are not found; none makes the service fail."""
    assert service.answer(Request(path)).status == 404


def test_errors_come_first(service: Service) -> None:
    """The first issue says why the answer is false."""
    found = asked(service, "ValueSet/$validate-code", url=f"{CM}?fhir_vs=isa/E11", system=CM, code="e119")
    assert next(severity for severity, _ in issues(found)) == "error"


def test_a_batch_is_bounded_as_one_answer_is(store: Terminology) -> None:
    """Entries of a Bundle that together have more codes than an answer may have are refused one by one."""
    small = Service(store, limit=100)
    entry = {"request": {"method": "GET", "url": f"ValueSet/$expand?url={CM}?fhir_vs&count=60"}}
    body = {"resourceType": "Bundle", "type": "batch", "entry": [entry] * 4}
    found = small.answer(Request("", method="POST", body=body)).resource
    assert [one["response"]["status"] for one in found["entry"]] == ["200", "200", "413", "413"]


def test_a_batch_reads_alone(service: Service) -> None:
    """Entries that would change something are refused; paths may begin at the endpoint."""
    entries = [
        {"request": {"method": "DELETE", "url": "CodeSystem/icd10cm-2022"}},
        {"request": {"method": "GET", "url": f"/r5/CodeSystem/$lookup?system={CM}&code=E11.9"}},
    ]
    found = service.answer(
        Request("", method="POST", body={"resourceType": "Bundle", "type": "batch", "entry": entries})
    )
    assert [one["response"]["status"] for one in found.resource["entry"]] == ["405", "200"]


def test_a_batch_without_validations_is_an_error(service: Service) -> None:
    """An empty batch is a mistake of its client, and is not answered by nothing."""
    assert asked(service, "CodeSystem/$batch-validate-code", url=CM).status == 400


@pytest.mark.parametrize("threshold", ["5" * 5_000, "-1", "many"])
def test_a_threshold_that_is_no_number_is_ignored(service: Service, threshold: str) -> None:
    """The header for tests of limits has no other effect."""
    found = asked(service, "ValueSet/$expand", url=f"{CM}?fhir_vs", headers={"x-too-costly-threshold": threshold})
    assert found.status == 200


@pytest.mark.parametrize("languages", ["en_US", "é", "en-US;q=1.5x"])
def test_a_preference_that_cannot_be_read_is_none(service: Service, languages: str) -> None:
    """A malformed header is ignored; the parameter of the same kind is an error."""
    asking = {"system": CM, "code": "E11.9"}
    assert asked(service, "CodeSystem/$lookup", headers={"accept-language": languages}, **asking).status == 200
    assert asked(service, "CodeSystem/$lookup", displayLanguage=languages, **asking).status == 400


@pytest.mark.parametrize(("title", "text"), [("Ménière disease", "MENIERE"), ("Übel bei Dürre", "durr ubel")])
def test_a_text_finds_a_title_without_its_accents(service: Service, title: str, text: str) -> None:
    """Case and accents of the filter text and of the titles make no difference, in either direction."""
    given = [
        {
            "resourceType": "CodeSystem",
            "url": "urn:c",
            "status": "active",
            "content": "complete",
            "concept": [{"code": "a", "display": title}, {"code": "b", "display": text}, {"code": "c", "display": "x"}],
        }
    ]
    value_set = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [{"system": "urn:c"}]}}
    for wanted in (text, title.split(maxsplit=1)[0]):
        found = asked(service, "ValueSet/$expand", given=given, valueSet=value_set, filter=wanted)
        assert codes(found) == ["a", "b"]


def test_a_text_finds_a_title_of_a_release_without_its_accents() -> None:
    """The same for the index of the titles of a release."""
    found = TitleIndex(["a", "b"], {"a": "Ménière's disease", "b": "Übel bei Dürre"}.get)
    assert [list(found.found(text)) for text in ("meniere", "Ménière", "DURRE ub", "düRre")] == [
        ["a"],
        ["a"],
        ["b"],
        ["b"],
    ]
