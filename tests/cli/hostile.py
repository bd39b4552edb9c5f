"""Releases, lists and maps whose every text a terminal would obey, or a reader misread."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final

HOSTILE: Final = (
    "\x1b]0;title\x07\x1b[2J\x1b[8m\x9b31m\x90q\x7f\b\r\n\t\x0b\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u2028\u2029"
    "\u200b\u200d\u2060\ufeff\xad\u3164\ufe0f\U000e0041"
)
"""Every kind of character that may not reach a terminal, with sequences that set the title, clear and conceal."""
NAME: Final = "\x1b[2J\x9b31m\u202e\u200b\n\x7f.json"
"""A file name."""
CODE: Final = "B\u202e\u200b1"
"""A code."""


def code_system(version: str, *, more: bool) -> dict[str, Any]:
    """Return a FHIR CodeSystem of a few codes, with one code more in its later release."""
    below = [
        {
            "code": CODE,
            "display": f"Low {HOSTILE} pain{' now' if more else ''}",
            "definition": f"d{HOSTILE}",
            "designation": [{"language": "es", "value": f"s{HOSTILE}"}],
            "property": [{"code": f"p{HOSTILE}", "valueString": f"v{HOSTILE}"}],
        },
        {"code": "B2", "display": f"Other{HOSTILE}"},
        *([{"code": "B3\u200b\u202e", "display": "New"}] if more else []),
    ]
    return {
        "resourceType": "CodeSystem",
        "url": "https://example.org/hostile",
        "name": "Hostile",
        "title": f"Hostile{HOSTILE}",
        "version": version,
        "date": f"{version}-01-01",
        "publisher": f"publisher{HOSTILE}",
        "copyright": f"copyright{HOSTILE}",
        "status": "active",
        "content": "complete",
        "concept": [{"code": "A", "display": f"Top{HOSTILE}", "concept": below}],
    }


def release_files(folder: Path) -> Path:
    """Return a folder with two releases, in archives and files of hostile names, a map, and files that are none."""
    folder.mkdir()
    for version, more in (("2021", False), ("2022", True)):
        with zipfile.ZipFile(folder / f"{version}\x1b[2J\u202e.zip", "w") as archive:
            archive.writestr(f"{version}{NAME}", json.dumps(code_system(version, more=more)))
            archive.writestr(f"readme{NAME}", "nothing")
    lines = [
        f"#crosswalk: map {HOSTILE.replace(chr(10), '').replace(chr(13), '')}",
        "#version: 2022",
        "#effective: 2022-01-01",
        "#source_system: complaints",
        "#target_system: hostile",
        "source,target,comment",
        f'x,B2,"{HOSTILE}"',
    ]
    (folder / "map\x1b[2J.csv").write_text("\n".join(lines), encoding="utf-8", newline="")
    (folder / f"no{NAME}").write_text("nothing")
    return folder


def faulty_files(folder: Path) -> Path:
    """Return a folder with a list that has faults, and with one that cannot be read."""
    folder.mkdir()
    text = f'#system: faulty\n#version: 2024\ncode,title\nA,\n,"{HOSTILE}"\n'
    (folder / f"faulty{NAME}.csv").write_text(text, encoding="utf-8", newline="")
    (folder / "cut\x1b[2J\u202e.zip").write_bytes(b"PK\x03\x04cut")
    return folder
