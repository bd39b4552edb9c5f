"""ConceptMaps that come with a request: groups and versions, what is unmapped, conditions, in the words of R4 and R5."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import Terminology
from terminology.fhir.outcomes import FhirError
from terminology.fhir.parameters import Inputs
from terminology.fhir.relationships import EQUIVALENCES, equivalence_of, inverse_of
from terminology.fhir.translation import TranslationContext, translate

from .translating import CM, GEM, ICD9, asked, beside, concepts, matches, message, part, property_of, result, words

BIRDS, VOGELS = "http://example.org/birds", "http://example.org/vogels"


def bird_map(*elements: dict[str, Any], unmapped: dict[str, Any] | None = None, **stated: Any) -> dict[str, Any]:
    """Return a map of R5 with one group."""
    group: dict[str, Any] = {"source": BIRDS, "target": VOGELS, "element": list(elements)}
    if unmapped:
        group["unmapped"] = unmapped
    base = {"resourceType": "ConceptMap", "url": "http://example.org/bird-map", "version": "1", "status": "active"}
    return {**base, **stated, "group": [group]}


def mapped(code: str, *targets: str, relationship: str = "equivalent", **stated: Any) -> dict[str, Any]:
    """Return an element that leads to codes."""
    return {"code": code, "target": [{"code": one, "relationship": relationship, **stated} for one in targets]}


def bird(store: Terminology, code: str, *maps: dict[str, Any], fhir: Any = "r5", **inputs: Any) -> dict[str, Any]:
    """Ask what a bird is called elsewhere."""
    name = "code" if fhir == "r4" else "sourceCode"
    return asked(store, fhir, list(maps), **{name: code}, system=BIRDS, **inputs)


@given(relationship=st.sampled_from([word for word in EQUIVALENCES if word]), in_r4=st.booleans())
def test_direction_survives_every_way(store: Terminology, relationship: str, in_r4) -> None:
    """However a map is written, each version answers in its own word, and reverse in R4 turns it round."""
    element = mapped("owl", "uil", relationship=relationship)
    if in_r4:
        element["target"][0] = {"code": "uil", "equivalence": equivalence_of(relationship)}
    made = bird_map(element)
    assert [relationship] == words(bird(store, "owl", made))
    assert [equivalence_of(relationship)] == words(bird(store, "owl", made, fhir="r4"))
    reverse = asked(store, "r4", [made], code="uil", system=VOGELS, targetsystem=BIRDS, reverse=True)
    assert (["owl"], [equivalence_of(inverse_of(relationship))]) == (concepts(reverse), words(reverse))
    named = asked(store, "r5", [made], targetCode="uil", targetSystem=VOGELS, sourceSystem=BIRDS)
    assert (["uil"], ["owl"], [relationship]) == (concepts(named), concepts(named, "source"), words(named))
    assert result(named) is (relationship != "not-related-to")


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_what_is_not_related_is_told_and_is_no_translation(store: Terminology, fhir) -> None:
    """A match of codes that are not related leaves the result false."""
    answer = bird(store, "owl", bird_map(mapped("owl", "tafel", relationship="not-related-to")), fhir=fhir)
    assert (["tafel"], False) == (concepts(answer), result(answer))


@pytest.mark.parametrize(
    "element",
    [{"code": "owl", "noMap": True}, {"code": "owl", "target": [{"equivalence": "unmatched"}]}],
    ids=["R5", "R4"],
)
def test_no_map_of_a_given_map(store: Terminology, element) -> None:
    """The noMap of R5 and unmatched of R4 are one statement, and the map is named with it."""
    told = f"http://example.org/bird-map|1 says that 'owl' has no counterpart in {VOGELS}"
    in_r5, in_r4 = (bird(store, "owl", bird_map(element), fhir=fhir) for fhir in ("r5", "r4"))
    assert ((False, told), []) == ((result(in_r5), message(in_r5)), matches(in_r5))
    assert ((False, told), ["unmatched"]) == ((result(in_r4), message(in_r4)), words(in_r4))


def test_a_code_that_a_map_does_not_name(store: Terminology) -> None:
    """That is told otherwise than that there is nothing to map to."""
    answer = bird(store, "emu", bird_map(mapped("owl", "uil")))
    assert message(answer) == f"http://example.org/bird-map|1 has no mapping of 'emu' of {BIRDS}"


@pytest.mark.parametrize(
    ("unmapped", "code", "word"),
    [
        ({"mode": "use-source-code", "relationship": "equivalent"}, "emu", "equivalent"),
        ({"mode": "provided"}, "emu", "related-to"),
        (
            {"mode": "fixed", "code": "vogel", "relationship": "source-is-narrower-than-target"},
            "vogel",
            "source-is-narrower-than-target",
        ),
    ],
)
def test_what_becomes_of_unmapped_codes(store: Terminology, unmapped, code, word) -> None:
    """The code itself, by R5's word or R4's, or a fixed one; only for codes that the map does not name."""
    made = bird_map(mapped("owl", "uil"), {"code": "dodo", "noMap": True}, unmapped=unmapped)
    assert ([code], [word]) == (concepts(bird(store, "emu", made)), words(bird(store, "emu", made)))
    assert ["uil"] == concepts(bird(store, "owl", made))
    assert [] == concepts(bird(store, "dodo", made))


@pytest.mark.parametrize("key", ["otherMap", "url"])
def test_unmapped_codes_that_another_map_has(store: Terminology, key: str) -> None:
    """They are looked up there, named by R5's element or R4's; the match names that map."""
    first = bird_map(mapped("owl", "uil"), unmapped={"mode": "other-map", key: "http://example.org/more|2"})
    second = bird_map(mapped("emu", "emoe"), url="http://example.org/more", version="2")
    answer = bird(store, "emu", first, second, url="http://example.org/bird-map")
    assert (["emoe"], "http://example.org/more|2") == (concepts(answer), part(matches(answer)[0], "originMap"))


def test_maps_that_leave_codes_to_each_other_end(store: Terminology) -> None:
    """A circle of maps is walked once."""
    first = bird_map(unmapped={"mode": "other-map", "otherMap": "http://example.org/more"})
    second = bird_map(unmapped={"mode": "other-map", "otherMap": first["url"]}, url="http://example.org/more")
    assert not result(bird(store, "emu", first, second))


def test_another_map_may_be_a_crosswalk_of_the_store(store: Terminology) -> None:
    """A client's own map can leave the rest to a GEM."""
    group = {
        "source": ICD9,
        "target": CM,
        "element": [mapped("250.00", "E11.8")],
        "unmapped": {"mode": "other-map", "otherMap": GEM.format("icd9cm", "icd10cm")},
    }
    own = {"resourceType": "ConceptMap", "url": "http://example.org/own", "status": "active", "group": [group]}
    inputs = {"system": ICD9, "url": own["url"]}
    assert ["E11.8"] == concepts(asked(store, "r5", [own], sourceCode="250.00", **inputs))
    assert ["A00.0"] == concepts(asked(store, "r5", [own], sourceCode="001.0", **inputs))


