"""`python -m tests.support.as_processor KIND COMMAND...`: as on a lesser processor.

Kinds: ``avx2`` (AVX2 alone: sums of INT8 saturate, no bfloat16), ``avxvnni`` (AVX2 with AVX-VNNI),
``vnni`` (AVX-512 with VNNI; neither bfloat16 of its own nor AMX). OpenVINO finds, chooses and runs
the kernels of such a processor; clock and caches remain those of this one. So tests and benchmarks
can be run for the processors of others, on Linux, where this one has more. What runs on a host that
is reached by SSH is told the same by the suite's server.

Results lie in caches by what /proc/cpuinfo says, too, which is shown without what is taken out.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.errors import InputError, WorkbenchError

NEEDS = {"avx2": "avx2", "avxvnni": "avx_vnni", "vnni": "avx512_vnni"}  # flags of /proc/cpuinfo
VARIABLES = ("LD_PRELOAD", "LESSER_PROCESSOR", "LESSER_CPUINFO")
_SOURCE = Path(__file__).with_name("lesser_processor.c")
_CPUINFO = Path("/proc/cpuinfo")
_TAKEN_OUT = {
    "avx2": r"avx512\w*|amx_\w+|avx_vnni\w*|avx10\w*",
    "avxvnni": r"avx512\w*|amx_\w+|avx10\w*",
    "vnni": r"avx512_bf16|avx512_fp16|amx_\w+|avx_vnni\w*|avx10\w*",
}


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    if len(arguments) < 2 or arguments[0] not in NEEDS:
        print(f"usage: as_processor {{{','.join(NEEDS)}}} COMMAND...", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | variables(arguments[0], Path(folder))
            return subprocess.run(arguments[1:], env=environment, check=False).returncode
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return 1


def variables(kind: str, folder: Path) -> dict[str, str]:
    """What is set for a process that shall find such a processor; files are made in `folder`.

    Raises WorkbenchError where this machine cannot play it.
    """
    flags = set(_flags())
    if sys.platform != "linux" or platform.machine() != "x86_64" or "cpuid_fault" not in flags:
        raise InputError(
            "This machine does not let CPUID fault.", "Use Linux on an x86-64 processor of Intel's."
        )
    if "LESSER_PROCESSOR" in os.environ:
        raise InputError("A lesser processor is played already.", "Ask outside of it.")
    if NEEDS[kind] not in flags:
        raise InputError(f"This processor has no {NEEDS[kind]}.", "Use one that has it.")
    if (compiler := shutil.which("cc")) is None:
        raise InputError("There is no C compiler here.", "Install gcc, or another one named cc.")
    library, cpuinfo = folder / "lesser_processor.so", folder / "cpuinfo"
    line = [compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"]
    made = subprocess.run(line, capture_output=True, text=True, check=False)
    if made.returncode:
        raise WorkbenchError(
            f"{_SOURCE.name} cannot be compiled: {made.stderr}", "See what it says."
        )
    without = re.compile(rf" (?:{_TAKEN_OUT[kind]})\b")
    cpuinfo.write_text(without.sub("", _CPUINFO.read_text()))
    before = f":{os.environ['LD_PRELOAD']}" if os.environ.get("LD_PRELOAD") else ""
    return dict(zip(VARIABLES, (f"{library}{before}", kind, str(cpuinfo)), strict=True))


def played(kind: str, folder: Path) -> dict[str, str]:
    """The same of a test, which is skipped where this machine cannot play it."""
    import pytest

    try:
        return variables(kind, folder)
    except InputError as error:
        pytest.skip(str(error))


def _flags() -> list[str]:
    try:
        lines = _CPUINFO.read_text().splitlines()
    except OSError:
        return []
    return next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
