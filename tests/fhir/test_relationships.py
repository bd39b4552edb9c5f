"""Relationships of concepts: the words of R4 and R5 say the same, from opposite ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.fhir import relationships
from terminology.fhir.relationships import equivalence_of, inverse_of, relationship_of
from terminology_crosswalks.concept_map import elements

things = st.frozensets(st.integers(0, 6), min_size=1)


def target_is(source: frozenset[int], target: frozenset[int]) -> str:
    """Return R4's word: what the target is to the source, each a set of the cases that it means."""
    if source == target:
        return "equivalent"
    if source < target:
        return "wider"
    if target < source:
        return "narrower"
    return "relatedto" if source & target else "disjoint"


def source_is(source: frozenset[int], target: frozenset[int]) -> str:
    """Return R5's relationship: what the source is to the target."""
    if source == target:
        return "equivalent"
    if source < target:
        return "source-is-narrower-than-target"
    if target < source:
        return "source-is-broader-than-target"
    return "related-to" if source & target else "not-related-to"


@given(things, things)
def test_both_versions_tell_the_same_of_any_two_meanings(source: frozenset[int], target: frozenset[int]) -> None:
    """For any two sets of cases, R4's word becomes R5's relationship and back: no direction is lost or turned."""
    assert source_is(source, target) == relationship_of(target_is(source, target))
    assert target_is(source, target) == equivalence_of(source_is(source, target))


@given(things, things)
def test_the_inverse_is_what_the_other_end_sees(source: frozenset[int], target: frozenset[int]) -> None:
    """The inverse of a relationship is the relationship of the two meanings exchanged, and inverting twice changes nothing."""
    found = source_is(source, target)
    assert source_is(target, source) == inverse_of(found)
    assert found == inverse_of(inverse_of(found))


@pytest.mark.parametrize(
    ("word", "relationship"),
    [
        ("equal", "equivalent"),
        ("subsumes", "source-is-narrower-than-target"),
        ("specializes", "source-is-broader-than-target"),
        ("inexact", "related-to"),
        ("unmatched", None),
    ],
)
def test_the_finer_words_of_r4_keep_their_direction(word: str, relationship: str | None) -> None:
    """R4's words that R5 has no own word for become the relationship that says as much."""
    assert relationship == relationship_of(word)


def test_a_map_that_is_loaded_is_read_in_the_same_direction() -> None:
    """The reader of ConceptMaps, which leans on no face of the library, has the same words for the same relationships."""
    assert elements.EQUIVALENCES == {word: one for word, one in relationships.RELATIONSHIPS.items() if one}


def test_every_relationship_comes_back() -> None:
    """What R5 can say survives the way through R4, and R4 has no word that R5 does not know."""
    assert all(relationship_of(equivalence_of(one)) == one for one in relationships.EQUIVALENCES)
    assert set(relationships.RELATIONSHIPS.values()) == set(relationships.EQUIVALENCES)


@pytest.mark.parametrize("reading", [relationship_of, equivalence_of])
def test_a_word_of_neither_is_an_error_that_names_the_words(reading) -> None:
    """A word that the version does not have is told with those it has."""
    with pytest.raises(ValueError, match=r"expected one of .*equivalent.*, got 'identical'"):
        reading("identical")
