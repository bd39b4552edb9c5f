"""A dbt project with the codes of a store as seeds, dated, tested, and with the macro that joins them to rows with days."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..columns.files import write_tables
from ..errors import TerminologyError
from ..licences import may_show
from ..query import CodeSystem, Terminology, opened_store
from .chosen import Names, chosen_systems
from .crosswalk_rows import crosswalk_table, directions_of
from .folders import Exported, written_folder
from .generated import (
    COVERAGE,
    PROJECT,
    REPLACEMENTS,
    Seed,
    codes_seed,
    crosswalk_seed,
    macros,
    properties,
)
from .in_force import has_dot, in_force_table, is_upper
from .replacements import replacement_table
from .runs import states_known
from .time_axis import Store, coverage_of

if TYPE_CHECKING:
    import pyarrow as pa

KIND: Final = "dbt"
Progress = Callable[[str], None]
"""Called with the name of each table before it is made."""


def dbt_project(
    store: Store,
    folder: str | os.PathLike[str],
    system: Names = None,
    *,
    progress: Progress = lambda _name: None,
) -> Exported:
    """Write a dbt project of the codes of a store, and return what was written: the folder and the rows of each seed.

    An earlier export in the folder is replaced in one step; files that others put beside it are kept.

    Args:
        store: An open store or its folder; None for that of `terminology.open`.
        folder: Where the project is written.
        system: A code system or several, by any of their names; None for all. Crosswalks from one of them to another come
            with them; by default all crosswalks between systems.
        progress: Called with the name of each seed before it is made.

    Raises:
        UnknownSystemError: The store has no such system.
        TerminologyError: The folder holds anything but an earlier export; two tables would have one name.
        OSError: It cannot be written to.

    >>> import tempfile, terminology
    >>> with tempfile.TemporaryDirectory() as temporary:
    ...     written = terminology.exports.dbt_project(store, f"{temporary}/codes", "icd10cm")
    >>> written.rows["seeds/terminology_icd10cm.csv"]
    109
    """
    opened = opened_store(store)
    systems = chosen_systems(opened, system)
    about = {"systems": [one.name for one in systems], "generation": opened.generation}
    with written_folder(Path(folder), KIND, about) as made:
        _copy_fixed_files(made)
        (made / "seeds").mkdir()
        seeds: list[Seed] = []
        rows: dict[str, int] = {}
        for seed, table in _seeds(opened, systems, None if system is None else about["systems"], progress):
            if any(seed.name == other.name for other in seeds):
                raise TerminologyError(f"two seeds would be called {seed.name}: leave one out, with --system")
            seeds.append(seed)
            name = f"seeds/{seed.name}.csv"
            rows[name] = write_tables(made / name, [_quotations_first(table)])
        forms = {one.name: {"has_dot": has_dot(one), "any_case": is_upper(one)} for one in systems}
        for name, text in {
            "dbt_project.yml": PROJECT,
            "seeds/properties.yml": properties(seeds),
            "macros/terminology_systems.sql": macros(forms, seeds),
        }.items():
            (made / name).write_text(text, encoding="utf-8")
    return Exported(
        Path(folder), rows, tuple(one.name for one in systems if not may_show(one.definition, opened.licences))
    )


def _seeds(
    opened: Terminology, systems: tuple[CodeSystem, ...], named: Any, progress: Progress
) -> Iterator[tuple[Seed, pa.Table]]:
    """Yield each seed with its rows. Of a system at a time there is more in memory than its replacements and coverage."""
    import pyarrow as pa

    covered, replaced = [], []
    for one in systems:
        shows = may_show(one.definition, opened.licences)
        seed = codes_seed(one.name, one.definition.title, is_withheld=not shows)
        progress(seed.name)
        states = states_known(one, None)
        covered.append(coverage_of(one, states))
        replaced.append(replacement_table(one, states))
        yield seed, in_force_table(one, states, shows_titles=shows)
    names = [column.name for column in COVERAGE.columns]
    yield COVERAGE, pa.concat_tables(covered).rename_columns(names)
    yield REPLACEMENTS, pa.concat_tables(replaced)
    for direction in directions_of(opened, named):
        seed = crosswalk_seed(direction.label, direction.name, direction.source, direction.target)
        progress(seed.name)
        yield seed, crosswalk_table(opened, direction)


def _quotations_first(table: pa.Table) -> pa.Table:
    """Return the table with the rows first whose title has a quotation mark.

    DuckDB learns from the first rows of a file how such marks are written: where it has seen none, one far below is an error.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if "title" not in table.column_names:
        return table
    has_mark = pc.fill_null(pc.match_substring(table.column("title"), '"'), False)  # noqa: FBT003 -- the value of nulls
    return pa.concat_tables([table.filter(has_mark), table.filter(pc.invert(has_mark))])


def _copy_fixed_files(made: Path) -> None:
    """Copy the files of the project that are always the same: macros, a model and tests."""
    import shutil

    with as_file(files(__package__) / "dbt_package") as fixed:
        shutil.copytree(fixed, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
