"""The table of the lists with one row a code, as others cut it from the publisher's text.

    MCE_Version  ICD_Version  MCE_Section  MCE_Subsection  MCE_Edit_Type  ICD_Code_Type  ICD_Code  ICD_Desc
    36           10           4            A               Newborn_Only   D              A33       Tetanus neonatorum

Section 4, subsection A is published as 4A; ``_`` stands for no subsection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from ..tables import Codes, Member, grouping_part
from .lists import BY_EDIT_TYPE, Said, ages_of, category_of
from .versions import LABEL, version_of

GROUPING: Final = "mce"
HEADER: Final = (
    *("MCE_Version", "ICD_Version", "MCE_Section", "MCE_Subsection"),
    *("MCE_Edit_Type", "ICD_Code_Type", "ICD_Code", "ICD_Desc"),
)
EDIT_TYPES: Final = ("MCE_Edit_Type", "MCE_Exclusion_Type")
"""Both headings of this column are in use."""
SYSTEMS_OF: Final = {
    ("9", "D"): "icd9cm",
    ("9", "P"): "icd9pcs",
    ("10", "D"): "icd10cm",
    ("10", "P"): "icd10pcs",
}
Found = dict[str, Said]
"""What the file says of each category."""


def read_tab(file: ReadableFile) -> Part | None:
    """Return the lists as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, repeated, of an unknown list, or hold no code.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    first = file.head.decode("cp1252", "replace").removeprefix("ï»¿").partition("\n")[0].rstrip("\r")
    header = tuple(cell.strip() for cell in first.split("\t"))
    if len(header) < len(HEADER) or header[:4] != HEADER[:4] or header[4] not in EDIT_TYPES:
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    for place, (expected, got) in enumerate(zip(HEADER[5:], header[5:], strict=False), 6):
        if got != expected:
            faults.add(f"expected the heading {expected!r}, got {got!r}", line=1, column=place)
    faults.raise_if_any()
    found: Found = {}
    versions: dict[str, int] = {}
    members = list(_members(text, faults, found, versions))
    if len(versions) > 1:
        faults.add(f"expected rows of one version, got {', '.join(sorted(versions))}", column="MCE_Version")
    faults.raise_if_any()
    label = next(iter(versions), "")
    version = version_of(label, f"MCE version {label}")
    number = LABEL.fullmatch(label)
    categories = [
        category_of(code, said, ages_of(code, int(number["number"]) if number else None))
        for code, said in found.items()
    ]
    facts = {"form": "table"}
    return grouping_part(
        file, GROUPING, "lists", version, categories=categories, members=members, facts=facts, warnings=warnings
    )


def _members(text: str, faults: Faults, found: Found, versions: dict[str, int]) -> Iterator[Member]:
    codes = {system: Codes(system, faults, "ICD_Code") for system in SYSTEMS_OF.values()}
    known: dict[tuple[str, str, str], int] = {}
    rows = 0
    for line, row in lines_of(text):
        if line == 1 or not row.strip():
            continue
        rows += 1
        cells = [cell.strip() for cell in row.split("\t")]
        if len(cells) < len(HEADER):
            faults.add(f"expected {len(HEADER)} cells, got {len(cells)}: the row is cut short", line=line)
            continue
        version, icd, section, subsection, edit, kind, text_of_code, _ = cells[: len(HEADER)]
        if not LABEL.fullmatch(version):
            faults.add(f"expected the number of a version, got {version!r}", line=line, column="MCE_Version")
            continue
        versions.setdefault(version, line)
        system, listed = SYSTEMS_OF.get((icd, kind)), BY_EDIT_TYPE.get(edit)
        if system is None:
            faults.add(f"expected ICD 9 or 10 and D or P, got {icd!r} and {kind!r}", line=line, column="ICD_Code_Type")
            continue
        if listed is None:
            faults.add(f"expected a list of the code editor, got {edit!r}", line=line, column="MCE_Edit_Type")
            continue
        code = codes[system].official(text_of_code, line)
        if code is None:
            continue
        placed = f"{section}{subsection.strip('_')}"
        if (system, code, edit) in known:
            message = f"{code} is on line {known[system, code, edit]} already, in the same list"
            faults.add(message, line=line, column="ICD_Code")
            continue
        known[system, code, edit] = line
        found.setdefault(listed.category, Said([], edit, line)).sections.append(placed)
        yield Member(system, code, listed.category, detail={"section": placed, "edit": edit}, line=line)
    if not rows:
        faults.add("expected at least one row below the header, got none", line=2, of_file=True)
