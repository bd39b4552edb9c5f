"""A FHIR terminology service without a server: a request in, a response out.

`Service` knows the paths, and the operations take it from there. It never raises: what cannot be answered is an
OperationOutcome with the status that HTTP has for it.
"""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from ..errors import InvalidDateError, TerminologyError
from ..query import Terminology
from .capabilities import capability_statement, terminology_capabilities, versions
from .catalogue import Catalogue, Library
from .code_systems import SystemVersion, split_canonical
from .core import core_resources
from .exchange import FhirVersion, Request, Resource, Response
from .expansion import LIMIT, expand, options_of, stated_language
from .findings import Coding, Rules
from .languages import languages_of
from .lookup import coded, lookup, subsumption
from .outcomes import FhirError, failure, outcome, said
from .parameters import Inputs, parameter, parameters
from .validation import Validation
from .value_sets import Evaluation, unknown_system
from .versions import rules_of

LOG: Final = logging.getLogger("terminology.fhir")
PATH: Final = re.compile(r"(?:(?P<kind>[A-Z][A-Za-z]+)(?:/(?P<id>[A-Za-z0-9\-.]{1,64}))?/)?\$(?P<operation>[a-z-]+)")
SOLE: Final = {"ValueSet": "valueSet", "CodeSystem": "codeSystem", "ConceptMap": "conceptMap"}
"""What a resource is that is the whole body, by the type that the operation is of."""
NOTHING_TO_VALIDATE: Final = "Unable to find code to validate (looked for coding | codeableConcept | code+system | code+inferSystem in parameters"
MOST_IN_BATCH: Final = 10_000
Operation = Callable[["Call"], Resource]


class Service:
    """Answers FHIR requests about an open store, and about resources served beside it. Safe for threads."""

    def __init__(self, store: Terminology, resources: Sequence[Resource] = (), *, limit: int = LIMIT) -> None:
        self.store = store
        self.limit = limit
        self._resources = tuple(resources)
        versions: tuple[FhirVersion, ...] = ("r4", "r5")
        self._libraries = {fhir: Library(store, [*resources, *core_resources(fhir)]) for fhir in versions}

    def library(self, fhir: FhirVersion) -> Library:
        """Return what every request in a version of FHIR sees."""
        return self._libraries[fhir]

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

    @staticmethod
    def _outcome(error: FhirError, request: Request) -> Resource:
        """Return the OperationOutcome of an error, with the id of the request where it has one."""
        issues = list(error.issues)
        if request_id := request.headers.get("x-request-id"):
            made = {"severity": "information", "code": "informational", "diagnostics": f"X-Request-Id: {request_id}"}
            issues.append(made)
        return outcome(issues)

    def _answer(self, request: Request) -> Resource:
        if not request.path and request.method == "POST":
            return self._bundle(request)
        if request.path == "metadata" and request.method == "GET":
            return self._metadata(request)
        found = PATH.fullmatch(request.path)
        operation = OPERATIONS.get((found["kind"] or "", found["operation"])) if found else None
        if operation is None or found is None:
            raise failure(404, "not-found", f"There is no {request.method} {request.path or '/'}")
        inputs = Inputs.of(request, SOLE.get(found["kind"] or ""))
        if found["id"]:
            inputs = inputs.with_pairs([("url", self._canonical(found["kind"], found["id"]))])
        return operation(Call(self, request, inputs))

    def _metadata(self, request: Request) -> Resource:
        """Return what the service can do; with ``mode=terminology``, the code systems that it has."""
        if ("mode", "terminology") in request.query:
            return terminology_capabilities(self.store, request.fhir, resources=self._resources)
        return capability_statement(self.store, request.fhir)

    def _canonical(self, kind: str, name: str) -> str:
        """Return the canonical URL of a resource by its id."""
        raise failure(404, "not-found", f"There is no {kind}/{name}")

    def _bundle(self, request: Request) -> Resource:
        """Return the answers to a Bundle of requests; one that fails is an entry with its OperationOutcome."""
        body = request.body
        if not isinstance(body, dict) or body.get("resourceType") != "Bundle" or body.get("type") != "batch":
            raise failure(400, "structure", "expected a Bundle of type batch")
        entries = body.get("entry") or []
        if len(entries) > MOST_IN_BATCH:
            raise failure(413, "too-costly", f"a batch may have {MOST_IN_BATCH:,} entries, got {len(entries):,}")
        answers = [self._entry(one, request) for one in entries]
        return {"resourceType": "Bundle", "type": "batch-response", "entry": answers}

    def _entry(self, entry: Any, request: Request) -> Resource:
        asked = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(asked, dict) or not isinstance(asked.get("url"), str):
            made = Response(outcome(failure(400, "structure", "expected an entry with a request").issues), 400)
        else:
            path, _, query = asked["url"].lstrip("/").partition("?")
            pairs = tuple(parse_qsl(query, keep_blank_values=True))
            method = str(asked.get("method", "GET")).upper()
            made = self.answer(Request(path, request.fhir, method, pairs, entry.get("resource"), request.headers))
        name = "resource" if made.status < 400 else "outcome"  # noqa: PLR2004 -- HTTP's first error
        answer: Resource = {"response": {"status": str(made.status)}}
        if name == "outcome":
            answer["response"]["outcome"] = made.resource
        else:
            answer["resource"] = made.resource
        return answer


