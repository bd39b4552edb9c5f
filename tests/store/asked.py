"""A small store with every kind of file, the questions that are asked of it, and ways to damage it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import terminology
from terminology.errors import StoreDamagedError, UnknownCodeError
from terminology.store import StoreFolder, read_catalog
from terminology.store.archive import read_parts_list
from terminology.store.mapped import column_checksum

from ..release_files import BACK_PAIN, CHOLERA, order_addenda, order_file, tabular, written

ORDERS = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
FILES = {
    ORDERS[0]: order_file(CHOLERA),
    ORDERS[1]: order_file(BACK_PAIN),
    "icd10cm_tabular_2022.xml": tabular(
        2022, BACK_PAIN, notes={"M545": "lumbago (M54.5-)", "A00": "typhoid fever (A01.0)"}
    ),
    "icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *ORDERS),
    "complaints.csv": (
        b"#crosswalk: Complaints\n#version: 2022\n#effective: 2021-10-01\n#source_system: complaints\n"
        b"#target_system: icd10cm\nsource,target,comment\nback pain,M54.50,\nloose bowels,A00.9,\n"
    ),
}


def published_twice(folder: Path) -> Path:
    """Return a store of two small releases and two crosswalks, with a state before."""
    files = written(folder / "files", FILES)
    terminology.load(*(files / name for name in ORDERS), store=folder / "store")
    report = terminology.load(files, store=folder / "store")
    assert report.ok
    return folder / "store"


def questions(store: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the questions about a store that is opened anew, one after the other."""
    opened = terminology.open(store)
    system = opened["icd10cm"]
    latest = system.latest
    codes = ["A00", "A00.0", "A00.9", "M54.5", "M54.50", "m5451", "13", "Z99.9", "?"]
    yield "status", lambda: [str(latest.status(code)) for code in codes]
    yield "lookup", lambda: [latest.lookup(code) for code in codes]
    yield "history", lambda: [system.history(code) for code in codes]
    yield "migrate", lambda: [system.migrate(code, "2021", "2022") for code in codes]
    yield "translate", lambda: [opened.translate(c, source="complaints", target="icd10cm") for c in ("back pain", "x")]
    yield "inverted", lambda: opened.translate("M54.50", source="icd10cm", target="complaints", inverted=True)
    yield "diff", lambda: system.diff("2021", "2022").to_dict()
    for code in codes[:7]:
        yield f"parent {code}", lambda code=code: (latest.parent(code), latest.children(code))
        yield f"below {code}", lambda code=code: (list(latest.descendants(code)), latest.ancestors(code))
        yield f"notes {code}", lambda code=code: latest.notes(code)
        yield f"source {code}", lambda code=code: latest.source(code)
    for name in ("concepts", "published", "notes"):
        yield name, lambda name=name: latest.table(name).to_pylist()
    yield "concepts of 2021", lambda: system.release("2021").table().to_pylist()
    for crosswalk in opened.crosswalks:
        yield f"table of {crosswalk.label}", lambda crosswalk=crosswalk: opened.table(crosswalk).to_pylist()
    yield "parts", lambda: _parts(StoreFolder(store))


def _parts(folder: StoreFolder) -> list[Any]:
    """Return what a load reads of the parts in force."""
    held = read_parts_list(folder, read_catalog(folder).parts)
    return [
        (system, part.identity, {name: table.to_pylist() for name, table in part.tables.items()})
        for system, part in held
    ]


def answers(store: Path) -> dict[str, Any]:
    """Return what is answered; in place of an answer that would rest on damage its error. Anything else is raised."""
    found: dict[str, Any] = {}
    try:
        for name, ask in questions(store):
            try:
                found[name] = repr(ask())
            except UnknownCodeError as error:
                found[name] = str(error)
            except StoreDamagedError as error:
                found[name] = error
    except StoreDamagedError as error:
        found["opening"] = error
    return found


def overwritten(path: Path, data: bytes) -> None:
    """Put other bytes in place of a file, which may be read-only."""
    path.unlink()
    path.write_bytes(data)


@contextlib.contextmanager
def flipped(path: Path, place: int, bits: int = 1) -> Iterator[None]:
    """Flip bits of one byte for a while."""
    sound = path.read_bytes()
    data = bytearray(sound)
    data[place] ^= bits
    overwritten(path, bytes(data))
    try:
        yield
    finally:
        overwritten(path, sound)


def pointer_values(store: Path) -> Any:
    """Return what the pointer says, as JSON values."""
    return json.loads((store / "CURRENT.json").read_bytes().partition(b"\n")[2])


def published(store: Path, values: Any) -> None:
    """Write the pointer with other values, and a checksum that fits."""
    body = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    (store / "CURRENT.json").write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def forged(store: Path, file: dict[str, Any], change: Callable[[bytearray, dict[str, Any]], None]) -> str:
    """Change a compiled file so that all checksums fit, those in its entry of the pointer too; return its new name."""
    data = bytearray((store / "compiled" / f"{file['sha256']}.arrow").read_bytes())
    change(data, file["columns"])
    for layout in file["columns"].values():
        layout["crc32"] = column_checksum(data[start : start + size] for start, size in filter(None, layout["buffers"]))
    file["sha256"] = hashlib.sha256(data).hexdigest()
    name = f"{file['sha256']}.arrow"
    (store / "compiled" / name).write_bytes(data)
    return name
