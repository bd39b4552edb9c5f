"""The functions in Spark SQL: ``select terminology_status('icd10cm', dx, day) from claims``."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from ..codelists import CodeList
from ..errors import TerminologyError
from ..extras import require
from ..functions import SIGNATURES, Functions
from .shared import Given, SharedStore

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PREFIX: Final = "terminology_"
TYPES: Final = {"text": "string", "boolean": "boolean", "alternatives": "array<array<string>>"}
"""Spark's types, by what functions return."""


def register(
    spark: SparkSession,
    store: Given = None,
    *,
    prefix: str = PREFIX,
    codelists: Mapping[str, CodeList | str | os.PathLike[str]] | None = None,
) -> tuple[str, ...]:
    """Return the names of the functions, after they were added to a Spark session.

    They are those of `terminology.duckdb.register`, with the same arguments, and take Arrow batches.

    Args:
        spark: The session.
        store: What `ship` returned, an open store, or its folder; by default that of `terminology.open`.
        prefix: What all names begin with.
        codelists: Code lists, or the paths of such, by the names that ``terminology_member`` knows them by. The driver
            reads them, and they go with the tasks.

    Raises:
        MissingExtraError: PySpark is not installed.
        TerminologyError: It is older than 4.1, which brought functions over Arrow arrays.

    >>> register(spark, "/data/codes")[0]  # doctest: +SKIP
    'terminology_status'
    """
    require("spark", "terminology.spark")
    from pyspark.sql import functions

    if not hasattr(functions, "arrow_udf"):
        raise TerminologyError("SQL functions need PySpark 4.1 or later; DataFrames are answered with this one")
    shared = SharedStore.of(store)
    lists = {
        name: given if isinstance(given, CodeList) else CodeList.read(given)
        for name, given in (codelists or {}).items()
    }
    digest = hashlib.sha256(repr(sorted((name, found.text) for name, found in lists.items())).encode()).hexdigest()
    names = []
    for name, signature in SIGNATURES.items():
        # only one of them needs the lists
        given = (lists, digest) if lists and name == "member" else ({}, "")
        function = Function(shared, name, f"{prefix}{name}", *given)
        with warnings.catch_warnings():
            # it asks for type hints, which it would read by importing pyarrow where a function is only named
            warnings.filterwarnings("ignore", "It is preferred to specify type hints", UserWarning)
            made = functions.arrow_udf(function, TYPES[signature.kind], functions.ArrowUDFType.SCALAR)
        spark.udf.register(function.called, made)
        names.append(function.called)
    return tuple(names)


@frozen
class Function:
    """One function as tasks know it. It is pickled as its name, and where the store is."""

    store: SharedStore
    name: str
    called: str
    codelists: Mapping[str, CodeList] = field(factory=dict)
    lists: str = ""
    """A digest of the code lists."""

    def __call__(self, *columns: Any) -> Any:
        """Return what the function says of a batch of rows."""
        SIGNATURES[self.name].check(self.called, len(columns))
        key = (self.store, self.lists)
        made = _FUNCTIONS.get(key)
        if made is None:
            made = _FUNCTIONS[key] = Functions(self.store.opened(), self.codelists)
        return getattr(made, self.name)(*columns)


_FUNCTIONS: Final[dict[tuple[SharedStore, str], Functions]] = {}
"""Of the stores of this process."""
