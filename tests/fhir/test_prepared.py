"""Questions of one kind are prepared once: the next ones are answered as if each were read by itself."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology import Terminology
from terminology.fhir import FhirVersion, Request, Response, Service, prepared
from terminology.fhir.catalogue import KEPT, KEPT_KINDS, Library

from .asking import CM, CPT, HCPCS, ICD9, PCS, asked

CODES: Final = {
    CM: ("E11.9", "E11", "e119", "M54.5", "M54.50", "F32.A", "W21.89A", "Z99.999", ""),
    HCPCS: ("J1815", "LT", "C9014", "j1815", "J"),
    PCS: ("0FT44ZZ", "0FT", "0FT4"),
    CPT: ("99990", "99990:25", "99993"),
    ICD9: ("250.00", "47.01", "4701"),
    "http://hl7.org/fhir/administrative-gender": ("male", "Male"),
    "http://example.org/nothing": ("a",),
}
OPERATIONS: Final = {
    "CodeSystem/$lookup": ("system", "code"),
    "CodeSystem/$validate-code": ("url", "code"),
    "CodeSystem/$subsumes": ("system", "codeA", "codeB"),
    "ValueSet/$validate-code": ("system", "code", "url"),
}
FURTHER: Final = (
    *(("date", "2015-09-30"), ("date", "2019-01-01"), ("date", "2022-04-01"), ("date", "1990-01-01")),
    *(("version", "2022"), ("displayLanguage", "de"), ("displayLanguage", "en"), ("property", "*")),
    *(("display", "Low back pain, unspecified"), ("abstract", "false"), ("activeOnly", "true"), ("nonsense", "x")),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, tuple[tuple[str, str], ...], dict[str, str]]:
    """Return path, parameters in any order, and headers."""
    path, names = draw(st.sampled_from(sorted(OPERATIONS.items())))
    system = draw(st.sampled_from(sorted(CODES)))
    of_set = draw(st.sampled_from([system, f"{system}?fhir_vs", f"{CM}?fhir_vs=isa/E11"]))
    pairs = []
    for name in names:
        if name.startswith("code"):
            pairs.append((name, draw(st.sampled_from(CODES[system]))))
        else:
            pairs.append((name, of_set if name == "url" and path.startswith("ValueSet") else system))
    pairs += draw(st.lists(st.sampled_from(FURTHER), max_size=2))
    headers = draw(st.sampled_from([{}, {"accept-language": "de"}, {"prefer": "handling=strict"}]))
    return path, tuple(draw(st.permutations(pairs))), {"x-request-id": "a", **headers}


@settings(max_examples=400)
@given(question=questions(), fhir=st.sampled_from(["r4", "r5"]))
def test_a_prepared_answer_is_that_of_the_whole_reading(service: Service, question: Any, fhir: FhirVersion) -> None:
    """Whatever is asked, and whatever was asked before: this service has answered all the other examples."""
    path, query, headers = question
    request = Request(path, fhir, query=query, headers=headers)
    first, second = service.answer(request), service.answer(request)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("terminology.fhir.service.question_of", lambda *_: None)
        whole = service.answer(request)
    assert first == second == whole


def test_a_code_that_answers_for_itself_prepares_nothing(service: Service) -> None:
    """On a day that no release covers, where the code has days of its own; for the next one it says nothing."""
    day = {"system": HCPCS, "date": "2015-09-30"}
    for _ in range(2):
        assert asked(service, "CodeSystem/$lookup", code="J1815", **day).status == 200
        assert asked(service, "CodeSystem/$lookup", code="ZZZZZ", **day).status == 422


def answers_of_prepared(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> tuple[Service, list[Any]]:
    """Return a new service, and what it answers from what is prepared."""
    found: list[Any] = []
    answered = prepared.answered

    def noted(library: Library, question: prepared.Question) -> Any:
        found.append(answered(library, question))
        return found[-1]

    monkeypatch.setattr("terminology.fhir.service.answered", noted)
    return Service(store), found


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("CodeSystem/$lookup", {"system": CM}),
        ("CodeSystem/$lookup", {"system": CM, "date": "2021-10-05"}),
        ("CodeSystem/$validate-code", {"url": CM}),
        ("ValueSet/$validate-code", {"url": f"{CM}?fhir_vs", "system": CM}),
    ],
)
def test_the_second_question_of_a_kind_is_prepared(
    store: Terminology, monkeypatch: pytest.MonkeyPatch, path: str, parameters: dict[str, str]
) -> None:
    """So that the comparison is of two ways; the code may be another one."""
    service, found = answers_of_prepared(store, monkeypatch)
    asked(service, path, code="E11.9", **parameters)
    second = asked(service, path, code="M54.50", **parameters)
    assert found == [None, second.resource]


def test_a_subsumption_keeps_the_order_of_its_codes(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the URL either may stand first."""
    service, found = answers_of_prepared(store, monkeypatch)

    def outcome(**codes: str) -> str:
        response: Response = asked(service, "CodeSystem/$subsumes", system=CM, **codes)
        return str(response.resource["parameter"][0]["valueCode"])

    for _ in range(2):
        assert outcome(codeA="E11", codeB="E11.9") == "subsumes"
        assert outcome(codeB="E11.9", codeA="E11") == "subsumes"
        assert outcome(codeB="E11", codeA="E11.9") == "subsumed-by"
    assert [one is None for one in found] == [True, True, False, False, False, False]


