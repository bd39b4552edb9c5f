"""Which releases lists of codes make, and what a store answers."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import UnknownSystemError
from terminology.drafts import Part
from terminology.ingest.checks import check_concepts
from terminology.reading import ReadableFile, readable_files
from terminology_loaders.generic import GenericLoader

from .generic_files import coded, read, rows

day = datetime.date


SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/generic"


LOADERS = {"generic": GenericLoader()}


class TestReleases:
    """Versions, days, contradictions."""

    @pytest.mark.parametrize(
        ("lines", "given", "expected"),
        [
            (["#version: 3", "#effective: 2024-05-01"], {}, ("3", day(2024, 5, 1))),
            (["#effective: 2024-05-01"], {}, ("2024-05-01", day(2024, 5, 1))),
            (["#version: 2024", "#calendar: fiscal"], {}, ("2024", day(2023, 10, 1))),
            (["#version: 2024-07"], {}, ("2024-07", day(2024, 7, 1))),
            (["#version: 20240315"], {}, ("20240315", day(2024, 3, 15))),
            (["#version: 3", "#effective: 2024-05-01"], {"version": "4"}, ("4", day(2024, 5, 1))),
            (["#version: 3"], {"effective": day(2020, 1, 1)}, ("3", day(2020, 1, 1))),
            (["#version: 2024"], {"version": "2025"}, ("2025", day(2025, 1, 1))),
        ],
    )
    def test_dating(self, lines, given, expected):
        """The operator's words win, then the stated day, then a version that is a day, month or year."""
        part = evolve(read(coded("A,Red", *lines, system="#system: colours\n")), **given)
        (draft,) = GenericLoader().assemble([part]).drafts
        assert expected == (draft.version, draft.effective)

    @pytest.mark.parametrize(
        ("lines", "advice"), [([], "--effective"), (["#version: a/b", "#effective: 2024-01-01"], "--version")]
    )
    def test_what_cannot_be_dated(self, lines, advice):
        """A list without a day, or with a version that is no label, is refused with advice."""
        part = read(coded("A,Red", *lines, system="#system: colours\n"))
        ((_, why),) = GenericLoader().assemble([part]).refused
        assert advice in why

    @pytest.mark.parametrize(
        ("lines", "body", "reason"),
        [
            (["#uri: urn:other"], "A,Red", "says uri"),
            ([], "B,Blue", "lists other codes"),
            (["#effective: 2024-02-01"], "A,Red", "of the same version"),
            (["#version: 2", "#effective: 2024-01-01"], "A,Red", "on the same day"),
        ],
    )
    def test_contradictions(self, lines, body, reason):
        """Two lists of one system must agree on what they are, and not claim one day or version twice."""
        first = read(coded("A,Red", "#version: 1"))
        head = ["#version: 1", "#effective: 2024-01-01", *lines]
        other = read(evolve_name(coded(body, *head, system="#system: colours\n"), "other.csv"))
        ((refused, why),) = GenericLoader().assemble([other, first]).refused
        assert (other.identity, True) == (refused.identity, reason in why)

    def test_the_same_list_twice(self):
        """The same codes in two files are one release with two sources."""
        parts = [read(coded("A,Red")), read(evolve_name(coded("A,Red", "## again"), "copy.csv"))]
        (draft,) = GenericLoader().assemble(parts).drafts
        assert 2 == len(draft.parts)


def evolve_name(file, name):
    """Return the file under another name."""
    return ReadableFile(name, lambda: file.data)


