"""The codes of diagnoses in the files: three to seven letters and digits. Chapters and sections are none of them."""

from __future__ import annotations

import re
from typing import Final

from ..tables import Codes

DIAGNOSIS: Final = re.compile(r"(?a)[A-Za-z0-9][0-9][A-Za-z0-9][A-Za-z0-9.]{0,5}")


class DiagnosisCodes(Codes):
    """Takes texts of a column of codes into official form; what is no code of a diagnosis is an error with its place."""

    def official(self, text: str, line: int) -> str | None:
        """Return the code in official form; None where it cannot be one, which is noted as an error."""
        if text not in self._known and not DIAGNOSIS.fullmatch(text):
            self._known[text] = None
        return super().official(text, line)
