"""The façade (`Terminology` → `CodeSystem` → `Edition`) over the engine (`compiled`, `answers` and what leans on them)."""

from .code_system import CodeSystem
from .edition import Edition, engine_of, fully_known
from .stretches import stretch_starts
from .terminology import Terminology, open_store, opened_store

__all__ = [
    "CodeSystem",
    "Edition",
    "Terminology",
    "engine_of",
    "fully_known",
    "open_store",
    "opened_store",
    "stretch_starts",
]
