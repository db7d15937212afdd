"""What outputs look like that no decoder knows: what was seen, and what to do about it."""

from __future__ import annotations

from core.errors import InputError
from core.models.decoders.heads import Head
from core.models.facts import Facts, Output

_MOST_NAMED = 8
_CHOOSE = "Choose the model of an object detector."
_DECODED = (
    "Export it with its boxes decoded, as one output of rows or as boxes, scores and labels: "
    "its project's exporter has an option for that."
)
# Lengths of rows that a graph lists with more than a box, a score and a class.
_LISTED = {38: "32 coefficients of a mask", 57: "51 of a pose", 21: "15 of landmarks"}
_MOST_LISTED = 300
_BOX = 4
_FACE_POINTS = 10  # x and y of two eyes, the nose and two corners of the mouth
_COARSEST = 32  # from which on they are hardly anything else
_COARSE = 8  # pixels of the input a cell, from which on maps are those of a detector's heads


def unknown_outputs(facts: Facts) -> InputError:
    """The refusal of a network whose outputs no decoder knows."""
    seen, next_step = _seen(facts)
    named = facts.outputs[:_MOST_NAMED]
    more = len(facts.outputs) - len(named)
    shapes = ", ".join(map(_shape_text, named)) + (f" and {more} more" if more else "")
    return InputError(f"No known detector has the outputs {shapes}: {seen}.", next_step)


def _seen(facts: Facts) -> tuple[str, str]:
    outputs = facts.outputs
    if all(_is_one_row(output) for output in outputs):
        return (
            "for a whole image they give one row of numbers, as models do that classify images, "
            "or compare them",
            _CHOOSE,
        )
    maps = [output for output in outputs if len(output.shape) >= 4]
    if maps and len(maps) == len(outputs):
        return _seen_in_maps(facts, maps)
    if _landmarks(outputs):
        return "beside boxes and scores they give points, as models of faces do", _CHOOSE
    tables = [output for output in outputs if len(output.sides) == 2]
    if len(tables) == len(outputs) == 1:
        return _seen_in_table(facts, tables[0])
    return "boxes, scores and classes cannot be told apart in them", _DECODED


def _seen_in_table(facts: Facts, table: Output) -> tuple[str, str]:
    if table.sides[1] == 3 and table.element_type.startswith("i"):
        return (
            "it says which boxes NMS has chosen, but neither the boxes nor their scores",
            "Export it with its boxes and scores as outputs, or with those that were chosen.",
        )
    first, second = (_side(side) for side in table.sides)
    more = _LISTED.get(table.sides[1] or 0)
    if more and (table.sides[0] or 0) <= _MOST_LISTED:
        return (
            f"rows of {second} values, a box, a score, a class and {more}",
            _CHOOSE,
        )
    return (
        f"one table of {first} by {second} values, in which neither boxes for the cells of "
        f"the {facts.image_input.width}x{facts.image_input.height} input nor a list of boxes "
        "is seen",
        _DECODED,
    )


def _seen_in_maps(facts: Facts, maps: list[Output]) -> tuple[str, str]:
    width, height = facts.image_input.width, facts.image_input.height
    heads = [Head.of_shape(output.shape, width, height) for output in maps]
    fine = not any(head and head.stride >= _COARSE for head in heads)
    if all(output.segments for output in maps) or (len(maps) == 1 and fine):
        return (
            f"{'one map' if len(maps) == 1 else 'maps'} of values all over the image, as models "
            "of segmentation or depth give",
            _CHOOSE,
        )
    if len(maps) == 1 and heads[0] and heads[0].stride < _COARSEST:
        return (
            f"one map of {heads[0].channels} values for every {heads[0].stride} pixels, as models "
            "of segmentation give for their classes, or a detector's head whose boxes are not "
            "decoded",
            "Choose the model of an object detector, exported with its boxes decoded.",
        )
    which = "maps of cells" if len(maps) > 1 else "one map of cells"
    return (f"{which}, as heads of a detector have whose boxes are not decoded yet", _DECODED)


def _is_one_row(output: Output) -> bool:
    sides = [side for side in output.shape if side != 1]
    first = output.shape[0] if output.shape else 1
    return not output.any_rank and len(sides) <= 1 and first in (1, None)


def _landmarks(outputs: tuple[Output, ...]) -> bool:
    """Whether tables of as many rows, or one joined of them, have a box, scores and points."""
    sides = [output.sides for output in outputs if len(output.sides) == 2]
    if len(outputs) == len(sides) == 1:
        lengths = set(outputs[0].parts(sides[0][1] or 0))
        return _BOX in lengths and _FACE_POINTS in lengths
    rows, lengths = {first for first, _ in sides}, {second or 0 for _, second in sides}
    alike = len(outputs) == len(sides) and len(outputs) % len(rows) == 0
    apart = alike and len(outputs) // len(rows) >= 3
    return apart and _BOX in lengths and _FACE_POINTS in lengths


def _shape_text(output: Output) -> str:
    if output.any_rank:
        return "[...]"
    return "[" + ",".join(map(_side, output.shape)) + "]" if output.shape else "[] (one number)"


def _side(side: int | None) -> str:
    return "?" if side is None else str(side)
