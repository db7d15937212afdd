"""INT8 arithmetic is known by computing, not by a processor's name."""

import platform
import sys

import pytest

from core.inference.arithmetic import int8_arithmetic
from core.inference.machine import this_machine
from core.runtime import LIMIT
from tests.support.arithmetic import ByArithmetic
from tests.support.checkout import run_python

FIND = "from core.inference.arithmetic import int8_arithmetic; print(int8_arithmetic())"
NO_LIMIT = ""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
@pytest.mark.parametrize("limit", ["AVX2", "AVX512_CORE"])
def test_without_vnni_it_saturates(limit: str) -> None:
    """A limit takes VNNI from a processor that has it."""
    assert run_python(FIND, **{LIMIT: limit}).strip() == "saturating"


@pytest.mark.skipif(sys.platform != "linux", reason="instruction sets are known on Linux alone")
def test_a_processor_with_products_of_8_bits_is_exact() -> None:
    expected = "exact" if this_machine("CPU").fast_int8 else "saturating"
    assert run_python(FIND, **{LIMIT: NO_LIMIT}).strip() == expected


def test_a_figure_has_a_value_for_each() -> None:
    figure = ByArithmetic(exact=0.189, saturating=0.049)
    assert figure.here == {"exact": 0.189, "saturating": 0.049}[int8_arithmetic()]
