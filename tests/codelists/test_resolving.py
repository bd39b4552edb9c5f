"""What lists choose: examples on the samples, and a brute-force filter as the judge."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Edition
from terminology.codelists import CodeList

from ..property.worlds import TOOLS, World, WorldLoader, written
from ..small_store import published
from ..test_concepts import row

UNCOUNTED = {"chapter", "section", "block", "group", "prefix", "body system"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("C43-C44", "C43 C43.0 C43.9 C4A C4A.0 C4A.9"),
        ("is-a C43-C44", "C43 C43.0 C43.9 C4A C4A.0 C4A.9"),
        ("C43-C4A", "C43 C43.0 C43.9 C4A C4A.0 C4A.9"),
        ("C43.9 - C4A.0", "C43.9 C4A C4A.0"),
        ("c439-c4a0", "C43.9 C4A C4A.0"),
        ("is-a 2", "C43 C43.0 C43.9 C4A C4A.0 C4A.9"),
        ("E11", "E11"),
        ("E11.2*", "E11.2 E11.21 E11.22"),
        ("e11.2?", "E11.21 E11.22"),
        ("S06.?X?A", "S06.0X0A S06.0X9A"),
        ("is-a M54.5", "M54.5 M54.50 M54.51 M54.59"),
        ("below M54.5", "M54.50 M54.51 M54.59"),
        ("is-a M54.5\nexcluding M54.51", "M54.5 M54.50 M54.59"),
        ("excluding M54.51\nis-a M54.5", "M54.5 M54.50 M54.59"),
        ("m5450\nA00.0\nM54.50", "A00.0 M54.50"),
    ],
)
def test_what_is_chosen(resolve, text, codes):
    """Each kind of entry chooses what the reference says, in document order, each code once."""
    assert codes.split() == list(resolve(text).codes)


def test_headers_are_told_from_billable_codes(resolve):
    """The billable view leaves the headers out."""
    found = resolve("is-a E11.2")

    assert (("E11.2", "E11.21", "E11.22"), ("E11.21", "E11.22")) == (found.codes, found.billable)
    assert [False, True, True] == found.to_arrow().column("billable").to_pylist()


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("W21.89A", "unknown", "W21.89A is unknown; did you mean W21.89XA?"),
        ("Z28.310", "future", "Z28.310 comes into force on 2022-04-01"),
        ("J1815", "unknown", "J1815 is unknown; it is a code of hcpcs"),
        ("diabetes", "malformed", "diabetes cannot be a code of icd10cm"),
        ("is-a E14", "unknown", "E14 is unknown"),
        ("E11-E14", "unknown", "E14 is unknown"),
        ("E10-E14", "unknown", "E10 is unknown"),
        ("is-a J00-J06", "unknown", "J00 is unknown"),
    ],
)
def test_what_is_not_in_force(resolve, text, status, reason):
    """An entry that names a code which is not in force is listed with its status and what was meant."""
    found = resolve(f"A00.0\n{text}")

    assert [(status, reason)] == [(match.check.status, match.reason) for match in found.absent]
    assert ((), ("A00.0",), False) == (found.empty, found.codes, found.is_whole)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Q*", "no code fits Q*"),
        ("E112*", "no code fits E112*; did you mean E11.2*?"),
        ("below A00.0", "nothing is below A00.0: write A00.0 for the code itself"),
        ("2", "2 is not a code but what is above codes: write is-a 2"),
        ("E11-C43", "E11 comes after C43: the range has its ends in the wrong order, write C43-E11"),
    ],
)
def test_what_chooses_nothing(resolve, text, reason):
    """An entry that is in force and chooses nothing is listed with the reason."""
    found = resolve(f"A00.0\n{text}")

    assert [reason] == [match.reason for match in found.empty]
    assert ((), ("A00.0",)) == (found.absent, found.codes)


def test_an_expired_code_is_told(cm, resolve):
    """A code that was deleted is absent with the day on which it ended."""
    found = resolve("C9014", cm.store["hcpcs"].release("2019-01"))

    assert ["C9014 was in force through 2018-12-31"] == [match.reason for match in found.absent]


def test_a_code_that_is_yet_to_come_is_told(cm, resolve):
    """A code of a later release that is known of is absent with the day on which it begins."""
    found = resolve("Z28.310", cm.on("2021-10-01"))

    assert ["Z28.310 comes into force on 2022-04-01"] == [match.reason for match in found.absent]


def test_a_day_that_nothing_covers(cm, resolve):
    """On an uncovered day nothing is chosen, and every entry that names a code says so."""
    found = resolve("A00\nis-a E11\nE11.*", cm.on("1999-01-01"))

    assert ((), None) == (found.codes, found.version)
    assert ["uncovered", "uncovered"] == [match.check.status for match in found.absent]


def test_a_code_that_a_later_release_has_from_before(tmp_path):
    """Where a later release says that a code was in force already, it is not called unknown."""
    old, new = row("T1", effective_from="2018-01-01"), row("T2", effective_from="2018-06-01")
    world = World(TOOLS, published({"2019-01-01": (old,), "2020-01-01": (old, new)}))
    files, store = written(tmp_path / "files", world), tmp_path / "store"
    assert terminology.load(files, store=store, loaders={"tools": WorldLoader(TOOLS)}).errors == ()

    found = CodeList.parse("T1\nT2").resolve(terminology.open(store)["tools"].release("2019-01"))
    assert ["T2 is not in release 2019-01; later ones say that it is in force from 2018-06-01 on"] == [
        match.reason for match in found.absent
    ]


@pytest.mark.parametrize(
    ("system", "text", "codes"),
    [
        ("hcpcs", "J0000-J3000", "J0567 J1815"),
        ("hcpcs", "J1815 - L9999", "J1815 J3358 J9312 K0001 L3760"),
        ("hcpcs", "is-a modifiers\nexcluding AM-ES", "LT RT"),
        ("hcpcs", "is-a J\nj0567", "J0567 J1815 J3358 J9312"),
        ("icd10pcs", "is-a 0FT4", "0FT40ZZ 0FT44ZZ"),
        ("cpt", "99990-99993", "99990 99991 99992"),
        ("icd9cm", "249-250.00", "249 249.0 249.00 250 250.0 250.00"),
        ("cpt", "9990U-9991U", "9990U 9991U"),
        ("cpt", "00100-01999", "01998"),
        ("vaccines", "is-a hepatitis-b", "hepatitis-b 08 43"),
        ("vaccines", "hepatitis-b", "hepatitis-b"),
        ("places", "11-13", "12 13 11"),
        ("places", "is-a facility\nexcluding 21", "11 23"),
    ],
)
def test_other_systems(store, system, text, codes):
    """Where no code stands below another, a range goes by the codes' numbers, in force or not; nodes are no codes."""
    edition = store[system].latest if system != "icd9cm" else store[system].release("32")

    assert codes.split() == list(CodeList.parse(text).resolve(edition).codes)


