"""Headers of the delimited files of CPT: which columns each kind of file has, and under which headings.

References:
    AMA, public ETL code `datalabs.curate.cpt.descriptor` and `datalabs.curate.cpt.link.history` (headers).
    NLM, UMLS source representation of CPT (`Property_DTK_pipe`, `RelationshipGroup_DTK_pipe`, `Type_DTK_pipe`: a
    property type and a relationship type are types of the Type file).
    Public loaders of the AMA's current format (`ConsolidatedCodeList.txt`, `Modifiers.txt`): headers.

Headings are compared without case, blanks and punctuation, in any order; further columns are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import lines_of

HEADER_LINES: Final = 300
"""A notice of the publisher may come before the header."""

SEPARATORS: Final = ("\t", "|")


@frozen
class Layout:
    """The columns of one kind of file, each under the headings that it is known by."""

    kind: str
    name: re.Pattern[str]
    """Of the publisher's file: such a file must have the header."""
    required: Mapping[str, tuple[str, ...]] = field(hash=False)
    optional: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)

    def places(self, headings: Sequence[str]) -> dict[str, int] | None:
        """Return the place of each field, or None where a required one is not there."""
        found = {}
        for fields, needed in ((self.required, True), (self.optional, False)):
            for name, synonyms in fields.items():
                place = next((headings.index(word) for word in synonyms if word in headings), None)
                if place is not None:
                    found[name] = place
                elif needed:
                    return None
        return found


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


CODE_HEADINGS: Final = ("cptcode", "code", "cptcodes")

CONCEPT_HEADINGS: Final = ("conceptid", "concept")

VALUE_HEADINGS: Final = {"prior": ("priorvalue", "prior"), "current": ("currentvalue", "current")}

CHANGE_HEADINGS: Final = {"date": ("date", "effectivedate", "changedate"), "change": ("changetype", "change")}

LAYOUTS: Final = (
    Layout(
        "deleted",
        _named(r"deleted.*\.txt"),
        {"code": CODE_HEADINGS, "date": ("datedeleted", "deleteddate", "deletiondate")},
        {
            "concept": CONCEPT_HEADINGS,
            "prior": ("descriptor", "description"),
            "instruction": ("instruction", "instructions"),
        },
    ),
    Layout(
        "modifier history",
        _named(r"historymodifiers.*\.txt"),
        {**CHANGE_HEADINGS, "code": ("modifiercode", "modifier")},
        {"concept": CONCEPT_HEADINGS, **VALUE_HEADINGS},
    ),
    Layout(
        "history",
        _named(r"history_dtk.*\.txt"),
        {**CHANGE_HEADINGS, "code": CODE_HEADINGS},
        {"concept": CONCEPT_HEADINGS, **VALUE_HEADINGS, "instruction": ("instruction", "instructions")},
    ),
    Layout(
        "consolidated",
        _named(r"consolidatedcodelist.*\.(txt|tsv)"),
        {"code": ("cptcode", "cptcodes"), "long": ("long", "longdescriptor", "longdescription")},
        {
            "concept": CONCEPT_HEADINGS,
            "medium": ("medium", "mediumdescriptor", "mediumdescription"),
            "short": ("short", "shortdescriptor", "shortdescription"),
            "consumer": ("consumer", "consumerfriendlydescriptor", "consumerdescriptor", "consumerdescription"),
            "spanish": ("spanishconsumer", "spanishconsumerdescriptor", "spanishconsumerdescription"),
            "effective": ("currentdescriptoreffectivedate", "descriptoreffectivedate", "effectivedate"),
            "test": ("testname", "test"),
            "laboratory": ("labname", "laboratoryname", "lab"),
            "manufacturer": ("manufacturername", "manufacturer"),
        },
    ),
    Layout(
        "modifier table",
        _named(r"modifiers?\.(txt|tsv)"),
        {"code": ("modifiercode", "modifier"), "title": ("modifiername", "name")},
        {
            "concept": CONCEPT_HEADINGS,
            "level": ("leveliii", "level"),
            "definition": ("modifierdescription", "description"),
            "section": ("sectionmainsection", "section", "mainsection"),
        },
    ),
    Layout(
        "consumer",
        _named(r"consumerdescriptor.*\.txt"),
        {"code": CODE_HEADINGS, "title": ("consumerfriendlydescriptor", "consumerdescriptor")},
        {"concept": CONCEPT_HEADINGS},
    ),
    Layout(
        "clinician",
        _named(r"cliniciandescriptor.*\.txt"),
        {"code": CODE_HEADINGS, "title": ("cliniciandescriptor",)},
        {"concept": CONCEPT_HEADINGS, "identifier": ("cliniciandescriptorid",)},
    ),
    Layout(
        "property",
        _named(r"property_dtk.*\.txt"),
        {
            "concept": ("conceptid", "conceptid1"),
            "type": ("propertytypeid", "propertytype", "typeid"),
            "value": ("propertyvalue", "value", "property"),
        },
        {"code": CODE_HEADINGS},
    ),
    Layout(
        "relationship",
        _named(r"relationship(group)?_dtk.*\.txt"),
        {
            "concept": ("conceptid", "conceptid1", "sourceconceptid", "sourceid"),
            "type": ("relationshiptypeid", "relationshiptype", "typeid"),
            "target": ("conceptid2", "relatedconceptid", "targetconceptid", "destinationconceptid", "targetid"),
        },
    ),
    Layout(
        "type",
        _named(r"type_dtk.*\.txt"),
        {"type": ("typeid",), "title": ("typename", "name", "typedescription", "description", "type")},
    ),
)
"""In the order in which they are tried: a header that says more comes first."""

