"""Compile releases and crosswalks into the query files: interval rows, trees, notes and maps as plain Arrow IPC files."""

from .maps import CrosswalkTables, compiled_map
from .outline import ReleaseTables
from .system import compiled_system

__all__ = ["CrosswalkTables", "ReleaseTables", "compiled_map", "compiled_system"]
