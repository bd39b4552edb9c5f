"""What later years' GEMs corrected, from the real files alone: counted from their lines, and ten codes checked by hand."""

from __future__ import annotations

import itertools
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from terminology import LoadReport, Terminology

Alternatives = frozenset[frozenset[str]]
Key = tuple[str, str, str]
"""Code systems and year of a map."""
Corrected = Callable[[Key], Mapping[str, tuple[str, Alternatives]]]
MEMBERS = {
    ("icd9cm", "icd10cm"): "i9gem.txt",
    ("icd10cm", "icd9cm"): "i10gem.txt",
    ("icd9pcs", "icd10pcs"): "gem_i9pcs.txt",
    ("icd10pcs", "icd9pcs"): "gem_pcsi9.txt",
}
COUNTS = {
    ("icd9cm", "icd10cm", "2011"): {"2014": 26, "2018": 172},
    ("icd9cm", "icd10cm", "2014"): {"2018": 45},
    ("icd10cm", "icd9cm", "2011"): {"2014": 13, "2018": 575},
    ("icd10cm", "icd9cm", "2014"): {"2018": 232},
    ("icd9pcs", "icd10pcs", "2012"): {"2016": 12, "2018": 160},
    ("icd9pcs", "icd10pcs", "2014"): {"2016": 11, "2018": 137},
    ("icd9pcs", "icd10pcs", "2015"): {"2016": 8, "2018": 130},
    ("icd9pcs", "icd10pcs", "2016"): {"2018": 122},
    ("icd10pcs", "icd9pcs", "2012"): {"2018": 1_844},
    ("icd10pcs", "icd9pcs", "2014"): {"2018": 1_786},
    ("icd10pcs", "icd9pcs", "2015"): {"2018": 1_695},
    ("icd10pcs", "icd9pcs", "2016"): {"2018": 1_679},
}
"""Of each map how many codes a later year corrects, by that year."""
CHECKED = [
    ("icd9cm", "icd10cm", "2014", "429.89", ["I51.89"], ["I51.3", "I51.89"]),
    ("icd9cm", "icd10cm", "2014", "851.69", ["S06.370A", "S06.379A", "S06.380A", "S06.389A"], ["S06.370A", "S06.380A"]),
    ("icd9cm", "icd10cm", "2014", "800.49", ["S02.0XXA+S06.890A", "S02.0XXA+S06.9X9A"], ["S02.0XXA+S06.890A", "S02.0XXA+S06.9X0A"]),
    ("icd10cm", "icd9cm", "2014", "M00.259", ["711.05"], ["711.05", "711.05+041.09"]),
    ("icd10cm", "icd9cm", "2014", "E89.810", ["997.99"], ["998.11"]),
    ("icd10cm", "icd9cm", "2014", "M00.09", ["711.09"], ["711.09", "711.08+041.10"]),
    ("icd10cm", "icd9cm", "2011", "C85.28", ["202.78", "202.88"], ["200.78", "202.88"]),
    ("icd10cm", "icd9cm", "2011", "J94.2", ["511.89"], ["511.1", "511.89"]),
    ("icd9pcs", "icd10pcs", "2016", "42.33",
     ["0D554ZZ", "0D558ZZ", "0DB54ZZ", "0DB58ZZ", "0W3P8ZZ", "3E0G8TZ"],
     ["06L34CZ", "06L34DZ", "06L34ZZ", "06L43CZ", "06L43ZZ", "0D554ZZ", "0D558ZZ", "0DB54ZZ", "0DB58ZZ", "0W3P8ZZ", "3E0G8TZ"]),
    ("icd10pcs", "icd9pcs", "2016", "0DPD82Z", ["45.03"], ["97.59"]),
]  # fmt: skip
"""Map and year, code, what the year's own file has, what it has with hindsight: read from the lines of both files."""


@pytest.fixture(scope="module")
def folders(releases: Path) -> tuple[Path, ...]:
    """The folders of the GEMs of all years that were kept, each with a folder for a year."""
    folders = (releases / "gems", releases.parent / "further-releases" / "gems")
    for folder in folders:
        if not folder.exists():
            pytest.skip(f"{folder.parent.name}/gems is not among the release files")
    return folders


@pytest.fixture(scope="module")
def store(maps: tuple[Terminology, LoadReport]) -> Terminology:
    """The store of the maps alone."""
    return maps[0]


