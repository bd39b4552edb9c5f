"""The pages that are looked at in a browser: of each kind one, of those with parts several."""

from __future__ import annotations

DAY = "2022-03-01"
PAGES = (
    "/",
    f"/?q=low+back+pain&date={DAY}",
    f"/?q=M54.5&date={DAY}&system=icd10cm",
    "/tree",
    f"/tree/icd10cm?date={DAY}",
    f"/tree/icd10cm/M54.5?date={DAY}",
    f"/tree/icd10cm/13?date={DAY}&billable=1",
    "/tree/icd10cm/M54?date=2040-01-01",
    "/index",
    f"/index/icd10cm?date={DAY}",
    f"/index/icd10cm?date={DAY}&in=alphabetic&letter=P",
    f"/index/icd10cm?date={DAY}&in=alphabetic&term=Diabetes%2C%20diabetic",
    f"/index/icd10cm?date={DAY}&q=lumbago",
    "/pcs?date=2022-05-01",
    "/pcs/0FT4?date=2022-05-01",
    "/pcs/0FT44ZZ?date=2022-05-01",
    "/pcs/0FX?date=2021-12-01",
    f"/code/icd10cm/M54.50?date={DAY}",
    f"/code/icd10cm/M54.5?date={DAY}",
    "/code/cpt/99213?date=2025-02-01",
    "/compare/icd10cm",
    "/list",
    "/code/A00.0",
    "/code/icd10cm/M54.50A?date=2022-03-01",
    "/compare/icd10cm?from=2021&to=2022&kind=added",
    "/loaded/icd10cm",
    "/ConceptMap/gems-2018-icd10cm-icd9cm",
    "/loaded",
    "/resources",
    "/CodeSystem/icd10cm-2022",
    "/no-such-page",
)
"""Addresses on the store of the packaged samples."""
