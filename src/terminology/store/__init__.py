"""The store: an archive of parts and releases in Parquet, a compiled form in Arrow IPC, and one pointer.

Imports nothing heavy: reading the compiled form needs the standard library only.
"""

from .folder import StoreFolder, default_path
from .pointer import Catalog, CompiledFile, CrosswalkEntry, MapEntry, ReleaseEntry, SystemEntry, read_catalog

__all__ = [
    "Catalog",
    "CompiledFile",
    "CrosswalkEntry",
    "MapEntry",
    "ReleaseEntry",
    "StoreFolder",
    "SystemEntry",
    "default_path",
    "read_catalog",
]
