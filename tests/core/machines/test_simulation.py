"""The simulation of many machines, where the answer is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.spread_simulation import Costs, simulated

FREE = Costs(home=0, scheduler=0, out=0, back=0, network=1e6, latency=0)


def test_without_other_costs_machines_share_what_is_to_be_done() -> None:
    parts = [1.0] * 40
    assert simulated(parts, [1], FREE).seconds == pytest.approx(40)
    many = simulated(parts, [1] * 10, FREE)
    assert many.seconds == pytest.approx(4)
    assert many.waiting_share == pytest.approx(0, abs=0.01)


def test_the_next_part_is_there_when_one_is_done() -> None:
    """A way of 0.2 s is gone once there and once back, and not for each part."""
    far = replace(FREE, latency=0.2)
    assert simulated([1.0] * 20, [1], far).seconds == pytest.approx(20.4)


def test_what_all_share_is_the_limit() -> None:
    network = replace(FREE, out=5e5)  # half a second each
    limited = simulated([1.0] * 100, [1] * 50, network)
    assert limited.seconds == pytest.approx(50 + 1, abs=1)
    assert limited.network_share == pytest.approx(1, abs=0.03)
    home = simulated([1.0] * 100, [1] * 50, replace(FREE, home=0.5))
    assert home.home_share == pytest.approx(1, abs=0.03)


def test_what_a_slow_machine_has_is_given_to_another_as_well() -> None:
    """Of 30 parts a machine that is a hundred times slower has two, which the other one does."""
    slow = simulated([1.0] * 30, [1, 100], FREE)
    assert slow.twice == 2
    assert slow.seconds == pytest.approx(30)
    assert simulated([1.0] * 30, [1, 1], FREE).twice == 0
