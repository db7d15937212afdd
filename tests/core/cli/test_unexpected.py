"""A fault of the program has an exit status of its own, and no trace on the screen."""

from pathlib import Path

import pytest

from core.cli.main import UNEXPECTED
from tests.support.checkout import environment
from tests.support.images import write_image
from tests.support.models import CLASSES, save, ssd
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

BROKEN = (
    "import numpy\ndef broken(*given, **named): raise ValueError('boom')\nnumpy.savez = broken\n"
)


@pytest.fixture
def prediction(tmp_path: Path) -> list[object]:
    model = save(ssd(), tmp_path / "model", "ssd", CLASSES)
    images = write_image(tmp_path / "images" / "a.jpg").parent
    return ["predict", model, images, "--output", tmp_path / "found.json"]


def test_in_the_process_of_a_job(
    prediction: list[object], terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", environment(tmp_path)["PYTHONPATH"])
    said = terminal(*prediction, "--log", tmp_path / "log")
    assert (said.status, said.out) == (UNEXPECTED, "")
    assert said.err == "Unexpected error: boom. The log has the details.\n"
    assert "Traceback" in (tmp_path / "log").read_text()
    said = terminal(*prediction)
    assert said.err == "Unexpected error: boom. Add --log FILE for the details.\n"


@pytest.mark.parametrize("logged", [True, False])
def test_in_the_command_itself(
    prediction: list[object],
    terminal: Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: bool,
) -> None:
    def broken(table: object) -> None:
        raise ValueError("boom")

    monkeypatch.setattr("core.predict.service.coco_results", broken)
    log = tmp_path / "log"
    said = terminal(*prediction, *(["--log", log] if logged else []))
    assert said.status == UNEXPECTED
    way_out = "The log has the details." if logged else "Add --log FILE for the details."
    assert said.err == f"Unexpected error: boom. {way_out}\n"
    if logged:
        assert "broken" in log.read_text()
