"""Options that had another name before: they work as before, with a note, and only the new name is in the help."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology.cli.renamed import RenamedOption

from .conftest import Ask
from .test_help import COMMANDS

CLAIMS = "claim,dx,day,system\n1,M54.5,2021-09-30,icd10cm\n1,E11.9,2021-10-01,icd10cm\n"
RENAMED = {
    "translate A02.1 --from icd10cm --to icd9cm": (
        "translate A02.1 --source icd10cm --target icd9cm",
        ["--from S is now --source S", "--to T is now --target T"],
    ),
    "columns validate in.csv out.csv --system icd10cm --code dx --on day": (
        "columns validate in.csv out.csv --system icd10cm --code-column dx --on-column day",
        ["--code COLUMN is now --code-column COLUMN", "--on COLUMN is now --on-column COLUMN"],
    ),
    "columns validate in.csv out.csv --system system --on 2021": (
        "columns validate in.csv out.csv --system-column system --version 2021",
        ["--system COLUMN is now --system-column COLUMN", "--on RELEASE is now --version RELEASE"],
    ),
    "columns annotate in.csv out.csv --system icd10cm --on day": (
        "columns annotate in.csv out.csv --system icd10cm --on-column day",
        ["--on COLUMN is now --on-column COLUMN"],
    ),
    "columns migrate in.csv out.csv --system icd10cm --from day": (
        "columns migrate in.csv out.csv --system icd10cm --on-column day",
        ["--from COLUMN is now --on-column COLUMN"],
    ),
    "columns translate in.csv out.csv --from icd10cm --to icd9cm": (
        "columns translate in.csv out.csv --source icd10cm --target icd9cm",
        ["--from S is now --source S", "--to T is now --target T"],
    ),
    "columns profile in.csv --system system --on day": (
        "columns profile in.csv --system-column system --on-column day",
        ["--on COLUMN is now --on-column COLUMN", "--system COLUMN is now --system-column COLUMN"],
    ),
    "columns comorbidities in.csv out.csv --person claim --on day": (
        "columns comorbidities in.csv out.csv --person-column claim --on-column day",
        ["--person COLUMN is now --person-column COLUMN", "--on COLUMN is now --on-column COLUMN"],
    ),
    "impact in.csv --system icd10cm --from 2021 --to 2022 --code dx --on day --id claim": (
        "impact in.csv --system icd10cm --from 2021 --to 2022 --code-column dx --on-column day --id-column claim",
        [
            "--code COLUMN is now --code-column COLUMN",
            "--on COLUMN is now --on-column COLUMN",
            "--id COLUMN is now --id-column COLUMN",
        ],
    ),
    "export fhir a.tgz --package org.example.codes --version 1.0.0 --system icd10cm --no-maps": (
        "export fhir a.tgz --package org.example.codes --package-version 1.0.0 --system icd10cm --no-crosswalks",
        ["--version V is now --package-version V", "--no-maps is now --no-crosswalks"],
    ),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a table of claims."""
    (tmp_path / "in.csv").write_text(CLAIMS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", RENAMED)
@pytest.mark.usefixtures("place")
def test_a_former_name_still_works(ask: Ask, line: str) -> None:
    """The answer is that of the new name, and one note for each says what it is called now."""
    now, notes = RENAMED[line]
    before, after = ask(line), ask(now)
    assert (before.code, before.out) == (after.code, after.out)
    assert "is now" not in after.err
    assert [one.removeprefix("note: ") for one in before.err.splitlines() if "is now" in one] == notes


@pytest.mark.usefixtures("place")
def test_errors_in_json_are_alone(ask: Ask) -> None:
    """With `--json` no note is printed: standard error has the error, and nothing else."""
    found = ask("columns validate in.csv out.csv --system icd10cm --code nothing --json")
    assert found.error["message"].startswith("has no column 'nothing'")


def test_former_names_are_not_in_the_help(ask: Ask) -> None:
    """They are taken, and not shown."""
    for name, command in COMMANDS.items():
        lines = ask(f"{name} --help", store=None).out.splitlines()
        shown = {line.split()[0] for line in lines if line.startswith("  --")}
        for option in command.params:
            if isinstance(option, RenamedOption):
                assert option.was not in shown - {one for other in command.params for one in other.opts}


def test_both_names(ask: Ask) -> None:
    """One value is taken: giving it by both names is wrong usage; of several, those of both names count."""
    found = ask("translate A02.1 --from icd10cm --source icd10cm --target icd9cm")
    assert (found.code, "--from is --source now: give it once" in found.err) == (2, True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--system icd10cm --on 2021-10-01 --on-column day", "--on and --on-column exclude each other"),
        ("--system icd10cm --system-column system", "--system and --system-column exclude each other"),
        ("--system icd10cm --on-column nothing", "in.csv has no column 'nothing' (it has claim, dx, day, system)"),
        ("--system-column nothing", "check --system-column"),
        ("", "Missing option '--system' or '--system-column'"),
    ],
)
@pytest.mark.usefixtures("place")
def test_columns_and_days_are_told_apart(ask: Ask, line: str, message: str) -> None:
    """An option names a column, or what is none; both at once, and a column that is not there, are wrong usage."""
    found = ask(f"columns validate in.csv out.csv {line}")
    assert (found.code, message in found.err) == (2, True), found.err
