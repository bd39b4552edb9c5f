"""What ``$expand?filter=`` finds: the best code first, every code once, and the same list however it is paged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.fhir import Request, Resource, Response, Service
from terminology.fhir.code_systems import words_of

from .asking import CM, CPT, HCPCS, ICD9, asked

DAY = "2022-03-01"
EVERYTHING = f"{CM}?fhir_vs"


def found(service: Service, text: str, **more: Any) -> Response:
    """Return the expansion of the whole of ICD-10-CM by a text, by GET."""
    return asked(service, "ValueSet/$expand", url=EVERYTHING, filter=text, date=DAY, **more)


def codes(response: Response) -> list[str]:
    """Return the codes of an expansion, which is a list."""
    assert response.status == 200, response.resource
    contains = response.resource["expansion"].get("contains", [])
    assert not any("contains" in one for one in contains)
    return [one["code"] for one in contains]


def total(response: Response) -> int:
    """Return the total of an expansion."""
    count: int = response.resource["expansion"]["total"]
    return count


def of(*include: Resource, exclude: tuple[Resource, ...] = ()) -> Resource:
    """Return a value set."""
    compose: Resource = {"include": list(include)}
    if exclude:
        compose["exclude"] = list(exclude)
    return {"resourceType": "ValueSet", "status": "active", "compose": compose}


def below(code: str) -> Resource:
    """Return the filter of a code and everything below it."""
    return {"property": "concept", "op": "is-a", "value": code}


BILLABLE: Resource = {"property": "billable", "op": "=", "value": "true"}


# ---- what is found


@pytest.mark.parametrize(
    "text", ["low back pain", "pain low back", "LOW BACK PAINS", "low back pa", "low bakc pain", "lumbago", "LBP"]
)
def test_a_filter_finds_what_a_search_finds(service: Service, store: Terminology, text: str) -> None:
    """Titles, other names, synonyms, mistakes, words in any order, the last one unfinished: its best code is there, and early."""
    best = store["icd10cm"].on(DAY).search(text)[0].code
    assert best in codes(found(service, text, count="3"))


@pytest.mark.parametrize("text", ["M54.5", "m54.5", "M545", "m545"])
def test_the_beginning_of_a_code_finds_it_and_those_below(service: Service, text: str) -> None:
    """With and without its dot, in any case; the code itself comes first, and it may be a header."""
    assert codes(found(service, text)) == ["M54.5", "M54.50", "M54.51", "M54.59"]


def test_a_code_and_words_find_the_words_among_the_codes(service: Service) -> None:
    """What begins with E11 and is about kidneys."""
    assert codes(found(service, "e11 kidney")) == codes(found(service, "kidney e11")) == ["E11.2", "E11.22"]


def test_every_code_is_found_by_all_words_of_its_title(service: Service, store: Terminology) -> None:
    """Headers as well; the code is among those that hold every word, however many others do."""
    edition = store["icd10cm"].on(DAY)
    for code in codes(asked(service, "ValueSet/$expand", url=EVERYTHING, date=DAY, excludeNested="true")):
        title = edition.title(code) or ""
        if edition[code].kind not in ("chapter", "section"):
            assert code in codes(found(service, f"{title} ")), title


def test_what_has_no_words_restricts_nothing(service: Service) -> None:
    """Signs, and words that tell no code from another."""
    everything = total(asked(service, "ValueSet/$expand", url=EVERYTHING, date=DAY))
    assert [total(found(service, text)) for text in ("???", "of the ")] == [everything] * 2


def test_a_word_that_tells_nothing_may_become_another_one(service: Service, store: Terminology) -> None:
    """Who types "to" may be on the way to "tobacco"."""
    edition = store["icd10cm"].on(DAY)
    assert all("to" in " ".join(words_of(edition.title(code) or "")) for code in codes(found(service, "to")))


def test_a_part_of_the_words_counts_where_nothing_holds_all(service: Service) -> None:
    """Nothing is about a purple back pain; where something holds all words, nothing else is listed."""
    assert codes(found(service, "low back pain xylophone"))[:1] == ["M54.5"]
    assert codes(found(service, "xylophone")) == []
    assert codes(found(service, "vertebrogenic")) == ["M54.51"]


def test_a_code_that_is_left_out_finds_no_others(service: Service) -> None:
    """A text that names a code does not mean titles with its number in them."""
    value_set = of({"system": CM}, exclude=({"system": CM, "filter": [below("M54")]},))
    posted = asked(service, "ValueSet/$expand", valueSet=value_set, filter="m54", date=DAY)
    assert codes(posted) == []


@pytest.mark.parametrize("text", ["zebra", "my zebra press", "Bluthochdruck"])
def test_what_a_value_set_itself_calls_a_code_finds_it(service: Service, text: str) -> None:
    """Its display and its designations, as the expansion shows them."""
    concept = {
        "code": "M54.50",
        "display": "my zebra pressure",
        "designation": [{"language": "de", "value": "Bluthochdruck"}],
    }
    value_set = of({"system": CM, "concept": [concept, {"code": "M54.51"}]})
    assert codes(asked(service, "ValueSet/$expand", valueSet=value_set, filter=text, date=DAY)) == ["M54.50"]


# ---- lists and pages


@pytest.mark.parametrize("text", ["pain", "diabetes", "m54", "a", "low back pain xylophone"])
def test_pages_are_parts_of_one_list(service: Service, text: str) -> None:
    """The text filters before offset and count: pages put together are the whole, and each has the same total."""
    whole = found(service, text)
    assert len(set(codes(whole))) == len(codes(whole)) == total(whole) > 2
    pages = [found(service, text, offset=str(at), count="2") for at in range(0, total(whole) + 2, 2)]
    assert [code for page in pages for code in codes(page)] == codes(whole)
    assert {total(page) for page in pages} == {total(whole)}


def test_a_count_of_none_is_a_total(service: Service) -> None:
    """Who asks for no codes learns how many there are."""
    assert (codes(found(service, "pain", count="0")), total(found(service, "pain", count="0"))) == (
        [],
        total(found(service, "pain")),
    )


def test_a_small_page_of_many_codes_is_never_too_costly(store: Terminology) -> None:
    """The limit is on the codes of the answer, not on those that are found."""
    small = Service(store, limit=3)
    assert found(small, "a").status == 422
    assert len(codes(found(small, "a", count="3", offset="2"))) == 3


def test_parameters_of_the_url_are_added_to_those_of_the_body(service: Service) -> None:
    """The value set is posted, and the text is in the URL."""
    posted = asked(service, "ValueSet/$expand", valueSet=of({"system": CM}), filter="lumbago", date=DAY, count="1")
    assert codes(posted) == codes(found(service, "lumbago", count="1"))


# ---- within a value set


def test_what_is_excluded_is_not_found_and_not_counted(service: Service) -> None:
    """Exclusions and total agree."""
    without = of({"system": CM}, exclude=({"system": CM, "concept": [{"code": "M54.50"}]},))
    some = asked(service, "ValueSet/$expand", valueSet=without, filter="low back pain", date=DAY)
    everything = codes(found(service, "low back pain"))
    assert codes(some) == [code for code in everything if code != "M54.50"]
    assert total(some) == len(everything) - 1


def test_a_part_of_a_code_system_is_searched_alone(service: Service) -> None:
    """By a filter, by a list, and by several clauses: the same codes in the same order."""
    wanted = [code for code in codes(found(service, "low back pain")) if code.startswith("M54.5")]
    listed = {"system": CM, "concept": [{"code": code} for code in sorted(wanted, reverse=True)]}
    for value_set in (of({"system": CM, "filter": [below("M54.5")]}), of(listed), of(listed, listed)):
        assert codes(asked(service, "ValueSet/$expand", valueSet=value_set, filter="low back pain", date=DAY)) == wanted


def test_a_header_that_is_not_there_is_answered_by_a_code_below(service: Service) -> None:
    """Of billable codes the one that says no more than M54.5 answers."""
    billable = of({"system": CM, "filter": [BILLABLE]})
    answer = codes(asked(service, "ValueSet/$expand", valueSet=billable, filter="low back pain", date=DAY))
    assert answer[0] == "M54.50"
    assert "M54.5" not in answer


def test_two_systems_in_one_value_set_are_one_list(service: Service) -> None:
    """Of releases of the store the best come first, whichever system they are of."""
    both = of({"system": HCPCS}, {"system": CM})
    answer = asked(service, "ValueSet/$expand", valueSet=both, filter="diabetes")
    separate = [
        asked(service, "ValueSet/$expand", valueSet=of({"system": one}), filter="diabetes") for one in (HCPCS, CM)
    ]
    assert sorted(codes(answer)) == sorted(code for one in separate for code in codes(one))
    assert [code for code in codes(answer) if code in codes(separate[1])] == codes(separate[1])


def test_codes_that_a_client_brings_come_behind_as_they_stand(service: Service) -> None:
    """Their displays are compared with the words; they have no rank."""
    own = {
        "resourceType": "CodeSystem",
        "url": "urn:own",
        "status": "active",
        "content": "complete",
        "concept": [{"code": code, "display": "low back pain"} for code in ("z", "a")],
    }
    both = of({"system": "urn:own"}, {"system": CM})
    answer = codes(asked(service, "ValueSet/$expand", valueSet=both, given=[own], filter="low back pain", date=DAY))
    assert answer == [*codes(found(service, "low back pain")), "z", "a"]


def test_diagnoses_and_procedures_under_one_uri_are_one_list(service: Service) -> None:
    """ICD-9-CM is two code systems of the store; codes of both are found by words and by code."""
    asking = {"url": f"{ICD9}?fhir_vs", "date": "2014-12-01"}
    every = codes(asked(service, "ValueSet/$expand", excludeNested="true", **asking))
    for code in every:
        assert code in codes(asked(service, "ValueSet/$expand", filter=code, **asking))


# ---- licences


def test_licensed_words_are_found_by_nobody_without_licence(sample_store: Path) -> None:
    """A code is found as typed; a word that finds a code has told a word of its title."""
    word, asking = "invented", {"url": f"{CPT}?fhir_vs", "date": "2025-02-01"}
    shut, opened = (Service(terminology.open(sample_store, licences=held)) for held in ((), ("cpt",)))
    assert codes(asked(shut, "ValueSet/$expand", filter=word, **asking)) == []
    assert codes(asked(shut, "ValueSet/$expand", filter="99991", **asking)) == ["99991"]
    assert "99991" in codes(asked(opened, "ValueSet/$expand", filter=word, **asking))


def test_the_same_question_has_the_same_answer_on_every_day_of_a_release(store: Terminology) -> None:
    """Whichever day is asked for first, in a store that was just opened or not."""
    answers = set()
    for days in (("2021-10-01", "2022-03-31"), ("2022-03-31", "2021-10-01")):
        fresh = Service(store)
        for day in days:
            request = Request("ValueSet/$expand", "r5", "GET", (("url", EVERYTHING), ("filter", "pain"), ("date", day)))
            answers.add(tuple(codes(fresh.answer(request))))
    assert len(answers) == 1
