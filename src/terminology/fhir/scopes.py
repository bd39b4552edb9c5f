"""The value sets that a translation must stay in: those that a request names as its source and its target."""

from __future__ import annotations

from .call import Call
from .code_systems import split_canonical
from .exchange import Resource
from .findings import Coding, Rules
from .validation import Validation


class Scopes:
    """Value sets by URL, as one request sees them."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._validations: dict[str, Validation | None] = {}

    def holds(self, url: str, coding: Resource) -> bool | None:
        """Return whether a Coding is in the value set of a URL; None where that, or what it is made of, is not known.

        A code that is not in force today counts too, where it is in the version that it has, or in the newest: codes
        of a retired system are translated long after they expired.
        """
        if url not in self._validations:
            self._validations[url] = self._validation(url)
        validation = self._validations[url]
        if validation is None:
            return None
        found = [
            validation.find(Coding(coding["code"], coding.get("system"), version)) for version in self._versions(coding)
        ]
        if any(finding.is_member for finding in found):
            return True
        return None if all(finding.is_blocked for finding in found) else False

    def _versions(self, coding: Resource) -> list[str | None]:
        """Return the versions in which a code is looked for: today's, and its own or the newest."""
        system, store = str(coding.get("system")), self._call.library.store
        newest = store[system].releases[-1].version if system in store else None
        version = coding.get("version") or newest
        return [None, version] if version else [None]

    def _validation(self, url: str) -> Validation | None:
        value_set = self._call.catalogue.value_set(*split_canonical(url))
        return Validation(self._call.evaluation(), value_set, Rules()) if value_set else None
