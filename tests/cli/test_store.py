"""load, releases, verify, withdraw."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from terminology.samples import sample_folders, sample_releases

from .conftest import Ask

ICD10CM = sample_releases() / "icd10cm"
HCPCS = sample_releases() / "hcpcs"


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A folder with one release whose order file has a fault in line 5, one sound release, and strangers."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    data = (ICD10CM / "icd10cm_order_2021.txt").read_bytes().replace(b"00005 ", b"00006 ", 1)
    (folder / "icd10cm_order_2021.txt").write_bytes(data)
    for name in ("icd10cm_order_2022.txt", "icd10cm_order_addenda_2022.txt"):
        shutil.copy(ICD10CM / name, folder)
    (folder / "a.txt").write_text("hello\n")
    (folder / "b.txt").write_text("hello again\n")
    return folder


@pytest.fixture
def own_store(sample_store: Path, tmp_path: Path) -> Path:
    """A copy of the sample store, to be changed."""
    return Path(shutil.copytree(sample_store, tmp_path / "own"))


def test_load_has_the_shape_of_the_contract(ask: Ask, tmp_path: Path) -> None:
    """`load --json` reports each release; the samples load without a warning, a gap or a stranger."""
    found = ask("load --json", ICD10CM, HCPCS, store=tmp_path / "store")
    assert found.code == 0
    assert found.json["loaded"][2] == {
        "system": "icd10cm",
        "version": "2021",
        "effective": "2020-10-01",
        "concepts": 69,
        "billable": 41,
        "derived": False,
        "already": False,
        "warnings": [],
    }
    assert [(row["system"], row["version"], row["effective"], row["warnings"]) for row in found.json["loaded"]] == [
        ("hcpcs", "2018-01", "2018-01-01", []),
        ("hcpcs", "2019-01", "2019-01-01", []),
        ("icd10cm", "2021", "2020-10-01", []),
        ("icd10cm", "2022", "2021-10-01", []),
        ("icd10cm", "2022-04", "2022-04-01", []),
    ]
    assert [found.json[name] for name in ("skipped", "gaps", "errors")] == [[], [], []]


def test_a_file_that_waits_is_recognised(ask: Ask, tmp_path: Path) -> None:
    """A tabular list without its order file is kept; that is no load of which nothing was recognised."""
    found = ask("load", ICD10CM / "icd10cm_tabular_2022.xml", store=tmp_path / "store")
    last = "0 releases loaded, 0 already there, 0 rejected, 1 file kept until what it belongs to is loaded"
    assert (found.code, found.out.splitlines()[-1]) == (0, last)
    assert "of which no release is loaded; it waits for one" in found.out


def test_load_again_says_already(ask: Ask, own_store: Path) -> None:
    """What is there already is reported as such."""
    assert {row["already"] for row in ask("load --json", ICD10CM, store=own_store).json["loaded"]} == {True}
    last, place = ask("load", ICD10CM, store=own_store).out.splitlines()[-2:]
    assert last == "0 releases and 0 crosswalks loaded, 6 already there, 0 rejected"
    assert place == f"the store is {own_store}; what it holds: terminology releases --store {own_store}"


def test_load_refuses_the_faulty_and_keeps_the_others(ask: Ask, faulty: Path, tmp_path: Path) -> None:
    """A fault is named by file, line and column; the sound release is committed, and the exit code is 2."""
    store = tmp_path / "store"
    found = ask("load --json", faulty, store=store)
    assert found.code == 2
    assert found.json["errors"] == [
        {
            "type": "ReleaseFormatError",
            "message": "expected order number 00005, got '00006': line 6 has this number too",
            "file": "icd10cm_order_2021.txt",
            "line": 5,
            "column": 1,
        }
    ]
    assert [row["version"] for row in found.json["loaded"]] == ["2022"]
    assert [row["version"] for row in ask("releases --json", store=store).json] == ["2022"]


def test_load_in_words(ask: Ask, faulty: Path, tmp_path: Path) -> None:
    """The text has tables of what was loaded, counts what was skipped, and ends with each fault and its place."""
    found = ask("load", faulty, store=tmp_path / "store")
    assert found.out == (
        "system   version  effective   concepts  billable  note\n"
        "icd10cm  2022     2021-10-01        73        44  new\n"
        "\n"
        "crosswalk      version  from     to       mappings  note\n"
        "order_addenda  2022     icd10cm  icd10cm         7  new\n"
        "\n"
        "skipped 2 files (a.txt, b.txt): no loader recognises its content\n"
        "\n"
        "rejected icd10cm_order_2021.txt:5: column 1: expected order number 00005, got '00006': line 6 has this number too\n"
        "  to load icd10cm_order_2021.txt without this line: --accept-faults 1\n"
        "1 release and 1 crosswalk loaded, 0 already there, 1 rejected\n"
        f"the store is {tmp_path / 'store'}; what it holds: terminology releases --store {tmp_path / 'store'}\n"
    )
    assert found.err == ""


def test_a_rejection_for_lines_says_how_to_accept_them(ask: Ask, tmp_path: Path) -> None:
    """Where a file is rejected for lines without which it can be read, the option that does so is named, with the number."""
    rows = (ICD10CM / "icd10cm_order_2021.txt").read_bytes().split(b"\r\n")
    for number in (2, 6):
        rows[number] = rows[number][:14] + b"X" + rows[number][15:]
    (tmp_path / "icd10cm_order_2021.txt").write_bytes(b"\r\n".join(rows))
    found = ask("load", tmp_path / "icd10cm_order_2021.txt", store=tmp_path / "store")
    advice = "  to load icd10cm_order_2021.txt without these 2 lines: --accept-faults 2"
    assert (found.code, found.out.splitlines()[-2]) == (2, advice)
    assert ask("load --accept-faults 2", tmp_path / "icd10cm_order_2021.txt", store=tmp_path / "store").code == 0


def test_many_releases_are_grouped(ask: Ask, tmp_path: Path) -> None:
    """More than a dozen releases have a line a system, and crosswalks a line a kind; with `--verbose` each has its own."""
    found = ask("load", *sample_folders(), store=tmp_path / "store").out.splitlines()
    [cm] = [line for line in found if line.startswith("icd10cm ")]
    assert cm.split() == ["icd10cm", "3", "2021", "2022-04", "77", "3", "new"]
    [gems] = [line for line in found if line.startswith("gems ")]
    assert gems.split() == ["gems", "4", "2018", "2018", "icd10cm,", "icd9cm,", "icd10pcs,", "icd9pcs", "4", "new"]
    each = ask("load --verbose", *sample_folders(), store=tmp_path / "store").out.splitlines()
    assert [sum(line.startswith(name) for line in each) for name in ("icd10cm ", "gems ")] == [3, 4]


def test_warnings_of_one_kind_are_shown_once(ask: Ask, tmp_path: Path) -> None:
    """A warning that recurs is shown once with its number; where all of them are is said, and there they are."""
    store = tmp_path / "store"
    found = ask("load", *sample_folders(), store=store).out.splitlines()
    warnings = [line for line in found if line.startswith("warning gems")]
    assert sum("taken for the last edition" in line for line in warnings) == 1
    assert any(line.endswith("(2 like it)") for line in warnings)
    assert any("more warnings: --verbose and --json list all" in line for line in found)
    assert sum(line.startswith("a warning says how the file was read: nothing to do, unless") for line in found) == 1
    every = ask("crosswalks --verbose", store=store).out.splitlines()
    assert sum("taken for the last edition" in line for line in every if line.startswith("warning gems")) == 2


def test_a_release_with_its_warnings(ask: Ask, sample_store: Path) -> None:
    """`releases` counts the warnings and says where they are: with the files, where one release is named."""
    found = ask("releases cpt").out.splitlines()
    assert found[-1] == "warnings: terminology releases SYSTEM VERSION shows them, --verbose those of all"
    assert not any(line.startswith("warning ") for line in found)
    one = ask("releases cpt 2024").out.splitlines()
    assert [line[:17] for line in one if "warning " in line and ": " in line] == ["warning cpt 2024:"]
    assert sum(line.startswith("file cpt 2024: ") for line in one) == 4
    assert ["2024"] == [release["version"] for release in ask("releases cpt 2024 --json").json]
    assert ask("releases cpt 1999").code == 2


def test_load_of_which_nothing_is_recognised(ask: Ask, own_store: Path, tmp_path: Path) -> None:
    """Where there is nothing that a loader or a reader knows, the exit code is 2; what is loaded already is known."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.txt").write_text("Dear coder,\n", encoding="utf-8")
    for name, skipped in (("empty", 0), ("letter.txt", 1)):
        found = ask("load", tmp_path / name, store=tmp_path / "store")
        assert found.code == 2
        assert found.out.splitlines()[-1] == "0 releases loaded, 0 already there, 0 rejected, nothing recognised"
        assert "expected files as publishers give them, zipped or not, of cpt, hcpcs, icd10" in found.err
        found = ask("load --json --dry-run", tmp_path / name, store=tmp_path / "store")
        assert (found.code, len(found.json["skipped"]), found.json["errors"]) == (2, skipped, [])
    assert ask("load", ICD10CM, store=own_store).code == 0
    assert ask("load", ICD10CM, tmp_path / "letter.txt", store=own_store).code == 0


