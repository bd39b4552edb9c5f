"""A profile made of a table: its rows are counted in one pass, and what occurs is judged once, however many rows have it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..columns import Roles, Source, Table, UnreadDays, canonical, cells, day_numbers, is_known, opened_table, roles_of
from ..columns.answers import states_of
from ..columns.frames import joined
from ..columns.placing import day_asked
from ..columns.roles import system_column
from ..columns.workbooks import ENOUGH, SOME, share_of_codes
from ..errors import TerminologyError, UnknownSystemError
from ..query import CodeSystem, Edition, Terminology, opened_store
from .counting import Tally, span_starts
from .judging import Days, kinds_of, system_profile
from .profile import Profile

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int], None]
"""Called with the rows that are read."""
TOGETHER: Final = 1_000_000
"""Rows that are counted together."""
WHOLE: Final = ""
"""In place of the name of a system, where no column names one."""


def profile(
    table: Source,
    *,
    code: str | None = "dx",
    on: Any = None,
    system: str | None = None,
    known: Any = None,
    release: str = "latest",
    day_format: str | None = None,
    store: Terminology | str | None = None,
    progress: Progress = lambda _rows: None,
) -> Profile:
    """Return what is in a column of codes, what is wrong with it, and what to do about it.

    Each row is judged on its own day, as by `terminology.validate`; a cell that is null, blank or a word for nothing
    is counted as ``empty``, and a row without a day as ``no_day``. The table is read once, in batches.

    Args:
        table: Of any library that speaks Arrow, or the path of a file or a folder.
        code: The column of codes; None to find it by its name or its content.
        on: A column of days, one day, a release, or None for the newest release.
        system: The code system, or the column that names it for each row, by any name, URI or OID; None to find such a
            column, or the system that most of the codes are of.
        known: A version or a day: only releases up to it count. By default all.
        release: The release whose effect on the codes is shown: a version, an effective day, or ``latest``.
        day_format: The form of the days, like ``%m/%d/%Y``, where the column does not show it.
        store: An open store or its folder; by default that of `terminology.open`.
        progress: Called with the number of rows that are read so far.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: A column is missing, or holds something else; the file is damaged.
        TerminologyError: There is no such code system or release, or nothing shows which system the codes are of.

    >>> import pyarrow
    >>> claims = pyarrow.table({"dx": ["M54.5", "m545", "E11.9", "W21.89A", None], "day": ["2021-11-05"] * 5})
    >>> found = profile(claims, on="day", store=store)
    >>> found.statuses
    {'billable': 1, 'header': 2, 'unknown': 1, 'empty': 1}
    >>> [(finding.text, str(finding.action)) for finding in found.systems[0].findings]
    [('M54.5', 'specify'), ('W21.89A', 'repair')]
    """
    opened = opened_store(store)
    rows = opened_table(table, columns=[code] if code else ())
    roles = _roles(rows, opened, (code, on, system, day_format))
    named = roles.system is None and _system_of(rows, roles.codes[0], system, opened)
    reading = _Reading(rows, roles, opened, (on, known, release))
    count = reading.read(named.name if named else None, progress)
    profiles = [system_profile(one.system, one.tally.counts(), one.days, one.target) for one in reading.parts.values()]
    return Profile(
        source=rows.label,
        column=roles.codes[0],
        rows=count,
        systems=tuple(sorted(profiles, key=lambda one: -one.rows)),
        not_loaded=dict(reading.not_loaded.most_common()),
        roles=roles,
        warnings=(*rows.warnings, *reading.warnings),
        licences=opened.licences,
    )


# ---- which columns, and which system


def _roles(rows: Table, opened: Terminology, asked: tuple[str | None, Any, str | None, str | None]) -> Roles:
    """Return what the columns of the table hold."""
    code, on, system, day_format = asked
    column = system if system in rows.names else None
    if system is None:
        column = system_column(rows)
    elif column is None and system not in opened:
        held = ", ".join(opened.systems)
        raise UnknownSystemError(f"{system!r} is neither a column of the table nor a code system of the store ({held})")
    day = on if isinstance(on, str) and on in rows.names else None
    editions = [opened[system].latest] if column is None and system is not None else []
    editions = editions or [one.latest for one in opened.values()]
    return roles_of(
        rows,
        codes=[code] if code else (),
        day=day,
        day_format=day_format,
        system=column,
        is_code=lambda text: any(is_known(text, edition) for edition in editions),
    )


def _system_of(rows: Table, column: str, asked: str | None, opened: Terminology) -> CodeSystem:
    """Return the system that is asked, or that the codes show.

    Raises:
        TerminologyError: They show none, or several that are as likely.
    """
    if asked is not None:
        return opened[asked]
    texts = rows.sample().get(column, [])
    shares = {one.name: _share(texts, one.latest) for one in opened.values()}
    first, *others = sorted(shares, key=lambda name: -shares[name])
    most = shares[first]
    # a third of a messy column may be codes of its system, and none of any other
    others = [name for name in others if shares[name] == most or (most < ENOUGH and shares[name] * 2 > most)]
    if most > SOME and not others:
        return opened[first]
    found = f"it may be {' or '.join([first, *others])}" if most > SOME else "few are of any that is loaded"
    raise TerminologyError(
        f"which code system the codes of column {column!r} are of does not show: {found}; name it with system"
    )


def _share(texts: list[str | None], edition: Edition) -> float:
    return share_of_codes(texts, lambda text: is_known(text, edition))


# ---- rows


class _Part(NamedTuple):
    """The rows of one code system."""

    system: CodeSystem
    days: Days
    target: Edition
    """Of the release whose effect is shown."""
    tally: Tally


class _Reading:
    """Reads the rows of a table once, and counts them for each code system."""

    def __init__(self, table: Table, roles: Roles, opened: Terminology, asked: tuple[Any, Any, str]) -> None:
        self.table, self.roles, self.opened = table, roles, opened
        self.on, self.known, self.release = asked
        self.parts: dict[str, _Part] = {}
        self.not_loaded: Counter[str] = Counter()
        self.unread = UnreadDays()

    def read(self, system: str | None, progress: Progress) -> int:
        """Read all rows, of one system or of those that a column names; return their number."""
        import numpy as np

        count = 0
        wanted = [name for name in (self.roles.codes[0], self.roles.day, self.roles.system) if name]
        joined_rows = joined(self.table.batches(wanted), TOGETHER)
        # what is in several batches is looked up once
        for batch in itertools.chain.from_iterable(rows.combine_chunks().to_batches() for rows in joined_rows):
            found = cells(batch.column(self.roles.codes[0]), self.roles.codes[0], self.table.label)
            days = self._days(batch)
            for name, chosen in self._of_systems(batch, system):
                everything = chosen is None
                part = found if everything else found.take(chosen)
                self._part(name).tally.add(part, days if days is None or everything else days[np.asarray(chosen)])
            count += batch.num_rows
            progress(count)
        if system is not None:
            # of a table without rows too
            self._part(system)
        return count

    def _days(self, batch: pa.RecordBatch) -> Any:
        """Return the day numbers of the rows, masked where there is none; None where rows have no days."""
        import numpy as np

        if self.roles.day is None:
            return None
        numbers, unread = day_numbers(
            batch.column(self.roles.day), self.roles.day, self.table.label, self.roles.day_form
        )
        self.unread.add(unread)
        has_none = numbers.is_null().to_numpy(zero_copy_only=False)
        return np.ma.masked_array(numbers.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), has_none)

    def _of_systems(self, batch: pa.RecordBatch, system: str | None) -> Iterator[tuple[str, pa.Array | None]]:
        """Yield each loaded system with the places of its rows; None where all rows are of one. Count the others."""
        import numpy as np
        import pyarrow as pa

        if system is not None:
            yield system, None
            return
        column = cells(batch.column(self.roles.system), self.roles.system or "", self.table.label)
        called = [canonical(text or "") for text in column.dictionary.to_pylist()]
        places = column.indices.fill_null(len(called)).to_numpy(zero_copy_only=False)
        names = np.array([*called, WHOLE], dtype=object)[places] if len(places) else np.array([], dtype=object)
        for name in dict.fromkeys([*called, WHOLE]):
            chosen = np.flatnonzero(names == name)
            if len(chosen) and name in self.opened:
                yield name, pa.array(chosen)
            elif len(chosen):
                self.not_loaded[name] += len(chosen)

    def _part(self, name: str) -> _Part:
        """Return the rows of a system so far. What is asked in vain is said before any row is read."""
        if name not in self.parts:
            system = self.opened[name]
            states = states_of(system, self.known, self.on)
            starts = span_starts(states.days)
            day = None if self.roles.day else int(day_asked(self.on, system, list(self.table.names)))
            days = Days(starts, day, (self.on if day is not None else None, self.known))
            self.parts[name] = _Part(
                system, days, system.release(self.release), Tally(starts, kinds_of(states, system.latest))
            )
        return self.parts[name]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Which days could not be read, as a sentence."""
        said = self.unread.sentence(self.roles.day, self.roles.day_form) if self.roles.day else None
        return (said,) if said else ()
