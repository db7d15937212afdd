"""From a file of the user's to a model that every job can use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.detection.labels import (
    label_map,
    labels_by_model_name,
    numbered_labels,
    read_labels,
)
from core.errors import InputError, WorkbenchError
from core.models.decoders.registry import decoder_by_id, recognise
from core.models.detector import Detector
from core.models.preprocessing import Preprocessing
from core.models.reading import FRAMEWORKS, find_model_file, model_size_bytes, read_model
from core.models.stored import (
    CARD_SUFFIX,
    StoredModel,
    load_stored,
    store_model,
    weights_sha256,
)
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

_MAPS_BY_COUNT = {80: ("coco-80", "COCO"), 20: ("voc-20", "Pascal VOC")}


def import_model(
    source: Path, folder: Path, report: Callable[[str], None] = lambda stage: None
) -> StoredModel:
    """Copy the model at `source` into `folder` as IR, with a card that says how to use it.

    `report` is told each stage. Raises InputError where the file is no detector that is known.
    """
    report("Reading the model")
    path = find_model_file(source)
    model = read_model(path)
    detector = _detector_beside(path) or _recognised(model, path)
    report("Running it once")
    _check_outputs(model, detector.preprocessing, path)
    report("Copying it into the workspace")
    return store_model(
        model,
        folder / f"{safe_name(path.stem)}.xml",
        name=path.stem,
        source=path,
        framework=FRAMEWORKS[path.suffix.lower()],
        detector=detector,
        source_bytes=model_size_bytes(path),
    )


def safe_name(name: str) -> str:
    """`name` as a file name that every system takes, at most 80 characters."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return kept.strip(".")[:80] or "model"


def _recognised(model: ov.Model, path: Path) -> Detector:
    decoder, claim = recognise(model)
    names, reason = _class_names(path, claim.class_count)
    return Detector(
        decoder=decoder.id,
        preprocessing=claim.preprocessing,
        class_names=names,
        options=claim.options,
        confidence=claim.confidence,
        reasons=(*claim.reasons, reason),
    )


def _detector_beside(path: Path) -> Detector | None:
    """What the card beside a model of ours says, as long as it is of these very weights."""
    if path.suffix.lower() != ".xml" or not path.with_suffix(CARD_SUFFIX).is_file():
        return None
    try:
        card = load_stored(path).card
        if card.weights_sha256 != weights_sha256(path):
            return None
        decoder_by_id(card.detector.decoder)
    except WorkbenchError:
        return None
    return card.detector


def _class_names(path: Path, count: int) -> tuple[tuple[str, ...], str]:
    """Names of the classes, and where they are from, in a sentence."""
    beside = next(
        (p for p in (path.with_suffix(".txt"), path.parent / "labels.txt") if p.is_file()), None
    )
    if beside is not None:
        names = read_labels(beside)
        if not count or len(names) >= count:
            return names, f"Class names come from {beside.name} beside the model."
    known = labels_by_model_name().get(path.stem)
    if known is not None and (not count or len(known) == count):
        return known, f"Class names are those published with {path.stem}."
    if count in _MAPS_BY_COUNT:
        map_name, title = _MAPS_BY_COUNT[count]
        return label_map(map_name), f"It has {count} classes, as {title} has; its names are used."
    if not count:
        raise InputError(
            f"{path} does not tell how many classes it has.",
            "Put a labels.txt with one class name a line beside it.",
        )
    return numbered_labels(count), (
        f"The names of its {count} classes are not known; a labels.txt beside the model tells them."
    )


def _check_outputs(model: ov.Model, wanted: Preprocessing, path: Path) -> None:
    """One inference on noise: a damaged weights file shows itself as numbers that are none."""
    noise = np.random.default_rng(0).integers(0, 256, (wanted.height, wanted.width, 3), np.uint8)
    tensor, _ = wanted.apply(noise)
    try:
        compiled = openvino_core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        results = compiled(tensor)
    except RuntimeError as error:
        raise InputError(
            f"{path} was read, but OpenVINO cannot run it: {str(error).splitlines()[-1][:300]}",
            "Export it again, with fixed input shapes.",
        ) from error
    if not all(np.isfinite(value).all() for value in results.values()):
        raise InputError(
            f"{path} gives values that are not numbers.",
            "Its weights are damaged: copy or download the file again.",
        )
