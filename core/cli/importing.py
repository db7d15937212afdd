"""The commands ``inspect`` and ``import``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.arguments import filled, not_empty, number, share
from core.cli.command import SHOWN_BY, Command, RunJob
from core.cli.imported import import_into, imported
from core.cli.rendering import Rendered, Table
from core.errors import InputError
from core.folders import appearing, bring, temporary_folder
from core.importing.job import ImportResult
from core.jobs.job import read_result, take_result
from core.models.adjusting import COLOR_ORDERS, RESIZES, Overrides
from core.models.decoders.registry import LAYOUTS, decoder_by_id
from core.models.detector import Option
from core.models.info import Port
from core.models.stored import StoredModel
from core.refusals import require_folder
from core.remarks.sentences import sentences
from core.sizes import megabytes
from core.values import Plain, to_plain

if TYPE_CHECKING:
    from core.importing.preview_job import PreviewedImage

_DRAWN_FROM = 0.3
_NAMES_SHOWN, _FOUND_SHOWN = 12, 20


@dataclass(frozen=True)
class Described:
    """A model that was looked at; where it was kept, or drawn, and what it found there."""

    stored: StoredModel
    kept: bool = False
    drawing: Path | None = None
    found: PreviewedImage | None = None
    score: float = 0.0


def _add_inspect_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path, help="a model file, or its folder")
    sub.add_argument(
        "--dataset", type=Path, metavar="PATH", help="images to try the guessed settings on"
    )


def _inspect(run: RunJob, options: argparse.Namespace) -> Described:
    with imported(run, options.model, options.dataset, anew=True) as stored:
        return Described(stored)


def _import(run: RunJob, options: argparse.Namespace) -> Described:
    if options.preview != (options.image is not None):
        raise InputError("A preview needs an image.", "Use import --preview MODEL IMAGE.")
    overrides = _overrides_of(options)
    if options.image is not None:
        return _draw(run, options, overrides)
    require_folder(options.output)
    output: Path = options.output
    with appearing(output) as work:
        stored = import_into(run, options.model, work, overrides)
        take_result(work, ImportResult)
    return Described(StoredModel(xml=output / stored.xml.name, card=stored.card), kept=True)


def _draw(run: RunJob, options: argparse.Namespace, overrides: Overrides) -> Described:
    """What the model finds in the image, drawn into ``--output``."""
    from core.importing.preview_job import PreviewResult
    from core.importing.service import preview_job, require_drawable

    image: Path = options.image
    output: Path = options.output
    require_drawable(image, output)
    with temporary_folder() as temporary:
        stored = import_into(run, options.model, temporary / "model", overrides, image)
        folder = run(preview_job(stored, image, options.score), temporary / "preview")
        (seen,) = read_result(folder, PreviewResult).images
        if seen.problem:
            raise InputError(seen.problem, "Specify another image.")
        bring(folder / "preview-0.png", output)
    return Described(stored, drawing=output, found=seen, score=options.score)


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
        "evidence": to_plain(detector.reasons),
        "preprocessing": to_plain(detector.preprocessing),
        "other_inputs": [to_plain(extra) for extra in detector.extra_inputs],
        "labels": list(detector.class_names),
        "precision": card.info.precision,
        "quantization": card.info.quantization,
        **to_plain(card.info),
    }


def _plain(done: Described) -> Plain:
    found = described(done.stored)
    if done.kept:
        found["model"] = str(done.stored.xml)
    if done.found is not None:
        found |= {"output": str(done.drawing), "detections": _detections(done)}
    return found


def _detections(done: Described) -> list[Plain]:
    assert done.found is not None
    seen, names = done.found, done.stored.card.detector.class_names
    rows = zip(seen.class_ids, seen.scores, seen.boxes, strict=True)
    return [
        {"class": names[class_id], "score": score, "box": list(box)}
        for class_id, score, box in rows
        if score >= done.score
    ]


def _render(done: Described) -> Rendered:
    """What is known about a model, a fact each row; or what it found in an image."""
    if done.found is None:
        return render_model(done.stored, kept=done.kept)
    found = _detections(done)
    count = "1 detection" if len(found) == 1 else f"{len(found)} detections"
    layout = decoder_by_id(done.stored.card.detector.decoder).title
    rows = [f"  {one['score']:.2f} {one['class']}" for one in found[:_FOUND_SHOWN]]
    return [f"{layout}: {count}, drawn to {done.drawing}.", *rows]


def render_model(stored: StoredModel, *, kept: bool = False) -> Rendered:
    """What is known about a model; where it is, if it was `kept`."""
    card, detector, info = stored.card, stored.card.detector, stored.card.info
    names = detector.class_names
    more = f", ... ({len(names)} in all)" if len(names) > _NAMES_SHOWN else ""
    gflops = "unknown" if info.gflops is None else f"{info.gflops:.2f}"
    decoder = decoder_by_id(detector.decoder)
    options = ", ".join(
        f"{one.key} {detector.options.get(one.key, one.default)}" for one in decoder.choices
    )
    others = ", ".join(other.decoder for other in card.alternatives)
    rows = [
        ("inputs", _ports(info.inputs)),
        ("outputs", _ports(info.outputs)),
        (
            "parameters",
            f"{info.parameters:,}; GFLOPs {gflops}; "
            f"{megabytes(info.size_bytes)}; {info.operations} operations",
        ),
        ("layout", f"{decoder.title} (confidence {detector.confidence:.0%})"),
        *(("", f"- {reason}") for reason in sentences(detector.reasons)),
        *([("", f"options: {options}")] if options else []),
        *([("", f"could also be: {others}")] if others else []),
        (
            "preprocessing",
            f"{detector.preprocessing.describe()}, {detector.preprocessing.layout}",
        ),
        ("classes", ", ".join(names[:_NAMES_SHOWN]) + more),
        *([("quantization", info.quantization)] if info.quantization else []),
        *([("model", str(stored.xml))] if kept else []),
    ]
    return [f"{card.name} ({info.framework}, {info.precision})", Table(("", ""), rows, indent=2)]


def _ports(ports: Sequence[Port]) -> str:
    return "; ".join(port.describe() for port in ports)


def _add_import_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path, help="a model file, or its folder")
    sub.add_argument("image", type=Path, nargs="?", help="with --preview: the image to detect in")
    sub.add_argument("--preview", action="store_true", help="draw detections, import nothing")
    sub.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="PATH",
        help="output folder; with --preview, a .png file",
    )
    sub.add_argument(
        "--score",
        type=share,
        default=_DRAWN_FROM,
        metavar="S",
        help="with --preview: lowest score drawn (default: %(default)s)",
    )
    _add_settings(sub.add_argument_group("overrides, where a guess is wrong"))


def _add_settings(sub: argparse._ArgumentGroup) -> None:
    from core.models.naming import BUNDLED

    sub.add_argument(
        "--layout", choices=LAYOUTS, metavar="ID", help=f"output layout: {', '.join(LAYOUTS)}"
    )
    sub.add_argument("--color-order", choices=COLOR_ORDERS, help="order of the colour channels")
    sub.add_argument("--resize", choices=RESIZES, help="how an image is fitted to the input")
    sub.add_argument(
        "--mean",
        type=_triple,
        metavar="A,B,C",
        help="subtracted from each channel, in channel order",
    )
    sub.add_argument("--scale", type=_triple, metavar="A,B,C", help="each channel is divided by it")
    sub.add_argument("--pad-value", type=int, metavar="N", help="grey value of the padding, 0..255")
    sub.add_argument(
        "--labels",
        type=not_empty,
        metavar="FILE",
        help=f"a file with one class name per line; or {', '.join(BUNDLED)}",
    )
    sub.add_argument(
        "--option", type=_pair, action="append", default=[], metavar="KEY=VALUE", dest="settings",
        help="an option of the layout, such as sigmoid=true or nms_iou=0.5; inspect lists them",
    )  # fmt: skip


def _overrides_of(options: argparse.Namespace) -> Overrides:
    """What the flags say."""
    from core.detection.label_lists import read_labels
    from core.models.naming import BUNDLED, bundled_names

    names = None
    if options.labels in BUNDLED:
        names = bundled_names(options.labels)
    elif options.labels is not None:
        names = read_labels(Path(options.labels))
    return filled(Overrides, options, class_names=names, options=dict(options.settings))


def _triple(text: str) -> tuple[float, float, float]:
    parts = [number(part) for part in text.split(",")]
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
            value = kind(text)
        except ValueError:
            continue
        return number(text) if kind is float else value
    return text


_SHOWN_BY = (*SHOWN_BY, "core.models.decoders.base")
INSPECT = Command(
    _add_inspect_arguments,
    _inspect,
    _render,
    "inspect model.onnx --dataset images",
    _plain,
    shown_by=_SHOWN_BY,
)
IMPORT = Command(
    _add_import_arguments,
    _import,
    _render,
    "import model.onnx --output imported --labels coco-80",
    _plain,
    shown_by=_SHOWN_BY,
)
