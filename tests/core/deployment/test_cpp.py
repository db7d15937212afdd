"""The C++ example finds what the program finds, in every output layout."""

from __future__ import annotations

import os
import re
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
import pytest

from core.benchmark.recommending import Goal, RunSetting
from core.datasets.open import open_dataset
from core.inference.predicting import predict
from core.metrics.speed.figures import Interval
from core.models.batch_axis import open_batch
from core.models.decoders.registry import LAYOUTS
from core.models.detector import Detector
from core.models.stored import load_stored
from core.runtime import openvino_core
from tests.core.models.layout_cases import CASES, FOUND, Case, imported, retinanet
from tests.core.models.test_usual_outputs import rtdetr, yolov2
from tests.support import models
from tests.support.cpp import LOW, Compiler
from tests.support.images import write_image, write_images
from tests.support.packages import stored_yolox

MORE = {
    "ssd": Case(lambda: models.known_ssd(FOUND), "ssd-detection-output"),
    "yolox": Case(lambda: models.known_yolox(FOUND), "yolox-raw"),
    "detr-table": Case(rtdetr, "detr-table"),
    "yolov2": Case(yolov2, "yolo-anchor-heads"),
    "yolov2-five": Case(lambda: yolov2("five"), "yolo-anchor-heads"),
    "retinanet-keras": Case(lambda: retinanet("keras"), "retinanet-heads"),
    "retinanet-plain": Case(lambda: retinanet("plain"), "retinanet-heads"),
}


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    return Compiler(tmp_path_factory.mktemp("cpp"))


def test_there_is_a_case_of_every_layout() -> None:
    tried = {case.decoder for case in (*CASES.values(), *MORE.values())}
    assert tried == set(LAYOUTS)


@pytest.mark.parametrize("name", [*CASES, *MORE])
def test_it_finds_what_the_program_finds(name: str, compiler: Compiler, tmp_path: Path) -> None:
    case = (CASES | MORE)[name]
    xml, card = imported(case.make(), tmp_path)
    require_same(compiler, xml, card.detector, tmp_path)


def require_same(compiler: Compiler, xml: Path, detector: Detector, folder: Path) -> None:
    image = folder / "images" / "one.png"
    write_image(image, 640, 480)
    table = predict(xml, detector, open_dataset(folder / "images")).table
    wanted = table.scores >= LOW.score
    found = compiler.found(detector, xml, image)
    names = [detector.class_names[number] for number in table.class_ids[wanted]]
    assert [one.name for one in found] == names
    assert names
    assert [one.score for one in found] == pytest.approx(table.scores[wanted].tolist(), abs=6e-4)
    assert np.abs(np.array([one.box for one in found]) - table.boxes[wanted]).max() < 0.51


def test_it_reads_folders_and_films(compiler: Compiler, tmp_path: Path) -> None:
    """Several images at a time, whose lines come in their order."""
    xml, card = imported(CASES["yolov8"].make(), tmp_path)
    program = compiler.program(card.detector, xml)
    photos = tmp_path / "photos"
    for number in range(12):
        write_image(photos / f"{number:02}.png", 640, 480)
    (photos / "broken.png").write_bytes(b"none")
    (photos / "notes.txt").write_text("no image")
    done = compiler.run(program, photos)
    *lines, last = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{number:02}.png" for number in range(12) for _ in FOUND
    ]
    assert re.fullmatch(r"12 images, [0-9.]+ a second, \d+ at a time", last)
    assert done.returncode == 1
    assert done.stderr == "broken.png cannot be read as an image.\n"
    film = tmp_path / "film.avi"
    frames = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (640, 480))
    for _ in range(5):
        frames.write(np.zeros((480, 640, 3), np.uint8))
    frames.release()
    done = compiler.run(program, film)
    *lines, last = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"frame {number}" for number in range(5) for _ in FOUND
    ]
    assert last.startswith("5 images, ")


def test_what_is_no_image_is_refused(compiler: Compiler, tmp_path: Path) -> None:
    xml, card = imported(CASES["end-to-end"].make(), tmp_path)
    program = compiler.program(card.detector, xml)
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "missing.jpg", tmp_path / "notes.txt", tmp_path / "empty", ""):
        done = compiler.run(program, path)
        assert done.returncode == 1
        last = done.stderr.splitlines()[-1]  # after what OpenCV's own readers say
        assert last == f"{path} is no image, video or camera that OpenCV can read."


@pytest.mark.parametrize("cores", [os.cpu_count() or 1, 1000])
def test_it_runs_as_measured_on_a_machine_with_as_many_cores(
    compiler: Compiler, tmp_path: Path, cores: int
) -> None:
    xml, card = imported(CASES["yolov8"].make(), tmp_path)
    setting = RunSetting(
        goal=Goal(aim="throughput", cores_free=1), cores=cores, images_per_second=1, p95_ms=1,
        gain=Interval(value=1, low=1, high=1), processor="", streams=1, threads=1, pinned=False,
        requests=7,
    )  # fmt: skip
    write_image(tmp_path / "photos" / "1.png", 64, 64)
    write_image(tmp_path / "photos" / "2.png", 64, 64)
    done = compiler.run(compiler.program(card.detector, xml, setting), tmp_path / "photos")
    assert done.returncode == 0, done.stderr
    assert ("7 at a time" in done.stdout) == (cores != 1000)


def test_it_finds_the_same_in_batches(compiler: Compiler, tmp_path: Path) -> None:
    xml = stored_yolox(tmp_path)
    detector = load_stored(xml).card.detector
    model = openvino_core().read_model(xml)
    open_batch(model)
    opened = tmp_path / "opened.xml"
    ov.save_model(model, opened, compress_to_fp16=False)
    images = write_images(tmp_path / "images", 7)
    (images / "a broken.png").write_bytes(b"no image")
    printed = []
    for batch in (1, 3):
        setting = RunSetting(
            goal=Goal(aim="throughput"), cores=os.cpu_count() or 1, images_per_second=1, p95_ms=1,
            gain=Interval(value=1, low=1, high=1), processor="", requests=2, batch=batch,
        )  # fmt: skip
        done = compiler.run(compiler.program(detector, opened, setting), images)
        assert done.stderr.splitlines()[-1] == "a broken.png cannot be read as an image."
        *lines, closing = done.stdout.splitlines()
        assert closing.startswith("7 images, ") and closing.endswith(f", {2 * batch} at a time")
        printed.append(lines)
    assert printed[0] == printed[1] and len(printed[0]) > 7
