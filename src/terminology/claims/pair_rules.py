"""Rules about two diagnoses of one claim: Excludes1, sides of the body, the same one twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..model import Note
from .code_facts import CodeFacts
from .examined import Examined
from .laterality import BOTH, LEFT, NOWHERE, RIGHT, Sides

EXCEPTION: Final = "to look at: the two may stand together where the conditions are unrelated (guideline I.A.12.a)"


def check_duplicates(examined: Examined) -> None:
    """Find diagnoses that are on the claim twice."""
    diagnoses = examined.diagnoses
    if len({facts.code for _, facts in diagnoses}) == len(diagnoses):
        return
    seen: dict[str, list[int]] = {}
    for place, (_, facts) in enumerate(diagnoses):
        seen.setdefault(facts.code, []).append(place)
    for code, places in seen.items():
        if code and len(places) > 1:
            numbers = " and ".join(str(place + 1) for place in places)
            items = [diagnoses[place][0] for place in places]
            message = f"{code} is reported as diagnoses {numbers} of the claim"
            examined.add("duplicate_diagnosis", (code,), message, diagnoses[places[0]][1].source, *items)


def check_excludes1(examined: Examined) -> None:
    """Find pairs that an Excludes1 note of one of them, its own or inherited, names."""
    if examined.stretch is None or examined.stretch.edition.system != "icd10cm":
        return
    if not examined.stretch.has_notes:
        version = examined.stretch.version
        examined.unchecked("Excludes1 and order of codes", f"release {version} came without notes")
        return
    diagnoses = examined.diagnoses
    categories = {facts.category for _, facts in diagnoses}
    pairs: set[frozenset[str]] = set()
    for diagnosis, facts in diagnoses:
        if facts.excluded.isdisjoint(categories):
            continue
        for other, other_facts in diagnoses:
            if other_facts.category not in facts.excluded or other_facts.code == facts.code:
                continue
            if not other_facts.status.valid:
                # what is no code is said to be none already
                continue
            pair = frozenset((facts.code, other_facts.code))
            if pair not in pairs and (note := excluding_note(facts, other_facts)) is not None:
                pairs.add(pair)
                message = (
                    f"{other_facts.code} is excluded by a note at {note.declared_at} for {facts.code}, "
                    f'Excludes1: "{note.text}"; {EXCEPTION}'
                )
                examined.add("excludes1", (facts.code, other_facts.code), message, note.source, diagnosis, other)


def excluding_note(facts: CodeFacts, other: CodeFacts) -> Note | None:
    """Return the first Excludes1 note of a code that names another one; None where none does."""
    for note, targets in facts.exclusions:
        if any(named.covers(other.compact, other.place) for named in targets):
            return note
    return None


def check_sides(examined: Examined) -> None:
    """Find sides that are coded apart though there is a bilateral code, and unspecified ones beside specified ones."""
    sided = [(item, facts, facts.sides) for item, facts in examined.diagnoses if facts.sides is not None]
    if len(sided) <= 1:
        return
    groups: dict[Sides, dict[str, int]] = {}
    for place, (_, facts, sides) in enumerate(sided):
        if facts.side:
            groups.setdefault(sides, {}).setdefault(facts.side, place)
    for sides, places in groups.items():
        for rule, first, second, message in _contradictions(sides, places):
            (item, facts, _), (other, other_facts, _) = sided[first], sided[second]
            said = message.format(facts.code, other_facts.code)
            examined.add(rule, (facts.code, other_facts.code), said, facts.source, item, other)


def _contradictions(sides: Sides, places: dict[str, int]) -> Iterator[tuple[str, int, int, str]]:
    if RIGHT in places and LEFT in places and sides.bilateral:
        said = f"{{}} and {{}} code the right and the left side apart; {sides.bilateral} is bilateral"
        yield "laterality_both", places[RIGHT], places[LEFT], said
    elif BOTH in places and (one := next((side for side in (RIGHT, LEFT) if side in places), None)):
        yield "laterality_both", places[BOTH], places[one], f"{{}} is bilateral, and {{}} codes the {one} side again"
    if NOWHERE in places:
        for side in (RIGHT, LEFT, BOTH):
            if side in places:
                said = f"{{}} leaves the side unspecified, and {{}} says that it is {side}"
                yield "laterality_unspecified", places[NOWHERE], places[side], said
                break
