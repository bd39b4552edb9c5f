"""The configuration of an unattended update: a TOML file, read whole, with all its errors at once."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import Final, Literal, cast, get_args

from attrs import field, fields, frozen

from ..errors import ReleaseFormatError
from ..reading import Limits
from ..store import default_path
from ..store.folder import FOLDERS, url_of
from .entries import Entry, check_names, read_entry
from .hosts import pattern_fault
from .settings import Settings, brief
from .sources import Source
from .transport import Http

HEADER: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
Gaps = Literal["warn", "fail", "ignore"]
Incomplete = Literal["publish", "keep"]


@frozen
class Tolerance:
    """Differences between a release and its publisher's addenda that are known and accepted."""

    system: str
    version: str
    codes: tuple[str, ...]
    reason: str


@frozen
class Verify:
    """How strictly the new releases are checked before they are published."""

    addenda: bool = True
    """Whether the changes between releases are compared with the publisher's addenda and conversion tables."""
    gaps: Gaps = "warn"
    """What a missing release is: reported, a failure of the job, or ignored."""
    tolerated: tuple[Tolerance, ...] = ()


@frozen
class CodeList:
    """A code list: the report says what the update does to it."""

    path: Path
    system: str
    name: str


@frozen
class Publish:
    """When new releases are activated."""

    enabled: bool = True
    """False: everything is done but the last step; the store stays as it is."""
    incomplete: Incomplete = "publish"
    """What happens with the good releases where another file could not be fetched or was rejected."""


@frozen
class Configuration:
    """All that an update needs to know.

    Raises from `read` only; a configuration that is there is whole.
    """

    path: Path
    """Of the file that it was read from."""
    store: Path
    """Folder of the store."""
    downloads: Path
    """Folder of what is fetched."""
    reports: Path
    """Folder in which each update has a folder of its own."""
    entries: tuple[Entry, ...]
    """What is fetched, one for each publication."""
    codelists: tuple[CodeList, ...] = ()
    """Code lists whose changes the report has."""
    verify: Verify = field(factory=Verify)
    """How strictly new releases are checked."""
    publish: Publish = field(factory=Publish)
    """When new releases are activated."""
    http: Http = field(factory=Http)
    """How the network is used."""
    limits: Limits = field(factory=Limits)
    """Of what is read from files."""
    accept_faults: int = 0
    """How many lines of a file that cannot be read it may lack."""

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, today: datetime.date | None = None) -> Configuration:
        """Return the configuration that a TOML file holds.

        Paths may be relative to the folder of the file. ``${NAME}`` in paths and URLs is a variable of the
        environment. Unknown keys are errors.

        Args:
            path: The file.
            today: The day whose files are checked for clashes; by default today.

        Raises:
            FileNotFoundError: There is no such file.
            ReleaseFaults: All that is wrong in it, each with file, line and key.
            ReleaseFormatError: The same, where there is one error.

        >>> Configuration.read(ready_configuration(), today=datetime.date(2026, 7, 1)).downloads.name
        'downloads'
        """
        file = Path(path)
        return configuration_from(Settings.read(file), file, today or _today())

    def sources(self, today: datetime.date | None = None) -> tuple[Source, ...]:
        """Return the files to fetch as of a day, by default today, in the order of the configuration."""
        day = today or _today()
        return tuple(source for entry in self.entries for source in entry.sources(day))


def ready_configuration() -> Path:
    """Return the configuration for the files of CMS and CDC that comes with the package.

    >>> ready_configuration().name
    'cms-cdc.toml'
    """
    return Path(__file__).parent / "cms-cdc.toml"


