"""What an edition says on the days that matter: on the bounds of all stretches, and the day before and after each."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import terminology
from terminology import CodeSystem, Edition
from terminology.periods import day_of
from terminology.query import engine_of, stretch_starts

LATE, EARLY = datetime.date(2090, 1, 1), datetime.date(1900, 1, 1)


def days_of(system: CodeSystem) -> list[datetime.date]:
    """Return every day on which something may change, the days beside it, and days far before and after all."""
    one = datetime.timedelta(days=1)
    starts = [day_of(number) or LATE for number in stretch_starts(system.latest)]
    return sorted({EARLY, LATE, *(day for start in starts for day in (start - one, start, start + one))})


def editions_of(system: CodeSystem, known: Any = None) -> list[Edition]:
    """Return the editions of those days."""
    return [system.on(day, known=known) for day in days_of(system)]


def codes_of(system: CodeSystem) -> list[str]:
    """Return everything that any release of a system has, codes and nodes of the hierarchy."""
    codes = engine_of(system.latest).system.codes
    return [codes.name(row) for row in range(codes.count)]


def custom_store(folder: Path, name: str) -> Path:
    """Return a store with one custom system of a name: its titles have signs that files of rows must not trip over."""
    files = folder / "files"
    files.mkdir(parents=True)
    rows = ['x1,"A ""quoted"" title, with a comma"', "x2,Second", 'x.3,"Ünicode"']
    text = "\n".join([f"#system: {name}", "#title: A list", "#version: 2024", "code,title", *rows])
    (files / "list.csv").write_text(f"{text}\n", encoding="utf-8")
    report = terminology.load(files, store=folder / "store")
    assert report.ok, report.errors
    return folder / "store"
