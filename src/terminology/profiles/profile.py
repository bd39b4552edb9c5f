"""What is in a column of codes, of one code system or of several, as a value, a table, and a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ..columns import Roles
from ..licences import licence_notice, may_show, outgoing
from .system_profile import STATES, Finding, SystemProfile

if TYPE_CHECKING:
    import pyarrow as pa


@frozen(eq=False)
class Profile:
    """What is in a column of codes, what is wrong with it, and what to do. Made by `terminology.profile`."""

    source: str
    """The file's name, or the kind of table."""
    column: str
    """Name of the column of codes."""
    rows: int
    """All rows of the table, empty ones too."""
    systems: tuple[SystemProfile, ...]
    """Those with the most rows first."""
    not_loaded: Mapping[str, int]
    """Rows of code systems that the store does not have, by what the column of systems calls them."""
    roles: Roles
    """What the columns of the table hold."""
    warnings: tuple[str, ...] = ()
    """What was noticed while the table was read, a sentence each."""
    licences: frozenset[str] = field(default=frozenset(), repr=False)
    """Short names of the systems whose licence is declared."""

    @property
    def statuses(self) -> dict[str, int]:
        """Rows of all systems by status."""
        found = {state: sum(one.statuses.get(state, 0) for one in self.systems) for state in STATES}
        return {state: rows for state, rows in found.items() if rows}

    @property
    def shown(self) -> Profile:
        """The profile as it may leave the process: without the texts of systems whose licence is not declared."""
        systems = (outgoing(one, one.definition, self.licences) for one in self.systems)
        return evolve(self, systems=tuple(systems))

    @property
    def withheld(self) -> tuple[SystemProfile, ...]:
        """The systems whose texts may not leave the process."""
        return tuple(one for one in self.systems if not may_show(one.definition, self.licences))

    @property
    def notices(self) -> tuple[str, ...]:
        """The notices of the publishers of licensed systems."""
        found = (licence_notice(one.definition, one.release) for one in self.systems)
        return tuple(filter(None, found))

    def table(self) -> pa.Table:
        """Return what needs an action as an Arrow table: a row for each text, system and status, most rows first.

        Columns: ``system``, ``text`` (the code in official form, or what is no code as it is written), ``status``, ``rows``,
        ``first_year``, ``last_year``, ``kind`` of damage, ``action``, ``instead`` (alternatives of codes that are used
        together), ``other_systems``, ``reason``, ``title``.

        >>> import pyarrow, terminology
        >>> claims = pyarrow.table({"dx": ["E11.9", "W21.89A", "W21.89A", "NULL"]})
        >>> found = terminology.profile(claims, system="icd10cm", store=store).table()
        >>> found.select(["text", "kind", "action", "instead"]).to_pylist()
        [{'text': 'W21.89A', 'kind': 'placeholder_missing', 'action': 'repair', 'instead': [['W21.89XA']]},
         {'text': 'NULL', 'kind': 'null_word', 'action': 'empty', 'instead': []}]
        """
        import pyarrow as pa

        pairs = [(one.name, finding) for one in self.systems for finding in one.findings]
        found = [
            {"system": name, **finding.to_dict(), **_years(finding)}
            for name, finding in sorted(pairs, key=lambda pair: -pair[1].rows)
        ]
        text = pa.string()
        schema = pa.schema(
            {
                "system": text,
                "text": text,
                "status": text,
                "rows": pa.int64(),
                "first_year": pa.int32(),
                "last_year": pa.int32(),
                "kind": text,
                "action": text,
                "instead": pa.list_(pa.list_(text)),
                "other_systems": pa.list_(text),
                "reason": text,
                "title": text,
            }
        )
        return pa.Table.from_pylist(found, schema)

    def to_html(self) -> str:
        """Return the profile as one self-contained HTML document, to be read, kept and sent.

        Titles of a licensed system are left out unless the store was opened with its licence.

        >>> import pyarrow, terminology
        >>> claims = pyarrow.table({"dx": ["E11.9", "W21.89A", "NULL"]})
        >>> "W21.89XA" in terminology.profile(claims, system="icd10cm", store=store).to_html()
        True
        """
        from .page import profile_page

        shown = self.shown
        return profile_page(
            shown.systems,
            column=f"{self.source}, column {self.column}",
            rows=self.rows,
            statuses=self.statuses,
            not_loaded=self.not_loaded,
            roles=self.roles.sentence,
            warnings=self.warnings,
            notices=self.notices,
            withheld=[one.definition.title for one in self.withheld],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as plain values: the shape of ``terminology columns profile --json``."""
        return {
            "source": self.source,
            "column": self.column,
            "rows": self.rows,
            "statuses": self.statuses,
            "systems": [one.to_dict() for one in self.systems],
            "not_loaded": dict(self.not_loaded),
            "columns": self.roles.to_dict(),
            "warnings": list(self.warnings),
        }


def _years(finding: Finding) -> dict[str, int | None]:
    first, last = finding.years or (None, None)
    return {"first_year": first, "last_year": last}
