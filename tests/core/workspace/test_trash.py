"""What is deleted lies in the trash: kept over a restart, restored, or removed for good."""

from pathlib import Path

import pytest

from core.errors import InputError, WorkbenchError
from core.wording.trash import contents_text, trashed_text
from core.workspace.projects import free_name
from core.workspace.records import LONGEST_TITLE
from core.workspace.store import Artifact, Project, Workspace
from core.workspace.trash import Contents
from tests.support.checkout import run_python, running_python
from tests.support.rows import add_optimized, add_project, execute


def _add_report(workspace: Workspace, project: Project, kind: str = "predictions") -> Artifact:
    folder = workspace.new_folder("report")
    folder.mkdir(parents=True)
    (folder / "result.json").write_text("{}" * 500)
    workspace.add_artifact(project.id, kind, folder)
    return workspace.artifacts(project.id)[0]


def test_a_family_goes_to_the_trash_and_comes_back_as_it_was(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent, other = add_project(workspace), add_project(workspace, "other")
    child = add_optimized(workspace, parent)
    report = _add_report(workspace, child)
    workspace.set_notes(parent.id, "for the gate")
    before = workspace.projects()

    number = workspace.trash.add_project(parent.id)
    assert workspace.projects() == (other,)
    for gone in (parent, child):
        with pytest.raises(WorkbenchError, match="was deleted"):
            workspace.project(gone.id)
    (entry,) = workspace.trash.entries()
    assert (entry.number, entry.project, entry.artifact) == (number, "ssd", None)
    assert entry.contents == Contents(1, {"predictions": 1})
    assert trashed_text(entry) == "ssd with 1 optimized model and 1 report"
    assert workspace.trash.size_bytes(entry) > 1000
    assert parent.model is not None
    assert parent.model.is_file()

    assert workspace.trash.restore(number).project_id == parent.id
    assert workspace.projects() == before
    assert workspace.artifacts(child.id) == (report,)
    assert workspace.trash.entries() == ()


def test_the_next_start_collects_nothing_of_the_trash(tmp_path: Path) -> None:
    """Also where a job that had published into it was never recorded to its end."""
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    child = add_optimized(workspace, parent)
    report = _add_report(workspace, parent)
    alone = _add_report(workspace, parent)
    for folder in (report.folder, alone.folder):
        workspace.begin_job("Report", b"{}", parent.id, folder)
    execute(tmp_path, "UPDATE jobs SET owner = '1.1'")
    workspace.trash.add_artifact(alone)
    number = workspace.trash.add_project(parent.id)

    opened = Workspace(tmp_path)
    assert len(opened.trash.entries()) == 1
    assert report.folder.is_dir()
    assert alone.folder.is_dir()
    opened.trash.restore(number)
    assert [one.id for one in opened.projects()] == [parent.id, child.id]
    assert opened.artifacts(parent.id) == (report,)
    assert child.model is not None
    assert child.model.is_file()


def test_what_was_deleted_before_its_parent_waits_for_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    first, second = add_optimized(workspace, parent), add_optimized(workspace, parent)
    workspace.trash.add_project(first.id)
    assert workspace.trash.contents(parent.id) == Contents(1, {})
    number = workspace.trash.add_project(parent.id)
    assert [one.number for one in workspace.trash.entries()] == [number]
    workspace.trash.restore(number)
    assert [one.id for one in workspace.projects()] == [parent.id, second.id]
    (left,) = workspace.trash.entries()
    assert left.project == "ssd – ssd INT8"


def test_a_report_goes_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    report, kept = _add_report(workspace, project), _add_report(workspace, project)
    workspace.rename_artifact(report.id, "before the fix")
    number = workspace.trash.add_artifact(report)
    assert workspace.artifacts(project.id) == (kept,)
    (entry,) = workspace.trash.entries()
    assert trashed_text(entry) == "before the fix of ssd"
    with pytest.raises(InputError, match="deleted already"):
        workspace.trash.add_artifact(report)
    workspace.trash.restore(number)
    assert [one.name for one in workspace.artifacts(project.id)] == ["", "before the fix"]
    workspace.trash.remove(workspace.trash.add_artifact(report))
    assert not report.folder.exists()
    assert workspace.artifacts(project.id) == (kept,)


def test_a_name_that_was_taken_meanwhile_gets_a_number(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    parent = add_project(workspace)
    child = add_optimized(workspace, parent)
    number = workspace.trash.add_project(child.id)
    again = add_optimized(workspace, parent)
    assert again.name == child.name
    workspace.trash.restore(number)
    assert workspace.project(child.id).name == "ssd INT8 2"


def test_emptying_removes_the_files_that_nothing_else_uses(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    one = add_project(workspace)
    folder = workspace.new_folder("model")
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("x")
    shares = workspace.add_project("shares", folder / "model.xml", one.dataset, "CPU")
    child = add_optimized(workspace, one)
    assert child.model is not None
    workspace.trash.add_project(shares)
    workspace.trash.add_project(one.id)
    newest = workspace.trash.entries()[0]
    workspace.trash.remove(newest.number)
    assert one.dataset.is_file(), "what is in the trash uses it"
    assert not child.model.exists()
    workspace.trash.empty()
    assert workspace.trash.entries() == ()
    assert not one.dataset.parent.exists()
    assert not folder.exists()
    with pytest.raises(InputError, match="no number"):
        workspace.trash.restore(newest.number)


def test_numbers_of_the_trash_are_never_used_again(tmp_path: Path) -> None:
    """An undo that comes late restores nothing else."""
    workspace = Workspace(tmp_path)
    first = workspace.trash.add_project(add_project(workspace).id)
    workspace.trash.empty()
    assert workspace.trash.add_project(add_project(workspace).id) > first


@pytest.mark.parametrize("state", ["in the family", "elsewhere"])
def test_a_job_of_any_process_keeps_its_family(tmp_path: Path, state: str) -> None:
    workspace = Workspace(tmp_path)
    parent, other = add_project(workspace), add_project(workspace)
    child = add_optimized(workspace, parent)
    program = """
import sys
from pathlib import Path
from core.workspace.store import Workspace
Workspace(Path(sys.argv[1])).begin_job("Benchmark it", b"{}", int(sys.argv[2]))
print("ready", flush=True)
sys.stdin.read()
"""
    busy = child if state == "in the family" else other
    with running_python(program, tmp_path, busy.id) as process:
        if busy is child:
            with pytest.raises(InputError, match="'Benchmark it' is still running") as refused:
                workspace.trash.add_project(parent.id)
            assert refused.value.next_step == "Cancel that job first."
            assert len(workspace.projects()) == 3
        else:
            workspace.trash.add_project(parent.id)
        process.communicate()
    if busy is child:
        workspace.trash.add_project(parent.id)  # its process is gone


@pytest.mark.parametrize("what", ["add_project", "restore", "empty"])
def test_a_kill_at_any_instant_leaves_old_or_new(tmp_path: Path, what: str) -> None:
    """The process is ended before each of its statements and removals in turn."""
    states = set()
    for instant in range(40):
        root = tmp_path / str(instant)
        workspace = Workspace(root)
        parent = add_project(workspace)
        child = add_optimized(workspace, parent)
        if what != "add_project":
            workspace.trash.add_project(parent.id)
        said = run_python(
            """
import os, shutil, sys
from pathlib import Path
from core.workspace.database import Database
from core.workspace.store import Workspace
workspace = Workspace(Path(sys.argv[1]))
left = int(sys.argv[3])
def counted(do):
    def call(*arguments, **options):
        global left
        if left == 0:
            os._exit(0)
        left -= 1
        return do(*arguments, **options)
    return call
Database.rows, Database.change = counted(Database.rows), counted(Database.change)
shutil.rmtree = counted(shutil.rmtree)
getattr(workspace.trash, sys.argv[2])(*([] if sys.argv[2] == "empty" else [1]))
print("done")
""",
            root, what, instant,
        )  # fmt: skip
        opened = Workspace(root)
        assert opened.interrupted == ()
        projects, trashed = len(opened.projects()), len(opened.trash.entries())
        states.add((projects, trashed))
        assert parent.model is not None
        assert child.model is not None
        there = parent.model.is_file(), child.model.is_file(), parent.dataset.is_file()
        assert set(there) == {(projects, trashed) != (0, 0)}
        if said:
            break
    old, new = {
        "add_project": ((2, 0), (0, 1)),
        "restore": ((0, 1), (2, 0)),
        "empty": ((0, 1), (0, 0)),
    }[what]
    assert states == {old, new}
    assert said, "it was let go to its end once"


def test_a_workspace_to_look_at_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    number = workspace.trash.add_project(add_project(workspace).id)
    monkeypatch.setattr("core.workspace.database.os.access", lambda *_: False)
    looked = Workspace(tmp_path)
    assert len(looked.trash.entries()) == 1
    for change in (
        lambda: looked.trash.add_project(project.id),
        lambda: looked.trash.restore(number),
        lambda: looked.trash.remove(number),
        looked.trash.empty,
    ):
        with pytest.raises(WorkbenchError, match="open for looking"):
            change()
    assert len(looked.trash.entries()) == 1


def test_notes_and_names_have_limits(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    report = _add_report(workspace, project)
    workspace.set_notes(project.id, "line\nline")
    assert workspace.project(project.id).notes == "line\nline"
    with pytest.raises(InputError, match="notes has 10,001 characters"):
        workspace.set_notes(project.id, "x" * 10_001)
    with pytest.raises(InputError, match="name has 301 characters"):
        workspace.rename_project(project.id, "x" * 301)
    with pytest.raises(InputError, match="name has 301 characters"):
        workspace.rename_artifact(report.id, "x" * 301)


def test_names_are_one_line_and_can_be_read_again(tmp_path: Path) -> None:
    """Also those that the program makes: a longer one makes an exported project damaged."""
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    report = _add_report(workspace, project)
    workspace.rename_project(project.id, " day\n and\tnight ")
    workspace.rename_artifact(report.id, "a\u2028b")
    assert workspace.project(project.id).name == "day and night"
    assert workspace.artifacts(project.id)[0].name == "a b"
    wanted = "x" * LONGEST_TITLE
    for number in range(2):
        name = free_name(workspace, wanted + " copy", project.id)
        child = workspace.begin_optimized(project, name)
        assert workspace.project(child).name == name == (wanted, wanted[:-2] + " 2")[number]


def test_what_goes_is_counted_in_words() -> None:
    assert contents_text(Contents()) == ""
    assert contents_text(Contents(2, {"predictions": 2, "two-ways": 1})) == (
        "2 optimized models and 3 reports"
    )
    results = {"search": 2, "benchmark": 1, "predictions": 1}
    assert contents_text(Contents(1, results)) == (
        "1 optimized model, 1 report, 1 benchmark and 2 searches"
    )
