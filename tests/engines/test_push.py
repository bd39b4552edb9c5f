"""Pushing a store into an object store: what is written, in which order, and who wins."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import StoreDamagedError, StoreError, StoreNotFoundError
from terminology.cli.application import run
from terminology.store import StoreFolder, read_catalog
from terminology.store import push as pushing
from terminology.store.objects import Objects

from ..calls import called
from .buckets import Place, load_year

pytest.importorskip("obstore", reason="obstore is not installed")
pytest.importorskip("moto.server", reason="moto with its server is not installed")
pytestmark = pytest.mark.engines


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the folder of a store of one release."""
    return load_year("2021", tmp_path / "store")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Return the folder of another store, with another release and the same generation."""
    return load_year("2022", tmp_path / "other" / "store")


def once(act: Callable[[], Any]) -> Callable[[str, str, int, int | None], None]:
    """Return a progress that acts when it is called first: in the middle of the upload."""
    acted: list[bool] = []

    def progress(_stage: str, _file: str, _done: int, _total: int | None) -> None:
        if not acted:
            acted.append(True)
            act()

    return progress


def days_later(patch: pytest.MonkeyPatch, days: int) -> None:
    """Let the days go by, as a push sees them."""
    patch.setattr(pushing, "_now", lambda: datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days))


def older(patch: pytest.MonkeyPatch, chosen: Callable[[str], bool]) -> None:
    """Let the object store list some of the objects as thirty days older than they are."""
    sound = Objects.listed

    def listed(self: Objects) -> Any:
        days = datetime.timedelta(days=30)
        return {
            name: there._replace(modified=there.modified - days) if chosen(name) else there
            for name, there in sound(self).items()
        }

    patch.setattr(Objects, "listed", listed)


def releases(place: Place) -> list[str]:
    """Return the releases that a reader finds."""
    return [release.version for release in terminology.open(place.url)["icd10cm"].releases]


# ---- what is written


def test_the_pointer_is_the_last_that_is_written(place: Place, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All objects are written once, manifests after the tables that they list, and then the pointer, byte by byte."""
    written, pointers = called(monkeypatch, Objects, "write"), []
    sound = Objects.replace

    def replaced(self: Objects, name: str, data: bytes, former: Any) -> None:
        pointers.append(len(written))
        sound(self, name, data, former)

    monkeypatch.setattr(Objects, "replace", replaced)
    report = terminology.push(place.url, store=store)
    assert ([len(written)], len(written)) == (pointers, report.uploaded)
    assert {*written, "CURRENT.json"} == place.names()
    manifests = [name.endswith("manifest.json") for name in written]
    assert manifests == sorted(manifests)
    assert any(manifests)
    assert place.read("CURRENT.json") == (store / "CURRENT.json").read_bytes()
    assert report.uploaded_bytes == sum(len(place.read(name)) for name in written)
    assert (report.replaced, report.is_new, report.present, report.deleted) == (None, True, 0, 0)


