"""The helper ``self_test FOLDER FLAGS``: a package's own test, run by this program's Python."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the package's test as ``python self_test.py`` does."""
    folder = Path(sys.argv.pop(1))
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True  # the package stays as it is
    runpy.run_path(str(folder / "self_test.py"), run_name="__main__")
