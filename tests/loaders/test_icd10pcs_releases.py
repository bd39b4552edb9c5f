"""Which releases files of ICD-10-PCS make, and which file belongs to which."""

from __future__ import annotations

import datetime

from attrs import evolve

from terminology.drafts import Assembly, Part

from ..release_files import order_file, workbook
from .pcs_files import (
    AUTUMN,
    DEFINITIONS,
    INDEX,
    NAME,
    NEW,
    OLD,
    OPEN_AND_CLOSED,
    SPRING,
    UPDATED,
    assembled,
    autumn,
    built,
    column,
    conversion,
    pcs_addenda,
    read,
    rows_of,
    spring,
    tables_xml,
)


def versions(assembly: Assembly) -> list[str]:
    """Return the version labels of an assembly."""
    return [draft.version for draft in assembly.drafts]


def test_days_by_addenda_and_archive() -> None:
    """An addenda from the year before makes an October edition, one inside the year the update that the archive names."""
    made = assembled(*autumn(), *spring())
    assert [("2022", AUTUMN), ("2022-04", SPRING)] == [(draft.version, draft.effective) for draft in made.drafts]
    assert made.refused == ()
    assert built(made, "2022-04").warnings == ()


def test_update_past_the_october_edition() -> None:
    """An archive updated in December 2020, whose addenda starts in the year before, is January's; October is a gap."""
    archive = "2021-order-updated-december-1-2020.zip"
    name = "icd10pcs_order_2021.txt"
    former = read(order_file(OLD), "icd10pcs_order_2020.txt", "2020-icd-10-pcs-order.zip")
    before = read(
        pcs_addenda(OLD[1:], OLD, ("icd10pcs_order_2019.txt", "icd10pcs_order_2020.txt")),
        "a.txt",
        "2020-icd-10-pcs-order.zip",
    )
    order = read(order_file(NEW), name, archive)
    addenda = read(pcs_addenda(OLD, NEW, ("icd10pcs_order_2020.txt", name)), "order_addenda_2021.txt", archive)
    made = assembled(former, before, order, addenda)
    assert versions(made) == ["2020", "2021-01"]
    assert [("2020", "2021-01", "no release of 2021 is loaded")] == [(g.after, g.before, g.reason) for g in made.gaps]


def test_update_by_conversion_table() -> None:
    """Where the archive tells nothing, the days of the codes that the addenda adds do: all of them must be dated."""
    archive, name = "renamed.zip", "icd10pcs_order_2021.txt"
    order = read(order_file(NEW), name, archive)
    addenda = read(pcs_addenda(OLD, NEW, ("icd10pcs_order_2020.txt", name)), "order_addenda_2021.txt", archive)
    dated = [("XW013V7", "NoPCS", "New", "2020", "10.01"), ("XW023V7", "NoPCS", "New", "2021", "01.01")]
    whole = read(workbook(conversion(*dated)), "whole.xlsx")
    partly = read(workbook(conversion(dated[0])), "partly.xlsx")
    found = [versions(assembled(order, addenda, *more)) for more in ((), (whole,), (partly,))]
    assert found == [["2021"], ["2021-01"], ["2021"]]


def test_conversion_table_against_archive() -> None:
    """Where conversion table and name of the archive differ, the table wins, and it is said."""
    table = read(
        workbook(conversion(*((c, "NoPCS", "New", "2022", "01.01") for c in ("XW013V7", "XW023V7")))), "t.xlsx"
    )
    made = assembled(*spring(), table)
    (draft,) = [draft for draft in made.drafts if not draft.derived]
    assert "the archive's name means 2022-04-01, the conversion table dates its codes 2022-01-01" in draft.warnings[0]


def test_october_from_april() -> None:
    """The October edition that only April's addenda proves is rebuilt backwards; its tables are not known."""
    made = assembled(*spring())
    assert [("2022", True), ("2022-04", False)] == [(draft.version, draft.derived) for draft in made.drafts]
    october = built(made, "2022")
    assert [code for code, flag, _ in OLD if flag] == [
        code for code, flag in zip(column(october, "code"), column(october, "billable"), strict=True) if flag
    ]
    assert {0, 1} >= {number for number in column(october, "source") if number is not None}
    assert set(october.tables) == {"concepts"}


