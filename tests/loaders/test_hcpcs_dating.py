"""Which releases files of HCPCS make, and of which days."""

from __future__ import annotations

import datetime

import pytest
from attrs import evolve

from terminology import schema
from terminology.drafts import Assembly, Part
from terminology.errors import ReleaseFormatError
from terminology_loaders.hcpcs import HcpcsLoader

from .hcpcs_records import (
    HEADINGS,
    cells,
    read,
    record,
    sheet_row,
    text_file,
    workbook,
)

day = datetime.date


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return HcpcsLoader().assemble(parts)


def dated(name: str = "anweb.txt", archive: str | None = None, action_day: str = "20200401", **given: object) -> Part:
    """Return a part of three codes, two of which were acted upon on the day."""
    file = text_file(
        record("A0021", ACT_EFF_DT=action_day, ADD_DT="20000101"),
        record("A0080", ACT_EFF_DT=action_day, ADD_DT="20000101"),
        record("A0090", ACT_EFF_DT="20191001", ADD_DT="20000101"),
        record("A0100", ACT_EFF_DT="19990101", ADD_DT="19990101", ACTION_CD="N"),
        name=name,
        archive=archive,
    )
    return evolve(read(file), **given)


class TestDating:
    """Which release a file is."""

    @pytest.mark.parametrize(
        ("name", "archive", "expected"),
        [
            ("HCPC2025_JAN_ANWEB_1217.txt", "january-2025-hcpcs-file.zip", ("2025-01-01", 2025, "2025-01-01", 2025)),
            ("HCPC2024_JUL_ANWEB_v3.xlsx", None, ("2024-07-01", 2024, None, None)),
            ("HCPC2018_CONTR_ANWEB_disc.txt", "2018-Alpha-Numeric-HCPCS-File.zip", (None, 2018, None, 2018)),
            ("HCPC17_CONTR_ANWEB.txt", None, (None, 2017, None, None)),
            ("anweb.xlsx", "October 2020 Alpha-Numeric HCPCS File.zip", (None, None, "2020-10-01", 2020)),
            ("hcpcs April 1, 2023.txt", None, ("2023-04-01", 2023, None, None)),
            ("hcpcs-2023-07-01.txt", "hcpcs_20231001.zip", ("2023-07-01", 2023, "2023-10-01", 2023)),
            ("anweb_12172024.txt", "marketing2020.zip", (None, None, None, 2020)),
        ],
    )
    def test_names_tell_days_and_years(self, name, archive, expected):
        """Month and year are found in the names of member and archive, and kept apart."""
        facts = dated(name, archive).facts
        names = ("name_date", "name_year", "archive_date", "archive_year")
        assert expected == tuple(facts[name] for name in names)

    def test_facts_count_codes_and_actions(self):
        """Facts hold the counts, and the day of most actions with its share of all actions."""
        facts = dated().facts
        assert (4, 0, "2020-04-01", 0.667) == tuple(
            facts[name] for name in ("codes", "modifiers", "action_date", "action_share")
        )

    @pytest.mark.parametrize(
        ("part", "version"),
        [
            (dated(), "2020-04"),
            (dated("HCPC2020_ANWEB.txt"), "2020-04"),
            (dated("HCPC2020_APR_ANWEB.txt"), "2020-04"),
            (dated("anweb.txt", "april-2020-hcpcs.zip"), "2020-04"),
            (dated("anweb.txt", "hcpcs-2018-to-2020.zip"), "2020-04"),
            (dated("HCPC2020_JUL_ANWEB.txt", effective=day(2020, 10, 1)), "2020-10"),
            (dated("HCPC2020_JUL_ANWEB.txt", version="2021-01"), "2021-01"),
        ],
    )
    def test_the_best_evidence_names_the_release(self, part, version):
        """The operator wins over names, names over actions; nothing is doubtful here."""
        (draft,) = assembled(part).drafts
        assert (version, ()) == (draft.version, draft.warnings)

    def test_a_name_is_doubted_where_the_actions_say_otherwise(self):
        """A name wins over the actions, with a warning."""
        (draft,) = assembled(dated("HCPC2020_JUL_ANWEB.txt", "january-2020-hcpcs.zip")).drafts
        warning = (
            "january-2020-hcpcs.zip!HCPC2020_JUL_ANWEB.txt: takes effect on 2020-07-01 by the file's name, "
            "but most actions on 2020-04-01"
        )
        assert (day(2020, 7, 1), (warning,)) == (draft.effective, draft.warnings)

    @pytest.mark.parametrize(
        ("part", "told"),
        [
            (dated("HCPC2019_ANWEB.txt"), "most actions take effect on 2020-04-01"),
            (dated("HCPC2019_ANWEB.txt", action_day="20190215"), "most actions take effect on 2019-02-15"),
        ],
    )
    def test_a_year_alone_means_january_with_a_warning(self, part, told):
        """Where actions contradict the year of the name, or name no quarter, January 1 is taken and told."""
        (draft,) = assembled(part).drafts
        warning = f"HCPC2019_ANWEB.txt: dated 2019-01-01, as its name states the year 2019 only and {told}"
        assert ("2019-01", (warning,)) == (draft.version, draft.warnings)

    def test_a_year_without_any_action_means_january(self):
        """A file without actions takes the year of its name, or of its archive."""
        part = read(text_file(record("A0021", ACTION_CD="N"), name="anweb.txt", archive="hcpcs-2019.zip"))
        (draft,) = assembled(part).drafts
        warning = (
            "hcpcs-2019.zip!anweb.txt: dated 2019-01-01, as its name states the year 2019 only and no row has an action"
        )
        assert ("2019-01", (warning,)) == (draft.version, draft.warnings)

    def test_a_file_without_a_day_is_refused(self):
        """Where nothing tells the day, the operator is asked for it."""
        part = read(text_file(record("A0021", ACTION_CD="N"), name="anweb.txt"))
        assembly = assembled(part)
        reason = "expected a name or actions that show the quarter of the release; give it with --effective"
        assert ((), ((part, reason),)) == (assembly.drafts, assembly.refused)

    def test_a_version_that_is_none_is_refused(self):
        """A version that the operator mistyped is told."""
        part = dated(version="summer")
        assert ((part, "expected a version like 2025-07, got 'summer'"),) == assembled(part).refused

    def test_two_days_of_a_month_are_refused(self):
        """A version is a month: of two days in it neither can be trusted, whichever was loaded before."""
        one, two, other = dated("one.txt"), dated("two.txt", effective=day(2020, 4, 15)), dated("HCPC2019_JAN.txt")
        assembly = assembled(one, two, other)
        reason = "expected one day for release 2020-04, got 2020-04-01 and 2020-04-15; correct it with --effective"
        assert ["2019-01"] == [draft.version for draft in assembly.drafts]
        assert ((one, reason), (two, reason)) == assembly.refused


