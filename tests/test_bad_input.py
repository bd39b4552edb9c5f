"""Faulty ICD-10-CM files: each is refused with file, line, column and what was expected, and its release with it.

Beside every faulty file lies a good release of another year in the same command, which is committed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import terminology
from terminology import LoadReport, ReleaseFormatError
from terminology.errors import ReleaseFaults
from terminology.reading import Limits, readable_files, xml_root

from .release_files import (
    BACK_PAIN,
    CHOLERA,
    codes_file,
    order_addenda,
    order_file,
    order_line,
    order_lines,
    tabular,
    text,
    written,
    zipped,
)

GOOD = "icd10cm_order_2019.txt"
ORDER = "icd10cm_order_2022.txt"
Place = tuple[str, int | None, int | str | None]


def load(folder: Path, files: Mapping[str, bytes]) -> LoadReport:
    """Load a folder with the files and a good release; check that it alone was committed, and something was refused."""
    good = {GOOD: order_file(CHOLERA)}
    report = terminology.load(written(folder / "files", {**good, **files}), store=folder / "store")
    store = terminology.open(folder / "store")
    assert [release.version for release in store["icd10cm"].releases] == ["2019"]
    assert [item.release.version for item in report.loaded] == ["2019"]
    assert not report.ok
    return report


def places(report: LoadReport) -> list[Place]:
    """Return file, line and column of every fault."""
    return [(error.file, error.line, error.column) for error in report.errors]


def message(report: LoadReport) -> str:
    """Return the message of the only fault."""
    (error,) = report.errors
    return error.message


# ---- order files


def test_cut_within_a_line(tmp_path: Path) -> None:
    """An order file that ends within a line is cut short."""
    report = load(tmp_path, {ORDER: order_file(BACK_PAIN)[:-10]})
    assert places(report) == [(ORDER, 9, None)]
    assert "cut short" in message(report)


def test_cut_within_the_code(tmp_path: Path) -> None:
    """An order file that ends within the code of a line is short there."""
    lines = order_lines(BACK_PAIN)
    report = load(tmp_path, {ORDER: text(lines[:-1]) + lines[-1][:10].encode()})
    assert (ORDER, 9, 11) in places(report)
    assert "expected at least 78 characters, got 10" in report.errors[0].message


def test_cut_between_lines_proved_by_codes_file(tmp_path: Path) -> None:
    """An order file that ends between two lines is proved to be cut short by the codes file of its archive."""
    members = {ORDER: order_file(BACK_PAIN[:-2]), "icd10cm_codes_2022.txt": codes_file(BACK_PAIN)}
    report = load(tmp_path, {"release.zip": zipped(members)})
    # the fifth and the sixth line of the codes file name what the order file lacks
    assert places(report) == [("release.zip!icd10cm_codes_2022.txt", line, 1) for line in (5, 6)]
    assert f"expected a billable code of release.zip!{ORDER}, got M5451" in report.errors[0].message


def test_cut_between_lines_proved_by_addenda(tmp_path: Path) -> None:
    """An order file that ends between two lines is proved to be cut short by the counts of the addenda of its archive."""
    members = {
        ORDER: order_file(BACK_PAIN[:-2]),
        "icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, "icd10cm_order_2021.txt", ORDER),
    }
    report = load(tmp_path, {"release.zip": zipped(members)})
    named = {error.file: error.message for error in report.errors}
    assert set(named) == {f"release.zip!{ORDER}", "release.zip!icd10cm_order_addenda_2022.txt"}
    assert "expected 6 codes and 3 headers" in named[f"release.zip!{ORDER}"]
    assert "got 4 codes and 3 headers" in named[f"release.zip!{ORDER}"]


def test_codes_file_cut_between_lines(tmp_path: Path) -> None:
    """A codes file that lacks codes of the order file is refused with it, and says how many are missing."""
    members = {ORDER: order_file(BACK_PAIN), "icd10cm_codes_2022.txt": codes_file(BACK_PAIN[:-1])}
    report = load(tmp_path, {"release.zip": zipped(members)})
    assert places(report) == [("release.zip!icd10cm_codes_2022.txt", 6, None)]
    assert "expected all 6 billable codes" in message(report)
    assert "1 is missing: M5459" in message(report)


def test_codes_file_of_another_release(tmp_path: Path) -> None:
    """A codes file that lists a header as billable contradicts the order file, in line and column."""
    other = [(code, flag or code == "M545", title) for code, flag, title in BACK_PAIN]
    report = load(tmp_path, {ORDER: order_file(BACK_PAIN), "icd10cm_codes_2022.txt": codes_file(other)})
    assert places(report) == [("icd10cm_codes_2022.txt", 4, 1)]


@pytest.mark.parametrize(
    ("encode", "expected"),
    [
        (lambda data: data.decode().encode("utf-16"), "got UTF-16"),
        (lambda data: data.decode().encode("utf-16-be"), "NUL byte"),
        (lambda data: data.replace(b"biovar eltor", b"biovar\0eltor"), "NUL byte"),
        (lambda data: data.replace(b"unspecified", b"unsp\x81cified"), "0x81"),
    ],
    ids=["utf-16", "utf-16 without mark", "nul", "no text"],
)
def test_encoding(tmp_path: Path, encode: Callable[[bytes], bytes], expected: str) -> None:
    """Bytes that are no text in UTF-8 or CP1252 are refused at their first place."""
    report = load(tmp_path, {ORDER: encode(order_file(BACK_PAIN))})
    ((file, line, column),) = places(report)
    assert file == ORDER
    assert line is not None
    assert column is not None
    assert expected in message(report)


def test_place_of_a_wrong_byte(tmp_path: Path) -> None:
    """A byte that is no text is named with line and column."""
    data = order_file(BACK_PAIN).replace(b"biovar cholerae", b"biovar\0cholerae")
    assert places(load(tmp_path, {ORDER: data})) == [(ORDER, 2, data.split(b"\n")[1].index(b"\0") + 1)]


def test_repeated_rows(tmp_path: Path) -> None:
    """Every repetition of a code is named, with the line on which it stood first."""
    rows = [*BACK_PAIN, BACK_PAIN[1], BACK_PAIN[2]]
    report = load(tmp_path, {ORDER: order_file(rows)})
    assert places(report) == [(ORDER, 10, 7), (ORDER, 11, 7)]
    assert [error.message for error in report.errors] == [
        "code A000 is on line 2 already",
        "code A001 is on line 3 already",
    ]


def shifted(data: bytes) -> bytes:
    """Return the file with one blank too many before the flag of every line."""
    return b"".join(line[:13] + b" " + line[13:] for line in data.splitlines(keepends=True))


def swapped(data: bytes) -> bytes:
    """Return the file with flag and code in each other's place."""
    return b"".join(line[:6] + line[14:15] + b" " + line[6:14] + line[15:] for line in data.splitlines(keepends=True))


