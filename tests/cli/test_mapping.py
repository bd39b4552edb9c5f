"""translate, migrate, crosswalks, rollback, and withdraw of a crosswalk: text, JSON and exit codes."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest

import terminology
from terminology.cli.mapping import _step_line
from terminology.model import Step
from terminology.samples import sample_releases

from ..release_files import BACK_PAIN, CHOLERA, order_addenda, order_file, written
from .conftest import Ask

ICD10CM = sample_releases() / "icd10cm"
TABLE = "ICD-10-CM-Conversion-Table-FY2022-April.csv"
TRANSLATION = {"code", "outcome", "alternatives", "reason", "path", "split_off", "complete"}
ALTERNATIVE = {"source", "system", "codes", "relationship", "kind", "approximate", "billable", "path"}
STEP = {"kind", "system", "from", "to", "effective", "release", "crosswalk", "inverted", "source", "detail"}


@pytest.fixture
def own_store(sample_store: Path, tmp_path: Path) -> Path:
    """A copy of the sample store, to be changed."""
    return Path(shutil.copytree(sample_store, tmp_path / "own"))


# ---- migrate


def test_migrate_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`migrate --json` gives outcome and alternatives; each has codes, relationship, kind, and the path with its source."""
    found = ask("migrate icd10cm m545 --from 2021 --to 2022 --json")
    assert (found.code, found.err) == (0, "")
    assert set(found.json) == TRANSLATION
    assert (found.json["code"], found.json["outcome"], found.json["complete"]) == ("M54.5", "mapped", True)
    first = found.json["alternatives"][0]
    assert (set(first), set(first["path"][0])) == (ALTERNATIVE, STEP)
    assert {name: first[name] for name in ("system", "codes", "relationship", "kind", "approximate")} == {
        "system": "icd10cm",
        "codes": ["M54.50"],
        "relationship": "source-is-broader-than-target",
        "kind": "to_header",
        "approximate": None,
    }
    (step,) = first["path"]
    source = step.pop("source")
    assert step == {
        "kind": "to_header",
        "system": "icd10cm",
        "from": ["M54.5"],
        "to": ["M54.50"],
        "effective": "2021-10-01",
        "release": "2022",
        "crosswalk": "icd10cm_conversion 2022-04",
        "inverted": False,
        "detail": {"previous": "M54.5", "parse_status": "parsed"},
    }
    assert (source["file"], source["line"], len(source["sha256"])) == (TABLE, 13, 64)


def test_migrate_in_words(ask: Ask) -> None:
    """The text shows each alternative with its kind, and below it each step with its day, publication and line."""
    assert ask("migrate icd10cm M54.50 --from 2022 --to 2021").out == (
        "M54.50\n"
        "  M54.5  merged, source-is-narrower-than-target\n"
        f"      merged: M54.50 → M54.5 on 2021-10-01 by icd10cm_conversion 2022-04 ({TABLE}:13)\n"
    )


def test_migrate_says_what_was_split_off(ask: Ask) -> None:
    """A code that stays is itself; what took over a part of it is told besides."""
    line = "migrate icd10cm F32.9 --from 2021 --to 2022"
    assert ask(line).out == (
        "F32.9\n  F32.9  identity, equivalent\n  F32.9 stays; F32.A took over a part of what it meant\n"
    )
    found = ask(f"{line} --json").json
    assert (found["split_off"], [one["codes"] for one in found["alternatives"]]) == (["F32.A"], [["F32.9"]])


def test_migrate_says_what_was_renamed(ask: Ask) -> None:
    """A code under a new title is renamed; both titles are in the JSON, the line of the new one in the text."""
    line = "migrate icd10cm G71.20 --from 2021 --to 2022"
    assert ask(line).out.splitlines()[1:] == [
        "  G71.20  renamed, related-to",
        "      renamed: G71.20 → G71.20 on 2021-10-01 (icd10cm_order_2022.txt:25)",
    ]
    (step,) = ask(f"{line} --json").json["alternatives"][0]["path"]
    assert step["detail"] == {
        "before": "Congenital myopathy, unspecifed",
        "after": "Congenital myopathy, unspecified",
    }


