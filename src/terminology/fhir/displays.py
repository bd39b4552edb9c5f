"""Whether the display that came with a code is one of its displays.

References:
    HL7 FHIR R5, ``$validate-code``, parameter ``display``; the wording is that of HL7's messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .clauses import Row
from .code_systems import Concept, SystemVersion
from .exchange import Resource
from .given_systems import standards_status
from .languages import PREFERRED, Languages
from .outcomes import issue, said, text_of
from .value_sets import listed

DISPLAY_USES: Final = frozenset({"display", PREFERRED["code"], "900000000000003001", "900000000000013009"})
"""Codes of uses of designations that are displays: that of HL7, and SNOMED CT's names and synonyms."""
WITHDRAWN: Final = frozenset({"withdrawn", "deprecated"})


def display_issue(  # noqa: PLR0917 -- one question
    given: str, row: Row, concept: Concept, languages: Languages, at: str, severity: str
) -> Resource | None:
    """Return what is wrong with a display; None where it is right.

    Args:
        given: The display that came with the code.
        row: The system and code, and what the value set says of it.
        concept: The concept.
        languages: What the client asks for.
        at: FHIRPath of the display.
        severity: Of the issue where the display is wrong.
    """
    every = displays_of(row, concept)
    if not every:
        # of a text that may not be shown nothing is said, or right and wrong ones would be told apart
        values: tuple[str | None, ...] = (given, row.system.url, concept.code, _tags(languages))
        message = "NO_VALID_DISPLAY_AT_ALL"
        return said(message, *values, severity="information", code="invalid", kind="invalid-display", at=at)
    wanted = [one for one in every if _suits(one, row.system, languages)]
    if any(same(given, one["value"]) for one in wanted):
        return None
    if any(same(given, one["value"]) for one in withdrawn_displays(concept)):
        right = ", ".join(f'"{one["value"]}"' for one in wanted)
        text = text_of("INACTIVE_DISPLAY_FOUND_other", "", given, concept.code, right, "deprecated")
        return issue("warning", "invalid", text, kind="display-comment", at=at, message="INACTIVE_DISPLAY_FOUND")
    if not wanted:
        return _of_other_language(given, every, row, concept, languages, at, severity)
    return _wrong(given, wanted, row, concept, languages, at, severity)


def displays_of(row: Row, concept: Concept) -> list[Resource]:
    """Return the displays of a concept as designations: its own first, then those of value set and supplements."""
    own = (row.entry or {}).get("designation") or []
    texts: list[Resource] = []
    if concept.display is not None:
        texts.append(_in_language(concept.display, row.system.language))
    if (entry := row.entry) and isinstance(entry.get("display"), str):
        texts.append(_in_language(entry["display"], row.system.language))
    texts += [one for one in [*concept.designations, *own] if _is_display(one)]
    found: dict[tuple[str, str | None], Resource] = {}
    for one in texts:
        found.setdefault((one["value"], one.get("language")), one)
    return list(found.values())


def _in_language(text: str, language: str | None) -> Resource:
    return {"value": text, "language": language} if language else {"value": text}


def _is_display(designation: Resource) -> bool:
    use = designation.get("use")
    if isinstance(use, dict) and use.get("code") not in DISPLAY_USES:
        return False
    return standards_status(designation.get("extension") or []) not in WITHDRAWN and "value" in designation


def withdrawn_displays(concept: Concept) -> list[Resource]:
    """Return the designations that once were displays of a concept."""
    return [one for one in concept.designations if standards_status(one.get("extension") or []) in WITHDRAWN]


def _suits(display: Resource, system: SystemVersion, languages: Languages) -> bool:
    if not languages:
        return True
    # of a code system that states no language a display is in any
    return (system.language is None and "language" not in display) or languages.accept(display.get("language"))


def same(given: str, display: str) -> bool:
    """Return whether two displays are the same; case does not count."""
    return given == display or given.casefold() == display.casefold()


def _of_other_language(  # noqa: PLR0917
    given: str,
    every: Sequence[Resource],
    row: Row,
    concept: Concept,
    languages: Languages,
    at: str,
    severity: str,
) -> Resource:
    """Return that there is no display in the wanted language: an information where the display is right in another."""
    tags = _tags(languages)
    if any(same(given, one["value"]) for one in every if not _is_foreign(one, row.system)):
        values: tuple[str | None, ...] = (None, row.system.url, concept.code, tags, given)
        message, severity = "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK", "information"
    else:
        values = (given, row.system.url, concept.code, tags, concept.display)
        message = "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR"
    return said(message, *values, severity=severity, code="invalid", kind="invalid-display", at=at)


def _is_foreign(display: Resource, system: SystemVersion) -> bool:
    """Return whether a display is in another language than its code system."""
    return display.get("language") not in (None, system.language)


def _wrong(  # noqa: PLR0917
    given: str,
    wanted: Sequence[Resource],
    row: Row,
    concept: Concept,
    languages: Languages,
    at: str,
    severity: str,
) -> Resource:
    spaced = any(" ".join(given.split()) == " ".join(one["value"].split()) for one in wanted)
    message = f"Display_Name_{'WS_' if spaced else ''}for__should_be_one_of__instead_of"
    choices = [f"'{one['value']}'" + (f" ({one['language']})" if "language" in one else "") for one in wanted]
    form = "one" if len(choices) == 1 else "other"
    values = (len(choices), row.system.url, concept.code, listed(choices), given, _tags(languages))
    text = text_of(f"{message}_{form}", *values)
    return issue(severity, "invalid", text, kind="invalid-display", at=at, message=message)


def _tags(languages: Languages) -> str:
    return languages.source if languages else "--"