class Call:
    """One operation on its way: its parameters, and what it can see."""

    def __init__(self, service: Service, request: Request, inputs: Inputs, given: Sequence[Resource] = ()) -> None:
        self.service = service
        self.request = request
        self.inputs = inputs
        self.given = [*given, *inputs.elements("tx-resource")]
        if (sent := inputs.first("codeSystem")) is not None and isinstance(sent, dict):
            self.given.append(sent)
        self.catalogue = Catalogue(service.library(request.fhir), self.given, day=self._day())
        self.catalogue.require_supplements(inputs.texts("useSupplement"))

    def _day(self) -> datetime.date | None:
        text = self.inputs.text("date")
        if text is None:
            return None
        try:
            return datetime.date.fromisoformat(text[:10])
        except (ValueError, InvalidDateError):
            raise failure(400, "invalid", f"parameter date: expected a date (YYYY-MM-DD), got {text!r}") from None

    @property
    def accepted(self) -> str | None:
        """The languages of the header."""
        return self.request.headers.get("accept-language") or None

    @property
    def limit(self) -> int:
        """Codes that an expansion may have; a client may ask for fewer."""
        stated = self.request.headers.get("x-too-costly-threshold", "")
        return min(self.service.limit, int(stated)) if stated.isdecimal() else self.service.limit

    def evaluation(self) -> Evaluation:
        """Return a new reading of value sets."""
        return Evaluation(self.catalogue, rules_of(self.inputs))

    def value_set(self, *, is_needed: bool) -> Resource | None:
        """Return the value set that a request is about; None where it names none.

        Raises:
            FhirError: It names one that is not known, or none where one is needed.
        """
        sent = self.inputs.element("valueSet") if isinstance(self.inputs.first("valueSet"), dict) else None
        if sent is not None:
            return sent
        text = self.inputs.text("url") or self.inputs.text("valueSet")
        if text is None:
            if is_needed:
                raise failure(400, "required", "expected a parameter url or valueSet")
            return None
        url, version = split_canonical(text)
        version = self.inputs.text("valueSetVersion") or version
        found = self.catalogue.value_set(url, version)
        if found is None:
            name = f"{url}|{version}" if version else url
            raise FhirError(404, [said("Unable_to_resolve_value_Set_", name, code="not-found", kind="not-found")])
        return found

    def system(self, url: str | None, version: str | None) -> SystemVersion:
        """Return a version of a code system.

        Raises:
            FhirError: It is not known.
        """
        if url is None:
            raise failure(400, "required", "expected a parameter system, or a Coding with one")
        url, stated = split_canonical(url)
        pattern, _ = rules_of(self.inputs).pattern(url, version or stated)
        found = self.catalogue.system(url, pattern)
        if found is None:
            raise unknown_system(self.catalogue, url, pattern, status=404)
        return found


# ---- operations


def _lookup(call: Call) -> Resource:
    inputs = call.inputs
    if "coding" in inputs:
        system, version, code = coded(inputs.element("coding"), "coding")
    else:
        system, version, code = inputs.text("system"), inputs.text("version"), inputs.text("code") or ""
    if not code:
        raise failure(400, "required", "expected a parameter code or coding")
    languages = languages_of(inputs.text("displayLanguage") or call.accepted)
    return lookup(call.system(system, version), code, languages, inputs.texts("property"))


def _subsumes(call: Call) -> Resource:
    inputs = call.inputs
    system, version = inputs.text("system") or inputs.text("url"), inputs.text("version")
    codes = []
    for letter in "AB":
        if f"coding{letter}" in inputs:
            of, its_version, code = coded(inputs.element(f"coding{letter}"), f"coding{letter}")
            if system is not None and of is not None and of != system:
                raise failure(400, "invalid", "codingA and codingB are of different code systems")
            system, version = system or of, version or its_version
        else:
            code = inputs.text(f"code{letter}") or ""
        if not code:
            raise failure(400, "required", f"expected a parameter code{letter} or coding{letter}")
        codes.append(code)
    return subsumption(call.system(system, version), *codes)


def _expand(call: Call) -> Resource:
    value_set = call.value_set(is_needed=True) or {}
    evaluation = call.evaluation()
    options = options_of(call.inputs, value_set, call.accepted, call.limit)
    return expand(evaluation, value_set, options)


