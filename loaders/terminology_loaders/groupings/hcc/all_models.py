"""Tables of all models in one file, which CMS does not publish in this form: a third party made it of CMS' tables.

    'E1152,18,CMS-HCC Model V24'      E11.52 is in category 18 of V24; the flag of a second category is lost

Published files of this name were changed without a new name. So the file counts where nothing of CMS' own does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded

from ..delimited import rows_of
from ..tables import Member, Version, grouping_part
from .codes import DiagnosisCodes

HEADER: Final = ("diagnosis_code", "cc", "model_name")
MODELS: Final = {
    "CMS-HCC ESRD Model V21": "hcc_esrd_v21",
    "CMS-HCC ESRD Model V24": "hcc_esrd_v24",
    "CMS-HCC Model V22": "hcc_v22",
    "CMS-HCC Model V23": "hcc_v23",
    "CMS-HCC Model V24": "hcc_v24",
    "CMS-HCC Model V28": "hcc_v28",
    "RxHCC Model V08": "rxhcc_v08",
}
NAME: Final = re.compile(r"(?ai)(?P<stem>[\w-]*?(?<!\d)(?P<year>20\d\d)[\w-]*)\.csv")
CATEGORY: Final = re.compile(r"(?a)\d{1,3}(?:\.\d)?")
DERIVED: Final = "made of CMS' tables by a third party; it does not say which categories are second ones of their code"


def read_all_models(file: ReadableFile) -> tuple[Part, ...] | None:
    """Return a table for each model in the file; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, models unknown, codes or categories malformed, rows stated twice.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    opening = file.head.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()[:1]
    if not opening or tuple(cell.strip().lower() for cell in opening[0].split(",")) != HEADER:
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    members = _by_model(text, faults)
    if not members and not faults:
        faults.add("expected at least one row below the header, got none", line=2)
    faults.raise_if_any()
    version, facts = _version(file)
    said = [one.removeprefix(f"{file.label}:").strip() for one in warnings]
    return tuple(
        grouping_part(file, grouping, "derived table", version, members=found, facts=facts, warnings=(*said, DERIVED))
        for grouping, found in members.items()
    )


def _version(file: ReadableFile) -> tuple[Version, Mapping[str, object]]:
    """Return the version that the file's name states, and what orders it among others of the same day: before them all."""
    found = NAME.fullmatch(file.name.rpartition("/")[2])
    facts = {"precedence": [0, "", 0, "", ""], "derived": True}
    if found is None:
        return Version(None, None), {**facts, "year": 0}
    year, stem = int(found["year"]), found["stem"]
    basis = f"the year in the file's name, {stem}; the payment year is not stated in the file: give --effective"
    return Version(stem, f"{year}-01-01", basis, None, stem), {**facts, "year": year, "file_id": stem}


def _by_model(text: str, faults: Faults) -> dict[str, list[Member]]:
    codes = DiagnosisCodes("icd10cm", faults, "diagnosis_code")
    lines: dict[tuple[str, str, str], int] = {}
    made: dict[str, list[Member]] = {}
    for line, cells in itertools.islice(rows_of(text, faults.file), 1, None):
        if not any(cells):
            continue
        if len(cells) != len(HEADER):
            faults.add(f"expected {', '.join(HEADER)}, got {len(cells)} cells", line=line)
            continue
        text_of_code, category, model = (cell.strip() for cell in cells)
        grouping, code = MODELS.get(model), codes.official(text_of_code, line)
        if grouping is None:
            faults.add(f"expected one of the models {', '.join(MODELS)}, got {model!r}", line=line, column="model_name")
        elif not CATEGORY.fullmatch(category):
            faults.add(f"expected the number of a category, got {category!r}", line=line, column="cc")
        elif code is not None and (known := lines.setdefault((grouping, code, category), line)) != line:
            faults.add(f"{code} is in category {category} of {model} already, by line {known}", line=line)
        elif code is not None:
            made.setdefault(grouping, []).append(Member(codes.definition.name, code, category, line=line))
    return made
