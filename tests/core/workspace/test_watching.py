"""Whether anybody changed a workspace is found out without reading it."""

from pathlib import Path

import pytest

from core.workspace.store import Workspace
from core.workspace.watching import Watch
from tests.support.checkout import run_python
from tests.support.rows import DATABASE, add_project


def test_a_change_of_another_process_is_noticed_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    project = add_project(workspace)
    watch = Watch(tmp_path / DATABASE, read_only=False)
    assert not watch.changed()
    workspace.projects()
    assert not watch.changed(), "reading is no change"
    run_python(
        "import sys; from pathlib import Path; from core.workspace.store import Workspace;"
        "Workspace(Path(sys.argv[1])).rename_project(int(sys.argv[2]), 'other')",
        tmp_path, project.id,
    )  # fmt: skip
    assert watch.changed()
    assert not watch.changed()
    watch.close()


def test_a_watch_keeps_nobody_from_writing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    watches = [Watch(tmp_path / DATABASE, read_only=False) for _ in range(3)]
    for number in range(20):
        add_project(workspace, str(number))
        assert all(watch.changed() for watch in watches)
    for watch in watches:
        watch.close()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_that_is_gone_has_not_changed(tmp_path: Path, read_only: bool) -> None:
    Workspace(tmp_path)
    watch = Watch(tmp_path / DATABASE, read_only=read_only)
    for file in tmp_path.glob(f"{DATABASE}*"):
        file.unlink()
    assert not watch.changed()
    watch.close()


def test_what_is_open_for_looking_is_followed_by_its_file(tmp_path: Path) -> None:
    project = add_project(Workspace(tmp_path))
    watch = Watch(tmp_path / DATABASE, read_only=True)
    assert not watch.changed()
    Workspace(tmp_path).rename_project(project.id, "other")
    assert watch.changed()
