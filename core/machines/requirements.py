"""What a host needs besides the program: exactly the packages that it runs with here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import core
from core.errors import InputError
from core.parts import installed_parts

LISTED = Path(core.__file__).parent.parent / "resources" / "host_packages.txt"
"""In a bundle, which lacks some of them: what they were where it was made."""

_WINDOW = ("pyside6-essentials", "pyqtgraph")
_BUILDS = {"opencv-python": "opencv-python-headless"}  # a host need not have a display


@cache
def requirements() -> str:
    """A line for each, as pip reads them, without what only the window needs."""
    if LISTED.is_file():
        return LISTED.read_text(encoding="ascii")
    found = installed_parts(without=_WINDOW)
    named = {_BUILDS.get(one.name, one.name): one.version for one in found}
    return "".join(f"{name}=={version}\n" for name, version in sorted(named.items()))


def require_copyable() -> None:
    """Raises InputError where this program does not know what it runs with."""
    if "openvino==" not in requirements():
        raise InputError(
            "The packages that the program needs are not installed as packages here, so that a "
            "host cannot be given the same.",
            "Install the program with pip.",
        )
