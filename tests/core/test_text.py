"""Text that is shown to people."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from core.text import percent, significant, when, when_utc, whole_number


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


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.012345, 3, "0.0123"), (1.5, 4, "1.5"), (19290.4, 4, "19290"), (9999.6, 4, "10000"),
        (999.4, 3, "999"), (999.6, 3, "1000"), (-2e4, 2, "-20000"), (0, 2, "0"),
    ],
)  # fmt: skip
def test_large_figures_have_no_exponent(value: float, digits: int, text: str) -> None:
    assert significant(value, digits) == text


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.9796, "97.96%"),
        (0.97, "97.0%"),
        (0.98, "98.0%"),
        (0.98004, "98.004%"),
        (0.9400, "94.0%"),
        (0.93996, "93.996%"),
        (1.021, "102.1%"),
    ],
)
def test_a_share_is_never_rounded_to_the_other_side_of_a_limit(share: float, shown: str) -> None:
    assert percent(share, 0.98, 0.94) == shown


@pytest.mark.parametrize(
    ("said", "number"),
    [(7, 7), ("007", 7), ("8", None), ("", None), ("-1", None), ("1.0", None), ("٣", None)],
)
def test_digits_say_a_number_up_to_a_limit(said: object, number: int | None) -> None:
    assert whole_number(said, 7) == number


def test_thousands_of_digits_are_no_number() -> None:
    """Python raises ValueError for them, which nobody expected of a text of digits."""
    assert whole_number("9" * 5000, 2**63 - 1) is None
    assert whole_number("0" * 5000 + "3", 7) == 3
