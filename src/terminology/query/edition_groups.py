"""What an edition answers about groupings, and about the properties that they give its codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..status import Status
from .answers import unknown
from .edition_base import EditionBase

if TYPE_CHECKING:
    from ..model import Groups
    from .code_properties import CodeProperties
    from .grouping import Grouping


class EditionGroups(EditionBase):
    """A part of `Edition`: the categories that a code is in on the day, and its properties."""

    __slots__ = ()

    @property
    def groupings(self) -> tuple[str, ...]:
        """Short names of the groupings that group codes of its system, whatever the day; sorted.

        >>> "ccsr_dx" in store["icd10cm"].latest.groupings, store["hcpcs"].latest.groupings
        (True, ())
        """
        return self._as_of.system.keep(("groupings", 0), self._own_groupings)

    def _own_groupings(self) -> tuple[str, ...]:
        store = self._origin.store
        return tuple(name for name in store.groupings if self.system in store.grouping(name).code_systems)

    def grouping(self, name: str) -> Grouping:
        """Return a grouping of the store, as of `Terminology.grouping`."""
        found: Grouping = self._origin.store.grouping(name)
        return found

    def groups(
        self,
        code: str,
        grouping: str,
        *,
        accept_nearest: bool = False,
        age: int | None = None,
        sex: str | None = None,
    ) -> Groups:
        """Return the categories that a code is in by a grouping on this day; none where it is in no category.

        A text that could be a code, and is none, is in no category either: `Edition.status` says which it is. Groupings
        also have codes that are not in force on the day. A section is in no category.

        Args:
            code: In any accepted form.
            grouping: Short name: ``ccsr_dx``, ``hcc_v28`` …
            accept_nearest: Whether the nearest version may answer where none covers the day; its groups are marked.
            age: In years, for groupings with edits by age.
            sex: ``female`` or ``male``, for groupings with edits by sex.

        Raises:
            UnknownGroupingError: The store holds no such grouping.
            NoVersionError: No version of it covers the day; the message names the nearest one.
            UnknownCodeError: The text cannot be a code of the system.

        >>> [group.category for group in store["icd10cm"].on("2022-03-01").groups("M54.50", "ccsr_dx")]
        ['MUS038']
        """
        found = self.grouping(grouping).on(self.date, accept_nearest=accept_nearest)
        return found.groups(code, self.system, age=age, sex=sex)

    # ---- properties

    def properties(self, code: str) -> Mapping[str, Any]:
        """Return the properties of a code on this day: those of the code set, then those that groupings give.

        A property of which no loaded version covers the day is not among them.

        Raises:
            UnknownCodeError: The code is unknown or malformed.

        >>> store["icd10cm"].on("2022-03-01").properties("J18.9")["cc_level"]
        'mcc'
        """
        found = self._answers.lookup(code)
        if found is None:
            raise unknown(self._answers, code)
        dated, in_force = self._dated_properties, self._may_have(code)
        given = {name: dated.value(found.code, name, in_force=in_force) for name in dated.names()}
        return {**given, **found.properties}

    def _may_have(self, code: str) -> bool:
        """Return whether a code that no list has is known not to be listed: it is in force, or nothing says that it is not."""
        status = self._answers.status(code)
        return status.valid or status is Status.UNCOVERED

    @property
    def _dated_properties(self) -> CodeProperties:
        from .code_properties import CodeProperties

        return CodeProperties(self._as_of.system.store, self.system, self.date)

    # the last of the class: the name hides the decorator
    def property(self, code: str, name: str) -> Any:
        """Return the value of a property of a code on this day: one of the code set, or one that a grouping gives.

        Of groupings there are ``poa_exempt``, ``cc_level`` (``mcc``, ``cc``, ``none``), ``chronic``, and the lists of the
        code editor, as ``mce_newborn``. None where the code has no such property; of those of groupings also where no
        loaded version covers the day, and of a code that is neither listed nor in force.

        Raises:
            UnknownCodeError: The text cannot be a code of the system.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> edition.property("Z00.00", "poa_exempt"), edition.property("E11.9", "poa_exempt")
        (True, False)
        >>> store["icd10cm"].on("2020-12-01").property("J18.9", "cc_level") is None
        True
        """
        from ..groupings import property_rule

        concept = self._answers.lookup(code)
        if concept is not None and name in concept.properties:
            return concept.properties[name]
        official = self.definition.official(code) if isinstance(code, str) else None
        if not official:
            raise unknown(self._answers, code)
        if property_rule(name) is None:
            return None
        return self._dated_properties.value(official, name, in_force=self._may_have(code))
