"""The exported vocabulary of OMOP, loaded by DuckDB with the types of the data model: keys hold, and queries give what editions answer."""

# ruff: noqa: S608 -- queries are made of names of these tests

from __future__ import annotations

import csv
import datetime
import os
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology, UnknownCodeError
from terminology.exports import omop
from terminology.exports.omop_classes import VOCABULARIES
from terminology.exports.omop_fields import TABLES
from terminology.samples import sample_folders

from ..exports.oracle import codes_of
from ..small_store import small_store

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'terminology-server[duckdb]'")
pytestmark = pytest.mark.engines

RELEASES = os.environ.get("TERMINOLOGY_RELEASES")
FIELD_LEVEL = "groupings/omop_shape/v5.3/OMOP_CDMv5.3_Field_Level.csv"
OPTIONAL = {"standard_concept", "invalid_reason", "vocabulary_version"}
PRIMARY = {
    "CONCEPT": "concept_id",
    "VOCABULARY": "vocabulary_id",
    "DOMAIN": "domain_id",
    "CONCEPT_CLASS": "concept_class_id",
    "RELATIONSHIP": "relationship_id",
}
FOREIGN = {
    ("CONCEPT", "domain_id"): ("DOMAIN", "domain_id"),
    ("CONCEPT", "vocabulary_id"): ("VOCABULARY", "vocabulary_id"),
    ("CONCEPT", "concept_class_id"): ("CONCEPT_CLASS", "concept_class_id"),
    ("VOCABULARY", "vocabulary_concept_id"): ("CONCEPT", "concept_id"),
    ("DOMAIN", "domain_concept_id"): ("CONCEPT", "concept_id"),
    ("CONCEPT_CLASS", "concept_class_concept_id"): ("CONCEPT", "concept_id"),
    ("RELATIONSHIP", "relationship_concept_id"): ("CONCEPT", "concept_id"),
    ("CONCEPT_RELATIONSHIP", "concept_id_1"): ("CONCEPT", "concept_id"),
    ("CONCEPT_RELATIONSHIP", "concept_id_2"): ("CONCEPT", "concept_id"),
    ("CONCEPT_RELATIONSHIP", "relationship_id"): ("RELATIONSHIP", "relationship_id"),
    ("CONCEPT_ANCESTOR", "ancestor_concept_id"): ("CONCEPT", "concept_id"),
    ("CONCEPT_ANCESTOR", "descendant_concept_id"): ("CONCEPT", "concept_id"),
}
UNENDED = datetime.date(2099, 12, 31)
RELATED = """
select b.concept_code, r.valid_start_date, r.valid_end_date, r.invalid_reason
from concept a
join concept_relationship r on r.concept_id_1 = a.concept_id and r.relationship_id = $relationship
join concept b on b.concept_id = r.concept_id_2
where a.vocabulary_id = $vocabulary and a.concept_code = $code
"""
BELOW = """
select a.concept_code, list(d.concept_code) filter (where min_levels_of_separation > 0)
from concept a
join concept_ancestor on ancestor_concept_id = a.concept_id
join concept d on d.concept_id = descendant_concept_id
where a.vocabulary_id = $vocabulary
group by a.concept_code
"""


def loaded(folder: Path) -> Any:
    """Return DuckDB with the tables of the data model, as its DDL has them, loaded from the files."""
    engine = duckdb.connect()
    for table, columns in TABLES.items():
        written = []
        for name, kind in columns.items():
            length = kind.partition("(")[2].rstrip(")")
            checked = f" check (length({name}) <= {length})" if length else ""
            written.append(f"{name} {kind}{'' if name in OPTIONAL else ' not null'}{checked}")
        if table in PRIMARY:
            written.append(f"primary key ({PRIMARY[table]})")
        engine.execute(f"create table {table} ({', '.join(written)})")
        options = "delimiter '\t', header, quote '', escape '', nullstr '', dateformat '%Y%m%d', auto_detect false"
        engine.execute(f"copy {table} from '{folder / table}.csv' ({options})")
    return engine


