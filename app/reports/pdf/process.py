"""The helper ``pdf PAGE.html OUTPUT.pdf``: a report's page as PDF."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Write the PDF, and leave with the exit status."""
    page, output = (Path(argument) for argument in sys.argv[1:])
    sys.exit(_write(page, output))


def _write(page: Path, output: Path) -> int:
    if sys.platform == "linux":
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # it draws into a file: no display is needed
    from PySide6.QtGui import QGuiApplication

    from app.reports.pdf.drawing import write_pdf
    from core.files import why

    application = QGuiApplication(sys.argv[:1])
    try:
        write_pdf(page.read_text("utf-8"), output)
    except OSError as error:
        print(f"The PDF cannot be written: {why(error)}.", file=sys.stderr)
        return 1
    finally:
        del application
    return 0
