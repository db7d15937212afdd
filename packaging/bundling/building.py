"""A folder that holds the program with all that it needs, made by PyInstaller."""

import csv
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bundling import contents
from launcher.checkout import ICON as SVG
from launcher.checkout import PYPROJECT, ROOT
from launcher.environment import run
from launcher.locks import BUNDLE, LOCKS, this_system
from launcher.stop import Stop

NAME = "detection-workbench"
_SPEC = ROOT / "packaging" / "bundling" / "workbench.spec"
ICON, ICON_OF_MACOS = f"{NAME}.ico", f"{NAME}.icns"
_WINDOWS = sys.platform == "win32"


def version() -> str:
    """The program's version, which stands in core/__init__.py."""
    text = (ROOT / "core" / "__init__.py").read_text(encoding="utf-8")
    return text.split('__version__ = "')[1].split('"')[0]


def build_time() -> int:
    """The seconds of SOURCE_DATE_EPOCH: of the environment, else of the commit.

    It stands in for the time in all that is made, so that two builds of a commit are equal.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdigit():
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        done = subprocess.CompletedProcess(command, 1, "", "")
    if done.returncode != 0:
        raise Stop("This is no git checkout; say the time of the sources in SOURCE_DATE_EPOCH.")
    return int(done.stdout)


def release_date() -> str:
    """The day of this version, as ISO has it: that of its sources."""
    return datetime.fromtimestamp(build_time(), UTC).date().isoformat()


class Environment:
    """A virtual environment with what is locked, the checkout's wheel and PyInstaller."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.python = folder / ("Scripts/python.exe" if _WINDOWS else "bin/python")

    def make(self) -> None:
        """Make it anew."""
        base = getattr(sys, "_base_executable", None) or sys.executable
        run([base, "-I", "-m", "venv", "--clear", str(self._folder)], "Making an environment")
        locks = [LOCKS / f"{this_system().name}{part}.txt" for part in ("", BUNDLE)]
        named = [part for lock in locks for part in ("-r", str(lock))]
        self._pip("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", *named)
        # Both have the same files; the one without Qt is in a bundle.
        self._pip("uninstall", "--yes", "opencv-python", "opencv-python-headless")
        headless = LOCKS / f"{this_system().name}{BUNDLE}.txt"
        pin = [line for line in _entries(headless) if line.startswith("opencv-python-headless==")]
        alone = self._folder / "headless.txt"
        alone.write_text("\n".join(pin), encoding="utf-8")
        self._pip("install", "--no-deps", "--require-hashes", "-r", str(alone))
        self._install_the_program()

    def run(self, *command: str, **variables: str) -> None:
        """Run its Python; raises Stop where that fails."""
        done = subprocess.run(  # in its folder: the checkout's own files are not what is installed
            [str(self.python), *command],
            env={**os.environ, **variables},
            cwd=self._folder,
            check=False,
        )
        if done.returncode != 0:
            raise Stop(f"'{' '.join(command[:4])}' failed; the lines above say why.")

    def _install_the_program(self) -> None:
        """As a wheel of a copy, so that what an earlier build left in the checkout is not in it."""
        copy, wheels = self._folder / "checkout", self._folder / "wheel"
        for folder in (copy, wheels):
            shutil.rmtree(folder, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist", ".*")
        for name in ("app", "core", "resources"):
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        (copy / "resources" / "released.txt").write_text(release_date(), encoding="ascii")
        for path in (PYPROJECT, ROOT / "README.md", ROOT / "LICENSE"):
            shutil.copy2(path, copy)
        code = (
            f"import os; os.chdir({str(copy)!r}); from setuptools import build_meta; "
            f"build_meta.build_wheel({str(wheels)!r})"
        )
        self.run("-P", "-c", code)
        # By its name: a path would be written down in what is installed.
        self._pip("install", "--no-deps", "--no-index", "--find-links", str(wheels), NAME)
        code = (  # a bundle leaves some of them out, and a host needs all
            "from core.machines.requirements import LISTED, requirements; "
            "LISTED.write_text(requirements(), encoding='ascii')"
        )
        self.run("-P", "-c", code)

    def _pip(self, *arguments: str) -> None:
        pip = [str(self.python), "-I", "-m", "pip", "--disable-pip-version-check", "-q"]
        run([*pip, *arguments], f"pip {arguments[0]}")


def freeze(environment: Environment, work: Path) -> Path:
    """The folder that PyInstaller makes; what this machine compiled itself is stripped."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    icon = {"win32": ICON, "darwin": ICON_OF_MACOS}.get(sys.platform)
    if icon is not None:
        draw_icon(environment, work / icon)
    environment.run(
        *("-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
        *("--distpath", str(work / "tree"), "--workpath", str(work / "work"), str(_SPEC)),
        SOURCE_DATE_EPOCH=str(build_time()),
        PYTHONHASHSEED="1",
        QT_QPA_PLATFORM="offscreen",
        PYTHONPATH="",
        WORKBENCH_ICON=str(work / icon) if icon else "",
        WORKBENCH_VERSION=version(),
    )
    tree = work / "tree" / NAME
    if sys.platform == "linux":
        for library in (tree / "_internal").glob("libpython3*.so*"):
            run(["strip", "--strip-unneeded", str(library)], "strip")
        (tree / f"{NAME}-window").symlink_to(NAME)
    _require_without(tree)
    list_what_is_inside(tree)
    return tree


def list_what_is_inside(tree: Path) -> None:
    """Leave in each distribution's list of files those of the bundle alone.

    The others are commands, whose first line names the Python of the environment that it was built
    in, and what that Python compiled: their checksums are of one build.
    """
    for record in tree.rglob("*.dist-info/RECORD"):
        inside = record.parent.parent
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        names = (next(csv.reader([line]))[0] for line in lines)
        kept = [
            line
            for line, name in zip(lines, names, strict=True)
            if not name.startswith("..") and (inside / name).is_file()
        ]
        record.write_text("".join(kept), encoding="utf-8")


def draw_icon(environment: Environment, file: Path) -> None:
    """The program's icon as the system of the file's ending has it."""
    script = str(ROOT / "packaging" / "bundling" / "icons.py")
    environment.run("-P", script, str(SVG), str(file), QT_QPA_PLATFORM="offscreen")


def write_papers(environment: Environment, tree: Path, work: Path) -> Path:
    """Write notices and bill of materials into a folder, and beside the program; gives the folder.

    macOS has them beside the .app.
    """
    papers = work / "papers"
    (modules,) = (work / "frozen").glob("work/*/PYZ-00.toc")  # PyInstaller's list of them
    script = str(ROOT / "packaging" / "bundling" / "papers.py")
    given = (str(tree), str(modules), str(papers))
    environment.run(script, *given, SOURCE_DATE_EPOCH=str(build_time()))
    for path in papers.iterdir():
        shutil.copy2(path, tree / path.name)
    return papers


def _require_without(tree: Path) -> None:
    """Raises Stop where something is inside that is to be left out."""
    for path in tree.rglob("*"):
        name = path.relative_to(tree).as_posix()
        if path.is_file() and not contents.is_wanted(name):
            raise Stop(f"{name} is in the bundle, and contents.py leaves it out.")


def _entries(lock: Path) -> list[str]:
    """The entries of a lock, each with its hashes."""
    return lock.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
