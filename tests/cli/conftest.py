"""The command line, asked in the same process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from terminology.cli.application import run


@frozen
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed, as values."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error that was printed, as values."""
        return json.loads(self.err)["error"]


Ask = Callable[..., Answer]


@pytest.fixture
def ask(sample_store: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return a function that runs a command line on the sample store, or on another one."""

    def asked(line: str, *more: str | Path, store: Path | None = sample_store) -> Answer:
        place = [] if store is None else ["--store", str(store)]
        capsys.readouterr()
        code = run([*line.split(), *map(str, more), *place])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return asked
