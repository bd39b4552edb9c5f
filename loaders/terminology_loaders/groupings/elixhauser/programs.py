"""The programs that say what labels mean, which comorbidities count, which must be present on admission, and their weights.

    IF DXVALUE = "HFHTN_CX" THEN CMR_HTN_CX = 1;      the label stands for HTN_CX, and in another line for HF
    IF CMR_DIAB_CX = 1 THEN CMR_DIAB_UNCX = 0;         DIAB_CX drops DIAB_UNCX
    ARRAY VALPOA … ("ANEMDEF" "BLDLOSS" …)             these count only where present on admission
    mwHF = 15 ;                                        the weight of HF for mortality

Programs are read for these statements, not run. Exclusions by DRG of the software for ICD-9-CM are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded

from ..hcup.rows import version_in
from ..tables import Category, Version, grouping_part
from .formats import GROUPING, SOFTWARE, head_of

MAPPING_OPENING: Final = re.compile(
    r"(?is)\A\s*/\*.{0,600}(?:comorbidity.{0,300}\bmapping\s+program\b|creation\s+of\s+comorbidity\s+variables)"
)
INDEX_OPENING: Final = re.compile(r"(?is)\A\s*/\*.{0,600}comorbidity.{0,300}\bindex\s+program\b")
COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
PREFIX: Final = r"(?:CMR_)?"
THEN: Final = r"(DO\s*;.*?\bEND\s*;|[^;]*;)"
MEANS: Final = re.compile(rf'(?is)\bIF\s+DXVALUE\s*=\s*"([^"]+)"\s*THEN\s+{THEN}')
FLAGGED: Final = re.compile(rf"(?is)\bIF\s+([A-Z]\w*)_\s+THEN\s+{THEN}")
DROPS: Final = re.compile(rf"(?is)\bIF\s+{PREFIX}(\w+)\s*=\s*1\s+THEN\s+{THEN}")
SETS: Final = re.compile(rf"(?i)\b{PREFIX}(\w+)\s*=\s*([01])\s*(?:;|$)")
TITLE: Final = re.compile(rf"\b{PREFIX}([A-Z]\w*)\s*=\s*'([^']*)'")
ARRAYS: Final[Mapping[str, bool | None]] = {"VALANYPOA": False, "VALPOA": True, "COM2": None}
"""Arrays of the names of comorbidities, with whether these must be present on admission."""
LISTING: Final = re.compile(r'(?is)\bARRAY\s+(\w+)\b[^;]*?\(((?:\s*"[^"]+")+)\s*\)')
WEIGHT: Final = re.compile(r"(?im)^\s*(rw|mw)(\w+)\s*=\s*(-?\d+)\s*;")
WEIGHTS: Final = {"rw": "weight_readmission", "mw": "weight_mortality"}
END: Final = re.compile(r"(?im)^\s*run\s*;")
NO_TITLES: Final = frozenset({"LABEL"})


def read_mapping_program(file: ReadableFile) -> Part | None:
    """Return what a mapping or analysis program says of comorbidities as a part; None for any other file.

    Raises:
        ReleaseFormatError: It names no comorbidities, or is no UTF-8.
    """
    if not MAPPING_OPENING.search(head_of(file)):
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    bare = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    needs = dict(_needs(bare))
    for array in dict.fromkeys(name.upper() for name, _ in LISTING.findall(bare)):
        if array not in ARRAYS:
            # its comorbidities would count whether they were present on admission or not
            known = ", ".join(ARRAYS)
            faults.add(f"expected the arrays of comorbidities {known}, got {array} too: it is not known how they count")
    if not needs:
        faults.add(f"expected an array of comorbidities ({', '.join(ARRAYS)}), got none", of_file=True)
    _check_end(bare, faults)
    faults.raise_if_any()
    means = {label: names for label, names in _meanings(bare, needs).items() if label not in needs}
    return grouping_part(
        file,
        GROUPING,
        "mapping",
        _version(file),
        categories=list(_categories(bare, needs)),
        facts={"means": means},
        warnings=warnings,
    )


def _check_end(text: str, faults: Faults) -> None:
    """Add an error where a program does not come to the end of its step: it is cut short."""
    if not END.search(text):
        faults.add("expected RUN; at the end of the program: the file is cut short", of_file=True)


def _version(file: ReadableFile) -> Version:
    opening = head_of(file)
    version = version_in(file.name, [opening])
    number = SOFTWARE.search(opening)
    return version if version.label or number is None else Version(f"v{number[1]}", None)


def _needs(text: str) -> Iterator[tuple[str, bool | None]]:
    """Yield each comorbidity with whether it must be present on admission; None where the software does not ask."""
    listed = {array.upper(): names for array, names in reversed(LISTING.findall(text))}
    for array, need in ARRAYS.items():
        for name in re.findall(r'"([^"]+)"', listed.get(array, "")):
            yield name, need


def _meanings(text: str, known: Iterable[str]) -> dict[str, list[str]]:
    """Return the comorbidities that each combined label stands for, in the order of the comorbidities."""
    order = list(known)
    found: dict[str, set[str]] = {}
    for pattern in (MEANS, FLAGGED):
        for label, body in pattern.findall(text):
            names = {name.upper() for name, value in SETS.findall(body) if value == "1"}
            found.setdefault(label.upper(), set()).update(names & set(order))
    return {label: sorted(names, key=order.index) for label, names in found.items() if names}


def _categories(text: str, needs: Mapping[str, bool | None]) -> Iterator[Category]:
    """Yield the comorbidities with title, needs and what they drop; one that others are kinds of is above them."""
    titles: dict[str, tuple[str, int]] = {}
    for found in TITLE.finditer(text):
        if found[1] not in NO_TITLES:
            titles.setdefault(found[1], (found[2].strip(), text.count("\n", 0, found.start()) + 1))
    drops: dict[str, list[str]] = {}
    for name, body in DROPS.findall(text):
        below = [one for one, value in SETS.findall(body) if value == "0" and one in needs]
        drops.setdefault(name, []).extend(one for one in below if one not in drops.get(name, ()))
    above = {name: name.rpartition("_")[0] for name in needs}
    parents = {name: base for name, base in above.items() if base in titles and base not in needs}
    for name in (*dict.fromkeys(parents.values()), *needs):
        title, line = titles.get(name, (None, None))
        said: dict[str, Any] = {"drops": drops.get(name) or None, "needs_poa": needs.get(name)}
        kept = {key: value for key, value in said.items() if value is not None}
        yield Category(name, title, parents.get(name), line, kept)


def read_index_program(file: ReadableFile) -> Part | None:
    """Return the weights of the indices as a part; None for any other file.

    Raises:
        ReleaseFaults: Weights are missing, or a comorbidity has two.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    if not INDEX_OPENING.search(head_of(file)):
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    found: dict[str, dict[str, int]] = {}
    lines: dict[str, int] = {}
    for weight in WEIGHT.finditer(text):
        kind, name = WEIGHTS[weight[1].lower()], weight[2].upper()
        line = text.count("\n", 0, weight.start(2)) + 1
        lines.setdefault(name, line)
        if kind in found.setdefault(name, {}):
            faults.add(f"expected one {kind} of {name}, got {weight[3]} after {found[name][kind]}", line=line)
        found[name][kind] = int(weight[3])
    for name, weights in found.items():
        for kind in WEIGHTS.values():
            if kind not in weights:
                faults.add(f"expected a {kind} of {name}, got none", line=lines[name])
    if not found:
        faults.add("expected weights such as mwHF = 15;, got none", of_file=True)
    _check_end(text, faults)
    faults.raise_if_any()
    categories = [Category(name, line=lines[name], properties=weights) for name, weights in found.items()]
    return grouping_part(file, GROUPING, "index", _version(file), categories=categories, warnings=warnings)
