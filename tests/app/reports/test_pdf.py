"""A report's page as PDF: what Qt's text document is given, and the file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from app.reports.pdf.pages import translate
from core.metrics.comparison.comparison import compare
from core.processes import command, environment
from core.reports.predictions.kind import Predictions
from tests.support.images import write_image
from tests.support.reports import predictions_report
from tests.support.tables import table


def page_of_three_images(root: Path) -> str:
    for number in range(3):
        write_image(root / f"{number}.jpg")
    found = compare(table(*[[(10, 10, 60, 60, 0.9, 0)]] * 3), table([], [], []))
    return Predictions().page(predictions_report(found, root, optimized="<o>"))


def test_drawings_are_taken_out_and_text_stays_escaped(tmp_path: Path) -> None:
    page = translate(page_of_three_images(tmp_path))
    html = page.with_breaks()
    assert len(page.drawings) == 8  # bars, a matrix, and both sides of three images
    assert sum(drawing.half for drawing in page.drawings) == 6
    assert all(one.svg.startswith("<svg ") and one.svg.endswith("</svg>") for one in page.drawings)
    assert "viewBox=" in page.drawings[0].svg
    assert "<svg" not in html and "<style" not in html
    assert "&lt;o&gt; against p" in html
    assert html.count("drawing:") == 8


def test_a_page_break_comes_before_the_headings_that_are_named(tmp_path: Path) -> None:
    page = translate(page_of_three_images(tmp_path))
    assert "page-break" not in page.with_breaks()
    broken = page.with_breaks({0, 2})
    assert broken.count("page-break-before: always") == 2
    assert re.search(r'<h1 style="page-break-before: always">', broken)


def test_the_file_has_pages(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page_of_three_images(tmp_path), "utf-8")
    output = tmp_path / "page.pdf"
    pdf = command("pdf", str(tmp_path / "page.html"), str(output))
    subprocess.run(pdf, check=True, timeout=60, env=environment())
    data = output.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 2
    assert not list(tmp_path.glob(".*.tmp"))
