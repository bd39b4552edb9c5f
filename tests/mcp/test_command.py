"""The command: what it needs, what it refuses, and what it costs those who do not use it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from terminology.cli.application import run

IMPORTED = """
import sys
{code}
print(sorted(name for name in sys.modules if name.split(".")[0] in ("mcp", "mcp_types", "anyio") or name.startswith("terminology.mcp")))
"""


def test_without_the_sdk_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, with the command of pip."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert run(["mcp"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert (
        "terminology mcp needs the SDK mcp, 2.3 or later, which is not installed: pip install 'terminology-server[mcp]'"
        in printed.err
    )


def test_without_a_store_the_command_ends_before_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the error that every command ends with, on standard error."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    assert run(["mcp", "--store", str(tmp_path / "nothing")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "nothing" in printed.err


@pytest.mark.parametrize(
    "code",
    [
        "import terminology",
        "from terminology.cli.application import program; program.get_help(__import__('click').Context(program))",
    ],
    ids=["library", "help"],
)
def test_nobody_else_pays_for_the_protocol(code: str) -> None:
    """Neither the library nor the program's help imports the SDK or this room."""
    script = IMPORTED.format(code=code)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
