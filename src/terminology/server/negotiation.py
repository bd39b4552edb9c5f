"""Which form of an answer a client asks for, and which form its body has.

The server speaks JSON. ``_format`` in the URL overrides ``Accept``, as FHIR says; a client that asks for XML alone is
told so (406). Ranges of ``Accept`` may carry ``charset``, ``q`` and ``fhirVersion``; one of another version of FHIR
than the endpoint's does not count.

References:
    HL7 FHIR R5, RESTful API, 3.2.0.1.10 Content Types and encodings; 3.2.0.1.11 General parameters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ..fhir import FHIR_VERSIONS, FhirVersion
from ..fhir.outcomes import failure
from .queries import Query

FHIR_JSON: Final = b"application/fhir+json; charset=utf-8"
PLAIN_JSON: Final = b"application/json; charset=utf-8"
FORM: Final = "application/x-www-form-urlencoded"
JSON_TYPES: Final = ("application/fhir+json", "application/json", "text/json", "application/json+fhir", "json")
OF_FHIR: Final = ("application/fhir+json", "application/json+fhir", "application/*", "*/*", "*")
FOR_PEOPLE: Final = ("text/html", "text/*")
"""A browser shows plain JSON, and would save FHIR's own type as a file."""


@lru_cache(256)
def accepted(fhir: FhirVersion, accept: bytes, format_name: str | None) -> bytes:
    """Return the content type of the answer.

    Args:
        fhir: Version of the endpoint.
        accept: The header ``Accept``; empty where there is none.
        format_name: The parameter ``_format``; None where it is not given.

    Raises:
        FhirError: None that is accepted can be given (406).

    >>> accepted("r5", b"application/fhir+xml;q=0.9, application/json", None)
    b'application/json; charset=utf-8'
    """
    if format_name is not None:
        # in a URL that is not encoded with care a plus has become a blank
        accept = format_name.replace(" ", "+").encode("latin-1", "replace")
    elif not accept:
        return FHIR_JSON
    ranges = [media for media, *rest in map(_parts, accept.decode("latin-1").lower().split(",")) if _fits(fhir, rest)]
    if any(media in FOR_PEOPLE for media in ranges) and format_name is None:
        return PLAIN_JSON
    if any(media in OF_FHIR for media in ranges) or format_name == "json":
        return FHIR_JSON
    if any(media in JSON_TYPES for media in ranges):
        return PLAIN_JSON
    raise failure(
        406,
        "not-supported",
        f"this server answers in application/fhir+json for FHIR {FHIR_VERSIONS[fhir]}, and in none of what is accepted",
    )


@lru_cache(256)
def is_form(fhir: FhirVersion, content_type: bytes) -> bool:
    """Return whether a body is a form, and not JSON.

    Raises:
        FhirError: It is neither, or of another version of FHIR (415).
    """
    media, *rest = _parts(content_type.decode("latin-1").lower())
    if media == FORM:
        return True
    if media in JSON_TYPES[:-1] and _fits(fhir, rest):
        return False
    raise failure(
        415,
        "not-supported",
        f"this server reads application/fhir+json for FHIR {FHIR_VERSIONS[fhir]}, application/json and {FORM}",
    )


def format_of(query: Query) -> str | None:
    """Return the parameter ``_format``; None where it is not given, or empty."""
    return next((value.lower() for name, value in query if name == "_format" and value), None)


def _parts(media_range: str) -> list[str]:
    return [part.strip() for part in media_range.split(";")]


def _fits(fhir: FhirVersion, parameters: list[str]) -> bool:
    """Return whether the parameters of a media range allow the endpoint's version, and do not exclude the range."""
    for parameter in parameters:
        name, _, value = parameter.replace(" ", "").partition("=")
        value = value.strip('"')
        if name == "fhirversion" and value.split(".")[0] != FHIR_VERSIONS[fhir].split(".", maxsplit=1)[0]:
            return False
        if name == "q" and value.rstrip("0") in ("", "0", "0."):
            return False
    return True
