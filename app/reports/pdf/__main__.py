"""``python -m app.pdf PAGE.html OUTPUT.pdf``: a report's page as PDF."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Write the PDF; gives the exit status."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.platform == "linux":
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # it draws into a file: no display is needed
    from PySide6.QtGui import QGuiApplication

    from app.reports.pdf.drawing import write_pdf

    page, output = (Path(argument) for argument in arguments)
    application = QGuiApplication(sys.argv[:1])
    try:
        write_pdf(page.read_text("utf-8"), output)
    except OSError as error:
        print(f"The PDF cannot be written: {error}.", file=sys.stderr)
        return 1
    finally:
        del application
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
