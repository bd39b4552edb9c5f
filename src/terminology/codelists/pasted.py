"""Lines of a list as people paste them, from a mail, a document, a query or a program, as the entries that they mean.

Only what can mean one thing is read: what is left of a line without its codes holds nothing that looks like a code,
and nothing that negates. Any other line stays as it is, and is no entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from ..systems import SystemDefinition
from .entries import DASH, EntryFormatError, EntryKind, parsed_entry
from .wildcards import from_regular_expression, is_regular_expression

INVISIBLE: Final = {
    **dict.fromkeys(map(ord, "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}"), " "),
    **dict.fromkeys(map(ord, "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{WORD JOINER}\N{SOFT HYPHEN}"), None),
    **dict.fromkeys(map(ord, "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"), '"'),
    **dict.fromkeys(map(ord, "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"), "'"),
}
"""What looks like a blank, a quotation mark or nothing, and is another character."""
PLAIN: Final = re.compile(r"\s*+[\w.*?]++(?:\s*+|(?:\t|\s{2,}+)(?=.*[A-Za-z]{4}).*)")
"""A code or a pattern, alone or with a label that has a word in it: most lines are."""
BULLET: Final = re.compile(r"\s*(?:\(?\d{1,4}[.)]|[-*•‣◦▪●·–—])\s+(?=\S)")  # noqa: RUF001 -- bullets are dashes too
QUOTES: Final = re.compile(r"""'([^']*)'|"([^"]*)\"""")
NEGATED: Final = re.compile(r"\bnot\s+in\b(?=\s*\()|\bnot\s+i?like\b(?=\s*['\"])|<>|!=", re.IGNORECASE)
COMPARED: Final = re.compile(
    r"\bbetween\b|=:|(?<![=-])>=?|<(?!-)=?|\b(?:left|substrn?|substring|starts_?with|regexp\w*|rlike)\s*\(",
    re.IGNORECASE,
)
"""What a query has where its codes are the ends of a range, or beginnings, and not the codes themselves."""
OPENING: Final = re.compile(r"(?:.*(?:\bin|=|<-)\s*c?)?[(\[{]", re.IGNORECASE)
"""What a query or a program has before codes without quotation marks."""
PUNCTUATION: Final = " \t()[]{},;|"
SEPARATOR: Final = re.compile(r"\s*[,;|]\s*|\s+(?:and|or|und|oder)\s+", re.IGNORECASE)
SPAN: Final = re.compile(r"(\S+)\s+(?:to|through|thru|bis)\s+(\S+)", re.IGNORECASE)
CATEGORY: Final = re.compile(rf"(\w+)\.(\w*){DASH.pattern}")
"""German notation of a code with all below it: ``E11.-``."""
LABELLED: Final = re.compile(rf"(\S+?)(?:\s+{DASH.pattern}\s+|\s*[:,;]\s+|,|\s+(?=[(\[].*[)\]]$))(\S.*)")
PATTERN: Final = re.compile(r"[\w.*?]{0,2}|(?=.*\d)[\w.*?]+")
"""Wildcards, in a word that has a digit unless it is very short."""
RELATION: Final = re.compile(r"(?:is-a|below)\s", re.IGNORECASE)
LABEL: Final = re.compile(r"\t|\s{2,}")
WORD: Final = re.compile(r"[A-Za-z]{3}")
ANY_CODE: Final = re.compile(r"[A-Za-z]{0,2}\d[A-Za-z0-9]*(?:\.[A-Za-z0-9]+)?")
LONGEST: Final = 8
SHORTEST: Final = 3
LONGEST_COUNT: Final = 4
PROCEDURE_LENGTH: Final = 7


