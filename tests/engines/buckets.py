"""A bucket of a local S3 server, small stores to push into it, and all that is answered from a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

import terminology
from terminology import Terminology, UnknownCodeError
from terminology.index import entries

from ..release_files import BACK_PAIN, CHOLERA, order_file, tabular, written

BUCKET = "codes"
YEARS = {"2021": CHOLERA, "2022": BACK_PAIN, "2023": (*BACK_PAIN, ("M546", True, "Pain in thoracic spine"))}


@frozen
class Place:
    """A prefix of the bucket that no other test uses, seen by another client than the library's."""

    endpoint: str
    prefix: str

    @property
    def url(self) -> str:
        """What a store is opened by."""
        return f"s3://{BUCKET}/{self.prefix}"

    @property
    def client(self) -> Any:
        """The client of AWS."""
        import boto3

        return boto3.client("s3", endpoint_url=self.endpoint)

    def names(self) -> set[str]:
        """Return the names of all objects below the prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{self.prefix}/")
        return {item["Key"].removeprefix(f"{self.prefix}/") for page in pages for item in page.get("Contents", ())}

    def compiled(self) -> list[str]:
        """Return the names of the compiled files, sorted."""
        return sorted(name for name in self.names() if name.startswith("compiled/"))

    def read(self, name: str) -> bytes:
        """Return the bytes of an object."""
        data: bytes = self.client.get_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}")["Body"].read()
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        self.client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}", Body=data)

    def delete(self, name: str) -> None:
        """Delete an object."""
        self.client.delete_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}")

    def cached(self, name: str) -> Path:
        """Return where the store that was opened last has the file of an object."""
        return terminology.open(self.url).path / name


def load_year(year: str, store: Path) -> Path:
    """Load a small release of ICD-10-CM; return the store."""
    files = {f"icd10cm_order_{year}.txt": order_file(YEARS[year])}
    if year == "2022":
        files["icd10cm_tabular_2022.xml"] = tabular(2022, BACK_PAIN, notes={"M545": "lumbago (M54.5-)"})
    report = terminology.load(written(store.parent / f"files-{year}", files), store=store)
    assert report.ok
    return store


def all_answers(opened: Terminology) -> Iterator[tuple[str, Any]]:
    """Yield what a store of the samples answers about every code of every release, and its tables."""
    codes = {name: sorted(system.latest.table("concepts")["code"].to_pylist()) for name, system in opened.items()}
    yield "licences", (opened.licences, opened.systems, opened.generation)
    for name, system in opened.items():
        yield f"{name} releases", system.releases
        for release in system.releases:
            edition = system.release(release.version)
            for table in ("concepts", "published", "notes"):
                yield f"{name} {release.version} {table}", _rows(edition, table)
            for code in codes[name]:
                yield f"{name} {release.version} {code}", list(_of_code(edition, code))
        for code in codes[name]:
            yield f"{name} history of {code}", system.history(code)
        first, last = system.releases[0].version, system.releases[-1].version
        yield f"{name} difference", system.diff(first, last).to_dict()
        yield f"{name} migrated", [system.migrate(code, first, last) for code in codes[name]]
    for crosswalk in opened.crosswalks:
        source, target = crosswalk.source_system, crosswalk.target_system
        yield f"table of {crosswalk}", opened.table(crosswalk).to_pylist()
        asked = codes.get(source, ())
        yield f"translated by {crosswalk}", [opened.translate(c, source=source, target=target) for c in asked]
    yield "index", [entries(opened["icd10cm"].latest, word) for word in ("pain", "cholera")]


def _rows(edition: terminology.Edition, table: str) -> Any:
    try:
        return edition.table(table).to_pylist()
    except (LookupError, terminology.TerminologyError) as error:
        return str(error)


def _of_code(edition: terminology.Edition, code: str) -> Iterator[Any]:
    yield edition.explain(code)
    yield edition.lookup(code)
    for ask in (edition.ancestors, edition.children, edition.descendants, edition.notes, edition.source):
        try:
            found = ask(code)
        except UnknownCodeError as error:
            yield str(error)
        else:
            yield list(found) if ask == edition.descendants else found
