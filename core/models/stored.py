"""A model in a folder of ours: the IR, and beside it what the program knows about it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.causes import cause
from core.errors import WorkbenchError
from core.models.calibration_warnings import CalibrationWarning
from core.models.decoders.registry import LAYOUTS, decoder_of
from core.models.detector import Detector
from core.models.info import ModelInfo, model_info
from core.models.input_note import input_before
from core.models.outputs_note import OutputsBefore, outputs_before
from core.models.plan import AccuracyOutcome, QuantizationPlan
from core.models.plan_note import plan_of
from core.models.preprocessing import Preprocessing, in_range
from core.runtime import openvino_core
from core.values import MAKE_AGAIN, Stored, Value, read_json, write_json

if TYPE_CHECKING:
    import openvino as ov

_MOST = 2**63
_LONGEST_SIDE = 65_536  # pixels
_LARGEST_INPUT = 2**24  # values of an input besides the image
_INPUT_TYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "int64", "float16", "float32")
CARD_SUFFIX = ".card.json"  # not .json: a model may be called result, or dataset-0


class ModelCard(Stored):
    """What is known about a stored model.

    Attributes:
        name: what the user sees.
        source: where the file came from.
        info: facts of the network.
        detector: how it is used.
        weights_sha256: of the stored ``.bin``; equal weights mean equal models.
        plan: how it was quantized, for an optimized model.
        alternatives: other ways to use it that its outputs allow, surest first.
        warnings: what looked odd when it was optimized.
        outcome: what was kept of the accuracy, where that was asked for.
        input_before: how the parent takes images, where that was changed: for another input size.
        outputs_before: how the parent's outputs are read, where NMS became part of the network.
    """

    name: str
    source: Path
    info: ModelInfo
    detector: Detector
    weights_sha256: str
    plan: QuantizationPlan | None = None
    alternatives: tuple[Detector, ...] = ()
    warnings: tuple[CalibrationWarning, ...] = ()
    outcome: AccuracyOutcome | None = None
    input_before: Preprocessing | None = None
    outputs_before: OutputsBefore | None = None


class StoredModel(Value):
    """Where a model lies, and its card."""

    xml: Path
    card: ModelCard


def store_model(
    model: ov.Model,
    xml: Path,
    *,
    name: str,
    source: Path,
    framework: str,
    detector: Detector,
    source_bytes: int | None = None,
    plan: QuantizationPlan | None = None,
    alternatives: tuple[Detector, ...] = (),
    warnings: tuple[CalibrationWarning, ...] = (),
    outcome: AccuracyOutcome | None = None,
    packed_weights: int = 0,
) -> StoredModel:
    """Write ``xml``, its ``.bin`` with the weights just as they are, and the card beside them.

    `source_bytes` is the size of the user's file; without it, the size of what was written. Without
    `plan`, the card has the one that the model itself carries. `packed_weights` are those that
    the user's file has in 8 bits.
    """
    written = _write(model, xml)
    card = ModelCard(
        name=name,
        source=source,
        info=model_info(model, framework, source_bytes or written, packed_weights),
        detector=detector,
        weights_sha256=weights_sha256(xml),
        plan=plan or plan_of(model),
        alternatives=alternatives,
        warnings=warnings,
        outcome=outcome,
        input_before=input_before(model),
        outputs_before=outputs_before(model),
    )
    write_json(xml.with_suffix(CARD_SUFFIX), card)
    return StoredModel(xml=xml, card=card)


def _write(model: ov.Model, xml: Path) -> int:
    """Write a graph and its weights; gives the bytes of both."""
    import openvino as ov

    try:
        ov.save_model(model, xml, compress_to_fp16=False)
        openvino_core().read_model(xml)  # a disk that is full shows itself here, or not at all
    except RuntimeError as error:
        raise WorkbenchError(
            f"{xml.name} could not be written whole.",
            "The disk is probably full: free some space and start again.",
        ) from error
    return xml.stat().st_size + xml.with_suffix(".bin").stat().st_size


def load_stored(xml: Path) -> StoredModel:
    """The model that was stored at `xml`; raises WorkbenchError where its card is none.

    The options of a layout are left to whoever uses it: see `require_options`.
    """
    path = xml.with_suffix(CARD_SUFFIX)
    card = read_json(path, ModelCard)
    wrong = next((what for wanted, what in _conditions(card) if not wanted), "")
    if wrong:
        raise WorkbenchError(f"{path} is damaged: {wrong}.", MAKE_AGAIN)
    return StoredModel(xml=xml, card=card)


def read_network(xml: Path) -> ov.Model:
    """The network that was stored at `xml`; raises WorkbenchError where a file of it is missing

    or damaged. For what anyone may have written there is `core.models.reading`.
    """
    try:
        return openvino_core().read_model(xml)
    except RuntimeError as error:
        if "bad_alloc" in str(error):
            raise
        files = xml, xml.with_suffix(".bin")
        missing = next((one for one in files if not one.exists()), None)
        if missing is not None:
            raise WorkbenchError(f"{missing} is missing.", MAKE_AGAIN) from error
        raise WorkbenchError(f"{xml} cannot be read: {cause(error)}.", MAKE_AGAIN) from error


def require_options(card: ModelCard) -> None:
    """Raises WorkbenchError where a layout of the card has options that it cannot have.

    For cards from outside: whoever decodes is told by `decoder_of` itself.
    """
    for one in (card.detector, *card.alternatives):
        decoder_of(one)


def _conditions(card: ModelCard) -> Iterator[tuple[bool, str]]:
    """What holds of every card that the program wrote, and what is said where it does not."""
    detector, info = card.detector, card.info
    yield 0 <= info.parameters <= _MOST and 0 <= info.size_bytes <= _MOST, "its size is none"
    yield info.gflops is None or 0 <= info.gflops <= _MOST, "its GFLOPs are none"
    for one in (detector, *card.alternatives):
        yield one.decoder in LAYOUTS, f"the output layout {one.decoder!r} does not exist"
        image = one.preprocessing
        yield min(image.width, image.height) > 0, "an input has no pixels"
        yield max(image.width, image.height) <= _LONGEST_SIDE, "an input is too large"
        yield 0 <= image.pad_value <= 255, "the padding is not a pixel value"
        numbers = (*image.mean, *image.scale)
        yield all(map(math.isfinite, numbers)), "the mean or scale is not a number"
        yield all(image.scale), "a scale is 0"
        for key, values in (("mean", image.mean), ("scale", image.scale)):
            yield in_range(key, values), f"the {key} would leave nothing of an image"
        inputs = [extra.shape for extra in one.extra_inputs]
        yield (
            all(0 < math.prod(shape) <= _LARGEST_INPUT for shape in inputs),
            "an input is too large",
        )
        yield all(e.element_type in _INPUT_TYPES for e in one.extra_inputs), "an input has no type"
        names = one.class_names
        yield bool(names), "it has no classes"
        yield (
            all(name.isprintable() or _is_text(name) for name in names),
            "the name of a class is not text",
        )


def _is_text(name: str) -> bool:
    """Whether it can be written down: half a character cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def weights_sha256(xml: Path) -> str:
    """Hash of the weights beside `xml`."""
    with xml.with_suffix(".bin").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
