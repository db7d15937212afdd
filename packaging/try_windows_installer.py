#!/usr/bin/env python3
"""Make Windows' installer on Linux, and try it in Wine: what can be known of it without Windows.

    packaging/try_windows_installer.py --output DIR [--small]

The tree has all wheels of Windows' lock, without what a bundle leaves out, and a stand-in for the
program (it prints what it is asked), since the Python for Windows comes with the system that
builds. --small leaves the wheels out. NSIS, Wine and mingw's gcc are needed: Debian's packages
nsis, wine and gcc-mingw-w64-x86-64.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bundling import building, contents, for_windows
from launcher.checkout import ICON, ROOT
from launcher.locks import BUNDLE, LOCKS

_STAND_IN = """
#include <stdio.h>
int main(int count, char **given) {
    for (int at = 1; at < count; at++) printf("[%s]", given[at]);
    printf("\\n");
    return 0;
}
"""
_PYTHON = "3.12"
_FOLDER = r"C:\users\Zoë Übermut\Detection Workbench"
_LEFT_BEHIND = "projects.txt"


def main(arguments: list[str]) -> int:
    """Make it and try it; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--small", action="store_true", help="without the wheels")
    options = parser.parse_args(arguments)
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    tree = make_tree(output / "tree", small=options.small)
    installer = for_windows.make_installer(tree, icon(output), output)
    archive = for_windows.make_zip(tree, output)
    for file in (installer, archive):
        print(f"Made: {file} ({file.stat().st_size / 1e6:.1f} MB)")
    try_in_wine(installer, Wine(output / "wine"))
    return 0


def make_tree(tree: Path, *, small: bool) -> Path:
    """The folder of the program, as PyInstaller would make it there, but for Python itself."""
    shutil.rmtree(tree, ignore_errors=True)
    inside = tree / "_internal"
    inside.mkdir(parents=True)
    source = tree.parent / "stand_in.c"
    source.write_text(_STAND_IN, encoding="ascii")
    for name in ("detection-workbench", "detection-workbench-window"):
        compiler = ["x86_64-w64-mingw32-gcc", "-Os", "-s"]
        subprocess.run([*compiler, str(source), "-o", str(tree / f"{name}.exe")], check=True)
    shutil.copy2(ROOT / "LICENSE", tree)
    if not small:
        for wheel in download(tree.parent / "wheels"):
            unpack(wheel, inside)
    return tree


def download(folder: Path) -> list[Path]:
    """The wheels of the lock, with their hashes checked."""
    locks = [LOCKS / f"windows-x86_64{part}.txt" for part in ("", BUNDLE)]
    named = [part for lock in locks for part in ("-r", str(lock))]
    tags = [*("--platform", "win_amd64", "--python-version", _PYTHON, "--implementation", "cp")]
    tags += ["--abi", f"cp{_PYTHON.replace('.', '')}", "--abi", "abi3", "--abi", "none"]
    pip = [sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--only-binary", ":all:", *tags, *named, "-d", str(folder)], check=True)
    return sorted(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path) -> None:
    """What a bundle takes of a wheel."""
    top = {name.replace("-", "_") for name in contents.MODULES} | {"scipy", "opencv_python"}
    if wheel.name.split("-")[0].lower() in top | {"scikit_learn", "pyinstaller", "ninja"}:
        return
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            name = entry.filename
            wanted = contents.is_wanted(name) and ".data/" not in name
            if not entry.is_dir() and wanted and "/tests/" not in name:
                archive.extract(entry, folder)


def icon(output: Path) -> Path:
    """The program's icon for Windows, drawn with this Python's Qt."""
    file = output / building.ICON
    script = ROOT / "packaging" / "bundling" / "icons.py"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-P", str(script), str(ICON), str(file)]
    subprocess.run(command, check=True, env=environment)
    return file


class Wine:
    """A Windows of its own."""

    def __init__(self, prefix: Path) -> None:
        shutil.rmtree(prefix, ignore_errors=True)
        self.prefix = prefix
        self._environment = {
            **os.environ, "WINEPREFIX": str(prefix), "WINEARCH": "win64", "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree=;mshtml=", "DISPLAY": "",
            "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        self.run("wineboot", "--init")
        self.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a Windows program."""
        wine = "wine64" if shutil.which("wine64") else "wine"
        return subprocess.run(
            [wine, *command], env=self._environment, check=check, capture_output=True,
            text=True, errors="replace", timeout=600,
        )  # fmt: skip

    def path(self, windows: str) -> Path:
        """Where a path of Windows lies here."""
        return self.prefix / "drive_c" / windows.removeprefix("C:\\").replace("\\", "/")

    def local(self, place: str) -> Path:
        """A path below the user's %LOCALAPPDATA%."""
        said = self.run("cmd", "/c", "echo %LOCALAPPDATA%").stdout.strip()
        return self.path(said) / place

    def knows(self, key: str) -> bool:
        """Whether the user's registry has a key."""
        return self.run("reg", "query", f"HKCU\\{key}", check=False).returncode == 0


def try_in_wine(installer: Path, wine: Wine) -> None:
    """Install, run, install again, remove; SystemExit where anything is not as it should be."""
    keys = (r"Software\Classes\.dwproject", r"Software\DetectionWorkbench")
    program = wine.path(_FOLDER)
    shim = wine.local(r"Microsoft\WindowsApps\detection-workbench.cmd".replace("\\", "/"))
    workspace = wine.local("detection-workbench")
    workspace.mkdir(parents=True)
    (workspace / _LEFT_BEHIND).write_text("kept")
    wine.run(str(installer), "/S", *unquoted(f"/D={_FOLDER}"))
    require(program / "detection-workbench.exe", there=True)
    require(shim, there=True)
    said = wine.run(str(program / "detection-workbench.exe"), "a b", "--c").stdout
    if said.strip() != "[a b][--c]":
        raise SystemExit(f"The program said {said!r}.")
    if missing := [key for key in keys if not wine.knows(key)]:
        raise SystemExit(f"Not in the registry: {missing}.")
    print("Installed, and it runs.")
    (program / "_internal" / "old.dll").write_bytes(b"")
    (program / "of the user.txt").write_text("kept")
    wine.run(str(installer), "/S", *unquoted(f"/D={_FOLDER}"))
    require(program / "_internal" / "old.dll", there=False)
    print("Installed over itself: nothing old is left.")
    wine.run(str(program / "uninstall.exe"), "/S")  # goes on as a copy, so as to remove itself
    end = time.monotonic() + 120
    while (program / "uninstall.exe").exists() and time.monotonic() < end:
        time.sleep(0.2)
    for gone in ("detection-workbench.exe", "_internal", "uninstall.exe"):
        require(program / gone, there=False)
    require(shim, there=False)
    if left := [key for key in keys if wine.knows(key)]:
        raise SystemExit(f"Left in the registry: {left}.")
    require(program / "of the user.txt", there=True)
    require(workspace / _LEFT_BEHIND, there=True)
    print("Removed; the workspace and the user's own file stayed.")


def unquoted(option: str) -> list[str]:
    """NSIS takes a folder with spaces, but not in the quotes that it would get as one argument."""
    return option.split(" ")


def require(path: Path, *, there: bool) -> None:
    """SystemExit where a file is, or is not, against what it should be."""
    if path.exists() is not there:
        raise SystemExit(f"{path} is {'missing' if there else 'still there'}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
