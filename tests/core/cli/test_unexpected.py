"""A fault of the program has an exit status of its own, and no trace on the screen."""

import os
import sys
from pathlib import Path

import pytest

from core.cli.failure_log import begin_log, failure_logs, keep_log
from core.cli.main import BAD_INPUT, FAILED, UNEXPECTED
from core.jobs.logs import log_files
from tests.support.checkout import environment
from tests.support.images import write_image
from tests.support.models import CLASSES, save, ssd
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

BROKEN = (
    "import numpy\ndef broken(*given, **named): raise ValueError('boom')\nnumpy.savez = broken\n"
)
CRASHING = """
import ctypes, numpy
def crash(*given, **named): ctypes.string_at(0)
numpy.savez = crash
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.cli.failure_log.user_cache", lambda: tmp_path / "cache")


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
    (kept,) = failure_logs().iterdir()
    assert said.err == f"Unexpected error: boom. {kept} has the details.\n"
    assert "Traceback" in kept.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGSEGV")
def test_what_crashed_leaves_its_trace_where_no_log_was_named(
    prediction: list[object], terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(CRASHING)
    monkeypatch.setenv("PYTHONPATH", environment(tmp_path)["PYTHONPATH"])
    said = terminal(*prediction)
    assert said.status == FAILED
    (kept,) = failure_logs().iterdir()
    assert said.err.endswith(
        f"(SIGSEGV). Nothing was changed; start the job again. {kept} has the details.\n"
    )
    assert "Segmentation fault" in kept.read_text() and "in crash" in kept.read_text()


def test_only_the_newest_logs_are_kept_and_none_of_what_went_well(
    prediction: list[object], terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert terminal(*prediction).status == 0
    assert terminal(*prediction, "--device", "NPU.9").status == BAD_INPUT
    assert list(failure_logs().iterdir()) == []
    for number in range(7):
        begun = begin_log()
        assert begun is not None
        os.utime(begun, (number, number))
        newest = keep_log(begun)
    left = log_files(failure_logs())
    assert (len(left), left[0].path) == (5, newest)


def test_a_cache_that_takes_no_log_leaves_it_to_the_user(
    prediction: list[object], terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", environment(tmp_path)["PYTHONPATH"])
    failure_logs().parent.mkdir(parents=True, exist_ok=True)
    failure_logs().write_text("in the way")
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
    def broken(*given: object) -> None:
        raise ValueError("boom")

    monkeypatch.setattr("core.cli.predict.bring_coco_results", broken)
    log = tmp_path / "log"
    said = terminal(*prediction, *(["--log", log] if logged else []))
    assert said.status == UNEXPECTED
    kept = log if logged else next(failure_logs().iterdir())
    assert "broken" in kept.read_text()
    way_out = "The log has the details." if logged else f"{kept} has the details."
    assert said.err == f"Unexpected error: boom. {way_out}\n"
