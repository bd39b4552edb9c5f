"""Load release files: read → check → commit. All errors are collected, and nothing of a faulty release is kept."""

from .loading import load
from .report import Loaded, LoadedCrosswalk, LoadReport
from .reversal import rollback, withdraw, withdraw_crosswalk

__all__ = ["LoadReport", "Loaded", "LoadedCrosswalk", "load", "rollback", "withdraw", "withdraw_crosswalk"]