@pytest.fixture(scope="module")
def published(folders: tuple[Path, ...]) -> Mapping[tuple[str, str], Mapping[str, Mapping[str, Alternatives]]]:
    """The alternatives of each code by map and year, read from the lines without the reader of the library."""
    found: dict[tuple[str, str], dict[str, Mapping[str, Alternatives]]] = defaultdict(dict)
    for archive in (archive for folder in folders for archive in sorted(folder.glob("*/*.zip"))):
        with zipfile.ZipFile(archive) as opened:
            for systems, member in itertools.product(MEMBERS, opened.namelist()):
                if member.lower().endswith(MEMBERS[systems]):
                    lines = opened.read(member).decode("latin-1").upper().splitlines()
                    found[systems][archive.parent.name] = alternatives(map(str.split, lines))
    return found


def alternatives(rows: Iterable[list[str]]) -> Mapping[str, Alternatives]:
    """Return the alternatives of each code: single targets, and one code of each choice list of a scenario together."""
    singles: dict[str, set[frozenset[str]]] = defaultdict(set)
    scenarios: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for source, target, flags in filter(None, rows):
        singles[source] |= {frozenset([target])} if flags[2] == "0" and not target.startswith("NO") else set()
        if flags[2] == "1" and not target.startswith("NO"):
            scenarios[source, flags[3]][flags[4]].append(target)
    for (source, _), lists in scenarios.items():
        singles[source] |= set(map(frozenset, itertools.product(*lists.values())))
    return {source: frozenset(found) for source, found in singles.items()}


def plain(codes: Iterable[str]) -> frozenset[str]:
    """Return codes as the files write them."""
    return frozenset(code.replace(".", "") for code in codes)


def corrections(published: Any, systems: tuple[str, str], year: str) -> Mapping[str, tuple[str, Alternatives]]:
    """Return the codes of a year that a later one corrects, with that year and its alternatives."""
    there = {one: set(rows) for one, rows in published[systems[::-1]].items()}
    found = {}
    for code, own in published[systems][year].items():
        for later in sorted((one for one in published[systems] if one > year), reverse=True):
            rows = published[systems][later].get(code)
            if rows is None:
                continue
            if rows == own:
                break
            if {target for one in rows ^ own for target in one} <= there[year] & there[later]:
                found[code] = later, rows
                break
    return found


@pytest.fixture(scope="module")
def corrected(published: Any) -> Corrected:
    """The corrections of a map and year, found once for each."""
    return cache(lambda key: corrections(published, key[:2], key[2]))


@pytest.mark.parametrize("key", COUNTS)
def test_corrections_are_those_of_the_lines(store: Terminology, corrected: Corrected, key: Key) -> None:
    """Of each map and year the corrected codes are as many as the lines say; some are asked, and answered by the later lines."""
    source, target, year = key
    wanted = corrected(key)
    assert Counter(later for later, _ in wanted.values()) == COUNTS[key]
    for code, (later, rows) in itertools.islice(wanted.items(), 0, None, 1 + len(wanted) // 250):
        found = store.translate(code, source=source, target=target, crosswalk=f"gems {year}", corrected=True)
        assert frozenset(plain(one.codes) for one in found.alternatives) == rows, code
        steps = [step for one in found.alternatives for step in one.path] or found.path
        assert {step.detail["correction"]["by"] for step in steps} == {f"gems {later}"}


@pytest.mark.parametrize("key", COUNTS)
def test_all_other_codes_are_answered_as_published(
    store: Terminology, published: Any, corrected: Corrected, key: Key
) -> None:
    """A sample of the other codes of each map and year has the same answer with and without hindsight."""
    source, target, year = key
    codes = sorted(published[source, target][year].keys() - corrected(key).keys())
    for code in codes[:: max(1, len(codes) // 100)]:
        options = {"source": source, "target": target, "crosswalk": f"gems {year}"}
        assert store.translate(code, **options) == store.translate(code, corrected=True, **options)


@pytest.mark.parametrize("checked", CHECKED)
def test_codes_that_were_checked_by_hand(store: Terminology, checked: tuple[Any, ...]) -> None:
    """Ten codes have the alternatives that a person reads in both files."""
    source, target, year, code, own, corrected = checked
    for hindsight, expected in ((False, own), (True, corrected)):
        found = store.translate(code, source=source, target=target, crosswalk=f"gems {year}", corrected=hindsight)
        assert ["+".join(one.codes) for one in found.alternatives] == expected
