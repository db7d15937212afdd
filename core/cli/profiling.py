"""The command ``profile``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import seconds
from core.cli.command import Command, RunJob
from core.cli.imported import all_imported
from core.cli.rendering import Rendered, Table
from core.cli.run_arguments import add_run_on
from core.errors import InputError
from core.folders import appearing, temporary_folder
from core.jobs.job import read_result
from core.machines.run_on import host_for
from core.profiling.bottlenecks import compare_int8
from core.profiling.findings import Finding
from core.profiling.layers_csv import layers_csv
from core.profiling.profile import Profile
from core.profiling.result import ProfileResult
from core.profiling.service import profile_job, profile_on
from core.profiling.settings import DEFAULT_SECONDS, ProfileSettings
from core.profiling.sums import LayerSum, by_precision, by_type, float_share, transitions
from core.values import Plain, to_plain
from core.wording.profiling import (
    emulation,
    finding_sentence,
    profile_title,
    transition_sentence,
)

_TYPES_SHOWN = 8


@dataclass(frozen=True)
class Profiled:
    """The profiles, and the CSV files that were written of them."""

    result: ProfileResult
    csv: tuple[Path, ...]


def add_arguments(sub: argparse.ArgumentParser) -> None:
    """Models, time, and where tables go."""
    sub.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="one or two models")
    sub.add_argument("--csv", type=Path, metavar="DIR", help="output folder for tables of layers")
    sub.add_argument(
        "--seconds",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="S",
        help=f"time of all measurements together (default: {DEFAULT_SECONDS:g})",
    )
    add_run_on(sub, "profile")


def run_profile(run: RunJob, options: argparse.Namespace) -> Profiled:
    """Profile the layers of one model, or of two in turns; the first is the parent."""
    if len(options.models) > 2:
        raise InputError("More than two models were named.", "Specify one model, or two.")
    host_for(options.run_on)  # before any work
    folder: Path | None = options.csv
    if folder is not None and folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", "Specify a folder for --csv.")
    with all_imported(run, options.models) as models, temporary_folder() as temporary:
        parent, *optimized = ((name, stored.xml) for name, stored in models)
        settings = ProfileSettings(seconds=options.seconds)
        job = profile_job(parent, optimized[0] if optimized else None, settings)
        there = profile_on(job, options.run_on)
        result = read_result(run(there, temporary / "profile"), ProfileResult)
    return Profiled(result, _write_csv(result, folder) if folder is not None else ())


def render(done: Profiled) -> Rendered:
    """The sums of every profile, and what follows from them."""
    result = done.result
    parts: list[str | Table] = []
    for profile, findings in zip(result.profiles, result.findings, strict=True):
        parts += ["", *_parts(profile, findings)] if parts else _parts(profile, findings)
        slow = emulation(profile, result.machine)
        parts += [f"- {slow}"] if slow else []
    return parts


def plain(done: Profiled) -> Plain:
    """Everything that was found and what is computed from it, but where layers are drawn."""
    result = done.result
    found: Plain = {
        "version": result.version,
        "machine": to_plain(result.machine),
        "rounds": result.rounds,
        "started": result.started,
        "profiles": [
            _plain_profile(profile, findings)
            for profile, findings in zip(result.profiles, result.findings, strict=True)
        ],
        "comparisons": [
            {**to_plain(one), "verdict": one.verdict, "gained_ms": one.gained_ms}
            for one in (
                compare_int8(parent, optimized)
                for optimized in result.profiles
                if optimized.quantized
                for parent in result.profiles
                if not parent.quantized
            )
        ],
    }
    return {**found, "csv": [str(path) for path in done.csv]} if done.csv else found


def _write_csv(result: ProfileResult, folder: Path) -> tuple[Path, ...]:
    names = []
    with appearing(folder) as work:
        work.mkdir(parents=True)
        for number, profile in enumerate(result.profiles, start=1):
            names.append(f"layers-{number}-{profile.precision_hint}.csv")
            (work / names[-1]).write_bytes(layers_csv(profile))
    return tuple(folder / name for name in names)


def _plain_profile(profile: Profile, findings: tuple[Finding, ...]) -> Plain:
    found: Plain = to_plain(profile)
    layers = found.pop("layers")
    return {
        **found,
        "layers_ms": profile.layers_ms,
        "float_share": float_share(profile),
        "by_type": to_plain(by_type(profile)),
        "by_precision": to_plain(by_precision(profile)),
        "transitions": to_plain(transitions(profile)),
        "findings": [{**to_plain(one), "sentence": finding_sentence(one)} for one in findings],
        "layers": layers,
    }


def _parts(profile: Profile, findings: tuple[Finding, ...]) -> list[str | Table]:
    return [
        f"{profile_title(profile.key)}: {len(profile.layers)} layers, "
        f"{profile.layers_ms:.2f} ms in them",
        Table(
            ("type", "layers", "ms", "share", "precisions"),
            [_sum_row(one) for one in by_type(profile)[:_TYPES_SHOWN]],
            numbers=("layers", "ms", "share"),
            indent=2,
        ),
        *(f"  {transition_sentence(one)}" for one in transitions(profile)),
        *(f"- {finding_sentence(one)}" for one in findings),
    ]


def _sum_row(one: LayerSum) -> tuple[str, ...]:
    precisions = ", ".join(f"{key} {value:.2f}" for key, value in one.precisions.items())
    return one.name, str(one.layers), f"{one.time_ms:.2f}", f"{one.share:.0%}", precisions


PROFILE = Command(
    add_arguments,
    run_profile,
    render,
    "profile parent.xml int8.xml --csv layers",
    plain,
)