class TestStore:
    """What a store answers about such systems."""

    def test_samples(self, tmp_path):
        """One folder may hold several systems, each with its versions."""
        report = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
        assert ((), ()) == (report.errors, report.skipped)
        store = terminology.open(tmp_path)
        assert {"places": ["2023", "2024"], "vaccines": ["2024-03-01"]} == {
            name: [release.version for release in store[name].releases] for name in store.systems
        }
        places = store["https://example.org/codes/places"]
        assert ["future", "billable", "uncovered"] == [
            str(places.on(date).status("10")) for date in ("2023-05-01", "2024-05-01", "2025-01-01")
        ]
        assert ("home", False) == (places.latest.parent("10"), places.latest["10"].properties["facility_rate"])
        assert ("140", "16") == store["vaccines"].latest.children("influenza")
        assert 1 == store["vaccines"].latest.table("designations").num_rows

    def test_loading_again_changes_nothing(self, tmp_path):
        """The same files once more are already there."""
        terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
        again = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
        assert [True, True, True] == [item.already for item in again.loaded]

    def test_wide_codes(self, tmp_path):
        """Codes that share their first eight bytes are told apart."""
        path = tmp_path / "list.csv"
        path.write_text("code,title\nlocal-code-1,one\nlocal-code-2,two\nlocal-co,prefix\n")
        terminology.load(path, store=tmp_path / "s", system="house", effective="2024-01-01", loaders=LOADERS)
        edition = terminology.open(tmp_path / "s")["house"].latest
        assert ["one", "two", "prefix", None] == [
            concept.title if concept else None
            for concept in map(edition.lookup, ("local-code-1", "LOCAL-CODE-2", "local-co", "local-code-3"))
        ]

    def test_one_list_under_two_names(self, tmp_path):
        """A nameless list may be loaded for two systems, and again for the first."""
        path = tmp_path / "list.csv"
        path.write_text("code,title\nA,one\n")
        for name, already in (("one", False), ("two", False), ("one", True)):
            report = terminology.load(path, store=tmp_path / "s", system=name, effective="2024-01-01", loaders=LOADERS)
            assert [(name, already)] == [(item.release.system, item.already) for item in report.loaded]
        assert ("one", "two") == terminology.open(tmp_path / "s").systems

    def test_dated_lists(self, tmp_path):
        """Rows with their own days answer for days before and after the release."""
        for month, end in (("01", ""), ("04", "2024-03-15")):
            text = (
                f"#system: prices\n#version: 2024-{month}\n#calendar: quarter\n"
                f"code,title,effective_from,effective_to\nA,Alpha,2023-06-01,{end}\nB,Beta,2020-01-01,2021-01-01\n"
            )
            (tmp_path / f"prices-{month}.csv").write_text(text)
        report = terminology.load(tmp_path, store=tmp_path / "s", loaders=LOADERS)
        assert () == report.errors
        prices = terminology.open(tmp_path / "s")["prices"]
        assert ["billable", "billable", "expired", "expired"] == [
            str(prices.on(date).status(code))
            for code, date in (("A", "2023-07-01"), ("A", "2024-03-14"), ("A", "2024-03-15"), ("B", "2024-04-01"))
        ]

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_order_of_loading_does_not_matter(self, tmp_path, order):
        """The newest release says what the system is called, whichever was loaded first."""
        for year in (2023, 2024):
            text = f"#system: house\n#title: House of {year}\n#version: {year}\ncode,title\nA,Alpha\n"
            (tmp_path / f"{year}.csv").write_text(text)
        for number in order:
            terminology.load(tmp_path / f"{2023 + number}.csv", store=tmp_path / "s", loaders=LOADERS)
        assert "House of 2024" == terminology.open(tmp_path / "s")["house"].definition.title

    def test_a_built_in_name_without_its_loader(self, tmp_path):
        """A built-in system is not loaded as a list because its loader is missing."""
        with pytest.raises(UnknownSystemError):
            terminology.load(SAMPLES, store=tmp_path, system="hcpcs", loaders=LOADERS)

    def test_a_faulty_list_does_not_keep_the_others_out(self, tmp_path):
        """Of one folder the sound lists are loaded, the faulty one is refused."""
        (tmp_path / "good.csv").write_text("#system: good\n#effective: 2024-01-01\ncode,title\nA,Alpha\n")
        (tmp_path / "bad_2024.csv").write_text("#system: bad\n#effective: 2024-01-01\ncode,title\nA,\n")
        report = terminology.load(tmp_path, store=tmp_path / "s", loaders=LOADERS)
        assert (["good"], ["bad_2024.csv"]) == (
            [item.release.system for item in report.loaded],
            [error.file for error in report.errors],
        )

    @given(
        st.lists(
            st.text("abcXYZ09-._/é", min_size=1, max_size=14),
            min_size=1,
            max_size=25,
            unique_by=lambda code: code.upper(),
        )
    )
    def test_any_codes_make_sound_tables(self, codes):
        """Whatever the codes, what is read keeps the rules of all code systems."""
        body = "\n".join(f"{code},Title" for code in codes)
        part = read(coded(body))
        check_concepts(part.definition, part.tables["concepts"], "list.csv")
        assert set(codes) == set(rows(part))


@pytest.mark.live
def test_no_other_system_is_claimed():
    """Files of other systems are neither read nor skipped as lists of codes."""
    folder = os.environ.get("TERMINOLOGY_RELEASES")
    if not folder:
        pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
    loader = GenericLoader()
    claimed = [
        file.label
        for file in readable_files(Path(folder))
        if isinstance(file, ReadableFile) and loader.read(file) is not None
    ]
    assert [] == claimed


def test_a_system_that_no_loader_reads() -> None:
    """A list of a system that is built in for crosswalks only is taken, for nothing else reads its publications."""
    text = "#system: icd11\n#version: 2025-01\n#effective: 2025-01-01\ncode,title\n1A00,Something invented\n"
    part = GenericLoader().read(ReadableFile("icd11.csv", text.encode))
    assert isinstance(part, Part)
    assert part.definition is not None
    assert "icd11" == part.definition.name
