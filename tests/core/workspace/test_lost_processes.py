"""What processes that are gone were doing is told once, collected and finished."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.workspace.store import Workspace
from tests.support.checkout import environment, run_python, running_python
from tests.support.rows import add_project, execute


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
    said = r"'Optimize ssd', started \d{4}-\d\d-\d\d \d\d:\d\d, was interrupted\."
    assert re.fullmatch(said, opened.interrupted[0])
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
    with running_python(program, tmp_path) as process:
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


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="there are no zombies")
def test_a_zombie_owns_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import core.identity as i; print(i.ours(), flush=True)"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().strip()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # nobody has asked how it ended
        workspace = Workspace(tmp_path)
        workspace.begin_job("Optimize ssd", b"{}", None)
        execute(tmp_path, f"UPDATE jobs SET owner = '{owner}'")
        assert len(Workspace(tmp_path).interrupted) == 1


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
