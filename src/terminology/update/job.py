"""The update: fetch, load, verify, compare, report, and publish at the very end; killed anywhere, it can be run again."""

from __future__ import annotations

import contextlib
import datetime
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field, frozen

from ..ingest import LoadReport
from ..ingest.context import Load, Request, asked_readers
from ..ingest.gather import Gathered
from ..ingest.incoming import incoming
from ..ingest.loading import gathered, locked, settled
from ..ingest.publication import LoadResult, compiled, publish
from ..query import Terminology
from ..reading import Budget
from ..registry import crosswalk_readers, loaders
from ..store import Catalog, StoreFolder, read_catalog
from ..store.folder import LOCK, file_lock, make_folder
from ..store.garbage import sweep
from .configuration import Configuration, check_places
from .download import Progress
from .fetching import FetchReport, fetch_all
from .filing import Cabinet, folder_name
from .pages import comparison_of, impacts_of, overview_page
from .report import Check, Comparison, Ending, UpdateReport, failure_summary, running_summary
from .verification import NewRelease, addenda_check, fault_check, gap_checks, new_releases

QUIET: Progress = lambda _stage, _label, _done, _total: None  # noqa: E731 -- shorter than a function


def update(
    configuration: Configuration,
    *,
    dry_run: bool = False,
    today: datetime.date | None = None,
    progress: Progress | None = None,
) -> UpdateReport:
    """Return what the update did. Until it publishes, at its very end, readers of the store see nothing of it.

    What is fetched is kept and not fetched again; what is loaded is loaded once; a run that was killed at any
    moment is finished by the next one, which ends in the same store. Where a check of a new release fails,
    nothing is published. A report of every run that found something new is in the folder of reports, and a
    summary for monitors in ``latest.json`` there, which says that the job is running until it has ended.

    Args:
        configuration: What to fetch, and which folders to use.
        dry_run: Do everything but publish, and leave the store as it is.
        today: The day as of which files are expected; by default today.
        progress: Called with the stage, what is being worked on, how far it is, and how far it has to go;
            before a file is tried again with the stage ``retry``, the file and why, the number of the try, and of all.

    Raises:
        ReleaseFormatError: Reports or downloads would be among the files of the store.
        NotAStoreError: The folder of the store holds other files and is no store.
        StoreLockedError: Another update is running with the same folder of reports.
        StoreDamagedError: The store is damaged.
        StoreError: It cannot be written.
    """
    check_places(configuration)
    cabinet = Cabinet(configuration.reports)
    make_folder(cabinet.folder)
    lock = cabinet.folder / LOCK
    # the next job does not wait, it fails
    with file_lock(lock, 0.0, f"another update is running: {lock} is held"):
        job = Job(configuration, cabinet, progress or QUIET, dry_run=dry_run)
        try:
            return job.run(today)
        except BaseException as error:
            # a disk that is full must not hide why the job failed
            with contextlib.suppress(Exception):
                cabinet.note(failure_summary(job.started, job.seconds, job.remarks, error))
            raise


@frozen
class Candidate:
    """What the files make, compiled and not yet published."""

    load: Load
    result: LoadResult
    catalog: Catalog | None
    """None where nothing is new."""


