"""The ids of concepts: those of an earlier export stay, those that OHDSI gave are taken, new ones are local.

The common data model leaves ids above two billion to whoever makes concepts of their own. They are stable only where
an export knows the one before it: then what had an id keeps it, and what is new has the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ..errors import ReleaseFormatError, TerminologyError

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_LOCAL: Final = 2_000_000_001
LAST: Final = 2**31 - 1
"""Of an integer column of the common data model."""
READ: Final = ("concept_id", "domain_id", "vocabulary_id", "concept_class_id", "standard_concept", "concept_code")
FILE: Final = "CONCEPT.csv"


class Official(NamedTuple):
    """What the OHDSI vocabularies say of a code."""

    concept_id: int
    domain: str
    concept_class: str
    standard: str | None


class Ids:
    """Gives each concept its id: that of an earlier export, else that of OHDSI, else the next local one."""

    def __init__(self, previous: Path | None, concepts: Path | None, vocabularies: Collection[str]) -> None:
        self._previous: dict[tuple[str, str], int] = {}
        self._official: dict[tuple[str, str], Official] = {}
        self.counts = {"kept": 0, "official": 0, "new": 0}
        """Of the ids that were given, by where they are from."""
        if previous is not None:
            for batch in _batches(previous):
                names = zip(
                    *(batch.column(name).to_pylist() for name in ("vocabulary_id", "concept_code")), strict=True
                )
                self._previous.update(zip(names, batch.column("concept_id").to_pylist(), strict=True))
            _require_different(self._previous, previous)
        if concepts is not None:
            for batch in _batches(concepts, vocabularies):
                for row in batch.to_pylist():
                    said = Official(
                        row["concept_id"], row["domain_id"], row["concept_class_id"], row["standard_concept"] or None
                    )
                    self._official.setdefault((row["vocabulary_id"], row["concept_code"]), said)
        self._next = max([FIRST_LOCAL - 1, *self._previous.values()]) + 1

    def id_of(self, vocabulary: str, code: str) -> tuple[int, Official | None]:
        """Return the id of a concept, and what OHDSI says of it where the id is theirs.

        Raises:
            TerminologyError: There are no more ids.
        """
        key = (vocabulary, code)
        official, kept = self._official.get(key), self._previous.get(key)
        if kept is not None:
            self.counts["kept"] += 1
            return kept, official if official is not None and official.concept_id == kept else None
        if official is not None:
            self.counts["official"] += 1
            return official.concept_id, official
        if self._next > LAST:
            raise TerminologyError(f"all ids of the common data model up to {LAST:,} are given")
        self.counts["new"] += 1
        self._next += 1
        return self._next - 1, None


def _require_different(ids: Mapping[tuple[str, str], int], path: Path) -> None:
    """Raise ReleaseFormatError where two concepts have one id: facts of both would be taken for facts of one."""
    seen: dict[int, tuple[str, str]] = {}
    for concept, number in ids.items():
        if (other := seen.setdefault(number, concept)) != concept:
            names = " and ".join(f"{vocabulary} {code}" for vocabulary, code in (other, concept))
            raise ReleaseFormatError(f"the id {number} is that of {names}: expected one for each", file=str(path))


def concept_file(path: Path) -> Path:
    """Return the file of concepts that a path names: itself, or the one in a folder.

    Raises:
        TerminologyError: There is none.
    """
    found = path / FILE if path.is_dir() else path
    if not found.is_file():
        raise TerminologyError(
            f"there is no {FILE} at {path}: name the folder of an OMOP export or download, or the file"
        )
    return found


def _batches(path: Path, vocabularies: Collection[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file of concepts; of some vocabularies where these are named.

    Raises:
        TerminologyError: There is no such file.
        ReleaseFormatError: It is no file of concepts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as arrow_csv

    file = concept_file(path)
    types = {name: pa.int64() if name == "concept_id" else pa.string() for name in READ}
    try:
        with arrow_csv.open_csv(
            file,
            parse_options=arrow_csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=arrow_csv.ConvertOptions(include_columns=list(READ), column_types=types),
        ) as reader:
            for batch in reader:
                if vocabularies is None:
                    yield batch
                else:
                    yield batch.filter(pc.is_in(batch.column("vocabulary_id"), pa.array(sorted(vocabularies))))
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        said = str(error).splitlines()[0]
        raise ReleaseFormatError(
            f"expected the columns of OMOP's CONCEPT between tabs, as Athena has them: {said}", file=file.name
        ) from None
