"""Sizes in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.sizes import Units, gigabytes, megabytes, prefer


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    prefer("decimal")


@pytest.mark.parametrize(
    ("units", "small", "large"),
    [
        ("decimal", ("1.05 MB", "1,048.6 MB"), "1.1 GB"),
        ("binary", ("1.00 MiB", "1,000.0 MiB"), "1.0 GiB"),
    ],
)
def test_sizes_are_in_the_preferred_unit(units: Units, small: tuple[str, str], large: str) -> None:
    prefer(units)
    assert (megabytes(2**20), megabytes(1000 * 2**20, 1)) == small
    assert gigabytes(2**30) == large
