"""What goes with a release that is withdrawn: its own files, and not those of the release that it is derived from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import terminology
from terminology.ingest import withdraw

from .release_files import BACK_PAIN, CHOLERA, codes_file, order_addenda, order_file, tabular, written

NAMES = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
ORDER = {NAMES[0]: order_file(CHOLERA)}
CODES = {"icd10cm_codes_2021.txt": codes_file(CHOLERA)}
SPRING = {"icd10cm-tabular-April-1-2021.xml": tabular(2021, CHOLERA)}
ADDENDA = {"icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES)}
PROOF = {"icd10cm_codes_2022.txt": codes_file(BACK_PAIN)}


def versions(store: Path) -> list[tuple[str, bool]]:
    """Return the versions of a store, and whether each is derived."""
    return [(release.version, release.derived) for release in terminology.open(store)["icd10cm"].releases]


@pytest.mark.parametrize(
    ("files", "derived"),
    [
        ({**ORDER, **SPRING}, "2021-04"),
        ({**CODES, **SPRING}, "2021-04"),
        ({**ORDER, **ADDENDA}, "2022"),
        ({**ORDER, **ADDENDA, **PROOF}, "2022"),
    ],
    ids=["list of April", "list of April beside a codes file", "addenda", "addenda and codes file"],
)
def test_a_derived_release_goes_without_its_base(tmp_path: Path, files: Mapping[str, bytes], derived: str) -> None:
    """A derived release that is withdrawn is gone; the one whose rows it has stays, and both can be loaded again."""
    store, folder = tmp_path / "store", written(tmp_path / "files", files)
    assert terminology.load(folder, store=store).errors == ()
    assert versions(store) == [("2021", False), (derived, True)]
    assert withdraw("icd10cm", derived, store=store).version == derived
    assert versions(store) == [("2021", False)]
    terminology.load(folder, store=store)
    assert versions(store) == [("2021", False), (derived, True)]
