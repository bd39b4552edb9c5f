"""The pictures and the table of the page on columns, drawn without any library of plots.

    python docs/columns.py      write docs/explanation/columns-*.svg and columns-growth.md

The curves are those of docs/concepts/columns-growth.json, which `python -m benchmarks.column_growth --write` measures.
Each picture has a light ground of its own, so it is read alike in a light and in a dark theme. A test makes sure that
the committed pictures are the ones that this script makes.
"""

from __future__ import annotations

import json
import math
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent / "concepts"
MEASURED = FOLDER / "columns-growth.json"
WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 46, 54
INK, FAINT, GROUND, GRID = "#1a2733", "#4a5a68", "#f7f9fb", "#d5dde6"
LINES = {"validate": "#0b5fa5", "validate, with reason": "#b4451f", "pyarrow is_in": "#5b6770"}
"""Colours that differ in lightness too."""
MARKS = {"validate": "circle", "validate, with reason": "square", "pyarrow is_in": "dash"}


def svg(width, height, title, lines):
    """Return a picture on a ground of its own."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
    ground = f'<rect width="{width}" height="{height}" rx="6" fill="{GROUND}"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *lines, "</svg>", ""])


def text(x, y, words, *, anchor="start", size=13, fill=INK, weight="normal"):
    """Return a line of text."""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" fill="{fill}" font-weight="{weight}"'
    return f"<text {place}>{escape(words)}</text>"


# ---- curves


def curves(title, across, up, ticks, series):
    """Return a picture of curves.

    Args:
        title: Above it.
        across: The words below, and the function from a value to a share of the width.
        up: The words above the axis, and the function from a value to a share of the height.
        ticks: Values and their words, across and up.
        series: Points of each curve by its name.
    """
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x, y):
        return round(LEFT + wide * across[1](x), 1), round(TOP + high * (1 - up[1](y)), 1)

    lines = [text(12, 24, title, size=15, weight="bold"), text(LEFT, TOP - 6, up[0], size=11, fill=FAINT)]
    for value, words in ticks[1]:
        y = round(TOP + high * (1 - up[1](value)), 1)
        lines += [
            f'<line x1="{LEFT}" y1="{y}" x2="{LEFT + wide}" y2="{y}" stroke="{GRID}"/>',
            text(LEFT - 8, y + 4, words, anchor="end", size=11, fill=FAINT),
        ]
    for value, words in ticks[0]:
        x = round(LEFT + wide * across[1](value), 1)
        lines.append(text(x, TOP + high + 18, words, anchor="middle", size=11, fill=FAINT))
    lines.append(text(LEFT + wide / 2, HEIGHT - 12, across[0], anchor="middle", fill=FAINT))
    names = sorted(series, key=lambda name: -series[name][-1][1])
    heights = []
    for name in names:
        points = [place(*point) for point in series[name]]
        dash = ' stroke-dasharray="6 4"' if MARKS[name] == "dash" else ""
        path = " ".join(f"{x},{y}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{LINES[name]}" stroke-width="2"{dash}/>')
        lines += [mark(name, *point) for point in points]
        # labels keep clear of each other
        heights.append(max(points[-1][1] + 4, heights[-1] + 16 if heights else 0))
        lines.append(text(points[-1][0] + 10, heights[-1], name, fill=LINES[name]))
    return svg(WIDTH, HEIGHT, title, lines)


def mark(name, x, y):
    """Return the mark of a point."""
    if MARKS[name] == "square":
        return f'<rect x="{x - 3.5:g}" y="{y - 3.5:g}" width="7" height="7" fill="{LINES[name]}"/>'
    return f'<circle cx="{x}" cy="{y}" r="{3 if MARKS[name] == "dash" else 4}" fill="{LINES[name]}"/>'


def rows_picture(measured):
    """Return how the time grows with the rows."""
    items = measured["rows"]
    series = {name: [(item["rows"], item[name]) for item in items] for name in LINES}
    seconds = [value for points in series.values() for _, value in points]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    first, last = math.log10(items[0]["rows"]), math.log10(items[-1]["rows"])
    return curves(
        "Seconds for a column, by its rows",
        ("rows", lambda rows: (math.log10(rows) - first) / (last - first)),
        ("seconds (each line is ten times the one below)", lambda value: (math.log10(value) - low) / (high - low)),
        (
            [(item["rows"], f"{item['rows'] / 1e6:g} M") for item in items],
            [(10.0**power, f"{10.0**power:g}") for power in range(low, high + 1)],
        ),
        series,
    )


def releases_picture(measured):
    """Return how the time of a row depends on the number of releases."""
    items = measured["releases"]
    series = {name: [(item["releases"], item[name] / item["rows"] * 1e9) for item in items] for name in LINES}
    top = math.ceil(max(value for points in series.values() for _, value in points) / 20) * 20
    last = items[-1]["releases"]
    step = max(10, top // 60 * 10)
    return curves(
        "Nanoseconds for a row, by the number of releases",
        ("releases that are loaded", lambda count: count / last),
        ("nanoseconds a row", lambda value: value / top),
        (
            [(item["releases"], str(item["releases"])) for item in items],
            [(value, str(value)) for value in range(0, top + 1, step)],
        ),
        series,
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


def cell(x, y, width, words, fill, *, weight="normal"):
    """Return a box with words in it."""
    box = f'<rect x="{x}" y="{y}" width="{width}" height="{STEP - 2}" fill="{fill}" stroke="{GRID}"/>'
    return [box, text(x + 8, y + 17, words, weight=weight)]


def answer_picture():
    """Return the worked picture: rows, numbers of codes and stretches, cells, answers."""
    lines = [text(12, 24, "How four rows are answered", size=15, weight="bold")]
    heads = ((20, "the column"), (252, "row of the code"), (362, "stretch"), (446, "cell"), (560, "answer"))
    lines += [text(x, 58, words, size=11, fill=FAINT) for x, words in heads]
    rows = list(CELLS)
    for number, (code, day) in enumerate(ROWS):
        y = 66 + STEP * number
        row, stretch = rows.index(CODES[code]), stretch_of(day)
        lines += cell(20, y, 80, code, "#ffffff") + cell(100, y, 110, day, "#ffffff")
        lines += cell(252, y, 60, str(row), "#e3eef8") + cell(362, y, 60, str(stretch), "#e3eef8")
        found = row * len(STRETCHES) + stretch
        lines += cell(446, y, 60, str(found), "#f8e9e2")
        lines += cell(560, y, 130, CELLS[rows[row]][stretch], "#ffffff", weight="bold")
        lines += [arrow(x, y + 12, to) for x, to in ((212, 250), (424, 444), (508, 558))]
    top = 66 + STEP * (len(ROWS) + 2)
    said = "what every code is in every stretch of days, made once (the number of a cell: 3 for each row before, and the stretch)"
    lines.append(text(20, top - 12, said, size=11, fill=FAINT))
    lines += [
        text(128 + 190 * n, top + 12, f"{n}: from {day}" if n else "0: before") for n, day in enumerate(STRETCHES)
    ]
    for row, code in enumerate(rows):
        y = top + STEP * (row + 1) - 4
        lines += [text(20, y + 17, f"{row}: {code}")]
        for stretch, status in enumerate(CELLS[code]):
            lines += cell(120 + 190 * stretch, y, 186, f"{row * len(STRETCHES) + stretch}  {status}", "#f8e9e2")
    return svg(WIDTH, top + STEP * 3 + 12, "How four rows are answered", lines)


def arrow(x, y, to):
    """Return an arrow to the right."""
    head = f'<path d="M{to - 6} {y - 4} L{to} {y} L{to - 6} {y + 4}" fill="none" stroke="{FAINT}"/>'
    return f'<line x1="{x}" y1="{y}" x2="{to}" y2="{y}" stroke="{FAINT}"/>{head}'


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
