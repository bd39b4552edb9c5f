"""Records become typed rows, one row a code, the publisher's fields under full names; and the groups above the codes.

Whatever is wrong in a field is found here, for text and sheet alike. HCPCS publishes no groups: they are derived from
the first letter.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology import schema
from terminology.periods import day_after

from .records import ACTIONS, CODE_SHAPES, FIRST_LINES, HEADINGS, USUAL_VALUES, Findings, Record

if TYPE_CHECKING:
    import pyarrow as pa


Days = list[datetime.date | None]

Columns = Mapping[str, Sequence[str]]

MODIFIERS: Final = "modifiers"
"""Code of the node above all modifiers."""

PER_RELEASE: Final = {"per_release": "true"}
"""Arrow metadata of a field that belongs to the release rather than to the code."""

UNIT_DIGITS: Final = 3

TEXTS: Final = {
    "multiple_pricing_indicator": "MULT_PI",
    "statute": "STATUTE",
    "coverage": "COV",
    "asc_group": "ASC_GRP",
    "opps_group": "OPPS",
    "opps_policy_indicator": "OPPS_PI",
    "processing_note": "PROCNOTE",
    "betos": "BETOS",
}

LISTS: Final = {
    "pricing_indicators": ("PRICE", 4),
    "coverage_issues_manual": ("CIM", 3),
    "medicare_carriers_manual": ("MCM", 3),
    "laboratory_certifications": ("LABCERT", 8),
    "cross_references": ("XREF", 5),
    "types_of_service": ("TOS", 5),
}


def rows_schema() -> pa.Schema:
    """Return the columns of a release: those of every system, then the publisher's fields in their order."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    properties = [
        pa.field("pricing_indicators", texts),
        pa.field("multiple_pricing_indicator", text),
        pa.field("coverage_issues_manual", texts),
        pa.field("medicare_carriers_manual", texts),
        pa.field("statute", text),
        pa.field("laboratory_certifications", texts),
        pa.field("cross_references", texts),
        pa.field("coverage", text),
        pa.field("asc_group", text),
        pa.field("asc_effective", pa.date32()),
        pa.field("opps_group", text),
        pa.field("opps_policy_indicator", text),
        pa.field("opps_effective", pa.date32()),
        pa.field("processing_note", text),
        pa.field("betos", text),
        pa.field("types_of_service", texts),
        pa.field("anesthesia_base_units", pa.int16()),
        pa.field("added", pa.date32()),
        pa.field("terminated", pa.date32()),
        pa.field("sequence_number", pa.int32(), metadata=PER_RELEASE),
        pa.field("record_identification", text, metadata=PER_RELEASE),
        pa.field("action", text, metadata=PER_RELEASE),
        pa.field("action_effective", pa.date32(), metadata=PER_RELEASE),
    ]
    return pa.schema([*schema.concepts(), *properties])


def rows_table(records: Sequence[Record], findings: Findings) -> pa.Table:
    """Return the records as a table, in their order; errors are noted, and mean that it must not be used."""
    import pyarrow as pa

    _check_codes(records, findings)
    texts = {heading: [record.values[place] for record in records] for place, heading in enumerate(HEADINGS)}
    lines = [record.line for record in records]
    days = {
        "added": _days(texts, "ADD DT", lines, findings.fault),
        "terminated": _days(texts, "TERM DT", lines, findings.fault),
        "action_effective": _days(texts, "ACT EFF DT", lines, findings.fault),
        # the ASC group was left out of five rows in 2018: half of the date is in its place
        "asc_effective": _days(texts, "ASC_DT", lines, _left_empty(findings)),
        "opps_effective": _days(texts, "OPPS_DT", lines, _left_empty(findings)),
    }
    _check_fields(texts, days, lines, findings)
    columns = {**_concept_columns(texts, days, lines), **_property_columns(texts, lines, findings), **days}
    columns |= {name: [value or None for value in texts[heading]] for name, heading in TEXTS.items()}
    columns |= {name: _lists(texts, heading, times) for name, (heading, times) in LISTS.items()}
    if findings.faults:
        return rows_schema().empty_table()
    layout = rows_schema()
    return pa.table([pa.array(columns[field.name], field.type) for field in layout], schema=layout)


def row_facts(rows: pa.Table) -> dict[str, Any]:
    """Return counts, and the day on which most of the actions take effect (None without any action)."""
    kinds = Counter(rows.column("kind").to_pylist())
    days = Counter(day for day in rows.column("changed").to_pylist() if day is not None)
    # of equally frequent days the latest: a release repeats actions of the quarters before it
    day, count = max(days.items(), key=lambda item: (item[1], item[0]), default=(None, 0))
    return {
        "codes": kinds["code"],
        "modifiers": kinds["modifier"],
        "action_date": day and day.isoformat(),
        "action_share": round(count / days.total(), 3) if days else None,
    }


def _check_codes(records: Sequence[Record], findings: Findings) -> None:
    first_lines: dict[str, int] = {}
    for record in records:
        cell, _, identification, title = record.values[:4]
        if not CODE_SHAPES[identification].fullmatch(cell):
            expected = "a letter and four digits" if identification == "3" else "three blanks and two characters"
            findings.fault(f"expected {expected}, got {cell!r}", record.line, "HCPC")
        elif cell in first_lines:
            message = f"expected each code once, got {cell.strip()} again (first on line {first_lines[cell]})"
            findings.fault(message, record.line, "HCPC")
        first_lines.setdefault(cell, record.line)
        if not title:
            findings.fault("expected a long description, got blanks", record.line, "LONG DESCRIPTION")


