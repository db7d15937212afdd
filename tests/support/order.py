"""In which order the files of tests run: what takes long first, so that nothing waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

# The longest first; `--durations` says what belongs here. All others follow by their names.
LONG = (
    "tests/hostile/test_hostile.py",
    "tests/packaging/test_wheel.py",
    "tests/core/machines/test_hosts_detect.py",
    "tests/field/test_field_models.py",
    "tests/field/test_field_layouts.py",
    "tests/core/machines/test_run_on.py",
    "tests/core/search/test_search_input_sizes.py",
    "tests/core/search/test_search_job.py",
    "tests/core/search/test_search_on_machines.py",
    "tests/core/machines/test_sent.py",
    "tests/core/check/test_check_cli.py",
    "tests/core/jobs/test_jobs.py",
    "tests/core/machines/test_spread.py",
    "tests/core/deployment/test_package_inside.py",
    "tests/core/jobs/test_quiet.py",
    "tests/field/test_field_faults.py",
    "tests/core/machines/test_hosts.py",
    "tests/packaging/test_frozen.py",
    "tests/core/cli/test_cli.py",
    # The window's
    "tests/kills/test_kills.py",
    "tests/app/performance/test_run_on.py",
    "tests/e2e/test_screenshots.py",
    "tests/soak/test_soak.py",
    "tests/e2e/test_handing_over.py",
    "tests/e2e/test_clicks_to_the_verdict.py",
)
_RANKS = {ROOT / name: rank for rank, name in enumerate(LONG)}


def sort(items: list[pytest.Item]) -> None:
    """Put the tests in order, wherever their collecting began."""
    items.sort(key=lambda item: (_RANKS.get(item.path, len(LONG)), item.path))


def begin_elsewhere(folders: Sequence[str], number: int, count: int) -> list[str]:
    """The folders of one of so many processes: each begins with others.

    The first that imports a file of tests stores it in the form that pytest makes of it, which
    takes half of the time of collecting.
    """
    parts = [part for folder in folders for part in _parts(folder)]
    turn = number * len(parts) // count
    return parts[turn:] + parts[:turn]


def _parts(folder: str) -> list[str]:
    inside = sorted(Path(folder).iterdir()) if Path(folder).is_dir() else []
    parts = [one for one in inside if one.is_dir() and one.name[0].isalpha()]
    parts += [one for one in inside if one.match("test_*.py")]
    return [str(one) for one in parts] or [folder]
