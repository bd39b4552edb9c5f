"""Packages: what is in them, and that a second store which loads one answers as the first."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.codelists import CodeList
from terminology.errors import TerminologyError, UnknownCrosswalkError, UnknownReleaseError, UnknownSystemError
from terminology.fhir import Resource
from terminology.fhir.packages import ExportedPackage, export
from terminology.fhir.published_maps import url_of
from terminology.ingest import LoadReport, withdraw
from terminology.model import Crosswalk, Translation
from terminology.registry import crosswalk_readers, loaders
from terminology_loaders.fhir import FhirLoader

from .judges import judged

LICENCES = ("cpt", "icd10", "icd10gm", "icd11")
NAME = {"name": "org.example.codes", "version": "1.0.0"}


@pytest.fixture(scope="module")
def licensed(sample_store: Path) -> Terminology:
    """The samples, with every licence declared."""
    return terminology.open(sample_store, licences=LICENCES)


def content_of(path: Path) -> dict[str, Resource]:
    """Return the files of a package."""
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        assert {(one.mtime, one.uid, one.gid, one.uname, one.mode) for one in members} == {(0, 0, 0, "", 0o644)}
        return {one.name: json.loads(archive.extractfile(one).read()) for one in members}  # type: ignore[union-attr]


def loaded(path: Path, folder: Path) -> LoadReport:
    """Load a package into a new store with all loaders, installed or not."""
    return terminology.load(
        path, store=folder, loaders={"fhir": FhirLoader(), **loaders()}, crosswalks=crosswalk_readers()
    )


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_a_package_has_the_files_that_its_index_lists(licensed: Terminology, tmp_path: Path, fhir: Any) -> None:
    """Each a sound resource of its version, under its type and id."""
    found = export(licensed, tmp_path / "codes.tgz", **NAME, fhir=fhir)
    files = content_of(found.path)
    about, index = files.pop("package/package.json"), files.pop("package/.index.json")
    assert about["name"], about["version"] == tuple(NAME.values())
    assert about["fhirVersions"] == [{"r4": "4.0.1", "r5": "5.0.0"}[fhir]]
    assert about["dependencies"] == {f"hl7.fhir.{fhir}.core": about["fhirVersions"][0]}
    assert (
        [one["filename"] for one in index["files"]]
        == [name.removeprefix("package/") for name in files]
        == [*found.files]
    )
    for one in index["files"]:
        resource = judged(files[f"package/{one['filename']}"], fhir)
        assert one["filename"] == f"{resource['resourceType']}-{resource['id']}.json"
        assert {name: resource[name] for name in one if name != "filename"}.items() <= one.items()
    assert {name.partition("-")[0] for name in found.files} == {"CodeSystem", "ValueSet", "ConceptMap"}
    assert found.withheld == ()


@pytest.fixture(scope="module", params=["r4", "r5"])
def second(
    licensed: Terminology, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Terminology:
    """A store that loaded a package of everything that the samples hold."""
    folder = tmp_path_factory.mktemp("second")
    names = [one.label for one in licensed.crosswalks if one.name != "order_addenda" and one.mappings]
    export(licensed, folder / "all.tgz", **NAME, releases="all", crosswalks=names, fhir=request.param)
    report = loaded(folder / "all.tgz", folder / "store")
    assert report.ok, report.errors
    assert not [one.warnings for one in report.loaded if one.release.warnings]
    return terminology.open(folder / "store", licences=LICENCES)


def test_a_second_store_answers_as_the_first(licensed: Terminology, second: Terminology) -> None:
    """Codes, titles, statuses, hierarchy, days and properties of every release; notes; definitions of systems."""
    assert licensed.systems == second.systems
    for name in licensed.systems:
        first, other = licensed[name], second[name]
        assert first.definition == other.definition
        assert [(one.version, one.effective) for one in first.releases] == [
            (one.version, one.effective) for one in other.releases
        ]
        for release in first.releases:
            one, same = first.release(release.version), other.release(release.version)
            assert one.table("concepts").to_pylist() == same.table("concepts").to_pylist()
            codes = one.table("published").column("code").to_pylist()
            assert [one.status(code) for code in codes] == [same.status(code) for code in codes]
            assert [str(first.history(code)) for code in codes] == [str(other.history(code)) for code in codes]
            known = [(code, note.kind, note.text) for code in codes if code in one for note in one.notes(code)]
            assert known == [(code, note.kind, note.text) for code in codes if code in one for note in same.notes(code)]


def test_a_second_store_translates_as_the_first(licensed: Terminology, second: Terminology) -> None:
    """Every code of every map: combinations, flags, what replaced what, and that there is nothing to map to."""
    compared = 0
    for crosswalk in licensed.crosswalks:
        if crosswalk.name == "order_addenda" or not crosswalk.mappings:
            # lists of changes say what changed, and lead nowhere
            continue
        (same,) = [one for one in second.crosswalks if _identity(one) == _identity(crosswalk)][:1]
        for code in sorted(set(filter(None, licensed.table(crosswalk).column("source_code").to_pylist()))):
            assert _told(licensed, crosswalk, code) == _told(second, same, code)
            compared += 1
    assert compared > 100


def _identity(crosswalk: Crosswalk) -> tuple[str, ...]:
    return url_of(crosswalk), crosswalk.version, crosswalk.source_system, crosswalk.target_system


def _told(store: Terminology, crosswalk: Crosswalk, code: str) -> Any:
    found: Translation = store.translate(
        code,
        source=crosswalk.source_system,
        target=crosswalk.target_system,
        crosswalk=f"{crosswalk.names[-1]} {crosswalk.version}",
    )
    alternatives = [(one.codes, one.relationship, one.approximate, one.kind) for one in found.alternatives]
    return found.outcome, sorted(alternatives, key=str)


def test_the_bytes_depend_on_the_content_only(store: Terminology, tmp_path: Path) -> None:
    """Written twice, elsewhere, under another name: the same; what was there is replaced, and nothing is left beside it."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "b.tgz").write_text("something else")
    digests = set()
    for path in (tmp_path / "a.tgz", tmp_path / "there" / "b.tgz"):
        export(store, path, **NAME, systems=["hcpcs"])
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["a.tgz", "b.tgz"]


