"""How often a trial on four photos misleads: run by hand, it takes minutes for each model.

    python -P -m tests.benchmarks.trials_of_field_models [DRAWS] [MODEL ...]

Every model of the field data that a YOLO is (those that come with metadata without it), and every
one of MODEL, is imported with draws of four photos, and tried on them as before optimizing. What
is used rightly without photos must stay as it is, and no warning may say that it is not.
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.detection.detections import Detections
from core.models.detector import Detector
from core.models.importing import import_model
from core.models.preprocessing import Image, Preprocessing
from core.models.running import FirstRuns
from core.models.trial import try_out, try_values
from core.remarks.sentences import sentences
from core.runtime import openvino_core
from tests.support.checkout import ROOT
from tests.support.unwinding import unwind_when_ended

SHARED = ROOT.parent / "shared"
MODELS = SHARED / "field" / "models"
YOLOS = (
    "yolov5n_fp16_tflite/yolov5n-fp16.tflite",
    "yolov8n_int8_tflite/yolov8n_int8.tflite",
    "yolox_nano_onnx/yolox_nano.onnx",
    "neg_already_quantised_yolo11n_tflite/yolo11n_integer_quant.tflite",
)
_ZIP = b"PK\x03\x04"


class RememberedRuns(FirstRuns):
    """Infers every image once for each way to use the network, whatever draw it is in."""

    def __init__(self, model: Any, name: str) -> None:
        super().__init__(model, name)
        self._known: dict[tuple[Preprocessing, bytes], Detections] = {}

    def detections(self, detector: Detector, *images: Image) -> list[Detections]:
        """As of `FirstRuns`."""
        return [self._found(detector, one) for one in images]

    def _found(self, detector: Detector, image: Image) -> Detections:
        key = (detector.preprocessing, hashlib.sha1(image.tobytes()).digest())
        if key not in self._known:
            (self._known[key],) = super().detections(detector, image)
        return self._known[key]


@dataclass
class Counts:
    """Of the draws of one model: wrong guesses, false warnings, and draws that found nothing."""

    draws: int = 0
    wrong: int = 0
    warned: int = 0
    nothing: int = 0


def photos() -> list[list[Path]]:
    """COCO's photos, the four that once misled, and photos of what no model knows."""
    coco = sorted((SHARED / "field" / "images" / "coco128_yolo" / "images").rglob("*.jpg"))
    four = sorted((SHARED / "faults" / "M1_yolov8_taken_for_0_255" / "four_photos").glob("*"))
    blind = sorted((SHARED / "faults" / "M1b_optimize_refuses_right_model").rglob("*.jpg"))
    blood = sorted((SHARED / "field" / "images" / "bccd_voc" / "JPEGImages").glob("*.jpg"))
    return [coco, four, blind, blood]


def drawn(count: int) -> list[list[Path]]:
    """`count` draws of COCO's photos, the four, and a few draws of the others."""
    coco, four, blind, blood = photos()
    chance = random.Random(0)
    found = [chance.sample(coco, 4) for _ in range(count)]
    found += [four] if four else []
    for others in (blind, blood):
        found += [chance.sample(others, 4) for _ in range(count // 5) if len(others) >= 4]
    return found


def without_metadata(path: Path, folder: Path) -> Path:
    """A copy of the model without the archive that a TFLite file may end with."""
    data = path.read_bytes()
    end = data.rfind(_ZIP, len(data) // 2) if path.suffix == ".tflite" else -1
    copy = folder / path.name
    copy.write_bytes(data[:end] if end > 0 else data)
    return copy


def measure(path: Path, draws: list[list[Path]]) -> Counts:
    """Try one model on every draw."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        stored = import_model(without_metadata(path, folder), folder)
        runs = RememberedRuns(openvino_core().read_model(stored.xml), path.name)
    detector = stored.card.detector
    counts = Counts()
    for images in draws:
        tried = try_out(detector, ("values", "colors", "resize"), runs, images)
        before = try_values(detector, runs, images)
        assert before is not None
        counts.draws += 1
        counts.nothing += before.finds_nothing
        if tried.preprocessing != detector.preprocessing:
            counts.wrong += 1
            print(f"  wrong: {sentences(tried.reasons)[-1]} {[image.name for image in images]}")
        if (better := before.better) is not None:
            counts.warned += 1
            values = better.detector.preprocessing.values_in_words()
            print(f"  warned: {values} {better.confidence:.2f} against {better.own:.2f}")
    return counts


def main() -> None:
    """Print the counts of every model."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    paths = [MODELS / name for name in YOLOS] + [Path(name) for name in sys.argv[2:]]
    draws = drawn(count)
    print(f"{count} draws of four photos of COCO, {len(draws) - count} of others, seed 0")
    for path in paths:
        found = measure(path, draws)
        print(
            f"{path.name}: {found.draws} draws, {found.wrong} wrong guesses, {found.warned} false "
            f"warnings; next to nothing was found in {found.nothing}",
            flush=True,
        )


if __name__ == "__main__":
    unwind_when_ended()
    main()