ERRATA = "errata-january-12-2022.zip"


CORRECTED = rows_of({**UPDATED, "XW0": (("12", "3", "VX", "7"),)})


def errata(rows=CORRECTED, base=NEW) -> tuple[Part, Part]:
    """Return order file and addenda of an errata: the addenda counts nothing."""
    return read(order_file(rows), NAME, ERRATA), read(pcs_addenda(base, rows, None), "order_addenda_2022.txt", ERRATA)


def test_correction() -> None:
    """An errata whose few lines lead from one release to its order file corrects that release, on its day."""
    made = assembled(*spring(), *errata())
    assert [("2022", 0), ("2022-04", 0), ("2022-04.1", 1)] == [(d.version, d.correction) for d in made.drafts]
    assert made.refused == ()
    assert "XW013X7" in column(built(made, "2022-04.1"), "code")
    assert "XW013X7" not in column(built(made, "2022-04"), "code")


def test_correction_alone() -> None:
    """Without the release that it corrects, an errata is dated by its archive, or better by the conversion table."""
    assert versions(assembled(*errata())) == ["2022-04.1"]
    table = read(
        workbook(conversion(*((c, "NoPCS", "New", "2022", "04.01") for c in ("XW013X7", "XW023X7")))), "t.xlsx"
    )
    order, addenda = (read(data, name, "renamed.zip") for data, name in _errata_files())
    assert versions(assembled(order, addenda, table)) == ["2022-04.1"]


def _errata_files() -> list[tuple[bytes, str]]:
    return [(order_file(CORRECTED), NAME), (pcs_addenda(NEW, CORRECTED, None), "order_addenda_2022.txt")]


def test_correction_that_does_not_follow() -> None:
    """An order file that its errata does not lead to contradicts the release of that day, and is refused."""
    order = read(order_file(CORRECTED[:-2]), NAME, ERRATA)
    made = assembled(*spring(), order, errata()[1])
    assert "2022-04.1" not in versions(made)
    assert [ERRATA in part.origin.label and "holds other rows" in reason for part, reason in made.refused] == [True]


def test_errata_of_a_later_day_is_an_update() -> None:
    """An errata whose codes the conversion table dates later than the release it starts from is a release of its own."""
    table = read(
        workbook(conversion(*((c, "NoPCS", "New", "2022", "04.01") for c in ("XW013V7", "XW023V7")))), "t.xlsx"
    )
    addenda = read(pcs_addenda(OLD, NEW, None), "order_addenda_2022.txt", ERRATA)
    made = assembled(*autumn(), read(order_file(NEW), NAME, ERRATA), addenda, table)
    assert versions(made) == ["2022", "2022-04"]


def test_two_claims_to_one_day() -> None:
    """Order files of other content for one day, on equal evidence, are both refused."""
    first, second = (read(order_file(rows), NAME, f"{n}.zip") for n, rows in enumerate((OLD, NEW)))
    made = assembled(first, second)
    assert (versions(made), len(made.refused)) == ([], 2)


def test_operator_decides() -> None:
    """The day that the operator gives wins over all evidence, and a version that is none is refused."""
    order, _ = spring()
    given = assembled(evolve(order, effective=datetime.date(2022, 1, 1)))
    assert [draft.effective for draft in given.drafts] == [datetime.date(2022, 1, 1)]
    assert "expected a version like 2024" in assembled(evolve(order, version="soon")).refused[0][1]


