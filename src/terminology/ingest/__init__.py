"""Load release files: read → check → commit. All errors are collected, and nothing of a faulty release is kept."""

from .description import StoreDescription, StoreSizes, described
from .loading import load
from .report import Loaded, LoadedCrosswalk, LoadReport, Skip
from .reversal import rollback, withdraw, withdraw_crosswalk
from .upgrading import EarlierReading, UpgradeReport, upgrade

__all__ = [
    "EarlierReading",
    "LoadReport",
    "Loaded",
    "LoadedCrosswalk",
    "Skip",
    "StoreDescription",
    "StoreSizes",
    "UpgradeReport",
    "described",
    "load",
    "rollback",
    "upgrade",
    "withdraw",
    "withdraw_crosswalk",
]
