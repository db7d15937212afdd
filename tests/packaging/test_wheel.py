"""A wheel built from the checkout: what is in it, and that the program runs from it alone."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import pytest

from core import __version__
from launcher.checkout import ROOT

INSTALLED = ("core", "app", "resources")
CACHES = ("__pycache__", "*.egg-info", "build", "dist", ".*")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
# The window as its start script opens it, painted, and closed by what closes it.
OPEN_AND_CLOSE = """
import sys
from importlib.metadata import entry_points
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

application = QApplication([])
seen = []

def look():
    shown = [widget for widget in application.topLevelWidgets() if widget.isVisible()]
    if not shown:
        QTimer.singleShot(100, look)
        return
    seen.append(shown[0].grab().save(sys.argv[1]))
    seen.append(not application.windowIcon().pixmap(64, 64).isNull())
    shown[0].close()

QTimer.singleShot(100, look)
(start,) = entry_points(group="gui_scripts", name="detection-workbench-window")
status = start.load()(["--workspace", sys.argv[2]])
assert seen == [True, True], f"painted, icon: {seen}"
sys.exit(status)
"""

pytestmark = pytest.mark.timeout(300)


class Installation:
    """A fresh environment that holds the wheel, and sees what the tests' environment has."""

    def __init__(self, folder: Path) -> None:
        venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
        self._elsewhere = folder.parent
        self._scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self._script("python")
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        self.site = Path(self.run(self.python, "-c", where).strip())
        # Folders in a .pth are searched after the environment's own, and their .pth files, such as
        # the one of the checkout, are not read.
        seen = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        (self.site / "tests.pth").write_text("\n".join(seen), encoding="utf-8")

    def install(self, wheel: Path) -> None:
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"]
        self.run(*pip, "install", "--no-deps", "--no-index", "--quiet", wheel)

    def start(self, script: str, *arguments: object) -> str:
        return self.run(self._script(script), *arguments)

    def run(self, *command: object, **variables: str) -> str:
        """What a command prints that knows nothing of the checkout; fails where it does."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self._elsewhere,
            env={**kept, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _script(self, name: str) -> Path:
        return self._scripts / (name + (".exe" if os.name == "nt" else ""))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that neither the checkout nor an earlier build matters."""
    copy = tmp_path_factory.mktemp("built") / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*CACHES))
    output = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-P", "-c", BUILD, str(output)]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    (made,) = output.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("fresh") / "venv")
    installation.install(wheel)
    return installation


def test_it_holds_the_program_and_nothing_else(wheel: Path) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for name in INSTALLED
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == wanted
    names = {PurePosixPath(one).name for one in held}
    assert not [one for one in names if one == "train.py" or one.startswith("test_")]
    assert held >= {
        "resources/catalogue/models.json",
        "resources/deployment/cpp/main.cpp.in",
        "resources/help/tutorial.md",
        "resources/icons/detection-workbench.svg",
        "resources/labels/coco-80.txt",
        "resources/sample/model/sample-ssd.bin",
        "resources/sample/validation/annotations.json",
    }


def test_it_says_what_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = f"detection_workbench-{__version__}.dist-info"
    fields = email.message_from_bytes(archive.read(f"{info}/METADATA"))

    assert fields["Version"] == __version__
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields["Author"] == "Detection Workbench contributors"
    assert not {"Home-page", "Project-URL", "Author-email"} & set(fields)
    assert archive.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()


def test_its_code_is_that_of_the_wheel(installed: Installation) -> None:
    program = "import app, core, resources; print(app.__file__, core.__file__, resources.__file__)"

    for file in installed.run(installed.python, "-c", program).split():
        assert Path(file).is_relative_to(installed.site)


def test_the_tutorial_runs_from_it(installed: Installation, tmp_path: Path) -> None:
    output = tmp_path / "tutorial"

    said = installed.start("detection-workbench", "tutorial", "--output", output, "--seconds", 0.2)

    assert said.splitlines()[-1].startswith("Safe: ")
    assert any(output.iterdir())


def test_the_window_opens_from_it(installed: Installation, tmp_path: Path) -> None:
    image, workspace = tmp_path / "window.png", tmp_path / "workspace"

    installed.run(
        *(installed.python, "-c", OPEN_AND_CLOSE, image, workspace), QT_QPA_PLATFORM="offscreen"
    )

    pixels = cv2.imread(str(image))
    assert pixels is not None
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50, "text and buttons are painted"
    assert workspace.is_dir()
