"""Which texts may leave the process: code sets under licence, and the licences that the operator declares.

Inside a Python process answers always carry their texts, with the publisher's notice in ``release.licence``.
A face that sends answers away (server, export, JSON for others) passes them through `outgoing` first, which
leaves codes, statuses and days as they are and blanks the texts of a licensed system whose licence nobody declared.

An operator declares licences with ``TERMINOLOGY_LICENCES=cpt,icd10`` or ``terminology.open(licences=("cpt",))``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from attrs import evolve

from .model import Concept, Release
from .systems import SystemDefinition, named, plain_name

if TYPE_CHECKING:
    import pyarrow as pa

VARIABLE: Final = "TERMINOLOGY_LICENCES"
WITHHELD: Final = "text_withheld"
TEXTS: Final = frozenset({"title", "short_title", "text", "display", "definition", "designation"})
"""Keys of JSON objects whose values are the publisher's words."""
FACTS: Final = frozenset(
    {
        *("code", "status", "billable", "kind", "parent", "derived", "line", "effective_from", "effective_to"),
        *("changed", "reactivated", "day", "change", "targets", WITHHELD),
    }
)
"""Columns of tables that hold no text of the publisher's."""

Answer = TypeVar("Answer", bound="Concept | Mapping[str, Any] | pa.Table")


def declared_licences(given: Iterable[str] | None = None) -> frozenset[str]:
    """Return the short names of the systems whose licence is declared; none where nobody declares any.

    Args:
        given: Names, URIs, OIDs or aliases of systems; by default those in ``$TERMINOLOGY_LICENCES``.

    >>> sorted(declared_licences(["CPT", "http://hl7.org/fhir/sid/icd-10"]))
    ['cpt', 'icd10']
    """
    if given is None:
        given = os.environ.get(VARIABLE, "").split(",")
    words = [word for word in map(plain_name, given) if word]
    return frozenset(found.name if (found := named(word)) else word for word in words)


def may_show(definition: SystemDefinition, declared: Iterable[str]) -> bool:
    """Return whether texts of the system may leave the process.

    >>> from terminology.systems import SYSTEMS
    >>> may_show(SYSTEMS["icd10cm"], ()), may_show(SYSTEMS["cpt"], ()), may_show(SYSTEMS["cpt"], ("cpt",))
    (True, False, True)
    """
    return not definition.licensed or definition.name in frozenset(declared)


def licence_notice(definition: SystemDefinition, release: Release | None) -> str | None:
    """Return the notice to be shown with answers of a licensed system, as one line; None for the others.

    The publisher's own words where its files carry them; the whole of them is in ``release.licence``.
    """
    if not definition.licensed:
        return None
    words = next((line.strip() for line in (release.licence or "").splitlines() if line.strip()), "") if release else ""
    return words or f"{definition.title} is licensed by its publisher: its texts are for holders of a licence only"


def outgoing(answer: Answer, definition: SystemDefinition, declared: Iterable[str]) -> Answer:
    """Return the answer as it may leave the process: whole, or with blank texts and marked ``text_withheld``.

    Args:
        answer: A concept, a JSON object in the shape of any answer, or a table of an edition.
        definition: Of the system that the answer is of.
        declared: Short names of the systems whose licence is declared.
    """
    if may_show(definition, declared):
        return answer
    if isinstance(answer, Concept):
        facts = _facts(answer.properties, definition)
        return evolve(answer, title="", short_title=None, properties={**facts, WITHHELD: True})
    if isinstance(answer, Mapping):
        return cast("Answer", {**_blanked(answer, definition), WITHHELD: True})
    return cast("Answer", _blanked_table(answer, definition))


def _facts(properties: Mapping[str, Any], definition: SystemDefinition) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name in definition.open_properties}


def _blanked(values: Mapping[str, Any], definition: SystemDefinition) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name == "properties" and isinstance(value, Mapping):
            made[name] = _facts(value, definition)
        elif name in TEXTS:
            made[name] = "" if name == "title" and value is not None else None
        elif isinstance(value, Mapping):
            made[name] = _blanked(value, definition)
        elif isinstance(value, list | tuple):
            made[name] = [_blanked(item, definition) if isinstance(item, Mapping) else item for item in value]
        else:
            made[name] = value
    return made


def _blanked_table(table: pa.Table, definition: SystemDefinition) -> pa.Table:
    """Return the table with nulls (empty titles) for texts, and a column that says so."""
    import pyarrow as pa

    open_columns = FACTS | frozenset(definition.open_properties)
    for position, field in enumerate(table.schema):
        if field.name in open_columns:
            continue
        blank = pa.nulls(table.num_rows, field.type) if field.nullable else pa.array([""] * table.num_rows, field.type)
        table = table.set_column(position, field, blank)
    return table.append_column(WITHHELD, pa.array([True] * table.num_rows, pa.bool_()))