@pytest.mark.parametrize("spoil", [shifted, swapped])
def test_columns_in_other_places(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Where columns are shifted or swapped, every line is named, with a column and what was expected there."""
    report = load(tmp_path, {ORDER: spoil(order_file(BACK_PAIN))})
    assert {error.line for error in report.errors} == set(range(1, 10))
    assert {error.file for error in report.errors} == {ORDER}
    assert all(isinstance(error.column, int) and "expected" in error.message for error in report.errors)


def test_one_shifted_line(tmp_path: Path) -> None:
    """A shifted line among sound ones is named alone, with each column that is not as it should be."""
    lines = order_lines(BACK_PAIN)
    lines[3] = lines[3][:13] + " " + lines[3][13:]
    report = load(tmp_path, {ORDER: text(lines)})
    assert (ORDER, 4, 15) in places(report)
    assert {error.line for error in report.errors} == {4}


def test_numbers_out_of_sequence(tmp_path: Path) -> None:
    """A line that was lost is seen in the order number after it, and there alone."""
    lines = order_lines(BACK_PAIN)
    del lines[4]
    report = load(tmp_path, {ORDER: text(lines)})
    assert places(report) == [(ORDER, 5, 1)]
    assert message(report) == "expected order number 00005, got '00006': 1 line is missing"


def test_all_faults_at_once(tmp_path: Path) -> None:
    """All faults of a file are reported together, each in its place."""
    lines = order_lines(BACK_PAIN)
    lines[1] = lines[1][:14] + "X" + lines[1][15:]
    lines[3] = order_line(4, "A0-9", "1", "Cholera, unspecified")
    lines[5] = lines[5][:40]
    lines[7] = lines[7][:16] + " " * 60 + lines[7][76:]
    report = load(tmp_path, {ORDER: text(lines)})
    assert places(report) == [(ORDER, 2, 15), (ORDER, 4, 7), (ORDER, 6, 41), (ORDER, 8, 17)]


def test_a_thousand_faults(tmp_path: Path) -> None:
    """Of very many faults the first hundred are listed."""
    rows = [(f"A{number:04}", True, "Title") for number in range(1000)]
    lines = [line[:14] + "7" + line[15:] for line in order_lines(rows)]
    assert len(load(tmp_path, {ORDER: text(lines)}).errors) == 100


def test_two_order_files_of_one_release(tmp_path: Path) -> None:
    """Of two order files with other codes that claim the same day by the same evidence none is taken."""
    report = load(tmp_path, {ORDER: order_file(BACK_PAIN), "ICD10CM-ORDER-2022.txt": order_file(BACK_PAIN[:-1])})
    assert {error.file for error in report.errors} == {ORDER, "ICD10CM-ORDER-2022.txt"}
    assert all("--effective" in error.message for error in report.errors)


def test_a_second_order_file_arrives_later(tmp_path: Path) -> None:
    """A file that contradicts a release which is there already is refused, and the release stays as it is."""
    terminology.load(written(tmp_path / "a", {ORDER: order_file(BACK_PAIN)}), store=tmp_path / "store")
    before = (tmp_path / "store/CURRENT.json").read_bytes()
    other = written(tmp_path / "b", {"ICD10CM-ORDER-2022.txt": order_file(BACK_PAIN[:-1])})
    report = terminology.load(other, store=tmp_path / "store")
    assert [error.file for error in report.errors] == ["ICD10CM-ORDER-2022.txt"]
    assert before == (tmp_path / "store/CURRENT.json").read_bytes()


# ---- addenda


def test_addenda_with_other_counts(tmp_path: Path) -> None:
    """Addenda whose records are not as many as its summary says are refused, and the release beside them."""
    data = order_addenda(CHOLERA, BACK_PAIN, "icd10cm_order_2021.txt", ORDER)
    lines = [line for line in data.decode().splitlines() if "M5451" not in line]
    files = {ORDER: order_file(BACK_PAIN), "icd10cm_order_addenda_2022.txt": text(lines)}
    report = load(tmp_path, files)
    assert {error.file for error in report.errors} == {"icd10cm_order_addenda_2022.txt"}
    assert "the summary counts 3 additions of codes, the records 2" in message(report)


def test_addenda_with_faulty_records(tmp_path: Path) -> None:
    """Every faulty record of an addenda is named with line and column."""
    data = order_addenda(CHOLERA, BACK_PAIN, "icd10cm_order_2021.txt", ORDER)
    lines = data.decode().splitlines()
    lines[0] = lines[0][:13] + "9" + lines[0][14:]
    lines[2] = lines[2][:15] + "m54." + lines[2][19:]
    files = {ORDER: order_file(BACK_PAIN), "icd10cm_order_addenda_2022.txt": text(lines)}
    found = places(load(tmp_path, files))
    assert ("icd10cm_order_addenda_2022.txt", 1, 14) in found
    assert ("icd10cm_order_addenda_2022.txt", 3, 16) in found


# ---- tabular lists


def with_tabular(data: bytes) -> Mapping[str, bytes]:
    """Return an order file with a tabular list beside it."""
    return {ORDER: order_file(BACK_PAIN), "icd10cm_tabular_2022.xml": data}


def test_entity_expansion(tmp_path: Path) -> None:
    """Entities are not expanded: a list that declares one is refused at the declaration."""
    laughs = '<!DOCTYPE x [\n<!ENTITY a "ha">\n<!ENTITY b "&a;&a;&a;">\n]>\n'
    data = tabular(2022, BACK_PAIN).decode().replace("<ICD10CM.tabular>", f"{laughs}<ICD10CM.tabular>")
    report = load(tmp_path, with_tabular(data.encode()))
    assert places(report) == [("icd10cm_tabular_2022.xml", 3, 1)]
    assert "entity declarations are not allowed" in message(report)


def test_external_entity(tmp_path: Path) -> None:
    """A file outside is never read, whatever a list names."""
    (tmp_path / "secret.txt").write_text("secret words")
    outside = f'<!DOCTYPE x [<!ENTITY out SYSTEM "file://{tmp_path}/secret.txt">]>\n'
    data = tabular(2022, BACK_PAIN).decode().replace("<ICD10CM.tabular>", f"{outside}<ICD10CM.tabular>")
    report = load(tmp_path, with_tabular(data.replace("Low back pain<", "&out;<").encode()))
    assert places(report) == [("icd10cm_tabular_2022.xml", 2, 14)]
    assert "secret words" not in str(report)


@pytest.mark.parametrize("padding", [0, 70_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_behind_a_long_prolog(padding: int, encoding: str) -> None:
    """A declaration is seen wherever it stands before the root, and in every encoding."""
    head = f'<?xml version="1.0" encoding="{encoding}"?><!--{" " * padding}--><!DOCTYPE x [<!ENTITY a "ha">]>'
    with pytest.raises(ReleaseFormatError, match="entity declarations are not allowed"):
        xml_root(f"{head}<x>&a;</x>".encode(encoding), "list.xml")


def test_cut_tabular_list(tmp_path: Path) -> None:
    """A tabular list that ends too early is no well-formed XML, and the place where it ends is named."""
    data = tabular(2022, BACK_PAIN)
    report = load(tmp_path, with_tabular(data[: len(data) // 2]))
    assert "expected well-formed XML" in message(report)
    ((file, line, column),) = places(report)
    assert (file, line) == ("icd10cm_tabular_2022.xml", data[: len(data) // 2].count(b"\n") + 1)
    assert column is not None


def test_repeated_code_in_tabular_list(tmp_path: Path) -> None:
    """A code that is defined twice is named with both lines."""
    data = tabular(2022, BACK_PAIN).decode()
    one = "<diag><name>A00.1</name><desc>Cholera due to Vibrio cholerae 01, biovar eltor</desc></diag>\n"
    report = load(tmp_path, with_tabular(data.replace(one, one + one).encode()))
    ((file, line, _),) = places(report)
    assert file == "icd10cm_tabular_2022.xml"
    assert f"A00.1 is defined on line {(line or 0) - 1} already" in message(report)


def test_tabular_list_without_chapters(tmp_path: Path) -> None:
    """A tabular list that holds nothing is refused."""
    report = load(tmp_path, with_tabular(b"<ICD10CM.tabular>\n<version>2022</version>\n</ICD10CM.tabular>\n"))
    assert "expected at least one chapter" in message(report)


# ---- archives and pages


PAGE = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"


@pytest.mark.parametrize("name", ["icd10cm_2022.zip", ORDER, "icd10cm_tabular_2022.xml", "icd10cm_codes_2022.txt"])
def test_web_page(tmp_path: Path, name: str) -> None:
    """A web page under the name of a release file is refused as one."""
    report = load(tmp_path, {name: PAGE})
    assert places(report) == [(name, 1, 1)]
    assert "got an HTML page" in message(report)


@pytest.mark.parametrize("name", ["icd10cm_2022.zip", ORDER, "icd10cm_tabular_2022.xml", "icd10cm_codes_2022.txt"])
def test_empty_file(tmp_path: Path, name: str) -> None:
    """An empty file under the name of a release file is refused."""
    report = load(tmp_path, {name: b""})
    # an archive has no lines
    assert [(error.file, error.line) for error in report.errors] == [(name, None if name.endswith(".zip") else 1)]
    assert "expected" in message(report)


def test_zip_bomb(tmp_path: Path) -> None:
    """A member that unpacks to many hundred times its size is refused before it is unpacked."""
    report = load(tmp_path, {"icd10cm_2022.zip": zipped({ORDER: b" " * 8 * 2**20})})
    assert [error.file for error in report.errors] == ["icd10cm_2022.zip"]
    assert "a zip bomb?" in message(report)
    assert f"{8 * 2**20:,} bytes" in message(report)


def test_nested_too_deep(tmp_path: Path) -> None:
    """Archives within archives are opened four levels deep, and no deeper."""
    data = zipped({ORDER: order_file(BACK_PAIN)})
    for _ in range(4):
        data = zipped({"inner.zip": data})
    report = load(tmp_path, {"icd10cm_2022.zip": data})
    assert [error.file for error in report.errors] == ["icd10cm_2022.zip!inner.zip"]
    assert "nested deeper than 4" in message(report)


def test_nested_four_deep(tmp_path: Path) -> None:
    """Four levels are read."""
    data = zipped({ORDER: order_file(BACK_PAIN)})
    for _ in range(3):
        data = zipped({"inner.zip": data})
    report = terminology.load(written(tmp_path / "files", {"a.zip": data}), store=tmp_path / "store")
    assert [item.release.version for item in report.loaded] == ["2022"]
    assert report.ok


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(member_bytes=100), "a zip bomb?"),
        (Limits(archive_bytes=300), "bytes"),
        (Limits(members=1), "2 members, more than 1"),
        (Limits(depth=0), "nested deeper than 0"),
    ],
    ids=["member", "archive", "members", "depth"],
)
def test_limits(tmp_path: Path, limits: Limits, expected: str) -> None:
    """Every limit is kept, and what goes beyond it is refused with the archive's name."""
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({ORDER: order_file(BACK_PAIN), "b.txt": b"b"}))
    (found,) = readable_files(path, limits)
    assert isinstance(found, ReleaseFormatError)
    assert (found.file, expected in found.message) == ("a.zip", True)


