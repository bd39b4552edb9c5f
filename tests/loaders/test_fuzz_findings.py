"""What fuzzing found (``python -m benchmarks.fuzz``): each input, made small, is read or refused, and nothing else."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import pytest

from terminology.drafts import Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import readable_files
from terminology_loaders.generic import GenericLoader
from terminology_loaders.hcpcs import HcpcsLoader

from ..release_files import zipped
from .claml_files import bytes_file
from .hcpcs_records import cells, record, sheet_row, text_file, workbook


@pytest.mark.parametrize("header", [b"code\r,title", b'"' + b"a" * 140_000])
def test_a_header_that_cannot_be_divided(header: bytes) -> None:
    """A return within the header, or a cell without end, is a fault of the list and no csv.Error."""
    with pytest.raises((ReleaseFormatError, ReleaseFaults)) as caught:
        GenericLoader().read(bytes_file(b"#system: trees\n#version: 1\n" + header + b"\nA,Oak\n", "trees.csv"))
    faults = caught.value.exceptions if isinstance(caught.value, ReleaseFaults) else [caught.value]
    assert ("trees.csv", 3) in {(fault.file, fault.line) for fault in faults}


def test_a_return_in_a_stranger() -> None:
    """A return within a line of a stranger's file leaves it a stranger's."""
    assert GenericLoader().read(bytes_file(b"a\rb\n", "notes.txt")) is None


def test_a_shape_that_repeats_too_often() -> None:
    """A shape with a repetition beyond what regular expressions can count is a fault, and no OverflowError."""
    data = b"#system: trees\n#version: 1\n#shape: [0-9]{99999999999}\ncode,title\nA,Oak\n"
    with pytest.raises(ReleaseFormatError, match="a regular expression") as caught:
        GenericLoader().read(bytes_file(data, "trees.csv"))
    assert 3 == caught.value.line


def test_a_number_beyond_all_columns() -> None:
    """An integer that no column of integers can hold is a fault with its line, and no OverflowError."""
    data = f"#system: trees\n#version: 1\n#types: height=integer\ncode,title,height\nA,Oak,{2**63}\n"
    with pytest.raises(
        ReleaseFormatError, match="expected a whole number of at most 64 bits, got '9223372036854775808'"
    ) as caught:
        GenericLoader().read(bytes_file(data.encode(), "trees.csv"))
    assert (5, "height") == (caught.value.line, caught.value.column)


def test_a_last_day_without_a_day_after_it() -> None:
    """The last day of the calendar, as "for ever" is often written, means no end, and no OverflowError."""
    rows = b"code,title,effective_from,effective_through\nA,Oak,2020-01-01,9999-12-31\n"
    data = b"#system: trees\n#version: 2020\n#effective: 2020-01-01\n#calendar: calendar\n" + rows
    part = GenericLoader().read(bytes_file(data, "trees.csv"))
    assert isinstance(part, Part)
    (table,) = part.tables.values()
    assert [None] == table.column("effective_to").to_pylist()
    assert [datetime.date(2020, 1, 1)] == table.column("effective_from").to_pylist()


def test_publications_without_a_common_code() -> None:
    """Text and workbook of one release that share no code differ in all codes; comparing them is no Arrow error."""
    loader = HcpcsLoader()
    files = (text_file(record("A0001"), record("A0003")), workbook(list(cells("A")), sheet_row(cells("B0002"))))
    parts = [part for file in files if isinstance(part := loader.read(file), Part)]
    assert len(files) == len(parts)
    (draft,) = loader.assemble(parts).drafts
    lacks, adds = draft.build().warnings
    assert lacks.endswith("lacks 2 codes (A0001, A0003)")
    assert adds.endswith("adds 1 code (B0002)")


def test_a_workbook_of_a_later_packing() -> None:
    """A workbook that asks for a later version of packing than there is is damaged, and no NotImplementedError."""
    data = bytearray(workbook(["HCPC", "SEQNUM", "RECID"]).data)
    place = data.rindex(b"PK\x01\x02") + 6
    data[place : place + 2] = b"\xff\xff"
    with pytest.raises(ReleaseFormatError, match="damaged workbook: zip file version"):
        HcpcsLoader().read(bytes_file(bytes(data), "HCPC2018_CONTR_ANWEB.xlsx"))


# ---- archives


def opened(path: Path, data: bytes) -> list[str]:
    """Return the messages of all faults of an archive; its members are read."""
    path.write_bytes(data)
    faults = []
    for file in readable_files(path):
        try:
            fault = file if isinstance(file, ReleaseFormatError) else None
            assert isinstance(file, ReleaseFormatError) or file.data is not None
        except ReleaseFormatError as error:
            fault = error
        faults += [fault.message] if fault else []
    return faults


def test_a_damaged_member_in_lzma(tmp_path: Path) -> None:
    """A damaged member that is packed with LZMA is refused as one that is packed otherwise."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", b"Some words to pack. " * 20)
    data = bytearray(stream.getvalue())
    place = data.index(b"a.txt") + 5
    data[place + 4 : place + 24] = b"\xff" * 20
    (message,) = opened(tmp_path / "a.zip", bytes(data))
    assert message.startswith("damaged member of a zip archive")


def test_a_member_without_a_name(tmp_path: Path) -> None:
    """A member whose name was lost from the archive's directory is passed over, and no IndexError."""
    data = bytearray(zipped({"a.txt": b"words"}))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 28 : directory + 30] = b"\0\0"
    del data[directory + 46 : directory + 51]
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = (end - directory).to_bytes(4, "little")
    assert [] == opened(tmp_path / "a.zip", bytes(data))
