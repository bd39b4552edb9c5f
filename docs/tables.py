"""Writes the page of the Arrow tables: columns and types are those of the library, meanings are from here.

Run it with ``python docs/tables.py``; a test compares the page with what would be written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import terminology
from terminology import schema
from terminology.codelists import CodeList, affected_rows, impact_on_table
from terminology.columns.losses import losses

if TYPE_CHECKING:
    import pyarrow as pa

    from terminology import Terminology

PAGE = Path(__file__).parent / "reference" / "arrow.md"
TYPES = {
    "string": "text",
    "bool": "boolean",
    "int32": "integer",
    "int64": "integer",
    "date32[day]": "date",
    "list<item: string>": "list of texts",
    "list<item: list<item: string>>": "list of lists of texts",
}
CLAIMS = {"dx": ["M54.5", "E11.9"], "day": ["2021-01-05", "2021-11-05"]}
PERSONS = {"who": ["a"], "dx": ["E11.9"], "day": ["2022-03-01"]}
HEAD = """# Tables

The columns of every table that the library stores or returns, with their Arrow types.
This page is written by `docs/tables.py` from the library itself.

* *text* is `string`, or a dictionary of strings, which reads the same.
* *date* is `date32`; *integer* is `int32` or `int64`; *boolean* is `bool`.
* A column is null only where this page says so.
* Periods are half open: `effective_to` is the first day on which something no longer holds.

