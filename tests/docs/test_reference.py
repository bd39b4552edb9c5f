"""The reference leaves nothing out: fields of values, columns of tables, FHIR parameters, errors, and messages by their words."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import shlex
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path

import pytest

import terminology
from terminology import cli, errors
from terminology.pages.site import PATHS
from terminology.samples import sample_folder, sample_folders
from terminology.server import metrics

from .scripts import script_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PYTHON = sorted((DOCS / "reference" / "python").glob("*.md"))
UNSHOWN = {"SHAPE"}
DIRECTIVE = re.compile(r"^\.\. autoclass:: (\S+)\n((?:   .*\n)*)", re.MULTILINE)
MODULE = re.compile(r"^\.\. (?:py:)?(?:module|currentmodule):: (\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def sample_store(tmp_path_factory):
    """Return the folder of a store of the samples."""
    folder = tmp_path_factory.mktemp("reference") / "store"
    terminology.load(*sample_folders(), store=folder)
    return folder


def found(full: str) -> object:
    """Return what a name stands for."""
    words = full.split(".")
    for end in range(len(words), 0, -1):
        try:
            value: object = importlib.import_module(".".join(words[:end]))
        except ImportError:
            continue
        for word in words[end:]:
            value = getattr(value, word)
        return value
    raise AssertionError(full)


def documented_classes() -> Iterator[tuple[type, dict[str, str]]]:
    """Yield the classes of the pages on Python, with the options of their directives."""
    for page in [*PYTHON, DOCS / "reference" / "exports.md"]:
        text = page.read_text(encoding="utf-8")
        places = [(match.start(), match[1]) for match in MODULE.finditer(text)]
        for match in DIRECTIVE.finditer(text):
            module = [name for start, name in places if start < match.start()][-1:]
            name = match[1] if match[1].startswith("terminology.") else ".".join([*module, match[1]])
            joined = re.sub(r"\n {6,}", " ", match[2])
            yield found(name), dict(re.findall(r":([\w-]+):[ ]*(.*)", joined))  # type: ignore[misc]


@cache
def class_bodies(module: str) -> dict[str, dict[str, bool]]:
    """Return the names that the classes of a module define, and whether each has a text: its docstring, or one below it."""
    path = importlib.import_module(module).__file__
    assert path is not None
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return {node.name: dict(texts_of(node.body)) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def texts_of(body: list[ast.stmt]) -> Iterator[tuple[str, bool]]:
    """Yield the names that a class defines, and whether each has a text."""
    for statement, following in zip(body, [*body[1:], ast.Pass()], strict=True):
        has_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        if isinstance(statement, ast.FunctionDef):
            yield statement.name, ast.get_docstring(statement) is not None
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, has_text
        elif isinstance(statement, ast.Assign):
            yield from ((target.id, has_text) for target in statement.targets if isinstance(target, ast.Name))


def members(kind: type) -> Iterator[tuple[str, bool, bool]]:
    """Yield the public names of a class, whether each has a text, and whether it is inherited from a base."""
    seen = set()
    for base in kind.__mro__:
        if base.__module__.startswith("terminology"):
            # the fields of an open twin are those of the value
            is_own = base is kind or base.__name__.startswith("_")
            for name, has_text in class_bodies(base.__module__).get(base.__name__, {}).items():
                if not name.startswith("_") and name not in UNSHOWN and name not in seen:
                    seen.add(name)
                    yield name, has_text, not is_own


def test_every_field_of_a_public_class_is_described():
    """Each public field, property and method of each class in the reference has a text of its own."""
    missing = [
        f"{kind.__name__}.{name}" for kind, _ in documented_classes() for name, has, _ in members(kind) if not has
    ]

    assert not missing


def test_every_field_of_a_public_class_is_shown():
    """What a class has of its own is shown by its directive, so that it is in the inventory; exceptions are named there."""
    missing = []
    for kind, options in documented_classes():
        listed = {name.strip() for name in options.get("members", "").split(",") if name.strip()}
        hidden = {name.strip() for name in options.get("exclude-members", "").split(",")}
        assert "members" in options, kind
        for name, _, is_inherited in members(kind):
            if listed and name not in listed and not is_inherited and name not in hidden:
                missing.append(f"{kind.__name__}.{name}")

    assert not missing


def test_what_a_slot_hides_is_written_out():
    """A cached property of a class with slots is no property any more, so that its directive would leave it out."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PYTHON)
    for kind, _ in documented_classes():
        annotated = {name for base in kind.__mro__ for name in inspect.get_annotations(base)}
        slots = [
            name for name, _, _ in members(kind) if inspect.ismemberdescriptor(inspect.getattr_static(kind, name, None))
        ]

        assert not [name for name in slots if name not in annotated and f".. py:property:: {name}\n" not in pages], kind


def test_what_values_have_in_common_is_shown_with_each():
    """A value with a status shows `valid` and `billable`, which it has from its base."""
    for kind, options in documented_classes():
        if not issubclass(kind, Enum) and isinstance(inspect.getattr_static(kind, "billable", None), property):
            assert "inherited-members" in options or "billable" in vars(kind), kind


def test_every_public_class_has_a_directive():
    """Each class that a public room exports is in the reference of Python."""
    shown = {kind for kind, _ in documented_classes()}
    rooms = ("claims", "codelists", "differences", "exports", "fhir", "index", "ingest", "profiles", "update")
    errors_of = terminology.TerminologyError
    missing = [
        f"{module}.{name}"
        for module in ("terminology", *(f"terminology.{room}" for room in rooms))
        for name in importlib.import_module(module).__all__
        if inspect.isclass(kind := getattr(importlib.import_module(module), name))
        and kind not in shown
        and not issubclass(kind, errors_of)
        and name not in {"Ages", "DatedLists", "Listed", "NoLists"}  # how lists are kept inside an audit
    ]

    assert not missing


