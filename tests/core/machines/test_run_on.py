"""Commands with ``--run-on``, from the terminal to a host behind an SSH server, and back."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.hosts import wait_until
from tests.support.packages import packaged
from tests.support.sshd import Host, needs_ssh, running
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

pytestmark = [needs_ssh, pytest.mark.timeout(300)]
HERE = platform.node()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One host for all, which is made ready by the first that needs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("settings")))
        with running(tmp_path_factory.mktemp("host") / "sshd") as host:
            yield host


@pytest.fixture
def host(there: Host, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    there.reached_by(monkeypatch)
    if "board" not in terminal("machines", "list").out:
        assert terminal("machines", "add", "board", "ssh://board", "--agree").status == 0
    yield there
    wait_until(lambda: not there.at_work())
    assert not list(there.ours.glob(".job-*")), "nothing unfinished stays there"


@pytest.fixture(scope="module")
def models(first_made: Made) -> tuple[str, str]:
    return str(model_of(first_made.parent)), str(model_of(first_made.optimized))


SHORT = ("--seconds", "0.2")


def test_a_benchmark_says_where_it_was_made(
    host: Host, terminal: Terminal, models: tuple[str, str], tmp_path: Path
) -> None:
    asked = ("benchmark", *models, *SHORT, "--precision-hint", "default", "--run-on", "board")
    found = terminal(*asked, "--output", tmp_path / "speed", "--json").json
    assert (found["machine"]["name"], found["machine"]["host"]) == ("board", HERE)
    assert len(found["runs"]) == 4
    resumed = terminal("benchmark", *models, "--resume", "--output", tmp_path / "speed")
    assert resumed.status == 0
    assert f", on board ({HERE})" in resumed.out
    assert f"Runs on board ({HERE})" in resumed.err, "where it was measured, without being asked"


def test_a_profile_says_where_it_was_taken(
    host: Host, terminal: Terminal, models: tuple[str, str], tmp_path: Path
) -> None:
    found = terminal("profile", *models, *SHORT, "--run-on", "board", "--json").json
    assert found["machine"]["name"] == "board"
    assert len(found["profiles"]) == 3


def test_a_report_is_about_the_host(
    host: Host, terminal: Terminal, models: tuple[str, str], first_made: Made, tmp_path: Path
) -> None:
    output = tmp_path / "report"
    made = terminal(
        "report", *models, first_made.images, "--output", output, "--html", "--run-on", "board"
    )
    assert f"judged for board ({HERE})" in made.out
    assert f"Run on board ({HERE})." in (output / "report.html").read_text("utf-8")
    said = json.loads((output / "report.json").read_text("utf-8"))
    assert said["machine"] == f"board ({HERE})"
    assert Path(said["dataset"]) == first_made.images
    (listed,) = terminal("compare-reports", output, output).out.splitlines()[:1]
    assert f"on board ({HERE}): " in listed


def test_a_package_is_tested_there(
    host: Host, terminal: Terminal, models: tuple[str, str], first_made: Made, tmp_path: Path
) -> None:
    package = packaged(Path(models[0]), first_made.images, tmp_path / "made")
    tested = terminal("test-package", package, "--run-on", "board")
    assert tested.status == 0
    assert f"on board ({HERE}) (CPU): the self-test passed." in tested.out


def test_machines_stand_below_each_other(
    host: Host, terminal: Terminal, models: tuple[str, str], first_made: Made, tmp_path: Path
) -> None:
    table = tmp_path / "machines.csv"
    asked = ("compare-machines", *models, first_made.images, "--run-on", "this", *SHORT)
    found = terminal(*asked, "--run-on", "board", "--output", table, "--json").json
    assert [(one["machine"], one["host"]) for one in found["rows"]] == [
        *[("this", "")] * 4, *[("board", HERE)] * 4
    ]  # fmt: skip
    judged = [one for one in found["rows"] if one["verdict"]]
    assert [(one["machine"], one["precision_hint"]) for one in judged] == [
        ("this", "default"), ("board", "default")
    ]  # fmt: skip
    assert judged[0]["accuracy_kept"] == judged[1]["accuracy_kept"], "it is one machine"
    assert all(one["throughput_fps"] > 0 < one["latency_p50_ms"] for one in found["rows"])
    assert len(table.read_text("utf-8").splitlines()) == 1 + 8


def test_a_machine_that_fails_is_named_and_the_others_go_on(
    host: Host, terminal: Terminal, models: tuple[str, str]
) -> None:
    terminal("machines", "add", "gone", "ssh://127.0.0.1:1", "--agree")
    asked = ("compare-machines", *models, *SHORT, "--run-on", "gone")
    found = terminal(*asked, "--run-on", "this", "--json").json
    assert {one["machine"] for one in found["rows"]} == {"this"}
    assert [bool(one["problem"]) for one in found["machines"]] == [True, False]
    alone = terminal(*asked)
    assert alone.status == 1
    assert alone.err.startswith("Nothing was measured.")


def test_what_cannot_be_sent_is_refused_before_any_work(
    host: Host, terminal: Terminal, models: tuple[str, str], first_made: Made, tmp_path: Path
) -> None:
    report = ("report", *models, first_made.images, "--output", tmp_path / "r", "--run-on", "board")
    assert "does not use --run-on" in terminal(*report, "--kind", "tensor-distance").err
    assert "both say where models run" in terminal(*report, "--machine", "board").err
    assert "There is no machine 'moon'" in terminal("profile", *models, "--run-on", "moon").err
    terminal("machines", "add", "lab", "tcp://127.0.0.1:9", "--agree")
    assert "is a Dask scheduler" in terminal("benchmark", *models, "--run-on", "lab").err
    assert not list(tmp_path.iterdir())