@pytest.mark.parametrize(
    ("line", "outcome", "reason"),
    [
        ("icd10cm Q9 --from 2021 --to 2022", "unknown", "'Q9' cannot be a code of icd10cm"),
        ("icd10cm Z99.99 --from 2021 --to 2022", "unknown", "Z99.99 is in no loaded release of icd10cm"),
        (
            "hcpcs A4563 --from 2019-01 --to 2018-01",
            "unknown",
            "A4563 is new on 2019-01-01, and no loaded crosswalk says what it was before",
        ),
        (
            "hcpcs J9310 --from 2018-01 --to 2019-01",
            "unknown",
            "J9310 is not in force from 2019-01-01 on, and no loaded crosswalk says what replaced it",
        ),
    ],
)
def test_migrate_without_an_answer(ask: Ask, line: str, outcome: str, reason: str) -> None:
    """Where nothing loaded tells, exit code is 1, and outcome and reason are told in text and JSON."""
    found = ask(f"migrate {line} --json")
    assert (found.code, found.json["outcome"], found.json["reason"], found.json["alternatives"]) == (
        1,
        outcome,
        reason,
        [],
    )
    text = ask(f"migrate {line}")
    assert (text.code, text.out.splitlines()[0].partition("  ")[2]) == (1, f"{outcome} — {reason}")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("migrate icd10cm M54.5 --from 1999 --to 2022", "UnknownReleaseError"),
        ("migrate icd10cm M54.5 --from 2021 --to 1999", "UnknownReleaseError"),
        ("migrate icd12 M54.5 --from 2021 --to 2022", "UnknownSystemError"),
        ("translate M54.5 --source icd10cm --target icd12", "UnknownSystemError"),
        ("translate M54.5 --source icd12 --target icd10cm", "UnknownSystemError"),
        ("translate 250.00 --source icd9cm --target icd10cm --crosswalk mine", "UnknownCrosswalkError"),
        ("translate 250.00 --source icd9cm --target icd10cm --crosswalk gems\u00a02031", "UnknownCrosswalkError"),
        ("translate 250.00 --source icd9cm --target icd10cm --on yesterday", "InvalidDateError"),
    ],
)
def test_strangers_are_refused(ask: Ask, line: str, error: str) -> None:
    """A release, system, crosswalk or day that is none is wrong usage."""
    # str.split would part at the space within an option's value
    words = [word.replace("\u00a0", " ") for word in f"{line} --json".split(" ")]
    found = ask(words[0], *words[1:])
    assert (found.code, found.out, found.error["type"]) == (2, "", error)


@pytest.mark.parametrize("line", ["migrate icd10cm M54.5 --from 2021", "translate M54.5 --source icd10cm", "translate"])
def test_options_that_are_missing(ask: Ask, line: str) -> None:
    """Where an option or the code is missing, that is wrong usage."""
    assert ask(line).code == 2


# ---- translate


def test_translate_has_the_shape_of_the_contract(ask: Ask) -> None:
    """`translate --json` gives what `migrate` gives, in the other system; codes used together are one alternative."""
    found = ask("translate A02.1 --source icd10cm --target icd9cm --json")
    assert (found.code, set(found.json), found.json["outcome"]) == (0, TRANSLATION, "mapped")
    (alternative,) = found.json["alternatives"]
    assert (set(alternative), set(alternative["path"][0])) == (ALTERNATIVE, STEP)
    assert (alternative["system"], alternative["codes"], alternative["kind"], alternative["approximate"]) == (
        "icd9cm",
        ["003.1", "995.91"],
        "combination",
        True,
    )
    (step,) = alternative["path"]
    assert (step["crosswalk"], step["effective"], step["release"]) == ("gems 2018", None, None)
    assert (step["from"], step["to"], step["detail"]["scenario"]) == (["A02.1"], ["003.1", "995.91"], 1)


