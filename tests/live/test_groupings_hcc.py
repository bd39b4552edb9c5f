"""Risk adjustment: the files of CMS and HHS, against worked answers and against readings of the files made here."""

from __future__ import annotations

import csv
import gzip
import random
import re
from pathlib import Path

import pytest

import terminology
from terminology import Terminology
from terminology.query.grouping_editions import GroupingEdition

from ..grouping_readings import risk_rows
from .conftest import RELEASES

FOLDERS = ("cms_hcc", "hhs_hcc", "cms_hcc_all_models")
FOLDER = Path(RELEASES or "").parent / "groupings"
MODELS = {"V22": "hcc_v22", "V23": "hcc_v23", "V24": "hcc_v24", "V28": "hcc_v28", "ESRD-V21": "hcc_esrd_v21"}


def worked_answers() -> list[tuple[str, str, str, str]]:
    """Return family, version, input and expected answer of each row for these families."""
    path = FOLDER / "ORACLES.tsv"
    if RELEASES is None or not path.exists():
        return []
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    wanted = ((row["family"], row["version"], row["input"], row["expected"]) for row in rows)
    return [row for row in wanted if row[0] in FOLDERS]


def tables() -> list[tuple[str, str, str]]:
    """Return grouping, version, and path of each table that has a file of its own."""
    found = []
    for path in sorted(FOLDER.glob("cms_hcc/*/F*")) if RELEASES else ():
        model, _, version = path.parent.name.partition("-F")
        found.append((MODELS[model], path.stem, str(path)))
        assert version
    found += [("hhs_hcc_v05", "H0519F3-FY2018", str(path)) for path in sorted(FOLDER.glob("hhs_hcc/*/*FY_2018_ICD10*"))]
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """The files of these families, and nothing else."""
    folder = tmp_path_factory.mktemp("hcc")
    held = [FOLDER / name for name in FOLDERS if (FOLDER / name).exists()]
    if len(held) < len(FOLDERS):
        pytest.skip("the folder groupings beside TERMINOLOGY_RELEASES has no files of risk adjustment")
    report = terminology.load(*held, store=folder)
    assert not report.errors
    return terminology.open(folder)


def edition_of(store: Terminology, family: str, version: str) -> GroupingEdition:
    """Return the version that a row of the worked answers names."""
    if family == "hhs_hcc":
        return store.grouping("hhs_hcc_v05").version("H0519F3-FY2018")
    model, _, label = version.partition("-F")
    return store.grouping(MODELS[model]).version("F" + label.replace("-", "_"))


@pytest.mark.parametrize(("family", "version", "given", "expected"), worked_answers())
def test_worked_answers(store: Terminology, family: str, version: str, given: str, expected: str) -> None:
    """Every worked answer about risk adjustment is given."""
    edition = edition_of(store, family, version)
    if given == "rows/codes":
        pairs = list(edition.pairs())
        assert f"{len(pairs)}/{len({code for code, _ in pairs})}" == expected
        return
    found = edition.groups(given)
    said = [f"{one.category}/{one.detail['flag']}" if one.role == "second" else one.category for one in found]
    assert (" + ".join(said) or "none") == expected


@pytest.mark.parametrize(("grouping", "version", "path"), tables())
def test_every_code(store: Terminology, grouping: str, version: str, path: str) -> None:
    """Each code of a table has the categories of its rows, with file and line, and no other code has any."""
    edition = store.grouping(grouping).version(version)
    expected: dict[str, list[tuple[str, str | None, int]]] = {}
    for line, (code, category, flag) in enumerate(risk_rows(Path(path)), 1):
        expected.setdefault(code, []).append((category, "second" if flag else None, line))
    for code, rows in expected.items():
        found = [(one.category, one.role, one.source and one.source.line) for one in edition.groups(code)]
        assert found == rows, code
    assert {code.replace(".", "") for code in edition.sets()} == set(expected)
    assert edition.groups("Z99.89") == () or "Z9989" in expected


def test_all_models(store: Terminology) -> None:
    """The derived file of all models is read into one table a model."""
    (path,) = FOLDER.glob("cms_hcc_all_models/*/*.csv.gz")
    named = {
        "CMS-HCC ESRD Model V21": "hcc_esrd_v21",
        "CMS-HCC ESRD Model V24": "hcc_esrd_v24",
        "RxHCC Model V08": "rxhcc_v08",
        **{f"CMS-HCC Model V{model}": f"hcc_v{model}" for model in ("22", "24", "28")},
    }
    expected: dict[str, set[tuple[str, str]]] = {name: set() for name in named.values()}
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            expected[named[row["model_name"]]].add((row["diagnosis_code"], row["cc"]))
    for name, pairs in expected.items():
        edition = store.grouping(name).on("2025-06-01")
        assert {(code.replace(".", ""), category) for code, category in edition.pairs()} == pairs
        assert edition.release.derived


