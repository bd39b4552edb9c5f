"""Bad files made of good samples, and files of others: what whatever reads files has to bear."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Final

from ..drafts import Part, Read, Skipped
from ..errors import ReleaseFaults, ReleaseFormatError
from ..reading import ReadableFile
from .trial import ConformanceError, SampleTrial, expect, same

SPOILED_COPIES: Final = 30
WEB_PAGE: Final = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>\n"
UNKNOWN_FILES: Final[Mapping[str, bytes]] = {
    "letter.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64),
    "letter.rtf": b"{\\rtf1\\ansi Dear reader\\par}",
    "README.txt": b"This archive holds nothing that you need.\r\nPlease read on.\r\n",
    "table.csv": b"name,colour\r\noak,green\r\n",
    "values.json": b'{"name": "oak", "colour": "green"}\n',
    "tree.xml": b'<?xml version="1.0"?>\n<trees><tree name="oak"/></trees>\n',
    "blank.txt": b"\r\n \r\n",
}


def reading_is_repeatable(trial: SampleTrial) -> None:
    """The same file read twice gives the same part: a reader holds no state, and looks at no clock."""
    for file in trial.files():
        first, second = (trial.reader.read(file) for _ in range(2))
        same(type(first), type(second), f"{file.label} is read in two ways")
        for one, other in zip(_parts(first), _parts(second), strict=True):
            same(one.facts, other.facts, f"facts of {file.label}")
            same(one.warnings, other.warnings, f"warnings of {file.label}")
            equal = all(table.equals(other.tables[name]) for name, table in one.tables.items())
            expect(equal, f"tables of {file.label} differ from one reading to the next")


def _parts(made: Read) -> tuple[Part, ...]:
    """Return the parts that were made of a file; none where it was not taken."""
    return (made,) if isinstance(made, Part) else made if isinstance(made, tuple) else ()


def bad_files_are_refused(trial: SampleTrial) -> None:
    """Under a sample's name, nothing, a web page, zeros or noise is rejected or skipped, and never committed."""
    noise = random.Random(2).randbytes(5000)  # noqa: S311 -- no secret
    for file in trial.files():
        for what, data in {"nothing": b"", "a web page": WEB_PAGE, "zeros": bytes(5000), "noise": noise}.items():
            made = _read(trial, file, data, what)
            expect(not _parts(made), f"{what} under the name {file.name} is taken for a release file")
            _load_alone(trial, file, data, what)
            same(None, trial.pointer("bad"), f"{what} under the name {file.name} was committed")


def cut_files_are_faulty_or_sound(trial: SampleTrial) -> None:
    """A sample cut anywhere is read, rejected or skipped; it raises nothing but the errors of release files."""
    for number, file in enumerate(trial.files()):
        chance = random.Random(number)  # noqa: S311 -- no secret
        cuts = [len(file.data) * share // 8 for share in range(1, 8)] + [chance.randrange(len(file.data) + 1)]
        for cut in cuts:
            _read(trial, file, file.data[:cut], f"the first {cut:,} bytes")
            _load_alone(trial, file, file.data[:cut], f"the first {cut:,} bytes")


def spoiled_files_raise_nothing_else(trial: SampleTrial) -> None:
    """A sample with bytes changed, lost or doubled raises nothing but the errors of release files."""
    for number, file in enumerate(trial.files()):
        for what, data in _spoiled(file.data, number):
            _read(trial, file, data, what)


def _spoiled(good: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(seed)  # noqa: S311 -- no secret
    for _ in range(SPOILED_COPIES):
        data = bytearray(good)
        place, length = chance.randrange(len(data) + 1), chance.randrange(1, 400)
        kind = chance.choice(("changed", "lost", "doubled", "NUL"))
        if kind == "changed":
            data[place : place + length] = chance.randbytes(length)
        elif kind == "lost":
            del data[place : place + length]
        elif kind == "doubled":
            data[place:place] = data[place : place + length]
        else:
            data[place:place] = b"\0"
        yield f"a spoiled copy ({kind}, {place}, {length})", bytes(data)


def strangers_are_left_alone(trial: SampleTrial) -> None:
    """A file of another kind is not taken, and no error."""
    for name, data in UNKNOWN_FILES.items():
        try:
            made = trial.reader.read(_file(name, data))
        except (ReleaseFormatError, ReleaseFaults) as error:
            raise ConformanceError(f"the unknown file {name} is rejected as faulty: {error}") from error
        expect(made is None or isinstance(made, Skipped), f"the unknown file {name} is taken for a release file")


def _file(name: str, data: bytes) -> ReadableFile:
    return ReadableFile(name, lambda: data)


def _read(trial: SampleTrial, file: ReadableFile, data: bytes, what: str) -> Read:
    """Return what is made of other bytes under a sample's name; None where they are rejected."""
    try:
        return trial.reader.read(_file(file.name, data))
    except (ReleaseFormatError, ReleaseFaults) as error:
        faults = error.exceptions if isinstance(error, ReleaseFaults) else [error]
        for fault in faults:
            expect(isinstance(fault, ReleaseFormatError), f"{what} of {file.name}: a fault of another kind: {fault!r}")
            expect(getattr(fault, "file", None), f"{what} of {file.name}: a fault names no file: {fault}")
        return None
    except Exception as error:
        raise ConformanceError(f"{what} of {file.name} raises {type(error).__name__}: {error}") from error


def _load_alone(trial: SampleTrial, file: ReadableFile, data: bytes, what: str) -> None:
    path = trial.folder / "bad-files" / file.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        trial.load(path, store="bad")
    except Exception as error:
        raise ConformanceError(f"loading {what} of {file.name} raises {type(error).__name__}: {error}") from error
    finally:
        path.unlink()
