"""Compile releases into the hot form: interval rows, trees and notes as plain Arrow IPC files."""

from .outline import ReleaseTables
from .system import compiled_system

__all__ = ["ReleaseTables", "compiled_system"]
