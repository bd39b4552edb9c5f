"""Shapes of codes that come with a file: matched in linear time, or a clear fault."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

import terminology
from terminology.errors import ReleaseFaults, ReleaseFormatError, TerminologyError
from terminology.reading import ReadableFile
from terminology.repairs import repairs_of
from terminology.shapes import LONGEST_CODE, LONGEST_SHAPE, linear_match
from terminology.status import Status
from terminology.systems import SYSTEMS, SystemDefinition
from terminology_loaders.generic import GenericLoader

EXPLOSIVE = ("(x+x+)+y", "(x|xx)+y", "(.*x){20}y", "(x*)*y")
"""Each takes longer than a lifetime where matching goes back over what it tried."""


def listed(*lines):
    """Return a list of codes that begins with these lines."""
    return ReadableFile("list.csv", "\n".join([*lines, "code,title", "xy,One", ""]).encode)


@pytest.mark.parametrize("shape", EXPLOSIVE)
def test_a_shape_that_explodes_is_answered_by_load_and_by_questions(shape, tmp_path):
    """Codes of any length are held against any shape without delay."""
    path = tmp_path / "list.csv"
    path.write_text(f"#system: crosses\n#shape: {shape}\n#version: 2024-01-01\ncode,title\n{'x' * 40}y,One\n")
    assert terminology.load(path, store=tmp_path / "store").ok
    edition = terminology.open(tmp_path / "store")["crosses"].latest
    assert ["malformed"] * 2 == [str(edition.status("x" * count)) for count in (40, 400)]
    path.write_text(f"#system: noughts\n#shape: {shape}\n#version: 2024-01-01\ncode,title\n{'x' * 40},One\n")
    (error,) = terminology.load(path, store=tmp_path / "store").errors
    assert (5, "code") == (error.line, error.column)


@pytest.mark.parametrize(
    "shape",
    [
        r"(?=x)xy",
        r"(?<!a)xy",
        r"(x)\1",
        "(x{1000}){1000}",
        "x{,5}y",
        "x{9999999999}",
        "[",
        "(x",
        r"\p{Nowhere}",
        "x" * (LONGEST_SHAPE + 1),
    ],
)
def test_a_shape_that_cannot_be_matched_in_linear_time_is_a_fault_with_key_and_line(shape):
    """Look-around, backreferences and huge repetitions are named as what they are."""
    with pytest.raises(ReleaseFormatError) as caught:
        GenericLoader().read(listed("#system: crosses", f"#shape: {shape}", "#version: 2024-01-01"))
    assert (2, "shape") == (caught.value.line, caught.value.column)
    assert "expected a regular expression" in caught.value.message


def test_an_older_definition_with_such_a_shape_can_be_opened_and_says_what_is_wrong_when_asked():
    """The other systems of a store are none the worse for it."""
    definition = SystemDefinition.from_json({**SYSTEMS["icd9pcs"].to_json(), "name": "old", "shape": r"(?=x)xy"})
    with pytest.raises(TerminologyError, match="states the shape"):
        definition.official("xy")


def test_a_code_that_is_too_long_matches_no_shape_of_any_system():
    """The longest text that is held against a shape has 512 characters."""
    for definition in (*SYSTEMS.values(), SystemDefinition("any", "Any", "urn:any")):
        assert definition.official("1A00" + "&XN8P1" * LONGEST_CODE) is None
        assert definition.official("9" * (LONGEST_CODE + 1)) is None
        assert repairs_of("9" * 1_000_000, definition, lambda _code: Status.BILLABLE) == ()
    assert SystemDefinition("any", "Any", "urn:any").official("X" * LONGEST_CODE) == "X" * LONGEST_CODE


def test_a_listed_code_that_is_too_long_is_a_fault_that_names_the_limit():
    """It could never be found."""
    data = f"#system: long\n#version: 2024-01-01\ncode,title\nA,One\n{'X' * (LONGEST_CODE + 1)},Two\n"
    with pytest.raises((ReleaseFormatError, ReleaseFaults)) as caught:
        GenericLoader().read(ReadableFile("list.csv", data.encode))
    assert (5, "code") == (caught.value.line, caught.value.column)
    assert str(LONGEST_CODE) in caught.value.message


def test_half_a_character_is_no_code():
    """A lone surrogate cannot be written as UTF-8, and matches nothing."""
    assert linear_match(".*")("\ud800") is None


def test_definitions_can_be_pickled_before_and_after_they_were_used():
    """They go to other processes with their shapes."""
    made = SystemDefinition("crosses", "Crosses", "urn:crosses", shape="[XY]+")
    for _ in range(2):
        copy = pickle.loads(pickle.dumps(made))  # noqa: S301 -- its own bytes
        assert (made, "XY", None) == (copy, copy.official("xy"), copy.official("z"))


def test_built_in_systems_do_not_load_the_engine_for_shapes_of_files():
    """A start costs nothing for it."""
    code = "import sys, terminology.systems as s; s.SYSTEMS['icd10cm'].official('e119'); print('re2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
