"""The distribution, built as a release is built, and fresh environments outside of the checkout that it is installed in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[2]
NO_PACKAGES = re.compile("Retrying|Could not fetch|No matching distribution|Network is unreachable")
PASSED_ON = re.compile(r"PIP_\w+|\w+_proxy|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|LANG|JAVA_HOME|XDG_\w+", re.IGNORECASE)


@frozen
class Built:
    """What was built."""

    sdist: Path
    wheel: Path
    """Out of the sdist, as it is published."""
    wheel_of_checkout: Path


@frozen
class Environment:
    """A virtual environment with nothing but what was installed into it."""

    bin: Path
    folder: Path
    """An empty folder to work in."""

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, with none of the checkout on its path."""
        program, *arguments = map(str, command)
        return subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.folder,
            env=surroundings(self.folder, self.bin) | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def install(self, *what: str) -> None:
        """Install packages; the test is skipped where pip has none."""
        ended = self.run("python", "-m", "pip", "install", *what)
        if ended.returncode and NO_PACKAGES.search(ended.stderr + ended.stdout):
            pytest.skip(f"pip has no packages here: {ended.stderr.strip().splitlines()[-1]}")
        assert not ended.returncode, ended.stderr


def surroundings(home: Path, *path: Path) -> dict[str, str]:
    """Return the variables of a process that knows nothing of this one, but where packages come from."""
    passed_on = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    places = [*map(str, path), str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    defaults = {"HOME": str(home), "LANG": "C.UTF-8", "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip")}
    return {**defaults, **passed_on, "PATH": os.pathsep.join(places)}


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """Return a function that makes an environment with pip alone."""

    def make(name: str) -> Environment:
        folder = tmp_path_factory.mktemp(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, capture_output=True)
        (folder / "work").mkdir()
        return Environment(folder / "venv" / "bin", folder / "work")

    return make


@pytest.fixture(scope="session")
def built(empty: Callable[[str], Environment]) -> Built:
    """The sdist and the wheel that is built out of it, and the wheel that is built out of the checkout."""
    builder = empty("builder")
    builder.install("build")
    outputs = {}
    for name, options in {"published": (), "checkout": ("--wheel",)}.items():
        outputs[name] = builder.folder / name
        ended = builder.run("python", "-m", "build", *options, "--outdir", outputs[name], ROOT)
        if ended.returncode and NO_PACKAGES.search(ended.stderr + ended.stdout):
            pytest.skip("pip has no packages to build with")
        assert not ended.returncode, ended.stdout[-2000:] + ended.stderr[-2000:]
    (sdist,), (wheel,) = (list(outputs["published"].glob(end)) for end in ("*.tar.gz", "*.whl"))
    (wheel_of_checkout,) = outputs["checkout"].glob("*.whl")
    return Built(sdist, wheel, wheel_of_checkout)


@pytest.fixture(scope="session")
def installed(built: Built, empty: Callable[[str], Environment]) -> Callable[[str], Environment]:
    """Return a function that makes an environment with the wheel and an extra; with no extra for an empty name."""
    made: dict[str, Environment] = {}

    def make(extra: str = "") -> Environment:
        if extra not in made:
            environment = empty(extra or "core")
            environment.install(f"{built.wheel}[{extra}]" if extra else str(built.wheel))
            made[extra] = environment
        return made[extra]

    return make
