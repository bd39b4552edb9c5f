"""What all days have in common on which nothing changes in a code system: made once for them all."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from ..licences import may_show
from ..query import Edition, engine_of
from ..query.ranking import Ranking, codes_in_order, ranking_of
from .exchange import Resource
from .loaded_concepts import USUAL
from .resources.properties import Property, column_properties
from .resources.release_rows import ReleaseRows
from .titles import TitleIndex

KEPT_WORDS: Final = 8
"""Editions whose words are kept."""


class Content:
    """What is the same on all days of a stretch in which nothing about a code system changes: made once for them all."""

    def __init__(self, edition: Edition, room: dict[int, Content] | None = None) -> None:
        self._edition = edition
        self._room = room if room is not None else {}
        """The contents whose words are kept: of many editions some, for each takes some megabytes."""
        self.concepts: dict[str, Any] = {}
        """Concepts that were asked for, by code; whoever makes them keeps them here."""
        self.entries: dict[str, Resource] = {}
        """What expansions have of codes that were asked for."""
        self._titles: TitleIndex | None = None
        self._ranking: Ranking | None = None
        self._lock = threading.Lock()

    @cached_property
    def codes(self) -> Sequence[str]:
        """All codes in force, parents before children."""
        return codes_in_order(self._edition)

    @cached_property
    def declared(self) -> Sequence[Resource]:
        """The properties that its concepts may have, as of ``CodeSystem.property``."""
        return tuple(one.declared() for one in self._properties)

    @cached_property
    def columns(self) -> Mapping[str, Property]:
        """The properties that are columns of the release, by column."""
        engine = engine_of(self._edition)
        # the types of the columns are enough: the rows would cost a second, and two hundred megabytes
        layout = engine.system.archived(engine.position).layout("concepts")
        found = column_properties(self._edition.system, layout)
        return {one.column: one for one in found if one.column is not None}

    @cached_property
    def has_usual(self) -> bool:
        """Whether a column of the release states what is otherwise computed for every code."""
        return not USUAL.isdisjoint((*self.columns, *(one.code for one in self.columns.values())))

    @cached_property
    def noted(self) -> frozenset[str]:
        """The kinds of instructional notes, without those that a column of the release has the name of."""
        rows = ReleaseRows(self._edition)
        return frozenset(rows.noted) - {one.code for one in rows.properties if one.column is not None}

    @cached_property
    def _properties(self) -> Sequence[Property]:
        return ReleaseRows(self._edition).properties

    @property
    def titles(self) -> TitleIndex:
        """The words of all titles; of a system without declared licence there are none. Made by one thread for all."""
        with self._lock:
            if self._titles is None:
                edition = self._edition
                self._titles = TitleIndex(self.codes, edition.title if self.is_open else lambda _: None)
                self._keep_words()
            return self._titles

    @property
    def has_index(self) -> bool:
        """Whether the store has a search index of the code system."""
        return bool(engine_of(self._edition).system.search_files)

    @property
    def ranking(self) -> Ranking | None:
        """What ranks the codes that a text finds; None in a store that was compiled without a search index."""
        if not self.has_index:
            return None
        found = self._ranking
        if found is None:
            with self._lock:
                found = self._ranking = self._ranking or ranking_of(self._edition, outgoing=True)
                self._keep_words()
        return found

    @property
    def is_open(self) -> bool:
        """Whether its texts may be in answers."""
        return may_show(self._edition.definition, self._edition.licences)

    def _keep_words(self) -> None:
        self._room[id(self)] = self
        while len(self._room) > KEPT_WORDS:
            self._room.pop(next(iter(self._room))).drop_words()

    def drop_words(self) -> None:
        """What finds codes by words is forgotten; whoever asks for it next makes it anew."""
        self._titles = self._ranking = None
