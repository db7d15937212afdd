"""A package's self-test says what runs, and finds a device that goes wrong, but no sound one."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path

import pytest

from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.deployment.job import PackageJob
from core.inference.arithmetic import int8_arithmetic
from core.inference.executed import default_precision
from core.inference.words import SUMS
from core.jobs.runner import run_job
from core.models.importing import import_model
from core.models.plan import QuantizationPlan
from core.models.stored import store_model
from core.optimize.quantizing import quantize
from core.runtime import LIMIT
from tests.support import models
from tests.support.images import write_images
from tests.support.packages import packaged, run, stored_yolox


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    images = write_images(folder / "images", 4)
    stored = stored_yolox(folder)
    return packaged(stored, images, folder / "made")


def test_the_self_test_passes_and_notices_a_difference(package: Path, tmp_path: Path) -> None:
    passed = run(package, "self_test.py")
    assert passed.returncode == 0, passed.stderr
    assert "Here: asked CPU, default; executed " in passed.stdout
    assert "On average 0.0% differs" in passed.stdout
    other = tmp_path / "other"
    shutil.copytree(package, other)
    stored = other / "self_test" / "detections.json"
    said = json.loads(stored.read_text())
    for one in (one for run_of in said["images"][0]["detections"] for one in run_of):
        one["box"] = [side + 1000 for side in one["box"]]
    stored.write_text(json.dumps(said))
    failed = run(other, "self_test.py")
    assert failed.returncode == 1
    assert "image-1.jpg: 100.0% differs (at most " in failed.stdout
    assert failed.stdout.count(" - too much") == 1
    assert "The self-test failed." in failed.stdout


@pytest.mark.parametrize("hint", ["f32", "default", "bf16", "f16"])
def test_the_self_test_passes_in_every_precision_of_the_machine_that_made_it(
    package: Path, hint: str
) -> None:
    found = run(package, "self_test.py", "--precision-hint", hint)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "On average 0.0% differs" in found.stdout, "compared with what was executed so"
    assert "The package has nothing" not in found.stdout


FAULTY_DEVICE = """
import sys
from detector import Detector
from self_test import check

detector, seen = Detector(precision="f32", score=0.0), []


def faulty(image):
    seen.append(image)
    found = detector(image)
    if len(seen) == 13:
        found.scores[:] = 1 - found.scores
    return found


sys.exit(check(faulty, detector.executed))
"""


def test_a_device_that_goes_wrong_in_one_of_20_images_is_found_out(tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 20)
    stored = stored_yolox(tmp_path)
    whole = packaged(stored, images, tmp_path / "made")
    assert run(whole, "self_test.py").returncode == 0
    found = run(whole, "-c", FAULTY_DEVICE)
    assert (found.returncode, found.stderr) == (1, "")
    said = [line for line in found.stdout.splitlines() if line.startswith("image-")]
    assert len(said) == 20
    wrong = [line for line in said if line.endswith(" - too much")]
    assert [line.split(":")[0] for line in wrong] == ["image-13.jpg"]


@pytest.fixture(scope="module")
def int8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of an INT8 model, with 20 images."""
    folder = tmp_path_factory.mktemp("int8")
    images = write_images(folder / "images", 20)
    path = models.save(models.ssd(), folder / "model", "ssd", models.CLASSES)
    (folder / "stored").mkdir()
    stored = import_model(path, folder / "stored")
    plan = QuantizationPlan(subset_size=8, target="cpu_vnni")
    made = quantize(stored.xml, stored.card.detector, open_dataset(images), plan, lambda *_: None)
    (folder / "optimized").mkdir()
    optimized = store_model(
        made.model, folder / "optimized" / "int8.xml",
        name="int8", source=path, framework="openvino", detector=stored.card.detector,
    )  # fmt: skip
    return packaged(optimized.xml, images, folder / "made")


def test_a_package_of_an_int8_model_holds_what_each_kind_of_processor_finds(int8: Path) -> None:
    stored = json.loads((int8 / "self_test" / "detections.json").read_text())
    ways = {(one["precision"], one["int8_sums"]) for one in stored["runs"]}
    assert stored["quantized"]
    assert {("f32", "exact"), (default_precision(), int8_arithmetic())} <= ways
    if platform.machine() in ("x86_64", "AMD64"):
        assert ("f32", "saturating") in ways
    assert all(len(one["detections"]) == len(stored["runs"]) for one in stored["images"])
    found = run(int8, "self_test.py")
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"executed int8 in 5 layers, {SUMS[int8_arithmetic()]}" in found.stdout
    wrong = run(int8, "-c", FAULTY_DEVICE)
    said = [line.split(":")[0] for line in wrong.stdout.splitlines() if "too much" in line]
    ways_here = [one for one in stored["runs"] if one["int8_sums"] == int8_arithmetic()]
    assert ("in one way for each kind of sums" in wrong.stdout) == (len(ways_here) == 1)
    assert (wrong.returncode, said) == ((1, ["image-13.jpg"]) if len(ways_here) > 1 else (0, []))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
@pytest.mark.parametrize("limit", ["AVX2", "AVX512_CORE"])
def test_the_self_test_passes_on_a_processor_without_vnni(int8: Path, limit: str) -> None:
    found = run(int8, "self_test.py", **{LIMIT: limit})
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Here: asked CPU, default; executed int8 in 5 layers, INT8 sums saturate" in found.stdout
    assert "Compared with what was found where the package was made: asked CPU" in found.stdout
    assert "The package has nothing" not in found.stdout


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_sums_that_the_package_has_nothing_for_are_not_judged(int8: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(int8, other)
    stored = other / "self_test" / "detections.json"
    said = json.loads(stored.read_text())
    for one in said["runs"]:
        one["int8_sums"] = "exact"
    for entry in said["images"]:  # as a model whose sums saturate finds: others
        for one in (one for run_of in entry["detections"] for one in run_of):
            one["box"] = [side + 1000 for side in one["box"]]
    stored.write_text(json.dumps(said))
    found = run(other, "self_test.py", **{LIMIT: "AVX2"})
    assert found.returncode == 3
    assert "The package has nothing that was found in f32 with INT8 sums that saturate." in (
        found.stdout
    )
    assert "Not judged: this processor computes INT8 sums that saturate" in found.stdout


def test_a_package_runs_and_is_tested_in_its_own_precision(tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 4)
    stored = stored_yolox(tmp_path)
    request = PackageJob(
        model=stored, dataset=DatasetSource(path=images), name="fox", precision="f16"
    )
    made = run_job(request, tmp_path / "made").require() / "fox"
    found = run(made, "self_test.py")
    assert "Here: asked CPU, f16; executed " in found.stdout
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_self_test_runs_on_the_device_and_in_the_precision_asked_for(package: Path) -> None:
    asked = run(package, "self_test.py", "--device", "AUTO", "--precision-hint", "default")
    assert asked.stdout.startswith("Here: asked AUTO, default; executed "), asked.stderr
    assert asked.returncode == 0
    wrong = run(package, "self_test.py", "--device", "TOASTER")
    assert wrong.returncode == 2
    assert "The devices of this machine: CPU, " in wrong.stderr.splitlines()[-1]
