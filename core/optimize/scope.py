"""A plan's ignored scope in a model: the operations that stay in float."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.models.plan import QuantizationPlan, Subgraph
from core.optimize.patterns import names_matching, shown
from core.optimize.structure import Structure

if TYPE_CHECKING:
    import openvino as ov

_SHOWN = 5
_NOT_COMPUTING = frozenset({"Constant", "Parameter", "Result"})


def computing_operations(model: ov.Model) -> dict[str, str]:
    """The operations that a plan may ignore, in the order of the graph: name and type."""
    return {
        op.get_friendly_name(): op.get_type_name()
        for op in model.get_ordered_ops()
        if op.get_type_name() not in _NOT_COMPUTING
    }


def ignored_operations(plan: QuantizationPlan, model: ov.Model) -> tuple[str, ...]:
    """Names of all operations of `model` that the plan ignores, in the graph's order.

    Raises InputError where the plan names what the model does not have. Types and parts are the
    exception: a recipe may list those of several models.
    """
    types = computing_operations(model)
    chosen = set(_named(plan.ignored_names, types, "operation"))
    if plan.ignored_parts:
        structure = Structure(model)
        for part in plan.ignored_parts:
            chosen.update(structure.operations_of(part))
    for pattern in plan.ignored_patterns:
        chosen |= _matching(pattern, types)
    for subgraph in plan.ignored_subgraphs:
        chosen |= _between(subgraph, model, types)
    chosen |= {name for name, kind in types.items() if kind in plan.ignored_types}
    return tuple(name for name in types if name in chosen)


def missing_types(plan: QuantizationPlan, model: ov.Model) -> tuple[str, ...]:
    """Types of the plan's ignored scope that the model does not have."""
    there = set(computing_operations(model).values())
    return tuple(kind for kind in plan.ignored_types if kind not in there)


def _named(names: Iterable[str], types: dict[str, str], what: str) -> tuple[str, ...]:
    names = tuple(names)
    unknown = [name for name in names if name not in types]
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        listed = ", ".join(f"'{name}'" for name in unknown[:_SHOWN])
        raise InputError(
            f"The plan names {listed}{more}, but the model has no such {what}.",
            "Take names of this model's operations; those of another model differ.",
        )
    return names


def _matching(pattern: str, types: dict[str, str]) -> set[str]:
    found = set(names_matching(pattern, types))
    if not found:
        raise InputError(
            f"The pattern '{shown(pattern)}' matches the name of no operation of the model.",
            "Patterns are matched from the beginning of a name: .*head finds head anywhere.",
        )
    return found


def _between(subgraph: Subgraph, model: ov.Model, types: dict[str, str]) -> set[str]:
    """Everything behind the subgraph's inputs that is also before its outputs, with both."""
    starts = set(_named(subgraph.inputs, types, "operation for a subgraph to begin at"))
    ends = set(_named(subgraph.outputs, types, "operation for a subgraph to end at"))
    by_name = {op.get_friendly_name(): op for op in model.get_ordered_ops()}
    behind = _reached((by_name[name] for name in starts), _consumers)
    before = _reached((by_name[name] for name in ends), _producers)
    found = behind & before & types.keys()
    if not found:
        raise InputError(
            f"No path leads from {', '.join(sorted(starts))} to {', '.join(sorted(ends))}.",
            "Specify the operation that comes first as the beginning of the subgraph.",
        )
    return found


def _reached(start: Iterable[Any], neighbours: Callable[[Any], Iterator[Any]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        op = waiting.pop()
        if op.get_friendly_name() not in seen:
            seen.add(op.get_friendly_name())
            waiting.extend(neighbours(op))
    return seen


def _consumers(op: Any) -> Iterator[Any]:
    for output in op.outputs():
        for reader in output.get_target_inputs():
            yield reader.get_node()


def _producers(op: Any) -> Iterator[Any]:
    for port in op.inputs():
        yield port.get_source_output().get_node()
