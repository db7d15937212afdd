"""What a bundle is made of, and what its installer does; packaging/bundle.py is run by hand."""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg

from bundling import building, contents, for_linux, for_windows, made
from launcher.checkout import ICON, ROOT
from launcher.stop import Stop
from tests.support import models

BUNDLING = ROOT / "packaging" / "bundling"
STAND_INS = BUNDLING / "stand_ins"
# Left out modules cannot be imported; then what the program uses of NNCF is run.
WITHOUT = """
import sys
sys.path.insert(0, sys.argv[1])

class Rest:
    def __init__(self, finder):
        self._finder = finder

    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in sys.argv[2].split()):
            return None
        return self._finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self._finder, name)

sys.meta_path[:] = map(Rest, sys.meta_path)
from core.runtime import openvino_core
import nncf
import numpy as np
import openvino as ov

assert "stand_ins" in sys.modules["scipy.linalg"].__file__
model = openvino_core().read_model(sys.argv[3])
shape = [1, *list(model.inputs[0].partial_shape.get_min_shape())[1:]]
images = [np.random.default_rng(n).random(shape, np.float32) * 255 for n in range(3)]
made = nncf.quantize(model, nncf.Dataset(images), subset_size=3, fast_bias_correction=False)
assert any(op.get_type_name() == "FakeQuantize" for op in made.get_ops())
nncf.compress_weights(openvino_core().read_model(sys.argv[3]))
import core.cli.main, app.shell.main_window, pyqtgraph  # nothing of ours needs what is left out
"""


def test_what_is_left_out_is_not_needed(tmp_path: Path) -> None:
    left_out = [name for name in contents.MODULES if name not in ("setuptools", "pip", "wheel")]
    model = models.save(models.ssd(), tmp_path, "ssd", models.CLASSES)
    subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT, str(STAND_INS), " ".join(left_out), str(model)],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
    )


def test_the_stand_in_for_scipy_solves_as_scipy_does() -> None:
    stand_in = runpy.run_path(str(STAND_INS / "scipy" / "linalg.py"))["lstsq"]
    random = np.random.default_rng(7)
    a, b = random.random((9, 4)), random.random((9, 2))

    ours, theirs = stand_in(a, b), scipy.linalg.lstsq(a, b)

    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


@pytest.mark.parametrize(
    ("path", "source", "wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "", False),
        ("openvino/libs/libopenvino_intel_cpu_plugin.so", "", True),
        ("openvino/libs/libopenvino_pytorch_frontend.so.2641", "", False),
        ("numpy-2.4.6.dist-info/METADATA", "", True),
        ("numpy-2.4.6.dist-info/direct_url.json", "", False),
        ("libX11.so.6", "/lib/x86_64-linux-gnu/libX11.so.6", False),
        ("libstdc++.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", False),
        ("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3", True),
        ("python3.11/lib-dynload/_ssl.so", "/usr/lib/python3.11/lib-dynload/_ssl.so", True),
        (r"PySide6\translations\qt_de.qm", "", False),
        (r"PySide6\Qt6Qml.dll", "", False),
        ("PySide6/Qt/lib/libQt6EglFsKmsSupport.so.6", "", False),
        ("PySide6/Qt/plugins/generic/libqevdevmouseplugin.so", "", False),
        ("resources/__pycache__/__init__.cpython-311.pyc", "", False),
        (r"PySide6\opengl32sw.dll", "", False),
        ("PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml", "", False),
        ("PySide6/Qt/lib/QtWidgets.framework/Versions/A/QtWidgets", "", True),
    ],
)
def test_what_goes_into_a_bundle(path: str, source: str, wanted: bool) -> None:
    assert contents.is_wanted(path, source) is wanted


def test_the_program_gives_programs_of_others_the_environment_that_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = runpy.run_path(str(BUNDLING / "program.py"))
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle:/before")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    monkeypatch.setenv("DYLD_LIBRARY_PATH", "/bundle")

    program["_give_back_environment"]()

    assert os.environ["LD_LIBRARY_PATH"] == "/before"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    assert "DYLD_LIBRARY_PATH" not in os.environ


