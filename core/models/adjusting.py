"""Overriding what an import guessed: what can be chosen, and the detector after a choice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from core.errors import InputError
from core.models.choices import Choice, fits
from core.models.decoders.registry import LAYOUTS, decoder_by_id
from core.models.detector import Detector, Option
from core.models.facts import NO_MEAN, NO_SCALE, UNIT_SCALE, Triple
from core.models.preprocessing import LARGEST_NUMBER, Preprocessing, Resize, in_range
from core.models.stored import ModelCard
from core.remarks.remark import remark
from core.remarks.words import shortened
from core.values import Value

COLOR_ORDERS = ("bgr", "rgb")
OVERRIDDEN = remark("set_by_user")
RESIZES: tuple[str, ...] = get_args(Resize)


class Overrides(Value):
    """What a user knows better; None and {} leave things as they are.

    Attributes:
        layout: id of the decoder.
        color_order, resize, mean, scale, pad_value: as in `Preprocessing`.
        class_names: one for each class, and perhaps one for the background before them.
        options: of the decoder, by the keys of its choices.
    """

    layout: str | None = None
    color_order: str | None = None
    resize: str | None = None
    mean: Triple | None = None
    scale: Triple | None = None
    pad_value: int | None = None
    class_names: tuple[str, ...] | None = None
    options: dict[str, Option] = msgspec.field(default_factory=dict)


class Layout(Value):
    """An output layout that a model may be read by, and how sure the program is of it."""

    id: str
    title: str
    confidence: float


class ValueRange(Value):
    """A usual way to bring pixels into a model's range: ``(pixel - mean) / scale``."""

    title: str
    mean: Triple
    scale: Triple


VALUE_RANGES = (
    ValueRange(title="0..255", mean=NO_MEAN, scale=NO_SCALE),
    ValueRange(title="0..1", mean=NO_MEAN, scale=UNIT_SCALE),
    ValueRange(title="-1..1", mean=(127.5,) * 3, scale=(127.5,) * 3),
    ValueRange(
        title="ImageNet, RGB", mean=(123.675, 116.28, 103.53), scale=(58.395, 57.12, 57.375)
    ),
    ValueRange(
        title="ImageNet, BGR", mean=(103.53, 116.28, 123.675), scale=(57.375, 57.12, 58.395)
    ),
)


class Possibilities(Value):
    """Everything that can be chosen for a stored model.

    Attributes:
        layouts: that its outputs allow, the present one first.
        color_orders, resizes, value_ranges: of the preprocessing.
        choices: options of the present layout.
    """

    layouts: tuple[Layout, ...]
    choices: tuple[Choice, ...]
    color_orders: tuple[str, ...] = COLOR_ORDERS
    resizes: tuple[str, ...] = RESIZES
    value_ranges: tuple[ValueRange, ...] = VALUE_RANGES


def possibilities(card: ModelCard, detector: Detector | None = None) -> Possibilities:
    """What can be chosen for a model, now that it is used as `detector` (the card's, if None)."""
    detector = detector or card.detector
    ways = {way.decoder: way for way in (detector, card.detector, *card.alternatives)}
    return Possibilities(
        layouts=tuple(
            Layout(id=key, title=decoder_by_id(key).title, confidence=way.confidence)
            for key, way in ways.items()
        ),
        choices=decoder_by_id(detector.decoder).choices,
    )


