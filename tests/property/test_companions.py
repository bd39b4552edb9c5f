"""A tabular list and an index belong to the same release whatever else is loaded, and in whatever order it came."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from terminology.drafts import Part
from terminology.reading import ReadableFile
from terminology_loaders.icd10cm import Icd10cmLoader

from ..loaders.index_files import index_file, term
from ..release_files import BACK_PAIN, CHOLERA, order_file, tabular

YEARS = (2012, 2013, 2014, 2015, 2016)
LOADER = Icd10cmLoader()
CODE_SETS = (CHOLERA, BACK_PAIN)
"""Several years have the same codes, as fiscal years 2014, 2015 and 2016 have."""
NAMINGS = ("day", "name", "short", "archive", "version", "nothing")
"""Where a list names its year."""
RANKS = {"day": 0, "name": 1, "short": 1, "archive": 2, "version": 3, "nothing": 4}


@frozen
class List:
    """A tabular list: where its year is named, and the codes that it expands to."""

    year: int
    naming: str
    codes: int

    def part(self, kind: str = "tabular") -> Part:
        """Return the list as the loader reads it, or an index that is named as it is."""
        version = self.year if self.naming == "version" else 0
        name = {
            "day": f"icd10cm-{kind}-October-1-{self.year - 1}.xml",
            "name": f"icd10cm_{kind}_{self.year}.xml",
            "short": f"FY{self.year % 100}_{kind}.xml",
        }.get(self.naming, f"{kind}.xml")
        archive = f"ICD10CM_FY{self.year}_Full_XML.zip" if self.naming == "archive" else f"{self.codes}{version}.zip"
        data = tabular(version, CODE_SETS[self.codes])
        if kind == "index":
            data = index_file("alphabetic", term("Cholera", code="A00.9"), year=version)
        part = LOADER.read(ReadableFile(name, lambda: data, archive=archive, archive_sha256=archive))
        assert isinstance(part, Part)
        return part

    def belongs(self, year: int, codes: int) -> bool:
        """Return whether it belongs to the release of a year with these codes: the rule in words."""
        return self.codes == codes if self.naming == "nothing" else self.year == year


def order_part(year: int, codes: int) -> Part:
    """Return an order file as the loader reads it."""
    data = order_file(CODE_SETS[codes])
    part = LOADER.read(ReadableFile(f"icd10cm_order_{year}.txt", lambda: data))
    assert isinstance(part, Part)
    return part


LISTS = st.builds(List, st.sampled_from(YEARS), st.sampled_from(NAMINGS), st.sampled_from((0, 1)))


def joined(parts: Sequence[Part], kind: str) -> dict[str, str]:
    """Return by version the label of the list that answers for the release."""
    return {
        draft.version: found[0].origin.label
        for draft in LOADER.assemble(parts).drafts
        if (found := [part for part in draft.parts if part.kind == kind])
    }


@given(
    st.dictionaries(st.sampled_from(YEARS), st.sampled_from((0, 1)), min_size=1),
    st.sets(LISTS, max_size=5),
    st.randoms(use_true_random=False),
)
def test_a_tabular_list_joins_the_same_release(years: dict[int, int], lists: set[List], random: Random) -> None:
    """Of the lists that belong to a release the one with the strongest evidence answers, whatever years are loaded."""
    made = {one: one.part() for one in lists}
    parts = [*made.values(), *(order_part(year, codes) for year, codes in years.items())]
    random.shuffle(parts)
    expected = {}
    for year, codes in years.items():
        fitting = [one for one in lists if one.belongs(year, codes)]
        if fitting:
            nearest = min(fitting, key=lambda one: (RANKS[one.naming], one.codes != codes, made[one].origin.label))
            expected[str(year)] = made[nearest].origin.label
    assert expected == joined(parts, "tabular")


@given(
    years=st.sets(st.sampled_from(YEARS)),
    named=LISTS.filter(lambda one: one.naming != "nothing"),
    first=st.booleans(),
)
def test_an_index_joins_the_release_of_its_year(years: set[int], named: List, first: bool) -> None:  # noqa: FBT001
    """An index of a year joins that year's release where it is loaded, and no other where it is not."""
    part = named.part("index")
    orders = [order_part(year, named.codes) for year in sorted(years)]
    expected = {str(named.year): part.origin.label} if named.year in years else {}
    assert expected == joined([part, *orders] if first else [*orders, part], "index")
