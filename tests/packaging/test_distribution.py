"""What is published: an sdist from which all can be made, and a wheel that has the three packages whole, and works alone."""

from __future__ import annotations

import hashlib
import re
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from .conftest import ROOT, Built, Environment

pytestmark = pytest.mark.slow

PACKAGES = {
    "terminology": ROOT / "src",
    "terminology_loaders": ROOT / "loaders",
    "terminology_crosswalks": ROOT / "crosswalks",
}
NOT_SHIPPED = re.compile(r"(^|/)(__pycache__|tests?|benchmarks|docs|\.\w+_cache|\.hypothesis|\.git)(/|$)|\.pyc$")
# a dbt project has a folder of this name, which is written for people who use dbt
DBT_TESTS = "terminology/exports/dbt_package/tests/"
LINK = re.compile(r"\]\(([^)\s]+)\)|<((?:https?|mailto):[^>]+)>|\b(?:href|src)=\"([^\"]+)\"")
TYPED = """
import terminology
from terminology_crosswalks.gems import GemReader
from terminology_loaders.icd10cm import Icd10cmLoader

reveal_type(terminology.open("codes")["icd10cm"].on("2021-10-01").status("E11.9"))
reveal_type(Icd10cmLoader().read)
reveal_type(GemReader().read)
terminology.open(3)
"""


def files_of_checkout() -> Iterator[tuple[str, Path]]:
    """Yield all files of the three packages, by their place in the wheel."""
    for name, folder in PACKAGES.items():
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(folder).as_posix(), path


def content(wheel: Path) -> dict[str, str]:
    """Return the checksum of each file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(built: Built) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(built.wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def test_the_wheel_has_every_file_of_the_packages(built: Built) -> None:
    """Samples, templates, synonyms, configurations and `py.typed` are in the wheel, byte for byte, and nothing else is."""
    expected = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files_of_checkout()}
    shipped = {name: digest for name, digest in content(built.wheel).items() if ".dist-info/" not in name}
    assert expected == shipped
    assert {f"{name}/py.typed" for name in PACKAGES} < shipped.keys()
    for part in ("samples/icd10cm/", "pages/templates/pages.css", "reports/templates/", "search/synonyms.txt"):
        assert any(name.startswith(f"terminology/{part}") for name in shipped), part


def test_the_wheel_has_nothing_of_the_workshop(built: Built) -> None:
    """Neither tests nor benchmarks, pages or caches, and no top level but the three packages."""
    names = content(built.wheel)
    assert not [name for name in names if NOT_SHIPPED.search(name) and not name.startswith(DBT_TESTS)]
    tops = {name.split("/")[0] for name in names}
    assert PACKAGES.keys() == {top for top in tops if not top.endswith(".dist-info")}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_both_ways_make_the_same_wheel(built: Built) -> None:
    """The wheel out of the sdist is the wheel out of the checkout, to the byte."""
    assert built.wheel.name == built.wheel_of_checkout.name
    assert content(built.wheel) == content(built.wheel_of_checkout)


def test_the_sdist_has_all_that_tests_and_pages_read(built: Built) -> None:
    """Tests with their fixtures, pages, the project's own files; and no caches."""
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = {
        "conftest.py",
        "tests/conftest.py",
        "tests/packaging/test_distribution.py",
        "docs/conf.py",
        "docs/index.md",
        "benchmarks/__main__.py",
        ".ci/run",
        ".github/workflows/ci.yml",
        *(
            "LICENSE",
            "README.md",
            "CHANGELOG.md",
            "CITATION.cff",
            "SECURITY.md",
            "CONTRIBUTING.md",
            "CODE_OF_CONDUCT.md",
        ),
        "Containerfile",
    }
    assert expected <= names
    assert not [name for name in names if re.search(r"__pycache__|_cache/|\.hypothesis|_build|\.pyc$", name)]


def test_every_link_of_the_description_is_absolute(metadata: Message) -> None:
    """An index of packages shows README without the files beside it; its links lead to the pages and the repository."""
    text = str(metadata.get_payload())
    links = [next(filter(None, found)) for found in LINK.findall(text)]
    assert len(links) > 10
    assert not [link for link in links if not link.startswith(("https://", "http://127.0.0.1", "http://hl7.org"))]
    pages = {re.sub(r"^.*/en/latest/|\.html.*$", "", link) for link in links if "/en/latest/" in link}
    assert not [page for page in pages if not (ROOT / "docs" / f"{page}.md").exists()]
    files = {link.partition("/blob/main/")[2] for link in links if "/blob/main/" in link}
    assert not [name for name in files if not (ROOT / name).exists()]


def test_the_readme_has_relative_links_in_the_repository() -> None:
    """Whoever reads it in a copy stays in the copy: what a link names there exists."""
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    relative = [link for link in links if "://" not in link]
    assert len(relative) > 10
    assert not [link for link in relative if not (ROOT / link).exists()]


def test_what_the_metadata_says(metadata: Message) -> None:
    """The version is that of pyproject.toml; links, keywords and versions of Python are there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == metadata["Version"]
    assert ">=3.11" == metadata["Requires-Python"]
    labels = {line.partition(",")[0] for line in metadata.get_all("Project-URL", ())}
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} == labels
    assert {"icd-10-cm", "hcpcs", "fhir", "medical coding", "value set"} < set(metadata["Keywords"].split(","))
    classifiers = metadata.get_all("Classifier", ())
    assert "Development Status :: 4 - Beta" in classifiers
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)} <= set(classifiers)
    assert "text/markdown" == metadata["Description-Content-Type"]


def test_the_wheel_works_alone(core: Environment, metadata: Message) -> None:
    """Outside of the checkout the command answers, the demo runs, and the packages are those that were installed."""
    assert f"terminology {metadata['Version']}" == core.run("terminology", "--version").stdout.strip()
    demo = core.run("terminology", "demo")
    assert 0 == demo.returncode, demo.stderr
    assert "M54.5  billable on 2021-09-30" in demo.stdout
    assert 0 == core.run("python", "-m", "pip", "check").returncode
    for name in PACKAGES:
        found = core.run("python", "-c", f"import {name}; print({name}.__file__)")
        assert f"site-packages/{name}/__init__.py" in found.stdout, found.stderr


def test_types_are_seen(installed: Callable[..., Environment]) -> None:
    """A strict mypy of the same environment knows the types of the three packages, and finds a wrong argument."""
    typed = installed(package="mypy")
    (typed.folder / "typed.py").write_text(TYPED)
    said = typed.run("python", "-m", "mypy", "--strict", "typed.py").stdout
    assert 'Revealed type is "terminology.status.Status"' in said
    assert 2 == len(re.findall(r'Revealed type is "def \(file: terminology\.reading\S+', said)), said
    assert re.findall(r"error: .*", said) == re.findall(r'error: Argument 1 to "open_store" has incompatible.*', said)
    assert said.count("error:") == 1