def adjusted(
    detector: Detector, overrides: Overrides, alternatives: Sequence[Detector] = ()
) -> Detector:
    """The detector as the user wants it; raises InputError for a choice that is none.

    `alternatives` are the other ways to use the model, of which `overrides.layout` chooses one.
    """
    if overrides == Overrides():
        return detector
    from core.models.naming import chosen_names

    changed = _with_layout(detector, overrides.layout, alternatives)
    wanted: dict[str, Any] = {}
    for key in ("color_order", "resize", "mean", "scale", "pad_value"):
        value = getattr(overrides, key)
        if value is not None:
            _check(key, value)
            wanted[key] = value
    wanted = {**_turned(changed.preprocessing, wanted), **wanted}
    options = {**changed.options, **_checked_options(changed, overrides.options)}
    return msgspec.structs.replace(
        changed,
        preprocessing=msgspec.structs.replace(changed.preprocessing, **wanted),
        class_names=(
            chosen_names(overrides.class_names, changed.class_count)
            if overrides.class_names
            else changed.class_names
        ),
        options=options,
        reasons=(*(r for r in changed.reasons if r != OVERRIDDEN), OVERRIDDEN),
    )


def _turned(usual: Preprocessing, wanted: dict[str, Any]) -> dict[str, Any]:
    """Mean and scale in the other order of channels, if the user turns that alone."""
    if wanted.get("color_order", usual.color_order) == usual.color_order:
        return {}
    return {"mean": usual.mean[::-1], "scale": usual.scale[::-1]}


def _with_layout(
    detector: Detector, layout: str | None, alternatives: Sequence[Detector]
) -> Detector:
    if layout in (None, detector.decoder):
        return detector
    for other in alternatives:
        if other.decoder == layout:
            return other
    known = ", ".join(one.decoder for one in (detector, *alternatives))
    if layout not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise InputError(f"There is no layout called '{layout}'.", f"The layouts are: {known}.")
    raise InputError(
        f"The model's outputs cannot be read as '{layout}'.", f"They can be read as: {known}."
    )


def _check(key: str, value: Any) -> None:
    allowed = {"color_order": COLOR_ORDERS, "resize": RESIZES}.get(key)
    if allowed is not None and value not in allowed:
        raise InputError(
            f"'{value}' is not a {key.replace('_', ' ')}.", f"Use {', '.join(allowed)}."
        )
    if key in ("mean", "scale") and not all(math.isfinite(one) for one in value):
        raise InputError(f"The {key} {list(value)} is not a number.", "Use three numbers.")
    if key == "scale" and not all(value):
        raise InputError("A scale of 0 would divide by zero.", "Use another scale.")
    if key in ("mean", "scale") and not in_range(key, value):
        raise InputError(
            f"The {key} {list(value)} would leave nothing of an image.",
            f"Pixel values are 0..255; use one up to {LARGEST_NUMBER:g}.",
        )
    if key == "pad_value" and not 0 <= value <= 255:
        raise InputError(f"{value} is not a pixel value.", "Use one in 0..255.")


def _checked_options(detector: Detector, options: dict[str, Option]) -> dict[str, Option]:
    choices = {choice.key: choice for choice in decoder_by_id(detector.decoder).choices}
    for key, value in options.items():
        choice = choices.get(key)
        if choice is None:
            known = ", ".join(choices) or "none"
            raise InputError(
                f"The layout has no option '{key}'.", f"The options that it has: {known}."
            )
        if choice.values and value not in choice.values:
            raise InputError(
                f"'{value}' is not a value of {key}.", f"Use {', '.join(choice.values)}."
            )
        if not fits(choice, value):
            limits = f", from {choice.smallest:g} to {choice.largest:g}"
            number = type(choice.default) in (int, float)
            raise InputError(
                f"{key} cannot be {shortened(repr(value))}.",
                f"It is {choice.default!r} by itself{limits if number else ''}.",
            )
    return options


def with_overrides(card: ModelCard, overrides: Overrides) -> ModelCard:
    """The card of a stored model with the user's overrides; raises InputError as `adjusted`.

    What it was used as before is among its alternatives if the layout is another one now.
    """
    detector = adjusted(card.detector, overrides, card.alternatives)
    ways = (card.detector, *card.alternatives)
    others = tuple(way for way in ways if way.decoder != detector.decoder)
    return msgspec.structs.replace(card, detector=detector, alternatives=others)
