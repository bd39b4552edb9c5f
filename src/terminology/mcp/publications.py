"""What is answered from: the store as it is published now, and the words of titles that were searched in it.

Before each answer the pointer of the store is looked at, which costs some microseconds for a folder and a small download
for an object store; that one is therefore looked at every few seconds only. Where something else is published, it is
opened. What cannot be opened is reported, and the former state answers on.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Final

from attrs import field, frozen

from ..errors import TerminologyError, UnknownReleaseError
from ..fhir.loaded_systems import LoadedSystem
from ..query import Edition, Terminology, open_store
from ..store import default_path
from ..store.folder import url_of
from ..store.marks import mark_of

LOG: Final = logging.getLogger("terminology.mcp")
KEPT: Final = 4
"""Editions whose words are kept: some tens of MiB each."""
PATIENCE: Final = 5.0
"""Seconds between two looks at an object store."""


@frozen(eq=False)
class Publication:
    """A store as it was published. Safe for threads."""

    store: Terminology
    _searched: dict[tuple[str, str, str], LoadedSystem] = field(factory=dict, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, repr=False)

    def searched(self, edition: Edition) -> LoadedSystem:
        """Return an edition whose words can be searched; its index is made with the first search.

        Raises:
            UnknownReleaseError: No release covers its day.
        """
        if edition.release is None:
            said = f"no release of {edition.definition.title} covers {edition.date}: {edition.gap}"
            raise UnknownReleaseError(f"{said}; or ask another day with on, or the newest release with version latest")
        known = edition.known[-1].version
        key = edition.system, str(edition.date), known
        with self._lock:
            found = self._searched.pop(key, None) or LoadedSystem(edition)
            while len(self._searched) >= KEPT:
                self._searched.pop(next(iter(self._searched)))
            # the last one asked goes last
            self._searched[key] = found
        return found


class Publications:
    """Opens what is published at a place, and what is published there later.

    Args:
        place: Folder or URL of the store; by default that of `terminology.open`.

    Raises:
        TerminologyError: There is no store, or it is damaged, or cannot be reached.
    """

    def __init__(self, place: str | os.PathLike[str] | None = None) -> None:
        self.place = place if place is not None else default_path()
        self._wait = PATIENCE if url_of(self.place) is not None else 0.0
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        # before the opening: what is published meanwhile differs from it
        self._mark = mark_of(self.place)
        self._publication = Publication(open_store(self.place))

    def current(self) -> Publication:
        """Return what is published now; the former state where that cannot be opened."""
        with self._lock:
            if time.monotonic() - self._looked >= self._wait:
                self._looked = time.monotonic()
                self._look()
            return self._publication

    def _look(self) -> None:
        try:
            mark = mark_of(self.place)
            if mark == self._mark:
                return
            self._publication = Publication(open_store(self.place))
        except (TerminologyError, OSError) as error:
            LOG.error("what is published now cannot be opened, the former state answers: %s", error)  # noqa: TRY400 -- the operator needs the message
            return
        self._mark = mark
        LOG.info("generation %d of the store answers now", self._publication.store.generation)
