"""What runs as on a lesser processor finds one, and computes as one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.as_processor import main, played
from tests.support.checkout import run_python

FINDS = """
import subprocess, sys
code = '''
from core.inference.arithmetic import int8_arithmetic
from core.inference.bfloat16 import computes_bf16
from core.inference.machine import this_machine
print(*this_machine("CPU").instruction_sets, int8_arithmetic(), computes_bf16(), sep=", ")
'''
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
"""
FAULTS = "import faulthandler; faulthandler.enable(); faulthandler._sigsegv()"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("avx2", "AVX2, saturating, False"),
        ("avxvnni", "AVX2, AVX-VNNI, exact, False"),
        ("vnni", "AVX2, AVX-512, AVX-512 VNNI, exact, True"),
    ],
)
def test_openvino_and_the_program_find_a_lesser_processor(
    kind: str, expected: str, tmp_path: Path
) -> None:
    """Also in a process of a process."""
    assert run_python(FINDS, **played(kind, tmp_path)).strip() == expected


RUNS = """
from core.inference.bfloat16 import _convolution
from core.inference.compiling import compile_for
from core.inference.executed import executed
from core.inference.settings import InferenceSettings
from core.inference.words import executed_text, run_text
for hint in ("bf16", "f32"):
    settings = InferenceSettings(precision_hint=hint)
    ran = executed(compile_for(_convolution(), settings, "LATENCY"), settings, quantized=False)
    print(executed_text(ran).partition(" (")[0], "|", run_text(ran))
"""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "vnni",
            "asked CPU, bf16; executed bf16 in 1 layer; bf16 is not native here: emulated, slow | "
            "CPU, bf16 (bf16, emulated)",
        ),
        ("avx2", "asked CPU, bf16; executed f32 in 1 layer | CPU, bf16 (f32)"),
    ],
)
def test_bf16_that_is_not_native_is_named(kind: str, expected: str, tmp_path: Path) -> None:
    asked, true_f32 = run_python(RUNS, **played(kind, tmp_path)).strip().splitlines()
    assert asked == expected
    assert true_f32 == "asked CPU, true f32; executed f32 in 1 layer | CPU, true f32"


def test_other_faults_are_those_of_whoever_handles_them(tmp_path: Path) -> None:
    lesser = os.environ | played("avx2", tmp_path)
    found = subprocess.run(
        [sys.executable, "-c", FAULTS], env=lesser, capture_output=True, check=False
    )
    assert found.returncode == -11
    assert b"Fatal Python error: Segmentation fault" in found.stderr


def test_what_cannot_be_played_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["avx2"]) == 2
    assert "usage" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert main(["avx2", "true"]) == 1
    assert capsys.readouterr().err.count(". ") == 1, "what it is, and what to do"
