"""Claims over the publishers' real files: notes, titles, tables and modifiers as they were published."""

from __future__ import annotations

import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from terminology import Edition, Terminology
from terminology.claims import Auditor, Claim, Finding, audit
from terminology.claims.targets import targets_of

TARGET: Final = re.compile(r"([A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]+)?)[.-]*(?:-([A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]+)?)[.-]*)?")
STAY: Final = {"id": "1", "discharge_date": "2025-05-01"}
"""Of April 2025, which came with notes, and with tables of ICD-10-PCS."""


def rules(store: Terminology, *codes: str, **more: Any) -> dict[str, Finding]:
    """Return what is found, by rule."""
    return {finding.rule: finding for finding in audit({**STAY, "diagnoses": codes, **more}, store)}


@pytest.fixture(autouse=True)
def _april(needs_release: Any) -> None:
    needs_release("icd10cm", "2025-04", "icd10cm-tabular-April-2025.xml")


@pytest.mark.parametrize(
    ("codes", "note"),
    [
        (("E11.9", "O24.410"), "gestational diabetes (O24.4-)"),
        (("G63", "E11.42"), "diabetes mellitus (E08-E13 with .42)"),
        (("S51.001A", "S52.001B"), "open fracture of elbow and forearm (S52.- with open fracture 7th character)"),
        (("R47.01", "I69.320"), "aphasia following cerebrovascular disease (I69. with final characters -20)"),
        (
            ("I10", "O10.011"),
            "hypertensive disease complicating pregnancy, childbirth and the puerperium (O10-O11, O13-O16)",
        ),
    ],
)
def test_excludes1(real_store: Terminology, codes: tuple[str, str], note: str) -> None:
    """With the words of the publisher, and the line of its file."""
    found = rules(real_store, *codes)["excludes1"]
    assert note in found.message
    assert found.source is not None
    assert found.source.file == "icd10cm-tabular-April-2025.xml"


@pytest.mark.parametrize("codes", [("G63", "E11.9"), ("S51.001A", "S52.001A"), ("R47.01", "I69.391"), ("E11.9", "I10")])
def test_no_excludes1(real_store: Terminology, codes: tuple[str, str]) -> None:
    """Words narrow what a note names."""
    assert "excludes1" not in rules(real_store, *codes)


def test_every_target_is_read(real_store: Terminology) -> None:
    """All codes and ranges of all notes of all releases that have some."""
    for release in real_store["icd10cm"].releases:
        if release.notes_known:
            for row in real_store["icd10cm"].release(release.version).table("notes").to_pylist():
                written = tuple(row["targets"] or ())
                assert len(targets_of(row["text"], written)) == len(written), row


class PlainReading:
    """The Excludes1 notes of a release by the rows of its table, without those whose words narrow what they name."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.order = {code: place for place, code in enumerate(edition)}
        self.codes = [code for code in self.order if edition.is_billable(code)]
        self.spans: dict[str, list[tuple[int, int]]] = {}
        for row in edition.table("notes").to_pylist():
            if row["kind"] == "excludes1" and "with " not in " ".join(re.findall(r"\(.*\)", row["text"])):
                self.spans.setdefault(row["code"], []).extend(self._spans(row["targets"] or ()))

    def _spans(self, targets: Sequence[str]) -> Iterator[tuple[int, int]]:
        for written in targets:
            found = TARGET.fullmatch(written)
            assert found
            first, last = found[1], found[2] or found[1]
            if first in self.order and last in self.order:
                yield self.order[first], self.order[last] + len(self.edition.descendants(last))

    def excluded(self, code: str) -> list[tuple[int, int]]:
        """Return what the notes of a code, its own and those above, name: from one place to another in the order of codes."""
        return [span for node in (code, *self.edition.ancestors(code)) for span in self.spans.get(node, ())]

    def excludes(self, code: str, other: str) -> bool:
        """Return whether a note of a code names another one."""
        return any(first <= self.order[other] <= last for first, last in self.excluded(code))

    def pairs(self, picks: random.Random) -> Iterator[tuple[str, str]]:
        """Yield pairs of billable codes: some thousand at random, and some that notes name."""
        for _ in range(10_000):
            yield picks.choice(self.codes), picks.choice(self.codes)
        places = [self.order[code] for code in self.codes]
        for code in self.codes[::100]:
            for first, last in self.excluded(code)[:6]:
                if named := self.codes[bisect_left(places, first) : bisect_right(places, last)]:
                    yield code, picks.choice(named)


def test_excludes1_agrees_with_a_plain_reading(real_store: Terminology) -> None:
    """Pairs are found that the rows of the notes and the order of the codes exclude, and no others but by notes that words narrow."""
    reading = PlainReading(real_store["icd10cm"].on("2025-05-01"))
    auditor = Auditor(real_store)
    hits = 0
    for code, other in reading.pairs(random.Random(7)):  # noqa: S311 -- the same pairs in each run
        if code == other:
            continue
        claim = Claim.from_dict({**STAY, "diagnoses": [code, other]})
        found = [finding.message for finding in auditor.findings(claim) if finding.rule == "excludes1"]
        is_excluded = reading.excludes(code, other) or reading.excludes(other, code)
        hits += is_excluded
        assert found or not is_excluded, (code, other)
        assert is_excluded or not found or "with " in found[0], (code, other)
    assert hits > 500


def test_order_and_sides(real_store: Terminology) -> None:
    """Manifestations, external causes, additional codes, and sides of ears and hips."""
    assert "manifestation_principal" in rules(real_store, "F02.80", "G30.9")
    assert not rules(real_store, "G30.9", "F02.80")
    assert "use_additional" in rules(real_store, "Z72.0", "I10")
    assert "external_cause_principal" in rules(real_store, "W21.89XA", "S00.83XA")
    assert "laterality_both" in rules(real_store, "H65.01", "H65.02")
    assert "laterality_unspecified" in rules(real_store, "M25.559", "M25.551")


def test_procedures(real_store: Terminology, needs_release: Any) -> None:
    """The tables of 2025 say why a text is no procedure."""
    needs_release("icd10pcs", "2025", "icd10pcs_tables_2025.xml")
    found = rules(real_store, procedures=["0FT44Z1", "0FT44ZZ"])["pcs_not_built"]
    assert "after 0FT44Z only" in found.message


@pytest.mark.parametrize(
    ("modifier", "expected"), [("LT", set()), ("Q0", set()), ("25", set()), ("ZZ", {"modifier_unknown"})]
)
def test_modifiers(real_store: Terminology, needs_release: Any, modifier: str, expected: set[str]) -> None:
    """By HCPCS of the day; CPT is not loaded, so what can only be its is not judged."""
    needs_release("hcpcs", "2020-10", "the HCPCS files of October 2020")
    line: Mapping[str, Any] = {"code": "J1815", "modifiers": [modifier]}
    more = {"service_date": "2020-11-02", "discharge_date": None, "procedures": [line]}
    assert set(rules(real_store, **more)) == expected
