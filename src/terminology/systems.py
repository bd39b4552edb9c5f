"""The code systems: names, identifiers, code shape, dot rule, calendar.

Identifiers follow HL7 Terminology (THO); aliases seen in the wild are accepted, the THO form is emitted.
"""

# no `from __future__ import annotations`: NamedTuple hands each annotation that is a text to the compiler, at every start

import datetime
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from .periods import Calendar
from .shapes import LONGEST_CODE, Shape

LICENCES: Final = "TERMINOLOGY_LICENCES"
"""The variable by which an operator declares licences."""
THO: Final = "http://terminology.hl7.org/CodeSystem/"
"""HL7 Terminology has stubs of some systems under it: names that were superseded."""
CODE_SET: Final = "code set"
GROUPING: Final = "grouping"
DOCUMENT: Final = "document"
ANY_SHAPE: Final = r"\S(.*\S)?"
"""Of a system that states none."""


def _becomes_ascii(code: str) -> bool:
    """Return whether a letter that is not ASCII has one that is as its other case: dotted I, long s, Kelvin sign."""
    return any(other.isascii() for one in code if not one.isascii() for other in f"{one.upper()}{one.lower()}")


@cache
def _shape(text: str) -> Shape:
    # any other than ours came with a file, and may be made to take for ever
    return Shape(text, is_ours=text in OURS)


