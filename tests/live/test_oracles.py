"""The worked questions of the domain reference, each under its number: status, lookup, hierarchy and history.

What they ask about successors and mappings belongs to the crosswalks and stands elsewhere.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest

from terminology import CodeSystem, Edition, Terminology

from .oracle_keys import rows

Needs = Callable[[str, str, str], None]


def statuses(system: CodeSystem, code: str, *days: str) -> list[str]:
    """Return the statuses of a code on some days."""
    return [str(system.on(day).status(code)) for day in days]


def test_01_split_off(cm: CodeSystem) -> None:
    """F32.A begins on 2021-10-01, and F32.9, which it was split from, stays billable."""
    assert statuses(cm, "F32.A", "2021-09-30", "2021-10-01") == ["future", "billable"]
    assert statuses(cm, "F32.9", "2021-09-30", "2021-10-01") == ["billable", "billable"]


def test_02_billable_becomes_header(cm: CodeSystem) -> None:
    """M54.5 is billable to 2021-09-30 and from the next day a valid header over three billable codes."""
    assert statuses(cm, "M54.5", "2021-09-30", "2021-10-01") == ["billable", "header"]
    edition = cm.on("2021-10-01")
    assert (edition.is_valid("M54.5"), edition.is_billable("M54.5")) == (True, False)
    assert edition.children("M54.5") == ("M54.50", "M54.51", "M54.59")


def test_03_emergency_code(cm: CodeSystem) -> None:
    """U07.1 is billable from 2020-04-01, as the conversion tables tell: half a year before a file lists it."""
    days = ("2020-03-31", "2020-04-01", "2020-05-01", "2020-10-01")
    assert statuses(cm, "U07.1", *days) == ["future", "billable", "billable", "billable"]


def test_05_first_day(cm: CodeSystem) -> None:
    """U09.9 begins on 2021-10-01, which is known."""
    assert [(p.effective_from, p.effective_to, p.from_known) for p in cm.history("U09.9").periods] == [
        (datetime.date(2021, 10, 1), None, True)
    ]


def test_06_january_update(cm: CodeSystem) -> None:
    """M35.8 is billable to the end of 2020 and a header over two codes from the January update on."""
    assert statuses(cm, "M35.8", "2020-12-31", "2021-01-01") == ["billable", "header"]
    assert cm.on("2021-01-01").children("M35.8") == ("M35.81", "M35.89")


def test_07_april_update(cm: CodeSystem) -> None:
    """Z28.3 is billable to 2022-03-31; then it is a header, Z28.31 too, and Z28.310 is billable."""
    assert statuses(cm, "Z28.3", "2022-03-31", "2022-04-01") == ["billable", "header"]
    assert statuses(cm, "Z28.31", "2022-04-01") == ["header"]
    assert statuses(cm, "Z28.310", "2022-03-31", "2022-04-01") == ["future", "billable"]


def test_08_header_becomes_billable(cm: CodeSystem) -> None:
    """Just two headers ever became billable: I60.2 in FY2017 and H81.4 in FY2020."""
    found = []
    former: dict[str, bool] = {}
    for release in cm.releases:
        flags = {code: billable for code, (billable, *_) in rows(cm, release.version).items()}
        found += [(code, release.version) for code, flag in flags.items() if flag and former.get(code) is False]
        former = flags
    assert found == [("I60.2", "2017"), ("H81.4", "2020")]
    assert statuses(cm, "I60.20", "2016-09-30", "2016-10-01") == ["billable", "expired"]


def test_09_no_reuse(cm: CodeSystem) -> None:
    """No ICD-10-CM code was ever deleted and reinstated: each life is one stretch."""
    alive: set[str] = set()
    ended: set[str] = set()
    reused: set[str] = set()
    for release in cm.releases:
        now = set(rows(cm, release.version))
        reused |= ended & now
        ended |= alive - now
        alive = now
    assert reused == set()
    assert len(ended) > 100


def test_09_hcpcs_reactivation(hcpcs: CodeSystem, needs_release: Needs) -> None:
    """S3854 was reactivated on 2016-07-01, as the annual file of 2017 tells."""
    needs_release("hcpcs", "2017-01", "the HCPCS file of 2017 (HCPC17_CONTR_ANWEB.txt)")
    periods = hcpcs.history("S3854").periods
    assert periods[-1].effective_from == datetime.date(2016, 7, 1)


def test_10_changed_meaning(cm: CodeSystem) -> None:
    """F64.1 means something else from FY2017 on, and the history shows both titles."""
    assert [(str(p.effective_from), p.title) for p in cm.history("F64.1").periods] == [
        ("2015-10-01", "Gender identity disorder in adolescence and adulthood"),
        ("2016-10-01", "Dual role transvestism"),
    ]


def test_11_revised_title(cm: CodeSystem) -> None:
    """L70.5 has the title of the day that is asked."""
    titles = [cm.on(day)["L70.5"].title for day in ("2016-09-30", "2016-10-01")]
    assert titles == ["Acne excoriee des jeunes filles", "Acne excoriee"]


def test_12_expired_seventh_character(cm: CodeSystem) -> None:
    """T81.4XXA is billable to 2018-09-30 and expired after; T81.4 stays a header with six codes for initial encounters."""
    assert statuses(cm, "T81.4XXA", "2018-09-30", "2018-10-01") == ["billable", "expired"]
    assert statuses(cm, "T81.4", "2018-09-30", "2018-10-01") == ["header", "header"]
    initial = [code for code in cm.on("2018-10-01").descendants("T81.4") if code.endswith("A")]
    assert initial == ["T81.40XA", "T81.41XA", "T81.42XA", "T81.43XA", "T81.44XA", "T81.49XA"]


def test_13_multiple_sclerosis(cm: CodeSystem, needs_release: Needs) -> None:
    """G35 is billable to 2025-09-30, then a header over G35.A, G35.D and the header G35.B."""
    needs_release("icd10cm", "2026", "icd10cm_order_2026.txt")
    assert statuses(cm, "G35", "2025-09-30", "2025-10-01") == ["billable", "header"]
    assert statuses(cm, "G35.B", "2025-10-01") == ["header"]
    assert statuses(cm, "G35.A", "2025-10-01") == ["billable"]


def test_14_split_category(cm: CodeSystem) -> None:
    """A04.7 is billable in FY2017 and a header over A04.71 and A04.72 in FY2018."""
    assert statuses(cm, "A04.7", "2017-09-30", "2017-10-01") == ["billable", "header"]
    assert cm.release("2018").children("A04.7") == ("A04.71", "A04.72")


def test_15_header_with_another_title(cm: CodeSystem) -> None:
    """F53 is billable as puerperal psychosis in FY2018, and a header with another title in FY2019."""
    before, after = cm.release("2018")["F53"], cm.release("2019")["F53"]
    assert (before.title, str(before.status)) == ("Puerperal psychosis", "billable")
    assert (after.title.partition(" associated")[0], str(after.status)) == ("Mental and behavioral disorders", "header")
    assert cm.release("2019").children("F53") == ("F53.0", "F53.1")


def test_16_financial_insecurity(cm: CodeSystem) -> None:
    """Z59.86 comes on 2022-10-01 and is billable through FY2025."""
    assert statuses(cm, "Z59.86", "2022-09-30", "2022-10-01", "2025-09-30") == ["future", "billable", "billable"]


def test_16_financial_insecurity_2026(cm: CodeSystem, needs_release: Needs) -> None:
    """Z59.86 is a header over Z59.861, Z59.868 and Z59.869 in FY2026."""
    needs_release("icd10cm", "2026", "icd10cm_order_2026.txt")
    assert cm.release("2026").children("Z59.86") == ("Z59.861", "Z59.868", "Z59.869")


def test_19_barred_seventh_character(cm: CodeSystem) -> None:
    """S06.1X7A is billable in both years, S06.1X7D in FY2017 only: the prose under S06 bars it since."""
    assert statuses(cm, "S06.1X7A", "2017-09-30", "2017-10-01") == ["billable", "billable"]
    assert statuses(cm, "S06.1X7D", "2017-09-30", "2017-10-01") == ["billable", "expired"]


def test_20_section_of_one_category(cm: CodeSystem) -> None:
    """C7A.00 stands under the section C7A-C7A, which lies in chapter 2 and in no container section."""
    edition = cm.release("2021-01")
    assert edition.ancestors("C7A.00") == ("C7A.0", "C7A", "C7A-C7A", "2")
    assert edition.subsumes("C00-C75", "C7A.00") == "not-subsumed"
    assert edition.subsumes("C76-C80", "C7A.00") == "not-subsumed"


def test_21_section_by_position(cm: CodeSystem) -> None:
    """C4A.0 lies in the section C43-C44, though its letters sort behind it."""
    assert cm.latest.ancestors("C4A.0") == ("C4A", "C43-C44", "2")


@pytest.mark.parametrize(("section", "by_position", "by_letters"), [("C43-C44", 213, 180), ("C00-C14", 78, 78)])
def test_22_expanded_section(cm: CodeSystem, section: str, by_position: int, by_letters: int) -> None:
    """A section is expanded by the order of the document: its 213 codes, where comparing letters finds 180."""
    edition = cm.latest
    first, _, last = section.partition("-")
    letters = [
        code for code in rows(cm, edition.release.version if edition.release else "") if first <= code[:3] <= last
    ]
    assert (by_position, by_letters) == (len(edition.descendants(section)), len(letters))
    assert list(edition.descendants(section)) == edition.descendants(section).to_arrow().to_pylist()


def test_23_subsumption(cm: CodeSystem) -> None:
    """Subsumption knows three directions, and forgives case and dot."""
    edition = cm.latest
    pairs = [("S06", "S06.0X0A"), ("S06.0X0A", "S06"), ("s060x0a", "S06.0X0A"), ("S07", "S06.0X0A")]
    assert [edition.subsumes(*pair) for pair in pairs] == ["subsumes", "subsumed-by", "equivalent", "not-subsumed"]


def inherited_from_section(edition: Edition, kind: str) -> set[tuple[str, bool]]:
    """Return text and inheritance of the notes of a kind that J18.9 has from its section."""
    notes = edition.notes("J18.9")
    return {(note.text, note.inherited) for note in notes if (note.declared_at, note.kind) == ("J09-J18", kind)}


def test_24_inherited_excludes2(cm: CodeSystem) -> None:
    """J18.9 inherits the excludes2 of its section, and says where it is declared and which code it names."""
    edition = cm.release("2025-04")
    assert ("ventilator associated pneumonia (J95.851)", True) in inherited_from_section(edition, "excludes2")
    targets = {note.text: note.targets for note in edition.notes("J18.9")}
    assert targets["ventilator associated pneumonia (J95.851)"] == ("J95.851",)
    assert edition.notes("J18.9", inherited=False) == ()


def test_25_inherited_use_additional_code(cm: CodeSystem) -> None:
    """J18.9 inherits the section's instruction to add a code of Z16.-."""
    notes = inherited_from_section(cm.release("2025-04"), "useAdditionalCode")
    assert notes == {("code, if applicable, to identify resistance to antimicrobial drugs (Z16.-)", True)}


