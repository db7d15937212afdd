"""Projects are named, noted, duplicated, deleted and restored from the terminal."""

from pathlib import Path

from core.models.stored import load_stored
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


def test_a_project_is_deleted_listed_and_restored(terminal: Terminal, made: Made) -> None:
    where = ("--workspace", made.root)
    before = made.workspace.projects()
    deleted = terminal("delete-project", 1, *where)
    assert deleted.status == 0
    assert "with 1 optimized model." in deleted.out
    assert "restore 1" in deleted.out
    assert made.workspace.projects() == ()
    (entry,) = terminal("trash", *where, "--json").json["entries"]
    assert (entry["number"], entry["models"]) == (1, 1)
    assert entry["size_bytes"] > 1000
    listed = terminal("trash", *where).out
    assert entry["name"] in listed
    assert " MB" in listed
    assert terminal("delete-project", 1, *where).status == 2
    assert terminal("restore", 1, *where).out.startswith("Restored ")
    assert made.workspace.projects() == before
    assert terminal("trash", *where).out == "The trash is empty.\n"
    again = terminal("restore", 1, *where)
    assert again.status == 2
    assert "no number 1 in the trash" in again.err


def test_the_trash_is_emptied(terminal: Terminal, made: Made) -> None:
    where = ("--workspace", made.root)
    model = model_of(made.optimized)
    terminal("delete-project", 2, *where)
    assert "freed" in terminal("trash", "--empty", *where).out
    assert not model.parent.exists()
    assert terminal("trash", *where, "--json").json == {"emptied": False, "entries": []}


def test_a_project_is_named_and_noted(terminal: Terminal, made: Made) -> None:
    where = ("--workspace", made.root)
    said = terminal("edit-project", 1, "--name", " gate ", "--notes", "dusk\nand dawn", *where)
    assert said.out == "gate (1)\ndusk\nand dawn\n"
    assert (made.parent.name, made.parent.notes) == ("gate", "dusk\nand dawn")
    assert terminal("edit-project", 1, *where).out == said.out
    assert terminal("edit-project", 1, "--name", " ", *where).status == 2
    assert terminal("edit-project", 1, "--name", "x" * 301, "--notes", "", *where).status == 2
    assert made.parent.notes, "both were refused"


def test_a_duplicate_has_files_of_its_own(terminal: Terminal, made: Made) -> None:
    where = ("--workspace", made.root)
    made.workspace.set_notes(1, "for the gate")
    made.workspace.set_target(1, "cpu")
    copied = terminal("duplicate-project", 1, *where, "--json").json
    copy = made.workspace.project(copied["project"])
    assert (copy.name, copy.notes, copy.target) == (
        f"{made.parent.name} copy",
        "for the gate",
        "cpu",
    )
    assert copy.dataset == made.parent.dataset
    assert model_of(copy) != model_of(made.parent)
    assert load_stored(model_of(copy)).card == load_stored(model_of(made.parent)).card
    assert made.workspace.artifacts(copy.id) == ()
    child = terminal("duplicate-project", 2, "--name", "another", *where, "--json").json
    assert made.workspace.project(child["project"]).parent_id == 1
    long = terminal("duplicate-project", 1, "--name", "x" * 301, *where)
    assert (long.status, long.err.strip()) == (
        2,
        "The name has 301 characters. Use 300 characters at most.",
    )
    terminal("delete-project", 1, *where)
    terminal("trash", "--empty", *where)
    assert [one.id for one in made.workspace.projects()] == [copy.id]
    assert copy.dataset.is_file()
    assert model_of(copy).is_file()


def test_a_model_leaves_as_files_of_openvino(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    where = ("--workspace", made.root)
    made.workspace.rename_project(2, "INT8: best/yet")
    made.workspace.set_notes(2, "for the gate")
    output = tmp_path / "new" / "ir"
    said = terminal("export-model", 2, "--output", output, *where, "--json").json
    assert said["files"] == ["INT8__best_yet.bin", "INT8__best_yet.xml", "notes.txt"]
    model = model_of(made.optimized)
    for suffix in (".xml", ".bin"):
        exported = output / f"INT8__best_yet{suffix}"
        assert exported.read_bytes() == model.with_suffix(suffix).read_bytes()
    assert (output / "notes.txt").read_text() == "for the gate"
    other = output.with_name("other")
    assert terminal("export-model", 2, "--output", other, *where).out == f"Saved to {other}.\n"
    again = terminal("export-model", 2, "--output", output, *where)
    assert again.status == 2
    assert "already exists and is not empty" in again.err


def test_a_workspace_of_another_version_is_refused_as_input_and_left_alone(
    terminal: Terminal, made: Made
) -> None:
    database = made.root / "workspace.sqlite3"
    stored = database.read_bytes()
    for number, words in ((1, "before 0.2.0"), (99, "newer version")):
        database.write_bytes(stored[:60] + number.to_bytes(4, "big") + stored[64:])
        before = {path: path.stat().st_mtime_ns for path in made.root.rglob("*")}
        for command in (("results",), ("delete-project", 1), ("scorecard",)):
            said = terminal(*command, "--workspace", made.root)
            assert (said.status, said.out) == (2, "")
            assert words in said.err
        assert {path: path.stat().st_mtime_ns for path in made.root.rglob("*")} == before
