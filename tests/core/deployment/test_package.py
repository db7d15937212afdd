"""The deployment package runs without this program, and the recipe makes the same weights."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openvino as ov
import pytest

from core.errors import InputError
from core.models.importing import import_model
from core.models.metadata import graph_metadata
from core.optimize.recipe import IMAGES_FILE, RECIPE_FILE
from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_images
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
    assert (missing.returncode, missing.stderr) == (2, "There is no file nowhere.jpg.\n")


def test_other_tools_read_what_the_model_is(package: Path) -> None:
    (xml,) = (package / "model").glob("*.xml")
    told = graph_metadata(ov.Core().read_model(xml))
    assert told.class_names == models.CLASSES
    assert (told.color_order, told.resize) == ("bgr", "letterbox_top_left")


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
