"""Where the layers of a graph are drawn."""

from __future__ import annotations

import numpy as np

from core.profiling.graph_places import GAP, place_layers


def test_layers_stand_below_what_they_read_and_apart() -> None:
    random = np.random.default_rng(0)
    inputs = [
        tuple(sorted(set(random.integers(max(0, n - 9), n, 2).tolist()))) if n else ()
        for n in range(300)
    ]
    places = place_layers(inputs)
    for place, read in enumerate(inputs):
        assert all(places.y[one] < places.y[place] for one in read)
    assert {(one, other) for one, other, _ in places.edges} == {
        (one, place) for place, read in enumerate(inputs) for one in read
    }
    rows: dict[float, list[float]] = {}
    for x, y in zip(places.x, places.y, strict=True):
        rows.setdefault(y, []).append(x)
    for row in rows.values():
        assert np.diff(sorted(row)).min(initial=GAP) >= GAP - 0.01


def test_a_chain_is_drawn_straight_and_a_shortcut_around_it() -> None:
    places = place_layers([(), (0,), (1,), (2,), (3, 0)])
    assert len({round(x, 2) for x in places.x[1:4]}) == 1
    led = next(points for one, other, points in places.edges if (one, other) == (0, 4))
    assert len(led) == 3
    assert all(abs(x - places.x[2]) > 0.3 for x, _ in led)


def test_a_graph_of_nothing_has_no_places() -> None:
    assert place_layers([]).x == ()
