"""Columns of codes in Spark: the functions of `terminology` for Spark's DataFrames, and functions for its SQL.

Rows go to Python in Arrow batches (``mapInArrow``), and the store stays where it is: a task carries its path and a digest
of what is published in it. It is the extra ``terminology-server[spark]``; the workers need the package as well.
"""

from .frames import BATCH_ROWS, display, members, migrate, property_of, subsumes, translate, validate
from .shared import SharedStore, ship
from .sql import register

__all__ = [
    "BATCH_ROWS",
    "SharedStore",
    "display",
    "members",
    "migrate",
    "property_of",
    "register",
    "ship",
    "subsumes",
    "translate",
    "validate",
]
