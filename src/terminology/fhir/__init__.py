"""FHIR without a server: requests and responses as values, answered by pure functions over an open store."""

from typing import TYPE_CHECKING, Any

from .exchange import FHIR_VERSIONS, FhirVersion, Request, Resource, Response

if TYPE_CHECKING:
    from .service import Service

__all__ = ["FHIR_VERSIONS", "FhirVersion", "Request", "Resource", "Response", "Service"]


def __getattr__(name: str) -> Any:
    """Return the service, imported when it is first asked for: commands that need only its words start without it."""
    if name == "Service":
        from .service import Service

        return Service
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
