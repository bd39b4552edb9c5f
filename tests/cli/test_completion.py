"""What a shell completes: names and versions of the store, fast, and never an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminology import Terminology


def completed(words: str, begun: str = "", **environment: str) -> list[str]:
    """Return what bash is offered after some words."""
    listed = words.split()
    asked = {"COMP_WORDS": f"{words} {begun}".strip(), "COMP_CWORD": str(len(listed))}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'terminology'; import terminology.cli as cli; cli.main()"],
        env={**os.environ, "_TERMINOLOGY_COMPLETE": "bash_complete", **asked, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_names_of_the_store(sample_store: Path, store: Terminology) -> None:
    """Code systems, groupings and crosswalks, of the store in the environment or of `--store`."""
    place = {"TERMINOLOGY_STORE": str(sample_store)}
    assert completed("terminology status", **place) == sorted(store.systems)
    assert completed("terminology translate --source", "icd9", **place) == ["icd9cm", "icd9pcs"]
    assert completed("terminology groups icd10cm E11.9", **place) == list(store.groupings)
    assert "gems" in completed("terminology translate 250.00 --crosswalk", **place)
    assert completed(f"terminology lookup --store {sample_store}", "hc") == ["hcpcs"]


def test_versions_of_the_store(sample_store: Path, store: Terminology) -> None:
    """Those of the system, or of the grouping, that the line names before, the newest first."""
    place = {"TERMINOLOGY_STORE": str(sample_store)}
    assert completed("terminology diff icd10cm", **place) == ["2022-04", "2022", "2021"]
    assert completed("terminology migrate icd10cm M54.5 --from", "2022", **place) == ["2022-04", "2022"]
    assert completed("terminology columns migrate a b --system icd9cm --from", **place) == ["32"]
    offered = completed("terminology groupings poa_exempt --diff", **place)
    assert sorted(offered) == sorted(one.version for one in store.grouping("poa_exempt").versions)


@pytest.mark.parametrize("store", ["/nonexistent", "s3://bucket/codes", __file__])
def test_no_store_is_no_error(store: str) -> None:
    """Nothing is offered, and nothing is said."""
    assert completed("terminology status", TERMINOLOGY_STORE=store) == []