def test_translate_in_words(ask: Ask) -> None:
    """The text joins codes used together by a plus."""
    assert ask("translate A02.1 --source icd10cm --target icd9cm").out == (
        "A02.1\n"
        "  003.1 + 995.91  combination, related-to, approximate\n"
        "      combination: A02.1 → 003.1 + 995.91 by gems 2018 (2018_I10gem.txt:4)\n"
    )


def test_translate_goes_by_former_codes(ask: Ask) -> None:
    """A code that is younger than the map is first carried back to it; systems may be named by URI."""
    found = ask("translate M54.50 --source http://hl7.org/fhir/sid/icd-10-cm --target icd9cm").out.splitlines()
    assert found[1] == "  724.2  merged, source-is-narrower-than-target"
    assert [line.split(":")[0].strip() for line in found[2:]] == ["merged", "single"]


def test_translate_says_that_there_is_no_map(ask: Ask) -> None:
    """That the publisher maps a code to nothing is told as such, with the line that says so; exit code 1."""
    found = ask("translate 365.70 --source icd9cm --target icd10cm")
    assert (found.code, found.out) == (
        1,
        (
            "365.70  none — the publisher says that 365.70 has no counterpart in icd10cm\n"
            "      none: 365.70 → nothing by gems 2018 (2018_I9gem.txt:8)\n"
        ),
    )
    values = ask("translate 365.70 --source icd9cm --target icd10cm --json").json
    assert (values["outcome"], values["alternatives"], len(values["path"])) == ("none", [], 1)


def test_translate_without_a_crosswalk(ask: Ask) -> None:
    """Where no crosswalk leads there, nothing is known; one that leads back is mentioned, and can be asked for."""
    found = ask("translate M54.5 --source icd10cm --target hcpcs")
    assert (found.code, found.out) == (1, "M54.5  unknown — no loaded crosswalk leads from icd10cm to hcpcs\n")
    line = "translate M54.50 --source icd10cm --target complaints"
    assert "one leads back, and can be asked for inverted" in ask(line).out
    inverted = ask(f"{line} --inverted --json")
    assert (inverted.code, inverted.json["alternatives"][0]["codes"]) == (0, ["back pain"])
    assert inverted.json["alternatives"][0]["path"][0]["inverted"] is True


def test_translate_within_a_system(ask: Ask) -> None:
    """Between a system and itself it tells what became of the code; --on says when."""
    codes = [
        [
            one["codes"]
            for one in ask(f"translate M54.5 --source icd10cm --target ICD-10-CM --json{on}").json["alternatives"]
        ]
        for on in ("", " --on 2021-09-30")
    ]
    assert codes == [[["M54.50"], ["M54.51"], ["M54.59"]], [["M54.5"]]]


def test_translate_by_one_crosswalk(ask: Ask) -> None:
    """A crosswalk can be named, with or without its version."""
    for name in ("gems", "gems 2018"):
        found = ask("translate", "250.00", "--from", "icd9cm", "--to", "icd10cm", "--crosswalk", name, "--json")
        assert [one["codes"] for one in found.json["alternatives"]] == [["E11.9"]]


# ---- crosswalks


def test_crosswalks(ask: Ask) -> None:
    """Each direction and version of each crosswalk is a row, with its systems, first day, size and files."""
    found = ask("crosswalks --json")
    assert found.code == 0
    assert {"name", "version", "source_system", "target_system", "effective", "mappings", "sources"} <= set(
        found.json[0]
    )
    rows = {(row["name"], row["source_system"]): row for row in found.json}
    assert rows["icd10cm_conversion", "icd10cm"]["version"] == "2022-04"
    assert rows["icd10cm_conversion", "icd10cm"]["effective"] == "2022-04-01"
    assert [source["file"] for source in rows["icd10cm_conversion", "icd10cm"]["sources"]] == [TABLE]
    lines = ask("crosswalks").out.splitlines()
    assert lines[0].split() == ["crosswalk", "version", "from", "to", "effective", "mappings", "files", "note"]
    assert len(lines) == len(found.json) + 2
    assert lines[-1] == "warnings: --verbose shows them"


