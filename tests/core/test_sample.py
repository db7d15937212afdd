"""The sample is used from a copy in the workspace: where the program lies may change or go."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.sample import copied_sample, sample


def test_the_copy_has_all_parts_and_is_made_once(tmp_path: Path) -> None:
    ours = copied_sample(tmp_path / "sample")

    installed = sample()
    for part, original in (
        (ours.model, installed.model),
        (ours.model.with_suffix(".bin"), installed.model.with_suffix(".bin")),
        *zip(
            sorted(ours.validation.rglob("*.jpg")),
            sorted(installed.validation.rglob("*.jpg")),
            strict=True,
        ),
    ):
        assert part.read_bytes() == original.read_bytes()
    assert not list((tmp_path / "sample").rglob("*.py"))
    changed = ours.model.stat().st_mtime_ns
    assert copied_sample(tmp_path / "sample") == ours
    assert ours.model.stat().st_mtime_ns == changed


def test_a_copy_that_lost_something_says_what_to_do(tmp_path: Path) -> None:
    ours = copied_sample(tmp_path / "sample")
    ours.model.unlink()

    with pytest.raises(WorkbenchError, match="Delete the folder") as raised:
        copied_sample(tmp_path / "sample")

    assert str(ours.model) in str(raised.value)


def test_a_copy_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "workspace").write_text("a file")

    with pytest.raises(WorkbenchError):
        copied_sample(tmp_path / "workspace" / "sample")

    assert list(tmp_path.iterdir()) == [tmp_path / "workspace"]
