"""What INT8 costs where sums saturate and where they do not, and what NNCF's overflow fix is worth.

    python -m tests.benchmarks.int8_by_processor [MODEL...] [--output DIR]

Each float detector of the field is quantized on 64 photos of coco128's train2017 with NNCF's
defaults and each overflow fix, and its mAP on the 128 photos of val2017 is measured three times: as
this processor executes it, exactly (as with VNNI, on any CPU), and with sums that saturate (as
without VNNI, in a process whose instructions are limited). Names the processor, and the kernels
that ran. Models that were made before are not made again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from core.datasets.open import open_dataset
from core.errors import WorkbenchError
from core.inference.compiling import COMPUTING_TYPES, compile_for
from core.inference.limited import WITHOUT_VNNI, LimitedDetector
from core.inference.predicting import predict
from core.inference.processor import this_processor
from core.inference.processor_words import processor_sentence
from core.inference.settings import TRUE_F32, InferenceSettings
from core.models.plan import OverflowFix, QuantizationPlan
from core.models.stored import load_stored, store_model
from core.optimize.quantizing import quantize
from core.predict.coco_results import coco_results
from core.runtime import LIMIT
from tests.benchmarks.search_field_models import PHOTOS, imported, truth_for
from tests.benchmarks.verdict_pairs import MODELS
from tests.support.coco import evaluate, mean_ap
from tests.support.unwinding import unwind_when_ended

FIXES: tuple[OverflowFix, ...] = ("first_layer", "all", "off")
WAYS = {
    "executed": TRUE_F32,
    "exact": InferenceSettings(precision_hint="f32", int8="exact"),
    "saturating": InferenceSettings(precision_hint="f32", int8="saturating"),
}


def accuracy(
    name: str, xml: Path, settings: InferenceSettings, limited: LimitedDetector
) -> float | None:
    """COCO's mAP on val2017; None where this machine cannot compute so."""
    detector = load_stored(xml).card.detector
    dataset = open_dataset(PHOTOS / "images" / "val2017")
    try:
        table = predict(xml, detector, dataset, settings, limited=limited).table
    except WorkbenchError as error:
        print(error)
        return None
    return mean_ap(evaluate(truth_for(name, table.class_names), list(coco_results(table))))


def quantized(xml: Path, fix: OverflowFix, folder: Path) -> Path:
    """The model with NNCF's defaults but for the overflow fix."""
    made = folder / fix / "model.xml"
    if not made.is_file():
        plan = QuantizationPlan(subset_size=64, target="cpu_vnni", overflow_fix=fix)
        detector = load_stored(xml).card.detector
        images = open_dataset(PHOTOS / "images" / "train2017")
        model = quantize(xml, detector, images, plan, lambda *_: None).model
        made.parent.mkdir(parents=True, exist_ok=True)
        store_model(model, made, name=fix, source=xml, framework="openvino", detector=detector)
    return made


def kernels(xml: Path) -> str:
    """What computes the convolutions and matrix products of a model, by OpenVINO's names."""
    counts: Counter[str] = Counter()
    for op in compile_for(xml, TRUE_F32, "THROUGHPUT").get_runtime_model().get_ops():
        facts = {key: value.astype(str) for key, value in op.get_rt_info().items()}
        if facts.get("layerType") in COMPUTING_TYPES:
            counts[facts["primitiveType"]] += 1
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def limited_kernels(xml: Path) -> str:
    """The same where instructions are limited as they are for saturating sums."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--kernels", xml],
        env={**os.environ, LIMIT: WITHOUT_VNNI},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def show(name: str, folder: Path, limited: LimitedDetector) -> None:
    """The rows of one model."""
    home = folder / name / "parent"
    if not home.is_dir():
        imported(str(MODELS[name]), home)
    (xml,) = home.glob("*.xml")
    float_map = accuracy(name, xml, TRUE_F32, limited)
    print(f"| {name} | float | {_figure(float_map)} | | |", flush=True)
    made = {fix: quantized(xml, fix, folder / name) for fix in FIXES}
    for fix, model in made.items():
        figures = [accuracy(name, model, how, limited) for how in WAYS.values()]
        print(f"| | {fix} | {' | '.join(map(_figure, figures))} |", flush=True)
    print(f"  executed: {kernels(made['first_layer'])}")
    print(f"  saturating: {limited_kernels(made['first_layer'])}", flush=True)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def run() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--kernels", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kernels is not None:
        print(kernels(options.kernels))
        return
    folder = options.output or Path(tempfile.mkdtemp(prefix="int8-"))
    print(processor_sentence(this_processor()))
    print(f"| model | overflow fix | {' | '.join(WAYS)} |")
    with LimitedDetector() as limited:
        for name in options.models or MODELS:
            show(name, folder, limited)


if __name__ == "__main__":
    unwind_when_ended()
    run()
