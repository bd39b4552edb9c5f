"""Maps of a former year with hindsight: what a later version corrected, and what only follows from new and ended codes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import terminology
from terminology import Terminology, TerminologyError
from terminology.model import Translation

from ..property.successions import day_of
from .fakes import EQUIVALENT
from .gardens import Map, garden

Told = Callable[..., Terminology]
Alternatives = frozenset[frozenset[str]]
YEARS = ("2014", "2016", "2018")
OLD = ("001.0", "001.1", "001.9")
NEW = ("A00.0", "A00.1", "A00.9", "A01.1")


@pytest.fixture
def plants(tmp_path: Path) -> Told:
    """A function that makes a store (see `garden`)."""
    return partial(garden, tmp_path)


def grown(number: int, *rows: str) -> Map:
    """Return a version of a map from goods to plants, made for the release of that number."""
    return Map(
        [f"{row},{EQUIVALENT}" for row in rows],
        version=str(number + 1),
        release=number,
        source="goods",
        target="plants",
    )


def asked(store: Terminology, code: str = "tea", **more: Any) -> Translation:
    """Return of which plants something was made by the first version of the map, corrected."""
    return store.translate(code, source="goods", target="plants", on=day_of(0), **{"corrected": True, **more})


def ways(found: Translation) -> list[tuple[str, str]]:
    """Return codes and kind of each alternative."""
    return [("+".join(one.codes), one.kind) for one in found.alternatives]


# ---- which rows are corrections


def test_a_row_that_a_later_version_changed_is_answered_by_it(plants: Told) -> None:
    """Both codes were there in both years: the later row answers, and says what the version of the year has."""
    store = plants(["PA PB", "PA PB"], [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    assert ways(asked(store, corrected=False)) == [("PA", "single")]
    found = asked(store)
    assert (ways(found), found.reason, found.is_complete) == ([("PB", "corrected")], None, True)
    (step,) = found.alternatives[0].path
    assert (step.kind, step.crosswalk, step.source and (step.source.file, step.source.line)) == (
        "corrected",
        "uses 2",
        ("uses-2.csv", 7),
    )
    assert step.detail["correction"] == {
        "by": "uses 2",
        "file": "uses-2.csv",
        "of": "uses 1",
        "removed": [{"to": ["PA"], "file": "uses-1.csv", "line": 7}],
    }


@pytest.mark.parametrize(
    ("releases", "why"),
    [
        (["PA", "PA PB"], "the later target is new"),
        (["PA PB", "PB"], "the former target ended"),
        (["PA PB/", "PA PB"], "the later target was a header"),
        (["PA PB", "PA/ PB"], "the former target became a header"),
    ],
)
def test_what_follows_from_other_codes_is_no_correction(plants: Told, releases: list[str], why: str) -> None:
    """A later row is not taken where a code of the rows that differ was not the same in both years."""
    store = plants(releases, [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    assert asked(store) == asked(store, corrected=False), why


def test_a_row_beside_a_new_code_is_not_taken(plants: Told) -> None:
    """Where one of the later targets is new, nobody says which of them the former target became: it stays."""
    store = plants(["PA PB", "PA PB PC"], [], grown(0, "tea,PA"), grown(1, "tea,PB", "tea,PC"))
    assert asked(store) == asked(store, corrected=False)


def test_a_header_that_was_one_all_the_time_may_be_corrected(plants: Told) -> None:
    """A map that led to a header by mistake is corrected as any other."""
    store = plants(["PA/ PB", "PA/ PB"], [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    assert ways(asked(store)) == [("PB", "corrected")]


def test_rows_that_stay_are_those_of_the_year(plants: Told) -> None:
    """Of several rows, what both versions have is told from the version of the year, what only the later has from that."""
    store = plants(["PA PB PC"] * 2, [], grown(0, "tea,PA", "tea,PB"), grown(1, "tea,PC", "tea,PB"))
    found = asked(store)
    assert ways(found) == [("PC", "corrected"), ("PB", "single")]
    steps = [one.path[0] for one in found.alternatives]
    assert [step.crosswalk for step in steps] == ["uses 2", "uses 1"]
    assert [[row["to"] for row in step.detail["correction"]["removed"]] for step in steps] == [[["PA"]]] * 2


def test_a_row_that_is_gone_is_told_beside_what_stays(plants: Told) -> None:
    """Where a later version only takes a row back, no step is corrected, and each says what it took back."""
    store = plants(["PA PB"] * 2, [], grown(0, "tea,PA", "tea,PB"), grown(1, "tea,PB"))
    found = asked(store)
    assert ways(found) == [("PB", "single")]
    assert found.alternatives[0].path[0].detail["correction"]["removed"] == [
        {"to": ["PA"], "file": "uses-1.csv", "line": 7}
    ]


def test_the_newest_version_that_corrects_counts(plants: Told) -> None:
    """Of several later versions the newest is taken whose rows differ in codes of both years only."""
    maps = [grown(0, "tea,PA"), grown(1, "tea,PB"), grown(2, "tea,PC")]
    assert ways(asked(plants(["PA PB PC"] * 3, [], *maps))) == [("PC", "corrected")]


def test_an_earlier_correction_counts_where_the_newest_version_has_new_codes(plants: Told) -> None:
    """The version before the one with a new code still corrects."""
    maps = [grown(0, "tea,PA"), grown(1, "tea,PB"), grown(2, "tea,PC")]
    assert ways(asked(plants(["PA PB", "PA PB", "PA PB PC"], [], *maps))) == [("PB", "corrected")]


def test_what_was_taken_back_is_no_correction(plants: Told) -> None:
    """Where the newest version says again what that of the year says, versions between them do not count."""
    maps = [grown(0, "tea,PA"), grown(1, "tea,PB"), grown(2, "tea,PA")]
    store = plants(["PA PB"] * 3, [], *maps)
    assert asked(store) == asked(store, corrected=False)


def test_what_is_corrected_is_migrated_from_the_year_asked_for(plants: Told) -> None:
    """A version that is named answers in the newest release; corrected rows go the same way from its year on."""
    store = plants(["PA PB", "PA PB", "PA PB"], [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    found = store.translate("tea", source="goods", target="plants", crosswalk="uses 1", corrected=True)
    assert ways(found) == [("PB", "corrected")]
    again = store.translate("tea", source="goods", target="plants", corrected=True)
    assert ways(again) == [("PB", "single")]


def test_where_no_release_covers_the_year_it_is_not_known(plants: Told) -> None:
    """Where nothing says what was in force, the later row is not taken, and the answer says why it may be incomplete."""
    store = plants([None, "PA PB"], [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    found = store.translate("tea", source="goods", target="plants", crosswalk="uses 1", corrected=True)
    assert (ways(found), found.is_complete) == ([("PA", "single")], False)
    assert found.reason == (
        f"uses 2 says otherwise of tea; no loaded release says whether all codes of both were in force on {day_of(0)}"
    )


def test_corrections_are_not_read_backwards(plants: Told) -> None:
    """Both options at once are an error that says which to leave out."""
    store = plants(["PA PB"] * 2, [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    with pytest.raises(TerminologyError, match="ask without inverted"):
        store.translate("PA", source="plants", target="goods", inverted=True, corrected=True)


def test_a_column_is_corrected_as_its_codes_are(plants: Told) -> None:
    """Each row is answered for its own day, and the same column without corrections is answered as before."""
    store = plants(["PA PB"] * 2, [], grown(0, "tea,PA"), grown(1, "tea,PB"))
    table = {"dx": ["tea", "tea"], "day": [day_of(0), day_of(1)]}
    options = {"source": "goods", "target": "plants", "on": "day", "store": store}
    for corrected, targets in ((True, ["PB", "PB"]), (False, ["PA", "PB"]), (True, ["PB", "PB"])):
        found = terminology.translate(table, corrected=corrected, **options)
        assert found.column("dx_targets").to_pylist() == [[[target]] for target in targets]


# ---- against a reading of the raw rows


@st.composite
def gems(draw: st.DrawFn) -> Mapping[str, tuple[frozenset[str], Mapping[str, frozenset[str]]]]:
    """Return for each year the codes of ICD-10-CM that there are, and the targets of each code of ICD-9-CM; none is NoDx."""
    made = {}
    for year in YEARS:
        there = draw(st.frozensets(st.sampled_from(NEW), min_size=1))
        sources = draw(st.lists(st.sampled_from(OLD), min_size=1, unique=True))
        targets = st.frozensets(st.sampled_from(sorted(there)))
        made[year] = there, {source: draw(targets) for source in sorted(sources)}
    return made


def written(folder: Path, made: Mapping[str, tuple[frozenset[str], Mapping[str, frozenset[str]]]]) -> Path:
    """Write the files of all years; in the other direction no code has a target."""
    folder.mkdir()
    for year, (there, rows) in made.items():
        lines = []
        for source, targets in rows.items():
            plain = source.replace(".", "")
            lines += [f"{plain:<5} {target.replace('.', ''):<7} 10000\n" for target in sorted(targets)]
            lines += [f"{plain:<5} NoDx    11000\n"] * (not targets)
        (folder / f"{year}_I9gem.txt").write_text("".join(lines))
        back = [f"{code.replace('.', ''):<7} NoDx  11000\n" for code in sorted(there)]
        (folder / f"{year}_I10gem.txt").write_text("".join(back))
    return folder


def expected(made: Mapping[str, Any], year: str, code: str) -> frozenset[str]:
    """Return the targets of a code in a year, with hindsight: by a scan of all later years, the newest first."""
    there, rows = made[year]
    for later in sorted((other for other in YEARS if other > year), reverse=True):
        there_later, rows_later = made[later]
        if code not in rows_later:
            continue
        if rows_later[code] == rows[code]:
            return frozenset(rows[code])
        if rows_later[code] ^ rows[code] <= there & there_later:
            return frozenset(rows_later[code])
    return frozenset(rows[code])


@settings(max_examples=40)
@given(gems())
def test_hindsight_is_that_of_a_scan_of_all_years(made: Mapping[str, Any]) -> None:
    """Without releases, the files of the other direction say which codes there were: answers are those of a scan."""
    with tempfile.TemporaryDirectory(prefix="gems-") as place:
        folder = Path(place)
        report = terminology.load(written(folder / "files", made), store=folder / "store")
        assert report.errors == ()
        store = terminology.open(folder / "store")
        for year, (_, rows) in made.items():
            for code, own in rows.items():
                options = {"source": "icd9cm", "target": "icd10cm", "crosswalk": f"gems {year}"}
                plain, corrected = (store.translate(code, corrected=asked, **options) for asked in (False, True))
                assert set(plain.codes) == own
                wanted = expected(made, year, code)
                assert set(corrected.codes) == wanted
                assert str(corrected.outcome) == ("mapped" if wanted else "none")
                by_later = {one.codes[0] for one in corrected.alternatives if one.kind == "corrected"}
                assert by_later == wanted - own
                steps = [step for one in corrected.alternatives for step in one.path] or list(corrected.path)
                removed = [step.detail.get("correction", {}).get("removed", []) for step in steps]
                gone = [{code for row in rows for code in row["to"]} for rows in removed]
                assert gone == [own - wanted] * len(steps)
