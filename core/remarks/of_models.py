"""How a model is used, why the program believes it, and how two models differ in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.remarks.words import listed

_AXES = {"color_order": "color order", "pad_value": "pad value"}


def _stated(facts: Mapping[str, Any]) -> str:
    titles = ", ".join(_AXES.get(name, name) for name in facts["fields"])
    return f"{facts['source']} states its {titles}."


def _photos(count: int) -> str:
    return f"{count} of your images" if count > 1 else "one of your images"


def _tried(facts: Mapping[str, Any]) -> str:
    count = facts["images"]
    mirrored = "their mirror images" if count > 1 else "its mirror image"
    return (
        f"Tried on {_photos(count)} and {mirrored}. The figures are the scores of what is found in "
        "both, summed over an image."
    )


def _finds_nothing(facts: Mapping[str, Any]) -> str:
    return f"In {_photos(facts['images'])} it finds next to nothing: {_by_convention(facts)}"


def _none_tried(facts: Mapping[str, Any]) -> str:
    return f"None of your images could be read: {_by_convention(facts)}"


def _by_convention(facts: Mapping[str, Any]) -> str:
    taken = listed(facts["taken"])
    are = "are" if len(facts["taken"]) > 1 else "is"
    return f"nothing speaks for or against a choice. {taken} {are} taken by convention alone."


def _names_beside(facts: Mapping[str, Any]) -> str:
    how = f"; {facts['how']}" if facts["how"] else ""
    return f"Class names come from {facts['file']} beside the model{how}."


def _other_names(facts: Mapping[str, Any]) -> str:
    others = f", and {facts['others']} others" if facts["others"] else ""
    return (
        f"Their class names differ: what the parent calls {facts['parent']} the optimized model "
        f"calls {facts['optimized']}{others}."
    )


SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "set_by_user": "Set by you.",
    "metadata_states": _stated,
    "quantized_input": "Its quantized input represents {values}.",
    # Trials on images.
    "tried": _tried,
    "finds_nothing": _finds_nothing,
    "none_tried": _none_tried,
    "no_difference": "{usual} and {other} do equally well ({best:.2f}): {usual} is taken by "
    "convention.",
    "other_better": "{other} does better than {usual} ({best:.2f} against {worst:.2f}).",
    "other_not_enough": "{other} does better than the usual {usual}, but not enough ({best:.2f} "
    "against {worst:.2f}).",
    "usual_better": "{usual} does better than {other} ({best:.2f} against {worst:.2f}).",
    "sure_of_noise": "{way} finds as much in noise, and is left out.",
    # Class names.
    "names_chosen": "You chose the class names.",
    "names_beside": _names_beside,
    "names_in_metadata": "Class names come from {source}.",
    "names_published": "Class names are those published with {model}.",
    "names_of_dataset": "Class names are those of the dataset.",
    "names_bundled": "It has {classes:classes}, as {title} has; its names are used.",
    "names_unknown": "The names of its {classes:classes} are not known; a labels.txt beside the "
    "model provides them.",
    "names_as_many": "{title} has as many: choose its names if it was trained on that.",
    "names_misfit": "{source} has {names:names} for {classes:classes}, and is not used.",
    "names_unreadable": "{file} is not used: {why}",
    # Differences of two models.
    "models_differ": "Parent and optimized model are used differently, each as its own card says.",
    "inputs_differ": "The parent takes {parent}; the optimized model takes {optimized}.",
    "outputs_differ": "The parent's outputs are read as {parent}; the optimized model's as "
    "{optimized}.",
    "class_counts_differ": "The parent has {parent} class names, the optimized model {optimized}; "
    "classes are matched by name.",
    "class_names_differ": _other_names,
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
