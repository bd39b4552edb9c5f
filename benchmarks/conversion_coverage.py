"""How much of what happens between releases of ICD-10-CM its conversion table tells.

    python -m benchmarks.conversion_coverage RELEASES

Loads the order files below the folder into a temporary store, takes the newest conversion table there, and prints
for each release: billable codes that are new, how many of them have a row, and one that names codes, or says that
there were none; billable codes that are gone or became headers, and whether a row names them as what was coded
before, on the day of the release.
"""

from __future__ import annotations

import datetime
import itertools
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import terminology
from terminology.drafts import CrosswalkDraft, Part
from terminology.reading import ReadableFile, readable_files
from terminology.registry import crosswalk_readers, loaders
from terminology_crosswalks.icd10cm_conversion.predecessors import codes_of

SYSTEM = "icd10cm"
READER = "icd10cm_conversion"
COLUMNS = (
    "release",
    "new",
    "with row",
    "of codes",
    "of none",
    "gone",
    "to header",
    "named",
    "in a range",
    "never named",
)


@dataclass(frozen=True)
class Succession:
    """What the table says: rows by new code, codes named before, and cells with more than codes."""

    new: Mapping[str, set[str]]
    """Previous codes of each new code."""
    none: set[str]
    """New codes of which the publisher says that nothing came before."""
    named: Mapping[str, set[datetime.date]]
    """Codes that rows name as previous ones, with the days of these rows."""
    spans: set[str]
    """Ranges and categories as written."""


def main() -> None:
    """Print the coverage of the files in the folder that the command line names."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1]) / SYSTEM
    table = newest_table(folder)
    with tempfile.TemporaryDirectory(prefix="conversion-coverage-") as store:
        report = terminology.load(folder, store=store, loaders={SYSTEM: loaders()[SYSTEM]})
        for error in report.errors:
            print(error, file=sys.stderr)
        billable = billable_codes(Path(store))
    print(f"{table.title} {table.version}: {table.parts[0].origin.label}\n")
    told = succession(table)
    print("\n".join(markdown(per_release(billable, told))))
    print("\n" + "\n".join(overall(billable, told)))


def newest_table(folder: Path) -> CrosswalkDraft:
    """Return the crosswalk of the newest conversion table in the folder."""
    loader = loaders()[SYSTEM]
    sheets = (
        file
        for file in readable_files(folder)
        if isinstance(file, ReadableFile) and file.suffix in {".xlsx", ".csv"} and "conversion" in file.name.lower()
    )
    parts = [part for file in sheets if isinstance(part := loader.read(file), Part)]
    return crosswalk_readers()[READER].assemble(parts, ()).drafts[-1]


def succession(draft: CrosswalkDraft) -> Succession:
    """Return what the table says of each new code."""
    tables = draft.build().tables
    new: dict[str, set[str]] = {}
    for row in tables["mappings"].to_pylist():
        for code in row["target_codes"]:
            new.setdefault(code, set()).update({row["source_code"]} - {None})
    rows = tables["rows"].to_pylist()
    for row in rows:
        new.setdefault(row["code"], set())
    none = {row["code"] for row in rows if row["parse_status"] == "none"}
    items: dict[str, set[datetime.date]] = {}
    for row in rows:
        for item in itertools.chain.from_iterable(row["groups"]):
            for code in codes_of(item) or (item,):
                items.setdefault(code, set()).add(row["day"])
    spans = {item for item in items if "-" in item}
    return Succession(new, none, {code: days for code, days in items.items() if code not in spans}, spans)


def billable_codes(store: Path) -> dict[tuple[datetime.date, str], list[str]]:
    """Return the billable codes of each release, by its day and version, in the order of the classification."""
    cm = terminology.open(store)[SYSTEM]
    found = {}
    for release in cm.releases:
        concepts = cm.release(release.version).table("concepts")
        codes = concepts.filter(concepts.column("billable")).column("code").to_pylist()
        found[release.effective, release.version] = codes
    return found


def per_release(billable: Mapping[tuple[datetime.date, str], list[str]], told: Succession) -> list[Sequence[str | int]]:
    """Return the lines of the table: one for each release after the first."""
    lines: list[Sequence[str | int]] = []
    for before, release in itertools.pairwise(billable):
        old, now = set(billable[before]), set(billable[release])
        gone, new = old - now, now - old
        # what stays as a header is the beginning of another code
        headers = {code for code in gone if any(other.startswith(code) for other in now)}
        named = {code for code in gone if any(before[0] < day <= release[0] for day in told.named.get(code, ()))}
        in_range = gone & members(told.spans, billable[before]) - named
        sets = (new, new & told.new.keys(), {code for code in new if told.new.get(code)}, new & told.none)
        sets += (gone - headers, headers, named, in_range, gone - named - in_range)
        lines.append((release[1], *map(len, sets)))
    return lines


def members(spans: Iterable[str], codes: Sequence[str]) -> set[str]:
    """Return the codes that ranges and categories hold, by their order in the classification."""
    found: set[str] = set()
    for span in spans:
        first, _, last = span.partition("-")
        first, last = first.strip(" ."), last.strip() or first.strip(" .")
        starts = [n for n, code in enumerate(codes) if code.startswith(first)]
        ends = [n for n, code in enumerate(codes) if code.startswith(last)]
        if starts and ends:
            found.update(codes[starts[0] : ends[-1] + 1])
    return found


def overall(billable: Mapping[tuple[datetime.date, str], list[str]], told: Succession) -> list[str]:
    """Return sentences on chains, on previous codes that stay, and on those that never were."""
    ever = {code for codes in billable.values() for code in codes}
    newest = set(list(billable.values())[-1])
    previous = {code for codes in told.new.values() for code in codes}
    chains = [code for code, codes in told.new.items() if codes & told.new.keys()]
    return [
        f"{len(chains):,} new codes have a previous code that was new in an earlier row (chains)",
        f"{sum(bool(codes & newest) for codes in told.new.values()):,} new codes have a previous code that is still billable",
        f"{len(previous - ever):,} previous codes were never billable in a loaded release: {', '.join(sorted(previous - ever))}",
    ]


def markdown(lines: Sequence[Sequence[str | int]]) -> list[str]:
    """Return the lines as a table, with their sums."""
    sums = ["all", *(sum(int(line[n]) for line in lines) for n in range(1, len(COLUMNS)))]
    rows = [COLUMNS, ["---", *["---:"] * (len(COLUMNS) - 1)], *lines, sums]
    return [f"| {' | '.join(map(str, row))} |" for row in rows]


if __name__ == "__main__":
    main()
