"""What is said of each code of a column on its day: title, chapter, section, parent, properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import TerminologyError
from ..model import Concept
from ..query import CodeSystem, Edition, Terminology, engine_of, opened_store
from .answers import PlacedRows, placed_rows
from .day_reading import DayReading
from .days import DayForm
from .frames import Frame, answered, with_columns
from .grouped import grouped_columns, grouped_names, has_property
from .placing import NO_DAY
from .states import States, sample_edition

if TYPE_CHECKING:
    import pyarrow as pa

LEVELS: Final = frozenset({"chapter", "section", "category"})
"""Kinds of what is above a code, itself among them, that may be asked for."""
FIELDS: Final = ("title", "short_title", "kind", "parent", "effective_from", "effective_to")
"""Fields of a concept that may be asked for."""
Kinds = dict[tuple[int, str], str]
"""Kinds of codes by the number of a stretch of days."""


def annotate(
    table: Frame,
    *,
    system: str,
    code: str = "dx",
    on: Any = None,
    columns: Sequence[str] = ("title", "chapter"),
    day_format: str | DayForm | None = None,
    store: Terminology | str | None = None,
) -> pa.Table | pa.RecordBatchReader:
    """Return a table with what is said of each code on its day; null of codes that are not in force then.

    Args:
        table: Of any library that speaks Arrow.
        system: The code system, by any name.
        code: The column of codes.
        on: A column of days, one day, a release, or None for the newest release.
        columns: What to add, each as a column ``dx_title`` and so on: ``title``, ``short_title``, ``kind``, ``parent``,
            ``effective_from``, ``effective_to``; the code of the ``chapter``, ``section`` or ``category`` that the code is
            in; or a property of the system, by its name: as text, or as JSON where it is more than a text or number.
            Of groupings (`grouped`): a property that a list gives (``poa_exempt``, ``cc_level``, ``mce_newborn``), or the
            name of a grouping (``ccsr_dx``), which is a column of lists of categories; null on days of no version.
        day_format: How the column of days is written, like ``%m/%d/%Y``; None to find it by what its days show.
        store: An open store or its folder; by default that of `terminology.open`.

    Raises:
        TerminologyError: A column is missing, or is there already; there is no such code system, release or property.

    >>> import pyarrow
    >>> claims = pyarrow.table({"dx": ["M54.5", "?"]})
    >>> annotate(claims, system="icd10cm", on="2021-03-01", columns=["title", "chapter"], store=store).to_pylist()
    [{'dx': 'M54.5', 'dx_title': 'Low back pain', 'dx_chapter': '13'}, {'dx': '?', 'dx_title': None, 'dx_chapter': None}]
    """
    opened = opened_store(store)
    code_system = opened[system]
    names = list(dict.fromkeys(columns))
    days = DayReading(on, day_format)
    given = grouped_names(opened, code_system, names)
    own = [name for name in names if name not in given]
    _require_properties(opened, code_system, [name for name in own if name not in FIELDS and name not in LEVELS])

    def answer(rows: pa.Table) -> pa.Table:
        read = days.of(rows)
        if not names:
            return with_columns(rows, {})
        found = placed_rows(read, code_system, code, on)
        made = annotations_of(found, code_system, own) | grouped_columns(found, opened, given)
        return with_columns(rows, {f"{code}_{name}": made[name] for name in names})

    return answered(table, answer)


def open_names(system: CodeSystem) -> frozenset[str]:
    """Return what may be shown of the codes of a system without its licence: what a column holds no text of."""
    return frozenset({*FIELDS, *LEVELS, *system.definition.open_properties}) - {"title", "short_title"}


def _require_properties(store: Terminology, system: CodeSystem, names: Sequence[str]) -> None:
    """Raise TerminologyError for a name that is a property of no code: mistyped, it would be a column of nulls."""
    import json

    if not names:
        return
    texts = engine_of(system.latest).system.property_column()
    for name in names:
        if not has_property(system, name):
            known = sorted({key for text in texts.to_pylist() if text for key in json.loads(text)})
            held = f"its properties: {', '.join(known)}" if known else "it has no properties"
            fields = ", ".join((*FIELDS, *sorted(LEVELS)))
            grouped = [one for one in store.groupings if system.name in store.grouping(one).code_systems]
            also = f"; groupings: {', '.join(grouped)}" if grouped else ""
            raise TerminologyError(
                f"{system.definition.title} has no {name!r} to annotate codes with (there are {fields}; {held}{also})"
            )


def annotations_of(rows: PlacedRows, system: CodeSystem, names: Sequence[str]) -> dict[str, Any]:
    """Return the columns by their names: each code is looked up once for each stretch of days."""
    import numpy as np
    import pyarrow as pa

    if not names:
        return {}
    states, found = rows.states, rows.found
    width = states.status.shape[1] + 1
    keys, numbers = np.unique(found.rows.astype(np.int64) * width + found.stretches + 1, return_inverse=True)
    kinds: Kinds = {}
    asked = [CodeOnDay(states, system, int(key) // width, int(key) % width - 1, kinds) for key in keys]
    made = {}
    for name in names:
        values = [one.value(name) for one in asked]
        made[name] = column_of_values(values, name).take(pa.array(numbers))
    return made


def column_of_values(values: list[Any], name: str) -> pa.Array:
    """Return what is said of rows under a name as a column: days, or texts; JSON of what is more than a text or number."""
    import json

    import pyarrow as pa

    if name in ("effective_from", "effective_to"):
        return pa.array(values, pa.date32())
    texts = [
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values
    ]
    return pa.array(texts, pa.string())


class CodeOnDay:
    """One code in one stretch of days."""

    def __init__(self, states: States, system: CodeSystem, row: int, stretch: int, kinds: Kinds | None = None) -> None:
        self.edition: Edition | None = None
        self.concept: Concept | None = None
        self.stretch, self.kinds = stretch, {} if kinds is None else kinds
        if stretch != NO_DAY and row < states.unknown_row:
            self.edition = sample_edition(states, system, stretch)
            found = self.edition.lookup(states.system.codes.name(row))
            self.concept = found if found is not None and found.valid else None

    def value(self, name: str) -> Any:
        """Return what is said of the code under a name; None where it is not in force, or nothing is said."""
        if self.concept is None or self.edition is None:
            return None
        if name in FIELDS:
            return getattr(self.concept, name)
        if name in LEVELS:
            return next((code for code, kind in self._above() if kind == name), None)
        return self.concept.properties.get(name)

    def _above(self) -> Iterator[tuple[str, str]]:
        """Yield the code and what is above it, nearest first, with their kinds."""
        assert self.concept is not None  # noqa: S101 -- for the type checker
        assert self.edition is not None  # noqa: S101 -- the same
        yield self.concept.code, self.concept.kind
        for above in self.edition.ancestors(self.concept.code):
            # most codes have the same few above them
            kind = self.kinds.get((self.stretch, above))
            if kind is None:
                kind = self.kinds[self.stretch, above] = self.edition.node(above).kind
            yield above, kind
