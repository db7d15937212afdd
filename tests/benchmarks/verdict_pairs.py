"""Pairs of a parent and an INT8 model of it, from lossless to ruined: what a verdict is fitted on.

    python -P -m tests.benchmarks.verdict_pairs make DIR [MODEL...]

Each detector of the field is quantized on 64 photos of coco128's train2017 by a dozen plans, and
both models detect on the 128 photos of val2017: as this processor computes, and with the
instructions of another one (with ``ONEDNN_MAX_CPU_ISA=AVX2`` sums saturate as without VNNI). Leaves
a table of detections for each, in true f32, and the parent's in its default precision too; what
lies in DIR already is not made again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from core.datasets.open import open_dataset
from core.inference.arithmetic import int8_arithmetic
from core.inference.predicting import predict
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored, store_model
from core.optimize.quantizing import quantize
from core.runtime import LIMIT
from tests.benchmarks.search_field_models import FIELD, PHOTOS, imported

FAULTS = FIELD.parent / "faults"
MODELS = {
    **{
        name: FIELD / "models" / name
        for name in (
            "yolox_nano_onnx",
            "deimv2_femto",
            "aiy_ssd_person_cat_dog_tf",
            "yolov5n_fp16_tflite",
            "yolov8n_int8_tflite",
            "person-vehicle-bike-detection-2001",
        )
    },
    "nanodet": FAULTS / "M9_nanodet_3_strides",
}
_USUAL = QuantizationPlan(subset_size=64, target="cpu_vnni")
PLANS = {
    "default": _USUAL,
    "mixed": QuantizationPlan(subset_size=64, target="cpu_vnni", preset="mixed"),
    "all-fixed": QuantizationPlan(subset_size=64, target="any"),
    "none-fixed": QuantizationPlan(subset_size=64, target="cpu_vnni", overflow_fix="off"),
    "elementwise": QuantizationPlan(
        subset_size=64, target="cpu_vnni", ignored_parts=("elementwise",)
    ),
    "elementwise-mixed": QuantizationPlan(
        subset_size=64, target="cpu_vnni", preset="mixed", ignored_parts=("elementwise",)
    ),
    "elementwise-mixed-fixed": QuantizationPlan(
        subset_size=64, target="any", preset="mixed", ignored_parts=("elementwise",)
    ),
    "head-elementwise": QuantizationPlan(
        subset_size=64,
        target="any",
        preset="mixed",
        ignored_parts=("elementwise", "head", "depthwise"),
    ),
    "biased": QuantizationPlan(subset_size=64, target="cpu_vnni", bias_correction="off"),
    "cut-off": QuantizationPlan(
        subset_size=64, target="cpu_vnni", activation_range="mean_no_outliers_min_max"
    ),
    "few-images": QuantizationPlan(subset_size=2, seed=1, target="any", preset="mixed"),
}
ARITHMETICS = ("exact", "saturating")


def make(folder: Path, chosen: list[str]) -> None:
    """All that is missing in `folder`."""
    for name in chosen or MODELS:
        home = folder / name
        parent = home / "parent"
        if not parent.is_dir():
            imported_from(name, parent)
        (xml,) = parent.glob("*.xml")
        _detect(xml, home / "parent.npz", "f32")
        _detect(xml, home / "parent-default.npz", "default")
        for plan_name, plan in PLANS.items():
            _pair(name, xml, home, plan_name, plan)


def imported_from(name: str, folder: Path) -> None:
    """Import a model of the field, or of the faults."""
    imported(str(MODELS[name]), folder)


def _pair(name: str, xml: Path, home: Path, plan_name: str, plan: QuantizationPlan) -> None:
    model = home / plan_name / "model.xml"
    stored = load_stored(xml)
    detector = stored.card.detector
    if not model.is_file():
        images = open_dataset(PHOTOS / "images" / "train2017")
        made = quantize(xml, detector, images, plan, lambda *_: None)
        model.parent.mkdir(parents=True, exist_ok=True)
        store_model(
            made.model, model, name=plan_name, source=xml, framework="openvino", detector=detector
        )
    for arithmetic in ARITHMETICS:
        table = home / f"{plan_name}-{arithmetic}.npz"
        if table.is_file():
            continue
        limit = "" if arithmetic == "exact" else "AVX2"
        subprocess.run(
            [sys.executable, "-m", __spec__.name, "detect", model, table, arithmetic],
            env={**os.environ, LIMIT: limit} if limit else None,
            check=False,
        )
        print(f"{name} {plan_name} {arithmetic}: {'made' if table.is_file() else 'not here'}")


def _detect(xml: Path, table: Path, hint: str) -> None:
    if not table.is_file():
        detector = load_stored(xml).card.detector
        dataset = open_dataset(PHOTOS / "images" / "val2017")
        predict(xml, detector, dataset, hint).table.save(table)  # type: ignore[arg-type]


def main() -> int:
    """Make the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("models", nargs="*", choices=[*MODELS, []])
    detecting = commands.add_parser("detect")
    detecting.add_argument("model", type=Path)
    detecting.add_argument("table", type=Path)
    detecting.add_argument("arithmetic", choices=ARITHMETICS)
    options = parser.parse_args()
    if options.command == "make":
        make(options.folder, options.models)
    elif int8_arithmetic() == options.arithmetic:
        _detect(options.model, options.table, "f32")
    return 0


if __name__ == "__main__":
    sys.exit(main())
