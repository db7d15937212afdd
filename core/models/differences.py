"""How two models that belong together are used differently, in sentences."""

from __future__ import annotations

from core.models.detector import Detector


def differences(parent: Detector, optimized: Detector) -> tuple[str, ...]:
    """What is different in how images go in, outputs are read and classes are called."""
    told = []
    if _input(parent) != _input(optimized):
        one, other = parent.preprocessing.describe(), optimized.preprocessing.describe()
        told.append(f"The parent takes {one}; the optimized model takes {other}.")
    if (parent.decoder, parent.options) != (optimized.decoder, optimized.options):
        told.append(
            f"The parent's outputs are read as {_layout(parent)}; the optimized model's as "
            f"{_layout(optimized)}."
        )
    if parent.class_names != optimized.class_names:
        told.append(_different_names(parent.class_names, optimized.class_names))
    if not told:
        return ()
    return ("Parent and optimized model are used differently, each as its own card says.", *told)


def _input(detector: Detector) -> object:
    """Everything that decides what the network sees; a model of bytes scales them itself."""
    wanted = detector.preprocessing
    values = None if wanted.element_type == "u8" else (wanted.mean, wanted.scale)
    return (wanted.element_type, wanted.color_order, wanted.resize, wanted.pad_value, values)


def _layout(detector: Detector) -> str:
    options = ", ".join(f"{key} {value}" for key, value in sorted(detector.options.items()))
    return f"{detector.decoder} ({options})" if options else detector.decoder


def _different_names(parent: tuple[str, ...], optimized: tuple[str, ...]) -> str:
    if len(parent) != len(optimized):
        return (
            f"The parent has {len(parent)} class names, the optimized model {len(optimized)}; "
            "classes are matched by name."
        )
    pairs = [(a, b) for a, b in zip(parent, optimized, strict=True) if a != b]
    first, second = pairs[0]
    others = f", and {len(pairs) - 1} others" if len(pairs) > 1 else ""
    return (
        f"Their class names differ: what the parent calls {first} the optimized model calls "
        f"{second}{others}."
    )
