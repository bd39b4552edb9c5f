"""Stores in an object store: opened by URL through a cache, and every way in which that can go wrong."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import StoreDamagedError, StoreError, StoreNotFoundError, UnreachableError
from terminology.cli.application import run
from terminology.spark import shared as shared_stores
from terminology.spark.shared import SharedStore
from terminology.store import StoreFolder, read_catalog
from terminology.store.cache import CachedFolder
from terminology.store.mapped import MappedTable
from terminology.store.objects import Objects
from terminology.store.pointer import CompiledFile

from ..calls import called
from ..store.asked import pointer_values, published
from .buckets import Place, all_answers, load_year

pytest.importorskip("obstore", reason="obstore is not installed")
pytest.importorskip("moto.server", reason="moto with its server is not installed")
pytestmark = pytest.mark.engines

OPENING = "import terminology; s = terminology.open(sys.argv[1])"
COUNTED = """
import sys
from terminology.store.objects import Objects
pieces, count = Objects.pieces, 0
def counted(self, name):
    global count
    count += 1
    return pieces(self, name)
Objects.pieces = counted
"""
KILLED = """
import os, sys
from terminology.store.objects import Objects
pieces, ended = Objects.pieces, []
def killed(self, name):
    for piece in pieces(self, name):
        yield piece
        ended.append(name)
        if len(ended) > 3:
            os._exit(9)
Objects.pieces = killed
"""


@pytest.fixture
def pushed(place: Place, tmp_path: Path) -> Path:
    """Return the folder of a store of one release that is at the place."""
    store = load_year("2021", tmp_path / "store")
    terminology.push(place.url, store=store)
    return store


def flipped(data: bytes) -> bytes:
    """Return the bytes with one bit of their middle changed."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def named(store: Path) -> set[str]:
    """Return the objects of the compiled files that the pointer of a store in a folder names."""
    return {f"compiled/{name}" for name in read_catalog(StoreFolder(store)).files}


def has_bytes(file: CompiledFile) -> bool:
    """Return whether a column of a compiled file has any byte; those of numbers in a table without rows have none."""
    return any(extent and extent[1] for column in file.columns.values() for extent in column["buffers"] or ())