def test_notes_are_not_borrowed(cm: CodeSystem) -> None:
    """A release that came without its tabular list says that its notes are not known, and takes none of its neighbour's."""
    notes = cm.release("2022").notes("J18.9")
    assert (notes, notes.known) == ((), False)
    assert cm.release("2025-04").notes("J18.9", inherited=False).known


def test_34_terminated_code(hcpcs: CodeSystem) -> None:
    """C9014 is billable through 2018-12-31, expired after, and names J0567."""
    assert statuses(hcpcs, "C9014", "2018-12-31", "2019-01-01") == ["billable", "expired"]
    assert hcpcs.on("2019-01-01")["C9014"].properties["cross_references"] == ["J0567"]


def test_35_cross_reference_back(hcpcs: CodeSystem) -> None:
    """Q9989 lived from 2017-07-01 through 2017-12-31, before the first release here; J3358, still in force, names it back."""
    assert statuses(hcpcs, "Q9989", "2017-07-01", "2017-12-31", "2018-01-01") == ["billable", "billable", "expired"]
    edition = hcpcs.on("2018-01-01")
    assert (edition["J3358"].properties["cross_references"], edition.is_billable("J3358")) == (["Q9989"], True)


def test_36_chain(hcpcs: CodeSystem) -> None:
    """C9487 gave way to Q9989, and that to J3358: each expired when the next came."""
    assert statuses(hcpcs, "C9487", "2017-06-30", "2017-07-01") == ["billable", "expired"]
    edition = hcpcs.on("2018-01-01")
    named = [edition[code].properties["cross_references"] for code in ("C9487", "Q9989")]
    assert named == [["Q9989"], ["J3358"]]


