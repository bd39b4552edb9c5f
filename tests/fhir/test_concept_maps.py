"""The crosswalks of a store as ConceptMaps: nothing is lost, inverted or flattened on the way."""

from __future__ import annotations

import re
from typing import Any

import pytest

from terminology import Crosswalk, Terminology
from terminology.errors import UnknownCrosswalkError
from terminology.fhir.concept_maps import concept_map, concept_maps
from terminology.fhir.published_maps import published_maps
from terminology.fhir.r4 import to_r4, to_r5
from terminology.schema import SUCCESSIONS

from .judges import judged
from .translating import CM, GEM, ICD9, asked, part, together
from .translating import matches as matches_of


def crosswalk(store: Terminology, label: str, source: str, target: str) -> Crosswalk:
    """Return a crosswalk by name and version, and its systems."""
    found = [
        one for one in store.crosswalks if (one.label, one.source_system, one.target_system) == (label, source, target)
    ]
    (only,) = found
    return only


def gem(store: Terminology, source: str, target: str) -> dict[str, Any]:
    """Return a GEM of 2018 as a resource."""
    return concept_map(store, crosswalk(store, "gems 2018", source, target))


def element(resource: dict[str, Any], code: str) -> dict[str, Any]:
    """Return the element of a code, in whichever group."""
    (found,) = [one for group in resource["group"] for one in group["element"] if one["code"] == code]
    return found


def codes(target: dict[str, Any]) -> tuple[str, ...]:
    """Return the codes of a target that are used together."""
    return (target["code"], *(one["valueCoding"]["code"] for one in target.get("product", ())))


def test_every_judge_accepts_every_map(store: Terminology) -> None:
    """Each sample crosswalk is a valid ConceptMap of R5, whole and as a summary."""
    for summary, published in zip(concept_maps(store), published_maps(store).stated, strict=True):
        whole = judged(concept_map(store, published), "r5")
        assert judged(summary, "r5").items() <= whole.items()
        assert "group" not in summary


def test_every_map_survives_r4(store: Terminology) -> None:
    """Each is a valid ConceptMap of R4 too, and comes back from it as it was."""
    for published in published_maps(store).stated:
        resource = concept_map(store, published)
        assert resource == to_r5(judged(to_r4(resource), "r4"))


def test_a_map_in_the_words_of_r4_answers_alike(store: Terminology) -> None:
    """What a GEM says is the same, whether a service is given it in the form of R4 or of R5."""
    resource = gem(store, "icd10cm", "icd9cm")
    for code in ("A02.1", "A00.0", "E13.9"):
        in_r5, in_r4 = (
            matches_of(asked(store, sourceCode=code, system=CM, conceptMap=one)) for one in (resource, to_r4(resource))
        )
        assert [together(one) for one in in_r5] == [together(one) for one in in_r4]
        assert [part(one, "relationship") for one in in_r5] == [part(one, "relationship") for one in in_r4]


def test_names_are_as_fhir_wants_them(store: Terminology) -> None:
    """Ids and names have only the characters that FHIR allows, and ids, URLs with versions, are each of one map."""
    found = concept_maps(store)
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one["id"]) for one in found)
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9_]{1,254}", one["name"]) for one in found)
    for names in ([one["id"] for one in found], [(one["url"], one["version"]) for one in found]):
        assert len(names) == len(set(names))


def test_every_mapping_is_in_the_resource(store: Terminology) -> None:
    """Codes, companions, relationship and no-map of every row come out, and nothing else does."""
    for published in published_maps(store).stated:
        rows: list[Any] = []
        for one in published.crosswalks:
            for row in store.table(one).to_pylist():
                if row["source_code"] is None or row["change"] not in (None, *SUCCESSIONS):
                    continue
                targets = tuple(row["target_codes"] or ())
                rows.append((row["source_code"], tuple(row["with_codes"]), targets, targets and row["relationship"]))
        found = []
        for group in concept_map(store, published)["group"]:
            for each in group["element"]:
                if each.get("noMap"):
                    found.append((each["code"], (), (), ()))
                for target in each.get("target", ()):
                    beside = tuple(other["valueCoding"]["code"] for other in target.get("dependsOn", ()))
                    found.append((each["code"], beside, codes(target), target["relationship"]))
        assert sorted(map(repr, rows)) == sorted(map(repr, found)), published.url


