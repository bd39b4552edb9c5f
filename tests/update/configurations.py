"""What the tests of configurations share."""

from __future__ import annotations

import datetime

from terminology.update.configuration import (
    Configuration,
)

SUMMER = datetime.date(2026, 7, 15)


AUTUMN = datetime.date(2026, 11, 25)


FETCH = '[[fetch]]\nurl = "https://example.org/codes.zip"\n'


def urls(found: Configuration, today: datetime.date = SUMMER) -> list[str]:
    """Return the end of the first URL of each file."""
    return [source.urls[0].removeprefix("https://example.org/") for source in found.sources(today)]
