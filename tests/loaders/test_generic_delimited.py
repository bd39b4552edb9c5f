"""Lists of codes as delimited text, and their faults."""

from __future__ import annotations

import datetime

import pytest

from terminology.drafts import AnySystemLoader, Skipped
from terminology_loaders.generic import GenericLoader

from .generic_files import coded, faults, listed, places, read, rows

day = datetime.date


CODES = "code,title,parent\nfood,Food,\nfruit,Fruit,food\napple,Apple,fruit\n"


class TestDelimited:
    """Delimited text."""

    def test_it_is_a_loader_for_any_system(self):
        """The loader says that it reads any system."""
        assert isinstance(GenericLoader(), AnySystemLoader)

    def test_every_key_counts(self):
        """Each line of metadata arrives in the definition, the dating or the licence."""
        part = read(
            coded(
                "A.1,Red",
                "#title: Colours of the house",
                "#uri: https://example.org/colours",
                "#oid: urn:oid:1.2.3",
                "#aliases: paint, COL",
                "#version: 7",
                "#calendar: fiscal",
                "#shape: [A-Z](\\.[0-9])?",
                "#dot: 1",
                "#licence: (c) Example",
                "## only a remark",
            )
        )
        definition = part.definition
        expected = ("colours", "Colours of the house", "https://example.org/colours", "1.2.3", ("paint", "COL"))
        assert expected == tuple(getattr(definition, name) for name in ("name", "title", "uri", "oid", "aliases"))
        assert ("fiscal", 1, "[A-Z](\\.[0-9])?", False) == (
            definition.calendar,
            definition.dot,
            definition.shape,
            definition.dated,
        )
        assert ("7", "2024-01-01", "(c) Example") == tuple(part.facts[n] for n in ("version", "effective", "licence"))

    def test_every_standard_column_counts(self):
        """Each standard column arrives under its name, days and truths in their types."""
        header = "code,title,short_title,parent,billable,kind,effective_from,effective_to"
        file = coded("A,Alpha,,,no,group,,\nB,Beta,b,A,yes,code,2024-01-01,2024-07-01", header=header)
        expected = {
            "code": "B",
            "title": "Beta",
            "short_title": "b",
            "parent": "A",
            "billable": True,
            "kind": "code",
            "effective_from": day(2024, 1, 1),
            "effective_to": day(2024, 7, 1),
            "line": 5,
            "derived": False,
            "changed": None,
            "reactivated": None,
        }
        part = read(file)
        assert expected == rows(part)["B"]
        assert (False, True) == (rows(part)["A"]["billable"], part.definition.dated)

    def test_a_last_day_becomes_the_day_after(self):
        """Column effective_through names the last day in force."""
        file = coded("A,Alpha,2024-01-01,2024-06-30", header="code,title,effective_from,effective_through")
        assert day(2024, 7, 1) == rows(read(file))["A"]["effective_to"]

    def test_property_columns_have_types(self):
        """Columns beyond the standard ones are properties, text unless declared otherwise."""
        types = "#types: n=integer, x=decimal, ok=boolean, since=date, tags=list"
        file = coded("A,Alpha,5,1.5,yes,2024-02-01,a|b,free", types, header="code,title,n,x,ok,since,tags,remark")
        found = rows(read(file))["A"]
        expected = {"n": 5, "x": 1.5, "ok": True, "since": day(2024, 2, 1), "tags": ["a", "b"], "remark": "free"}
        assert expected == {name: found[name] for name in expected}

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_delimiters(self, mark):
        """The delimiter is told by the header; quoted cells may hold it, and line breaks."""
        text = f'#system: colours\n#effective: 2024-01-01\ncode{mark}title\nA{mark}"Red{mark}\nand ""so"" on"\nB{mark}Blue\n'
        part = read(listed(text))
        assert [("A", f'Red{mark}\nand "so" on', 4), ("B", "Blue", 6)] == [
            (row["code"], row["title"], row["line"]) for row in rows(part).values()
        ]

    def test_a_spreadsheet_program_saved_it(self):
        """Filled-up metadata lines, a byte order mark, line ends, blank rows and spelt headings are forgiven."""
        text = '\ufeff"#system: colours",,\r\n#effective: 2024-01-01,,\r\n Code ,TITLE,Short-Title\r\nA,Red,\r\n,,\r\n'
        assert {"A": "Red"} == {code: row["title"] for code, row in rows(read(listed(text))).items()}

    def test_parents_come_before_children(self):
        """Rows are put in document order, whatever their order in the file."""
        file = coded("c,C,b\na,A,\nb,B,a\nd,D,", header="code,title,parent")
        assert ["a", "b", "c", "d"] == list(rows(read(file)))

    @pytest.mark.parametrize(
        ("codes", "given", "question", "expected"),
        [
            ("AB1", "", "ab1", "AB1"),
            ("male", "", "MALE", "male"),
            ("Ab", "", "Ab", "Ab"),
            ("Ab", "", "AB", "AB"),
            ("AB", "#case_sensitive: true", "ab", "ab"),
        ],
    )
    def test_cases(self, codes, given, question, expected):
        """Codes are found in any case where their own case is one; the publisher's case is returned."""
        assert expected == read(coded(f"{codes},x", given)).definition.official(question)

    def test_the_dot_is_set(self):
        """Codes without their dot get it where the list says that they have one."""
        file = coded("A1,Alpha,\nA12,Beta,A1", "#dot: 2", header="code,title,parent")
        assert {"A1": None, "A1.2": "A1"} == {code: row["parent"] for code, row in rows(read(file)).items()}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "code;description\nA;Red\n",
            "# a remark\nA,B\n",
            "<html>",
            "[1]",
            "00001 A00     0 Cholera",
            "\0\1code,title",
        ],
    )
    def test_strangers(self, text):
        """What has neither a system nor the header of a list is not ours."""
        assert GenericLoader().read(listed(text)) is None

    def test_a_nameless_list_is_skipped(self):
        """A list that does not say its system is left alone, with advice; with a name it is read."""
        made = GenericLoader().read(listed(CODES))
        assert isinstance(made, Skipped)
        assert "--system" in made.reason
        assert "food" == read(listed(CODES), "food").definition.name

    def test_the_name_must_agree(self):
        """A list that says another system than the operator is refused."""
        assert [(1, "system")] == [fault[:2] for fault in faults(coded("A,Red"), "food")]

    @pytest.mark.parametrize("line", ["#system: icd10cm", "#system: cpt", "#system: generic"])
    def test_systems_with_a_loader_of_their_own(self, line):
        """A list cannot stand in for a system that has a loader of its own."""
        ((_, _, message),) = faults(coded("A,Red", system=f"{line}\n"))
        assert "loader of its own" in message

    def test_the_uri_of_another_system(self):
        """A list cannot take the URI of a system that has a loader of its own."""
        ((_, _, message),) = faults(coded("A,Red", "#uri: http://hl7.org/fhir/sid/icd-10-cm"))
        assert "icd10cm has a loader of its own" in message