@pytest.mark.parametrize("form", ["bar", "element"])
def test_a_group_speaks_for_its_version(store: Terminology, form: str) -> None:
    """Of two groups for two versions of a system the one that is asked for answers; without a version both do."""
    made = bird_map()
    groups = []
    for version, code in (("2023", "uil"), ("2024", "kerkuil")):
        group = {"source": BIRDS, "target": VOGELS, "element": [mapped("owl", code)]}
        groups.append(group | ({"source": f"{BIRDS}|{version}"} if form == "bar" else {"sourceVersion": version}))
    made["group"] = groups
    assert ["kerkuil"] == concepts(bird(store, "owl", made, version="2024"))
    assert ["uil", "kerkuil"] == concepts(bird(store, "owl", made))
    assert ([], False) == (
        concepts(bird(store, "owl", made, version="1999")),
        result(bird(store, "owl", made, version="1999")),
    )


def test_a_version_of_the_target_is_asked_for_and_told(store: Terminology) -> None:
    """A group leads to the version that it names, and to no other."""
    made = bird_map(mapped("owl", "uil"))
    made["group"][0]["target"] = f"{VOGELS}|3"
    answer = bird(store, "owl", made, targetSystem=f"{VOGELS}|3")
    assert {"system": VOGELS, "version": "3", "code": "uil"} == part(matches(answer)[0], "concept")
    assert [] == concepts(bird(store, "owl", made, targetSystem=f"{VOGELS}|4"))


