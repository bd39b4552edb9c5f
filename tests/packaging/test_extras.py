"""What needs an extra says, where it is missing, the line that installs it; one module says it for all."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.claims import read_claims
from terminology.cli.application import run
from terminology.extras import PACKAGES, install_line, missing, require
from terminology.samples import sample_folders

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "loaders", ROOT / "crosswalks")
FOR_DEVELOPERS = {"benchmark", "browser", "docs", "engines", "lint", "test"}
INTERCHANGE = "ISA*00*          *00*          *ZZ*A*ZZ*B*220302*0900*^*00501*000000001*0*T*:~"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that makes the packages of an extra as if they were not installed."""

    def block(extra: str) -> None:
        for module in PACKAGES[extra]:
            for name in [name for name in sys.modules if name.split(".")[0] == module]:
                monkeypatch.delitem(sys.modules, name)
            monkeypatch.setitem(sys.modules, module, None)

    return block


def in_python(extra: str, store: Any, folder: Path) -> None:
    """Ask in Python for what needs the extra."""
    match extra:
        case "duckdb":
            terminology.duckdb.register(None, store)
        case "spark":
            terminology.spark.register(None, store)
        case "s3":
            terminology.open("s3://codes/published")
        case "x12":
            (folder / "claims.837").write_text(INTERCHANGE)
            list(read_claims(folder / "claims.837"))


@pytest.mark.parametrize("extra", ["duckdb", "spark", "s3", "x12"])
def test_a_call_says_what_to_install(extra: str, without: Callable[[str], None], store: Any, tmp_path: Path) -> None:
    """The error is one of the library and an ImportError, and ends with the line for pip."""
    without(extra)
    with pytest.raises(terminology.MissingExtraError, match=re.escape(install_line(extra)) + "$") as raised:
        in_python(extra, store, tmp_path)
    assert isinstance(raised.value, ImportError)
    assert isinstance(raised.value, terminology.TerminologyError)


def commands(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Return command lines that need an extra, with its name."""
    (folder / "claims.837").write_text(INTERCHANGE)
    (folder / "resource.json").write_text('{"resourceType": "CodeSystem", "url": "http://a.b/c"}')
    return {
        "serve": ("server", ["serve", "--port", "0"]),
        "resources": ("server", ["fhir", "GET", "metadata", "--resources", str(folder / "resource.json")]),
        "mcp": ("mcp", ["mcp"]),
        "push": ("s3", ["export", "store", "s3://codes/published"]),
        "read": ("s3", ["status", "icd10cm", "E11.9", "--store", "s3://codes/published"]),
        "audit": ("x12", ["audit", str(folder / "claims.837")]),
    }


@pytest.mark.parametrize("name", ["serve", "resources", "mcp", "push", "read", "audit"])
def test_a_command_says_what_to_install(
    name: str,
    without: Callable[[str], None],
    sample_store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line on standard error with the line for pip, nothing on standard output, and exit code 2."""
    extra, arguments = commands(tmp_path)[name]
    without(extra)
    place = [] if "--store" in arguments else ["--store", str(sample_store)]
    assert 2 == run([*arguments, *place])
    printed = capsys.readouterr()
    assert "" == printed.out
    assert printed.err.rstrip().endswith(install_line(extra))


def test_a_document_is_skipped_with_what_to_install(without: Callable[[str], None], tmp_path: Path) -> None:
    """Guidelines in a folder of releases do not stop the rest: the reason why they are skipped has the line."""
    folder = next(path for path in sample_folders() if path.name == "icd10cm_guidelines")
    without("guidelines")
    report = terminology.load(folder, store=tmp_path / "store")
    assert report.skipped
    assert all(skip.reason.endswith(install_line("guidelines")) for skip in report.skipped)


def test_extras_are_those_of_the_distribution() -> None:
    """Each extra for users is in pyproject.toml and in the library, and each of its modules is of a package named there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["optional-dependencies"]
    assert declared.keys() - FOR_DEVELOPERS == PACKAGES.keys()
    for extra, modules in PACKAGES.items():
        names = {re.match(r"[\w-]+", line)[0] for line in declared[extra]}
        # the types of the SDK are a distribution that it brings with it
        assert {module.partition("_")[0] for module in modules} <= names


LINE = re.compile(r"pip install ['\"]?[\w{}-]+\[")
"""A line that installs an extra."""


def test_one_module_has_the_line() -> None:
    """No other module says how an extra is installed, so that none can say it wrongly."""
    files = [path for folder in SOURCES for path in folder.rglob("*.py") if LINE.search(path.read_text())]
    assert [ROOT / "src" / "terminology" / "extras.py"] == files


def test_the_message_names_all_that_is_missing(without: Callable[[str], None]) -> None:
    """In the order of the table, each once, with a verb that agrees."""
    without("mcp")
    assert ("the SDK mcp, 2.3 or later",) == missing("mcp")
    with pytest.raises(terminology.MissingExtraError, match="later, which is not installed"):
        require("mcp", "an assistant")
    without("server")
    with pytest.raises(terminology.MissingExtraError, match="needs uvicorn, httptools, orjson, starlette, which are"):
        require("server", "a server")


def test_what_is_installed_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An extra whose packages are found is required without a word, and nothing of it is imported."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    for extra in PACKAGES:
        require(extra, "anything")
