"""The alphabetic index of a code system, and the tables beside it: from words to codes.

The entries come from the table ``index`` that a release keeps in the archive, where its loader read an index.
A release without one is answered from the nearest that has it, and each entry says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar, Final

from attrs import evolve, frozen

from .characters import without_accents
from .errors import UnknownReleaseError
from .model import Release, Source, Value
from .query import Edition, engine_of

if TYPE_CHECKING:
    import pyarrow as pa

TABLE: Final = "index"
INDEXES: Final = ("alphabetic", "external", "neoplasm", "drug")
"""In the order in which equally good entries are listed."""
WHOLE: Final = 7
"""Characters of a code of ICD-10-PCS; its index mostly leads to beginnings of codes."""
TEXTS: Final = ("index", "path", "code", "manifestation", "see", "see_also", "category", "use", "heading", "file")
"""Columns of text of the table of an index."""
FOLLOWED: Final = 4
"""Most references that are followed one after the other."""
WORD: Final = re.compile(r"[^\W_]+")


@frozen
class Cell(Value):
    """A code in a column of the neoplasm table or of the table of drugs and chemicals."""

    SHAPE: ClassVar = "heading code complete billable"

    heading: str
    code: str
    complete: bool
    billable: bool


@frozen
class IndexEntry(Value):
    """A term of an index with what it leads to."""

    SHAPE: ClassVar = (
        "index path nonessential code complete billable manifestation see see_also category [use] cells via version "
        "borrowed source"
    )

    index: str
    """alphabetic, external (causes), neoplasm or drug."""
    path: tuple[str, ...]
    """From the main term down."""
    nonessential: tuple[str, ...]
    """Words that may stand beside the term and do not change the code."""
    code: str | None
    complete: bool
    """Whether the index gives a whole code, rather than the beginning of one."""
    billable: bool
    """Whether the code is billable in the edition that was asked."""
    manifestation: str | None
    see: str | None
    see_also: str | None
    category: str | None
    """A category or subcategory that the term sends to as a whole."""
    cells: tuple[Cell, ...]
    via: tuple[str, ...]
    """The path of the term whose "see" leads here; empty where the words themselves do."""
    borrowed: bool
    """Whether the index is another release's, as that of the edition came without it."""
    source: Source
    use: str | None = None
    """Of ICD-10-PCS: the title of an axis' value that the term is another name of."""

    @property
    def version(self) -> str | None:
        """Version of the release that the index came with."""
        return self.source.version


def entries(edition: Edition, text: str, *, limit: int = 20) -> tuple[IndexEntry, ...]:
    """Return the entries that hold all words of the text, the best first; empty where none does.

    Words match beginnings of words. Entries whose main term matches come first, then those with shorter paths.
    An entry that only says "see" is followed by the one that it leads to.

    Args:
        edition: What is asked.
        text: Words, like ``heart attack``.
        limit: Most entries, without those that "see" leads to.

    Raises:
        UnknownReleaseError: No release that the edition knows came with an index.

    >>> from terminology.index import entries
    >>> found = entries(store["icd10cm"].release("2022"), "low back pain")
    >>> found[0].path, found[0].code
    (('Pain', 'low back'), 'M54.50')
    """
    words = WORD.findall(_folded(text))
    indexes = _indexes(edition)
    if not words:
        return ()
    hits = [(rank, index, row) for index in indexes for rank, row in index.hits(words)]
    hits.sort(key=lambda hit: (hit[0], INDEXES.index(hit[1].which), hit[2]))
    found: list[IndexEntry] = []
    for _, index, row in hits[:limit]:
        for entry in _with_references(index.entry(row), indexes):
            if not any(other.source == entry.source for other in found):
                found.append(entry)
    return tuple(found)


def _with_references(entry: IndexEntry, indexes: Sequence[_Index]) -> Iterator[IndexEntry]:
    """Yield the entry and, as long as it only says "see", what it leads to."""
    yield entry
    for _ in range(FOLLOWED):
        if entry.see is None or entry.code or entry.cells:
            return
        own = sorted(indexes, key=lambda index: index.which != entry.index)
        led = next((index.entry(row) for index in own for row in index.led_to(entry.see or "")), None)
        if led is None:
            return
        entry = evolve(led, via=entry.path)
        yield entry


def _indexes(edition: Edition) -> list[_Index]:
    """Return each of the four from the nearest release that came with it.

    Raises:
        UnknownReleaseError: No release did.
    """
    system = engine_of(edition).system
    releases = sorted(
        enumerate(edition.known),
        key=lambda pair: (
            pair[1] != edition.release,
            abs((pair[1].effective - edition.date).days),
            pair[1].effective,
        ),
    )
    found: dict[str, _Index] = {}
    for position, release in releases:
        if not any(source.role == TABLE for source in release.sources):
            continue
        table = _in_one_form(system.archived(position)[TABLE], release)
        for which in table.column(TABLE).unique().to_pylist():
            if which not in found:
                found[which] = _Index(which, _rows_of(table, which), release, edition)
        if len(found) == len(INDEXES):
            break
    if not found:
        raise UnknownReleaseError(
            f"no release of {edition.system} up to {edition.date} came with an index: "
            "load the XML files of one; those of ICD-10-CM and ICD-10-PCS are read"
        )
    return [found[which] for which in INDEXES if which in found]