DEPENDENT = {"attribute": "habitat", "valueCode": "wood"}
HABITAT = {"code": "habitat", "uri": "http://example.org/habitat", "type": "code"}


def dependency(attribute: str, value: Any) -> dict[str, Any]:
    """Return a dependency as a request of R5 has it."""
    return {"dependency": Inputs([("attribute", attribute), ("value", value)])}


def test_a_condition_that_is_met(store: Terminology) -> None:
    """A target that depends on something holds where the question tells that it is so, by code or URI of the attribute."""
    made = bird_map(mapped("owl", "bosuil", dependsOn=[DEPENDENT]), additionalAttribute=[HABITAT])
    for attribute in ("habitat", HABITAT["uri"]):
        answer = bird(store, "owl", made, **dependency(attribute, "wood"))
        assert (True, ["bosuil"]) == (result(answer), concepts(answer))
    assert [] == concepts(bird(store, "owl", made, **dependency("habitat", "town")))


def test_a_condition_of_which_nothing_is_told(store: Terminology) -> None:
    """The match is returned with its condition, and is no translation."""
    made = bird_map(mapped("owl", "bosuil", dependsOn=[DEPENDENT]), additionalAttribute=[HABITAT])
    answer = bird(store, "owl", made)
    assert (False, ["bosuil"], ["wood"]) == (result(answer), concepts(answer), beside(matches(answer)[0], "dependsOn"))
    assert "only where something else is known" in message(answer)


@pytest.mark.parametrize(
    ("stated", "told", "is_met"),
    [
        ({"valueCoding": {"system": "s", "code": "wood"}}, {"system": "s", "code": "wood"}, True),
        ({"valueCoding": {"system": "s", "code": "wood"}}, {"system": "t", "code": "wood"}, False),
        ({"valueCoding": {"system": "s", "code": "wood"}}, {"coding": [{"code": "town"}, {"code": "wood"}]}, True),
        ({"valueCoding": {"system": "s", "code": "wood"}}, {"display": "wood"}, False),
        ({"valueBoolean": True}, "true", True),
        ({"valueBoolean": True}, False, False),
        ({"valueQuantity": {"value": 5, "unit": "m"}}, {"value": 5, "unit": "m"}, True),
    ],
)
def test_values_of_every_type_are_compared(store: Terminology, stated, told, is_met) -> None:
    """A Coding by system and code, a flag also as the text of a URL, a quantity by value and unit."""
    made = bird_map(mapped("owl", "bosuil", dependsOn=[{"attribute": "habitat", **stated}]))
    assert (["bosuil"] if is_met else []) == concepts(bird(store, "owl", made, **dependency("habitat", told)))


def test_r4_writes_conditions_and_products_in_other_words(store: Terminology) -> None:
    """property, system and value of R4 are read as attribute and Coding."""
    parts = {
        "dependsOn": [{"property": "http://example.org/habitat", "value": "wood"}],
        "product": [{"property": "http://example.org/size", "system": "http://example.org/sizes", "value": "big"}],
    }
    made = bird_map({"code": "owl", "target": [{"code": "uil", "equivalence": "wider", **parts}]})
    given = Inputs([("element", "http://example.org/habitat"), ("concept", {"coding": [{"code": "wood"}]})])
    answer = bird(store, "owl", made, fhir="r4", dependency=given)
    assert (True, ["wider"]) == (result(answer), words(answer))
    assert [{"system": "http://example.org/sizes", "code": "big"}] == beside(matches(answer)[0], "product")


