"""Composes small index files of ICD-10-CM in the official XML, independently of the loader that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

NEOPLASM = ("Neoplasm", "Malignant Primary", "Malignant Secondary", "Ca in situ", "Benign", "Uncertain", "Unspecified")
DRUG = (
    "Substance",
    "Poisoning, Accidental (unintentional)",
    "Poisoning, Intentional self-harm",
    "Poisoning, Assault",
    "Poisoning, Undetermined",
    "Adverse effect",
    "Underdosing",
)
TITLES = {
    "alphabetic": "ICD-10-CM INDEX TO DISEASES and INJURIES",
    "external": "ICD-10-CM External Cause of Injuries Index",
}


def term(title: str, *below: Any, level: int | str = 0, cells: Sequence[str] = (), **values: str) -> str:
    """Return a term, one element a line; ``below`` are functions of the level, values the other elements."""
    tag = "term" if level else "mainTerm"
    opening = f'<term level="{level}">' if level else "<mainTerm>"
    inner = [f"<title>{title}</title>" if title else ""]
    inner += [f"<{name}>{escape(text)}</{name}>" for name, text in values.items()]
    inner += [f'<cell col="{place}">{text}</cell>' for place, text in enumerate(cells, 2)]
    depth = int(level)
    inner += [make(depth + 1) for make in below]
    return "\r\n".join([opening, *filter(None, inner), f"</{tag}>"])


def sub(title: str, *below: Any, **values: Any) -> Any:
    """Return a function that makes the term at a level."""
    return lambda level: term(title, *below, **{"level": level, **values})


def index_file(which: str, *terms: str, year: int | str = 2022) -> bytes:
    """Return one of the four files."""
    heads = {"neoplasm": NEOPLASM, "drug": DRUG}.get(which, ())
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<ICD10CM.index>", f"<version>{year}</version>"]
    if which in TITLES:
        lines.append(f"<title>{TITLES[which]}</title>")
    if heads:
        columns = "".join(f'<head col="{place}">{escape(text)}</head>' for place, text in enumerate(heads, 1))
        lines.append(f"<indexHeading>{columns}</indexHeading>")
    lines += ["<letter>", "<title>A</title>", *terms, "</letter>", "</ICD10CM.index>"]
    return ("\r\n".join(lines) + "\n").encode()


HEART = index_file(
    "alphabetic",
    term("Attack, attacks", sub("heart", see="infarct, myocardium"), sub("drop NEC", code="R55")),
    term("Heart", see="condition"),
    term(
        "Infarct, infarction",
        sub("cardiac", see="Infarct, myocardium"),
        sub(
            "myocardium, myocardial<nemod>(acute) (with stated duration of 4 weeks or less)</nemod>",
            sub("anterior", code="I21.0-"),
            code="I21.9",
        ),
    ),
    term("Ménière's disease", subcat="H81.0"),
    term("Round", see="Trip, round"),
    term("Trip", sub("round", see="Round")),
)
HEART_ROWS = (
    ("H81", False, "Disorders of vestibular function"),
    ("H810", False, "Meniere's disease"),
    ("H8101", True, "Meniere's disease, right ear"),
    ("I21", False, "Acute myocardial infarction"),
    ("I210", False, "ST elevation (STEMI) myocardial infarction of anterior wall"),
    ("I2101", True, "ST elevation (STEMI) myocardial infarction involving left main coronary artery"),
    ("I219", True, "Acute myocardial infarction, unspecified"),
    ("R55", True, "Syncope and collapse"),
)
