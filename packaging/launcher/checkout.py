"""Where things lie in the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYPROJECT = ROOT / "pyproject.toml"
ICON = ROOT / "resources" / "icons" / "detection-workbench.svg"
LAUNCH = ROOT / "packaging" / "launch.py"

_SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
_SUFFIX = ".exe" if os.name == "nt" else ""


def script(name: str) -> Path:
    """A program inside .venv, for example `python` or `detection-workbench`."""
    return _SCRIPTS / (name + _SUFFIX)
