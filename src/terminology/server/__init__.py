"""The FHIR terminology server: HTTP around `terminology.fhir`, and its operation.

What a question means is known by `terminology.fhir`. This room turns bytes into its requests and its responses into
bytes, within limits, and takes over newly published releases while it runs. It needs the extra ``server``.
"""

from .settings import Settings

__all__ = ["Settings"]
