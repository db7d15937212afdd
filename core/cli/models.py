"""The terminal's commands about a model alone: what it is, importing it, what it finds."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from core.cli.rendering import Rendered, Table
from core.detection.label_lists import read_labels
from core.errors import InputError
from core.importing.examining import examined_in, images_to_try, import_job
from core.importing.preview_job import PreviewJob, PreviewResult
from core.jobs.job import RESULT_FILE, Job
from core.models.adjusting import COLOR_ORDERS, RESIZES, Changes
from core.models.decoders.registry import DECODERS, decoder_by_id
from core.models.detector import Option
from core.models.info import Port
from core.models.naming import BUNDLED, bundled_names
from core.models.preprocessing import Preprocessing
from core.models.stored import StoredModel
from core.values import Plain, from_json, read_json, to_json, to_plain

RunJob = Callable[[Job, Path], Path]

DRAWN_FROM = 0.3


def import_into(
    run: RunJob, model: Path, folder: Path, changes: Changes, dataset: Path | None = None
) -> StoredModel:
    """Import a model of the user's into `folder`, trying guesses on images of `dataset`."""
    job = import_job(model, changes=changes, images=images_to_try(dataset))
    return examined_in(run(job, folder), job).stored


def keep_model(run: RunJob, model: Path, output: Path, changes: Changes) -> Plain:
    """The model in the folder `output`, with a card that other commands go by."""
    stored = import_into(run, model, output, changes)
    (stored.xml.parent / RESULT_FILE).unlink()  # the card says more
    return {**described(stored), "model": str(stored.xml)}


def draw_preview(
    run: RunJob, model: Path, image: Path, output: Path, changes: Changes, score: float
) -> Plain:
    """What the model finds in `image`, drawn into the picture `output`."""
    if not image.is_file():
        raise InputError(f"There is no file {image}.", "Name a picture after the model.")
    if output.suffix.lower() != ".png":
        raise InputError(f"{output} is no name of a PNG picture.", "Let --output end in .png.")
    with tempfile.TemporaryDirectory(
        prefix="detection-workbench-", ignore_cleanup_errors=True
    ) as temporary:
        stored = import_into(run, model, Path(temporary) / "model", changes, image)
        request = PreviewJob(
            model=stored.xml, detector=stored.card.detector, images=(image,), draw_from=score
        )
        folder = run(request, Path(temporary) / "preview")
        (seen,) = read_json(folder / RESULT_FILE, PreviewResult).images
        if seen.problem:
            raise InputError(seen.problem, "Name another picture.")
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "preview-0.png", output)
    names = stored.card.detector.class_names
    found = [
        {"class": names[class_id], "score": value, "box": list(box)}
        for class_id, value, box in zip(seen.class_ids, seen.scores, seen.boxes, strict=True)
        if value >= score
    ]
    return {**described(stored), "output": str(output), "detections": found}


def described(stored: StoredModel) -> Plain:
    """Everything about a stored model, as JSON values."""
    card, detector = stored.card, stored.card.detector
    decoder = decoder_by_id(detector.decoder)
    return {
        "name": card.name,
        "source": str(card.source),
        "layout": detector.decoder,
        "layout_title": decoder.title,
        "layout_options": {
            one.key: detector.options.get(one.key, one.default) for one in decoder.choices
        },
        "other_layouts": [other.decoder for other in card.alternatives],
        "confidence": detector.confidence,
        "evidence": list(detector.reasons),
        "preprocessing": to_plain(detector.preprocessing),
        "other_inputs": [to_plain(extra) for extra in detector.extra_inputs],
        "labels": list(detector.class_names),
        "precision": card.info.precision,
        "quantization": card.info.quantization,
        **to_plain(card.info),
    }


def render_model(result: Plain) -> Rendered:
    """What is known about a model: a fact each row."""
    return [_title(result), _facts(result)]


def _title(result: Plain) -> str:
    return f"{result['name']} ({result['framework']}, {result['precision']})"


