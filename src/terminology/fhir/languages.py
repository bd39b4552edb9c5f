"""Which of the texts of a concept suits the languages that a client asks for.

Languages come as ``Accept-Language`` writes them: ``de, en; q=0.5``. ``*; q=0`` says that no other language will do.
Without it a concept that has no text in any of them is shown in the language of its code system.

References:
    RFC 9110, section 12.5.4 (Accept-Language); RFC 4647, section 3.3.1 (basic filtering: ``de`` asks for ``de-CH`` too).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from .exchange import Resource
from .outcomes import FhirError, said

TAG: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*|\*")
PREFERRED: Final[Resource] = {
    "system": "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra",
    "code": "preferredForLanguage",
    "display": "Preferred For Language",
}
"""The use of the designation that is the display of a concept."""


@frozen
class Languages:
    """The languages that a client asks for, most wanted first."""

    source: str = ""
    """As they were written."""
    tags: tuple[str, ...] = ()
    is_strict: bool = False
    """Whether no other language will do."""

    def __bool__(self) -> bool:
        return bool(self.tags)

    def matching(self, language: str | None, wanted: str) -> bool:
        """Return whether a text in a language is one in the language that is wanted."""
        if language is None:
            return False
        language, wanted = language.lower(), wanted.lower()
        return language == wanted or language.startswith(f"{wanted}-")

    def accept(self, language: str | None) -> bool:
        """Return whether a text in a language suits; any does where none is asked for."""
        return not self.tags or any(self.matching(language, wanted) for wanted in self.tags)


def languages_of(text: str | None) -> Languages:
    """Return the languages that a text asks for; none where there is no text.

    Raises:
        FhirError: It is no list of languages.

    >>> languages_of("en; q=0.4, de").tags, languages_of("de, *; q=0").is_strict
    (('de', 'en'), True)
    """
    if not text:
        return Languages()
    found: list[tuple[float, str]] = []
    is_strict = False
    for part in text.split(","):
        tag, _, rest = part.partition(";")
        tag, quality = tag.strip(), _quality(rest)
        if not tag:
            continue
        if not TAG.fullmatch(tag) or quality is None:
            raise FhirError(400, [said("INVALID_DISPLAY_NAME", text, code="processing", kind="invalid-display")])
        if tag == "*":
            is_strict = quality == 0
        elif quality > 0:
            found.append((-quality, tag))
    return Languages(text, tuple(tag for _, tag in sorted(found, key=lambda one: one[0])), is_strict)


def _quality(text: str) -> float | None:
    name, mark, value = text.strip().partition("=")
    if not mark:
        return 1.0 if not name.strip() else None
    try:
        return float(value)
    except ValueError:
        return None


def shown(
    display: str | None, language: str | None, designations: Sequence[Resource], languages: Languages
) -> tuple[str | None, Resource | None]:
    """Return the display in the wanted language, and the designation that it was taken from.

    The designation is None where the display of the code system itself is shown. Both are None where nothing suits.

    Args:
        display: The display of the concept.
        language: Language of the code system.
        designations: The other texts.
        languages: What is wanted.
    """
    for wanted in languages.tags:
        if display is not None and languages.matching(language, wanted):
            return display, None
        for designation in designations:
            if languages.matching(designation.get("language"), wanted) and not _has_other_use(designation):
                return designation["value"], designation
    if languages.is_strict and language is not None:
        return None, None
    return display, None


def _has_other_use(designation: Resource) -> bool:
    use = designation.get("use")
    return isinstance(use, dict) and use.get("code") not in (None, "display", PREFERRED["code"], "900000000000003001")


def texts(display: str | None, language: str | None, designations: Iterable[Resource]) -> list[Resource]:
    """Return all texts of a concept as designations, its display first."""
    first: list[Resource] = []
    if display is not None:
        first = [{"language": language, "value": display} if language else {"value": display}]
    return [*first, *designations]
