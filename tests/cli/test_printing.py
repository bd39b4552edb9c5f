"""What reaches a terminal: texts of files as texts, and of styling the program's own alone."""

from __future__ import annotations

import ast
import json
import math
import re
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import Any

import click
import pytest

import terminology
from terminology import cli
from terminology.characters import HIDDEN, escaped
from terminology.cli.application import program
from terminology.cli.drawing import DEEPEST, WIDEST
from terminology.cli.printing import echo, json_text, style, wrapped

from .conftest import Ask
from .hostile import CODE, HOSTILE, NAME, faulty_files, release_files
from .test_process import on_a_terminal

OWN_STYLE = re.compile(r"\x1b\[(?:0|1|2|3[1-6])m")
"""Reset, bold, dim and the six colours: what the program uses."""
LIST = f"A\nB2  {HOSTILE.replace(chr(10), '').replace(chr(13), '')}\nZ{NAME.replace(chr(10), '')}\n"
ORDINARY = (
    "Ödem, Fraktur",
    "骨折",
    "перелом",
    "שבר",
    "می\u200cخواهم",  # noqa: RUF001 -- letters of another script
    "क्\u200dष",
    "ශ්\u200dරී",
    "5 µg/m³ ≥ ½ — “x” 'y' \\n",
)
QUESTIONS = (
    ["load", "{files}", "--dry-run", "--verbose"],
    ["load", "{files}", "{faulty}", "--verbose"],
    ["load", "{faulty}"],
    ["load", "{root}/none" + NAME],
    ["releases"],
    ["audit", "{table}"],
    ["audit", HOSTILE],
    ["guidelines", "hostile", CODE],
    ["guidelines", "icd10cm", HOSTILE],
    ["lookup", "hostile", CODE],
    ["lookup", "hostile", HOSTILE],
    ["status", "hostile", CODE, HOSTILE, "\udcff\ud800"],
    ["parent", "hostile", CODE],
    ["parent", "hostile", HOSTILE],
    ["children", "hostile", "A"],
    ["siblings", "hostile", CODE],
    ["ancestors", "hostile", CODE],
    ["descendants", "hostile", "A"],
    ["common-ancestor", "hostile", "A", CODE],
    ["subsumes", "hostile", "A", CODE],
    ["subsumes", "hostile", "A", HOSTILE],
    ["pcs", "explain", HOSTILE],
    ["pcs", "build", HOSTILE],
    ["index", "hostile", HOSTILE],
    ["search", "hostile", HOSTILE],
    ["search", "all", HOSTILE],
    ["search", HOSTILE, "hostile"],
    ["explain", "hostile", CODE],
    ["explain", HOSTILE, CODE],
    ["explain", "hostile", HOSTILE],
    ["history", "hostile", CODE],
    ["history", HOSTILE, CODE],
    ["groups", "hostile", CODE],
    ["groups", "hostile", HOSTILE, HOSTILE],
    ["groupings"],
    ["groupings", HOSTILE],
    ["diff", "hostile", "2021", "2022"],
    ["diff", "hostile", "2021", HOSTILE],
    ["diff", "hostile", "2021", "2022", "--csv", "{root}/d" + NAME, "--html", "{root}/e" + NAME],
    ["translate", "x", "--from", "complaints", "--to", "hostile"],
    ["translate", HOSTILE, "--from", "complaints", "--to", "hostile"],
    ["translate", "x", "--from", HOSTILE, "--to", "hostile", "--crosswalk", HOSTILE],
    ["migrate", "hostile", CODE, "--from", "2021", "--to", "2022"],
    ["migrate", "hostile", HOSTILE, "--from", "2021", "--to", "2022"],
    ["crosswalks"],
    ["export", "store", HOSTILE],
    ["codelist", "resolve", "{list}", "--system", "hostile"],
    ["codelist", "migrate", "{list}", "--system", "hostile", "--from", "2021", "--output", "{root}/o" + NAME],
    ["impact", "{list}", "--system", "hostile", "--from", "2021"],
    ["schema", HOSTILE],
    ["store", "info"],
    ["impact", "{table}", "--system", "hostile", "--from", "2021", "--code-column", f"c{NAME[:-6]}"],
    ["columns", "validate", "{table}", "{root}/v" + NAME, "--system", "hostile", "--code-column", f"c{NAME[:-6]}"],
    [
        "columns",
        "migrate",
        "{table}",
        "{root}/w" + NAME,
        "--system",
        "hostile",
        "--code-column",
        f"c{NAME[:-6]}",
        "--from",
        "2021",
    ],
    [
        "columns",
        "translate",
        "{table}",
        "{root}/x" + NAME,
        "--from",
        "hostile",
        "--to",
        HOSTILE,
        "--code-column",
        f"c{NAME[:-6]}",
    ],
    ["verify"],
    ["withdraw", "hostile", HOSTILE],
    ["withdraw", "own_map", "2022"],
    ["rollback"],
    ["update", "{configuration}"],
    ["update", "{root}/none" + NAME],
    ["fhir", "get", HOSTILE],
    ["fhir", "get", "/r4/CodeSystem/$lookup?system=hostile&code=" + CODE],
    ["fhir", "get", "/r5/ValueSet/$expand?url=urn:terminology:system:hostile?fhir_vs&filter=" + NAME],
    ["fhir", "get", "/r5/CodeSystem?name=" + HOSTILE],
    ["fhir", "get", "metadata", "--resources", "{root}/none" + NAME],
    ["serve", "--resources", "{root}/none" + NAME],
    ["serve", "--token-file", "{root}/none" + NAME],
    ["serve", "--base-url", HOSTILE],
    ["mcp", "--none" + HOSTILE],
    ["demo", "--none" + HOSTILE],
    ["lookup", "hostile", "A", "--on", HOSTILE],
    ["lookup", "hostile", "A", "--none" + HOSTILE],
    ["lookup", "hostile", "A", HOSTILE],
    [HOSTILE],
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of the hostile releases, to be copied."""
    folder = tmp_path_factory.mktemp("hostile")
    assert not terminology.load(release_files(folder / "files"), store=folder / "store").errors
    return folder / "store"


@pytest.fixture
def place(loaded: Path, tmp_path: Path) -> dict[str, Path]:
    """Return the paths of hostile files by what they are; `store` holds two releases and a map."""
    files, faulty = release_files(tmp_path / "files"), faulty_files(tmp_path / "faulty")
    paths = {"root": tmp_path, "files": files, "faulty": faulty, "store": tmp_path / f"store{NAME}"}
    shutil.copytree(loaded, paths["store"])
    paths["list"] = tmp_path / f"list{NAME.removesuffix('.json')}.txt"
    paths["list"].write_text(LIST, encoding="utf-8", newline="")
    paths["table"] = tmp_path / f"table{NAME.removesuffix('.json')}.csv"
    paths["table"].write_text(f'"c{NAME[:-6]}"\n{CODE}\n"{HOSTILE}"\n', encoding="utf-8", newline="")
    paths["configuration"] = tmp_path / f"update{NAME.removesuffix('.json')}.toml"
    fetch = "".join(f"[[fetch]]\npath = {json.dumps(str(paths[name]))}\n" for name in ("files", "faulty"))
    lists = f"[[list]]\nfile = {json.dumps(str(paths['list']))}\nsystem = 'hostile'\n"
    paths["configuration"].write_text(f"store = 'other'\n{fetch}{lists}", encoding="utf-8", newline="")
    return paths


def hidden_in(printed: str) -> list[str]:
    """Return what a terminal would obey or hide, apart from ends of lines and styling of our own."""
    return [found for found in HIDDEN.findall(OWN_STYLE.sub("", printed)) if found != "\n"]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda words: escaped(" ".join(words))[:60])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_command_passes_on_what_a_terminal_obeys(
    ask: Ask, place: dict[str, Path], question: list[str], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of hostile files, names and arguments nothing raw is printed, neither as text nor as JSON, in colour neither."""
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_, **__: False)
    words = [re.sub(r"\{(\w+)\}", lambda name: str(place[name[1]]), word) for word in question]
    found = ask("", *words, *(["--json"] if form == "json" else []), store=place["store"])
    assert found.out + found.err
    assert ([], []) == (hidden_in(found.out), hidden_in(found.err))
    assert 70 != found.code
    assert form == "text" or json.loads(found.out or found.err) is not None


