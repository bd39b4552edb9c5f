"""README and documentation say what the code does: their examples run, and nothing is left out."""

from __future__ import annotations

import doctest
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

import terminology
from terminology import cli, registry
from terminology.cli.application import program
from terminology.mapping.ways import KINDS
from terminology.samples import sample_folders
from terminology.schema import CHANGES, RELATIONSHIPS

from .scripts import script_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return [text for name, text in FENCE.findall(path.read_text(encoding="utf-8")) if name == language]


@pytest.fixture(scope="module")
def sample_folder(tmp_path_factory):
    """Return the store of samples that the documentation shows."""
    folder = tmp_path_factory.mktemp("documented") / "store"
    terminology.load(*sample_folders(), store=folder)
    return folder


@pytest.fixture
def default_store(sample_folder, monkeypatch):
    """Make the store of the samples the default, and work in the folder of the files that the pages show."""
    monkeypatch.chdir(DOCS / "samples")
    monkeypatch.setenv("TERMINOLOGY_STORE", str(sample_folder))


def consoles() -> list[tuple[str, str]]:
    """Every command that is shown with what it prints."""
    shown = []
    for page in [README, *PAGES]:
        for block in blocks(page, "console"):
            for command, output in re.findall(r"^\$ terminology (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                shown.append(pytest.param(command, output, id=f"{page.stem}: {command}"))
    return shown


@pytest.mark.parametrize(("command", "output"), consoles())
def test_a_shown_command_prints_what_is_shown(command, output, default_store, capsys):
    """A command of the documentation prints, on the samples, just what stands below it."""
    with pytest.raises(SystemExit) as ended:
        cli.main(shlex.split(command))

    assert output == capsys.readouterr().out
    assert ended.value.code in (0, 1)


def test_the_tour_of_the_readme_runs(default_store):
    """The Python block of the README gives the answers that it shows."""
    tour = "\n".join(blocks(README, "pycon"))
    test = doctest.DocTestParser().get_doctest(tour, {}, "README.md", str(README), 0)

    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)

    assert results.attempted > 5
    assert 0 == results.failed


def test_the_readme_sets_up_in_two_commands():
    """Installing with the demo, and installing with the tests, are one line each."""
    lines = [line for block in blocks(README, "shell") for line in block.splitlines()]

    assert 1 == sum("pip install . " in line and line.endswith("terminology demo") for line in lines)
    assert 1 == sum("'.[test]'" in line and line.endswith("-m pytest") for line in lines)


def test_extras_that_are_named_exist():
    """Every extra that README or documentation install is defined in pyproject.toml."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    texts = [path.read_text(encoding="utf-8") for path in (README, ROOT / "benchmarks" / "RESULTS.md", *PAGES)]

    named = {name for text in texts for name in re.findall(r"'\.\[(\w+)\]'", text)}

    assert named
    assert named <= extras.keys()


def generated():
    """Return the module that takes what the page of the command line shows from the program."""
    pytest.importorskip("sphinx")
    return script_of("commands")


def test_every_command_is_documented():
    """Each command has its place in the page of the command line, where its options are taken from the program."""
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")

    named = re.findall(r"^```\{command\} (.+)$", page, re.MULTILINE)

    assert sorted(name for name, _ in generated().leaves()) == sorted(named)


def test_every_option_is_documented():
    """What the page shows of a command names each of its options but the former names, and its arguments."""
    made = generated()
    shared = made.table_of_shared_options().astext()

    for name, command in made.leaves():
        shown = "\n".join(node.astext() for node in made.usage_and_options(name))
        for parameter in command.params:
            words = (
                parameter.opts
                if isinstance(parameter, click.Option)
                else [parameter.make_metavar(click.Context(command))]
            )
            assert [word for word in words if word not in shown] == []
        assert [word for word in made.options_of(command)[1] if word not in shared] == []


def test_every_command_that_is_shown_exists():
    """README and documentation name no command that the program does not have."""
    shown = {
        word
        for path in (README, *PAGES)
        for word in re.findall(
            r"(?:^|[`$ ])terminology ([a-z]+(?:-[a-z]+)*)\b", "\n".join(_code_of(path)), re.MULTILINE
        )
    }

    assert shown
    assert shown <= {*program.commands}


def _code_of(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    fenced = [block for name, block in FENCE.findall(text) if name in {"shell", "console"}]
    return [*fenced, *re.findall(r"`(terminology [^`\n]+)`", FENCE.sub("", text))]


def test_every_loader_has_a_page():
    """Each installed loader of ours is named in a page of the reference, and has a row in the list of loaders."""
    pages = {path: path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md")}
    listed = pages.pop(DOCS / "reference" / "loaders.md")
    kinds = {name: type(loader) for name, loader in registry.loaders().items()}
    ours = {
        name: f"{kind.__module__}.{kind.__qualname__}"
        for name, kind in kinds.items()
        if kind.__module__.startswith("terminology_loaders")
    }

    assert ours
    assert not [name for name in ours.values() if not any(name in page for page in pages.values())]
    assert not [name for name in ours if f"| `{name}` | `{ours[name]}` |" not in listed]


def test_every_reader_has_a_page():
    """Each installed crosswalk reader of ours is named in its page of the reference, and has a row in the list of readers."""
    folder = DOCS / "reference" / "crosswalks"
    listed = (folder / "index.md").read_text(encoding="utf-8")
    kinds = {name: type(reader) for name, reader in registry.crosswalk_readers().items()}
    ours = {
        name: f"{kind.__module__}.{kind.__qualname__}"
        for name, kind in kinds.items()
        if kind.__module__.startswith("terminology_crosswalks")
    }

    assert ours
    assert not [name for name in ours if f"`{ours[name]}`" not in (folder / f"{name}.md").read_text(encoding="utf-8")]
    assert not [name for name in ours if not re.search(rf"^\| `{name}` \|.*\| `{ours[name]}` \|", listed, re.MULTILINE)]


def test_every_kind_is_documented():
    """Each kind of step and each relationship has its row in the reference of crosswalks, each change as well."""
    page = (DOCS / "reference" / "crosswalks" / "index.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| "))
    words = {*KINDS, *RELATIONSHIPS, *CHANGES}

    missing = sorted(word for word in words if not re.search(rf"^\| [^|]*`{word}`", rows, re.MULTILINE))

    assert not missing


def test_every_public_name_is_documented():
    """Each name that `import terminology` offers stands in the reference of Python or of the errors."""
    pages = [
        path.read_text(encoding="utf-8")
        for path in (DOCS / "developers" / "errors.md", *sorted((DOCS / "reference" / "python").glob("*.md")))
    ]
    documented = set(re.findall(r"^\.\. auto\w+:: ([\w.]+)", "\n".join(pages), re.MULTILINE))

    missing = [name for name in terminology.__all__ if name not in documented]

    assert not missing


def test_every_status_is_documented():
    """Each status has its row in the page of the statuses."""
    page = (DOCS / "reference" / "statuses.md").read_text(encoding="utf-8")

    missing = [status for status in terminology.Status if f"| `{status}` |" not in page]

    assert not missing
