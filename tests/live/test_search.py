"""Search in the publishers' real releases: the project's own questions, borrowed indexes, and every system."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology import CodeSystem, Terminology

QUESTIONS = Path(__file__).parents[1] / "search" / "questions.tsv"


@pytest.mark.parametrize(("first", "half"), [(0, "never used for tuning"), (1, "used for tuning")])
def test_the_questions_find_their_codes(cm: CodeSystem, first: int, half: str) -> None:
    """Of each half of the questions, 94 of 100 find the right code first, and 98 of 100 among ten."""
    lines = [line for line in QUESTIONS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    places = []
    for line in lines[first::2]:
        text, _, wanted = line.split("\t")
        hits = cm.latest.search(text)
        right = [at for at, hit in enumerate(hits) if hit.code.startswith(tuple(wanted.split(",")))]
        places.append(min(right, default=None))
    assert 0.94 * len(places) <= places.count(0), half
    assert 0.98 * len(places) <= len(places) - places.count(None), half


def test_a_heart_attack_in_releases_with_and_without_index(cm: CodeSystem) -> None:
    """FY2017's own index says I21.3; years later, with that index borrowed, I21.9 comes first."""
    own = cm.release("2017").search("heart attack")[0]
    assert (own.code, own.matched, own.borrowed) == ("I21.3", "index", None)
    later = cm.on("2024-11-05").search("heart attack")
    assert later[0].code == "I21.9"
    assert {hit.code: hit.borrowed for hit in later}["I21.3"] == "2017"


@pytest.mark.parametrize(
    ("system", "text", "beginning"),
    [
        ("hcpcs", "wheelchair", "K0001"),
        ("hcpcs", "insulin pump", "E0784"),
        ("hcpcs", "flu shot", "Q2039"),
        ("icd10pcs", "lap chole", "0FT44ZZ"),
        ("icd10pcs", "hip replacement", "0SR"),
        ("icd9cm", "heart attack", "410"),
        ("icd9cm", "25000", "250.00"),
        ("icd9pcs", "appendectomy", "47.0"),
        ("icd10", "heart attack", "I21.9"),
        ("icd10gm", "Herzinfarkt", "Z03.4"),
    ],
)
def test_every_system_is_searched(real_store: Terminology, system: str, text: str, beginning: str) -> None:
    """In its newest release, and the right code is among the first three."""
    assert any(hit.code.startswith(beginning) for hit in real_store[system].latest.search(text, limit=3))


def test_every_term_of_an_index_names_its_line(cm: CodeSystem) -> None:
    """What a hit names as the line of a term of the index is where the release's table of the index has the term."""
    engine = cm._compiled
    checked = 0
    for number, release in enumerate(engine.releases):
        tables = engine.archived(number)
        if "index" not in tables:
            continue
        columns = (tables["index"].column(name).to_pylist() for name in ("terms", "line", "file"))
        lines: dict[tuple[str, str], set[int]] = {}
        for terms, line, file in zip(*columns, strict=True):
            lines.setdefault((file, " > ".join(terms)), set()).add(line)
        for text in ("heart attack", "gout", "fall", "aspirin", "neoplasm of lung", "sprain ankle"):
            for hit in cm.release(release.version).search(text, limit=30):
                if hit.matched == "index" and hit.borrowed is None:
                    assert hit.source is not None
                    assert hit.source.line in lines[hit.source.file, hit.term], (release.version, hit)
                    checked += 1
    assert checked > 50
