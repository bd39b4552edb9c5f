"""Real releases as a FHIR package: a second store that loads it answers as the first, code by code."""

from __future__ import annotations

import random

import pytest

import terminology
from terminology import CodeSystem, Terminology
from terminology.fhir.packages import export
from terminology.registry import crosswalk_readers, loaders
from terminology_loaders.fhir import FhirLoader

SYSTEMS = ("icd10cm", "icd10pcs", "hcpcs", "icd9cm")
SAMPLE = 3_000


@pytest.fixture(scope="module")
def second(real_store: Terminology, tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A store that loaded the newest release of each system, and the GEMs between diagnoses, from a package."""
    folder = tmp_path_factory.mktemp("package")
    if not {*SYSTEMS} <= {*real_store.systems} or "gems 2018" not in {one.label for one in real_store.crosswalks}:
        pytest.skip(f"needs releases of {', '.join(SYSTEMS)} and the GEMs of 2018")
    maps = ["gems-2018-icd9cm-icd10cm", "gems-2018-icd10cm-icd9cm"]
    made = export(
        real_store, folder / "real.tgz", name="org.example.real", version="1.0.0", systems=SYSTEMS, crosswalks=maps
    )
    report = terminology.load(
        made.path,
        store=folder / "store",
        loaders={"fhir": FhirLoader(), **loaders()},
        crosswalks=crosswalk_readers(),
    )
    assert report.ok, report.errors
    return terminology.open(folder / "store")


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_code_is_as_it_was(real_store: Terminology, second: Terminology, name: str) -> None:
    """Status, title, place in the hierarchy, kind and properties of everything in force in the newest release."""
    version = real_store[name].latest.release
    assert version is not None
    first, other = (store[name].release(version.version) for store in (real_store, second))
    without_days = ["effective_from", "effective_to"] if name != "hcpcs" else []
    tables = [one.table("concepts").drop_columns(without_days) for one in (first, other)]
    assert tables[0].num_rows > 10_000 or name == "hcpcs"
    for column in tables[0].column_names:
        assert tables[0].column(column).to_pylist() == tables[1].column(column).to_pylist(), column


def test_notes_are_as_they_were(real_store: Terminology, second: Terminology) -> None:
    """Of ICD-10-CM, own and inherited, in their order."""
    version = real_store["icd10cm"].latest.release
    assert version is not None
    first, other = (store["icd10cm"].release(version.version) for store in (real_store, second))
    codes = [*first]
    for code in random.Random(1).sample(codes, SAMPLE):  # noqa: S311 -- a sample
        assert [(note.kind, note.text) for note in first.notes(code)] == [
            (note.kind, note.text) for note in other.notes(code)
        ]


@pytest.mark.parametrize(("source", "target"), [("icd9cm", "icd10cm"), ("icd10cm", "icd9cm")])
def test_every_row_of_the_gems_is_as_it_was(
    real_store: Terminology, second: Terminology, source: str, target: str
) -> None:
    """Codes that are used together, flags, scenarios and choice lists, and that there is no map."""
    columns = ["source_code", "target_codes", "with_codes", "approximate", "relationship", "detail"]

    def rows(store: Terminology, start: str) -> list[str]:
        found = [one for one in store.crosswalks if (one.source_system, one.target_system) == (source, target)]
        (crosswalk,) = [one for one in found if one.label.startswith(start) and one.version == "2018"]
        return sorted(map(str, store.table(crosswalk).select(columns).to_pylist()))

    published, again = rows(real_store, "gems"), rows(second, "concept_map")
    assert len(published) > 20_000
    assert published == again


def test_terminated_codes_of_hcpcs_answer_as_before(real_store: Terminology, second: Terminology) -> None:
    """With the days that their rows carry."""
    first, other = _hcpcs(real_store), _hcpcs(second)
    version = first.latest.release
    assert version is not None
    rows = first.release(version.version).table("published").to_pylist()
    ended = [row["code"] for row in rows if row["effective_to"] and row["effective_to"] <= version.effective]
    assert len(ended) > 100
    one, same = first.release(version.version), other.release(version.version)
    for code in ended:
        assert one.status(code) == same.status(code)
        assert one.check(code).effective_to == same.check(code).effective_to


def _hcpcs(store: Terminology) -> CodeSystem:
    return store["hcpcs"]
