"""The terminal's face: ``detection-workbench COMMAND ...``. See docs/cli.md."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from core import __version__
from core.accuracy.comparison import Thresholds, VerdictLimits
from core.benchmark.profile import DEFAULT_SECONDS as PROFILE_SECONDS
from core.catalogue.describing import listing
from core.commands import Commands, Plain
from core.comparison_commands import add_comparison_arguments, compare_stored, tell_comparison
from core.dataset_commands import OTHER, check_dataset, tell_check
from core.errors import InputError, JobCancelled, WorkbenchError
from core.images.augment import MAX_COPIES, Augmentation
from core.jobs.events import Event, LogLine, Progress
from core.jobs.kept import KINDS
from core.jobs.requests import Request
from core.jobs.runner import run_job
from core.kept_commands import (
    add_export_arguments,
    compare_kept,
    export_kept,
    tell_export,
    tell_versus,
    thresholds_of,
)
from core.model_commands import add_import_arguments, changes_of, tell_import, tell_model
from core.plan_commands import (
    add_accuracy_arguments,
    add_described_plan,
    add_plan_arguments,
    plan_from,
    tell_optimize,
    tell_plan,
)
from core.profile_commands import tell_profile
from core.report_commands import ReportOptions, mapped_class, tell_report
from core.sample import sample
from core.search_commands import (
    add_search_arguments,
    refuse_search_arguments,
    settings_from,
    tell_search,
)
from core.speed_commands import add_speed_arguments, speed_options, tell_devices, tell_speed
from core.transfer_commands import (
    add_export_project_arguments,
    add_import_project_arguments,
    export_project,
    import_project,
    tell_transfer,
)
from core.values import to_json

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
TUTORIAL_SECONDS = 10.0
_LIMITS = VerdictLimits.__struct_fields__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files and classes may be any
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    cancel = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel.set())
    terminal = _Terminal(cancel, options.log)
    try:
        result = options.command(Commands(terminal.run), options)
    except JobCancelled:
        terminal.clear()
        print("Cancelled; nothing was left half-written.", file=sys.stderr)
        return INTERRUPTED
    except WorkbenchError as error:
        terminal.clear()
        print(error, file=sys.stderr)
        return BAD_INPUT if isinstance(error, InputError) else FAILED
    except OSError as error:
        terminal.clear()
        print(f"A file cannot be written: {error}.", file=sys.stderr)
        return FAILED
    terminal.clear()
    if options.json:
        sys.stdout.buffer.write(to_json(result) + b"\n")
        sys.stdout.flush()
    else:
        print(options.tell(result))
    return INTERRUPTED if cancel.is_set() else 0  # what was stopped was worth printing


class _Terminal:
    """Runs jobs with their progress on standard error, if that is a terminal."""

    def __init__(self, cancel: threading.Event, log: Path | None) -> None:
        self._cancel = cancel
        self._log = log
        self._shown = 0

    def run(self, request: Request, destination: Path) -> Path:
        """Run a job into `destination`; raises its error, or JobCancelled."""
        outcome = run_job(
            request, destination, on_event=self._show, cancel=self._cancel, log=self._log
        )
        if outcome.state == "cancelled":
            raise JobCancelled
        return outcome.require()

    def clear(self) -> None:
        """Wipe the progress line."""
        if self._shown:
            print("\r" + " " * self._shown + "\r", end="", file=sys.stderr, flush=True)
            self._shown = 0

    def _show(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self.clear()
            print(event.text, file=sys.stderr)
        elif isinstance(event, Progress) and sys.stderr.isatty():
            line = event.stage
            if event.total:
                line += f" {event.done}/{event.total}"
            if event.seconds_left is not None:
                line += f", {event.seconds_left:.0f} s left"
            print("\r" + line.ljust(self._shown), end="", file=sys.stderr, flush=True)
            self._shown = len(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="detection-workbench",
        description="Quantize an object detector to INT8, and see what it gains and what it loses.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str,
        command: Callable[[Commands, argparse.Namespace], Plain],
        tell: Callable[[Plain], str],
        help_text: str,
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(command=command, tell=tell)
        sub.add_argument("--json", action="store_true", help="print one JSON object (docs/cli.md)")
        sub.add_argument("--log", type=Path, help="append what the jobs' processes write to a file")
        return sub

    sub = add("inspect", _inspect, tell_model, "What a model is, and how it will be used.")
    sub.add_argument("model", type=Path)
    sub.add_argument("--dataset", type=Path, help="pictures to try guesses on")

    sub = add("import", _import, tell_import, "Import a model, every guess open to correction.")
    add_import_arguments(sub)

    sub = add("predict", _predict, _tell_predict, "Detections on a folder of images.")
    _add_model_and_dataset(sub)
    sub.add_argument("--output", type=Path, required=True, help="a file, for COCO results")
    sub.add_argument("--precision-hint", choices=("f32", "default"), default="f32")

    sub = add("optimize", _optimize, _tell_optimize, "Quantize a model to INT8.")
    _add_model_and_dataset(sub)
    sub.add_argument("--output", type=Path, required=True, help="a folder, for the model")
    add_plan_arguments(sub)
    add_search_arguments(sub)
    add_accuracy_arguments(sub)

    sub = add("plan", _plan, tell_plan, "A plan in words, and what it keeps of a model in float.")
    add_described_plan(sub)

    sub = add("benchmark", _benchmark, tell_speed, "Speed of one model, or of several in turns.")
    add_speed_arguments(sub)

    add("devices", _devices, tell_devices, "What models can be measured on.")

    sub = add("profile", _profile, tell_profile, "Where the time goes, layer by layer.")
    sub.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="one model, or two")
    sub.add_argument("--csv", type=Path, metavar="DIR", help="a folder, for tables of layers")
    _add_seconds(sub, PROFILE_SECONDS)

    _add_report_commands(add)

    _add_package(add)

    sub = add(
        "create-dataset",
        _create_dataset,
        _tell_create_dataset,
        "Copy images, and variants of them, into a dataset of their own.",
    )
    _add_augmentation(sub)

    sub = add("check-dataset", _check_dataset, tell_check, "What to know before relying on it.")
    sub.add_argument("dataset", type=Path)
    sub.add_argument("other", type=Path, nargs="?", help="that it should share no images with")
    sub.add_argument("--role", choices=tuple(OTHER), default="validation")

    sub = add("tutorial", _tutorial, _tell_tutorial, "All of it; without MODEL, on the sample.")
    sub.add_argument("model", type=Path, nargs="?")
    sub.add_argument("calibration", type=Path, nargs="?", metavar="CALIBRATION_DATASET")
    sub.add_argument("dataset", type=Path, nargs="?")
    sub.add_argument("--output", type=Path, required=True, help="a folder, for everything")
    _add_seconds(sub, TUTORIAL_SECONDS)

    sub = add("catalogue", _catalogue, _tell_catalogue, "Open Model Zoo: list, or get NAME.")
    sub.add_argument("action", choices=("list", "get"))
    sub.add_argument("name", nargs="?", help="for get: a model of the list")
    sub.add_argument("--output", type=Path, help="for get: a folder, for the model")
    return parser


def _add_report_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    sub = add(
        "compare-projects",
        _compare_projects,
        tell_comparison,
        "Projects of the window side by side: speed, size, accuracy, layers.",
    )
    add_comparison_arguments(sub)

    sub = add("report", _report, tell_report, "Compare two models, in one of three ways.")
    sub.add_argument("parent", type=Path)
    sub.add_argument("optimized", type=Path)
    sub.add_argument("dataset", type=Path)
    sub.add_argument("--output", type=Path, required=True, help="a folder, for the report")
    _add_report_options(sub)

    sub = add("export-report", _export_report, tell_export, "A report in another format.")
    add_export_arguments(sub)
    _add_thresholds(sub)

    sub = add("compare-reports", _compare_reports, tell_versus, "Two reports of one kind.")
    sub.add_argument("first", type=Path, help="a folder that report made")
    sub.add_argument("second", type=Path, help="another one")
    _add_thresholds(sub)


def _add_model_and_dataset(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path)
    sub.add_argument("dataset", type=Path)


def _add_report_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--kind", choices=KINDS, default="predictions")
    sub.add_argument("--html", nargs="?", const="", metavar="FILE", help="one page, to send on")
    sub.add_argument("--pictures", type=_positive_int, default=0, metavar="N", help="worst images")
    _add_thresholds(sub)
    sub.add_argument(
        "--map", type=mapped_class, action="append", default=[], metavar="CLASS=MODEL_CLASS",
        dest="mapped", help="a class of the dataset is this one of the model; nothing for none",
    )  # fmt: skip
    sub.add_argument("--images", type=_positive_int, default=32, metavar="N", help="of tensors")
    sub.add_argument("--seed", type=int, default=0, metavar="N", help="of tensors")


def _add_thresholds(sub: argparse.ArgumentParser) -> None:
    """All of them; what is not given stays as it is."""
    for name, kind, letter, help_text in (
        ("score", _share, "S", "detections from this score on"),
        ("iou", _share, "T", "overlap of a match"),
        ("per-class-limit", _positive_int, "N", "detections of one image and class"),
        ("shifted-iou", _share, "T", "a match below has shifted"),
        ("score-drift", _share, "S", "a score may change by so much"),
        *((name.replace("_", "-"), _share, "S", "of the verdict") for name in _LIMITS),
    ):
        sub.add_argument(f"--{name}", type=kind, metavar=letter, help=help_text)


def _add_augmentation(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="a file or a folder")
    sub.add_argument("--output", type=Path, required=True, help="a folder, new or empty")
    sub.add_argument(
        "--flip", choices=("horizontal", "vertical", "both"), help="add mirrored images"
    )
    for name, help_text in (
        ("erase", "add images with a rectangle of noise on up to this share of them"),
        ("noise", "add images with noise of this standard deviation"),
        ("brightness", "add images that are so much brighter or darker at most"),
        ("contrast", "add images with so much more or less contrast at most"),
        ("color", "add images with so much more or less colour at most"),
    ):
        sub.add_argument(f"--{name}", type=_share, default=0.0, metavar="S", help=help_text)
    sub.add_argument("--copies", type=_positive_int, default=1, metavar="N", help="of each kind")
    sub.add_argument("--seed", type=int, default=0, metavar="N")


def _add_seconds(sub: argparse.ArgumentParser, default: float) -> None:
    sub.add_argument(
        "--seconds",
        type=_positive,
        default=default,
        metavar="S",
        help=f"for all the measuring together (default {default:g})",
    )


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _positive_int(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _inspect(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.inspect(options.model, options.dataset)


def _import(commands: Commands, options: argparse.Namespace) -> Plain:
    if options.preview != (options.image is not None):
        raise InputError("A preview needs an image.", "Use import --preview MODEL IMAGE.")
    changes = changes_of(options)
    return commands.import_model(
        options.model, options.image, options.output, changes, options.score
    )


def _predict(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.predict(options.model, options.dataset, options.output, options.precision_hint)


def _optimize(commands: Commands, options: argparse.Namespace) -> Plain:
    plan = plan_from(options)
    if options.search:
        if plan.accuracy is not None:
            raise InputError(
                "A search keeps to an agreement of its own.",
                "Use --search with --max-loss instead.",
            )
        settings = settings_from(options, plan)
        return commands.search(
            options.model, options.dataset, options.output, settings, options.resume
        )
    refuse_search_arguments(options)
    return commands.optimize(options.model, options.dataset, options.output, plan, options.judge_on)


def _plan(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.plan(options.model, options)


def _benchmark(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.benchmark(options.models, speed_options(options))


def _devices(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.devices()


def _profile(commands: Commands, options: argparse.Namespace) -> Plain:
    if len(options.models) > 2:
        raise InputError("More than two models were named.", "Name one model, or two.")
    return commands.profile(options.models, options.seconds, options.csv)


def _compare_projects(commands: Commands, options: argparse.Namespace) -> Plain:
    return compare_stored(options.projects, options.workspace, options.output)


def _report(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.report(
        options.parent,
        options.optimized,
        options.dataset,
        options.output,
        ReportOptions(
            kind=options.kind,
            thresholds=_thresholds(options, Thresholds()),
            html=_page(options),
            pictures=options.pictures,
            mapped=dict(options.mapped),
            images=options.images,
            seed=options.seed,
        ),
    )


def _thresholds(options: argparse.Namespace, usual: Thresholds) -> Thresholds:
    """`usual`, with what the arguments change."""
    given = {name: value for name, value in vars(options).items() if value is not None}
    limits = {name: given[name] for name in _LIMITS if name in given}
    changes = {name: given[name] for name in Thresholds.__struct_fields__ if name in given}
    return replace(usual, **changes, limits=replace(usual.limits, **limits))


def _export_report(commands: Commands, options: argparse.Namespace) -> Plain:
    return export_kept(commands.run, options, _thresholds(options, thresholds_of(options.report)))


def _compare_reports(commands: Commands, options: argparse.Namespace) -> Plain:
    thresholds = _thresholds(options, thresholds_of(options.first))
    return compare_kept(options.first, options.second, thresholds)


def _page(options: argparse.Namespace) -> Path | None:
    if options.html is None:
        return None
    return Path(options.html) if options.html else options.output / "report.html"


def _add_package(add: Callable[..., argparse.ArgumentParser]) -> None:
    sub = add("package", _package, _tell_package, "A detector that runs without this program.")
    sub.add_argument("model", type=Path)
    sub.add_argument("dataset", type=Path, help="whose images the self-test takes")
    sub.add_argument("--output", type=Path, required=True, help="a new folder, or a .zip")
    sub.add_argument("--precision", choices=("f32", "bf16", "f16"), default="", help="to run with")
    sub = add(
        "export-project", _export_project, tell_transfer, "A project of a workspace as one file."
    )
    add_export_project_arguments(sub)
    sub = add("import-project", _import_project, tell_transfer, "Such a file into a workspace.")
    add_import_project_arguments(sub)


def _export_project(commands: Commands, options: argparse.Namespace) -> Plain:
    return export_project(commands.run, options)


def _import_project(commands: Commands, options: argparse.Namespace) -> Plain:
    return import_project(commands.run, options)


def _package(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.package(options.model, options.dataset, options.output, options.precision)


def _tell_package(result: Plain) -> str:
    return f"{result['file']}: a package with a self-test on {result['examples']} images."


def _create_dataset(commands: Commands, options: argparse.Namespace) -> Plain:
    augmentation = Augmentation(
        horizontal_flip=options.flip in ("horizontal", "both"),
        vertical_flip=options.flip in ("vertical", "both"),
        erase=options.erase,
        noise=options.noise,
        brightness=options.brightness,
        contrast=options.contrast,
        color=options.color,
        copies=min(options.copies, MAX_COPIES),
        seed=abs(options.seed),
    )
    return commands.create_dataset(options.images, options.output, augmentation)


def _check_dataset(commands: Commands, options: argparse.Namespace) -> Plain:
    return check_dataset(commands.run, options.dataset, options.other, options.role)


def _tutorial(commands: Commands, options: argparse.Namespace) -> Plain:
    parts = (options.model, options.calibration, options.dataset)
    if parts == (None, None, None):
        ours = sample()
        parts = (ours.model, ours.calibration, ours.validation)
    elif None in parts:
        raise InputError(
            "A model alone is not enough.",
            "Name MODEL CALIBRATION_DATASET DATASET, or none of them for the sample.",
        )
    model, calibration, dataset = parts
    return commands.tutorial(model, calibration, dataset, options.output, options.seconds)


def _catalogue(commands: Commands, options: argparse.Namespace) -> Plain:
    if options.action == "list":
        return commands.catalogue_list()
    if options.name is None or options.output is None:
        raise InputError(
            "What to get, or where to put it, is missing.",
            "Type: catalogue get NAME --output DIR.",
        )
    return commands.catalogue_get(options.name, options.output)


def _tell_predict(result: Plain) -> str:
    return f"{result['detections']} detections in {result['images']} images, in {result['output']}."


def _tell_optimize(result: Plain) -> str:
    return tell_search(result) if "candidates" in result else tell_optimize(result)


def _tell_create_dataset(result: Plain) -> str:
    left_out = len(result["problems"])
    lines = [
        f"{result['images']} images and {result['variants']} variants of them, "
        f"in {result['dataset']}."
    ]
    if left_out:
        lines.append(f"{left_out} were left out; the first one: {result['problems'][0]}")
    return "\n".join(lines)


def _tell_tutorial(result: Plain) -> str:
    speed: dict[str, Any] = result["benchmark"]
    return "\n".join(
        [_tell_optimize(result["optimize"]), tell_speed(speed), str(result["verdict"])]
    )


def _tell_catalogue(result: Plain) -> str:
    return listing(result["models"]) if "models" in result else str(result["model"])


if __name__ == "__main__":
    sys.exit(main())
