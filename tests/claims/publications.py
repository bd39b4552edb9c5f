"""A small ICD-10-CM in the publisher's forms, with notes of every kind that rules read. Hand-written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import terminology
from terminology import Terminology

from ..release_files import Row, order_file

Notes = Mapping[str, Sequence[tuple[str, str]]]
"""By chapter, section or code: kind and text of each note."""
Chapters = Mapping[str, Mapping[str, Sequence[str]]]
"""Sections by chapter, and the categories of each."""

ROWS: Sequence[Row] = (
    ("A00", False, "Cholera"),
    ("A000", True, "Cholera due to Vibrio cholerae 01, biovar cholerae"),
    ("A009", True, "Cholera, unspecified"),
    ("A08", False, "Viral intestinal infections"),
    ("A080", True, "Rotaviral enteritis"),
    ("C43", False, "Malignant melanoma of skin"),
    ("C430", True, "Malignant melanoma of lip"),
    ("C4A", False, "Merkel cell carcinoma"),
    ("C4A0", True, "Merkel cell carcinoma of lip"),
    ("C44", False, "Other malignant neoplasm of skin"),
    ("C440", True, "Other malignant neoplasm of skin of lip"),
    ("E08", False, "Diabetes mellitus due to underlying condition"),
    ("E0842", True, "Diabetes mellitus due to underlying condition with diabetic polyneuropathy"),
    ("E089", True, "Diabetes mellitus due to underlying condition without complications"),
    ("E11", False, "Type 2 diabetes mellitus"),
    ("E1142", True, "Type 2 diabetes mellitus with diabetic polyneuropathy"),
    ("E119", True, "Type 2 diabetes mellitus without complications"),
    ("F02", False, "Dementia in other diseases classified elsewhere"),
    ("F0280", True, "Dementia in other diseases classified elsewhere without behavioral disturbance"),
    ("G30", False, "Alzheimer's disease"),
    ("G309", True, "Alzheimer's disease, unspecified"),
    ("G63", True, "Polyneuropathy in diseases classified elsewhere"),
    ("H65", False, "Nonsuppurative otitis media"),
    ("H650", False, "Acute serous otitis media"),
    ("H6500", True, "Acute serous otitis media, unspecified ear"),
    ("H6501", True, "Acute serous otitis media, right ear"),
    ("H6502", True, "Acute serous otitis media, left ear"),
    ("H6503", True, "Acute serous otitis media, bilateral"),
    ("I10", True, "Essential (primary) hypertension"),
    ("J12", False, "Viral pneumonia, not elsewhere classified"),
    ("J129", True, "Viral pneumonia, unspecified"),
    ("J85", False, "Abscess of lung"),
    ("J851", True, "Abscess of lung with pneumonia"),
    ("M25", False, "Other joint disorder, not elsewhere classified"),
    ("M2555", False, "Pain in hip"),
    ("M25551", True, "Pain in right hip"),
    ("M25552", True, "Pain in left hip"),
    ("M25559", True, "Pain in unspecified hip"),
    ("T07", False, "Unspecified multiple injuries"),
    ("T07XXXA", True, "Unspecified multiple injuries, initial encounter"),
    ("T07XXXD", True, "Unspecified multiple injuries, subsequent encounter"),
    ("W21", False, "Striking against or struck by sports equipment"),
    ("W2189", False, "Striking against or struck by other sports equipment"),
    ("W2189XA", True, "Striking against or struck by other sports equipment, initial encounter"),
    ("Z72", False, "Problems related to lifestyle"),
    ("Z720", True, "Tobacco use"),
)
CHAPTERS: Chapters = {
    "1": {"A00-A09": ("A00", "A08")},
    "2": {"C43-C44": ("C43", "C4A", "C44")},
    "4": {"E08-E13": ("E08", "E11")},
    "5": {"F01-F09": ("F02",)},
    "6": {"G20-G99": ("G30", "G63")},
    "8": {"H65-H75": ("H65",)},
    "9": {"I10-I16": ("I10",)},
    "10": {"J09-J86": ("J12", "J85")},
    "13": {"M20-M25": ("M25",)},
    "19": {"T07-T07": ("T07",)},
    "20": {"W20-W49": ("W21",)},
    "21": {"Z69-Z76": ("Z72",)},
}
NOTES: Notes = {
    "A00-A09": [("excludes1", "melanoma and other neoplasms of skin (C43-C44)")],
    "E08": [("codeFirst", "the underlying condition, such as:"), ("codeFirst", "cholera (A00.-)")],
    "E11": [("excludes1", "diabetes mellitus due to underlying condition (E08.-)")],
    "F02": [
        ("codeFirst", "the underlying physiological condition, such as:"),
        ("codeFirst", "Alzheimer's (G30.-)"),
        ("excludes2", "Alzheimer's without dementia (G30.-)"),
    ],
    "G63": [("codeFirst", "underlying disease"), ("excludes1", "diabetes mellitus (E08-E13 with .42)")],
    "I10-I16": [("useAdditionalCode", "tobacco use (Z72.0)")],
    "J12": [("codeFirst", "associated abscess, if applicable (J85.1)")],
}


def dotted(code: str) -> str:
    """Return a code with its dot."""
    return code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"


def tabular(rows: Sequence[Row], chapters: Chapters, notes: Notes, year: int = 2022) -> bytes:
    """Return a tabular list in the publisher's form."""

    def noted(name: str) -> str:
        found = notes.get(name, ())
        return "".join(f"<{kind}><note>{escape(text)}</note></{kind}>\n" for kind, text in found)

    def diag(code: str) -> str:
        title = next(title for other, _, title in rows if other == code)
        below = [c for c, _, _ in rows if c.startswith(code) and c != code and len(c) < 7]
        children = [c for c in below if not any(c.startswith(b) and c != b for b in below)]
        inner = "".join(map(diag, children))
        return f"<diag><name>{dotted(code)}</name><desc>{escape(title)}</desc>\n{noted(dotted(code))}{inner}</diag>\n"

    made = []
    for number, sections in chapters.items():
        inner = "".join(
            f'<section id="{section}"><desc>Section ({section})</desc>\n{noted(section)}{"".join(map(diag, codes))}</section>\n'
            for section, codes in sections.items()
        )
        made.append(f"<chapter><name>{number}</name><desc>Chapter {number}</desc>\n{noted(number)}{inner}</chapter>\n")
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<ICD10CM.tabular>\n<version>{year}</version>\n'
    return (head + "".join(made) + "</ICD10CM.tabular>\n").encode()


def loaded(
    folder: Path, rows: Sequence[Row] = ROWS, chapters: Chapters = CHAPTERS, notes: Notes = NOTES
) -> Terminology:
    """Load a release of fiscal year 2022 with its tabular list, and return the store."""
    files = folder / "files"
    files.mkdir(parents=True)
    (files / "icd10cm_order_2022.txt").write_bytes(order_file(rows))
    (files / "icd10cm_tabular_2022.xml").write_bytes(tabular(rows, chapters, notes))
    report = terminology.load(files, store=folder / "store")
    assert not report.errors, report.errors
    return terminology.open(folder / "store")
