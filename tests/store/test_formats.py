"""A store of another format is never answered from: every face says which formats there are, and what to run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import terminology
from terminology.cli.application import run
from terminology.errors import StoreDamagedError, StoreFormatError
from terminology.ingest import described, rollback, upgrade, withdraw
from terminology.store import StoreFolder, read_catalog
from terminology.store.formats import FORMAT
from terminology.store.pointer import Catalog
from terminology.store.verify import verify

from ..release_files import BACK_PAIN, CHOLERA, codes_file, order_file, written
from .earlier import DATA, files_of

COMMANDS = (
    "releases",
    "verify",
    "rollback",
    "withdraw icd10cm 2021",
    "load {files}",
    "status icd10cm A00.0",
    "explain icd10cm A00.0",
    "lookup icd10cm A00.0",
    "history icd10cm A00.0",
    "search icd10cm cholera",
    "children icd10cm A00",
    "diff icd10cm 2021 2022",
    "migrate icd10cm A00.0 --from 2021 --to 2022",
    "translate A00.0 --source icd10cm --target icd9cm",
    "crosswalks",
    "groupings",
    "pcs build 0",
    "export intervals out.csv",
    "export omop out",
    "fhir GET CodeSystem",
    "store upgrade",
)
LATER = r"has store format 999, and terminology-server \S+ reads format 3: install terminology-server 9\.1\.0 or later"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two small releases."""
    folder = tmp_path_factory.mktemp("formats")
    files = {"icd10cm_order_2021.txt": order_file(CHOLERA), "icd10cm_order_2022.txt": order_file(BACK_PAIN)}
    terminology.load(written(folder / "files", files), store=folder / "store")
    return folder / "store"


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the store, whose pointer will be another."""
    return Path(shutil.copytree(loaded, tmp_path / "store"))


@pytest.fixture
def later(store: Path) -> Path:
    """A store of a later format, whose pointer is of a shape that nobody knows yet."""
    pointed(store, {"format": 999, "generation": 7, "written_by": "9.1.0", "segments": {"icd10cm": [1]}})
    return store


def values_in(store: Path) -> dict[str, Any]:
    """Return what the pointer says."""
    found: dict[str, Any] = json.loads((store / "CURRENT.json").read_bytes().partition(b"\n")[2])
    return found


def pointed(store: Path, values: Any) -> None:
    """Write a pointer with these values, and a checksum that fits."""
    body = json.dumps(values).encode()
    (store / "CURRENT.json").write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_answers_from_a_later_format(
    later: Path, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, one line, nothing on standard output, and no file of the store changes."""
    monkeypatch.chdir(tmp_path)
    files = written(tmp_path / "files", {"icd10cm_order_2023.txt": order_file(CHOLERA)})
    before = files_of(later)
    code = run([*command.format(files=files).split(), "--store", str(later)])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: \S+CURRENT\.json {LATER}.*\n", err), err
    assert files_of(later) == before


