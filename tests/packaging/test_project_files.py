"""The project's own files: workflows, citation, container, and what people read first, agree with the project."""

from __future__ import annotations

import datetime
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ACTION = re.compile(r"[\w.-]+/[\w.-]+@(release/)?v\d+")
INSTRUCTIONS = {
    *("FROM", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def parsed(path: Path) -> Any:
    """Return the values of a YAML file, every key as text."""
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    # YAML 1.1 takes `on` for a truth
    return {"on" if key is True else key: value for key, value in values.items()}


def steps(workflow: Any) -> Iterator[dict[str, Any]]:
    """Yield the steps of all jobs."""
    for job in workflow["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_one(path: Path) -> None:
    """It says when it runs, has few rights by default, and each step runs a command or an action pinned by major."""
    workflow = parsed(path)
    assert (
        {"name", "on", "permissions", "jobs"} <= workflow.keys() <= {"name", "on", "permissions", "concurrency", "jobs"}
    )
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "runs-on" in job, name
        needed = job.get("needs", [])
        assert {needed} if isinstance(needed, str) else set(needed) <= workflow["jobs"].keys()
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step), step
        assert "uses" not in step or ACTION.fullmatch(step["uses"]), step


@pytest.mark.parametrize("name", ["ci", "release"])
def test_the_gates_are_the_script(name: str) -> None:
    """What runs on the forge is what runs at the desk, on Python 3.11 by default."""
    workflow = parsed(ROOT / ".github" / "workflows" / f"{name}.yml")
    assert ".ci/run" in {step.get("run") for step in steps(workflow)}
    versions = [
        str(step["with"]["python-version"]).split()[-1]
        for step in steps(workflow)
        if str(step.get("uses")).startswith("actions/setup-python")
    ]
    assert versions
    assert {"3.11"} == set(versions)
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_a_release_is_published_without_a_token() -> None:
    """After the gates and the build, by trusted publishing: the job may ask for an identity, and no secret is named."""
    path = ROOT / ".github" / "workflows" / "release.yml"
    publish = parsed(path)["jobs"]["publish"]
    assert {"gates", "build"} == set(publish["needs"])
    assert {"id-token": "write"} == publish["permissions"]
    assert publish["steps"][-1]["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert "secrets." not in path.read_text(encoding="utf-8")


def test_the_pages_are_built_with_extras_that_exist() -> None:
    """Read the Docs installs extras of the project and reads its configuration; warnings are errors."""
    values = parsed(ROOT / ".readthedocs.yaml")
    (install,) = values["python"]["install"]
    assert set(install["extra_requirements"]) <= PROJECT["optional-dependencies"].keys()
    assert (ROOT / values["sphinx"]["configuration"]).exists()
    assert values["sphinx"]["fail_on_warning"]


def test_the_citation_is_of_this_version() -> None:
    """CITATION.cff has what its schema asks for; version, licence and addresses are those of the project."""
    values = parsed(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= values.keys()
    assert "1.2.0" == values["cff-version"]
    assert PROJECT["version"] == str(values["version"])
    assert PROJECT["license"] == values["license"]
    assert PROJECT["urls"]["Source"] == values["repository-code"]
    assert PROJECT["urls"]["Documentation"] == values["url"]
    assert isinstance(values["date-released"], datetime.date)
    assert [author["name"] for author in PROJECT["authors"]] == [author["name"] for author in values["authors"]]


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Containerfile, continued lines joined."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [
        (name, rest)
        for line in "\n".join(lines).replace("\\\n", " ").splitlines()
        for name, _, rest in [line.partition(" ")]
    ]


def test_the_container_has_what_it_should() -> None:
    """Two stages; the second has no source, runs without root rights, checks its health, and has the store as volume."""
    found = instructions()
    assert {name for name, _ in found} <= INSTRUCTIONS
    starts = [place for place, (name, _) in enumerate(found) if name == "FROM"]
    assert 2 == len(starts)
    final = found[starts[1] :]
    assert ["--from=build /app /app"] == [rest for name, rest in final if name == "COPY"]
    assert "10001" == dict(final)["USER"]
    assert "/store" == dict(final)["VOLUME"]
    assert "/health" in dict(final)["HEALTHCHECK"]
    assert "TERMINOLOGY_STORE=/store" in shlex.split(dict(final)["ENV"])


def test_the_container_copies_what_the_wheel_is_made_of() -> None:
    """All that is copied exists, and all that pyproject.toml names for the wheel is copied."""
    copied = {
        name
        for instruction, rest in instructions()
        if instruction == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    assert not [name for name in copied if not (ROOT / name).exists()]
    assert {"pyproject.toml", PROJECT["license-files"][0], "README.md", "src", "loaders", "crosswalks"} == copied
    (line,) = [rest for name, rest in instructions() if name == "RUN" and "/app/bin/pip" in rest]
    (extras,) = re.findall(r"\[([\w,]+)\]", line)
    assert set(extras.split(",")) <= PROJECT["optional-dependencies"].keys()


@pytest.mark.parametrize(
    "name", ["CHANGELOG.md", "CITATION.cff", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md"]
)
def test_the_readme_leads_to_it(name: str) -> None:
    """Whoever reads README finds it."""
    assert (ROOT / name).exists()
    assert f"]({name})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_changelog_has_this_version() -> None:
    """Its sections are those of Keep a Changelog: Unreleased first, then this version with its day."""
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert "Unreleased" == headings[0]
    version, _, day = headings[1].partition(" - ")
    assert PROJECT["version"] == version
    assert datetime.date.fromisoformat(day) == parsed(ROOT / "CITATION.cff")["date-released"]
