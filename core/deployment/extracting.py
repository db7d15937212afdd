"""One Python module out of the few definitions of this program that a detector needs.

Preprocessing, the reading of outputs and what a compiled model ran as exist once, in `core`. What a
package carries is that very code, not a second version of it: definitions are followed from the few
that it needs, and written down without what they do not use.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

from core.deployment.comparing import allowed, allowed_int8, difference
from core.inference.executed import executed, is_quantized
from core.inference.words import executed_text
from core.models.decoders.base import Decoder
from core.models.inputs import ExtraInput
from core.models.preprocessing import Preprocessing
from core.runtime import openvino_core
from core.values import Value

PROGRAM = "core"
_Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
_OPENCV = "core.images.opencv"


def processing_module(decoder: Decoder) -> str:
    """Source of a module with `Preprocessing`, `ExtraInput` and the decoder's class.

    It needs numpy and OpenCV only.
    """
    return _module_of(_PROCESSING, Preprocessing, ExtraInput, type(decoder))


def running_module() -> str:
    """Source of a module that makes OpenVINO's core, and says how a compiled model runs.

    It turns OpenVINO's telemetry off, needs OpenVINO and numpy only, and has `openvino_core`,
    `is_quantized`, `executed` and `executed_text` with their values, and what a self-test judges
    by.
    """
    judging = (difference, allowed, allowed_int8)
    wanted = (openvino_core, is_quantized, executed, executed_text, *judging)
    return f"{_module_of(_RUNNING, *wanted)}\n\n{_SILENT}"


def _module_of(head: str, *wanted: type | Callable[..., Any]) -> str:
    extract = _Extract()
    for one in wanted:
        extract.follow(one.__module__, one.__name__)
    return extract.source(head)


@dataclass(frozen=True, eq=False)
class _Module:
    """A module's definitions, and where the other names in it come from."""

    name: str
    definitions: dict[str, _Definition]
    imports: dict[str, tuple[str, str]]  # of the program: module and name there
    others: dict[str, str]  # from elsewhere: the line that imports it


@cache
def _module(name: str) -> _Module:
    tree = ast.parse(inspect.getsource(importlib.import_module(name)))
    definitions: dict[str, _Definition] = {}
    imports: dict[str, tuple[str, str]] = {}
    others: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign):
            definitions |= {one.id: node for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            definitions[node.target.id] = node
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PROGRAM):
            imports |= {one.asname or one.name: (str(node.module), one.name) for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            others |= {
                one.asname or one.name: f"from {node.module} import {_alias(one)}"
                for one in node.names
            }
        elif isinstance(node, ast.Import):
            others |= {one.asname or one.name: f"import {_alias(one)}" for one in node.names}
    return _Module(name, definitions, imports, others)


def _alias(name: ast.alias) -> str:
    return f"{name.name} as {name.asname}" if name.asname else name.name


@dataclass
class _Extract:
    """The definitions so far, each after those that it needs."""

    done: dict[tuple[str, str], ast.stmt | None] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)  # by what they are called here
    lines: set[str] = field(default_factory=set)  # imports

    def follow(self, module: str, name: str) -> str:
        """Take in a definition with all that it needs; what it is called here."""
        found = _module(module)
        if name in found.imports:
            return self.follow(*found.imports[name])
        key = (module, name)
        if key in self.done:
            return next(called for called, what in self.names.items() if what == key)
        called = name
        if name in self.names:
            module_there, name_there = self.names[name]
            other = _module(module_there).definitions[name_there]
            if ast.dump(other) == ast.dump(found.definitions[name]):
                return name  # both say the same, such as what `Floats` are
            called = f"{module.rsplit('.', 1)[-1]}_{name}"
        self.names[called] = key
        self.done[key] = None  # it may need itself
        node = _reduced(found.definitions[name])
        node = _Here(self, found).visit(node)
        _name(node, called)
        del self.done[key]
        self.done[key] = node
        return called

    def source(self, head: str) -> str:
        """The module, with this docstring."""
        statements = [ast.fix_missing_locations(node) for node in self.done.values() if node]
        body = "\n\n\n".join(ast.unparse(node) for node in statements)
        standard = sorted(line for line in self.lines if _is_standard(line))
        others = sorted(self.lines - set(standard))
        imports = ["from __future__ import annotations", "\n".join(standard), "\n".join(others)]
        return "\n\n".join([head, *filter(None, imports)]) + f"\n\n\n{body}\n"