def test_a_combination_is_one_target_with_a_product(store: Terminology) -> None:
    """A02.1 is 003.1 with 995.91, approximately, in scenario 1; no target has 995.91 alone."""
    (target,) = element(gem(store, "icd10cm", "icd9cm"), "A02.1")["target"]
    assert (("003.1", "995.91"), "related-to") == (codes(target), target["relationship"])
    stated = {one["code"]: one for one in target["property"]}
    assert True is stated["approximate"]["valueBoolean"]
    assert stated["scenario"]["valueInteger"] == 1
    assert [{"system": ICD9, "code": "995.91"}] == [one["valueCoding"] for one in target["product"]]


def test_no_map_is_stated(store: Terminology) -> None:
    """365.70 has noMap, and no target beside it."""
    assert {"code": "365.70", "noMap": True} == element(gem(store, "icd9cm", "icd10cm"), "365.70")


def test_flags_become_relationships(store: Terminology) -> None:
    """What the GEM calls identical is equivalent, what it calls approximate is related."""
    for source, target in (("icd9cm", "icd10cm"), ("icd10cm", "icd9cm")):
        for group in gem(store, source, target)["group"]:
            for one in (one for each in group["element"] for one in each.get("target", ())):
                (flag,) = [stated["valueBoolean"] for stated in one["property"] if stated["code"] == "approximate"]
                assert one["relationship"] == ("related-to" if flag else "equivalent")


def test_each_direction_is_a_map_of_its_own(store: Terminology) -> None:
    """Forward and backward GEM have their own URLs and their own statements."""
    forward, backward = gem(store, "icd9cm", "icd10cm"), gem(store, "icd10cm", "icd9cm")
    assert [GEM.format("icd9cm", "icd10cm"), GEM.format("icd10cm", "icd9cm")] == [forward["url"], backward["url"]]
    assert [f"{ICD9}?fhir_vs", f"{CM}?fhir_vs"] == [forward["sourceScopeUri"], forward["targetScopeUri"]]
    assert [("249.00",), ("250.00",)] == [codes(one) for one in element(backward, "E13.9")["target"]]
    assert [("E11.9",)] == [codes(one) for one in element(forward, "250.00")["target"]]


def test_groups_name_the_versions_that_are_loaded(store: Terminology) -> None:
    """The GEM is from ICD-9-CM of version 32; of ICD-10-CM of 2018 nothing is loaded, and nothing is claimed."""
    (group,) = gem(store, "icd9cm", "icd10cm")["group"]
    assert (f"{ICD9}|32", CM) == (group["source"], group["target"])


def test_a_map_from_release_to_release_has_a_group_for_each_day(store: Terminology) -> None:
    """M54.5 became three codes with the release of 2022, from that of 2021; each day of change has its own group."""
    resource = concept_map(store, crosswalk(store, "icd10cm_conversion 2022-04", "icd10cm", "icd10cm"))
    groups = {
        one["valueDateTime"]: group
        for group in resource["group"]
        for each in group["element"]
        for target in each["target"]
        for one in target["property"]
        if one["code"] == "effective"
    }
    assert len(groups) == len(resource["group"])
    changed = groups["2021-10-01"]
    assert (f"{CM}|2021", f"{CM}|2022") == (changed["source"], changed["target"])
    (found,) = [one for one in changed["element"] if one["code"] == "M54.5"]
    assert ["M54.50", "M54.51", "M54.59"] == [one["code"] for one in found["target"]]
    assert {"source-is-broader-than-target"} == {one["relationship"] for one in found["target"]}
    assert {"start": "2022-04-01"} == resource["effectivePeriod"]


def test_codes_that_only_together_became_another(store: Terminology) -> None:
    """C56.1 with C56.2 became C56.3: each has an element that depends on the other."""
    resource = concept_map(store, crosswalk(store, "icd10cm_conversion 2022-04", "icd10cm", "icd10cm"))
    for code, other in (("C56.1", "C56.2"), ("C56.2", "C56.1")):
        (target,) = element(resource, code)["target"]
        assert ("C56.3", other) == (target["code"], target["dependsOn"][0]["valueCoding"]["code"])
    assert ["used-with"] == [one["code"] for one in resource["additionalAttribute"]]


