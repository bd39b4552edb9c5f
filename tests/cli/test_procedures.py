"""The commands ``pcs build`` and ``pcs explain``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import terminology
from terminology.cli.application import run
from terminology_loaders.icd10pcs import Icd10pcsLoader

SAMPLES = Path(terminology.__file__).parent / "samples/icd10pcs"


@pytest.fixture(scope="module")
def pcs_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of the packaged sample."""
    folder = tmp_path_factory.mktemp("pcs")
    terminology.load(SAMPLES, store=folder, loaders={"icd10pcs": Icd10pcsLoader()})
    return str(folder)


def test_build(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A beginning of a code is answered with its axes and the values that may follow."""
    assert run(["pcs", "build", "0ft", "--store", pcs_store]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1  0  Section      Medical and Surgical",
        "2  F  Body System  Hepatobiliary System and Pancreas",
        "3  T  Operation    Resection",
        "4  Body Part",
        "   0  Liver",
        "   4  Gallbladder",
        "   G  Pancreas",
    ]


def test_build_from_nothing(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a beginning the sections are listed."""
    assert run(["pcs", "build", "--store", pcs_store, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert ("", [], 1, "Section") == (
        answer["prefix"],
        answer["axes"],
        answer["next"]["position"],
        answer["next"]["title"],
    )
    assert ["0", "5", "X"] == [choice["value"] for choice in answer["next"]["values"]]


def test_build_whole_code(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """After a whole code nothing follows."""
    assert run(["pcs", "build", "00160ZB", "--store", pcs_store, "--on", "2022-05-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "00160ZB is a whole code."
    assert run(["pcs", "build", "00160ZB", "--store", pcs_store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["next"] == {"position": None, "title": None, "values": []}


def test_explain(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A valid code is shown with its title, its axes and the row that holds it."""
    assert run(["pcs", "explain", "0FT44ZZ", "--store", pcs_store]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "0FT44ZZ  billable  Resection of Gallbladder, Percutaneous Endoscopic Approach"
    assert (lines[4], lines[-1]) == ("4  4  Body Part    Gallbladder", "row 2 of table 0FT holds 4-4-Z-Z")


def test_explain_no_code(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no code is told why, with exit code 1."""
    assert run(["pcs", "explain", "00160Z0", "--store", pcs_store, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "code": "00160Z0",
        "title": None,
        "status": "unknown",
        "valid": False,
        "axes": [],
        "explanation": "no row of table 001 holds 6-0-Z-0: after 00160Z only B (Cerebral Cisterns)",
    }


def test_release_without_tables(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A release that came without tables is an error that names those with them; a wrong beginning is a no."""
    assert run(["pcs", "explain", "0FT44ZZ", "--store", pcs_store, "--on", "2021-11-01", "--json"]) == 2
    error = json.loads(capsys.readouterr().err)["error"]
    assert ("TablesUnknownError", True) == (error["type"], "releases with tables: 2022-04" in error["message"])
    assert run(["pcs", "build", "0FX", "--store", pcs_store]) == 1


def test_children_that_are_no_codes(pcs_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prefixes stand in the tree: they are listed, as unknown."""
    assert run(["children", "icd10pcs", "0FT", "--store", pcs_store]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "0FT4  unknown   Hepatobiliary System and Pancreas, Resection: Gallbladder"
    assert run(["lookup", "icd10pcs", "0FT44ZZ", "--store", pcs_store]) == 0
    assert "0FT44  Hepatobiliary System and Pancreas" in capsys.readouterr().out
