"""Correcting guesses, and seeing what a model finds meanwhile."""

import queue
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.cli.main import main
from core.detection.detections import Detections
from core.documents.drawing import draw_detections, printable
from core.errors import ClassNamesMissing, InputError, JobCancelled
from core.images.decode import read_image
from core.importing.examining import examine, import_job
from core.importing.live_preview import LivePreview
from core.importing.preview_job import Previewed
from core.jobs.events import Progress
from core.jobs.quiet import LightWork, TimedRounds
from core.models.adjusting import Overrides, adjusted, possibilities
from core.models.detector import Detector
from core.models.naming import bundled_names, chosen_names, label_sets
from core.models.preprocessing import Preprocessing
from core.models.stored import StoredModel
from core.remarks.sentences import sentences
from tests.support import models
from tests.support.images import sample_image, write_image
from tests.support.models import Known

FOUND = [Known((8.25, 10.5, 40.125, 30.75), 0.9, 2), Known((1, 2, 20, 60), 0.5, 0)]


@pytest.fixture
def stored(tmp_path: Path) -> StoredModel:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known", models.CLASSES)
    first = write_image(tmp_path / "first.png", 64, 64)
    return examine(import_job(path, images=[first]), tmp_path).stored


def test_what_can_be_chosen(stored: StoredModel) -> None:
    offered = possibilities(stored.card)
    assert [layout.id for layout in offered.layouts] == ["yolox-raw", "yolov8"]
    assert {choice.key for choice in offered.choices} == {"grid", "sigmoid", "nms_iou"}
    assert offered.resizes == ("stretch", "letterbox", "letterbox_top_left")
    assert [one.title for one in offered.value_ranges][:3] == ["0..255", "0..1", "-1..1"]
    other = adjusted(stored.card.detector, Overrides(layout="yolov8"), stored.card.alternatives)
    assert possibilities(stored.card, other).layouts[0].id == "yolov8"


def test_a_detector_after_changes(stored: StoredModel) -> None:
    before = stored.card.detector
    overrides = Overrides(
        color_order="rgb", resize="stretch", mean=(1, 2, 3), scale=(4, 5, 6), pad_value=0,
        class_names=("a", "b", "c"), options={"nms_iou": 1, "sigmoid": True},
    )  # fmt: skip
    after = adjusted(before, overrides)
    assert after.preprocessing == msgspec.structs.replace(
        before.preprocessing,
        color_order="rgb", resize="stretch", mean=(1, 2, 3), scale=(4, 5, 6), pad_value=0,
    )  # fmt: skip
    assert after.class_names == ("a", "b", "c")
    assert after.options == {**before.options, "nms_iou": 1, "sigmoid": True}
    assert sentences(after.reasons)[-1] == "Set by you."
    assert adjusted(before, Overrides()) == before