def test_lying_size(tmp_path: Path) -> None:
    """A member that unpacks to more than the archive's directory says is refused, and no more than that is unpacked."""
    members = {ORDER: order_file(BACK_PAIN)}
    data = bytearray(zipped(members, compression=zipfile.ZIP_STORED))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo(ORDER).file_size
    place = data.rindex(b"PK\x01\x02") + 24
    data[place : place + 4] = (size - 100).to_bytes(4, "little")
    report = load(tmp_path, {"icd10cm_2022.zip": bytes(data)})
    assert [error.file for error in report.errors] == [f"icd10cm_2022.zip!{ORDER}"]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_damaged_archive(tmp_path: Path, share: float) -> None:
    """An archive that is cut short is refused with its name."""
    data = zipped({ORDER: order_file(BACK_PAIN), "icd10cm_codes_2022.txt": codes_file(BACK_PAIN)})
    report = load(tmp_path, {"icd10cm_2022.zip": data[: int(len(data) * share)]})
    assert [error.file for error in report.errors] == ["icd10cm_2022.zip"]


def test_damaged_member(tmp_path: Path) -> None:
    """A member whose bytes are not those that were packed is refused, with all of its release."""
    data = bytearray(zipped({ORDER: order_file(BACK_PAIN), "icd10cm_codes_2022.txt": codes_file(BACK_PAIN)}))
    place = data.index(ORDER.encode()) + len(ORDER) + 60
    data[place : place + 8] = bytes(8)
    report = load(tmp_path, {"icd10cm_2022.zip": bytes(data)})
    assert [error.file for error in report.errors] == [f"icd10cm_2022.zip!{ORDER}"]


