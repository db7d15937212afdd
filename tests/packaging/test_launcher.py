"""How the launcher's modules hang together."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

from launcher.checkout import ROOT

LAUNCHER = ROOT / "packaging" / "launcher"


def imported(module: Path) -> set[str]:
    """The launcher's modules that this one imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "launcher":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            package, _, name = node.module.partition(".")
            found |= {name} if package == "launcher" else set()
    return found


def test_no_two_modules_need_each_other() -> None:
    graph = {module.stem: imported(module) for module in LAUNCHER.glob("*.py")}

    TopologicalSorter(graph).prepare()  # raises CycleError, and names the circle

    assert graph["commands"] >= {"environment", "shortcut", "suite"}, "imports were read"