def test_icd9(store: Terminology) -> None:
    """The blank-padded table of ICD-9-CM is read by its columns."""
    (path,) = FOLDER.glob("cms_hcc/*/2013_icd9hcc.txt")
    rows = [(line[:7].strip(), line[7:].strip()) for line in path.read_text(encoding="ascii").splitlines()]
    edition = store.grouping("hcc_2013").on("2013-02-01")
    assert sorted((code.replace(".", ""), category) for code, category in edition.pairs()) == sorted(rows)
    assert [one.category for one in edition.groups("25000", "icd9cm")] == ["19"]


# ---- edits


CONDITIONS = (
    (r"&ICD\d+\s*=\s*", "code == "),
    (r"&ICD\d+\s+IN\s*\(", "code in ("),
    (r"&SEX\s*=\s*", "sex == "),
    (r"&AGE\w*", "age"),
    (r"\bNE\b", "!="),
    (r"\bAND\b", "and"),
    (r"\bOR\b", "or"),
)


def macro_rules(path: Path) -> list[tuple[str, str]]:
    """Return condition and category of each edit, the conditions turned into Python; the macros here are one chain."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="ascii").upper(), flags=re.DOTALL)
    found = re.findall(
        r"\bIF\s+((?:(?!\bTHEN\b|;).)*?&ICD(?:(?!\bTHEN\b|;).)*?)\s+THEN\s+CC=\"([^\"]*)\"", text, re.DOTALL
    )
    made = []
    for condition, category in found:
        for pattern, instead in CONDITIONS:
            condition = re.sub(pattern, instead, condition, flags=re.IGNORECASE)  # noqa: PLW2901
        made.append((re.sub(r"code in \(\s*([^()]*?),?\s*\)", r"code in (\1,)", condition), category))
    return made


EDITS = {
    "hcc_v22": ("F2218O1P", "V22I0ED2.TXT"),
    "hcc_v23": ("F2318P1Q", "V23I0ED2.TXT"),
    "hcc_v24": ("F2421P2M", "V24I0ED1.TXT"),
    "hcc_v28": ("F2824T1N", "V28I0ED1.TXT"),
    "hhs_hcc_v05": ("H0519F3-FY2018", "I0V05ED2.TXT"),
}
SEXES = {"female": "2", "male": "1"}
AGES = (0, 1, 2, 5, 6, 11, 12, 13, 14, 17, 18, 19, 20, 49, 50, 55, 56, 90)


def code_editor(name: str) -> dict[str, str]:
    """Return the text of each code in a list of the code editor."""
    (path,) = FOLDER.glob(f"hhs_hcc/*/H0519F3_ICD10_MCE_{name}.TXT")
    return dict(line.split("\t") for line in path.read_text(encoding="ascii").splitlines())


def editor_refuses(code: str, age: int, sex: str) -> bool:
    """Return whether the code editor refuses a code for an age and a sex, by the limits in the macro's comments."""
    limits = {"0": (0, 0), "1": (0, 17), "2": (12, 55), "3": (14, 999)}
    least, last = limits[code_editor_age()[code][0]] if code in code_editor_age() else (0, 999)
    wanted = code_editor_sex().get(code, sex)[0]
    return not least <= age <= last or wanted != sex


_remembered: dict[str, dict[str, str]] = {}


def code_editor_age() -> dict[str, str]:
    """Return the list of ages."""
    return _remembered.setdefault("AGE", _remembered.get("AGE") or code_editor("AGE"))


def code_editor_sex() -> dict[str, str]:
    """Return the list of sexes."""
    return _remembered.setdefault("SEX", _remembered.get("SEX") or code_editor("SEX"))


@pytest.mark.parametrize("grouping", EDITS)
def test_edits(store: Terminology, grouping: str) -> None:
    """Codes have the categories that the publisher's macro gives them, for many ages and both sexes."""
    version, macro = EDITS[grouping]
    (path,) = FOLDER.glob(f"*/*/{macro}")
    rules = [(rule, compile(f"({rule})", macro, "eval"), to) for rule, to in macro_rules(path)]
    edition = store.grouping(grouping).version(version)
    plain = {one[:2]: one[2] for one in tables()}[grouping, version]
    table: dict[str, list[str]] = {}
    for code, category, _ in risk_rows(Path(plain)):
        table.setdefault(code, []).append(category)
    asked = {code for condition, _, _ in rules for code in re.findall(r'"([A-Z]\w{2,})"', condition)}
    of_hhs = grouping.startswith("hhs")
    if of_hhs:
        asked |= {*code_editor_age(), *code_editor_sex()}
    assert len(asked) > 10
    for code in sorted(asked):
        for age in AGES:
            for sex, number in SEXES.items():
                names = {"code": code, "age": age, "sex": number}
                # eval: of conditions of the publisher's macro, in a test
                decided = next((to for _, rule, to in rules if eval(rule, {}, names)), None)  # noqa: S307
                expected = table.get(code, []) if decided is None else [decided] if decided != "-1.0" else []
                if of_hhs and editor_refuses(code, age, number):
                    expected = []
                found = [one.category for one in edition.groups(code, age=age, sex=sex)]
                assert found == expected, (code, age, sex)


