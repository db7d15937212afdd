"""What the processor that tests run on is able to."""

from core.inference.arithmetic import int8_arithmetic
from core.inference.bfloat16 import computes_bf16


def judges_bf16() -> bool:
    """Whether an INT8 model can be judged here with exact sums and the rest in bfloat16."""
    return computes_bf16() and int8_arithmetic() != "saturating"
