"""The difference of two editions of a code system, as tables; and whether a publisher's addenda says the same."""

from .addenda import Disagreement, against_addenda
from .comparison import AsPublished, difference_of
from .difference import TABLES, Difference

__all__ = ["TABLES", "AsPublished", "Difference", "Disagreement", "against_addenda", "difference_of"]