def test_load_of_a_map_alone_counts_crosswalks(ask: Ask, tmp_path: Path) -> None:
    """Where only crosswalks came, the last line counts them, not releases."""
    maps = sample_releases() / "crosswalks" / "own_map" / "complaints-to-icd10cm.csv"
    assert (
        ask("load", maps, store=tmp_path / "store").out.splitlines()[-2]
        == "1 crosswalk loaded, 0 already there, 0 rejected"
    )
    last, place = ask("load", maps, store=tmp_path / "store").out.splitlines()[-2:]
    assert last == "0 crosswalks loaded, 1 already there, 0 rejected"
    assert "terminology crosswalks --store" in place


def test_load_verbose_lists_what_was_left_alone(ask: Ask, faulty: Path, tmp_path: Path) -> None:
    """With `--verbose` every file that was left alone is named."""
    lines = ask("load --verbose", faulty, store=tmp_path / "store").out.splitlines()
    assert [line for line in lines if line.startswith("skipped")] == [
        f"skipped {faulty}/a.txt: no loader recognises its content",
        f"skipped {faulty}/b.txt: no loader recognises its content",
    ]


@pytest.mark.parametrize("with_extra", [True, False], ids=["no guidelines", "without the extra"])
@pytest.mark.parametrize("number", [3, 5])
def test_many_skipped_documents_have_one_line(
    ask: Ask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    with_extra: bool,  # noqa: FBT001
) -> None:
    """Documents that are skipped for one reason have one line that names three, and says where all are; there they are."""
    monkeypatch.setattr("terminology_loaders.guidelines.is_readable", lambda: with_extra)
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in range(1, number + 1):
        (folder / f"form-{name}.pdf").write_bytes(b"%PDF-1.4 no guidelines")
    reason = "PDF document"
    if not with_extra:
        install = "pip install 'terminology-server[guidelines]'"
        reason = f"PDF document: if it has the official guidelines, pypdf is needed: {install}"
    named = "form-1.pdf, form-2.pdf, form-3.pdf"
    expected = [f"skipped 3 files ({named}): {reason}"]
    if number > 3:
        expected = [
            f"skipped 5 files ({named} and 2 more): {reason}",
            "--verbose and --json list all skipped files",
        ]
    assert ask("load", folder, store=tmp_path / "store").out.splitlines()[: len(expected) + 1] == [*expected, ""]
    every = [(f"{folder}/form-{name}.pdf", reason) for name in range(1, number + 1)]
    found = ask("load --json", folder, store=tmp_path / "store").json
    assert [(skip["path"], skip["reason"]) for skip in found["skipped"]] == every
    lines = ask("load --verbose", folder, store=tmp_path / "store").out.splitlines()
    assert [line for line in lines if line.startswith("skipped")] == [f"skipped {path}: {why}" for path, why in every]


