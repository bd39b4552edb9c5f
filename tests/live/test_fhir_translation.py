"""``$translate`` and ConceptMaps of the publishers' real files: the worked questions of the domain reference, by FHIR."""

from __future__ import annotations

import random
from typing import Any

import pytest

from terminology import Terminology
from terminology.fhir.concept_maps import concept_map
from terminology.fhir.parameters import Inputs
from terminology.fhir.published_maps import published_maps
from terminology.fhir.translation import TranslationContext, translate

CM, ICD9 = "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm"
SAMPLE = 2_000


@pytest.fixture(autouse=True)
def _maps(real_store: Terminology) -> None:
    """Every question here rests on a GEM of 2018, or on a conversion table of ICD-10-CM."""
    labels = {one.label for one in real_store.crosswalks}
    if "gems 2018" not in labels or not any(label.startswith("icd10cm_conversion") for label in labels):
        pytest.skip("needs the mappings of 2018 (Dxgem_2018.zip) and a conversion table of ICD-10-CM")


def told(store: Terminology, **inputs: Any) -> tuple[bool, str, list[tuple[str, ...]]]:
    """Return result, message, and the codes of each match, which are used together."""
    found = translate(TranslationContext(store), Inputs(list(inputs.items())), "r5")["parameter"]
    values = {one["name"]: one.get("valueBoolean", one.get("valueString")) for one in found}
    return bool(values["result"]), values.get("message", ""), [_codes(one["part"]) for one in found if "part" in one]


def _codes(parts: list[dict[str, Any]]) -> tuple[str, ...]:
    first = [one["valueCoding"]["code"] for one in parts if one["name"] == "concept"]
    beside = [one["part"][1]["valueCoding"]["code"] for one in parts if one["name"] == "product"]
    return (*first, *beside)


def forward(store: Terminology, code: str, **inputs: Any) -> tuple[bool, str, list[tuple[str, ...]]]:
    """Translate from ICD-9-CM."""
    return told(store, sourceCode=code, system=ICD9, targetSystem=CM, **inputs)


def backward(store: Terminology, code: str) -> tuple[bool, str, list[tuple[str, ...]]]:
    """Translate to ICD-9-CM."""
    return told(store, sourceCode=code, system=CM, targetSystem=ICD9)


def test_combinations(real_store: Terminology) -> None:
    """Codes that are used together are one match; scenarios are never mixed, and choices all told."""
    assert backward(real_store, "A02.1") == (True, "", [("003.1", "995.91")])
    assert forward(real_store, "754.35") == (True, "", [("Q65.01", "Q65.32"), ("Q65.02", "Q65.31")])
    assert forward(real_store, "249.11") == (True, "", [("E08.10", "E08.65"), ("E09.10", "E08.65")])
    assert len(forward(real_store, "806.10")[2]) == 8


def test_no_map_and_directions(real_store: Terminology) -> None:
    """365.70 has no counterpart, by the publisher; E13.9 leads to two codes of which one leads elsewhere."""
    assert forward(real_store, "365.70") == (False, "the publisher says that 365.70 has no counterpart in icd10cm", [])
    assert backward(real_store, "E13.9")[2] == [("249.00",), ("250.00",)]
    assert forward(real_store, "250.00")[2] == [("E11.9",)]
    assert forward(real_store, "724.5")[2] == [("M54.89",), ("M54.9",)]


def test_from_release_to_release(real_store: Terminology) -> None:
    """T81.4XXA of fiscal year 2018 is one of six codes of 2019."""
    found = told(real_store, sourceCode="T81.4XXA", system=CM, version="2018", targetSystem=f"{CM}|2019")
    assert found[2] == [(f"T81.{one}XA",) for one in ("40", "41", "42", "43", "44", "49")]


def test_resources_hold_as_many_sources_as_were_counted(real_store: Terminology) -> None:
    """Elements and no-maps of the diagnosis GEM of 2018 are as many as were counted by other means."""
    for (source, target), expected in {
        ("icd10cm", "icd9cm"): (71_704, 731),
        ("icd9cm", "icd10cm"): (14_567, 422),
    }.items():
        published = published_maps(real_store).named(f"urn:terminology:ConceptMap:gems:{source}:{target}|2018")
        assert published is not None
        (group,) = concept_map(real_store, published)["group"]
        assert expected == (len(group["element"]), sum("noMap" in one for one in group["element"]))


def test_fhir_and_python_agree(real_store: Terminology) -> None:
    """Of codes drawn from every map between systems, FHIR gives the alternatives that `Terminology.translate` gives."""
    chance, maps = random.Random(2026), published_maps(real_store)  # noqa: S311 -- a draw, no secret
    for source, target in sorted(maps.pairs):
        if source == target:
            continue
        codes = {
            code
            for one in real_store.crosswalks
            if (one.source_system, one.target_system) == (source, target)
            for code in real_store.table(one).column("source_code").to_pylist()
        }
        for code in chance.sample(sorted(codes), min(SAMPLE, len(codes))):
            expected = real_store.translate(code, source=source, target=target)
            found = told(real_store, sourceCode=code, system=maps.uris[source], targetSystem=maps.uris[target])
            assert [one.codes for one in expected.alternatives] == found[2], (code, source, target)