def test_the_page_of_tables_is_what_the_library_has(sample_store):
    """Whoever changes a column runs ``python docs/tables.py``."""
    made = script_of("tables")

    assert made.page(terminology.open(sample_store)) == made.PAGE.read_text(encoding="utf-8")


def test_the_page_of_capabilities_is_what_the_server_declares(sample_store):
    """Whoever changes an operation or a parameter runs ``python docs/capabilities.py``."""
    made = script_of("capabilities")

    assert made.page(terminology.open(sample_store)) == made.PAGE.read_text(encoding="utf-8")


def test_the_page_of_http_names_all_pages_and_metrics():
    """Each address of a page, each metric and each event is on the page."""
    page = (DOCS / "reference" / "http.md").read_text(encoding="utf-8")

    assert not [path for path in PATHS if f"`{path.replace(':path', '')}`" not in page]
    assert not [name for name in (*metrics.HELP, *metrics.EVENTS) if f"`{name}`" not in page]


def tree(kind: type, depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Yield depth, name and nearest builtin of an error and of those that derive from it; bases of ours are passed over."""
    builtins = [base for base in kind.__mro__ if base.__module__ == "builtins"]
    plain = ("Exception", "BaseException", "object")
    yield depth, kind.__name__, next((base.__name__ for base in builtins if base.__name__ not in plain), "")
    for below in sorted(derived(kind), key=lambda one: one.__name__):
        yield from tree(below, depth + 1)


def derived(kind: type) -> Iterator[type]:
    """Yield the errors that derive from one, bases that are hidden passed over."""
    for one in vars(errors).values():
        if inspect.isclass(one) and kind in one.__bases__:
            yield from derived(one) if one.__name__.startswith("_") else [one]


def test_the_tree_of_errors_is_that_of_the_classes():
    """The tree on the page has each error below the one that it derives from, with its builtin."""
    page = (DOCS / "developers" / "errors.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```text\n(TerminologyError.*?)```", page, re.DOTALL)
    lines = [re.fullmatch(r"( *)(\w+) *(\w*)", line) for line in shown.splitlines()]

    assert [*tree(errors.TerminologyError)] == [(len(line[1]) // 3, line[2], line[3]) for line in lines if line]


def test_every_error_says_when_and_what_to_do():
    """Each error has a row that says when it is raised and what to do."""
    page = (DOCS / "developers" / "errors.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| \{py:exc\}`~terminology\.(\w+)` \| [^|]+ \| [^|]+ \|$", page, re.MULTILINE))

    assert {name for _, name, _ in tree(errors.TerminologyError)} - {"TerminologyError"} == rows


TROUBLES = (DOCS / "operations" / "troubleshooting.md").read_text(encoding="utf-8")


@cache
def messages() -> tuple[str, ...]:
    """Return every text of the sources, with a dash of NUL for what is put into it."""
    made = []
    for folder in ("src", "loaders", "crosswalks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    made.append(
                        "".join(str(one.value) if isinstance(one, ast.Constant) else "\0" for one in node.values)
                    )
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    made.append(node.value)
    return tuple(made)


@pytest.mark.parametrize("heading", re.findall(r"^### (.*)$", TROUBLES, re.MULTILINE))
def test_a_message_is_still_what_the_program_says(heading):
    """The words of a heading are those of a message in the sources, or of one that is shown below it."""
    body = TROUBLES.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    shown = "\n".join(re.findall(r"^```text\n(.*?)^```$", body, re.MULTILINE | re.DOTALL))
    pattern = re.compile(".*".join(re.escape(piece.strip()) for piece in heading.split("…")), re.DOTALL)

    assert pattern.search(shown) or any(pattern.search(message) for message in messages())


@pytest.fixture
def troubled_folder(tmp_path, sample_store, monkeypatch):
    """Work in a folder with the files that the shown commands are given."""
    (tmp_path / "claims.csv").write_text("dx,day\nM54.5,2021-10-01\n", encoding="utf-8")
    (tmp_path / "days.csv").write_text("dx,day\nM54.5,01/02/2021\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("nonsense", encoding="utf-8")
    (tmp_path / "page.zip").write_text("<html>", encoding="utf-8")
    (tmp_path / "empty.zip").write_bytes(b"")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_bytes(b"")
    folder = sample_folder("icd10cm")
    assert folder is not None
    order = (folder / "icd10cm_order_2021.txt").read_text(encoding="utf-8")
    (tmp_path / "order_2021.txt").write_text(order.replace("00002 A000    1", "00002 A000    X", 1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERMINOLOGY_STORE", str(sample_store))
    return tmp_path


@pytest.mark.parametrize(
    ("command", "output"),
    re.findall(r"^```text\n\$ terminology ([^\n]*)\n(.*?)^```$", TROUBLES, re.MULTILINE | re.DOTALL),
)
@pytest.mark.usefixtures("troubled_folder")
def test_a_shown_trouble_is_what_the_command_says(command, output, capsys):
    """A command that is shown with its message says just that; three dots stand for what is left out."""
    with pytest.raises(SystemExit) as ended:
        cli.main(shlex.split(command))

    said = capsys.readouterr()
    both = (said.err + said.out, said.out + said.err)
    pattern = ".*".join(re.escape(piece) for piece in output.split("…"))
    assert any(re.fullmatch(pattern, text) for text in both), both
    assert ended.value.code != 70
