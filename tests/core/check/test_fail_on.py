"""``report --fail-on``: a verdict as an exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.failing import verdict_status
from core.metrics.accuracy.verdict import Grounds, Verdict, VerdictName, verdict_on
from core.metrics.matching.thresholds import VerdictLimits
from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_images
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


@pytest.mark.parametrize(
    ("name", "on_not_safe", "on_check"), [("safe", 0, 0), ("check", 0, 3), ("not_safe", 3, 3)]
)
def test_a_verdict_fails_from_the_named_one_on(
    name: VerdictName, on_not_safe: int, on_check: int
) -> None:
    verdict = Verdict(name=name, reason="kept")
    assert verdict_status(verdict, "not_safe") == on_not_safe
    assert verdict_status(verdict, "check") == on_check


def test_where_the_parent_finds_nothing_nothing_is_decided() -> None:
    verdict = verdict_on(Grounds(kept=None), None, VerdictLimits())
    assert verdict_status(verdict, "not_safe") == verdict_status(verdict, "check") == 4


def test_as_typed(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    images = tmp_path / "images"
    write_images(images, 20)

    def status(optimized: Path, *more: object) -> int:
        return terminal(
            "report", made.model, optimized, images, "--output", tmp_path / "report", *more
        ).status

    other = models.save(models.ssd(seed=5), tmp_path / "other", "ssd", models.CLASSES)
    assert status(made.model, "--fail-on", "check") == 0
    assert status(other) == 0, "without the flag, a report that was made is a success"
    assert status(other, "--fail-on", "not_safe") == 3
    assert (tmp_path / "report" / "report.json").is_file()
    assert status(other, "--fail-on", "check", "--score", 1) == 3, "no threshold hides a loss"


def test_a_kind_without_a_verdict_is_refused(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    said = terminal(
        "report", made.model, made.model, made.images, "--output", tmp_path / "report",
        "--kind", "tensor-distance", "--fail-on", "check",
    )  # fmt: skip
    assert said.status == 2
    assert "A report of the kind tensor-distance has no verdict" in said.err
    assert not (tmp_path / "report").exists()
