"""FHIR without a server: requests and responses as values, answered by pure functions over an open store."""

from .exchange import FHIR_VERSIONS, FhirVersion, Request, Resource, Response
from .service import Service

__all__ = ["FHIR_VERSIONS", "FhirVersion", "Request", "Resource", "Response", "Service"]
