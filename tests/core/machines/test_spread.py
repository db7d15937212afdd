"""Detections made on workers of a Dask scheduler, which are real processes of this machine."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.jobs.events import Event, Progress
from core.runtime import LIMIT
from core.values import write_json
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.dask_workers import Cluster
from tests.support.disks import small_file_system
from tests.support.images import write_images
from tests.support.jobs import job_processes
from tests.support.spreading import Asked, content, detecting, killing, ran, shards

MANY = 120
ENDED_SECONDS = 2.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.add(2)
        made.wait(2)
        yield made


@pytest.fixture(scope="module")
def asked(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Some parts of images, one of which is damaged, and one of which cannot be read at all."""
    folder = write_images(tmp_path_factory.mktemp("many") / "images", MANY - 2, 900, 700)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    return Asked(model_of(first_made.parent), model_of(first_made.optimized), folder)


@pytest.fixture(scope="module")
def here(asked: Asked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without any machine: ``predicted``, ``reported``, and the stored detections."""
    folder = tmp_path_factory.mktemp("here")
    ran(asked.predict(folder / "cache"), folder / "predicted").outcome.require()
    ran(asked.report(folder / "cache"), folder / "reported").outcome.require()
    return folder


def test_it_is_to_the_last_bit_what_this_machine_finds(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    machine = cluster.machine()
    predicted = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted")
    assert content(predicted.outcome.require()) == content(here / "predicted")
    reported = ran(asked.report(tmp_path / "cache", machine), tmp_path / "reported")
    assert content(reported.outcome.require()) == content(here / "reported")
    assert shards(tmp_path / "cache") == shards(here / "cache")
    assert "Detecting on lab: 2 workers have joined." in predicted.said
    assert any(one.startswith("Detections taken from an earlier run") for one in reported.said)
    assert not cluster.helpers("detector"), "nothing runs on after a job"


def test_workers_that_are_killed_change_nothing(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    over, chance = threading.Event(), random.Random(5)
    killer = killing(cluster, chance, over, 2)
    try:
        made = ran(asked.report(tmp_path / "cache", cluster.machine()), tmp_path / "reported")
    finally:
        over.set()
        killer.join()
    assert content(made.outcome.require()) == content(here / "reported")


def hidden(asked: Asked, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The same images, at a path that is another one for each process, as if it were not shared."""
    monkeypatch.chdir(asked.images)
    own = Path("/proc/self/cwd")
    write_json(folder / "dataset.json", replace(open_dataset(asked.images), root=own))
    return Asked(asked.parent, asked.optimized, folder / "dataset.json")


def test_images_that_workers_do_not_see_are_sent_once(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = hidden(asked, tmp_path, monkeypatch)
    machine = cluster.machine()
    ran(unseen.predict(tmp_path / "cache", machine), tmp_path / "predicted").outcome.require()
    assert shards(tmp_path / "cache").items() <= shards(here / "cache").items()
    json = "detections.json"
    assert (tmp_path / "predicted" / json).read_bytes() == (here / "predicted" / json).read_bytes()
    folders = [cluster.cache(one) / "machines" / machine.number for one in cluster.workers]
    sent = {file.name for one in folders if one.exists() for file in one.iterdir()}
    assert len(sent) == MANY - 1 + 2, "all images that can be read, and the model's two files"


def test_other_bytes_under_the_same_names_and_damaged_ones_are_not_used(
    asked: Asked, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the worker sees other images at the same path, and where those it was sent changed."""
    unseen = hidden(asked, tmp_path, monkeypatch)
    with Cluster(tmp_path / "cluster") as cluster:  # its folder is its workers' own
        images = sorted(asked.images.glob("image *.jpg"))
        for path, other in zip(images, reversed(images), strict=True):
            (cluster.folder / path.name).write_bytes(other.read_bytes())
        (worker,) = cluster.add()
        cluster.wait(1)
        machine = cluster.machine()
        for turn in ("first", "again"):
            cache = tmp_path / turn
            ran(unseen.predict(cache, machine), tmp_path / f"{turn} out").outcome.require()
            assert shards(cache).items() <= shards(here / "cache").items()
            sent = cluster.cache(worker) / "machines" / machine.number
            for path in sorted(sent.iterdir())[::40]:
                path.write_bytes(b"damaged on the disk")


def test_who_computes_otherwise_or_has_no_room_takes_no_part(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    machine, (full,) = cluster.machine(), cluster.add()
    (other,) = cluster.add(variables={LIMIT: "SSE41"})
    folder = cluster.cache(full) / "machines" / machine.number
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder would be")
    try:
        cluster.wait(4)
        made = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted")
    finally:
        cluster.kill(other)
        cluster.kill(full)
    assert content(made.outcome.require()) == content(here / "predicted")
    left = [one for one in made.said if "takes no part" in one]
    assert len(left) == 2
    assert any("It computes otherwise than this machine" in one for one in left)
    assert any("Nothing can be stored there" in one for one in left)


@pytest.mark.parametrize("room", [0, 2**20], ids=["no room for the model", "or for images"])
def test_a_disk_that_is_full_there_is_left_alone(
    cluster: Cluster,
    asked: Asked,
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    room: int,
) -> None:
    """Others do what it had; alone, it ends the job with that sentence."""
    unseen = hidden(asked, tmp_path, monkeypatch)
    machine = cluster.machine()
    size = asked.parent.stat().st_size + asked.parent.with_suffix(".bin").stat().st_size
    said = "Nothing can be stored there: No space left on device."
    with small_file_system(tmp_path / "disk", 2**16 + (size + room if room else 0)) as disk:
        full = {"XDG_CACHE_HOME": str(disk)}
        (name,) = cluster.add(variables=full)
        try:
            cluster.wait(3)
            made = ran(unseen.predict(tmp_path / "cache", machine), tmp_path / "predicted")
        finally:
            cluster.kill(name)
        made.outcome.require()
        assert shards(tmp_path / "cache").items() <= shards(here / "cache").items()
        assert [one for one in made.said if "takes no part" in one and said in one]
        assert not list(disk.glob("*/machines/*/*.*")), "nothing that is unfinished is left"
        with Cluster(tmp_path / "alone") as alone:
            alone.add(variables=full)
            alone.wait(1)
            made = ran(unseen.predict(tmp_path / "empty", alone.machine()), tmp_path / "failed")
        assert made.outcome.state == "failed"
        assert "No worker of lab can be used" in str(made.outcome.error)
        assert said in str(made.outcome.error)


def begun(event: Event) -> bool:
    """Whether the workers that are ready were just given their first parts."""
    return isinstance(event, Progress) and event.stage.startswith("Detecting") and bool(event.total)


def test_a_worker_that_stands_still_is_done_without(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    (slow,) = cluster.add()
    stopped: list[str] = []

    def stop(event: Event) -> None:
        if begun(event) and not stopped:
            stopped.append(slow)
            cluster.signal(slow, signal.SIGSTOP)

    try:
        cluster.wait(3)
        machine = cluster.machine()
        made = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted", hear=stop)
    finally:
        cluster.kill(slow)
    assert content(made.outcome.require()) == content(here / "predicted")
    assert len([one for one in made.said if "takes far longer than usual" in one]) == 1
    (shares,) = [one for one in made.said if one.startswith("Parts of the images")]
    assert shares.count(" by ") == 2, "the others did all parts"


def test_a_scheduler_that_is_gone_in_the_middle_is_said_and_the_work_is_resumed(
    asked: Asked, here: Path, tmp_path: Path
) -> None:
    with Cluster(tmp_path / "cluster") as short:
        short.add()
        short.wait(1)

        def end(event: Event) -> None:
            if detecting(event) and "scheduler" in short.running:
                short.kill("scheduler")

        cache, machine = tmp_path / "cache", short.machine()
        made = ran(asked.report(cache, machine), tmp_path / "failed", hear=end)
    assert made.outcome.state == "failed"
    assert "The scheduler of lab" in str(made.outcome.error)
    again = ran(asked.report(cache), tmp_path / "reported")
    assert content(again.outcome.require()) == content(here / "reported")
    assert any(one.startswith("Detections taken from an earlier run") for one in again.said)


def test_who_has_another_number_of_threads_than_most_takes_no_part(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        pytest.skip("a process cannot be kept to one of several cores here")
    (narrow,) = cluster.add()
    try:
        os.sched_setaffinity(cluster.pid(narrow), {min(os.sched_getaffinity(0))})
        cluster.wait(3)
        made = ran(asked.predict(tmp_path / "cache", cluster.machine()), tmp_path / "predicted")
    finally:
        cluster.kill(narrow)
    assert content(made.outcome.require()) == content(here / "predicted")
    (left,) = [one for one in made.said if "takes no part" in one]
    assert "It runs the model otherwise than the other workers" in left


def test_a_cancelled_job_ends_on_the_workers(
    cluster: Cluster, asked: Asked, tmp_path: Path
) -> None:
    cancel = threading.Event()
    at: list[float] = []

    def stop(event: Event) -> None:
        if cluster.helpers("detector") and not at:
            at.append(monotonic())
            cancel.set()

    machine = cluster.machine()
    made = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted", cancel, stop)
    assert made.outcome.state == "cancelled"
    while cluster.helpers("detector"):
        assert monotonic() - at[0] < ENDED_SECONDS
        sleep(0.02)


def test_a_job_that_is_killed_ends_on_the_workers_and_is_resumed(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    at: list[float] = []

    def kill(event: Event) -> None:
        if detecting(event) and not at:
            (job,) = job_processes()
            at.append(monotonic())
            job.kill()

    machine, cache = cluster.machine(), tmp_path / "cache"
    made = ran(asked.predict(cache, machine), tmp_path / "predicted", hear=kill)
    assert made.outcome.state == "failed"
    while cluster.helpers("detector"):
        assert monotonic() - at[0] < 2 * ENDED_SECONDS
        sleep(0.02)
    again = ran(asked.predict(cache, machine), tmp_path / "predicted")
    assert content(again.outcome.require()) == content(here / "predicted")
    assert any(one.startswith("Detections taken from an earlier run") for one in again.said)


def test_nothing_is_sent_before_the_user_agrees(
    cluster: Cluster, asked: Asked, tmp_path: Path
) -> None:
    machine = cluster.machine(agreed=False)
    made = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted")
    assert made.outcome.state == "failed"
    assert "Nothing was sent" in str(made.outcome.error)


def test_without_workers_and_without_a_scheduler_the_user_is_told(
    asked: Asked, tmp_path: Path
) -> None:
    with Cluster(tmp_path / "empty") as empty:
        machine = empty.machine()
        made = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted")
        assert str(made.outcome.error).startswith("lab has no workers now.")
    made = ran(asked.predict(tmp_path / "cache", machine), tmp_path / "predicted")
    assert "cannot be reached" in str(made.outcome.error)
