"""The functions of engines: of each row what an edition says, whatever the sizes of the batches and the types of columns."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import terminology
from terminology import Status, Terminology, TerminologyError, UnknownCodeError, UnknownSystemError
from terminology.codelists import CodeList
from terminology.functions import SIGNATURES, Functions, arguments, moves, system_answers

from ..engines.sample_rows import codes_of, mixed_rows, status_of

SIZES = (1, 7, 100, 800)
PAIN = "system: icd10cm; M54*; is-a E11; excluding E11.9"


@pytest.fixture(scope="module")
def functions(store: Terminology) -> Functions:
    """The functions of the sample store, with one code list by name."""
    return Functions(store, {"pain": CodeList.parse(PAIN.replace(";", "\n"))})


def asked(function: Any, table: pa.Table, names: str, size: int = 100, **constants: str) -> list[Any]:
    """Return what a function says of a table, batch by batch; names in order, some of them constant."""
    found: list[Any] = []
    for start in range(0, table.num_rows, size):
        part = table.slice(start, size)
        columns = [
            pa.array([constants[name]] * part.num_rows) if name in constants else part.column(name)
            for name in names.split()
        ]
        found += function(*columns).to_pylist()
    return found


def edition_of(store: Terminology, row: dict[str, Any]) -> Any:
    """Return the edition of a row; None where it has no day, or its system is not loaded."""
    system = store.get(row["system"]) if row["system"] else None
    return None if system is None or row["day"] is None else system.on(row["day"])


@pytest.mark.parametrize("size", SIZES)
def test_each_row_has_the_status_of_its_own_day_and_system(functions: Functions, store: Terminology, size: int) -> None:
    """Of batches of any size; a row without a day or system is uncovered, one without a code malformed."""
    table = mixed_rows(store)
    expected = [status_of(store, row) for row in table.to_pylist()]
    assert expected == asked(functions.status, table, "system dx day", size)
    assert {str(status) for status in Status} <= set(expected)


def test_without_days_the_newest_release_answers(functions: Functions, store: Terminology) -> None:
    """Left out is not null: the form without days asks the newest release, a null is no day."""
    table = mixed_rows(store, seed=2).filter(
        pa.compute.is_in(mixed_rows(store, seed=2).column("system"), pa.array(["hcpcs", "icd10cm"]))
    )
    expected = [str(store[row["system"]].latest.status(row["dx"])) for row in table.to_pylist()]
    assert expected == asked(functions.status, table, "system dx")
    nothing = pa.nulls(2, pa.date32())
    assert ["uncovered", "malformed"] == functions.status(
        pa.array(["icd10cm"] * 2), pa.array(["M54.5", "?"]), nothing
    ).to_pylist()


def test_official_codes_and_reasons(functions: Functions, store: Terminology) -> None:
    """They are those of `terminology.validate`; a system that is not loaded is named."""
    table = mixed_rows(store, seed=3)
    found = terminology.validate(table, system="system", code="dx", on="day", store=store, columns=["reason"])
    assert found.column("dx_code").to_pylist() == asked(functions.code, table, "system dx")
    for size in SIZES:
        assert found.column("dx_reason").to_pylist() == asked(functions.reason, table, "system dx day", size)
    assert "no release of snomed is loaded" in found.column("dx_reason").to_pylist()


def test_titles_of_codes_in_force(functions: Functions, store: Terminology) -> None:
    """Null where the code is not in force, and where the licence of the system is not declared: ICD-10-GM has one."""
    table = mixed_rows(store, seed=4)
    expected = []
    for row in table.to_pylist():
        edition = edition_of(store, row)
        shown = edition is not None and not edition.definition.licensed and isinstance(row["dx"], str)
        expected.append(edition.title(row["dx"]) if shown else None)
    assert expected == asked(functions.display, table, "system dx day")
    assert any(expected)


def test_with_a_licence_titles_are_shown(sample_store: Path) -> None:
    """Declared is declared: then no title is withheld."""
    declared = terminology.open(sample_store, licences=("icd10gm",))
    code = next(iter(declared["icd10gm"].latest))
    columns = pa.array(["icd10gm"]), pa.array([code])
    assert [declared["icd10gm"].latest.title(code)] == Functions(declared).display(*columns).to_pylist()
    assert [None] == Functions(terminology.open(sample_store, licences=())).display(*columns).to_pylist()


@pytest.mark.parametrize("name", ["title", "chapter", "parent", "effective_from"])
def test_what_is_said_of_codes(functions: Functions, store: Terminology, name: str) -> None:
    """It is what `terminology.annotate` says, as text."""
    table = mixed_rows(store, seed=5)
    for system in ("icd10cm", "hcpcs"):
        found = terminology.annotate(table, system=system, on="day", columns=[name], store=store)
        expected = [None if value is None else str(value) for value in found.column(f"dx_{name}").to_pylist()]
        for size in SIZES:
            assert expected == asked(functions.property, table, "system dx name day", size, system=system, name=name)


def test_properties_of_licensed_systems_are_withheld(store: Terminology) -> None:
    """A chapter is a fact, a title is not."""
    functions, code = Functions(store), next(iter(store["icd10gm"].latest))
    columns = pa.array(["icd10gm"]), pa.array([code])
    assert [None] == functions.property(*columns, pa.array(["title"])).to_pylist()
    assert [None] != functions.property(*columns, pa.array(["chapter"])).to_pylist()


def test_a_property_that_no_code_has_is_an_error(functions: Functions) -> None:
    """A mistyped name would be a column of nulls; a null is one."""
    one = pa.array(["icd10cm"]), pa.array(["M54.5"])
    with pytest.raises(TerminologyError, match="no code of the store has a property 'chaptre'"):
        functions.property(*one, pa.array(["chaptre"]))
    assert [None] == functions.property(*one, pa.array([None], pa.string())).to_pylist()


def test_how_two_codes_relate(functions: Functions, store: Terminology) -> None:
    """It is `Edition.subsumes`; null where it raises, and where there is no edition."""
    table = mixed_rows(store, 3000, seed=6)
    expected = []
    for row in table.to_pylist():
        edition = edition_of(store, row)
        try:
            expected.append(edition.subsumes(row["dx"], row["other"]) if edition else None)
        except UnknownCodeError:
            expected.append(None)
    assert expected == asked(functions.subsumes, table, "system dx other day")
    assert {"equivalent", "subsumes", "subsumed-by", "not-subsumed", None} == {
        *expected,
        *asked(functions.subsumes, table, "system other dx day"),
        *asked(functions.subsumes, table, "system dx dx day"),
    }


@pytest.mark.parametrize("system", ["icd10cm", "hcpcs", "icd10pcs", "icd9cm"])
def test_every_pair_of_some_codes_relates_as_in_its_edition(
    functions: Functions, store: Terminology, system: str
) -> None:
    """Of codes and what is above them, in every release."""
    for release in store[system].releases:
        edition = store[system].release(release.version)
        codes = [code for root in edition.roots()[:2] for code in (root, *edition.descendants(root)[:12])]
        pairs = [(a, b) for a in codes for b in codes]
        found = functions.subsumes(
            pa.array([system] * len(pairs)),
            pa.array([a for a, _ in pairs]),
            pa.array([b for _, b in pairs]),
            pa.array([release.effective] * len(pairs)),
        )
        today = store[system].on(release.effective)
        assert [
            today.subsumes(a, b) if a in today_codes(today) and b in today_codes(today) else None for a, b in pairs
        ] == found.to_pylist()


def today_codes(edition: Any) -> set[str]:
    """Return all that is in the tree of an edition."""
    return {code for root in edition.roots() for code in (root, *edition.descendants(root))}


def test_membership_by_name_by_text_and_by_path(functions: Functions, store: Terminology, tmp_path: Path) -> None:
    """It is what `terminology.members` says, however the list is named; a changed file is read again."""
    table = mixed_rows(store, seed=7)
    code_list = CodeList.parse(PAIN.replace(";", "\n"))
    expected = terminology.members(table, code_list, on="day", store=store).column("dx_member").to_pylist()
    path = tmp_path / "pain.txt"
    path.write_text(code_list.text, encoding="utf-8")
    for named in ("pain", PAIN, str(path)):
        for size in SIZES:
            assert expected == asked(functions.member, table, "list dx day", size, list=named)
    assert any(expected)
    path.write_text("system: icd10cm\nZ99.999\n", encoding="utf-8")
    assert not any(asked(functions.member, table, "list dx day", list=str(path)))
    assert [False] == functions.member(pa.array([None], pa.string()), pa.array(["M54.5"])).to_pylist()


def test_lists_that_are_none(functions: Functions) -> None:
    """The message says what a list may be."""
    code = pa.array(["M54.5"])
    with pytest.raises(TerminologyError, match=r"no code list 'nothing'.*pain.*the path of a file"):
        functions.member(pa.array(["nothing"]), code)
    with pytest.raises(UnknownSystemError, match="snomed"):
        functions.member(pa.array(["system: snomed; 123"]), code)


def test_migration_from_days_and_releases(functions: Functions, store: Terminology) -> None:
    """The alternatives are those of `terminology.migrate`; null where nothing is known."""
    table = mixed_rows(store, seed=8)
    for origin in ("day", "2021", "2021-10-01"):
        found = terminology.migrate(table, system="icd10cm", origin=origin, target="2022", store=store)
        outcomes, targets = found.column("dx_outcome").to_pylist(), found.column("dx_targets").to_pylist()
        expected = [None if outcome == "unknown" else one for outcome, one in zip(outcomes, targets, strict=True)]
        constants = {"system": "icd10cm", "target": "2022", **({} if origin == "day" else {"origin": origin})}
        names = f"system dx {'day' if origin == 'day' else 'origin'} target"
        assert expected == asked(functions.migrate, table, names, **constants)
    newest = asked(functions.migrate, table, "system dx day", system="icd10cm")
    found = terminology.migrate(table, system="icd10cm", origin="day", store=store)
    assert [one or [] for one in newest] == found.column("dx_targets").to_pylist()


def test_migration_from_and_to_what_is_no_release(functions: Functions) -> None:
    """A bad row is null, never an exception."""
    rows = [
        ("icd10cm", "M54.5", "2021", "2022", [["M54.50"], ["M54.51"], ["M54.59"]]),
        ("icd10cm", "M54.5", "soon", "2022", None),
        ("icd10cm", "M54.5", None, "2022", None),
        ("icd10cm", "M54.5", "2021", "never", None),
        ("icd10cm", "M54.5", "2021", None, None),
        ("snomed", "M54.5", "2021", "2022", None),
        (None, None, None, None, None),
    ]
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(4)]
    assert [row[4] for row in rows] == functions.migrate(*columns).to_pylist()


def test_translation_with_and_without_days(functions: Functions, store: Terminology) -> None:
    """The alternatives are those of `terminology.translate`; null where nothing is known."""
    table = mixed_rows(store, seed=9)
    constants = {"source": "icd9cm", "target": "ICD10CM"}
    for on, names in (("day", "source target dx day"), (None, "source target dx")):
        found = terminology.translate(table, source="icd9cm", target="icd10cm", on=on, store=store)
        outcomes, targets = found.column("dx_outcome").to_pylist(), found.column("dx_targets").to_pylist()
        expected = [None if outcome == "unknown" else one for outcome, one in zip(outcomes, targets, strict=True)]
        assert expected == asked(functions.translate, table, names, **constants)
        assert any(expected)
    unknown = asked(functions.translate, table, "source target dx", source="icd9cm", target="nonsense")
    assert [None] * table.num_rows == unknown


@pytest.mark.parametrize("kind", ["large_string", "string_view", "dictionary", "enum", "chunked"])
def test_columns_of_other_types(functions: Functions, store: Terminology, kind: str) -> None:
    """Texts of any type have the same answers."""
    table = mixed_rows(store, 200, seed=10)
    types = {
        "large_string": pa.large_string(),
        "string_view": pa.string_view(),
        "enum": pa.dictionary(pa.uint16(), pa.string()),
    }
    columns: list[Any] = []
    for name in ("system", "dx"):
        column = table.column(name).combine_chunks()
        if kind in types:
            columns.append(column.cast(types[kind]))
        elif kind == "dictionary":
            columns.append(column.dictionary_encode())
        else:
            columns.append(pa.chunked_array([column[:90], column[90:]]))
    for days in (
        table.column("day"),
        table.column("day").cast(pa.timestamp("us")),
        table.column("day").cast(pa.string()),
    ):
        found = functions.status(*columns, days)
        assert [status_of(store, row) for row in table.to_pylist()] == found.to_pylist()


def test_numbers_are_codes_that_may_have_lost_their_zeros(functions: Functions) -> None:
    """As in every column: 250 of ICD-9-CM may have been 250.00."""
    found = functions.status(pa.array(["icd9cm"] * 2), pa.array([250.0, 250.01]), pa.array(["2014-01-01"] * 2))
    assert "malformed" == found.to_pylist()[0]


def test_no_rows(functions: Functions) -> None:
    """No rows are an empty column of the same type."""
    texts = pa.array([], pa.string())
    for name, signature in SIGNATURES.items():
        empty = getattr(functions, name)(*[texts] * len(signature.arguments))
        one = getattr(functions, name)(
            *[pa.array(["system: icd10cm; M54*" if name == "member" else "title"])] * len(signature.arguments)
        )
        assert 0 == len(empty)
        assert one.type == empty.type, name


def test_threads_share_the_functions(store: Terminology) -> None:
    """As DuckDB asks them: from several threads at once, new codes in each."""
    functions, table = Functions(store), mixed_rows(store, 2000, seed=11)
    statuses = [status_of(store, row) for row in table.to_pylist()]
    moved = asked(Functions(store).migrate, table, "system dx day")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        parts = [table.slice(start, 50) for start in range(0, 2000, 50)]
        found = list(
            pool.map(
                lambda part: (
                    functions.status(*map(part.column, ("system", "dx", "day"))),
                    functions.migrate(*map(part.column, ("system", "dx", "day"))),
                ),
                parts,
            )
        )
    assert statuses == [value for one, _ in found for value in one.to_pylist()]
    assert moved == [value for _, one in found for value in one.to_pylist()]


def test_what_is_remembered_has_an_end(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for hardly anything the answers are the same."""
    table = mixed_rows(store, 300, seed=12)
    expected = [asked(getattr(Functions(store), name), table, "system dx day") for name in ("status", "migrate")]
    chapters = asked(Functions(store).property, table, "system dx name day", name="chapter")
    for room in (moves, system_answers, arguments):
        monkeypatch.setattr(room, "REMEMBERED", 3)
    small = Functions(store)
    for size in SIZES:
        assert expected == [asked(getattr(small, name), table, "system dx day", size) for name in ("status", "migrate")]
        assert chapters == asked(small.property, table, "system dx name day", size, name="chapter")


def test_small_batches_find_all_codes(functions: Functions, store: Terminology) -> None:
    """Every code of every system is found by its key, and nothing that only begins like one."""
    for system in store.systems:
        codes = codes_of(store, system)
        texts = [*codes, *(f"{code}\0" for code in codes), *(code[:-1] for code in codes), "", "\0"]
        edition = store[system].latest
        found = functions.status(pa.array([system] * len(texts)), pa.array(texts))
        assert [str(edition.status(text)) for text in texts] == found.to_pylist()
