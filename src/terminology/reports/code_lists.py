"""Reports on code lists: what a list becomes, and what a release does to lists and to columns of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..codelists.bad_texts import outcome_of
from ..codelists.verdicts import RowOutcome, Verdict
from ..layout.parts import Sources, Tile
from ..licences import licence_notice, may_show
from .flat import csv_text
from .rendering import report

if TYPE_CHECKING:
    from ..codelists import CodeChange, CodeImpact, ColumnImpact, ListMigration, ListsImpact
    from ..query import CodeSystem

LABELS: Final[Mapping[str, str]] = {
    "unchanged": "unchanged",
    "renamed": "description changed",
    "replaced": "replaced",
    "split": "split",
    "merged": "merged",
    "combination": "now several codes together",
    "to_header": "now header",
    "to_billable": "now billable",
    "deleted": "deleted",
    "unknown": "gone, successor not known",
    "new": "new",
    "absent": "not in force before",
    "empty": "empty",
    "malformed": "malformed",
    "damaged": "number that lost zeros",
    "not_in_force": "not in force before",
    "header": "header before",
    "ends_with_release": "right on their day, their codes end",
    "changed_earlier": "replaced earlier, right on their day",
    "no_day": "without a day",
    "uncovered": "of days that no release covers",
    "other_system": "of another code system",
}
COLOURS: Final[Mapping[str, str]] = {
    "renamed": "revised",
    "ends_with_release": "moved",
    "replaced": "moved",
    "split": "moved",
    "merged": "moved",
    "combination": "moved",
    "to_header": "to_header",
    "to_billable": "to_billable",
    "deleted": "deleted",
    "unknown": "deleted",
    "malformed": "changed",
    "damaged": "changed",
    "not_in_force": "changed",
    "header": "changed",
    "absent": "changed",
}
KINDS: Final[Mapping[str, str]] = {
    "leading_zeros": "number that lost zeros",
    "scientific_notation": "taken for a number by a spreadsheet",
    "spreadsheet_error": "error of a spreadsheet",
    "day": "a day",
    "several_codes": "several codes in one cell",
    "other_system": "code of another system",
    "no_code": "no code",
}
"""What is wrong with texts that are no codes, where the name of the rule that repairs them does not say it."""


def migration_page(migration: ListMigration, code_system: CodeSystem) -> str:
    """Return what a code list becomes as one self-contained HTML document.

    It shows what has to be decided, what each entry becomes, the codes added and removed, and the proposal.

    Args:
        migration: Made with ``titles=False`` where the texts of the system may not be shown.
        code_system: The system of the list.

    >>> from terminology.codelists import CodeList, migration_of
    >>> moved = migration_of(CodeList.parse("M54.5"), store["icd10cm"], "2021", "2022")
    >>> "M54.51" in migration_page(moved, store["icd10cm"])
    True
    """
    before, after = migration.before, migration.after
    changed = [item for item in migration.entries if item.proposed != (item.entry,) or item.fate != "unchanged"]
    return report(
        "codelist.html",
        heading=f"{migration.code_list.name}: {before.version} to {after.version}",
        migration=migration,
        labels=LABELS,
        tiles=_tiles(migration.counts),
        changed=changed,
        titles={code: text for item in changed if item.change for code, text in _titles(item.change).items()},
        exchanged=[item for item in migration.entries if item.entered or item.left],
        proposal=migration.proposal().text,
        **legal(code_system),
        sources=_sources(before.edition, after.edition),
    )


def impact_page(code_system: CodeSystem, lists: ListsImpact | None, columns: Sequence[ColumnImpact] = ()) -> str:
    """Return what a release does to code lists and to columns of codes as one self-contained HTML document.

    Args:
        code_system: The system of lists and columns.
        lists: The lists, if there are any.
        columns: The columns. Both made with ``titles=False`` where the texts of the system may not be shown.

    >>> from terminology.codelists import CodeList, impact_on_lists
    >>> found = impact_on_lists([CodeList.parse("M54.5")], store["icd10cm"], "2021", "2022")
    >>> "M54.51" in impact_page(store["icd10cm"], found)
    True
    """
    first = lists or columns[0]
    editions = [code_system.release(version) for version in (first.before, first.after)]
    return report(
        "impact.html",
        heading=f"{code_system.definition.title}: impact of {first.after} on what was right in {first.before}",
        lists=lists.lists if lists else (),
        columns=[_column_parts(impact) for impact in columns],
        labels=LABELS,
        kinds=KINDS,
        counted=[
            *(
                [Tile("lists", len(lists.lists)), Tile("lists to look at", len(lists.broken), "deleted")]
                if lists
                else []
            ),
            *(_column_tile(impact, number) for number, impact in enumerate(columns, 1)),
        ],
        **legal(code_system),
        sources=_sources(*editions),
    )


def _column_tile(impact: ColumnImpact, number: int) -> Tile:
    """Return the tile of a column: the rows that the release breaks."""
    detail = f"of {impact.rows:,}; {impact.broken_before:,} broken before"
    colour = "deleted" if impact.broken_by_release else ""
    return Tile(
        f"rows of {impact.table} {impact.column} broken", impact.broken_by_release, colour, f"column-{number}", detail
    )


def _column_parts(impact: ColumnImpact) -> dict[str, Any]:
    """Return what the page shows of a column: each verdict with its tiles and codes, codes that end apart."""
    others = impact.codes_of(Verdict.NO_ACTION)
    return {
        "ending": [code for code in others if code.outcome == RowOutcome.ENDS_WITH_RELEASE],
        "staying": [code for code in others if code.outcome != RowOutcome.ENDS_WITH_RELEASE],
        "impact": impact,
        "tiles": {str(verdict): _tiles(impact.outcomes_of(verdict)) for verdict in Verdict},
        "codes": {str(verdict): impact.codes_of(verdict) for verdict in Verdict},
    }


def _tiles(counts: Mapping[str, int]) -> list[Tile]:
    return [Tile(LABELS[name], number, COLOURS.get(name, "")) for name, number in counts.items()]


def legal(code_system: CodeSystem) -> dict[str, Any]:
    """Return what a page says of the licence of a system: its notice, and whether texts are withheld."""
    definition = code_system.definition
    return {
        "notice": licence_notice(definition, code_system.latest.release),
        "withheld": not may_show(definition, code_system.licences),
    }


def _sources(*editions: Any) -> list[Sources]:
    named = zip(("Before", "After"), editions, strict=True)
    return [Sources(heading, edition.release) for heading, edition in named if edition.release]


# ---- flat tables


def migration_csv(migration: ListMigration) -> str:
    """Return what a code list becomes as CSV: a line for each entry and each successor, entering or leaving code.

    Damaged rows come first.

    >>> from terminology.codelists import CodeList, migration_of
    >>> moved = migration_of(CodeList.parse("M54.5"), store["icd10cm"], "2021", "2022")
    >>> print(migration_csv(moved).splitlines()[1])
    1,M54.5,to_header,M54.5,Low back pain,M54.50,"Low back pain, unspecified","M54.5 is now a header of ...
    """
    reasons: dict[tuple[int | None, str], list[str]] = {}
    for row in migration.review:
        reasons.setdefault((row.line, row.entry), []).append(row.reason)
    rows: list[list[Any]] = [
        [row.line, row.text, "damaged", "", "", "", "", row.sentence] for row in migration.before.damaged
    ]
    for item in migration.entries:
        start = [item.entry.line, item.entry.text]
        review = "; ".join(reasons.get((item.entry.line, item.entry.text), ()))
        if item.change is None:
            rows.append([*start, item.fate, "", "", "", "", review])
        else:
            rows += [[*start, item.fate, *line, review] for line in _succession(item.change)]
        rows += [[*start, "entered", "", "", e.code, e.title, " ".join(e.successor_of)] for e in item.entered]
        rows += [[*start, "left", *line, ""] for left in item.left for line in _succession(left.change)]
    return csv_text(("line", "entry", "fate", "code", "title", "successor", "successor_title", "review"), rows)


def impact_csv(lists: ListsImpact | None, columns: Iterable[ColumnImpact] = ()) -> str:
    """Return the affected codes of lists and columns as CSV: a line for each code and each of its successors.

    Of columns also the texts that are no codes, all of them, each with what is wrong and its likely repair. What the
    release breaks comes first.

    >>> from terminology.codelists import CodeList, impact_on_lists
    >>> found = impact_on_lists([CodeList.parse("M54.5", file="pain.txt")], store["icd10cm"], "2021", "2022")
    >>> print(impact_csv(found).splitlines()[1])
    pain,,,to_header,M54.5,Low back pain,M54.50,"Low back pain, unspecified",,,,
    """
    rows = [
        [item.name, "", "", change.fate, *line, "", "", "", ""]
        for item in (lists.lists if lists else ())
        for change in item.affected
        for line in _succession(change)
    ]
    for impact in columns:
        start = [impact.table, impact.column]
        rows += [
            [*start, code.rows, code.outcome, *line, code.verdict, "", "", code.reason]
            for code in impact.codes
            for line in _instead(code)
        ]
        rows += [
            [
                *start,
                bad.rows,
                outcome_of(bad),
                bad.text,
                "",
                "",
                "",
                Verdict.BROKEN_BEFORE,
                bad.kind,
                bad.repair,
                bad.reason,
            ]
            for bad in impact.bad_texts
        ]
    header = ("source", "column", "rows", "outcome", "code", "title", "successor", "successor_title")
    return csv_text((*header, "verdict", "kind", "repair", "reason"), rows)


def _instead(code: CodeImpact) -> list[list[Any]]:
    """Return a code with what may be used in its place: its successors, or the codes below a header."""
    if code.verdict != Verdict.BROKEN_BEFORE or code.instead == code.change.alternatives:
        return _succession(code.change)
    start = [code.change.code, code.change.title]
    return [[*start, " + ".join(group), ""] for group in code.instead] or [[*start, "", ""]]


def _titles(change: CodeChange) -> dict[str, str | None]:
    return dict(zip(change.codes, change.titles, strict=True))


def _succession(change: CodeChange) -> list[list[Any]]:
    """Return code and title with each alternative and its titles; alone where nothing follows."""
    titles = _titles(change)
    made = [
        [change.code, change.title, " + ".join(group), " + ".join(titles[code] or "" for code in group)]
        for group in change.alternatives
    ]
    return made or [[change.code, change.title, "", ""]]