def test_an_export_that_fails_leaves_what_was_there(
    store: Terminology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no half of a file beside it."""
    path = tmp_path / "a.tgz"
    path.write_text("before")

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("terminology.fhir.packages.writing.concept_map", fail)
    with pytest.raises(OSError, match="full"):
        export(store, path, **NAME)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["a.tgz"]


def made(store: Terminology, tmp_path: Path, **chosen: Any) -> ExportedPackage:
    """Export what is chosen."""
    return export(store, tmp_path / "codes.tgz", **NAME, **chosen)


def test_systems_releases_and_maps_are_chosen(store: Terminology, tmp_path: Path) -> None:
    """By default of each system the newest release, and the newest of the maps between what is chosen."""
    found = made(store, tmp_path, systems=["ICD-10-CM", "icd9cm"])
    assert [*found.files] == [
        "CodeSystem-icd10cm-2022-04.json",
        "CodeSystem-icd9cm-32.json",
        "ConceptMap-gems-2018-icd10cm-icd9cm.json",
        "ConceptMap-gems-2018-icd9cm-icd10cm.json",
        "ConceptMap-icd10cm-conversion-2022-04-icd10cm-icd10cm.json",
        "ConceptMap-reimbursement-2015-icd10cm-icd9cm.json",
        "ValueSet-icd10cm-2022-04-vs.json",
        "ValueSet-icd9cm-32-vs.json",
    ]
    assert found.files["CodeSystem-icd10cm-2022-04.json"] == 105
    found = made(store, tmp_path, systems=["icd10cm"], releases={"icd10cm": ["2021", "2021-10-01"]}, crosswalks=())
    assert [*found.files][:2] == ["CodeSystem-icd10cm-2021.json", "CodeSystem-icd10cm-2022.json"]
    found = made(store, tmp_path, systems=["hcpcs"], releases="all", crosswalks=["hcpcs_cross_references 2018-01"])
    assert len([name for name in found.files if name.startswith("CodeSystem")]) == 2
    assert {name for name in found.files if name.startswith("ConceptMap")} == {
        "ConceptMap-hcpcs-cross-references-2018-01-hcpcs-hcpcs.json",
        "ConceptMap-hcpcs-cross-references-2018-01-hcpcs-cpt.json",
    }


def test_code_lists_become_value_sets(store: Terminology, tmp_path: Path) -> None:
    """Resolved in the release that they name; two of one name are an error."""
    given = CodeList.parse("name: back pain\nsystem: icd10cm\nrelease: 2022\n\nis-a M54.5")
    found = made(store, tmp_path, systems=["icd9cm"], crosswalks=(), code_lists=[given])
    resource = content_of(found.path)["package/ValueSet-BackPain.json"]
    assert resource["compose"]["include"][0]["version"] == "2022"
    with pytest.raises(TerminologyError, match="two code lists make the file ValueSet-BackPain"):
        made(store, tmp_path, code_lists=[given, given])


@pytest.mark.parametrize(
    ("chosen", "error", "said"),
    [
        ({"systems": ["nosuch"]}, UnknownSystemError, "no code system 'nosuch'"),
        ({"systems": ["icd10cm"], "releases": {"icd10cm": ["1850"]}}, UnknownReleaseError, "1850"),
        (
            {"crosswalks": ["gems 1850"]},
            UnknownCrosswalkError,
            "the store has no map 'gems 1850' \\(it has: concept_map",
        ),
    ],
)
def test_what_the_store_does_not_hold_is_an_error(
    store: Terminology, tmp_path: Path, chosen: Any, error: type[Exception], said: str
) -> None:
    """And nothing is written."""
    with pytest.raises(error, match=said):
        made(store, tmp_path, **chosen)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("name", "version"), [("codes", "1"), ("Org.Example", "1"), ("a.b", ""), ("a.b", "1 0"), ("a..b", "1")]
)
def test_a_package_has_a_name_and_a_version(store: Terminology, tmp_path: Path, name: str, version: str) -> None:
    """In the form that the specification of packages asks for."""
    with pytest.raises(TerminologyError, match="expected a"):
        export(store, tmp_path / "a.tgz", name=name, version=version)


def test_texts_without_licence_are_left_out_and_told(sample_store: Path, tmp_path: Path) -> None:
    """In the result, in the description of the package, and in the resource; and such a copy is not loaded."""
    store = terminology.open(sample_store, licences=())
    found = made(store, tmp_path, systems=["cpt"])
    assert found.withheld == ("cpt",)
    files = content_of(found.path)
    assert "Without the texts of cpt" in files["package/package.json"]["description"]
    title = terminology.open(sample_store, licences=["cpt"])["cpt"].latest.title("99990")
    assert title
    assert title not in json.dumps(files)
    report = loaded(found.path, tmp_path / "store")
    assert not report.loaded
    assert "export them with the licence declared" in str(report.errors[0])


def test_progress_names_each_file(store: Terminology, tmp_path: Path) -> None:
    """Before it is written."""
    names: list[str] = []
    found = made(store, tmp_path, systems=["hcpcs"], progress=names.append)
    assert names == [*found.files]


def test_files_of_the_publisher_go_before_a_copy(sample_store: Path, tmp_path: Path) -> None:
    """Whichever is loaded first; the copy makes the releases that its publisher's files do not."""
    store = terminology.open(sample_store)
    package = made(store, tmp_path, systems=["hcpcs"], releases="all", crosswalks=()).path
    official = terminology.samples.sample_releases() / "hcpcs" / "HCPC2019_CONTR_ANWEB.txt"
    tables = []
    for number, order in enumerate(((package, official), (official, package))):
        folder = tmp_path / f"store-{number}"
        for path in order:
            assert loaded(path, folder).ok
        opened = terminology.open(folder)["hcpcs"]
        sources = {one.version: one.sources[0].file for one in opened.releases}
        assert sources == {
            "2018-01": "codes.tgz!CodeSystem-hcpcs-2018-01.json",
            "2019-01": "HCPC2019_CONTR_ANWEB.txt",
        }
        tables.append(opened.latest.table("concepts"))
    assert tables[0].equals(tables[1])
    report = loaded(package, tmp_path / "store-0")
    assert "release 2019-01 is made of other files, those of its publisher" in {one.reason for one in report.skipped}


def test_a_release_is_withdrawn_with_its_copies(
    sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them takes its place."""
    package = made(terminology.open(sample_store), tmp_path, systems=["hcpcs"], releases="all", crosswalks=()).path
    official = terminology.samples.sample_releases() / "hcpcs" / "HCPC2019_CONTR_ANWEB.txt"
    for path in (package, official):
        assert loaded(path, tmp_path / "store").ok
    monkeypatch.setattr("terminology.ingest.reversal.installed_loaders", lambda: {"fhir": FhirLoader(), **loaders()})
    withdraw("hcpcs", "2019-01", store=tmp_path / "store")
    assert [one.version for one in terminology.open(tmp_path / "store")["hcpcs"].releases] == ["2018-01"]
