"""``$validate-code`` says of a code on a day what the edition of that day says, for every system of the store."""

from __future__ import annotations

import datetime
from typing import Any, Final

from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminology import Status, Terminology
from terminology.fhir import Request, Service

from .asking import issues, values

SYSTEMS: Final = {
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10pcs": "http://www.cms.gov/Medicare/Coding/ICD10",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "icd9cm": "urn:oid:2.16.840.1.113883.6.103",
    "icd9pcs": "urn:oid:2.16.840.1.113883.6.104",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
}
SPELLINGS: Final = {
    "official": str,
    "no dot": lambda code: code.replace(".", ""),
    "lower case": str.lower,
    "one more": lambda code: f"{code}9",
    "one less": lambda code: code[:-1] or code,
    "placeholder": lambda code: code.replace("X", ""),
}


def codes_of(store: Terminology, name: str) -> list[str]:
    """Return every code that any release of a system has."""
    return sorted({code for release in store[name].releases for code in store[name].release(release.version)})


@frozen
class Question:
    """A code in some spelling, on a day."""

    name: str
    number: int
    spelling: str
    day: datetime.date


QUESTIONS: Final = st.builds(
    Question,
    st.sampled_from(sorted(SYSTEMS)),
    st.integers(0, 10_000),
    st.sampled_from(sorted(SPELLINGS)),
    st.dates(datetime.date(2013, 1, 1), datetime.date(2027, 12, 31)),
)


@settings(max_examples=400)
@given(question=QUESTIONS)
@example(question=Question("hcpcs", 7, "official", datetime.date(2015, 1, 1)))
@example(question=Question("hcpcs", 7, "official", datetime.date(2026, 1, 1)))
@example(question=Question("icd9pcs", 0, "no dot", datetime.date(2016, 1, 1)))
def test_fhir_and_the_edition_agree(store: Terminology, service: Service, question: Question) -> None:
    """True where it is valid in its official form; by leniency in any; billable alone where headers are refused."""
    every, day = codes_of(store, question.name), question.day
    code = SPELLINGS[question.spelling](every[question.number % len(every)])
    edition = store[question.name].on(day)
    status = edition.status(code)
    official = edition.check(code).code == code
    asked = {"url": SYSTEMS[question.name], "code": code, "date": day.isoformat()}

    def result(**more: str) -> Any:
        query = tuple({**asked, **more}.items())
        return service.answer(Request("CodeSystem/$validate-code", "r5", "GET", query))

    answer = result()
    assert values(answer)["result"] == (status.valid and official), (status, values(answer))
    assert values(result(abstract="false"))["result"] == (status.billable and official)
    lenient = result(**{"lenient-code-validation": "true"})
    assert values(lenient)["result"] == status.valid, (status, values(lenient))
    if status is Status.UNCOVERED and edition.release is None:
        assert next(text for severity, text in issues(answer) if severity == "error").endswith(str(edition.gap))
    elif status in (Status.EXPIRED, Status.FUTURE) and official:
        assert values(answer)["inactive"] is True