def _in_one_form(table: pa.Table, release: Release) -> pa.Table:
    """Return the table of an index in the form of ICD-10-CM's; that of ICD-10-PCS has a row for each target.

    Its main terms that have no target of their own get a row, because terms are found from main term to main term.
    """
    if "relation" not in table.column_names:
        return table
    import pyarrow as pa

    file = next(source.file for source in release.sources if source.role == TABLE)
    rows: list[dict[str, Any]] = []
    for found in table.to_pylist():
        path, target, relation = found["path"], found["target"], found["relation"]
        if len(path) > 1 and not (rows and rows[-1]["terms"][0] == path[0]):
            rows.append(_row(path[:1], found["line"], file))
        words = {relation: found["text"]} if relation in ("see", "use") else {}
        whole = target is not None and len(target) == WHOLE
        rows.append({**_row(path, found["line"], file), "code": target, "complete": whole, **words})
    types = {name: pa.string() for name in TEXTS} | {name: pa.list_(pa.string()) for name in ("terms", "nonessential")}
    types |= {name: pa.int32() for name in ("level", "line", "column")} | {"complete": pa.bool_()}
    return pa.Table.from_pylist(rows, schema=pa.schema([*types.items()]))


def _row(path: Sequence[str], line: int, file: str) -> dict[str, Any]:
    words = {"path": ", ".join(path), "terms": path, "level": len(path) - 1, "line": line, "file": file}
    return {"index": INDEXES[0], "complete": False, **words}


def _rows_of(table: pa.Table, which: str) -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(pc.equal(table.column(TABLE), which)).combine_chunks()


