"""The distribution, built as a release is built, and fresh environments outside of the checkout that it is installed in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from ..sharing import once, shared_folder

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
        # what is imported is compiled then; of some packages most is not
        ended = self.run("python", "-m", "pip", "install", "--no-compile", *what)
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
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run that all its workers share."""
    return shared_folder(tmp_path_factory, "packaging")


def environment(folder: Path, *, fresh: bool) -> Environment:
    """Return the environment in a folder; a fresh one has pip alone."""
    if fresh:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "venv"], check=True, capture_output=True)
        (folder / "work").mkdir(exist_ok=True)
    return Environment(folder / "venv" / "bin", folder / "work")


@pytest.fixture(scope="session")
def built(common: Path) -> Built:
    """The sdist and the wheel that is built out of it, and the wheel that is built out of the checkout."""
    outputs = {"published": (), "checkout": ("--wheel",)}
    with once(common, "builder") as fresh:
        builder = environment(common / "builder", fresh=fresh)
        if fresh:
            builder.install("build")
            for name, options in outputs.items():
                ended = builder.run("python", "-m", "build", *options, "--outdir", name, ROOT)
                if ended.returncode and NO_PACKAGES.search(ended.stderr + ended.stdout):
                    pytest.skip("pip has no packages to build with")
                assert not ended.returncode, ended.stdout[-2000:] + ended.stderr[-2000:]
    published, checkout = (builder.folder / name for name in outputs)
    (sdist,), (wheel,), (wheel_of_checkout,) = (
        list(folder.glob(end)) for folder, end in ((published, "*.tar.gz"), (published, "*.whl"), (checkout, "*.whl"))
    )
    return Built(sdist, wheel, wheel_of_checkout)


def copy_of(core: Environment, folder: Path) -> Environment:
    """Return a copy of an environment that others may be using: its packages are the same files, and it has the samples."""
    made = environment(folder, fresh=False)
    # of one for which pip had no packages the copy is left
    shutil.rmtree(folder, ignore_errors=True)
    # what is imported meanwhile is compiled into files of a passing name
    passing = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(core.bin.parent, made.bin.parent, symlinks=True, copy_function=os.link, ignore=passing)
    shutil.copytree(core.folder / "codes", made.folder / "codes")
    # its programs name the Python that runs them
    before, after = (str(one.bin).encode() for one in (core, made))
    for path in made.bin.iterdir():
        if not path.is_symlink() and (data := path.read_bytes()).startswith(b"#!" + before):
            path.unlink()
            path.write_bytes(data.replace(before, after))
            path.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def core(built: Built, common: Path) -> Environment:
    """An environment with the wheel and what it needs, with the samples as ``codes``; nothing is to be installed into it."""
    with once(common, "core") as fresh:
        made = environment(common / "core", fresh=fresh)
        if fresh:
            made.install(str(built.wheel))
            demo = made.run("terminology", "demo", "--store", "codes")
            assert not demo.returncode, demo.stderr
    return made


@pytest.fixture(scope="session")
def installed(built: Built, core: Environment, common: Path) -> Callable[..., Environment]:
    """Return a function that makes an environment with the wheel and an extra, or with another package beside it."""

    def make(extra: str = "", package: str = "") -> Environment:
        name = extra or package
        with once(common, name) as fresh:
            if fresh:
                copy_of(core, common / name).install(package or f"{built.wheel}[{extra}]")
        return environment(common / name, fresh=False)

    return make
