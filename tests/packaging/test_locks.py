"""Where the program is installed, and where a sentence says that it cannot be."""

import platform
import sys

import pytest

from launcher import locks
from launcher.stop import Stop


def _be(monkeypatch: pytest.MonkeyPatch, system: str, machine: str, minor: int = 12) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(sys, "version_info", (3, minor, 0, "final", 0))


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux-x86_64"),
        ("win32", "AMD64", "windows-x86_64"),
        ("darwin", "arm64", "macos-arm64"),
    ],
)
def test_each_supported_system_has_a_lock_for_the_program_and_one_for_the_suite(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, name: str
) -> None:
    _be(monkeypatch, system, machine)

    program, suite = locks.files(suite=True)

    assert (program.name, suite.name) == (f"{name}.txt", f"{name}-suite.txt")
    assert program.is_file() and suite.is_file()
    assert locks.files(suite=False) == [program]


@pytest.mark.parametrize(
    ("system", "machine"),
    [("darwin", "x86_64"), ("linux", "aarch64"), ("win32", "ARM64"), ("freebsd14", "amd64")],
)
def test_another_processor_or_system_is_refused_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    _be(monkeypatch, system, machine)

    with pytest.raises(Stop, match=f"on macOS with Apple silicon; this Python is for .*{machine}"):
        locks.this_system()


@pytest.mark.parametrize("minor", [10, 15])
def test_another_python_is_refused_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch, minor: int
) -> None:
    _be(monkeypatch, "linux", "x86_64", minor)

    with pytest.raises(Stop, match=rf"needs Python 3.11 to 3.14, and this is 3.{minor}\."):
        locks.this_system()


def test_a_python_of_32_bits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _be(monkeypatch, "win32", "AMD64")
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)

    with pytest.raises(Stop, match="64-bit Python"):
        locks.this_system()
