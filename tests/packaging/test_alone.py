"""The wheel without any extra, and with each one alone, in environments that have nothing else.

Without extras every command answers, or says the line that installs what it needs. With one, what it is for works.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terminology.cli.application import program
from terminology.extras import PACKAGES, install_line
from terminology.samples import sample_folders

from .bucket import bucket_server
from .conftest import Environment, surroundings

pytestmark = pytest.mark.slow

CLAIMS = "claim_id,dx,day\n1,M54.5,2021-09-30\n2,M54.5,2021-10-01\n"
INTERCHANGE = "".join(
    (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'SUBMITTER':15}*ZZ*{'RECEIVER':15}*220301*1253*^*00501*000000905*0*T*:~",
        "GS*HC*SENDER*RECEIVER*20220301*0802*1*X*005010X223A2~ST*837*0001*005010X223A2~BHT*0019*00*0123*20220301*1023*CH~",
        "HL*1**20*1~HL*2*1*22*0~NM1*IL*1*DOE*JANE****MI*123~DMG*D8*19800302*F~CLM*A1*100***11:A:1**A*Y*Y~",
        "DTP*434*RD8*20220225-20220301~CL1*1*1*01~HI*ABK:M545:::::::Y~SE*10*0001~GE*1*1~IEA*1*000000905~",
    )
)
ANSWERED = {
    "ancestors": "icd10cm M54.50 --on 2021-10-01",
    "audit": "claims.csv",
    "children": "icd10cm M54.5 --on 2021-10-01",
    "codelist": "resolve list.txt --system icd10cm --on 2021-10-01",
    "columns": "validate claims.csv answered.csv --system icd10cm --code-column dx --on-column day",
    "common-ancestor": "icd10cm M54.50 M54.51 --on 2021-10-01",
    "crosswalks": "",
    "descendants": "icd10cm M54 --on 2021-10-01",
    "diff": "icd10cm 2021 2022",
    "explain": "icd10cm M54.5 --on 2021-10-01",
    "export": "intervals codes.parquet",
    "fhir": "GET CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=M54.50",
    "groupings": "",
    "groups": "icd10cm M54.50 --on 2021-10-01",
    "history": "icd10cm M54.5",
    "impact": "list.txt --system icd10cm --from 2021 --to 2022",
    "index": "icd10cm lumbago --on 2022-01-01",
    "lookup": "icd10cm M54.50 --on 2021-10-01",
    "migrate": "icd10cm M54.5 --from 2021 --to 2022",
    "parent": "icd10cm M54.50 --on 2021-10-01",
    "pcs": "explain 00160Z0",
    "releases": "",
    "search": "icd10cm lumbago --on 2022-01-01",
    "siblings": "icd10cm M54.50 --on 2021-10-01",
    "status": "icd10cm M54.50 --on 2021-10-01",
    "subsumes": "icd10cm M54 M54.50 --on 2021-10-01",
    "translate": "A02.1 --from icd9cm --to icd10cm",
    "verify": "",
}
"""Questions that core alone answers, on the samples; a command without one shows its help."""
REFUSED = {
    "serve --port 0": "server",
    "mcp": "mcp",
    "export store s3://codes/published": "s3",
    "status icd10cm E11.9 --store s3://codes/published": "s3",
    "audit claims.837": "x12",
    "fhir GET metadata --resources resource.json": "server",
}
DUCKDB = """
import duckdb, terminology
connection = duckdb.connect()
terminology.duckdb.register(connection, "codes")
print(connection.sql("select terminology_status('icd10cm', 'M54.5', date '2021-10-01')").fetchall()[0][0])
"""
SPARK = """
import terminology
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
claims = spark.createDataFrame([("M54.5", "2021-10-01")], "dx string, day string")
print(terminology.spark.validate(claims, system="icd10cm", on="day", store="codes").first().dx_status)
"""
MCP = """
import anyio
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client
async def ask():
    command = StdioServerParameters(command="terminology", args=["mcp", "--store", "codes"])
    async with stdio_client(command) as streams, ClientSession(*streams) as session:
        await session.initialize()
        answer = await session.call_tool("explain", {"system": "icd10cm", "code": "M54.5", "on": "2021-10-01"})
        print(answer.structured_content["answer"]["status"])
