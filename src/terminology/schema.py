"""The Arrow schemas of the store: the only place that names a stored column.

pyarrow is imported inside the functions, because point questions must not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

UNCOUNTED_KINDS: Final = frozenset({"chapter", "section", "block", "group", "prefix", "body system"})
"""Kinds of node that are not rows of the publisher's list of codes."""

BILLABLE: Final = 1
HEADER: Final = 0
UNCOVERED: Final = 2
"""State of a period for which no release says whether the code was still in force."""
NODE: Final = 4
"""State of what stands in the tree and is no code: a prefix of ICD-10-PCS."""
NODE_KINDS: Final = frozenset({"prefix"})
"""Kinds with that state."""
EXPIRED: Final = 3
"""State of a period after a code's life that carries what the newest release says of the ended code."""


SOURCE_COLUMN: Final = "source"
"""Optional column (int32) of a ``concepts`` table: which of the release's sources ``line`` counts in; 0 without it."""
DAY_COLUMNS: Final = ("effective_from", "effective_to", "changed", "reactivated")
"""The columns by which rows of a dated system carry their own days."""


def concepts() -> pa.Schema:
    """Return the columns that the ``concepts`` table of every release begins with.

    Further columns are properties of the code system; their names are theirs. Rows stand in document order,
    a parent before its children. In dated systems a row carries its own days: ``effective_from``,
    ``effective_to`` (half open, null while open), ``changed`` (first day of the values in this row) and
    ``reactivated`` (first day of a further life); snapshot systems leave the four null.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("code", pa.string(), nullable=False),
            pa.field("title", pa.string(), nullable=False),
            pa.field("short_title", pa.string()),
            pa.field("billable", pa.bool_(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("parent", pa.string()),
            pa.field("derived", pa.bool_(), nullable=False),
            pa.field("line", pa.int32()),
            pa.field("effective_from", pa.date32()),
            pa.field("effective_to", pa.date32()),
            pa.field("changed", pa.date32()),
            pa.field("reactivated", pa.date32()),
        ]
    )


def notes() -> pa.Schema:
    """Return the columns of the ``notes`` table: one row a note, in document order."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("code", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("targets", pa.list_(pa.string()), nullable=False),
            pa.field("line", pa.int32()),
        ]
    )


def days() -> pa.Schema:
    """Return the columns of the ``days`` table: evidence of a code's true first or last day.

    A loader that reads a publication which dates codes more exactly than the release they first appear in
    (a conversion table: ``U07.1`` on 2020-04-01) puts this table beside ``concepts``; the day overrides the
    release. Null means that the publication says nothing.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("code", pa.string(), nullable=False),
            pa.field("effective_from", pa.date32()),
            pa.field("effective_to", pa.date32()),
        ]
    )


def mappings() -> pa.Schema:
    """Return the columns that the ``mappings`` table of every crosswalk consists of: one row an alternative.

    ``source_code`` with ``with_codes`` (used together; empty where the code stands alone) maps to
    ``target_codes`` (used together). Null targets: the publisher says that there is nothing to map to. Null
    source: the publisher says that the targets have no predecessor. Codes are in official form.

    In a succession (both systems are the same) ``effective`` is the first day of the change and ``change`` where
    the row stands in the publication: ``new`` at the new code, ``deleted`` at the deleted one. Publications that
    list changes without saying what replaced a code use ``begun``, ``ended``, ``revised`` (its title),
    ``to_header`` and ``to_billable``; such a row has the code as source, as target, or as both. A translation
    between systems leaves both null. ``relationship`` is of FHIR R5. ``detail`` is a JSON object of what the
    publication says besides. ``source`` is the row's file by its place among the sources of the crosswalk.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("source_code", pa.string()),
            pa.field("with_codes", pa.list_(pa.string()), nullable=False),
            pa.field("target_codes", pa.list_(pa.string())),
            pa.field("effective", pa.date32()),
            pa.field("change", pa.string()),
            pa.field("relationship", pa.string(), nullable=False),
            pa.field("approximate", pa.bool_()),
            pa.field("detail", pa.string()),
            pa.field("line", pa.int32()),
            pa.field("source", pa.int32(), nullable=False),
        ]
    )


MEMBERS: Final = "members"
"""A table that every release of a grouping has beside its concepts."""
MEMBER: Final = "member"
STATE: Final = "state"
EDIT: Final = "edit"
BEGINNING: Final = "beginning"
"""Role of a member that stands for all codes that begin with it."""


def members() -> pa.Schema:
    """Return the columns of the ``members`` table of a grouping: which codes are in which of its categories.

    ``matter`` is ``member`` for a code of a category, with its ``role`` (``default``, ``second`` …) where the publisher
    gives one; the role ``beginning`` says that the category has all codes that begin with it; ``state`` for what is said of a code that is no category ("not acceptable as principal diagnosis"), then
    ``category`` is null and ``role`` names the state; ``edit`` for a category that a code has only under the conditions in
    ``detail`` (age, sex), null where it then has none. ``detail`` is a JSON object of what the publication says besides.
    Codes are in official form. ``source`` is the row's file by its place among the sources of the release.
    """
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("system", pa.string(), nullable=False),
            pa.field("code", pa.string(), nullable=False),
            pa.field("category", pa.string()),
            pa.field("matter", pa.string(), nullable=False),
            pa.field("role", pa.string()),
            pa.field("detail", pa.string()),
            pa.field("line", pa.int32()),
            pa.field("source", pa.int32(), nullable=False),
        ]
    )


SUCCESSIONS: Final = frozenset({"new", "deleted"})
"""Values of ``change`` in rows that say what replaced a code, or what it replaced."""
CHANGES: Final = SUCCESSIONS | {"begun", "ended", "revised", "to_header", "to_billable"}
"""All values of the column ``change``."""
MENTIONS: Final = "mentions"
"""A table that a crosswalk can have beside its mappings."""
MENTIONED: Final = "mentioned"
"""Value of ``change`` that compiling gives to rows of the table ``mentions``.

It has the columns of ``mappings`` and is beside it where a publication says something of a code that leads to no code: a
range, prose, a block, a code that it calls unrelated. Its ``detail`` has ``meaning``, how the code is mentioned ("names a
range of codes, which is not written out"), and ``said``, the publisher's words. No way leads along it; reasons quote it.
"""
RELATIONSHIPS: Final = frozenset(
    {
        *("equivalent", "related-to", "not-related-to"),
        *("source-is-narrower-than-target", "source-is-broader-than-target"),
    }
)
"""Concept map relationships of FHIR R5."""


def property_names(columns: list[str]) -> list[str]:
    """Return those of the columns of a ``concepts`` table that are properties of the code system."""
    standard = {*concepts().names, SOURCE_COLUMN}
    return [name for name in columns if name not in standard]