def _facts(result: Plain, *more: tuple[str, str]) -> Table:
    preprocessing: Preprocessing = from_json(to_json(result["preprocessing"]), Preprocessing)
    labels = result["labels"]
    shown = ", ".join(labels[:12]) + (f", ... ({len(labels)} in all)" if len(labels) > 12 else "")
    gflops = "unknown" if result["gflops"] is None else f"{result['gflops']:.2f}"
    options = ", ".join(f"{key} {value}" for key, value in result["layout_options"].items())
    others = ", ".join(result["other_layouts"])
    rows = [
        ("inputs", _ports(result["inputs"])),
        ("outputs", _ports(result["outputs"])),
        (
            "parameters",
            f"{result['parameters']:,}; GFLOPs {gflops}; "
            f"{result['size_bytes'] / 1e6:.2f} MB; {result['operations']} operations",
        ),
        ("layout", f"{result['layout_title']} ({result['confidence']:.0%} sure)"),
        *(("", f"- {reason}") for reason in result["evidence"]),
        *([("", f"options: {options}")] if options else []),
        *([("", f"could also be: {others}")] if others else []),
        ("preprocessing", f"{preprocessing.describe()}, {preprocessing.layout}"),
        ("classes", shown),
        *([("quantization", result["quantization"])] if result["quantization"] else []),
        *more,
    ]
    return Table(("", ""), rows, indent=2)


def render_import(result: Plain) -> Rendered:
    """Of an import or its preview."""
    if "detections" not in result:
        return [_title(result), _facts(result, ("model", result["model"]))]
    found = result["detections"]
    lines = [f"  {one['score']:.2f} {one['class']}" for one in found[:20]]
    count = "1 detection" if len(found) == 1 else f"{len(found)} detections"
    title = f"{result['layout_title']}: {count}, drawn into {result['output']}."
    return [title, *lines]


def _ports(ports: list[Plain]) -> str:
    return "; ".join(from_json(to_json(port), Port).describe() for port in ports)


def add_import_arguments(sub: argparse.ArgumentParser) -> None:
    """MODEL, IMAGE and the flags that correct guesses."""
    sub.add_argument("model", type=Path)
    sub.add_argument("image", type=Path, nargs="?", help="for --preview")
    sub.add_argument("--preview", action="store_true", help="draw detections instead of importing")
    sub.add_argument("--output", type=Path, required=True, help="a folder; for --preview, a .png")
    sub.add_argument("--score", type=float, default=DRAWN_FROM, metavar="S", help="to draw from")
    add_change_arguments(sub)


def add_change_arguments(sub: argparse.ArgumentParser) -> None:
    """The flags that correct guesses."""
    layouts = [decoder.id for decoder in DECODERS]
    sub.add_argument("--layout", choices=layouts, metavar="ID", help=", ".join(layouts))
    sub.add_argument("--color-order", choices=COLOR_ORDERS)
    sub.add_argument("--resize", choices=RESIZES)
    sub.add_argument("--mean", type=_triple, metavar="A,B,C", help="subtracted, in channel order")
    sub.add_argument("--scale", type=_triple, metavar="A,B,C", help="divided by")
    sub.add_argument("--pad-value", type=int, metavar="N", help="of a letterbox, 0..255")
    sub.add_argument(
        "--labels", metavar="FILE", help=f"one class name a line; or {', '.join(BUNDLED)}"
    )
    sub.add_argument(
        "--option", type=_pair, action="append", default=[], metavar="KEY=VALUE", dest="settings",
        help="of the layout, such as sigmoid=true or nms_iou=0.5; inspect lists them",
    )  # fmt: skip


def changes_of(options: argparse.Namespace) -> Changes:
    """What the flags say."""
    names = None
    if options.labels in BUNDLED:
        names = bundled_names(options.labels)
    elif options.labels is not None:
        names = read_labels(Path(options.labels))
    return Changes(
        layout=options.layout,
        color_order=options.color_order,
        resize=options.resize,
        mean=options.mean,
        scale=options.scale,
        pad_value=options.pad_value,
        class_names=names,
        options=dict(options.settings),
    )


def _triple(text: str) -> tuple[float, float, float]:
    parts = [float(part) for part in text.split(",")]
    parts = parts * 3 if len(parts) == 1 else parts
    if len(parts) != 3:
        raise argparse.ArgumentTypeError(f"{text} is not one number or three")
    return parts[0], parts[1], parts[2]


def _pair(text: str) -> tuple[str, Option]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not KEY=VALUE")
    return key.strip(), _value(value.strip())


def _value(text: str) -> Option:
    """A truth value, a number, or the text itself."""
    truths = {"true": True, "false": False}
    if text.lower() in truths:
        return truths[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
