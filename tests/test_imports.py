"""What a first answer costs in imports: nothing heavy is loaded before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import terminology

from .release_files import BACK_PAIN, CHOLERA, order_file, tabular, written

HEAVY = {
    "pyarrow",
    "numpy",
    "lxml",
    "networkx",
    "click",
    "rich",
    "importlib.metadata",
    "python_calamine",
    "requests",
    "jinja2",
    "obstore",
    "terminology.store.cache",
    "terminology.store.objects",
    "terminology.store.push",
    "terminology.update",
    "terminology.reports",
    "terminology.codelists",
    "terminology.differences",
    "terminology_crosswalks",
    "terminology.ingest",
    "terminology.reading",
    "terminology_loaders",
}
UNNEEDED = {
    "attr",
    "attrs",
    "ast",
    "dataclasses",
    "inspect",
    "hashlib",
    "pathlib",
    "urllib.parse",
    "terminology.licences",
    "terminology.mapping",
    "terminology.model",
    "terminology.query.concepts",
    "terminology.query.descriptions",
    "terminology.registry",
    "terminology.drafts",
}
"""What answers about codes that are texts, truths and statuses do without, though it is light."""
EDITION = "import terminology; e = terminology.open(path)['icd10cm'].on('2022-03-01')"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two small releases."""
    folder = tmp_path_factory.mktemp("imports")
    files = {
        "icd10cm_order_2021.txt": order_file(CHOLERA),
        "icd10cm_order_2022.txt": order_file(BACK_PAIN),
        "icd10cm_tabular_2022.xml": tabular(2022, BACK_PAIN),
    }
    terminology.load(written(folder / "files", files), store=folder / "store")
    return folder / "store"


def modules_after(code: str, store: Path) -> set[str]:
    """Return which modules a fresh interpreter has loaded after running the code."""
    script = f"import json, sys\npath = sys.argv[1]\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script, str(store)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


QUESTIONS = {
    "import": "import terminology",
    "open": "import terminology; terminology.open(path)",
    "status": "import terminology; terminology.open(path)['icd10cm'].on('2022-03-01').status('M54.50')",
    "check": "import terminology; terminology.open(path)['icd10cm'].on('2022-03-01').check('M54.5X')",
    "lookup": "import terminology; terminology.open(path)['icd10cm'].on('2022-03-01').lookup('M54.50')",
    "tree": "import terminology; e = terminology.open(path)['icd10cm'].latest; e.ancestors('M54.50'); "
    "e.children('M54'); list(e.descendants('13')); e.subsumes('M54', 'M54.50'); e.notes('M54.50')",
    "history": "import terminology; terminology.open(path)['icd10cm'].history('M54.5')",
    "migrate": "import terminology; terminology.open(path)['icd10cm'].migrate('M54.5', '2021', '2022')",
    "translate": "import terminology; terminology.open(path).translate('M54.5', source='icd10cm', target='icd9cm')",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_point_questions_load_nothing_heavy(store: Path, question: str) -> None:
    """A question about a code loads no package that costs start-up, and neither readers nor loaders."""
    assert HEAVY & modules_after(QUESTIONS[question], store) == set()


def test_the_groups_of_a_code_load_nothing_heavy(sample_store: Path) -> None:
    """Nor does a question about its categories, by codes or by their beginnings."""
    asked = "e = terminology.open(path)['icd10cm'].on('2022-03-01'); e.groups('E11.22', 'ccsr_dx'); e.groups('E11.22', 'charlson')"
    assert HEAVY & modules_after(f"import terminology; {asked}", sample_store) == set()


@pytest.mark.parametrize(
    "question",
    [
        "import terminology",
        "import terminology; terminology.open(path)",
        "import terminology; terminology.open(path)['ICD-10-CM'].release('2022')",
        f"{EDITION}; e.status('M54.50'); e.status('m5450 '); e.status('M54.5X'); e.status('?')",
        f"{EDITION}; 'M54.50' in e; e.is_valid('M54'); e.is_billable('M54.50'); len(e); repr(e)",
        f"{EDITION}; e.parent('M54.50'); e.children('M54'); e.ancestors('M54.50'); e.subsumes('M54', 'M54.50')",
        f"{EDITION}; e.title('M54.50'); list(e.descendants('13')); e.roots(); next(iter(e))",
    ],
)
def test_a_first_status_makes_no_values(store: Path, question: str) -> None:
    """What is answered with texts, truths and statuses imports no attrs, no hashes, no paths, no values, no maps."""
    assert (HEAVY | UNNEEDED) & modules_after(question, store) == set()


def test_values_come_with_the_first_that_is_asked_for(store: Path) -> None:
    """A concept is the value that the package names, and asking for it imports no map."""
    found = modules_after(f"{EDITION}; assert type(e.lookup('M54.50')) is terminology.Concept", store)
    assert {"attrs", "terminology.model"} <= found
    assert "terminology.mapping" not in found


def test_tables_load_arrow_only(store: Path) -> None:
    """A whole table loads pyarrow, but neither readers nor the packages that only loading needs."""
    found = modules_after("import terminology; terminology.open(path)['icd10cm'].latest.table('concepts')", store)
    assert "pyarrow" in found
    assert found & {"lxml", "networkx", "python_calamine", "terminology_loaders", "click", "rich"} == set()


def test_loading_is_there_when_asked_for() -> None:
    """`terminology.load` is a public name, though it is imported late."""
    code = "import terminology; late = 'terminology.ingest' not in sys.modules; terminology.load; assert late"
    assert "terminology.ingest" in modules_after(code, Path())


@pytest.mark.parametrize("name", ["licences.outgoing", "model.Concept", "mapping"])
def test_modules_that_are_named_in_full(name: str) -> None:
    """What documentation writes as `terminology.licences.outgoing` needs no import of its own."""
    modules_after(f"import terminology; terminology.{name}", Path())


@pytest.mark.parametrize("name", ["duckdb", "spark"])
def test_engines_are_imported_when_they_are_used(name: str) -> None:
    """To name the module imports no engine and no pyarrow, so it can be named where the extra is not installed."""
    found = modules_after(f"import terminology; terminology.{name}.register; import terminology.{name}", Path())
    assert {"duckdb", "numpy", "pyarrow", "pyspark"} & found == set()


def test_every_public_name_is_there() -> None:
    """Every name of `__all__` can be had, by itself and by the star; what is no name is said as Python says it."""
    assert [] == [name for name in terminology.__all__ if not hasattr(terminology, name)]
    code = "from terminology import *; import terminology; assert set(terminology.__all__) <= set(globals())"
    modules_after(code, Path())
    with pytest.raises(AttributeError, match="module 'terminology' has no attribute 'Concpet'"):
        _ = terminology.Concpet
