"""On which day files of CPT take effect, and the updates of a year."""

from __future__ import annotations

import datetime
import random

import pytest
from attrs import evolve

from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    ANNUAL,
    CODES,
    CONSUMER,
    assembled,
    concepts_of,
    history_file,
    laboratory_file,
    long_file,
    medium_file,
    modifier_file,
    notice,
    part_of,
    tab_lines,
    table_file,
    text_file,
)

day = datetime.date


class TestDating:
    """On which day a release takes effect."""

    @pytest.mark.parametrize(
        ("words", "name", "archive", "expected"),
        [
            ("Invented CPT 2025", "LONGULT.txt", None, "2025"),
            ("Invented CPT® 2025 data files", "LONGULT.txt", "cpt2024.zip", "2025"),
            ("2025 CPT, invented", "LONGULT.txt", None, "2025"),
            ("Invented CPT. Copyright 1995-2024 nobody", "LONGULT.txt", None, "2025"),
            ("Invented CPT. Copyright 2023 nobody", "LONGULT_2025.txt", None, "2025"),
            ("Invented CPT", "LONGULT.txt", "cpt-2025.zip", "2025"),
            ("Invented CPT", "LONGULT.txt", "CPT25.zip", "2025"),
            ("Invented CPT 2025", "LONGULT April 2025.txt", None, "2025-04"),
            ("Invented CPT 2025", "LONGULT_2025-07-01.txt", None, "2025-07"),
        ],
    )
    def test_evidence(self, words, name, archive, expected):
        """Month in the name, words, year in the name, archive, copyright of the year before: in this order."""
        file = text_file(name, f"{words}\n\n{tab_lines(CODES)}", archive)
        assert [expected] == [draft.version for draft in assembled(file).drafts]

    def test_the_annual_default_is_a_warning(self):
        """A year alone means January 1, and is told once."""
        drafts = assembled(long_file(), medium_file()).drafts
        assert ("LONGULT.txt: nothing dates the file but its words; taken as 2025-01-01",) == drafts[0].warnings
        assert day(2025, 1, 1) == drafts[0].effective

    def test_the_history_confirms_the_day(self):
        """Where the newest change is of the same day, there is nothing to warn of."""
        draft = assembled(long_file(), history_file(("20250101", "ADDED", "99990"))).drafts[0]
        assert () == draft.warnings

    def test_the_history_dates_an_archive(self):
        """Without any year, the newest change of the archive's history tells it."""
        file = text_file("LONGULT.txt", f"Invented CPT\n\n{tab_lines(CODES)}", "a.zip")
        drafts = assembled(file, history_file(("20250101", "ADDED", "99990"), archive="a.zip")).drafts
        assert ["2025"] == [draft.version for draft in drafts]

    def test_contradicting_years_are_told(self):
        """Words that name another year than the archive win, with a warning."""
        draft = assembled(long_file(archive="cpt2024.zip")).drafts[0]
        assert "words, names and history state 2024 and 2025; taken as 2025-01-01" in draft.warnings

    def test_nothing_tells(self):
        """A file without any evidence is refused, with advice."""
        file = text_file("LONGULT.txt", f"Invented CPT\n\n{tab_lines(CODES)}")
        assert ["neither name nor content states the year of the file: give --version or --effective"] == [
            reason for _, reason in assembled(file).refused
        ]

    @pytest.mark.parametrize("given", [{"effective": day(2024, 7, 1)}, {"version": "2024-07"}])
    def test_the_operator_wins(self, given):
        """A given day or version stands above all evidence."""
        part = evolve(part_of(long_file()), **given)
        draft = CptLoader().assemble([part]).drafts[0]
        assert ("2024-07", day(2024, 7, 1), ()) == (draft.version, draft.effective, draft.warnings)

    def test_parts_of_an_archive_belong_together(self):
        """Files without a year take that of their archive."""
        files = [long_file(year=year, archive=f"a{year}.zip") for year in (2024, 2025)] + [
            table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", f"Plain {year}"), archive=f"a{year}.zip")
            for year in (2024, 2025)
        ]
        for year in (2024, 2025):
            assert f"Plain {year}" == concepts_of(*files, version=str(year))["99990"]["consumer_title"]

    def test_an_archive_of_two_years(self):
        """An archive with two files of a kind holds two releases, told apart by their own words."""
        files = [long_file(year=2024, archive="all.zip"), long_file({"99990": "Anew"}, archive="all.zip")]
        assert ["2024", "2025"] == [draft.version for draft in assembled(*files).drafts]

    def test_loose_files_join_the_codes_they_fit(self):
        """A loose file without a year joins the release whose codes it has."""
        consumer = table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain"), ("2", "99995", "Plain too"))
        files = long_file(year=2024), long_file({"99990": "One", "99995": "Five"}), consumer
        assert concepts_of(*files, version="2025")["99995"]["consumer_title"] == "Plain too"
        assert concepts_of(*files, version="2024")["99990"]["consumer_title"] is None

    def test_a_loose_file_that_fits_two_releases(self):
        """Where nothing tells the releases apart, the file is left unused, which is told."""
        consumer = table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain"))
        unused = assembled(long_file(year=2024), long_file(), consumer).unused
        assert ["nothing states its release: load it in its archive, or give --version"] == [
            reason for _, reason in unused
        ]

    def test_companions_alone_wait(self):
        """Files that belong to a release without descriptor files are kept for later."""
        found = assembled(modifier_file(), table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain")))
        assert ((), 2) == (found.drafts, len(found.unused))

    def test_two_files_that_claim_one_release(self):
        """Other content for the same day is refused, equal content is a further source."""
        other = long_file({"99990": "Other"}, name="b.txt")
        found = assembled(long_file(), other)
        assert [
            (
                "b.txt",
                "differs from LONGULT.txt, which is of release 2025 too: give --version or --effective",
            )
        ] == [(part.origin.label, reason) for part, reason in found.refused]
        (draft,) = assembled(long_file(), long_file(name="b.txt")).drafts
        assert ["LONGULT.txt", "b.txt"] == [part.origin.label for part in draft.parts]

    def test_a_missing_year_is_a_gap(self):
        """Years between loaded ones are reported."""
        (gap,) = assembled(long_file(year=2022), long_file(year=2025)).gaps
        assert ("2022", "2025", "2023 to 2024 are not loaded (2 annual releases)") == (
            gap.after,
            gap.before,
            gap.reason,
        )

    def test_the_order_does_not_matter(self):
        """Any order of the parts gives the same plan."""
        files = [
            long_file(year=2024),
            long_file(),
            medium_file(),
            modifier_file(),
            history_file(("20250101", "ADDED", "99990")),
            laboratory_file(("9990U", "2025-04-01", "NEW")),
        ]
        parts = [part_of(file) for file in files]
        plans = set()
        for seed in range(6):
            random.Random(seed).shuffle(parts)  # noqa: S311 -- an order, no secret
            plan = CptLoader().assemble(parts)
            plans.add(tuple(draft.digest("cpt", 1) for draft in plan.drafts))
        assert len(plans) == 1


class TestUpdates:
    """Publications inside a year."""

    QUARTER = (
        ("9990U", "2024-01-01", "EXISTING"),
        ("9991U", "2024-01-01", "DELETED"),
        ("9992U", "2025-04-01", "NEW"),
        ("9993U", "2025-07-01", "NEW"),
    )

    def test_a_list_of_laboratory_codes(self):
        """The newest day of the list is the day of the update, on the codes of its year."""
        found = assembled(long_file(ANNUAL), laboratory_file(*self.QUARTER[:3]))
        assert ["2025", "2025-04"] == [draft.version for draft in found.drafts]
        codes = {row["code"]: row for row in found.drafts[1].build().tables["concepts"].to_pylist()}
        assert ("9991U" in codes, "Invented analysis 9992U") == (False, codes["9992U"]["title"])

    def test_codes_of_later_quarters_wait(self):
        """An update by a given day holds what is in force on it."""
        part = evolve(part_of(laboratory_file(*self.QUARTER)), version="2025-04")
        drafts = CptLoader().assemble([part_of(long_file(ANNUAL)), part]).drafts
        codes = drafts[1].build().tables["concepts"].column("code").to_pylist()
        assert ("2025-04", True, False) == (drafts[1].version, "9992U" in codes, "9993U" in codes)

    def test_the_quarter_of_a_name_is_that_of_the_publication(self):
        """A list published in the second quarter takes effect in the third."""
        found = assembled(long_file(ANNUAL), laboratory_file(*self.QUARTER[:3], name="CPTPLA_2025Q2.xml"))
        assert "2025-07" == found.drafts[1].version

    def test_without_the_annual_files_it_waits(self):
        """An update of a year that is not loaded is kept for later."""
        found = assembled(long_file(ANNUAL, year=2023), laboratory_file(*self.QUARTER[:3]))
        assert ["list of PLA codes as of 2025-04-01: the annual files of 2025 are not loaded"] == [
            reason for _, reason in found.unused
        ]

    def test_a_newer_list_in_the_archive(self):
        """A list that came with the annual files and knows later codes adds details to them, and makes an update."""
        found = assembled(long_file(ANNUAL, archive="a.zip"), laboratory_file(*self.QUARTER[:3], archive="a.zip"))
        assert ["2025", "2025-04"] == [draft.version for draft in found.drafts]
        annual = {row["code"]: row for row in found.drafts[0].build().tables["concepts"].to_pylist()}
        assert ("EXISTING", False) == (annual["9990U"]["pla_status"], "9992U" in annual)

    def test_an_update_keeps_the_details_of_the_year(self):
        """What the year's own list says of PLA codes stays in an update of another category."""
        rows = (("9990U", "2024-01-01", "EXISTING"), ("9991U", "2025-01-01", "NEW"))
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        found = concepts_of(long_file(ANNUAL), laboratory_file(*rows), third, version="2025-07")
        assert ("NEW", "III") == (found["9991U"]["pla_status"], found["9990T"]["category"])

    def test_a_list_of_the_year_before(self):
        """An older list with just the release's PLA codes adds its details to the release."""
        rows = (("9990U", "2024-01-01", "EXISTING"), ("9991U", "2024-10-01", "NEW"))
        assert "NEW" == concepts_of(long_file(ANNUAL), laboratory_file(*rows))["9991U"]["pla_status"]

    def test_two_lists_for_one_day(self):
        """Lists that differ and claim one day are refused but for one."""
        found = assembled(
            long_file(ANNUAL),
            laboratory_file(*self.QUARTER[:3], name="CPTPLA a.xml"),
            laboratory_file(*self.QUARTER[1:3], name="CPTPLA b.xml"),
        )
        assert ["CPTPLA b.xml"] == [part.origin.label for part, _ in found.refused]

    def test_category_iii_codes_wait_six_months(self):
        """Category III codes published in January take effect in July, on top of the year's codes."""
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        found = assembled(long_file(ANNUAL), third)
        assert ["2025", "2025-07"] == [draft.version for draft in found.drafts]
        assert "9990T" in found.drafts[1].build().tables["concepts"].column("code").to_pylist()

    def test_updates_add_up(self):
        """A later update holds what earlier ones of its year added."""
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        october = (*self.QUARTER, ("9994U", "2025-10-01", "NEW"))
        found = assembled(long_file(ANNUAL), third, laboratory_file(*october))
        codes = found.drafts[-1].build().tables["concepts"].column("code").to_pylist()
        assert ("2025-10", True, True) == (found.drafts[-1].version, "9990T" in codes, "9994U" in codes)

    def test_a_category_alone_needs_a_day(self):
        """A list of one category that nothing dates is refused."""
        third = text_file("new.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        assert ["list of category III codes only, and nothing states when it takes effect: give --effective"] == [
            reason for _, reason in assembled(long_file(), third).refused
        ]

    def test_a_category_alone_waits_for_its_year(self):
        """A dated list of one category is kept until the year's files come."""
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        assert ["update of 2025-07-01: the annual files of 2025 are not loaded"] == [
            reason for _, reason in assembled(third).unused
        ]