@frozen
class Pasted:
    """Reads lines of a list of one system.

    Args:
        definition: Of the system, where it is built in.
    """

    definition: SystemDefinition | None

    def texts(self, line: str) -> list[str]:
        """Return the entries that a line means, each as a list has it; the line itself where that is not certain.

        Raises:
            EntryFormatError: The line negates its codes, is a regular expression, or has a code for a label.

        >>> from terminology.systems import SYSTEMS
        >>> read = Pasted(SYSTEMS["icd10cm"]).texts
        >>> read("dx IN ('E11.9', 'E11.8')"), read("- E10 to E13,"), read("E11.-"), read("E11.9 diabetes")
        (['E11.9', 'E11.8'], ['E10 - E13'], ['is-a E11'], ['E11.9 diabetes'])
        >>> read("excluding E11.9; E11%  # not these")
        ['excluding E11.9  # not these', 'excluding E11*  # not these']
        """
        if PLAIN.fullmatch(line):
            return [line]
        start = found.end() if (found := BULLET.match(line)) else 0
        body, mark, comment = line[start:].partition("#")
        words = found[0] if (found := re.match(r"\s*excluding\s+", body, re.IGNORECASE)) else ""
        body = body[len(words) :].strip()
        parts = self._parts(body)
        if parts is None:
            self._check(body)
            return [line[start:]]
        remark = f"  #{comment}" if mark else ""
        return [f"{words.lstrip()}{part}{remark}" for part in parts]

    def _parts(self, body: str) -> list[str] | None:
        """Return the entries in a text without bullet, ``excluding`` and comment; None where that is not certain."""
        if found := NEGATED.search(body):
            raise EntryFormatError(f"expected codes to include, got {found[0]!r}: write excluding before each code", 0)
        quoted = [first or second for first, second in QUOTES.findall(body)]
        opened = OPENING.match(body)
        if (quoted or opened) and (found := COMPARED.search(QUOTES.sub(" ", body))):
            said = f"expected codes to include, got {found[0]!r}: write a range as E10-E13, all that begin so as E11*"
            raise EntryFormatError(said, 0)
        if quoted:
            return self._quoted(body, quoted)
        inner = (body[opened.end() :] if opened else body).strip(PUNCTUATION)
        if not inner:
            # a line of brackets, or of the words before them
            return [] if body else None
        if LABEL.search(inner) and not re.search("[,;]", inner):
            return None
        inner = re.sub(r"\s+", " ", inner)
        # a number beside a code may be a count of it: a blank between them says less than a comma does
        for parts, fewest_digits in ((SEPARATOR.split(inner), SHORTEST), (inner.split(), LONGEST_COUNT + 1)):
            made = [self._converted(part) for part in parts if part]
            if all(map(self._is_entry, made)) and (len(made) == 1 or _are_apart(parts, fewest_digits)):
                return made
        return self._labelled(body)

    def _check(self, body: str) -> None:
        """Check that a line is no regular expression, and that what is in the place of its label is no code.

        Raises:
            EntryFormatError: It is, or it is.
        """
        code, *label = LABEL.split(body, maxsplit=1)
        if is_regular_expression(code) and not QUOTES.search(code) and " " not in code and not self.is_code(code):
            said = (
                f"expected codes or wildcards, got the regular expression {code}: write each as E11.* on its own line"
            )
            raise EntryFormatError(said, 0)
        words = label[0].split() if label else []
        if self.is_code(code) and words and all(self.is_code(word) and self._is_other(word, code) for word in words):
            said = f"{words[0]} behind two blanks or a tab may be a label or a code: write one entry a line"
            raise EntryFormatError(said, body.find(label[0]))

    def _is_other(self, word: str, code: str) -> bool:
        """Return whether a word is another code, rather than the same without its dot, or a number."""
        if self.definition is None:
            return not word.isdigit() and word.replace(".", "").upper() != code.replace(".", "").upper()
        return self.definition.official(word) != self.definition.official(code)

    def _quoted(self, body: str, quoted: list[str]) -> list[str] | None:
        if body.startswith('"') and len(quoted) == 1:
            # a code just as it is
            return None
        rest = QUOTES.sub(" ", body)
        made = [self._converted(text.strip()) for text in quoted]
        is_certain = all(map(self._is_entry, made)) and not any(map(self.is_code, _words(rest)))
        return made if is_certain else None

    def _labelled(self, body: str) -> list[str] | None:
        """Return a code with the words in brackets, or behind a dash, a colon or a comma, as its label."""
        found = LABELLED.fullmatch(body)
        if found is None or self.definition is None or not self.is_code(found[1]):
            return None
        has_code = any(map(self.is_code, _words(found[2])))
        return [f"{found[1]}  {found[2]}"] if WORD.search(found[2]) and not has_code else None

    def _converted(self, part: str) -> str:
        """Return a code, a range or a pattern of another notation as a list has it; any other text as it is."""
        if found := SPAN.fullmatch(part):
            return f"{found[1]} - {found[2]}"
        if (found := CATEGORY.fullmatch(part)) and self.is_code(stem := f"{found[1]}.{found[2]}".rstrip(".")):
            return f"is-a {stem}"
        if re.fullmatch(r"[A-Za-z0-9.]+%", part):
            return f"{part[:-1]}*"
        if is_regular_expression(part) and (pattern := from_regular_expression(part)):
            is_open = part.startswith("^") and not part.endswith("$") and not pattern.endswith("*")
            return f"{pattern}*" if is_open else pattern
        return part

    def _is_entry(self, text: str) -> bool:
        """Return whether a text is an entry of codes that look like those of the system."""
        try:
            entry = parsed_entry(text)
        except EntryFormatError:
            return False
        if entry.label:
            return False
        if entry.kind is EntryKind.PATTERN:
            return PATTERN.fullmatch(entry.code) is not None
        return all(map(self.is_code, filter(None, (entry.code, entry.last))))

    def is_code(self, word: str) -> bool:
        """Return whether a word looks like a code: it has digits where codes have them."""
        word = word.partition(":")[0] if self.definition and self.definition.postcoordinated else word
        if self.definition is None:
            return len(word) <= LONGEST and ANY_CODE.fullmatch(word) is not None
        has_digit = any(map(str.isdigit, word[:2])) or (len(word) == PROCEDURE_LENGTH and any(map(str.isdigit, word)))
        return has_digit and len(word) >= SHORTEST - 1 and self.definition.official(word) is not None


def _are_apart(parts: list[str], fewest_digits: int) -> bool:
    """Return whether several texts can be nothing but an entry each: a number with fewer digits may be something else.

    Of ``is-a E11, E13`` nobody knows how far the word reaches.
    """
    related = [RELATION.match(part) is not None for part in parts if part]
    is_clear = not related[0] or all(related)
    return is_clear and not any(part.isdigit() and len(part) < fewest_digits for part in parts)


def _words(text: str) -> list[str]:
    words = (word.strip("()[]{}'\":.=") for word in re.split(r"[\s,;|]+", text))
    return [word for word in words if len(word) >= SHORTEST]


def negated_lines(lines: Iterable[tuple[int, str]]) -> frozenset[int]:
    """Return the numbers of the lines inside the brackets of ``NOT IN (``, from its own line to the closing one.

    >>> sorted(negated_lines([(1, "dx NOT IN ("), (2, "'E11.9',"), (3, "'E11.8')"), (4, "E10")]))
    [1, 2, 3]
    """
    found, is_inside = set(), False
    for number, written in lines:
        line = written.partition("#")[0]
        is_inside = is_inside or re.search(r"\bnot\s+in\s*\(", line, re.IGNORECASE) is not None
        if is_inside:
            found.add(number)
            is_inside = ")" not in line
    return frozenset(found)