{doc}`exports` has the tables for SQL, dbt and OMOP.
"""


class Table(NamedTuple):
    """One table of the page."""

    label: str
    heading: str
    lead: str
    schema_of: Callable[[Terminology], pa.Schema]
    meanings: dict[str, str]
    """By column. The other columns of a result are those that were brought."""
    group: str = ""
    """The heading that begins before the table."""


NOW = "2022-03-01"
PARENT = "the code or node directly above; null at the top"
LINE = "line, or row of a sheet, counted from 1; null where the file has none"
PLACE = "which of the release's sources `line` counts in, from 0"
EFFECTIVE = {
    "effective_from": "first day of the period of the status; null where no release knows the code, or none covers the day",
    "effective_to": "end of that period; null while it is open",
}
WRITTEN = "JSON object of what the publication says besides; null where it says nothing"
KIND = "chapter, section, category, code, modifier, group …"
DIFFERENCE = {
    "code": "in official form",
    "kind": KIND,
    "title": "in the release after; of deleted codes in the one before",
    "short_title": "the same; null where the publisher gives none",
    "billable": "whether it may be submitted on a claim in that release",
    "parent": PARENT,
    "chapter": "chapter that it is in; null where there is none",
    "title_before": "in the release before; null of added codes",
    "short_title_before": "the same",
    "billable_before": "the same",
    "parent_before": "the same",
    "derived": "whether the publisher lists no such row",
    "revised": "whether its title or short title changed",
    "moved": "whether its parent changed",
    "properties_changed": "whether a property changed",
    "notes_changed": "whether a note changed",
}
MOVED = {
    "dx_outcome": "mapped, none or unknown, as of {py:class}`~terminology.Outcome`",
    "dx_targets": "with the policy `all` every alternative, each a list of codes that are used together; "
    "with `unique` and `first` the codes of one, null where there is none",
}


def comparison(store: Terminology) -> terminology.differences.Difference:
    return store["icd10cm"].diff("2021", "2022")


def broken(store: Terminology) -> pa.Schema:
    impacts = impact_on_table(CLAIMS, "dx", store["icd10cm"], "2021", "2022")
    return next(affected_rows(CLAIMS, impacts)).schema


def regrouped(store: Terminology) -> pa.Schema:
    grouping = store.grouping("ccsr_dx")
    version = grouping.latest.version
    return grouping.diff(version, version).table().schema


TABLES = (
    Table(
        "table-concepts",
        "`concepts`",
        "Codes, chapters and sections, in document order, a parent before its children. "
        '`edition.table("published")` returns them. Properties of the code system are further columns.',
        lambda _: schema.concepts(),
        {
            "code": "in official form; of a chapter or section its name",
            "title": "the long title",
            "short_title": "null where the publisher gives none",
            "billable": "whether it may be submitted on a claim",
            "kind": KIND,
            "parent": PARENT,
            "derived": "whether the publisher has no such row",
            "line": LINE,
            "effective_from": "of dated systems: first day in force; null in snapshot systems",
            "effective_to": "of dated systems: end; null while open, and in snapshot systems",
            "changed": "of dated systems: first day of the values in this row; null in snapshot systems",
            "reactivated": "of dated systems: first day of a further validity period; else null",
        },
        "Stored tables",
    ),
    Table(
        "table-notes",
        "`notes`",
        'Instructional notes, in document order. `edition.table("notes")` returns them.',
        lambda _: schema.notes(),
        {
            "code": "the chapter, section or code that carries the note",
            "kind": "the publisher's name: includes, excludes1, codeFirst …",
            "text": "the publisher's words",
            "targets": "codes and ranges that the text names, as written; empty where it names none",
            "line": LINE,
        },
    ),
    Table(
        "table-days",
        "`days`",
        "First and last days of codes, from a publication that dates them more exactly than the release.",
        lambda _: schema.days(),
        {
            "code": "in official form",
            "effective_from": "first day; null where the publication does not say",
            "effective_to": "end; null where the publication does not say",
        },
    ),
    Table(
        "table-mappings",
        "`mappings`",
        "One row for each alternative of a crosswalk. `store.table(crosswalk)` returns them.",
        lambda _: schema.mappings(),
        {
            "source_code": "in official form; null: the targets have no predecessor",
            "with_codes": "codes used together with it; empty where it is alone",
            "target_codes": "codes used together; null: there is nothing to map to",
            "effective": "in a succession the first day of the change; else null",
            "change": "in a succession: new, deleted, begun, ended, revised, to_header, to_billable; else null",
            "relationship": "of FHIR R5: equivalent, related-to …",
            "approximate": "as the publisher flags it; null where nobody says",
            "detail": WRITTEN,
            "line": LINE,
            "source": "which of the crosswalk's sources `line` counts in, from 0",
        },
    ),
    Table(
        "table-members",
        "`members`",
        "Which codes are in which category of a grouping. `grouping.latest.table()` returns them.",
        lambda _: schema.members(),
        {
            "system": "short name of the code system of the code",
            "code": "in official form; with the role `beginning`, all codes that begin with it",
            "category": "code of the category; null with the matter `state`, and where an edit gives none",
            "matter": "`member` of a category; `state`: what is said of a code that is no category; "
            "`edit`: a category under the conditions in `detail`",
            "role": "default, second …; with `state` the name of the state; else null",
            "detail": WRITTEN,
            "line": LINE,
            "source": PLACE,
        },
    ),
    Table(
        "table-in-force",
        '`edition.table("concepts")`',
        "Everything that is in force on the day, in document order.",
        lambda store: store["icd10cm"].on(NOW).table("concepts").schema,
        {
            "code": "in official form; of a chapter or section its name",
            "title": "the long title",
            "short_title": "null where the publisher gives none",
            "status": "billable or header",
            "billable": "whether it may be submitted on a claim",
            "kind": KIND,
            "parent": PARENT,
            "derived": "whether the publisher has no such row",
            "effective_from": "first day of the period of the status",
            "effective_to": "end of that period; null while it is open",
            "properties": "JSON object of the properties; null where there are none",
        },
        "Results",
    ),
    Table(
        "table-validate",
        "`validate`",
        "Added to a column `dx` by {py:func}`terminology.validate`.",
        lambda store: (
            terminology.validate(
                CLAIMS,
                system="icd10cm",
                on="day",
                store=store,
                columns=["reason", "suggestion", "title", "other_systems"],
            ).schema
        ),
        {
            "dx_status": "what the code is on its day: {doc}`statuses`",
            "dx_code": "in official form; null of what is not known",
            "dx_billable": "whether it may be submitted on a claim on its day",
            **{f"dx_{name}": meaning for name, meaning in EFFECTIVE.items()},
            "dx_reason": "why, as one sentence; only where it is asked for",
            "dx_suggestion": "the one code that was probably meant, else null; only where it is asked for",
            "dx_title": "on its day; null where it is not known; only where it is asked for",
            "dx_other_systems": "short names of other systems that have the code; only where it is asked for",
        },
    ),
    Table(
        "table-annotate",
        "`annotate`",
        "Added to a column `dx` by {py:func}`terminology.annotate`, those that are asked for. "
        "All are null of a code that is not in force on its day.",
        lambda store: (
            terminology.annotate(
                CLAIMS,
                system="icd10cm",
                on=NOW,
                store=store,
                columns=[
                    *("title", "short_title", "kind", "parent", "effective_from", "effective_to"),
                    *("chapter", "section", "category", "poa_exempt", "cc_level", "ccsr_dx"),
                ],
            ).schema
        ),
        {
            "dx_title": "the long title",
            "dx_short_title": "null where the publisher gives none",
            "dx_kind": KIND,
            "dx_parent": PARENT,
            **{f"dx_{name}": meaning for name, meaning in EFFECTIVE.items()},
            "dx_chapter": "code of the chapter that it is in; null where there is none",
            "dx_section": "code of the section that it is in; null where there is none",
            "dx_category": "code of the category that it is in; null where there is none",
            "dx_poa_exempt": "a property of a list; null on days of no version",
            "dx_cc_level": "mcc, cc or none; null on days of no version",
            "dx_ccsr_dx": "categories of a grouping; null on days of no version",
        },
    ),
    Table(
        "table-member",
        "`members` of a code list",
        "Added to a column `dx` by {py:func}`terminology.members`.",
        lambda store: (
            terminology.members(CLAIMS, CodeList.parse("system: icd10cm\nM54.5"), on="day", store=store).schema
        ),
        {"dx_member": "whether the row is in the code list on its day"},
    ),
    Table(
        "table-migrate",
        "`migrate` and `translate`",
        "Added to a column `dx` by {py:func}`terminology.migrate` and {py:func}`terminology.translate`, policy `all`.",
        lambda store: terminology.migrate(CLAIMS, system="icd10cm", origin="day", target="2022", store=store).schema,
        MOVED,
    ),
    Table(
        "table-migrate-unique",
        "`migrate` and `translate`, one alternative",
        "With the policy `unique` or `first`.",
        lambda store: (
            terminology.migrate(
                CLAIMS, system="icd10cm", origin="day", target="2022", store=store, policy="unique"
            ).schema
        ),
        {**MOVED, "dx_dropped": "how many alternatives the policy left out"},
    ),
    Table(
        "table-migrate-exploded",
        "`migrate` and `translate`, a row for each code",
        "With `explode=True`. A row without any alternative comes once, with nulls.",
        lambda store: (
            terminology.migrate(CLAIMS, system="icd10cm", origin="day", target="2022", store=store, explode=True).schema
        ),
        {
            "dx_target": "one code of an alternative",
            "dx_alternative": "number of the alternative, counted from 1",
            "dx_position": "place of the code in it, counted from 1",
        },
    ),
    Table(
        "table-losses",
        "`losses`",
        "A row for each code and what it becomes, by {py:func}`terminology.columns.losses.losses`.",
        lambda store: losses(CLAIMS, system="icd10cm", origin="2021", target="2022", store=store).schema,
        {
            "code": "in official form",
            "rows": "rows with the code",
            "kind": "one_to_one, renamed, merged, header, split, combination, none, unknown",
            "targets": "as `dx_targets` of `migrate`",
            "action": "what a person has to do",
            "reason": "why there is none, as a sentence; else null",
        },
    ),
    Table(
        "table-comorbidities",
        "`comorbidities`",
        "A row for each person, by {py:func}`terminology.comorbidities`. "
        "The first column has the name that was brought; a boolean for each category is not shown.",
        lambda store: (
            terminology.comorbidities(PERSONS, person="who", code="dx", on="day", index="charlson", store=store)
            .select(["who", "score", "score_2011", "codes", "uncovered", "unread", "versions"])
            .schema
        ),
        {
            "who": "the person",
            "score": "sum of the weights; null where a category cannot be known",
            "score_2011": "the same with other weights; the names are those of the index",
            "codes": "how many codes were judged",
            "uncovered": "codes of days that no version covers",
            "unread": "codes without a day, or malformed",
            "versions": "versions that judged",
        },
    ),
    Table(
        "table-profile",
        "`profile(…).table()`",
        "A row for each text that needs an action, by {py:func}`terminology.profile`.",
        lambda store: terminology.profile(CLAIMS, system="icd10cm", on="day", store=store).table().schema,
        {
            "system": "short name of the code system",
            "text": "the code in official form, or the text as it is written",
            "status": "on the days of its rows: {doc}`statuses`",
            "rows": "rows with the text",
            "first_year": "of its rows; null where they have no days",
            "last_year": "of its rows; null where they have no days",
            "kind": "of the damage; null where there is none",
            "action": "what to do: repair, choose …",
            "instead": "alternatives of codes that are used together; empty where there are none",
            "other_systems": "short names of other systems that have the code",
            "reason": "why, as one sentence",
            "title": "null where no release knows the code, or it is withheld",
        },
    ),
    Table(
        "table-affected",
        "`affected_rows`",
        "A row for each that a release breaks, by {py:func}`terminology.codelists.affected_rows`. All are texts.",
        broken,
        {
            "table": "name of the file, or kind of table",
            "column": "name of the column of codes",
            "id": "cell of the column of ids, else the number of the row, counted from 1",
            "day": "empty where rows have no days",
            "code": "text of the cell",
            "title": "empty where it is not known, or withheld",
            "verdict": "broken_by_release, broken_before, not_judged",
            "outcome": "what the release makes of the code",
            "replacement": "alternatives between bars, codes used together joined by plus signs",
            "candidates": "number of alternatives",
            "why": "one sentence",
        },
    ),
    Table(
        "table-difference",
        "Codes of a difference",
        "{py:class}`~terminology.differences.Difference` has seven tables of this form: "
        "`added`, `deleted`, `to_header`, `to_billable`, `revised`, `moved`, `changed`.",
        lambda store: comparison(store).added.schema,
        DIFFERENCE,
        "Differences",
    ),
    Table(
        "table-difference-properties",
        "`Difference.properties`",
        "Properties that changed.",
        lambda store: comparison(store).properties.schema,
        {
            "code": "in official form",
            "property": "name of the property",
            "before": "value as JSON; null where it has none",
            "after": "value as JSON; null where it has none",
        },
    ),
    Table(
        "table-difference-notes",
        "`Difference.notes`",
        "Notes that changed. A reworded note is removed and added.",
        lambda store: comparison(store).notes.schema,
        {
            "code": "the chapter, section or code that carries the note",
            "kind": "the publisher's name: includes, excludes1 …",
            "text": "the publisher's words",
            "change": "added or removed",
        },
    ),
    Table(
        "table-difference-groups",
        "`Difference.groups`",
        "Chapters, sections and other nodes that changed.",
        lambda store: comparison(store).groups.schema,
        {
            "code": "of the chapter or section",
            "kind": KIND,
            "title": "in the release after; of a deleted one in the one before",
            "parent": PARENT,
            "title_before": "in the release before; null where it was added",
            "parent_before": "in the release before; null where it was added, and at the top",
            "change": "added, deleted, retitled or moved",
        },
    ),
    Table(
        "table-difference-chapters",
        "`Difference.chapters`",
        "The chapters of either edition.",
        lambda store: comparison(store).chapters.schema,
        {"code": "of the chapter", "title": "of the chapter"},
    ),
    Table(
        "table-grouping-difference",
        "`GroupingDifference.table()`",
        "Codes whose categories changed from one version of a grouping to another.",
        regrouped,
        {
            "code": "in official form",
            "change": "added, removed or changed",
            "before": "categories in the version before",
            "after": "categories in the version after",
        },
    ),
    Table(
        "table-resolution",
        "`Resolution.to_arrow()`",
        "The codes that a code list includes, in document order.",
        lambda store: CodeList.parse("system: icd10cm\nM54.5").resolve(store["icd10cm"].on(NOW)).to_arrow().schema,
        {
            "code": "in official form",
            "title": "empty where it is withheld",
            "billable": "whether it may be submitted on a claim",
        },
        "Code lists",
    ),
)


def type_name(kind: pa.DataType) -> str:
    """Return the plain name of an Arrow type."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return TYPES[str(kind).replace("element:", "item:")]


def rows_of(table: Table, store: Terminology) -> list[str]:
    """Return the rows of a table; a column without a meaning, or a meaning without a column, is an error."""
    brought = {"dx", "day"} - table.meanings.keys()
    fields = [field for field in table.schema_of(store) if field.name not in brought]
    names = [field.name for field in fields]
    if sorted(names) != sorted(table.meanings):
        odd = sorted({*names} ^ {*table.meanings})
        raise ValueError(f"{table.label}: columns and meanings differ in {', '.join(odd)}")
    return [f"| `{field.name}` | {type_name(field.type)} | {table.meanings[field.name]} |" for field in fields]


def page(store: Terminology) -> str:
    """Return the page."""
    lines = [HEAD]
    for table in TABLES:
        if table.group:
            lines.append(f"\n## {table.group}\n")
        lines += [f"({table.label})=", f"### {table.heading}", "", table.lead, ""]
        lines += ["| column | type | meaning |", "|---|---|---|", *rows_of(table, store), ""]
    return "\n".join(lines)


def main() -> None:
    from _sample import sample_store

    PAGE.write_text(page(terminology.open(sample_store())), encoding="utf-8")


if __name__ == "__main__":
    main()
