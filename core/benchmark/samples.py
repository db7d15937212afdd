"""The raw samples of a benchmark, and the file that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from core.arrays import expect, load_arrays, save_arrays
from core.benchmark.parts import PARTS, Parts
from core.errors import WorkbenchError
from core.files import why

SAMPLES_FILE = "samples.npz"


@dataclass(frozen=True, eq=False)
class Turn:
    """What a run did in one round: images per second, and milliseconds of each inference.

    `parts_ms` are there where it went to boxes.
    """

    fps: float
    latencies_ms: NDArray[np.float32]
    parts_ms: Parts | None = None

    @property
    def median_ms(self) -> float:
        """Of its inferences."""
        return float(np.median(self.latencies_ms))


@dataclass(eq=False)
class Samples:
    """The turns of one run, a round each."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def fps(self) -> list[float]:
        """Throughput of every round."""
        return [turn.fps for turn in self.turns]

    @property
    def medians_ms(self) -> list[float]:
        """Median latency of every round."""
        return [turn.median_ms for turn in self.turns]

    @property
    def parts_ms(self) -> list[Parts]:
        """Of every round that has them."""
        return [turn.parts_ms for turn in self.turns if turn.parts_ms is not None]

    @property
    def inferences(self) -> int:
        """How many there were in all rounds together."""
        return sum(len(turn.latencies_ms) for turn in self.turns)

    @property
    def latencies_ms(self) -> NDArray[np.float32]:
        """Of all inferences of all rounds."""
        return np.concatenate([turn.latencies_ms for turn in self.turns])


def save_samples(path: Path, runs: Iterable[Samples]) -> None:
    """Write the samples of every run, in the order of the result's runs."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for number, samples in enumerate(runs):
        arrays[f"fps_{number}"] = np.array(samples.fps, np.float64)
        arrays[f"counts_{number}"] = np.array([len(t.latencies_ms) for t in samples.turns])
        arrays[f"latencies_ms_{number}"] = samples.latencies_ms
        if parts := samples.parts_ms:
            arrays[f"parts_ms_{number}"] = np.array([astuple(one) for one in parts], np.float64)
    save_arrays(path, arrays)


def load_samples(path: Path, runs: int) -> Sequence[Samples]:
    """The samples of so many runs; raises WorkbenchError where they cannot be read."""
    try:
        columns = load_arrays(path)
        if sum(name.startswith("fps_") for name in columns) != runs:
            raise ValueError("they are of another benchmark")
        return [
            _run(
                columns[f"fps_{number}"],
                columns[f"counts_{number}"],
                columns[f"latencies_ms_{number}"],
                columns.get(f"parts_ms_{number}"),
            )
            for number in range(runs)
        ]
    except (OSError, ValueError, KeyError) as error:
        raise WorkbenchError(
            f"The samples in {path} cannot be read: {why(error)}.", "Run the benchmark again."
        ) from error


def _run(
    fps: NDArray[np.float64],
    counts: NDArray[np.int64],
    latencies: NDArray[np.float32],
    parts_ms: NDArray[np.float64] | None,
) -> Samples:
    """One run's; raises ValueError where the arrays are not those that were written."""
    expect("fps", fps, (len(counts),), np.float64)
    expect("counts", counts, (len(fps),), np.int64)
    expect("latencies_ms", latencies, (int(counts.sum()),), np.float32)
    if (counts < 1).any() or not (np.isfinite(fps).all() and np.isfinite(latencies).all()):
        raise ValueError("they are no measurements")
    split = np.split(latencies, np.cumsum(counts)[:-1])
    each: Sequence[Parts | None] = [None] * len(fps)
    if parts_ms is not None:
        expect("parts_ms", parts_ms, (len(fps), len(PARTS)), np.float64)
        if not (np.isfinite(parts_ms).all() and (parts_ms > 0).all()):
            raise ValueError("they are no measurements")
        each = [Parts.of(row) for row in parts_ms.tolist()]
    turns = zip(fps.tolist(), split, each, strict=True)
    return Samples([Turn(*turn) for turn in turns])
