"""Processes that are begun before their jobs are known: who takes them, and how they end."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from core.cli.ahead import jobs_ahead
from core.dataset_making.job import CheckDatasetJob
from core.datasets.source import DatasetSource
from core.importing.job import ImportJob
from core.jobs import ahead, runner
from core.jobs.ahead import begun_ahead, waiting
from core.jobs.child import import_ahead
from core.jobs.events import Event, Progress
from core.jobs.job import Job
from core.jobs.quiet import TimedRounds
from core.jobs.runner import run_job
from core.jobs.turn import Turn
from core.predict.job import PredictJob
from tests.support import models
from tests.support.images import write_images

PATIENT_SECONDS = 30.0


class Begun:
    """The processes that were begun, in their order, each with what it was begun for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kinds: list[str] = []
        self.processes: list[psutil.Process] = []
        begin = ahead.begin

        def noted(kind: str = "", log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
            process = begin(kind, log)
            self.kinds.append(kind)
            self.processes.append(psutil.Process(process.pid))
            return process

        monkeypatch.setattr(ahead, "begin", noted)

    @property
    def gone(self) -> bool:
        """Whether all of them end within some seconds."""
        return not psutil.wait_procs(self.processes, PATIENT_SECONDS)[1]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[Begun]:
    noted = Begun(monkeypatch)
    yield noted
    assert noted.gone


@pytest.fixture
def job(tmp_path: Path) -> Job:
    images = write_images(tmp_path / "images", 2)
    return CheckDatasetJob(dataset=DatasetSource(path=images))


def test_a_job_takes_the_process_that_was_begun_for_its_kind(
    begun: Begun, job: Job, tmp_path: Path
) -> None:
    log = tmp_path / "log.txt"
    with begun_ahead(("check_dataset",)):
        outcome = run_job(job, tmp_path / "out", log=log)
    assert outcome.state == "succeeded"
    assert begun.kinds == ["check_dataset"]
    assert "check_dataset" in log.read_text()


@pytest.mark.usefixtures("started")
def test_it_is_so_in_a_process_of_its_own_as_well(tmp_path: Path, begun: Begun) -> None:
    """One that imports what an import needs meanwhile."""
    model = models.save(models.ssd(), tmp_path / "model", "detector", models.CLASSES)
    log = tmp_path / "log.txt"
    with begun_ahead(("import",)):
        outcome = run_job(ImportJob(model=model), tmp_path / "out", log=log)
    assert outcome.state == "succeeded"
    assert begun.kinds == ["import"]
    assert "Reading the model" in log.read_text()


def test_a_job_of_another_kind_has_a_process_of_its_own(
    begun: Begun, job: Job, tmp_path: Path
) -> None:
    with begun_ahead(("predict",)):
        assert run_job(job, tmp_path / "out").state == "succeeded"
    assert begun.kinds == ["predict", ""]


def test_those_before_it_are_passed_over(begun: Begun, job: Job, tmp_path: Path) -> None:
    with begun_ahead(("import", "check_dataset", "predict")):
        assert run_job(job, tmp_path / "out").state == "succeeded"
        assert waiting() == ("predict",)
        assert not begun.processes[0].is_running()
    assert begun.kinds == ["import", "check_dataset", "predict"]


@pytest.mark.parametrize("changed", ["variable", "folder", "killed"])
def test_one_that_is_no_longer_what_would_be_begun_is_not_taken(
    begun: Begun, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    with begun_ahead(("check_dataset",)):
        if changed == "variable":
            monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        elif changed == "folder":
            monkeypatch.chdir(tmp_path)
        else:
            begun.processes[0].kill()
            psutil.wait_procs(begun.processes, PATIENT_SECONDS)
        assert run_job(job, tmp_path / "out").state == "succeeded"
    assert begun.kinds == ["check_dataset", ""]


def test_whoever_has_to_wait_for_another_job_keeps_none(
    begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process with NNCF takes hundreds of megabytes, and the other job may take an hour."""
    monkeypatch.setattr(runner, "_SOON", 0.0)
    cancel, turn = threading.Event(), Turn()
    turn.take(lambda: None)
    left: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == Turn.waiting:
            left.extend(waiting())
            cancel.set()

    try:
        with begun_ahead(("predict",)):
            job = PredictJob(model=tmp_path, dataset=DatasetSource(path=tmp_path))
            outcome = run_job(job, tmp_path / "out", on_event=on_event, cancel=cancel)
            assert outcome.state == "cancelled"
            assert left == []
            assert begun.gone
    finally:
        turn.close()


def test_one_that_nobody_asks_ends_with_whoever_began_it(begun: Begun) -> None:
    with begun_ahead(("import", "predict")):
        pass
    assert begun.kinds == ["import", "predict"]
    assert waiting() == ()


@pytest.mark.usefixtures("started")
def test_it_ends_at_the_end_of_its_input(begun: Begun) -> None:
    """As when who began it was killed."""
    process = ahead.begin("import")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENT_SECONDS) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_nothing_is_imported_while_something_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.quiet._LOOK_SECONDS", 0.01)
    imported: list[str] = []
    with TimedRounds(lambda: None):
        import_ahead("import", imported.append)
    assert imported == []
    import_ahead("import", imported.append)
    assert imported == ["import"]


@pytest.mark.parametrize(
    ("typed", "jobs"),
    [
        ("optimize model.onnx images --output out", ("import", "quantize")),
        ("optimize model.onnx images --search --output out", ("import", "search")),
        ("optimize model.onnx images --output out --machine=farm", ()),
        ("optimize --help", ()),
        ("optimize", ()),
        ("report a.xml b.xml images --output out", ("report_on_predictions",)),
        ("report a.xml b.xml images --output out --kind annotations", ()),
        ("trash", ()),
        ("", ()),
    ],
)
def test_what_is_typed_tells_which_jobs_come(typed: str, jobs: tuple[str, ...]) -> None:
    assert jobs_ahead(typed.split()) == jobs
