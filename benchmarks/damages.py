"""What a damaged code is answered: every code of every system in a store, damaged in every way, against the code it was.

    python -m benchmarks.damages --store DIR                all systems, all codes
    python -m benchmarks.damages --store DIR --every 50     one code of 50

The damage is made here, by rules that know nothing of those that repair it. What comes back is *right* (the code is
the one suggestion), *several* (it is one of those that fit), *header* (what a spreadsheet shows is the number of a
header, and the code is among those to use instead), *none* (no suggestion), *other* (something else is suggested),
*a code* (what is left of the code is another code, so nobody can see that it is damaged), or *a number* (it is what a
spreadsheet shows of another code, which is suggested: 114.5 with its dot moved is 11.45, and so is the number 011.45).
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import terminology

KINDS: Final = ("right", "several", "header", "none", "other", "a code", "a number")
DAYS: Final = {"icd9cm": "2014-11-01", "icd9pcs": "2014-11-01"}
"""Systems out of use are asked on a day of their last release."""
LARGEST_EXPONENT: Final = 300
"""Of numbers that a spreadsheet has."""
NUMERIC: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def _number(code: str) -> str | None:
    """Return how a spreadsheet shows a code that it takes for a number; None where it does not."""
    if not NUMERIC.fullmatch(code):
        return None
    whole, _, fraction = code.partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(whole)}.{fraction}" if fraction else str(int(whole))


def _scientific(code: str) -> str | None:
    """Return a code with the exponent of a number: in the shortest form that keeps its digits."""
    match = re.fullmatch(r"([0-9]+)E([0-9]+)", code)
    if match is None and not NUMERIC.fullmatch(code):
        return None
    if match and int(match[2]) > LARGEST_EXPONENT:
        return None
    number = int(match[1]) * 10 ** int(match[2]) if match else None
    text = f"{number}" if number is not None else code
    whole, _, fraction = text.partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return None
    exponent = len(whole) - 1 - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:] or '0'}"
    return f"{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _moved(code: str, by: int) -> str | None:
    """Return a code with its dot one place further."""
    place = code.find(".")
    letters = code.replace(".", "")
    if place < 0 or not 0 < place + by <= len(letters):
        return None
    return f"{letters[: place + by]}.{letters[place + by :]}"


def _thousands(code: str) -> str | None:
    letters = code.replace(".", "")
    return f"{int(letters):,}" if letters.isdigit() and int(letters) > 999 else None


def _padded(code: str) -> str | None:
    return f"{code.ljust(8 if '.' in code else 7, 'X')}" if len(code) < 7 and code[:1].isalpha() else None


def _swapped(code: str, before: str, after: str) -> str | None:
    return code.replace(before, after) if before in code else None


def _seventh(code: str) -> str | None:
    return code[:-1] if len(code.replace(".", "")) == 7 and "." in code else None


DAMAGES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "dot lost": lambda code: _swapped(code, ".", ""),
    "dot moved right": lambda code: _moved(code, 1),
    "dot moved left": lambda code: _moved(code, -1),
    "dot twice": lambda code: _swapped(code, ".", ".."),
    "leading zero lost": lambda code: code[1:] if code.startswith("0") else None,
    "leading zeros lost": lambda code: code.lstrip("0") if code.startswith("00") else None,
    "trailing zero lost": lambda code: code[:-1] if code.endswith("0") and len(code) > 1 else None,
    "as a number": _number,
    "E-notation": _scientific,
    "decimals (.0)": lambda code: f"{code}.0" if code.isdigit() else None,
    "thousands separators": _thousands,
    "small letters": lambda code: code.lower() if code.lower() != code else None,
    "blanks around": lambda code: f"  {code}\t",
    "blank inside": lambda code: f"{code[:3]} {code[3:]}" if len(code) > 3 else None,
    "non-breaking space": lambda code: f"\u00a0{code}\u00a0",
    "zero-width space": lambda code: f"{code}\u200b",
    "quotes": lambda code: f'"{code}"',
    "apostrophe": lambda code: f"'{code}",
    "formula": lambda code: f'="{code}"',
    "O for 0": lambda code: _swapped(code, "0", "O"),
    "0 for O": lambda code: _swapped(code, "O", "0"),
    "I for 1": lambda code: _swapped(code, "1", "I"),
    "1 for I": lambda code: _swapped(code, "I", "1"),
    "l for 1": lambda code: _swapped(code, "1", "l"),
    "1 for l": lambda code: _swapped(code, "L", "1"),
    "X missing": lambda code: f"{code[:4]}{code[4:].replace('X', '')}" if "X" in code[4:] else None,
    "one X missing": lambda code: f"{code[:4]}{code[4:].replace('X', '', 1)}" if "XX" in code[4:] else None,
    "X doubled": lambda code: f"{code[:4]}{code[4:].replace('X', 'XX', 1)}" if "X" in code[4:] else None,
    "X padded": _padded,
    "7th character missing": _seventh,
}
SYSTEMS_OF: Final = {
    **dict.fromkeys(("X missing", "one X missing", "X doubled", "X padded"), ("icd10cm", "icd10", "icd10gm")),
    "7th character missing": ("icd10cm",),
}
"""Systems that have such characters; of any other damage all."""


def main() -> None:
    """Damage, ask, count, and print a table of each system."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damages", description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--every", type=int, default=1, help="one code of so many")
    parser.add_argument("--show", type=int, default=0, help="print so many of each kind of other answer")
    parser.add_argument("systems", nargs="*")
    arguments = parser.parse_args()
    store = terminology.open(arguments.store)
    others = 0
    for name in arguments.systems or store.systems:
        system = store[name]
        edition = system.on(DAYS[name]) if name in DAYS else system.latest
        start = time.perf_counter()
        table = _counted(edition, list(edition)[:: arguments.every], arguments.show)
        print(f"\n### {name}, {edition.release.version}\n")
        print(f"| damage | {' | '.join(KINDS)} |\n|---|{'--:|' * len(KINDS)}")
        for damage, counts in table.items():
            print(f"| {damage} | {' | '.join(f'{counts[kind]:,}' for kind in KINDS)} |")
        asked = sum(sum(counts.values()) for counts in table.values())
        others += sum(counts["other"] for counts in table.values())
        print(f"\n{asked:,} texts in {time.perf_counter() - start:.0f} s", flush=True)
    print(f"\nother: {others:,}")
    sys.exit(others > 0)


def _counted(edition: terminology.Edition, codes: list[str], show: int) -> dict[str, Counter[str]]:
    table: dict[str, Counter[str]] = {}
    for damage, damaged in DAMAGES.items():
        if edition.system not in SYSTEMS_OF.get(damage, (edition.system,)):
            continue
        counts: Counter[str] = Counter()
        for code in codes:
            text = damaged(code)
            if text is None or text == code:
                continue
            kind = _kind(edition, code, text)
            counts[kind] += 1
            if kind == "other" and counts[kind] <= show:
                print(f"{damage}: {code} as {text!r} is {edition.explain(text).suggestions}", file=sys.stderr)
        if counts:
            table[damage] = counts
    return table


def _kind(edition: terminology.Edition, code: str, text: str) -> str:
    found = edition.check(text)
    if found.valid:
        return "right" if found.code == code else "a code"
    if found.suggestion == code:
        return "right"
    explained = edition.explain(text)
    if not explained.suggestions:
        return "none"
    if code in explained.suggestions:
        return "several"
    if code in {option.code for option in explained.instead}:
        return "header"
    return "a number" if found.suggestion and _number(found.suggestion) == text else "other"


if __name__ == "__main__":
    main()
