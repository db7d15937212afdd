"""Making a PDF of a page in another process: drawing it takes seconds."""

from __future__ import annotations

import subprocess
from pathlib import Path

from core.errors import WorkbenchError
from core.processes import command, environment

_PATIENCE_S = 180


def converted(page: Path) -> Path:
    """The PDF of a report's page, beside it; raises WorkbenchError where it cannot be made."""
    output = page.with_suffix(".pdf")
    try:
        done = subprocess.run(
            command("pdf", str(page), str(output)),
            capture_output=True,
            check=False,
            timeout=_PATIENCE_S,
            text=True,
            env=environment(),
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