def test_faulty_file_takes_its_release_with_it(tmp_path: Path) -> None:
    """The sound files of a faulty one's archive are left out with it, and the report says why."""
    members = {ORDER: order_file(BACK_PAIN)[:-5], "icd10cm_codes_2022.txt": codes_file(BACK_PAIN)}
    report = load(tmp_path, {"icd10cm_2022.zip": zipped(members)})
    reasons = {skip.path: skip.reason for skip in report.skipped}
    assert reasons == {
        "icd10cm_2022.zip!icd10cm_codes_2022.txt": f"rejected with icd10cm_2022.zip!{ORDER}, which is faulty"
    }


def test_refused_release_can_be_loaded_later(tmp_path: Path) -> None:
    """Once the file is whole, the release is loaded; nothing of the refusal stays behind."""
    load(tmp_path, {ORDER: order_file(BACK_PAIN)[:-10]})
    whole = written(tmp_path / "whole", {ORDER: order_file(BACK_PAIN)})
    assert terminology.load(whole, store=tmp_path / "store").ok
    once = written(tmp_path / "once", {ORDER: order_file(BACK_PAIN), GOOD: order_file(CHOLERA)})
    terminology.load(once, store=tmp_path / "other")
    stores = [terminology.open(tmp_path / name)["icd10cm"] for name in ("store", "other")]
    assert stores[0].releases == stores[1].releases


def test_nothing_good_at_all(tmp_path: Path) -> None:
    """Where all that is loaded is faulty, nothing is published."""
    report = terminology.load(written(tmp_path / "files", {ORDER: PAGE}), store=tmp_path / "store")
    assert not report.ok
    with pytest.raises(terminology.StoreNotFoundError):
        terminology.open(tmp_path / "store")


def test_faults_print_their_places() -> None:
    """A fault prints as file, line, column and message; several print together."""
    one = ReleaseFormatError("expected a blank", file="a.zip!b.txt", line=3, column=14)
    assert str(one) == "a.zip!b.txt:3: column 14: expected a blank"
    group: Sequence[ReleaseFormatError] = ReleaseFaults("b.txt: 2 faults", [one, one]).exceptions
    assert len(group) == 2