def test_json_errors_have_the_type(later: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads the errors of commands can tell this one from others."""
    assert run(["status", "icd10cm", "A00.0", "--json", "--store", str(later)]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["type"] == "StoreFormatError"


FACES: dict[str, Callable[[Path], Any]] = {
    "open": terminology.open,
    "open, verified": lambda store: terminology.open(store, verify=True),
    "load": lambda store: terminology.load(written(store.parent / "more", {"a.txt": b""}), store=store),
    "withdraw": lambda store: withdraw("icd10cm", "2021", store=store),
    "rollback": rollback,
    "upgrade": upgrade,
    "verify": lambda store: verify(StoreFolder(store)),
}


@pytest.mark.parametrize("face", FACES)
def test_no_function_answers_from_a_later_format(later: Path, face: str) -> None:
    """All raise the same error."""
    with pytest.raises(StoreFormatError, match=LATER):
        FACES[face](later)


def test_no_server_starts_on_a_later_format(later: Path) -> None:
    """It says so before it listens."""
    pytest.importorskip("starlette")
    from terminology.server.publication import Publications
    from terminology.server.settings import Settings

    with pytest.raises(StoreFormatError, match=LATER):
        Publications(Settings(store=later)).opened()


def test_no_assistant_is_served_from_a_later_format(later: Path) -> None:
    """The service of the Model Context Protocol raises the same error."""
    pytest.importorskip("mcp")
    from terminology.mcp.publications import Publications

    with pytest.raises(StoreFormatError, match=LATER):
        Publications(later)


def test_no_column_is_answered_from_a_later_format(later: Path) -> None:
    """A table that is validated is left unread."""
    with pytest.raises(StoreFormatError, match=LATER):
        terminology.validate(pa.table({"dx": ["A00.0"]}), system="icd10cm", store=str(later))


def test_no_sql_is_answered_from_a_later_format(later: Path) -> None:
    """DuckDB gets no functions."""
    duckdb = pytest.importorskip("duckdb")
    import terminology.duckdb

    with duckdb.connect() as connection, pytest.raises(StoreFormatError, match=LATER):
        terminology.duckdb.register(connection, later)


def test_no_cache_is_filled_from_a_later_format(later: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a store in an object store nothing is downloaded but the pointer."""
    pytest.importorskip("obstore")
    from terminology.store.cache import CachedFolder

    monkeypatch.setenv("TERMINOLOGY_CACHE", str(tmp_path / "cache"))
    folder = CachedFolder("s3://bucket/codes")
    monkeypatch.setattr(CachedFolder, "pointer_bytes", lambda _self: (later / "CURRENT.json").read_bytes())
    with pytest.raises(StoreFormatError, match=LATER):
        folder.catalog()
    assert not (tmp_path / "cache").exists()


def test_an_earlier_format_in_an_object_store_is_pushed_again(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There it cannot be upgraded: the message names the command for the folder, and then the push."""
    pytest.importorskip("obstore")
    from terminology.store.cache import CachedFolder

    monkeypatch.setenv("TERMINOLOGY_CACHE", str(tmp_path / "cache"))
    pointed(store, {**values_in(store), "format": 2})
    monkeypatch.setattr(CachedFolder, "pointer_bytes", lambda _self: (store / "CURRENT.json").read_bytes())
    with pytest.raises(
        StoreFormatError, match=r"upgrade --store DIR, then terminology export store s3://bucket/codes "
    ):
        CachedFolder("s3://bucket/codes").catalog()


def test_a_process_that_is_open_stays_with_what_it_has(store: Path) -> None:
    """A later program that publishes meanwhile changes no answer of a store that is open."""
    opened = terminology.open(store)
    pointed(store, {"format": 999, "generation": 7, "written_by": "9.1.0"})
    assert opened["icd10cm"].on("2021-10-01").status("M54.50").valid


def test_a_format_that_is_too_old_is_loaded_anew(store: Path) -> None:
    """No upgrade is offered for it."""
    pointed(store, {**values_in(store), "format": 1})
    for call in (terminology.open, upgrade):
        with pytest.raises(StoreFormatError, match="too old to be upgraded; load the release files into a new store"):
            call(store)


def test_a_later_format_that_names_no_writer(store: Path) -> None:
    """Then the newest version is advised."""
    pointed(store, {"format": 4})
    with pytest.raises(StoreFormatError, match="pip install --upgrade terminology-server"):
        terminology.open(store)


@pytest.mark.parametrize("number", ["3", None, -1, 0, 3.0, True, [3]])
def test_a_format_that_is_none_is_damage(store: Path, number: Any) -> None:
    """It is no whole number from 1."""
    pointed(store, {**values_in(store), "format": number})
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json is damaged"):
        terminology.open(store)


@pytest.mark.parametrize("key", ["format", "generation", "systems", "maps", "parts", "previous"])
def test_a_missing_key_is_damage(store: Path, key: str) -> None:
    """Whichever it is; the message names it."""
    values = values_in(store)
    del values[key]
    pointed(store, values)
    with pytest.raises(StoreDamagedError, match=f"KeyError '{key}'"):
        terminology.open(store)


def test_the_writer_may_be_missing(store: Path) -> None:
    """Earlier versions did not say who wrote the store."""
    values = values_in(store)
    del values["written_by"]
    pointed(store, values)
    assert read_catalog(StoreFolder(store)).written_by is None
    assert terminology.open(store)["icd10cm"].latest.status("M54.50").valid


def test_further_keys_are_ignored(store: Path) -> None:
    """A later version with the same format may say more, of everything."""
    values = {**values_in(store), "later": 1}
    values["systems"]["icd10cm"]["later"] = 1
    values["systems"]["icd10cm"]["releases"][0]["later"] = {"x": 1}
    pointed(store, values)
    assert terminology.open(store)["icd10cm"].on("2021-01-01").status("A00.0").valid
    assert terminology.open(store)["icd10cm"].releases[0].version == "2021"


def test_a_code_system_of_a_later_version(store: Path) -> None:
    """One that is built in there, and not here, is no damage: a later version is advised."""
    values = values_in(store)
    values["systems"]["icd12"] = values["systems"]["icd10cm"]
    pointed(store, {**values, "written_by": "9.1.0"})
    with pytest.raises(StoreFormatError, match=r"holds icd12, a code system .* install terminology-server 9\.1\.0"):
        terminology.open(store)


def test_every_format_is_described(later: Path) -> None:
    """`described` says what is known of it, and what the problem is."""
    found = described(later)
    assert (found.format, found.generation, found.written_by, found.releases) == (999, 7, "9.1.0", None)
    assert found.problem is not None
    assert found.sizes.total == sum(map(len, files_of(later).values())) - (later / "CURRENT.json").stat().st_size


def test_the_writer_is_named(store: Path) -> None:
    """Whatever publishes, the pointer names the version of the program."""
    assert read_catalog(StoreFolder(store)).written_by == terminology.__version__
    more = written(store.parent / "more", {"icd10cm_codes_2023.txt": codes_file(CHOLERA)})
    terminology.load(more, store=store)
    rollback(store)
    assert values_in(store)["written_by"] == terminology.__version__


def test_the_layout_is_that_of_the_format(sample_store: Path) -> None:
    """The compiled files have the columns that are recorded for this format.

    Where this fails, an older program would read the files wrong, or not at all: raise ``FORMAT`` in `store.formats`,
    unless readers of both ages do without what is new. Then write the file anew, as is said in the message.
    """
    found = layout(read_catalog(StoreFolder(sample_store)))
    path = DATA / "store-layout.json"
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    assert path.read_text(encoding="utf-8") == text, f"if that is meant, write to {path}:\n{text}"


def layout(catalog: Catalog) -> dict[str, Any]:
    """Return the kinds of compiled files, each with the types of its columns."""
    found: dict[str, dict[str, set[str]]] = {}
    for entry in (*catalog.systems.values(), *catalog.maps):
        for name, file in entry.files.items():
            kind = re.sub(r"^(tree|notes)-.*", r"\1", name)
            for column, about in file.columns.items():
                found.setdefault(kind, {}).setdefault(column, set()).add(about["type"])
    kinds = {kind: {column: sorted(types) for column, types in columns.items()} for kind, columns in found.items()}
    return {"format": FORMAT, "files": kinds}