class SystemDefinition(NamedTuple):
    """What is fixed about a code system, whatever its releases say."""

    name: str
    """Short name, by which it is asked for: ``icd10cm``."""
    title: str
    """Name for people: ``ICD-10-CM``."""
    uri: str
    """By which FHIR knows it."""
    oid: str | None = None
    """Object identifier, without ``urn:oid:``; None where it has none."""
    aliases: tuple[str, ...] = ()
    """Other names and URIs under which it is found."""
    calendar: Calendar = "calendar"
    """By which years or quarters it is published: how long a release covers."""
    dated: bool = False
    """Whether rows carry their own days (HCPCS) rather than a release listing everything (ICD-10-CM)."""
    shape: str = ANY_SHAPE
    """Regular expression of a code in official form, upper case; of a system that is not built in as RE2 knows them."""
    dot: int | None = None
    """The dot stands after this many characters, where the code is longer; None where codes have no dot."""
    dot_by_letter: tuple[tuple[str, int], ...] = ()
    """Codes that begin with this letter have the dot elsewhere (ICD-9-CM: E-codes after four)."""
    retired: str | None = None
    """First day (ISO) on which no code of the system is in force any more; the days after are covered for ever."""
    begun: str | None = None
    """First day (ISO) on which the system was in use, by claims and the like; releases may be older."""
    predecessor: str | None = None
    """Short name of the system that was in use before."""
    folded: bool = True
    """Whether codes are accepted in any case and returned in upper case."""
    lower: bool = False
    """Whether codes of a folded system are returned in lower case instead."""
    nodes: str | None = None
    """Regular expression of what stands in the tree beside codes (chapters, sections)."""
    licensed: bool = False
    """Whether texts may leave the process only under a licence that the operator declares (see `licences`)."""
    open_properties: tuple[str, ...] = ()
    """Properties of a licensed system that are facts rather than texts: they need no licence."""
    postcoordinated: bool = False
    """Whether codes combine into expressions (CPT ``code:modifier``), by the rules in `postcoordination`."""
    kind: str = CODE_SET
    """``code set``; ``grouping``, whose codes are categories of the codes of others; ``document``, whose codes are numbers of sections.

    Lists of code systems have code sets only."""

    @property
    def pattern(self) -> Shape:
        """Matches codes in official form."""
        return _shape(self.shape)

    @property
    def node_pattern(self) -> Shape | None:
        """Matches what stands in the tree beside codes; None where nothing does."""
        return _shape(self.nodes) if self.nodes else None

    def is_over(self, day: datetime.date) -> bool:
        """Return whether no code of the system is in force any more on a day.

        >>> [SYSTEMS["icd9cm"].is_over(datetime.date(2015, month, 1)) for month in (9, 10)]
        [False, True]
        """
        return self.retired is not None and day.isoformat() >= self.retired

    def official(self, text: str) -> str | None:
        """Return the code in official form, or None if the text cannot be a code of this system.

        Blanks around it, the case and a missing dot are forgiven; a dot in the wrong place is not, nor a letter that
        another case would make one of a code (the dotted capital I of Turkish). No code is longer than
        `terminology.shapes.LONGEST_CODE` characters.

        Raises:
            TerminologyError: The system is not built in, and states a shape that cannot be matched in linear time.

        >>> SYSTEMS["icd10cm"].official(" e119 "), SYSTEMS["icd10cm"].official("A0.00")
        ('E11.9', None)
        >>> SYSTEMS["hcpcs"].official("lt"), SYSTEMS["hcpcs"].official("Modifiers")
        ('LT', 'modifiers')
        >>> SYSTEMS["icd10"].official("xviii")
        'XVIII'
        """
        code = text.strip()
        if len(code) > LONGEST_CODE:
            return None
        if self.folded:
            if not code.isascii() and _becomes_ascii(code):
                return None
            code = code.lower() if self.lower else code.upper()
        plain = code
        place = self.dot
        if place is not None and "." not in code and "-" not in code:
            if self.dot_by_letter:
                place = dict(self.dot_by_letter).get(code[:1], place)
            code = f"{code[:place]}.{code[place:]}" if len(code) > place else code
        if _shape(self.shape).fullmatch(code):
            return code
        if self.node_pattern is not None:
            # nodes that we name ourselves (HCPCS "modifiers") are written in lower case
            cases = (plain, code, code.lower()) if self.folded else (plain, code)
            return next((node for node in cases if self.node_pattern.fullmatch(node)), None)
        return None

    def to_json(self) -> dict[str, Any]:
        """Return the definition as plain values, for the store of a system that is not built in."""
        lists = {name: list(getattr(self, name)) for name in ("aliases", "open_properties")}
        return {**self._asdict(), **lists, "dot_by_letter": [list(pair) for pair in self.dot_by_letter]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "SystemDefinition":
        """Return the definition that `to_json` wrote."""
        letters = tuple((letter, place) for letter, place in values["dot_by_letter"])
        tuples = {name: tuple(values.get(name, ())) for name in ("aliases", "open_properties")}
        return cls(**{**values, **tuples, "dot_by_letter": letters})


SYSTEMS: Final[Mapping[str, SystemDefinition]] = {
    definition.name: definition
    for definition in (
        SystemDefinition(
            name="icd10cm",
            title="ICD-10-CM",
            uri="http://hl7.org/fhir/sid/icd-10-cm",
            oid="2.16.840.1.113883.6.90",
            aliases=("icd-10-cm", "ICD10CM", "I10C", "https://hl7.org/fhir/sid/icd-10-cm", f"{THO}icd10CM"),
            calendar="fiscal",
            shape=r"[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?",
            dot=3,
            begun="2015-10-01",
            predecessor="icd9cm",
            nodes=r"[1-9][0-9]?|[A-Z][0-9A-Z]{2}-[A-Z][0-9A-Z]{2}",
        ),
        SystemDefinition(
            name="hcpcs",
            title="HCPCS Level II",
            uri="http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
            oid="2.16.840.1.113883.6.285",
            aliases=("HCPCS", "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"),
            calendar="quarter",
            dated=True,
            shape=r"[A-Z][0-9]{4}|[A-Z][A-Z0-9]",
            nodes=r"[A-Z]|modifiers",
        ),
        SystemDefinition(
            name="icd10pcs",
            title="ICD-10-PCS",
            uri="http://www.cms.gov/Medicare/Coding/ICD10",
            oid="2.16.840.1.113883.6.4",
            aliases=("icd-10-pcs", "ICD10PCS", "I10P", "http://www.icd10data.com/icd10pcs", f"{THO}icd10PCS"),
            calendar="fiscal",
            shape=r"[0-9A-HJ-NP-Z]{3}([0-9A-HJ-NP-Z]{4})?",
            begun="2015-10-01",
            predecessor="icd9pcs",
            nodes=r"[0-9A-HJ-NP-Z]{1,6}",
        ),
        SystemDefinition(
            name="icd10",
            title="ICD-10 (WHO)",
            uri="http://hl7.org/fhir/sid/icd-10",
            oid="2.16.840.1.113883.6.3",
            aliases=("icd-10", "icd10who", "I10", "https://hl7.org/fhir/sid/icd-10", f"{THO}icd10"),
            calendar="open",
            shape=r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,3})?",
            dot=3,
            nodes=r"[IVX]+|[A-Z][0-9]{2}-[A-Z][0-9]{2}",
            licensed=True,
        ),
        SystemDefinition(
            name="icd11",
            title="ICD-11 MMS (WHO)",
            uri="http://id.who.int/icd/release/11/mms",
            aliases=("icd-11", "icd11mms", "https://id.who.int/icd/release/11/mms", "http://id.who.int/icd11/mms"),
            calendar="open",
            # a stem code, or a cluster of stem and extension codes: 1A00&XN8P1, NE84/PB28
            shape=r"[0-9A-Z]{4,7}(\.[0-9A-Z]{1,3})?([&/]\(?[0-9A-Z]{4,7}(\.[0-9A-Z]{1,3})?\)?)*",
            nodes=r"[0-9]{2}|V|X",
            licensed=True,
        ),
        SystemDefinition(
            name="icd10gm",
            title="ICD-10-GM",
            uri="http://fhir.de/CodeSystem/bfarm/icd-10-gm",
            aliases=("icd-10-gm", "ICD10GM", "http://fhir.de/CodeSystem/dimdi/icd-10-gm"),
            calendar="calendar",
            shape=r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,3})?",
            dot=3,
            nodes=r"[IVX]+|[0-9]{1,2}|[A-Z][0-9]{2}-[A-Z][0-9]{2}",
            licensed=True,
        ),
        SystemDefinition(
            name="icd9cm",
            title="ICD-9-CM diagnoses",
            uri="http://hl7.org/fhir/sid/icd-9-cm",
            oid="2.16.840.1.113883.6.103",
            aliases=("icd-9-cm", "ICD9CM", "I9C", "I9CDX", "2.16.840.1.113883.6.42", "urn:oid:2.16.840.1.113883.6.42"),
            calendar="fiscal",
            shape=r"[0-9V][0-9]{2}(\.[0-9]{1,2})?|E[0-9]{3}(\.[0-9])?",
            dot=3,
            dot_by_letter=(("E", 4),),
            retired="2015-10-01",
        ),
        SystemDefinition(
            name="icd9pcs",
            title="ICD-9-CM procedures",
            uri="http://www.cms.gov/Medicare/Coding/ICD9",
            oid="2.16.840.1.113883.6.104",
            aliases=("icd-9-pcs", "ICD9Proc", "I9CP", "http://hl7.org/fhir/sid/icd-9-proc"),
            calendar="fiscal",
            shape=r"[0-9]{2}(\.[0-9]{1,2})?",
            dot=2,
            retired="2015-10-01",
        ),
        SystemDefinition(
            name="cpt",
            title="CPT",
            uri="http://www.ama-assn.org/go/cpt",
            oid="2.16.840.1.113883.6.12",
            aliases=("CPT", "CPT-4", "CPT4", "C4", "https://www.ama-assn.org/go/cpt"),
            calendar="calendar",
            shape=r"[0-9]{4}[0-9AFMTU]|[0-9A-Z][0-9A-Z]",
            nodes=(
                r"[0-9]{4}[0-9AFMTU]-[0-9]{4}[0-9AFMTU]|concept-[0-9]+|modifiers|category i{1,3}"
                r"|laboratory analyses|multianalyte assays|immunization administration"
            ),
            licensed=True,
            open_properties=("category", "modifier_groups", "concept_id", "modifiers", "pla_status", "pla_published"),
            postcoordinated=True,
        ),
        SystemDefinition(
            name="icd10cm_guidelines",
            title="ICD-10-CM Official Guidelines for Coding and Reporting",
            uri="urn:terminology:icd10cm-guidelines",
            aliases=("icd-10-cm-guidelines",),
            calendar="fiscal",
            # I.C.9.a.1 is 1) of a. of 9. of C. of Section I
            shape=r"[IVX]{1,4}(\.[A-Z](\.[0-9]{1,2}(\.[a-z](\.[0-9]{1,2}(\.[a-z](\.[ivx]{1,5})?)?)?)?)?)?|Appendix [IVX]{1,4}",
            folded=False,
            kind=DOCUMENT,
        ),
    )
}

