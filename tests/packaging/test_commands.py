"""Which command does what, in which order."""

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

import bundle
from launcher import commands, display, environment, suite, system_packages
from launcher.stop import Stop


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, instead of doing it."""
    steps: list[str] = []
    monkeypatch.setattr(environment, "ensure", lambda parts: steps.append(f"install {parts}"))
    monkeypatch.setattr(environment, "is_ready", lambda parts: True)
    monkeypatch.setattr(system_packages, "ensure", lambda needs: steps.append("look for libraries"))
    monkeypatch.setattr(display, "has_display", lambda environment: True)

    def become(command: list[str]) -> int:
        steps.append(" ".join(command[1:]))
        return 0

    monkeypatch.setattr(commands, "_become", become)
    return steps


def test_no_command_installs_and_opens_the_window(done: list[str]) -> None:
    assert commands.main([]) == 0
    assert done == ["look for libraries", "install run", "-P -m app"]


def test_options_go_to_the_window(done: list[str]) -> None:
    assert commands.main(["--workspace", "setup"]) == 0
    assert done[-1] == "-P -m app --workspace setup"


def test_a_model_file_goes_to_the_window(done: list[str], tmp_path: Path) -> None:
    model = tmp_path / "model.xml"
    model.touch()

    assert commands.main([str(model)]) == 0
    assert done[-1] == f"-P -m app {model}"


def test_setup_installs_and_stops_there(
    done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["setup"]) == 0
    assert done == ["look for libraries", "install run"]
    assert "Ready:" in capsys.readouterr().out


@pytest.mark.parametrize("start", [commands.main, bundle.main])
def test_a_processor_without_wheels_is_refused_before_anything_is_installed(
    start: Callable[[list[str]], int],
    done: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    assert start([]) == 2
    assert done == []
    assert capsys.readouterr().err.count("\n") == 1


def test_checks_need_the_tools_of_the_suite_and_no_system_libraries(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(names: list[str]) -> int:
        done.append(f"check {names}")
        return 0

    monkeypatch.setattr(suite, "check", check)

    assert commands.main(["check", "mypy"]) == 0
    assert done == ["install test", "check ['mypy']"]


def test_without_a_display_it_installs_and_then_says_so(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(display, "has_display", lambda environment: False)

    assert commands.main([]) == 2
    assert done == ["look for libraries", "install run"]
    assert "There is no display here" in capsys.readouterr().err


def test_an_unknown_word_is_not_taken_for_an_option_of_the_window(
    done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["tset"]) == 2
    assert done == []
    assert "'tset' is not something that launch.py does." in capsys.readouterr().err


def test_setup_takes_nothing_after_it(done: list[str]) -> None:
    assert commands.main(["setup", "now"]) == 2
    assert done == []


def test_what_stops_a_command_is_told_with_its_exit_status(
    monkeypatch: pytest.MonkeyPatch, done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(parts: str) -> None:
        raise Stop("Installing failed.", 1)

    monkeypatch.setattr(environment, "ensure", fail)

    assert commands.main(["setup"]) == 1
    assert capsys.readouterr().err == "Installing failed.\n"
