"""Medians, spreads and intervals of measured rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.benchmark.plan import Interval, Latency, Spread

RESAMPLES = 2000


def spread(rounds: Sequence[float]) -> Spread:
    """Median and quartiles."""
    low, median, high = np.quantile(np.asarray(rounds), [0.25, 0.5, 0.75])
    return Spread(median=float(median), low=float(low), high=float(high))


def latency(samples_ms: Sequence[Sequence[float]]) -> Latency:
    """Percentiles of all samples, and the spread of the rounds' medians."""
    p50, p90, p99 = np.quantile(
        np.concatenate([np.asarray(s) for s in samples_ms]), [0.5, 0.9, 0.99]
    )
    return Latency(
        p50=float(p50),
        p90=float(p90),
        p99=float(p99),
        p50_spread=spread([float(np.median(samples)) for samples in samples_ms]),
    )


def ratio_interval(
    numerator: Sequence[float], denominator: Sequence[float], seed: int = 0
) -> Interval:
    """Median of the rounds' ratios with its 95 % percentile bootstrap interval.

    Round i of both was measured within the same moments, so that their ratio is paired: what
    slowed the machine down slowed both. (Efron and Tibshirani 1993, section 13.3.)
    """
    ratios = np.asarray(numerator, np.float64) / np.asarray(denominator, np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(ratios), (RESAMPLES, len(ratios)))
    medians = np.median(ratios[drawn], axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return Interval(value=float(np.median(ratios)), low=float(low), high=float(high))