OURS: Final = frozenset({ANY_SHAPE, *(text for one in SYSTEMS.values() for text in (one.shape, one.nodes) if text)})


def plain_name(text: str) -> str:
    """Return a name of a system in the form by which names are compared.

    Case and blanks around it do not count; of a URI neither do scheme, ``www.``, percent signs, a version after a bar
    and slashes at the end.

    >>> plain_name(" HTTPS://www.AMA-assn.org/go/cpt/ "), plain_name("http://hl7.org/fhir/sid/icd-10-cm|2024")
    ('ama-assn.org/go/cpt', 'hl7.org/fhir/sid/icd-10-cm')
    """
    name = text.strip().lower()
    if "%" in name:
        from urllib.parse import unquote

        name = unquote(name).strip().lower()
    scheme, mark, rest = name.partition("://")
    if mark and scheme in ("http", "https"):
        name = rest.removeprefix("www.")
    return name.partition("|")[0].rstrip("/#? ")


def names_of(definition: SystemDefinition) -> frozenset[str]:
    """Return everything that a system is known by, as `plain_name` has it: name, URI, OID, aliases.

    >>> "urn:oid:2.16.840.1.113883.6.90" in names_of(SYSTEMS["icd10cm"])
    True
    """
    names = {definition.name, definition.uri, *definition.aliases}
    if definition.oid:
        names |= {definition.oid, f"urn:oid:{definition.oid}"}
    return frozenset(map(plain_name, names))


