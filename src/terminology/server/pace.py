"""How long questions of one form take, so that the short ones need no thread.

To hand a question to a thread and its answer back takes as long as many an answer. Whether one is short cannot be seen
in the question: a value set may have ten codes or a hundred thousand, and the first question about a release may have
to read it. So it is measured. Questions that differ only in the code, the day, or the words that are searched for, have
one form. A form goes to a thread until it was short a few times
in a row, and again for a while once it was not: a long answer makes others wait at most once.

>>> pace, form = Pace(), form_of("ValueSet/$expand", (("url", "http://a.b/c"), ("filter", "heart")))
>>> for _ in range(TRIALS): pace.took(form, 0.0002)
>>> pace.is_short(form_of("ValueSet/$expand", (("url", "http://a.b/c"), ("filter", "foot"))))
True
>>> pace.took(form, 0.5)
>>> pace.is_short(form)
False
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from .queries import Query

SHORT_SECONDS: Final = 0.004
"""Of CPU time. A thread keeps the interpreter for 5 ms before another gets it (`sys.getswitchinterval`): what is answered
sooner makes the others wait no longer where it is answered at once, and the handing over costs as much as the answer."""
TRIALS: Final = 3
PENALTY: Final = -50
MOST_FORMS: Final = 2_000
FREE: Final = {"code": "0", "codeA": "0", "codeB": "0", "date": "2025-01-01", "display": "a", "filter": "a"}
"""Parameters by whose values questions of one form differ, with a value to try one."""
Form: TypeAlias = tuple[str, tuple[str | tuple[str, str], ...]]


def form_of(path: str, query: Query) -> Form:
    """Return what questions have in common that take about the same time."""
    return path, tuple([name if name in FREE else (name, value) for name, value in query])


def question_of(form: Form) -> tuple[str, Query]:
    """Return path and parameters of a question of a form.

    >>> question_of(form_of("ValueSet/$expand", (("url", "http://a.b/c"), ("filter", "heart"))))
    ('ValueSet/$expand', (('url', 'http://a.b/c'), ('filter', 'a')))
    """
    path, query = form
    return path, tuple((one, FREE[one]) if isinstance(one, str) else one for one in query)


class Pace:
    """Remembers which forms were short the last times."""

    def __init__(self) -> None:
        self._runs: dict[Form, int] = {}
        """How often in a row each form was short; below zero where it was not lately."""

    def is_short(self, form: Form) -> bool:
        """Return whether a question of this form may be answered at once."""
        return self._runs.get(form, 0) >= TRIALS

    def latest(self, number: int) -> Sequence[Form]:
        """Return the forms that were asked first most lately."""
        return list(self._runs)[-number:]

    def took(self, form: Form, seconds: float) -> None:
        """Note how long an answer took."""
        runs = self._runs.get(form, 0)
        if seconds > SHORT_SECONDS:
            runs = PENALTY
        elif runs >= TRIALS:
            return
        else:
            runs += 1
        if form not in self._runs and len(self._runs) >= MOST_FORMS:
            # forms that clients make up push out the others; these are measured again
            self._runs.clear()
        self._runs[form] = runs
