"""Which version the appendices without one are of.

Appendix A names its version, the others do not. Another appendix is joined to it where two things hold:

- It fits by content. The index uses MS-DRGs of the list only; codes of appendix C are in the index; its levels are
  those of the lists G and H; MS-DRGs of appendix F have the titles of the list.
- It lies in the same folder, or in the same archive. Content alone is no proof: FY2022 and FY2021 have the same MS-DRGs.

What fits no version of its folder is refused; what lies alone waits, and ``--version`` tells what it is.

    A 37.2, B that uses DRG 521             B is refused: version 37.2 has no DRG 521
    A 37.2, A 38.1, B that uses DRG 521     B is of 38.1
    A 37.2; B in another folder             B waits
    A 37.2, B and C of 38.1                 C is refused with B: the folder has files of several versions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import evolve

from terminology import schema
from terminology.drafts import Assembly, Built, Draft, Part
from terminology.errors import ReleaseFormatError

from ..assembly import Dated, assembled
from .reading import CODES, COMPLICATIONS, CONDITIONS, DRGS, INDEX, LIST, TITLES, numbers_in
from .versions import is_presumed, version_of

STATED: Final = ("version", "effective", "basis", "presumes", "identifier")
"""Facts of a version."""
NAMES: Final = {INDEX: "appendix B", COMPLICATIONS: "appendix C", CONDITIONS: "appendices F to J"}
NO_RELEASE: Final = "it can tell of which version other appendices are, and none that needs it lies beside it"
NO_CONDITIONS: Final = (
    "it has no hospital-acquired conditions; its lists of CC and MCC only tell of which version others are"
)
SHOWN: Final = 3


def joined(parts: Sequence[Part]) -> Assembly:
    """Return the versions of one grouping of the manual; the order of the parts does not matter."""
    ordered = sorted(parts, key=lambda part: (part.kind, part.origin.label, part.revision))
    given = [_given(part) for part in ordered]
    lists = [part for part in given if part.facts["appendix"] == LIST]
    others = [part for part in given if part.facts["appendix"] != LIST]
    places = {part.identity: _Place(part, lists, others) for part in others}
    tables, refused, unused = [], [], []
    for part in others:
        if not part.facts["members"]:
            continue
        found = places[part.identity].version()
        if isinstance(found, Part):
            tables.append(found)
        elif places[part.identity].lists:
            refused.append((part, found))
        else:
            unused.append((part, found))
    contradicting = [(part, why) for part in lists if (why := _contradiction(part))]
    refused += contradicting
    sound = [part for part in lists if part not in [one for one, _ in contradicting]]
    made = assembled([*tables, *sound], "fiscal", _lists_of)
    evidence = [part for part in others if not part.facts["members"]]
    drafts = tuple(_finished(draft, evidence) for draft in made.drafts)
    told = {part.identity for draft in drafts for part in draft.borrowed}
    unused += [
        (part, NO_CONDITIONS if _lacks_conditions(part) else NO_RELEASE)
        for part in evidence
        if part.identity not in told
    ]
    return evolve(made, drafts=drafts, refused=(*made.refused, *refused), unused=(*made.unused, *unused))


def _given(part: Part) -> Part:
    """Return a part with the first day of the version that the operator gave."""
    stated = version_of(part.version)
    if stated.label is None:
        return part
    facts = {**part.facts, **{name: getattr(stated, _FIELDS.get(name, name)) for name in STATED}}
    return evolve(part, facts={**facts, "identifier": part.facts["identifier"]}, version=stated.label)


_FIELDS: Final = {"version": "label"}


def _contradiction(part: Part) -> str | None:
    own = part.facts["identifier"] or ""
    stated = next((word for word in own.split() if version_of(word).label), None)
    if part.version and stated and version_of(stated).label != part.version:
        return f"calls itself version {stated}, and was given as {part.version}"
    return None


def _lists_of(dated: Dated, others: Sequence[Part]) -> Sequence[Part]:
    """Return the lists of MS-DRGs of a version, those of its own folder before others."""
    same = [part for part in others if part.facts["version"] == dated.version]
    return sorted(same, key=lambda part: part.facts["place"] != dated.part.facts["place"])[:1]


class _Place:
    """A part among the other parts of its folder."""

    def __init__(self, part: Part, lists: Sequence[Part], others: Sequence[Part]) -> None:
        self.part = part
        self.lists = [one for one in lists if one.facts["place"] == part.facts["place"]]
        self.beside = [one for one in others if one.facts["place"] == part.facts["place"]]

    def version(self) -> Part | str:
        """Return the part with its version; or why it has none."""
        if self.part.version or self.part.effective:
            return self.part
        title = NAMES[self.part.facts["appendix"]]
        if not self.lists:
            return f"{title}: names no version, and no appendix A lies beside: give --version"
        reasons = {one.identity: self._misfit(one) for one in self.lists}
        fitting = [one for one in self.lists if reasons[one.identity] is None]
        labels = {one.facts["version"] for one in fitting}
        if len(labels) > 1:
            return f"{title}: may be of versions {', '.join(sorted(labels))}, which lie beside: give --version"
        if not fitting:
            return f"{title}: of no version that lies beside: {'; '.join(filter(None, reasons.values()))}"
        if len({one.facts["version"] for one in self.lists}) == 1 and (other := self._other_misfit(fitting[0])):
            return f"{title}: files of another version lie beside ({other}): give --version"
        return evolve(self.part, facts={**self.part.facts, **{name: fitting[0].facts[name] for name in STATED}})

    def _other_misfit(self, one: Part) -> str | None:
        """Return why something beside the part is not of the version of a list; then the folder is no evidence."""
        for part in self.beside:
            if part is not self.part and not part.version:
                why = _Place(part, self.lists, self.beside)._misfit(one)  # noqa: SLF001 -- one of the same kind
                if why:
                    return why
        return None

    def _misfit(self, one: Part) -> str | None:
        """Return why the part is not of the version of a list; None where it may be."""
        version = one.facts["version"]
        if version is None:
            return f"{one.origin.label} names no version"
        unlisted = sorted(numbers_in(self.part.facts[DRGS]) - numbers_in(one.facts[DRGS]))
        if unlisted:
            shown = ", ".join(f"{number:03}" for number in unlisted[:SHOWN])
            return f"{version} has no MS-DRG {shown}"
        titles, listed = self.part.facts.get(TITLES, {}), one.facts.get(TITLES, {})
        other = next((drg for drg in titles if drg in listed and titles[drg] != listed[drg]), None)
        if other:
            return f"MS-DRG {other} has another title in {version}"
        return self._unindexed(one) or self._other_levels()

    def _unindexed(self, one: Part) -> str | None:
        """Return which codes are not in the index of a version that lies beside it."""
        if self.part.facts["appendix"] == INDEX:
            return None
        indices = [part for part in self.beside if part.facts["appendix"] == INDEX]
        listed = numbers_in(one.facts[DRGS])
        fitting = [part for part in indices if numbers_in(part.facts[DRGS]) <= listed]
        if indices and not fitting:
            return f"the index beside it, {indices[0].origin.label}, is not of {one.facts['version']}"
        missing = [_diagnoses(self.part) - _diagnoses(part) for part in fitting]
        if not missing or not all(missing):
            return None
        return f"the index of {one.facts['version']} has not {', '.join(sorted(missing[0])[:SHOWN])}"

    def _other_levels(self) -> str | None:
        """Return with which file beside it the levels disagree."""
        partner = {COMPLICATIONS: CONDITIONS, CONDITIONS: COMPLICATIONS}.get(self.part.facts["appendix"])
        own = self.part.facts.get("levels")
        partners = [part for part in self.beside if part.facts["appendix"] == partner and part.facts.get("levels")]
        if own is None or not partners or any(part.facts["levels"] == own for part in partners):
            return None
        return f"its lists of CC and MCC are not those of {partners[0].origin.label}"


def _diagnoses(part: Part) -> set[str]:
    """Return the diagnoses of a part, be it members or evidence; none of one without."""
    if CODES in part.tables:
        return set(part.tables[CODES].column("code").to_pylist())
    if schema.MEMBERS not in part.tables:
        return set()
    table = part.tables[schema.MEMBERS]
    columns = (table.column("system").to_pylist(), table.column("code").to_pylist())
    return {code for system, code in zip(*columns, strict=True) if system == "icd10cm"}


def _lacks_conditions(part: Part) -> bool:
    """Return whether a part would have the conditions, were they in its file."""
    return part.kind.startswith("hac ") and part.facts["appendix"] == CONDITIONS


def _finished(draft: Draft, evidence: Sequence[Part]) -> Draft:
    """Return a draft with its list of MS-DRGs as a table, and with a warning where its first day is presumed.

    What lies beside its files, and told of which version they are, goes along without being a source.
    """
    places = {part.facts["place"] for part in draft.parts}
    beside = tuple(part for part in evidence if part.facts["place"] in places and not _lacks_conditions(part))
    said: tuple[str, ...] = ()
    if is_presumed(draft.version) and not draft.parts[0].effective:
        said = (f"version {draft.version} is presumed to be in force from {draft.effective}: else give --effective",)
    listed = next((part for part in draft.parts if DRGS in part.tables), None)
    build = partial(_with_table, draft.build, listed) if listed else draft.build
    return evolve(draft, build=build, warnings=(*draft.warnings, *said), borrowed=beside)


def _with_table(build: Callable[[], Built], listed: Part) -> Built:
    made = build()
    tables: Mapping[str, Any] = {**made.tables, DRGS: listed.tables[DRGS]}
    if listed.facts["version"] is None:
        raise ReleaseFormatError("names no version", file=listed.origin.label)
    return evolve(made, tables=tables)
