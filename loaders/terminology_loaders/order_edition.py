"""A release in the making: the order files, addenda and lists that belong to one day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from terminology.drafts import Built, Draft, Part
from terminology.periods import version_label

Counts = tuple[int, int]
Refused = list[tuple[Part, str]]


@frozen
class ReleasePlan:
    """A release in the making."""

    effective: datetime.date
    orders: tuple[Part, ...]
    """Order files of equal content; of a derived release the one it is derived from."""
    counts: Counts
    """Billable codes and headers."""
    warnings: tuple[str, ...] = ()
    addenda: tuple[Part, ...] = ()
    """Those whose new side this is."""
    change: Part | None = None
    """Of a derived release: the addenda that makes it."""
    backwards: bool = False
    """Whether the addenda is applied in reverse."""
    correction: int = 0
    """Above 0: corrects another edition of the same day."""
    codes: tuple[Part, ...] = ()
    companions: tuple[Part, ...] = ()
    """What else belongs to it: tabular list, tables, definitions, index."""

    @property
    def derived(self) -> bool:
        """Whether no order file of its own is here."""
        return self.change is not None

    @property
    def version(self) -> str:
        """The version label."""
        return version_label("fiscal", self.effective, self.correction)

    @property
    def billable_digest(self) -> Any:
        """The digest of the billable codes of its order file."""
        return self.orders[0].facts["billable_digest"]

    @property
    def archives(self) -> set[str]:
        """The archives that its order files came in."""
        return {order.origin.archive_sha256 for order in self.orders if order.origin.archive_sha256}

    @property
    def order_change(self) -> Part | None:
        """The order addenda that leads here, or None."""
        return next((part for part in self.addenda if part.facts["level"] == "order"), None)

    @property
    def own_addenda(self) -> tuple[Part, ...]:
        """Order addenda that came in the archive of the order file."""
        own = [part for part in self.addenda if part.origin.archive_sha256 in self.archives]
        return tuple(part for part in own if part.facts["level"] == "order")

    def of_kind(self, kind: str) -> tuple[Part, ...]:
        """Return its companions of a kind."""
        return tuple(part for part in self.companions if part.kind == kind)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All sources of its own; the first is the authority."""
        own = [*self.orders, *self.codes, *self.addenda, *self.companions]
        if self.change and self.change not in own:
            own.append(self.change)
        return tuple(own)

    def draft(self, helping: Iterable[Part | None], build: Callable[[], Built]) -> Draft:
        """Return the plan of the release.

        Args:
            helping: Parts of other releases that it borrows from; None where there is none to borrow from.
            build: Makes its tables.
        """
        return Draft(
            version=self.version,
            effective=self.effective,
            parts=self.parts,
            borrowed=tuple(part for part in helping if part),
            derived=self.derived,
            correction=self.correction,
            warnings=self.warnings,
            build=build,
        )

    @property
    def change_number(self) -> int:
        """Which of the sources is the addenda that leads here, or makes a derived release; 0 where there is none."""
        change = self.change or self.order_change
        return self.parts.index(change) if change else 0


def counts_of(part: Part) -> Counts:
    """Return the numbers of billable codes and headers of an order file."""
    return part.facts["codes"], part.facts["headers"]


def side_counts(addenda: Part, side: str) -> Counts | None:
    """Return the counts of one side of an order addenda, or None where it does not count both kinds of row."""
    facts = addenda.facts
    if facts["level"] != "order" or "codes" not in facts or "headers" not in facts:
        return None
    return facts["codes"][side], facts["headers"][side]
