"""A FHIR terminology service without a server: a request in, a response out.

`Service` knows the paths, and the operations take it from there. It never raises: what cannot be answered is an
OperationOutcome with the status that HTTP has for it. Inside all resources are of R5; what goes out of an endpoint of R4
is made of them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from ..errors import TerminologyError
from ..query import Terminology
from . import operations
from .budget import spend
from .call import EXPANDED, Call
from .candidates import KINDS
from .capabilities import capability_statement, terminology_capabilities, versions
from .catalogue import Library
from .closure import ClosureTables
from .core import core_resources
from .exchange import FhirVersion, Request, Resource, Response
from .expansion import LIMIT
from .outcomes import FhirError, failure, outcome
from .parameters import Inputs
from .prepared import Question, answered, is_prompt, prepare, question_of
from .r4 import to_r4
from .reading import read, search

LOG: Final = logging.getLogger("terminology.fhir")
OPERATION: Final = re.compile(
    r"(?:(?P<kind>[A-Z][A-Za-z]+)(?:/(?P<id>[A-Za-z0-9\-.]{1,64}))?/)?\$(?P<operation>[a-z-]+)"
)
INSTANCE: Final = re.compile(r"(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})")
TYPE: Final = re.compile(r"(?P<kind>[A-Z][A-Za-z]+)(?:/(?P<search>_search))?")
SOLE: Final = {"ValueSet": "valueSet", "CodeSystem": "codeSystem", "ConceptMap": "conceptMap"}
"""What a resource is that is the whole body, by the type that the operation is of."""
MOST_IN_BATCH: Final = 1_000
LONGEST_PATH: Final = 200
"""Characters of a path that is remembered."""
TOO_MUCH: Final = outcome(failure(413, "too-costly", "The batch has as many codes as one answer may have").issues)
Operation = Callable[[Call], Resource]
OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("CodeSystem", "lookup"): operations.lookup,
    ("CodeSystem", "subsumes"): operations.subsumes,
    ("CodeSystem", "validate-code"): operations.validate_in_code_system,
    ("CodeSystem", "batch-validate-code"): operations.batch_in_code_system,
    ("ValueSet", "expand"): operations.expansion,
    ("ValueSet", "validate-code"): operations.validate_in_value_set,
    ("ValueSet", "batch-validate-code"): operations.batch_in_value_set,
    ("ConceptMap", "translate"): operations.translation,
    ("", "versions"): lambda call: versions(call.request.fhir),
}


RESOLVED: Final = frozenset(
    {"date", "displayLanguage", "tx-resource", "useSupplement", "system-version", "check-system-version"}
    | {"force-system-version", "default-valueset-version"}
)
VALIDATED: Final = RESOLVED | {
    *("url", "code", "system", "version", "systemVersion", "display", "coding", "codeableConcept", "abstract"),
    *("valueSet", "valueSetVersion", "codeSystem", "context", "inferSystem", "activeOnly", "validation"),
    *("lenient-display-validation", "lenient-code-validation", "valueset-membership-only"),
}
PARAMETERS: Final = {
    ("CodeSystem", "lookup"): RESOLVED | {"code", "system", "version", "coding", "property", "codeSystem"},
    ("CodeSystem", "subsumes"): RESOLVED
    | {"codeA", "codeB", "codingA", "codingB", "system", "url", "version", "codeSystem"},
    ("CodeSystem", "validate-code"): VALIDATED,
    ("CodeSystem", "batch-validate-code"): VALIDATED,
    ("ValueSet", "validate-code"): VALIDATED,
    ("ValueSet", "batch-validate-code"): VALIDATED,
    ("ValueSet", "expand"): RESOLVED | EXPANDED,
}
"""Parameters of operations: a client that prefers strict handling is told of others."""


class Service:
    """Answers FHIR requests about an open store, and about resources served beside it. Safe for threads.

    Args:
        store: The store.
        resources: Code systems, value sets and concept maps to serve beside it, in the form of R5.
        limit: Codes that one expansion may have.
    """

    def __init__(self, store: Terminology, resources: Sequence[Resource] = (), *, limit: int = LIMIT) -> None:
        self.store = store
        self.limit = limit
        self._resources = tuple(resources)
        endpoints: tuple[FhirVersion, ...] = ("r4", "r5")
        self._libraries = {fhir: Library(store, [*resources, *core_resources(fhir)]) for fhir in endpoints}
        self._operations = {**OPERATIONS, ("", "closure"): operations.closure_with(ClosureTables())}

    def answer(self, request: Request) -> Response:
        """Return the response to a request; of one that cannot be answered an OperationOutcome."""
        try:
            return Response(self._answer(request))
        except FhirError as error:
            return Response(self._outcome(error, request), error.status)
        except TerminologyError as error:
            return Response(self._outcome(failure(422, "processing", str(error)), request), 422)
        except Exception:
            LOG.exception("%s %s", request.method, request.path)
            failed = failure(500, "exception", "The server failed to answer; its log has the reason")
            return Response(self._outcome(failed, request), 500)

    def prompt(
        self, fhir: FhirVersion, path: str, query: Sequence[tuple[str, str]], accepted: str | None
    ) -> Resource | None:
        """Return the answer to a question that takes some microseconds; None where `answer` is to be asked.

        Args:
            fhir: Version of the endpoint.
            path: What follows the base.
            query: The parameters of the URL; the request has no body, and prefers nothing.
            accepted: The header ``Accept-Language``.
        """
        question = question_of(path, query, accepted)
        try:
            if question is None or not is_prompt(question):
                return None
            return answered(self._libraries[fhir], question)
        except Exception:  # noqa: BLE001 -- whatever it is, `answer` meets it again, and says it
            return None

    @staticmethod
    def _question(request: Request) -> Question | None:
        """Return a request as a question of a kind that may be prepared."""
        if request.body is not None or "prefer" in request.headers:
            return None
        return question_of(request.path, request.query, request.headers.get("accept-language"))

    @staticmethod
    def _outcome(error: FhirError, request: Request) -> Resource:
        """Return the OperationOutcome of an error, with the id of the request where it has one."""
        issues = list(error.issues)
        if request_id := request.headers.get("x-request-id"):
            made = {"severity": "information", "code": "informational", "diagnostics": f"X-Request-Id: {request_id}"}
            issues.append(made)
        return outcome(issues)

    # ---- paths

    def _answer(self, request: Request) -> Resource:
        named = _operation_of(request.path) if len(request.path) <= LONGEST_PATH else _named(request.path)
        if named is not None:
            return self._operation(request, *named)
        if request.path == "metadata" and request.method == "GET":
            return self._metadata(request)
        if not request.path and request.method == "POST":
            return self._bundle(request)
        found = INSTANCE.fullmatch(request.path)
        if found and found["id"] != "_search" and found["kind"] in KINDS and request.method == "GET":
            return self._read(request, found["kind"], found["id"], Inputs(request.query))
        found = TYPE.fullmatch(request.path)
        if found and found["kind"] in KINDS and request.method == ("POST" if found["search"] else "GET"):
            return self._search(request, found["kind"])
        kind = request.path.partition("/")[0]
        if kind[:1].isupper() and kind not in KINDS:
            raise failure(404, "not-supported", f"there is no {kind} here: there are {', '.join(KINDS)}")
        raise failure(404, "not-found", f"There is no {request.method} {request.path or '/'}")

    def _operation(self, request: Request, kind: str, identity: str | None, name: str) -> Resource:
        library = self._libraries[request.fhir]
        question = self._question(request)
        if question is not None and (prompt := answered(library, question)) is not None:
            return prompt
        operation = self._operations.get((kind, name))
        if operation is None:
            raise failure(404, "not-supported", f"There is no operation ${name} of {kind or 'the system'}")
        inputs = Inputs.of(request, SOLE.get(kind))
        if "handling=strict" in request.headers.get("prefer", ""):
            _require_known(kind, name, inputs)
        if identity:
            # the resource is named by the path: what the parameters say of it gives way
            inputs = Inputs(self._of_instance(request, kind, identity)).with_pairs(list(inputs.items()))
        call = Call(library, request, inputs, self.limit)
        made = operation(call)
        if question is not None:
            prepare(question, call)
        return _expansion_in_r4(made) if request.fhir == "r4" and made["resourceType"] == "ValueSet" else made

    def _of_instance(self, request: Request, kind: str, identity: str) -> list[tuple[str, Any]]:
        """Return the parameters that name a resource of an id."""
        found = self._whole(request, kind, identity, Inputs([("_summary", "true")]))
        names = {
            "CodeSystem": ("system", "version"),
            "ValueSet": ("url", "valueSetVersion"),
            "ConceptMap": ("url", "conceptMapVersion"),
        }[kind]
        return [(name, found[of]) for name, of in zip(names, ("url", "version"), strict=True) if of in found]

    def _metadata(self, request: Request) -> Resource:
        """Return what the service can do; with ``mode=terminology``, the code systems that it has."""
        if ("mode", "terminology") in request.query:
            return terminology_capabilities(self.store, request.fhir, resources=self._resources)
        return capability_statement(self.store, request.fhir)

    # ---- resources

    def _read(self, request: Request, kind: str, identity: str, inputs: Inputs) -> Resource:
        made = self._whole(request, kind, identity, inputs)
        return to_r4(made) if request.fhir == "r4" else made

    def _whole(self, request: Request, kind: str, identity: str, inputs: Inputs) -> Resource:
        return read(self.store, kind, identity, inputs=inputs, extra=self._libraries[request.fhir].resources.all)

    def _search(self, request: Request, kind: str) -> Resource:
        inputs = Inputs.of(request)
        is_strict = "handling=strict" in request.headers.get("prefer", "")
        extra = self._libraries[request.fhir].resources.all
        made = search(self.store, kind, inputs, extra=extra, strict=is_strict, base=request.base)
        return to_r4(made) if request.fhir == "r4" else made

    # ---- batches

    def _bundle(self, request: Request) -> Resource:
        """Return the answers to a Bundle of requests; one that fails is an entry with its OperationOutcome."""
        body = request.body
        if not isinstance(body, dict) or body.get("resourceType") != "Bundle" or body.get("type") != "batch":
            raise failure(400, "structure", "expected a Bundle of type batch")
        entries = body.get("entry") or []
        if not isinstance(entries, list) or len(entries) > MOST_IN_BATCH:
            raise failure(413, "too-costly", f"expected at most {MOST_IN_BATCH:,} entries in a batch")
        answers, room = [], self.limit
        for one in entries:
            spend()
            made: Resource = {"response": {"status": "413", "outcome": TOO_MUCH}}
            if room > 0:
                made = self._entry(one, request)
            room -= len(made.get("resource", {}).get("expansion", {}).get("contains", ()))
            answers.append(made)
        return {"resourceType": "Bundle", "type": "batch-response", "entry": answers}

    def _entry(self, entry: Any, request: Request) -> Resource:
        prompt = self._prompt_entry(entry, request)
        if prompt is not None:
            return {"resource": prompt, "response": {"status": "200"}}
        made = self._of_entry(entry, request)
        if made.status >= 400:  # noqa: PLR2004 -- HTTP's first error
            return {"response": {"status": str(made.status), "outcome": made.resource}}
        return {"resource": made.resource, "response": {"status": str(made.status)}}

    def _prompt_entry(self, entry: Any, request: Request) -> Resource | None:
        """Return the answer to an entry that is no more than a question which is prepared; None of any other."""
        asked = entry.get("request") if isinstance(entry, dict) and "resource" not in entry else None
        url = asked.get("url") if isinstance(asked, dict) and asked.get("method") == "GET" else None
        if not isinstance(url, str) or "prefer" in request.headers:
            return None
        path, _, query = _below(request, url).partition("?")
        return self.prompt(request.fhir, path, _pairs(query), request.headers.get("accept-language"))

    def _of_entry(self, entry: Any, request: Request) -> Response:
        asked = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(asked, dict) or not isinstance(asked.get("url"), str):
            return Response(outcome(failure(400, "structure", "expected an entry with a request").issues), 400)
        path, _, query = _below(request, asked["url"]).partition("?")
        if not path:
            return Response(outcome(failure(400, "not-supported", "a batch in a batch is not answered").issues), 400)
        pairs = _pairs(query)
        method = str(asked.get("method", "GET")).upper()
        if method not in ("GET", "POST"):
            return Response(outcome(failure(405, "not-supported", f"{method} is not answered").issues), 405)
        made = Request(path, request.fhir, method, pairs, entry.get("resource"), request.headers, request.base)
        return self.answer(made)


def _below(request: Request, url: str) -> str:
    """Return the URL of an entry as it is below the endpoint."""
    return url.removeprefix(request.base).lstrip("/").removeprefix(f"{request.fhir}/")


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    if "%" in query or "+" in query:
        return tuple(parse_qsl(query, keep_blank_values=True))
    # most are written plainly, and are read so in a third of the time
    pieces = [piece.partition("=") for piece in query.split("&") if piece]
    return tuple([(name, value) for name, _, value in pieces])


def _named(path: str) -> tuple[str, str | None, str] | None:
    """Return type, id and name of the operation of a path; None where it is of none."""
    found = OPERATION.fullmatch(path)
    return (found["kind"] or "", found["id"], found["operation"]) if found is not None else None


_operation_of = lru_cache(1_024)(_named)


def _require_known(kind: str, name: str, inputs: Inputs) -> None:
    """Check that an operation has all parameters that it is given.

    Raises:
        FhirError: It has not.
    """
    known = PARAMETERS.get((kind, name))
    unknown = sorted(one for one in inputs.names if known and one not in known and not one.startswith("_"))
    if unknown:
        raise failure(400, "not-supported", f"${name} has no parameter {', '.join(unknown)}")


def _expansion_in_r4(value_set: Resource) -> Resource:
    """Return an expanded value set in the form of R4. Codes without properties have the same form in both."""
    expansion = value_set.get("expansion") or {}
    if "property" in expansion or "contains" not in expansion:
        return to_r4(value_set)
    contains = expansion["contains"]
    made = to_r4({**value_set, "expansion": {**expansion, "contains": []}})
    made["expansion"]["contains"] = contains
    return made
