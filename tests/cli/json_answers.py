"""Command lines with typical hits and misses on the samples, by the name of the shape of what they print with ``--json``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

FILES = {
    "claims.csv": "member,dx,dos,sys\n1,M54.5,2021-09-30,icd10cm\n1,m545,2021-10-01,icd10cm\n2,W21.89A,2022-01-05,icd10cm\n"
    "2,,2022-01-05,icd10cm\n3,E11.22,2022-01-05,icd10cm\n3,00250,2022-01-05,icd10cm\n3,E11.9+I10,2022-01-05,nowhere\n",
    "old.csv": "dx\n250.00\n250.60\nnonsense\n99999\n",
    "list.txt": "# back\nsystem: icd10cm\nrelease: 2021\nM54.5 Low back pain\nC43-C44\nE11.*\nZZ9\nT40.7X1A\n",
    "broken.txt": "system: icd10cm\nrelease: 2022\nM54.5\nE11.99\n???\nA00 to B99\nM54.50\n",
    "table.csv": "code,label\nM54.5,back\n#N/A,x\n51E2,y\n",
    "audit.csv": "claim,dx,date,sex,age,kind,discharge\n"
    "C1,W21.89XA,2022-03-01,F,30,inpatient,2022-03-02\nC1,E11.9,2022-03-01,F,30,inpatient,2022-03-02\n"
    "C2,M54.5,2022-03-01,F,30,outpatient,\nC3,,2022-03-01,M,x,outpatient,\nC4,E11.9,not a day,M,3,outpatient,\n",
    "update.toml": 'store = "new"\nreports = "reports"\n',
}
"""Files that the commands read."""
CM = "icd10cm"
LINES = {
    "status": (
        f"status {CM} E11.9 M54.5 W21.89A 250.00 ??? e119 --on 2022-03-01",
        "status hcpcs J1815 J0000 LT A0000 --on 2018-03-01",
        "status icd9cm 250.00 --on 2020-01-01",
        f"status {CM} E11.9 U07.1 --on 1990-01-01",
        f"status {CM} M54.50 --on 2021-01-01 --known 2022",
        "status cpt 99213 99213:25 --on 2025-06-01",
    ),
    "explanation": (
        *(f"explain {CM} {code} --on 2022-03-01" for code in ("E11.9", "M54.5", "W21.89A", "250.00", "???", "Z99.99")),
        "explain hcpcs J1815 --on 1990-01-01",
        f"explain {CM} M54.50 --on 2021-01-01",
        "explain icd10pcs 0FT44ZZ",
    ),
    "lookup": (
        *(f"lookup {CM} {code} --on 2022-03-01" for code in ("E11.9", "M54.5", "13", "M54.59", "???", "ZZZ")),
        "lookup hcpcs J1815",
        "lookup hcpcs LT --on 1990-01-01",
        "lookup cpt 99213",
        "lookup icd10 A00",
        "lookup icd10gm A00.0",
        "lookup icd10pcs 0FT44ZZ",
        "lookup icd9cm 250.00",
        "lookup places P1 --on 2023-05-01",
    ),
    "history": (f"history {CM} M54.5", f"history {CM} M54.50", f"history {CM} ZZZ", "history hcpcs J1815"),
    "search": (
        f"search {CM} 'low back pain'",
        "search all insulin --headers --expired",
        f"search {CM} diabetis",
        f"search {CM} xyzzy",
    ),
    "index": (
        f"index {CM} 'low back pain'",
        f"index {CM} cholera",
        f"index {CM} diabetes",
        "index icd10pcs cholecystectomy",
        f"index {CM} xyzzy",
    ),
    "guidelines": (
        f"guidelines {CM} --on 2022-03-01",
        f"guidelines {CM} --search pain --on 2022-03-01",
        f"guidelines {CM} 'I.C.5 to I.C.13' --on 2022-03-01",
    ),
    "guideline": (f"guidelines {CM} I.C.13.b --on 2022-03-01", f"guidelines {CM} I --on 2022-03-01"),
    "pcs_build": ("pcs build 0FT", "pcs build 0FT4", "pcs build 0FT44ZZ", "pcs build 0"),
    "pcs_explain": ("pcs explain 0FT44ZZ", "pcs explain 0FT44Z9", "pcs explain nonsense"),
    "places": (
        f"parent {CM} M54.50",
        f"parent {CM} 13",
        f"children {CM} M54.5 --on 2022-03-01",
        f"siblings {CM} M54.51",
        f"ancestors {CM} M54.50",
        f"descendants {CM} M54",
        f"common-ancestor {CM} M54.50 M54.2 --on 2022-03-01",
        f"common-ancestor {CM} M54.50 E11.9 --on 2022-03-01",
    ),
    "subsumes": (f"subsumes {CM} M54 M54.50", f"subsumes {CM} M54.50 E11.9"),
    "diff": (
        f"diff {CM} 2021 2022",
        f"diff {CM} 2022 2021 --all",
        "diff hcpcs 2018-01 2019-01",
        "diff icd10pcs 2022 2022-04",
        "diff cpt 2024 2025",
    ),
    "translation": (
        *(f"migrate {CM} {code} --from 2021 --to 2022" for code in ("M54.5", "E11.9", "ZZZ")),
        f"migrate {CM} M54.5 --from 2021 --to 2022 --billable",
        "migrate hcpcs J1815 --from 2018-01 --to 2019-01",
        *(f"translate {code} --source icd9cm --target {CM}" for code in ("250.00", "724.2", "nonsense", "E950.0")),
        f"translate E11.9 --source {CM} --target icd9cm",
        f"translate M54.5 --source {CM} --target {CM}",
        f"translate E11.9 --source {CM} --target hcpcs",
    ),
    "crosswalks": ("crosswalks",),
    "releases": ("releases", f"releases {CM} 2022", "releases hcpcs"),
    "verify": ("verify",),
    "store_info": ("store info",),
    "store_upgrade": ("store upgrade --dry-run",),
    "codelist_resolve": (
        "codelist resolve list.txt",
        "codelist resolve broken.txt --billable",
        f"codelist resolve table.csv --code-column code --system {CM}",
    ),
    "codelist_migrate": (
        "codelist migrate list.txt --from 2021 --to 2022",
        f"codelist migrate table.csv --code-column code --system {CM} --from 2021 --to 2022",
    ),
    "impact": (
        "impact list.txt broken.txt --from 2021 --to 2022",
        f"impact claims.csv --code-column dx --on-column dos --system {CM} --from 2021 --to 2022",
    ),
    "columns": (
        f"columns validate claims.csv out1.csv --system {CM} --code-column dx --on-column dos",
        f"columns annotate claims.csv out2.csv --system {CM} --code-column dx --on-column dos --add title",
        f"columns migrate claims.csv out3.csv --system {CM} --code-column dx --on-column dos --to 2022",
        "columns translate old.csv out4.csv --source icd9cm --target icd10cm --code-column dx",
    ),
    "columns_profile": (
        f"columns profile claims.csv --system {CM} --code-column dx --on-column dos",
        "columns profile old.csv --system icd9cm",
    ),
    "columns_comorbidities": (
        "columns comorbidities claims.csv out5.csv --person-column member --code-column dx --on-column dos",
    ),
    "groups": (
        f"groups {CM} E11.22 --on 2022-03-01",
        f"groups {CM} E11.22 --on 1999-03-01",
        f"groups {CM} E11.22 ccsr_dx --on 2030-01-01 --accept-nearest",
    ),
    "groupings": ("groupings", "groupings ccsr_dx"),
    "groupings_diff": ("groupings hcc_v24 --diff ra_dx_to_cc_2021 F2422P1M",),
    "groupings_impact": ("groupings hcc_v24 --diff ra_dx_to_cc_2021 F2422P1M --among claims.csv --code-column dx",),
    "audit": ("audit audit.csv",),
    "export_table": (
        "export intervals i.csv --system hcpcs",
        "export coverage c.parquet",
        f"export closure l.csv --system {CM}",
    ),
    "export_folder": (f"export omop vocabulary --system {CM} --system hcpcs", "export dbt models --system cpt"),
    "export_fhir": (f"export fhir codes.tgz --package org.example.codes --version 1.0.0 --system {CM}",),
    "demo": ("demo",),
    "written": ("update --init made.toml",),
    "error": ("status nowhere X", f"status {CM} X --on never", "releases --nonsense", "load nowhere.txt"),
}
"""By the name of the shape."""
WITHOUT_STORE = ("demo", "written")
"""Shapes of commands that are not asked of the sample store."""


def lines() -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each shape with the words of each command line."""
    for name, commands in LINES.items():
        for command in commands:
            yield name, shlex.split(command)
