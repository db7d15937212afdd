"""What NNCF's fast correction of biases found, for the next plan that quantizes a layer alike.

NNCF compiles each layer as a network of its own and runs it once. Plans of one search quantize
most layers alike: then that network is the same, and so are its input and what comes of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from core.models.same_network import hash_of_network
from core.optimize.replacing import replaced

Shifts = dict[bytes, Any]
"""By a hash of everything that decides them."""


@contextmanager
def remembered(shifts: Shifts | None) -> Iterator[None]:
    """`nncf.quantize` takes known shifts, and adds those that are not; None: as it does."""
    from nncf.quantization.algorithms.fast_bias_correction.algorithm import FastBiasCorrection

    if shifts is None:
        yield
        return
    original = FastBiasCorrection._get_bias_shift

    def found(
        correction: Any, model: Any, input_blob: dict[str, Any], *given: Any, **named: Any
    ) -> Any:
        def compute() -> Any:
            return original(correction, model, input_blob, *given, **named)

        output_fp = named.get("output_fp")
        key = None if given or output_fp is None else _key(model, input_blob, named)
        return compute() if key is None else _taken(shifts, key, compute)

    with replaced(FastBiasCorrection, "_get_bias_shift", found):
        yield


def _taken(shifts: Shifts, key: bytes, compute: Callable[[], Any]) -> Any:
    if key not in shifts:
        shifts[key] = compute()
    return shifts[key]


def _key(model: Any, input_blob: dict[str, Any], named: dict[str, Any]) -> bytes | None:
    """None where the layer cannot be told from others."""
    network = hash_of_network(model)
    if network is None:
        return None
    digest = hashlib.sha256(network)
    arrays = [*input_blob.values(), *(one.data for one in named["output_fp"])]
    for one in map(np.ascontiguousarray, arrays):
        digest.update(f"\0{one.dtype} {one.shape}\0".encode())
        digest.update(one.view(np.uint8).data if one.size else b"")
    digest.update(f"{named['output_channel_axis']}".encode())
    return digest.digest()
