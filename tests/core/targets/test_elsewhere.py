"""In which ways a model is judged for its target, on processors of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from core.inference.limited import LimitedDetector
from core.inference.settings import AS_IT_RUNS, TRUE_F32, Arithmetic, Executed, InferenceSettings
from core.models.plan import Target
from core.targets import elsewhere as room
from core.targets import target as targets
from core.targets.elsewhere import Elsewhere, elsewhere, on_target, settings_for
from core.targets.target import Way, machine_target, runs_by_default

EXACT, BF16, SATURATING = Way("exact"), Way("exact", "bf16"), Way("saturating")
IN_BF16 = InferenceSettings(precision_hint="bf16")
SATURATING_RUN = InferenceSettings(precision_hint="f32", int8="saturating")

On = Callable[..., None]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> On:
    """Makes this machine compute INT8 sums so, and the rest by default in that precision.

    It computes in bfloat16 where that is its default, or where it does so when it is `asked`.
    """

    def processor(own: Arithmetic, precision: str, *, asked: bool = False) -> None:
        def computable(
            wanted: tuple[Arithmetic, ...], limited: object, listen: object
        ) -> tuple[Arithmetic, ...]:
            return tuple(one for one in wanted if own == "exact" or one in (own, "exact"))

        monkeypatch.setattr(targets, "int8_arithmetic", lambda: own)
        for module in (targets, room):
            monkeypatch.setattr(module, "default_precision", lambda: precision)
        monkeypatch.setattr(room, "computable", computable)
        monkeypatch.setattr(room, "computes_bf16", lambda: asked or precision == "bf16")
        monkeypatch.setattr(
            room,
            "asked_for",
            lambda one: "as_executed" if one in (None, own) else one,
        )

    return processor


def ran(
    arithmetic: Arithmetic | None, precision: str, settings: InferenceSettings = AS_IT_RUNS
) -> Executed:
    return Executed(
        settings=settings, device_name="", precision="int8", float_precision=precision,
        layers={}, threads=1, arithmetic=arithmetic,
    )  # fmt: skip


def judged(target: Target, run: Executed) -> Elsewhere:
    return elsewhere(target, run, cast(LimitedDetector, None), lambda: None)


def test_a_cpu_that_runs_bfloat16_is_judged_in_it_and_one_without_is_not(on: On) -> None:
    """Whoever ships to a CPU without bfloat16 is not misled by one that has it."""
    on("exact", "bf16")
    here = ran("exact", "bf16")
    assert judged("this_machine", here) == Elsewhere()
    assert judged("cpu_bf16", here) == Elsewhere(), "that is what this machine is"
    assert judged("cpu_amx", here) == Elsewhere()
    assert judged("cpu_vnni", here) == Elsewhere((EXACT,), counts=False)
    assert judged("cpu", here) == Elsewhere((SATURATING,), counts=False)
    assert judged("any", here) == Elsewhere((EXACT, SATURATING))


def test_any_is_judged_in_bfloat16_whatever_the_report_ran_as(on: On) -> None:
    on("exact", "bf16")
    assert judged("any", ran("saturating", "f32", SATURATING_RUN)).ways == (EXACT, BF16)
    assert settings_for(BF16) == AS_IT_RUNS
    assert settings_for(EXACT) == TRUE_F32


def test_whoever_asks_for_f32_has_it_on_every_target(on: On) -> None:
    on("exact", "bf16")
    in_f32 = ran("exact", "f32", TRUE_F32)
    assert judged("cpu_amx", in_f32) == Elsewhere()
    assert judged("any", in_f32) == Elsewhere((SATURATING,))


def test_bfloat16_that_this_machine_has_not_is_not_judged(on: On) -> None:
    on("exact", "f32")
    here = ran("exact", "f32")
    assert judged("cpu_vnni", here) == Elsewhere()
    assert judged("cpu_bf16", here) == Elsewhere((), ("bf16",), counts=False)
    assert judged("any", here).not_judged == ("bf16",)
    on("saturating", "f32")
    there = judged("cpu_amx", ran("saturating", "f32"))
    assert there == Elsewhere((EXACT,), ("bf16",), counts=False), "with float32 in its place"


def test_bfloat16_is_judged_where_this_machine_computes_in_it_when_asked(on: On) -> None:
    """As one with AVX-512 does that has no instructions for it, whose default is float32."""
    on("exact", "f32", asked=True)
    here = ran("exact", "f32")
    assert judged("cpu_bf16", here) == Elsewhere((BF16,), counts=False)
    assert judged("any", here) == Elsewhere((BF16, SATURATING))
    in_bf16 = ran("exact", "bf16", IN_BF16)
    assert settings_for(BF16) == IN_BF16, "by default it would be float32"
    assert judged("cpu_amx", in_bf16) == Elsewhere(), "it was tried: nothing else is left"
    assert judged("any", in_bf16) == Elsewhere((EXACT, SATURATING))
    assert judged("cpu_vnni", in_bf16) == Elsewhere((EXACT,), counts=False), "it has none"
    assert judged("any", ran(None, "f32")) == Elsewhere((Way(None, "bf16"),))
    on("saturating", "f32", asked=True)
    assert judged("any", ran("saturating", "f32")) == Elsewhere((EXACT,), ("bf16",)), (
        "sums are exact beside float32 only"
    )


def test_a_float_model_is_judged_by_its_precision_alone(on: On) -> None:
    on("exact", "bf16")
    assert judged("any", ran(None, "bf16")).ways == (Way(None),)
    assert judged("cpu", ran(None, "bf16")) == Elsewhere((Way(None),), counts=False)
    assert judged("any", ran(None, "f32", TRUE_F32)) == Elsewhere()


def test_another_device_is_judged_where_it_is(on: On) -> None:
    on("exact", "bf16")
    gpu = InferenceSettings(device="GPU.0")
    assert judged("gpu", ran(None, "f16", gpu)) == Elsewhere()
    assert judged("gpu", ran("exact", "bf16")).not_judged == ("gpu",)
    assert judged("cpu_vnni", ran(None, "f16", gpu)) == Elsewhere((EXACT,))
    assert on_target("gpu", "GPU.0")
    assert not on_target("any", "CPU")
    assert on_target("cpu_bf16", "CPU")
    assert not on_target("cpu_vnni", "CPU")


@pytest.mark.parametrize(
    ("own", "precision", "machine"),
    [
        ("saturating", "f32", "cpu"),
        ("exact", "f32", "cpu_vnni"),
        ("exact", "bf16", "cpu_bf16"),
        ("exact", "f16", "cpu_vnni"),  # ARM
    ],
)
def test_what_this_machine_is(on: On, own: Arithmetic, precision: str, machine: Target) -> None:
    on(own, precision)
    assert machine_target() == machine
    assert runs_by_default(machine), "whatever that is"
    assert judged(machine, ran(own, precision)) == Elsewhere()


def test_a_search_tries_the_default_precision_where_the_target_may_have_it(on: On) -> None:
    on("exact", "bf16")
    assert [runs_by_default(one) for one in ("any", "cpu_bf16", "cpu_amx", "gpu")] == [True] * 4
    assert not runs_by_default("cpu_vnni")
    assert not runs_by_default("cpu")
