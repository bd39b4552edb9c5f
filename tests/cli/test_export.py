"""export: tables and folders for other tools."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import terminology
from terminology.exports import closure, coverage, intervals

from .conftest import Ask

TABLES = {"intervals": intervals, "coverage": coverage, "closure": closure}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_written_and_summed_up(ask: Ask, sample_store: Path, tmp_path: Path, name: str) -> None:
    """In the form of the name; of the systems that are named, or of all."""
    out = tmp_path / "out.parquet"
    found = ask(f"export {name}", str(out), *["--system", "ICD-10-CM", "--system", "hcpcs", "--json"])
    assert found.code == 0
    written = pq.read_table(out)
    expected = TABLES[name](sample_store, ("icd10cm", "hcpcs"))
    assert written.to_pylist() == expected.to_pylist()
    assert found.json == {
        "export": name,
        "systems": ["icd10cm", "hcpcs"],
        "rows": expected.num_rows,
        "written": str(out),
    }
    whole = ask(f"export {name}", str(tmp_path / "whole.csv"))
    assert f"{TABLES[name](sample_store).num_rows:,} rows of cpt, hcpcs" in whole.out


def test_only_releases_up_to_one_count(ask: Ask, sample_store: Path, tmp_path: Path) -> None:
    """With ``--known``; one that no system has is an error that says so."""
    out = tmp_path / "out.parquet"
    assert ask("export intervals", str(out), *["--system", "icd10cm", "--known", "2021"]).code == 0
    assert pq.read_table(out).to_pylist() == intervals(sample_store, "icd10cm", "2021").to_pylist()
    found = ask("export intervals", str(out), *["--system", "icd10cm", "--known", "1850"])
    assert found.code == 2
    assert "'1850' is neither a release of icd10cm nor a date" in found.err


def test_titles_are_withheld_without_a_licence(
    ask: Ask, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The column is there and empty, and a note says how a licence is declared."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    out = tmp_path / "out.parquet"
    found = ask("export intervals", str(out), "--system", "cpt")
    assert "texts of CPT are withheld: declare your licence with TERMINOLOGY_LICENCES=cpt" in found.err
    assert set(pq.read_table(out).column("title").to_pylist()) == {None}
    found = ask("export dbt", str(tmp_path / "dbt"), "--system", "cpt", "--json")
    assert found.json["withheld"] == ["cpt"]
    title = terminology.open(sample_store)["cpt"].latest.title("99990")
    assert title
    assert all(title not in path.read_text() for path in (tmp_path / "dbt").rglob("*") if path.is_file())
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    assert ask("export intervals", str(out), "--system", "cpt").err == ""
    assert title in pq.read_table(out).column("title").to_pylist()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["intervals", "missing/out.csv"], "the folder"),
        (["intervals", "out.xlsx"], "has the ending of Excel"),
        (["closure", "out.csv", "--system", "nosuch"], "no code system 'nosuch' in the store"),
        (["omop", "out", "--previous", "nowhere"], "does not exist"),
        (["omop", "out", "--concepts", "."], "there is no CONCEPT.csv"),
        (["omop", "others"], "holds files that are no export: it is left as it is"),
        (["dbt", "others"], "holds files that are no export: it is left as it is"),
        (["dbt", "file.txt"], "is a file"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_written_is_an_error(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    """In one line, with exit code 2; nothing is written, and nothing that is there is touched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "mine.sql").write_text("select 1")
    (tmp_path / "file.txt").write_text("mine")
    name, *arguments = words
    found = ask(f"export {name}", *arguments)
    assert found.code == 2
    assert message in found.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file.txt", "mine.sql", "others"]
    assert "mine" == (tmp_path / "file.txt").read_text()


def test_folders_are_written_and_summed_up(ask: Ask, tmp_path: Path) -> None:
    """The rows of each file; written again, an OMOP export keeps its ids, and what somebody put into a folder stays."""
    target = tmp_path / "vocabulary"
    found = ask("export omop", str(target), "--system", "icd10cm", "--json")
    assert found.code == 0
    assert found.json["ids"] == {"kept": 0, "official": 0, "new": found.json["files"]["CONCEPT.csv"]}
    (target / "notes.txt").write_text("mine")
    again = ask("export omop", str(target), "--system", "icd10cm", "--json")
    assert again.json["ids"] == {"kept": found.json["files"]["CONCEPT.csv"], "official": 0, "new": 0}
    assert "mine" == (target / "notes.txt").read_text()
    assert "notes.txt" not in json.loads((target / "export.json").read_text())["files"]
    assert "holds an export of another kind (omop)" in ask("export dbt", str(target)).err
    shown = ask("export dbt", str(tmp_path / "dbt"), "--system", "icd10cm")
    assert "seeds/terminology_icd10cm.csv" in shown.out
    assert f"written: {tmp_path / 'dbt'}" in shown.out
