"""The letter groups above the codes: HCPCS publishes none, these are derived from the first letter."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final

from terminology import schema

from .rows import MODIFIERS

if TYPE_CHECKING:
    import pyarrow as pa

TITLES: Final = {
    MODIFIERS: "Modifiers: two characters that qualify a code",
    "A": "A codes: ambulance and other transport, medical and surgical supplies, imaging agents",
    "B": "B codes: enteral and parenteral nutrition",
    "C": "C codes: hospital outpatient payment, passed-through drugs, devices and procedures",
    "D": "D codes: dental procedures",
    "E": "E codes: durable medical equipment",
    "G": "G codes: procedures, professional services and quality measures",
    "H": "H codes: behavioral health and substance use treatment",
    "J": "J codes: drugs administered other than by mouth, chemotherapy drugs",
    "K": "K codes: durable medical equipment, assigned for the Medicare contractors",
    "L": "L codes: orthotic and prosthetic devices and procedures",
    "M": "M codes: medical services and quality measures",
    "P": "P codes: pathology and laboratory services",
    "Q": "Q codes: drugs, supplies and services, assigned temporarily",
    "R": "R codes: diagnostic radiology, transport of equipment",
    "S": "S codes: services and supplies as private payers use them",
    "T": "T codes: services as state Medicaid agencies use them",
    "U": "U codes: laboratory tests for the coronavirus",
    "V": "V codes: vision, hearing and speech-language services",
}


def with_groups(rows: pa.Table) -> pa.Table:
    """Return the rows with a node before the members of each group; members keep their order.

    A node is in force since the first of its members was added.
    """
    import pyarrow as pa

    members: dict[str, list[int]] = {}
    for index, parent in enumerate(rows.column("parent").to_pylist()):
        members.setdefault(parent, []).append(index)
    added = rows.column("effective_from").to_pylist()
    since = {code: min(added[index] for index in indices) for code, indices in members.items()}
    nodes = pa.Table.from_pylist([_node(code, since[code]) for code in members], schema=rows.schema)
    order: list[int] = []
    for position, indices in enumerate(members.values()):
        order += [rows.num_rows + position, *indices]
    return pa.concat_tables([rows, nodes]).take(pa.array(order, pa.int64())).combine_chunks()


def _node(code: str, since: datetime.date) -> dict[str, Any]:
    node: dict[str, Any] = dict.fromkeys(schema.concepts().names)
    own = {
        "code": code,
        "title": TITLES.get(code, f"{code} codes"),
        "kind": "group",
        "billable": False,
        "derived": True,
        "effective_from": since,
    }
    return node | own
