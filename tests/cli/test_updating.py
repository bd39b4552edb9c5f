"""The command update, from a configuration whose files lie on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from terminology.samples import sample_releases

from .conftest import Ask


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """A configuration that takes the sample releases of ICD-10-CM."""
    path = tmp_path / "update.toml"
    files = json.dumps(str(sample_releases() / "icd10cm"))
    path.write_text(f'store = "configured"\n[[fetch]]\npath = {files}\n', encoding="utf-8")
    return path


def test_update_in_words(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """The text names what is new, what was proved and what changed, and how it ended."""
    found = ask("update", configuration, store=tmp_path / "store")
    assert 0 == found.code
    lines = found.out.splitlines()
    assert "new release icd10cm 2021, effective 2020-10-01, 69 codes" in lines
    assert "addenda of icd10cm 2022: agrees" in lines
    assert "icd10cm 2021 to 2022: 4 added, 1 to header, 2 revised" in lines
    assert lines[-1].startswith("published: the store is at generation 1, report ")
    assert (tmp_path / "store" / "CURRENT.json").exists()
    assert not (tmp_path / "configured").exists()


def test_update_in_json(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """With --json the summary is printed that monitors read, the same that lies in the folder of reports."""
    found = ask("update", configuration, "--json", store=tmp_path / "store")
    latest = json.loads((tmp_path / "reports" / "latest.json").read_text(encoding="utf-8"))
    assert ("published", 0, latest["load"]) == (found.json["outcome"], found.json["exit_code"], found.json["load"])
    again = ask("update", configuration, "--json", store=tmp_path / "store")
    assert ("unchanged", 1, None) == (again.json["outcome"], again.json["generation"], again.json["report"])


def test_dry_run(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """A dry run says so, and makes no store."""
    found = ask("update", configuration, "--dry-run", store=tmp_path / "store")
    assert found.out.splitlines()[-1].startswith("dry run: the store is at generation none")
    assert not (tmp_path / "store").exists()


def test_faulty_configuration(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """A configuration with faults is refused with the line and key of each."""
    configuration.write_text('[[fetch]]\npth = "x"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    assert 2 == found.code
    assert "update.toml:2" in found.err
    assert "did you mean 'path'?" in found.err


def test_faults_are_counted_at_the_end(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """An update that could not have its files does not end with a line that sounds as if all were well."""
    configuration.write_text('[[fetch]]\npath = "gone.txt"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    assert 2 == found.code
    assert "unchanged, with 1 fault: the store is at generation none" == found.out.splitlines()[-1]


def test_no_configuration(ask: Ask, tmp_path: Path) -> None:
    """A configuration that is not there is named, without the numbers of the operating system."""
    found = ask("update", tmp_path / "gone.toml", store=tmp_path / "store")
    assert (2, f"error: {tmp_path / 'gone.toml'}: No such file or directory\n") == (found.code, found.err)