@pytest.fixture(scope="module")
def folder(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported samples."""
    target = tmp_path_factory.mktemp("omop") / "vocabulary"
    omop(sample_store, target)
    return target


@pytest.fixture(scope="module")
def engine(folder: Path) -> Any:
    """The exported samples, loaded."""
    return loaded(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A store that has every case of time and place."""
    return terminology.open(small_store(tmp_path_factory.mktemp("small")))


def ids_of(folder: Path) -> dict[tuple[str, str], str]:
    """Return the id of each concept, by vocabulary and code."""
    with (folder / "CONCEPT.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {(row["vocabulary_id"], row["concept_code"]): row["concept_id"] for row in rows}


def test_the_files_are_those_of_the_data_model(folder: Path) -> None:
    """A file for each table, the names of its columns in the first line between tabs."""
    assert {path.name for path in folder.glob("*.csv")} == {f"{name}.csv" for name in TABLES}
    for name, columns in TABLES.items():
        assert (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split("\t") == list(columns)


@pytest.mark.live
@pytest.mark.skipif(RELEASES is None, reason="TERMINOLOGY_RELEASES names no folder of release files")
def test_columns_are_those_of_the_field_level_list() -> None:
    """Their names, order, types, which may be null, and keys, as the publisher of the data model lists them."""
    path = Path(RELEASES or "").parent / FIELD_LEVEL
    if not path.exists():
        pytest.skip(f"{path.name} does not lie beside the release files")
    with path.open(encoding="utf-8-sig", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["cdmTableName"].upper() in TABLES]
    found: dict[str, dict[str, str]] = {}
    for row in listed:
        found.setdefault(row["cdmTableName"].upper(), {})[row["cdmFieldName"]] = row["cdmDatatype"]
    assert {name: list(columns.items()) for name, columns in found.items()} == {
        name: list(columns.items()) for name, columns in TABLES.items()
    }
    assert {row["cdmFieldName"] for row in listed if row["isRequired"] == "No"} == OPTIONAL
    keys = {row["cdmTableName"].upper(): row["cdmFieldName"] for row in listed if row["isPrimaryKey"] == "Yes"}
    assert keys == PRIMARY
    foreign = {
        (row["cdmTableName"].upper(), row["cdmFieldName"]): (row["fkTableName"], row["fkFieldName"].lower())
        for row in listed
        if row["isForeignKey"] == "Yes"
    }
    assert foreign == FOREIGN


@pytest.mark.parametrize(("place", "target"), FOREIGN.items(), ids=".".join)
def test_foreign_keys_hold(engine: Any, place: tuple[str, str], target: tuple[str, str]) -> None:
    """Everything that a row names is there; none of the tables is empty."""
    query = f"select {place[1]} from {place[0]} except select {target[1]} from {target[0]}"
    assert engine.execute(query).fetchall() == []
    assert engine.execute(f"select count(*) from {place[0]}").fetchone()[0] > 0


def test_a_concept_is_there_once(engine: Any) -> None:
    """By vocabulary and code, and a relationship by its two concepts; its reverse is there too."""
    for table, key in (
        ("concept", "vocabulary_id, concept_code"),
        ("concept_relationship", "concept_id_1, concept_id_2, relationship_id"),
        ("concept_ancestor", "ancestor_concept_id, descendant_concept_id"),
    ):
        query = f"select {key} from {table} group by {key} having count(*) > 1"
        assert engine.execute(query).fetchall() == []
    unreversed = """
        select concept_id_1, concept_id_2, reverse_relationship_id, valid_start_date, valid_end_date, r.invalid_reason
        from concept_relationship r join relationship using (relationship_id)
        except select concept_id_2, concept_id_1, relationship_id, valid_start_date, valid_end_date, invalid_reason
        from concept_relationship
    """
    assert engine.execute(unreversed).fetchall() == []


def test_the_hierarchy_ends_with_its_concepts(engine: Any) -> None:
    """No relationship of it is valid after the last day of either concept; where both are open and it is the newest, it is open."""
    late = """
        select count(*), count(distinct a.vocabulary_id)
        from concept_relationship r join concept a on a.concept_id = r.concept_id_1 join concept b on b.concept_id = r.concept_id_2
        where r.relationship_id in ('Is a', 'Subsumes') and r.valid_end_date {} least(a.valid_end_date, b.valid_end_date)
    """
    assert engine.execute(late.format(">")).fetchone() == (0, 0)
    assert engine.execute(late.format("=")).fetchone()[1] >= 8
    assert engine.execute("select count(*) from concept where valid_end_date < valid_start_date").fetchone() == (0,)


def test_local_ids_are_above_two_billion(engine: Any) -> None:
    """As the data model asks of concepts that are not OHDSI's; none of them is a standard concept."""
    assert engine.execute("select min(concept_id), max(standard_concept) from concept").fetchone() == (
        2_000_000_001,
        None,
    )


def test_days_are_the_first_and_the_last_in_force(store: Terminology, small: Terminology, tmp_path: Path) -> None:
    """On both the code is in force, or a node; on the day before and the day after it is not; an end that is open is 2099-12-31."""
    omop(small, tmp_path / "small")
    omop(store, tmp_path / "samples")
    for opened, name in ((small, "small"), (store, "samples")):
        rows = loaded(tmp_path / name).execute(
            "select vocabulary_id, concept_code, valid_start_date, valid_end_date, invalid_reason from concept "
            "where domain_id <> 'Metadata'"
        )
        found = {(row[0], row[1]): row[2:] for row in rows.fetchall()}
        for system in opened.values():
            vocabulary = VOCABULARIES.get(system.name, system.name.upper())
            assert {code for held, code in found if held == vocabulary} == set(codes_of(system))
            for code in codes_of(system):
                first, last, reason = found[vocabulary, code]
                held = [period for period in system.history(code).periods if period.status.valid]
                if not held:
                    assert system.latest.status(code) not in ("billable", "header")
                    continue
                assert first == held[0].effective_from
                end = held[-1].effective_to
                assert last == (UNENDED if end is None else end - datetime.timedelta(days=1))
                assert (reason is None) == (end is None)
                assert (reason == "U") <= bool(system.history(code).successors)


@pytest.mark.parametrize("name", ["icd10cm", "icd9cm", "icd10pcs", "hcpcs", "icd10", "icd10gm", "cpt"])
def test_ancestors_are_those_of_the_newest_release(engine: Any, store: Terminology, name: str) -> None:
    """All that is below each chapter, section and code; and how many levels are between."""
    edition, vocabulary = store[name].latest, VOCABULARIES[name]
    below = {code: set(found or []) for code, found in engine.execute(BELOW, {"vocabulary": vocabulary}).fetchall()}
    for code in codes_of(store[name]):
        try:
            expected = set(edition.descendants(code))
        except UnknownCodeError:
            assert code not in below
            continue
        assert below[code] == expected
    levels = engine.execute(
        """select d.concept_code, list(a.concept_code order by min_levels_of_separation)
           from concept d join concept_ancestor on descendant_concept_id = d.concept_id
           join concept a on a.concept_id = ancestor_concept_id
           where d.vocabulary_id = $vocabulary and min_levels_of_separation = max_levels_of_separation group by 1""",
        {"vocabulary": vocabulary},
    ).fetchall()
    assert levels
    for code, above in levels:
        assert above == [code, *edition.ancestors(code)]


@pytest.mark.parametrize("name", ["icd10cm", "icd9cm", "icd10pcs", "hcpcs"])
def test_parents_are_those_of_each_day(engine: Any, store: Terminology, name: str) -> None:
    """On the day of each release what is above a code is among those that hold then; the open ones are the newest's."""
    system, vocabulary = store[name], VOCABULARIES[name]
    for code in codes_of(system):
        asked = {"relationship": "Is a", "vocabulary": vocabulary, "code": code}
        found = engine.execute(RELATED, asked).fetchall()
        for release in system.releases:
            edition = system.on(release.effective)
            if not edition.status(code).valid:
                continue
            parent = edition.parent(code)
            held = {other for other, first, last, _ in found if first <= release.effective <= last}
            assert (parent in held) if parent else not held
        if system.latest.status(code).valid and system.definition.retired is None:
            assert [row[0] for row in found if row[3] is None] == [
                parent for parent in [system.latest.parent(code)] if parent
            ]


def test_replacements_are_those_of_the_history(engine: Any, store: Terminology) -> None:
    """Of each code that is gone what replaced it, if any release has that, from that day on; and nothing of any other."""
    seen = 0
    held = {code for system in store.values() for code in codes_of(system)}
    for name in ("icd10cm", "icd10pcs", "hcpcs", "icd10gm", "cpt"):
        for code in codes_of(store[name]):
            history = store[name].history(code)
            billable = [period for period in history.periods if period.status.billable]
            is_gone = bool(billable) and [period for period in history.periods if period.status.valid][-1].effective_to
            ended = billable[-1].effective_to if is_gone else None
            asked = {"relationship": "Concept replaced by", "vocabulary": VOCABULARIES[name], "code": code}
            expected = {(other, ended, UNENDED, None) for other in held.intersection(history.successors) if ended}
            assert set(engine.execute(RELATED, asked).fetchall()) == expected
            seen += len(expected)
    assert seen > 2


def test_a_code_of_another_system_replaces_one(store: Terminology, tmp_path: Path) -> None:
    """Where both systems are exported there is a relationship, and the code is replaced; without the other it is deleted."""
    folders = {path.name: path for path in sample_folders()}
    (successor,) = store["hcpcs"].history("G0505").successors
    assert store["cpt"].latest.status(successor) == "unknown", "the samples have no real code of CPT"
    files = tmp_path / "files"
    files.mkdir()
    for name in ("LONGULT_2024.txt", "LONGULT_2025.txt"):
        text = (folders["cpt"] / name).read_text(encoding="utf-8")
        assert "99991" in text
        (files / name).write_text(text.replace("99991", successor), encoding="utf-8")
    both = (folders["hcpcs"], folders["hcpcs_cross_references"], files)
    assert terminology.load(*both, store=tmp_path / "store").ok
    query = """
        select a.invalid_reason, b.vocabulary_id, b.concept_code
        from concept a
        left join concept_relationship r on r.concept_id_1 = a.concept_id and r.relationship_id = 'Concept replaced by'
        left join concept b on b.concept_id = r.concept_id_2
        where a.concept_code = 'G0505'
    """
    whole = loaded(omop(tmp_path / "store", tmp_path / "whole").folder)
    assert whole.execute(query).fetchall() == [("U", "CPT4", successor)]
    alone = loaded(omop(tmp_path / "store", tmp_path / "alone", "hcpcs").folder)
    assert alone.execute(query).fetchall() == [("D", None, None)]


def test_ids_stay_when_a_release_is_loaded(tmp_path: Path) -> None:
    """Of all that there was; what is new has the next ids. The export that is replaced is the one before."""
    files = next(path for path in sample_folders() if path.name == "icd10cm")
    store = tmp_path / "store"
    assert terminology.load(files / "icd10cm_order_2021.txt", store=store).ok
    first = omop(store, tmp_path / "first")
    again = omop(store, tmp_path / "again")
    before = ids_of(first.folder)
    assert ids_of(again.folder) == before, "the same store has the same ids"
    terminology.load(files, store=store)
    second = omop(store, tmp_path / "second", previous=first.folder)
    after = ids_of(second.folder)
    assert before.items() < after.items()
    assert second.ids == {"kept": len(before), "official": 0, "new": len(after) - len(before)}
    assert min(int(after[key]) for key in after.keys() - before.keys()) == max(map(int, before.values())) + 1
    assert len(set(after.values())) == len(after)
    omop(store, tmp_path / "again")
    assert ids_of(tmp_path / "again") == after, "in place of an earlier export too"


def test_ids_of_ohdsi_are_taken(tmp_path: Path, sample_store: Path) -> None:
    """With domain, class and standard flag; of a code that has none there, and of one that had another id, they are not."""
    names = list(TABLES["CONCEPT"])
    rows = [
        ["45756083", 'Low "back" pain', "Observation", "ICD10CM", "9-char", "S", "M54.50", "20211001", "20991231", ""],
        ["1326481", "Another system", "Drug", "NDC", "11-digit NDC", "", "M54.51", "20211001", "20991231", ""],
    ]
    official = tmp_path / "athena"
    official.mkdir()
    (official / "CONCEPT.csv").write_text("\n".join("\t".join(row) for row in [names, *rows]) + "\n", encoding="utf-8")
    found = omop(sample_store, tmp_path / "new", "icd10cm", concepts=official)
    assert found.ids["official"] == 1
    query = (
        "select concept_code, concept_id, concept_name, domain_id, concept_class_id, standard_concept from concept "
        "where concept_code in ('M54.50', 'M54.51') order by 1"
    )
    one, other = loaded(found.folder).execute(query).fetchall()
    assert one == ("M54.50", 45756083, "Low back pain, unspecified", "Observation", "9-char", "S")
    assert other[1] > 2_000_000_000
    assert other[3:] == ("Condition", "5-char billing code", None)
    engine = loaded(found.folder)
    for place, target in FOREIGN.items():
        query = f"select {place[1]} from {place[0]} except select {target[1]} from {target[0]}"
        assert engine.execute(query).fetchall() == []
    local = omop(sample_store, tmp_path / "local", "icd10cm")
    kept = omop(sample_store, tmp_path / "kept", "icd10cm", previous=local.folder, concepts=official)
    assert ids_of(kept.folder) == ids_of(local.folder)
    assert loaded(kept.folder).execute("select max(standard_concept) from concept").fetchone() == (None,)


def test_names_of_licensed_systems_are_their_codes(store: Terminology, sample_store: Path, tmp_path: Path) -> None:
    """Without a declared licence no title of them is in any file; with it, it is."""
    withheld = omop(sample_store, tmp_path / "without", ("CPT", "icd10", "icd10gm"))
    assert {"cpt", "icd10", "icd10gm"} == set(withheld.withheld)
    text = "".join(path.read_text(encoding="utf-8") for path in withheld.folder.rglob("*") if path.is_file())
    titles = {
        concept.title for concept in (store["cpt"].latest.get(code) for code in codes_of(store["cpt"])) if concept
    }
    assert len(titles) > 10
    assert [title for title in titles if title in text] == []
    shown = omop(terminology.open(sample_store, licences=("cpt",)), tmp_path / "with", "cpt")
    text = (shown.folder / "CONCEPT.csv").read_text(encoding="utf-8")
    assert any(title in text for title in titles)


def test_no_id_is_lost(tmp_path: Path, sample_store: Path) -> None:
    """An export in place of one of more systems is refused: who leaves one out would give its ids anew later."""
    place = tmp_path / "vocabulary"
    omop(sample_store, place, ["icd10cm", "hcpcs"])
    before = ids_of(place)
    with pytest.raises(terminology.TerminologyError, match="has hcpcs too, whose ids would be lost"):
        omop(sample_store, place, "icd10cm")
    assert ids_of(place) == before
    omop(sample_store, place, ["icd10cm", "hcpcs", "icd9cm"])
    assert before.items() < ids_of(place).items()


def test_an_earlier_export_with_one_id_for_two_concepts(tmp_path: Path, sample_store: Path) -> None:
    """It is an error that names both."""
    before = omop(sample_store, tmp_path / "before", "icd10cm").folder
    concepts = before / "CONCEPT.csv"
    lines = concepts.read_text(encoding="utf-8").splitlines()
    number = lines[-2].partition("\t")[0]
    lines[-1] = number + lines[-1][len(number) :]
    concepts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(terminology.ReleaseFormatError, match=f"the id {number} is that of .* and .*: expected one"):
        omop(sample_store, tmp_path / "after", "icd10cm", previous=before)
