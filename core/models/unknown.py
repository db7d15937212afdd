"""What outputs look like that no decoder knows: what was seen, and what to do about it."""

from __future__ import annotations

from core.errors import InputError
from core.models.facts import Facts, Output, Shape

_MOST_NAMED = 8
_CHOOSE = "Choose the model of an object detector."
_DECODED = (
    "Export it with its boxes decoded, as one output of rows or as boxes, scores and labels: "
    "its project's exporter has an option for that."
)
# Lengths of rows that a graph lists with more than a box, a score and a class.
_LISTED = {38: "32 coefficients of a mask", 57: "51 of a pose", 21: "15 of landmarks"}
_MOST_LISTED = 300
_COARSE = 8  # pixels of the input a cell, from which on maps are those of a detector's heads


def unknown_outputs(facts: Facts) -> InputError:
    """The refusal of a network whose outputs no decoder knows."""
    seen, next_step = _seen(facts)
    named = [output.shape for output in facts.outputs[:_MOST_NAMED]]
    more = len(facts.outputs) - len(named)
    shapes = ", ".join(map(_told, named)) + (f" and {more} more" if more else "")
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
        first, second = (_side(side) for side in tables[0].sides)
        more = _LISTED.get(tables[0].sides[1] or 0)
        if more and (tables[0].sides[0] or 0) <= _MOST_LISTED:
            return (
                f"rows of {second} values, a box, a score, a class and {more}",
                _CHOOSE,
            )
        return (
            f"one table of {first} by {second} values, in which neither boxes for the cells of "
            f"the {facts.picture.width}x{facts.picture.height} input nor a list of boxes is seen",
            _DECODED,
        )
    return "boxes, scores and classes are not to be told apart in them", _DECODED


def _seen_in_maps(facts: Facts, maps: list[Output]) -> tuple[str, str]:
    sides = [side or 0 for output in maps for side in output.shape[1:]]
    if max(sides) * _COARSE > max(facts.picture.width, facts.picture.height) and len(maps) == 1:
        return (
            "one map of values all over the image, as models of segmentation or depth give",
            _CHOOSE,
        )
    which = "maps of cells" if len(maps) > 1 else "one map of cells"
    return (f"{which}, as heads of a detector have whose boxes are not decoded yet", _DECODED)


def _is_one_row(output: Output) -> bool:
    sides = [side for side in output.shape if side != 1]
    return bool(output.shape) and len(sides) <= 1 and output.shape[0] in (1, None)


def _landmarks(outputs: tuple[Output, ...]) -> bool:
    """Whether tables of as many rows have a box, scores, and points of x and y in each."""
    rows = {output.sides[0] for output in outputs if len(output.sides) == 2}
    lengths = {output.sides[1] for output in outputs if len(output.sides) == 2}
    return len(outputs) >= 3 and len(rows) * 3 == len(outputs) and {4, 10} <= lengths


def _told(shape: Shape) -> str:
    return "[" + ",".join(_side(side) for side in shape) + "]" if shape else "[...]"


def _side(side: int | None) -> str:
    return "?" if side is None else str(side)
