"""Every process that the program starts, as in a bundle: a stand-in is program and helper."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.inference.processor import this_processor
from core.processes import HELPERS
from launcher.checkout import ROOT
from tests.support import models
from tests.support.images import write_images

STAND_IN = """\
#!{python}
import sys
sys.path[:0] = {paths!r}
sys.frozen, sys.executable = True, __file__
with open(__file__ + ".started", "a") as log:
    print(*sys.argv[1:3], file=log)
import program
sys.exit(program.main())
"""

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.name == "nt", reason="a script does not run as a program there"),
]


class Bundle:
    """Stands in for the program of a bundle; notes what is started of it."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "detection-workbench"
        self._log = folder / "detection-workbench.started"
        paths = [str(ROOT / "packaging" / "bundling"), str(ROOT)]
        self.program.write_text(STAND_IN.format(python=sys.executable, paths=paths))
        self.program.chmod(0o755)

    def run(self, *arguments: object) -> str:
        """What it prints; fails where it does."""
        kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(
            [str(self.program), *map(str, arguments)],
            env={**kept, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def helpers(self) -> set[str]:
        """The helpers that were started of it."""
        lines = self._log.read_text().splitlines()
        return {line.split()[1] for line in lines if line.startswith("--helper ")}


def test_every_helper_is_the_bundle_itself(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    model = models.save(models.ssd(), tmp_path / "model", "ssd", models.CLASSES)
    images = write_images(tmp_path / "images", 4)

    bundle.run("optimize", model, images, "--subset-size", 4, "--output", tmp_path / "int8")
    (optimized,) = (tmp_path / "int8").glob("*.xml")
    assert {"job"} == bundle.helpers
    bundle.run("benchmark", model, optimized, "--iterations", 2, "--precision-hint", "f32")
    assert {"job", "worker"} == bundle.helpers
    report = ["--output", tmp_path / "report", "--target", "any"]
    bundle.run("report", model, optimized, images, *report)
    if this_processor().arithmetic == "exact":  # elsewhere it saturates by itself
        assert "limited" in bundle.helpers
    bundle.run("package", model, images, "--output", tmp_path / "package")
    assert "the self-test passed" in bundle.run("test-package", tmp_path / "package")
    assert '"CPU"' in bundle.run("--helper", "devices")
    assert '"state":"no_address"' in bundle.run("--helper", "updates")
    for asked_nothing in ("detector", "statistics", "candidates"):
        bundle.run("--helper", asked_nothing)
    page = tmp_path / "page.html"
    page.write_text("<html><body><h1>A page</h1></body></html>")
    bundle.run("--helper", "pdf", page, tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert bundle.helpers | {"limited"} == set(HELPERS)
