"""The deployment package runs without this program, and the recipe makes the same weights."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
import pytest

from core.errors import InputError
from core.models.importing import import_model
from core.models.metadata import graph_metadata
from core.optimize.recipe import IMAGES_FILE, RECIPE_FILE
from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_images
from tests.support.network import Watch
from tests.support.packages import packaged, run, stored_yolox


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    images = write_images(folder / "images", 4)
    stored = stored_yolox(folder)
    return packaged(stored, images, folder / "made")


def test_it_needs_only_openvino_numpy_and_opencv(package: Path) -> None:
    own = {file.stem for file in package.glob("*.py")}
    named = {"openvino", "numpy", "cv2"} | own | set(sys.stdlib_module_names)
    for file in package.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module)]
            assert {name.split(".")[0] for name in names} <= named, file.name
    required = (package / "requirements.txt").read_text().splitlines()
    assert [line.split("==")[0] for line in required] == ["openvino", "numpy", "opencv-python"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_whoever_stops_reading_is_not_complained_to(package: Path) -> None:
    image = next((package / "self_test").glob("image-*"))
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "detect.py", str(image), "--score", "0.05"]
    done = subprocess.run(
        command, cwd=package, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_an_image_is_drawn_and_told(package: Path, tmp_path: Path) -> None:
    image = next((package / "self_test").glob("image-*"))
    done = run(package, "detect.py", image, "--output", tmp_path / "found.png", "--score", "0.05")
    assert done.returncode == 0, done.stderr
    score, name, *box = done.stdout.splitlines()[0].split()
    assert 0.05 <= float(score) <= 1
    assert name in models.CLASSES
    assert len(box) == 4
    assert (tmp_path / "found.png").stat().st_size > 1000
    missing = run(package, "detect.py", "nowhere.jpg")
    assert (missing.returncode, missing.stderr) == (2, "There is no file or folder nowhere.jpg.\n")
    nowhere = run(package, "detect.py", image, "--device", "NOPE")
    assert nowhere.returncode == 1
    assert nowhere.stderr.startswith("The model cannot run on NOPE: ")
    assert "The devices of this machine: CPU" in nowhere.stderr
    assert "Traceback" not in nowhere.stderr
    unknown = run(package, "detect.py", image, "--output", tmp_path / "found.odd")
    assert (unknown.returncode, unknown.stderr) == (
        1,
        f"{tmp_path / 'found.odd'} cannot be written.\n",
    )


def test_a_folder_gives_what_each_of_its_images_gives(package: Path, tmp_path: Path) -> None:
    folder, output = tmp_path / "photos", tmp_path / "found" / "here"
    shutil.copytree(package / "self_test", folder)  # and detections.json, which is no image
    (folder / "a broken.png").write_bytes(b"no image")
    done = run(package, "detect.py", folder, "--output", output, "--score", "0.05")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "OpenCV cannot read a broken.png."
    *each, closing = done.stdout.splitlines()
    names = sorted(file.name for file in folder.glob("image-*"))
    alone = [
        f"{name}: {line}"
        for name in names
        for line in run(package, "detect.py", folder / name, "--score", "0.05").stdout.splitlines()
    ]
    assert len(names) > 1 and each == alone
    assert re.fullmatch(rf"{len(names)} images, [\d.]+ a second, \d+ at a time", closing)
    assert sorted(file.name for file in output.iterdir()) == names
    before = (folder / names[0]).read_bytes()
    refused = run(package, "detect.py", folder, "--output", folder / ".")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (folder / names[0]).read_bytes() == before
    (tmp_path / "empty").mkdir()
    assert run(package, "detect.py", tmp_path / "empty").returncode == 2


def test_every_frame_of_a_video_is_drawn(package: Path, tmp_path: Path) -> None:
    film, drawn = tmp_path / "film.avi", tmp_path / "drawn.mp4"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (96, 64))
    assert writer.isOpened()
    for number in range(7):
        writer.write(np.full((64, 96, 3), 30 * number, np.uint8))
    writer.release()
    done = run(package, "detect.py", film, "--output", drawn)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"7 frames, [\d.]+ a second, \d+ at a time\n", done.stdout)
    frames = cv2.VideoCapture(str(drawn))
    assert sum(iter(lambda: frames.read()[0], False)) == 7
    nowhere = tmp_path / "no folder" / "drawn.mp4"
    refused = run(package, "detect.py", film, "--output", nowhere)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == f"{nowhere} cannot be written."
    camera = run(package, "detect.py", "97")
    assert camera.returncode == 2
    assert camera.stderr.splitlines()[-1] == "There is no camera 97, or OpenCV cannot open it."


STREAMED = """
import sys
from pathlib import Path
from threading import enumerate as threads

