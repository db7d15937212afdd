"""A project goes to another machine as one file, with everything that was made of it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from core.datasets.stored import load_dataset
from core.deployment.service import plan_package
from core.errors import InputError
from core.importing.service import plan_import
from core.models.stored import load_stored
from core.reports.kept import load_report
from core.reports.service import plan_report
from core.transfer.bundle import SUFFIX
from core.transfer.service import plan_pack, plan_unpack
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import leftovers, run


@pytest.fixture
def packed(made: Made, tmp_path: Path) -> Path:
    run(made.workspace, plan_report(made.workspace, made.optimized.id))
    target = tmp_path / f"cats{SUFFIX}"
    done = run(made.workspace, plan_pack(made.workspace, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.end.outcome.error
    return target


def elsewhere(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "elsewhere")


def test_there_and_back(made: Made, packed: Path, tmp_path: Path) -> None:
    other = elsewhere(tmp_path)
    before = made.workspace
    parent_model, optimized_model = made.parent.model, made.optimized.model
    assert parent_model is not None
    hashes = [
        load_stored(xml).card.weights_sha256 for xml in (parent_model, optimized_model) if xml
    ]
    report = load_report(before.artifacts(made.optimized.id, "report")[0].folder)
    shutil.rmtree(made.root)  # nothing of it is needed any more

    done = run(other, plan_unpack(other, packed))
    assert done.end.outcome.state == "succeeded", done.end.outcome.error
    parent, optimized = other.projects()
    assert done.end.project_id == parent.id
    assert (parent.name, optimized.name, optimized.parent_id) == (
        report.result.parent, "INT8 performance", parent.id,
    )  # fmt: skip
    xmls = [project.model for project in (parent, optimized)]
    assert [load_stored(xml).card.weights_sha256 for xml in xmls if xml] == hashes
    dataset = load_dataset(parent.dataset)
    assert all(dataset.path(number).is_file() for number in range(len(dataset.images)))
    assert dataset.root.is_relative_to(other.root)
    (artifact,) = other.artifacts(optimized.id, "report")
    again = load_report(artifact.folder)
    assert again.result.summary == report.result.summary
    assert again.result.dataset_root == dataset.root
    compared = run(other, plan_report(other, optimized.id))
    assert compared.end.outcome.state == "succeeded"
    other.delete_project(parent.id)
    assert not parent.dataset.parent.exists()


def test_without_images_it_tells_how_many_are_missing(made: Made, tmp_path: Path) -> None:
    images = tmp_path / "images"
    shutil.copytree(made.images, images)
    imported = run(made.workspace, plan_import(made.workspace, made.model, images)).end
    assert imported.project_id is not None
    target = tmp_path / f"light{SUFFIX}"
    run(made.workspace, plan_pack(made.workspace, imported.project_id, target, images=False))
    shutil.rmtree(images)
    other = elsewhere(tmp_path)
    done = run(other, plan_unpack(other, target))
    assert done.end.outcome.state == "succeeded"
    told = [getattr(event, "text", "") for event in done.events]
    assert any("6 of the 6 images" in text for text in told)


def damaged(packed: Path, change: dict[str, bytes]) -> Path:
    target = packed.with_name(f"damaged{SUFFIX}")
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
        for name in change.keys() - set(old.namelist()):
            new.writestr(name, change[name])
    return target


@pytest.mark.parametrize("what", ["weights", "manifest", "outside", "no project", "newer"])
def test_what_is_damaged_or_hostile_is_refused_whole(
    packed: Path, tmp_path: Path, what: str
) -> None:
    with zipfile.ZipFile(packed) as archive:
        manifest = json.loads(archive.read("project.json"))
        weights = next(name for name in archive.namelist() if name.endswith(".bin"))
    sentence = "is damaged"
    if what == "weights":
        file = damaged(packed, {weights: b"other"})
    elif what == "manifest":
        manifest["projects"][0]["model"] = "../../outside.xml"
        file = damaged(packed, {"project.json": json.dumps(manifest).encode()})
    elif what == "outside":
        file, sentence = damaged(packed, {"../outside.json": b"{}"}), "leads out of the folder"
    elif what == "newer":
        manifest["version"] = 99
        file = damaged(packed, {"project.json": json.dumps(manifest).encode()})
        sentence = "newer version"
    else:
        file, sentence = packed.with_name(f"other{SUFFIX}"), "holds no project"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", "hello")
    other = elsewhere(tmp_path)
    done = run(other, plan_unpack(other, file))
    assert sentence in done.sentence
    assert other.projects() == ()
    assert leftovers(other.root) == []
    assert not (tmp_path / "outside.json").exists()


def test_nothing_is_overwritten(made: Made, tmp_path: Path) -> None:
    there = tmp_path / f"there{SUFFIX}"
    there.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        plan_pack(made.workspace, made.parent.id, there)
    with pytest.raises(InputError, match="exists already"):
        plan_package(made.workspace, made.parent.id, there)


def test_a_package_of_a_project(made: Made, tmp_path: Path) -> None:
    target = tmp_path / "package"
    done = run(made.workspace, plan_package(made.workspace, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.end.outcome.error
    assert (target / "self_test.py").is_file()
    assert (target / "recipe" / "recipe.py").is_file()