def test_a_transition_that_is_missing(ask: Ask, tmp_path: Path) -> None:
    """Neighbouring releases between which nothing says what replaced codes are a gap of the crosswalks."""
    names = [f"icd10cm_order_{year}.txt" for year in (2020, 2021, 2022)]
    files = {name: order_file(rows) for name, rows in zip(names, (CHOLERA, BACK_PAIN, BACK_PAIN), strict=True)}
    files["icd10cm_order_addenda_2021.txt"] = order_addenda(CHOLERA, BACK_PAIN, *names[:2])
    assert ask("load", written(tmp_path / "files", files), store=tmp_path / "store").code == 0
    gaps = [line for line in ask("crosswalks", store=tmp_path / "store").out.splitlines() if line.startswith("gap ")]
    assert gaps == ["gap icd10cm, from 2021 to 2022: no loaded crosswalk says what replaced codes between them"]


def test_a_header_that_was_one(ask: Ask) -> None:
    """A header that is followed to its codes has not become one, and the text does not say so."""
    found = ask("migrate icd10cm M54 --from 2021 --to 2022 --billable")
    assert (found.code, "to_header: M54 " in found.out) == (0, False)
    assert "below the header: M54 → M54." in found.out
    assert "to_header: M54.5 → M54.50 on 2021-10-01" in ask("migrate icd10cm M54.5 --from 2021 --to 2022").out


def test_a_code_that_is_used_again() -> None:
    """A step from a code that its system uses again says that it now means something else."""
    day = datetime.date(2015, 1, 1)
    step = Step("replaced", "icd10gm", ("I70.21",), ("I70.22",), day, "2015", None, None, {"code_is_used_again": True})
    assert _step_line(step).endswith("on 2015-01-01 — I70.21 now means something else")


# ---- rollback and withdraw


def test_rollback(ask: Ask, own_store: Path) -> None:
    """What the last command published is taken back, and by a second rollback restored; releases are listed."""
    assert ask("withdraw icd10cm 2022-04", store=own_store).code == 0
    found = ask("rollback --json", store=own_store)
    assert (found.code, found.json["generation"]) == (0, 3)
    assert found.json["releases"]["icd10cm"] == ["2021", "2022", "2022-04"]
    assert [row["version"] for row in ask("releases icd10cm --json", store=own_store).json] == [
        "2021",
        "2022",
        "2022-04",
    ]
    text = ask("rollback", store=own_store)
    assert text.out.startswith("the former state is in force again, as generation 4\n")
    assert "  icd10cm: 2021, 2022\n" in text.out


def test_rollback_without_a_former_state(ask: Ask, tmp_path: Path) -> None:
    """Where nothing was published before, or there is no store, rollback is refused."""
    assert ask("rollback --json", store=tmp_path / "none").error["type"] == "StoreNotFoundError"
    ask("load", ICD10CM / "icd10cm_order_2021.txt", store=tmp_path / "store")
    found = ask("rollback --json", store=tmp_path / "store")
    assert (found.code, found.error["type"]) == (2, "StoreError")


def test_rollback_to_a_damaged_state(ask: Ask, own_store: Path) -> None:
    """Where a file of the former state is missing, the store counts as damaged: exit code 3, with the file's name."""
    ask("withdraw icd10cm 2022-04", store=own_store)
    (former,) = (own_store / "compiled").glob("*.pointer")
    former.unlink()
    found = ask("rollback --json", store=own_store)
    assert (found.code, found.error["type"], former.name in found.error["message"]) == (3, "StoreDamagedError", True)


def test_withdraw_a_crosswalk(ask: Ask, own_store: Path) -> None:
    """A crosswalk is withdrawn by its name; what was translated by it is unknown after."""
    found = ask("withdraw gems 2018 --json", store=own_store)
    assert (found.code, {row["name"] for row in found.json["withdrawn"]}) == (0, {"gems"})
    assert len(found.json["withdrawn"]) == 4
    assert ask("translate 250.00 --source icd9cm --target icd10cm", store=own_store).code == 1
    assert (
        ask("withdraw own_map 2024", store=own_store).out
        == "own_map Places of service, 2023 to 2024 (sample of an own map) 2024, places to places, withdrawn (1 mapping)\n"
    )
    assert ask("withdraw own_map 1999 --json", store=own_store).error["type"] == "UnknownCrosswalkError"
    assert ask("verify", store=own_store).code == 0


