"""What commands print with ``--json`` has the shape that is published as JSON Schema, to the last key."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import terminology
from terminology.cli.application import run
from terminology.ingest import LoadReport
from terminology.model import Value
from terminology.samples import sample_releases
from terminology.schemas import PRINTED_BY, answer_names, definitions, json_schema

from .conftest import Ask
from .json_answers import FILES, LINES, WITHOUT_STORE, lines

CHANGING = {"load", "withdrawn", "withdrawn_crosswalks", "rollback", "update", "export_store"}
"""Answers of commands that change a store: they have tests of their own."""
Printed = dict[str, list[tuple[list[str], Any]]]


@pytest.fixture(scope="module")
def printed(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """All answers of the matrix, by the name of their shape."""
    folder = tmp_path_factory.mktemp("answers")
    found: Printed = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, text in FILES.items():
            Path(name).write_text(text, encoding="utf-8")
        for name, words in lines():
            place = [] if name in WITHOUT_STORE else ["--store", str(sample_store)]
            found.setdefault(name, []).append((words, answer_of([*words, "--json", *place], error=name == "error")))
    return found


def answer_of(words: list[str], *, error: bool = False) -> Any:
    """Return what a command prints; what it prints on standard error where an error is expected."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run(words)
    text = (err if error else out).getvalue()
    assert text, (words, err.getvalue())
    return json.loads(text)


