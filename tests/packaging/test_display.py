"""With a display or without one, and which libraries that means."""

import sys
from pathlib import Path

import pytest

from launcher import checkout, display

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")


@pytest.mark.parametrize(
    ("environment", "has_display", "x11", "wayland"),
    [
        ({}, False, False, False),
        ({"DISPLAY": ""}, False, False, False),
        ({"DISPLAY": ":0"}, True, True, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True, False, True),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, True, True, False),
        ({"QT_QPA_PLATFORM": "offscreen"}, True, False, False),
        ({"QT_QPA_PLATFORM": "vnc:port=5901"}, True, False, False),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, True, False, False),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, False, False, False),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"}, True, True, False),
    ],
)
def test_what_the_environment_says(
    environment: dict[str, str], has_display: bool, x11: bool, wayland: bool
) -> None:
    assert display.has_display(environment) is has_display
    assert display.uses_x11(environment) is x11
    assert display.uses_wayland(environment) is wayland


def test_the_sentence_names_the_command_in_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout.ROOT)

    assert display.no_display_sentence() == (
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); "
        "in the terminal the same job is .venv/bin/detection-workbench tutorial "
        "MODEL CALIBRATION_IMAGES IMAGES --output DIR"
    )


def test_the_command_can_be_copied_from_any_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    command = display.no_display_sentence().split("same job is ")[1].split(" tutorial")[0]

    assert (tmp_path / command).resolve() == checkout.script("detection-workbench").resolve()
