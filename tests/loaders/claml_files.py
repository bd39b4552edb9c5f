"""Invented ClaML and metadata files, built field by field, for the tests of ICD-10 and ICD-10-GM."""

from __future__ import annotations

from terminology.reading import ReadableFile

WHO_HEAD = (
    '<Meta name="lang" value="en"/><Identifier authority="WHO" uid="invented"/>'
    '<Title name="ICD-10-EN-2019" version="2019" date="2019-01-01"/>'
)
GM_HEAD = (
    '<Meta name="lang" value="de"/><Identifier authority="BfArM" uid="invented"/>'
    '<Title name="ICD-10-GM-2024" version="2024" date="2023-09-15">Erfunden</Title>'
)


def bytes_file(data: bytes, name: str, archive: str | None = None) -> ReadableFile:
    """Return a file of these bytes."""
    return ReadableFile(name, lambda: data, archive=archive, archive_sha256=archive and f"sha of {archive}")


def claml_file(*elements: str, head: str = WHO_HEAD, name: str = "sample.xml", root: str = "ClaML") -> ReadableFile:
    """Return a ClaML file with an external document type."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {root} SYSTEM "ClaML.dtd">\n<{root} version="2.0.0">{head}\n'
    return bytes_file((text + "\n".join(elements) + f"\n</{root}>\n").encode(), name)


def rubric(kind: str, text: str, language: str = "en") -> str:
    """Return a rubric with one label."""
    return f'<Rubric kind="{kind}"><Label xml:lang="{language}">{text}</Label></Rubric>'


def modifier_class(modifier: str, code: str, title: str, more: str = "", usage: str = "") -> str:
    """Return a ModifierClass."""
    said = f' usage="{usage}"' if usage else ""
    return (
        f'<ModifierClass code="{code}" modifier="{modifier}"{said}>{rubric("preferred", title)}{more}</ModifierClass>'
    )


def node(code: str, parent: str = "", children: str = "", *, more: str = "", kind: str = "", title: str = "") -> str:
    """Return a Class; the kind follows from the code, the title is the code unless given."""
    kind = kind or ("block" if "-" in code else "category" if code[1:2].isdigit() else "chapter")
    above = f'<SuperClass code="{parent}"/>' if parent else ""
    below = "".join(f'<SubClass code="{child}"/>' for child in children.split())
    return f'<Class code="{code}" kind="{kind}">{above}{below}{more}{rubric("preferred", title or f"title {code}")}</Class>'


def modified(code: str, more: str = "", **attributes: str) -> str:
    """Return a ModifiedBy."""
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<ModifiedBy code="{code}"{said}>{more}</ModifiedBy>'


OPTIONAL = '<Meta name="usage" value="optional"/>'


def who_line(
    code: str, *, place: str = "T", chapter: str = "01", block: str = "A00", mark: str = "", **changed: str
) -> str:
    """Return a line of WHO's codes file; ``changed`` replaces fields by number (``f4="99"``)."""
    plain = code.replace(".", "")
    titles = [f"title {code[:3]}", f"title {code}" if "." in code else "", ""]
    cells = [str(len(plain)), place, "X", chapter, block, code + mark, code, plain, f"title {code}", *titles]
    cells += ["001", "4-001", "3-001", "2-001", "UNDEF"]
    return _replaced(cells, changed)


def gm_line(
    code: str, *, place: str = "T", chapter: str = "01", block: str = "A00", mark: str = "", **changed: str
) -> str:
    """Return a line of the German codes file; ``changed`` replaces fields by number."""
    plain = code.replace(".", "")
    titles = [f"Titel {code[:3]}", f"Titel {code}" if "." in code else "", ""]
    if len(plain) == 5:
        titles[2] = titles[1]
    cells = [str(len(plain)), place, "X", chapter, block, code + mark, code, plain, f"Titel {code}", *titles]
    cells += ["P", "P"] if place == "T" else ["V", "V"]
    cells += [
        "1-001",
        "2-001",
        "3-001",
        "UNDEF",
        "001",
        "9",
        "9",
        "999",
        "9999",
        "999",
        "9999",
        "9",
        "N",
        "J",
        "N",
        "N",
    ]
    return _replaced(cells, changed)


def _replaced(cells: list[str], changed: dict[str, str]) -> str:
    for name, value in changed.items():
        cells[int(name.removeprefix("f")) - 1] = value
    return ";".join(cells)


def lines_file(*lines: str, name: str, encoding: str = "utf-8", archive: str | None = None) -> ReadableFile:
    """Return a text file with the publishers' line ends."""
    return bytes_file("".join(f"{line}\r\n" for line in lines).encode(encoding), name, archive)