import cv2
from detector import Detector

detector = Detector(requests=None, score=0.05)
files = [*sorted(Path("self_test").glob("image-*"))] * 5
seen = [(file, found.boxes.tolist()) for file, _, found in detector.stream(files)]
assert seen == [(file, detector(cv2.imread(str(file))).boxes.tolist()) for file in files]
begun = []

def endless():
    while True:
        begun.append(1)
        yield files[0]

stream = detector.stream(endless())
for _ in range(20):
    next(stream)
assert len(begun) <= 20 + 1 + detector.requests + 64
stream.close()
assert [one.name for one in threads() if "Pool" in one.name] == [], "they end with it"
try:
    list(detector.stream([files[0], "no path"]))
except Exception as error:
    print(type(error).__name__)
assert detector(cv2.imread(str(files[0]))).boxes.tolist() == seen[0][1], "its request is free"
"""


def test_a_stream_has_the_order_of_its_images_and_an_end(package: Path) -> None:
    done = run(package, "-c", STREAMED)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "AttributeError\n"


def test_it_reaches_for_no_network(package: Path, tmp_path: Path) -> None:
    """OpenVINO by itself does: see `tests/core/test_network.py`."""
    watch = Watch(tmp_path)
    for script in (["detect.py", "self_test"], ["self_test.py"]):
        command = [sys.executable, *script]
        subprocess.run(command, cwd=package, env=watch.environment, check=True, capture_output=True)
    assert len(watch.started) >= 2
    assert watch.calls == []


def test_other_tools_read_what_the_model_is(package: Path) -> None:
    (xml,) = (package / "model").glob("*.xml")
    said = graph_metadata(ov.Core().read_model(xml))
    assert said.class_names == models.CLASSES
    assert (said.color_order, said.resize) == ("bgr", "letterbox_top_left")


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no C++ compiler")
def test_the_example_is_cpp(package: Path) -> None:
    checked = subprocess.run(
        ["g++", "-std=c++17", "-fsyntax-only", *_includes(), "cpp/main.cpp"],
        cwd=package, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr[:2000]


def _includes() -> list[str]:
    opencv = Path("/usr/include/opencv4")
    if not opencv.is_dir():
        pytest.skip("OpenCV's headers for C++ are not installed")
    assert ov.__file__ is not None
    return [f"-I{opencv}", f"-I{Path(ov.__file__).parent / 'include'}"]


def test_a_zip_file_holds_one_folder(made: Made, tmp_path: Path) -> None:
    assert made.optimized.model is not None
    archive = packaged(made.optimized.model, made.images, tmp_path / "made", zipped=True)
    with zipfile.ZipFile(archive) as file:
        names = file.namelist()
    assert {name.split("/")[0] for name in names} == {archive.stem}
    assert f"{archive.stem}/recipe/recipe.py" in names
    assert not archive.with_suffix("").exists()


def test_images_without_anything_to_find_are_refused(tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 2)
    path = models.save(models.known_ssd([]), tmp_path / "model", "blind", models.CLASSES)
    (tmp_path / "stored").mkdir()
    stored = import_model(path, tmp_path / "stored")
    with pytest.raises(InputError, match="blind detects nothing in the 2 images"):
        packaged(stored.xml, images, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_the_recipe_makes_the_same_weights(made: Made, tmp_path: Path) -> None:
    parent, optimized = made.parent.model, made.optimized.model
    assert parent is not None
    assert optimized is not None
    for name in (RECIPE_FILE, IMAGES_FILE):
        shutil.copyfile(optimized.parent / name, tmp_path / name)
    assert len((tmp_path / RECIPE_FILE).read_text().splitlines()) < 70
    done = run(tmp_path, RECIPE_FILE, parent, made.images, tmp_path / "again.xml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "The weights are the same."
    (tmp_path / IMAGES_FILE).write_text("image 000.jpg\n")
    other = run(tmp_path, RECIPE_FILE, parent, made.images, tmp_path / "other.xml")
    assert other.returncode == 1
    assert "differ" in other.stdout
