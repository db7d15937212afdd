"""A database that nobody of us wrote: nothing outside is read, nothing is lost, and it is said."""

import os
import shutil
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.workspace.store import Workspace
from tests.support.rows import DATABASE, add_optimized, add_project, execute


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects SET model = '../victim/model.xml'",
        "UPDATE projects SET dataset = '../victim/dataset.json'",
        "UPDATE projects SET model = 'link/model.xml'",
        "UPDATE projects SET dataset = 'link/dataset.json'",
        "UPDATE projects SET model = 'imports/link/model.xml'",
        "UPDATE projects SET model = 'imports/link/../model.xml'",
        "UPDATE projects SET model = 'imports/../../victim/model.xml'",
        "UPDATE projects SET model = 'imports/circle/model.xml'",
        "UPDATE projects SET model = 'imports/circle'",
        "UPDATE projects SET model = 'imports/' || char(0) || '/model.xml'",
        "UPDATE projects SET model = '.', dataset = '.'",
        "INSERT INTO artifacts VALUES (NULL, 1, 'report', '../victim', '', '')",
        "INSERT INTO artifacts VALUES (NULL, 1, 'report', '', '', '')",
        "INSERT INTO artifacts VALUES (NULL, 1, 'report', 'link', '', '')",
        "UPDATE jobs SET state = 'running', owner = '', folder = '../victim'",
    ],
)
def test_nothing_outside_the_workspace_is_read_or_removed(tmp_path: Path, statement: str) -> None:
    victim, root = tmp_path / "victim", tmp_path / "workspace"
    victim.mkdir()
    for name in ("model.xml", "model.bin", "dataset.json", "photo.jpg"):
        (victim / name).write_text("precious")
    workspace = Workspace(root)
    project = add_project(workspace)
    workspace.end_job(workspace.begin_job("Optimize", b"{}", project.id), "succeeded")
    for link in (root / "link", root / "imports" / "link"):
        link.symlink_to(victim, target_is_directory=True)
    (root / "imports" / "circle").symlink_to("circle")
    execute(root, statement)
    opened = Workspace(root)
    for one in opened.projects():
        for path in (one.model, one.dataset):
            assert path is None or path.resolve().is_relative_to(root), path
        assert all(a.folder.resolve().is_relative_to(root) for a in opened.artifacts(one.id))
        if "UPDATE projects" in statement:
            assert (one.state, one.model) == ("failed", None)
            assert "outside the workspace" in one.message
        opened.delete_project(one.id)
    assert opened.projects() == ()
    assert sorted(one.name for one in victim.iterdir()) == [
        "dataset.json", "model.bin", "model.xml", "photo.jpg",
    ]  # fmt: skip
    assert (root / DATABASE).is_file()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects SET state = 'sideways'",
        "UPDATE projects SET name = x'ff00'",
        "UPDATE projects SET parent_id = 9223372036854775807",
        "UPDATE jobs SET state = 'running', title = x'00ff'",
        "DROP TABLE artifacts",
        "ALTER TABLE projects DROP COLUMN device",
    ],
)
def test_rows_that_nobody_of_us_wrote_are_damage(tmp_path: Path, statement: str) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    workspace.begin_job("Optimize", b"{}", project.id)
    execute(tmp_path, "PRAGMA foreign_keys = OFF")
    execute(tmp_path, statement)
    execute(tmp_path, "UPDATE jobs SET owner = ''")

    def look() -> None:
        opened = Workspace(tmp_path)
        for one in opened.projects():
            opened.artifacts(one.id)

    if "parent_id" in statement:
        look()  # an orphan is listed, and can be deleted
    else:
        with pytest.raises(WorkbenchError, match=r"workspace\.sqlite3 is damaged"):
            look()


def test_a_workspace_that_cannot_be_written_to_is_opened_for_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "workspace"
    usual = Workspace(root)
    project = add_project(usual)
    assert usual.only_for_looking == ""
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    before = sorted(copy.rglob("*"))
    monkeypatch.setattr("core.workspace.database.os.access", lambda *_: False)
    opened = Workspace(copy)
    assert opened.read_only
    assert "open for looking" in opened.only_for_looking
    assert [one.name for one in opened.projects()] == [project.name]
    with pytest.raises(WorkbenchError, match="open for looking"):
        opened.rename_project(project.id, "other")
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER UPDATE ON jobs BEGIN DELETE FROM projects; END",
        "CREATE VIEW more AS SELECT * FROM projects",
        "CREATE TABLE more (id INTEGER)",
    ],
)
def test_a_database_with_parts_of_others_is_damaged(tmp_path: Path, statement: str) -> None:
    add_project(Workspace(tmp_path))
    execute(tmp_path, statement)
    with pytest.raises(WorkbenchError, match=r"workspace\.sqlite3 is damaged: it has a \w+ called"):
        Workspace(tmp_path)


def test_an_empty_database_beside_models_is_damaged_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / DATABASE).touch()
    Workspace(tmp_path)  # a new one
    (tmp_path / "imports" / "one").mkdir(parents=True)
    for name in (f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / DATABASE).write_bytes(b"")
    with pytest.raises(WorkbenchError, match="is empty, though models lie beside it"):
        Workspace(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == b""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes of a name")
def test_a_pipe_in_place_of_the_database_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / DATABASE)
    with pytest.raises(WorkbenchError, match=r"workspace\.sqlite3 is not a regular file"):
        Workspace(tmp_path)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE projects SET parent_id = 3 - id", ["is missing", ""]),
        ("UPDATE projects SET parent_id = id", ["is missing", "is missing"]),
        ("UPDATE projects SET parent_id = 99 WHERE id = 2", ["", "is missing"]),
        ("UPDATE projects SET model = '' WHERE id = 2", ["", "where its model lies"]),
        ("UPDATE projects SET model = hex(zeroblob(5000)) WHERE id = 2", ["", "outside"]),
    ],
)
def test_projects_that_lost_what_they_need_say_so(
    tmp_path: Path, statement: str, said: list[str]
) -> None:
    workspace = Workspace(tmp_path)
    add_optimized(workspace, add_project(workspace))
    execute(tmp_path, statement)
    found = workspace.projects()
    assert [one.state for one in found] == ["failed" if text else "ready" for text in said]
    assert all(text in one.message for one, text in zip(found, said, strict=True))
    assert found == tuple(workspace.project(one.id) for one in found)
    for one in found:  # whoever follows parents upwards comes to an end
        assert one.parent_id is None or one.parent_id < one.id
        workspace.delete_project(one.id)
    assert workspace.projects() == ()


def test_of_texts_without_end_a_part_is_shown(tmp_path: Path) -> None:
    """The window lays out a line of a million letters for minutes."""
    add_project(Workspace(tmp_path))
    execute(tmp_path, "UPDATE projects SET name = hex(zeroblob(500000))")
    execute(tmp_path, "UPDATE projects SET message = name, device = name")
    (project,) = Workspace(tmp_path).projects()
    assert project.name == "0" * 299 + "…"
    assert max(map(len, (project.message, project.device))) <= 3001
