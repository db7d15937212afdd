import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.workspace.schema import VERSION
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
    execute(tmp_path, f"UPDATE jobs SET owner = '{os.getpid()}.1577836800'")
    execute(tmp_path, f"UPDATE projects SET owner = '{os.getpid()}.1577836800'")
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


@pytest.mark.parametrize("owner", ["-1", "0", "99999999999999999999", "x", "", "1.9.9", "-1.-1"])
def test_an_owner_that_is_no_process_is_gone(tmp_path: Path, owner: str) -> None:
    workspace = Workspace(tmp_path)
    workspace.begin_job("Optimize ssd", b"{}", None)
    execute(tmp_path, f"UPDATE jobs SET owner = '{owner}'")
    assert len(Workspace(tmp_path).interrupted) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no zombies")
def test_a_zombie_owns_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import core.identity as i; print(i.ours(), flush=True)"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        process.stdout.read()  # it has ended, and nobody has asked how
        workspace = Workspace(tmp_path)
        workspace.begin_job("Optimize ssd", b"{}", None)
        execute(tmp_path, f"UPDATE jobs SET owner = '{owner}'")
        assert len(Workspace(tmp_path).interrupted) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects SET model = '../victim/model.xml'",
        "UPDATE projects SET dataset = '../victim/dataset.json'",
        "UPDATE projects SET model = 'link/model.xml'",
        "UPDATE projects SET model = '.', dataset = '.'",
        "INSERT INTO artifacts VALUES (NULL, 1, 'report', '../victim', '')",
        "INSERT INTO artifacts VALUES (NULL, 1, 'report', '', '')",
        "INSERT INTO artifacts VALUES (NULL, 1, 'report', 'link', '')",
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
    (root / "link").symlink_to(victim, target_is_directory=True)
    execute(root, statement)
    opened = Workspace(root)
    for one in opened.projects():
        for path in (one.model, one.dataset):
            assert path is None or path.resolve().is_relative_to(root)
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


def test_what_a_lost_job_published_is_collected(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    kept = add_project(workspace)
    lost = workspace.new_folder("report")
    lost.mkdir(parents=True)
    there = workspace.new_folder("report")
    there.mkdir()
    for folder in (lost, there):
        (folder / "result.json").write_text("{}")
        workspace.begin_job("Compare", b"{}", kept.id, folder)
    workspace.add_artifact(kept.id, "report", there)
    assert lost.is_dir(), "this process lives"
    Workspace(tmp_path)
    assert lost.is_dir()
    execute(tmp_path, "UPDATE jobs SET owner = '1.1'")
    opened = Workspace(tmp_path)
    assert not lost.exists()
    assert there.is_dir()
    assert kept.model is not None
    assert kept.model.is_file()
    assert len(opened.interrupted) == 2


def test_a_lost_search_that_found_nothing_is_forgotten(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    begun, waiting, useful = (workspace.new_folder("search") for _ in range(3))
    for folder in (begun, waiting, useful):
        workspace.add_artifact(parent.id, "search", folder)
    for folder in (begun, useful):
        (folder / "candidates" / "int8").mkdir(parents=True)
        workspace.begin_job("Search", b"{}", parent.id, folder)
    (useful / "search.json").write_text("{}")
    Workspace(tmp_path)
    assert begun.is_dir(), "this process lives"
    execute(tmp_path, "UPDATE jobs SET owner = '1.1'")
    opened = Workspace(tmp_path)
    assert [one.folder for one in opened.artifacts(parent.id)] == [useful]
    assert not begun.exists()


def test_a_removal_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    parent = add_project(Workspace(tmp_path))
    run_python(
        """
import os, shutil, sys
from pathlib import Path
from core.workspace.store import Workspace
shutil.rmtree = lambda *arguments, **options: os._exit(0)
Workspace(Path(sys.argv[1])).delete_project(1)
""",
        tmp_path,
    )
    assert parent.model is not None
    assert parent.model.is_file()
    opened = Workspace(tmp_path)
    assert opened.projects() == ()
    assert opened.interrupted == ()
    assert not parent.model.parent.exists()


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


def test_a_workspace_that_cannot_be_written_to_is_opened_for_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "workspace"
    project = add_project(Workspace(root))
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    before = sorted(copy.rglob("*"))
    monkeypatch.setattr("core.workspace.database.os.access", lambda *_: False)
    opened = Workspace(copy)
    assert opened.read_only
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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes of a name")
def test_a_pipe_in_place_of_the_database_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / DATABASE)
    with pytest.raises(WorkbenchError, match=r"workspace\.sqlite3 is not a regular file"):
        Workspace(tmp_path)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE projects SET parent_id = 3 - id", ["is missing", ""]),
        ("UPDATE projects SET parent_id = id", ["is missing", "is missing"]),
        ("UPDATE projects SET parent_id = 99 WHERE id = 2", ["", "is missing"]),
        ("UPDATE projects SET model = '' WHERE id = 2", ["", "where its model lies"]),
        ("UPDATE projects SET model = hex(zeroblob(5000)) WHERE id = 2", ["", "outside"]),
    ],
)
def test_projects_that_lost_what_they_need_say_so(
    tmp_path: Path, statement: str, told: list[str]
) -> None:
    workspace = Workspace(tmp_path)
    add_optimized(workspace, add_project(workspace))
    execute(tmp_path, statement)
    found = workspace.projects()
    assert [one.state for one in found] == ["failed" if text else "ready" for text in told]
    assert all(text in one.message for one, text in zip(found, told, strict=True))
    assert found == tuple(workspace.project(one.id) for one in found)
    for one in found:  # whoever follows parents upwards comes to an end
        assert one.parent_id is None or one.parent_id < one.id
        workspace.delete_project(one.id)
    assert workspace.projects() == ()
