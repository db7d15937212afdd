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
    assert header.runs.text().splitlines()[2] == (
        "Old CPU (AVX2 without VNNI): INT8 sums saturate, so that an INT8 model may find less "
        "than on a CPU with VNNI; the default precision is float32."
    )
