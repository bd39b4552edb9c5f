"""What is published while a server runs is answered from, and nothing else changes."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import terminology
from terminology.fhir import Request, Response
from terminology.samples import sample_folders

from .asking import EXPAND, LOOKUP, Server

LONGEST = 30.0
STEP = 0.05


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of ICD-10-CM, to be written."""
    (samples,) = (path for path in sample_folders() if path.name == "icd10cm")
    assert terminology.load(samples, store=tmp_path / "store").ok
    return tmp_path / "store"


def publish(folder: Path) -> None:
    """Load one more code system."""
    (samples,) = (path for path in sample_folders() if path.name == "hcpcs")
    assert terminology.load(samples, store=folder).ok


def lived(server: Server, test: Callable[[], Awaitable[None]]) -> None:
    """Run a test while the server looks for publications, as it does between its start and its end."""
    messages: asyncio.Queue[dict[str, str]]
    sent: list[str] = []

    async def run() -> None:
        nonlocal messages
        messages = asyncio.Queue()

        async def send(message: dict[str, str]) -> None:
            sent.append(message["type"])

        messages.put_nowait({"type": "lifespan.startup"})
        life = asyncio.create_task(server.application({"type": "lifespan"}, messages.get, send))
        await test()
        messages.put_nowait({"type": "lifespan.shutdown"})
        await life

    asyncio.run(asyncio.wait_for(run(), LONGEST))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    while not condition():  # noqa: ASYNC110 -- others change it, and tell nobody
        await asyncio.sleep(STEP / 5)


def test_a_publication_is_answered_from(folder: Path) -> None:
    """After it was asked the first questions; the tags of what was known before end with it."""
    server = Server(folder, reload_seconds=STEP)

    async def test() -> None:
        before = await server.asked(LOOKUP)
        await server.asked(f"{EXPAND}&filter=heart&count=3")
        await asyncio.to_thread(publish, folder)
        await until(lambda: len(server.made) > 1 and server.application.state.publication.store.generation > 1)
        newer = server.made[-1]
        assert newer.store.systems == ("hcpcs", "icd10cm")
        assert any(request.path == "CodeSystem/$lookup" for request in newer.asked), "it is warm"
        prepared = (("url", "http://example.org/vs"), ("filter", "a"), ("count", "3"))
        assert any(request.query == prepared for request in newer.asked), "for what its clients ask for, too"
        after = await server.asked(LOOKUP, if_none_match=before.headers["etag"])
        assert after.status == 200
        assert newer.asked[-1].path == "CodeSystem/$lookup"

    lived(server, test)
    assert server.application.state.metrics.text({}).count('event="reloads"} 1\n') == 1
    assert b"answering from generation" not in b"".join(server.lines), "the log is silent"


def test_nothing_is_opened_where_nothing_was_published(folder: Path) -> None:
    """However often it is looked."""
    server = Server(folder, reload_seconds=STEP / 10)

    async def test() -> None:
        await asyncio.sleep(STEP * 4)

    lived(server, test)
    assert len(server.made) == 1


def test_a_request_under_way_keeps_the_state_that_it_began_with(folder: Path) -> None:
    """It is answered from the former publication, though it ends after the new one is in place."""
    server = Server(folder, reload_seconds=STEP)
    gate = threading.Event()

    def wait(request: Request) -> Response | None:
        if request.path == "ValueSet/$expand":
            gate.wait(LONGEST)
        return None

    old = server.service
    old.work = wait

    async def test() -> None:
        under_way = asyncio.create_task(server.asked(EXPAND))
        await until(lambda: any(request.path == "ValueSet/$expand" for request in old.asked))
        await asyncio.to_thread(publish, folder)
        state = server.application.state
        await until(lambda: state.publication is not None and state.publication.service is not old)
        assert (await server.asked(EXPAND)).status == 200, "new requests do not wait"
        gate.set()
        assert (await under_way).status == 200

    lived(server, test)


def test_what_cannot_be_opened_is_said_once_and_tried_again(folder: Path, tmp_path: Path) -> None:
    """The former state answers on, until the store is sound again."""
    server = Server(folder, reload_seconds=STEP)
    pointer = folder / "CURRENT.json"
    sound = pointer.read_bytes()

    async def test() -> None:
        await until(lambda: server.application.state.is_warm)
        pointer.write_bytes(b"damaged")
        await until(lambda: bool(server.lines))
        await asyncio.sleep(STEP * 4)
        assert (await server.asked(LOOKUP)).status == 200
        assert len(server.made) == 1
        shutil.copy(folder / "STORE", tmp_path)
        pointer.write_bytes(sound)
        await until(lambda: len(server.made) == 2)

    lived(server, test)
    assert b"".join(server.lines).count(b"cannot be opened") == 1
    assert b"checksum" in server.lines[0]


