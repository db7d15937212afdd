"""What was examined becomes a project, and the settings of a project's model are edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.benchmark.service import plan_benchmark
from core.datasets.stored import load_dataset
from core.errors import InputError
from core.importing.editing import edit_project
from core.importing.examining import Examined, examine, import_job
from core.importing.service import adopt, possible_parents
from core.models.adjusting import Overrides
from core.models.stored import load_stored
from core.reports.service import class_mapping, plan_report
from core.workspace.projects import card_of, model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import leftovers
from tests.support.models import CLASSES, save, ssd


def examined(made: Made, tmp_path: Path, dataset: Path | None) -> Examined:
    model = save(ssd(), tmp_path / "mine", "mine", CLASSES)
    return examine(import_job(model, dataset), made.root / "imports")


def test_an_examined_model_becomes_a_project(made: Made, tmp_path: Path) -> None:
    found = examined(made, tmp_path, made.images)
    assert len(found.images) == 6
    assert all(image.is_file() for image in found.images)
    workspace = made.workspace
    project = adopt(workspace, found, Overrides(color_order="rgb", class_names=("a", "b", "c")))
    card = load_stored(model_of(workspace.project(project))).card
    assert card.detector.preprocessing.color_order == "rgb"
    assert card.detector.class_names == ("a", "b", "c")
    assert workspace.project(project).name == "mine"
    assert not leftovers(made.root)
    # a project like any other
    assert class_mapping(made.workspace, project).model_classes == ("a", "b", "c")
    plan_benchmark(made.workspace, project)


def test_a_model_without_images_is_no_project(made: Made, tmp_path: Path) -> None:
    found = examined(made, tmp_path, None)
    assert found.stored.card.detector.class_names == CLASSES
    with pytest.raises(InputError, match="needs images"):
        adopt(made.workspace, found, Overrides())


def test_a_model_made_elsewhere_becomes_a_version_of_its_parent(made: Made, tmp_path: Path) -> None:
    workspace = made.workspace
    assert made.optimized.model is not None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for suffix in (".xml", ".bin"):  # quantized by somebody else: it has no card
        shutil.copy(made.optimized.model.with_suffix(suffix), elsewhere / f"mine{suffix}")
    (elsewhere / "labels.txt").write_text("\n".join(CLASSES), "utf-8")
    found = examine(import_job(elsewhere / "mine.xml"), made.root / "imports")
    assert found.stored.card.info.quantized
    assert [one.id for one in possible_parents(workspace, found.stored)] == [made.parent.id]
    project = workspace.project(
        adopt(workspace, found, Overrides(), parent_id=made.parent.id)  # needs no images of its own
    )
    assert (project.parent_id, project.name, project.state) == (made.parent.id, "mine", "ready")
    plan_report(made.workspace, project.id)
    other = examine(import_job(save(ssd(96), tmp_path / "b", "b", CLASSES)), made.root / "imports")
    assert not possible_parents(workspace, other.stored)
    with pytest.raises(InputError, match="is not a version of"):
        adopt(workspace, other, Overrides(), parent_id=made.parent.id)


def test_a_dataset_in_an_archive_goes_along(made: Made, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "photos"), "zip", made.images))
    found = examined(made, tmp_path, archive)
    project = made.workspace.project(adopt(made.workspace, found, Overrides()))
    dataset = load_dataset(project.dataset)
    assert dataset.name == "photos"
    assert all(dataset.path(number).is_file() for number in range(6))


def test_what_is_examined_and_left_is_swept_away(made: Made, tmp_path: Path) -> None:
    found = examined(made, tmp_path, None)
    left = found.folder.with_name(found.folder.name.replace(found.folder.name.split("-")[1], "0"))
    found.folder.rename(left)  # as if another process had examined it, and is gone
    assert left in leftovers(made.root)
    Workspace(made.root)
    assert not leftovers(made.root)


def test_the_settings_of_a_project_are_edited(made: Made) -> None:
    workspace = made.workspace
    parent, optimized = made.parent, made.optimized
    edit_project(workspace, parent.id, Overrides(class_names=("x", "y", "z")))
    for project in (parent, optimized):
        assert load_stored(model_of(project)).card.detector.class_names == ("x", "y", "z")
    with pytest.raises(InputError, match="was optimized already"):
        edit_project(workspace, parent.id, Overrides(color_order="rgb"))
    with pytest.raises(InputError, match="Edit the parent's settings"):
        edit_project(workspace, optimized.id, Overrides(class_names=("x", "y", "z")))
    workspace.delete_project(optimized.id)
    edit_project(workspace, parent.id, Overrides(color_order="rgb"))
    card = load_stored(model_of(parent)).card
    assert card.detector.preprocessing.color_order == "rgb"
    assert card_of(parent) is not None
