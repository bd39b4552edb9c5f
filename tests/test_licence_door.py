"""No answer, no command and no error lets a text of CPT out of the process unless its licence is declared.

The content is invented (`terminology.testing.cpt`). Looked for is every descriptor, and every run of four words of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.cli.application import run
from terminology.codelists import CodeList, impact_on_lists, impact_on_table, migration_of
from terminology.ingest import gather
from terminology.ingest.gather import Gathered
from terminology.licences import outgoing
from terminology.reports import code_lists, difference_csv, difference_page, resolution
from terminology.samples import sample_releases
from terminology.systems import SYSTEMS
from terminology.update import Configuration, update

from .door import YEARS, Content, shifted, table_of

CPT = SYSTEMS["cpt"]
CPT_URL = "http://www.ama-assn.org/go/cpt"
DESCRIPTOR = "Polishing of seven ancient lanterns by the harbour wall"
Shown = Callable[[list[str]], str]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The files of two invented releases."""
    return Content(tmp_path_factory.mktemp("cpt"))


@pytest.fixture(scope="module")
def store(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of them."""
    folder = tmp_path_factory.mktemp("store")
    report = terminology.load(content.folder, store=folder)
    assert not report.errors
    return folder


@pytest.fixture
def shown(store: Path, capsys: pytest.CaptureFixture[str]) -> Shown:
    """Return a function that gives all that a command prints."""

    def ask(words: list[str]) -> str:
        run([*words, "--store", str(store)])
        printed = capsys.readouterr()
        return printed.out + printed.err

    return ask


# ---- the command line


def commands(content: Content, folder: Path) -> Iterator[tuple[list[str], bool]]:
    """Yield command lines, and whether they show a text of CPT to whoever holds the licence."""
    newer = content.releases[1]
    kept, revised, deleted, added = content.kept, newer.revised[0], newer.deleted[0], newer.added[0]
    codes = folder / "list.txt"
    codes.write_text(f"system: cpt\nrelease: 2024\n{kept}\n{revised}\n{deleted}\n99998\n", encoding="utf-8")
    table = folder / "claims.csv"
    table.write_text(table_of([kept, revised, deleted, added, "nonsense"]), encoding="utf-8")
    for code in (kept, revised, deleted, added, f"{kept}:25", "25", "99998", "?"):
        for day in ("2024-06-01", "2025-06-01", "1990-01-01"):
            yield ["lookup", "cpt", code, "--on", day], code == kept and day == "2025-06-01"
            yield ["status", "cpt", code, "--on", day], False
            yield ["explain", "cpt", code, "--on", day], code == kept and day == "2025-06-01"
        yield ["history", "cpt", code], code == revised
        for place in ("parent", "children", "ancestors", "descendants"):
            yield [place, "cpt", code], False
        yield ["subsumes", "cpt", code, kept], False
        yield ["migrate", "cpt", code, "--from", "2024", "--to", "2025"], False
        yield ["migrate", "cpt", code, "--from", "2025", "--to", "2024"], False
        yield ["translate", code, "--from", "cpt", "--to", "cpt"], False
        yield ["translate", code, "--from", "cpt", "--to", "hcpcs"], False
        yield ["search", "cpt", code], False
    for title in (newer.codes[kept].title, newer.codes[kept].title.split()[0]):
        yield ["search", "cpt", title], True
        yield ["search", "all", title, "--expired", "--headers"], True
    yield ["descendants", "cpt", "00100-01999"], True
    yield ["diff", "cpt", "2024", "2025"], True
    yield ["diff", "cpt", "2024", "2025", "--all"], True
    yield ["diff", "cpt", "2025", "2024"], True
    yield ["releases"], False
    yield ["crosswalks"], False
    yield ["verify"], False
    yield ["index", "cpt", "polishing lanterns"], False
    yield ["codelist", "resolve", str(codes)], True
    yield ["codelist", "migrate", str(codes), "--to", "2025"], True
    yield ["impact", str(codes), "--from", "2024", "--to", "2025"], True
    yield ["impact", str(table), "--code-column", "dx", "--system", "cpt", "--from", "2024", "--to", "2025"], True
    yield ["load", str(content.folder), "--dry-run"], False


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_no_command_shows_a_text_without_licence(
    content: Content, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    """Every command is asked of codes that stayed, changed, came, went and never were."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    for words, _ in commands(content, tmp_path):
        printed = shown([*words, *(["--json"] if as_json else [])])
        assert not content.found_in(printed), (words, printed)


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_the_same_commands_show_texts_with_the_licence(
    content: Content, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    """What is withheld above is there for whoever declares the licence: the walk looks where texts are."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    for words, shows in commands(content, tmp_path):
        if shows:
            printed = shown([*words, *(["--json"] if as_json else [])])
            assert content.found_in(printed), words


@pytest.mark.parametrize("licence", ["", "cpt"])
def test_files_that_commands_write(
    content: Content, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, licence: str
) -> None:
    """Pages, tables and proposals have texts with the licence, and none without."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", licence)
    codes = tmp_path / "list.txt"
    newer = content.releases[1]
    codes.write_text(f"system: cpt\n{content.kept}\n{newer.revised[0]}\n{newer.deleted[0]}\n", encoding="utf-8")
    page, table, proposal = (tmp_path / name for name in ("page.html", "table.csv", "proposal.txt"))
    files = ["--html", str(page), "--csv", str(table)]
    releases = ["--from", "2024", "--to", "2025"]
    for words in (
        ["diff", "cpt", "2024", "2025", *files],
        ["codelist", "migrate", str(codes), *releases, *files, "--output", str(proposal)],
        ["impact", str(codes), *releases, *files],
    ):
        shown(words)
        for file in (page, table):
            assert bool(content.found_in(file.read_text(encoding="utf-8"))) == bool(licence), (words, file.name)
    assert not content.found_in(proposal.read_text(encoding="utf-8"))
    claims, rows = tmp_path / "claims.csv", tmp_path / "rows.csv"
    claims.write_text(f"dx\n{newer.deleted[0]}\n", encoding="utf-8")
    shown(["impact", str(claims), "--code-column", "dx", "--system", "cpt", *releases, "--rows", str(rows)])
    assert newer.deleted[0] in rows.read_text(encoding="utf-8")
    assert bool(content.found_in(rows.read_text(encoding="utf-8"))) == bool(licence)
    for words in (["intervals", "codes.csv"], ["omop", "vocabulary"], ["dbt", "project"]):
        shown(["export", words[0], str(tmp_path / words[1])])
        made = [path for path in (tmp_path / words[1], *(tmp_path / words[1]).rglob("*")) if path.is_file()]
        texts = "".join(path.read_text(encoding="utf-8") for path in made)
        assert newer.deleted[0] in texts
        assert bool(content.found_in(texts)) == bool(licence), words


# ---- errors of loads


def broken_files(content: Content, folder: Path) -> Path:
    """Return a folder of the files of the newer release, each damaged in some way."""
    for number, path in enumerate(sorted((content.folder / str(YEARS[1])).rglob("*.*"))):
        text = path.read_bytes().decode()
        lines = text.split("\r\n")
        damaged = {
            "cut": text[: len(text) * 2 // 3 + 1],
            "left": shifted(text),
            "right": shifted(text, -1),
            "twice": shifted(text, 2),
            "doubled": "\r\n".join([*lines, *lines[-4:], *(line[3:] for line in lines[-4:])]),
        }
        for kind, made in damaged.items():
            file = folder / f"{number}-{kind}" / path.relative_to(content.folder)
            file.parent.mkdir(parents=True)
            file.write_bytes(made.encode())
    return folder


def test_errors_of_a_load_quote_no_text(
    content: Content, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows with shifted columns, cut files and repeated rows are reported without the descriptors in them."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    folder = broken_files(content, tmp_path / "files")
    quoted = 0
    for place in sorted(folder.iterdir()):
        for more in ([], ["--json"], ["--verbose"]):
            run(["load", str(place), "--store", str(tmp_path / f"store-{place.name}"), *more])
            printed = "".join(capsys.readouterr())
            assert not content.found_in(printed), (place.name, printed)
            quoted += "…" in printed
    assert quoted


def test_errors_quote_with_the_licence(
    content: Content, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the licence sees what is wrong."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    folder = broken_files(content, tmp_path / "files")
    run(["load", str(folder), "--store", str(tmp_path / "store")])
    assert content.found_in("".join(capsys.readouterr()))


@pytest.mark.parametrize(
    "url", ["http://www.ama-assn.org/go/cpt", "http://www.ama-assn.org/go/cpt/", "HTTPS://AMA-assn.org/go/CPT#"]
)
def test_a_code_system_with_the_url_of_cpt(
    content: Content, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    """A FHIR CodeSystem that calls itself CPT is one, however its URL is written: a faulty one is not quoted."""
    codes = [{"code": one.code, "display": one.title} for one in content.releases[0].codes.values()]
    values = {"resourceType": "CodeSystem", "url": url, "version": "2024", "name": "Procedures", "content": "complete"}
    file = tmp_path / "codes.json"
    broken = [{"concept": [*codes, {"code": codes[0]["display"], "display": 3}]}, {"content": "example"}]
    broken += [{"concept": [*codes, {"code": codes[0]["display"], "display": codes[0]["display"]}]}]
    for number, changed in enumerate((*broken, {})):
        file.write_text(json.dumps({**values, "status": "active", "concept": codes, **changed}), encoding="utf-8")
        expected = 2 if number < len(broken) else 0
        assert expected == run(["load", str(file), "--store", str(tmp_path / "store"), "--verbose"])
        assert not content.found_in("".join(capsys.readouterr()))
    assert terminology.open(tmp_path / "store")["cpt"].definition.licensed


def test_a_file_that_the_store_holds_is_known_by_its_loader(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loaded again, a file needs the licence of the system that its loader is of, and is not searched for names."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    monkeypatch.setattr(gather, "needs_licence", lambda *_: False)
    found: list[Gathered] = []
    first = gather.Gatherer.gather

    def kept(self: gather.Gatherer, paths: list[Path]) -> Gathered:
        found.append(first(self, paths))
        return found[-1]

    monkeypatch.setattr(gather.Gatherer, "gather", kept)
    for _ in range(2):
        terminology.load(content.folder, store=tmp_path / "store")
    assert len(found[0].licensed) > 1
    assert found[0].licensed == found[1].licensed


@pytest.mark.parametrize("url", [CPT_URL, CPT_URL.replace("/", "\\/"), CPT_URL.replace("-", "\\u002d")])
def test_a_map_that_names_cpt_behind_its_first_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """A FHIR ConceptMap with a long preface is not quoted either, however JSON writes the URL."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    element = {"code": DESCRIPTOR, "target": [{"code": "J1815", "relationship": DESCRIPTOR}]}
    values = {
        "resourceType": "ConceptMap",
        "description": "x" * 10_000,
        "url": "http://example.org/map",
        "version": "1",
        "status": "active",
        "group": [{"source": "URL", "target": "URL", "element": [element]}],
    }
    (tmp_path / "map.json").write_text(json.dumps(values).replace("URL", url), encoding="utf-8")
    for more in ([], ["--json"]):
        assert run(["load", str(tmp_path / "map.json"), "--store", str(tmp_path / "store"), *more]) == 2
        printed = "".join(capsys.readouterr())
        assert "'…'" in printed
        assert "seven ancient lanterns" not in printed


@pytest.mark.parametrize("name", ["category", "kind", "status", "role", "index", "comment", DESCRIPTOR])
def test_a_column_of_ones_own_in_a_map_to_cpt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What a map says besides is a fact only where it also looks like one, whatever its column is called."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    head = ["#crosswalk: own", "#source_system: hcpcs", "#target_system: cpt", "#version: 2024"]
    lines = [*head, "#effective: 2024-01-01", f"source,target,since,{name}", f"J1815,00100,2024-01-01,{DESCRIPTOR}", ""]
    (tmp_path / "map.csv").write_text("\n".join(lines), encoding="utf-8")
    place = ["--store", str(tmp_path / "store")]
    assert run(["load", str(tmp_path / "map.csv"), *place]) == 0
    run(["translate", "J1815", "--from", "hcpcs", "--to", "cpt", "--json", *place])
    printed = "".join(capsys.readouterr())
    assert '"since": "2024-01-01"' in printed
    assert "seven ancient lanterns" not in printed
    found = terminology.open(tmp_path / "store").translate("J1815", source="hcpcs", target="cpt")
    assert DESCRIPTOR in found.alternatives[0].path[0].detail.values()
    assert "seven ancient lanterns" not in text_of(outgoing(found, CPT, ()))


# ---- the unattended update


@pytest.mark.parametrize("licence", ["", "cpt"])
def test_an_update_reports_no_text_without_licence(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, licence: str
) -> None:
    """Neither the summary nor any file of the report has a text, of sound releases and of a faulty one."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", licence)
    terminology.load(content.folder / str(YEARS[0]), store=tmp_path / "store")
    broken_files(content, tmp_path / "broken")
    listed = tmp_path / "list.txt"
    listed.write_text(f"{content.kept}\n{content.releases[1].revised[0]}\n", encoding="utf-8")
    lines = ['store = "store"', 'reports = "reports"', 'downloads = "downloads"']
    for place in (content.folder / str(YEARS[1]), *sorted((tmp_path / "broken").iterdir())[:4]):
        lines += ["[[fetch]]", f'path = "{place}"']
    lines += ["[[codelists]]", 'name = "ours"', 'system = "cpt"', 'path = "list.txt"']
    configuration = tmp_path / "update.toml"
    configuration.write_text("\n".join(lines), encoding="utf-8")
    report = update(Configuration.read(configuration))
    assert report.comparisons
    files = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    texts = [json.dumps(report.to_dict(), ensure_ascii=False), *(path.read_text(encoding="utf-8") for path in files)]
    assert bool(licence) == any(map(content.found_in, texts))


# ---- answers in Python, through the door


def answers(store: Path, content: Content) -> Iterator[tuple[str, Any]]:
    """Yield every kind of answer of the Python API."""
    opened = terminology.open(store)
    cpt = opened["cpt"]
    newer = content.releases[1]
    for code in (content.kept, newer.revised[0], newer.deleted[0], newer.added[0], f"{content.kept}:25", "25", "?"):
        for edition in (cpt.release("2024"), cpt.release("2025"), cpt.on("1990-01-01")):
            yield "check", edition.check(code)
            yield "explain", edition.explain(code)
            yield "lookup", edition.lookup(code)
            yield "title", edition.title(code)
            yield "source", edition.source(code)
            if code in edition:
                yield "node", edition.node(code)
                yield "notes", edition.notes(code)
        yield "history", cpt.history(code)
        yield "migrate", cpt.migrate(code, "2024", "2025")
        yield "became", cpt.became(code, "2024-06-01")
        yield "translate", opened.translate(code, source="cpt", target="cpt")
    for name in ("concepts", "published", "history", "modifiers", "descriptors"):
        for edition in (cpt.release("2024"), cpt.release("2025")):
            try:
                yield f"table {name}", edition.table(name)
            except KeyError:
                continue
    for crosswalk in opened.crosswalks:
        yield "crosswalk table", opened.table(crosswalk)
    difference = cpt.diff("2024", "2025")
    yield "difference", difference
    for name in ("added", "deleted", "revised", "properties", "notes", "groups", "chapters"):
        yield f"difference {name}", getattr(difference, name)
    codes = CodeList.parse(f"{content.kept}\n{newer.revised[0]}\n{newer.deleted[0]}", system="cpt")
    yield "resolution", codes.resolve(cpt.latest)
    yield "migration", migration_of(codes, cpt, "2024", "2025")
    yield "lists", impact_on_lists([codes], cpt, "2024", "2025")
    table = pytest.importorskip("pyarrow").table({"dx": [content.kept, newer.revised[0], newer.deleted[0]]})
    yield "columns", impact_on_table(table, "dx", cpt, "2024", "2025")


def text_of(answer: Any) -> str:
    """Return an answer as one text, as far down as it goes."""
    if hasattr(answer, "to_pylist"):
        return json.dumps(answer.to_pylist(), default=str, ensure_ascii=False)
    if isinstance(answer, tuple) and not hasattr(answer, "to_dict"):
        return " ".join(text_of(item) for item in answer)
    if hasattr(answer, "to_dict"):
        return f"{answer!r} {json.dumps(answer.to_dict(), default=str, ensure_ascii=False)}"
    return repr(answer)


def test_no_answer_lets_a_text_out(store: Path, content: Content) -> None:
    """Every value, table and JSON object of the API comes out of the door without a text."""
    for name, answer in answers(store, content):
        assert not content.found_in(text_of(outgoing(answer, CPT, ()))), name
        if hasattr(answer, "to_dict"):
            values = outgoing(answer.to_dict(), CPT, ())
            assert not content.found_in(json.dumps(values, default=str, ensure_ascii=False)), name


def test_a_column_does_not_pass_without_its_name(store: Path) -> None:
    """An Arrow array may be anything: nothing comes out of the door, and no error."""
    titles = terminology.open(store)["cpt"].latest.table().column("title")
    assert outgoing(titles, CPT, ()) is None
    assert outgoing(titles.combine_chunks(), CPT, ()) is None
    assert outgoing(titles, CPT, ("cpt",)) is titles


def test_answers_have_texts_inside(store: Path, content: Content) -> None:
    """In the process, and through the door with the licence, most kinds of answer have texts: the walk is no empty one."""
    having = {name for name, answer in answers(store, content) if content.found_in(text_of(answer))}
    assert {"lookup", "title", "history", "difference", "migration", "lists", "columns", "table concepts"} <= having
    assert {"difference revised", "difference deleted", "difference properties", "migrate"} <= having
    for name, answer in answers(store, content):
        assert outgoing(answer, CPT, ("cpt",)) is answer, name


def test_reports_have_no_text(store: Path, content: Content) -> None:
    """Pages and tables made of answers leave texts out by themselves."""
    cpt = terminology.open(store, licences=())["cpt"]
    difference = cpt.diff("2024", "2025")
    codes = CodeList.parse(f"{content.kept}\n{content.releases[1].revised[0]}", system="cpt")
    for text in (
        difference_page(difference),
        difference_csv(difference),
        code_lists.migration_page(outgoing(migration_of(codes, cpt, "2024", "2025"), CPT, ()), cpt),
        resolution.resolution_page(outgoing(codes.resolve(cpt.release("2024")), CPT, ()), cpt),
        resolution.resolution_csv(outgoing(codes.resolve(cpt.release("2024")), CPT, ())),
    ):
        assert not content.found_in(text)


# ---- other licensed systems


@pytest.mark.parametrize(
    ("place", "name", "edit"),
    [
        ("icd10", "icd102019en.xml", lambda text: text.replace('<SubClass code="', f'<SubClass code="{DESCRIPTOR}', 1)),
        (
            "crosswalks/icd10gm_transition",
            "icd10gm2016syst_umsteiger_2015_2016.txt",
            lambda text: "\n".join([*text.split("\n")[:2], DESCRIPTOR + text.split("\n")[2], ""]),
        ),
    ],
)
def test_texts_of_other_licensed_systems(  # noqa: PLR0917 -- fixtures and parameters
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    name: str,
    edit: Callable[[str], str],
) -> None:
    """What is in the place of a code is not shown, by the loader of a licensed system or the reader of its map."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    (source,) = (sample_releases() / place).rglob(name)
    text = source.read_text(encoding="utf-8")
    (tmp_path / name).write_text(edit(text), encoding="utf-8")
    assert edit(text) != text
    run(["load", str(tmp_path / name), "--store", str(tmp_path / "store"), "--verbose"])
    printed = "".join(capsys.readouterr())
    assert "'…'" in printed
    assert "seven ancient lanterns" not in printed
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "icd10,icd10gm")
    run(["load", str(tmp_path / name), "--store", str(tmp_path / "second"), "--verbose"])
    assert "seven ancient lanterns" in "".join(capsys.readouterr())
