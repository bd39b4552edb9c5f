"""The unattended update: fetch, load, verify, compare, report, publish."""

from .configuration import Configuration, ready_configuration
from .job import update
from .report import Check, Comparison, Ending, Impact, UpdateReport

__all__ = [
    "Check",
    "Comparison",
    "Configuration",
    "Ending",
    "Impact",
    "UpdateReport",
    "ready_configuration",
    "update",
]
