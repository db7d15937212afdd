"""Making a PDF of a page in another process: drawing it takes seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.errors import WorkbenchError

_PATIENCE_S = 180


def converted(page: Path) -> Path:
    """The PDF of a report's page, beside it; raises WorkbenchError where it cannot be made."""
    output = page.with_suffix(".pdf")
    command = [sys.executable, "-P", "-m", "app.reports.pdf", str(page), str(output)]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=_PATIENCE_S, text=True, env=_env()
        )
        said = done.stderr.strip().splitlines()
        failed = done.returncode != 0 or not output.is_file()
    except (OSError, subprocess.TimeoutExpired) as error:
        said, failed = [str(error)], True
    if failed:
        raise WorkbenchError(
            f"The PDF could not be made: {said[-1] if said else 'Qt gave no reason'}.",
            "Export the HTML page instead, and print it from a browser.",
        )
    return output


def _env() -> dict[str, str]:
    """Ours, with the program where the new process finds it."""
    root = str(Path(__file__).parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
