"""The files of a dbt project that depend on what is exported: its settings, the properties of its seeds, lists of systems."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

TEXT, DAY, TRUTH, NUMBER = "varchar", "date", "boolean", "integer"
"""Types of columns in the database."""
PROJECT: Final = """\
name: terminology
version: "1.0.0"
config-version: 2
profile: terminology
require-dbt-version: ">=1.8.0"

model-paths: [models]
seed-paths: [seeds]
macro-paths: [macros]
test-paths: [tests]
target-path: target
clean-targets: [target]

models:
  terminology:
    +materialized: view
"""


class Column(NamedTuple):
    """A column of a seed: what it holds, and what is tested of it."""

    name: str
    type: str
    description: str
    tests: tuple[str, ...] = ()


class Seed(NamedTuple):
    """A seed: its table, its columns, and those that no two rows share."""

    name: str
    description: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]


NOT_NULL: Final = ("not_null",)
FROM: Final = Column("valid_from", DAY, "First day; null: always before.")
TO: Final = Column("valid_to", DAY, "First day that is not of the period any more; null: open.")
CODE_COLUMNS: Final = (
    Column("code", TEXT, "The code in official form.", NOT_NULL),
    Column("match_code", TEXT, "The code as codes are compared: see the macro terminology_match_code.", NOT_NULL),
    Column("title", TEXT, "The title in this period."),
    Column(
        "status",
        TEXT,
        "billable: may be submitted; header: heads others, and may not.",
        ("not_null", "terminology_status"),
    ),
    Column("billable", TRUTH, "Whether the code may be submitted.", NOT_NULL),
    Column("kind", TEXT, "chapter, section, category, code and so on.", NOT_NULL),
    Column("parent", TEXT, "What is above the code; in ICD-10-PCS a prefix that has no row; null at the top."),
    Column("chapter", TEXT, "The chapter that the code is in; null where the system has none."),
    FROM,
    TO,
)
COVERAGE: Final = Seed(
    "terminology_coverage",
    "Which days the loaded releases cover: of each system all of time, without overlap.",
    (
        Column("system", TEXT, "Short name of the code system.", NOT_NULL),
        Column("covered", TRUTH, "Whether the loaded releases cover these days.", NOT_NULL),
        Column("release", TEXT, "The release in force; null where none is."),
        FROM,
        TO,
    ),
    ("system", "valid_from"),
)
REPLACEMENTS: Final = Seed(
    "terminology_replacements",
    "What replaced codes whose last billable period ended, as the publishers record it: a row for each successor.",
    (
        Column("system", TEXT, "Short name of the code system.", NOT_NULL),
        Column("code", TEXT, "The code that ended, or became a header.", NOT_NULL),
        Column("replaced_by", TEXT, "A code that replaced it.", NOT_NULL),
        Column("replaced_by_system", TEXT, "The system of that code: some of HCPCS were replaced by CPT.", NOT_NULL),
        Column("valid_from", DAY, "First day of the replacement.", NOT_NULL),
    ),
    ("system", "code", "replaced_by", "replaced_by_system"),
)
CROSSWALK_COLUMNS: Final = (
    Column("source_code", TEXT, "The code that is mapped.", NOT_NULL),
    Column("with_codes", TEXT, "Codes that are used together with it, between plus signs; null where it is alone."),
    Column("target_code", TEXT, "A code that it is mapped to; null: the publisher says that there is none."),
    Column("target_codes", TEXT, "All codes of this alternative, used together, between plus signs."),
    Column(
        "position", NUMBER, "Place of target_code among these, from 1 on; a publisher may name a code twice.", NOT_NULL
    ),
    Column("relationship", TEXT, "As of a concept map of FHIR R5.", NOT_NULL),
    Column("approximate", TRUTH, "As the publisher flags it; null where nobody says."),
    Column("valid_from", DAY, "The day from which the first version that says so is in use.", NOT_NULL),
    Column("valid_to", DAY, "The day from which a version no longer says so; null: the newest one does."),
)


def codes_seed(system: str, title: str, *, is_withheld: bool) -> Seed:
    """Return the seed of the codes of a system."""
    withheld = " Titles are withheld: the licence of the system is not declared." if is_withheld else ""
    about = f"Codes of {title} in force, each with its periods.{withheld}"
    # names of tables have no dashes: macros look for it as it is written here
    return Seed(f"terminology_{system.replace('-', '_')}", about, CODE_COLUMNS, ("code", "valid_from"))


def crosswalk_seed(label: str, name: str, source: str, target: str) -> Seed:
    """Return the seed of a map from one system to another."""
    about = f"What the crosswalk {name} maps from {source} to {target}, over all loaded versions of it."
    unique = tuple(column.name for column in CROSSWALK_COLUMNS if column.name != "valid_to")
    return Seed(f"terminology_{label}", about, CROSSWALK_COLUMNS, unique)


def properties(seeds: Sequence[Seed]) -> str:
    """Return ``properties.yml`` of seeds: types, descriptions and tests of their columns."""
    return "\n".join(["version: 2", "", "seeds:", *(line for seed in seeds for line in _seed_lines(seed))]) + "\n"


def _seed_lines(seed: Seed) -> Iterator[str]:
    yield f"  - name: {seed.name}"
    yield f"    description: {json.dumps(seed.description, ensure_ascii=False)}"
    yield "    config:"
    yield "      column_types:"
    yield from (f"        {column.name}: {column.type}" for column in seed.columns)
    yield "    columns:"
    for column in seed.columns:
        yield f"      - name: {column.name}"
        yield f"        description: {json.dumps(column.description)}"
        if column.tests:
            yield f"        data_tests: {json.dumps(column.tests)}"


def macros(forms: Mapping[str, Mapping[str, bool]], seeds: Sequence[Seed]) -> str:
    """Return the macros that say which systems there are and how their codes are compared, and the keys of the seeds."""
    keys = {seed.name: list(seed.unique) for seed in seeds}
    # what is JSON is Jinja too, but for the case of its truths
    return "\n".join(
        [
            "{# The systems of this export, and how their codes are compared. #}",
            _macro("terminology_systems", forms),
            "{# Columns of each seed that no two of its rows share. #}",
            _macro("terminology_keys", keys),
        ]
    )


def _macro(name: str, values: Mapping[str, Any]) -> str:
    rows = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in values.items())
    return f"{{% macro {name}() %}}\n{{{{ return({{\n{rows}\n}}) }}}}\n{{% endmacro %}}\n"
