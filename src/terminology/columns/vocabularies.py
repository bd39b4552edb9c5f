"""A column that names the code system of each row: which rows are of the system that is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import define, field

from ..counts import counted
from ..systems import SystemDefinition, named, names_of, plain_name

if TYPE_CHECKING:
    import pyarrow as pa

OTHERS: Final = frozenset(
    {
        *("snomed", "snomedct", "snomed-ct", "snomed ct", "snomed ct us", "sct", "http://snomed.info/sct"),
        *("loinc", "http://loinc.org", "rxnorm", "ndc", "atc", "icdo3", "icd-o-3", "mesh", "cvx", "mdc", "drg", "apc"),
        *("ms-drg", "opcs4", "opcs-4", "read", "readv2", "kcd7", "icd10cn", "cim10", "ops", "meddra", "cdt", "dsm-5"),
        *("revenue code", "place of service", "ucum", "rxnorm extension", "cpt4 modifier", "hes specialty", "nucc"),
    }
)
"""Names of systems that are not built in: a column that holds one of them names systems."""


def names_systems(texts: Iterable[str | None]) -> bool:
    """Return whether texts are names of code systems: most of those that are none are empty.

    >>> names_systems(["ICD10CM", "SNOMED", None]), names_systems(["Facets", "Epic"])
    (True, False)
    """
    values = {text.strip() for text in texts if text and text.strip()}
    known = sum(1 for text in values if named(text) or plain_name(text) in OTHERS)
    return bool(values) and known * 2 >= len(values)


def canonical(text: str) -> str:
    """Return the short name of the built-in system of a name, URI, OID or alias; of any other the text itself."""
    found = named(text)
    return found.name if found else text.strip()


@define
class SystemColumn:
    """The column that names the system of each row, while the rows pass: what is left out is counted."""

    name: str
    definition: SystemDefinition
    """Of the system that is asked."""
    left_out: Counter[str] = field(factory=Counter)
    """Rows of other systems, by what the column calls them."""
    _asked: dict[str, bool] = field(factory=dict, repr=False)

    def is_asked(self, text: str | None) -> bool:
        """Return whether a row with this text is of the system that is asked: where there is no text, it is."""
        if not (text and text.strip()):
            return True
        if text not in self._asked:
            self._asked[text] = plain_name(text) in names_of(self.definition)
        return self._asked[text]

    def keeps(self, text: str | None) -> bool:
        """Return whether a row with this text is of the system that is asked; count it where it is not."""
        found = self.is_asked(text)
        if not found:
            self.left_out[text or ""] += 1
        return found

    def kept(self, batch: pa.RecordBatch) -> pa.Array:
        """Return for each row of a batch whether it is of the system that is asked; count the others."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = batch.column(self.name)
        column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        texts = column.dictionary.cast(pa.string()).to_pylist()
        asked = pa.array([self.is_asked(text) for text in texts], pa.bool_())
        if pc.all(asked).as_py() in (True, None):
            return pa.array([True] * batch.num_rows, pa.bool_())
        kept = pc.fill_null(asked.take(column.indices), fill_value=True)
        for item in pc.value_counts(column.indices.filter(pc.invert(kept))).to_pylist():
            self.left_out[texts[item["values"]]] += item["counts"]
        return kept

    @property
    def warning(self) -> str | None:
        """What was left out, as a sentence; None where nothing was."""
        rows = self.left_out.total()
        if not rows:
            return None
        others = ", ".join(f"{name} ({count:,})" for name, count in self.left_out.most_common())
        verb = counted(rows, "row is", "rows are")
        return f"{verb} of another system than {self.definition.name} by column {self.name!r}, and left out: {others}"