def configuration_from(settings: Settings, path: Path, today: datetime.date) -> Configuration:
    """Return the configuration that the outermost table of a file holds.

    Raises:
        ReleaseFaults: All that is wrong in it.
        ReleaseFormatError: The same, where there is one error.
    """
    folder = settings.folder
    found = Configuration(
        path=path,
        store=_store(settings),
        downloads=settings.path("downloads") or folder / "downloads",
        reports=settings.path("reports") or folder / "reports",
        entries=tuple(read_entry(table) for table in settings.tables("fetch")),
        codelists=tuple(_codelist(table) for table in settings.tables("codelists")),
        verify=_verify(settings.table("verify")),
        publish=_publish(settings.table("publish")),
        http=_http(settings.table("http")),
        limits=_limits(settings.table("limits")),
        accept_faults=settings.whole("accept_faults", 0, least=0),
    )
    settings.finish()
    if not found.entries and not settings.faults:
        settings.faults.add("there is nothing to do: expected at least one table [[fetch]]")
    if not settings.faults:
        check_names(found.entries, settings, today)
    settings.faults.kept.sort(key=lambda fault: fault.line or 0)
    settings.faults.raise_if_any()
    return found


def check_places(configuration: Configuration) -> None:
    """Check that reports and downloads are apart from the files of the store, which deletes what it does not know.

    Raises:
        ReleaseFormatError: They do not.
    """
    store = configuration.store.resolve()
    own = {store / name for name in FOLDERS}
    for name in ("reports", "downloads"):
        folder: Path = getattr(configuration, name).resolve()
        if folder == store or own & {folder, *folder.parents}:
            message = f"expected a folder of {name} apart from the files of the store, got {folder}"
            raise ReleaseFormatError(message, file=str(configuration.path))


def _today() -> datetime.date:
    return datetime.datetime.now().astimezone().date()


def _store(settings: Settings) -> Path:
    found = settings.path("store")
    if found is None:
        return default_path()
    named = found.relative_to(settings.folder) if found.is_relative_to(settings.folder) else found
    if url := url_of(named):
        settings.fault("store", f"expected a folder, got {brief(url)}: push it later with terminology export store")
    return found


def _codelist(table: Settings) -> CodeList:
    path, system = table.path("path"), table.text("system")
    for key, value in (("path", path), ("system", system)):
        if value is None and key not in table:
            table.fault("", f"expected a key {key}")
    found = CodeList(path or table.folder, system or "", table.text("name") or (path.stem if path else ""))
    table.finish()
    return found


def _tolerance(table: Settings) -> Tolerance:
    for key in ("system", "version", "codes", "reason"):
        if key not in table:
            table.fault("", f"expected a key {key}")
    system, version, reason = (table.text(key) or "" for key in ("system", "version", "reason"))
    found = Tolerance(system, version, table.texts("codes"), reason)
    table.finish()
    return found


def _verify(table: Settings) -> Verify:
    found = Verify(
        table.flag("addenda", default=True),
        cast("Gaps", table.choice("gaps", get_args(Gaps), "warn")),
        tuple(_tolerance(item) for item in table.tables("tolerated")),
    )
    table.finish()
    return found


def _publish(table: Settings) -> Publish:
    found = Publish(
        table.flag("enabled", default=True),
        cast("Incomplete", table.choice("incomplete", get_args(Incomplete), "publish")),
    )
    table.finish()
    return found


def _http(table: Settings) -> Http:
    standard = Http()
    found = Http(
        timeout_seconds=table.number("timeout_seconds", standard.timeout_seconds, least=0.1),
        deadline_seconds=table.number("deadline_seconds", standard.deadline_seconds, least=1),
        retries=table.whole("retries", standard.retries),
        backoff_seconds=table.number("backoff_seconds", standard.backoff_seconds),
        longest_wait_seconds=table.number("longest_wait_seconds", standard.longest_wait_seconds),
        user_agent=table.text("user_agent", standard.user_agent) or standard.user_agent,
        maximum_bytes=table.whole("maximum_bytes", standard.maximum_bytes, least=1),
        redirect_hosts=table.texts("redirect_hosts"),
        private_addresses=table.flag("private_addresses", default=standard.private_addresses),
    )
    if not HEADER.fullmatch(found.user_agent):
        table.fault("user_agent", f"expected printable characters of ASCII, got {brief(found.user_agent)}")
    for pattern in found.redirect_hosts:
        if fault := pattern_fault(pattern):
            table.fault("redirect_hosts", fault)
    table.finish()
    return found


def _limits(table: Settings) -> Limits:
    given = {item.name: table.whole(item.name, getattr(Limits(), item.name), least=1) for item in fields(Limits)}
    table.finish()
    return Limits(**given)
