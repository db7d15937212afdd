"""How long the image of a large executed graph takes to place and to paint.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/graph_painting.py [LAYERS]

Random graphs with branches and shortcuts. What is smooth: well below 16 ms a frame.
"""

from __future__ import annotations

import statistics
import sys
from time import perf_counter

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.performance.graph.graph_view import GraphView
from core.profiling.graph_places import place_layers

FRAMES = 20


def main() -> None:
    """Print the times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    application = QApplication(sys.argv[:1])
    random = np.random.default_rng(0)
    inputs = [
        tuple(sorted(set(random.integers(max(0, n - 12), n, 2).tolist()))) if n else ()
        for n in range(count)
    ]
    start = perf_counter()
    places = place_layers(inputs)
    print(f"{count} layers, placed in {perf_counter() - start:.2f} s (in the job)")
    view = GraphView()
    view.resize(900, 700)
    view.show()
    application.processEvents()
    start = perf_counter()
    view.item.set_graph(places.x, places.y, places.edges)
    colours = [QColor("#0072B2" if n % 2 else "#E69F00") for n in range(count)]
    view.item.set_boxes(colours, lambda place: (f"Layer {place}", "0.100 ms · int8 · Convolution"))
    view.setSceneRect(view.item.boundingRect())
    print(f"taken over in {1000 * (perf_counter() - start):.1f} ms")
    view.fit()
    print(f"whole graph, first time {_frames(view, 1):.1f} ms, then {_frames(view):.1f} ms")
    for zoom in (0.05, 0.1, 0.2, 0.4, 0.8):
        view.zoom_by(zoom / view.zoom)
        view.centerOn(view.item.rect(count // 2).center())
        print(f"zoom {zoom}: {_frames(view):.1f} ms")


def _frames(view: GraphView, frames: int = FRAMES) -> float:
    """Median milliseconds of painting the whole viewport."""
    times = []
    for _ in range(frames):
        start = perf_counter()
        view.viewport().repaint()
        times.append(1000 * (perf_counter() - start))
    return statistics.median(times)


if __name__ == "__main__":
    main()
