"""Every page on a real X screen, light and dark, small and at twice the scale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.support.window import make_material
from tests.support.xvfb import PROGRAM, virtual_screen

PAGES = ("start", "project", "optimize", "performance", "report", "viewer")
SCRIPT = Path(__file__).parents[2] / "packaging" / "screenshots.py"

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Xvfb is not installed")


def _take(folder: Path, display: str, *more: str, scale: str = "1") -> dict[str, QImage]:
    subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), *more],
        env={
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": scale,
            "PYTHONPATH": str(SCRIPT.parents[1]),
        },
        check=True,
        timeout=300,
    )
    return {name: QImage(str(folder / f"{name}.png")) for name in PAGES}


def _colours(image: QImage) -> int:
    small = image.scaled(160, 90)
    return len({small.pixel(x, y) for x in range(small.width()) for y in range(small.height())})


@pytest.mark.timeout(400)  # three starts of the program and its jobs, on a machine that may be busy
def test_every_page_is_drawn_light_dark_and_scaled(tmp_path: Path) -> None:
    material = make_material(tmp_path)
    given = ["--material", *map(str, (material.model, material.calibration, material.validation))]
    given += ["--seconds", "0.1"]
    workspace = ["--workspace", str(tmp_path / "workspace")]
    with virtual_screen("2800x1700x24") as display:
        light = _take(tmp_path / "light", display, *given, *workspace)
        dark = _take(tmp_path / "dark", display, "--theme", "dark", *workspace)
        scaled = _take(tmp_path / "scaled", display, *workspace, scale="2")
    for name in PAGES:
        assert (light[name].width(), light[name].height()) == (1366, 768)
        assert (scaled[name].width(), scaled[name].height()) == (2732, 1536)
        corner = (light[name].pixelColor(3, 700), dark[name].pixelColor(3, 700))
        assert corner[0].lightness() > 200, f"{name} is not light"
        assert corner[1].lightness() < 60, f"{name} is not dark"
        for image in (light[name], dark[name], scaled[name]):
            assert _colours(image) > 20, f"{name} is empty"
    assert len({bytes(image.constBits()) for image in light.values()}) == len(PAGES)
