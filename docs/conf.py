"""Configuration of the documentation.

Build it with ``sphinx-build -n -W -b html docs docs/_build/html``; run its examples with ``-b doctest``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import GoogleDocstring

import terminology

sys.path.insert(0, str(Path(__file__).parent))  # for _sample, which the examples use, and for commands

project = "terminology"
author = "The terminology authors"
project_copyright = "The terminology authors"
release = version = installed_version("terminology-server")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "commands",
]
# these tables are parts of pages
exclude_patterns = [
    "_build",
    "concepts/architecture-rooms.md",
    "concepts/columns-growth.md",
    "trust/performance-figures.md",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"terminology {version}"

default_role = "py:obj"  # `Name` in a docstring is a link to what it names
autodoc_class_signature = "separated"  # nobody makes these objects by hand: the façade hands them out
autodoc_default_options = {"exclude-members": "__init__, __new__, SHAPE"}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_numpy_docstring = False

# Without the network there is no inventory of the standard library and of other projects to link to.
nitpick_ignore_regex = [
    (r"py:.*", r"(collections\.abc|datetime|enum|os|pathlib|re|typing)\..*"),
    (r"py:.*", r"(duckdb|lxml|networkx|nx|pa|pyarrow|pyspark)\..*|_Element|DataFrame|SparkSession"),
]

# The examples in docstrings are run by pytest; those of the pages here, by the doctest builder.
doctest_test_doctest_blocks = ""
doctest_global_setup = """
import os
import terminology
from _sample import enter_scratch_folder, sample_store
_before = enter_scratch_folder()
sample_store = sample_store()
store = terminology.open(sample_store)
"""
doctest_global_cleanup = "os.chdir(_before)"

# "The short name: icd10cm, hcpcs …" above an attribute is a sentence, not a type and its meaning
GoogleDocstring._parse_attribute_docstring = lambda self: list(self._consume_to_end())  # type: ignore[method-assign]  # noqa: SLF001

PUBLIC_MODULES = (
    "terminology",
    "terminology.columns",
    "terminology.repairs",
    "terminology.drafts",
    "terminology.reading",
    "terminology.systems",
    "terminology.procedures",
    "terminology.index",
    "terminology.differences",
    "terminology.reports",
    "terminology.licences",
    "terminology.functions",
    "terminology.duckdb",
    "terminology.spark",
    "terminology.claims",
    "terminology.codelists",
    "terminology.exports",
    "terminology.fhir",
    "terminology.ingest",
    "terminology.model",
    "terminology.profiles",
    "terminology.update",
)


@functools.cache
def internal_names() -> frozenset[str]:
    """Return the names of all modules of the core, and of all that is defined in them."""
    names = set()
    for found in pkgutil.walk_packages(terminology.__path__, "terminology."):
        # not to be run; needs hypothesis; needs the SDK
        if found.name.endswith(("__main__", ".testing", ".mcp.protocol")):
            continue
        try:
            module = importlib.import_module(found.name)
        except ModuleNotFoundError:  # needs an extra that is not installed
            continue
        names.update({found.name.rpartition(".")[2], *vars(module)})
    return frozenset(names)


def public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: Element) -> Any:
    """Return a link to the public name of what a docstring or signature names by its module or by itself.

    What is internal, and so has no place in these pages, stays as text; what does not exist is warned of.
    """
    target = str(node.get("reftarget", ""))
    words = target.split(".")
    domain = env.domains["py"]
    documented = {name for name, _, kind, *_ in domain.get_objects() if kind != "module"}
    for module in PUBLIC_MODULES:
        for name in (target, words[-1], ".".join(words[-2:])):
            if f"{module}.{name}" in documented:
                node["reftarget"] = f"{module}.{name}"
                document = node.get("refdoc", env.docname)
                return domain.resolve_xref(env, document, app.builder, "obj", node["reftarget"], node, contnode)
    return contnode if words[0] in internal_names() or words[-1] in internal_names() else None


def public_signature(*event: Any) -> tuple[str | None, str | None]:
    """Return a signature without what readers have no use for: arguments that are ignored, functions as defaults."""
    *_, signature, returned = event
    if signature:
        signature = re.sub(r"(?<=[(\s])_(?=[a-z])", "", signature)
        signature = re.sub(r"= lambda [^:]*: [^,)]*", "= ...", signature)
    return signature, returned and returned.replace("_Element", "lxml.etree.Element")


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-signature", public_signature)
    app.connect("missing-reference", public_name)
