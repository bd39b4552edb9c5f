"""The demo: the main job on the packaged samples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import Ask


def test_demo_in_json(ask: Ask) -> None:
    """`demo --json` gives the report of the load and every answer as one object."""
    found = ask("demo --json", store=None)
    answers = {answer["command"]: answer for answer in found.json["answers"]}
    assert found.code == 0
    assert {"hcpcs", "icd10cm"} <= {release["system"] for release in found.json["load"]["loaded"]}

    def status(line: str) -> str:
        return str(answers[f"terminology status {line}"]["answer"][0]["status"])

    assert status("icd10cm M54.5 --on 2021-09-30") == "billable"
    assert status("icd10cm M54.5 --on 2021-10-01") == "header"
    assert status("hcpcs C9014 --on 2018-12-31") == "billable"
    assert status("hcpcs C9014 --on 2019-01-01") == "expired"
    children = answers["terminology children icd10cm M54.5 --on 2021-10-01"]["answer"]
    assert [row["code"] for row in children] == ["M54.50", "M54.51", "M54.59"]


def test_demo_in_words(ask: Ask) -> None:
    """The demo prints the commands that it stands for, each with its answer."""
    found = ask("demo", store=None)
    assert found.code == 0
    assert (
        "$ terminology status icd10cm M54.5 --on 2021-09-30\nM54.5  billable on 2021-09-30 (release 2021)\n"
        in found.out
    )
    assert "$ terminology status icd10cm W21.89A --on 2022-03-01\nW21.89A  unknown — " in found.out
    assert "; did you mean W21.89XA?\n" in found.out
    assert "it is a code of HCPCS Level II" in found.out
    assert found.err == ""
    lines = found.out.splitlines()
    assert lines[:3] == [
        "# In September 2021 M54.5 could be submitted.",
        "$ terminology status icd10cm M54.5 --on 2021-09-30",
        "M54.5  billable on 2021-09-30 (release 2021)",
    ]
    assert re.match(r"For these answers \d+ sample releases and \d+ crosswalks were loaded", lines[-4])
    assert "terminology demo --store DIR keeps it" in lines[-3]
    assert "docs/index.md" in lines[-1]


def test_demo_explains_and_reads_files(ask: Ask) -> None:
    """A code is explained; a table of claims and a list of codes, whose contents are shown, are judged by the new release."""
    found = ask("demo", store=None).out
    assert "$ terminology explain icd10cm M54.5 --on 2021-10-01\nM54.5  header\n" in found
    assert "$ cat claims.csv\nclaim,day,dx\n" in found
    assert "broken by 2022: 2 rows (2 to header)" in found
    assert "$ terminology codelist migrate pain.txt --to 2022\n" in found


def test_help_of_the_demo_says_where_its_store_is(ask: Ask) -> None:
    """The store of the demo is temporary, and not the one that other commands ask."""
    said = ask("demo --help", store=None).out
    assert "[default: a temporary one]" in " ".join(said.split())
    assert "$TERMINOLOGY_STORE" not in said


def test_demo_can_keep_its_store(ask: Ask, tmp_path: Path) -> None:
    """With `--store` the store stays and can be asked; the demo can be repeated on it."""
    store = tmp_path / "kept"
    assert [ask("demo", store=store).code for _ in range(2)] == [0, 0]
    assert ask("status icd10cm E11.9", store=store).code == 0


def test_demo_keeps_a_store_where_a_relative_path_says(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative `--store` is one of the folder that the demo is run in."""
    monkeypatch.chdir(tmp_path)
    assert ask("demo", store=Path("kept")).code == 0
    assert (tmp_path / "kept" / "CURRENT.json").is_file()


def test_demo_leaves_other_releases_alone(ask: Ask, tmp_path: Path) -> None:
    """Samples are not mixed into a store of other releases."""
    order = tmp_path / "icd10cm_order_2022.txt"
    order.write_bytes(f"00001 A00     0 {'Cholera':<60} Cholera\r\n00002 A000    1 {'Biovar':<60} Biovar\r\n".encode())
    store = tmp_path / "other"
    assert ask("load", order, store=store).code == 0
    found = ask("demo", store=store)
    assert (found.code, len(ask("releases --json", store=store).json)) == (2, 1)
    assert "holds other releases already" in found.err
