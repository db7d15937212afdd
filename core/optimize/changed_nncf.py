"""NNCF as it is used here: faster, and with zero among the levels of every quantizer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.optimize.bias_shifts import remembered
from core.optimize.calibration import Infer, fast_calibration
from core.optimize.replacing import replaced
from core.optimize.statistics_cache import StatisticsCache
from core.optimize.zero_level import with_zero


@contextmanager
def changed_nncf(known: StatisticsCache | None, infer: Infer | None) -> Iterator[list[None]]:
    """`nncf.quantize` is so inside, and takes what is `known`.

    Gives a list that has an entry for each range that was moved so that zero is a level.
    """
    from nncf.quantization import fake_quantize

    shifts = None if known is None else known.shifts
    moved: list[None] = []
    tune = with_zero(fake_quantize.tune_range, lambda: moved.append(None))
    faster = fast_calibration(known, infer)
    with faster, remembered(shifts), replaced(fake_quantize, "tune_range", tune):
        yield moved
