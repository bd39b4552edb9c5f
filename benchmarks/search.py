"""Search: CPU time of questions and keystrokes, quality, size, memory and build time, beside SQLite FTS5 and tantivy.

    python -m benchmarks.search --store DIR [--questions FILE] [--half odd]

The peers index the same texts (titles, inclusion terms, index terms that lead to a code) and are asked the same readings
of each question, with our synonyms; FTS5 and tantivy rank by BM25. FTS5 knows no typos. tantivy forgives one edit in words
of five letters or more, and is left out where it is not installed. Of both only the engine is timed: no status, no title
and no source is looked up for what they find, as ours does.

Times are CPU times of the thread: a busy machine changes them less than the clock. Questions are the project's own,
written before anything was tuned; with ``--half odd`` only those that were never used for tuning count.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import terminology
from terminology.query.compiled import CompiledSystem
from terminology.query.searching import synonyms_of, tables_of
from terminology.search.building import entries_of, search_tables
from terminology.search.entries import TITLES
from terminology.search.words import words_of
from terminology.store.compiling import ReleaseTables
from terminology.store.pointer import SEARCH

QUESTIONS = Path(__file__).parents[1] / "tests" / "search" / "questions.tsv"
SYSTEM = "icd10cm"
LIMIT = 10
MEASURED = 50
"""Terms that a peer is asked for, so that ten codes are among them."""
FUZZY = 5
Search = Callable[[str], list[str]]
Question = tuple[str, str, tuple[str, ...]]
MEMORY = """
import sys
import numpy, psutil, terminology
import terminology.query.searching
edition = terminology.open(sys.argv[1])["icd10cm"].latest
for code in edition: edition.title(code)
edition.lookup("E11.9")
before = psutil.Process().memory_info().rss
for line in open(sys.argv[2], encoding="utf-8"):
    if not line.startswith("#"): edition.search(line.split("\\t")[0])
print((psutil.Process().memory_info().rss - before) / 2**20)
"""


def questions(path: Path, half: str) -> list[Question]:
    """Return text, kind and right codes of the questions of a half, or of all."""
    lines = [line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8") if not line.startswith("#")]
    chosen = {"all": lines, "even": lines[1::2], "odd": lines[::2]}[half]
    return [(text, kind, tuple(code.replace(".", "") for code in wanted.split(","))) for text, kind, wanted in chosen]


def releases_of(system: CompiledSystem) -> list[ReleaseTables]:
    """Return the releases of a system with their tables."""
    entries = enumerate(system.entry.releases)
    return [ReleaseTables(item.release, item.digest, system.archived(number)) for number, item in entries]


def texts_of(system: CompiledSystem) -> Iterator[tuple[str, str]]:
    """Yield the texts that are searched, each with a code that it leads to."""
    entries = entries_of(system.store.folder, system.entry, releases_of(system))
    suffixes = list(entries.suffixes)
    for term in entries.terms:
        words = " ".join([*term.words, *term.also, *term.extra])
        for row, suffix, _ in term.members if term.kind in TITLES else term.members[:1]:
            yield f"{words} {suffixes[suffix]}".strip(), system.codes.name(row)


# ---- peers


class FullText:
    """SQLite FTS5, with indexes of beginnings of two to four letters."""

    def __init__(self, folder: Path, texts: Sequence[tuple[str, str]]) -> None:
        self.path = folder / "fts5.db"
        self._database = sqlite3.connect(self.path)
        self._database.execute("CREATE VIRTUAL TABLE terms USING fts5(text, code UNINDEXED, prefix='2 3 4')")
        self._database.executemany("INSERT INTO terms VALUES (?, ?)", texts)
        self._database.execute("INSERT INTO terms(terms) VALUES ('optimize')")
        self._database.commit()

    def asked(self, words: Sequence[str]) -> list[tuple[float, str]]:
        """Return scores and codes of the terms that hold all words; the last one may be a beginning."""
        query = " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
        found = self._database.execute(
            "SELECT -rank, code FROM terms WHERE terms MATCH ? ORDER BY rank LIMIT ?", (query, MEASURED)
        )
        return list(found)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size


class Tantivy:
    """tantivy, with one edit in longer words, and the last word as a beginning."""

    def __init__(self, folder: Path, texts: Sequence[tuple[str, str]]) -> None:
        import tantivy

        self._module = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=False)
        builder.add_text_field("code", stored=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        self.folder = folder / "tantivy"
        self.folder.mkdir()
        index = tantivy.Index(self._schema, path=str(self.folder))
        writer = index.writer(heap_size=128_000_000, num_threads=1)
        for text, code in texts:
            writer.add_document(tantivy.Document(text=[text], code=[code]))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def asked(self, words: Sequence[str]) -> list[tuple[float, str]]:
        """Return scores and codes of the terms that hold all words, or words that differ by one edit."""
        query, must = self._module.Query, self._module.Occur.Must
        parts = [(must, self._word(word, is_last=at == len(words) - 1)) for at, word in enumerate(words)]
        found = self._searcher.search(query.boolean_query(parts), MEASURED).hits
        return [(score, self._searcher.doc(address)["code"][0]) for score, address in found]

    def _word(self, word: str, *, is_last: bool) -> object:
        query = self._module.Query
        exact = query.boost_query(query.term_query(self._schema, "text", word), 4.0)
        either = [(self._module.Occur.Should, exact)]
        if is_last or len(word) >= FUZZY:
            edits = int(len(word) >= FUZZY)
            near = query.fuzzy_term_query(self._schema, "text", word, edits, True, is_last)  # noqa: FBT003 -- its signature
            either.append((self._module.Occur.Should, near))
        return query.boolean_query(either)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir())


def searching_with(peer: FullText | Tantivy, edition: terminology.Edition, system: CompiledSystem) -> Search:
    """Return a search by a peer's engine: the readings of a question, the best billable codes of all."""
    synonyms = synonyms_of(system, ())

    def search(text: str) -> list[str]:
        words = words_of(text)
        best: dict[str, float] = {}
        for reading in synonyms.readings(words) if words else ():
            for score, code in peer.asked(reading.words):
                if score > best.get(code, 0):
                    best[code] = score
        ranked = sorted(best, key=lambda code: -best[code])
        return [code for code in ranked if edition.is_billable(code)][:LIMIT]

    return search


