"""A code system: its releases, and the edition in force on a day."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..periods import DateLike
from .answers import Answers
from .compiled import AsOf, CompiledSystem
from .edition import Edition
from .timeline import VersionLike

if TYPE_CHECKING:
    from ..differences import Difference
    from ..model import History, Release, Translation
    from ..systems import SystemDefinition

REMEMBERED_EDITIONS: Final = 64


class CodeSystem:
    """One code system of a store, with all its releases. It can be pickled: it reopens its store by path."""

    __slots__ = ("__weakref__", "_compiled", "_editions", "_store")

    def __init__(self, store: Mapping[str, CodeSystem], compiled: CompiledSystem) -> None:
        self._store = store
        """Pickled in place of the data."""
        self._compiled = compiled
        self._editions: dict[AsOf, Edition] = {}

    @property
    def name(self) -> str:
        """The short name: icd10cm, hcpcs and so on."""
        return self._compiled.name

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about the system: title, URI, shape of its codes, whether it is licensed."""
        return self._compiled.definition

    @property
    def store(self) -> Mapping[str, CodeSystem]:
        """The store that the system is of."""
        return self._store

    @property
    def licences(self) -> frozenset[str]:
        """Short names of the systems whose licence the operator of the store declares."""
        return self._compiled.store.licences

    @property
    def releases(self) -> tuple[Release, ...]:
        """The loaded releases, in order of their effective days."""
        return self._compiled.releases

    def __repr__(self) -> str:
        return f"<CodeSystem {self.name}: {', '.join(release.version for release in self._compiled.timeline.releases)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return operator.getitem, (self._store, self.name)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(Edition, name):
            raise AttributeError(
                f"a code system has no {name!r}: choose a day first, as in store[{self.name!r}].on(day).{name}",
                name=name,
                obj=self,
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    @property
    def latest(self) -> Edition:
        """The newest release's edition, whatever today is."""
        return self.release("latest")

    def release(self, version: VersionLike) -> Edition:
        """Return the edition of a release: its effective day, as it was known with that release.

        Args:
            version: Version label, effective day, or ``latest``. Of several corrections the newest.

        Raises:
            UnknownReleaseError: The store has no such release.

        >>> store["icd10cm"].release("2022").date
        datetime.date(2021, 10, 1)
        """
        return self._edition(self._compiled.as_of_release(version))

    def on(self, date: DateLike, known: VersionLike | None = None) -> Edition:
        """Return the edition in force on a day. Where nothing loaded covers the day, it says so of every code.

        Args:
            date: The day of use: ISO text, date, datetime, or ``today``.
            known: Version or date; only releases up to it count. By default all.

        Raises:
            InvalidDateError: A date is no date.
            UnknownReleaseError: ``known`` is neither a release nor a date.

        >>> cm = store["icd10cm"]
        >>> str(cm.on("2021-09-30").status("M54.5")), str(cm.on("2021-10-01").status("M54.5"))
        ('billable', 'header')
        """
        knowledge = None if known is None else self._compiled.timeline.knowledge(known)
        return self._edition(self._compiled.as_of(self._compiled.timeline.day(date), knowledge))

    def _edition(self, as_of: AsOf) -> Edition:
        edition = self._editions.get(as_of)
        if edition is None:
            if len(self._editions) >= REMEMBERED_EDITIONS:
                self._editions.clear()
            edition = self._editions[as_of] = Edition(self, Answers(as_of))
        return edition

    def history(self, code: str) -> History:
        """Return the validity periods of a code across all releases; none if no release knows it.

        Predecessors and successors are what loaded crosswalks say: of the code at its first day, and at the end
        of its last period as a billable code. A code that another was split off from has none for that.

        >>> [(str(p.effective_from), str(p.status)) for p in store["icd10cm"].history("M54.5").periods]
        [('2020-10-01', 'billable'), ('2021-10-01', 'header')]
        """
        from .descriptions import history_of

        return history_of(code, self._compiled)

    def migrate(self, code: str, before: VersionLike, after: VersionLike, *, billable: bool = False) -> Translation:
        """Return what a code of one release becomes in another, later or earlier.

        Outcome ``mapped``, with all alternatives, every code of which is in force in the release asked for;
        ``none`` where the publisher says that nothing follows; ``unknown`` where no loaded crosswalk says what
        replaced the code, with the reason. Kinds: ``identity``; ``renamed`` (the same code under a new title);
        ``replaced``; ``split`` and ``merged``; ``to_header`` (the code heads others now, each of them an
        alternative); ``to_billable``; ``combination`` (several codes together). A header of the first release
        stays a header, unless billable codes are asked for. Codes that took over a part of a code that itself stays are in ``split_off``.

        Args:
            code: In any accepted form. One that expired before is followed from there.
            before: Version, effective day or ``latest``: the release that the code was taken from.
            after: The release to migrate it to.
            billable: Whether a header is followed to the billable codes below it.

        Raises:
            UnknownReleaseError: The store has no such release.

        >>> moved = store["icd10cm"].migrate("M54.5", "2021", "2022")
        >>> [(a.codes, a.kind) for a in moved.alternatives]
        [(('M54.50',), 'to_header'), (('M54.51',), 'to_header'), (('M54.59',), 'to_header')]
        """
        from .migration import migrated

        system = self._compiled
        first, second = (Answers(system.as_of_release(version)) for version in (before, after))
        return migrated(code, first, second, system.successions, billable=billable)

    def became(self, code: str, on: DateLike | None = None, *, billable: bool = False) -> Translation:
        """Return what a code, whichever release it is from, is on a day; by default in the newest release.

        Of a code that was deleted and came back, the last period that had begun is meant. With ``billable`` a header is
        followed to the billable codes below it.
        """
        from .migration import continued

        return continued(code, self._compiled, on, self._compiled.successions, billable=billable)

    def diff(self, before: VersionLike, after: VersionLike) -> Difference:
        """Return what changed from one release to another, in either order of time, as tables.

        Args:
            before: Version label, effective day, or ``latest``. Of several corrections the newest; but the label of
                a release beside that of its correction is the release as it was first published.
            after: The same.

        Raises:
            UnknownReleaseError: The store has no such release.

        >>> difference = store["icd10cm"].diff("2021", "2022")
        >>> difference.added.column("code").to_pylist()
        ['F32.A', 'M54.50', 'M54.51', 'M54.59']
        """
        from ..differences import AsPublished, difference_of

        system = self._compiled
        numbers = {release.version: number for number, release in enumerate(self.releases)}
        first, second = (numbers.get(str(version), -1) for version in (before, after))
        if (
            min(first, second) >= 0
            and first != second
            and self.releases[first].effective == self.releases[second].effective
        ):
            # the corrected release has no edition, because its correction answers; the archive has both
            sides = [AsPublished(self.releases[number], system.archived(number)) for number in (first, second)]
            return difference_of(*sides)
        return difference_of(self.release(before), self.release(after))
