"""The pictures and the table of the page on columns, drawn without any library of plots.

    python docs/columns.py      write docs/concepts/columns-*.svg and columns-growth.md

The curves are those of docs/concepts/columns-growth.json, which `python -m benchmarks.column_growth --write` measures.
A test makes sure that the committed pictures are the ones that this script makes.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for the module beside this one

from _drawing import WIDTH, box, circle, line, path, picture, polyline, text

FOLDER = Path(__file__).parent / "concepts"
MEASURED = FOLDER / "columns-growth.json"
HEIGHT = 320
LEFT, RIGHT, TOP, BOTTOM = 50, 138, 58, 48
LINES = {"validate": "accent", "validate, with reason": "accent dashed", "pyarrow is_in": "plain"}
"""How a curve is drawn, by what was measured."""
MARKS = {"validate": "full", "validate, with reason": "open", "pyarrow is_in": "soft"}


# ---- curves


def curves(name, title, across, up, *, ticks, series):
    """Return a picture of curves.

    Args:
        name: Of its file.
        title: Above it.
        across: The words below, and the function from a value to a share of the width.
        up: The words above the axis, and the function from a value to a share of the height.
        ticks: Values and their words, across and up.
        series: Points of each curve by its name.
    """
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x, y):
        return round(LEFT + wide * across[1](x), 1), round(TOP + high * (1 - up[1](y)), 1)

    lines = [text(12, 20, title, "head"), text(12, 42, up[0], "small soft")]
    for value, words in ticks[1]:
        y = round(TOP + high * (1 - up[1](value)), 1)
        lines += [line(LEFT, y, LEFT + wide, y, "rule"), text(LEFT - 8, y + 4, words, "small soft", anchor="end")]
    for value, words in ticks[0]:
        x = round(LEFT + wide * across[1](value), 1)
        lines.append(text(x, TOP + high + 18, words, "small soft", anchor="middle"))
    lines.append(text(LEFT + wide / 2, HEIGHT - 10, across[0], "small soft", anchor="middle"))
    heights = []
    said = []
    for curve in sorted(series, key=lambda one: -series[one][-1][1]):
        points = [place(*point) for point in series[curve]]
        lines.append(polyline(points, LINES[curve]))
        lines += [circle(x, y, 3.5, MARKS[curve]) for x, y in points]
        # labels keep clear of each other
        heights.append(max(points[-1][1] + 4, heights[-1] + 16 if heights else 0))
        lines.append(
            text(points[-1][0] + 8, heights[-1], curve, "small" if curve == "pyarrow is_in" else "small accent")
        )
        first, last = series[curve][0], series[curve][-1]
        said.append(f"{curve}: {first[1]:.3g} at {first[0]:,}, {last[1]:.3g} at {last[0]:,}")
    return picture(name, HEIGHT, title, f"{up[0]}, by {across[0]}. {'; '.join(said)}.", lines)


def rows_picture(measured):
    """Return how the time grows with the rows."""
    items = measured["rows"]
    series = {name: [(item["rows"], item[name]) for item in items] for name in LINES}
    seconds = [value for points in series.values() for _, value in points]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    first, last = math.log10(items[0]["rows"]), math.log10(items[-1]["rows"])
    return curves(
        "columns-rows",
        "Seconds for a column, by its rows",
        ("rows", lambda rows: (math.log10(rows) - first) / (last - first)),
        ("seconds (each line is ten times the one below)", lambda value: (math.log10(value) - low) / (high - low)),
        ticks=(
            [(item["rows"], f"{item['rows'] / 1e6:g} M") for item in items],
            [(10.0**power, f"{10.0**power:g}") for power in range(low, high + 1)],
        ),
        series=series,
    )


def releases_picture(measured):
    """Return how the time of a row depends on the number of releases."""
    items = measured["releases"]
    series = {name: [(item["releases"], item[name] / item["rows"] * 1e9) for item in items] for name in LINES}
    top = math.ceil(max(value for points in series.values() for _, value in points) / 20) * 20
    last = items[-1]["releases"]
    step = max(10, top // 60 * 10)
    return curves(
        "columns-releases",
        "Nanoseconds for a row, by the number of releases",
        ("releases that are loaded", lambda count: count / last),
        ("nanoseconds a row", lambda value: value / top),
        ticks=(
            [(item["releases"], str(item["releases"])) for item in items],
            [(value, str(value)) for value in range(0, top + 1, step)],
        ),
        series=series,
    )


# ---- the way of a row

ROWS = (("M54.5", "2020-11-02"), ("M54.50", "2021-12-24"), ("m545", "2021-10-01"), ("M54.5", "2019-03-05"))
STRETCHES = ("before", "2020-10-01", "2021-10-01")
CELLS = {"M54.5": ("uncovered", "billable", "header"), "M54.50": ("uncovered", "future", "billable")}
CODES = {"M54.5": "M54.5", "M54.50": "M54.50", "m545": "M54.5"}
STEP = 26


def stretch_of(day):
    """Return the number of the stretch that a day lies in."""
    return sum(day >= first for first in STRETCHES[1:])


def cell(x, y, width, words, *, kind, letters="small"):
    """Return a box with words in it."""
    return [box(x, y, width, STEP - 2, kind, radius=2), text(x + 7, y + 16, words, letters)]


def answer_picture():
    """Return the worked picture: rows, numbers of codes and stretches, cells, answers."""
    title = "How four rows are answered"
    lines = [text(12, 20, title, "head")]
    heads = ((12, "the column"), (176, "code"), (236, "stretch"), (296, "cell"), (356, "answer"))
    lines += [text(x, 46, words, "small soft") for x, words in heads]
    rows = list(CELLS)
    said = []
    for number, (code, day) in enumerate(ROWS):
        y = 54 + STEP * number
        row, stretch = rows.index(CODES[code]), stretch_of(day)
        found = row * len(STRETCHES) + stretch
        answer = CELLS[rows[row]][stretch]
        lines += cell(12, y, 64, code, kind="shade") + cell(78, y, 80, day, kind="shade")
        lines += cell(176, y, 40, str(row), kind="shade") + cell(236, y, 40, str(stretch), kind="shade")
        lines += cell(296, y, 40, str(found), kind="tint") + cell(356, y, 92, answer, kind="tint", letters="small head")
        lines += [arrow(x, y + 12, to) for x, to in ((160, 174), (278, 294), (338, 354))]
        said.append(f"{code} on {day} is {answer}, cell {found}")
    top = 54 + STEP * (len(ROWS) + 2)
    words = "what every code is in every stretch of days, made once"
    lines += [text(12, top - 12, words, "small soft"), text(12, top + 10, "code", "small soft")]
    lines += [
        text(86 + 122 * n, top + 10, f"{n}: from {day}" if n else "0: before", "small soft")
        for n, day in enumerate(STRETCHES)
    ]
    for row, code in enumerate(rows):
        y = top + STEP * (row + 1) - 8
        lines += [text(12, y + 16, f"{row}: {code}", "small")]
        for stretch, status in enumerate(CELLS[code]):
            lines += cell(86 + 122 * stretch, y, 118, f"{row * len(STRETCHES) + stretch}  {status}", kind="tint")
    lines.append(
        text(12, top + STEP * 3 + 8, "number of a cell: 3 for each code before it, and the stretch", "small soft")
    )
    return picture("columns-answer", top + STEP * 3 + 20, title, f"{'; '.join(said)}.", lines)


def arrow(x, y, to):
    """Return an arrow to the right."""
    return path(f"M{x} {y}H{to}M{to - 4} {y - 4}L{to} {y}L{to - 4} {y + 4}")


# ---- files


def growth_table(measured):
    """Return the table of the page."""
    lines = ["| rows | releases | validate | with reason | pyarrow is_in |", "|--:|--:|--:|--:|--:|"]
    for item in (*measured["rows"], *measured["releases"]):
        cells = [f"{item[name]:.3f} s, {item[name] / item['rows'] * 1e9:.0f} ns a row" for name in LINES]
        lines.append(f"| {item['rows']:,} | {item.get('releases', 15)} | {' | '.join(cells)} |")
    machine = " ".join(line.strip() for line in measured["machine"][1:] if line)
    return "\n".join([*lines, "", f"{measured['machine'][0].removeprefix('## ')}. {machine}", ""])


def files():
    """Return the pictures and the table by the names of their files."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    return {
        "columns-answer.svg": answer_picture(),
        "columns-rows.svg": rows_picture(measured),
        "columns-releases.svg": releases_picture(measured),
        "columns-growth.md": growth_table(measured),
    }


def main():
    for name, made in files().items():
        (FOLDER / name).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