def test_haemophilia_of_a_woman(store: Terminology) -> None:
    """D66 of a woman is in 48 of V24 and in 112 of V28; a sex that is not known changes nothing."""
    v24, v28 = store.grouping("hcc_v24").on("2021-03-01"), store.grouping("hcc_v28").on("2024-03-01")
    assert [one.category for one in v24.groups("D66", sex="female")] == ["48"]
    assert [one.category for one in v28.groups("D66", sex="female")] == ["112"]
    assert (
        [one.category for one in v24.groups("D66")] == [one.category for one in v24.groups("D66", sex="male")] == ["46"]
    )


# ---- hierarchies


def hierarchies(name: str) -> list[tuple[str, list[str]]]:
    """Return what each statement of a macro drops, in its order."""
    (path,) = FOLDER.glob(f"*/*/{name}")
    text = path.read_text(encoding="ascii")
    return [
        (above, re.findall(r"[\d.]+", below))
        for above, below in re.findall(r"%SET0\(CC=([\d.]+)\s*,\s*HIER=%STR\(([^)]*)\)\)", text)
    ]


@pytest.mark.parametrize(
    ("grouping", "version", "macro"),
    [
        ("hcc_v24", "F2421P2M", "V24H86H1.TXT"),
        ("hcc_v28", "F2824T1N", "V28115H1.TXT"),
        ("hcc_esrd_v21", "F2118H1R", "V20H87H1.txt"),
        ("hhs_hcc_v05", "H0519F3-FY2018", "V05128H1.TXT"),
    ],
)
def test_hierarchies(store: Terminology, grouping: str, version: str, macro: str) -> None:
    """Categories of a person are those that the macro's statements leave, run one after the other."""
    edition = store.grouping(grouping).version(version)
    statements = hierarchies(macro)
    single: dict[str, str] = {}
    for code, categories in sorted(edition.sets().items()):
        if len(categories) == 1:
            single.setdefault(*categories, code)
    drawn = random.Random(7)  # noqa: S311 -- not for secrets
    chosen = [drawn.sample(sorted(single), drawn.randint(2, 40)) for _ in range(400)]
    for held in [*chosen, sorted(single)]:
        left = dict.fromkeys(held, 1)
        # the "heart interaction patch" of V28's main program
        if grouping == "hcc_v28" and "223" in left and not {"221", "222", "224", "225", "226"} & set(held):
            del left["223"]
        for above, below in statements:
            if left.get(above):
                left.update((one, 0) for one in below if one in left)
        found = edition.combined([single[one] for one in held])
        assert sorted(one.category for one in found.groups) == sorted(one for one in left if left[one])
        assert set(found.dropped) == {one for one in left if not left[one]}


def test_a_dropped_category_drops_nothing(store: Terminology) -> None:
    """In V28 62 drops 63, and 63 drops 202; together 62 and 202 are left."""
    edition = store.grouping("hcc_v28").version("F2824T1N")
    held = {category: edition.members(category)[0] for category in ("62", "63", "202")}
    found = edition.combined(held.values())
    assert sorted(one.category for one in found.groups) == ["202", "62"]
    assert found.dropped == {"63": "62"}


def test_a_heart_assistive_device_alone(store: Terminology) -> None:
    """The main program of V28 counts 223 only beside another category of heart failure."""
    edition = store.grouping("hcc_v28").version("F2824T1N")
    device, failure = edition.members("223")[0], edition.members("226")[0]
    found = edition.combined([device])
    assert (found.groups, found.unmet) == ((), {"223": ("221", "222", "224", "225", "226")})
    assert [one.category for one in edition.combined([device, failure]).groups] == ["223"]


def test_labels(store: Terminology) -> None:
    """Every category of a CMS table has the title of the macro, and there are as many as the macro's name says."""
    for grouping, count in {"hcc_v22": 79, "hcc_v23": 83, "hcc_v24": 86, "hcc_v28": 115, "hcc_esrd_v21": 87}.items():
        for version in store.grouping(grouping).versions:
            edition = store.grouping(grouping).version(version.version)
            assert len(edition.categories) == count
            assert all(edition.title(one) not in (None, one) for one in edition.categories)
    assert len(store.grouping("hhs_hcc_v05").latest.categories) == 128


def test_ventricular_tachycardia(store: Terminology) -> None:
    """I47.2 left V28 with its table of 2024; I47.21, which took its place, was in that of 2023 as well and in no V24."""
    diff = store.grouping("hcc_v28").diff("F2823T2N_FY22FY23", "F2824T1N")
    assert "I47.2" in diff.codes("removed")
    assert (len(diff.codes("added")), len(diff.codes("removed")), len(diff.codes("changed"))) == (51, 11, 0)
    history = {version.version: found for version, found in store.grouping("hcc_v28").history("I47.21")}
    assert [one.category for one in history["F2823T2N_FY22FY23"]] == ["238"]
    assert store.grouping("hcc_v24").version("F2421P2M").groups("I47.21") == ()
