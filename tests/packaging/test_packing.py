"""What a Linux installs, packed from a small stand-in for the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bundling import building, for_linux
from launcher.checkout import ICON

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="packages of Linux")

PROGRAM = '#!/bin/sh\necho "$(basename "$0")" "$@" "${ARGV0-none}"\n'


class Made:
    """The folders that a package is made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree, self.shared, self.papers = (folder / name for name in ("tree", "sh", "papers"))
        self.work, self.output = folder / "work", folder / "dist"
        icons = self.shared / "icons/hicolor/256x256/apps"
        for place in (self.tree, self.papers, self.work, self.output, icons):
            place.mkdir(parents=True)
        (self.tree / building.NAME).write_text(PROGRAM)
        (self.tree / building.NAME).chmod(0o755)
        (self.tree / f"{building.NAME}-window").symlink_to(building.NAME)
        (self.papers / "LICENSE").write_text("Apache")
        (icons / f"{building.NAME}.png").write_bytes(b"PNG")
        (self.shared / "applications").mkdir()
        (self.shared / "applications" / f"{building.NAME}.desktop").write_text("[Desktop Entry]")

    @property
    def parts(self) -> tuple[Path, Path, Path, Path, Path]:
        return self.tree, self.shared, self.papers, self.work, self.output


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    return Made(tmp_path)


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="a tool of Debian")
def test_removing_a_deb_says_where_the_projects_are_and_updating_it_does_not(made: Made) -> None:
    package = for_linux.make_deb(*made.parts)
    control = made.folder / "control"
    subprocess.run(["dpkg-deb", "--control", package, control], check=True)

    def said(why: str) -> str:
        command = [str(control / "postrm"), why]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "~/.local/share/detection-workbench" in said("remove")
    assert said("upgrade") == ""


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="a tool of Debian")
def test_packages_are_the_same_each_time(made: Made, tmp_path: Path) -> None:
    for make in (for_linux.make_deb, for_linux.make_archive):
        first = make(*made.parts).read_bytes()
        for path in made.folder.rglob("*"):
            os.utime(path, (1, 1), follow_symlinks=False)
        assert make(*made.parts).read_bytes() == first


class TestAppImage:
    """With stand-ins for the two tools, which no package registry has."""

    @pytest.fixture
    def tools(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        squash = made.folder / "bin" / "mksquashfs"
        squash.parent.mkdir()
        squash.write_text('#!/bin/sh\ncd "$1" && find . | sort > "$2"\n')
        squash.chmod(0o755)
        runtime = made.folder / "runtime"
        runtime.write_text("RUNTIME\n")
        monkeypatch.setenv("PATH", f"{squash.parent}:{os.environ['PATH']}")
        monkeypatch.setenv("APPIMAGE_RUNTIME", str(runtime))

    @pytest.mark.usefixtures("tools")
    def test_it_is_the_runtime_and_then_the_folder(self, made: Made) -> None:
        image = for_linux.make_appimage(*made.parts)

        assert image is not None
        assert os.access(image, os.X_OK)
        lines = image.read_text().splitlines()
        assert lines[:2] == ["RUNTIME", "."]
        names = {"AppRun", ".DirIcon", ICON.name, "detection-workbench.desktop"}
        assert {f"./{name}" for name in names} <= set(lines)

    @pytest.mark.usefixtures("tools")
    @pytest.mark.parametrize(
        ("called", "runs"),
        [
            ("/home/user/Detection Workbench.AppImage", "detection-workbench-window"),
            ("detection-workbench", "detection-workbench"),
        ],
    )
    def test_it_is_the_window_or_by_its_name_the_terminal(
        self, made: Made, called: str, runs: str
    ) -> None:
        for_linux.make_appimage(*made.parts)

        done = subprocess.run(
            [str(made.work / "appimage" / "AppRun"), "a b"],
            env={**os.environ, "ARGV0": called}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == f"{runs} a b none\n", "what the runtime sets stays with it"

    def test_what_is_missing_is_said(
        self, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("APPIMAGE_RUNTIME", raising=False)

        assert for_linux.make_appimage(*made.parts) is None
        assert "No AppImage: " in capsys.readouterr().out