def test_billable_codes_are_asked_for(ask: Ask) -> None:
    """A header stays one and is said to be none to submit; with the option the codes below it answer."""
    line = "migrate icd10cm M54.5 --from 2022 --to 2022-04"
    assert ask(line).out == "M54.5\n  M54.5  identity, equivalent, not billable\n"
    below = ask(f"{line} --billable --json").json["alternatives"]
    assert [(one["codes"], one["kind"], one["billable"]) for one in below] == [
        ([code], "to_header", True) for code in ("M54.50", "M54.51", "M54.59")
    ]


# ---- corrections


@pytest.fixture
def gems(tmp_path: Path) -> Path:
    """A store of the GEMs of two years, of which the later corrects the former."""
    files = {
        "2014_I10gem.txt": b"E89810  99799 10000\nI97410  99811 10000\n",
        "2018_I10gem.txt": b"E89810  99811 10000\nI97410  99811 10000\n",
        "2014_I9gem.txt": b"99799 E89810  10000\n99811 E89810  10000\n99811 I97410  10000\n",
        "2018_I9gem.txt": b"99799 E89810  10000\n99811 I97410  10000\n",
    }
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "gems")
    assert report.errors == ()
    return tmp_path / "gems"


def test_corrected_rows_say_what_the_year_has(ask: Ask, gems: Path) -> None:
    """A corrected step has the later file and line, and beside it the codes, file and line of the year asked for."""
    line = "translate E89.810 --source icd10cm --target icd9cm --on 2014-03-01"
    assert "997.99  single" in ask(line, store=gems).out
    found = ask(f"{line} --corrected", store=gems)
    assert (found.code, found.out.splitlines()) == (
        0,
        [
            "E89.810",
            "  998.11  corrected, related-to, approximate",
            (
                "      corrected: E89.810 → 998.11 by gems 2018 (2018_I10gem.txt:1) "
                "— gems 2014 has 997.99 (2014_I10gem.txt:1) instead"
            ),
        ],
    )


def test_rows_that_are_gone_are_said_once(ask: Ask, gems: Path) -> None:
    """Where a later year only took rows back, a line below the alternatives that stay says which."""
    found = ask("translate 998.11 --source icd9cm --target icd10cm --on 2014-03-01 --corrected", store=gems)
    assert found.out.splitlines()[1:] == [
        "  I97.410  single, related-to, approximate",
        "      single: 998.11 → I97.410 by gems 2014 (2014_I9gem.txt:3)",
        "  gems 2018 no longer has E89.810 (2014_I9gem.txt:2)",
    ]


def test_corrections_are_in_the_published_direction(ask: Ask, gems: Path) -> None:
    """Both options at once are wrong usage, and the message says which to leave out."""
    found = ask("translate 998.11 --source icd9cm --target icd10cm --corrected --inverted", store=gems)
    assert found.code == 2
    assert "use it without --inverted" in found.err


def test_a_column_is_corrected(ask: Ask, gems: Path, tmp_path: Path) -> None:
    """`columns translate --corrected` answers each row as `translate --corrected` does."""
    (tmp_path / "in.csv").write_text("dx\nE89.810\n")
    line = f"columns translate {tmp_path}/in.csv {tmp_path}/out.csv --source icd10cm --target icd9cm --code-column dx"
    for options, target in (("", "997.99"), (" --corrected", "998.11")):
        found = ask(f"{line} --crosswalk", "gems 2014", *options.split(), store=gems)
        assert (found.code, found.err) == (0, "")
        assert (tmp_path / "out.csv").read_text().splitlines()[1] == f'"E89.810","mapped","{target}"'
