"""May I use this code on that day, why not, and what instead: one answer, which agrees with the single ones."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from terminology import Alternative, Edition, Outcome, Status, Terminology, Translation
from terminology.query.answers import Answers
from terminology.query.edition import engine_of
from terminology.query.explanations import options_of
from terminology.repairs import Rule

DAYS = ("1990-01-01", "2014-11-01", "2018-06-01", "2019-03-01", "2021-10-01", "2022-06-01", "2025-02-01", "2031-01-01")
STRANGE = (
    "",
    " ",
    "?",
    "nonsense",
    "E11.99",
    "99213",
    "38.9",
    "W21.89A",
    "\u013110",
    None,
    38.9,
    float("nan"),
    ["A"],
    10**5000,
)


def editions(store: Terminology) -> Iterator[Edition]:
    """Yield every system on every day."""
    return (system.on(day) for system in store.values() for day in DAYS)


def asked(edition: Edition, store: Terminology) -> set[str]:
    """Return the codes of all releases of the system of an edition."""
    system = store[edition.system]
    return {code for release in system.releases for code in system.release(release.version)}


def test_every_check_and_explanation_has_a_reason(store: Terminology) -> None:
    """It is one sentence without a full stop, names the code, and the explanation has it with what replaced the code; their source is the concept's."""
    seen = set()
    for edition in editions(store):
        for code in sorted(asked(edition, store))[:25]:
            check, explained = edition.check(code), edition.explain(code)
            seen.add(check.status)
            assert check.reason.startswith((code, "no release"))
            assert explained.reason.startswith(check.reason)
            assert not check.reason.endswith(".")
            assert (check.code, check.status, check.source) == (explained.code, explained.status, explained.source)
            assert explained.concept == edition.lookup(code)
            assert explained.concept is not None
            assert explained.concept.source == explained.source
    assert seen == {Status.BILLABLE, Status.HEADER, Status.FUTURE, Status.EXPIRED, Status.UNCOVERED}


@pytest.mark.parametrize("code", STRANGE, ids=range(len(STRANGE)))
def test_whatever_is_asked_is_explained(store: Terminology, code: object) -> None:
    """What is no code, and what is no text, has a status and a reason, and never an exception."""
    for edition in editions(store):
        found = edition.explain(code)  # type: ignore[arg-type]
        assert found.reason
        assert found.status in (Status.UNKNOWN, Status.MALFORMED, Status.UNCOVERED) or isinstance(code, str)
        assert len(found.suggestions) == len(found.rules)
        assert {*found.rules} <= {str(rule) for rule in Rule}
        assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 -- of this test
        assert found.to_dict()["reason"] == found.reason


def test_what_is_used_instead_may_be_used(store: Terminology) -> None:
    """Every code that is named is billable on the day, in its own system; a billable code needs none."""
    named = 0
    for edition in editions(store):
        for code in asked(edition, store):
            found = edition.explain(code)
            named += len(found.instead)
            assert not (found.billable and found.instead)
            for option in found.instead:
                assert store[option.system].on(edition.date).is_billable(option.code), (edition, code, option)
                assert option.why
    assert named


def test_below_a_header_are_its_billable_codes(store: Terminology) -> None:
    """All of them, in document order; of a chapter or section, which nobody means to submit, none."""
    edition = store["icd10cm"].on("2022-06-01")
    for code in edition:
        if edition.status(code) is Status.HEADER:
            below = [below for below in edition.descendants(code) if edition.is_billable(below)]
            assert below == [option.code for option in edition.explain(code).instead]
    assert edition.explain("13").instead == edition.explain("M50-M54").instead == ()


def test_successors_are_those_of_a_migration(store: Terminology) -> None:
    """What replaced an expired code, and what one to come will replace, is what `became` says of it on the day."""
    compared = 0
    for name in ("icd10cm", "hcpcs", "icd10pcs", "icd10gm", "cpt"):
        for day in DAYS:
            edition = store[name].on(day)
            for code in asked(edition, store):
                if edition.status(code) not in (Status.EXPIRED, Status.FUTURE):
                    continue
                expected = {
                    other for other in store[name].became(code, day, billable=True).codes if edition.is_billable(other)
                }
                assert expected == {option.code for option in edition.explain(code).instead}, (name, day, code)
                compared += 1
    assert compared


@pytest.mark.parametrize("day", ["2019-04-15", "2030-01-01"])
def test_status_and_became_agree_past_coverage(store: Terminology, day: str) -> None:
    """A dated row answers for itself on days after the newest release: what is billable stays, what expired is replaced."""
    hcpcs = store["hcpcs"]
    edition = hcpcs.on(day)
    assert not edition.is_covered
    for code in asked(edition, store):
        became = hcpcs.became(code, day)
        if edition.status(code) is Status.BILLABLE:
            assert [(code,)] == [alternative.codes for alternative in became.alternatives]
        elif edition.status(code) is Status.EXPIRED:
            assert code not in became.codes
    assert hcpcs.became("C9014", day).codes == ("J0567",)
    assert [option.code for option in edition.explain("C9014").instead] == ["J0567"]


def test_a_retired_system_leads_to_the_one_in_use(store: Terminology) -> None:
    """A code of ICD-9-CM is expired; what it is mapped to in ICD-10-CM may be used."""
    [option] = store["icd9cm"].on("2022-06-01").explain("250.00").instead
    assert ("icd10cm", "E11.9", "mapped (gems 2018)") == (option.system, option.code, option.why)


def test_codes_that_replace_a_code_together_name_each_other(store: Terminology) -> None:
    """Of a combination each code says with which others it is to be used; what leads to a header is left out."""
    answers = Answers(engine_of(store["icd10cm"].on("2022-06-01")))
    pair = Alternative(("M54.50", "E11.9"), "related-to", "combination")
    partly = Alternative(("M54.50", "M54.5"), "related-to", "combination")
    found = Translation("X", Outcome.MAPPED, (pair, partly, Alternative(("M54.5",), "equivalent", "replaced")))
    options = [(option.code, option.together) for option in options_of(answers, found)]
    assert options == [("M54.50", ("E11.9",)), ("E11.9", ("M54.50",))]