def test_dry_run_changes_nothing(ask: Ask, tmp_path: Path) -> None:
    """A dry run reports what a load would, and leaves no store."""
    store = tmp_path / "store"
    found = ask("load --dry-run", ICD10CM, store=store)
    assert found.out.endswith("3 releases and 3 crosswalks would be loaded (dry run), 0 already there, 0 rejected\n")
    assert (found.code, store.exists()) == (0, False)


def test_the_operator_decides_the_day(ask: Ask, tmp_path: Path) -> None:
    """`--effective` wins over the files, and `--system` takes any name of the code system."""
    found = ask(
        "load --system ICD-10-CM --effective 2020-10-01 --json",
        ICD10CM / "icd10cm_order_2022.txt",
        store=tmp_path / "store",
    )
    assert [(row["version"], row["effective"]) for row in found.json["loaded"]] == [("2021", "2020-10-01")]


def test_releases_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`releases --json` names each release with its files and their checksums."""
    row = ask("releases icd10cm --json").json[0]
    assert [(source["file"], len(source["sha256"])) for source in row.pop("sources")] == [
        ("icd10cm_order_2021.txt", 64),
        ("icd10cm_order_addenda_2021.txt", 64),
    ]
    assert row == {
        "system": "icd10cm",
        "version": "2021",
        "effective": "2020-10-01",
        "concepts": 69,
        "billable": 41,
        "derived": False,
    }


def test_releases_in_words(ask: Ask) -> None:
    """The text is a plain table where the output is no terminal."""
    assert ask("releases http://hl7.org/fhir/sid/icd-10-cm").out == (
        "system   version  effective   concepts  billable  files  note\n"
        "icd10cm  2021     2020-10-01        69        41      2\n"
        "icd10cm  2022     2021-10-01        73        44      6\n"
        "icd10cm  2022-04  2022-04-01        77        46      2\n"
    )


def test_verify_of_a_sound_store(ask: Ask, sample_store: Path) -> None:
    """A sound store has no findings."""
    found = ask("verify --json")
    assert (found.code, found.json["findings"], found.json["store"]) == (0, [], str(sample_store))
    assert ask("verify").out.startswith(f"{sample_store}: sound (")


def damaged(path: Path) -> None:
    """Change one byte of a file, and keep its size."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    # compiled files are read-only
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize(
    "pattern",
    ["CURRENT.json", "compiled/*.arrow", "compiled/*.parts", "releases/*/*/*/*.parquet", "parts/*/*/*.parquet"],
)
def test_verify_finds_a_changed_byte(ask: Ask, own_store: Path, pattern: str) -> None:
    """One changed byte in any file in force is found, the file is named, and the exit code is 3."""
    path = min(own_store.glob(pattern))
    damaged(path)
    found = ask("verify --json", store=own_store)
    assert (found.code, [finding["file"] for finding in found.json["findings"]]) == (
        3,
        [str(path.relative_to(own_store))],
    )