def test_every_command_is_walked() -> None:
    """No command is left out of the walk."""
    assert program.commands.keys() == {question[0] for question in QUESTIONS} - {HOSTILE}


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(
    "line",
    [
        "crosswalks --json",
        "releases --json",
        "descendants hostile A",
        "diff hostile 2021 2022",
        "load {files} --dry-run",
        "codelist resolve {short} --system hostile",
        "diff hostile 2021 2022 --csv /dev/stdout",
    ],
)
def test_nothing_raw_on_a_real_terminal(place: dict[str, Path], line: str) -> None:
    """On a terminal too, with tables drawn and progress shown, the only sequences are styling and the bar's own."""
    place["short"] = place["root"] / "list.txt"
    place["short"].write_text("is-a A")
    shown = on_a_terminal(line.format(**place), place["store"])
    assert "\\u202e" in shown
    # the bar moves to and clears its own lines, hides the cursor and shows it again
    shown = re.sub(r"\x1b\[(?:\d*A|2K|\?25[lh]|[\d;]*m)|\r", "", shown)
    assert {"\n"} == set(HIDDEN.findall(shown))


def test_long_lines_are_wrapped_between_words(ask: Ask, sample_store: Path) -> None:
    """On a terminal no line is cut within a word, further lines are indented, and no word is lost; elsewhere a line is one."""
    line = "status icd10cm M54.5 --on 1990-01-01"
    whole = ask(line).out
    shown = re.sub(r"\x1b\[[\d;]*m|\r", "", on_a_terminal(line, sample_store, 40))
    first, *further = shown.splitlines()
    assert whole.count("\n") == 1
    assert whole.split() == shown.split()
    assert max(map(len, (first, *further))) <= 40
    assert [re.match(" *", text)[0] for text in further] == ["       "] * len(further)  # type: ignore[index]
    assert len(further) > 1


