"""``$validate-code`` of ValueSet and CodeSystem: whether codes are what they are meant to be, and why not.

Each coding is looked for in every clause of the value set. What is wrong with it becomes issues of an OperationOutcome
with HL7's wording; the answer is true where there is no error among them. For a coding in a CodeableConcept, not to be
in the value set is no error while another one is.

References:
    HL7 FHIR R5, operations ``ValueSet/$validate-code`` and ``CodeSystem/$validate-code``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve

from .clauses import Row, clauses_of
from .code_systems import Concept, SystemVersion, canonical
from .displays import display_issue
from .exchange import Resource
from .findings import Coding, Finding, Rules
from .languages import shown
from .loaded_systems import LoadedSystem
from .membership import Membership
from .outcomes import issue, said, text_of
from .parameters import parameter, parameters
from .value_sets import Evaluation, caution

STATUSES: Final = frozenset({"draft", "experimental", "deprecated", "withdrawn", "retired", "inactive"})
"""Statuses of concepts that a client should know of."""
STATUS_MESSAGES: Final = {
    "deprecated": "MSG_DEPRECATED",
    "withdrawn": "MSG_WITHDRAWN",
    "retired": "MSG_RETIRED",
    "experimental": "MSG_EXPERIMENTAL",
    "draft": "MSG_DRAFT",
}


class Validation:
    """Validates codings against one value set, or against code systems alone."""

    def __init__(self, evaluation: Evaluation, value_set: Resource | None, rules: Rules) -> None:
        self.evaluation = evaluation
        self.value_set = value_set
        self.rules = rules
        self.membership = Membership(evaluation, rules)
        self._wholes: dict[str, LoadedSystem | None] = {}
        if value_set is not None:
            evaluation.require_supplements(value_set)
            evaluation.require_no_circle(value_set)

    @property
    def name(self) -> str:
        """The value set as messages name it."""
        value_set = self.value_set or {}
        return canonical(value_set.get("url") or "(unidentified)", value_set.get("version"))

    # ---- one code

    def coding(self, coding: Coding) -> Resource:
        """Return the answer for one coding."""
        plain = self._plain(coding)
        if plain is not None:
            return plain
        self.membership.used.clear()
        finding = self.find(coding)
        if self.value_set is not None and not finding.is_member and not finding.is_blocked:
            text = text_of("None_of_the_provided_codes_are_in_the_value_set_one", "", self.name, coding.text)
            finding.add(self._not_in("error", text, coding, "not-in-vs"))
        self._note_statuses(finding)
        return self._answer([finding], result=not finding.has_error, best=finding)

    def _plain(self, coding: Coding) -> Resource | None:
        """Return the answer for a code that there is nothing to say about: most codes take this short way.

        None where there may be something to say: it is a header or unknown, or came with a display or version.
        """
        if coding.version is not None or coding.display is not None or coding.system is None:
            return None
        if coding.required is not None:
            return None
        system = self.whole(coding.system)
        return plain_answer(system, coding.system, coding.code) if system is not None else None

    def whole(self, url: str) -> LoadedSystem | None:
        """Return the version of the store that answers alone, with nothing to say of itself; else None."""
        if url not in self._wholes:
            self._wholes[url] = self._found_whole(url)
        return self._wholes[url]

    def _found_whole(self, url: str) -> LoadedSystem | None:
        stated = None
        if self.value_set is not None:
            clauses = clauses_of(self.value_set)
            if len(clauses) != 1 or clauses[0].url != url or set(clauses[0].element) - {"system", "version"}:
                return None
            stated = clauses[0].version
        if self.rules.languages or caution(self.value_set or {}, self.value_set or {}) is not None:
            return None
        choice = self.membership.choices.of(url, stated, Coding("", url))
        system = choice.system
        return system if isinstance(system, LoadedSystem) and not choice.issues else None

    def inferred(self, coding: Coding) -> Resource:
        """Return the answer for a code whose system the value set is to tell."""
        systems = self.membership.systems_with(self.value_set, coding) if self.value_set is not None else []
        if len(systems) == 1:
            return self.coding(evolve(coding, system=systems[0]))
        finding = Finding(coding)
        if systems:
            message = "Unable_to_resolve_system__value_set_has_multiple_matches"
            values: tuple[str, ...] = (coding.code, self.name, f"[{', '.join(systems)}]")
        else:
            message, values = "UNABLE_TO_INFER_CODESYSTEM", (coding.code, self.name)
        finding.add(said(message, *values, code="not-found", kind="cannot-infer", at=coding.at("code")))
        text = text_of("None_of_the_provided_codes_are_in_the_value_set_one", "", self.name, coding.text)
        finding.add(self._not_in("error", text, coding, "not-in-vs"))
        return self._answer([finding], result=False, best=finding)

    def _not_in(self, severity: str, text: str, coding: Coding, kind: str) -> Resource:
        message = "None_of_the_provided_codes_are_in_the_value_set_one"
        return issue(severity, "code-invalid", text, kind=kind, at=coding.at("code"), message=message)

    # ---- several codes for one concept

    def concept(self, codings: Sequence[Coding], element: Resource) -> Resource:
        """Return the answer for a CodeableConcept: true where one coding is in the value set and none is wrong."""
        self.membership.used.clear()
        findings = [self.find(coding) for coding in codings]
        best = next((one for one in findings if one.is_member), None)
        if self.value_set is not None:
            for one in findings:
                if not one.is_member and not one.is_blocked:
                    text = text_of(
                        "None_of_the_provided_codes_are_in_the_value_set_one", "", self.name, one.coding.text
                    )
                    one.add(self._not_in("information", text, one.coding, "this-code-not-in-vs"), is_said=False)
        whole = findings[0] if findings else Finding(Coding(""))
        if best is None and self.value_set is not None and not any(one.is_blocked for one in findings):
            made = said("TX_GENERAL_CC_ERROR_MESSAGE", self.name, code="code-invalid", kind="not-in-vs")
            whole.add(made)
        self._note_statuses(whole)
        has_error = any(one.has_error for one in findings)
        shown_one = best or next((one for one in findings if self.value_set is None and one.concept), None)
        result = best is not None and not has_error
        return self._answer(findings or [whole], result=result, best=shown_one, element=element)

    # ---- what is found

    def find(self, coding: Coding) -> Finding:
        """Return what is found of a coding: whether it is a member, its concept, and what is wrong with it."""
        finding = Finding(coding)
        if self.value_set is not None:
            self.membership.in_value_set(self.value_set, finding)
        else:
            self.membership.in_code_system(finding)
        if finding.concept is not None and finding.row is not None:
            self._describe(finding, finding.row, finding.concept)
        return finding

    def _describe(self, finding: Finding, row: Row, concept: Concept) -> None:
        coding, languages = finding.coding, self.rules.languages
        display = (row.entry or {}).get("display") or concept.display
        finding.display = shown(display, row.system.language, concept.designations, languages)[0] or display
        finding.is_inactive = concept.is_inactive
        if self.rules.is_membership_only:
            return
        self._note_condition(finding, concept)
        if finding.normalized is not None:
            finding.add(_spelling(coding, concept, row.system), is_said=False)
        if coding.display is not None:
            severity = "warning" if self.rules.is_lenient_of_display else "error"
            wrong = display_issue(coding.display, row, concept, languages, coding.at("display"), severity)
            if wrong is not None:
                finding.add(wrong, is_said=wrong["details"]["coding"][0]["code"] != "display-comment")
        remark = row.system.remark(concept.code)
        if remark is not None:
            at = coding.at("code")
            finding.add(issue("information", "informational", remark, kind="code-comment", at=at), is_said=False)
        if _is_deprecated_here(row):
            self._note_deprecated_here(finding, row, concept)

    def _note_deprecated_here(self, finding: Finding, row: Row, concept: Concept) -> None:
        """Note that the value set marks a code as deprecated in it."""
        values = (row.system.url, concept.code, "deprecated", self.name)
        message, at = "CONCEPT_DEPRECATED_IN_VALUESET", finding.coding.at("code")
        made = said(message, *values, severity="warning", code="business-rule", kind="code-comment", at=at)
        finding.add(made, is_said=False)

    def _note_condition(self, finding: Finding, concept: Concept) -> None:
        """Note that a concept is inactive, deprecated, or abstract where that is refused."""
        coding = finding.coding
        if concept.is_inactive:
            state = f"{concept.status} and inactive" if concept.status not in (None, "inactive") else "inactive"
            self._comment(finding, "INACTIVE_CONCEPT_FOUND", state, concept.code)
        elif concept.status == "deprecated":
            self._comment(finding, "DEPRECATED_CONCEPT_FOUND", "deprecated", concept.code)
        if concept.is_abstract and self.rules.is_abstract_refused and finding.row is not None:
            values = (finding.row.system.url, concept.code)
            at = coding.at("code")
            finding.add(said("ABSTRACT_CODE_NOT_ALLOWED", *values, code="business-rule", kind="code-rule", at=at))

    @staticmethod
    def _comment(finding: Finding, message: str, *values: str) -> None:
        at = finding.coding.itself
        finding.add(said(message, *values, severity="warning", code="business-rule", kind="code-comment", at=at))

    def _note_statuses(self, finding: Finding) -> None:
        """Note the value sets and code systems that are not to be relied on."""
        for name, value in self._cautions():
            kind = "ValueSet" if name[1] else "CodeSystem"
            made = said(
                STATUS_MESSAGES[name[0]],
                value,
                "",
                kind,
                severity="information",
                code="business-rule",
                kind="status-check",
            )
            finding.add(made, is_said=False)

    def _cautions(self) -> Iterator[tuple[tuple[str, bool], str]]:
        of = self.value_set or {}
        for resource in self.membership.used:
            reason = caution(resource, of)
            if reason is not None:
                is_set = resource.get("resourceType") == "ValueSet"
                yield (reason, is_set), canonical(resource.get("url", ""), resource.get("version"))

    # ---- the answer

    def _answer(
        self, findings: Sequence[Finding], *, result: bool, best: Finding | None, element: Resource | None = None
    ) -> Resource:
        issues = sorted((one for finding in findings for one in finding.issues), key=_severity)
        messages = sorted({text for finding in findings for text in finding.messages})
        causes = dict.fromkeys(cause for finding in findings for cause in finding.causes)
        coding = best.coding if best else None
        concept = best.concept if best else None
        return parameters(
            parameter("result", boolean=result),
            parameter("code", code=" ".join(coding.code.split())) if coding and coding.code.strip() else None,
            parameter("system", uri=coding.system) if coding and coding.system else None,
            parameter("version", string=best.version) if best and best.version else None,
            parameter("display", string=best.display) if best and best.display else None,
            parameter("normalized-code", code=best.normalized) if best and best.normalized else None,
            parameter("inactive", boolean=True) if best and best.is_inactive else None,
            parameter("status", code=concept.status) if concept and concept.status in STATUSES else None,
            parameter("codeableConcept", codeableConcept=element) if element is not None else None,
            parameter("message", string="; ".join(messages)) if messages else None,
            *(parameter(name, canonical=value) for name, value in causes),
            parameter("issues", resource={"resourceType": "OperationOutcome", "issue": issues}) if issues else None,
        )


def plain_answer(system: LoadedSystem, url: str, code: str) -> Resource | None:
    """Return the answer for a code of which there is nothing to say but that it is valid; None where there may be more.

    Args:
        system: The version of the store that answers alone.
        url: The code system as the request names it.
        code: The code as it came.
    """
    concept = system.concept(code)
    if concept is None or concept.is_abstract or concept.display is None:
        return None
    found: list[Resource] = [
        {"name": "result", "valueBoolean": True},
        {"name": "code", "valueCode": code},
        {"name": "system", "valueUri": url},
        {"name": "version", "valueString": system.version},
        {"name": "display", "valueString": concept.display},
    ]
    return {"resourceType": "Parameters", "parameter": found}


def _spelling(coding: Coding, concept: Concept, system: SystemVersion) -> Resource:
    """Return the issue that a code is taken for another spelling of it: by case alone where case does not count."""
    at = coding.at("code")
    name = canonical(system.url, system.version)
    if system.is_case_sensitive:
        text = f"The code '{coding.code}' is taken for '{concept.code}', which is its form in the code system '{name}'"
        return issue("information", "business-rule", text, kind="code-rule", at=at)
    values = (coding.code, concept.code, name)
    message = "CODE_CASE_DIFFERENCE"
    return said(message, *values, severity="information", code="business-rule", kind="code-rule", at=at)


def _is_deprecated_here(row: Row) -> bool:
    """Return whether a value set marks a code as deprecated in it."""
    for one in (row.entry or {}).get("extension") or []:
        value = next((value for name, value in one.items() if name.startswith("value")), None)
        name = str(one.get("url", "")).rpartition("/")[2]
        if name == "valueset-deprecated" and value in (True, "true"):
            return True
        if name == "structuredefinition-standards-status" and value == "deprecated":
            return True
    return False


def _severity(issue: Resource) -> int:
    """Return the place of an issue: errors first, as they say why the answer is what it is."""
    return ("error", "warning", "information").index(issue["severity"])
