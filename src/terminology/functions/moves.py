"""What codes become in other releases, or are in other systems, for batches: each code is followed once for a stretch of days."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final

from ..columns.arrays import is_of_days
from ..columns.day_columns import day_numbers
from ..columns.days import DayForm
from ..columns.following import Days, asked_once, changes_of, crossing_days, stretches_of_days
from ..columns.translations import followed
from ..errors import TerminologyError
from ..model import Outcome, Translation
from ..periods import OPEN, day_number, day_of
from .arguments import alternatives_type, whole

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import CodeSystem, Terminology

REMEMBERED: Final = 250_000
"""Codes that were followed, each in a stretch of days, with what they led to."""
Follow = Callable[[str, int | None], Translation]
Numbers = Any
"""A numpy array of numbers."""


class _Followed:
    """What codes led to, each in its stretch of days, as one array that grows: batches take their rows of it."""

    def __init__(self, follow: Follow) -> None:
        import pyarrow as pa

        self._follow = follow
        self._lock = threading.Lock()
        self._places: dict[tuple[str, int | None], int] = {}
        self._groups: pa.Array = pa.nulls(1, alternatives_type())
        """The first is of rows without a code or a day."""

    def targets(self, codes: pa.Array, days: Days) -> pa.Array:
        """Return the alternatives of each row."""
        import numpy as np
        import pyarrow as pa

        numbers, asked = asked_once(pa.chunked_array([codes]), "code", days)
        keys = [(one.text, one.day) if one.text is not None and one.has_day else None for one in asked]
        with self._lock:
            self._add({key for key in keys if key is not None})
            places = np.array([0 if key is None else self._places[key] for key in keys], dtype=np.int64)
            groups = self._groups
        return groups.take(pa.array(places[numbers]))

    def _add(self, asked: Collection[tuple[str, int | None]]) -> None:
        import pyarrow as pa

        keys = [key for key in asked if key not in self._places]
        if len(self._places) + len(keys) > REMEMBERED:
            self._places, self._groups, keys = {}, pa.nulls(1, alternatives_type()), [*asked]
        if not keys:
            return
        found = [self._followed(*key) for key in keys]
        self._places.update(zip(keys, range(len(self._groups), len(self._groups) + len(keys)), strict=True))
        self._groups = pa.concat_arrays([self._groups, pa.array(found, alternatives_type())])

    def _followed(self, text: str, day: int | None) -> list[list[str]] | None:
        found = self._follow(text, day)
        return None if found.outcome is Outcome.UNKNOWN else [list(one.codes) for one in found.alternatives]


class Moves:
    """What the codes of a system become in its releases."""

    def __init__(self, system: CodeSystem) -> None:
        self.system = system
        self._targets: dict[Any, _Followed | None] = {}
        self._origins: dict[str, int | None] = {}

    def targets(self, codes: pa.Array, origins: pa.Array, target: Any) -> pa.Array:
        """Return what the codes of days or releases become in a release; null where there is none of that name."""
        import pyarrow as pa

        if target not in self._targets:
            self._targets[target] = self._followed(target)
        found = self._targets[target]
        if found is None:
            return pa.nulls(len(codes), alternatives_type())
        return found.targets(codes, stretches_of_days(self._days(origins), changes_of(self.system)))

    def _followed(self, target: Any) -> _Followed | None:
        version = target if isinstance(target, datetime.date) else str(target).strip()
        try:
            edition = self.system.release(version)
        except TerminologyError:
            return None
        return _Followed(followed(self.system, edition, billable=False))

    def _days(self, origins: pa.Array) -> Numbers:
        """Return the day numbers of days and releases; `OPEN` of what is neither."""
        import pyarrow as pa

        if is_of_days(origins.type):
            return _numbers(origins)
        encoded = origins if pa.types.is_dictionary(origins.type) else origins.dictionary_encode()
        for text in map(_shown, encoded.dictionary.to_pylist()):
            if text not in self._origins:
                self._origins[text] = self._day(text)
        days = pa.array([self._origins[_shown(value)] for value in encoded.dictionary.to_pylist()], pa.int32())
        return days.take(encoded.indices).fill_null(OPEN).to_numpy(zero_copy_only=False)

    def _day(self, text: str) -> int | None:
        day = DayForm().day(text)
        if day is not None:
            return day_number(day)
        if text in {release.version for release in self.system.releases}:
            return day_number(self.system.release(text).date)
        return None


class Translations:
    """What the codes of a system are in another one."""

    def __init__(self, store: Terminology, source: str, target: str) -> None:
        import numpy as np

        crossing = crossing_days(store, source, target)
        system = store.get(target)
        self._changes = crossing if system is None else np.union1d(changes_of(system), crossing)

        def follow(text: str, day: int | None) -> Translation:
            return store.translate(text, source=source, target=target, on=None if day is None else day_of(day))

        self._followed = _Followed(follow)
        try:
            follow("", None)
            self._is_known = True
        except TerminologyError:
            self._is_known = False

    def targets(self, codes: pa.Array, days: pa.Array | None) -> pa.Array:
        """Return what the codes are on days; null where no system or crosswalk has these names."""
        import numpy as np
        import pyarrow as pa

        if not self._is_known:
            return pa.nulls(len(codes), alternatives_type())
        if days is None:
            return self._followed.targets(codes, Days(np.zeros(len(codes), dtype=np.int64), [None]))
        numbers = _numbers(days)
        return self._followed.targets(codes, stretches_of_days(numbers, self._changes))


def _numbers(days: pa.Array) -> Numbers:
    """Return day numbers; `OPEN` where there is no day."""
    found, _ = day_numbers(whole(days), "day", "the table")
    return found.fill_null(OPEN).to_numpy(zero_copy_only=False)


def _shown(value: Any) -> str:
    return "" if value is None else str(value).strip()
