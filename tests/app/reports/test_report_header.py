"""The head of a report's page: how the models ran, and on which processor."""

from __future__ import annotations

from pathlib import Path

import msgspec
from pytestqt.qtbot import QtBot

from app.reports.header import ReportHeader
from app.reports.report_library import KeptReport
from core.inference.processor import Processor
from core.reports.kinds import head_of
from tests.app.reports import making


def test_the_page_says_what_the_processor_is_able_to(qtbot: QtBot, tmp_path: Path) -> None:
    artifact = making.predictions(tmp_path / "report")
    made_on = Processor(
        name="Old CPU", instruction_sets=("AVX2",), arithmetic="saturating", default_precision="f32"
    )
    head = msgspec.structs.replace(head_of(artifact.folder), processor=made_on)
    header = ReportHeader()
    qtbot.addWidget(header)
    header.show_report(KeptReport(artifact, head))
    assert header.runs.text().splitlines()[1].endswith("; judged for this machine.")
    assert header.runs.text().splitlines()[2] == (
        "Old CPU (AVX2 without VNNI): INT8 sums saturate, so that an INT8 model may find less "
        "than on a CPU with VNNI; the default precision is float32."
    )


def test_a_long_title_goes_over_lines_and_is_told_whole(qtbot: QtBot, tmp_path: Path) -> None:
    artifact = making.predictions(tmp_path / "report")
    project = "yolov8n-coco-640-" * 5
    header = ReportHeader()
    qtbot.addWidget(header)
    header.resize(1080, 120)  # beside the tree of projects in a window of 1366
    header.show()
    header.show_report(KeptReport(artifact, head_of(artifact.folder), project))
    shown = header.title.text()
    assert "Predictions · d · created" in shown
    assert header.title.heightForWidth(header.title.width()) <= header.title.height()
    assert max(map(len, shown.split())) < 50, "a name gives way"
    assert project in header.title.toolTip()
