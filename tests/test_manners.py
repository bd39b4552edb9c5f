"""Stores, code systems and editions behave as Python's own collections do, and values explain themselves."""

from __future__ import annotations

import copy
import datetime
import json
import math
import pickle
from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

import terminology
from terminology import (
    CodeSystem,
    Edition,
    InvalidDateError,
    Status,
    Terminology,
    UnknownCodeError,
    UnknownSystemError,
    UnknownTableError,
)
from terminology.errors import (
    NotPublishedError,
    ReleaseFaults,
    ReleaseFormatError,
    StoreNotFoundError,
    UnreachableError,
)
from terminology.query.edition import engine_of

# ---- editions as collections


def test_a_code_in_force_is_in_an_edition(edition: Edition) -> None:
    """Billable codes and headers are in it, however they are written; what is not in force and what is no text is not."""
    assert [True, True, True] == [code in edition for code in ("M54.50", "m5450 ", "M54")]
    assert [False] * 5 == [code in edition for code in ("Z99.99", "?", None, 5, ["M54.50"])]


def test_a_table_that_is_not_there_is_named_with_those_that_are(store: Terminology) -> None:
    """A release without notes, a grouping and a crosswalk answer a table that they lack with the names of theirs."""
    crosswalk = next(one for one in store.crosswalks if one.name == "order_addenda")
    asked = {
        "ICD-10-CM 2021 has no table 'notes': it has changes, concepts, published": lambda: (
            store["icd10cm"].release("2021").table("notes")
        ),
        "ICD-10-CM 2022 has no table 'nots': it has ": lambda: store["icd10cm"].release("2022").table("nots"),
        "order_addenda": lambda: store.table(crosswalk, "notes"),
        "ccsr_dx": lambda: store.grouping("ccsr_dx").latest.table("notes"),
    }
    for message, ask in asked.items():
        with pytest.raises(UnknownTableError, match=r"has no table 'not\w+': it has \w+") as caught:
            ask()
        assert str(caught.value).startswith(message)
        assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize("system", ["icd10cm", "icd10pcs", "hcpcs", "icd9cm", "cpt", "icd10"])
def test_iteration_and_length_are_of_the_codes_of_the_publisher(store: Terminology, system: str) -> None:
    """They count what the release counts, in document order, without chapters, sections and nodes."""
    code_system = store[system]
    for release in code_system.releases:
        found = code_system.release(release.version)
        codes = list(found)
        assert len(codes) == len(set(codes)) == len(found)
        assert all(code in found for code in codes)
        rows = found.table("published").to_pylist()
        listed = [row["code"] for row in rows if row["code"] in set(codes)]
        if not code_system.definition.dated:
            assert release.concepts == len(found)
            assert listed == codes


def test_an_edition_of_an_uncovered_day_is_empty_but_true(cm: CodeSystem) -> None:
    """Nothing is in force that is known; the edition is still an answer."""
    found = cm.on("1990-01-01")
    assert (0, [], True) == (len(found), list(found), bool(found))


def test_get_is_lookup(edition: Edition) -> None:
    """``get`` returns the concept, and None on a miss."""
    assert edition["M54.50"] == edition.get("M54.50") == edition.lookup("M54.50")
    assert edition.get("Z99.99") is None


@pytest.mark.parametrize("given", [None, math.nan, 250, 250.0, True, b"M54.50", ["M54.50"], {"code": 1}, object()])
def test_what_is_no_text_is_malformed(cm: CodeSystem, edition: Edition, given: object) -> None:
    """It is never an exception where a status is asked, and an unknown code where a place is."""
    assert edition.status(given) is Status.MALFORMED
    assert edition.check(given).status is Status.MALFORMED
    assert isinstance(edition.check(given).code, str)
    assert (False, False) == (edition.is_valid(given), edition.is_billable(given))
    assert [None] * 4 == [edition.lookup(given), edition.get(given), edition.title(given), edition.source(given)]
    assert () == cm.history(given).periods
    for ask in (edition.parent, edition.children, edition.ancestors, edition.descendants, edition.notes):
        with pytest.raises(UnknownCodeError):
            ask(given)
    with pytest.raises(UnknownCodeError):
        edition[given]
    with pytest.raises(UnknownCodeError):
        edition.subsumes(given, "M54")