def validator(name: str) -> Draft202012Validator:
    """Return what judges answers of a shape; dates are dates."""
    return Draft202012Validator(json_schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_schemas_are_schemas() -> None:
    """Each by itself, by the rules of draft 2020-12."""
    for name in definitions():
        Draft202012Validator.check_schema(json_schema(name))


@pytest.mark.parametrize("name", LINES)
def test_answers_have_their_shape(printed: Printed, name: str) -> None:
    """Hits and misses of every command that only reads."""
    for words, answer in printed[name]:
        errors = [
            f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator(name).iter_errors(answer)
        ]
        assert errors == [], words


def test_every_answer_is_asked_for() -> None:
    """No shape is published that no test has seen."""
    assert set(LINES) | CHANGING == set(answer_names())


def test_load_withdraw_and_rollback(ask: Ask, tmp_path: Path) -> None:
    """The commands that change a store: releases, crosswalks, files that are skipped and rejected, and back."""
    store, folder = tmp_path / "store", tmp_path / "files"
    shutil.copytree(sample_releases() / "icd10cm", folder)
    shutil.copytree(sample_releases() / "crosswalks" / "gems", folder / "gems")
    (folder / "icd10cm_order_2020.txt").write_bytes(b"00001 A00     X Cholera  Cholera\r\n")
    (folder / "stranger.txt").write_text("hello\n", encoding="utf-8")
    loaded = ask("load --json", folder, store=store).json
    assert loaded["errors"]
    assert loaded["skipped"]
    validator("load").validate(loaded)
    validator("load").validate(ask("load --json", folder, store=store).json)
    validator("withdrawn").validate(ask("withdraw icd10cm 2022-04 --json", store=store).json)
    validator("withdrawn_crosswalks").validate(ask("withdraw gems 2018 --json", store=store).json)
    validator("rollback").validate(ask("rollback --json", store=store).json)


def test_accepted_faults(ask: Ask, tmp_path: Path) -> None:
    """Keys that are left out where there is nothing to say are there where there is."""
    rows = (sample_releases() / "icd10cm" / "icd10cm_order_2021.txt").read_bytes().split(b"\r\n")
    rows[2] = rows[2][:14] + b"X" + rows[2][15:]
    (tmp_path / "icd10cm_order_2021.txt").write_bytes(b"\r\n".join(rows))
    store = tmp_path / "store"
    found = ask("load --accept-faults 1 --json", tmp_path / "icd10cm_order_2021.txt", store=store).json
    assert found["loaded"][0]["faults"]
    validator("load").validate(found)
    for name in ("releases", "verify"):
        validator(name).validate(ask(f"{name} --json", store=store).json)
    assert ask("verify --json", store=store).json["faults"]


def test_update(ask: Ask, tmp_path: Path) -> None:
    """An update of local files, one of which is missing, with a code list."""
    shutil.copytree(sample_releases() / "hcpcs", tmp_path / "files")
    (tmp_path / "list.txt").write_text("system: hcpcs\nrelease: 2018-01\nJ1815\nJ0000\n", encoding="utf-8")
    (tmp_path / "update.toml").write_text(
        f'store = "{tmp_path}/store"\ndownloads = "{tmp_path}/downloads"\nreports = "{tmp_path}/reports"\n'
        f'[[fetch]]\npath = "{tmp_path}/files/HCPC2018_CONTR_ANWEB.txt"\n'
        f'[[fetch]]\npath = "{tmp_path}/files/HCPC2019_CONTR_ANWEB.txt"\n'
        f'[[fetch]]\npath = "{tmp_path}/files/nothing.txt"\n'
        f'[[codelists]]\npath = "{tmp_path}/list.txt"\nsystem = "hcpcs"\n',
        encoding="utf-8",
    )
    found = ask("update --json", tmp_path / "update.toml", store=None).json
    validator("update").validate(found)
    assert found["fetch"]["errors"]


def test_push() -> None:
    """The report of a push has the keys of its shape."""
    report = terminology.PushReport(
        "s3://b/p", 3, None, is_new=True, uploaded=1, uploaded_bytes=2, present=0, deleted=0
    )
    validator("export_store").validate(report.to_dict())


FREE = {"properties", "answer", "before", "after"}
"""Keys whose values may be of any type, in some answers."""


@pytest.mark.parametrize("name", LINES)
def test_another_answer_is_refused(printed: Printed, name: str) -> None:
    """A key that is missing or of another type, and one more: each of all keys of the answer, or of its first items."""
    judge = validator(name)
    required = definitions()[name].get("required") or item_of(name)["required"]
    words, answer = max(printed[name], key=lambda pair: len(pair[1]))
    assert answer, words
    for place in [None] if isinstance(answer, dict) else range(min(2, len(answer))):
        changed = copy.deepcopy(answer if isinstance(answer, dict) else answer[: (place or 0) + 1])
        target = changed if place is None else changed[place]
        assert judge.is_valid(changed)
        for key in required:
            value = target.pop(key)
            assert not judge.is_valid(changed), (key, "missing")
            # no key has an object of objects of lists of numbers
            target[key] = {"no_such_key": {"no_such_key": [0.5]}}
            assert key in FREE or not judge.is_valid(changed), (key, "of another type")
            target[key] = value
        target["no_such_key"] = 1
        assert not judge.is_valid(changed)


def item_of(name: str) -> dict[str, Any]:
    """Return the definition of the items of an answer that is a list."""
    reference = definitions()[name]["items"]["$ref"]
    found: dict[str, Any] = definitions()[reference.rpartition("/")[2]]
    return found


def values() -> Iterator[type[Value]]:
    """Yield all values that know their shape."""
    left = list(Value.__subclasses__())
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if kind.SHAPE and not kind.__name__.startswith("_"):
            yield kind


NAMES = {"Status": "code_status", "Cell": "index_cell", "Finding": "audit_finding"}


def test_values_and_schemas_list_the_same_keys() -> None:
    """Key by key in their order; those that may be left out are the ones that the schema does not require."""
    held = definitions()
    seen = set()
    for kind in values():
        name = NAMES.get(
            kind.__name__, "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).strip("_")
        )
        if name not in held:
            continue
        seen.add(name)
        keys = [(word.strip("[]").partition("=")[0], not word.startswith("[")) for word in kind.SHAPE.split()]
        assert list(held[name]["properties"]) == [key for key, _ in keys], name
        assert held[name]["required"] == [key for key, needed in keys if needed], name
    assert {"check", "explanation", "concept", "release", "translation", "step", "crosswalk", "hit"} <= seen


def test_every_key_is_described() -> None:
    """In the file that the documentation is made of, no key is without its meaning."""
    for name, definition in definitions().items():
        assert definition["description"], name
        for key, about in definition.get("properties", {}).items():
            assert about["description"].endswith((".", "…")), (name, key)
        if definition.get("type") == "object":
            assert definition["additionalProperties"] is False, name


def test_the_command_prints_the_schema(ask: Ask) -> None:
    """As JSON by itself; without a name, the names with their commands; of another name an error."""
    assert ask("schema lookup", store=None).json == json_schema("lookup")
    listed = ask("schema", store=None).out
    assert all(f"{name} " in listed for name in answer_names())
    assert ask("schema lokup", store=None).err == "error: no answer is called 'lokup'; did you mean 'lookup'?\n"


def test_every_command_has_a_shape() -> None:
    """Every command that knows ``--json`` is named by one of the answers."""
    named = {command for name in answer_names() for command in definitions()[name][PRINTED_BY]}
    for words in commands_with_json():
        assert any(one == words or one.startswith(f"{words} ") for one in named), words


def commands_with_json() -> Iterator[str]:
    """Yield the names of the commands that answer in JSON."""
    import click

    from terminology.cli.application import program

    left: list[tuple[str, click.Command]] = [("", program)]
    while left:
        path, command = left.pop()
        if isinstance(command, click.Group):
            left += [(f"{path} {name}".strip(), one) for name, one in command.commands.items()]
        elif any(parameter.name == "as_json" for parameter in command.params):
            yield path


def test_a_load_report_is_the_answer_of_load() -> None:
    """An empty one, as `terminology.load` returns it."""
    validator("load").validate(LoadReport((), (), (), ()).to_dict())
