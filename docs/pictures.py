"""The pictures of codes: two times, a code that became a header, the path of a migration, alternatives of a map.

    python docs/pictures.py                 write them beside the pages that show them
    python docs/pictures.py --store DIR     read again what only real releases have: docs/pictures.json

What they show are answers of the sample releases; titles of codes that the samples lack are those of pictures.json.
A test makes sure that the committed pictures are the ones that this script makes.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))  # for the modules beside this one

from _drawing import WIDTH, arrow, box, circle, line, paragraph, path, picture, text  # noqa: E402

TITLES = FOLDER / "pictures.json"
DAY = datetime.timedelta(days=1)
SPLIT = datetime.date(2021, 10, 1)


def long_day(day):
    """Return a day as people write it: October 1, 2021."""
    return f"{day:%B} {day.day}, {day.year}"


# ---- two times

MODIFIER, KNOWN = "ZA", ("2018-01", "2019-01")
FIRST, LAST = datetime.date(2018, 1, 1), datetime.date(2019, 3, 31)
SERVICE = datetime.date(2018, 7, 1)
"""The day of service of the claim that is audited."""


def stretches(code_system, known):
    """Return the statuses of the modifier by what was known: first day, day after the last, status."""
    found = []
    day = FIRST
    while day <= LAST:
        status = str(code_system.on(day, known=known).status(MODIFIER))
        if found and found[-1][2] == status:
            found[-1] = (found[-1][0], day + DAY, status)
        else:
            found.append((day, day + DAY, status))
        day += DAY
    return found


def two_times(store):
    """Return the picture of days of use across, and of the release that is known upwards."""
    left, right, top, high = 16, WIDTH - 16, 58, 78
    days = (LAST - FIRST).days + 1

    def place(day):
        return left + (right - left) * (day - FIRST).days / days

    code_system = store["hcpcs"]
    lines = [
        text(left, 18, "HCPCS modifier ZA", "head"),
        text(left, 36, "by what was known, and by the day of use", "soft"),
    ]
    asked = place(SERVICE)
    said = []
    for row, known in enumerate(KNOWN):
        y = top + row * (high + 26)
        lines.append(text(left, y, f"known: release {known}", "small soft"))
        for since, until, status in stretches(code_system, known):
            start, end = place(since), place(until)
            usable = status == "billable"
            lines += [
                box(start + 1, y + 8, end - start - 2, high - 14, "full" if usable else "open"),
                text(start + 12, y + 30, status, "head on" if usable else "head accent"),
            ]
            last = until - DAY
            said.append(
                f"known release {known}: {status} from {since} to {'the end of the picture' if until > LAST else last}"
            )
    bottom = top + len(KNOWN) * (high + 26) - 20
    first, second = (top + row * (high + 26) + 52 for row in range(2))
    lines += [
        line(asked, top + 8, asked, bottom, "mark"),
        circle(asked, first, 6, "ring"),
        text(asked + 12, first + 4, "audit of the coder: it was billable", "small on"),
        circle(asked, second, 6, "dot"),
        text(asked + 12, second + 4, "judged today: it had expired", "small"),
        line(left, bottom, right, bottom, "rule"),
    ]
    for day in (FIRST, datetime.date(2018, 4, 1), SERVICE, datetime.date(2018, 10, 1), datetime.date(2019, 1, 1)):
        anchor = "start" if day == FIRST else "middle"
        lines += [
            line(place(day), bottom, place(day), bottom + 5, "line"),
            text(
                place(day),
                bottom + 20,
                f"{day:%b} {day.year}" if day.month == 1 else f"{day:%b} 1",
                "small soft",
                anchor=anchor,
            ),
        ]
    lines.append(text(right, bottom + 38, "day of use", "small soft", anchor="end"))
    words = f"Days of use go from left to right, known releases from top to bottom. {'; '.join(said)}. "
    words += (
        f"A claim of {SERVICE} is marked in both rows: billable by what was known then, expired by what is known now."
    )
    return picture("two-times", bottom + 46, "Two times of HCPCS modifier ZA", words, lines)


# ---- a code that became a header


def low_back_pain(store):
    """Return the picture of a code that became a header, with the codes below it."""
    cm = store["icd10cm"]
    before, after = cm.on(SPLIT - DAY), cm.on(SPLIT)
    parent, codes = "M54.5", cm.history("M54.5").successors
    left, middle, right, step = 16, 218, WIDTH - 16, 46
    lines = [
        text(left, 18, f"through {long_day(SPLIT - DAY)}", "small soft"),
        text(right, 18, f"from {long_day(SPLIT)}", "small soft", anchor="end"),
        box(left, 30, middle - left - 2, 38, "full"),
        text(left + 12, 47, parent, "code on"),
        text(left + 12, 62, str(before.status(parent)), "small on"),
        box(middle + 2, 31, right - middle - 2, 36, "open"),
        text(middle + 14, 47, parent, "code accent"),
        text(middle + 14, 62, f"{after.status(parent)}: not valid for submission", "small accent"),
        text(left, 84, after[parent].title, "small soft"),
    ]
    for number, code in enumerate(codes):
        y = 92 + step * number
        down = 67 if number == 0 else 92 + step * (number - 1) + 19
        lines += [
            path(f"M{middle + 20} {down}V{y + 19}H{middle + 40}"),
            box(middle + 40, y, right - middle - 40, 38, "full"),
            text(middle + 52, y + 17, code, "code on"),
            text(middle + 52, y + 32, str(after.status(code)), "small on"),
            *paragraph(middle - 10, y + 23, after[code].title, 190, "small", anchor="end", size=11.5, step=14),
        ]
    bottom = 92 + step * len(codes)
    lines.insert(0, line(middle, 8, middle, bottom, "mark"))
    below = ", ".join(f"{code} {after[code].title}" for code in codes)
    words = (
        f"{parent}, {before[parent].title}, was {before.status(parent)} through {SPLIT - DAY}. "
        f"From {SPLIT} it is a {after.status(parent)} above the billable codes {below}."
    )
    return picture("low-back-pain", bottom, f"{parent} before and after {long_day(SPLIT)}", words, lines)


# ---- the path of a migration


def migration_path(store):
    """Return the picture of a code of ICD-9-CM, and of the publications that lead from it to codes of today."""
    found = store.translate("724.2", source="icd9cm", target="icd10cm")
    first = found.alternatives[0].path[0]
    steps = [alternative.path[1] for alternative in found.alternatives]
    old, cm = store["icd9cm"].latest, store["icd10cm"]
    left, right = 16, WIDTH - 16
    codes = {step.to_codes[0]: step for step in steps}
    width = (right - left - 20) / len(codes)
    origin, between = first.from_codes[0], first.to_codes[0]
    lines = [
        box(left, 10, 190, 42, "open"),
        text(left + 12, 28, origin, "code"),
        text(left + 12, 44, f"{old[origin].title}, ICD-9-CM", "small soft"),
        *_stated(left + 40, 52, 100, "one code to one code", f"{first.source.file}, line {first.source.line}"),
        box(left, 102, 190, 42, "open"),
        text(left + 12, 120, between, "code"),
        text(left + 12, 136, f"{cm.on(SPLIT - DAY)[between].title}, ICD-10-CM", "small soft"),
        *_stated(
            left + 40,
            144,
            216,
            f"a header since {long_day(steps[0].effective)}",
            steps[0].source.file,
            f"lines {steps[0].source.line} to {steps[-1].source.line}",
        ),
    ]
    for number, code in enumerate(codes):
        x = left + number * (width + 10)
        title = cm.on(SPLIT)[code].title
        lines += [
            box(x, 218, width, 62, "full"),
            text(x + 10, 236, code, "code on"),
            *paragraph(x + 10, 252, title, width - 12, "small on", size=11.5, step=14),
        ]
        if number:
            lines.append(path(f"M{left + 40} 206H{x + 40:g}V216M{x + 36:g} 211L{x + 40:g} 216L{x + 44:g} 211"))
    words = (
        f"{origin} of ICD-9-CM leads to {between} of ICD-10-CM: {first.crosswalk}, {first.source.file}, line {first.source.line}. "
        f"{between} is a header since {steps[0].effective}, and leads to {', '.join(codes)}: "
        f"{steps[0].crosswalk}, {steps[0].source.file}. A person chooses among them."
    )
    lines.append(text(left, 300, "three alternatives: a person chooses one", "small soft"))
    return picture("migration-path", 310, f"From {origin} to codes of today", words, lines)


def _stated(x, y, to, words, *files):
    """Return an arrow, and beside it what a publication states and where."""
    start = y + (to - y) / 2 - 7 * len(files) + (4 if len(files) == 1 else 0)
    return [
        arrow(x, y, to),
        text(x + 16, start, words, "small"),
        *(text(x + 16, start + 15 * number, file, "file soft") for number, file in enumerate(files, 1)),
    ]


# ---- alternatives of a map


def scenarios(store, titles):
    """Return the picture of the rows of a GEM, and of the alternatives that they mean."""
    code = "754.35"
    found = store.translate(code, source="icd9cm", target="icd10cm")
    left, right, gap = 16, WIDTH - 16, 34
    width = (right - left - gap) / 2
    lines = [
        text(left, 20, code, "code"),
        *paragraph(left + 62, 20, store["icd9cm"].latest[code].title, 380),
    ]
    said = []
    for number, step in enumerate(found.path):
        x = left + number * (width + gap)
        scenario = step.detail["scenario"]
        lines += [
            arrow(x + width / 2, 44, 62),
            box(x, 64, width, 236, "tint", radius=6),
            text(x + 12, 84, f"scenario {scenario}", "head accent"),
        ]
        for place, target in enumerate(step.to_codes):
            y = 96 + place * 104
            lines += [
                text(x + 12, y + 10, f"choice list {place + 1}", "small soft"),
                box(x + 10, y + 16, width - 20, 68, "full"),
                text(x + 20, y + 34, target, "code on"),
                *paragraph(x + 20, y + 49, titles[target], width - 34, "small on", size=11.5, step=14),
            ]
        lines.append(text(x + width / 2, 197, "+", "head", anchor="middle"))
        said.append(f"Scenario {scenario}: {' with '.join(f'{target} ({titles[target]})' for target in step.to_codes)}")
    lines += [
        text(left + width + gap / 2, 186, "or", "head", anchor="middle"),
        text(left, 322, "Together inside a scenario; scenarios are never mixed.", "small soft"),
    ]
    words = f"{code} has two alternatives, each of two codes that are used together. {'. '.join(said)}."
    return picture("scenarios", 332, f"Alternatives of {code}", words, lines)


# ---- files


def files():
    """Return the pictures by the paths of their files below the folder of the documentation."""
    from _sample import sample_store

    import terminology

    store = terminology.open(sample_store())
    return {
        "concepts/two-times.svg": two_times(store),
        "start/low-back-pain.svg": low_back_pain(store),
        "code-lists/migration-path.svg": migration_path(store),
        "concepts/scenarios.svg": scenarios(store, json.loads(TITLES.read_text(encoding="utf-8"))["titles"]),
    }


def titles_of(store):
    """Return what pictures.json holds: titles from the newest release of a store of real releases, with their file."""
    edition = store["icd10cm"].latest
    codes = ("Q65.01", "Q65.02", "Q65.31", "Q65.32")
    release = f"ICD-10-CM {edition.release.version}"
    return {"release": release, "titles": {code: edition[code].title for code in codes}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path)
    arguments = parser.parse_args()
    if arguments.store:
        import terminology

        TITLES.write_text(json.dumps(titles_of(terminology.open(arguments.store)), indent=1) + "\n", encoding="utf-8")
    for name, made in files().items():
        (FOLDER / name).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