# ---- figures


def timed(search: Search, text: str) -> tuple[list[str], float]:
    """Return the answer and the milliseconds of CPU time."""
    start = time.thread_time()
    codes = search(text)
    return codes, (time.thread_time() - start) * 1e3


def percentiles(times: Sequence[float]) -> str:
    """Return median and 99th percentile."""
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2]:.3f} / {ordered[int(len(ordered) * 0.99)]:.2f} ms"


def measured(name: str, search: Search, asked: Sequence[Question]) -> str:
    """Return a row of the table: quality, times of questions and of keystrokes."""
    for text, _, _ in asked:
        search(text)
    first = ten = 0
    times = []
    for text, _, wanted in asked:
        codes, took = timed(search, text)
        times.append(took)
        places = [at for at, code in enumerate(codes) if code.replace(".", "").startswith(wanted)]
        first += places[:1] == [0]
        ten += bool(places)
    keys = [timed(search, text[:end])[1] for text, _, _ in asked for end in range(2, len(text) + 1)]
    share = f"{first}/{len(asked)} | {ten}/{len(asked)}"
    return f"| {name} | {share} | {percentiles(times)} | {percentiles(keys)} |"


def built(name: str, make: Callable[[], FullText | Tantivy]) -> tuple[FullText | Tantivy, str]:
    """Return a peer, and what making it cost."""
    start = time.process_time()
    peer = make()
    return peer, f"{name}: {peer.size / 2**20:.1f} MiB, built in {time.process_time() - start:.1f} s of CPU time"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--half", choices=("all", "even", "odd"), default="all")
    arguments = parser.parse_args()
    code_system = terminology.open(arguments.store)[SYSTEM]
    system = code_system._compiled  # noqa: SLF001 -- the engine is what is measured
    edition = code_system.latest
    asked = questions(arguments.questions, arguments.half)
    texts = list(texts_of(system))
    print(f"{len(texts):,} texts of {len(code_system.releases)} releases; {len(asked)} questions\n")
    largest = max(releases_of(system), key=lambda item: sum(table in item.tables for table in ("index", "notes")))
    version = largest.release.version
    for name, releases in (("all releases", releases_of(system)), (f"{version}, which has all of them", [largest])):
        start = time.process_time()
        chosen = [item for item in system.entry.releases if item.version in {one.release.version for one in releases}]
        made = search_tables(system.store.folder, system.entry._replace(releases=tuple(chosen)), releases)
        size = sum(table.nbytes for table in made.values()) / 2**20
        print(
            f"ours, notes and indexes of {name}: {size:.1f} MiB, built in {time.process_time() - start:.1f} s of CPU time"
        )
    files = [file.size for name, file in system.entry.files.items() if name.startswith(SEARCH)]
    print(f"ours, files in the store: {sum(files) / 2**20:.1f} MiB")
    command = [sys.executable, "-c", MEMORY, str(arguments.store), str(arguments.questions)]
    grown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"ours, memory that all questions add to a process with numpy and all titles: {float(grown):.1f} MiB")
    tables_of(system)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured("ours", lambda text: [hit.code for hit in edition.search(text, LIMIT)], asked)]
        makers: dict[str, Callable[[], FullText | Tantivy]] = {"SQLite FTS5": lambda: FullText(Path(folder), texts)}
        try:
            import tantivy  # noqa: F401 -- whether it is there
        except ImportError:
            print("tantivy is not installed")
        else:
            makers["tantivy"] = lambda: Tantivy(Path(folder), texts)
        for name, make in makers.items():
            peer, cost = built(name, make)
            print(cost)
            rows.append(measured(name, searching_with(peer, edition, system), asked))
    print("\n| engine | right code first | among ten | question p50 / p99 | keystroke p50 / p99 |")
    print("|---|---|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
