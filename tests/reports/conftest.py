"""One report of each kind, of the samples."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import terminology
from terminology.claims import Claim, Summary, audited
from terminology.codelists import CodeList, impact_on_lists, impact_on_table, migration_of
from terminology.reports import difference_page
from terminology.reports.audit import audit_page
from terminology.reports.code_lists import impact_page, migration_page
from terminology.reports.resolution import resolution_page
from terminology.samples import sample_releases
from terminology.update import Configuration, update


@pytest.fixture(scope="session")
def pages(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One page of each kind."""
    cm = terminology.open(sample_store)["icd10cm"]
    codes = CodeList.parse("M54.5\nM54.*\nW21.89A")
    columns = impact_on_table(pa.table({"dx": ["M54.5", "?"]}), "dx", cm, "2021", "2022")
    folder = tmp_path_factory.mktemp("update")
    (folder / "update.toml").write_text(f"store = 'store'\n[[fetch]]\npath = '{sample_releases() / 'icd10cm'}'\n")
    report = update(Configuration.read(folder / "update.toml"))
    [overview] = (folder / "reports" / str(report.folder)).glob("index.html")
    claims = [Claim.from_dict({"id": "1", "service_date": "2022-03-01", "diagnoses": ["M54.5"]})]
    summary = Summary()
    assert sum(table.num_rows for table in audited(claims, terminology.open(sample_store), summary)) == 1
    return {
        "audit": audit_page(summary, terminology.open(sample_store), "claims.csv"),
        "difference": difference_page(cm.diff("2021", "2022")),
        "impact": impact_page(cm, impact_on_lists([codes], cm, "2021", "2022"), columns),
        "codelist": migration_page(migration_of(codes, cm, "2021", "2022"), cm),
        "profile": terminology.profile({"dx": ["M54.5", "?"]}, system="icd10cm", store=sample_store).to_html(),
        "resolution": resolution_page(codes.resolve(cm.release("2022")), cm),
        "update": overview.read_text(encoding="utf-8"),
    }
