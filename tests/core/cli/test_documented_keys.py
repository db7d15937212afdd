"""The keys that docs/cli.md says `--json` prints are those that it prints, no more and no fewer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.metrics.operating_point.enough import LEAST_IMAGES
from core.reports.kinds import IDS, kind_named
from tests.core.conftest import Made
from tests.support.datasets import write_yolo
from tests.support.images import write_images
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

DOCUMENT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2]
    for part in re.split(r"^## ", DOCUMENT, flags=re.M)
}
OPTIONAL = {
    "profile": {"csv"},
    "benchmark": {"output"},
    "plan": {"operations", "parts", "ignored"},  # with a model
    "inspect": set[str](),
}
Arguments = tuple[object, ...]


def words(text: str) -> set[str]:
    """What stands in backticks, without what explains it in brackets."""
    plain = text
    while plain != (plain := re.sub(r"\([^()]*\)", "", plain)):
        pass
    return set(re.findall(r"`([a-z_0-9]+)`", plain))


def documented(section: str) -> set[str]:
    """The keys of the first level that a command's section names."""
    text = SECTIONS[section].partition("\n### ")[0]
    keys: set[str] = set()
    _, _, table = text.partition("| key of `--json` |")
    for row in re.findall(r"^\| (.*?) \|", table.partition("\n\n")[0], re.M):
        keys |= words(row)
    for bullet in re.findall(r"^- (`.*?)(?=\n- |\n\n|\Z)", text, re.M | re.S):
        if section != "optimize":  # there they explain keys of the table
            keys |= words(re.split(r":|,(?![^(]*\))", bullet)[0])
    for line in re.findall(r"JSON: (.*?)(?=\.\s|\.\Z|\n\n|, and\n)", text, re.S):
        keys |= words(re.sub(r"\beach [^;]*", "", re.sub(r"\([^()]*\)", "", line)))
    return keys


def kind_keys(kind: str) -> set[str]:
    """The same of a kind of report: what all have, and what its paragraph and bullets name."""
    text = SECTIONS["report"].partition("\n### ")[0]
    shared = text.partition("All kinds have ")[2].partition("\n\n")[0]
    own = re.split(r"\n\*\*", text.partition(f"**{kind}**")[2])[0]
    first = re.split(r"\.\s|, and\n", own.partition("`")[2])[0]
    keys = words(shared) | words("`" + first)
    for bullet in re.findall(r"^- (`.*?)(?=\n- |\n\n|\Z)", own, re.M | re.S):
        keys |= words(re.split(r":", bullet)[0])
    return keys


def small(made: Made, folder: Path) -> dict[str, Arguments]:
    """A small case of every command that needs no other one before it."""
    model, optimized, images = made.model, made.int8, made.images
    return {
        "inspect": (model,),
        "predict": (model, images, "--output", folder / "d.json"),
        "check-dataset": (images,),
        "create-dataset": (images, "--output", folder / "new"),
        "optimize": (model, images, "--output", folder / "int8", "--subset-size", 4),
        "plan": (),
        "benchmark": (model, "--seconds", 0.05),
        "devices": (),
        "target": (1, "--workspace", made.root),
        "scorecard": ("--workspace", made.root),
        "edit-project": (1, "--workspace", made.root),
        "duplicate-project": (1, "--workspace", made.root),
        "delete-project": (1, "--workspace", made.root),
        "trash": ("--workspace", made.root),
        "export-model": (1, "--workspace", made.root, "--output", folder / "ir"),
        "profile": (model, "--seconds", 0.05),
        "check": (model, optimized, images, "--size-mb", 100),
        "package": (model, images, "--output", folder / "package"),
        "export-project": (1, "--workspace", made.root, "--output", folder / "a.dwproject"),
    }


@pytest.mark.parametrize(
    "command",
    ["inspect", "predict", "check-dataset", "create-dataset", "optimize", "plan", "benchmark",
     "devices", "target", "profile", "check", "package", "export-project",
     "edit-project", "duplicate-project", "delete-project", "trash", "export-model"],
)  # fmt: skip
def test_keys_are_documented(terminal: Terminal, made: Made, tmp_path: Path, command: str) -> None:
    found = terminal(command, *small(made, tmp_path)[command], "--json").json
    assert_same(command, set(found))


@pytest.mark.parametrize("kind", IDS)
def test_keys_of_reports_are_documented(
    terminal: Terminal, made: Made, tmp_path: Path, kind: str
) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    if kind == "operating-point":
        write_images(tmp_path / "images", LEAST_IMAGES)
    report = tmp_path / "report"
    mapped = ("--map", "cat=cat") if "mapping" in kind_named(kind).options else ()
    found = terminal(
        "report", made.model, made.int8, tmp_path, "--kind", kind, "--output", report,
        *mapped, "--json",
    )  # fmt: skip
    assert set(found.json) == kind_keys(kind)
    compared = terminal("compare-reports", report, report, "--json").json
    assert set(compared) <= documented("compare-reports")
    if kind == "predictions":
        assert_same("compare-reports", set(compared))
        page = tmp_path / "page.html"
        exported = terminal(
            "export-report", report, "--format", "html", "--output", page, "--json"
        ).json
        assert_same("export-report", set(exported))


def test_a_project_that_is_handed_over(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    file = tmp_path / "a.dwproject"
    assert terminal("export-project", 1, "--workspace", made.root, "--output", file).status == 0
    found = terminal("import-project", file, "--workspace", tmp_path / "other", "--json").json
    assert_same("import-project", set(found))


def assert_same(command: str, found: set[str]) -> None:
    named = documented(command)
    assert found - named == set(), "keys that are printed and not documented"
    assert named - found - OPTIONAL.get(command, set()) == set(), "documented, and not printed"
