"""Files and functions stay short, or say why they are not.

The reason stands in the docstring of the function or of its file, in a paragraph that begins with
``Length:``.
"""

import ast

from launcher.checkout import ROOT

MOST_IN_A_FILE = 300
MOST_IN_A_FUNCTION = 40
REASON = "Length: "
ROOMS = ("app", "core", "packaging", "resources")

Documented = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


def too_long(source: str) -> list[str]:
    """What is longer than it should be and does not say why."""
    module = ast.parse(source)
    if says_why(module):
        return []
    lines = len(source.splitlines())
    found = [f"the file has {lines} lines"] if lines > MOST_IN_A_FILE else []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not says_why(node):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_IN_A_FUNCTION:
                found.append(f"{node.name}, line {node.lineno}, has {length} lines")
    return found


def says_why(node: Documented) -> bool:
    """Whether a reason stands in its docstring."""
    said = ast.get_docstring(node) or ""
    return any(line.startswith(REASON) and line != REASON for line in said.splitlines())


def test_what_is_long_says_why() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    assert len(files) > 500
    found = {str(path): too_long(path.read_text(encoding="utf-8")) for path in files}
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_a_long_function_and_a_long_file_are_found() -> None:
    body = "    x = 1\n" * 40
    assert too_long(f"def short():\n{body[: -len('    x = 1') - 1]}") == []
    assert too_long(f"def long():\n{body}") == ["long, line 1, has 41 lines"]
    assert too_long("x = 1\n" * 301) == ["the file has 301 lines"]


def test_a_reason_counts_where_one_looks_for_it() -> None:
    body = "    x = 1\n" * 40
    assert too_long(f'def long():\n    """Of data.\n\n    Length: a table.\n    """\n{body}') == []
    assert too_long(f'"""Data.\n\nLength: a table.\n"""\ndef long():\n{body}') == []
    assert too_long(f'def long():\n    """Its length: unknown."""\n{body}') != []