def test_what_is_no_text_becomes_nothing(store: Terminology, cm: CodeSystem) -> None:
    """Migrations and translations of it are unknown, with the reason."""
    for given in (None, 250.0):
        for found in (
            cm.migrate(given, "2021", "2022"),
            cm.became(given),
            store.translate(given, source="icd10cm", target="icd9cm"),
            store.translate(given, source="icd10cm", target="icd10cm"),
        ):
            assert ("unknown", ()) == (found.outcome, found.alternatives)
            assert found.reason


class Alike(str):
    """A text that takes itself for another."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash("M54.50")

    def __eq__(self, other: object) -> bool:
        return other == "M54.50"


def test_what_was_asked_before_changes_no_answer_and_fills_no_memory(sample_store: Path) -> None:
    """A text of a class of its own is not remembered, nor is one that is long."""
    found = terminology.open(sample_store)["icd10cm"].release("2022")
    assert found.status(Alike("?")) is Status.MALFORMED
    assert found.status("M54.50") is Status.BILLABLE
    blanks = " " * 100_000
    assert found.status(f"{blanks}M54.51") is Status.BILLABLE
    assert found.subsumes(f"{blanks}M54", "M54.51") == "subsumes"
    assert found[f"{blanks}M54.51"] == found["M54.51"]
    as_of = engine_of(found)
    assert all(len(text) < len(blanks) for text in (*as_of.statuses, *as_of.places, *as_of.concepts))


# ---- stores as mappings


def test_a_store_is_a_mapping(store: Terminology) -> None:
    """``get`` is None on a miss, and what is missing is a KeyError that says its message."""
    assert store.get("icd10cm") is store["icd10cm"]
    assert store.get("nosuch") is None
    assert None not in store
    with pytest.raises(KeyError) as caught:
        store["nosuch"]
    assert isinstance(caught.value, UnknownSystemError)
    assert str(caught.value).startswith("no code system 'nosuch' in the store")


def test_an_unknown_code_is_a_key_error(edition: Edition) -> None:
    """Its message names code, system, day and release, and nothing of the inside."""
    with pytest.raises(KeyError) as caught:
        edition["E11.99"]
    assert "E11.99 is not in ICD-10-CM on 2021-10-01 (release 2022)" == str(caught.value)


@pytest.mark.parametrize(
    ("code", "day", "message"),
    [
        (
            "M54.50",
            "2021-09-30",
            "M54.50 is not yet in force in ICD-10-CM on 2021-09-30 (release 2021): it comes into force on 2021-10-01",
        ),
        ("?", "2021-10-01", "'?' cannot be a code of ICD-10-CM"),
        (
            "M54.5",
            "2031-01-15",
            "no release of ICD-10-CM covers 2031-01-15: the newest release, 2022-04, ends 2022-09-30; load FY2031",
        ),
        (
            "M54.5",
            "1990-01-01",
            "no release of ICD-10-CM covers 1990-01-01: ICD-10-CM is used from 2015-10-01 on; for that day ask icd9cm",
        ),
    ],
)
def test_a_place_that_is_not_known_says_why(cm: CodeSystem, code: str, day: str, message: str) -> None:
    """Cause, place and cure are in one sentence."""
    with pytest.raises(UnknownCodeError) as caught:
        cm.on(day).parent(code)
    assert message == str(caught.value)


def test_a_question_without_a_day(cm: CodeSystem) -> None:
    """What only an edition answers says that a day has to be chosen first."""
    with pytest.raises(AttributeError, match=r"choose a day first, as in store\['icd10cm'\].on\(day\).status"):
        cm.status("M54.5")
    with pytest.raises(AttributeError, match="has no attribute 'nosuch'"):
        _ = cm.nosuch


# ---- days and versions


class NotATime(datetime.datetime):
    """As the NaT of pandas: a datetime without year, month and day."""

    year = month = day = math.nan  # type: ignore[assignment]

    def date(self) -> datetime.date:
        """Return itself, as it does since pandas 3.1; before, it raised."""
        return self


@pytest.mark.parametrize("given", [None, NotATime(1, 1, 1), math.nan, 3, "yesterday", "", "2024-02-30"])
def test_what_is_no_day(cm: CodeSystem, given: object) -> None:
    """It is an InvalidDateError."""
    with pytest.raises(InvalidDateError):
        cm.on(given)


@pytest.mark.parametrize("given", [np.datetime64("2021-12-01"), np.datetime64("NaT", "D"), np.int64(2021), {"day": 1}])
def test_values_of_numpy_are_no_days(cm: CodeSystem, given: object) -> None:
    """They are an InvalidDateError wherever a day or a version is asked for, as all else that is no date."""
    for ask in (cm.on, cm.release, lambda value: cm.on("2021-12-01", known=value)):
        with pytest.raises(InvalidDateError):
            ask(given)


def test_days_are_named_in_many_ways(cm: CodeSystem) -> None:
    """ISO text, date, datetime and today."""
    day = datetime.date(2021, 10, 1)
    for given in ("2021-10-01", day, datetime.datetime(2021, 10, 1, 12, 30), "2021-10-01T00:00:00"):  # noqa: DTZ001
        assert day == cm.on(given).date
    assert datetime.date.today() == cm.on("today").date  # noqa: DTZ011


def test_versions_are_named_in_many_ways(cm: CodeSystem) -> None:
    """The label, the label as a number, the effective day as text or date."""
    for given in ("2022", 2022, "2021-10-01", datetime.date(2021, 10, 1)):
        assert cm.release("2022") is cm.release(given)
        assert cm.migrate("M54.5", 2021, given) == cm.migrate("M54.5", "2021", "2022")
        assert cm.on("2021-12-01", known=given).release == cm.release("2022").release


# ---- pickles


def test_stores_systems_and_editions_can_be_pickled(store: Terminology, cm: CodeSystem) -> None:
    """They reopen by path, and answer alike."""
    twin = pickle.loads(pickle.dumps(store))  # noqa: S301
    assert (store.path, store.systems, store.licences) == (twin.path, twin.systems, twin.licences)
    assert cm.releases == pickle.loads(pickle.dumps(cm)).releases  # noqa: S301
    for edition in (cm.latest, cm.on("2021-12-01", known="2021"), cm.on("2021-12-01", known="1990-01-01")):
        again = pickle.loads(pickle.dumps(edition))  # noqa: S301
        assert repr(edition) == repr(again)
        assert [edition.status(code) for code in ("M54.5", "M54.50", "?")] == [
            again.status(code) for code in ("M54.5", "M54.50", "?")
        ]


def test_descendants_can_be_pickled_and_copied(edition: Edition) -> None:
    """The copy is a list of its own: it needs no store."""
    found = edition.descendants("M54")
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301
        assert (found, list(found), found[:2]) == (again, list(again), again[:2])
        assert (found.to_arrow(), repr(found), hash(found)) == (again.to_arrow(), repr(again), hash(again))


@pytest.mark.parametrize("licence", [(), ("cpt",)])
def test_pickles_keep_the_licences(sample_store: Path, licence: tuple[str, ...]) -> None:
    """What was declared when the store was opened is declared in the copy."""
    twin = pickle.loads(pickle.dumps(terminology.open(sample_store, licences=licence)["cpt"].latest))  # noqa: S301
    assert frozenset(licence) == twin.licences


# ---- the package


@pytest.mark.parametrize(
    "error",
    [
        ReleaseFormatError("expected a code, got '?'", file="codes.zip!codes.txt", line=3, column="CODE"),
        NotPublishedError("expected a file, got none", url="https://example.org/codes.zip", status=404),
        UnreachableError("no answer", url="https://example.org/codes.zip"),
        ReleaseFaults("2 faults", [ReleaseFormatError("expected a title", file="codes.txt", line=4)]),
        UnknownCodeError("no such code"),
        StoreNotFoundError("no store there"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_pass_from_process_to_process(error: Exception) -> None:
    """An error that was pickled or copied is as it was: kind, words and place."""
    for made in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 -- our own
        assert type(made) is type(error)
        assert str(made) == str(error)
        assert repr(made) == repr(error)
        assert getattr(made, "__dict__", None) == getattr(error, "__dict__", None)


def test_the_package_lists_what_is_public() -> None:
    """``dir`` has every public name, the lazy ones too, and each is there."""
    assert {"load", "open", "LoadReport", "__version__", "Status"} <= set(dir(terminology))
    assert all(hasattr(terminology, name) for name in dir(terminology))


def test_the_version_is_that_of_the_distribution() -> None:
    """It is read when it is asked for."""
    from importlib.metadata import version

    assert version("terminology-server") == terminology.__version__


def test_the_faces_show_what_users_call() -> None:
    """Nothing of the engine is in the way of whoever completes a name."""
    assert {name for name in dir(CodeSystem) if not name.startswith("_")} == {
        *("became", "definition", "diff", "history", "latest", "licences", "migrate", "name", "on", "release"),
        *("releases", "store"),
    }
    assert {name for name in dir(Edition) if not name.startswith("_")} == {
        *(
            "ancestors",
            "check",
            "children",
            "coding_order",
            "common_ancestor",
            "date",
            "definition",
            "descendants",
            "explain",
            "gap",
            "get",
            "grouping",
            "groupings",
            "groups",
            "is_billable",
            "is_etiology",
            "is_manifestation",
            "siblings",
        ),
        *("is_covered", "is_valid", "known", "licences", "lookup", "node", "notes", "parent", "properties", "property"),
        *("release", "roots"),
        *("search", "source", "status", "subsumes", "system", "table", "title", "to_networkx"),
    }


# ---- values


def test_values_are_json(store: Terminology, cm: CodeSystem, edition: Edition) -> None:
    """``to_dict`` of every answer is plain, and can be written."""
    answers = [
        edition.check("M54.50"),
        edition.explain("M54.5"),
        *edition.explain("M54.5").instead,
        edition["M54.50"],
        edition["M54.50"].source,
        *edition.notes("M54.50"),
        cm.history("M54.5"),
        cm.migrate("M54.5", "2021", "2022"),
        cm.diff("2021", "2022"),
        store.translate("250.00", source="icd9cm", target="icd10cm"),
        *cm.releases,
        *store.crosswalks,
    ]
    for answer in answers:
        values = answer.to_dict()
        assert values == json.loads(json.dumps(values)), answer


def test_tables_and_graphs_have_their_types(edition: Edition) -> None:
    """Arrow tables and networkx graphs, as the annotations say."""
    assert isinstance(edition.table(), pa.Table)
    assert isinstance(edition.to_networkx(), nx.DiGraph)


def test_a_history_reads_in_a_terminal(cm: CodeSystem) -> None:
    """A line a period, and the relatives."""
    assert repr(cm.history("M54.5")).splitlines() == [
        "<History M54.5:",
        "  by 2020-10-01 to 2021-10-01: billable, Low back pain",
        "  from 2021-10-01 open: header, Low back pain",
        "  successors M54.50, M54.51, M54.59>",
    ]
    assert "<History Z99.99: in no loaded release>" == repr(cm.history("Z99.99"))


def test_a_translation_reads_in_a_terminal(store: Terminology, cm: CodeSystem) -> None:
    """A line an alternative, with its steps."""
    found = repr(cm.migrate("M54.5", "2021", "2022")).splitlines()
    assert "<Translation M54.5: mapped" == found[0]
    assert found[1].startswith("  M54.50 (to_header, source-is-broader-than-target) by to_header 2021-10-01")
    assert repr(store.translate("?", source="icd10cm", target="icd9cm")).startswith(
        "<Translation ?: unknown, '?' cannot"
    )
