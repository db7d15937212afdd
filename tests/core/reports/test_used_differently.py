"""Two models that are used differently: each is read by its own card, and the report says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.importing.editing import edit_project
from core.importing.examining import examine, import_job
from core.importing.service import adopt
from core.models.adjusting import Overrides
from core.models.stored import load_stored
from core.remarks.sentences import sentences
from core.reports.kinds import head_of
from core.reports.service import plan_report
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support import models
from tests.support.blobs import blob_finder, blob_images
from tests.support.jobs import run
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


@pytest.fixture
def imports(terminal: Terminal, tmp_path: Path) -> dict[str, Any]:
    """The same detector imported twice, with other colours, and images of what it finds."""
    model = models.save(blob_finder(rgb=True, unit=True), tmp_path / "model", "blobs", ["red"])
    found: dict[str, Any] = {"images": blob_images(tmp_path / "images")[0].parent}
    for order in ("rgb", "bgr"):
        said = terminal("import", model, "--color-order", order, "--output", tmp_path / order)
        assert said.status == 0, said.err
        found[order] = tmp_path / order / "blobs.xml"
    return found


def test_each_model_is_read_by_its_own_card(
    terminal: Terminal, imports: dict[str, Any], tmp_path: Path
) -> None:
    html = tmp_path / "page.html"
    said = terminal(
        "report", imports["rgb"], imports["bgr"], imports["images"],
        "--output", tmp_path / "report", "--html", html,
    )  # fmt: skip
    assert said.status == 0, said.err
    assert "Not safe" in said.out
    sentence = "Parent and optimized model are used differently, each as its own card says."
    colours = "The parent takes RGB 0..1, 64x64, letterbox with 114; the optimized model takes BGR"
    for text in (said.out, html.read_text("utf-8")):
        assert sentence in text
        assert colours in text
    assert sentence not in said.err, "it is said once"
    assert sentences(head_of(tmp_path / "report").used_differently)[0] == sentence


def test_models_that_are_used_alike_are_not_told_of(
    terminal: Terminal, imports: dict[str, Any], tmp_path: Path
) -> None:
    said = terminal(
        "report", imports["rgb"], imports["rgb"], imports["images"],
        "--output", tmp_path / "report", "--json",
    )  # fmt: skip
    assert said.json["used_differently"] == []
    assert said.json["summary"]["matches"] > 0


def test_tensors_of_other_images_are_not_compared(
    terminal: Terminal, imports: dict[str, Any], tmp_path: Path
) -> None:
    said = terminal(
        "report", imports["rgb"], imports["bgr"], imports["images"],
        "--kind", "tensor-distance", "--output", tmp_path / "report",
    )  # fmt: skip
    assert said.status == 2
    assert "cannot be compared: one takes RGB" in said.err


def test_tensors_of_a_network_with_its_preprocessing_inside_are_not_compared(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    """Both take BGR 0..255: that does not say why."""
    inside = ["--preprocessing", "inside", "--subset-size", "2", "--output", tmp_path / "inside"]
    assert terminal("optimize", made.model, made.images, *inside).status == 0
    said = terminal(
        "report", made.model, tmp_path / "inside", made.images,
        "--kind", "tensor-distance", "--output", tmp_path / "report",
    )  # fmt: skip
    assert said.status == 2
    assert (
        "cannot be compared: one has its preprocessing inside and takes pixels as they" in said.err
    )


def test_classes_in_another_order_are_matched_by_name(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    for name, labels in (("one", ("cat", "dog", "bird")), ("other", ("bird", "cat", "dog"))):
        names = tmp_path / f"{name}.txt"
        names.write_text("\n".join(labels), "utf-8")
        said = terminal("import", made.model, "--labels", names, "--output", tmp_path / name)
        assert said.status == 0, said.err
    said = terminal(
        "report", tmp_path / "one" / "ssd.xml", tmp_path / "other" / "ssd.xml", made.images,
        "--output", tmp_path / "report", "--json",
    )  # fmt: skip
    (_, names) = said.json["used_differently"]
    assert names["facts"] == {"parent": "cat", "optimized": "bird", "others": 2}
    assert said.json["summary"]["matches"] < said.json["summary"]["parent"]


def test_a_version_made_elsewhere_keeps_its_own_card(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    images = blob_images(tmp_path / "images")[0].parent
    model = models.save(blob_finder(rgb=True, unit=True), tmp_path / "a", "a", ["red"])
    other = models.save(blob_finder(rgb=True, unit=True, other=-0.9), tmp_path / "b", "b", ["red"])
    found = examine(import_job(model, images), workspace.root / "imports")
    parent = adopt(workspace, found, Overrides())
    found = examine(import_job(other), workspace.root / "imports")
    child = adopt(workspace, found, Overrides(color_order="bgr"), parent_id=parent)
    report = run(workspace, plan_report(workspace, child))
    assert report.end.outcome.state == "succeeded", report.end.outcome.error
    (kept,) = workspace.artifacts(child, "predictions")
    assert "used differently" in sentences(head_of(kept.folder).used_differently)[0]
    tensors = run(workspace, plan_report(workspace, child, "tensor-distance"))
    assert isinstance(tensors.end.outcome.error, InputError)
    edit_project(workspace, child, Overrides(color_order="rgb"))  # by itself, as it differs
    card = load_stored(model_of(workspace.project(child))).card
    assert card.detector.preprocessing.color_order == "rgb"
    with pytest.raises(InputError, match="is used as its parent is"):
        edit_project(workspace, child, Overrides(color_order="bgr"))
