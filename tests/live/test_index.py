"""The publishers' real indexes against a plain reading: titles from the bytes, and the main terms that "see" leads to."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from terminology import CodeSystem
from terminology.index.tables import TABLE, indexes_of
from terminology.reading import ReadableFile, readable_files
from terminology_loaders.icd10cm.index import is_index, read_index

TITLE = re.compile(r"<(?:mainTerm|term\b[^>]*)>\s*<title>(.*?)</title>", re.DOTALL)
MODIFIER = r"<nemod>[^<]*</nemod>"


def plain_title(raw: str) -> str:
    """Return the markup of a title without modifiers, by replacing one form after the other."""
    text = " ".join(raw.split())
    text = re.sub(r"<nemod>\([a-z]\)</nemod>(?=\w)", "", text)
    text = re.sub(rf"(?<=-){MODIFIER}|^{MODIFIER}-?|{MODIFIER}(?=[,;:/-])", "", text)
    return " ".join(html.unescape(re.sub(MODIFIER, " ", text)).split())


def folded(text: str) -> str:
    """Return a text without case and accents."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in plain if not unicodedata.combining(character))


def test_titles(releases: Path) -> None:
    """The title of every term of every file is its markup without modifiers, with no blank before a comma."""
    files = [file for file in readable_files(releases / "icd10cm") if isinstance(file, ReadableFile)]
    compared = 0
    for file in (file for file in files if file.suffix in {".xml", ".txt"} and is_index(file.head)):
        text = re.sub(r"<!--.*?-->", "", file.data.decode("utf-8-sig"), flags=re.DOTALL)
        expected = [plain_title(raw) for raw in TITLE.findall(text)]
        found = [row.terms[-1] for row in read_index(file.data, file.label).rows if row.column is None]
        assert len(expected) == len(found), file.label
        # a title of nothing but a modifier is shown with it
        assert [] == [(one, other) for one, other in zip(expected, found, strict=True) if one not in ("", other)]
        compared += len(found)
    assert compared > 200_000


def test_references_lead_to_main_terms_of_their_name(cm: CodeSystem) -> None:
    """What refers to a main term by its title, or by the beginning of it up to a comma, leads to one of that name."""
    compared = 0
    for release in cm.releases:
        if not any(source.role == TABLE for source in release.sources):
            continue
        for index in indexes_of(cm.release(release.version)):
            rows = [(row["terms"], row["see"]) for row in index.rows.table.to_pylist() if row["column"] is None]
            places = [row["terms"] for row in index.rows.table.to_pylist()]
            titles = {folded(terms[0]).removesuffix(" -") for terms, _ in rows}
            begun = defaultdict(set)
            for title in titles:
                parts = title.split(", ")
                for length in range(1, len(parts)):
                    begun[", ".join(parts[:length])].add(title)
            for reference in sorted({see for _, see in rows if see}):
                wanted = {folded(reference)} & titles or begun[folded(reference)]
                if wanted:
                    first = places[index.rows.led_to(reference)[0]]
                    assert (len(first), folded(first[0]).removesuffix(" -") in wanted) == (1, True), reference
                    compared += 1
    assert compared > 1_000
