"""What is recommended for a goal: of runs in turns, and written into a package that uses it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset8 as ops

from core.benchmark import recommending
from core.benchmark.recommending import Goal, RunSetting, chosen, modes_for, require_possible
from core.benchmark.result import BenchmarkRun
from core.benchmark.settings import RunMode
from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.deployment.batching import possible_batches
from core.deployment.cpp import cpp_source
from core.deployment.job import PackageJob
from core.deployment.wording import setting_sentence
from core.errors import InputError
from core.metrics.speed.figures import Interval
from core.metrics.speed.statistics import latency
from core.models.importing import import_model
from core.models.stored import load_stored
from core.values import to_json
from tests.support.benchmarks import run_of
from tests.support.images import write_images
from tests.support.models import CLASSES, save, ssd, yolox
from tests.support.packages import packaged_here, stored_yolox
from tests.support.packages import run as run_script

MOST, SHORTEST = Goal(aim="throughput"), Goal(aim="latency")


def measured(mode: RunMode, fps: tuple[float, ...], ms: float, streams: int = 2) -> BenchmarkRun:
    return run_of(
        mode=mode, fps=sorted(fps)[len(fps) // 2], throughput_rounds_fps=fps, streams=streams,
        latency_ms=latency([[ms]]), latency_rounds_ms=(ms,) * len(fps), requests=streams,
    )  # fmt: skip


HINT = measured(RunMode(), (10.0, 10.1, 9.9, 10.0, 10.05), 200.0)
FASTER = RunMode(hint="streams", streams=4, threads=4, pinned=False)
SURE = measured(FASTER, (12.0, 12.2, 11.9, 12.1, 12.0), 330.0, streams=4)


def test_another_setting_than_the_hint_needs_a_sure_gain() -> None:
    found = chosen((HINT, SURE), MOST, 4)
    assert (found.streams, found.pinned, found.requests) == (4, False, 4)
    assert found.gain.low > 1
    assert "streams 4, threads 2, not pinned: 1.20 times as good" in setting_sentence(found)
    noisy = measured(FASTER, (8.0, 13.0, 12.0, 9.0, 11.0), 330.0, streams=4)
    assert noisy.throughput_fps > HINT.throughput_fps
    kept = chosen((HINT, noisy), MOST, 4)
    assert (kept.streams, kept.threads, kept.pinned, kept.requests) == (None,) * 4
    assert kept.gain == Interval(value=1.0, low=1.0, high=1.0)
    assert "OpenVINO's own hint is the best" in setting_sentence(kept)


def test_a_limit_of_latency_is_kept() -> None:
    alone = measured(RunMode(hint="latency"), (8.0,) * 5, 125.0, streams=1)
    under = Goal(aim="throughput", most_ms=150.0)
    found = chosen((HINT, SURE, alone), under, 4)
    assert (found.streams, found.p95_ms) == (1, 125.0), "the only one that keeps to it"
    assert chosen((HINT, SURE, alone), Goal(aim="throughput", most_ms=250.0), 4).streams is None
    with pytest.raises(InputError, match=r"No setting keeps to 50 ms: .* at least 125.0 ms"):
        chosen((HINT, SURE, alone), Goal(aim="throughput", most_ms=50.0), 4)


def test_batches_are_among_the_ways_to_most_images_a_second() -> None:
    modes = modes_for(Goal(aim="throughput"), 4, (2, 8))
    assert [one.batch for one in modes if one.batch > 1] == [2, 8]
    assert {one.batch for one in modes_for(SHORTEST, 4, (2, 8))} == {1}
    many = measured(RunMode(batch=8), (13.0, 13.2, 12.9, 13.1, 13.0), 600.0)
    found = chosen((HINT, SURE, many), MOST, 4)
    assert (found.batch, found.streams, found.requests) == (8, None, None)
    said = "8 images an inference: 1.30 times as good as one with OpenVINO's own hint"
    assert said in setting_sentence(found)
    under = Goal(aim="throughput", most_ms=400.0)
    assert chosen((HINT, SURE, many), under, 4).batch == 1, "the limit holds for the whole batch"


def test_a_network_takes_batches_where_it_finds_the_same(tmp_path: Path) -> None:
    """Also one whose reshapes have a batch of one written into them, as YOLOX has."""
    images = open_dataset(write_images(tmp_path / "images", 5))
    stored = load_stored(stored_yolox(tmp_path))
    assert possible_batches(stored, images, no_step) == (2, 4, 8)
    path = save(ssd(), tmp_path / "ssd", "ssd", CLASSES)
    (tmp_path / "imported").mkdir()
    listing = import_model(path, tmp_path / "imported")  # one list for all images
    assert possible_batches(listing, images, no_step) == ()
    mixing = save(mixed_up(yolox()), tmp_path / "mixing", "mixing", CLASSES)
    (tmp_path / "mixed").mkdir()
    assert possible_batches(import_model(mixing, tmp_path / "mixed"), images, no_step) == ()


def test_a_package_takes_as_many_at_a_time_as_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = RunSetting(
        goal=MOST, cores=os.cpu_count() or 1, images_per_second=1.0, p95_ms=1.0,
        gain=Interval(value=1.3, low=1.2, high=1.4), processor="", batch=3,
    )  # fmt: skip
    monkeypatch.setattr(recommending, "recommend", lambda *_: setting)
    images = write_images(tmp_path / "images", 5)
    request = PackageJob(
        model=stored_yolox(tmp_path), dataset=DatasetSource(path=images), name="fox", goal=MOST
    )
    package, _ = packaged_here(request, tmp_path / "made")
    (images / "image 99.png").write_bytes(b"no image")
    script = (
        "import sys; from pathlib import Path; import numpy as np; from detector import Detector;"
        "alone, many = (Detector(precision='f32', score=0.2, requests=n) for n in (1, None));"
        "files = sorted(Path(sys.argv[1]).iterdir());"
        "one, some = (list(d.stream(files)) for d in (alone, many));"
        "assert [str(a[0]) for a in one] == [str(b[0]) for b in some] == [str(f) for f in files];"
        "assert any(len(a[2].scores) for a in one) and any(a[1] is None for a in one);"
        "assert all(np.allclose(a[2].boxes, b[2].boxes, atol=.01) for a, b in zip(one, some));"
        "assert all(np.allclose(a[2].scores, b[2].scores, atol=1e-4) for a, b in zip(one, some));"
        "print(alone.batch, many.batch, len(files), len(many(one[0][1]).scores) > 0)"
    )
    done = run_script(package, "-c", script, images)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "3", "6", "True"]
    assert run_script(package, "self_test.py").returncode == 0
    assert "batch = 3;" in (package / "cpp" / "main.cpp").read_text()


def mixed_up(model: ov.Model) -> ov.Model:
    """The same for one image; of several, each gets what is found in the next one."""
    (result,) = model.get_results()
    value = result.input_value(0)
    rolled = ops.roll(value, np.array([1], np.int64), np.array([0], np.int64))
    names = value.get_names()
    value.set_names(set())
    rolled.output(0).set_names(names)
    result.input(0).replace_source_output(rolled.output(0))
    return model


def no_step(*_: object) -> None:
    """Nobody looks."""


def test_cores_that_are_left_free_belong_to_no_way_to_run() -> None:
    modes = modes_for(Goal(aim="throughput", cores_free=2), 8)
    assert modes[0] == RunMode(hint="throughput", threads=6)
    assert {one.threads for one in modes} == {6}
    assert max(one.streams or 0 for one in modes) == 6
    alone = modes_for(Goal(aim="latency", cores_free=1), 2)
    assert {one.threads for one in alone} == {1}
    with pytest.raises(InputError, match="cannot be left free"):
        require_possible(Goal(aim="latency", cores_free=os.cpu_count() or 1))
    with pytest.raises(InputError, match="belongs to the goal throughput"):
        require_possible(Goal(aim="latency", most_ms=3.0))


def test_a_package_is_measured_and_runs_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommending, "SECONDS", 3.0)
    images = write_images(tmp_path / "images", 4)
    request = PackageJob(
        model=stored_yolox(tmp_path), dataset=DatasetSource(path=images), name="fox", goal=MOST
    )
    package, result = packaged_here(request, tmp_path / "made")
    setting = result.run
    assert setting is not None
    assert setting.cores == os.cpu_count()
    assert json.loads((package / "detector.json").read_text())["run"]["cores"] == setting.cores
    assert run_script(package, "self_test.py").returncode == 0
    forced = RunSetting(
        goal=MOST, cores=os.cpu_count() or 1, images_per_second=1.0, p95_ms=1.0,
        gain=Interval(value=1.0, low=1.0, high=1.0), processor="", streams=1, threads=1,
        pinned=False, requests=3,
    )  # fmt: skip
    assert ran_with(package, forced) == ["3", "1"]
    other = RunSetting(
        goal=MOST, cores=999, images_per_second=1.0, p95_ms=1.0, gain=forced.gain, processor="",
        streams=1, threads=1, requests=77,
    )  # fmt: skip
    assert ran_with(package, other)[0] != "77", "of a machine with other cores"


def ran_with(package: Path, setting: RunSetting) -> list[str]:
    """Requests and threads of the package's detector for many images."""
    file = package / "detector.json"
    settings = json.loads(file.read_text())
    settings["run"] = json.loads(to_text(setting))
    file.write_text(json.dumps(settings))
    script = (
        "from detector import Detector; d = Detector(requests=None);"
        "print(d.requests, d.executed.threads)"
    )
    done = run_script(package, "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def to_text(setting: RunSetting) -> str:
    return to_json(setting).decode()


def test_the_cpp_example_asks_for_it(tmp_path: Path) -> None:
    detector = load_stored(stored_yolox(tmp_path)).card.detector
    source = cpp_source(detector, "model.xml", setting=chosen((HINT, SURE), MOST, 4))
    assert "if (cores == 4 && !source.is_single()) {  // as measured for throughput" in source
    for line in ("num_streams(4)", "inference_num_threads(2)", "enable_cpu_pinning(false)"):
        assert line in source
    assert "num_streams" not in cpp_source(detector, "model.xml")
    shutil.rmtree(tmp_path / "stored")