def test_a_code_with_a_modifier_is_no_range(store):
    """A code and its modifier, as bills have them, are no range over everything between the two."""
    found = CodeList.parse("99990-25", "cpt").resolve(store["cpt"].latest)
    hcpcs = CodeList.parse("J1815-LT\nLT-J1815", "hcpcs").resolve(store["hcpcs"].latest)

    assert "99990-25 is a code with a modifier, which a list cannot hold: write 99990" == found.matches[0].reason
    assert [
        "J1815-LT is a code with a modifier, which a list cannot hold: write J1815",
        "LT and J1815 are codes of two forms: the ends of a range have one form, as in J0000-J9999",
    ] == [match.reason for match in hcpcs.matches]


def test_a_letter_in_place_of_any_character(resolve):
    """A code that ends in the letter x for any character is absent with the pattern to write."""
    found = resolve("E11.x\nE11.2x\nA00").absent

    assert [
        "E11.x is unknown; for all codes below E11 write E11.*",
        "E11.2x is unknown; for all codes below E11.2 write E11.2*",
    ] == [match.reason for match in found]


def test_an_expression_is_no_entry(store):
    """A code with a modifier is told to be something that a list cannot hold."""
    found = CodeList.parse("99990:25").resolve(store["cpt"].latest)

    assert ["99990:25 is an expression of several codes, which a list cannot hold: write one of its codes"] == [
        m.reason for m in found.empty
    ]


def test_a_resolution_as_json(resolve):
    """The JSON has the codes with titles, the entries with theirs, and what is not there."""
    values = resolve("is-a M54.5\nexcluding M54.5  the header\nW21.89A").to_dict()

    assert ("2022", "2021-10-01", "icd10cm") == (values["version"], values["date"], values["system"])
    assert {"code": "M54.50", "title": "Low back pain, unspecified", "billable": True} == values["codes"][0]
    assert {
        "entry": "excluding M54.5",
        "line": 2,
        "label": "the header",
        "codes": ["M54.5"],
        "status": None,
        "suggestion": None,
        "reason": None,
    } == values["entries"][1]
    assert (["W21.89A"], "W21.89XA") == (values["absent"], values["entries"][2]["suggestion"])


