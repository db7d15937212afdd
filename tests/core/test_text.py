"""Text that is shown to people."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from core.text import when, when_utc


@pytest.fixture
def kathmandu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The user lives 5:45 east of Greenwich."""
    if sys.platform == "win32":
        pytest.skip("no process there can be moved to another zone")
    monkeypatch.setenv("TZ", "NPT-05:45")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("kathmandu")
def test_screens_have_the_users_own_time_and_files_have_utc() -> None:
    measured = "2026-01-02T20:00:00+00:00"
    assert when(measured) == "2026-01-03 01:45"
    assert when_utc(measured) == "2026-01-02 20:00 UTC"
    assert when("some day") == "some day"
