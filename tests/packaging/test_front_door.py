"""What a newcomer and the forge read: it has to agree with the checkout."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import __version__
from launcher import newer_python, suite, system_packages
from launcher.checkout import PYPROJECT, ROOT
from third_party.closure import PYTHONS

LINK = re.compile(r"\]\(([^)#\s]+)")
INTO_THE_PROGRAM = ("page:", "tab:", "do:")  # of the pages of help: see tests/app/help
CLASSIFIER = "Programming Language :: Python :: "


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def documents() -> list[Path]:
    """The checkout's own Markdown files; hidden folders and what is made are not its own."""
    made = ("build", "dist")
    folders = [one for one in ROOT.iterdir() if one.is_dir() and one.name[0] != "."]
    folders = [one for one in folders if one.name not in made]
    files = [*ROOT.glob("*.md"), *(file for folder in folders for file in folder.rglob("*.md"))]
    return [file.relative_to(ROOT) for file in files]


@pytest.fixture
def project() -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return content


def test_every_link_between_documents_leads_somewhere() -> None:
    links = [
        (document, link)
        for document in documents()
        for link in LINK.findall((ROOT / document).read_text(encoding="utf-8"))
        if not link.startswith(("https://", "http://", *INTO_THE_PROGRAM))
    ]

    assert len(links) > 10
    assert [(d, link) for d, link in links if not (ROOT / d.parent / link).exists()] == []


@pytest.mark.parametrize("room", ["core", "app"])
def test_the_architecture_names_every_room(room: str) -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = text.partition("## Rooms")[2].partition(f"    {room}/\n")[2]
    part = re.split(r"^    \w", rooms, flags=re.MULTILINE)[0]  # up to the next folder
    named = set(re.findall(r"[a-z_]+", part))

    inside = {path.stem for path in (ROOT / room).iterdir() if path.suffix in ("", ".py")}
    inside = {name for name in inside if not name.startswith("__")}
    assert len(inside) > 15
    assert inside - named == set()


def test_what_a_start_costs_is_recorded_for_this_version() -> None:
    rows = (ROOT / "docs/starts.md").read_text(encoding="utf-8")
    assert f"\n| {__version__} | " in rows, "tests.benchmarks.window_start prints the row"


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    versions = re.findall(
        r"^## \[(.+)\] - (?:unreleased|\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE
    )

    assert versions[0] == __version__
    assert len(versions) == len(re.findall(r"^## ", changelog, re.MULTILINE))


def test_the_supported_pythons_are_the_same_everywhere(project: dict[str, Any]) -> None:
    named = [
        text.removeprefix(CLASSIFIER)
        for text in project["classifiers"]
        if re.fullmatch(CLASSIFIER + r"3\.\d+", text)
    ]

    assert tuple(named) == PYTHONS
    assert project["requires-python"] == f">={PYTHONS[0]}"
    assert tuple(f"python{version}" for version in reversed(PYTHONS)) == newer_python.TRIED


def test_ci_runs_the_suite_on_every_system_and_on_the_oldest_and_newest_python() -> None:
    job = read(".github/workflows/suite.yml")["jobs"]["suite"]
    cases = job["strategy"]["matrix"]["include"]

    assert {case["system"].partition("-")[0] for case in cases} == {"ubuntu", "windows", "macos"}
    assert {PYTHONS[0], PYTHONS[-1]} <= {case["python"] for case in cases} <= set(PYTHONS)
    assert [step["run"] for step in job["steps"] if "launch.py" in step.get("run", "")] == [
        "python packaging/launch.py test"
    ]


@pytest.mark.parametrize("name", ["release", "suite"])
def test_an_action_is_pinned_to_the_commit_of_a_version(name: str) -> None:
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: *(.+)", text)

    assert used
    for one in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one


def test_ci_installs_the_system_libraries_that_the_launcher_asks_for() -> None:
    steps = read(".github/workflows/suite.yml")["jobs"]["suite"]["steps"]
    (script,) = [step["run"] for step in steps if "apt-get install" in step.get("run", "")]
    installed = set(script.partition("--no-install-recommends")[2].replace("\\", "").split())

    wanted = {*system_packages.ALWAYS, *system_packages.FOR_X11, "xvfb", system_packages.FONT}
    assert installed == {system_packages.RENAMED.get(name, name) for name in wanted}


@pytest.mark.parametrize("form", ["bug", "idea", "model"])
def test_an_issue_form_asks_for_something(form: str) -> None:
    body = read(f".github/ISSUE_TEMPLATE/{form}.yml")["body"]
    fields = [field for field in body if field["type"] != "markdown"]

    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_hooks_are_local_and_each_is_a_check_of_the_launcher() -> None:
    repositories = read(".pre-commit-config.yaml")["repos"]
    names = [stage.name for stage in suite.checks()]

    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        command, _, word = hook["entry"].rpartition(" ")
        assert command == "python3 packaging/launch.py check"
        assert any(word in name for name in names)
