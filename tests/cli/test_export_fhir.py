"""export fhir: packages."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from .conftest import Ask

PACKAGE = ("--package", "org.example.codes", "--package-version", "1.0.0")


def test_a_package_is_written_and_summed_up(ask: Ask, tmp_path: Path) -> None:
    """The files with their concepts or elements; in JSON the same."""
    out = tmp_path / "codes.tgz"
    chosen = ("--system", "ICD-10-CM", "--release", "icd10cm=2021", "--release", "icd10cm=2022", "--no-crosswalks")
    found = ask("export fhir", str(out), *PACKAGE, *chosen, "--json")
    assert (found.code, found.err) == (0, "")
    assert found.json == {
        "export": "fhir",
        "fhir": "r4",
        "files": {
            "CodeSystem-icd10cm-2021.json": 97,
            "CodeSystem-icd10cm-2022.json": 101,
            "ValueSet-icd10cm-2021-vs.json": 0,
            "ValueSet-icd10cm-2022-vs.json": 0,
        },
        "withheld": [],
        "written": str(out),
    }
    shown = ask("export fhir", str(out), *PACKAGE, *chosen)
    assert "CodeSystem-icd10cm-2021.json" in shown.out
    assert f"written: {out}" in shown.out


def test_lists_maps_and_all_releases_are_chosen(ask: Ask, tmp_path: Path) -> None:
    """In R5 where that is asked for."""
    listed = tmp_path / "pain.txt"
    listed.write_text("name: back pain\nsystem: icd10cm\n\nis-a M54.5\n")
    out = tmp_path / "codes.tgz"
    words = ("--system", "icd9cm", "--system", "hcpcs", "--all-releases", "--list", str(listed), "--fhir", "r5")
    found = ask("export fhir", str(out), *PACKAGE, *words, "--crosswalk", "gems 2018", "--json")
    assert found.code == 0
    assert "ValueSet-BackPain.json" in found.json["files"]
    assert [name for name in found.json["files"] if name.startswith("CodeSystem")] == [
        "CodeSystem-hcpcs-2018-01.json",
        "CodeSystem-hcpcs-2019-01.json",
        "CodeSystem-icd9cm-32.json",
    ]
    with tarfile.open(out) as archive:
        about = json.loads(archive.extractfile("package/package.json").read())  # type: ignore[union-attr]
    assert about["fhirVersions"] == ["5.0.0"]


def test_what_is_withheld_is_said(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With how a licence is declared; also of a system that only a map leads to."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    found = ask("export fhir", str(tmp_path / "a.tgz"), *PACKAGE, "--system", "cpt", "--system", "icd10", "--json")
    assert found.json["withheld"] == ["cpt", "icd10", "icd11"]
    for name in ("cpt", "icd10", "icd11"):
        assert f"declare your licence with TERMINOLOGY_LICENCES={name}" in found.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--release", "icd10cm"), "expected SYSTEM=VERSION, as in icd10cm=2026, got 'icd10cm'"),
        (("--release", "icd10cm=2021", "--all-releases"), "exclude each other"),
        (("--no-crosswalks", "--crosswalk", "gems"), "exclude each other"),
        (("--system", "hcpcs", "--release", "icd10cm=2021"), "--release names icd10cm, which no --system does"),
        (("--release", "icd10cm=1850"), "1850"),
        (("--crosswalk", "nosuch"), "the store has no map 'nosuch'"),
        (("--package", "Codes"), "expected a name of small letters"),
        (("--list", "a.tgz"), "a.tgz"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_meant_is_an_error(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    """In one line, with exit code 2; nothing is written."""
    monkeypatch.chdir(tmp_path)
    found = ask("export fhir", "a.tgz", *PACKAGE, *words)
    assert found.code == 2
    assert message in found.err
    assert not [*tmp_path.iterdir()]
