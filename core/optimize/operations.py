"""The operations of a model that a plan can ignore, so that they stay in float."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from core.models.plan import Part, QuantizationPlan
from core.values import Stored, Value

if TYPE_CHECKING:
    import openvino as ov


class Operation(Value):
    """One operation: its name, and its type such as ``Convolution``."""

    name: str
    kind: str


class OperationList(Stored):
    """A model's operations in the order of the graph, and names of those in each of its parts.

    Arithmetic of shapes, which never sees the image, is left out. `ignored` are names of those
    that the plan asked about ignores.
    """

    operations: tuple[Operation, ...]
    parts: dict[Part, tuple[str, ...]]
    ignored: tuple[str, ...] = ()


def list_operations(model: ov.Model, plan: QuantizationPlan | None = None) -> OperationList:
    """The operations and parts of `model`; parts that it does not have are left out.

    Raises InputError where `plan` names what the model does not have.
    """
    from core.metrics.tensors.layers import depending_on_image
    from core.optimize.scope import computing_operations, ignored_operations
    from core.optimize.structure import Structure

    structure, depending = Structure(model), depending_on_image(model)
    parts: dict[Part, tuple[str, ...]] = {}
    for part in get_args(Part):
        names = structure.operations_of(part)
        if names:
            parts[part] = names
    return OperationList(
        operations=tuple(
            Operation(name=name, kind=kind)
            for name, kind in computing_operations(model).items()
            if name in depending
        ),
        parts=parts,
        ignored=ignored_operations(plan, model) if plan is not None else (),
    )