def test_a_version_is_in_force_until_the_next(store: Terminology) -> None:
    """The replacements of HCPCS of 2018 were superseded by those of 2019."""
    first = concept_map(store, crosswalk(store, "hcpcs_cross_references 2018-01", "hcpcs", "hcpcs"))
    second = concept_map(store, crosswalk(store, "hcpcs_cross_references 2019-01", "hcpcs", "hcpcs"))
    assert {"start": "2018-01-01", "end": "2018-12-31"} == first["effectivePeriod"]
    assert {"start": "2019-01-01"} == second["effectivePeriod"]


def test_lists_of_changes_are_no_maps(store: Terminology) -> None:
    """Order addenda say what began and ended, and what replaced nothing."""
    assert "order_addenda" in {one.name for one in store.crosswalks}
    assert not [one for one in concept_maps(store) if "order-addenda" in one["id"]]


def test_a_map_that_came_as_a_resource_keeps_its_url(store: Terminology) -> None:
    """It is found under it, and its own words are used."""
    url = "https://example.org/fhir/ConceptMap/vaccines-to-diseases"
    published = published_maps(store).named(url)
    assert published is not None
    assert (url, published.id) == (concept_map(store, published)["url"], concept_map(store, published)["id"])
    assert published is published_maps(store).with_id(published.id)


def test_the_newest_version_answers_to_a_bare_url(store: Terminology) -> None:
    """A version behind a bar, or beside the URL, is another one."""
    maps, url = published_maps(store), "urn:terminology:ConceptMap:hcpcs_cross_references:hcpcs:hcpcs"
    found = [maps.named(url), maps.named(f"{url}|2018-01"), maps.named(url, "2018-01"), maps.named(url, "1999")]
    assert ["2019-01", "2018-01", "2018-01", None] == [one and one.version for one in found]


def test_the_resource_answers_as_the_crosswalk_does(store: Terminology) -> None:
    """Given to a service, a GEM translates every code to what the store translates it to by that GEM."""
    resource, compared = gem(store, "icd10cm", "icd9cm"), 0
    for group in resource["group"]:
        for one in group["element"]:
            given = matches_of(asked(store, sourceCode=one["code"], system=CM, conceptMap=resource))
            found = store.translate(one["code"], source="icd10cm", target="icd9cm", crosswalk="gems 2018")
            assert bool(one.get("noMap")) is (str(found.outcome) == "none")
            # a target that this small store does not have, only the resource gives
            if found.is_complete:
                assert [each.codes for each in found.alternatives] == [together(match) for match in given]
                assert {f"{GEM.format('icd10cm', 'icd9cm')}|2018"} >= {part(match, "originMap") for match in given}
                compared += 1
    assert compared >= 10


def test_sources_are_cited(store: Terminology) -> None:
    """The resource names the file that it is made of, with its checksum, and each target the line."""
    resource = gem(store, "icd9cm", "icd10cm")
    (file,) = crosswalk(store, "gems 2018", "icd9cm", "icd10cm").sources
    assert file.sha256 in resource["relatedArtifact"][0]["citation"]
    (target,) = element(resource, "250.00")["target"]
    assert {"code": "line", "valueInteger": 7} in target["property"]


def test_a_licensed_system_brings_its_notice(store: Terminology) -> None:
    """A map of CPT has the notice as copyright, and no text of CPT."""
    resource = concept_map(store, crosswalk(store, "cpt_history 2025", "cpt", "cpt"))
    assert resource["copyright"]
    assert "comment" not in str(resource["group"])


def test_a_crosswalk_of_another_store(store: Terminology) -> None:
    """It is not this store's, and that is an error."""
    from attrs import evolve

    other = evolve(store.crosswalks[0], version="1900")
    with pytest.raises(UnknownCrosswalkError, match="the store has no crosswalk"):
        concept_map(store, other)