@pytest.mark.skipif(sys.platform != "linux", reason="tried on Linux alone")
@pytest.mark.parametrize("before", [None, "/of the user"])
def test_what_the_loader_and_its_hooks_set_is_given_back(before: str | None) -> None:
    code = (
        f"import os, sys; sys.path.insert(0, {str(BUNDLING)!r})\n"
        "os.environ['QT_PLUGIN_PATH'] = os.environ['_PYI_ARCHIVE_FILE'] = '/of the bundle'\n"
        "import program; program._give_back_environment()\n"
        "print({name: os.environ.get(name) for name in ('QT_PLUGIN_PATH', '_PYI_ARCHIVE_FILE')})"
    )
    given = {} if before is None else {"QT_PLUGIN_PATH": before}
    kept = {key: value for key, value in os.environ.items() if key != "QT_PLUGIN_PATH"}
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **given}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said == f"{ {'QT_PLUGIN_PATH': before, '_PYI_ARCHIVE_FILE': None} }\n"


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("detection-workbench", ["--version"], "detection-workbench 0."),
        ("detection-workbench-window", ["--help"], "usage: detection-workbench-window"),
        ("detection-workbench-window", ["--helper", "devices"], '"CPU"'),
        ("detection-workbench", ["--helper", "devices"], '"CPU"'),
    ],
)
def test_the_program_is_what_its_name_and_first_argument_say(
    name: str, arguments: list[str], says: str
) -> None:
    start = (
        f"import sys, runpy; sys.path.insert(0, {str(BUNDLING)!r}); sys.argv[0] = {name!r}\n"
        "import program; sys.exit(program.main())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", start, *arguments],
        capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert says in done.stdout


def test_a_package_asks_for_the_libraries_that_are_not_inside() -> None:
    depends = for_linux.depends()

    assert depends[0] == f"libc6 (>= {for_linux.OLDEST_GLIBC})"
    assert {"libxcb-cursor0", "libstdc++6", "libexpat1"} <= set(depends)
    assert "libglib2.0-0 | libglib2.0-0t64" in depends, "Debian 13 calls it otherwise"


def test_the_time_of_a_build_is_that_of_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")

    assert building.build_time() == 1790000000
    assert building.release_date() == "2026-09-21"


def test_a_list_of_files_does_not_tell_where_the_bundle_was_built(tmp_path: Path) -> None:
    folder = tmp_path / "_internal" / "numpy-2.4.6.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Name: numpy")
    (folder / "RECORD").write_text(
        "../../../bin/f2py,sha256=of-one-build,243\nnumpy-2.4.6.dist-info/METADATA,sha256=a,11\n"
        '"numpy/of, one __pycache__.pyc",,\n'
    )
    building.list_what_is_inside(tmp_path)
    assert (folder / "RECORD").read_text() == "numpy-2.4.6.dist-info/METADATA,sha256=a,11\n"


def test_icons_of_windows_and_macos_hold_pictures_of_their_sizes(tmp_path: Path) -> None:
    files = [tmp_path / "icon.ico", tmp_path / "icon.icns"]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}  # Qt in reach
    for file in files:
        subprocess.run(
            [sys.executable, "-P", str(BUNDLING / "icons.py"), str(ICON), str(file)],
            check=True,
            env={**kept, "QT_QPA_PLATFORM": "offscreen"},
        )
        pictures = file.read_bytes().split(b"\x89PNG\r\n\x1a\n")[1:]
        widths = [int.from_bytes(picture[8:12], "big") for picture in pictures]
        assert widths in ([16, 24, 32, 48, 64, 128, 256], [16, 32, 128, 256, 512, 1024])
    ico, icns = (file.read_bytes() for file in files)
    at, size = (int.from_bytes(ico[6 + 16 * 6 + n : 6 + 16 * 6 + n + 4], "little") for n in (12, 8))
    assert at + size == len(ico), "the last entry ends the file"
    assert icns[:4] == b"icns"
    assert int.from_bytes(icns[4:8], "big") == len(icns)