def _days(texts: Columns, heading: str, lines: Sequence[int], report: Callable[[str, int, str], None]) -> Days:
    column = texts[heading]
    known = {text: _day(text) for text in set(column)}
    wrong = {text for text, day in known.items() if text and day is None}
    if wrong:
        for text, line in zip(column, lines, strict=True):
            if text in wrong:
                report(f"expected a date (YYYYMMDD) or blanks, got {text!r}", line, heading)
    return [known[text] for text in column]


def _day(text: str) -> datetime.date | None:
    if len(text) != len("20180101") or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _left_empty(findings: Findings) -> Callable[[str, int, str], None]:
    def report(message: str, line: int, heading: str) -> None:
        findings.warn(f"{message}; left empty", line, heading)

    return report


def _check_fields(texts: Columns, days: Mapping[str, Days], lines: Sequence[int], findings: Findings) -> None:
    spans = zip(lines, texts["HCPC"], texts["ADD DT"], days["added"], days["terminated"], strict=True)
    for line, cell, text, added, terminated in spans:
        if not text:
            findings.fault(f"expected the day that {cell.strip()} was added, got blanks", line, "ADD DT")
        if added is not None and terminated is not None and terminated < added:
            message = f"expected a day not before {added} (ADD DT), got {terminated}"
            findings.fault(message, line, "TERM DT")
    for line, cell, action, day in zip(lines, texts["HCPC"], texts["ACTION CD"], texts["ACT EFF DT"], strict=True):
        if action and action not in ACTIONS:
            expected = ", ".join(sorted(ACTIONS))
            findings.fault(f"expected an action code ({expected}) or a blank, got {action!r}", line, "ACTION CD")
        elif action not in {"", "N"} and not day:
            findings.warn(f"{cell.strip()} has action {action} without a day", line, "ACT EFF DT")
    _warn_of_blank_days(texts, lines, findings)
    _warn_of_unusual_values(texts, lines, findings)


def _warn_of_blank_days(texts: Columns, lines: Sequence[int], findings: Findings) -> None:
    """Warn once of all rows without action and day: publications of several years lost the same days."""
    rows = zip(lines, texts["HCPC"], texts["ACTION CD"], texts["ACT EFF DT"], strict=True)
    blank = [(line, cell.strip()) for line, cell, action, text in rows if action in {"", "N"} and not text]
    if blank:
        codes = ", ".join(code for _, code in blank[:3])
        more = " …" if len(blank) > len(codes.split(", ")) else ""
        findings.warn(f"no day of the last action in {len(blank)} rows ({codes}{more})", blank[0][0], "ACT EFF DT")


def _warn_of_unusual_values(texts: Columns, lines: Sequence[int], findings: Findings) -> None:
    for heading, usual in USUAL_VALUES.items():
        unusual = {value for value in set(texts[heading]) if not usual.fullmatch(value)}
        for line, value in zip(lines, texts[heading], strict=True) if unusual else ():
            if value in unusual:
                findings.warn(f"{value!r} is not among the values of the record layout", line, heading)


def _concept_columns(texts: Columns, days: Mapping[str, Days], lines: Sequence[int]) -> dict[str, Sequence[Any]]:
    codes = [cell.strip() for cell in texts["HCPC"]]
    kinds = [FIRST_LINES[identification] for identification in texts["RECID"]]
    actions = list(zip(texts["ACTION CD"], days["action_effective"], strict=True))
    return {
        "code": codes,
        "title": texts["LONG DESCRIPTION"],
        "short_title": [value or None for value in texts["SHORT DESCRIPTION"]],
        "billable": [True] * len(codes),
        "kind": kinds,
        "parent": [code[:1] if kind == "code" else MODIFIERS for code, kind in zip(codes, kinds, strict=True)],
        "derived": [False] * len(codes),
        "line": lines,
        "effective_from": days["added"],
        # the publisher's last day is inclusive
        "effective_to": [day and day_after(day) for day in days["terminated"]],
        "changed": [day if action not in {"", "N"} else None for action, day in actions],
        "reactivated": [day if action == "R" else None for action, day in actions],
    }


def _property_columns(texts: Columns, lines: Sequence[int], findings: Findings) -> dict[str, Sequence[Any]]:
    return {
        "sequence_number": [int(value) for value in texts["SEQNUM"]],
        "record_identification": texts["RECID"],
        "action": [value or None for value in texts["ACTION CD"]],
        "anesthesia_base_units": [
            _units(value, line, findings) for value, line in zip(texts["ANEST_BU"], lines, strict=True)
        ],
    }


def _units(value: str, line: int, findings: Findings) -> int | None:
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) <= UNIT_DIGITS:
        return int(value)
    findings.fault(f"expected a number or blanks, got {value!r}", line, "ANEST_BU")
    return None


def _lists(texts: Columns, heading: str, times: int) -> list[list[str] | None]:
    columns = [texts[f"{heading}{number + 1}"] for number in range(times)]
    return [[value for value in values if value] or None for values in zip(*columns, strict=True)]


GROUP_TITLES: Final = {
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
        "title": GROUP_TITLES.get(code, f"{code} codes"),
        "kind": "group",
        "billable": False,
        "derived": True,
        "effective_from": since,
    }
    return node | own
