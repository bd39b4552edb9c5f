"""What replaced the codes that ended, as the loaded crosswalks record it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from .. import schema
from ..columns.states import States
from ..periods import OPEN
from ..query import CodeSystem
from ..query.compiled import CompiledSystem
from ..systems import SYSTEMS

if TYPE_CHECKING:
    import pyarrow as pa


class Replacement(NamedTuple):
    """A code that ended, one of the codes that replaced it, and the first day on which it did."""

    code: str
    replaced_by: str
    system: str
    """Of the code that replaced it: some codes of HCPCS were replaced by codes of CPT."""
    effective: datetime.date


def replacements_of(system: CodeSystem, states: States) -> list[Replacement]:
    """Return a row for each code whose last billable period ended and each of its successors, as `CodeSystem.history` has them."""
    found: list[Replacement] = []
    if not states.system.successions:
        return found
    for code in _ended(states):
        history = system.history(code)
        ends = [period.effective_to for period in history.periods if period.status.billable and period.effective_to]
        found.extend(
            Replacement(code, successor, _system_of(successor, states.system), ends[-1])
            for successor in (history.successors if ends else ())
        )
    return found


def _system_of(code: str, system: CompiledSystem) -> str:
    """Return the system that a successor is of: its predecessor's, or one that its codes are mapped to."""
    if system.codes.find(code) >= 0 or system.definition.official(code) == code:
        return system.name
    others = sorted({rows.target_system for rows in system.store.maps if rows.source_system == system.name})
    held = {name: one.definition for name, one in system.store.systems.items()}
    definitions = {**SYSTEMS, **held}
    fitting = (name for name in others if name in definitions and definitions[name].official(code) == code)
    return next(fitting, system.name)


def _ended(states: States) -> list[str]:
    """Return the codes that were billable and whose last period as such has an end."""
    import numpy as np

    spans = states.spans
    billable = np.flatnonzero(spans.state == schema.BILLABLE)
    owner, end = spans.owner[billable], spans.end[billable]
    is_last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
    return [states.system.codes.name(row) for row in owner[is_last & (end != OPEN)].tolist()]


def replacement_table(system: CodeSystem, states: States) -> pa.Table:
    """Return the rows of `replacements_of` as a table."""
    import pyarrow as pa

    rows = replacements_of(system, states)
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table(
        {
            "system": pa.array([system.name] * len(rows), pa.string()),
            "code": pa.array(columns[0], pa.string()),
            "replaced_by": pa.array(columns[1], pa.string()),
            "replaced_by_system": pa.array(columns[2], pa.string()),
            "valid_from": pa.array(columns[3], pa.date32()),
        }
    )
