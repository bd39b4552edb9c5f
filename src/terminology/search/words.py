"""Words as they are compared: without case, accents, plural and signs; and three looser forms of each.

A word of a question meets a word of a term in one of four ways, from near to far::

    same         fractures      fracture        `words_of` takes the plural away
    same root    diabetic       diabetes        `root_of`: diabet
    same sound   hemorage       hemorrhage      `sound_of`: hemorage
    one edit     diabetis       diabetes        the sounds share a `deletions`: each without one of its letters
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ..characters import without_accents

WORD: Final = re.compile(r"[a-z]+|[0-9]+[a-z]?(?![a-z])|[0-9]+|[^\W_a-z0-9]+")
"""Letters, digits (``3a``, ``2nd``), or letters that are not Latin."""
NOTHING_SAID: Final = re.compile(r"not (?:elsewhere classified|otherwise specified|stated as [a-z]+)")
"""What is printed behind many terms, and tells none from another; ``classified elsewhere`` does."""
WITH: Final = re.compile(r"\bw/(o\b)?")
"""``w/`` and ``w/o``, as people write with and without."""
POSSESSIVE: Final = re.compile(r"['\u2019`]s\b|['\u2019`]")
STOP_WORDS: Final = frozenset(
    {
        *("an", "the", "of", "in", "on", "at", "by", "to", "for", "from", "and", "or", "as", "with", "due", "into"),
        *("is", "are", "has", "have", "my", "not", "nec", "nos"),
        *("der", "die", "das", "und", "oder", "von", "mit", "durch", "bei", "des", "den", "im", "in", "nicht"),
    }
)
"""Words that tell no term from another; they are not searched."""
PLAIN_WORDS: Final = frozenset(
    {"unspecified", "specified", "type", "disease", "disorder", "condition", "primary", "acute"}
)
"""Words that a term may have beyond those asked for: what people mean who do not say more."""
PLAIN_WEIGHT: Final = 0.35
SHORTEST_PLURAL, SHORTEST_ROOT, SHORTEST_SOUND = 4, 5, 4
ENDINGS: Final = (
    *("isation", "ization", "ational", "ations", "ating", "ation", "ative", "ional", "iform", "ising", "izing"),
    *(
        "ious",
        "ical",
        "ated",
        "ing",
        "ion",
        "ian",
        "ive",
        "ity",
        "ous",
        "tic",
        "sis",
        "ium",
        "eal",
        "ial",
        "ary",
        "ile",
    ),
    *("al", "ar", "ed", "ic", "es", "is", "um", "us", "ia", "or", "er", "a", "e", "o", "s", "t", "y"),
)
"""What is taken from the end of a word, the longest first, to find what it has in common with others."""
SOUNDS: Final = (
    *(("rrh", "r"), ("rh", "r"), ("ph", "f"), ("ae", "e"), ("oe", "e"), ("sch", "sk"), ("ch", "k"), ("ck", "k")),
    *(("th", "t"), ("gh", "g"), ("sc", "s"), ("ei", "i"), ("ie", "i"), ("ea", "e"), ("ai", "a"), ("ou", "o")),
    *(("y", "i"), ("x", "ks"), ("z", "s"), ("q", "k")),
)
"""Spellings that sound alike, in British and American English and in mistakes."""
SILENT: Final = ((re.compile(r"^p(?=[nst])"), ""), (re.compile(r"c(?=[eiy])"), "s"), (re.compile(r"c"), "k"))
DOUBLE: Final = re.compile(r"(.)\1+")


def folded(text: str) -> str:
    """Return the text in lower case, without accents and without ``'s``.

    >>> folded("Ménière's Disease")
    'meniere disease'
    """
    return without_accents(POSSESSIVE.sub("", text.lower()))


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, each in the singular, without those that tell nothing.

    >>> words_of("Fractures of the right femur, Type 2"), words_of("DM w/o complications")
    (['fracture', 'right', 'femur', 'type', '2'], ['dm', 'without', 'complication'])
    """
    plain = NOTHING_SAID.sub("", folded(text))
    if "/" in plain:
        plain = WITH.sub(lambda found: "without " if found[1] else " ", plain)
    return [singular(word) for word in WORD.findall(plain) if word not in STOP_WORDS]


@lru_cache(maxsize=4_096)
def singular(word: str) -> str:
    """Return a word without the ending of a plural; not always a word, but the same of both forms.

    >>> [singular(word) for word in ("stones", "allergies", "abscesses", "metastases", "vertebrae", "pelvis")]
    ['stone', 'allergy', 'abscess', 'metastasis', 'vertebra', 'pelvis']
    """
    if len(word) < SHORTEST_PLURAL or word.endswith(("ss", "is", "us")):
        return word
    for plural, one in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("ae", "a")):
        if word.endswith(plural) and len(word) > len(plural) + 1:
            return word[: -len(plural)] + one
    if word.endswith(("stases", "oses", "pses", "eses")) and len(word) > 6:  # noqa: PLR2004 -- noses, doses
        return f"{word[:-2]}is"
    return word.removesuffix("s")


def root_of(word: str) -> str:
    """Return what a word has in common with words of the same origin; the word itself where it is short.

    >>> root_of("diabetic") == root_of("diabetes"), root_of("myocardial") == root_of("myocardium")
    (True, True)
    """
    if not word.isalpha():
        return word
    while True:
        ending = next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) >= SHORTEST_ROOT), None)
        if ending is None:
            return word
        word = word[: -len(ending)]


def sound_of(word: str) -> str:
    """Return how a word sounds, roughly: what is often written wrongly is written in one way.

    >>> sound_of("hemorage") == sound_of("haemorrhage"), sound_of("diarhea") == sound_of("diarrhoea")
    (True, True)
    """
    for written, spoken in SOUNDS:
        word = word.replace(written, spoken)
    for pattern, spoken in SILENT:
        word = pattern.sub(spoken, word)
    return DOUBLE.sub(r"\1", word)


def deletions(sound: str, edits: int = 1) -> Iterator[str]:
    """Yield a sound, and what is left of it without one of its letters, or without two; some may come twice.

    >>> sorted(set(deletions("gut")))
    ['gt', 'gu', 'gut', 'ut']
    """
    yield sound
    if edits:
        for place in range(len(sound)):
            yield from deletions(sound[:place] + sound[place + 1 :], edits - 1)


def distance(a: str, b: str) -> int:
    """Return how many letters must be changed, added, left out or exchanged with the next one to make one of the other.

    >>> distance("alzhiemer", "alzheimer"), distance("astma", "asthma")
    (1, 1)
    """
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, one in enumerate(a):
        row = [i + 1]
        for j, other in enumerate(b):
            cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (one != other))
            if i and j and one == b[j - 1] and a[i - 1] == other:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