class _Index:
    """One of the four, of one release."""

    def __init__(self, which: str, table: pa.Table, release: Release, edition: Edition) -> None:
        self.which = which
        self.table = table
        self.release = release
        self.edition = edition
        self._checksums = {source.file: source.sha256 for source in release.sources}

    def hits(self, words: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], int]]:
        """Yield the rows of the terms that hold all words, with their ranks."""
        import pyarrow.compute as pc

        mask = pc.is_null(self.table.column("column"))
        for word in words:
            mask = pc.and_(mask, pc.match_substring_regex(self._searched, rf"(?:^|[^\pL\pN]){re.escape(word)}"))
        rows = pc.indices_nonzero(mask)
        chosen = self.table.select(["terms", "level"]).take(rows)
        texts = self._searched.take(rows).to_pylist()
        for row, terms, level, text in zip(
            rows.to_pylist(), *(chosen.column(name).to_pylist() for name in ("terms", "level")), texts, strict=True
        ):
            main = WORD.findall(_folded(terms[0]))
            whole = set(WORD.findall(text))
            leading = sum(any(part.startswith(word) for part in main) for word in words)
            begun = any(main[:1] and main[0].startswith(word) for word in words)
            exact = sum(word in whole for word in words)
            yield (-leading, level, not begun, -exact, len(text)), row

    @cached_property
    def _searched(self) -> Any:
        """Path and nonessential modifiers of each row, without case and accents."""
        import pyarrow.compute as pc

        extra = pc.fill_null(pc.binary_join(self.table.column("nonessential"), " "), "")
        texts = pc.binary_join_element_wise(self.table.column("path"), extra, " ")
        plain = pc.replace_substring_regex(pc.utf8_normalize(texts, form="NFKD"), r"\p{Mn}", "")
        return pc.utf8_lower(plain)

    @cached_property
    def _main_terms(self) -> dict[str, list[tuple[int, int, int]]]:
        """The rows from each main term to the next, by all that it is called, each with the rank of that name."""
        import pyarrow.compute as pc

        heads = pc.and_(pc.equal(self.table.column("level"), 0), pc.is_null(self.table.column("column")))
        starts = pc.indices_nonzero(heads).to_pylist()
        names, modifiers = (self.table.column(name).take(starts).to_pylist() for name in ("path", "nonessential"))
        # a title such as Complication(s) has its ending among the modifiers
        names = [
            f"{name}(s)" if "s" in (beside or ()) and ", " not in name else name
            for name, beside in zip(names, modifiers, strict=True)
        ]
        found: dict[str, list[tuple[int, int, int]]] = {}
        for name, start, end in zip(names, starts, [*starts[1:], self.table.num_rows], strict=True):
            for called, rank in _ranked_names(_folded(name)).items():
                found.setdefault(called, []).append((rank, start, end))
        return found

    def led_to(self, reference: str) -> list[int]:
        """Return the rows of the terms that a reference like ``Infarct, myocardium`` names, the best first.

        A main term that is called so comes first, then those that begin so, up to a comma, then those of which the
        words are another name: ``Disease`` is ``Disease, diseased`` before it is ``Blood-forming organs, disease``.
        Where no term has all of its words, the beginning of the reference is followed.
        """
        parts = list(takewhile(lambda part: not part.startswith("by "), _folded(reference).split(", ")))
        found = (self._named(parts[:length]) for length in range(len(parts), 0, -1))
        return next(filter(None, found), [])

    def _named(self, parts: Sequence[str]) -> list[int]:
        """Return the rows of the terms that have all parts of a reference, the best first."""
        close = [
            (rank == OTHER, -match, rank, row)
            for length in range(1, len(parts) + 1)
            for rank, start, end in self._main_terms.get(", ".join(parts[:length]), ())
            for match, row in self._below(parts[length:], start, end)
        ]
        return list(dict.fromkeys(row for *_, row in sorted(close)))

    def _below(self, parts: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the rows of a main term that the rest of a reference names, each with how closely."""
        rows = self.table.slice(start, end - start).select(["terms", "column"])
        terms, columns = (rows.column(name).to_pylist() for name in ("terms", "column"))
        for offset, (path, column) in enumerate(zip(terms, columns, strict=True)):
            if column is None and (match := _closeness(parts, [_folded(term) for term in path[1:]])):
                yield match, start + offset

    def entry(self, row: int) -> IndexEntry:
        """Return the entry of a term's row, with the cells that follow it."""
        values, *rest = self.table.slice(row, 1 + len(INDEXES) * 4).to_pylist()
        cells = takewhile(lambda cell: cell["column"] is not None, rest)
        checksum = self._checksums.get(values["file"], "")
        return IndexEntry(
            index=self.which,
            path=tuple(values["terms"]),
            nonessential=tuple(values["nonessential"] or ()),
            code=values["code"],
            complete=values["complete"],
            billable=self._is_billable(values),
            manifestation=values["manifestation"],
            see=values["see"],
            see_also=values["see_also"],
            use=values.get("use"),
            category=values["category"],
            cells=tuple(
                Cell(cell["heading"], cell["code"], cell["complete"], self._is_billable(cell)) for cell in cells
            ),
            via=(),
            borrowed=self.release != self.edition.release,
            source=Source(self.release.system, self.release.version, values["file"], checksum, values["line"]),
        )

    def _is_billable(self, values: dict[str, Any]) -> bool:
        return bool(values["code"] and values["complete"] and self.edition.is_billable(values["code"]))


def _folded(text: str) -> str:
    """Return the text without case and accents.

    >>> _folded("Ménière's disease")
    "meniere's disease"
    """
    return without_accents(text.lower())


def _names(term: str) -> set[str]:
    """Return all that a term is called: ``infarct, infarction`` is either, ``complication(s)`` one or several.

    >>> sorted(_names("infarct, infarction"))
    ['infarct', 'infarct, infarction', 'infarction']
    """
    return {form for name in {term, *term.split(", ")} for form in _forms(name)}


def _forms(name: str) -> tuple[str, ...]:
    """Return a name; where it may be of one or several, both forms too."""
    return (name, name.replace("(s)", ""), name.replace("(s)", "s")) if "(s)" in name else (name,)


EXACT, LEADING, OTHER = range(3)
"""How well a name is that of a main term: its whole title, the beginning of it up to a comma, another part of it."""


def _ranked_names(title: str) -> dict[str, int]:
    """Return all that a main term is called, each with its rank.

    >>> _ranked_names("disease, diseased")
    {'disease': 1, 'diseased': 2, 'disease, diseased': 0}
    """
    parts = title.removesuffix(" -").split(", ")
    ranked = {form: OTHER for part in parts for form in _forms(part)}
    for length in range(1, len(parts) + 1):
        rank = EXACT if length == len(parts) else LEADING
        ranked |= dict.fromkeys(_forms(", ".join(parts[:length])), rank)
    return ranked


def _closeness(parts: Sequence[str], path: Sequence[str]) -> int:
    """Return 2 where a reference names just this path, 1 where its words only begin so, 0 where it does not.

    >>> _closeness(["infarct", "myocardium"], ["infarct, infarction", "myocardium, myocardial"])
    2
    """
    if not parts or not path:
        return 2 if not parts and not path else 0
    names = _names(path[0])
    best = 0
    for length in range(1, len(parts) + 1):
        said = ", ".join(parts[:length])
        near = 2 if said in names else int(any(name.startswith(said) or said.startswith(name) for name in names))
        if near:
            best = max(best, min(near, _closeness(parts[length:], path[1:])))
    return best