def test_the_nearer_of_two_tables_answers() -> None:
    """Of two files of tables for one release the one that makes its codes answers; the other is reported, and a copy is not."""
    order = read(order_file(NEW), NAME)
    other = read(tables_xml(OPEN_AND_CLOSED), "icd10pcs_tables_2022.xml", "A.zip")
    own, copy = (read(tables_xml(UPDATED), "icd10pcs_tables_2022.xml", name) for name in (None, "B.zip"))
    made = assembled(order, other, own, copy)
    assert [part.origin.label for part in made.drafts[0].parts[1:]] == [
        "B.zip!icd10pcs_tables_2022.xml",
        own.origin.label,
    ]
    ((part, why),) = made.unused
    assert part is other
    assert why.startswith("another file of tables of 2022, which B.zip!icd10pcs_tables_2022.xml is nearer to")


def test_where_lists_belong() -> None:
    """Tables join the codes that they make; definitions and index follow their archive, else the tables of their year."""
    tables = read(tables_xml(UPDATED), "icd10pcs_tables_2022.xml")
    made = assembled(*autumn(), *spring(), tables, read(DEFINITIONS, "d.xml"), read(INDEX, "i.xml"))
    kinds = {draft.version: {part.kind for part in draft.parts} for draft in made.drafts}
    assert kinds == {
        "2022": {"order", "addenda"},
        "2022-04": {"order", "addenda", "tables", "definitions", "index"},
    }
    packed = read(INDEX, "i.xml", "2022-order.zip")
    made = assembled(*autumn(), *spring(), tables, packed)
    assert packed in made.drafts[0].parts


def test_tables_of_a_derived_release() -> None:
    """Tables of the October edition join it though it is derived, by year and counts."""
    made = assembled(*spring(), read(tables_xml(OPEN_AND_CLOSED), "tables.xml"))
    assert [("2022", True), ("2022-04", False)] == [
        (d.version, any(p.kind == "tables" for p in d.parts)) for d in made.drafts
    ]
    assert column(built(made, "2022"), "code", "differences") == []


def test_lists_without_release() -> None:
    """Tables, definitions and index of a year that is not loaded are kept for later, with the reason."""
    parts = [read(tables_xml(UPDATED, 2019), "t.xml"), read(DEFINITIONS.replace("2022", "2019"), "d.xml")]
    made = assembled(*autumn(), *parts)
    assert {part.kind: reason for part, reason in made.unused} == {
        kind: f"{kind} of 2019, of which no release is loaded; it waits for one" for kind in ("tables", "definitions")
    }


def test_tables_by_operator() -> None:
    """Tables that the operator dates join the release of that day."""
    tables = evolve(read(tables_xml(UPDATED), "t.xml"), effective=AUTUMN)
    made = assembled(*autumn(), *spring(), tables)
    october = built(made, "2022")
    assert column(october, "check", "differences") == ["not in order file"] * 2 + ["table not in order file"]
    assert [("2 not in order file" in w or "1 table not in order file" in w) for w in october.warnings] == [True, True]


def test_differences_name_codes() -> None:
    """Tables that lack codes of the order file are taken, and every code is named."""
    many = {"001": (("6", "03", "0123456789", "0123456789ABCDEFGHJK"),), "0FT": OPEN_AND_CLOSED["0FT"]}
    rows = [*rows_of(many), ("0FT94ZZ", True, "Procedure 0FT94ZZ")]
    made = assembled(*autumn(rows), read(tables_xml(many), "t.xml"))
    october = built(made, "2022")
    assert [("not in tables", "0FT94ZZ")] == [tuple(row.values()) for row in october.tables["differences"].to_pylist()]
    assert "t.xml: 1 not in tables: 0FT94ZZ" in october.warnings


def test_wrong_addenda_is_a_warning() -> None:
    """Where the former order file and the addenda do not make this one, codes are named."""
    wrong = [(code, flag, f"{title} changed" if code == "0FT44ZZ" else title) for code, flag, title in NEW]
    archive = "2022-order-updated-december-1-2021.zip"
    order = read(order_file(wrong), NAME, archive)
    made = assembled(*autumn(), order, read(pcs_addenda(OLD, NEW, (NAME, NAME)), "order_addenda_2022.txt", archive))
    (warning,) = built(made, "2022-04").warnings
    assert "1 code is not as the addenda says, in their titles only: 0FT44ZZ" in warning
