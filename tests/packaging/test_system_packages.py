"""What is said and done about libraries that Linux does not bring along."""

import os
import sys

import pytest

from launcher import system_packages
from launcher.stop import Stop
from launcher.system_packages import ALWAYS, FONT, FOR_WAYLAND, FOR_X11, TO_BUNDLE, Needs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")


class Machine:
    """A Linux on which all is there but what a test takes away."""

    def __init__(self) -> None:
        self.absent: set[str] = set()
        self.programs = {"apt-get", "Xvfb"}
        self.has_font = True
        self.has_ensurepip = True
        self.user = 1000
        self.installed: list[str] = []

    def loadable(self, files: tuple[str, ...]) -> bool:
        return self.absent.isdisjoint(files)

    def apt_install(self, packages: list[str]) -> None:
        self.installed = packages
        self.absent.clear()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(system_packages, "loadable", made.loadable)
    monkeypatch.setattr(system_packages, "_program", made.programs.__contains__)
    monkeypatch.setattr(system_packages, "_has_font", lambda: made.has_font)
    monkeypatch.setattr(system_packages, "_has_ensurepip", lambda: made.has_ensurepip)
    monkeypatch.setattr(system_packages, "_apt_install", made.apt_install)
    monkeypatch.setattr(os, "geteuid", lambda: made.user)
    return made


def test_nothing_missing_is_nothing_said(machine: Machine) -> None:
    system_packages.ensure(Needs(x11=True, wayland=True, suite=True, new_venv=True))

    assert machine.installed == []


def test_a_user_gets_the_exact_command(machine: Machine) -> None:
    machine.absent = {"libGL.so.1", "libxcb-cursor.so.0"}

    with pytest.raises(Stop) as stopped:
        system_packages.ensure(Needs(x11=True))

    assert stopped.value.status == 2
    assert stopped.value.sentence == (
        "2 system packages are missing; this command installs what is needed, and then the same "
        "command goes on:\n\n"
        "    sudo apt-get install -y --no-install-recommends libgl1 libxcb-cursor0\n"
    )


def test_root_has_them_installed(machine: Machine) -> None:
    machine.absent = {"libEGL.so.1"}
    machine.user = 0

    system_packages.ensure(Needs())

    assert machine.installed == ["libegl1"]


def test_root_is_told_when_installing_did_not_help(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.absent = {"libEGL.so.1"}
    machine.user = 0
    monkeypatch.setattr(system_packages, "_apt_install", lambda packages: None)

    with pytest.raises(Stop, match="libegl1, but they still cannot be loaded"):
        system_packages.ensure(Needs())


def test_without_apt_the_files_are_named(machine: Machine) -> None:
    machine.absent = {"libxcb-icccm.so.4"}
    machine.programs.remove("apt-get")
    machine.user = 0

    with pytest.raises(Stop, match=r"A system package is missing; .*libxcb-icccm\.so\.4"):
        system_packages.ensure(Needs(x11=True))


def test_the_windows_libraries_are_asked_for_only_with_a_window(machine: Machine) -> None:
    machine.absent = {file for files in (FOR_X11 | FOR_WAYLAND).values() for file in files}

    assert system_packages.missing_packages(Needs()) == []
    assert system_packages.missing_packages(Needs(x11=True)) == list(FOR_X11)
    assert system_packages.missing_packages(Needs(wayland=True)) == list(FOR_WAYLAND)


def test_the_suite_wants_a_virtual_display(machine: Machine) -> None:
    machine.programs.remove("Xvfb")

    assert system_packages.missing_packages(Needs()) == []
    assert system_packages.missing_packages(Needs(suite=True)) == ["xvfb"]


def test_a_new_venv_wants_ensurepip_and_a_font(machine: Machine) -> None:
    machine.has_font = machine.has_ensurepip = False

    assert system_packages.missing_packages(Needs()) == []
    assert system_packages.missing_packages(Needs(new_venv=True)) == [
        FONT,
        "python{}.{}-venv".format(*sys.version_info),
    ]


def test_a_bundle_is_made_in_a_new_venv(machine: Machine) -> None:
    machine.programs |= {*TO_BUNDLE.values()}
    machine.has_ensurepip = False

    assert "python{}.{}-venv".format(*sys.version_info) in system_packages.missing_packages(
        Needs(bundle=True)
    )


def test_a_file_that_does_not_exist_cannot_be_loaded() -> None:
    assert system_packages.loadable(["libc.so.6"])
    assert not system_packages.loadable(["libc.so.6", "libof-nobody.so.7"])


def test_every_package_names_the_files_to_look_for() -> None:
    for package, files in (ALWAYS | FOR_X11 | FOR_WAYLAND).items():
        assert files, package
        assert all(".so." in file for file in files)
