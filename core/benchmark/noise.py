"""What else a machine does while something is measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Literal

import psutil

from core.values import Value

MUCH_LOAD = 0.1  # cores kept busy by others
MUCH_STEAL = 0.02  # share of the processor time that the host gave to others
MUCH_DRIFT = 0.05  # change of speed from the first third of the rounds to the last
_FEWEST = 3  # rounds in a third, or what looks like drift is chance


Disturbance = Literal["load", "steal", "throttled", "battery", "drift"]


class Noise(Value):
    """What went on beside the measurement; None where the system does not say.

    Attributes:
        other_load_cores: cores that other programs kept busy, on average; `other_load_most_cores`
            in the worst round.
        steal_share: of the processor time that the host of a virtual machine gave to others.
        frequency_mhz: lowest and highest that were seen.
        temperature_c: highest.
        throttled: how often the processor slowed itself down because it was hot.
        on_battery: whether the machine ran from its battery.
        drift: speed of the last third of the rounds over that of the first, median of the runs.
    """

    other_load_cores: float
    other_load_most_cores: float
    steal_share: float | None = None
    frequency_mhz: tuple[float, float] | None = None
    temperature_c: float | None = None
    throttled: int | None = None
    on_battery: bool = False
    drift: float = 1.0

    @property
    def disturbances(self) -> tuple[Disturbance, ...]:
        """What of that is worth knowing."""
        known: tuple[tuple[Disturbance, bool], ...] = (
            ("load", self.other_load_cores > MUCH_LOAD),
            ("steal", (self.steal_share or 0.0) > MUCH_STEAL),
            ("throttled", bool(self.throttled)),
            ("battery", self.on_battery),
            ("drift", abs(self.drift - 1) > MUCH_DRIFT),
        )
        return tuple(name for name, there in known if there)


class NoiseWatch:
    """Looks at the machine once a round, between two turns."""

    def __init__(self) -> None:
        self._processes: list[psutil.Process] = [psutil.Process()]
        self._loads: list[tuple[float, float]] = []  # busy core-seconds of others, seconds
        self._stolen = self._total = 0.0
        self._frequencies: list[float] = []
        self._temperatures: list[float] = []
        self._throttled_before = _throttle_count()
        self._last = self._now()

    def watch(self, pids: Sequence[int]) -> None:
        """From now on these processes are ours, and not others' load."""
        self._processes = [psutil.Process()]
        for pid in pids:
            with suppress(psutil.Error):
                self._processes.append(psutil.Process(pid))
        self._last = self._now()

    def skip(self) -> None:
        """Leave out what happened since the last look: nothing was measured meanwhile."""
        self._last = self._now()

    def look(self) -> None:
        """Note what happened since the last look."""
        now = self._now()
        seconds, busy, ours, stolen, total = (
            new - old for new, old in zip(now, self._last, strict=True)
        )
        self._last = now
        if seconds > 0:
            self._loads.append((max(0.0, busy - ours), seconds))
        self._stolen += stolen
        self._total += total
        with suppress(Exception):  # psutil lets through whatever a driver answers
            self._frequencies.append(psutil.cpu_freq().current)
        self._temperatures += _temperatures()

    def noise(self, rounds: Sequence[Sequence[float]]) -> Noise:
        """What was seen; `rounds` are the rounds' throughputs of every run."""
        seconds = sum(span for _, span in self._loads)
        load = sum(busy for busy, _ in self._loads) / seconds if seconds else 0.0
        throttled = _throttle_count()
        known = [value for value in self._frequencies if value > 0]
        steal = self._stolen / self._total if self._total else None
        return Noise(
            other_load_cores=load,
            other_load_most_cores=max((busy / span for busy, span in self._loads), default=0.0),
            steal_share=steal if hasattr(psutil.cpu_times(), "steal") else None,
            frequency_mhz=(min(known), max(known)) if known else None,
            temperature_c=max(self._temperatures, default=None),
            throttled=None
            if throttled is None or self._throttled_before is None
            else throttled - self._throttled_before,
            on_battery=_on_battery(),
            drift=_drift(rounds),
        )

    def _now(self) -> tuple[float, float, float, float, float]:
        """Seconds, and of processor time: busy, ours, stolen, and all there was."""
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        stolen = getattr(times, "steal", 0.0)
        # Linux counts the time of guests as user time already.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        ours = 0.0
        for process in self._processes:
            with suppress(psutil.Error):
                own = process.cpu_times()
                ours += own.user + own.system
        return monotonic(), total - idle - stolen, ours, stolen, total


def _drift(rounds: Sequence[Sequence[float]]) -> float:
    import numpy as np

    ratios = []
    for one in rounds:
        third = len(one) // 3
        if third >= _FEWEST:
            ratios.append(float(np.median(one[-third:]) / np.median(one[:third])))
    return float(np.median(ratios)) if ratios else 1.0


def _temperatures() -> list[float]:
    read = getattr(psutil, "sensors_temperatures", None)
    if read is None:
        return []
    with suppress(Exception):  # psutil lets through whatever a driver answers
        named = read()
        chips = [named[name] for name in ("coretemp", "k10temp", "cpu_thermal") if name in named]
        return [float(sensor.current) for chip in chips for sensor in chip]
    return []


def _throttle_count() -> int | None:
    files = list(Path("/sys/devices/system/cpu").glob("cpu*/thermal_throttle/core_throttle_count"))
    with suppress(OSError, ValueError):
        return sum(int(file.read_text()) for file in files) if files else None
    return None


def _on_battery() -> bool:
    read = getattr(psutil, "sensors_battery", None)
    with suppress(Exception):  # psutil lets through whatever a driver answers
        battery = read() if read is not None else None
        return battery is not None and battery.power_plugged is False
    return False