@pytest.mark.parametrize("width", range(20, 60))
def test_words_stay_whole_at_every_width(width: int) -> None:
    """Styles take no room, blanks between columns stay, and only a word that is wider than the terminal is cut by it."""
    plain = f"    note: {'a ' * 20}W21.89XA  billable   {'w' * 50} and the end"
    found = wrapped(plain.replace("billable", "\x1b[32mbillable\x1b[0m"), width)
    lines = click.unstyle(found).splitlines()
    assert plain.split() == [word for line in lines for word in line.split()]
    assert all(len(line) <= width or "w" * 50 in line for line in lines)


def test_only_one_module_prints() -> None:
    """No other module of the command line calls print or click's functions that print; rich is for drawing alone."""
    found = []
    for path in sorted(Path(cli.__file__).parent.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name | ast.Attribute)]
        found += [(path.stem, ast.unparse(node)) for node in nodes]
        if path.stem != "drawing":
            assert not re.search(r"(import|from) rich\b", source)
    printing = {"print", "click.echo", "click.secho", "click.style", "click.echo_via_pager", "json.dumps", "json.dump"}
    printing |= {"sys.stdout.write", "sys.stderr.write", "click.prompt", "click.confirm", "click.progressbar"}
    assert {("printing", name) for name in ("click.echo", "click.style", "json.dumps")} == {
        (module, name) for module, name in found if name in printing
    }


# ---- the room itself


