"""Whether this processor computes in bfloat16 when it is asked to."""

import platform
import sys

import pytest

from core.inference.bfloat16 import computes_bf16
from core.inference.executed import default_precision
from core.inference.machine import this_machine
from core.runtime import LIMIT
from tests.support.checkout import run_python

ASKED = "from core.inference.bfloat16 import computes_bf16; print(computes_bf16())"


def test_a_processor_whose_default_is_bfloat16_computes_in_it() -> None:
    assert computes_bf16() or default_precision() != "bf16"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
@pytest.mark.skipif(sys.platform != "linux", reason="instruction sets are known on Linux")
def test_one_with_avx_512_does_when_asked_and_one_limited_to_avx2_does_not() -> None:
    if "AVX-512" in this_machine("CPU").instruction_sets:
        assert computes_bf16()
    assert run_python(ASKED, **{LIMIT: "AVX2"}).strip() == "False"
