"""Files that a command writes where it is asked to: ``--csv``, ``--html``, ``--output``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..characters import encodable, escaped
from .standard import STANDARD, standard_output, writing

if TYPE_CHECKING:
    import pyarrow as pa

Command = Callable[..., int]

FORMS: Final = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".json": "JSON",
    ".html": "HTML",
    ".pdf": "PDF",
    ".xlsx": "Excel",
    ".xls": "Excel",
    ".parquet": "Parquet",
    ".docx": "Word",
}
"""What people take a file for by the end of its name."""


class OutputFile(click.Path):
    """A file to write. That its folder is there, and its name fits, is checked before the command begins its work.

    Args:
        forms: Those that the command writes; without, the name may be any.
        standard: Whether a minus is standard output.
    """

    def __init__(self, *forms: str, standard: bool = True) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self.forms = forms
        self.standard = standard

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            click.BadParameter: It is standard output, and may not be; it is a folder, or its own folder is missing or a file; or its name is that of another form.
        """
        if os.fspath(value) == "-" and not self.standard:
            self.fail("this is not written to standard output: name a file", param, ctx)
        path = super().convert(value, param, ctx)
        folder = Path(os.fsdecode(path)).parent
        if not folder.is_dir():
            what = "is a file" if folder.exists() else "does not exist"
            self.fail(f"the folder {folder} {what}: make it first, or name another file", param, ctx)
        form = FORMS.get(Path(os.fsdecode(path)).suffix.lower())
        if form and self.forms and form not in self.forms:
            endings = {"text": ".txt", **{form: ending for ending, form in reversed(FORMS.items())}}
            names = " or ".join(f"{form} (FILE{endings[form]})" for form in self.forms)
            self.fail(f"{Path(os.fsdecode(path)).name} has the ending of {form}; written is {names}", param, ctx)
        return path


def output_option(name: str, destination: str, *forms: str, help: str) -> Callable[[Command], Command]:  # noqa: A002 -- click's
    """Return an option that names a file to write; a minus is standard output, and all else is printed on standard error."""
    option = click.option(name, destination, type=OutputFile(*forms), metavar="FILE", help=help)
    return lambda command: option(writing(destination)(command))


def output_argument(*forms: str, required: bool = True) -> Callable[[Command], Command]:
    """Return the argument OUT, a file to write, as `output_option`."""
    metavar = "OUT" if required else "[OUT]"
    argument = click.argument("output", metavar=metavar, type=OutputFile(*forms), required=required)
    return lambda command: argument(writing("output")(command))


csv_option = output_option("--csv", "csv_file", "CSV", help="Write the codes to a CSV file.")
html_option = output_option("--html", "html_file", "HTML", help="Write a report to an HTML file.")


def check_files(read: Iterable[Path], written: Iterable[Path | None]) -> None:
    """Check that files to write are no files to read: their content would be lost. Devices may be both.

    Raises:
        click.UsageError: One is, or two files to write are one.
    """
    sources = {path.resolve() for path in read}
    seen: set[Path] = set()
    for path in written:
        if path is None or (path.exists() and not path.is_file()):
            continue
        if path.resolve() in sources:
            raise click.UsageError(f"{path} is read, and would be overwritten: name another file to write")
        if path.resolve() in seen:
            raise click.UsageError(f"{path.name} is named for two files")
        seen.add(path.resolve())


def write_files(*files: tuple[Path | None, Callable[[], str]]) -> list[Path]:
    """Write the files that are asked for, each in one step, and return their paths.

    A link or a device, such as /dev/stdout, is written to, not replaced.

    Raises:
        click.UsageError: Two of them are one file.
    """
    from ..store.folder import write_durably
    from ..store.leftovers import remove_leftovers

    check_files((), [path for path, _ in files])
    written = []
    for path, text in files:
        if path is not None:
            data = encodable(text())
            if path == STANDARD:
                standard_output().write(data.encode())
            elif _is_special(path):
                _write_through(path, data)
            else:
                remove_leftovers(path)
                write_durably(path, data.encode())
            written.append(path)
    return written


def write_csv(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables to a file, or as CSV to standard output; return the number of rows."""
    from ..columns.files import write_stream, write_tables

    return write_stream(standard_output(), tables) if path == STANDARD else write_tables(path, tables)


def _write_through(path: Path, data: str) -> None:
    """Write to a link or a device; to a terminal as everything else that is printed."""
    with path.open("wb") as file:
        file.write((escaped(data, keep="\n") if file.isatty() else data).encode())


def _is_special(path: Path) -> bool:
    return path.is_symlink() or (path.exists() and not path.is_file())
