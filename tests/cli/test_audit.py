"""audit: a file of claims in, findings out."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import html

from .conftest import Ask

CLAIMS = """claim_id,service_date,dx1,dx2
1,2022-03-01,E11.9,M54.5
2,2022-03-01,E11.9,
=3,2022-03-02,W21.89XA,F32.0
4,soon,E11.9,
"""


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """Return a file of claims."""
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS, encoding="utf-8")
    return path


def test_findings_are_printed(ask: Ask, claims: Path) -> None:
    """Counts by rule, the findings with line and source, the rows that cannot be read; exit code 1."""
    found = ask("audit", claims)
    assert found.code == 1
    assert "3 claims, 2 with findings" in found.out
    assert "not billable" in found.out
    assert "error claim 1, line 2: M54.5 is a header on 2022-03-01" in found.out
    assert "(icd10cm_order_2022.txt, line 36)" in found.out
    assert "not read: claims.csv:5: column service_date: expected a day like 2024-03-01, got 'soon'" in found.err


def test_one_row_more_is_not_read(ask: Ask, tmp_path: Path) -> None:
    """What is not printed is counted in the singular too."""
    path = tmp_path / "claims.csv"
    rows = [f"{number},soon,E11.9" for number in range(11)]
    path.write_text("\n".join(["claim_id,service_date,dx1", "11,2022-03-01,E11.9", *rows]), encoding="utf-8")
    assert ask("audit", path).err.endswith("not read: 1 more row\n")


def test_nothing_found_is_no_praise(ask: Ask, tmp_path: Path) -> None:
    """It says by what nothing was found; exit code 0."""
    path = tmp_path / "claims.jsonl"
    path.write_text('{"id": "1", "service_date": "2022-03-01", "diagnoses": ["E11.9"]}\n', encoding="utf-8")
    found = ask("audit", path)
    assert (found.code, found.err) == (0, "")
    assert "nothing found by these rules, with these versions" in found.out


def test_json(ask: Ask, claims: Path) -> None:
    """The counts, the findings in their shape, what was not read and not checked."""
    found = ask("audit", claims, "--json")
    values = found.json
    assert found.code == 1
    assert values["rules"]["not_billable"] == {"severity": "error", "findings": 1, "claims": 1}
    assert [(one["claim"], one["rule"], one["lines"]) for one in values["findings"]] == [
        ("1", "not_billable", [2]),
        ("=3", "external_cause_principal", [4]),
    ]
    assert values["bad_rows"][0]["line"] == 5
    assert values["unlisted"] == values["unlisted_rows"] == 0


def test_files(ask: Ask, claims: Path, tmp_path: Path) -> None:
    """CSV, Parquet and a page have all findings; a text that is a formula is none in CSV."""
    out = {form: tmp_path / f"out.{form}" for form in ("csv", "parquet", "html")}
    found = ask("audit", claims, *(word for form, path in out.items() for word in (f"--{form}", path)), "--json")
    assert sorted(found.json["written"]) == sorted(map(str, out.values()))
    rows = list(csv.DictReader(io.StringIO(out["csv"].read_text(encoding="utf-8"))))
    assert [(row["claim"], row["codes"], row["lines"]) for row in rows] == [
        ("1", "M54.5", "2"),
        ("'=3", "W21.89XA", "4"),
    ]
    assert pq.read_table(out["parquet"]).column("claim").to_pylist() == ["1", "=3"]
    page = html.fromstring(out["html"].read_text(encoding="utf-8"))
    assert page.get_element_by_id("not_billable") is not None


@pytest.mark.parametrize("forms", [("csv",), ("parquet",), ("csv", "parquet")])
def test_files_without_findings(ask: Ask, tmp_path: Path, forms: tuple[str, ...]) -> None:
    """They have their columns."""
    path = tmp_path / "claims.csv"
    path.write_text("claim_id,service_date,dx1\n1,2022-03-01,E11.9\n", encoding="utf-8")
    out = {form: tmp_path / f"out.{form}" for form in forms}
    assert ask("audit", path, *(word for form, path in out.items() for word in (f"--{form}", path))).code == 0
    for form, written in out.items():
        if form == "csv":
            assert written.read_text(encoding="utf-8").startswith('"claim","day","rule"')
        else:
            assert pq.read_table(written).num_rows == 0


def test_standard_input(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minus sign reads it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CLAIMS.encode())))
    assert ask("audit", "-", "--json").json["claims"] == 3


def test_columns_and_kind(ask: Ask, tmp_path: Path) -> None:
    """Names that are not the usual ones, days of a form, and the kind of all claims."""
    path = tmp_path / "claims.csv"
    path.write_text("who;out;problem 1\n1;03.01.2022;M54.5\n", encoding="utf-8")
    words = ["--column", "claim=who", "--column", "discharge_date=out", "--column", "diagnosis=problem *"]
    found = ask("audit", path, *words, "--date-format", "%m.%d.%Y", "--kind", "inpatient", "--json")
    assert [one["day"] for one in found.json["findings"]] == ["2022-03-01"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--column", "dx"], "ROLE=NAME"),
        (["--column", "colour=dx"], "'colour' is no role"),
        (["--column", "diagnosis=nothing"], "no column 'nothing'"),
        (["--date-format", "%q"], "--date-format"),
        (["--kind", "dental"], "dental"),
        (["--parquet", "-"], "standard output"),
    ],
)
def test_wrong_usage(ask: Ask, claims: Path, words: list[str], message: str) -> None:
    """Exit code 2, and the message says what was expected."""
    found = ask("audit", claims, *words)
    assert found.code == 2
    assert message in found.err


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("claims.csv", b""),
        ("claims.csv", b"a,b\n1,2\n"),
        ("claims.json", b'[{"id": "1", "diagnoses": []}'),
        ("claims.json", b"\x1f\x8b\x00nonsense"),
        ("claims.parquet", b"PAR1nonsense"),
    ],
)
def test_files_that_are_none(ask: Ask, tmp_path: Path, name: str, data: bytes) -> None:
    """They are bad input, with the name of the file, and never an error of the program."""
    path = tmp_path / name
    path.write_bytes(data)
    found = ask("audit", path, "--json")
    assert found.code == 2
    assert json.loads(found.err)["error"]["file"] == name


def test_a_file_that_is_not_there(ask: Ask, tmp_path: Path) -> None:
    """Exit code 2."""
    assert ask("audit", tmp_path / "nothing.csv").code == 2
