"""The steps of a release, as the workflow runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import release
import walk_bundle
from bundling import building
from core.cli.parser import parse
from core.cli.report_arguments import refuse_unused
from core.reports.kinds import KINDS
from launcher.checkout import ROOT
from launcher.stop import Stop

WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"


def step(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "packaging" / "release.py"), *arguments],
        capture_output=True, text=True, check=False, env=variables or None,
    )  # fmt: skip


def test_a_tag_is_the_version_of_the_sources() -> None:
    assert step("require-version", f"v{building.version()}").returncode == 0
    wrong = step("require-version", "v9.9.9")
    assert wrong.returncode == 2
    assert wrong.stderr == f"The tag is v9.9.9, and core/__init__.py says {building.version()}.\n"


def test_the_changes_of_a_version_are_those_and_no_others() -> None:
    text = release.of_version(building.version())
    assert text.startswith("### ")
    assert "\n## " not in text
    with pytest.raises(Stop, match=r"nothing on 9\.9\.9"):
        release.of_version("9.9.9")


def test_installers_are_signed_where_there_is_a_command(tmp_path: Path) -> None:
    (tmp_path / "one of ours.exe").write_bytes(b"")
    (tmp_path / "other.deb").write_bytes(b"")
    skipped = step("sign", str(tmp_path), PATH="/usr/bin:/bin")
    assert skipped.stdout == "Not signed, since SIGN_COMMAND is not set: one of ours.exe\n"
    command = f'{sys.executable} -c \'import sys; open(sys.argv[1], "w").write("signed")\''
    signed = step("sign", str(tmp_path), PATH="/usr/bin:/bin", SIGN_COMMAND=command)
    assert signed.stdout == "Signed: one of ours.exe\n"
    assert (tmp_path / "one of ours.exe").read_text() == "signed"
    assert (tmp_path / "other.deb").read_text() == ""


def test_checksums_are_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("b")
    (tmp_path / "a").write_text("a")
    for _ in range(2):
        assert step("checksums", str(tmp_path)).returncode == 0
    sums = (tmp_path / "SHA256SUMS").read_text()
    assert re.findall(r"  (.*)", sums) == ["a", "b"]


def test_the_workflow_runs_what_there_is() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    lines = [one.get("run", "") for job in workflow["jobs"].values() for one in job["steps"]]
    scripts = {found for line in lines for found in re.findall(r"packaging/\w+\.py", line)}
    assert scripts == {
        "packaging/bundle.py", "packaging/release.py", "packaging/walk_bundle.py"
    }  # fmt: skip
    for script in scripts:
        assert (ROOT / script).is_file()
    steps = {found for line in lines for found in re.findall(r"release\.py ([\w-]+)", line)}
    assert steps == set(release.STEPS)
    assert workflow["permissions"] == {"contents": "read"}, "only the draft may write"
    for job in workflow["jobs"].values():
        assert {one for one in job.get("needs", []) if isinstance(job["needs"], list)} <= set(
            workflow["jobs"]
        )


def test_what_a_tag_is_called_is_never_part_of_a_script() -> None:
    """A name from outside reaches a script as a variable of its environment."""
    for line in re.findall(r"run: (.*)", WORKFLOW.read_text("utf-8")):
        assert "github." not in line


def test_what_the_walk_types_is_taken() -> None:
    """A flag that a report did not take any more ended the walk, and with it a release."""
    lines = [line for line in walk_bundle.COMMANDS.splitlines() if line]
    for line in lines:
        if line.startswith("--"):
            continue
        _, options = parse(re.sub(r"\{\w+\}", "1", line).split(" "))
        if line.startswith("report "):
            refuse_unused(next(one for one in KINDS if one.id == options.kind), options)
    assert len(lines) > 30