_PROCESSING = (
    '"""Images into the model\'s input, and its outputs into boxes: numpy and OpenCV only."""'
)
_RUNNING = '"""How a model runs, and how far what it finds may lie from what is stored."""'
_SILENT = """\
import sys

sys.modules["openvino_telemetry"] = None  # "not installed": OpenVINO sends nothing to anyone
"""


def _is_standard(line: str) -> bool:
    return line.split()[1].split(".", maxsplit=1)[0] in sys.stdlib_module_names


def _name(node: ast.stmt, called: str) -> None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        node.name = called
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        assert isinstance(target, ast.Name)
        target.id = called


def _reduced(definition: _Definition) -> ast.stmt:
    """A copy, of a class without the methods and attributes that decoding does not need."""
    node = copy.deepcopy(definition)
    if not isinstance(node, ast.ClassDef):
        return node
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    decodes = any(base == "Decoder" or base.startswith("_") for base in bases)
    methods = {one.name for one in _methods(node)}
    wanted = _reachable(node, {"decode"} if decodes else methods & _NEEDED)
    if not decodes:
        wanted |= {name for name in methods if name.startswith("__")}
    docstring = node.body[0]
    node.body = [one for one in node.body if one is docstring or _kept(one, wanted, decodes)]
    if "Value" in bases:  # checked by msgspec in the program; here a plain dataclass
        keywords = [ast.keyword(one, ast.Constant(True)) for one in ("frozen", "kw_only")]
        node.decorator_list.append(ast.Call(ast.Name("dataclass"), [], keywords))
    node.bases = [
        base for base in node.bases if getattr(base, "id", "") not in ("Decoder", "Value")
    ]
    return node


def _kept(member: ast.stmt, wanted: set[str], decodes: bool) -> bool:
    if isinstance(member, ast.FunctionDef):
        return member.name in wanted
    if isinstance(member, ast.Assign) and decodes:
        return not _targets(member) <= _DESCRIBING
    return isinstance(member, ast.AnnAssign)  # a field of a dataclass


_DESCRIBING = {"id", "title", "choices"}  # of a decoder, for the user
# Methods that decoding uses, of the classes that come along with it.
_NEEDED = {
    "place", "apply", "_normalised", "drawn_width", "drawn_height", "to_original", "none", "best",
    "where", "by_cell", "of_shape", "sides", "tensor",
}  # fmt: skip


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [one for one in node.body if isinstance(one, ast.FunctionDef)]


def _targets(node: ast.Assign) -> set[str]:
    return {one.id for one in node.targets if isinstance(one, ast.Name)}


def _reachable(node: ast.ClassDef, wanted: set[str]) -> set[str]:
    """`wanted` and every other member that these use through ``self``."""
    members = {one.name: one for one in _methods(node)}
    seen: set[str] = set()
    ahead = list(wanted)
    while ahead:
        name = ahead.pop()
        seen.add(name)
        inside = ast.walk(members[name]) if name in members else ()
        ahead += [
            one.attr
            for one in inside
            if isinstance(one, ast.Attribute)
            and isinstance(one.value, ast.Name)
            and one.value.id in ("self", node.name)
            and one.attr not in seen
        ]
    return seen


class _Here(ast.NodeTransformer):
    """A definition as it stands in the new module: its names followed and renamed."""

    def __init__(self, extract: _Extract, module: _Module) -> None:
        self._extract = extract
        self._module = module
        self._live = importlib.import_module(module.name)

    def visit(self, node: ast.AST) -> Any:
        """The node, or what stands for it; None takes it out."""
        if isinstance(node, ast.ImportFrom) and node.module == _OPENCV:
            self._extract.lines.add("import cv2")
            return None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            thing = getattr(self._live, node.value.id, None)
            if isinstance(thing, Value):  # a setting of the program: what it says
                return ast.Constant(getattr(thing, node.attr))
            if isinstance(thing, ModuleType) and thing.__name__.startswith(PROGRAM):
                return ast.Name(self._extract.follow(thing.__name__, node.attr), node.ctx)
        if isinstance(node, ast.Name):
            return self._named(node)
        return self.generic_visit(node)

    def _named(self, node: ast.Name) -> ast.expr:
        module = self._module
        if node.id in module.definitions or node.id in module.imports:
            return ast.Name(self._extract.follow(module.name, node.id), node.ctx)
        if node.id in module.others:
            self._extract.lines.add(module.others[node.id])
        elif node.id == "dataclass":
            self._extract.lines.add("from dataclasses import dataclass")
        return node
