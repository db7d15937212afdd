"""The one function of scipy.linalg that NNCF names, in nncf.tensor.functions.numpy_linalg."""

from typing import Any

import numpy as np


def lstsq(a: Any, b: Any, cond: float | None = None, **_: Any) -> Any:
    """Least squares as `scipy.linalg.lstsq`: solution, residues, rank and singular values.

    `cond` is the same ratio to the largest singular value as numpy's `rcond`.
    """
    return np.linalg.lstsq(a, b, rcond=cond)
