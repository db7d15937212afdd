"""What a host needs besides the program: exactly the packages that it runs with here."""

from __future__ import annotations

import sys
from functools import cache

from core.errors import InputError
from core.parts import PROGRAM, installed_parts

_EXTRA = "distributed"  # of the extra "cluster"
_WINDOW = ("pyside6-essentials", "pyqtgraph")
_BUILDS = {"opencv-python": "opencv-python-headless"}  # a host need not have a display


@cache
def requirements() -> str:
    """A line for each, as pip reads them, without what only the window needs."""
    found = installed_parts((PROGRAM, _EXTRA), without=_WINDOW)
    named = {_BUILDS.get(one.name, one.name): one.version for one in found}
    return "".join(f"{name}=={version}\n" for name, version in sorted(named.items()))


def require_copyable() -> None:
    """Raises InputError where this program is no Python package that a host can be given."""
    if getattr(sys, "frozen", False):
        raise InputError(
            "This program was installed as a bundle, which has no Python for other machines.",
            "To use hosts reached by SSH, install it with pip, and start it from there.",
        )
    if "openvino==" not in requirements():
        raise InputError(
            "The packages that the program needs are not installed as packages here, so that a "
            "host cannot be given the same.",
            "Install the program with pip.",
        )