def test_37_reference_to_another_system(hcpcs: CodeSystem) -> None:
    """G0505 expired with 2017 and names a CPT code."""
    assert statuses(hcpcs, "G0505", "2017-12-31", "2018-01-01") == ["billable", "expired"]
    assert hcpcs.on("2018-01-01")["G0505"].properties["cross_references"] == ["99483"]


def test_38_no_known_successor(hcpcs: CodeSystem) -> None:
    """J9310 was terminated with 2018 and names nothing."""
    assert statuses(hcpcs, "J9310", "2018-12-31", "2019-01-01") == ["billable", "expired"]
    assert "cross_references" not in hcpcs.on("2019-01-01")["J9310"].properties


def test_39_modifier(hcpcs: CodeSystem) -> None:
    """Modifier ZA ended within a year, and is known without the blanks of the file."""
    assert statuses(hcpcs, "ZA", "2018-03-31", "2018-04-01") == ["billable", "expired"]
    concept = hcpcs.on("2018-03-31")[" za "]
    assert (concept.code, concept.kind) == ("ZA", "modifier")


def test_39_modifier_as_it_was_known(hcpcs: CodeSystem) -> None:
    """Who knew only the annual file of 2018 saw no end of ZA; the file of 2019 tells it."""
    found = [str(hcpcs.on("2018-06-01", known=known).status("ZA")) for known in ("2018-01", "2019-01")]
    assert found == ["billable", "expired"]


