"""Detecting as a CPU without VNNI does, in a process of its own that ends whatever happens."""

from __future__ import annotations

import platform
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.detection.detections import DetectionTable
from core.errors import InputError, JobCancelled, WorkbenchError
from core.inference.arithmetic import int8_arithmetic
from core.inference.limited import WITHOUT_VNNI, LimitedDetector, asked_for, computable
from core.inference.predicting import predict
from core.inference.settings import TRUE_F32, InferenceSettings
from core.models.stored import StoredModel, load_stored
from core.runtime import LIMIT, openvino_core
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.checkout import run_python
from tests.support.jobs import helper_processes

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86"
)
SATURATING = InferenceSettings(precision_hint="f32", int8="saturating")
DETECT = """
import sys
from pathlib import Path
from core.datasets.open import open_dataset
from core.inference.predicting import predict
from core.models.stored import load_stored
xml, images, table = map(Path, sys.argv[1:])
predict(xml, load_stored(xml).card.detector, open_dataset(images)).table.save(table)
"""


@pytest.fixture
def int8(made: Made) -> StoredModel:
    return load_stored(model_of(made.optimized))


@pytest.fixture
def images(made: Made) -> Dataset:
    return open_dataset(made.images)


def same(one: DetectionTable, other: DetectionTable) -> bool:
    return all(
        np.array_equal(column, other.columns()[name]) for name, column in one.columns().items()
    )


def test_it_detects_what_a_cpu_without_vnni_does(
    int8: StoredModel, images: Dataset, made: Made, tmp_path: Path
) -> None:
    """Bit for bit what a whole program finds whose instructions are limited."""
    run_python(DETECT, int8.xml, made.images, tmp_path / "table.npz", **{LIMIT: WITHOUT_VNNI})
    found = predict(int8.xml, int8.card.detector, images, SATURATING)
    assert same(found.table, DetectionTable.load(tmp_path / "table.npz"))
    assert found.executed.arithmetic == "saturating"
    assert found.executed.settings == SATURATING


def test_one_process_serves_many_and_counts_its_images(int8: StoredModel, images: Dataset) -> None:
    said: list[int] = []
    with LimitedDetector() as limited:
        first = limited.predict(int8.xml, int8.card.detector, images, SATURATING, said.append)
        again = limited.predict(int8.xml, int8.card.detector, images, SATURATING)
    assert same(first.table, again.table)
    assert said[0] == 0
    assert said == sorted(said)


def test_a_process_that_is_lent_stays_and_serves_models_in_memory(
    int8: StoredModel, images: Dataset
) -> None:
    with LimitedDetector() as limited:
        loaded = openvino_core().read_model(int8.xml)
        found = [
            predict(model, int8.card.detector, images, SATURATING, limited=limited).table
            for model in (int8.xml, loaded)
        ]
        own = int8_arithmetic() == "saturating"
        assert len(helper_processes("limited")) == (0 if own else 1), (
            "where sums saturate, none is needed"
        )
    assert same(*found)


def test_who_stops_waiting_has_no_process_any_more(int8: StoredModel, images: Dataset) -> None:
    """A cancel raises within; the process ends within two seconds."""
    limited = LimitedDetector()
    assert limited.saturates()
    (process,) = helper_processes("limited")

    def cancel(done: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        limited.predict(int8.xml, int8.card.detector, images, SATURATING, cancel)
    assert psutil.wait_procs([process], timeout=2)[1] == []
    assert helper_processes("limited") == []


def test_a_process_that_is_killed_is_an_error_and_the_next_one_works(
    int8: StoredModel, images: Dataset
) -> None:
    with LimitedDetector() as limited:
        assert limited.saturates()
        (process,) = helper_processes("limited")
        process.send_signal(signal.SIGKILL)
        with pytest.raises(WorkbenchError, match="ended unexpectedly"):
            limited.predict(int8.xml, int8.card.detector, images, SATURATING)
        assert len(limited.predict(int8.xml, int8.card.detector, images, SATURATING).table) == 6
    assert helper_processes("limited") == []


STARTS = """
import os, psutil
from core.inference.limited import LimitedDetector
limited = LimitedDetector()
assert limited.saturates()
(child,) = psutil.Process().children()
print(child.pid, flush=True)

os._exit(0)
"""


def test_it_ends_with_the_process_that_asks() -> None:
    number = int(run_python(STARTS))
    deadline = time.monotonic() + 2
    while psutil.pid_exists(number) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(number)


def test_an_error_of_the_images_is_told_as_such(int8: StoredModel, tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    broken = Dataset(name="cut", root=tmp_path, kind="folder", images=("cut.jpg",))
    with pytest.raises(WorkbenchError, match="None of the 1 images"), LimitedDetector() as limited:
        limited.predict(int8.xml, int8.card.detector, broken, SATURATING)


def test_nothing_is_detected_where_sums_do_not_saturate(
    int8: StoredModel, images: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a processor that the limit does nothing to, such as one of ARM."""
    if int8_arithmetic() == "saturating":
        pytest.skip("this processor's sums saturate by themselves")
    with LimitedDetector(instructions="ALL") as limited:
        assert not limited.saturates()
        assert computable(("exact", "saturating"), limited, lambda: None) == ("exact",)
        with pytest.raises(InputError, match="cannot compute INT8 sums that saturate"):
            limited.predict(int8.xml, int8.card.detector, images, SATURATING)


def test_what_is_asked_for_follows_from_what_there_is() -> None:
    own = int8_arithmetic()
    assert asked_for(None) == asked_for(own) == "as_executed"
    if own == "exact":
        assert asked_for("saturating") == "saturating"
    elif own == "saturating":
        assert asked_for("exact") == "exact"
    with LimitedDetector() as limited:
        assert computable(("exact", "saturating"), limited, lambda: None) == (
            "exact",
            "saturating",
        )


def test_float_models_are_the_same_there(made: Made, images: Dataset) -> None:
    parent = load_stored(model_of(made.parent))
    here = predict(parent.xml, parent.card.detector, images, TRUE_F32)
    there = predict(parent.xml, parent.card.detector, images, SATURATING)
    assert there.executed.arithmetic is None
    np.testing.assert_allclose(here.table.scores, there.table.scores, atol=1e-4)