def test_properties_of_a_target_are_told_by_their_uris(store: Terminology) -> None:
    """A map defines the URI of a property, and the match has its value."""
    defined = {"code": "rarity", "uri": "http://example.org:rarity", "type": "integer"}
    made = bird_map(mapped("owl", "uil", property=[{"code": "rarity", "valueInteger": 3}]), property=[defined])
    assert [3] == property_of(matches(bird(store, "owl", made))[0], "rarity")


def test_a_map_in_the_request_answers_alone(store: Terminology) -> None:
    """``conceptMap`` is the map to be used: other maps, and the store, are not asked."""
    other = bird_map(mapped("owl", "kerkuil"), url="http://example.org/other")
    answer = bird(store, "owl", other, conceptMap=bird_map(mapped("owl", "uil")))
    assert ["uil"] == concepts(answer)


def test_two_maps_of_one_url_both_answer(store: Terminology) -> None:
    """Conformance tests give two, for two pairs of systems."""
    second = bird_map(mapped("uil", "hibou"))
    second["group"][0] |= {"source": VOGELS, "target": "http://example.org/oiseaux"}
    maps = [bird_map(mapped("owl", "uil")), second]
    assert ["uil"] == concepts(bird(store, "owl", *maps))
    assert ["hibou"] == concepts(asked(store, "r5", maps, sourceCode="uil", system=VOGELS))


def test_every_hit_is_told_once(store: Terminology) -> None:
    """What two maps say is told of both; what one map says twice, once."""
    made = bird_map(mapped("owl", "uil"), mapped("owl", "uil"))
    other = bird_map(mapped("owl", "uil"), url="http://example.org/other")
    answer = bird(store, "owl", made, other)
    assert ["http://example.org/bird-map|1", "http://example.org/other|1"] == [
        part(one, "originMap") for one in matches(answer)
    ]
    assert ["uil"] == concepts(bird(store, "owl", made))


def test_a_map_between_other_value_sets_is_not_asked(store: Terminology) -> None:
    """Scopes pick the map; one that states none may answer."""
    scoped = bird_map(mapped("owl", "uil"), sourceScopeUri="http://example.org/vs", url="http://example.org/scoped")
    free = bird_map(mapped("owl", "kerkuil"))
    assert ["kerkuil"] == concepts(bird(store, "owl", scoped, free, sourceScope="http://example.org/other"))
    assert ["uil", "kerkuil"] == concepts(bird(store, "owl", scoped, free, sourceScope="http://example.org/vs|2"))


def test_a_given_map_and_the_store_both_answer(store: Terminology) -> None:
    """All hits are told, those of the client's own map first."""
    own = bird_map(mapped("250.00", "E11.8"))
    own["group"][0] |= {"source": ICD9, "target": CM}
    assert ["E11.8", "E11.9"] == concepts(asked(store, "r5", [own], sourceCode="250.00", system=ICD9, targetSystem=CM))


def test_a_word_that_no_version_has(store: Terminology) -> None:
    """A relationship that is none is an error that names the map, and not one that is guessed."""
    with pytest.raises(FhirError, match=r"bird-map\|1: no relationship is called 'same'"):
        bird(store, "owl", bird_map(mapped("owl", "uil", relationship="same")))


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["owl", BIRDS, "equivalent", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "code",
                    "target",
                    "element",
                    "group",
                    "source",
                    "relationship",
                    "dependsOn",
                    "product",
                    "noMap",
                    "unmapped",
                    "mode",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(SHAPES, max_size=3), SHAPES)
def test_a_map_of_any_shape_is_answered_or_refused(store: Terminology, elements, unmapped) -> None:
    """Whatever stands where elements belong, there is an answer or an error with its reason, and the map stays as it was."""
    made = bird_map(mapped("owl", "uil"))
    made["group"][0] |= {"element": elements, "unmapped": unmapped}
    before = copy.deepcopy(made)
    # another exception fails the test
    with contextlib.suppress(FhirError):
        translate(TranslationContext(store, [made]), Inputs([("sourceCode", "owl"), ("system", BIRDS)]), "r5")
    assert before == made