def test_c9034_as_it_was_known(hcpcs: CodeSystem) -> None:
    """C9034 came and went in 2018 between two annual files: the first does not know it, the second tells its days."""
    days = ("2018-09-30", "2018-10-01", "2018-12-31", "2019-01-01")
    assert statuses(hcpcs, "C9034", *days) == ["future", "billable", "billable", "expired"]
    assert str(hcpcs.on("2018-02-01", known="2018-01").status("C9034")) == "unknown"
    assert str(hcpcs.on("2018-11-01", known="2018-01").status("C9034")) == "uncovered"


def test_40_long_ended_code(hcpcs: CodeSystem, needs_release: Needs) -> None:
    """C1204, terminated with 2013, is known from the file of 2017, which is the last to list it."""
    needs_release("hcpcs", "2017-01", "the HCPCS file of 2017 (HCPC17_CONTR_ANWEB.txt)")
    assert statuses(hcpcs, "C1204", "2013-12-31", "2014-01-01") == ["billable", "expired"]


def test_46_never_one_boolean(cm: CodeSystem) -> None:
    """Unknown, malformed, header, expired, future and uncovered are six answers, none of them a plain no."""
    edition = cm.on("2022-03-01")
    codes = ("A99.99", "not a code", "M54.5", "T81.4XXA", "Z28.310")
    assert [str(edition.status(code)) for code in codes] == ["unknown", "malformed", "header", "expired", "future"]
    assert str(cm.on("1990-01-01").status("M54.5")) == "uncovered"
    assert edition.lookup("A99.99") is None
    assert edition.lookup("not a code") is None


@pytest.mark.parametrize(
    ("code", "suggestion"), [("W21.89A", "W21.89XA"), ("T07XXXXD", "T07.XXXD"), ("O9A.11I", "O9A.111")]
)
def test_repairs(cm: CodeSystem, code: str, suggestion: str) -> None:
    """A near miss is told the code in force that was meant."""
    assert suggestion == cm.on("2024-01-01").check(code).suggestion


def test_wrong_system(real_store: Terminology) -> None:
    """A HCPCS code that is asked of ICD-10-CM is unknown there, and the answer names HCPCS; and the other way round."""
    check = real_store["icd10cm"].on("2024-01-01").check("J1815")
    assert (str(check.status), check.other_systems) == ("unknown", ("hcpcs",))
    check = real_store["hcpcs"].on("2020-06-01").check("M54.50")
    assert (str(check.status), check.other_systems) == ("malformed", ("icd10cm",))


def test_source_of_a_derived_row(cm: CodeSystem) -> None:
    """In a derived release a code that the addenda brought cites the addenda, any other the order file it built on."""
    edition = cm.release("2021")
    sources = {code: edition[code].source for code in ("U07.1", "E11.9")}
    expected = {"U07.1": ("icd10cm_order_addenda_2021.txt", 541), "E11.9": ("icd10cm_order_2020.txt", 4227)}
    assert expected == {
        code: (source.file.rpartition("!")[2], source.line) for code, source in sources.items() if source
    }


def test_source_of_an_exact_day(cm: CodeSystem) -> None:
    """A code in force before the release that lists it cites that release, not the one whose file lacks it."""
    source = cm.on("2020-05-01")["U07.1"].source
    assert source is not None
    assert ("2021", "icd10cm_order_addenda_2021.txt", 541) == (source.version, source.file, source.line)
