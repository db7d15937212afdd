"""A project goes to another machine as one file, with everything that was made of it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.datasets.stored import load_dataset
from core.deployment.service import plan_package
from core.errors import InputError
from core.importing.service import plan_import
from core.models.stored import load_stored
from core.project_comparison.service import damaged as unreadable
from core.reports.predictions.kind import load_predictions
from core.reports.service import plan_report
from core.transfer.bundle import SUFFIX
from core.transfer.duplicating import plan_duplicate
from core.transfer.service import plan_pack, plan_unpack
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import leftovers, run
from tests.support.rows import execute


def pack(made: Made, folder: Path) -> Path:
    """The project with a report, in a file."""
    run(made.workspace, plan_report(made.workspace, made.optimized.id))
    target = folder / f"cats{SUFFIX}"
    done = run(made.workspace, plan_pack(made.workspace, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.end.outcome.error
    return target


@pytest.fixture(scope="module")
def first_packed(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    shutil.copytree(first_made.root, folder / "workspace")
    workspace = Workspace(folder / "workspace")
    return pack(replace(first_made, workspace=workspace), folder)


@pytest.fixture
def packed(first_packed: Path, tmp_path: Path) -> Path:
    """A copy: tests put changed ones beside it."""
    return Path(shutil.copy(first_packed, tmp_path))


def elsewhere(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "elsewhere")


def test_there_and_back(made: Made, tmp_path: Path) -> None:
    packed = pack(made, tmp_path)
    other = elsewhere(tmp_path)
    before = made.workspace
    parent_model, optimized_model = made.parent.model, made.optimized.model
    assert parent_model is not None
    hashes = [
        load_stored(xml).card.weights_sha256 for xml in (parent_model, optimized_model) if xml
    ]
    report = load_predictions(before.artifacts(made.optimized.id, "predictions")[0].folder)
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
    (artifact,) = other.artifacts(optimized.id, "predictions")
    again = load_predictions(artifact.folder)
    assert again.result.summary == report.result.summary
    assert again.result.dataset_root == dataset.root
    compared = run(other, plan_report(other, optimized.id))
    assert compared.end.outcome.state == "succeeded"
    other.delete_project(parent.id)
    assert not parent.dataset.parent.exists()


def test_notes_and_names_travel_and_the_trash_stays(made: Made, tmp_path: Path) -> None:
    workspace = made.workspace
    for _ in range(2):
        run(workspace, plan_report(workspace, made.optimized.id))
    named, trashed = workspace.artifacts(made.optimized.id, "predictions")
    workspace.rename_artifact(named.id, "before the fix")
    workspace.set_notes(made.parent.id, "for the gate\nat dusk")
    workspace.trash.add_artifact(trashed)
    gone = run(workspace, plan_duplicate(workspace, made.optimized.id)).end.project_id
    assert gone is not None
    workspace.trash.add_project(gone)
    target = tmp_path / f"noted{SUFFIX}"
    run(workspace, plan_pack(workspace, made.parent.id, target))
    other = elsewhere(tmp_path)
    assert run(other, plan_unpack(other, target)).end.outcome.state == "succeeded"
    parent, optimized = other.projects()
    assert (parent.notes, optimized.notes) == ("for the gate\nat dusk", "")
    assert [one.name for one in other.artifacts(optimized.id)] == ["before the fix"]
    assert other.trash.entries() == ()


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
    answer = [getattr(event, "text", "") for event in done.events]
    assert any("6 of the 6 images" in text for text in answer)


def damaged(packed: Path, change: dict[str, bytes]) -> Path:
    target = packed.with_name(f"damaged{SUFFIX}")
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
        for name in change.keys() - set(old.namelist()):
            new.writestr(name, change[name])
    return target


def changed(packed: Path, name: str, change: dict[str, Any]) -> Path:
    """The project file with some values of the JSON file `name` replaced."""
    with zipfile.ZipFile(packed) as archive:
        plain = json.loads(archive.read(name))
    return damaged(packed, {name: json.dumps(plain | change).encode()})


def hostile(packed: Path, what: str) -> tuple[Path, str]:
    """A project file with something wrong, and what the refusal says."""
    with zipfile.ZipFile(packed) as archive:
        manifest = json.loads(archive.read("project.json"))
        names = archive.namelist()
    weights = next(name for name in names if name.endswith(".bin"))
    card = next(name for name in names if name.endswith(".card.json"))
    result = next(name for name in names if name.startswith("artifacts/") and "result" in name)
    first, second = manifest["projects"]

    def of_kind(kind: str) -> dict[str, Any]:
        changed = [one | {"kind": kind} for one in second["artifacts"]]
        return {**second, "artifacts": changed}

    nowhere = packed.with_name(f"other{SUFFIX}")
    with zipfile.ZipFile(nowhere, "w") as archive:
        archive.writestr("readme.txt", "hello")
    manifests: dict[str, dict[str, Any]] = {
        "model outside": {"projects": [first | {"model": "../../outside.xml"}]},
        "absolute model": {"projects": [first | {"model": "/etc/passwd"}]},
        "artifact outside": {
            "projects": [first | {"artifacts": [{"kind": "report", "folder": "../../x"}]}]
        },
        "no projects": {"projects": []},
        "result of another kind": {"projects": [first, of_kind("benchmark")]},
        "result of no kind": {"projects": [first, of_kind("horoscope")]},
        "project without a name": {"projects": [first | {"name": " "}]},
        "name without end": {"projects": [first | {"name": "x" * 301}]},
        "notes without end": {"projects": [first | {"notes": "x" * 10_001}]},
        "notes are a number": {"projects": [first | {"notes": 5}]},
        "unknown target": {"projects": [first | {"target": "moon"}]},
        "only a child": {"projects": [first | {"parent": 0}]},
        "dataset elsewhere": {"dataset": "/etc/dataset.json"},
        "dataset is no path": {"dataset": 5},
    }
    datasets: dict[str, dict[str, Any]] = {
        "root outside": {"root": "/etc", "images": ["passwd", "shadow"], "annotations": []},
        "root above": {"root": "../..", "images": ["passwd"]},
        "image outside": {"images": ["../../../../etc/passwd"]},
        "absolute image": {"images": ["/etc/passwd"]},
        "annotations outside": {"annotations": ["/etc/passwd"]},
        "root is a number": {"root": 5},
        "image with NUL": {"images": ["a\0.jpg"]},
        "image without a name": {"images": [""]},
        "unknown format": {"kind": "nothing"},
    }
    if what in manifests:
        answer = {
            "project without a name": "a project in it has no name",
            "name without end": "a text in it is too long",
            "notes without end": "a text in it is too long",
            "unknown target": "projects[0].target is 'moon', which is not known",
        }
        return changed(packed, "project.json", manifests[what]), answer.get(what, "is damaged")
    if what in datasets:
        nameless = what == "image without a name"
        return (
            changed(packed, "dataset/dataset.json", datasets[what]),
            "it names an image without a name" if nameless else "is damaged",
        )
    files = {
        "weights": ({weights: b"other"}, "is damaged"),
        "no card": ({card: b"{}"}, "cannot be imported"),
        "result names a file": ({result: b'{"dataset_root": "/etc", "version": 1}'}, "is damaged"),
        "result is no JSON": ({result: b"["}, "is damaged"),
        "result is deep": ({result: b"[" * 100_000}, "is damaged"),
        "climbing out": (
            {"../outside.json": b"{}"},
            "leads out of the folder. Export the project again.",
        ),
    }
    if what in files:
        return damaged(packed, files[what][0]), files[what][1]
    values: dict[str, tuple[str, dict[str, Any], str]] = {
        "newer": ("project.json", {"version": 99}, "newer version"),
        "relative root in a result": (result, {"dataset_root": "../../victim"}, "is damaged"),
    }
    if what in values:
        place, change, said = values[what]
        return changed(packed, place, change), said
    if what == "no archive":
        nowhere.write_text("hello")
    return nowhere, "holds no project"


@pytest.mark.parametrize(
    "what",
    [
        "weights",
        "model outside",
        "absolute model",
        "artifact outside",
        "no projects",
        "project without a name",
        "name without end",
        "notes without end",
        "notes are a number",
        "unknown target",
        "only a child",
        "dataset elsewhere",
        "dataset is no path",
        "root outside",
        "root above",
        "image outside",
        "absolute image",
        "annotations outside",
        "root is a number",
        "image with NUL",
        "image without a name",
        "unknown format",
        "no card",
        "result names a file",
        "result is no JSON",
        "result is deep",
        "climbing out",
        "no project",
        "no archive",
        "relative root in a result",
        "result of another kind",
        "result of no kind",
        "newer",
    ],
)
def test_what_is_damaged_or_hostile_is_refused_whole(
    packed: Path, tmp_path: Path, what: str
) -> None:
    file, sentence = hostile(packed, what)
    other = elsewhere(tmp_path)
    done = run(other, plan_unpack(other, file))
    assert sentence in done.sentence
    assert file.name in done.sentence
    assert "does not know" not in done.sentence
    assert other.projects() == ()
    assert leftovers(other.root) == []
    assert [one for one in other.root.rglob("*") if one.suffix in (".xml", ".bin")] == []
    assert not (tmp_path / "outside.json").exists()


def test_nothing_in_the_file_says_where_things_lay(made: Made, tmp_path: Path) -> None:
    packed = pack(made, tmp_path)
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            for place in (made.root, made.images, Path.home()):
                assert os.fsencode(place) not in data, f"{name} names {place}"


def test_a_foreign_script_is_not_taken_over_and_the_recipe_is_made_anew(
    packed: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(packed) as archive:
        data = next(name for name in archive.namelist() if name.endswith("recipe.json"))
    script = data.replace("recipe.json", "recipe.py")
    other = elsewhere(tmp_path)
    done = run(other, plan_unpack(other, damaged(packed, {script: b"import os; os.abort()"})))
    assert done.end.outcome.state == "succeeded"
    (made_anew,) = other.root.rglob("recipe.py")
    text = made_anew.read_text("utf-8")
    assert "os.abort" not in text
    assert "nncf.quantize(" in text


def photos(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.suffix in (".jpg", ".png"))


def test_dates_that_an_archive_cannot_say_are_told_of(made: Made, tmp_path: Path) -> None:
    images = tmp_path / "images"
    shutil.copytree(made.images, images)
    old, young = photos(images)[:2]
    os.utime(old, (-18_000_000, -18_000_000))  # June 1969
    os.utime(young, (4_500_000_000, 4_500_000_000))  # 2112
    imported = run(made.workspace, plan_import(made.workspace, made.model, images)).end
    assert imported.project_id is not None
    gone = photos(images)[-1]
    gone.unlink()
    gone.with_name(gone.name).write_bytes(b"no image at all")
    target = tmp_path / f"dated{SUFFIX}"
    done = run(made.workspace, plan_pack(made.workspace, imported.project_id, target))
    assert done.end.outcome.state == "succeeded", done.sentence
    answer = " ".join(getattr(event, "text", "") for event in done.events)
    assert "2 files are dated before 1980 or after 2107" in answer
    assert "1 file with the names of images could not be decoded" in answer
    with zipfile.ZipFile(target) as archive:
        assert not [name for name in archive.namelist() if name.endswith(gone.name)]


def test_a_result_that_cannot_be_read_is_left_out_and_told(made: Made, tmp_path: Path) -> None:
    for _ in range(2):
        run(made.workspace, plan_report(made.workspace, made.optimized.id))
    whole, broken = made.workspace.artifacts(made.optimized.id, "predictions")
    (broken.folder / "result.json").write_text('{"version": 1, ')
    target = tmp_path / f"part{SUFFIX}"
    done = run(made.workspace, plan_pack(made.workspace, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.sentence
    answer = " ".join(getattr(event, "text", "") for event in done.events)
    assert f"A result is left out. {broken.folder / 'result.json'} is damaged: " in answer
    assert str(whole.folder) not in answer
    other = elsewhere(tmp_path)
    assert run(other, plan_unpack(other, target)).end.outcome.state == "succeeded"
    assert len(other.artifacts(other.projects()[1].id, "predictions")) == 1


def test_results_outside_the_workspace_are_told_of(made: Made, tmp_path: Path) -> None:
    run(made.workspace, plan_report(made.workspace, made.optimized.id))
    (tmp_path / "victim").mkdir()
    execute(made.root, "UPDATE artifacts SET folder = '../victim'")
    assert made.workspace.results_outside(made.optimized.id) == 1
    (answer,) = unreadable(made.workspace)
    assert answer.endswith("1 result lies outside the workspace: not used, not removed.")
    target = tmp_path / f"part{SUFFIX}"
    done = run(made.workspace, plan_pack(made.workspace, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.sentence
    said = " ".join(getattr(event, "text", "") for event in done.events)
    assert "1 result lies outside the workspace: left out." in said
    assert (tmp_path / "victim").is_dir()


def test_a_workspace_that_is_open_for_looking_can_be_exported_from(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("core.workspace.database.os.access", lambda *_: False)
        looking = Workspace(made.root)
    assert looking.read_only
    before = sorted(made.root.rglob("*"))
    target = tmp_path / "out" / f"cats{SUFFIX}"
    done = run(looking, plan_pack(looking, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.sentence
    package = tmp_path / "package.zip"
    done = run(looking, plan_package(looking, made.optimized.id, package))
    assert done.end.outcome.state == "succeeded", done.sentence
    assert sorted(made.root.rglob("*")) == before
    assert leftovers(tmp_path) == []
    other = elsewhere(tmp_path)
    assert run(other, plan_unpack(other, target)).end.outcome.state == "succeeded"
    assert len(other.projects()) == len(looking.projects())


def test_nothing_is_overwritten(made: Made, tmp_path: Path) -> None:
    there = tmp_path / f"there{SUFFIX}"
    there.write_text("mine")
    with pytest.raises(InputError, match="already exists"):
        plan_pack(made.workspace, made.parent.id, there)
    with pytest.raises(InputError, match="already exists"):
        plan_package(made.workspace, made.parent.id, there)


def test_a_folder_is_no_file_to_export_to(made: Made, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{tmp_path} is a folder"):
        plan_pack(made.workspace, made.parent.id, tmp_path)


def test_a_package_of_a_project(made: Made, tmp_path: Path) -> None:
    target = tmp_path / "package"
    done = run(made.workspace, plan_package(made.workspace, made.optimized.id, target))
    assert done.end.outcome.state == "succeeded", done.end.outcome.error
    assert (target / "self_test.py").is_file()
    assert (target / "recipe" / "recipe.py").is_file()
