"""Measure the sample model on fresh scenes, as it is and quantized by default settings.

    python -m sample.evaluate --seed 3001 --count 500 --output figures.json

The parent runs in true f32 (INFERENCE_PRECISION_HINT=f32); so does whatever part of the
INT8 model is not quantized.  Speeds come from rounds that take turns, so that a busy
moment of the machine meets both.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

# ruff: noqa: E402 - the line that silences usage reports must precede the imports

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # never report usage

import cv2
import nncf
import numpy as np
import openvino as ov

from .objects import CLASS_NAMES, F32, U8
from .scenes import Annotation, SceneGenerator
from .scoring import score

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
SIZE = 300
SHOWN_FROM = 0.5
"""Score from which a box counts as shown when two models are compared."""


def tensor_of(image: U8) -> F32:
    """Network input ``[1, 3, 300, 300]``, BGR 0..255, of a photograph ``[H, W, 3]``."""
    resized = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(resized.transpose(2, 0, 1)[None].astype(np.float32))


def read_images(folder: Path) -> dict[str, U8]:
    """Every JPEG of a folder by name."""
    images = {}
    for path in sorted(folder.glob("*.jpg")):
        image = cv2.imread(str(path))
        if image is None:
            raise SystemExit(f"cannot read {path}")
        images[path.name] = np.asarray(image, np.uint8)
    return images


def detections(compiled: ov.CompiledModel, images: list[F32]) -> list[F32]:
    """For each image ``[K, 6]``: class, score, x1, y1, x2, y2 in fractions."""
    found = []
    for image in images:
        rows = compiled(image)[0].reshape(-1, 7)
        # A row of image -1 ends the list; what follows it means nothing.
        rows = rows[: np.append(rows[:, 0], -1).argmin(), 1:].astype(np.float32)
        rows[:, 0] -= 1
        found.append(rows)
    return found


def overlap(first: F32, second: F32) -> float:
    """IoU of two boxes ``[4]``."""
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    shared = float(np.clip(high - low, 0, None).prod())
    areas = float((first[2:] - first[:2]).prod() + (second[2:] - second[:2]).prod())
    return shared / max(1e-9, areas - shared)


def unmatched(these: F32, those: F32) -> list[str]:
    """Boxes shown in ``these`` without a partner of the same class in ``those``."""
    alone = []
    for row in these[these[:, 1] >= SHOWN_FROM]:
        partners = those[(those[:, 0] == row[0]) & (those[:, 1] >= SHOWN_FROM)]
        if not any(overlap(row[2:], other[2:]) >= 0.5 for other in partners):
            alone.append(f"{CLASS_NAMES[int(row[0])]} {row[1]:.2f}")
    return alone


def compare_speed(
    models: dict[str, ov.CompiledModel], image: F32, rounds: int, runs: int
) -> dict[str, Any]:
    """Milliseconds per image of each model, one request at a time, rounds taking turns."""
    medians: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds):
        for name, model in models.items():
            request = model.create_infer_request()
            for _ in range(5):
                request.infer([image])
            times = []
            for _ in range(runs):
                start = time.perf_counter()
                request.infer([image])
                times.append((time.perf_counter() - start) * 1000)
            medians[name].append(statistics.median(times))
    result: dict[str, Any] = {}
    for name, values in medians.items():
        low, middle, high = (float(v) for v in np.percentile(values, [10, 50, 90]))
        result[name] = {
            "median_ms": round(middle, 3), "p10_ms": round(low, 3), "p90_ms": round(high, 3),
            "rounds_ms": [round(value, 3) for value in values],
        }  # fmt: skip
    return result


def executed(model: ov.Model, image: F32, options: dict[str, str]) -> dict[str, float]:
    """Share of the executed time by precision, as the runtime reports it."""
    compiled = ov.Core().compile_model(model, "CPU", options | {"PERF_COUNT": "YES"})
    request = compiled.create_infer_request()
    for _ in range(20):
        request.infer([image])
    total: Counter[str] = Counter()
    for entry in request.profiling_info:
        total[entry.exec_type.rsplit("_", 1)[-1]] += entry.real_time.total_seconds()
    whole = sum(total.values())
    return {name: round(value / whole, 3) for name, value in total.most_common() if value}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SAMPLE / "model" / "sample-ssd.xml")
    parser.add_argument("--seed", type=int, default=3001)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()

    core = ov.Core()
    parent = core.read_model(options.model)
    calibration = [tensor_of(image) for image in read_images(SAMPLE / "calibration").values()]
    quantized = nncf.quantize(
        core.read_model(options.model), nncf.Dataset(calibration), preset=None
    )
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": str(options.threads),
    }
    models = {
        name: core.compile_model(model, "CPU", settings)
        for name, model in (("f32", parent), ("int8", quantized))
    }

    generator = SceneGenerator(options.seed)
    truth: list[list[Annotation]] = []
    sizes: list[tuple[int, int]] = []
    found: dict[str, list[F32]] = {name: [] for name in models}
    for index in range(options.count):
        scene = generator.scene(index)
        truth.append(scene.annotations)
        sizes.append((scene.image.shape[1], scene.image.shape[0]))
        for name, model in models.items():
            found[name] += detections(model, [tensor_of(scene.image)])
    figures: dict[str, Any] = {
        "seed": options.seed,
        "scenes": options.count,
        "objects": sum(len(items) for items in truth),
        "openvino": ov.get_version(),
        "nncf": nncf.__version__,
        "processor": core.get_property("CPU", "FULL_DEVICE_NAME"),
        "threads": options.threads,
        "accuracy": {},
    }
    for name in models:
        result = score(truth, sizes, found[name])
        figures["accuracy"][name] = {
            "ap": round(result.ap, 4),
            "ap50": round(result.ap50, 4),
            "ap_per_class": {key: round(value, 4) for key, value in result.per_class.items()},
        }
    accuracy = figures["accuracy"]
    figures["ap_lost"] = round(accuracy["f32"]["ap"] - accuracy["int8"]["ap"], 4)

    validation = read_images(SAMPLE / "validation" / "images")
    inputs = [tensor_of(image) for image in validation.values()]
    shown = {name: detections(model, inputs) for name, model in models.items()}
    figures["differences"] = {}
    for index, name in enumerate(validation):
        gone = unmatched(shown["f32"][index], shown["int8"][index])
        new = unmatched(shown["int8"][index], shown["f32"][index])
        if gone or new:
            figures["differences"][name] = {"only_f32": gone, "only_int8": new}

    figures["speed"] = compare_speed(models, inputs[0], options.rounds, 60)
    times = figures["speed"]
    ratios = [
        a / b for a, b in zip(times["f32"]["rounds_ms"], times["int8"]["rounds_ms"], strict=True)
    ]
    figures["speedup"] = round(statistics.median(ratios), 3)
    figures["speedup_p10_p90"] = [round(float(v), 3) for v in np.percentile(ratios, [10, 90])]
    figures["executed_time_by_precision"] = {
        "f32": executed(parent, inputs[0], settings),
        "int8": executed(quantized, inputs[0], settings),
    }
    text = json.dumps(figures, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