class TestWindows:
    """What can be known on any system; packaging/try_windows_installer.py goes on in Wine."""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        tree = tmp_path / "detection-workbench"
        (tree / "_internal").mkdir(parents=True)
        (tree / "_internal" / "a.dll").write_bytes(b"a" * 1000)
        (tree / "detection-workbench.exe").write_bytes(b"b")
        (tree / "LICENSE").write_text("c")
        return tree

    def test_uninstalling_removes_what_was_installed_and_nothing_else(self, tree: Path) -> None:
        assert for_windows.removals(tree).splitlines() == [
            'Delete "$INSTDIR\\LICENSE"',
            'RMDir /r "$INSTDIR\\_internal"',
            'Delete "$INSTDIR\\detection-workbench.exe"',
        ]

    def test_a_name_that_the_installer_would_read_as_code_is_refused(self, tree: Path) -> None:
        (tree / "$PROFILE").mkdir()
        with pytest.raises(Stop, match="cannot be named"):
            for_windows.removals(tree)

    def test_the_archive_is_the_same_each_time(
        self, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
        first = for_windows.make_zip(tree, tmp_path).read_bytes()
        for path in tree.rglob("*"):
            os.utime(path, (1, 1))
        second = for_windows.make_zip(tree, tmp_path)
        assert second.read_bytes() == first
        with zipfile.ZipFile(second) as archive:
            assert "Detection Workbench/_internal/a.dll" in archive.namelist()

    def test_checksums_are_what_sha256sum_reads(self, tree: Path, tmp_path: Path) -> None:
        sums = made.checksums([tree / "LICENSE"], tmp_path).read_text("utf-8")
        assert sums == f"{hashlib.sha256(b'c').hexdigest()}  LICENSE\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a script for Linux")
class TestInstalling:
    """The archive's script, with a stand-in for the program, in a home with spaces and umlauts."""

    @pytest.fixture
    def archive(self, tmp_path: Path) -> Path:
        archive = tmp_path / "archive"
        program = archive / "detection-workbench"
        program.mkdir(parents=True)
        (program / "detection-workbench").write_text("#!/bin/sh\necho ran\n")
        (program / "detection-workbench").chmod(0o755)
        (program / "detection-workbench-window").symlink_to("detection-workbench")
        for place in ("applications", "mime/packages"):
            (archive / "share" / place).mkdir(parents=True)
        for name, place in (("desktop", "applications"), ("xml", "mime/packages")):
            text = (BUNDLING / "linux" / f"detection-workbench.{name}").read_text()
            (archive / "share" / place / f"detection-workbench.{name}").write_text(text)
        script = (BUNDLING / "linux" / "install.sh").read_bytes()
        (archive / "install.sh").write_bytes(script)
        (archive / "install.sh").chmod(0o755)
        return archive

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        home = tmp_path / "Zoë Übermut"
        (home / ".local" / "share" / "detection-workbench" / "imports").mkdir(parents=True)
        return home

    def _run(self, script: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
        return subprocess.run(
            ["sh", str(script), *arguments],
            env={**kept, "HOME": str(home)}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_it_installs_for_one_user_and_runs(self, archive: Path, home: Path) -> None:
        done = self._run(archive / "install.sh", home)

        assert done.returncode == 0, done.stderr
        for name in ("detection-workbench", "detection-workbench-window"):
            command = [home / ".local" / "bin" / name]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert said == "ran\n"
        entry = home / ".local/share/applications/detection-workbench.desktop"
        program = home / ".local/lib/detection-workbench/detection-workbench-window"
        assert f'Exec="{program}" %f' in entry.read_text()

    def test_the_desktop_is_told_of_folders_with_spaces(
        self, archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tool = home / "bin" / "update-mime-database"
        tool.parent.mkdir()
        tool.write_text('#!/bin/sh\necho "$#: $1" > "$HOME/told"\n')
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")

        self._run(archive / "install.sh", home)

        assert (home / "told").read_text() == f"1: {home}/.local/share/mime\n"

    def test_installing_over_an_older_version_leaves_nothing_of_it(
        self, archive: Path, home: Path
    ) -> None:
        self._run(archive / "install.sh", home)
        old = home / ".local/lib/detection-workbench/old.so"
        old.touch()

        assert self._run(archive / "install.sh", home).returncode == 0

        assert not old.exists()

    def test_it_is_removed_without_the_archive_and_leaves_the_projects(
        self, archive: Path, home: Path
    ) -> None:
        self._run(archive / "install.sh", home)
        archive.rename(archive.with_name("gone"))

        script = home / ".local/lib/detection-workbench/install.sh"
        done = self._run(script, home, "--uninstall")

        assert done.returncode == 0, done.stderr
        assert str(home / ".local/share/detection-workbench") in done.stdout
        named = home.rglob("*detection-workbench*")  # the system's tools leave lists of their own
        assert [path for path in named if not path.is_dir() or path.is_symlink()] == []
        assert (home / ".local/share/detection-workbench/imports").is_dir()

    def test_removing_what_is_not_there_says_so(self, archive: Path, home: Path) -> None:
        done = self._run(archive / "install.sh", home, "--uninstall")

        assert done.returncode == 1
        assert "not installed" in done.stderr