anyio.run(ask)
"""


def prepared(environment: Environment) -> Environment:
    """Put small files into the folder of an environment, beside the store of the samples."""
    folder = environment.folder
    (folder / "claims.csv").write_text(CLAIMS)
    (folder / "claims.837").write_text(INTERCHANGE)
    (folder / "list.txt").write_text("M54.5\n")
    (folder / "resource.json").write_text('{"resourceType": "CodeSystem", "url": "http://a.b/c"}')
    return environment


@pytest.fixture(scope="module")
def alone(core: Environment, installed: Callable[..., Environment]) -> Callable[[str], Environment]:
    """Return a function that makes an environment with an extra alone, with a store; an empty name is for core."""
    return lambda extra: prepared(installed(extra) if extra else core)


def test_core_answers_every_command(alone: Callable[[str], Environment]) -> None:
    """Without extras no command fails for want of a package: each answers a question, or shows its help."""
    bare = alone("")
    for name in program.commands:
        line = ANSWERED.get(name, "--help")
        asked = bare.run("terminology", name, *line.split(), TERMINOLOGY_STORE="codes")
        assert asked.returncode in {0, 1}, (name, asked.stderr)
        assert "Error" not in asked.stderr, name


@pytest.mark.parametrize(("line", "extra"), REFUSED.items())
def test_core_says_what_to_install(line: str, extra: str, alone: Callable[[str], Environment]) -> None:
    """A command that needs an extra ends with 2, and its last words are the line for pip."""
    asked = alone("").run("terminology", *line.split(), TERMINOLOGY_STORE="codes")
    assert 2 == asked.returncode, asked.stderr
    assert asked.stderr.rstrip().endswith(install_line(extra))


@pytest.mark.parametrize("extra", ["duckdb", "spark"])
def test_core_names_the_engine(extra: str, alone: Callable[[str], Environment]) -> None:
    """The modules of engines can be imported without them; a call says the line for pip."""
    asked = alone("").run("python", "-c", f"import terminology; terminology.{extra}.register(None, 'codes')")
    assert 1 == asked.returncode
    assert asked.stderr.rstrip().endswith(install_line(extra))


def test_core_skips_guidelines(alone: Callable[[str], Environment]) -> None:
    """A PDF of guidelines is skipped, with the line for pip; the rest of the load is done."""
    bare = alone("")
    folder = next(path for path in sample_folders() if path.name == "icd10cm_guidelines")
    loaded = bare.run("terminology", "load", folder, "--store", "guidelines", "--json")
    assert {skip["reason"].partition(": pip")[2] for skip in json.loads(loaded.stdout)["skipped"]} == {
        install_line("guidelines").removeprefix("pip")
    }


@pytest.mark.parametrize(("extra", "script"), {"duckdb": DUCKDB, "mcp": MCP}.items())
def test_an_engine_alone(extra: str, script: str, alone: Callable[[str], Environment]) -> None:
    """With its extra alone it answers from the samples."""
    asked = alone(extra).run("python", "-c", script)
    assert "header" == asked.stdout.strip(), asked.stderr


def test_spark_alone(alone: Callable[[str], Environment]) -> None:
    """With PySpark, and the pandas that it asks for, a column of a DataFrame is answered."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none")
    spark = alone("spark")
    asked = spark.run("python", "-c", SPARK, PYSPARK_PYTHON=str(spark.bin / "python"))
    assert "header" == asked.stdout.strip(), asked.stderr


def test_guidelines_alone(alone: Callable[[str], Environment]) -> None:
    """With pypdf alone the PDF of the samples is loaded, and its sections are shown."""
    with_pypdf = alone("guidelines")
    folder = next(path for path in sample_folders() if path.name == "icd10cm_guidelines")
    loaded = with_pypdf.run("terminology", "load", folder, "--store", "guidelines")
    assert 0 == loaded.returncode, loaded.stdout + loaded.stderr
    shown = with_pypdf.run("terminology", "guidelines", "icd10cm", "I.A", "--on", "2021-10-01", "--store", "guidelines")
    assert "I.A" in shown.stdout, shown.stderr


def test_x12_alone(alone: Callable[[str], Environment]) -> None:
    """With pyx12 alone the claims of an interchange are audited."""
    asked = alone("x12").run("terminology", "audit", "claims.837", "--store", "codes", "--json")
    assert asked.returncode in {0, 1}, asked.stderr
    assert "M54.5" in asked.stdout


def test_s3_alone(alone: Callable[[str], Environment]) -> None:
    """With obstore alone a store is pushed into a bucket, and answers from there."""
    s3 = alone("s3")
    with bucket_server() as variables:
        variables["TERMINOLOGY_CACHE"] = str(s3.folder / "cache")
        pushed = s3.run("terminology", "export", "store", "s3://codes/published", "--store", "codes", **variables)
        assert 0 == pushed.returncode, pushed.stderr
        line = "status icd10cm M54.50 --on 2021-10-01 --store s3://codes/published"
        asked = s3.run("terminology", *line.split(), **variables)
        assert asked.stdout.startswith("M54.50  billable"), asked.stderr


@pytest.fixture
def served(alone: Callable[[str], Environment]) -> Iterator[str]:
    """The address of a server that runs with its extra alone."""
    server = alone("server")
    process = subprocess.Popen(
        [server.bin / "terminology", "serve", "--port", "0", "--store", "codes"],
        cwd=server.folder,
        env=surroundings(server.folder, server.bin),
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    began, found = time.monotonic(), None
    while found is None and process.poll() is None and time.monotonic() - began < 60:
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    yield found[0] if found else ""
    process.terminate()
    process.wait(40)
    process.stdout.close()


def test_server_alone(served: str) -> None:
    """With its extra alone the server answers FHIR, shows its pages, and says that it is well."""
    assert served
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    url = f"{served}/r4/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=M54.50&date=2021-10-01"
    for address, expected in {
        f"{served}/health": b"",
        url: b"Low back pain",
        f"{served}/code/icd10cm/M54.50?date=2021-10-01": b"Low back pain",
    }.items():
        with opener.open(address, timeout=20) as answer:
            assert 200 == answer.status
            assert expected in answer.read()


def test_every_extra_is_tried() -> None:
    """Each extra has its test with it alone."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert not [extra for extra in PACKAGES if f'alone("{extra}")' not in text and f'"{extra}": ' not in text]
