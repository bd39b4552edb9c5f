"""What is answered from: the store as it is published now.

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

from ..errors import TerminologyError
from ..query import Terminology, open_store
from ..store import default_path
from ..store.folder import url_of
from ..store.marks import mark_of

LOG: Final = logging.getLogger("terminology.mcp")
PATIENCE: Final = 5.0
"""Seconds between two looks at an object store."""


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
        self._store = open_store(self.place)

    def current(self) -> Terminology:
        """Return what is published now; the former state where that cannot be opened."""
        with self._lock:
            if time.monotonic() - self._looked >= self._wait:
                self._looked = time.monotonic()
                self._look()
            return self._store

    def _look(self) -> None:
        try:
            mark = mark_of(self.place)
            if mark == self._mark:
                return
            self._store = open_store(self.place)
        except (TerminologyError, OSError) as error:
            LOG.error("what is published now cannot be opened, the former state answers: %s", error)  # noqa: TRY400 -- the operator needs the message
            return
        self._mark = mark
        LOG.info("generation %d of the store answers now", self._store.generation)
