"""The systems and Pythons that there are locks for, and which wheels fit them."""

import platform
import re
import sys
from pathlib import Path
from typing import NamedTuple

from launcher.checkout import ROOT
from launcher.stop import Stop

LOCKS = ROOT / "packaging" / "locks"
SUITE = "-suite"  # what the suite needs beside the program
BUNDLE = "-bundle"  # what packaging/bundle.py needs beside it
OLDEST_PYTHON, NEWEST_PYTHON = "3.11", "3.14"
PYTHONS = range(int(OLDEST_PYTHON[2:]), int(NEWEST_PYTHON[2:]) + 1)  # 3.x
_PYTHON_TAG = re.compile(r"cp3(\d+)$")


class System(NamedTuple):
    """One lock: `sys_platform` and processors as Python calls them, tags of wheels as a pattern."""

    name: str
    title: str
    sys_platform: str
    machines: tuple[str, ...]
    platform_tag: str

    def fits(self, wheel: str, minor: int) -> bool:
        """Whether a wheel of this file name runs here, on Python 3.`minor`."""
        python, abi, where = wheel.removesuffix(".whl").split("-")[-3:]
        if where != "any" and not re.search(self.platform_tag, where):
            return False
        return any(_runs(one, abi, minor) for one in python.split("."))


SYSTEMS = (
    System("linux-x86_64", "Linux", "linux", ("x86_64",), r"manylinux.*_x86_64"),
    System("windows-x86_64", "Windows", "win32", ("amd64", "x86_64"), r"win_amd64"),
    System("macos-arm64", "macOS", "darwin", ("arm64",), r"macosx.*_(arm64|universal2)"),
)


def this_system() -> System:
    """The one that this Python runs on; raises Stop where there is no lock for it."""
    machine = platform.machine().lower()
    for system in SYSTEMS:
        if system.sys_platform == sys.platform and machine in system.machines:
            break
    else:
        raise Stop(
            "Detection Workbench runs on Linux and Windows with a 64-bit Intel or AMD processor, "
            f"and on macOS with Apple silicon; this Python is for {platform.system()} on "
            f"{platform.machine() or 'an unknown processor'}."
        )
    if sys.version_info[1] not in PYTHONS:
        raise Stop(
            f"Detection Workbench needs Python {OLDEST_PYTHON} to {NEWEST_PYTHON}, and this is "
            f"{'{}.{}'.format(*sys.version_info)}."
        )
    if sys.maxsize < 2**32:
        raise Stop("Detection Workbench needs a 64-bit Python, and this one is of 32 bits.")
    return system


def files(*, suite: bool) -> list[Path]:
    """The locks of what is installed here: the program, and with `suite` its tools as well."""
    name = this_system().name
    parts = ("", SUITE) if suite else ("",)
    return [LOCKS / f"{name}{part}.txt" for part in parts]


def pinned(lock: str) -> dict[str, str]:
    """The exact version of each distribution in the text of a lock."""
    lines = [line.partition(" ")[0] for line in lock.splitlines() if re.match(r"\w", line)]
    return {name: version for name, _, version in (line.partition("==") for line in lines)}


def _runs(python: str, abi: str, minor: int) -> bool:
    """Whether a wheel with these tags runs on CPython 3.`minor`, not its free-threaded build."""
    if python.startswith("py3"):
        return abi == "none"
    found = _PYTHON_TAG.match(python)
    if found is None:
        return False
    return int(found[1]) <= minor if abi == "abi3" else abi == f"cp3{minor}"
