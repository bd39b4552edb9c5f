"""Whatever a claim holds, an audit has findings or bad rows, and no exception of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import Terminology
from terminology.claims import Auditor, BadRow, Claim, Finding, Summary, audited, read_claims
from terminology.errors import ReleaseFormatError

from .test_reading import HOSPITAL, interchange_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
CODES = st.sampled_from(["E11.9", "E11", "M54.5", "W21.89XA", "J1815", "LT", "0FT44Z1", "99990", "250.00"]) | st.text(
    max_size=9
)
DAYS = st.sampled_from(["2022-03-01", "2022-05-02", "2019-02-01", "2012-01-01", "0001-01-01", "9999-12-31", None])
CLAIMS = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=5).filter(str.strip), "diagnoses": st.lists(CODES, max_size=6)},
    optional={
        "kind": st.sampled_from(["inpatient", "outpatient", "professional"]),
        "service_date": DAYS,
        "discharge_date": DAYS,
        "birth_date": DAYS,
        "sex": st.text(max_size=3),
        "age": st.integers(0, 130),
        "procedures": st.lists(
            st.fixed_dictionaries(
                {"code": CODES},
                optional={"modifiers": st.lists(CODES, max_size=3), "date": DAYS, "system": st.text(max_size=6)},
            ),
            max_size=3,
        ),
    },
)


@given(VALUES | st.dictionaries(st.sampled_from(["id", "kind", "diagnoses", "age", "procedures"]), VALUES))
def test_any_value_is_a_claim_or_a_fault(value: Any) -> None:
    """JSON may hold anything."""
    with suppress(ReleaseFormatError):
        assert isinstance(Claim.from_dict(value), Claim)


@given(claims=st.lists(CLAIMS, max_size=5))
def test_any_claim_is_audited(store: Terminology, claims: list[dict[str, Any]]) -> None:
    """Twice the same, and in the shape that is documented."""
    auditor, again = Auditor(store), Auditor(store)
    for values in claims:
        claim = Claim.from_dict(values)
        found = auditor.findings(claim)
        assert found == again.findings(claim)
        for finding in found:
            assert isinstance(finding, Finding)
            assert json.dumps(finding.to_dict())
    assert json.dumps([one.to_dict() for one in auditor.unchecked])


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_is_claims_or_bad_input(store: Terminology, data: bytes) -> None:
    """Behind a header of a table, behind the beginning of JSON, or from its first byte."""
    for head in (b"", b"claim_id,service_date,dx1\n", b"[", b'{"id": "1", "diagnoses": []}\n'):
        audit_bytes(store, head + data)


def audit_bytes(store: Terminology, data: bytes) -> None:
    """Audit a file; it may be bad input."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "claims")
        path.write_bytes(data)
        summary = Summary()
        with suppress(ReleaseFormatError):
            for _ in audited(read_claims(path), store, summary):
                continue
        assert all(isinstance(row, BadRow) for row in summary.listed_rows)


INTERCHANGE = interchange_text("005010X223A2", HOSPITAL)


@given(st.lists(st.tuples(st.integers(0, len(INTERCHANGE) - 1), st.text("~*:^0AZ\n\0", max_size=3)), max_size=5))
def test_a_damaged_interchange(store: Terminology, damages: list[tuple[int, str]]) -> None:
    """Characters that are lost, or others in their place."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    text = INTERCHANGE
    for place, instead in damages:
        text = text[:place] + instead + text[place + 1 :]
    audit_bytes(store, text.encode())
