"""Searches on six real detectors, evaluated by ground truth that they never saw.

    python -P -m tests.benchmarks.search_field_models [MODEL...] [--only int8|all] [--minutes M]
        [--target T] [--max-loss L] [--output DIR] [--resume]

Each search gets the 64 photos of coco128's train2017 without their annotations. Then the parent,
NNCF's default INT8, the recommended candidate and the best INT8 plan run in true f32 (and the
recommended one as recommended) on the 128 photos of val2017, and COCO's mAP is printed beside what
is wanted, and the fastest lossless candidate of each kind. ``--only all --resume`` goes on from
searches for INT8 plans in the same DIR, and takes a few minutes each. With ``--target`` the INT8
models also run with exact sums, and with sums that saturate, whatever this processor does.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, get_args

from core.cli.main import main
from core.datasets.open import open_dataset
from core.inference.predicting import predict
from core.inference.settings import InferenceSettings, Int8, PrecisionHint
from core.models.plan import Target
from core.models.stored import load_stored
from core.optimize.parameters import SATURATING
from core.predict.coco_results import coco_results
from core.search.candidates import STATE_FILE, Candidate, SearchState
from core.search.settings import DEFAULT_LOSS
from core.values import read_json
from core.wording.candidates import candidate_label
from tests.support.checkout import ROOT
from tests.support.coco import evaluate, mean_ap
from tests.support.unwinding import unwind_when_ended

FIELD = ROOT.parent / "shared" / "field"
PHOTOS = FIELD / "images" / "coco128_yolo"
TRUTH = FIELD / "oracle" / "coco_real_detections" / "coco128_val2017_gt.json"
LOSS = 0.004  # of mAP, where no figure is asked for
WANTED: dict[str, float | None] = {
    "yolox_nano_onnx": 0.335,
    "deimv2_femto": 0.39,
    "aiy_ssd_person_cat_dog_tf": 0.265,
    "yolov5n_fp16_tflite": None,
    "yolov8n_int8_tflite": None,
    "person-vehicle-bike-detection-2001": None,
}
JOINED = {
    "person-vehicle-bike-detection-2001": {
        "person": "person",
        **dict.fromkeys(("car", "bus", "truck"), "vehicle"),
        **dict.fromkeys(("bicycle", "motorcycle"), "bike"),
    }
}


def search(name: str, options: argparse.Namespace, output: Path) -> None:
    """One search, as the terminal starts it."""
    arguments = ["optimize", str(FIELD / "models" / name), str(PHOTOS / "images" / "train2017")]
    arguments += ["--search", "--only", options.only, "--budget-minutes", str(options.minutes)]
    arguments += ["--max-loss", str(options.max_loss), "--target", options.target]
    arguments += ["--output", str(output), "--log", str(output.parent / f"{output.name}.log")]
    status = main([*arguments, *(["--resume"] if options.resume else [])])
    if status:
        sys.exit(status)


def imported(name: str, folder: Path) -> Path:
    """The parent's IR, with the card that says how it is used."""
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        main(["import", str(FIELD / "models" / name), "--output", str(folder)])
    (xml,) = folder.glob("*.xml")
    return xml


def truth_for(name: str, class_names: tuple[str, ...]) -> dict[str, Any]:
    """The ground truth in the model's classes, numbered as its COCO results are."""
    data: dict[str, Any] = json.loads(TRUTH.read_text("utf-8"))
    if len(class_names) == len(data["categories"]):
        return data
    names = {category["id"]: category["name"] for category in data["categories"]}
    joined = JOINED.get(name, {one: one for one in class_names})
    numbers = {one: number for number, one in enumerate(class_names, start=1)}
    return {
        "images": data["images"],
        "categories": [{"id": number, "name": one} for one, number in numbers.items()],
        "annotations": [
            {**row, "category_id": numbers[joined[names[row["category_id"]]]]}
            for row in data["annotations"]
            if names[row["category_id"]] in joined
        ],
    }


def mean_average_precision(
    name: str, xml: Path, hint: PrecisionHint, int8: Int8 = "as_executed"
) -> float:
    """COCO's mAP on val2017."""
    detector = load_stored(xml).card.detector
    dataset = open_dataset(PHOTOS / "images" / "val2017")
    settings = InferenceSettings(precision_hint=hint, int8=int8)
    table = predict(xml, detector, dataset, settings).table
    return mean_ap(evaluate(truth_for(name, table.class_names), list(coco_results(table))))


def evaluated(name: str, output: Path, parent: Path) -> str:
    """A line of the table."""
    state = read_json(output / STATE_FILE, SearchState)

    def measured(identity: str, hint: PrecisionHint = "f32") -> str:
        one = state.candidate(identity)
        if one is None or one.failure:
            return "-"
        xml = output / one.model if one.model else parent
        figure = f"{mean_average_precision(name, xml, hint):.4f}"
        if one.plan is None or state.settings.target not in SATURATING:
            return figure
        ways: tuple[Int8, ...] = ("exact", "saturating")
        each = (f"{way} {mean_average_precision(name, xml, hint, way):.4f}" for way in ways)
        return f"{figure} ({', '.join(each)})"

    base = mean_average_precision(name, parent, "f32")
    wanted = WANTED[name] or base - LOSS
    chosen, best = state.candidate(state.choice.recommended), state.choice.best_int8
    assert chosen is not None
    return (
        f"{name:<36} parent {base:.4f} wanted {wanted:.4f} default INT8 {measured('plan-01-f32')} "
        f"best INT8 {measured(best)} recommended {candidate_label(chosen)}: "
        f"{measured(chosen.id, chosen.precision_hint)} "
        f"accuracy kept {chosen.accuracy_kept or 0:.4f} {_speed(chosen)} | "
        f"{_alternatives(state)} | "
        f"{len(state.candidates)} candidates, {state.seconds:.0f} s, {state.stopped}"
    )


def _alternatives(state: SearchState) -> str:
    """The fastest lossless candidate of each making that took part in the last measurement."""
    last = max(one.measurement for one in state.candidates)
    said = []
    for making in ("parent", "fp16_weights", "int8_weights", "int8"):
        usable = [
            one
            for one in state.candidates
            if one.making == making
            and one.measurement == last
            and one.speed is not None
            and (one.accuracy_kept or 0) >= state.settings.bar
        ]
        if usable:
            said.append(_speed(max(usable, key=lambda one: one.speed.value if one.speed else 0)))
    return "lossless: " + ", ".join(said)


def _speed(one: Candidate) -> str:
    return f"{candidate_label(one)} {one.speed.value:.2f}x" if one.speed else candidate_label(one)


def run() -> None:
    """The table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", default=list(WANTED))
    parser.add_argument("--only", default="int8", choices=("int8", "all"))
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--max-loss", type=float, default=DEFAULT_LOSS)
    parser.add_argument("--target", default="this_machine", choices=get_args(Target))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    root = options.output or Path(tempfile.mkdtemp(prefix="searches-"))
    root.mkdir(parents=True, exist_ok=True)
    for name in options.models:
        output = root / f"{name}-search"
        search(name, options, output)
        parent = imported(name, root / name)
        line = evaluated(name, output, parent)
        print(line, flush=True)
        with (root / "table.txt").open("a", encoding="utf-8") as table:
            table.write(line + "\n")


if __name__ == "__main__":
    unwind_when_ended()
    run()
