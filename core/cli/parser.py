"""All commands of the terminal, and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import __version__
from core.cli.arguments import Parser
from core.cli.benchmark import BENCHMARK, DEVICES
from core.cli.catalogue import render_catalogue
from core.cli.command import Command
from core.cli.commands import Commands
from core.cli.data_parser import add_dataset_commands, add_package_commands
from core.cli.models import add_import_arguments, changes_of, render_import, render_model
from core.cli.plans import (
    add_accuracy_arguments,
    add_described_plan,
    add_plan_arguments,
    plan_from,
    render_optimize,
    render_plan,
)
from core.cli.profiling import PROFILE
from core.cli.project_comparison import COMPARE_PROJECTS
from core.cli.rendering import Rendered
from core.cli.reports import COMPARE_REPORTS, EXPORT_REPORT, REPORT
from core.cli.search import (
    add_search_arguments,
    refuse_search_arguments,
    render_search,
    settings_from,
)
from core.cli.tutorial import TUTORIAL
from core.errors import InputError
from core.values import Plain


def parser() -> argparse.ArgumentParser:
    """What reads the command line; each command says what it calls and how its result is shown."""
    parser = Parser(
        prog="detection-workbench",
        description="Quantize an object detector to INT8, and see what it gains and what it loses.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str,
        command: Callable[[Commands, argparse.Namespace], Any],
        render: Callable[[Any], Rendered],
        help_text: str,
        plain: Callable[[Any], Any] = lambda result: result,
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(command=command, render=render, plain=plain)
        sub.add_argument("--json", action="store_true", help="print one JSON object (docs/cli.md)")
        sub.add_argument("--log", type=Path, help="append what the jobs' processes write to a file")
        return sub

    sub = add("inspect", _inspect, render_model, "What a model is, and how it will be used.")
    sub.add_argument("model", type=Path)
    sub.add_argument("--dataset", type=Path, help="pictures to try guesses on")

    sub = add("import", _import, render_import, "Import a model, every guess open to correction.")
    add_import_arguments(sub)

    sub = add("predict", _predict, _render_predict, "Detections on a folder of images.")
    _add_model_and_dataset(sub)
    sub.add_argument("--output", type=Path, required=True, help="a file, for COCO results")
    sub.add_argument("--precision-hint", choices=("f32", "default"), default="f32")

    sub = add("optimize", _optimize, _render_optimize, "Quantize a model to INT8.")
    _add_model_and_dataset(sub)
    sub.add_argument("--output", type=Path, required=True, help="a folder, for the model")
    add_plan_arguments(sub)
    add_search_arguments(sub)
    add_accuracy_arguments(sub)

    sub = add("plan", _plan, render_plan, "A plan in words, and what it keeps of a model in float.")
    add_described_plan(sub)

    measuring: tuple[Command[Any], ...] = (BENCHMARK, DEVICES, PROFILE, COMPARE_PROJECTS)
    for command in (*measuring, REPORT, EXPORT_REPORT, COMPARE_REPORTS):
        _add(command, add)

    add_package_commands(add)

    add_dataset_commands(add)

    _add(TUTORIAL, add)

    sub = add("catalogue", _catalogue, render_catalogue, "Open Model Zoo: list, or get NAME.")
    sub.add_argument("action", choices=("list", "get"))
    sub.add_argument("name", nargs="?", help="for get: a model of the list")
    sub.add_argument("--output", type=Path, help="for get: a folder, for the model")
    return parser


def _add_model_and_dataset(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path)
    sub.add_argument("dataset", type=Path)


def _add(command: Command[Any], add: Callable[..., argparse.ArgumentParser]) -> None:
    """A command whose result stays typed until it is rendered."""

    def run(commands: Commands, options: argparse.Namespace) -> Any:
        return command.run(commands.run, options)

    command.add_arguments(add(command.name, run, command.render, command.help, command.plain))


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
                "A search has its own limit of what may be lost.",
                "Use --search with --max-loss instead.",
            )
        settings = settings_from(options, plan)
        return commands.search(
            options.model, options.dataset, options.output, settings, options.resume
        )
    refuse_search_arguments(options)
    return commands.optimize(
        options.model, options.dataset, options.output, plan, options.evaluate_on
    )


def _plan(commands: Commands, options: argparse.Namespace) -> Plain:
    return commands.plan(options.model, options)


def _catalogue(commands: Commands, options: argparse.Namespace) -> Plain:
    if options.action == "list":
        return commands.catalogue_list()
    if options.name is None or options.output is None:
        raise InputError(
            "What to get, or where to put it, is missing.",
            "Type: catalogue get NAME --output DIR.",
        )
    return commands.catalogue_get(options.name, options.output)


def _render_predict(result: Plain) -> str:
    return f"{result['detections']} detections in {result['images']} images, in {result['output']}."


def _render_optimize(result: Plain) -> Rendered:
    return render_search(result) if "candidates" in result else render_optimize(result)
