"""The picture of the architecture, made of the imports themselves, and the figures of the house.

    python docs/architecture.py             write docs/concepts/architecture.svg and architecture-rooms.md
    python docs/architecture.py --numbers   print circles, modules, lines and upward imports (of any tree: --root DIR)

Every import counts: those for type checkers, and those inside functions. The layers are those of import-linter's
contract in pyproject.toml. A test makes sure that the committed picture is the one that this script makes.
"""

from __future__ import annotations

import argparse
import ast
import functools
import itertools
import re
import statistics
import sys
import tomllib
from pathlib import Path

import networkx as nx

sys.path.insert(0, str(Path(__file__).parent))  # for the module beside this one

from _drawing import box, circle, picture, text

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).parent / "concepts" / "architecture.svg"
TABLE = Path(__file__).parent / "concepts" / "architecture-rooms.md"
PACKAGES = {"terminology": "src", "terminology_loaders": "loaders", "terminology_crosswalks": "crosswalks"}
CONTRACT = "the core leans one way"
ROOMS = {
    "cli": "the commands: they ask, pass the door, print",
    "server": "FHIR over HTTP: requests, limits, workers, counters; takes over what is published",
    "mcp": "the Model Context Protocol: an assistant asks, over standard input and output",
    "duckdb": "public: the functions in DuckDB",
    "spark": "public: columns of DataFrames, the functions in Spark's SQL, and how a store comes to a worker",
    "update": "the unattended job: fetch, load, verify, report, publish",
    "testing": "public: the conformance kits; invented CPT releases",
    "ingest": "load, withdraw, roll back",
    "pages": "public: what a browser shows of a store",
    "claims": "public: what the publishers' files say against the codes of claims",
    "profiles": "public: what is in a column of codes, and what to do",
    "exports": "public: tables for SQL, dbt and OMOP",
    "fhir": "public: FHIR operations as functions",
    "reports": "public: pages and CSV of what changed",
    "functions": "what SQL engines call: arrays in, one array out",
    "codelists": "public: lists of codes, and what a release does to them",
    "columns": "tables that people bring, in any form: which columns, which cells",
    "layout": "what every page and report is made of: style, frame, foot, captions, bars",
    "wire": "the door for faces; answers put together of several values",
    "procedures": "public: ICD-10-PCS by its axes",
    "index": "public: from words to codes, by the publisher's index",
    "query": "the façade over the engine: Terminology, CodeSystem, Edition",
    "hierarchy": "the tree as numbers",
    "history": "validity periods as interval rows",
    "mapping": "rows of compiled maps, and the walk through releases",
    "differences": "public: two editions compared, as tables",
    "search": "the words of titles, notes and indexes; which terms answer a question",
    "postcoordination": "expressions of several codes, a module for each system",
    "licences": "the door: which texts may leave the process",
    "registry": "loaders and crosswalk readers, by entry point",
    "store": "folder, lock, pointer, archive, compiled files, verification",
    "drafts": "public: what a loader hands over, and the protocols",
    "reading": "public: open, unpack, decode, bounded; errors with their place",
    "schemas": "public: the shapes of answers in JSON, as JSON Schema",
    "schema": "the Arrow schemas: the only place that names a stored column",
    "repairs": "what a damaged code was meant for, by rules with names",
    "groupings": "names of groupings, and the properties of codes that they give",
    "systems": "names, identifiers, shapes and calendars of code systems",
    "shapes": "regular expressions from files, in linear time",
    "model": "the values: Concept, Check, Release, Translation …",
    "extras": "which packages an extra needs, and the line that installs it",
    "periods": "days, half-open periods, the publishers' calendars",
    "status": "what a code is on a date: billable, header, expired …",
    "errors": "every exception",
    "characters": "characters that nobody sees, or that a terminal obeys",
    "counts": "numbers with what they count, in the singular and the plural",
    "canonicals": "URIs of our own in FHIR resources, for those who write and those who read them",
    "samples": "small files in the publishers' formats, for demo, examples and tests",
}
"""What each room of ``terminology`` is for."""
NETWORK = (
    *("ftplib", "http.client", "http.server", "smtplib", "socket", "socketserver", "ssl", "urllib.request", "xmlrpc"),
    *("aiohttp", "httpx", "requests", "urllib3"),
)
"""Modules that can open a connection."""
NETWORKED = {"terminology.update": NETWORK, "terminology.server": ("socket",)}
"""The only rooms that may import them, and which: one fetches, the other listens."""
TEST_FILE = re.compile(r"`(tests/[\w/]+\.py)`")
"""A test that the page names."""
ALLOWED = re.compile(r"^\| `(loaders|crosswalks)` \| (.*?) \| (.*?) \|", re.MULTILINE)
"""A row of the page's table of what loaders and readers import of each other."""