def test_styling_of_others_is_text(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A style that a text brings along is written out, even inside of a style of ours."""
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_, **__: False)
    ours = style("a\x1b[31mb", fg="green", bold=True)
    echo(f"{ours} \x1b[0m")
    assert "\x1b[32m\x1b[1ma\\x1b[31mb\x1b[0m \\x1b[0m\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    ORDINARY,
)
def test_ordinary_texts_pass_unharmed(text: str) -> None:
    """Letters and signs of any script stay as they are, and joiners in the scripts that need them."""
    assert text == escaped(text)
    assert text == json.loads(json_text(text))
    assert json_text(text) == json.dumps(text, ensure_ascii=False)


def test_every_hidden_character_is_known() -> None:
    """Controls, formats, line ends, surrogates and fillers of Unicode are escaped; numbers' own signs are not."""
    signs = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    wrong = [
        hex(number)
        for number in range(sys.maxunicode + 1)
        if (unicodedata.category(chr(number)) in hidden and number not in signs) and escaped(chr(number)) == chr(number)
    ]
    assert [] == wrong
    assert all(escaped(character).isascii() for character in "\u034f\u115f\u1160\u2800\u3164\uffa0\ufe0f\U000e0100")
    assert all(escaped(chr(number)) == chr(number) for number in signs)


def test_joiners_that_disguise_are_shown() -> None:
    """Between other letters, or twice, a joiner is shown."""
    assert ("E11\\u200d.9", "می\u200c\\u200cخ") == (escaped("E11\u200d.9"), escaped("می\u200c\u200cخ"))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_json_has_finite_numbers_only(number: float) -> None:
    """A number that JSON does not have is null, however deep it stands."""
    assert {"a": [{"b": None}, 1.5]} == json.loads(json_text({"a": ({"b": number}, 1.5)}), parse_constant=pytest.fail)


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_equal_data(unicode: bool, indent: int | None) -> None:  # noqa: FBT001 -- a parameter of the test
    """What is escaped in JSON is the same when it is read, surrogates that stand alone too."""
    values: dict[str, Any] = {HOSTILE: [HOSTILE, "\ud800", "x\udcffy", "骨\U0001f9b4"]}
    text = json_text(values, indent=indent, unicode=unicode)
    assert values == json.loads(text)
    assert {"\n"} >= set(HIDDEN.findall(text))
    assert text.encode()


# ---- how wide


def chain(folder: Path, codes: list[str]) -> Path:
    """Return a store with a code system in which each code lies below the one before it."""
    rows = [f"{code},T,{above}" for code, above in zip(codes, ["", *codes], strict=False)]
    path = folder / "chain.csv"
    path.write_text("\n".join(["#system: chain", "#version: 2024", "code,title,parent", *rows]), encoding="utf-8")
    assert not terminology.load(path, store=folder / "store").errors
    return folder / "store"


def test_a_deep_tree_is_bounded(ask: Ask, tmp_path: Path) -> None:
    """A line of a tree does not grow with its depth: 2,000 codes in a chain are no megabytes of blanks."""
    store = chain(tmp_path, [f"C{number}" for number in range(2_000)])
    lines = ask("descendants chain C0", store=store).out.splitlines()
    assert ("C1  ", "  C2  ") == (lines[0][:4], lines[1][:6])
    assert lines[-1].split() == ["[1998]", "C1999", "billable", "T"]
    assert 1_999 == len(lines)
    assert max(map(len, lines)) < 2 * DEEPEST + WIDEST
    card = ask("lookup chain C1999", store=store).out
    assert max(map(len, card.splitlines())) < 200


def test_one_long_code_does_not_widen_all_lines(ask: Ask, tmp_path: Path) -> None:
    """Columns have a greatest width; what is longer pushes its own line alone."""
    rows = [f"{'L' * 512},T,R", *(f"S{number},T,R" for number in range(300))]
    path = tmp_path / "long.csv"
    path.write_text("\n".join(["#system: long", "#version: 2024", "code,title,parent", "R,T,", *rows]))
    assert not terminology.load(path, store=tmp_path / "store").errors
    (tmp_path / "list.txt").write_text("is-a R\n")
    for line in ("children long R", "descendants long R", f"codelist resolve {tmp_path}/list.txt --system long"):
        printed = ask(line, store=tmp_path / "store").out
        assert printed.count("\n") > 300
        assert len(printed) < 512 + 400 * (WIDEST + 20)


def test_files_are_written_whatever_a_list_says(ask: Ask, tmp_path: Path) -> None:
    """A surrogate that stands alone, which no encoding has, is an escape in every file that is written."""
    (tmp_path / "list.json").write_text('["E11.9", "\\ud800x"]', encoding="utf-8")
    files = {f"--{form}": tmp_path / f"made.{form}" for form in ("output", "csv", "html")}
    options = [word for option in files.items() for word in option]
    line = "codelist migrate --system icd10cm --from 2021 --to 2022"
    assert 1 == ask(line, tmp_path / "list.json", *options).code
    assert all("\\ud800x" in path.read_text(encoding="utf-8") for path in files.values())
