"""Why a code has its status, as one sentence: the same in checks, errors and on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ..history import Span, status_of
from ..periods import day_of
from ..repairs import FORMS, NULL_WORDS
from ..schema import UNCOUNTED_KINDS
from ..status import Status
from ..systems import SYSTEMS

if TYPE_CHECKING:
    from .compiled import AsOf, CompiledSystem


BETWEEN_CODES: Final = r"[\s,;|/+&]+"


def reason_of(
    as_of: AsOf,
    code: Any,
    status: Status,
    span: Span | None = None,
    others: Sequence[str] = (),
    *,
    dated: bool = True,
) -> str:
    """Return why a code has its status, as a sentence without a full stop.

    Args:
        as_of: Of the day.
        code: As it is to be named; what is no text as it was given.
        status: What it is on the day.
        span: Of an expired code its last period, of a future one the first to come.
        others: Short names of other systems that have the text as a code.
        dated: Whether to name the day, and the release in force on it.
    """
    title, day = as_of.system.definition.title, day_of(as_of.asked)
    release = f" (release {as_of.version})" if as_of.version else ""
    on_the_day = f" on {day}{release}" if dated else ""
    if status in (Status.UNKNOWN, Status.MALFORMED) and (said := _no_single_code(as_of, code)):
        return said
    match status:
        case Status.BILLABLE:
            return f"{code} is billable{on_the_day}"
        case Status.HEADER:
            return f"{code} is a header{on_the_day}: in force, and not valid for submission"
        case Status.EXPIRED:
            ended = f": it was in force through {day_of(span.end - 1)}" if span else ""
            return f"{code} is expired in {title}{on_the_day}{ended}"
        case Status.FUTURE:
            begins = f": it comes into force {'on' if span.from_known else 'by'} {day_of(span.start)}" if span else ""
            return f"{code} is not yet in force in {title}{on_the_day}{begins}"
        case Status.MALFORMED:
            return _misfit(code, as_of, others)
        case Status.UNCOVERED if as_of.is_covered:
            return (
                f"no release says whether {code} is in force in {title}{f' on {day}' if dated else ''}: one before lists it, "
                "and the next does not"
            )
        case Status.UNCOVERED:
            return (
                f"no release of {title} covers {day}: {as_of.gap}" if dated else f"no release of {title} covers the day"
            )
    if _is_node(as_of, code):
        return f"{code} is above codes of {title} in the hierarchy{on_the_day}, and no code itself"
    return f"{code} is not in {title}{on_the_day}{_elsewhere(as_of, others)}"


def absence(as_of: AsOf, code: Any, status: Status) -> str:
    """Return why a code with this status is not in force, as a sentence."""
    row = as_of.system.row_of(code) if isinstance(code, str) else -1
    span = status_of(as_of.spans(row), as_of.day)[1] if status in (Status.EXPIRED, Status.FUTURE) else None
    return reason_of(as_of, code, status, span)


def _is_node(as_of: AsOf, code: str) -> bool:
    row = as_of.system.row_of(code)
    return row >= 0 and as_of.is_in_tree(row)


def _no_single_code(as_of: AsOf, code: Any) -> str | None:
    """Return a sentence on a text that holds no code, or several; None of any other."""
    if not isinstance(code, str):
        return None
    if code.strip().lower() in NULL_WORDS:
        return f"there is no code: {code!r} is a word for nothing"
    parts = [part for part in re.split(BETWEEN_CODES, code) if part]
    if len(parts) < 2 or not all(_is_code(as_of.system, part) for part in parts):  # noqa: PLR2004 -- one is none
        return None
    return f"there are {len(parts)} codes in {code!r}: ask for each of them"


def _is_code(system: CompiledSystem, text: str) -> bool:
    """Return whether a text is a code on any day: a chapter is none, as ``9`` in ``E11,9``."""
    row = system.row_of(text)
    return row >= 0 and any(system.periods.kinds[period] not in UNCOUNTED_KINDS for period in system.periods.of(row))


def _misfit(code: Any, as_of: AsOf, others: Sequence[str]) -> str:
    title = as_of.system.definition.title
    shown = repr(code)
    if isinstance(code, str) and not code.strip():
        return f"there is no code: expected one of {title}, got an empty text"
    said = f"{shown} cannot be a code of {title}"
    if isinstance(code, str) and not code.isascii():
        return f"{said}: it has letters or signs that are not of the Latin alphabet"
    return f"{said}{_elsewhere(as_of, others)}{'' if others else _form(code, as_of)}"


def _elsewhere(as_of: AsOf, others: Sequence[str]) -> str:
    loaded = as_of.system.store.systems
    titles = [loaded[name].definition.title for name in others]
    return f"; it is a code of {' and of '.join(titles)}" if titles else ""


def _form(code: Any, as_of: AsOf) -> str:
    loaded = as_of.system.store.systems
    text = code.strip().upper() if isinstance(code, str) else ""
    fitting = [SYSTEMS[name].title for name, form in FORMS.items() if name not in loaded and re.fullmatch(form, text)]
    return f"; it has the form of {' or of '.join(fitting)}, which is not loaded" if fitting else ""