def modules_of(root):
    """Return the files of all modules by name."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in (root / folder / package).rglob("*.py"):
            parts = path.relative_to(root / folder).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports_of(root):
    """Return a graph with an edge from each module to every module that it imports, wherever the import is written."""
    modules = modules_of(root)
    graph = nx.DiGraph()
    graph.add_nodes_from(modules)
    for name, base, imported in _statements(modules):
        target = imported if imported in modules else base
        if target in modules and target != name:
            graph.add_edge(name, target)
    return graph


def network_of(root):
    """Return the pairs of a module that may not use the network and a module of the network that it imports."""
    found = {
        (name, other)
        for name, _, imported in _statements(modules_of(root))
        for other in NETWORK
        if f"{imported}.".startswith(f"{other}.") and other not in NETWORKED.get(".".join(name.split(".")[:2]), ())
    }
    return sorted(found)


def _statements(modules):
    """Yield importing module, base and full name of everything that is imported; the base of ``import a.b`` is empty."""
    for name, path in modules.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node in _imports_in(path):
            if isinstance(node, ast.Import):
                yield from ((name, "", alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _base(node, package)
                yield from ((name, base, f"{base}.{alias.name}") for alias in node.names)


@functools.cache
def _imports_in(path):
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def _base(node, package):
    parts = package.split(".")
    above = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
    return ".".join(filter(None, (above, node.module)))


def plug_ins_of(graph):
    """Return what our loaders and crosswalk readers import of each other: folder, importing package, imported one."""
    found = set()
    for one, other in graph.edges:
        package, *inside = one.split(".")
        if package != "terminology" and inside and other.startswith(f"{package}."):
            found.add((PACKAGES[package], inside[0], other.split(".")[1]))
    return sorted(row for row in found if row[1] != row[2])


def allowed_of(page):
    """Return what the page allows them: the rows of its table, folder, importing packages, imported ones."""
    found = set()
    for folder, importing, imported in ALLOWED.findall(page):
        names = (re.findall(r"`(\w+)`", cell) for cell in (importing, imported))
        found.update((folder, *pair) for pair in itertools.product(*names))
    return sorted(found)


def promises_of(page):
    """Return the promises of the page by number, each with the paths of the tests that hold it."""
    section = page.partition("## What is promised")[2].partition("\n## ")[0]
    promises = re.split(r"^(\d+)\. ", section, flags=re.MULTILINE)[1:]
    return {int(number): TEST_FILE.findall(text) for number, text in zip(promises[::2], promises[1::2], strict=True)}


def circles_of(graph):
    """Return the groups of modules that import each other, each sorted."""
    return sorted(sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1)


def layers_of(root):
    """Return the layers of the contract, top to bottom, each a list of rooms."""
    values = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = values["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == CONTRACT)
    return [[room.strip().removeprefix("terminology.") for room in layer.split("|")] for layer in layers]


def room_of(module):
    """Return the room of a module of ``terminology``; None of the package itself, and of other packages."""
    parts = module.split(".")
    own = parts[0] == "terminology" and len(parts) > 1 and parts[1] != "__main__"
    return parts[1] if own else None


def leanings_of(graph):
    """Return the pairs of rooms of which the first leans on the second."""
    pairs = {(room_of(one), room_of(other)) for one, other in graph.edges}
    return {(one, other) for one, other in pairs if one and other and one != other}


def upward_of(leanings, layers):
    """Return the pairs that lean upwards, or on a room beside them."""
    heights = {room: height for height, layer in enumerate(layers) for room in layer}
    return sorted((one, other) for one, other in leanings if heights[one] >= heights[other])


STEP, LEFT, TOP, MIDDLE = 13, 96, 92, 6.5
"""Of the picture, in pixels: height of a row, width of the names, margin above, and the middle of a row."""


def picture_of(root):
    """Return the picture: a row a room, top to bottom, and a dot under each room that it leans on."""
    layers = layers_of(root)
    rooms = [room for layer in layers for room in layer]
    leanings = leanings_of(imports_of(root))
    places = {room: place for place, room in enumerate(rooms)}
    side = STEP * len(rooms)
    lines = []
    for number, layer in enumerate(layers):
        if number % 2:
            lines.append(box(0, TOP + STEP * places[layer[0]], LEFT + side, STEP * len(layer), "shade", radius=0))
    for room, place in places.items():
        middle, across = TOP + STEP * place + MIDDLE, LEFT + STEP * place + MIDDLE
        lines += [
            text(8, middle + 4, room, "small"),
            box(across - 5, middle - 5, 10, 10, "dim", radius=2),
            f'<text class="small soft" transform="translate({across + 4:g} {TOP - 6}) rotate(-60)">{room}</text>',
        ]
        for other in sorted((other for one, other in leanings if one == room), key=places.__getitem__):
            words = f"{room} leans on {other}"
            right = LEFT + STEP * places[other] + MIDDLE
            lines.append(f"<g><title>{words}</title>{circle(right, middle, 3.5, 'full')}</g>")
    said = "; ".join(
        f"{room} leans on {', '.join(sorted(found)) or 'none'}" for room, found in _leaning(rooms, leanings)
    )
    title = "Which room of the library leans on which: every dot is to the right of the diagonal"
    return picture("architecture", TOP + side + 8, title, f"{said}.", lines, width=LEFT + side + 28, kind="wide")


def _leaning(rooms, leanings):
    """Return each room with those that it leans on."""
    return [(room, [other for one, other in leanings if one == room]) for room in rooms]


def table_of(root):
    """Return the table of the page: the rooms from top to bottom, and what each is for."""
    rooms = [room for layer in layers_of(root) for room in layer]
    return "\n".join(
        ["| room | what it is for |", "|---|---|", *(f"| `{room}` | {ROOMS[room]} |" for room in rooms), ""]
    )


def numbers_of(root):
    """Return the figures of a tree as lines."""
    graph, modules = imports_of(root), modules_of(root)
    circles = circles_of(graph)
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in modules.values())
    leanings, layers = leanings_of(graph), layers_of(root)
    known = {room for layer in layers for room in layer}
    upward = upward_of({pair for pair in leanings if known.issuperset(pair)}, layers)
    return [
        f"circles: {len(circles)}",
        *(f"  {len(circle)} modules: {', '.join(circle)}" for circle in circles),
        f"modules: {len(modules)}",
        f"lines: {sum(lengths):,}, median {statistics.median(lengths):.0f}, largest {lengths[-5:]}",
        f"rooms that lean upwards: {len(upward)}",
        *(f"  {one} on {other}" for one, other in upward),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", action="store_true")
    parser.add_argument("--root", type=Path, default=ROOT)
    arguments = parser.parse_args()
    if arguments.numbers:
        print("\n".join(numbers_of(arguments.root)))
    else:
        PICTURE.write_text(picture_of(arguments.root), encoding="utf-8")
        TABLE.write_text(table_of(arguments.root), encoding="utf-8")


if __name__ == "__main__":
    main()
