"""Sample releases: small files in the publishers' own formats, made of public-domain facts or invented.

They are no publications: each holds a few dozen rows, chosen so that a few months of a code set's life can be
shown. ICD-10-CM: fiscal years 2021 and 2022 and the update of April 2022, around the split of ``M54.5``.
HCPCS Level II: 2018 and 2019, around the end of ``C9014``. ICD-10-PCS: fiscal year 2022 and its April update.
ICD-9-CM: version 32. CPT, WHO's ICD-10 and ICD-11, and ICD-10-GM are licensed, so their samples are invented; so are the
guidelines for ICD-10-CM. The folder ``crosswalks`` has a few rows of the maps between and within these systems, ``groupings`` of
tables that group codes.

References:
    NCHS and CMS, ICD-10-CM order files, order addenda and tabular list of FY2021 and FY2022.
    CMS, HCPCS Alpha-Numeric files of 2018 and 2019, with corrections.
    CMS and NCHS, General Equivalence Mappings of FY2018; conversion tables of ICD-10-CM and ICD-10-PCS.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

NO_SAMPLES: Final = frozenset({"__pycache__", "crosswalks", "fhir", "groupings"})
"""Names of folders here that are no samples of one system or map."""
NEED_AN_EXTRA: Final = frozenset({"icd10cm_guidelines"})
"""Names of folders whose files are skipped where an extra is not installed."""


def sample_releases() -> Path:
    """Return the folder of the samples: one for each code system; ``crosswalks`` and ``groupings`` have one for each reader."""
    return Path(__file__).parent


def sample_folder(name: str) -> Path | None:
    """Return the folder of the samples of a loader or crosswalk reader; None where it has no files of its own.

    >>> sample_folder("gems").parent.name, sample_folder("order_addenda")
    ('crosswalks', None)
    """
    return next((path for path in sample_folders() if path.name == name), None)


def sample_folders() -> tuple[Path, ...]:
    """Return the folder of each code system, then those of crosswalks and groupings, by name: what ``terminology load`` is given.

    >>> names = [path.name for path in sample_folders()]
    >>> names.index("icd10cm") < names.index("gems")
    True
    """
    places = (sample_releases(), sample_releases() / "crosswalks", sample_releases() / "groupings")
    folders = [sorted(path for path in place.iterdir() if path.is_dir()) for place in places]
    return tuple(path for place in folders for path in place if path.name not in NO_SAMPLES)
