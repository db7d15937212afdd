"""From a file of the user's to a model that every job can use."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, WorkbenchError
from core.images.decode import read_image
from core.models.adjusting import Overrides, adjusted
from core.models.batch_axis import with_batch_axis
from core.models.decoders.base import Decoder
from core.models.decoders.registry import recognise
from core.models.detector import Detector, Recognition
from core.models.facts import Facts, ImageInput, facts_of
from core.models.info import gflops_of
from core.models.inputs import extra_inputs
from core.models.metadata import Metadata, file_metadata, graph_metadata
from core.models.naming import chosen_names, class_names
from core.models.preprocessing import Preprocessing
from core.models.reading import read_model
from core.models.running import FirstRuns, noise
from core.models.shapes import fix_shapes
from core.models.sources import (
    find_model_file,
    framework_of,
    model_name,
    model_size_bytes,
    safe_name,
)
from core.models.spare_outputs import without_raw_heads
from core.models.stored import (
    CARD_SUFFIX,
    StoredModel,
    load_stored,
    require_options,
    store_model,
    weights_sha256,
)
from core.models.tasks import refuse_masks, require_detection
from core.models.trial import SIDE_BY_SIDE, try_out
from core.models.usual_outputs import with_usual_outputs
from core.models.weights import unpack_weights
from core.remarks.remark import Remark, remark

if TYPE_CHECKING:
    import openvino as ov

    from core.models.decoders.registry import Claim
    from core.models.preprocessing import Image

_CHANNELS_LAST = {"tensorflow", "tflite"}
_MEMORY = ("ReadValue", "Assign")
_MOST_INFINITE = 0.5  # share of an output's values: some are where an exponential overflows


@dataclass(frozen=True)
class Evidence:
    """What an import may look at besides the model.

    Attributes:
        images: the user's, to try guesses on.
        class_names: of the dataset that they belong to.
        overrides: what the user knows better.
    """

    images: Sequence[Path] = ()
    class_names: Sequence[str] = ()
    overrides: Overrides = field(default_factory=Overrides)


def import_model(
    source: Path,
    folder: Path,
    report: Callable[[str], None] = lambda stage: None,
    evidence: Evidence | None = None,
) -> StoredModel:
    """Copy the model at `source` into `folder` as IR, with a card that says how to use it.

    `report` gets each stage. Raises InputError where the file is no detector that is known.
    """
    evidence = evidence or Evidence()
    report("Reading the model")
    path = find_model_file(source)
    model = read_model(path)
    _refuse_memory(model, path)
    metadata = _metadata(model, path)
    packed_weights, framework = unpack_weights(model), framework_of(path)
    image_input = fix_shapes(model, metadata.image_size, framework in _CHANNELS_LAST, str(path))
    known = _detector_beside(path)
    report("Running it once")
    if known is not None:
        ways: tuple[Detector, ...] = (known, *load_stored(path).card.alternatives)
        runs = FirstRuns(model, str(path))
        _finite_outputs(runs, known, _first_image(evidence, image_input), path)
    else:
        ways = _recognised(model, image_input, path, metadata, evidence, report)
    detector = adjusted(ways[0], evidence.overrides, ways[1:])
    report("Copying it into the workspace")
    name = model_name(path)
    return store_model(
        model,
        folder / f"{safe_name(name)}.xml",
        name=name,
        source=path,
        framework=framework,
        detector=detector,
        source_bytes=model_size_bytes(path),
        alternatives=tuple(way for way in ways if way.decoder != detector.decoder),
        packed_weights=packed_weights,
    )


def _refuse_memory(model: ov.Model, path: Path) -> None:
    """Raises InputError where the network keeps values from one image to the next."""
    if model.get_variables() or any(op.get_type_name() in _MEMORY for op in model.get_ops()):
        raise InputError(
            f"{path} has a memory (ReadValue, Assign): what it finds in an image depends on the "
            "images before it, so no figures of it can be compared.",
            "Export it without its state, for images that stand alone.",
        )


def _metadata(model: ov.Model, path: Path) -> Metadata:
    beside, inside = file_metadata(path), graph_metadata(model)
    metadata = beside if beside.source else inside
    if not metadata.detects:
        raise InputError(
            f"{path} was made for another task: {metadata.task}.", "Choose a model that detects."
        )
    return metadata


def _recognised(
    model: ov.Model,
    image_input: ImageInput,
    path: Path,
    metadata: Metadata,
    evidence: Evidence,
    report: Callable[[str], None],
) -> tuple[Detector, ...]:
    """Every way to use the network, surest first; the first one has been tried on images."""
    facts, claims = _claims(model, image_input, path)
    unsure = () if metadata.exporter else claims[0][1].unsure
    runs = FirstRuns(model, str(path), at_once=SIDE_BY_SIDE if unsure and evidence.images else 1)
    detector = _as_detector(claims[0], facts, path, metadata, evidence)
    image = _first_image(evidence, image_input)
    outputs = _finite_outputs(runs, detector, image, path)
    require_detection(claims[0], facts, outputs, detector, str(path))
    ways = []
    for place, (decoder, claim) in enumerate(claims):
        try:
            seen = decoder.observe(outputs, claim)
            ways.append(_as_detector((decoder, seen), facts, path, metadata, evidence))
        except InputError:  # another way does not tell its classes, and need not
            if place == 0:
                raise
    if image_input.values is not None:
        unsure = tuple(axis for axis in unsure if axis != "values")
    gflops = gflops_of(model) if evidence.images else None
    tried = try_out(ways[0], unsure, runs, evidence.images, gflops, report)
    return (tried, *ways[1:])


def _claims(
    model: ov.Model, image_input: ImageInput, path: Path
) -> tuple[Facts, tuple[Claim, ...]]:
    """Who knows the network: as it is, or else with its outputs put into their usual form."""
    facts = facts_of(model, image_input)
    refuse_masks(facts, str(path))
    try:
        return facts, recognise(facts)
    except InputError as error:
        unknown = error
    batched = with_batch_axis(model)
    if without_raw_heads(model, facts_of(model, image_input)) or batched:
        facts = facts_of(model, image_input)
        refuse_masks(facts, str(path))
        with suppress(InputError):
            return facts, recognise(facts)
    if with_usual_outputs(model, facts):
        facts = facts_of(model, image_input)
        with suppress(InputError):
            return facts, recognise(facts)
    what = f"{path} is not recognized. {unknown.what}"
    raise InputError(what, unknown.next_step)


def _as_detector(
    claim: tuple[Decoder, Recognition],
    facts: Facts,
    path: Path,
    metadata: Metadata,
    evidence: Evidence,
) -> Detector:
    decoder, seen = claim
    chosen = evidence.overrides.class_names
    if chosen:
        names = chosen_names(chosen, seen.class_count)
        known_by: tuple[Remark, ...] = (remark("names_chosen"),)
    else:
        names, known_by = class_names(path, seen.class_count, metadata, evidence.class_names)
    preprocessing, stated = _informed(seen.preprocessing, metadata, facts.image_input)
    if facts.image_input.values is not None and facts.image_input.element_type == "f32":
        values = preprocessing.values_in_words()
        stated = (*stated, remark("quantized_input", values=values))
    return Detector(
        decoder=decoder.id,
        preprocessing=preprocessing,
        class_names=names,
        options=seen.options,
        confidence=seen.confidence,
        reasons=(*seen.reasons, *stated, *known_by),
        extra_inputs=extra_inputs(facts.model, facts.image_input.index),
        class_count=seen.class_count,
    )


def _informed(
    usual: Preprocessing, metadata: Metadata, image_input: ImageInput
) -> tuple[Preprocessing, tuple[Remark, ...]]:
    """The usual preprocessing with what the metadata says instead.

    Mean and scale are passed over where the graph has them inside.
    """
    known = image_input.scaled_inside or image_input.values is not None
    left_out = {"mean", "scale"} if known else set()
    stated: dict[str, Any] = {
        key: value
        for key in ("color_order", "resize", "mean", "scale", "pad_value")
        if key not in left_out and (value := getattr(metadata, key)) is not None
    }
    if not stated:
        return usual, ()
    reason = remark("metadata_states", source=metadata.source, fields=tuple(stated))
    return msgspec.structs.replace(usual, **stated), (reason,)


def _detector_beside(path: Path) -> Detector | None:
    """What the card beside a model of ours says, as long as it is of these very weights.

    Raises InputError where the card is damaged: a model is not to be used otherwise unseen.
    """
    if path.suffix.lower() != ".xml" or not os.path.lexists(path.with_suffix(CARD_SUFFIX)):
        return None
    try:
        card = load_stored(path).card
        if card.weights_sha256 != weights_sha256(path):
            return None
        require_options(card)
    except WorkbenchError as error:
        raise InputError(
            error.what, f"Remove {path.with_suffix(CARD_SUFFIX)}, to have the model examined anew."
        ) from error
    return card.detector


def _first_image(evidence: Evidence, image_input: ImageInput) -> Image:
    """One of the user's, or noise."""
    with suppress(InputError):
        if evidence.images:
            return read_image(evidence.images[0])
    return noise(image_input.width, image_input.height)


def _finite_outputs(
    runs: FirstRuns, detector: Detector, image: Image, path: Path
) -> list[NDArray[Any]]:
    """One inference: a damaged weights file shows itself as values that are no numbers."""
    outputs, _ = runs.outputs(detector, image)
    if any(np.isnan(value).any() or np.isinf(value).mean() > _MOST_INFINITE for value in outputs):
        raise InputError(
            f"{path} outputs NaN or infinite values.",
            "Its weights may be damaged, or too large for half precision: copy the file again, or "
            "export it with weights in 32-bit floats.",
        )
    return outputs
