"""How two models that belong together are used differently."""

from __future__ import annotations

import msgspec

from core.errors import InputError
from core.models.detector import Detector
from core.models.preprocessing import Preprocessing
from core.models.stored import ModelCard, StoredModel
from core.remarks.remark import Remark, remark


def require_same_ports(parent: StoredModel, optimized: StoredModel) -> None:
    """Raises InputError where inputs or outputs have other shapes: it is not a version of it.

    One whose input or outputs were changed on purpose says what they were before.
    """
    if _changed_from(parent, optimized):
        return
    ports = [(parent.card.info.inputs, optimized.card.info.inputs)]
    if not _lists_itself(parent, optimized):
        ports.append((parent.card.info.outputs, optimized.card.info.outputs))
    for mine, others in ports:
        if [port.shape for port in mine] != [port.shape for port in others]:
            raise InputError(
                f"{optimized.card.name} is not a version of {parent.card.name}: their inputs or "
                "outputs have different shapes.",
                "Choose the model that was made from this parent.",
            )


def _changed_from(parent: StoredModel, optimized: StoredModel) -> bool:
    """Whether it has an input changed from the parent's, and as many outputs, alike but for it."""
    before, own, card = parent.card.detector, parent.card.info, optimized.card
    return (
        card.input_before is not None
        and _input_shape(card.input_before) == _input_shape(before.preprocessing)
        and len(card.info.inputs) == len(own.inputs)
        and (_lists_itself(parent, optimized) or _as_many_outputs(parent.card, card))
    )


def _as_many_outputs(parent: ModelCard, optimized: ModelCard) -> bool:
    """Whether they are read alike, and have as many dimensions."""
    mine, others = ([len(port.shape) for port in one.info.outputs] for one in (parent, optimized))
    return parent.detector.decoder == optimized.detector.decoder and mine == others


def _lists_itself(parent: StoredModel, optimized: StoredModel) -> bool:
    """Whether its outputs are the parent's after NMS, which became part of it."""
    before = optimized.card.outputs_before
    return before is not None and before.decoder == parent.card.detector.decoder


def _input_shape(wanted: Preprocessing) -> tuple[int, int, str]:
    return wanted.width, wanted.height, wanted.layout


def used_as_before(optimized: StoredModel, parent: Detector) -> Detector:
    """How it is used, as if what is changed from that parent's input and outputs were not.

    What the parent has itself was changed before there was a parent.
    """
    card, detector = optimized.card, optimized.card.detector
    if card.input_before is not None and _input(detector) != _input(parent):
        detector = msgspec.structs.replace(detector, preprocessing=card.input_before)
    before = card.outputs_before
    if before is not None and detector.decoder != parent.decoder:
        detector = msgspec.structs.replace(detector, decoder=before.decoder, options=before.options)
    return detector


def differences(parent: Detector, optimized: Detector) -> tuple[Remark, ...]:
    """What is different in how images go in, outputs are read and classes are called."""
    found = []
    if _input(parent) != _input(optimized):
        one, other = parent.preprocessing.describe(), optimized.preprocessing.describe()
        found.append(remark("inputs_differ", parent=one, optimized=other))
    if (parent.decoder, parent.options) != (optimized.decoder, optimized.options):
        one, other = _layout(parent), _layout(optimized)
        found.append(remark("outputs_differ", parent=one, optimized=other))
    if parent.class_names != optimized.class_names:
        found.append(_different_names(parent.class_names, optimized.class_names))
    return (remark("models_differ"), *found) if found else ()


def _input(detector: Detector) -> object:
    """Everything that decides what the network sees; a model of bytes scales them itself."""
    wanted = detector.preprocessing
    values = None if wanted.element_type == "u8" else (wanted.mean, wanted.scale)
    return (wanted.element_type, wanted.color_order, wanted.resize, wanted.pad_value, values)


def _layout(detector: Detector) -> str:
    options = ", ".join(f"{key} {value}" for key, value in sorted(detector.options.items()))
    return f"{detector.decoder} ({options})" if options else detector.decoder


def _different_names(parent: tuple[str, ...], optimized: tuple[str, ...]) -> Remark:
    if len(parent) != len(optimized):
        return remark("class_counts_differ", parent=len(parent), optimized=len(optimized))
    pairs = [(a, b) for a, b in zip(parent, optimized, strict=True) if a != b]
    one, other = pairs[0]
    return remark("class_names_differ", parent=one, optimized=other, others=len(pairs) - 1)
