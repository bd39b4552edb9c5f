"""A code system of the samples whose codes become what a test says."""

from __future__ import annotations

from typing import Any

from terminology import CodeSystem, Edition
from terminology.model import Alternative, Outcome, Translation


def became(code: str, *groups: str, kind: str = "replaced", **more: Any) -> Translation:
    """Return what a code becomes: codes of a group are joined by +, and used together."""
    made = {"relationship": more.pop("relationship", "equivalent"), "approximate": more.pop("approximate", None)}
    alternatives = tuple(Alternative(tuple(group.split("+")), kind=kind, **made) for group in groups)
    outcome = Outcome.MAPPED if alternatives else more.pop("outcome", Outcome.UNKNOWN)
    return Translation(code, outcome, alternatives, **more)


class Scripted:
    """The code system, with a script of what becomes of some of its codes."""

    def __init__(self, code_system: CodeSystem, *script: Translation) -> None:
        self.code_system = code_system
        self.definition = code_system.definition
        self.name = code_system.name
        self.script = {translation.code: translation for translation in script}

    def release(self, version: str) -> Edition:
        """Return the edition of the samples."""
        return self.code_system.release(version)

    def on(self, date: object) -> Edition:
        """Return the edition of the samples."""
        return self.code_system.on(date)

    def migrate(self, code: str, before: str, after: str) -> Translation:
        """Return what the script says, else what the samples say."""
        official = self.definition.official(code) or code
        return self.script.get(official) or self.code_system.migrate(code, before, after)
