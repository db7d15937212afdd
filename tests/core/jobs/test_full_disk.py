"""A disk that is full: the job fails with that sentence, and the workspace still opens."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.datasets.source import DatasetSource
from core.errors import WorkbenchError
from core.importing.service import plan_import
from core.jobs.planned import PlannedJob
from core.jobs.runner import run_job
from core.models.plan import QuantizationPlan
from core.optimize.job import QuantizeJob
from core.optimize.service import plan_optimize
from core.reports.service import plan_report
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.checkout import run_python
from tests.support.disks import small_file_system
from tests.support.jobs import leftovers, run

SIZE = 4 * 2**20
KIB = 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four MiB."""
    with small_file_system(tmp_path / "disk", SIZE) as folder:
        yield folder


@contextmanager
def filled(folder: Path, free: int) -> Iterator[None]:
    """With so many bytes left on the file system."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        disk = os.statvfs(folder)
        file.write(b"x" * max(0, disk.f_bavail * disk.f_frsize - free))
    try:
        yield
    finally:
        filler.unlink()


def restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on this process is another one, that happens to have the same number."""
    other = f"{os.getpid()}.1577836800"
    monkeypatch.setattr("core.workspace.store.ours", lambda: other)
    monkeypatch.setattr("core.workspace.tidying.is_alive", lambda owner: owner == other)


def importing(workspace: Workspace, made: Made) -> PlannedJob:
    return plan_import(workspace, made.model, made.images)


def optimizing(workspace: Workspace, made: Made) -> PlannedJob:
    parent = workspace.projects()[0]
    return plan_optimize(workspace, parent.id, made.images, QuantizationPlan(subset_size=2))


def comparing(workspace: Workspace, made: Made) -> PlannedJob:
    return plan_report(workspace, workspace.projects()[1].id)


# Bytes left where the job has room for its log and the database, but not for its files: to fail
# in different places.
FREE = [24 * KIB, 40 * KIB, 64 * KIB]


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("plan", [importing, optimizing, comparing])
def test_the_job_says_so_and_the_workspace_lives_on(
    made: Made,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    plan: Callable[[Workspace, Made], PlannedJob],
    free: int,
) -> None:
    root = small_disk / "workspace"
    shutil.copytree(made.root, root)
    workspace = Workspace(root)
    before = len(workspace.projects())
    job = plan(workspace, made)
    with filled(small_disk, free):
        full = run(workspace, job)
        assert re.search(r"disk .*is (probably )?full|of disk space left", full.sentence), (
            full.sentence
        )
        assert "free some space" in full.sentence.lower()
        assert leftovers(root) == []
        assert not job.destination.exists()

    restarted(monkeypatch)
    opened = Workspace(root)
    assert len(opened.projects()) == before + (plan is optimizing)
    if plan is optimizing:
        assert opened.projects()[-1].state == "failed"
        assert opened.projects()[-1].message
    assert run(opened, plan(opened, made)).end.outcome.state == "succeeded"


def test_without_a_byte_left_nothing_breaks(
    made: Made, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the row that says why can be written; the next start tidies up."""
    root = small_disk / "workspace"
    shutil.copytree(made.root, root)
    workspace = Workspace(root)
    jobs = [optimizing(workspace, made), importing(workspace, made)]
    with filled(small_disk, 0):
        for job in jobs:
            full = run(workspace, job)
            assert "is full" in full.sentence
        with pytest.raises(WorkbenchError, match="is full"):
            optimizing(workspace, made)
        assert leftovers(root) == []
        with pytest.raises(WorkbenchError, match="is full"):
            Workspace(root)
    restarted(monkeypatch)
    opened = Workspace(root)
    assert [p.state for p in opened.projects()] == ["ready", "ready", "failed"]
    assert run(opened, comparing(opened, made)).end.outcome.state == "succeeded"


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of file sizes")
def test_a_model_that_cannot_be_written_whole(made: Made, tmp_path: Path) -> None:
    """OpenVINO does not tell; any user can have this limit, so that it is tested everywhere."""
    sentence = run_python(
        """
import resource, sys
from pathlib import Path
from core.datasets.source import DatasetSource
from core.optimize.job import QuantizeJob
from core.jobs.runner import run_job
from core.models.plan import QuantizationPlan
model, images, out = map(Path, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))
outcome = run_job(
    QuantizeJob(
        model=model, dataset=DatasetSource(path=images), plan=QuantizationPlan(), name="m"
    ),
    out / "model",
)
print(outcome.state, outcome.error)
""",
        made.parent.model,
        made.images,
        tmp_path / "out",
    )
    assert sentence.startswith("failed ")
    assert "could not be written whole" in sentence
    assert "free some space" in sentence
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_that_fills_up_at_the_very_end(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(work: Path, destination: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.jobs.runner.publish", full)
    model = made.parent.model
    assert model is not None
    outcome = run_job(
        QuantizeJob(
            model=model,
            dataset=DatasetSource(path=made.images),
            plan=QuantizationPlan(subset_size=1),
            name="m",
        ),
        tmp_path / "out" / "model",
    )
    assert str(outcome.error) == (
        f"The disk of the folder {tmp_path / 'out'} is full. Free some space there and start again."
    )
    assert list((tmp_path / "out").iterdir()) == []
