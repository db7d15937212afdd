"""`optimize` and `report` against a plain script that does the same with OpenVINO and NNCF.

    python -m tests.benchmarks.against_script MODEL CALIBRATION DATASET [--calibration-images 64]
        [--images N] [--pairs N]

The script is what the documentation of both shows: it reads the model, quantizes it by
`nncf.quantize` with its defaults, saves it, and predicts with both models, one image after the
other. Its preprocessing and its decoding of outputs are ours; it compares nothing and writes no
report. Ours are the two commands, each with all that it starts, first with an empty cache, then
again with what they left there. What cannot be avoided is measured beside them, in one process:
asynchronous inference of the calibration images in true f32, NNCF's import and its correction of
biases, asynchronous inference of both models.

Where more images are asked for than there are, they come again under other names, encoded anew as
JPEG of another quality each time, so that no two files or images are the same and nothing is found
twice. Annotations are left behind where `--images` is given.

The ways take turns; a ratio is the median of those of the pairs, with an interval that holds it in
95% of the cases. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.detection.detections import Detections
from core.images.decode import read_image
from core.images.opencv import cv2
from core.inference.compiling import compile_for
from core.inference.settings import AS_IT_RUNS, TRUE_F32
from core.models.decoders.registry import decoder_of
from core.models.detector import Detector
from core.models.inputs import model_inputs
from core.models.stored import load_stored
from core.runtime import openvino_core
from tests.benchmarks.window_start import interval
from tests.support.unwinding import unwind_when_ended

_BEST_QUALITY, _QUALITIES = 96, 60  # of JPEG, for images that come again
WAYS = ("script", "ours", "again", "unavoidable")


def main() -> None:
    """Print every pair, then the medians and the ratios."""
    options = _parser().parse_args()
    if options.way:
        _child(options)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dataset = _some(options.dataset, options.images, folder / "images")
        options.calibration = _enough(options, folder / "calibration")
        _command(folder / "cache", "import", options.model, "--output", folder / "stored")
        (stored,) = (folder / "stored").glob("*.xml")
        pairs = []
        for number in range(options.pairs):
            pairs.append(_pair(options, folder / str(number), stored, dataset, number))
            print("  ".join(f"{way} {pairs[-1][way]:6.2f} s" for way in WAYS), flush=True)
    for way in WAYS:
        print(f"median of {way}: {median(pair[way] for pair in pairs):.2f} s")
    for ours, other in (("ours", "script"), ("again", "script"), ("ours", "unavoidable")):
        ratios = [pair[ours] / pair[other] for pair in pairs]
        low, high = interval(ratios)
        print(f"{ours} / {other}: {median(ratios):.2f} ({low:.2f} to {high:.2f})")


def _pair(
    options: argparse.Namespace, folder: Path, stored: Path, dataset: Path, number: int
) -> dict[str, float]:
    folder.mkdir()
    seconds: dict[str, float] = {}
    ways = ("script", "ours") if number % 2 == 0 else ("ours", "script")
    for way in ways:
        if way == "script":
            seconds |= _measured("script", options, folder, stored, dataset)
        else:
            seconds["ours"] = _ours(options, folder, dataset, "ours")
            seconds["again"] = _ours(options, folder, dataset, "again")
    seconds |= _measured("unavoidable", options, folder, stored, dataset)
    return seconds


def _some(dataset: Path, count: int | None, folder: Path) -> Path:
    """The dataset, or a folder of its first images."""
    if count is None:
        return dataset
    opened = open_dataset(dataset)
    folder.mkdir()
    for number in range(count):
        turn, image = divmod(number, len(opened.images))
        path = opened.path(image)
        if not turn:
            shutil.copy(path, folder / f"{number:06}{path.suffix}")
            continue
        how = [cv2.IMWRITE_JPEG_QUALITY, _BEST_QUALITY - turn % _QUALITIES]
        cv2.imwrite(str(folder / f"{number:06}.jpg"), read_image(path), how)
    return folder


def _enough(options: argparse.Namespace, folder: Path) -> Path:
    """The calibration images, more of them where there are fewer than are asked for."""
    opened = open_dataset(options.calibration, role="calibration")
    wanted: int = options.calibration_images
    if len(opened.images) >= wanted:
        return Path(options.calibration)
    return _some(options.calibration, wanted, folder)


def _ours(options: argparse.Namespace, folder: Path, dataset: Path, way: str) -> float:
    cache = folder / "cache"  # of "again" what "ours" left
    optimized, report = folder / f"{way} optimized", folder / f"{way} report"
    count = ("--subset-size", str(options.calibration_images))
    begun = perf_counter()
    _command(cache, "optimize", options.model, options.calibration, *count, "--output", optimized)
    (xml,) = optimized.glob("*.xml")
    _command(cache, "report", options.model, xml, dataset, "--output", report)
    return perf_counter() - begun


def _command(cache: Path, *arguments: str | Path) -> None:
    places = dict.fromkeys(("XDG_CACHE_HOME", "XDG_DATA_HOME"), str(cache))
    environment = os.environ | places
    line = [sys.executable, "-m", "core.cli", *map(str, arguments)]
    subprocess.run(line, check=True, capture_output=True, env=environment)


def _measured(
    way: str, options: argparse.Namespace, folder: Path, stored: Path, dataset: Path
) -> dict[str, float]:
    """The script from its start to its end; of the other way, what it says."""
    line = [sys.executable, "-m", "tests.benchmarks.against_script", str(stored)]
    line += [str(options.calibration), str(dataset), "--way", way, "--folder", str(folder)]
    line += ["--calibration-images", str(options.calibration_images)]
    begun = perf_counter()
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    seconds = perf_counter() - begun
    if way == "unavoidable":
        seconds = float(json.loads(done.stdout.splitlines()[-1]))
    return {way: seconds}


# In a process of its own


def _child(options: argparse.Namespace) -> None:
    detector = load_stored(options.model).card.detector
    calibration = open_dataset(options.calibration, role="calibration")
    dataset = open_dataset(options.dataset)
    quantized = options.folder / "quantized.xml"
    chosen = calibration.subset(options.calibration_images, 0).tolist()
    given = options.model, quantized, detector, calibration, chosen, dataset
    if options.way == "script":
        _script(*given)
    else:
        print(_unavoidable(*given))


def _script(
    xml: Path,
    quantized: Path,
    detector: Detector,
    calibration: Dataset,
    chosen: Sequence[int],
    dataset: Dataset,
) -> None:
    import nncf
    import openvino as ov

    core = ov.Core()
    model = core.read_model(xml)
    images = nncf.Dataset(_inputs(detector, calibration, chosen))
    ov.save_model(nncf.quantize(model, images, subset_size=len(chosen)), quantized)
    decoder = decoder_of(detector)
    image = detector.preprocessing
    found: list[Detections] = []
    for path in (xml, quantized):
        compiled = core.compile_model(path, "CPU")
        request = compiled.create_infer_request()
        for number in range(len(dataset.images)):
            tensors, placement = model_inputs(detector, read_image(dataset.path(number)))
            results = request.infer(tensors)
            outputs = list(results.values())
            found.append(decoder.decode(outputs, image, detector.options, placement))


def _unavoidable(
    xml: Path,
    quantized: Path,
    detector: Detector,
    calibration: Dataset,
    chosen: Sequence[int],
    dataset: Dataset,
) -> float:
    seconds = 0.0
    everything = range(len(dataset.images))
    begun = perf_counter()
    import nncf

    seconds += perf_counter() - begun
    from openvino import AsyncInferQueue

    works = (
        (xml, TRUE_F32, calibration, chosen),
        (xml, TRUE_F32, dataset, everything),
        (quantized, AS_IT_RUNS, dataset, everything),
    )
    for path, settings, images, numbers in works:
        queue = AsyncInferQueue(compile_for(path, settings, "THROUGHPUT"))
        inputs = list(_inputs(detector, images, numbers))
        begun = perf_counter()
        for tensors in inputs:
            queue.start_async(tensors)
        queue.wait_all()
        seconds += perf_counter() - begun
    return seconds + _correcting(nncf, xml, detector, calibration, chosen)


def _inputs(detector: Detector, dataset: Dataset, chosen: Sequence[int]) -> Iterator[list[Any]]:
    for number in chosen:
        tensors, _ = model_inputs(detector, read_image(dataset.path(int(number))))
        yield list(tensors)


def _correcting(
    nncf: Any, xml: Path, detector: Detector, calibration: Dataset, chosen: Sequence[int]
) -> float:
    """The seconds that NNCF's own correction of biases takes, within all that it does."""
    from nncf.quantization.algorithms.fast_bias_correction.algorithm import FastBiasCorrection

    took: list[float] = []
    apply = FastBiasCorrection.apply

    def timed(*given: Any, **named: Any) -> Any:
        begun = perf_counter()
        try:
            return apply(*given, **named)
        finally:
            took.append(perf_counter() - begun)

    FastBiasCorrection.apply = timed
    images = nncf.Dataset(_inputs(detector, calibration, chosen[:1]))
    nncf.quantize(openvino_core().read_model(xml), images, subset_size=1)
    return sum(took)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="as it was exported")
    parser.add_argument("calibration", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--calibration-images", type=int, default=64)
    parser.add_argument("--images", type=int, help="so many of the dataset")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--way", choices=("script", "unavoidable"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    unwind_when_ended()
    main()