@pytest.mark.parametrize(
    ("overrides", "cause"),
    [
        ({"layout": "nonsense"}, "There is no layout called 'nonsense'"),
        ({"layout": "centernet"}, "cannot be read as 'centernet'"),
        ({"color_order": "brg"}, "'brg' is not a color order"),
        ({"resize": "crop"}, "'crop' is not a resize"),
        ({"scale": (1, 0, 1)}, "A scale of 0"),
        ({"pad_value": 300}, "300 is not a pixel value"),
        ({"options": {"sigmiod": True}}, "The layout has no option 'sigmiod'"),
        ({"options": {"sigmoid": "yes"}}, "sigmoid cannot be 'yes'"),
        ({"options": {"nms_iou": 1e12}}, "nms_iou cannot be 1000000000000.0"),
        ({"scale": (1e-300, 1, 1)}, "would leave nothing of an image"),
        ({"mean": (1e308, 0, 0)}, "would leave nothing of an image"),
    ],
)
def test_choices_that_are_none(stored: StoredModel, overrides: dict[str, Any], cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        adjusted(stored.card.detector, Overrides(**overrides), stored.card.alternatives)


class Asking:
    """A live preview in a thread of its own, and its answers in their order."""

    def __init__(self, stored: StoredModel) -> None:
        self.preview = LivePreview(stored.xml, stored.xml.parent)
        self._answers: queue.Queue[Previewed] = queue.Queue()
        self._thread = threading.Thread(target=self.preview.run, args=(self._note,))
        self._thread.start()

    def _note(self, event: Previewed | Progress) -> None:
        if isinstance(event, Previewed):
            self._answers.put(event)

    def ask(self, number: int, detector: Detector, image: Path) -> Previewed:
        self.preview.ask(number, detector, image)
        return self._answers.get(timeout=60)

    def close(self) -> None:
        self.preview.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


def test_a_live_preview_answers_until_it_is_closed(stored: StoredModel, tmp_path: Path) -> None:
    asking, used = Asking(stored), stored.card.detector
    image = write_image(tmp_path / "a.png", 128, 128)
    try:
        first = asking.ask(1, used, image)
        seen = first.image
        assert (first.number, seen.width, seen.height) == (1, 128, 128)
        assert np.allclose(seen.boxes[0], np.array(FOUND[0].box) * 2, atol=1e-3)
        assert (seen.class_ids, seen.unnamed) == ((2, 0), 0)
        assert seen.scores == pytest.approx([0.9, 0.5], abs=1e-5)
        other = adjusted(used, Overrides(layout="yolov8"), stored.card.alternatives)
        assert asking.ask(2, other, image).image.boxes != seen.boxes
        few = msgspec.structs.replace(used, class_names=("cat",))
        assert asking.ask(3, few, image).image.unnamed == 1
        wrong = msgspec.structs.replace(used, options={"grid": "nonsense", "nms_iou": "x"})
        assert "The outputs cannot be decoded" in asking.ask(4, wrong, image).image.problem
        assert "gone.png" in asking.ask(5, used, tmp_path / "gone.png").image.problem
        again = asking.ask(6, used, image)
        assert (again.number, again.image) == (6, seen)
    finally:
        asking.close()
    assert not list(stored.xml.parent.glob(".job-*"))


def test_a_live_preview_waits_while_speed_is_measured(stored: StoredModel, tmp_path: Path) -> None:
    stages: queue.Queue[str] = queue.Queue()
    preview = LivePreview(stored.xml, stored.xml.parent)
    preview.ask(1, stored.card.detector, tmp_path / "first.png")

    def note(event: Previewed | Progress) -> None:
        stages.put(event.stage if isinstance(event, Progress) else "answered")

    with TimedRounds(lambda: None):
        thread = threading.Thread(target=preview.run, args=(note,))
        thread.start()
        assert stages.get(timeout=60) == LightWork.waiting
        assert stages.empty()
    while stages.get(timeout=60) != "answered":
        pass
    preview.close()
    thread.join(10)


def test_what_cannot_be_examined_leaves_nothing(tmp_path: Path) -> None:
    path = models.save(models.known_ssd(FOUND), tmp_path / "users", "untold")
    with pytest.raises(ClassNamesMissing, match="does not state how many classes"):
        examine(import_job(path), tmp_path / "imports")
    assert not list((tmp_path / "imports").iterdir())
    found = examine(
        import_job(path, overrides=Overrides(class_names=("a", "b", "c"))), tmp_path / "imports"
    )
    assert found.stored.card.detector.class_names == ("a", "b", "c")
    found.discard()
    assert not list((tmp_path / "imports").iterdir())
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(JobCancelled):
        examine(import_job(path), tmp_path / "imports", cancel=cancel)
    assert not list((tmp_path / "imports").iterdir())


def test_colours_turned_alone_turn_mean_and_scale() -> None:
    used = Detector(
        decoder="yolox-raw",
        preprocessing=Preprocessing(width=8, height=8, color_order="rgb", mean=(1, 2, 3)),
        class_names=("a",),
    )
    turned = adjusted(used, Overrides(color_order="bgr")).preprocessing
    assert turned.mean == (3, 2, 1)
    both = Overrides(color_order="bgr", mean=(7, 8, 9))
    assert adjusted(used, both).preprocessing.mean == (7, 8, 9)
    assert adjusted(used, Overrides(color_order="rgb")).preprocessing.mean == (1, 2, 3)


def test_lists_of_class_names_that_fit() -> None:
    sets = {one.key: len(one.names) for one in label_sets(90, ["a"] * 90)}
    assert sets == {"dataset": 90, "coco-90": 90, "coco-91": 90}, "the last without its class 0"
    assert label_sets(20)[0].key == "voc-20"
    assert len(label_sets(0)) == 5
    assert label_sets(3, ["background", "a", "b", "c"])[0].names == ("a", "b", "c")
    for key, count in (("voc-20", 20), ("coco-91", 91)):
        with pytest.raises(InputError, match=f"80 classes, and the list has {count} names"):
            chosen_names(bundled_names(key), 80)


def test_names_of_any_bytes_are_drawn(tmp_path: Path) -> None:
    found = Detections(
        np.array([[5, 5, 60, 60], [0, 0, 300, 2]], np.float32),
        np.array([0.9, 0.5], np.float32),
        np.array([0, 1], np.int32),
    )
    names = ("\ud800 caf\udce9 猫\n\0", "x" * 500)
    image = sample_image(64, 64)
    drawn = draw_detections(image, found, names)
    assert drawn.shape == image.shape
    assert (drawn != image).any()
    assert printable(names[0]) == "? caf? ???"


def test_the_terminal_draws_a_preview(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known", models.CLASSES)
    image = write_image(tmp_path / "one.png", 128, 128)
    output = tmp_path / "drawn" / "picture.png"
    assert main(["import", "--preview", str(path), str(image), "--output", str(output)]) == 0
    assert "2 detections" in capsys.readouterr().out
    assert (read_image(output) != read_image(image)).any()


def test_the_terminal_corrects_a_guess_once_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known")
    labels = tmp_path / "names.txt"
    labels.write_text("fox\nwolf\nhare\n", "utf-8")
    overrides = [
        *("--color-order", "rgb", "--mean", "127.5", "--scale", "127.5,127.5,127.5"),
        *("--resize", "stretch", "--labels", str(labels), "--option", "nms_iou=0.5"),
    ]
    assert main(["import", str(path), "--output", str(tmp_path / "kept"), *overrides]) == 0
    capsys.readouterr()
    assert main(["inspect", str(tmp_path / "kept")]) == 0
    said = capsys.readouterr().out
    assert "RGB -1..1, 64x64, stretch, NCHW" in said
    assert "fox, wolf, hare" in said
    assert "nms_iou 0.5" in said
    assert "Set by you." in said


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--preview"], "A preview needs an image"),
        (["--layout", "centernet"], "cannot be read as 'centernet'"),
        (["--option", "x=1"], "The layout has no option 'x'"),
        (["--labels", "gone.txt"], "gone.txt cannot be read"),
    ],
)
def test_the_terminal_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], cause: str
) -> None:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known", models.CLASSES)
    assert main(["import", str(path), "--output", str(tmp_path / "out"), *arguments]) == 2
    assert cause in capsys.readouterr().err
