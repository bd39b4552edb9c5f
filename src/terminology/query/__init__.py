"""The façade: `Terminology` → `CodeSystem` → `Edition`."""

from .code_system import CodeSystem
from .edition import Edition
from .terminology import Terminology, open_store

__all__ = ["CodeSystem", "Edition", "Terminology", "open_store"]