def test_what_is_prepared_is_of_its_day(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version in force today is not that of tomorrow."""
    service, found = answers_of_prepared(store, monkeypatch)
    for seconds in (1_000_000, 1_000_001, 1_000_000 + 86_400):
        monkeypatch.setattr(prepared, "time", lambda seconds=seconds: float(seconds))
        asked(service, "CodeSystem/$lookup", system=CM, code="E11.9")
    assert [one is None for one in found] == [True, False, True]


def test_what_is_prepared_goes_with_the_contents_of_its_day(store: Terminology) -> None:
    """Of many days and kinds of questions, so that neither can fill the memory."""
    service = Service(store)
    library = service._libraries["r5"]
    asked(service, "CodeSystem/$lookup", system=CM, code="E11.9")
    assert library.prepared
    for number in range(KEPT):
        library._contents["another", "", number] = next(iter(library._contents.values()))
    asked(service, "CodeSystem/$lookup", system=PCS, code="0FT44ZZ")
    assert not any("icd-10-cm" in str(kind) for kind in library.prepared)
    for number in range(KEPT_KINDS + 10):
        library.prepare((number,), lambda _: None)
    assert len(library.prepared) == KEPT_KINDS


CODINGS: Final = [{"system": system, "code": code} for system, codes in CODES.items() for code in codes if code]
"""What batches ask about."""


@pytest.mark.parametrize(
    ("kind", "outer"),
    [
        ("CodeSystem", []),
        ("CodeSystem", [{"name": "url", "valueUri": CM}]),
        ("CodeSystem", [{"name": "version", "valueString": "2022"}]),
        ("CodeSystem", [{"name": "displayLanguage", "valueCode": "de"}]),
        ("ValueSet", [{"name": "url", "valueUri": f"{CM}?fhir_vs"}]),
        ("ValueSet", [{"name": "url", "valueUri": f"{CM}?fhir_vs"}, {"name": "date", "valueDateTime": "2021-09-30"}]),
    ],
)
def test_a_batch_answers_as_its_questions_one_by_one(service: Service, kind: str, outer: list[Any]) -> None:
    """Whether they have something to say or not; also codings with more, or less, than system and code."""
    strange = [{"code": "E11.9"}, {"system": CM}, {"system": CM, "display": "x"}, {"system": CM, "code": 1}, {}]
    codings = [*CODINGS, *strange, *({**one, "display": "x"} for one in CODINGS[:9])]
    given = [{"name": "coding", "valueCoding": one} for one in codings]
    inner = [{"resourceType": "Parameters", "parameter": [one]} for one in given]
    whole = [*outer, *({"name": "validation", "resource": one} for one in inner)]
    request = Request(f"{kind}/$batch-validate-code", "r5", "POST", (), parameters_of(whole))
    found = [one["resource"] for one in service.answer(request).resource["parameter"]]
    alone = [Request(f"{kind}/$validate-code", "r5", "POST", (), parameters_of([*outer, one])) for one in given]
    assert found == [service.answer(one).resource for one in alone]


def parameters_of(given: list[Any]) -> Any:
    """Return a Parameters resource."""
    return {"resourceType": "Parameters", "parameter": given}


def plainly(query: Any) -> str:
    """Return parameters as they are, where nothing in them needs an escape."""
    return "&".join(f"{name}={value}" for name, value in query)


@settings(max_examples=200)
@given(
    question=questions(),
    fhir=st.sampled_from(["r4", "r5"]),
    write=st.sampled_from([urlencode, plainly]),
    slash=st.sampled_from(["", "/"]),
)
def test_an_entry_of_a_bundle_is_answered_as_by_itself(
    service: Service, question: Any, fhir: FhirVersion, write: Any, slash: str
) -> None:
    """However its URL is written, and with the headers of the Bundle."""
    path, query, headers = question
    entry = {"request": {"method": "GET", "url": f"{slash}{path}?{write(query)}"}}
    body = {"resourceType": "Bundle", "type": "batch", "entry": [entry, entry]}
    found = service.answer(Request("", fhir, "POST", (), body, headers)).resource["entry"]
    alone = service.answer(Request(path, fhir, query=query, headers=headers))
    expected: dict[str, Any] = {"response": {"status": str(alone.status)}}
    if alone.status == 200:
        expected["resource"] = alone.resource
    else:
        expected["response"]["outcome"] = alone.resource
    assert found == [expected, expected]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("CodeSystem/$lookup", "system={S}&code=M54.50&code=M54.5"),
        ("CodeSystem/$lookup", "system={S}&code=M54.50&codeA=x"),
        ("CodeSystem/$subsumes", "system={S}&codeA=M54&codeB=M54.50&code=x"),
        ("CodeSystem/$subsumes", "system={S}&codeB=M54.50&codeA=M54&codeB=M54.5"),
        ("CodeSystem/$validate-code", "url={S}&code=M54.50&code=x"),
        ("ValueSet/$validate-code", "url={S}?fhir_vs&system={S}&code=M54.50&codeB=M54"),
    ],
)
def test_a_question_with_codes_that_its_operation_does_not_take_is_read_each_time(
    store: Terminology, path: str, query: str
) -> None:
    """The second answer is the first."""
    service = Service(store)
    pairs = tuple(parse_qsl(query.replace("{S}", CM)))
    first, second = (service.answer(Request(path, "r4", query=pairs)) for _ in range(2))
    assert (second.status, second.resource) == (first.status, first.resource)
    assert first.status < 500


TEXTS: Final = (
    "pain",
    "low back",
    "m54",
    "lumbago",
    "zzz",
    "a",
    "",
    " pain",
    "Schmerz",
    "ü",
    "diabetes type 2",
    "x" * 65,
)


def without_its_name(response: Response) -> tuple[int, Any]:
    """Return an expansion without what is new in each."""
    if response.status != 200:
        return response.status, response.resource
    expansion = dict(response.resource["expansion"])
    expansion.pop("identifier")
    expansion.pop("timestamp")
    return response.status, {**response.resource, "expansion": expansion}


@settings(max_examples=150)
@given(
    texts=st.lists(st.sampled_from(TEXTS), min_size=2, max_size=4),
    url=st.sampled_from(
        [f"{CM}?fhir_vs", f"{CM}?fhir_vs=isa/M54", f"{CPT}?fhir_vs", f"{ICD9}?fhir_vs", "http://a.b/none"]
    ),
    more=st.lists(
        st.sampled_from(
            [("count", "2"), ("offset", "1"), ("date", "2022-03-01"), ("displayLanguage", "de"), ("activeOnly", "true")]
        ),
        max_size=3,
        unique_by=lambda pair: pair[0],
    ),
    fhir=st.sampled_from(["r4", "r5"]),
)
def test_words_find_the_same_in_a_value_set_that_is_prepared(
    service: Service, texts: list[str], url: str, more: list[tuple[str, str]], fhir: FhirVersion
) -> None:
    """One text after the other, and whatever was asked before."""
    for text in texts:
        request = Request("ValueSet/$expand", fhir, query=(("url", url), ("filter", text), *more))
        prepared_one = service.answer(request)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("terminology.fhir.service.question_of", lambda *_: None)
            whole = service.answer(request)
        assert without_its_name(prepared_one) == without_its_name(whole)


def test_a_second_text_is_found_in_what_is_prepared(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """But not at once, by the loop of the server: to find words may take a while."""
    service, found = answers_of_prepared(store, monkeypatch)
    day = {"url": f"{CM}?fhir_vs", "date": "2022-03-01", "count": "5"}
    asked(service, "ValueSet/$expand", filter="pain", **day)
    second = asked(service, "ValueSet/$expand", filter="low back", **day)
    assert found == [None, second.resource]
    assert service.prompt("r5", "ValueSet/$expand", (*day.items(), ("filter", "diabetes")), None) is None
