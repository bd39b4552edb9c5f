"""The picture and the page of the architecture say what the imports say, and each promise of the page has its tests."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from .scripts import script_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house() -> ModuleType:
    """The script that draws the picture."""
    return script_of("architecture")


@pytest.fixture(scope="module")
def page() -> str:
    """The page of the architecture."""
    return (ROOT / "docs" / "concepts" / "architecture.md").read_text(encoding="utf-8")


def tree(folder: Path, files: dict[str, str], package: str = "src/terminology") -> Path:
    """Return a tree of modules of ``terminology``, or of another package."""
    for name, text in files.items():
        path = folder / package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_the_picture_is_drawn_from_the_imports(house: ModuleType) -> None:
    """Who changes what leans on what draws it anew: ``python docs/architecture.py``."""
    assert house.PICTURE.read_text(encoding="utf-8") == house.picture_of(ROOT)


def test_every_room_is_in_the_picture_and_on_the_page(house: ModuleType, page: str) -> None:
    """No module of the core is outside of the layers, and each room has its line."""
    rooms = {room for module in house.modules_of(ROOT) if (room := house.room_of(module))}
    layers = [room for layer in house.layers_of(ROOT) for room in layer]
    assert rooms == set(layers) == set(house.ROOMS)
    assert len(layers) == len(set(layers))
    assert [room for room in layers if f"`{room}`" not in page] == []


def test_nothing_leans_upwards(house: ModuleType) -> None:
    """Imports for type checkers and imports inside functions count as well."""
    graph = house.imports_of(ROOT)
    assert house.upward_of(house.leanings_of(graph), house.layers_of(ROOT)) == []
    core = [(one, other) for one, other in graph.edges if one.startswith("terminology.") and "terminology_" in other]
    assert core == []
    assert [one for one, other in graph.edges if other == "terminology"] == [], "the public names are above all rooms"


def test_no_modules_import_each_other(house: ModuleType) -> None:
    """In none of the three packages."""
    assert house.circles_of(house.imports_of(ROOT)) == []


def test_plug_ins_import_each_other_only_as_the_page_says(house: ModuleType, page: str) -> None:
    """A loader or reader imports another package of its folder where the table has it, and the table has no more."""
    assert house.plug_ins_of(house.imports_of(ROOT)) == house.allowed_of(page)


def test_plug_ins_lean_on_drafts_and_what_is_below(house: ModuleType) -> None:
    """A loader cannot read a store: it imports no room above ``drafts``."""
    rooms = [room for layer in house.layers_of(ROOT) for room in layer]
    allowed = set(rooms[rooms.index("drafts") :]) - {"samples"}
    edges = house.imports_of(ROOT).edges
    found = {(one, house.room_of(other)) for one, other in edges if one.startswith("terminology_")}
    assert sorted((one, room) for one, room in found if room and room not in allowed) == []


def test_update_and_the_server_alone_import_the_network(house: ModuleType) -> None:
    """In all three packages, imports inside functions included."""
    assert house.network_of(ROOT) == []


def test_every_promise_names_tests(house: ModuleType, page: str) -> None:
    """Each is a file that exists and has at least one test."""
    promises = house.promises_of(page)
    assert list(promises) == list(range(1, len(promises) + 1))
    assert [number for number, paths in promises.items() if not paths] == []
    named = sorted(set(house.TEST_FILE.findall(page)))
    assert [path for path in named if not names_of_tests(ROOT / path)] == []


def names_of_tests(path: Path) -> list[str]:
    """Return the names of the tests in a file; none where there is no such file."""
    if not path.is_file():
        return []
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import ssl", "ssl"),
        ("import http.client as web", "http.client"),
        ("from http import client", "http.client"),
        ("def f():\n    from urllib.request import urlopen", "urllib.request"),
        ("def f():\n    import requests.adapters", "requests"),
    ],
)
def test_an_import_of_the_network_is_found(house: ModuleType, tmp_path: Path, text: str, expected: str) -> None:
    """However it is written; ``update`` may fetch, and ``server`` may listen, but not fetch."""
    files = {"reading/files.py": text, "update/hosts.py": text, "updates.py": "from urllib.parse import urlsplit"}
    files |= {"server/running.py": "import socket", "server/app.py": text}
    found = [("terminology.reading.files", expected), ("terminology.server.app", expected)]
    assert house.network_of(tree(tmp_path, files)) == found


def test_a_loader_that_imports_another_is_found(house: ModuleType, tmp_path: Path) -> None:
    """From any module of its package, wherever the import is written."""
    files = {
        "one/__init__.py": "from .rows import x\nfrom terminology import model",
        "one/rows.py": "def f():\n    from ..two.rows import y",
        "two/rows.py": "",
    }
    graph = house.imports_of(tree(tmp_path, files, "loaders/terminology_loaders"))
    assert house.plug_ins_of(graph) == [("loaders", "one", "two")]


def test_the_table_of_the_page_is_read(house: ModuleType) -> None:
    """Every package of a row may import every one beside it."""
    row = "| `loaders` | `one`, `two` | `shared` | files of `any` kind |\n"
    assert house.allowed_of(f"before\n\n{row}") == [("loaders", "one", "shared"), ("loaders", "two", "shared")]


def test_the_tests_of_a_promise_are_read(house: ModuleType) -> None:
    """Of each number those that are named in it."""
    text = "## What is promised\n\n1. **One.**\n   Held by `tests/test_a.py`, `tests/b/test_c.py`.\n2. Two.\n\n## More\n\n3. x"
    assert house.promises_of(text) == {1: ["tests/test_a.py", "tests/b/test_c.py"], 2: []}


@pytest.mark.parametrize(
    "text",
    [
        "from ..b import two",
        "def f():\n    from ..b.two import g",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import terminology.b.two",
    ],
)
def test_a_circle_is_found(house: ModuleType, tmp_path: Path, text: str) -> None:
    """However one of its imports is written."""
    files = {"a/__init__.py": "", "b/__init__.py": "", "a/one.py": text, "b/two.py": "from ..a.one import f"}
    graph = house.imports_of(tree(tmp_path, files))
    assert house.circles_of(graph) == [["terminology.a.one", "terminology.b.two"]]


def test_a_way_up_is_found(house: ModuleType, tmp_path: Path) -> None:
    """To a room above, and to one beside."""
    files = {"a.py": "from . import b", "b.py": "from .c import x", "c.py": "def f():\n    from .a import y"}
    leanings = house.leanings_of(house.imports_of(tree(tmp_path, files)))
    assert house.upward_of(leanings, [["a"], ["b"], ["c"]]) == [("c", "a")]
    assert house.upward_of(leanings, [["a", "b"], ["c"]]) == [("a", "b"), ("c", "a")]


def test_the_figures_can_be_printed(house: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """Circles, modules, lines, and ways up."""
    monkeypatch.setattr(sys, "argv", ["architecture.py", "--numbers"])
    house.main()
    printed = capsys.readouterr().out
    assert printed.startswith("circles: 0\nmodules: ")
    assert "rooms that lean upwards: 0" in printed
