"""Calibration statistics that workers of a Dask scheduler collect: real processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from time import monotonic, sleep

import numpy as np
import pytest
from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.errors import InputError
from core.importing.service import plan_import
from core.jobs.events import Event, Progress
from core.machines.machine import Machine, new_machine
from core.machines.store import add_machine
from core.models.input_size import InputSize
from core.models.plan import AccuracyTarget, QuantizationPlan
from core.models.stored import load_stored
from core.optimize import spreading
from core.optimize.job import QuantizeJob, QuantizeResult
from core.optimize.part_statistics import hash_of_outputs, packed, unpacked
from core.optimize.quantizing import quantize
from core.optimize.service import quantize_job
from core.remarks.sentences import sentence
from core.runtime import LIMIT
from core.values import read_json
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support import models
from tests.support.blobs import blob_images
from tests.support.dask_workers import Cluster
from tests.support.images import write_images
from tests.support.jobs import run
from tests.support.resizable import red_finder
from tests.support.spreading import ran
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

pytest.importorskip("distributed")
pytestmark = pytest.mark.timeout(300)  # many processes, on however busy a machine
ENDED_SECONDS = 2.0
MANY = 70
PLAN = QuantizationPlan(weight_rounding="least_error", target="cpu_vnni")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.add(2)
        made.wait(2)
        yield made


@dataclass(frozen=True)
class Asked:
    """A model, and images one of which is damaged and one of which cannot be read at all."""

    model: Path
    images: Path

    def job(self, machine: Machine | None = None, plan: QuantizationPlan = PLAN) -> QuantizeJob:
        dataset = DatasetSource(path=self.images)
        return QuantizeJob(
            model=self.model, dataset=dataset, plan=plan, name="int8", machine=machine
        )


@pytest.fixture(scope="module")
def asked(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = write_images(tmp_path_factory.mktemp("many") / "images", MANY - 2, 300, 200)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    return Asked(model_of(first_made.parent), folder)


def content(folder: Path) -> dict[str, object]:
    """All that a job left, but for the numbers that OpenVINO gives to nodes without a name."""
    found: dict[str, object] = {}
    for one in folder.iterdir():
        data = one.read_bytes()
        if one.suffix in (".xml", ".json"):
            data = re.sub(rb'(_\d+(?="))|("size_bytes": ?\d+)', b"", data)
        found[one.name] = data
    return found


@pytest.fixture(scope="module")
def here(asked: Asked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without any machine."""
    folder = tmp_path_factory.mktemp("here") / "made"
    return ran(asked.job(), folder).outcome.require()


def test_the_model_is_to_the_last_bit_that_of_this_machine_whoever_is_killed_or_differs(
    cluster: Cluster, asked: Asked, here: Path, tmp_path: Path
) -> None:
    (killed, other) = (*cluster.add(), *cluster.add(variables={LIMIT: "SSE41"}))

    def hear(event: Event) -> None:
        if collecting(event) and killed in cluster.workers:
            cluster.kill(killed)

    try:
        cluster.wait(4)
        made = ran(asked.job(cluster.machine()), tmp_path / "made", hear=hear)
    finally:
        cluster.kill(other)
    assert content(made.outcome.require()) == content(here)
    result = read_json(tmp_path / "made" / "result.json", QuantizeResult)
    assert (result.images_used, len(result.problems)) == (MANY - 2, 2)
    assert killed not in cluster.workers
    assert any("Statistics are collected on lab" in one for one in made.said)
    (left,) = [one for one in made.said if "takes no part" in one]
    assert "It computes otherwise than this machine, and what it makes would differ" in left
    assert not cluster.helpers("statistics"), "nothing runs on after a job"


def test_at_another_input_size_it_is_the_same_as_here(cluster: Cluster, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    path = models.save(red_finder(), tmp_path / "model", "reds", ["red"])
    images = blob_images(tmp_path / "images", number=8)[0].parent
    imported = run(workspace, plan_import(workspace, path, images)).end.project_id
    assert imported is not None
    asked = Asked(model_of(workspace.project(imported)), images)
    plan = QuantizationPlan(target="cpu_vnni", input_size=InputSize(width=96, height=96))
    there = ran(asked.job(cluster.machine(), plan), tmp_path / "there").outcome.require()
    own = ran(asked.job(None, plan), tmp_path / "own").outcome.require()
    cards = [load_stored(folder / "int8.xml").card for folder in (there, own)]
    assert cards[0].weights_sha256 == cards[1].weights_sha256


def test_statistics_that_are_too_large_are_collected_here(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "MOST_BYTES", 100)
    parent, plan = load_stored(asked.model), QuantizationPlan(target="cpu_vnni", subset_size=4)
    said: list[str] = []
    nowhere = new_machine("lab", "tcp://127.0.0.1:9", agreed=True)
    elsewhere = spreading.SpreadCalibration(
        nowhere, parent, plan, tmp_path, step, lambda told: said.append(sentence(told))
    )
    images = open_dataset(asked.images)
    made = quantize(parent.xml, parent.card.detector, images, plan, step, elsewhere=elsewhere)
    assert made.images_used == 4
    assert "are collected on this machine, not on lab" in said[0]


def step(stage: str, done: int, total: int | None) -> None:
    """Where it is; nobody looks."""


def collecting(event: Event) -> bool:
    return isinstance(event, Progress) and event.stage.endswith(" on lab") and event.done > 0


def test_a_cancelled_job_ends_on_the_workers(
    cluster: Cluster, asked: Asked, tmp_path: Path
) -> None:
    cancel = Flag()
    at: list[float] = []

    def hear(event: Event) -> None:
        if cluster.helpers("statistics") and not at:
            at.append(monotonic())
            cancel.set()

    made = ran(asked.job(cluster.machine()), tmp_path / "made", cancel, hear)
    assert made.outcome.state == "cancelled"
    while cluster.helpers("statistics"):
        assert monotonic() - at[0] < ENDED_SECONDS
        sleep(0.02)


def test_accuracy_aware_works_here_alone_which_is_said_before_anything_begins(
    asked: Asked,
    cluster: Cluster,
    terminal: Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = replace(PLAN, accuracy=AccuracyTarget())
    with pytest.raises(InputError, match="works on this machine alone"):
        quantize_job(load_stored(asked.model), asked.images, plan, machine=cluster.machine())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    add_machine(cluster.machine())
    typed = "--method", "accuracy-aware", "--machine", "lab", "--output", tmp_path / "int8"
    said = terminal("optimize", tmp_path / "no model", asked.images, *typed)
    assert said.status == 2
    assert "works on this machine alone" in said.err, "the model was not even looked for"


def test_statistics_are_packed_with_their_shapes_and_bits() -> None:
    like = {"a": np.array([[1.5]], np.float32), "b": np.zeros((0, 4), np.float32)}
    found = [like, {"a": np.array([[-0.0]], np.float32), "b": np.ones((2, 4), np.float32)}]
    readable = [True, False, True]
    again, outputs = unpacked(packed(readable, found), 3, like)
    assert again == readable
    assert [*map(hash_of_outputs, outputs)] == [*map(hash_of_outputs, found)]
    assert unpacked(packed([False], []), 1, like) == ([False], [])
    for data, images, other in (
        (b"no archive", 3, like),
        (packed(readable, found), 2, like),
        (packed(readable, found), 3, {"a": like["a"]}),
        (packed(readable, found), 3, {**like, "a": np.zeros(1, np.float32)}),
    ):
        with pytest.raises(ValueError):
            unpacked(data, images, other)