class TestFaultsOfLists:
    """What is refused in delimited text, with its place."""

    @pytest.mark.parametrize(
        ("line", "column"),
        [
            ("#colour: red", 1),
            ("# no colon", 1),
            ("#effective: 2024-13-01", "effective"),
            ("#calendar: lunar", "calendar"),
            ("#dated: perhaps", "dated"),
            ("#case_sensitive: 2", "case_sensitive"),
            ("#shape: [", "shape"),
            ("#dot: two", "dot"),
            ("#types: n=number", "types"),
            ("#types: n=integer", "types"),
        ],
    )
    def test_metadata(self, line, column):
        """A faulty line of metadata is named."""
        file = listed(f"#system: colours\n{line}\ncode,title\nA,Red\n")
        assert [(2, column)] == places(file)

    def test_a_name_that_is_none(self):
        """A system must have a short name."""
        assert [(1, "system")] == places(listed("#system: My Colours\ncode,title\nA,Red\n"))

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("code,name", [(3, None)]),
            ("code,,title", [(3, 2)]),
            ("code,title,title", [(3, 3)]),
            ("code,title,line", [(3, 3)]),
            ("code,title,effective_to,effective_through", [(3, "effective_through")]),
        ],
    )
    def test_headers(self, header, expected):
        """Missing, nameless, repeated and reserved columns are named."""
        assert expected == places(coded(header=header))[: len(expected)]

    @pytest.mark.parametrize(("said", "header"), [("true", "code,title"), ("false", "code,title,effective_from")])
    def test_days_that_contradict(self, said, header):
        """A dated list has columns of days, and no other list has them."""
        text = (
            f"#system: colours\n#dated: {said}\n{header}\n" + "A,Red" + ",2024-01-01" * (header.count(",") - 1) + "\n"
        )
        assert [(3, "effective_from")] == places(listed(text))

    def test_all_faults_of_the_rows(self):
        """Every faulty cell is named with line and column, all at once."""
        header = "code,title,parent,billable,effective_from,effective_to,n"
        body = (
            "A,Alpha,,yes,2024-01-01,,1",
            "A,Again,,yes,2024-01-01,,1",
            "B,,Z,maybe,2024-02-30,,1",
            "C,Gamma,,yes,2024-01-01,2023-01-01,x",
            "D,Delta",
            ",Nothing,,yes,,,1",
        )
        expected = [
            (6, "code"),
            (7, "effective_from"),
            (7, "billable"),
            (7, "title"),
            (7, "parent"),
            (8, "n"),
            (8, "effective_to"),
            (9, None),
            (10, "code"),
        ]
        assert expected == places(coded("\n".join(body), "#types: n=integer", header=header))

    def test_a_cycle(self):
        """A cycle of parents is named once."""
        ((line, column, message),) = faults(coded("a,A,b\nb,B,a", header="code,title,parent"))
        assert (4, "parent", "the hierarchy has a cycle: a < b < a") == (line, column, message)

    def test_a_code_of_another_shape(self):
        """A code must have the shape that the list states."""
        assert [(6, "code")] == places(coded("A,Alpha\n12,Beta", "#shape: [A-Z]"))

    def test_no_rows(self):
        """A header alone is no release."""
        assert [(3, None)] == places(coded())

    def test_an_open_quote(self):
        """Delimited text that is none is refused."""
        ((_, _, message),) = faults(coded('A,"Red'))
        assert "expected delimited text" in message