def test_a_second_push_writes_nothing(place: Place, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a state that is there nothing is written again; of a new one what is new."""
    first = terminology.push(place.url, store=store)
    written, pointers = called(monkeypatch, Objects, "write"), called(monkeypatch, Objects, "replace")
    again = terminology.push(place.url, store=store)
    assert (again.is_new, again.uploaded, again.present) == (False, 0, first.uploaded)
    assert ([], []) == (written, pointers)
    before = place.names()
    more = terminology.push(place.url, store=load_year("2023", store))
    assert (more.replaced, more.generation) == (first.generation, first.generation + 1)
    assert {*written} == place.names() - before
    assert more.present
    assert releases(place) == ["2021", "2023"]


def test_a_lost_object_is_written_again(place: Place, store: Path) -> None:
    """What is gone, or of another size, is written by the next push of the same state."""
    terminology.push(place.url, store=store)
    lost, cut = place.compiled()[:2]
    place.delete(lost)
    place.write(cut, b"cut")
    assert (terminology.push(place.url, store=store).uploaded, releases(place)) == (2, ["2021"])


def test_a_damaged_store_is_not_pushed(place: Place, store: Path) -> None:
    """A damaged file of the folder is an error that names it, and nothing is published."""
    path = max((store / "compiled").glob("*.arrow"))
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-9] + bytes(9 * [7]))
    with pytest.raises(StoreDamagedError, match=f"{path} is damaged"):
        terminology.push(place.url, store=store)
    path.unlink()
    with pytest.raises((StoreDamagedError, FileNotFoundError), match=path.name):
        terminology.push(place.url, store=store)
    assert "CURRENT.json" not in place.names()


def test_a_load_during_the_push(place: Place, store: Path) -> None:
    """Where loads replace the state while it is pushed, and delete its files, the new state is pushed."""

    def loads() -> None:
        load_year("2022", store)
        load_year("2023", store)

    report = terminology.push(place.url, store=store, progress=once(loads))
    generations = {"begun": 1, "now": read_catalog(StoreFolder(store)).generation}
    assert report.generation in generations.values()
    assert releases(place) == (["2021"] if report.generation == 1 else ["2021", "2022", "2023"])


def test_files_that_a_load_deleted_make_the_push_begin_again(
    place: Place, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is gone, because another state was published meanwhile, is no error: that state is pushed."""
    sound = pushing._archived
    states = []

    def archived(folder: StoreFolder, catalog: Any) -> Any:
        found = sound(folder, catalog)
        states.append(catalog.generation)
        if len(states) == 1:
            load_year("2022", store)
            load_year("2023", store)
        return found

    monkeypatch.setattr(pushing, "_archived", archived)
    assert terminology.push(place.url, store=store).generation == 3
    assert states == [1, 3]
    assert releases(place) == ["2021", "2022", "2023"]


# ---- who wins


def test_of_two_first_pushes_one_wins(place: Place, store: Path, other: Path) -> None:
    """Who is slower finds a pointer where there was none, fails, and changes nothing that readers see."""
    with pytest.raises(StoreError, match=f"{place.url}: another publisher was faster"):
        terminology.push(place.url, store=store, progress=once(lambda: terminology.push(place.url, store=other)))
    assert releases(place) == ["2022"]
    assert place.read("CURRENT.json") == (other / "CURRENT.json").read_bytes()


def test_of_two_later_pushes_one_wins(place: Place, store: Path, other: Path) -> None:
    """Who is slower finds another pointer than it read, fails, and changes nothing that readers see."""
    terminology.push(place.url, store=store)
    load_year("2023", store)
    load_year("2023", other)
    with pytest.raises(StoreError, match="another publisher was faster"):
        terminology.push(place.url, store=store, progress=once(lambda: terminology.push(place.url, store=other)))
    assert releases(place) == ["2022", "2023"]
    with pytest.raises(StoreError, match="another state, generation 2"):
        terminology.push(place.url, store=store)
    assert terminology.push(place.url, store=store, force=True).is_new
    assert releases(place) == ["2021", "2023"]


def test_readers_see_the_former_state_until_the_end(place: Place, store: Path) -> None:
    """A store that is opened in the middle of a push is the former one, whole."""
    terminology.push(place.url, store=store)
    found: list[list[str]] = []
    load_year("2022", store)
    terminology.push(place.url, store=store, progress=once(lambda: found.append(releases(place))))
    assert (found, releases(place)) == ([["2021"]], ["2021", "2022"])


def test_a_killed_push_is_not_seen_and_is_resumed(place: Place, store: Path) -> None:
    """What a push wrote before it ended is not seen, and the next push leaves it out."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        terminology.push(place.url, store=store, progress=killed)
    begun = place.names()
    assert begun
    assert "CURRENT.json" not in begun
    with pytest.raises(StoreNotFoundError):
        terminology.open(place.url)
    assert terminology.push(place.url, store=store).present == len(begun)


def test_an_earlier_state_needs_force(place: Place, store: Path, tmp_path: Path) -> None:
    """A later generation is not replaced by an earlier one, unless that is asked for; a rollback is a later one."""
    earlier = load_year("2021", tmp_path / "earlier" / "store")
    terminology.push(place.url, store=load_year("2022", store))
    with pytest.raises(StoreError, match=r"a later state, generation 2; .* has generation 1: .* --force"):
        terminology.push(place.url, store=earlier)
    assert releases(place) == ["2021", "2022"]
    terminology.push(place.url, store=earlier, force=True)
    assert releases(place) == ["2021"]
    terminology.push(place.url, store=store)
    terminology.ingest.rollback(store)
    assert terminology.push(place.url, store=store).generation == 3
    assert releases(place) == ["2021"]


def test_a_damaged_pointer_needs_force(place: Place, store: Path) -> None:
    """A pointer that cannot be read is replaced if that is asked for."""
    terminology.push(place.url, store=store)
    place.write("CURRENT.json", b"something else")
    with pytest.raises(StoreError, match=f"{place.url}/CURRENT.json is damaged.*--force"):
        terminology.push(place.url, store=store)
    assert terminology.push(place.url, store=store, force=True).is_new
    assert releases(place) == ["2021"]


# ---- what is deleted


def test_pruning_deletes_what_no_pointer_names(place: Place, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of former states are deleted when they are a day old; what others wrote there stays."""
    foreign = {"compiled/notes.arrow", "releases/README.md", f"elsewhere/{'0' * 64}/manifest.json"}
    for name in foreign:
        place.write(name, b"not the program's")
    terminology.push(place.url, store=store)
    former = place.names()
    assert terminology.push(place.url, store=load_year("2022", store), prune=True).deleted == 0
    assert former <= place.names()
    days_later(monkeypatch, 2)
    report = terminology.push(place.url, store=store, prune=True)
    assert report.deleted == len(former - place.names())
    assert report.deleted
    assert place.names() >= foreign
    assert set(place.compiled()) - foreign == {f"compiled/{name}" for name in _files(store)}
    assert releases(place) == ["2021", "2022"]
    assert terminology.open(place.url)["icd10cm"].latest.table("published").num_rows


def test_pruning_keeps_what_was_named_just_now(place: Place, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old objects stay as long as somebody may be reading with the pointer that named them."""
    terminology.push(place.url, store=store)
    terminology.push(place.url, store=load_year("2022", store))
    older(monkeypatch, lambda name: name != "CURRENT.json")
    before = place.names()
    assert terminology.push(place.url, store=store, prune=True).deleted == 0
    assert terminology.push(place.url, store=load_year("2023", store), prune=True).deleted == 0
    assert before <= place.names()


def test_pruning_keeps_what_another_publisher_uploads(
    place: Place, store: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Young objects that no pointer names stay: a push that is not at its end yet may need them."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    terminology.push(place.url, store=store)
    with pytest.raises(KeyboardInterrupt):
        terminology.push(place.url, store=other, force=True, progress=killed)
    older(monkeypatch, lambda name: name == "CURRENT.json")
    before = place.names()
    assert set(place.compiled()) - {f"compiled/{name}" for name in _files(store)}
    assert terminology.push(place.url, store=store, prune=True).deleted == 0
    assert before == place.names()


def test_what_is_old_and_not_named_is_written_again(
    place: Place, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that another publisher may be deleting, as no pointer names it, is not taken to be there."""
    terminology.push(place.url, store=store)
    terminology.push(place.url, store=load_year("2022", store))
    earlier = load_year("2021", tmp_path / "earlier" / "store")
    unnamed = {name for name in place.compiled() if name.removeprefix("compiled/") not in _files(store)}
    needed = {f"compiled/{name}" for name in _files(earlier)}
    assert unnamed & needed
    days_later(monkeypatch, 2)
    written = called(monkeypatch, Objects, "write")
    terminology.push(place.url, store=earlier, force=True)
    assert unnamed & needed <= {*written}


def _files(store: Path) -> set[str]:
    return set(read_catalog(StoreFolder(store)).files)


# ---- the command


def test_the_command_says_what_it_did(
    place: Place, store: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`export store` prints the report, in JSON too; errors end it with 2, a damaged store with 3."""
    words = ["export", "store", place.url, "--store", str(store)]
    assert run([*words, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["url"], report["generation"], report["is_new"]) == (place.url, 1, True)
    assert run(words) == 0
    assert "generation 1 was in force already" in capsys.readouterr().out
    assert run(["export", "store", "codes", "--store", str(store)]) == 2
    assert "expected s3://BUCKET/PREFIX" in capsys.readouterr().err
    assert run(["export", "store", place.url, "--store", str(tmp_path / "none")]) == 2
    assert run(["export", "store", "s3://no-such-bucket/x", "--store", str(store)]) == 2
    assert "there is no bucket" in capsys.readouterr().err
    path = store / place.compiled()[0]
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(bytes(len(data)))
    place.delete(place.compiled()[0])
    assert run(words) == 3
    assert f"{path} is damaged" in capsys.readouterr().err