NAMED_ONLY: Final = frozenset({"type"})
"""Kinds whose header says too little to know the file by it alone."""


def heading(text: str) -> str:
    """Return a heading as it is compared.

    >>> heading("Concept Id"), heading("CurrentValue")
    ('conceptid', 'currentvalue')
    """
    return re.sub(r"[^a-z0-9]", "", text.lower())


@frozen
class Delimited:
    """A file with a header: its kind, the place of its header, and what separates its columns."""

    layout: Layout
    line: int
    separator: str
    places: Mapping[str, int] = field(hash=False)
    columns: int


def delimited_of(name: str, head: str) -> Delimited | None:
    """Return the kind of a file by its header, or None for another file.

    >>> found = delimited_of("any.txt", "Concept Id\\tCPT Code\\tConsumer Friendly Descriptor\\n")
    >>> found.layout.kind, found.line
    ('consumer', 1)
    """
    for number, line in lines_of(head):
        if number > HEADER_LINES:
            break
        for separator in SEPARATORS:
            if separator not in line:
                continue
            headings = [heading(cell) for cell in line.split(separator)]
            for layout in LAYOUTS:
                places = layout.places(headings)
                if places and (layout.kind not in NAMED_ONLY or layout.name.fullmatch(name)):
                    return Delimited(layout, number, separator, places, len(headings))
    return None


def is_named(name: str) -> bool:
    """Return whether a file has a name of the publisher's delimited files."""
    return any(layout.name.fullmatch(name) for layout in LAYOUTS)


def misplaced_header(name: str, head: str, label: str) -> ReleaseFormatError | None:
    """Return the error of a file that has a publisher's name but not its header, or None."""
    layout = next((layout for layout in LAYOUTS if layout.name.fullmatch(name)), None)
    if layout is None or not head.strip():
        return None
    expected = ", ".join(words[0] for words in layout.required.values())
    found = head.lstrip("\ufeff").splitlines()[0][:80]
    return ReleaseFormatError(
        f"expected a header with the columns {expected} (tabs or bars between them, in any order), got {found!r}",
        file=label,
        line=1,
        column=1,
    )
