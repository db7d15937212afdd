"""How a model runs when nothing else is asked for, and whether a run computed as the target."""

import pytest

from core.inference.limited import LimitedDetector
from core.inference.settings import TRUE_F32, Arithmetic, Executed, InferenceSettings
from core.models.plan import Target
from core.targets.elsewhere import computes_as, runs_as

_Machine = tuple[Arithmetic, str, bool]  # INT8 sums, the default precision, bfloat16 when asked

_PLAIN = InferenceSettings()
_EXACT = InferenceSettings(precision_hint="f32", int8="exact")
_SATURATING = InferenceSettings(precision_hint="f32", int8="saturating")
_IN_BF16 = InferenceSettings(precision_hint="bf16")
_BF16: _Machine = ("exact", "bf16", True)
_VNNI: _Machine = ("exact", "f32", False)
_ROUNDS: _Machine = ("exact", "f32", True)  # AVX-512 without instructions for bfloat16
_AVX2: _Machine = ("saturating", "f32", False)


_ABILITIES = ("int8_arithmetic", "default_precision", "computes_bf16")


class _Limited(LimitedDetector):
    def saturates(self, listen: object = None) -> bool:
        return True


def _stand_in(monkeypatch: pytest.MonkeyPatch, machine: _Machine) -> None:
    for module in ("core.targets.target", "core.targets.elsewhere", "core.inference.limited"):
        for name, value in zip(_ABILITIES, machine, strict=True):
            monkeypatch.setattr(f"{module}.{name}", lambda value=value: value, raising=False)


@pytest.mark.parametrize(
    ("machine", "target", "wanted"),
    [
        (_BF16, "this_machine", _PLAIN),
        (_BF16, "any", _PLAIN),
        (_BF16, "gpu", _PLAIN),
        (_BF16, "cpu", _SATURATING),
        (_BF16, "cpu_vnni", TRUE_F32),
        (_BF16, "cpu_bf16", _PLAIN),
        (_BF16, "cpu_amx", _PLAIN),
        (_VNNI, "cpu", _SATURATING),
        (_VNNI, "cpu_vnni", _PLAIN),
        (_VNNI, "cpu_amx", _PLAIN),  # bfloat16 is not judged: f32 was not asked for
        (_ROUNDS, "cpu_bf16", _IN_BF16),
        (_ROUNDS, "cpu_amx", _IN_BF16),
        (_ROUNDS, "cpu_vnni", _PLAIN),
        (_ROUNDS, "any", _PLAIN),
        (_AVX2, "cpu", _PLAIN),
        (_AVX2, "cpu_vnni", _EXACT),
        (_AVX2, "cpu_bf16", _EXACT),
    ],
)
def test_a_quantized_model_runs_as_its_target_computes(
    monkeypatch: pytest.MonkeyPatch,
    machine: _Machine,
    target: Target,
    wanted: InferenceSettings,
) -> None:
    _stand_in(monkeypatch, machine)
    assert runs_as(target, "CPU", _Limited(), lambda: None, quantized=True) == wanted


def test_a_float_model_has_no_sums_that_saturate(monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, _BF16)
    assert runs_as("cpu", "CPU", LimitedDetector(), lambda: None, quantized=False) == TRUE_F32
    _stand_in(monkeypatch, _AVX2)
    assert runs_as("cpu_vnni", "CPU", LimitedDetector(), lambda: None, quantized=False) == TRUE_F32


def test_the_device_of_a_project_counts_where_the_target_is_no_cpu() -> None:
    for target in ("this_machine", "any", "gpu"):
        found = runs_as(target, "GPU", LimitedDetector(), lambda: None, quantized=True)
        assert found == InferenceSettings(device="GPU")


@pytest.mark.parametrize(
    ("target", "settings", "precision", "arithmetic", "same"),
    [
        ("cpu", _SATURATING, "f32", "saturating", True),
        ("cpu", _PLAIN, "f32", "exact", False),
        ("cpu", TRUE_F32, "f32", None, True),
        ("cpu", _PLAIN, "bf16", None, False),
        ("cpu_vnni", _EXACT, "f32", "exact", True),
        ("cpu_bf16", _PLAIN, "bf16", "exact", True),
        ("cpu_bf16", _PLAIN, "f32", "exact", False),
        ("any", _PLAIN, "bf16", "exact", False),
        ("any", TRUE_F32, "f32", None, False),
        ("gpu", _PLAIN, "f32", "exact", False),
        ("gpu", InferenceSettings(device="GPU.0"), "f16", None, True),
        ("cpu", InferenceSettings(device="GPU.0"), "f16", None, False),
    ],
)
def test_whether_a_run_is_what_the_target_computes(
    target: Target,
    settings: InferenceSettings,
    precision: str,
    arithmetic: Arithmetic | None,
    same: bool,
) -> None:
    ran = Executed(
        settings=settings, device_name="a CPU", precision="int8", float_precision=precision,
        layers={}, threads=2, arithmetic=arithmetic,
    )  # fmt: skip
    assert computes_as(target, ran) is same
