"""Every code of every real transition of ICD-10-GM carried over it, both ways, against a reading of the lines alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attrs import frozen

import terminology
from terminology import CodeSystem
from terminology.model import Translation

from ..loaders.claml_files import gm_line

ARCHIVES = (
    "x1gut2015",
    "x1gut2016",
    "x1gua2013",
    "x1ueb2004_2005",
    "x1ueb2007_2008",
    "x1ueb2008_2009",
    "x1ueb2011_2012",
)


@frozen
class Line:
    """A line of a transition: from which code to which, and whether the step is automatic forward, and backward."""

    old: str | None
    new: str | None
    forward: bool
    backward: bool


@frozen
class Transition:
    """The lines of an archive, the codes of both its lists, and the system that was loaded of them."""

    lines: tuple[Line, ...]
    lists: Mapping[int, Mapping[str, str]]
    system: CodeSystem

    @property
    def years(self) -> tuple[str, str]:
        """The old year and the new one."""
        old, new = sorted(self.lists)
        return str(old), str(new)


def plain(cell: str) -> str | None:
    """Return the code of a cell, without what older lists write behind it; None where the cell says that there is none."""
    return None if cell.strip() in ("", "UNDEF") else re.sub(r"(\.?-)?[*+!]?$", "", cell.strip())


def texts(archive: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of the files of an archive."""
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as members:
        for name in members.namelist():
            if name.endswith(".txt") and "liesmich" not in name:
                yield name.rpartition("/")[2], members.read(name).decode("latin-1").removeprefix("ï»¿")


def lines_in(text: str) -> tuple[Line, ...]:
    """Return the lines of a transition."""
    cells = (line.split(";") for line in text.splitlines() if line.strip())
    return tuple(Line(plain(old), plain(new), one.strip() == "A", two.strip() == "A") for old, new, one, two in cells)


def kodes(codes: Mapping[str, str], terminal: set[str]) -> bytes:
    """Return a list of codes and titles in the form of the metadata files, which the loader takes as a release."""
    # older lists have codes of the years before without the categories above them
    codes = {above: "" for code in codes for above in (code[:3], code[:5].rstrip("."))} | dict(codes)
    lines = [gm_line(code, place="T" if code in terminal else "N", chapter=chapter(code)) for code in codes]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def chapter(code: str) -> str:
    """Return a number of two digits for the letter of a code."""
    return f"{min(ord(code[0]) - ord('A') + 1, 22):02}"


def transition(releases: Path, archive: str, folder: Path) -> Transition:
    """Return the transition of an archive, loaded with both of its lists."""
    places = [*releases.parent.glob(f"*/icd10gm/ueberleitung/{archive}.zip")]
    if not places:
        pytest.skip(f"needs {archive}.zip, which is not beside the release files")
    lines: tuple[Line, ...] = ()
    lists: dict[int, dict[str, str]] = {}
    files = folder / "files"
    files.mkdir()
    for name, text in texts(places[0]):
        years = [int(year) for year in re.findall(r"20\d\d", name)]
        if "msteiger" in name:
            lines = lines_in(text)
            whole = [int(year) for year in re.findall(r"20\d\d", archive)]
            transition_name = (
                f"icd10gm{max(years or whole)}syst_umsteiger_{max(years or whole) - 1}_{max(years or whole)}.txt"
            )
            (files / transition_name).write_bytes(text.encode("latin-1"))
        else:
            rows = (line.split(";", 1) for line in text.splitlines() if ";" in line)
            lists[years[0]] = {code: title for cell, title in rows if (code := plain(cell))}
    for year, side in zip(sorted(lists), ("old", "new"), strict=True):
        terminal = {code for line in lines if (code := getattr(line, side))}
        (files / f"icd10gm{year}syst_kodes.txt").write_bytes(kodes(lists[year], terminal))
    report = terminology.load(files, store=folder / "store")
    assert not report.errors, report.errors[:3]
    return Transition(lines, lists, terminology.open(folder / "store")["icd10gm"])


@pytest.fixture(scope="module", params=ARCHIVES)
def loaded_transition(
    releases: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Transition:
    """Each of the transitions among the real files."""
    return transition(releases, request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_every_code_is_what_the_lines_say(loaded_transition: Transition, direction: str) -> None:
    """What has an automatic line to itself, or no other line, stays; all else is what its lines name, the automatic one first."""
    told, is_forward = loaded_transition, direction == "forward"
    before, after = told.years if is_forward else told.years[::-1]
    lines: dict[str | None, list[tuple[str | None, bool]]] = defaultdict(list)
    for line in told.lines:
        left, reached = (line.old, line.new) if is_forward else (line.new, line.old)
        lines[left].append((reached, line.forward if is_forward else line.backward))
    lines.pop(None, None)
    assert len(lines) > 12_900
    wrong = {
        code: (reached, found)
        for code, reached in lines.items()
        if not is_as_told(found := told.system.migrate(code or "", before, after), code, reached)
    }
    assert wrong == {}


def is_as_told(found: Translation, code: str | None, reached: list[tuple[str | None, bool]]) -> bool:
    """Return whether an answer is what the lines of a code say."""
    codes = [one.codes for one in found.alternatives]
    if (code, True) in reached or reached == [(code, False)]:
        return codes == [(code,)] and found.is_complete
    names = [(other,) for other, _ in reached if other is not None]
    if not names:
        return found.outcome == "none" and found.is_complete
    automatic = [(other,) for other, is_automatic in reached if is_automatic]
    own = [(code,)] if (code,) in names else []
    return sorted(codes) == sorted(names) and codes[:1] == (automatic or own or codes[:1]) and found.is_complete


def test_renumbered_codes(releases: Path, tmp_path: Path) -> None:
    """In 2015 five codes moved on by one, and history names what each was and became."""
    gm = transition(releases, "x1gut2015", tmp_path).system
    for last in range(1, 6):
        (there,) = gm.migrate(f"I70.2{last}", "2014", "2015").alternatives
        (back,) = gm.migrate(f"I70.2{last + 1}", "2015", "2014").alternatives
        assert (there.codes, there.kind, back.codes, back.kind) == (
            (f"I70.2{last + 1}",),
            "replaced",
            (f"I70.2{last}",),
            "replaced",
        )
        history = gm.history(f"I70.2{last}")
        assert (history.predecessors, history.successors) == ((f"I70.2{last - 1}",), (f"I70.2{last + 1}",))
