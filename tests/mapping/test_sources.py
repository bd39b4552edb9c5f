"""Every answer about what codes become says where it is told."""

from __future__ import annotations

from pathlib import Path

import terminology


def test_a_published_way(sample_store: Path) -> None:
    """A way that a publication tells of cites its row."""
    found = terminology.open(sample_store)["hcpcs"].migrate("C9014", "2018-01", "2019-01")
    assert found.source is not None
    assert ("HCPC2019_CONTR_ANWEB.txt", found.alternatives[0].path[-1].source) == (found.source.file, found.source)


def test_a_code_that_stays(sample_store: Path) -> None:
    """A code that stays as it is cites the row of the release that it was carried to."""
    cm = terminology.open(sample_store)["icd10cm"]
    found = cm.migrate("M54.51", "2022", "2022-04")
    assert ((), cm.release("2022-04").source("M54.51")) == (found.alternatives[0].path, found.source)
    assert found.source is not None
    assert "icd10cm-order-April-1-2022.txt" == found.source.file


def test_nothing_to_map_to(sample_store: Path) -> None:
    """That a publisher has no counterpart is told somewhere too; of what nobody knows there is no source."""
    store = terminology.open(sample_store)
    none = store.translate("365.70", source="icd9cm", target="icd10cm")
    assert none.source is not None
    assert ("none", "2018_I9gem.txt") == (str(none.outcome), none.source.file)
    assert store["icd10cm"].migrate("Q99.9", "2021", "2022").source is None
