"""Why a row has no period: sentences of texts that are no codes, of days that nothing covers, for whole arrays.

They are those of `terminology.query.reasons.reason_of`, without the day. A column may have a million different texts
that are no codes, and to check each as an edition does takes a tenth of a millisecond. But what is said of nearly all
is made of the text and of what it looks like::

    U00.0A3F   has the form of a code, and is in no release    U00.0A3F is not in ICD-10-CM
    J1815      cannot be a code, and is one of HCPCS           'J1815' cannot be a code of ICD-10-CM; it is a code of HCPCS Level II

So a text is looked at once, whatever days it has, and the sentences are put together by Arrow. Three kinds are asked
one by one: several codes in one cell and words for nothing, texts with signs that Python shows in another way, and the
few whose sentence depends on the day.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..model import Status
from ..query import engine_of
from ..query.reasons import reason_of
from ..repairs import FORMS, NULL_WORDS, VARIANTS
from ..systems import SYSTEMS
from .cells import MARK, cell_of, reading_of
from .elsewhere import Named, others_of
from .placing import NO_DAY, Placed
from .spellings import BLANKS, rows_of
from .states import NUMBER, States, sample_edition

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import CodeSystem, Edition

NO_CODE_SAID, NO_DAY_SAID = "there is no code", "there is no day"
SHOWN_AS_IT_IS: Final = r"\A(?:[ -&(-\[\]-~]*|[ !#-\[\]-~]*)\z"
"""Texts that `repr` puts between quotation marks, of which there are two kinds, and leaves as they are."""
SEVERAL: Final = r"[^ ,;|/+&][ ,;|/+&]+[^ ,;|/+&]"
FIRST_OF_SEVERAL: Final = r"\A[ ,;|/+&]*(?P<first>[^ ,;|/+&]+)"
BY_DAY: Final = -1
"""In place of the number of the sentence of a text that has another one on other days."""
Numbers = Any
"""A numpy array of numbers."""


class Misses:
    """Numbers the sentences of rows that no period bounds, for all batches of a column."""

    def __init__(self, states: States, system: CodeSystem) -> None:
        self.states, self.system = states, system
        self._parts: list[pa.Array] = []
        self._count = 0
        self._by_day: dict[tuple[str | None, int], int] = {}
        self._of_texts: dict[int, tuple[Numbers, Numbers]] = {}
        self._lock = threading.RLock()

    def numbers(self, found: Placed, missed: Numbers, statuses: Numbers) -> Numbers:
        """Return the numbers of the sentences of rows.

        Args:
            found: All rows of a batch.
            missed: Those of them that no period bounds.
            statuses: What these are, as numbers of `ORDER`.
        """
        import numpy as np

        rows, stretches = found.rows[missed], found.stretches[missed]
        texts = np.full(len(found.rows), -1, dtype=np.int64)
        texts[found.others] = found.texts
        texts = texts[missed]
        is_known = rows < self.states.unknown_row
        made = np.full(len(missed), BY_DAY, dtype=np.int64)
        made[~is_known & (texts < 0)] = self._constants[0]
        made[(made < 0) & (stretches == NO_DAY) & (statuses != NUMBER[Status.MALFORMED])] = self._constants[1]
        is_uncovered = (statuses == NUMBER[Status.UNCOVERED]) & ~self.states.covered[stretches]
        made[(made < 0) & is_uncovered] = self._constants[2]
        rest = np.flatnonzero(made < 0)
        if len(rest):
            codes, others = rest[is_known[rest]], rest[~is_known[rest]]
            made[codes] = self._of_codes(rows[codes], stretches[codes], statuses[codes])
            made[others] = self._of_places(found, texts[others], stretches[others])
        return made.astype(np.int32)

    def sentences(self) -> pa.Array:
        """Return all sentences by their numbers; a text may be there more than once."""
        import pyarrow as pa

        return pa.concat_arrays([pa.array([], pa.string()), *self._parts])

    @cached_property
    def _constants(self) -> range:
        """The numbers of the sentences that many rows have."""
        import pyarrow as pa

        title = self.states.system.definition.title
        said = [NO_CODE_SAID, NO_DAY_SAID, f"no release of {title} covers the day"]
        with self._lock:
            first = self._added(pa.array(said, pa.string()))
        return range(first, first + len(said))

    def _added(self, sentences: pa.Array) -> int:
        """Add sentences; return the number of the first one."""
        with self._lock:
            first = self._count
            self._parts.append(sentences)
            self._count += len(sentences)
            return first

    # ---- codes on a day for which no release says whether they are in force

    def _of_codes(self, rows: Numbers, stretches: Numbers, statuses: Numbers) -> Numbers:
        """Return the numbers of the sentences of codes that are listed on other days."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        title = self.states.system.definition.title
        is_node = self.states.is_in_tree[rows, np.maximum(stretches, 0)]
        kinds = np.where(statuses == NUMBER[Status.UNCOVERED], 0, np.where(is_node, 1, 2))
        different, numbers = np.unique(rows.astype(np.int64) * 3 + kinds, return_inverse=True)
        kinds = pa.array(different % 3)
        codes = self.states.system.arrow_codes.take(pa.array(different // 3))
        before = pa.array(["no release says whether ", "", ""])
        behind = pa.array(
            [
                f" is in force in {title}: one before lists it, and the next does not",
                f" is above codes of {title} in the hierarchy, and no code itself",
                f" is not in {title}",
            ]
        )
        said = pc.binary_join_element_wise(before.take(kinds), codes, behind.take(kinds), "")
        odd = np.flatnonzero(_may_be_several(codes, self.states) & (different % 3 > 0))
        return self._added(self._replaced(said.cast(pa.string()), codes, odd, Status.UNKNOWN)) + numbers

    # ---- texts that are no codes

    def _of_places(self, found: Placed, texts: Numbers, stretches: Numbers) -> Numbers:
        """Return the numbers of the sentences of texts that are in no release."""
        import numpy as np

        if not len(texts):
            return np.zeros(0, dtype=np.int64)
        made = self._numbers_of(found)[texts]
        by_day = np.flatnonzero(made == BY_DAY)
        width = len(self.states.days) + 2
        keys, numbers = np.unique(texts[by_day] * width + stretches[by_day] + 1, return_inverse=True)
        asked = [self._of_day(found.text(key // width), key % width - 1) for key in keys.tolist()]
        made[by_day] = np.array(asked, dtype=np.int64)[numbers]
        return made

    def _of_day(self, text: str | None, stretch: int) -> int:
        """Return the number of the sentence of a text that has another one on other days."""
        import pyarrow as pa

        with self._lock:
            number = self._by_day.get((text, stretch))
            if number is None:
                said = other_sentence(
                    text, sample_edition(self.states, self.system, max(stretch, 0)), stretch == NO_DAY
                )
                number = self._by_day[text, stretch] = self._added(pa.array([said], pa.string()))
            return number

    def _numbers_of(self, found: Placed) -> Numbers:
        """Return for each of the different cells of a batch the number of its sentence; batches of one dictionary share them."""
        import numpy as np
        import pyarrow as pa

        def made() -> Numbers:
            numbers = np.full(len(found.distinct), BY_DAY, dtype=np.int64)
            places = np.flatnonzero(found.distinct_rows[:-1] >= self.states.unknown_row)
            said = self._said(found.distinct.take(pa.array(places)), found.distinct_rows[places])
            places = places[said.is_valid().to_numpy(zero_copy_only=False)]
            numbers[places] = self._added(said.drop_null()) + np.arange(len(places))
            return numbers

        if not found.is_shared:
            return made()
        with self._lock:
            kept = self._of_texts.get(id(found.distinct_rows))
            if kept is None:
                # as long as the rows are kept, no other array has their identity
                kept = self._of_texts[id(found.distinct_rows)] = (found.distinct_rows, made())
            return kept[1]

    def _said(self, cells: pa.Array, rows: Numbers) -> pa.Array:
        """Return the sentences of cells that are in no release; null of those that depend on the day."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        is_malformed = rows == self.states.malformed_row
        filled = cells.fill_null("")
        is_number = pc.starts_with(filled, MARK).to_numpy(zero_copy_only=False)
        texts = filled
        if is_number.any():
            texts = pa.array([cell_of(text).text for text in filled.to_pylist()], pa.string())
        named = others_of(self.states.system).of(texts)
        by_day = self._depends_on_day(texts, named)
        said = _put_together(texts, is_malformed, self._endings(texts, is_malformed, named), self.states)
        is_odd = ~pc.match_substring_regex(texts, SHOWN_AS_IT_IS).to_numpy(zero_copy_only=False)
        odd = np.flatnonzero((is_odd | _may_be_several(texts, self.states)) & ~by_day)
        for status, chosen in ((Status.UNKNOWN, odd[~is_malformed[odd]]), (Status.MALFORMED, odd[is_malformed[odd]])):
            said = self._replaced(said, texts, chosen, status, named)
        said = self._with_numbers(said, filled, np.flatnonzero(is_number & is_malformed))
        return pc.if_else(pa.array(by_day), pa.scalar(None, pa.string()), said)

    def _depends_on_day(self, texts: pa.Array, named: Named) -> Numbers:
        """Return whether the sentence of each text is another one on other days.

        A code of a system of the same kind is only named where no repair is in force; an expression is what its codes are.
        """
        import numpy as np
        import pyarrow.compute as pc

        definition = self.states.system.definition
        kin = [definition.name in VARIANTS and bool(VARIANTS & {*names}) for names in named.names]
        found: Numbers = np.array(kin)[named.numbers]
        if definition.postcoordinated:
            found |= pc.match_substring(texts, ":").to_numpy(zero_copy_only=False)
        return found

    def _endings(self, texts: pa.Array, is_malformed: Numbers, named: Named) -> pa.Array:
        """Return what is said behind each text."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        title, loaded = self.states.system.definition.title, self.states.system.store.systems
        titles = [[loaded[name].definition.title for name in names] for names in named.names]
        elsewhere = [f"; it is a code of {' and of '.join(one)}" if one else "" for one in titles]
        forms = Named(len(texts))
        capitals = pc.ascii_upper(pc.utf8_trim(texts, characters=BLANKS))
        is_alone = is_malformed & np.array([not names for names in named.names])[named.numbers]
        for name, form in FORMS.items() if is_alone.any() else ():
            if name not in loaded:
                fits = pc.match_substring_regex(capitals, rf"\A(?:{form})\z").to_numpy(zero_copy_only=False)
                forms.add(SYSTEMS[name].title, np.flatnonzero(fits & is_alone))
        form_said = [
            f"; it has the form of {' or of '.join(one)}, which is not loaded" if one else "" for one in forms.names
        ]
        heads = [f" is not in {title}", f" cannot be a code of {title}"]
        count, width = len(elsewhere), len(form_said)
        whole = [f"{head}{one}{form}" for head in heads for one in elsewhere for form in form_said]
        places = (is_malformed * count + named.numbers) * width + forms.numbers
        return pa.array(whole, pa.string()).take(pa.array(places))

    def _replaced(
        self, said: pa.Array, texts: pa.Array, places: Numbers, status: Status, named: Named | None = None
    ) -> pa.Array:
        """Return sentences, those in some places made one by one."""
        import pyarrow as pa

        if not len(places):
            return said
        others = [named.names[number] for number in named.numbers[places].tolist()] if named else [()] * len(places)
        pairs = zip(texts.take(pa.array(places)).to_pylist(), others, strict=True)
        made = [reason_of(self._as_of, text, status, None, names, dated=False) for text, names in pairs]
        return _with_texts(said, places, made)

    def _with_numbers(self, said: pa.Array, cells: pa.Array, places: Numbers) -> pa.Array:
        """Return sentences, those of numbers that may have been several codes replaced."""
        import pyarrow as pa

        kept, made = [], []
        for place, text in zip(places.tolist(), cells.take(pa.array(places)).to_pylist(), strict=True):
            cell = cell_of(text)
            candidates = reading_of(cell, self.system.latest).candidates
            if candidates:
                kept.append(place)
                made.append(f"{cell.text} is a number that may have been {' or '.join(candidates)}")
        return _with_texts(said, kept, made) if kept else said

    @cached_property
    def _as_of(self) -> Any:
        return engine_of(sample_edition(self.states, self.system, 0))


def _put_together(texts: pa.Array, is_malformed: Numbers, endings: pa.Array, states: States) -> pa.Array:
    """Return the sentences of texts that are shown as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    malformed = pa.array(is_malformed)
    marks = pc.if_else(malformed, pc.if_else(pc.match_substring(texts, "'"), '"', "'"), "")
    said = pc.binary_join_element_wise(marks, texts, marks, endings, "")
    nothing = f"there is no code: expected one of {states.system.definition.title}, got an empty text"
    is_blank = pc.and_(malformed, pc.equal(pc.utf8_trim(texts, characters=BLANKS), ""))
    return pc.if_else(is_blank, nothing, said).cast(pa.string())


def _may_be_several(texts: pa.Array, states: States) -> Numbers:
    """Return whether each text is a word for nothing, or begins with a code and has more behind it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pa.array(sorted(NULL_WORDS), pa.string())
    bare = pc.ascii_lower(pc.utf8_trim(texts, characters=BLANKS))
    found: Numbers = pc.is_in(bare, value_set=words).to_numpy(zero_copy_only=False).copy()
    several = np.flatnonzero(pc.match_substring_regex(texts, SEVERAL).to_numpy(zero_copy_only=False))
    if len(several):
        parts = pc.extract_regex(texts.take(pa.array(several)), FIRST_OF_SEVERAL)
        first = pc.struct_field(parts, "first").fill_null("").cast(pa.string())
        found[several] |= rows_of(first, states.system) < states.unknown_row
    return found


def _with_texts(said: pa.Array, places: Numbers, made: list[str]) -> pa.Array:
    """Return texts, those in some places, which go up, replaced."""
    import numpy as np
    import pyarrow as pa

    where = np.arange(len(said))
    where[places] = len(said) + np.arange(len(made))
    return pa.concat_arrays([said, pa.array(made, pa.string())]).take(pa.array(where))


def other_sentence(text: str | None, edition: Edition, has_no_day: bool) -> str:  # noqa: FBT001 -- of a row
    """Return the sentence of one text that no period bounds: unknown, malformed, or on a day that is not covered."""
    if text is None:
        return NO_CODE_SAID
    check = edition.check(text)
    if has_no_day and check.status is not Status.MALFORMED:
        return NO_DAY_SAID
    return reason_of(engine_of(edition), check.code, check.status, None, check.other_systems, dated=False)
