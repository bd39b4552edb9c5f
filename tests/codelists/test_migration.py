"""Code lists carried to another release: each fate, what is to be decided, and the proposal."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import CodeSystem
from terminology.codelists import CodeList, ListMigration, migration_of
from terminology.model import Outcome, Translation

from .scripted import Scripted, became

Migrate = Callable[..., ListMigration]


@pytest.fixture
def migrate(cm: CodeSystem) -> Migrate:
    """A function that carries a list from October 2020 to October 2021, by a script where one is given."""

    def migrated(text: str, *script: Translation, after: str = "2022") -> ListMigration:
        return migration_of(CodeList.parse(text), Scripted(cm, *script), "2021", after)

    return migrated


def proposed(migration: ListMigration) -> list[str]:
    """Return the lines of the proposal below those that name system and release."""
    system, release, blank, *lines = migration.proposal().text.splitlines()
    assert (f"system: {migration.system}", f"release: {migration.after.version}", "") == (system, release, blank)
    return lines


def review(migration: ListMigration) -> list[tuple[str | None, str, str]]:
    """Return code, kind and reason of each row to decide."""
    return [(row.code, row.kind, row.reason) for row in migration.review]


def test_what_stays(migrate):
    """Where nothing changed, the proposal is the list, byte for byte, and nothing is to decide."""
    text = "# mine\r\nname: x\r\nsystem: icd10cm\r\nrelease: 2022\r\n\r\nE11.9   type 2  # checked\r\nis-a C43-C44\r\nexcluding C4A*\r\n"
    found = migrate(text)

    assert ({"unchanged": 3}, (), True) == (found.counts, found.review, found.is_settled)
    assert text == found.proposal().text


def test_a_code_that_became_a_header(migrate):
    """Its billable codes stand for it, each with the reason; labels are the titles of the new codes."""
    found = migrate("M54.5  Low back pain  # main\n")

    assert {"to_header": 1} == found.counts
    assert [
        "M54.50  Low back pain, unspecified  # main; was M54.5: a header since 2021-10-01",
        "M54.51  Vertebrogenic low back pain  # main; was M54.5: a header since 2021-10-01",
        "M54.59  Other low back pain  # main; was M54.5: a header since 2021-10-01",
    ] == proposed(found)
    sentence = "M54.5 is now a header of M54.50, M54.51, M54.59 since 2021-10-01"
    assert [("M54.5", "to_header", sentence)] == review(found)


def test_a_title_that_was_revised(migrate):
    """The code is kept, and a person is shown both titles."""
    found = migrate("G71.20")

    assert (["G71.20"], {"renamed": 1}) == (proposed(found), found.counts)
    [(code, kind, reason)] = review(found)
    assert ("G71.20", "renamed") == (code, kind)
    assert '"Congenital myopathy, unspecifed" to "Congenital myopathy, unspecified"' in reason


def test_titles_are_left_out_where_they_may_not_be_shown(cm):
    """Without titles no value, no sentence and no line of the proposal holds one."""
    found = migration_of(CodeList.parse("G71.20\nM54.5  mine\nF32*"), cm, "2021", "2022", titles=False)
    text = json.dumps(found.to_dict())

    assert "yopathy" not in text
    assert "ertebrogenic" not in text
    assert "epress" not in text
    assert "the title of G71.20 was revised" in text
    assert "M54.51  # was M54.5: a header since 2021-10-01" in proposed(found)


@pytest.mark.parametrize(
    ("change", "lines", "fate", "kinds"),
    [
        (became("J12.9", "J18.9"), ["J18.9  Pneumonia, unspecified organism  # was J12.9: replaced"], "replaced", []),
        (
            became("J12.9", "J18.9", kind="merged"),
            ["J18.9  Pneumonia, unspecified organism  # was J12.9: merged"],
            "merged",
            [],
        ),
        (
            became("J12.9", "J18.9", "J09.X1", kind="split"),
            [
                "J18.9  Pneumonia, unspecified organism  # was J12.9: split",
                "J09.X1  Influenza due to identified novel influenza A virus with pneumonia  # was J12.9: split",
            ],
            "split",
            ["split"],
        ),
        (
            became("J12.9", "J18.9+J09.X1", kind="combination"),
            [
                "# review: J12.9  # J12.9 is now coded as J18.9 + J09.X1",
                "# review: J18.9 + J09.X1  # used together for J12.9",
            ],
            "combination",
            ["combination"],
        ),
        (
            became("J12.9", outcome=Outcome.NONE),
            ["# deleted: J12.9  # J12.9 was deleted, and the publisher names no successor"],
            "deleted",
            ["deleted"],
        ),
        (became("J12.9", reason="nobody says"), ["# review: J12.9  # nobody says"], "unknown", ["unknown"]),
        (
            became("J12.9", "J18.9", approximate=True),
            ["J18.9  Pneumonia, unspecified organism  # was J12.9: replaced"],
            "replaced",
            ["approximate"],
        ),
        (
            became("J12.9", "J18.9", relationship="related-to"),
            ["J18.9  Pneumonia, unspecified organism  # was J12.9: replaced"],
            "replaced",
            ["approximate"],
        ),
        (
            became("J12.9", "J18.9", is_complete=False, reason="one way is lost"),
            ["J18.9  Pneumonia, unspecified organism  # was J12.9: replaced"],
            "replaced",
            ["unknown"],
        ),
        (became("J12.9", "J12.9", kind="identity", split_off=("J18.9",)), ["J12.9"], "unchanged", ["split_off"]),
        (became("J12.9", "J12.9", kind="to_billable"), ["J12.9"], "to_billable", []),
    ],
)
def test_the_fates_of_a_code(migrate, change, lines, fate, kinds):
    """Each fate has its line in the proposal, and goes to a person where one has to decide."""
    found = migrate("J12.9\n", change)

    assert (lines, {fate: 1}) == (proposed(found), found.counts)
    assert kinds == [row.kind for row in found.review]
    assert found.is_settled is not bool(kinds)


def test_codes_that_are_held_already(migrate):
    """A successor that the list holds is no second line, and no ambiguity."""
    script = became("J12.9", "J18.9", "J09.X1", kind="split")
    found = migrate("J18.9\nJ12.9\nJ09.*", script)

    assert ["J18.9", "# J12.9  # split: J18.9, J09.X1, which the list holds", "J09.*"] == proposed(found)
    assert () == found.review


def test_two_codes_with_one_successor(migrate):
    """What several codes were merged into stands once."""
    found = migrate("J12.9\nJ18.9", became("J12.9", "A00.0", kind="merged"), became("J18.9", "A00.0", kind="merged"))

    assert [
        "A00.0  Cholera due to Vibrio cholerae 01, biovar cholerae  # was J12.9: merged",
        "# J18.9  # merged: A00.0, which the list holds",
    ] == proposed(found)


def test_an_excluded_code_that_moved(migrate):
    """What stands for a code that is excluded is excluded."""
    found = migrate("is-a J18\nis-a J12\nexcluding J12.9  no", became("J12.9", "J18.9"))

    assert "excluding J18.9  Pneumonia, unspecified organism  # was J12.9: replaced" in proposed(found)


def test_a_successor_that_is_excluded_is_no_question(migrate):
    """A list that takes out a code by name does not ask for it."""
    split = became("J12.9", "J12.9", kind="identity", split_off=("J18.9",))

    assert () == migrate("J12.9\nJ18.9\nexcluding J18.9", split).review


@pytest.mark.parametrize(("titles", "said"), [(True, "F32.A (Depression, unspecified) was"), (False, "F32.A was")])
def test_what_was_split_off_has_its_title(cm, titles, said):
    """Who decides on a code that was split off reads what it means, unless titles may not be shown."""
    [row] = migration_of(CodeList.parse("F32.9"), cm, "2021", "2022", titles=titles).review

    assert row.reason.startswith(f"{said} split off from F32.9")


def test_what_a_pattern_gains_and_loses(migrate):
    """A pattern is kept; the codes that it gains are told from successors, those that it loses with what they became."""
    found = migrate("M54.*\nF32*", became("M54.9", "R51.9"))
    pain, mood = found.entries

    assert [("M54.50", ("M54.5",)), ("M54.51", ("M54.5",)), ("M54.59", ("M54.5",))] == [
        (entered.code, entered.successor_of) for entered in pain.entered
    ]
    assert ["F32.A"] == [entered.code for entered in mood.entered]
    assert ["M54.*", "F32*"] == proposed(found)
    assert ("M54.9", "left", "M54.9 is replaced by R51.9; the list does not hold R51.9") in review(found)


def test_a_code_that_leaves_a_pattern(store):
    """A deleted code leaves the pattern, with its successors that the list does not hold."""
    hcpcs = Scripted(store["hcpcs"], became("J9310", "A0021"))
    found = migration_of(CodeList.parse("J9*"), hcpcs, "2018-01", "2019-01")
    [left] = found.entries[0].left

    assert ("J9310", "replaced", ("A0021",)) == (left.change.code, left.change.fate, left.unmatched)
    assert [("J9310", "left", "J9310 is replaced by A0021; the list does not hold A0021")] == review(found)


def test_an_exclusion_that_lost_a_code(store):
    """Where a code that was excluded moved to one that the list holds, a person is told."""
    hcpcs = Scripted(store["hcpcs"], became("C9014", "J0567"))
    found = migration_of(CodeList.parse("C*\nJ*\nexcluding C901?"), hcpcs, "2018-01", "2019-01")

    assert ("C9014", "left", "C9014 is replaced by J0567; the list excluded it and now holds J0567") in review(found)


@pytest.mark.parametrize(
    ("text", "script", "line", "kinds"),
    [
        ("is-a C9014  x", [became("C9014", "J0567")], "is-a J0567  x  # was C9014: replaced", []),
        ("below Z0001", [], "# review: below Z0001  # Z0001 is unknown", ["absent"]),
        ("is-a C9014", [became("C9014", "J0567", "J1815", kind="split")], "# review: is-a C9014", ["unknown", "left"]),
        ("is-a C9014", [became("C9014", reason="lost")], "# review: is-a C9014  # lost", ["unknown", "unknown"]),
        ("C9014-E0100", [became("C9014", "C9014")], "C9014-E0100", []),
    ],
)
def test_hierarchies_and_ranges_whose_codes_are_gone(store, text, script, line, kinds):
    """A code that an entry is anchored to is carried along where it has one successor; else a person has to decide."""
    found = migration_of(CodeList.parse(f"A0021\n{text}"), Scripted(store["hcpcs"], *script), "2018-01", "2019-01")

    assert proposed(found)[1].startswith(line)
    assert kinds == [row.kind for row in found.review]


def test_a_section_that_is_gone(migrate, cm, monkeypatch):
    """A range that was a section and is none any more is put before a person."""
    from terminology.codelists import matching

    found = migrate("C43-C4A\nC43-C44")
    assert () == found.review

    whole = matching._choice

    def without_section(entry, edition, rows):
        choice = whole(entry, edition, rows)
        if edition is cm.release("2022") and choice.section:
            return matching._range("C43", "C4A", edition, rows)
        return choice

    monkeypatch.setattr(matching, "_choice", without_section)
    [(_, kind, reason)] = review(migrate("C43-C44"))

    assert "section" == kind
    assert reason.startswith("C43-C44 is a section of 2021 and none of 2022: it is read as a range of codes")


def test_what_came_into_force_since(migrate):
    """A code that is new in the release after, or a hierarchy of new codes, is kept, and nothing is to decide."""
    found = migrate("F32.A  depression\nexcluding is-a Z28.310\nM54.50-M54.59\n", after="2022-04")

    assert ({"new": 3}, ()) == (found.counts, found.review)
    assert ["F32.A  depression", "excluding is-a Z28.310", "M54.50-M54.59"] == proposed(found)
    assert [["F32.A"], ["Z28.310"], ["M54.50", "M54.51", "M54.59"]] == [
        [entered.code for entered in item.entered] for item in found.entries
    ]
    assert "F32.A is new: in force from 2021-10-01 on" == found.entries[0].sentence


def test_what_comes_into_force_later_still(migrate):
    """A code that neither release has says when it comes into force, and a person decides."""
    found = migrate("is-a Z28.310")

    assert [(None, "absent", "not in force in 2022 yet: Z28.310 comes into force on 2022-04-01")] == review(found)


def test_what_was_wrong_before(migrate):
    """What was not in force before is put before a person, with what was meant; what is in force now is kept."""
    found = migrate("A00.0\nW21.89A\nF32.A\nexcluding is-a E14\nQ*")

    assert ["A00.0", "# review: W21.89A  # W21.89A is unknown; did you mean W21.89XA?", "F32.A"] == proposed(found)[:3]
    assert [("W21.89A", "absent"), (None, "absent"), (None, "empty")] == [(row.code, row.kind) for row in found.review]
    assert {"unchanged": 1, "new": 1, "absent": 3} == found.counts


def test_the_head_names_the_new_release(migrate):
    """Head lines that name the release name the new one; comments that look like them are let be."""
    head = "# release: 2021\nrelease: {}\n{}A00\n"
    found = migrate(head.format("2021", ""), after="2022-04")
    assert head.format("2022-04", "system: icd10cm\n") == found.proposal().text
    assert (
        "On :  2022-04-01\nsystem: icd10cm\nA00\n" == migrate("On :  2020-11-01\nA00", after="2022-04").proposal().text
    )


@pytest.mark.parametrize("form", ["csv", "json"])
def test_lists_of_other_forms_become_text(cm, form):
    """The proposal of a list in CSV or JSON is a list in plain text."""
    text = "code,label\nM54.5,back\nE11.9,\n" if form == "csv" else '["M54.5", "E11.9"]'
    found = migration_of(CodeList.parse(text, form=form, system="icd10cm"), cm, "2021", "2022")

    assert ["M54.50", "M54.51", "M54.59", "E11.9"] == [entry.code for entry in found.proposal().entries]


@pytest.mark.parametrize(
    ("text", "form"), [("M54.5, J12.9\n", "text"), ("code,term\nM54.5,Back pain of COVID-19\nJ12.9,COVID-19\n", "csv")]
)
def test_the_head_names_the_list_wherever_it_came_from(cm, text, form):
    """Name, system and release are in the proposal of a pasted list and of a table; new codes have titles, labels stay."""
    found = migration_of(CodeList.parse(text, form=form, system="icd10cm", file="back.csv"), cm, "2021", "2022")
    proposal = CodeList.parse(found.proposal().text)

    assert ("back", "icd10cm", "2022") == (proposal.head.name, proposal.head.system, proposal.head.release)
    kept = None if form == "text" else "COVID-19"
    assert ["Low back pain, unspecified", kept] == [proposal.entries[0].label, proposal.entries[-1].label]


def test_back_in_time(cm):
    """A list can be carried to an earlier release."""
    found = migration_of(CodeList.parse("is-a M54.5\nA00.0"), cm, "2022", "2021")

    assert ["is-a M54.5", "A00.0"] == proposed(found)
    assert ["M54.50", "M54.51", "M54.59"] == [left.change.code for left in found.entries[0].left]


def test_nothing_left(migrate):
    """A list of which nothing stays has an empty proposal, and says why."""
    found = migrate("J12.9", became("J12.9", outcome=Outcome.NONE))

    assert () == found.proposal().entries


def test_a_migration_as_json(migrate):
    """The JSON is plain values, with entries, what is to decide, and the text of the proposal."""
    values = json.loads(json.dumps(migrate("M54.5\nM54.*").to_dict()))

    assert ("icd10cm", "2021", "2022") == (values["system"], values["before"], values["after"])
    assert ["M54.50", "M54.51", "M54.59"] == values["entries"][0]["proposed"]
    assert [["M54.50"], ["M54.51"], ["M54.59"]] == values["entries"][0]["change"]["becomes"]
    assert {
        "code": "M54.50",
        "title": "Low back pain, unspecified",
        "billable": True,
        "successor_of": ["M54.5"],
    } == values["entries"][1]["entered"][0]
    assert "to_header" == values["review"][0]["kind"]
    assert values["proposal"].endswith("M54.*\n")


# ---- properties


@pytest.fixture(scope="session")
def written(cm):
    """Entries that may stand in a list for October 2020: right ones, and wrong ones."""
    codes = cm.release("2021").table().filter(cm.release("2021").table()["billable"])["code"].to_pylist()
    headers = ["M54", "F32", "E11", "C43-C44", "S06.0", "Z28", "R51", "13"]
    wrong = ["W21.89A", "F32.A", "Z28.310", "below A00.0", "Q*", "E14-E15", "nonsense", "2"]
    patterns = ["M54.*", "F32*", "S06.?X?A", "*"]
    return [*codes, *headers, *(f"is-a {code}" for code in headers), *wrong, *patterns, "E11-F32", "M54.2-M54.5"]


@given(st.data())
def test_a_proposal_is_a_list_in_force(cm, written, data):
    """Of every list, the proposal reads again, and each of its entries chooses something in the release after."""
    entries = data.draw(st.lists(st.sampled_from(written), min_size=1, max_size=8))
    excluded = data.draw(st.lists(st.sampled_from(written).map(lambda text: f"excluding {text}"), max_size=3))
    after = data.draw(st.sampled_from(["2022", "2022-04"]))
    text = "# kept\n" + "\n".join(data.draw(st.permutations(entries + excluded)))
    if not entries:
        return
    found = migration_of(CodeList.parse(text), cm, "2021", after)
    proposal = found.proposal()

    assert "# kept" in proposal.text.splitlines()
    if any(not entry.excluding for entry in proposal.entries):
        again = CodeList.parse(proposal.text)
        assert proposal.entries == again.entries
        assert again.resolve(cm.release(after)).is_whole


@given(st.data())
def test_no_code_is_lost_in_silence(cm, written, data):
    """Each code that a list chose is chosen by the proposal, itself or what stands for it, or is put before a person."""
    entries = data.draw(st.lists(st.sampled_from(written), min_size=1, max_size=6))
    found = migration_of(CodeList.parse("\n".join(entries)), cm, "2021", "2022-04")
    held = found.proposal().resolve(cm.release("2022-04")).members
    asked = {row.code for row in found.review}

    for code in found.before.codes:
        becomes = cm.migrate(code, "2021", "2022-04").codes
        assert code in asked or code in held or {*becomes} & held


@given(st.data())
def test_a_settled_list_stays_settled(cm, written, data):
    """To carry a proposal to the release that it is for changes nothing."""
    entries = data.draw(st.lists(st.sampled_from(written), min_size=1, max_size=6))
    proposal = migration_of(CodeList.parse("\n".join(entries)), cm, "2021", "2022").proposal()
    again = migration_of(proposal, cm, "2022", "2022")

    assert proposal.text == again.proposal().text
    assert {"unchanged"} >= {*again.counts}
