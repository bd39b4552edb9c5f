"""Load release files: read → check → commit. All errors are collected, and nothing of a faulty release is kept."""

from .loading import load
from .report import Loaded, LoadedCrosswalk, LoadReport, Skip
from .reversal import rollback, withdraw, withdraw_crosswalk

__all__ = ["LoadReport", "Loaded", "LoadedCrosswalk", "Skip", "load", "rollback", "withdraw", "withdraw_crosswalk"]