def process(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python process."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# ---- answers


def test_every_answer_is_that_of_the_folder(place: Place, sample_store: Path) -> None:
    """A store answers from an object store as from the folder that was pushed: every code, table, map and index."""
    terminology.push(place.url, store=sample_store)
    here, there = terminology.open(sample_store), terminology.open(place.url)
    assert (there.url, here.url) == (place.url, None)
    assert there.path != sample_store
    count = 0
    for (question, expected), (_, found) in zip(all_answers(here), all_answers(there), strict=True):
        assert found == expected, question
        count += 1
    assert count > 1_000


def test_columns_are_answered(place: Place, pushed: Path) -> None:
    """The functions of columns take a URL where they take a path."""
    table = {"dx": ["M54.5", "A00.9", "nonsense"]}
    found, expected = (
        terminology.validate(table, system="icd10cm", code="dx", on="2021-01-01", store=store)
        for store in (place.url, pushed)
    )
    assert found.equals(expected)
    assert ["billable", "billable", "malformed"] == found["dx_status"].to_pylist()


def test_answers_need_no_network(place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the compiled files answer is answered with the object store gone."""
    edition = terminology.open(place.url)["icd10cm"].latest
    expected = terminology.open(pushed)["icd10cm"].latest
    for name in ("read", "pieces", "listed"):
        monkeypatch.setattr(Objects, name, None)
    for code in ("A00", "A00.9", "M54.5", "x"):
        assert edition.explain(code) == expected.explain(code)
        assert edition.lookup(code) == expected.lookup(code)
    assert edition.table("concepts") == expected.table("concepts")


def test_a_second_opening_downloads_nothing(place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first opening downloads each compiled file once, the second reads the pointer alone."""
    downloads, reads = called(monkeypatch, Objects, "pieces"), called(monkeypatch, Objects, "read")
    terminology.open(place.url)
    assert place.compiled() == sorted(downloads)
    terminology.open(f"{place.url}/")
    terminology.open(Path(place.url))
    assert (len(place.compiled()), ["CURRENT.json"] * 3) == (len(downloads), reads)


def test_a_second_opening_imports_little(place: Place, pushed: Path) -> None:
    """Where nothing is downloaded, no more is imported than the client and what a store in a folder needs."""
    terminology.open(place.url)
    out, err = process(f"import sys\n{OPENING}\nprint(*sorted(sys.modules))", place.url).communicate(timeout=60)
    found = set(out.split())
    assert "obstore" in found, err
    assert (
        found & {"attr", "attrs", "concurrent.futures", "pyarrow", "terminology.model", "terminology.drafts"} == set()
    )


def test_a_new_state_is_seen_by_opening_again(place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An open store is steady; one that is opened after a push has the new state, and downloads only what changed."""
    before = terminology.open(place.url)
    held = set(place.compiled())
    terminology.push(place.url, store=load_year("2022", pushed))
    downloads = called(monkeypatch, Objects, "pieces")
    after = terminology.open(place.url)
    assert [1, 2] == [len(opened["icd10cm"].releases) for opened in (before, after)]
    assert before.generation < after.generation
    assert set(downloads) == set(place.compiled()) - held
    assert before["icd10cm"].latest.status("M54.5") == "billable"
    assert after["icd10cm"].latest.status("M54.5") == "header"


def test_pickled_stores_reopen_by_url(place: Place, pushed: Path) -> None:
    """A store and an edition reopen by the URL, with what is published then."""
    opened = terminology.open(place.url, licences="cpt")
    data = pickle.dumps((opened, opened["icd10cm"].latest))
    twin, edition = pickle.loads(data)  # noqa: S301 -- of this test
    assert (twin.url, twin.licences) == (place.url, opened.licences)
    assert edition.title("A00") == "Cholera"
    assert place.url in repr(twin)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_forked_process_answers_and_does_not_hang(place: Place, pushed: Path) -> None:
    """A store that was opened before a fork answers after it; what needs the network is an error there, and no wait."""
    code = """
import multiprocessing, sys, terminology
store = terminology.open(sys.argv[1])
def answer(_):
    try:
        terminology.open(sys.argv[1])
    except terminology.StoreError as error:
        return str(store["icd10cm"].latest.status("M54.5")), str(error)
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(*pool.map_async(answer, [1]).get(timeout=30)[0], sep="\\n")
"""
    out, err = process(code, place.url).communicate(timeout=60)
    assert (out.splitlines()[:1], "spawn or forkserver" in out) == (["billable"], True), err


def test_commands_read_it(
    place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command takes the URL as `--store`, or in the environment."""
    words = ["status", "icd10cm", "M54.5", "--on", "2021-01-01", "--json"]
    answers = []
    for store in (pushed, place.url):
        assert run([*words, "--store", str(store)]) == 0
        answers.append(capsys.readouterr().out)
    monkeypatch.setenv("TERMINOLOGY_STORE", place.url)
    assert run(words) == 0
    answers.append(capsys.readouterr().out)
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["load", "."],
        ["withdraw", "icd10cm", "2021"],
        ["rollback"],
        ["verify"],
        ["demo"],
        ["export", "store", "s3://a/b"],
    ],
    ids=lambda words: words[0],
)
def test_commands_that_write_say_that_it_is_read_only(
    place: Place, pushed: Path, words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """They change nothing, download nothing, and say how a store there is changed."""
    before = place.names()
    assert run([*words, "--store", place.url]) == 2
    assert f"terminology export store {place.url} --store DIR" in capsys.readouterr().err
    assert place.names() == before
    assert not (tmp_path / "cache").exists()


# ---- what is not there


def test_where_nothing_was_pushed_is_no_store(place: Place) -> None:
    """Neither an empty prefix nor a bucket that does not exist is a store; the error says how one is pushed."""
    for url in (place.url, "s3://no-such-bucket/codes"):
        with pytest.raises(StoreNotFoundError, match=f"no store in {url}.*terminology export store"):
            terminology.open(url)


def test_an_unreachable_server_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers, the error names the URL."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UnreachableError, match=f"{place.url}/CURRENT.json: the object store does not answer"):
        terminology.open(place.url)


# ---- damage


def test_a_damaged_object_is_named_and_not_kept(
    place: Place, pushed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object with other bytes is an error that names it, whatever its size; the cache does not keep it."""
    for name in place.compiled()[:3]:
        sound = place.read(name)
        for number, data in enumerate((flipped(sound), sound[:-1], sound + b"x", b"")):
            place.write(name, data)
            cache = tmp_path / f"{number}-{name.rpartition('/')[2]}"
            monkeypatch.setenv("TERMINOLOGY_CACHE", str(cache))
            with pytest.raises(StoreDamagedError, match=f"{place.url}/{name}.*push the store again"):
                terminology.open(place.url)
            assert not [
                path.name
                for path in cache.rglob("*")
                if path.is_file() and (path.name in name or path.suffix == ".tmp")
            ]
        place.write(name, sound)
    assert terminology.open(place.url)["icd10cm"].latest.status("M54.5") == "billable"


def test_a_damaged_pointer_is_named(place: Place, pushed: Path) -> None:
    """A pointer with other bytes is an error that names the object."""
    place.write("CURRENT.json", flipped(place.read("CURRENT.json")))
    with pytest.raises(StoreDamagedError, match=f"{place.url}/CURRENT.json is damaged"):
        terminology.open(place.url)


def test_a_lost_object_is_named(place: Place, pushed: Path) -> None:
    """A file that the pointer names and that is gone is damage."""
    name = place.compiled()[0]
    place.delete(name)
    with pytest.raises(StoreDamagedError, match=f"{place.url}/{name} is missing"):
        terminology.open(place.url)


def test_a_lost_or_damaged_table_is_named(place: Place, pushed: Path) -> None:
    """A table of the archive that is gone, or has other bytes, is an error of the answer that needs it."""
    edition = terminology.open(place.url)["icd10cm"].latest
    name = next(name for name in place.names() if name.endswith(".parquet"))
    sound = place.read(name)
    place.delete(name)
    with pytest.raises(StoreDamagedError, match=f"{place.url}/{name} is missing"):
        edition.table("published")
    place.write(name, flipped(sound))
    with pytest.raises(StoreDamagedError, match=f"{place.url}/{name} is damaged"):
        edition.table("published")
    place.write(name, sound)
    assert edition.table("published") == terminology.open(pushed)["icd10cm"].latest.table("published")


def test_a_pointer_that_was_overtaken_is_read_again(
    place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who read a pointer right before another one was pushed, and its objects deleted, reads the new one."""
    former, objects = place.read("CURRENT.json"), set(place.compiled())
    terminology.push(place.url, store=load_year("2022", pushed))
    gone = objects - named(pushed)
    assert gone
    for name in gone:
        place.delete(name)
    sound, reads = Objects.read, []

    def late(self: Objects, name: str) -> Any:
        reads.append(name)
        found = sound(self, name)
        return (former, found[1]) if len(reads) == 1 and found else found

    monkeypatch.setattr(Objects, "read", late)
    assert len(terminology.open(place.url)["icd10cm"].releases) == 2
    assert len(reads) == 2


# ---- the cache


def test_a_killed_download_counts_for_nothing(place: Place, pushed: Path, tmp_path: Path) -> None:
    """A process that is killed while it downloads leaves whole files and half ones; only the whole ones are used."""
    killed = process(f"{KILLED}\n{OPENING}", place.url)
    assert "" == killed.communicate(timeout=60)[0]
    assert killed.returncode == 9
    halves = list((tmp_path / "cache").rglob(".*.tmp"))
    assert halves
    assert len(list((tmp_path / "cache").rglob("*.arrow"))) < len(place.compiled())
    assert terminology.open(place.url)["icd10cm"].latest.status("M54.5") == "billable"
    assert all(half.exists() for half in halves), "another process may be writing them"
    a_week_ago = time.time() - 7 * 24 * 3600
    for half in halves:
        os.utime(half, (a_week_ago, a_week_ago))
    place.cached(place.compiled()[0]).unlink()
    terminology.open(place.url)
    assert not any(half.exists() for half in halves)


def test_a_damaged_file_in_the_cache_is_an_error_and_can_be_healed(place: Place, pushed: Path) -> None:
    """A copy with other bytes raises when an answer needs it, and says what to do; `verify` downloads it again."""
    read = [name for name, file in read_catalog(StoreFolder(pushed)).files.items() if has_bytes(file)]
    assert len(read) > 10
    for name in read:
        copy = place.cached(f"compiled/{name}")
        sound = copy.read_bytes()
        copy.chmod(0o644)
        copy.write_bytes(bytes(255 - byte for byte in sound))
        with pytest.raises(StoreDamagedError, match=rf"{copy} is damaged.*delete it, and open the store again"):
            _asked(place.url)
        terminology.open(place.url, verify=True)
        assert copy.read_bytes() == sound
    _asked(place.url)


def test_a_damaged_copy_of_a_table_without_rows_changes_no_answer(place: Place, pushed: Path) -> None:
    """Of a table without rows and texts no byte is read; `verify` downloads that copy again all the same."""
    for name, file in read_catalog(StoreFolder(pushed)).files.items():
        if not has_bytes(file):
            copy = place.cached(f"compiled/{name}")
            sound = copy.read_bytes()
            copy.chmod(0o644)
            copy.write_bytes(bytes(255 - byte for byte in sound))
            _asked(place.url)
            terminology.open(place.url, verify=True)
            assert copy.read_bytes() == sound
            return
    pytest.fail("every compiled file of the sample has bytes of rows")


def test_a_copy_of_another_size_is_downloaded_again(place: Place, pushed: Path) -> None:
    """A copy that was cut, or is missing, is replaced by the next opening."""
    name = place.compiled()[0]
    copy = place.cached(name)
    for spoil in (lambda: os.truncate(copy, 10), copy.unlink):
        copy.chmod(0o644)
        spoil()
        terminology.open(place.url)
        assert copy.read_bytes() == place.read(name)


def _asked(url: str) -> None:
    """Ask for all columns of all compiled files."""
    opened = terminology.open(url)
    edition = opened["icd10cm"].latest
    edition.table()
    for code in ("A00", "A00.9", "M54.5", "x"):
        edition.explain(code)
        edition.lookup(code)
    folder = CachedFolder(url)
    for file in folder.catalog().files.values():
        MappedTable(folder.compiled, file).to_arrow()


def test_two_processes_download_each_file_once(place: Place, sample_store: Path) -> None:
    """Of processes that open a store at the same time one downloads; all of them answer."""
    terminology.push(place.url, store=sample_store)
    code = f"{COUNTED}\n{OPENING}\nprint(count, s['icd10cm'].on('2021-09-30').status('M54.5'))"
    running = [process(code, place.url) for _ in range(3)]
    printed = [one.communicate(timeout=120) for one in running]
    assert [0, 0, 0] == [one.returncode for one in running], printed
    counts = [int(out.split()[0]) for out, _ in printed]
    assert sum(counts) == len(place.compiled())
    assert {"billable"} == {out.split()[1] for out, _ in printed}


def test_processes_without_locks_do_no_harm(place: Place, pushed: Path, tmp_path: Path) -> None:
    """Where files cannot be locked, each process downloads for itself, and all of them answer."""
    code = (
        "import sys, terminology.store.cache as cache\n"
        "def no_lock(*_): raise OSError('no locks')\ncache.file_lock = no_lock\n"
        f"{OPENING}; print(s['icd10cm'].latest.status('M54.5'))"
    )
    running = [process(code, place.url) for _ in range(3)]
    printed = [one.communicate(timeout=120) for one in running]
    assert ["billable\n"] * 3 == [out for out, _ in printed], printed
    assert not list((tmp_path / "cache").rglob("*.tmp"))


def test_what_is_no_longer_named_leaves_the_cache(place: Place, pushed: Path) -> None:
    """What the pointer no longer names is deleted by a later download, once it is a day old; other files stay."""
    old = {place.cached(name) for name in place.compiled()}
    foreign = next(iter(old)).with_name("notes.txt")
    foreign.write_text("not the program's")
    terminology.push(place.url, store=load_year("2022", pushed))
    terminology.open(place.url)
    assert all(path.exists() for path in old)
    a_week_ago = time.time() - 7 * 24 * 3600
    for path in (*old, foreign):
        os.utime(path, (a_week_ago, a_week_ago))
    terminology.push(place.url, store=load_year("2023", pushed))
    terminology.open(place.url)
    assert {path for path in old if path.exists()} == {path for path in old if f"compiled/{path.name}" in named(pushed)}
    assert foreign.exists()
    assert (foreign.parents[2] / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")


def test_a_pointer_cannot_lead_out_of_the_cache(
    place: Place, pushed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names in a forged pointer that lead elsewhere are damage, and nothing is written there."""
    spoils: dict[str, Callable[[Any], None]] = {
        "file": lambda values: values["systems"]["icd10cm"]["files"]["codes"].update(sha256="../../../../escaped"),
        "release": lambda values: values["systems"]["icd10cm"]["releases"][0].update(
            digest="../../../../../../escaped"
        ),
    }
    for spoil in spoils.values():
        values = pointer_values(pushed)
        spoil(values)
        (tmp_path / "forged").mkdir(exist_ok=True)
        published(tmp_path / "forged", values)
        place.write("CURRENT.json", (tmp_path / "forged" / "CURRENT.json").read_bytes())
        with pytest.raises(StoreDamagedError, match=f"{place.url}/CURRENT.json is damaged"):
            terminology.open(place.url)["icd10cm"].latest.table("published")
    assert not [path for path in tmp_path.rglob("*escaped*") if path.parent.name != "forged"]


def test_a_missing_credential_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that denies access is an error that names the URL, and no missing store."""
    from obstore.exceptions import PermissionDeniedError

    def denied(*_: Any) -> Any:
        raise PermissionDeniedError("denied")

    monkeypatch.setattr("obstore.get", denied)
    with pytest.raises(terminology.FetchError, match=f"{place.url}/CURRENT.json: access is denied"):
        terminology.open(place.url)
    assert not issubclass(terminology.FetchError, StoreError)


# ---- workers of Spark


def test_workers_open_what_the_driver_saw(place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its URL and digest; also when the store was pushed anew, as long as their cache has what was there."""
    monkeypatch.setattr(shared_stores, "_OPENED", {})
    shared = SharedStore.of(place.url)
    assert shared == SharedStore.of(terminology.open(place.url))
    assert (place.url, pickle.loads(pickle.dumps(shared))) == (shared.location, shared)  # noqa: S301 -- our own
    before = shared.opened()
    assert before["icd10cm"].releases == terminology.open(pushed)["icd10cm"].releases
    load_year("2022", pushed)
    terminology.push(place.url, store=pushed)
    monkeypatch.setattr(shared_stores, "_OPENED", {})
    assert shared.opened()["icd10cm"].releases == before["icd10cm"].releases
    assert len(SharedStore.of(place.url).opened()["icd10cm"].releases) == 2


def test_a_worker_without_what_the_driver_saw_says_so(
    place: Place, pushed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A machine that comes when the store was pushed anew has not got the state before."""
    shared = SharedStore.of(place.url)
    load_year("2022", pushed)
    terminology.push(place.url, store=pushed)
    monkeypatch.setattr(shared_stores, "_OPENED", {})
    monkeypatch.setenv("TERMINOLOGY_CACHE", str(tmp_path / "another"))
    with pytest.raises(StoreError, match="a worker finds no store with the digest"):
        shared.opened()


def test_a_store_at_a_url_can_be_shipped(place: Place, pushed: Path, tmp_path: Path) -> None:
    """Its compiled files are in the archive, with the pointer."""
    shared = SharedStore.of(place.url)
    shared_stores.write_archive(shared, tmp_path / "store.zip")
    with zipfile.ZipFile(tmp_path / "store.zip") as archive:
        assert archive.read("CURRENT.json") == (pushed / "CURRENT.json").read_bytes()
        assert {*place.compiled()} <= {*archive.namelist()}
