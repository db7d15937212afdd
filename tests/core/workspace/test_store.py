"""Projects and artifacts as rows: made, moved, deleted, and versions that are refused."""

import sqlite3
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.workspace.projects import titles_of
from core.workspace.schema import VERSION
from core.workspace.store import Workspace
from tests.support.rows import DATABASE, add_optimized, add_project, execute, version


def test_a_project_has_a_target_and_what_is_optimized_its_plans(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    assert parent.target == "this_machine"
    workspace.set_target(parent.id, "cpu")
    parent = workspace.project(parent.id)
    assert parent.target == "cpu"
    assert add_optimized(workspace, parent).target == "cpu"
    other = workspace.begin_optimized(parent, "for a graphics card", "gpu")
    assert workspace.project(other).target == "gpu"
    workspace.set_target(parent.id, "any")
    assert [one.target for one in workspace.projects()] == ["any", "cpu", "gpu"]


def test_a_new_workspace_is_made_with_its_folders(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "deep" / "two words")
    assert workspace.projects() == ()
    assert workspace.interrupted == ()
    assert version(workspace.root) == VERSION


def test_an_empty_database_of_version_0_is_migrated(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / DATABASE).close()
    (tmp_path / DATABASE).touch()
    assert version(tmp_path) == 0
    add_project(Workspace(tmp_path))
    assert version(tmp_path) == VERSION
    assert [p.name for p in Workspace(tmp_path).projects()] == ["ssd"], "opening again changes it"


def test_tables_that_cannot_be_made_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "CREATE TABLE extra (id INTEGER);\nINSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr("core.workspace.schema.SCHEMA", broken)
    with pytest.raises(WorkbenchError, match="nowhere"):
        Workspace(tmp_path)
    assert version(tmp_path) == 0
    monkeypatch.undo()
    assert Workspace(tmp_path).projects() == ()


def test_a_workspace_from_before_is_refused_and_left_alone(tmp_path: Path) -> None:
    execute(tmp_path, "CREATE TABLE projects (id INTEGER)")
    execute(tmp_path, "PRAGMA user_version = 1")
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(WorkbenchError, match=r"before 0\.2\.0") as refused:
        Workspace(tmp_path)
    assert "--workspace" in refused.value.next_step
    assert (tmp_path / DATABASE).read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / DATABASE]


def test_a_newer_workspace_is_refused_and_left_alone(tmp_path: Path) -> None:
    Workspace(tmp_path)
    execute(tmp_path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(WorkbenchError, match="written by a newer version") as refused:
        Workspace(tmp_path)
    assert "--workspace" in refused.value.next_step
    assert version(tmp_path) == VERSION + 1


def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkbenchError, match="cannot be opened"):
        Workspace(tmp_path / "file")
    (tmp_path / DATABASE).write_bytes(b"not a database at all " * 100)
    with pytest.raises(WorkbenchError, match="is damaged"):
        Workspace(tmp_path)


def test_projects_form_a_tree(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    child = add_optimized(workspace, parent)
    assert [p.id for p in workspace.projects()] == [parent.id, child.id]
    assert (child.parent_id, child.state, child.dataset) == (parent.id, "ready", parent.dataset)
    assert child.model is not None
    assert child.model.is_file()
    assert Workspace(tmp_path).project(child.id) == child


def test_a_workspace_may_be_moved(tmp_path: Path) -> None:
    project = add_project(Workspace(tmp_path / "old"))
    (tmp_path / "old").rename(tmp_path / "new")
    moved = Workspace(tmp_path / "new").project(project.id)
    assert moved.model is not None
    assert moved.model.is_file()
    assert moved.model.is_relative_to(tmp_path / "new")


def test_names_are_data(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    name = 'Robert\'); DROP TABLE projects;-- "ünï" 猫 %'
    project = add_project(workspace)
    workspace.rename_project(project.id, name)
    assert workspace.project(project.id).name == name


def test_deleting_removes_the_files_of_the_project_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    one, other = add_project(workspace), add_project(workspace)
    first, second = add_optimized(workspace, one), add_optimized(workspace, one)
    assert one.model and other.model and first.model and second.model
    report = workspace.new_folder("report")
    report.mkdir(parents=True)
    workspace.add_artifact(first.id, "report", report)

    workspace.delete_project(first.id)
    assert not first.model.parent.exists()
    assert not report.exists()
    assert one.model.exists(), "the parent stays"
    assert first.dataset.exists(), "the dataset is the parent's"
    assert second.model.exists()

    workspace.delete_project(one.id)
    assert [p.id for p in workspace.projects()] == [other.id], "children go with their parent"
    assert not one.model.parent.exists()
    assert not second.model.parent.exists()
    assert other.model.exists()
    with pytest.raises(WorkbenchError, match="was deleted"):
        workspace.project(one.id)


def test_a_dataset_that_others_use_is_not_removed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    one = add_project(workspace)
    folder = workspace.new_folder("import")
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("x")
    workspace.add_project("shares", folder / "model.xml", one.dataset, "CPU")
    workspace.delete_project(one.id)
    assert one.dataset.exists()


def test_artifacts_are_newest_first(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    made = [
        workspace.add_artifact(project.id, kind, workspace.new_folder(kind))
        for kind in ("benchmark", "report", "benchmark")
    ]  # fmt: skip
    assert [a.id for a in workspace.artifacts(project.id)] == made[::-1]
    assert [a.id for a in workspace.artifacts(project.id, "benchmark")] == [made[2], made[0]]
    assert workspace.artifacts(project.id + 1) == ()


def test_new_folders_are_new(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert len({workspace.new_folder("model") for _ in range(50)}) == 50


def test_what_is_recorded_together_is_there_or_not(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(ZeroDivisionError), workspace.together():
        add_optimized(workspace, add_project(workspace))
        assert len(workspace.projects()) == 2
        raise ZeroDivisionError
    assert workspace.projects() == ()
    with workspace.together():
        add_optimized(workspace, add_project(workspace))
    assert [one.state for one in Workspace(tmp_path).projects()] == ["ready", "ready"]


def test_links_that_stay_inside_are_followed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    assert project.model is not None
    project.model.parent.rename(tmp_path / "elsewhere")
    project.model.parent.symlink_to("../elsewhere", target_is_directory=True)
    assert workspace.project(project.id) == project


def test_the_results_of_all_projects_are_read_at_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    one, other = add_project(workspace), add_project(workspace)
    for project, kind in ((one, "search"), (one, "benchmark"), (other, "search"), (one, "search")):
        workspace.add_artifact(project.id, kind, workspace.new_folder(kind))
    for wanted in (None, "search"):
        found = workspace.artifacts_by_project(wanted)
        assert found == {id_: workspace.artifacts(id_, wanted) for id_ in (one.id, other.id)}
    assert workspace.artifacts_by_project("profile") == {}


def test_children_are_those_of_one_project_that_are_not_in_the_trash(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    first, second = add_optimized(workspace, parent), add_optimized(workspace, parent)
    below = add_optimized(workspace, first)
    assert workspace.children(parent.id) == (first, second)
    assert workspace.family(parent.id) == {parent.id, first.id, second.id, below.id}
    assert titles_of(workspace.projects())[below.id] == f"{first.name} – {below.name}"
    workspace.trash.add_project(first.id)
    assert workspace.children(parent.id) == (second,)
    assert workspace.children(first.id) == ()
    assert below.id in workspace.family(parent.id), "what lies in the trash belongs to it"
