"""Every message about a code list names the cause, the place and what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from terminology import ReleaseFaults, ReleaseFormatError
from terminology.codelists import CodeList

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ENDED = "E11.9\n"


def of_include(*include: object, **more: object) -> str:
    """Return a value set as JSON."""
    return json.dumps({"resourceType": "ValueSet", "compose": {"include": include}, **more})


def of_filter(name: str, operation: str, value: str) -> str:
    """Return a value set with one filter beside an include of a code."""
    codes = {"system": ICD, "concept": [{"code": "E11.9"}]}
    return of_include(codes, {"system": ICD, "filter": [{"property": name, "op": operation, "value": value}]})


TEXTS = [
    *(f"{ENDED}{line}" for line in (
        "is-a", "excluding", "is-a below E11", '"E11', '""', 'is-a ""', "is-a E1*", "E1* - E2", "E10  - E13", 'E1"1',
        "-", "E11-", "#N/A", "author: x", "E11.9 diabetes", "E1[0-4]", "dx NOT IN ('E11')", "E11.9  E11.8", "name: x",
    )),
    "", "name:\nE11", "on: soon\nE11", "on: 2022-01-01\nrelease: 2022\nE11", "name: a\nname: b\nE11", "excluding E11",
    "<html>", "%PDF-1.7", "{\\rtf1 E11.9}",
]  # fmt: skip
TABLES = ["code,include\nE11.9,\nE11.8,maybe", "code,term\nE11.9,\n,x", "code\nE11.9\n#REF!", "code\nE11.9\nE10-"]
DOCUMENTS = [
    '"E11"', "{}", '["E11", 7]', '["E11", ""]', '{"x": 1, "entries": ["E11"]}', '{"entries": "E11"}',
    '{"name": 1, "entries": ["E11"]}', "<ValueSet/>", '{"resourceType": "Patient"}', '{"resourceType": "ValueSet"}',
    '{"resourceType": "CodeSystem"}', of_include({}), of_include({"system": ICD, "valueSet": ["x"]}),
    of_include({"system": ICD, "concept": [{"code": "E1"}], "filter": [{}]}), of_include("x"),
    of_include({"system": ICD, "concept": [{"code": "E1"}, {"code": " "}, 7]}), of_include({"system": ICD, "filter": [7]}),
    of_include({"system": ICD}, {"system": "http://snomed.info/sct"}),
    *(of_filter("concept", operation, "E11") for operation in ("child-of", "generalizes", "descendent-leaf", "exists")),
    of_filter("chapter", "=", "4"), of_filter("concept", "is-a", ""), of_filter("concept", "regex", "E1[0-4]"),
    of_filter("concept", "is-not-a", "E11"), of_filter("concept", "no-such", "E11"),
    '{"resourceType": "Bundle", "entry": []}',
]  # fmt: skip
CAUSE = re.compile("^expected|cannot|would take|refers to|^has|may be|is on line")
FIX = re.compile(
    "(?:write|keep|move|put|leave|give|save|copy|look|make|name|have|add) |one entry a line|a day like"
    "|a row is included or excluded|its codes are elsewhere|a code list is one of them"
)


def errors_of(text: str, form: str) -> Iterator[ReleaseFormatError]:
    """Yield the errors of a list that is read strictly."""
    with pytest.raises((ReleaseFormatError, ReleaseFaults)) as rejected:
        CodeList.parse(text, "icd10cm" if form != "json" else None, file="list", form=form, strict=True)
    error = rejected.value
    yield from error.exceptions if isinstance(error, ReleaseFaults) else (error,)


@pytest.mark.parametrize(
    ("form", "text"),
    [(form, text) for form, texts in (("text", TEXTS), ("csv", TABLES), ("json", DOCUMENTS)) for text in texts],
)
def test_messages(form, text):
    """A message has a place, says what was found, and what to write or do; no value in it is empty."""
    for error in errors_of(text, form):
        assert error.line is not None
        assert CAUSE.search(error.message), error.message
        assert FIX.search(error.message), error.message
        assert not re.search(r"  |: $|\bwrite \*|(?:with|after|as) (?:$|[;:])", error.message), error.message
