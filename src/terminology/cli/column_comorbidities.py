"""What `columns comorbidities` reads, writes and prints: a row of claims for each code in, a row for each person out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..counts import counted
from ..query import Terminology
from .column_files import found_roles
from .drawing import measured_progress, print_table
from .printing import echo, echo_json
from .running import FINE
from .standard import STANDARD, standard_output

if TYPE_CHECKING:
    import pyarrow as pa

    from ..columns import Table


def judged(
    table: Table,
    output: Path,
    named: dict[str, str | None],
    options: dict[str, Any],
    opened: Terminology,
    *,
    as_json: bool,
) -> int:
    """Judge the persons of a table, write a row for each, and print how many have which comorbidity.

    Args:
        table: The table.
        output: Where the rows go.
        named: The columns, or the day: ``person``, ``code``, ``on``, ``poa``.
        options: Of `terminology.comorbidities`.
        opened: The store.
        as_json: Whether to print JSON.
    """
    import pyarrow as pa

    from ..columns.comorbidity import comorbidities
    from ..columns.files import write_stream, write_tables

    roles = found_roles(table, named["code"], named["on"], None, options.get("day_format"))
    columns: dict[str, Any] = {**named, "code": roles.codes[0]}
    wanted = [one for name, one in columns.items() if one is not None and (name != "on" or one in table.names)]
    read, batches = 0, []
    with measured_progress(counted=True) as step:
        for batch in table.batches(wanted):
            batches.append(batch)
            read += batch.num_rows
            step("columns", table.label, read, None)
    given = (
        pa.Table.from_batches(batches) if batches else pa.table({name: pa.array([], pa.string()) for name in wanted})
    )
    made = comorbidities(given, store=opened, **columns, **{**options, "day_format": roles.day_form})
    is_piped = output == STANDARD
    if is_piped:
        write_stream(standard_output(), [_flat(made)])
    else:
        write_tables(output, [made if output.suffix.lower() in (".parquet", ".arrow") else _flat(made)])
    _report(made, (read, str(output)), options["index"], as_json=as_json, is_piped=is_piped)
    return FINE


def _flat(made: pa.Table) -> pa.Table:
    """Return the table with its list of versions as a text, for CSV."""
    import pyarrow as pa

    texts = [", ".join(one or ()) for one in made.column("versions").to_pylist()]
    return made.set_column(made.column_names.index("versions"), "versions", pa.array(texts, pa.string()))


def _report(made: pa.Table, done: tuple[int, str], index: str, *, as_json: bool, is_piped: bool) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    read, written = done
    kinds = [field.name for field in made.schema if pa.types.is_boolean(field.type)]
    persons = {name: pc.sum(made.column(name)).as_py() or 0 for name in kinds}
    left = {name: pc.sum(made.column(name)).as_py() or 0 for name in ("uncovered", "unread")}
    versions = sorted({one for row in made.column("versions").to_pylist() for one in row or ()})
    if as_json:
        found = {"index": index, "versions": versions, "rows": read, "persons": made.num_rows, "counts": persons}
        echo_json({**found, **left, "written": written}, err=is_piped)
        return
    echo(f"{counted(made.num_rows, 'person')}, {counted(read, 'row')}; {index} {', '.join(versions)}", err=is_piped)
    if not is_piped:
        shown = sorted(((name, count) for name, count in persons.items() if count), key=lambda one: -one[1])
        print_table(["comorbidity", "persons"], [list(one) for one in shown])
    for name, why, way in (
        ("uncovered", "of days that no version covers", "; --version judges all days by one"),
        ("unread", "without a day, or with no code", ""),
    ):
        if left[name]:
            echo(f"{counted(left[name], 'row')} {why}: not judged{way}", err=is_piped)
    echo(f"written: {written}", err=is_piped)
