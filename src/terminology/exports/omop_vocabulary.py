"""The vocabulary tables of the OMOP common data model, made of a store: a folder that loaders of Athena's files load."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import TerminologyError
from ..licences import may_show
from ..query import CodeSystem, engine_of, opened_store
from .ancestry import levels_of
from .chosen import Names, chosen_systems
from .folders import Exported, earlier_export, written_folder
from .omop_classes import Vocabulary, vocabulary_of
from .omop_fields import TableFile
from .omop_ids import Ids
from .omop_rows import (
    IS_A,
    REPLACED_BY,
    REPLACES,
    SUBSUMES,
    UNENDED,
    Places,
    ancestors_of,
    concepts_of,
    dates,
    hierarchy_of,
    replaced_of,
)
from .project import Progress
from .replacements import Replacement, replacements_of
from .runs import states_known
from .time_axis import Store

if TYPE_CHECKING:
    import pyarrow as pa

KIND: Final = "omop"
METADATA: Final = "Metadata"
VOCABULARY, DOMAIN, CLASS, RELATIONSHIP = "Vocabulary", "Domain", "Concept Class", "Relationship"
OWN: Final = "OMOP generated"
RELATIONSHIPS: Final = (
    (IS_A, "Is a", "1", "0", SUBSUMES),
    (SUBSUMES, "Subsumes", "1", "1", IS_A),
    (REPLACED_BY, "Concept replaced by", "0", "0", REPLACES),
    (REPLACES, "Concept replaces", "0", "0", REPLACED_BY),
)
"""Id, name, whether it is hierarchical, whether it defines ancestry, and the id of its reverse."""


def omop(
    store: Store,
    folder: str | os.PathLike[str],
    system: Names = None,
    *,
    previous: str | os.PathLike[str] | None = None,
    concepts: str | os.PathLike[str] | None = None,
    progress: Progress = lambda _name: None,
) -> Exported:
    """Write the vocabulary tables of the OMOP common data model, and return what was written: the folder and rows of each file.

    An earlier export in the folder is replaced in one step, and its ids are kept.

    Args:
        store: An open store or its folder; None for that of `terminology.open`.
        folder: Where CONCEPT.csv and the others are written.
        system: A code system or several, by any of their names; None for all.
        previous: The folder of an earlier export, whose ids are kept; by default the one that is replaced, if any.
        concepts: A CONCEPT.csv of Athena, or the folder that it is in: what it has of a code, its id, domain, class and
            whether it is a standard concept, is taken over. An id of an earlier export goes before.
        progress: Called with the name of each system before its concepts are made.

    Raises:
        UnknownSystemError: The store has no such system.
        TerminologyError: The folder holds anything but an earlier export; there is no file of concepts; a code does not fit.
        OSError: The folder cannot be written to.

    >>> import tempfile, terminology
    >>> with tempfile.TemporaryDirectory() as temporary:
    ...     written = terminology.exports.omop(store, f"{temporary}/vocabulary", "icd10cm")
    >>> written.rows["VOCABULARY.csv"], written.ids
    (5, {'kept': 0, 'official': 0, 'new': 130})
    """
    opened, target = opened_store(store), Path(folder)
    systems = chosen_systems(opened, system)
    vocabularies = {one.name: vocabulary_of(one.definition) for one in systems}
    _require_distinct(vocabularies.values())
    earlier = earlier_export(target, KIND)
    lost = set(earlier.get("systems", ())) - {one.name for one in systems} if earlier is not None else set()
    if lost:
        raise TerminologyError(
            f"the export in {target} has {', '.join(sorted(lost))} too, whose ids would be lost: name these systems as "
            "well, or another folder"
        )
    kept = Path(previous) if previous is not None else target if earlier is not None else None
    names = {vocabulary.name for vocabulary in vocabularies.values()}
    ids = Ids(kept, Path(concepts) if concepts is not None else None, names)
    about = {"systems": [one.name for one in systems], "generation": opened.generation}
    with written_folder(target, KIND, about) as made:
        written = _Written(made, ids, systems)
        for one in systems:
            progress(one.name)
            written.add(one, vocabularies[one.name], shows_titles=may_show(one.definition, opened.licences))
        written.finish(systems, vocabularies)
    withheld = tuple(one.name for one in systems if not may_show(one.definition, opened.licences))
    return Exported(target, written.rows, withheld, ids.counts)


def _require_distinct(vocabularies: Iterable[Vocabulary]) -> None:
    names = [vocabulary.name for vocabulary in vocabularies]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise TerminologyError(f"two systems would be the vocabulary {twice!r}: choose one with --system")


class _Written:
    """The files while they are written, a system at a time; and what the last of them must name."""

    def __init__(self, folder: Path, ids: Ids, systems: Sequence[CodeSystem]) -> None:
        self._folder, self._ids = folder, ids
        self.rows: dict[str, int] = {}
        self._files = {
            name: TableFile(folder, name) for name in ("CONCEPT", "CONCEPT_RELATIONSHIP", "CONCEPT_ANCESTOR")
        }
        self._systems = {one.name: engine_of(one.latest).system for one in systems}
        self._places: dict[str, Places] = {}
        self._replacements: dict[str, list[Replacement]] = {}
        self._domains: set[str] = {METADATA}
        self._classes: set[str] = {VOCABULARY, DOMAIN, CLASS, RELATIONSHIP}

    def add(self, system: CodeSystem, vocabulary: Vocabulary, *, shows_titles: bool) -> None:
        """Write the concepts of a system and how they relate."""
        states = states_known(system, None)
        # what replaced a code counts where it is a concept of this export
        known = [one for one in replacements_of(system, states) if self._is_concept(one)]
        replaced = {one.code for one in known}
        found = concepts_of(system, states, vocabulary, self._ids, replaced, shows_titles=shows_titles)
        self._places[system.name] = Places(states.system.codes, found.ids)
        # a code that became a header is a valid concept still, and what replaced it is below it
        self._replacements[system.name] = [one for one in known if found.has_ended(states.system.codes.find(one.code))]
        levels = levels_of(states)
        self._domains.update(found.table.column("domain_id").unique().to_pylist())
        self._classes.update(found.table.column("concept_class_id").unique().to_pylist())
        self._files["CONCEPT"].write(found.table)
        if len(levels) > 1:
            self._files["CONCEPT_RELATIONSHIP"].write(hierarchy_of(states, levels[1], found))
        self._files["CONCEPT_ANCESTOR"].write(ancestors_of(states, levels, found))

    def finish(self, systems: Sequence[CodeSystem], vocabularies: dict[str, Vocabulary]) -> None:
        """Write what the concepts name: vocabularies, domains, classes, relationships, and a concept for each of these."""
        for name, known in self._replacements.items():
            self._files["CONCEPT_RELATIONSHIP"].write(replaced_of(known, self._places[name], self._places))
        own = [(name, f"OMOP {name}", OWN, None) for name in (VOCABULARY, DOMAIN, CLASS, RELATIONSHIP)]
        loaded = [
            (
                vocabularies[one.name].name,
                one.definition.title,
                vocabularies[one.name].reference,
                one.releases[-1].version,
            )
            for one in systems
        ]
        self._named("VOCABULARY", VOCABULARY, [*loaded, *own])
        self._named("DOMAIN", DOMAIN, [(name, name) for name in sorted(self._domains)])
        self._named("CONCEPT_CLASS", CLASS, [(name, name) for name in sorted(self._classes)])
        self._named("RELATIONSHIP", RELATIONSHIP, RELATIONSHIPS)
        for name, file in self._files.items():
            self.rows[f"{name}.csv"] = file.close()

    def _is_concept(self, replacement: Replacement) -> bool:
        """Return whether what replaced a code is in this export."""
        system = self._systems.get(replacement.system)
        return system is not None and system.codes.find(replacement.replaced_by) >= 0

    def _named(self, table: str, kind: str, rows: Sequence[tuple[str | None, ...]]) -> None:
        """Write one of the tables that say what names mean, and a concept for each name."""
        import pyarrow as pa

        ids = [self._ids.id_of(kind, str(row[0]))[0] for row in rows]
        file = TableFile(self._folder, table)
        texts = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        file.write(pa.table([*texts, pa.array(ids, pa.int64())], names=list(file.columns)))
        self.rows[f"{table}.csv"] = file.close()
        self._files["CONCEPT"].write(_metadata(kind, ids, [(str(row[0]), str(row[1])) for row in rows]))


def _metadata(kind: str, ids: Sequence[int], names: Sequence[tuple[str, str]]) -> pa.Table:
    """Return the concepts of names that the tables use."""
    import numpy as np
    import pyarrow as pa

    count = len(ids)
    return pa.table(
        {
            "concept_id": pa.array(ids, pa.int64()),
            "concept_name": [name for _, name in names],
            "domain_id": [METADATA] * count,
            "vocabulary_id": [kind] * count,
            "concept_class_id": [kind] * count,
            "standard_concept": pa.nulls(count, pa.string()),
            "concept_code": [code for code, _ in names],
            "valid_start_date": dates(np.zeros(count)),
            "valid_end_date": dates(np.full(count, UNENDED)),
            "invalid_reason": pa.nulls(count, pa.string()),
        }
    )
