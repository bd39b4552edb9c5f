"""What an edition answers about the hierarchy, and about the order in which codes of it are reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..hierarchy import Descendants
from .edition_base import EditionBase

if TYPE_CHECKING:
    from ..model import CodingOrder

Subsumption = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]


class EditionHierarchy(EditionBase):
    """A part of `Edition`: questions about what is above, below and beside a code."""

    __slots__ = ()

    def parent(self, code: str) -> str | None:
        """Return the parent, or None at a root.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").parent("M54.50")
        'M54.5'
        """
        return self._answers.parent(code)

    def children(self, code: str) -> tuple[str, ...]:
        """Return the children in document order.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        place = self._answers.place(code)
        return tuple(self._answers.named(self._answers.tree.children(place)))

    def siblings(self, code: str) -> tuple[str, ...]:
        """Return the codes with the same parent, in document order, without the code itself; of a root the other roots.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").siblings("M54.51")
        ('M54.50', 'M54.59')
        """
        return self._answers.siblings(code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return all ancestors, nearest first.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        return self._answers.ancestors(code)

    def descendants(self, code: str) -> Descendants:
        """Return the codes below, in document order; a sequence with ``to_arrow()``.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        return self._answers.descendants(code)

    def roots(self) -> tuple[str, ...]:
        """Return the codes without parent, in document order; empty where nothing covers the day."""
        tree = self._as_of.tree
        return tuple(self._answers.named(tree.roots())) if tree else ()

    def subsumes(self, a: str, b: str) -> Subsumption:
        """Return how two codes relate: equivalent, subsumes (a above b), subsumed-by, not-subsumed.

        Raises:
            UnknownCodeError: One of them is not in force.

        >>> store["icd10cm"].on("2022-03-01").subsumes("M54", "M54.50")
        'subsumes'
        """
        places = self._places
        try:
            place_a, place_b = places[a], places[b]
        except (KeyError, TypeError):
            place_a, place_b = self._answers.place(a), self._answers.place(b)
        ends = self._answers.tree.ends
        if place_a < place_b:
            return "subsumes" if place_b < ends[place_a] else "not-subsumed"
        if place_b < place_a:
            return "subsumed-by" if place_a < ends[place_b] else "not-subsumed"
        return "equivalent"

    def common_ancestor(self, code: str, *others: str) -> str | None:
        """Return the lowest node that is above all codes or equal to one of them; None where they have no root in common.

        Of one code it is the code itself.

        Raises:
            UnknownCodeError: One of them is not in force.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> edition.common_ancestor("M54.50", "M54.51"), edition.common_ancestor("M54.50", "M54.2", "M54.9")
        ('M54.5', 'M54')
        >>> edition.common_ancestor("M54.50", "M54"), edition.common_ancestor("M54.50", "E11.9")
        ('M54', None)
        """
        return self._answers.common_ancestor((code, *others))

    # ---- the order in which codes are reported

    def coding_order(self, code: str) -> CodingOrder | None:
        """Return whether a code is a manifestation or the etiology of one, with the notes that say so; else None.

        None where the notes of the release are not known, or say of no code that another is coded first. Such notes
        are in the tabular list of ICD-10-CM (its guidelines, section I.A.13). See `CodingOrder` for what decides.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> found = store["icd10cm"].on("2022-03-01").coding_order("J18.9")
        >>> found.manifestation, [note.text for note in found.first]
        (False, ['associated influenza, if applicable (J09.X1, J10.0-, J11.0-)'])
        """
        from .coding_order import coding_orders

        self._answers.place(code)
        orders = coding_orders(self._answers)
        return orders.of(code) if orders else None

    def is_manifestation(self, code: str) -> bool | None:
        """Return whether a code is a manifestation, coded after its etiology; None where `coding_order` is None.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").is_manifestation("M54.50")
        False
        >>> store["icd10cm"].on("2021-01-15").is_manifestation("M54.5") is None
        True
        """
        from .coding_order import coding_orders

        self._answers.place(code)
        orders = coding_orders(self._answers)
        return orders.is_manifestation(code) if orders else None

    def is_etiology(self, code: str) -> bool | None:
        """Return whether notes name a code as the etiology of a manifestation; None where `coding_order` is None.

        False says that no note names it: many of these notes give examples only.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").is_etiology("M54.50")
        False
        """
        found = self.coding_order(code)
        return None if found is None else found.etiology
