"""What is defined is used: by the program itself, not only by its tests."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from core.cli.table import ENTRIES
from launcher.checkout import PYPROJECT, ROOT

ROOMS = ("app", "core", "packaging", "resources")
CALLED_FROM_OUTSIDE = {
    "_fields_",  # of a ctypes structure
    "handle_data",  # of html.parser
    "handle_endtag",
    "handle_startendtag",
    "handle_starttag",
    "max_redirections",  # of urllib
    "max_repeats",
    "pytest_addoption",
    "pytest_configure",
    "pytest_runtest_logstart",
    "pytest_xdist_node_collection_finished",
    "subgraph_isomorphisms_iter",  # in place of networkx's, which NNCF calls
    "up_to_date",  # tests/kills waits by it as a user waits by looking
}
NAMED_BY_QT = re.compile(r"[a-z]+([A-Z][a-z]+)+")  # ruff lets only these be written so


def defined(source: str) -> Iterator[str]:
    """Names of functions, classes and constants, wherever they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def dead(sources: list[str], named_elsewhere: str = "") -> set[str]:
    """Names that occur once in all of it: where they are defined."""
    words = Counter(re.findall(r"\w+", "\n".join([*sources, named_elsewhere])))
    names = {name for source in sources for name in defined(source)}
    return {name for name in names if words[name] == 1 and not name.startswith("__")}


def test_nothing_is_defined_that_the_program_does_not_use() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    files = [path for path in files if "sample" not in path.parts]  # as it ran in training
    assert len(files) > 500
    others = [PYPROJECT, *(ROOT / "core/documents/templates").iterdir()]
    named = "\n".join(path.read_text(encoding="utf-8") for path in others)
    named += " ".join(entry.constant for entry in ENTRIES.values())

    found = dead([path.read_text(encoding="utf-8") for path in files], named)

    assert {name for name in found if not NAMED_BY_QT.fullmatch(name)} <= CALLED_FROM_OUTSIDE
    assert found >= CALLED_FROM_OUTSIDE, "what is called from outside is listed only as long"


def test_a_function_and_a_constant_that_nobody_uses_are_found() -> None:
    used = "def used():\n    return LIMIT\n\n\nLIMIT = used()\n"
    assert dead([used]) == set()
    assert dead([used, "def lonely():\n    ...\n\n\nALONE = 1\n"]) == {"lonely", "ALONE"}
    assert dead(["ALONE = 1\n"], "[scripts] ALONE") == set()
