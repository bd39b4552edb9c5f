"""Prompts: what a person asks an assistant often, as a text that names the tools to use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from .parameters import ArgumentError, Parameter, arguments_of

TEXT: Final = """Check the codes of a claim.

Code system: {system}
Date of service: {on}
Codes:
{codes}

1. Call validate_list with these codes, the system, and on={on}. Do not judge a code from memory: codes change every year.
2. For each code that is not billable call explain with the same day. Say its status, the reason in the words of the answer, and the codes that may be used instead, each with its title.
3. Where several codes may be used instead, do not choose: list them, and say what in the documentation decides.
4. Where the status is uncovered, say which release is missing; that is no statement about the code.
5. End with a table: code, status, reason, what to do. Name the release that answered."""


@frozen
class Prompt:
    """A prompt as clients list it."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str

    def filled(self, given: Mapping[str, str]) -> str:
        """Return the text with its arguments.

        Raises:
            ArgumentError: One is missing or unknown.
        """
        return self.text.format(**arguments_of(self.parameters, given))


PROMPTS: Final = (
    Prompt(
        "check_claim_codes",
        "Check a claim's codes",
        "Check the codes of a claim on its date of service: which may be submitted, why not, and what instead.",
        (
            Parameter("codes", "The codes, separated by commas or one a line.", required=True, longest=20_000),
            Parameter("on", "The date of service.", required=True, example="2024-03-01"),
            Parameter("system", "The code system of the codes.", default="icd10cm"),
        ),
        TEXT,
    ),
)


def prompt_named(name: str) -> Prompt:
    """Return the prompt of a name.

    Raises:
        ArgumentError: There is none.
    """
    for prompt in PROMPTS:
        if prompt.name == name:
            return prompt
    raise ArgumentError(f"no prompt {name!r}: there is {', '.join(one.name for one in PROMPTS)}")
