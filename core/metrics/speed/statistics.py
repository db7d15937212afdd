"""Medians, spreads and intervals of measured rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.speed.figures import MIN_ROUNDS, Interval, Latency, Spread, Verdict

RESAMPLES = 2000


def spread(rounds: Sequence[float]) -> Spread:
    """Median and quartiles."""
    low, median, high = np.quantile(np.asarray(rounds), [0.25, 0.5, 0.75])
    return Spread(median=float(median), low=float(low), high=float(high))


def latency(samples_ms: Sequence[ArrayLike]) -> Latency:
    """Percentiles of all samples, and the spread of the rounds' medians."""
    every = np.concatenate([np.asarray(samples) for samples in samples_ms])
    p50, p90, p95, p99 = (float(q) for q in np.quantile(every, [0.5, 0.9, 0.95, 0.99]))
    return Latency(
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        min=float(every.min()),
        max=float(every.max()),
        p50_spread=spread([float(np.median(np.asarray(samples))) for samples in samples_ms]),
    )


def ratio_interval(
    numerator: Sequence[float], denominator: Sequence[float], seed: int = 0
) -> Interval:
    """Median of the rounds' ratios with its 95% percentile bootstrap interval.

    Round i of both was measured within the same moments, so that their ratio is paired: what
    slowed the machine down slowed both. (Efron and Tibshirani 1993, section 13.3.)
    """
    return spread_interval(
        np.asarray(numerator, np.float64) / np.asarray(denominator, np.float64), seed
    )


def spread_interval(rounds: Sequence[float] | NDArray[np.float64], seed: int = 0) -> Interval:
    """Median of the rounds with its 95% percentile bootstrap interval."""
    values = np.asarray(rounds, np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    medians = np.median(values[drawn], axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return Interval(value=float(np.median(values)), low=float(low), high=float(high))


def verdict(interval: Interval, rounds: int) -> Verdict:
    """What a ratio of so many rounds says, in a word."""
    if rounds < MIN_ROUNDS:
        return "too few rounds"
    if not interval.differs_from_one:
        return "within the noise"
    return "faster" if interval.value > 1 else "slower"


def width(interval: Interval) -> float:
    """Of the interval, as a share of the ratio."""
    return (interval.high - interval.low) / interval.value
