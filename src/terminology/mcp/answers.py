"""What a tool answers: the JSON of the command of its name, which edition said so, and what was left off.

The answer of a tool is an object:

    {"answer": …, "edition": {"system", "version", "effective", "date"}, "remarks": […], "left_off": {…}}

``answer`` is what ``terminology … --json`` prints. Lists in it are cut to the limit of the call, because whoever asks
has little room; ``left_off`` says of each list that was cut how many items are missing.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from ..errors import InvalidDateError, ReleaseFaults, UnknownReleaseError, error_values, exit_code_of
from ..licences import licence_notice
from ..query import CodeSystem, Edition
from ..wire import Licensed, late_day, unread_lines, withheld
from .parameters import ArgumentError

INTERNAL: Final = 70
"""What `exit_code_of` says of an error in the program."""
INTERNAL_ERROR: Final = "InternalError"
MOST_FAULTS: Final = 20


@frozen
class Answer:
    """What is sent to the client."""

    values: dict[str, Any]
    is_error: bool = False


def bounded(values: Any, limit: int, lists: Collection[str]) -> tuple[Any, dict[str, int]]:
    """Return values with the named lists no longer than a limit, and how many items were left off, by path.

    Lists that are not named stay whole: of codes that are used together none may be missing.

    >>> bounded({"codes": ["A00", "A01", "A02"], "together": ["A00", "A01", "A02"]}, 2, ["codes"])
    ({'codes': ['A00', 'A01'], 'together': ['A00', 'A01', 'A02']}, {'codes': 1})
    """
    left_off: dict[str, int] = {}

    def cut(value: Any, path: str) -> Any:
        if isinstance(value, Mapping):
            return {name: cut(item, f"{path}.{name}" if path else name) for name, item in value.items()}
        if not isinstance(value, list | tuple):
            return value
        if len(value) > limit and path in lists:
            left_off[path or "answer"] = left_off.get(path or "answer", 0) + len(value) - limit
            value = value[:limit]
        return [cut(item, path) for item in value]

    return cut(values, ""), left_off


def answer_of(
    values: Any, *, limit: int, lists: Collection[str], edition: Edition | None, remarks: Iterable[str], **further: Any
) -> Answer:
    """Return an answer within its limit, with the edition that gave it.

    Args:
        values: The JSON of the answer, made of what went through the door.
        limit: Items of a list.
        lists: Paths of the lists that are cut; the answer itself where it is one has an empty path.
        edition: The one that answered.
        remarks: Sentences that belong to the answer.
        further: What the answer of this tool has besides.
    """
    cut, left_off = bounded(values, limit, lists)
    said = {"edition": edition_values(edition)} if edition is not None else {}
    return Answer({"answer": cut, **further, **said, "remarks": list(remarks), "left_off": left_off})


def edition_values(edition: Edition) -> dict[str, Any]:
    """Return which release answers for which day."""
    release = edition.release
    return {
        "system": edition.system,
        "title": edition.definition.title,
        "version": release.version if release else None,
        "effective": str(release.effective) if release else None,
        "date": str(edition.date),
    }


def edition_of(
    code_system: CodeSystem, *, on: str | None = None, version: str | None = None, known: str | None = None
) -> Edition:
    """Return the edition that a call names: of a release, of a day, or today's.

    Raises:
        ArgumentError: The arguments contradict each other.
        InvalidDateError: ``on`` is no date.
        UnknownReleaseError: There is no such release.
    """
    if on and version:
        raise ArgumentError("on and version exclude each other: give the day of use, or the release")
    if known and version:
        raise ArgumentError("known says up to which release a day is seen: it needs on, and no version")
    if version:
        return code_system.release(version)
    try:
        return code_system.on(on or "today", known=known)
    except InvalidDateError as error:
        raise InvalidDateError(f"on: {error}") from None
    except UnknownReleaseError as error:
        held = ", ".join(release.version for release in code_system.releases)
        raise UnknownReleaseError(f"known: {error} (loaded: {held})") from None


def edition_remarks(edition: Edition, code_system: CodeSystem, *, was_dated: bool) -> Iterator[str]:
    """Yield which release answers, and what is to be known of it, as sentences."""
    title = edition.definition.title
    day = str(edition.date) if was_dated else f"today, {edition.date}, as no day was given"
    newest = code_system.releases[-1]
    if edition.release is None:
        yield f"no release of {title} covers {day}: {edition.gap}; version latest asks the newest, {newest.version}"
    else:
        yield f"release {edition.release.version} of {title}, effective {edition.release.effective}, answers for {day}"
        yield from filter(None, (unread_lines(edition), late_day(edition, newest)))
    yield from licence_remarks(edition, edition)


def licence_remarks(of: Licensed, edition: Edition | None = None) -> Iterator[str]:
    """Yield the notice of a licensed system; where its texts are withheld, how its licence is declared."""
    if remark := withheld(of) or licence_notice(of.definition, edition.release if edition else None):
        yield remark


def error_of(error: Exception) -> Answer:
    """Return an error as ``--json`` has it: type, message and place; of an error in the program only its type.

    >>> error_of(KeyError("Low back pain")).values["error"]["type"]
    'InternalError'
    """
    if exit_code_of(error) == INTERNAL:
        message = (
            f"{type(error).__name__}; this is an error in the program: its log has the traceback, please report it"
        )
        return Answer({"error": {**error_values(error), "type": INTERNAL_ERROR, "message": message}}, is_error=True)
    values = error_values(error)
    if isinstance(error, ReleaseFaults):
        values["faults"] = [error_values(fault) for fault in error.exceptions[:MOST_FAULTS]]
    return Answer({"error": values}, is_error=True)


def traceback_of(error: Exception) -> str:
    """Return where an error in the program came from, for its log: places without values, which may be licensed texts."""
    places = traceback.extract_tb(error.__traceback__)
    return "; ".join(f"{place.filename}:{place.lineno} {place.name}" for place in places)
