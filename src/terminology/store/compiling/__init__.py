"""Compile releases into the hot form: interval rows, trees and notes as plain Arrow IPC files."""

from .system import ReleaseTables, compiled_system

__all__ = ["ReleaseTables", "compiled_system"]