@cache
def _by_name() -> Mapping[str, SystemDefinition]:
    return {name: definition for definition in SYSTEMS.values() for name in names_of(definition)}


def named(text: str) -> SystemDefinition | None:
    """Return the built-in system of this short name, FHIR URI, OID or alias; None where there is none.

    >>> named("http://www.ama-assn.org/go/cpt/").name, named("ICD-10-CM").name, named("household")
    ('cpt', 'icd10cm', None)
    """
    return _by_name().get(plain_name(text))


def in_use(system: str, day: datetime.date) -> str:
    """Return the built-in system that claims have codes of on a day in the place of one: the one before it until that is over.

    >>> [in_use("icd10cm", datetime.date(2015, month, 1)) for month in (9, 10)], in_use("hcpcs", datetime.date(2015, 9, 1))
    (['icd9cm', 'icd10cm'], 'hcpcs')
    """
    before = SYSTEMS[system].predecessor
    return system if before is None or SYSTEMS[before].is_over(day) else before


def declared_licences(given: str | Iterable[str] | None = None) -> frozenset[str]:
    """Return the short names of the systems whose licence is declared; none where nobody declares any.

    Args:
        given: Names, URIs, OIDs or aliases of systems, or one text with commas between them; by default those in
            ``$TERMINOLOGY_LICENCES``.

    >>> sorted(declared_licences(["CPT", "http://hl7.org/fhir/sid/icd-10"])), sorted(declared_licences("CPT"))
    (['cpt', 'icd10'], ['cpt'])
    """
    if given is None:
        given = os.environ.get(LICENCES, "")
    names = given.split(",") if isinstance(given, str) else given
    words = [word for word in map(plain_name, names) if word]
    return frozenset(found.name if (found := named(word)) else word for word in words)