# ---- properties


def brute_force(text: str, edition: Edition) -> list[str]:
    """Return what a list chooses, by asking of every code whether an entry holds it."""
    rows = edition.table().to_pylist()
    order = [row["code"] for row in rows]
    above = {row["code"]: [row["code"], *edition.ancestors(row["code"])] for row in rows}

    def holds(entry: str, code: str) -> bool:
        if entry.startswith("is-a "):
            return entry[5:] in above[code]
        if entry.startswith("below "):
            return entry[6:] in above[code][1:]
        if "*" in entry or "?" in entry:
            return fnmatch.fnmatchcase(code, entry)
        if entry in order and "-" in entry:
            return entry in above[code]
        if "-" in entry:
            first, last = entry.split("-")
            return order.index(first) <= order.index(code) and (
                order.index(code) <= order.index(last) or last in above[code]
            )
        return entry == code

    lines = text.split("\n")
    included = [line for line in lines if not line.startswith("excluding ")]
    excluded = [line.removeprefix("excluding ") for line in lines if line.startswith("excluding ")]
    return [
        row["code"]
        for row in rows
        if row["kind"] not in UNCOUNTED
        and any(holds(entry, row["code"]) for entry in included)
        and not any(holds(entry, row["code"]) for entry in excluded)
    ]


@pytest.fixture(scope="session")
def world(sample_store):
    """The edition that the properties are tried on, with the entries that may be written of it."""
    edition = terminology.open(sample_store)["icd10cm"].release("2022-04")
    rows = edition.table().to_pylist()
    codes = [row["code"] for row in rows if row["kind"] not in UNCOUNTED]
    sections = [row["code"] for row in rows if row["kind"] == "section" and len(edition.children(row["code"]))]
    chapters = [row["code"] for row in rows if row["kind"] == "chapter"]
    return edition, codes, sections, chapters


@st.composite
def lists(draw: st.DrawFn, codes: list[str], sections: list[str], chapters: list[str]) -> str:
    """Draw the text of a list."""
    places = st.integers(0, len(codes) - 1)

    def ranged(ends: tuple[int, int]) -> str:
        return f"{codes[min(ends)]}-{codes[max(ends)]}"

    any_code = st.sampled_from(codes)
    entry = st.one_of(
        any_code,
        st.tuples(places, places).map(ranged),
        st.sampled_from(sections),
        st.tuples(st.sampled_from(["is-a ", "below "]), st.sampled_from([*codes, *chapters])).map("".join),
        st.tuples(any_code, st.integers(0, 7)).map(lambda drawn: drawn[0][: drawn[1]] + "*"),
        st.tuples(any_code, st.integers(0, 7)).map(lambda drawn: drawn[0][: drawn[1]] + "?" + drawn[0][drawn[1] + 1 :]),
    )
    included = draw(st.lists(entry, min_size=1, max_size=6))
    excluded = draw(st.lists(entry.map(lambda text: f"excluding {text}"), max_size=4))
    return "\n".join(draw(st.permutations(included + excluded)))


@given(st.data())
def test_a_list_chooses_what_a_filter_chooses(world, data):
    """Of every list, the codes are those that a filter over all codes leaves, in document order."""
    edition, *known = world
    text = data.draw(lists(*known))

    assert brute_force(text, edition) == list(CodeList.parse(text).resolve(edition).codes)


@given(st.data())
def test_order_does_not_matter(world, data):
    """The lines of a list may stand in any order, and more than once."""
    edition, *known = world
    text = data.draw(lists(*known))
    shuffled = "\n".join([*data.draw(st.permutations(text.split("\n"))), text])

    assert CodeList.parse(text).resolve(edition).codes == CodeList.parse(shuffled).resolve(edition).codes


@given(st.data())
def test_what_an_entry_excludes_is_gone(world, data):
    """A list with one more excluding entry is the list less what the entry chooses alone."""
    edition, *known = world
    text, other = data.draw(lists(*known)), data.draw(lists(*known)).split("\n")[0].removeprefix("excluding ")
    taken = set(CodeList.parse(other).resolve(edition).codes)

    assert [code for code in CodeList.parse(text).resolve(edition).codes if code not in taken] == list(
        CodeList.parse(f"{text}\nexcluding {other}").resolve(edition).codes
    )
