"""When .venv is believed, and when it is made or completed."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher import environment, locks
from launcher.environment import RUN, TEST
from launcher.stop import Stop

Commands = list[list[str]]


class Checkout:
    """A checkout in a folder of its own, in which nothing is really installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pyproject = root / "pyproject.toml"
        self.lock = root / "lock.txt"
        self.suite = root / "lock-suite.txt"
        self.python = root / ".venv" / "bin" / "python"
        self.commands: Commands = []
        self.usable = False
        self.pyproject.write_text("[project]\n", encoding="utf-8")
        self.lock.write_text("numpy==2\n", encoding="utf-8")
        self.suite.write_text("pytest==9\n", encoding="utf-8")

    def files(self, *, suite: bool) -> list[Path]:
        return [self.lock, self.suite] if suite else [self.lock]

    def run(self, command: list[str], doing: str) -> None:
        self.commands.append(command)
        if "venv" in command:
            self.python.parent.mkdir(parents=True, exist_ok=True)
            self.python.touch()
            self.usable = True


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout(tmp_path)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(environment, "LOCK", tmp_path / ".venv.lock")
    monkeypatch.setattr(environment, "PYPROJECT", made.pyproject)
    monkeypatch.setattr(locks, "files", made.files)
    monkeypatch.setattr(environment, "script", lambda name: made.python)
    monkeypatch.setattr(environment, "is_usable", lambda: made.usable)
    monkeypatch.setattr(environment, "run", made.run)
    return made


def test_the_first_start_makes_the_venv_and_installs(checkout: Checkout) -> None:
    assert not environment.is_ready(RUN)

    environment.ensure(RUN)

    make, locked, program = checkout.commands
    assert "venv" in make
    assert "--require-hashes" in locked
    assert locked[-2:] == ["-r", str(checkout.lock)]
    assert program[-2:] == ["-e", str(checkout.root)]
    assert "--no-index" in program, "the program is made of what is here"
    assert environment.is_ready(RUN)


def test_the_second_start_runs_nothing(checkout: Checkout) -> None:
    environment.ensure(RUN)
    checkout.commands.clear()

    environment.ensure(RUN)

    assert checkout.commands == []


@pytest.mark.parametrize("which", ["pyproject", "lock", "suite"])
def test_a_changed_requirement_installs_into_the_same_venv(checkout: Checkout, which: str) -> None:
    environment.ensure(RUN)
    checkout.commands.clear()
    getattr(checkout, which).write_text("changed\n", encoding="utf-8")

    environment.ensure(RUN)

    assert ["pip" in command for command in checkout.commands] == [True, True]


def test_another_python_makes_the_venv_anew(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.ensure(RUN)
    checkout.commands.clear()
    other = 13 if sys.version_info[1] == 12 else 12
    monkeypatch.setattr(sys, "version_info", (3, other, 0, "final", 0))
    checkout.usable = False

    environment.ensure(RUN)

    assert ["venv" in command for command in checkout.commands] == [True, False, False]


def test_the_suites_tools_are_installed_only_for_the_suite(checkout: Checkout) -> None:
    environment.ensure(RUN)
    assert not environment.is_ready(TEST)

    environment.ensure(TEST)

    assert checkout.commands[-2][-4:] == ["-r", str(checkout.lock), "-r", str(checkout.suite)]
    assert environment.is_ready(TEST)
    assert environment.is_ready(RUN), "what the suite needs holds the program as well"


@pytest.mark.parametrize("exception", [KeyboardInterrupt, Stop])
def test_an_interrupted_install_is_not_believed(
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
    exception: Callable[[str], BaseException],
) -> None:
    environment.ensure(RUN)
    checkout.pyproject.write_text("changed\n", encoding="utf-8")

    def interrupted(command: list[str], doing: str) -> None:
        raise exception("in the middle of pip")

    monkeypatch.setattr(environment, "run", interrupted)
    with pytest.raises((KeyboardInterrupt, Stop)):
        environment.ensure(RUN)

    checkout.pyproject.write_text("[project]\n", encoding="utf-8")
    assert not environment.is_ready(RUN), "not even for the requirements that it had before"


@pytest.mark.parametrize(("exception", "anew"), [(KeyboardInterrupt, True), (Stop, False)])
def test_what_an_interrupted_install_left_is_thrown_away(
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
    exception: Callable[[str], BaseException],
    anew: bool,
) -> None:
    environment.ensure(RUN)
    checkout.commands.clear()
    checkout.pyproject.write_text("changed\n", encoding="utf-8")
    with monkeypatch.context() as broken:

        def interrupted(command: list[str], doing: str) -> None:
            raise exception("in the middle of pip")

        broken.setattr(environment, "run", interrupted)
        with pytest.raises((KeyboardInterrupt, Stop)):
            environment.ensure(RUN)

    environment.ensure(RUN)

    assert any("venv" in command for command in checkout.commands) is anew
    assert environment.is_ready(RUN)
    assert (checkout.root / ".venv.lock").read_text(encoding="utf-8") == ""


def test_a_moved_checkout_is_installed_again(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.ensure(RUN)

    monkeypatch.setattr(environment, "ROOT", tmp_path / "elsewhere")

    assert not environment.is_ready(RUN)


def test_a_venv_whose_python_is_gone_is_not_ready(checkout: Checkout) -> None:
    environment.ensure(RUN)

    checkout.python.unlink()

    assert not environment.is_ready(RUN)


def test_a_failed_command_ends_in_a_sentence() -> None:
    with pytest.raises(Stop, match=r"Making \.venv failed \(exit status 1\)") as stopped:
        environment.run(["false"], "Making .venv")

    assert stopped.value.status == 1