@define
class Job:
    """One run of the update."""

    configuration: Configuration
    cabinet: Cabinet
    progress: Progress
    dry_run: bool = field(kw_only=True)
    started: datetime.datetime = field(factory=lambda: datetime.datetime.now(datetime.UTC))
    seconds: dict[str, float] = field(factory=dict)
    remarks: list[str] = field(factory=list)

    def run(self, today: datetime.date | None) -> UpdateReport:
        """Return the report, after everything is done."""
        store = StoreFolder(self.configuration.store)
        # first of all: a job that is killed must not look like the one before it
        self.cabinet.note(running_summary(self.started, os.getpid()))
        recovered = self.cabinet.recover(store)
        if recovered:
            self.remarks.append(f"an earlier update was killed after it published; its report is {recovered.name}")
        # before anything is fetched for a folder that cannot become a store
        store.check_writable()
        with self.stage("fetch"):
            fetched = fetch_all(
                self.configuration.sources(today),
                self.configuration.downloads,
                http=self.configuration.http,
                limits=self.configuration.limits,
                progress=self.progress,
            )
        if not fetched.ok and self.configuration.publish.incomplete == "keep":
            return self._ended(store, Ending.FAILED, fetched, None)
        with contextlib.ExitStack() as stack:
            if self.dry_run and not store.pointer.exists():
                place = stack.enter_context(tempfile.TemporaryDirectory(prefix="terminology-"))
                store = StoreFolder(Path(place))
            return self._with_files(store, fetched, stack)

    def _with_files(self, store: StoreFolder, fetched: FetchReport, stack: contextlib.ExitStack) -> UpdateReport:
        with self.stage("load"):
            candidate = self._loaded(store, fetched, stack)
        loaded = candidate.result.report
        if not loaded.ok and self.configuration.publish.incomplete == "keep":
            sweep(store)
            return self._ended(store, Ending.FAILED, fetched, loaded)
        if candidate.catalog is None:
            sweep(store)
            return self._ended(store, Ending.UNCHANGED, fetched, loaded)
        return self._with_news(store, fetched, candidate, candidate.catalog)

    def _loaded(self, store: StoreFolder, fetched: FetchReport, stack: contextlib.ExitStack) -> Candidate:
        """Return what the files make. They are read without the store's lock, which is held from then on."""
        staging = stack.enter_context(incoming(store))
        job = Load.begun(
            store, staging, loaders(), crosswalk_readers(), lambda stage, label: self.progress(stage, label, 0, None)
        )
        found, requests, budget = Gathered(), [], Budget(self.configuration.limits)
        accepted = self.configuration.accept_faults
        for item in fetched.fetched:
            source = item.source
            chosen, readers = asked_readers(job.loaders, job.readers, source.system)
            only = None if source.system in {*chosen, *readers} else source.system
            request = Request([item.path], source.version, source.effective, only, chosen, readers, accepted)
            requests.append(request)
            taken = gathered(job, request, budget)
            if not taken.is_recognised:
                why = next((skip.reason for skip in taken.skipped), "it is empty")
                self.remarks.append(f"nothing in {source.label} was of use: {why}")
            found.add(taken)
        stack.enter_context(store.lock())
        job, found = locked(job, requests, found, budget)
        result = settled(job, found)
        return Candidate(job, result, compiled(job, result))

    def _with_news(
        self, store: StoreFolder, fetched: FetchReport, candidate: Candidate, catalog: Catalog
    ) -> UpdateReport:
        before = candidate.load.catalog
        published = Terminology(store, before) if before.systems else None
        planned = Terminology(store, catalog)
        loaded = candidate.result.report
        self.cabinet.begin()
        with self.stage("compare"):
            new = list(new_releases(planned, published))
            checks, comparisons = self._examined(new, published, loaded)
        with self.stage("impact"):
            impacts = impacts_of(self.configuration.codelists, planned, published, self.cabinet)
        held = any(not check.passed for check in checks) or not self.configuration.publish.enabled
        ending = Ending.HELD_BACK if held else Ending.DRY_RUN if self.dry_run else Ending.PUBLISHED
        report = UpdateReport(
            ending=ending,
            started=self.started,
            seconds=self.seconds,
            fetched=fetched,
            loaded=loaded,
            checks=checks,
            comparisons=comparisons,
            impacts=impacts,
            generation=catalog.generation if ending is Ending.PUBLISHED else before.generation or None,
            folder=self.cabinet.free_name(folder_name(self.started, dry_run=self.dry_run)),
            remarks=tuple(self.remarks),
        )
        self._finish(store, report, candidate, catalog if ending is Ending.PUBLISHED else None)
        return report

    def _examined(
        self, new: list[NewRelease], published: Terminology | None, loaded: LoadReport
    ) -> tuple[tuple[Check, ...], tuple[Comparison, ...]]:
        """Return the checks of each new release, and what it changed; the pages are written."""
        settings = self.configuration.verify
        checks = list(gap_checks(loaded.gaps, new, settings))
        comparisons = []
        for item in new:
            self.progress("compare", f"{item.release.system} {item.release.version}", 0, None)
            if left_out := fault_check(item):
                checks.append(left_out)
            difference = item.difference()
            if difference is None:
                continue
            if settings.addenda and (check := addenda_check(item, difference, settings)):
                checks.append(check)
            comparisons.append(
                comparison_of(
                    item,
                    difference,
                    is_first_load=published is None or item.release.system not in published,
                    cabinet=self.cabinet,
                )
            )
        return tuple(checks), tuple(comparisons)

    def _finish(self, store: StoreFolder, report: UpdateReport, candidate: Candidate, catalog: Catalog | None) -> None:
        """Write the report, publish, and give the report its name; after a kill in between the next run repairs it."""
        with self.stage("report"):
            self.cabinet.write("index.html", overview_page(report))
            self.cabinet.seal(report.folder or "", report.to_dict(), catalog)
        with self.stage("publish"):
            if catalog:
                publish(candidate.load, catalog)
            else:
                sweep(store)
            self.cabinet.file()

    def _ended(
        self, store: StoreFolder, ending: Ending, fetched: FetchReport, loaded: LoadReport | None
    ) -> UpdateReport:
        generation = read_catalog(store).generation if store.pointer.exists() else None
        report = UpdateReport(
            ending, self.started, self.seconds, fetched, loaded, generation=generation, remarks=tuple(self.remarks)
        )
        self.cabinet.note(report.to_dict())
        return report

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage of the job."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - begun
