"""What the terminal's ``profile`` does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.benchmark.profile import ProfiledModel, ProfilePlan, ProfileResult
from core.benchmark.profile_job import ProfileJob
from core.benchmark.profile_rows import layers_csv, profile_rows
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


def tell_profile(result: Plain) -> str:
    """The sums of every profile, and what follows from them."""
    return "\n\n".join(_told(profile) for profile in result["profiles"])


def _told(profile: Plain) -> str:
    hint = "true f32" if profile["precision_hint"] == "f32" else profile["precision_hint"]
    lines = [
        f"{profile['model']}, {hint}: runs in {profile['precision_executed']}, "
        f"{len(profile['layers'])} layers, {profile['layers_ms']:.2f} ms in them",
        f"  {'type':<32} {'layers':>6} {'ms':>8} {'share':>6}  precisions",
    ]
    for one in profile["by_type"][:_TYPES_TOLD]:
        precisions = ", ".join(f"{key} {value:.2f}" for key, value in one["precisions"].items())
        lines.append(
            f"  {one['name'][:32]:<32} {one['layers']:>6} {one['time_ms']:>8.2f} "
            f"{one['share']:>6.0%}  {precisions}"
        )
    for one in profile["transitions"]:
        lines.append(
            f"  {one['before']} to {one['after']}: {one['layers']} layers, of which "
            f"{one['conversions']} only convert ({one['time_ms']:.2f} ms)"
        )
    return "\n".join([*lines, *(f"- {sentence}" for sentence in profile["advice"])])
