"""The system's own libraries that Qt and OpenCV load on Linux: which are missing, and getting them.

The lists were made with ldd over PySide6 and cv2 in a bare Debian 12. A missing xcb library ends
the process before Python can react, and Qt then blames libxcb-cursor whatever is missing; so it
is looked for here, before.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from launcher.stop import Stop

# Debian's package -> the files that have to be loadable. What these bring along by themselves
# (libX11, libxcb, libfreetype) is not listed.
ALWAYS = {
    "libgl1": ("libGL.so.1",),
    "libegl1": ("libEGL.so.1",),
    "libglib2.0-0": ("libglib-2.0.so.0", "libgthread-2.0.so.0"),
    "libdbus-1-3": ("libdbus-1.so.3",),
    "libfontconfig1": ("libfontconfig.so.1",),
    "libxkbcommon0": ("libxkbcommon.so.0",),
}
FOR_X11 = {
    "libxkbcommon-x11-0": ("libxkbcommon-x11.so.0",),
    "libxcb-cursor0": (
        "libxcb-cursor.so.0",
        "libxcb-image.so.0",
        "libxcb-render.so.0",
        "libxcb-render-util.so.0",
        "libxcb-util.so.1",
    ),
    "libxcb-icccm4": ("libxcb-icccm.so.4",),
    "libxcb-keysyms1": ("libxcb-keysyms.so.1",),
    "libxcb-randr0": ("libxcb-randr.so.0",),
    "libxcb-shape0": ("libxcb-shape.so.0",),
}
FOR_WAYLAND = {
    "libwayland-client0": ("libwayland-client.so.0",),
    "libwayland-cursor0": ("libwayland-cursor.so.0",),
}
TO_BUNDLE = {"binutils": "objdump", "xz-utils": "xz", "git": "git"}  # what a bundle is made with
RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}  # by Debian 13 and Ubuntu 24.04

FONT = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz")

APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")


class Needs(NamedTuple):
    """What is going to be done, as far as it decides which libraries have to be there."""

    x11: bool = False
    wayland: bool = False
    suite: bool = False
    new_venv: bool = False
    bundle: bool = False


def ensure(needs: Needs) -> None:
    """Install what is missing when root on Debian or Ubuntu; otherwise stop and say what to do."""
    if sys.platform != "linux":
        return
    missing = missing_packages(needs)
    if not missing:
        return
    names = [_present_name(package) for package in missing]
    if not _program("apt-get"):
        raise Stop(without_apt(missing))
    if os.geteuid() != 0:
        raise Stop(apt_request(names))
    _apt_install(names)
    if still := missing_packages(needs):
        raise Stop(f"apt-get installed {', '.join(still)}, but they still cannot be loaded.")


def missing_packages(needs: Needs) -> list[str]:
    """Debian's names of the packages that the work `needs` and that are not there."""
    libraries = ALWAYS | (FOR_X11 if needs.x11 else {}) | (FOR_WAYLAND if needs.wayland else {})
    missing = [package for package, files in libraries.items() if not loadable(files)]
    if needs.suite and not _program("Xvfb"):
        missing.append("xvfb")
    if needs.bundle:
        missing += [package for package, name in TO_BUNDLE.items() if not _program(name)]
        if not _has_shared_python():
            missing.append("libpython{}.{}".format(*sys.version_info))
    if needs.new_venv or needs.bundle:  # not worth the time at every start
        if not _has_font():
            missing.append(FONT)
        if not _has_ensurepip():
            missing.append("python{}.{}-venv".format(*sys.version_info))
    return missing


def apt_request(packages: list[str]) -> str:
    return (
        f"{_count(packages)} missing; this command installs what is needed, and then the same "
        f"command goes on:\n\n    sudo {' '.join([*APT_INSTALL, *packages])}\n"
    )


def without_apt(packages: list[str]) -> str:
    """For systems with other package names: the files, which are called the same everywhere."""
    libraries = ALWAYS | FOR_X11 | FOR_WAYLAND
    wanted = [" ".join(libraries.get(package, (package,))) for package in packages]
    return (
        f"{_count(packages)} missing; install what provides {', '.join(wanted)} "
        "with this system's package manager, and then start again."
    )


def _count(packages: list[str]) -> str:
    return "A system package is" if len(packages) == 1 else f"{len(packages)} system packages are"


def _apt_install(packages: list[str]) -> None:
    import subprocess

    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ("-o", "DPkg::Lock::Timeout=120")
    for command in (("apt-get", *wait, "update"), (*APT_INSTALL, *wait, *packages)):
        status = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, check=False
        ).returncode
        if status != 0:
            raise Stop(f"'{' '.join(command)}' failed (exit status {status}).")


def _present_name(package: str) -> str:
    """The name under which this release has the package."""
    import subprocess

    renamed = RENAMED.get(package)
    if renamed is None or not _program("apt-cache"):
        return package
    found = subprocess.run(["apt-cache", "show", renamed], capture_output=True, check=False)
    return renamed if found.returncode == 0 else package


def loadable(files: Iterable[str]) -> bool:
    """Whether this process can load all of these libraries."""
    try:
        for name in files:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _program(name: str) -> bool:
    import shutil

    return shutil.which(name) is not None


def _has_font() -> bool:
    for folder in FONT_FOLDERS:
        for _, _, files in os.walk(Path(folder).expanduser()):
            if any(name.lower().endswith(FONT_ENDINGS) for name in files):
                return True
    return False


def _has_shared_python() -> bool:
    """Whether this Python is, or has beside it, a library that can be taken along."""
    import sysconfig

    folder, name = sysconfig.get_config_vars("LIBDIR", "INSTSONAME")
    return name.endswith(".so") or Path(folder, name).exists() or loadable((name,))


def _has_ensurepip() -> bool:
    import importlib.util

    return importlib.util.find_spec("ensurepip") is not None
