"""scipy's linear algebra is not loaded with NNCF, and is there for who uses it."""

from __future__ import annotations

import pytest

from tests.support.checkout import run_python

IMPORTED = """
import sys
from core.optimize.importing_nncf import import_nncf
assert import_nncf() is __import__("nncf")
print(sorted(name for name in sys.modules if name.partition(".")[0] == "scipy"))
"""

SOLVED = """
from core.optimize.importing_nncf import import_nncf
import_nncf()
import numpy as np
from nncf.tensor import Tensor
from nncf.tensor.functions.linalg import lstsq
a, b = np.array([[2.0, 0.0], [0.0, 4.0], [0.0, 0.0]]), np.array([2.0, 8.0, 1.0])
print(lstsq(Tensor(a), Tensor(b)).data.round(6).tolist())
"""

WAYS = {
    "from scipy.linalg import inv": "inv([[2.0]]).tolist()",
    "import scipy": "scipy.linalg.inv([[2.0]]).tolist()",
    "import scipy.linalg": "scipy.linalg.inv([[2.0]]).tolist()",
    "from scipy.linalg.blas import ddot": "[[ddot([0.5], [1.0])]]",
}


def test_nncf_is_imported_without_it() -> None:
    assert run_python(IMPORTED).strip() == "[]"


def test_nncf_solves_by_it() -> None:
    assert run_python(SOLVED).strip() == "[1.0, 2.0]"


@pytest.mark.parametrize("way", WAYS)
def test_others_import_it_as_ever(way: str) -> None:
    first = "from core.optimize.importing_nncf import import_nncf\nimport_nncf()"
    assert run_python(f"{first}\n{way}\nprint({WAYS[way]})").strip() == "[[0.5]]"
