"""What the terminal's ``profile`` does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.benchmark.profile import ProfiledModel, ProfilePlan, ProfileResult
from core.benchmark.profile_job import ProfileJob
from core.benchmark.profile_rows import layers_csv, profile_rows
from core.cli.rendering import Rendered, Table
from core.errors import InputError
from core.inference.compiling import DEFAULT_DEVICE
from core.jobs.job import RESULT_FILE, Job
from core.models.stored import StoredModel
from core.values import Plain, read_json, write_bytes_whole

_TYPES_TOLD = 8


def make_profile(
    run: Callable[[Job, Path], Path],
    models: list[tuple[str, StoredModel]],
    seconds: float,
    csv_folder: Path | None = None,
) -> Plain:
    """Time the layers of one model, or of two in turns; the first is the parent.

    With `csv_folder`, a CSV file of layers is written there for each profile.
    """
    (name, first), others = models[0], models[1:]
    plan = ProfilePlan(
        models=(
            ProfiledModel(name=name, xml=first.xml, precision_hint="f32"),
            ProfiledModel(name=name, xml=first.xml),
            *(ProfiledModel(name=other, xml=stored.xml) for other, stored in others),
        ),
        seconds=seconds,
        device=DEFAULT_DEVICE,
    )
    with tempfile.TemporaryDirectory(
        prefix="detection-workbench-", ignore_cleanup_errors=True
    ) as temporary:
        folder = run(ProfileJob(plan=plan), Path(temporary) / "profile")
        result = read_json(folder / RESULT_FILE, ProfileResult)
    rows = profile_rows(result)
    if csv_folder is not None:
        rows["csv"] = [str(path) for path in _write_csv(result, csv_folder)]
    return rows


def _write_csv(result: ProfileResult, folder: Path) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} exists and is not a folder.", "Name a folder for --csv.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, profile in enumerate(result.profiles, start=1):
        path = folder / f"layers-{number}-{profile.precision_hint}.csv"
        write_bytes_whole(path, layers_csv(profile))
        written.append(path)
    return written


def render_profile(result: Plain) -> Rendered:
    """The sums of every profile, and what follows from them."""
    parts: list[str | Table] = []
    for profile in result["profiles"]:
        parts += ["", *_profile_parts(profile)] if parts else _profile_parts(profile)
    return parts


def _profile_parts(profile: Plain) -> list[str | Table]:
    hint = "true f32" if profile["precision_hint"] == "f32" else profile["precision_hint"]
    return [
        f"{profile['model']}, {hint}: runs in {profile['precision_executed']}, "
        f"{len(profile['layers'])} layers, {profile['layers_ms']:.2f} ms in them",
        Table(
            ("type", "layers", "ms", "share", "precisions"),
            [_sum_row(one) for one in profile["by_type"][:_TYPES_TOLD]],
            numbers=("layers", "ms", "share"),
            indent=2,
        ),
        *(
            f"  {one['before']} to {one['after']}: {one['layers']} layers, of which "
            f"{one['conversions']} only convert ({one['time_ms']:.2f} ms)"
            for one in profile["transitions"]
        ),
        *(f"- {sentence}" for sentence in profile["advice"]),
    ]


def _sum_row(one: Plain) -> tuple[str, ...]:
    precisions = ", ".join(f"{key} {value:.2f}" for key, value in one["precisions"].items())
    share = f"{one['share']:.0%}"
    return one["name"], str(one["layers"]), f"{one['time_ms']:.2f}", share, precisions