def test_a_store_that_is_gone_is_a_failure_of_the_start(tmp_path: Path) -> None:
    """With the message of the library."""
    with pytest.raises(terminology.StoreNotFoundError, match="no store in"):
        Server(tmp_path / "nothing")


def test_a_file_that_is_no_resource_is_a_failure_of_the_start(sample_store: Path, tmp_path: Path) -> None:
    """The message names the file."""
    for number, text in enumerate(("{", "[]", '{"a": 1}')):
        file = tmp_path / f"{number}.json"
        file.write_text(text)
        with pytest.raises(terminology.TerminologyError, match=file.name):
            Server(sample_store, resources=(file,))


def test_resources_are_read_from_files_folders_and_bundles(tmp_path: Path) -> None:
    """CodeSystems, ValueSets and ConceptMaps; other types are left out."""
    from terminology.server.resources import read_resources

    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"resourceType": "ValueSet", "id": "1"}')
    inner = '{"resource": {"resourceType": "%s", "id": "%d"}}'
    entries = ", ".join(inner % pair for pair in (("CodeSystem", 2), ("Patient", 3), ("ConceptMap", 4)))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.json").write_text(f'{{"resourceType": "Bundle", "entry": [{entries}, {{}}]}}')
    (tmp_path / "notes.txt").write_text("no JSON")
    assert [one["id"] for one in read_resources([tmp_path])] == ["1", "2", "4"]
    assert [one["id"] for one in read_resources([tmp_path / "a.json", tmp_path / "b"])] == ["1", "2", "4"]


@pytest.mark.parametrize("said", [{"equivalence": "wider"}, {"relationship": "source-is-narrower-than-target"}])
def test_resources_may_be_of_either_version(tmp_path: Path, said: dict[str, str]) -> None:
    """A map of R4 says what the target is, and one of R5 what the source is."""
    from terminology.server.resources import read_resources

    element = {"code": "a", "target": [{"code": "b", **said}]}
    text = json.dumps({"resourceType": "ConceptMap", "group": [{"source": "http://a.b/c", "element": [element]}]})
    (tmp_path / "a.json").write_text(text)
    (made,) = read_resources([tmp_path])
    assert made["group"][0]["element"][0]["target"] == [{"code": "b", "relationship": "source-is-narrower-than-target"}]


def packed(path: Path, files: dict[str, str]) -> Path:
    """Return a package with these files."""
    with tarfile.open(path, "w:gz") as package:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            package.addfile(member, io.BytesIO(text.encode()))
    return path


def test_resources_are_read_from_packages(tmp_path: Path) -> None:
    """Of a package in a folder, the resources; its other files are none."""
    from terminology.server.resources import read_resources

    (tmp_path / "all").mkdir()
    files = {
        "package/package.json": '{"name": "a.b", "version": "1.0.0"}',
        "package/.index.json": '{"files": []}',
        "package/ValueSet-1.json": '{"resourceType": "ValueSet", "id": "1"}',
        "package/StructureDefinition-2.json": '{"resourceType": "StructureDefinition", "id": "2"}',
        "package/readme.md": "no JSON",
    }
    packed(tmp_path / "all" / "a.tgz", files)
    assert [one["id"] for one in read_resources([tmp_path / "all"])] == ["1"]


@pytest.mark.parametrize(("name", "kept"), [("cut.tgz", 60), ("none.zip", 0)])
def test_a_damaged_package_is_said(tmp_path: Path, name: str, kept: int) -> None:
    """With its name; and so is a file in one that is no JSON."""
    from terminology.server.resources import read_resources

    good = packed(tmp_path / "good.tgz", {"package/ValueSet-1.json": '{"resourceType": "ValueSet"}'}).read_bytes()
    (tmp_path / name).write_bytes(good[:kept] or b"no package")
    with pytest.raises(terminology.TerminologyError, match=name):
        read_resources([tmp_path / name])
    bad = packed(tmp_path / "bad.tgz", {"package/ValueSet-1.json": "{"})
    with pytest.raises(terminology.TerminologyError, match=r"bad\.tgz.*ValueSet-1\.json is not JSON"):
        read_resources([bad])