@pytest.mark.parametrize("pattern", ["compiled/*.arrow", "releases/*/*/*/manifest.json", "parts/*/*/*.parquet"])
def test_verify_finds_a_missing_file(ask: Ask, own_store: Path, pattern: str) -> None:
    """A file that is gone is found."""
    path = min(own_store.glob(pattern))
    path.unlink()
    found = ask("verify", store=own_store)
    assert (found.code, found.out.split(": ")[0]) == (3, f"damaged {path.relative_to(own_store)}")


@pytest.mark.parametrize("size", [0, 100])
def test_a_file_cut_short_is_damage(ask: Ask, own_store: Path, size: int) -> None:
    """Opening a store whose compiled file was cut short fails with exit code 3, not with a wrong answer."""
    for path in own_store.glob("compiled/*.arrow"):
        data = path.read_bytes()[:size]
        path.unlink()
        path.write_bytes(data)
    found = ask("status icd10cm E11.9 --json", store=own_store)
    assert (found.code, found.error["type"]) == (3, "StoreDamagedError")


def test_withdraw_takes_a_release_out(ask: Ask, own_store: Path) -> None:
    """A release that is withdrawn no longer answers, and can be loaded again."""
    found = ask("withdraw ICD-10-CM 2022-04-01 --json", store=own_store)
    assert (found.code, found.json["withdrawn"]["version"]) == (0, "2022-04")
    assert [row["version"] for row in ask("releases icd10cm --json", store=own_store).json] == ["2021", "2022"]
    assert ask("status icd10cm Z28.310 --on 2022-04-01 --json", store=own_store).json[0]["status"] == "unknown"
    last = ask("load", ICD10CM, store=own_store).out.splitlines()[-2]
    assert last == "1 release and 2 crosswalks loaded, 4 already there, 0 rejected"


def test_withdraw_says_what_went_with_it(ask: Ask, tmp_path: Path) -> None:
    """A release that was derived from the files of the one withdrawn goes with it, and the answer names it."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("icd10cm_order_2021.txt", "icd10cm_order_addenda_2022.txt"):
        shutil.copy(ICD10CM / name, folder)
    ask("load", folder, store=tmp_path / "store")
    in_words = ask("withdraw icd10cm 2021", store=tmp_path / "store")
    ask("load", folder, store=tmp_path / "store")
    in_json = ask("withdraw icd10cm 2021 --json", store=tmp_path / "store")
    assert in_words.out.splitlines()[1:] == ["icd10cm 2022, derived from its files, went with it"]
    assert [release["version"] for release in in_json.json["with_it"]] == ["2022"]


def test_withdraw_of_what_is_not_there(ask: Ask, own_store: Path) -> None:
    """A release that was never loaded cannot be withdrawn."""
    found = ask("withdraw icd10cm 1999 --json", store=own_store)
    assert (found.code, found.error["type"]) == (2, "UnknownReleaseError")