def release(name: str, *codes: str, **changes: str) -> Part:
    """Return a text part with the codes, named so that the name tells its quarter."""
    return read(text_file(*(record(code, **changes) for code in codes), name=name))


def sheet_release(name: str, *codes: str, **changes: str) -> Part:
    """Return a sheet part with the codes, named so that the name tells its quarter."""
    return read(workbook(HEADINGS, *(sheet_row(cells(code, **changes)) for code in codes), name=name))


class TestAssembly:
    """Parts become releases."""

    def test_text_is_the_authority(self):
        """Text and sheet of a quarter are one release, the text first, whatever their order."""
        text, sheet = release("HCPC2018_JAN.txt", "A0021"), sheet_release("a_HCPC2018_JAN.xlsx", "A0021")
        for parts in ((text, sheet), (sheet, text)):
            (draft,) = assembled(*parts).drafts
            assert ("2018-01", (text, sheet)) == (draft.version, draft.parts)
            assert () == draft.build().warnings

    def test_a_sheet_that_differs_is_told(self):
        """Differences between text and sheet are warnings, with their number and the first codes."""
        text = release("HCPC2018_JAN.txt", "A0021", "A0080", "A0090", "A0100", "A0110")
        sheet = sheet_release("HCPC2018_JAN.xlsx", "A0021", "A0080", "A0090", "A0100", "A0120", COV="D")
        (draft,) = assembled(text, sheet).drafts
        built = draft.build()
        expected = [
            "lacks 1 code (A0110)",
            "adds 1 code (A0120)",
            "another coverage in 4 codes (A0021, A0080, A0090 …)",
        ]
        assert [f"HCPC2018_JAN.xlsx against HCPC2018_JAN.txt: {text}" for text in expected] == list(built.warnings)
        assert "A0120" not in built.tables["concepts"].column("code").to_pylist()

    @pytest.mark.parametrize("make", [release, sheet_release])
    def test_the_same_rows_twice_are_one_release(self, make):
        """Two files with the same rows are two sources of one release."""
        one, other = make("HCPC2018_JAN_v1.xlsx", "A0021"), make("HCPC2018_JAN_v2.xlsx", "A0021")
        (draft,) = assembled(other, one).drafts
        assert ((one, other), ()) == (draft.parts, draft.build().warnings)

    @pytest.mark.parametrize("make", [release, sheet_release])
    def test_other_rows_for_the_same_day_are_refused(self, make):
        """Two files that claim one quarter with different rows cannot be built."""
        one = make("HCPC2018_JAN_v1.xlsx", "A0021", "A0080")
        other = make("HCPC2018_JAN_v2.xlsx", "A0021", "A0080", COV="D")
        (draft,) = assembled(other, one).drafts
        with pytest.raises(ReleaseFormatError) as caught:
            draft.build()
        assert (
            "HCPC2018_JAN_v2.xlsx: expected the rows of HCPC2018_JAN_v1.xlsx, which takes effect on the same day, got: "
            "another coverage in 2 codes (A0021, A0080). Give the day of each with --effective, or load only one of them"
        ) == str(caught.value)

    def test_groups_stand_before_their_members(self):
        """Each letter in use and the modifiers have a derived node right before their members."""
        part = release("HCPC2018_JAN.txt", "LT", "ZA", "A0021", "J1815", "A0080")
        (draft,) = assembled(part).drafts
        table = draft.build().tables["concepts"]
        found = [
            (row["code"], row["kind"], row["billable"], row["derived"], row["parent"]) for row in table.to_pylist()
        ]
        expected = [
            ("modifiers", "group", False, True, None),
            ("LT", "modifier", True, False, "modifiers"),
            ("ZA", "modifier", True, False, "modifiers"),
            ("A", "group", False, True, None),
            ("A0021", "code", True, False, "A"),
            ("A0080", "code", True, False, "A"),
            ("J", "group", False, True, None),
            ("J1815", "code", True, False, "J"),
        ]
        assert expected == found

    def test_a_group_is_in_force_since_its_first_member(self):
        """The node of a group begins with the earliest of its members, and does not end."""
        part = read(text_file(record("A0021", ADD_DT="19850101"), record("A0080", ADD_DT="19820101")))
        (draft,) = assembled(part).drafts
        node = draft.build().tables["concepts"].to_pylist()[0]
        assert ("A", day(1982, 1, 1), None) == (node["code"], node["effective_from"], node["effective_to"])

    def test_the_table_keeps_its_columns(self):
        """The concepts have the columns of every system first, then the fields, four of them of the release."""
        (draft,) = assembled(release("HCPC2018_JAN.txt", "A0021")).drafts
        layout = draft.build().tables["concepts"].schema
        assert schema.concepts().names == layout.names[:12]
        assert ["sequence_number", "record_identification", "action", "action_effective"] == [
            field.name for field in layout if (field.metadata or {}).get(b"per_release") == b"true"
        ]

    def test_every_group_has_a_title(self):
        """Nodes say what their codes are for, also where a letter is new."""
        (draft,) = assembled(release("HCPC2018_JAN.txt", "J1815", "X1234")).drafts
        titles = {row["code"]: row["title"] for row in draft.build().tables["concepts"].to_pylist()}
        assert ("J codes: drugs administered other than by mouth, chemotherapy drugs", "X codes") == (
            titles["J"],
            titles["X"],
        )

    @pytest.mark.parametrize(
        ("after", "before", "reason"),
        [
            ("2018-01", "2019-01", None),
            ("2020-01", "2020-04", None),
            ("2017-01", "2020-01", "2018-01 to 2019-01 are not loaded (2 annual releases)"),
            ("2020-10", "2025-01", "2021-01 to 2024-10 are not loaded (16 quarterly releases)"),
            ("2020-04", "2020-10", "2020-07 is not loaded (1 quarterly release)"),
            ("2018-01", "2020-07", "2019-01 to 2020-04 are not loaded (2 annual, 1 quarterly releases)"),
        ],
    )
    def test_missing_releases_are_a_gap(self, after, before, reason):
        """What the publisher's calendar has between two releases is told: annual, quarterly from 2020."""
        assembly = assembled(dated("one.txt", version=before), dated("two.txt", version=after))
        expected = [] if reason is None else [(after, before, reason)]
        assert expected == [(gap.after, gap.before, gap.reason) for gap in assembly.gaps]

    def test_the_order_of_parts_does_not_matter(self):
        """Any order of the same parts makes the same assembly."""
        names = ("HCPC2018_JAN.txt", "HCPC2019_JAN.txt", "HCPC2020_JUL.txt", "b_HCPC2018_JAN.txt")
        parts = [release(name, "A0021") for name in names]
        assert assembled(*parts) == assembled(*reversed(parts))
