"""The functions of `terminology` for Spark's DataFrames: their names, options and columns are the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..codelists import CodeList
from ..columns.frames import plain
from ..extras import require
from .answers import Answer, described, in_list, migrated, related, translated, validated
from .shared import Given, SharedStore

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from ..columns.translations import Policy

BATCH_ROWS: Final = 262_144
"""What ``spark.sql.execution.arrow.maxRecordsPerBatch`` should be: Spark's own 10,000 rows cost more calls than answers."""


def validate(
    frame: DataFrame,
    *,
    system: str,
    code: str = "dx",
    on: Any = None,
    known: Any = None,
    store: Given = None,
    columns: Sequence[str] = (),
) -> DataFrame:
    """Return a DataFrame with columns that say what each code is on its day, as `terminology.validate`.

    Titles of systems whose licence is not declared are null.

    Args:
        frame: A DataFrame of Spark.
        system: The code system, or the column that names it for each row, by any name, URI or OID.
        code: The column of codes.
        on: A column of days, one day, a release, or None for the newest release.
        known: A version or a day: only releases up to it count. By default all.
        store: What `ship` returned, an open store, or its folder; by default that of `terminology.open`.
        columns: Of ``reason``, ``suggestion``, ``title`` and ``other_systems``, those to add.

    Raises:
        TerminologyError: As of `terminology.validate`, before any task begins; PySpark is not installed.

    >>> answered = validate(claims, system="icd10cm", on="day", store="/data/codes")  # doctest: +SKIP
    """
    options = {"system": system, "code": code, "on": on, "known": known, "columns": tuple(columns)}
    return _mapped(frame, store, validated, options)


def property_of(
    frame: DataFrame,
    columns: str | Sequence[str],
    *,
    system: str,
    code: str = "dx",
    on: Any = None,
    store: Given = None,
) -> DataFrame:
    """Return a DataFrame with what is said of each code on its day, as `terminology.annotate`; null where it is withheld.

    Args:
        frame: A DataFrame of Spark.
        columns: What to add, one name or several: ``title``, ``parent``, ``chapter`` …, or a property of the system.
        system: The code system, or the column that names it for each row.
        code: The column of codes.
        on: A column of days, one day, or None for the newest release; a release too, where there is one system.
        store: What `ship` returned, an open store, or its folder; by default that of `terminology.open`.

    Raises:
        TerminologyError: As of `terminology.annotate`, before any task begins; PySpark is not installed.
    """
    names = (columns,) if isinstance(columns, str) else tuple(dict.fromkeys(columns))
    return _mapped(frame, store, described, {"system": system, "code": code, "on": on, "columns": names})


def display(frame: DataFrame, *, system: str, code: str = "dx", on: Any = None, store: Given = None) -> DataFrame:
    """Return a DataFrame with the title of each code on its day, as a column ``dx_title``: `property_of` of ``title``."""
    return property_of(frame, "title", system=system, code=code, on=on, store=store)


def subsumes(
    frame: DataFrame, *, system: str, code: str = "dx", other: str, on: Any = None, store: Given = None
) -> DataFrame:
    """Return a DataFrame with how the codes of two columns relate on their day, as a column ``dx_subsumption``.

    It is ``equivalent``, ``subsumes`` (``code`` is above ``other``), ``subsumed-by`` or ``not-subsumed``; null where one
    is not in force.

    Args:
        frame: A DataFrame of Spark.
        system: The code system, or the column that names it for each row.
        code: The column of codes.
        other: The column of the codes to compare with.
        on: A column of days, one day, or None for the newest release; where there is one system also a release,
            which means its first day.
        store: What `ship` returned, an open store, or its folder; by default that of `terminology.open`.

    Raises:
        TerminologyError: A column is missing, or is there already; there is no such code system; PySpark is not installed.
    """
    options = {"system": system, "code": code, "other": other, "on": on}
    return _mapped(frame, store, related, options)


def members(
    frame: DataFrame,
    codelist: CodeList | str | os.PathLike[str],
    *,
    code: str = "dx",
    on: Any = None,
    store: Given = None,
) -> DataFrame:
    """Return a DataFrame with whether each row is in a code list on its day, as `terminology.members`.

    The list is read by the driver, and goes with the tasks.

    Raises:
        TerminologyError: As of `terminology.members`, before any task begins; PySpark is not installed.
    """
    found = codelist if isinstance(codelist, CodeList) else CodeList.read(codelist)
    return _mapped(frame, store, in_list, {"codelist": found, "code": code, "on": on})


def migrate(
    frame: DataFrame,
    *,
    system: str,
    code: str = "dx",
    origin: Any,
    target: Any = "latest",
    policy: Policy = "all",
    explode: bool = False,
    billable: bool = False,
    store: Given = None,
) -> DataFrame:
    """Return a DataFrame with what each code becomes in a release of its system, as `terminology.migrate`.

    Raises:
        TerminologyError: As of `terminology.migrate`, before any task begins; PySpark is not installed.
    """
    options = {"system": system, "code": code, "origin": origin, "target": target}
    return _mapped(frame, store, migrated, {**options, "policy": policy, "explode": explode, "billable": billable})


def translate(
    frame: DataFrame,
    *,
    source: str,
    target: str,
    code: str = "dx",
    on: Any = None,
    policy: Policy = "all",
    explode: bool = False,
    billable: bool = False,
    crosswalk: str | Sequence[str] | None = None,
    store: Given = None,
) -> DataFrame:
    """Return a DataFrame with what each code is in another code system, as `terminology.translate`.

    Raises:
        TerminologyError: As of `terminology.translate`, before any task begins; PySpark is not installed.
    """
    options = {"source": source, "target": target, "code": code, "on": on, "crosswalk": crosswalk}
    return _mapped(frame, store, translated, {**options, "policy": policy, "explode": explode, "billable": billable})


# ---- batches


@frozen
class Work:
    """What a task does. It is pickled as the name of a function, its options, and where the store is."""

    store: SharedStore
    answer: Answer
    options: Mapping[str, Any]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the batches with their answers."""
        import pyarrow as pa

        opened = self.store.opened()
        for batch in batches:
            answered = self.answer(pa.Table.from_batches([batch]), store=opened, **self.options)
            yield from plain(answered).to_batches()


def _mapped(frame: DataFrame, store: Given, answer: Answer, options: Mapping[str, Any]) -> DataFrame:
    work = Work(SharedStore.of(store), answer, options)
    return frame.mapInArrow(work, _schema(frame, work))


def _schema(frame: DataFrame, work: Work) -> StructType:
    """Return the schema of the answer, by asking for no rows: so errors come before any task begins."""
    require("spark", "terminology.spark")
    from pyspark.sql.pandas.types import from_arrow_type, to_arrow_schema
    from pyspark.sql.types import StructField, StructType

    empty = to_arrow_schema(frame.schema).empty_table()
    answered = plain(work.answer(empty, store=work.store.opened(), **work.options)).schema
    added = [answered.field(place) for place in range(len(frame.schema.fields), len(answered))]
    return StructType(
        [*frame.schema.fields, *(StructField(field.name, from_arrow_type(field.type)) for field in added)]
    )