def _validate_in_value_set(call: Call) -> Resource:
    return _validated(call, call.value_set(is_needed=False))


def _validate_in_code_system(call: Call) -> Resource:
    return _validated(call, None)


def _validated(call: Call, value_set: Resource | None) -> Resource:
    return _answered(_validation(call, value_set), call.inputs)


def _validation(call: Call, value_set: Resource | None) -> Validation:
    inputs = call.inputs
    language = inputs.text("displayLanguage") or call.accepted or stated_language(value_set or {})
    rules = Rules(
        languages=languages_of(language),
        is_active_only=inputs.flag("activeOnly") is True,
        is_lenient_of_display=inputs.flag("lenient-display-validation") is True,
        is_lenient_of_code=inputs.flag("lenient-code-validation") is True,
        is_membership_only=inputs.flag("valueset-membership-only") is True,
        is_abstract_refused=inputs.flag("abstract") is False,
    )
    return Validation(call.evaluation(), value_set, rules)


def _answered(validation: Validation, inputs: Inputs) -> Resource:
    """Return the answer for what a request wants validated."""
    if (element := inputs.element("codeableConcept")) is not None:
        found = [one for one in element.get("coding") or [] if isinstance(one, dict)]
        codings = [_coding(one, f"CodeableConcept.coding[{number}]") for number, one in enumerate(found)]
        return validation.concept(codings, element)
    if (element := inputs.element("coding")) is not None:
        return validation.coding(_coding(element, "Coding"))
    return _answered_code(validation, inputs)


def _answered_code(validation: Validation, inputs: Inputs) -> Resource:
    code, system = inputs.text("code"), inputs.text("system")
    version = inputs.text("systemVersion") or inputs.text("version")
    if validation.value_set is None:
        system = system or inputs.text("url")
        sent = inputs.first("codeSystem")
        if system is None and isinstance(sent, dict):
            system = sent.get("url")
    if code is None or (system is None and inputs.flag("inferSystem") is not True):
        raise failure(400, "invalid", NOTHING_TO_VALIDATE)
    url, stated = split_canonical(system) if system else (None, None)
    coding = Coding(code, url, version or stated, inputs.text("display"))
    return validation.coding(coding) if url else validation.inferred(coding)


def _coding(element: Resource, place: str) -> Coding:
    code = element.get("code")
    system, version, display = (element.get(name) for name in ("system", "version", "display"))
    return Coding(code if isinstance(code, str) else "", system, version, display, place)


CODED: Final = frozenset({"code", "system", "systemVersion", "version", "display", "coding", "codeableConcept"})
"""Parameters that say what is to be validated; others say how."""


def _batch_in_value_set(call: Call) -> Resource:
    return _batch(call, lambda one: one.value_set(is_needed=False))


def _batch_in_code_system(call: Call) -> Resource:
    return _batch(call, lambda _: None)


def _batch(call: Call, value_set_of: Callable[[Call], Resource | None]) -> Resource:
    """Return the answers to many validations, in their order; what they have in common is read once."""
    asked = call.inputs.elements("validation")
    if len(asked) > MOST_IN_BATCH:
        raise failure(413, "too-costly", f"a batch may have {MOST_IN_BATCH:,} validations, got {len(asked):,}")
    outer = [(name, value) for name, value in call.inputs.items() if name not in ("validation", "tx-resource")]
    common = _validation(call, value_set_of(call))
    made = []
    for element in asked:
        try:
            sole = _sole_coding(element)
            if sole is not None:
                made.append(common.coding(_coding(sole, "Coding")))
                continue
            inner = Inputs.of(Request("", body=element)).with_pairs(outer)
            validation = common
            if not inner.names - call.inputs.names <= CODED or inner.differs(call.inputs, CODED):
                other = Call(call.service, call.request, inner, call.given)
                validation = _validation(other, value_set_of(other))
            made.append(_answered(validation, inner))
        except FhirError as error:
            made.append(error.outcome)
    return parameters(*(parameter("validation", resource=one) for one in made))


def _sole_coding(element: Resource) -> Resource | None:
    """Return the coding of a validation that has nothing else; None of any other."""
    match element:
        case {"parameter": [{"name": "coding", "valueCoding": dict(coding)}]}:
            return coding
    return None


def _versions(call: Call) -> Resource:
    return versions(call.request.fhir)


OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("CodeSystem", "lookup"): _lookup,
    ("CodeSystem", "subsumes"): _subsumes,
    ("CodeSystem", "validate-code"): _validate_in_code_system,
    ("CodeSystem", "batch-validate-code"): _batch_in_code_system,
    ("ValueSet", "expand"): _expand,
    ("ValueSet", "validate-code"): _validate_in_value_set,
    ("ValueSet", "batch-validate-code"): _batch_in_value_set,
    ("", "versions"): _versions,
}
