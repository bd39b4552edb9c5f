"""The demo: the main job shown on the packaged sample releases, with the program's own commands."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from ..counts import counted
from ..query import open_store
from ..samples import NEED_AN_EXTRA, sample_folders
from ..store import StoreFolder
from ..store.folder import sha256_of
from .options import json_option
from .printing import echo, echo_json, style
from .running import FINE, INTERRUPTED, run
from .sections import command

FILES: Final[Mapping[str, str]] = {
    "claims.csv": "claim,day,dx\n1,2021-09-14,F32.9\n2,2021-10-05,M54.5\n3,2021-10-06,M54.50\n4,2021-10-07,M54.5\n",
    "pain.txt": "# Low back pain, as a clinic counts it\nsystem: icd10cm\nrelease: 2021\n\nM54.5\nM54.9\n",
}
"""Files that the demo writes for the commands that read one."""
STEPS: Final[Sequence[tuple[str, str]]] = (
    ("In September 2021 M54.5 could be submitted.", "status icd10cm M54.5 --on 2021-09-30"),
    ("One day later it is a header: fiscal year 2022 split it.", "status icd10cm M54.5 --on 2021-10-01"),
    ("Why it may not be submitted, and what may instead.", "explain icd10cm M54.5 --on 2021-10-01"),
    ("The codes that replace it.", "children icd10cm M54.5 --on 2021-10-01"),
    ("All validity periods of the code, and its successors.", "history icd10cm M54.5"),
    ("Migrated to the next release, with the publication that says so.", "migrate icd10cm M54.5 --from 2021 --to 2022"),
    ("All that changed between the two.", "diff icd10cm 2021 2022"),
    (
        "What the new release breaks in a table of claims.",
        "impact claims.csv --code-column dx --on-column day --system icd10cm --from 2021 --to 2022",
    ),
    ("A list of codes, migrated to the new release.", "codelist migrate pain.txt --to 2022"),
    ("An old diagnosis of ICD-9.", "translate 250.00 --source icd9cm --target icd10cm"),
    ("And one that takes two codes together.", "translate A02.1 --source icd10cm --target icd9cm"),
    ("Everything that the release says about it, with the source.", "lookup icd10cm M54.5 --on 2021-10-01"),
    ("The place of one of the new codes in the hierarchy.", "ancestors icd10cm M54.50 --on 2021-10-01"),
    ("An update inside the year: new on April 1, 2022.", "history icd10cm Z28.310"),
    ("HCPCS codes end on any day: the last day of C9014.", "status hcpcs C9014 --on 2018-12-31"),
    ("And the day after.", "status hcpcs C9014 --on 2019-01-01"),
    ("A likely typo is corrected.", "status icd10cm W21.89A --on 2022-03-01"),
    ("A right code, asked of the wrong system.", "status icd10cm J1815 --on 2022-03-01"),
    ("A day that no release covers.", "status icd10cm M54.5 --on 1990-01-01"),
    ("What the store holds: the sample releases.", "releases"),
)


@command()
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the store, which is kept there.  [default: a temporary one]",
)
@click.option(
    "--files",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the claims and the list of the demo, which are kept there.  [default: a temporary one]",
)
@json_option
def demo(*, store: Path | None, files: Path | None, as_json: bool) -> int:
    """Show the main job on sample releases.

    The samples come with the program. The store of the demo is temporary; --store keeps it, so that you can ask it yourself. With both --store and --files the examples of every command can be tried.

    Example: terminology demo --store my-codes --files .
    """
    with contextlib.ExitStack() as stack:
        if store is None:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="terminology-demo-")))
        else:
            _check_samples_only(store)
            place = store.resolve()
        samples = [str(path) for path in sample_folders() if path.name not in NEED_AN_EXTRA]
        stack.enter_context(_files(files))
        loading = ("Load the sample releases that come with the program.", shlex.join(["load", *samples]))
        load = _answer(*loading, place)
        if as_json:
            echo_json(
                {"load": load["answer"], "files": dict(FILES), "answers": [_answer(*step, place) for step in STEPS]}
            )
            return int(load["exit_code"])
        if load["exit_code"]:
            return int(load["exit_code"])
        for question, command in STEPS:
            if _show(question, command, place) == INTERRUPTED:
                return INTERRUPTED
        for line in _closing(load["answer"], store, files):
            echo(line)
        return FINE


def _closing(loaded: dict[str, Any], store: Path | None, files: Path | None) -> Iterator[str]:
    number = counted(len(loaded["loaded"]), "sample release")
    maps = counted(len(loaded["crosswalks"]), "crosswalk")
    yield f"For these answers {number} and {maps} were loaded."
    if store:
        kept = shlex.quote(str(store))
        yield f"The store is kept: add --store {kept} to each command, or set TERMINOLOGY_STORE={kept}."
    else:
        yield "The store was temporary: terminology demo --store DIR keeps it, for questions of your own."
    if files:
        yield f"Kept in {files}: {' and '.join(FILES)}."
    yield "For your own releases: terminology load PATH..."
    yield "Each command has --help; the documentation is in the folder docs of the source, from docs/index.md on."


@contextlib.contextmanager
def _files(kept: Path | None) -> Iterator[None]:
    """Work in a folder that holds the files of the demo, so that answers name them as the commands do.

    Raises:
        click.UsageError: Another file has the name of one of them.
    """
    with tempfile.TemporaryDirectory(prefix="terminology-demo-") as temporary:
        folder = kept or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in FILES.items():
            path = folder / name
            if path.exists() and path.read_bytes() != text.encode():
                raise click.UsageError(f"{path} is another file: name another folder with --files, or move it")
            path.write_bytes(text.encode())
        with contextlib.chdir(folder):
            yield


def _check_samples_only(store: Path) -> None:
    """Check that the store is new, or holds samples only.

    Raises:
        click.UsageError: It holds other releases, with which the samples must not be mixed.
    """
    folder = StoreFolder(store)
    if not folder.pointer.exists():
        return
    known = {sha256_of(path) for place in sample_folders() for path in place.rglob("*") if path.is_file()}
    held = [release for system in open_store(store).values() for release in system.releases]
    if any(source.sha256 not in known for release in held for source in release.sources):
        raise click.UsageError(f"{store} holds other releases already; the demo needs a folder of its own")


def _program() -> click.Command:
    """Return the program that the demo is a command of."""
    return click.get_current_context().find_root().command


def _show(question: str, command: str, store: Path) -> int:
    echo(style(f"# {question}", fg="blue"))
    for name in FILES.keys() & set(shlex.split(command)):
        echo(style(f"$ cat {name}", bold=True))
        for line in FILES[name].splitlines():
            echo(line)
    echo(style(f"$ terminology {command}", bold=True), wrap=False)
    code = run(_program(), [*shlex.split(command), "--store", str(store)])
    echo()
    return code


def _answer(question: str, command: str, store: Path) -> dict[str, Any]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = run(_program(), [*shlex.split(command), "--store", str(store), "--json"])
    return {
        "question": question,
        "command": f"terminology {command}",
        "exit_code": code,
        "answer": json.loads(printed.getvalue() or "null"),
    }
