import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.workspace.schema import MIGRATIONS
from core.workspace.store import Project, Workspace
from tests.support.checkout import environment, run_python

DATABASE = "workspace.sqlite3"


def add_project(workspace: Workspace, name: str = "ssd") -> Project:
    """A project whose model and dataset lie in one folder, as an import leaves them."""
    folder = workspace.new_folder("import")
    folder.mkdir(parents=True)
    for file in ("model.xml", "model.bin", "dataset-0.json"):
        (folder / file).write_text("x")
    number = workspace.add_project(name, folder / "model.xml", folder / "dataset-0.json", "CPU")
    return workspace.project(number)


def add_optimized(workspace: Workspace, parent: Project) -> Project:
    folder = workspace.new_folder("model")
    folder.mkdir(parents=True)
    (folder / "int8.xml").write_text("x")
    number = workspace.begin_optimized(parent, f"{parent.name} INT8")
    workspace.finish_optimized(number, folder / "int8.xml")
    return workspace.project(number)


def execute(root: Path, statement: str) -> None:
    connection = sqlite3.connect(root / DATABASE)
    with connection:
        connection.execute(statement)
    connection.close()


def version(root: Path) -> int:
    connection = sqlite3.connect(root / DATABASE)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return int(found)


def test_a_new_workspace_is_made_with_its_folders(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "deep" / "two words")
    assert workspace.projects() == ()
    assert workspace.interrupted == ()
    assert version(workspace.root) == len(MIGRATIONS)


def test_an_empty_database_of_version_0_is_migrated(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / DATABASE).close()
    (tmp_path / DATABASE).touch()
    assert version(tmp_path) == 0
    add_project(Workspace(tmp_path))
    assert version(tmp_path) == len(MIGRATIONS)
    assert [p.name for p in Workspace(tmp_path).projects()] == ["ssd"], "opening again changes it"


def test_a_migration_that_fails_leaves_the_version_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_project(Workspace(tmp_path))
    broken = "CREATE TABLE extra (id INTEGER);\nINSERT INTO nowhere VALUES (1)"
    monkeypatch.setattr("core.workspace.schema.MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(WorkbenchError, match="cannot be opened"):
        Workspace(tmp_path)
    assert version(tmp_path) == len(MIGRATIONS)
    monkeypatch.setattr("core.workspace.schema.MIGRATIONS", MIGRATIONS)
    assert len(Workspace(tmp_path).projects()) == 1
    monkeypatch.setattr(
        "core.workspace.schema.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (id INTEGER)")
    )
    assert len(Workspace(tmp_path).projects()) == 1
    assert version(tmp_path) == len(MIGRATIONS) + 1


def test_a_newer_workspace_is_refused_and_left_alone(tmp_path: Path) -> None:
    Workspace(tmp_path)
    execute(tmp_path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(WorkbenchError, match="written by a newer version") as refused:
        Workspace(tmp_path)
    assert "--workspace" in refused.value.next_step
    assert version(tmp_path) == len(MIGRATIONS) + 1


def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkbenchError, match="cannot be opened"):
        Workspace(tmp_path / "file")
    (tmp_path / DATABASE).write_bytes(b"not a database at all " * 100)
    with pytest.raises(WorkbenchError, match="cannot be opened"):
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


def test_what_a_lost_process_was_doing_is_told_once(tmp_path: Path) -> None:
    parent = add_project(Workspace(tmp_path))
    run_python(
        """
import sys
from pathlib import Path
from core.workspace.store import Workspace
workspace = Workspace(Path(sys.argv[1]))
number = workspace.begin_optimized(workspace.projects()[0], "half made")
workspace.begin_job("Optimize ssd", b"{}", number)
""",
        tmp_path,
    )
    opened = Workspace(tmp_path)
    assert len(opened.interrupted) == 1
    assert opened.interrupted[0].startswith("'Optimize ssd', started ")
    assert opened.interrupted[0].endswith("was interrupted.")
    half = opened.projects()[-1]
    assert (half.name, half.state, half.model) == ("half made", "failed", None)
    assert half.message == "The program ended while this was being made."
    assert opened.project(parent.id).state == "ready"
    assert Workspace(tmp_path).interrupted == ()


def test_what_another_living_process_is_doing_is_left_alone(tmp_path: Path) -> None:
    add_project(Workspace(tmp_path))
    program = """
import sys
from pathlib import Path
from core.workspace.store import Workspace
workspace = Workspace(Path(sys.argv[1]))
number = workspace.begin_optimized(workspace.projects()[0], "being made")
workspace.begin_job("Optimize ssd", b"{}", number)
print("ready", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        opened = Workspace(tmp_path)
        assert opened.interrupted == ()
        assert opened.projects()[-1].state == "in_progress"
        process.communicate()
    assert len(Workspace(tmp_path).interrupted) == 1


def test_what_this_process_is_doing_is_left_alone(tmp_path: Path) -> None:
    """As when the program opens its workspace a second time while a job runs."""
    workspace = Workspace(tmp_path)
    number = workspace.begin_optimized(add_project(workspace), "being made")
    workspace.begin_job("Optimize ssd", b"{}", number)
    again = Workspace(tmp_path)
    assert again.interrupted == ()
    assert again.project(number).state == "in_progress"


def test_a_lost_process_may_have_had_our_number(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    number = workspace.begin_optimized(add_project(workspace), "half made")
    workspace.begin_job("Optimize ssd", b"{}", number)
    execute(tmp_path, "UPDATE jobs SET started = '2020-01-01T00:00:00+00:00'")
    execute(tmp_path, "UPDATE projects SET created = '2020-01-01T00:00:00+00:00'")
    again = Workspace(tmp_path)
    assert len(again.interrupted) == 1
    assert again.project(number).state == "failed"


def test_many_processes_make_one_workspace(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from core.workspace.store import Workspace
print("ready", flush=True)
sys.stdin.readline()
root = Path(sys.argv[1])
workspace = Workspace(root)
for number in range(5):
    workspace.add_project(sys.argv[2], root / "m.xml", root / "d.json", "CPU")
"""
    root = tmp_path / "shared"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(root), f"of {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for number in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    ends = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        ends.append((process.communicate()[1], process.returncode))
    assert ends == [("", 0)] * 4
    names = [p.name for p in Workspace(root).projects()]
    assert sorted(names) == sorted(f"of {n}" for n in range(4) for _ in range(5))


def test_many_threads_may_use_one_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    failures: list[BaseException] = []

    def use() -> None:
        try:
            for _ in range(5):
                workspace.add_project("x", tmp_path / "m.xml", tmp_path / "d.json", "CPU")
                workspace.projects()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(workspace.projects()) == 20
