"""Two code systems under one URI: ICD-9-CM, whose diagnoses and procedures HL7 names alike.

A code with its dot says which it is: a procedure has it after two digits, a diagnosis after three or four characters. A
code without dot that both have is neither; ``4701`` may be 470.1 or 47.01.

References:
    HL7 Terminology, NamingSystem ICD-9-CM: ``http://hl7.org/fhir/sid/icd-9-cm``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, overload

from ..query import Edition
from ..query.ranking import Ranked, RankedCodes
from .code_systems import Concept
from .exchange import Resource
from .loaded_systems import LoadedSystem

NAME: Final = "ICD9CM"
TITLE: Final = "ICD-9-CM"


class PairedSystem:
    """Diagnoses and procedures of one day as one version of a code system."""

    is_case_sensitive = True
    has_inactive = False
    supplements: Sequence[str] = ()

    def __init__(self, first: LoadedSystem, second: LoadedSystem) -> None:
        self._parts = (first, second)
        self.url, self.version, self.language = first.url, first.version, first.language
        self.head: Resource = {**first.head, "name": NAME, "title": TITLE}
        self._codes: Sequence[str] | None = None

    @property
    def declared(self) -> Sequence[Resource]:
        """The properties that its concepts may have: those of diagnoses, and what procedures have besides."""
        found = {one["code"]: one for part in reversed(self._parts) for one in part.declared}
        return tuple(found.values())

    @property
    def editions(self) -> Sequence[Edition]:
        """The editions of diagnoses and of procedures."""
        return tuple(part.edition for part in self._parts)

    def _part(self, code: str) -> LoadedSystem:
        """Return the part that has a code; the first for a code that neither has."""
        return next((part for part in self._parts if part.holds(code)), self._parts[0])

    def concept(self, code: str) -> Concept | None:
        """Return the concept with this very code; None for any other text."""
        return self._part(code).concept(code)

    def near(self, code: str) -> Concept | None:
        """Return the concept that a code in another spelling means; None where it may be one of either part."""
        found = [one for part in self._parts if (one := part.near(code)) is not None]
        return found[0] if len(found) == 1 else None

    def lapsed(self, code: str) -> Concept | None:
        """Return the concept that a text means, in force or not; None where it may be one of either part."""
        found = [one for part in self._parts if (one := part.lapsed(code)) is not None]
        exact = [one for one in found if one.code == code]
        return (exact or found)[0] if exact or len(found) == 1 else None

    def absence(self, code: str) -> str | None:
        """Return why a code is not in force, and which one may be meant, as a sentence."""
        found = [one.code for part in self._parts if (one := part.lapsed(code)) is not None]
        if len(found) > 1 and code not in found:
            return f"{code!r} may be the diagnosis {found[0]} or the procedure {found[1]}: write it with its dot"
        part = self._parts[1] if code[2:3] == "." or self._is_procedure(code) else self._parts[0]
        return part.absence(code)

    def _is_procedure(self, code: str) -> bool:
        """Return whether the procedures alone know a code, in force or not."""
        return self._parts[0].lapsed(code) is None and self._parts[1].lapsed(code) is not None

    def remark(self, code: str) -> str | None:
        """Return that a code is a header, and not valid for submission; None for any other."""
        return self._part(code).remark(code)

    def source(self, code: str) -> str | None:
        """Return the file, with its checksum and line, that lists a code; None for any other."""
        return self._part(code).source(code)

    def holds(self, code: str) -> bool:
        """Return whether a code in its official form is in force."""
        return any(part.holds(code) for part in self._parts)

    def codes(self) -> Sequence[str]:
        """Return all codes in force: diagnoses, then procedures."""
        if self._codes is None:
            self._codes = [code for part in self._parts for code in part.codes()]
        return self._codes

    def parents(self, code: str) -> Sequence[str]:
        """Return the code directly above."""
        return self._part(code).parents(code)

    def children(self, code: str) -> Sequence[str]:
        """Return the codes directly below."""
        return self._part(code).children(code)

    def descendants(self, code: str) -> Sequence[str]:
        """Return all codes below, parents before children."""
        return self._part(code).descendants(code)

    def is_below(self, code: str, ancestor: str) -> bool:
        """Return whether a code is below another; never of the other part."""
        return self._part(code).is_below(code, ancestor)

    def found(self, text: str) -> Sequence[str]:
        """Return the codes that a text finds in codes and titles."""
        return [code for part in self._parts for code in part.found(text)]

    @property
    def is_ranked(self) -> bool:
        """Whether both parts have a search index."""
        return all(part.is_ranked for part in self._parts)

    def ranked(self, text: str, *, loosely: bool = False) -> BothRanked | None:
        """Return the codes of both parts that a text finds, the best first; None where a part has no search index."""
        found = [one for part in self._parts if (one := part.ranked(text, loosely=loosely)) is not None]
        return BothRanked(found) if len(found) == len(self._parts) else None


class BothRanked(RankedCodes):
    """The ranked codes of two code systems as one list; of equal codes those of the first come first."""

    def __init__(self, parts: Sequence[Ranked]) -> None:
        import numpy as np

        self._parts = parts
        scores = np.concatenate([part.scores for part in parts])
        order = np.argsort(-scores.astype(np.int32), kind="stable")
        codes = [code for part in parts for code in part]
        self._codes = [codes[place] for place in order.tolist()]
        self.scores = scores[order]

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._codes[place]

    def within(self, codes: Iterable[str]) -> BothRanked:
        """Return those that are among some codes; as of `RankedCodes`."""
        chosen = list(codes)
        return BothRanked([part.within(chosen) for part in self._parts])
