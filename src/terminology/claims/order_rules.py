"""Rules about the order of diagnoses: manifestations, code first, use additional code, external causes."""

from __future__ import annotations

from .claim import Diagnosis
from .code_facts import CodeFacts, NamedNote
from .examined import Examined


def check_principal(examined: Examined) -> None:
    """Find a principal diagnosis that may not be one: an external cause, a manifestation, or one that another precedes."""
    if not examined.diagnoses:
        return
    diagnosis, facts = examined.diagnoses[0]
    if facts.is_external:
        message = f"{facts.code} is an external cause (chapter 20), and stands first"
        examined.add("external_cause_principal", (facts.code,), message, facts.source, diagnosis)
    if facts.is_manifestation:
        message = f'{facts.code} is a manifestation ("{facts.title}"), and stands first{_wanted(facts)}'
        examined.add("manifestation_principal", (facts.code,), message, facts.first[0][0].source, diagnosis)
    elif facts.first and facts.is_mandatory and not _named(facts.first, examined.diagnoses[1:]):
        message = f"{facts.code} stands first, and its note says: code first {_quoted(facts.first)}"
        examined.add("code_first", (facts.code,), message, facts.first[0][0].source, diagnosis)


def check_order(examined: Examined) -> None:
    """Find codes that a note wants before another one, and that are after it; and the other way round."""
    diagnoses = examined.diagnoses
    reported = examined.principal is not None and examined.principal[1].is_manifestation
    for place, (diagnosis, facts) in enumerate(diagnoses[:-1]):
        # of a manifestation that stands first it is said already
        if facts.first and not (place == 0 and reported):
            later = diagnoses[place + 1 :]
            before = diagnoses[:place]
            if (named := _named(facts.first, later)) and not _named(facts.first, before):
                note, (other, other_facts) = named
                message = (
                    f"{other_facts.code} stands after {facts.code}, whose note at {note[0].declared_at} says: "
                    f'code first "{note[0].text}"'
                )
                codes = (facts.code, other_facts.code)
                examined.add("code_first", codes, message, note[0].source, diagnosis, other)
                reported = reported or place == 0
    if not reported:
        _check_additional(examined)


def _check_additional(examined: Examined) -> None:
    """Find an additional code that is the principal diagnosis, with the code that it is to be added to behind it."""
    if not examined.diagnoses:
        return
    first = examined.diagnoses[0]
    for diagnosis, facts in examined.diagnoses[1:]:
        if facts.additional and (named := _named(facts.additional, [first])):
            note = named[0][0]
            message = (
                f"{first[1].code} stands first, and the note at {note.declared_at} for {facts.code} wants it "
                f'as an additional code: "{note.text}"'
            )
            examined.add("use_additional", (first[1].code, facts.code), message, note.source, first[0], diagnosis)
            return


def _named(
    notes: tuple[NamedNote, ...], diagnoses: list[tuple[Diagnosis, CodeFacts]]
) -> tuple[NamedNote, tuple[Diagnosis, CodeFacts]] | None:
    """Return the first of the diagnoses that a note names, with the note."""
    for item in diagnoses:
        if not item[1].status.valid:
            continue
        compact, place = item[1].compact, item[1].place
        for named in notes:
            if any(codes.covers(compact, place) for codes in named[1]):
                return named, item
    return None


def _quoted(notes: tuple[NamedNote, ...]) -> str:
    """Return what a list of notes says: its first sentence, and the first code that it names."""
    text = notes[0][0].text.strip(" ,:")
    return f'"{text}"'


def _wanted(facts: CodeFacts) -> str:
    return f"; code first {_quoted(facts.first)}" if facts.first else ""
