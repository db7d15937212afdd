"""What the benchmark in focus comes to: sentences, ratios, and what disturbed it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.kit.boxes import across, down
from app.kit.text import breakable, counted, displayable
from app.kit.theme import GAP
from app.kit.widgets import Card, button, heading, label
from app.performance.speed_presenter import SpeedView
from core.benchmark.result import BenchmarkResult, Ratio
from core.inference.settings import PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.info import foreign_format, size_change
from core.sizes import megabytes
from core.wording.benchmark import noise_sentences, remarks, speed_sentence
from core.wording.to_boxes import to_boxes_sentences
from core.workspace.projects import OPTIMIZED, PARENT


class SpeedResult(QWidget):
    """Shows one benchmark; `resume` is there where it was stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.whose = label(quiet=True, selectable=True)
        self.sentence = label(selectable=True)
        self.remarks = label(selectable=True)
        self.to_boxes = label(selectable=True)
        self.noise = label(quiet=True, selectable=True)
        self.resume = button("Resume benchmark")
        self.against_f32 = RatioCard("Against the parent in true f32")
        self.against_default = RatioCard("Against the parent by default")
        self.smaller = RatioCard("Size")
        ratios = across(
            (self.against_f32, 1), (self.against_default, 1), (self.smaller, 1), spacing=GAP
        )
        down(
            self.whose,
            self.sentence,
            self.remarks,
            self.to_boxes,
            ratios,
            self.noise,
            (self.resume, 0, Qt.AlignmentFlag.AlignLeft),
            spacing=GAP,
            margins=0,
            on=self,
        )

    def show_result(self, view: SpeedView, result: BenchmarkResult) -> None:
        """Show what was measured."""
        noise = noise_sentences(result.noise)
        if result.stopped:
            rounds = counted(result.rounds, "round", "rounds")
            noise.insert(0, f"Stopped after {rounds}; what was measured is stored.")
        whose = f"From the benchmark of {view.stored_at}." if view.stored_at else ""
        for place, text in (
            (self.whose, breakable(displayable(whose))),
            (self.sentence, speed_sentence(result)),
            (self.remarks, " ".join(remarks(result))),
            (self.to_boxes, "\n".join(to_boxes_sentences(result))),
            (self.noise, " ".join(noise)),
        ):
            place.setText(text)
            place.setVisible(bool(text))
        self._show_ratios(view, result)
        self.resume.setVisible(result.stopped)

    def _show_ratios(self, view: SpeedView, result: BenchmarkResult) -> None:
        hints: tuple[tuple[RatioCard, PrecisionHint], ...] = (
            (self.against_f32, "f32"),
            (self.against_default, "default"),
        )
        shown = False
        for card, hint in hints:
            ratio = result.ratio(OPTIMIZED, "default", PARENT, hint)
            card.setVisible(ratio is not None)
            if ratio is not None:
                shown = True
                card.show_speed(ratio)
        before, after = view.project.parent_card, view.project.card
        self.smaller.setVisible(shown and before is not None and after is not None)
        if before is not None and after is not None:
            old, new = before.info.size_bytes, after.info.size_bytes
            foreign = foreign_format(before.info.framework)
            of = f" ({foreign} file)" if foreign else ""
            self.smaller.show_figure(
                size_change(old, new),
                f"{megabytes(old)}{of} → {megabytes(new)}, graph and weights",
            )


class RatioCard(Card):
    """One large figure and what it means."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.figure: QLabel = heading(points_more=10)
        self.note = label(quiet=True)
        self.box.addLayout(down(self.figure, self.note, spacing=2))
        self.box.addStretch(1)

    def show_figure(self, figure: str, note: str) -> None:
        """Show a figure."""
        self.figure.setText(figure)
        self.note.setText(note)

    def show_speed(self, ratio: Ratio) -> None:
        """Show a ratio of throughputs, with that of latencies below."""
        figure = f"{ratio.throughput.value:.2f} times as fast"
        if ratio.throughput_verdict == "too few rounds":
            figure = "Not known yet"
        elif not ratio.throughput.differs_from_one:
            figure = "Within the noise"
        throughput, latency = _interval(ratio.throughput), _interval(ratio.latency)
        self.show_figure(figure, f"throughput {throughput}; latency {latency}; 95% intervals")


def _interval(interval: Interval) -> str:
    return f"x{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"
