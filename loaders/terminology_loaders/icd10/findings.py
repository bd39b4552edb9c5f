"""Codes on which two files of a release disagree: rows of the table ``differences``, and a warning for each kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = 5


@frozen
class Finding:
    """Codes of which a file says something else than another."""

    label: str
    """Of the file."""
    check: str
    """What it says: ``other title``, ``not in ClaML``."""
    codes: tuple[str, ...]

    @property
    def warning(self) -> str:
        """The finding in words, with its first codes.

        >>> Finding("icd10.xml", "other title", ("A00", "A01")).warning
        'icd10.xml: 2 codes: other title: A00, A01'
        """
        shown = ", ".join(self.codes[:SHOWN]) + (" …" if len(self.codes) > SHOWN else "")
        count = len(self.codes)
        return f"{self.label}: {count:,} code{'s' if count > 1 else ''}: {self.check}: {shown}"


def finding_table(findings: Iterable[Finding]) -> pa.Table:
    """Return one row for each code, with its check."""
    import pyarrow as pa

    rows = [(finding.check, code) for finding in findings for code in finding.codes]
    return pa.table(
        {
            "check": pa.array([check for check, _ in rows], pa.string()),
            "code": pa.array([code for _, code in rows], pa.string()),
        }
    )
