"""Gzipped tar archives: opened as zip archives are, within the same limits."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import tarfile
from pathlib import Path

import pytest

from terminology.errors import ReleaseFormatError
from terminology.reading import Budget, Limits, ReadableFile, readable_files

from .release_files import zipped

DENSE = random.Random(1).randbytes(2**21 + 1)  # noqa: S311 -- bytes that do not compress
SMALL = Limits(member_bytes=2**21, archive_bytes=2**22, members=20, depth=2)


def packed(members: dict[str, bytes], *others: tarfile.TarInfo) -> bytes:
    """Return a gzipped tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for other in others:
            archive.addfile(other)
        for member, data in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def found(
    tmp_path: Path, data: bytes, name: str = "a.tgz", limits: Limits = SMALL
) -> list[ReadableFile | ReleaseFormatError]:
    """Return what is found in a file."""
    path = tmp_path / name
    path.write_bytes(data)
    return list(readable_files(path, budget=Budget(limits)))


def test_members_are_files_by_name_whatever_the_archive_is_called(tmp_path: Path) -> None:
    """In order of their names; hidden ones, folders, links and devices are left out."""
    link = tarfile.TarInfo("package/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    folder = tarfile.TarInfo("package/x.txt")
    folder.type = tarfile.DIRTYPE
    data = packed({"package/b.txt": b"B", "package/.index.json": b"{}", "../a.txt": b"A"}, link, folder)
    for name in ("a.tgz", "a.tar.gz", "a.bin"):
        files = found(tmp_path, data, name)
        assert [(file.label, file.origin.archive) for file in files] == [
            (f"{name}!a.txt", name),
            (f"{name}!b.txt", name),
        ]  # type: ignore[union-attr]


def test_bytes_are_those_of_the_member_also_when_the_walk_has_moved_on(tmp_path: Path) -> None:
    """They are unpacked again then."""
    files = found(tmp_path, packed({"a.txt": b"A" * 9_000, "b.txt": b"B"}))
    assert [file.data for file in files] == [b"A" * 9_000, b"B"]  # type: ignore[union-attr]


def test_archives_in_archives_are_opened(tmp_path: Path) -> None:
    """A zip in a tar and a tar in a zip, to the depth that the limits allow."""
    inner = packed({"a.txt": b"A"})
    assert [file.data for file in found(tmp_path, zipped({"b.tgz": inner}), "a.zip")] == [b"A"]  # type: ignore[union-attr]
    assert [file.data for file in found(tmp_path, packed({"b.zip": zipped({"a.txt": b"A"})}))] == [b"A"]  # type: ignore[union-attr]
    (error,) = found(tmp_path, packed({"b.tgz": packed({"c.tgz": inner})}))
    assert "archives are nested deeper than 2" in str(error)


def test_any_other_gzipped_file_is_no_archive(tmp_path: Path) -> None:
    """It is a file that no loader knows."""
    (file,) = found(tmp_path, gzip.compress(b"code,title\n" * 100), "codes.csv.gz")
    assert isinstance(file, ReadableFile)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed({f"{number}.txt": b"x" for number in range(30)}), "the archive holds more than 20 members"),
        (packed({"a.txt": DENSE}), "member a.txt has 2,097,153 bytes"),
        (packed({f"{number}.txt": bytes(2**20) for number in range(5)}), "(a zip bomb?)"),
        (packed({"a.txt": b"Apple" * 100})[:-20], "cut off gzipped archive"),
        (packed({"a.txt": b"Apple" * 100})[:40] + b"\xff" * 400, "expected a gzipped tar archive"),
        (b"PK nothing", "expected a gzipped tar archive"),
        (b"", "expected a gzipped tar archive"),
    ],
    ids=["members", "member", "bomb", "cut", "damaged", "other", "empty"],
)
def test_what_is_damaged_or_too_large_is_an_error(tmp_path: Path, data: bytes, said: str) -> None:
    """One, that says what is wrong; nothing of the archive is read."""
    (error,) = found(tmp_path, data)
    assert isinstance(error, ReleaseFormatError)
    assert said in str(error)


def test_a_bomb_is_noticed_before_it_is_unpacked(tmp_path: Path) -> None:
    """By its ratio, wherever its limit of bytes is."""
    bomb = gzip.compress(tarfile.TarInfo("a.txt").tobuf() + bytes(2**26))
    (error,) = found(tmp_path, bomb, limits=Limits())
    assert "raise the limit with --limit ratio=N" in str(error)


@pytest.mark.parametrize("place", range(0, 300, 7))
def test_a_damaged_archive_raises_nothing_else(tmp_path: Path, place: int) -> None:
    """Wherever a byte is wrong."""
    data = bytearray(packed({"package/a.txt": b"Apple" * 50, "package/b.txt": b"Banana" * 50}))
    data[place % len(data)] ^= 0xFF
    for file in found(tmp_path, bytes(data)):
        if isinstance(file, ReadableFile):
            with contextlib.suppress(ReleaseFormatError):
                assert file.data is not None
