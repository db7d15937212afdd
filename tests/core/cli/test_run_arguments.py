"""How a model is to run, from the terminal: flags of predict, report, check, search, benchmark."""

from __future__ import annotations

import json
import platform
from html import escape
from pathlib import Path
from typing import Any

import pytest

from core.inference.arithmetic import int8_arithmetic
from core.inference.executed import default_precision
from core.inference.processor import Processor, this_processor
from core.inference.processor_words import processor_sentence
from core.inference.settings import AS_IT_RUNS, TRUE_F32
from core.inference.words import SUMS
from core.values import from_json, to_json, to_plain
from tests.core.conftest import Made
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "{parent}", "{images}"),
        ("report", "{parent}", "{int8}", "{images}"),
        ("report", "{parent}", "{int8}", "{images}", "--kind", "tensor-distance"),
        ("check", "{parent}", "{int8}", "{images}", "--accuracy-kept", "0.9"),
        ("optimize", "{parent}", "{images}", "--search"),
        ("benchmark", "{parent}"),
    ],
    ids=lambda command: " ".join(command[:1] + command[4:]),
)
def test_a_device_that_is_not_there_is_refused_before_work(
    terminal: Terminal, made: Made, tmp_path: Path, command: tuple[str, ...]
) -> None:
    places = {"parent": made.model, "int8": made.int8, "images": made.images}
    output = () if command[0] == "check" else ("--output", tmp_path / "output")
    words = [one.format(**places) for one in command]
    found = terminal(*words, *output, "--device", "TOASTER")
    assert found.status == 2
    assert "OpenVINO has no device TOASTER here. The devices of this machine: CPU (" in found.err
    assert not (tmp_path / "output").exists()


def test_a_prediction_says_how_the_model_ran(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    int8 = made.int8
    output = tmp_path / "found.json"
    how = ("--exact-int8", "--json")
    ran = terminal("predict", int8, made.images, "--output", output, *how).json["executed"]
    assert (ran["settings"]["int8"], ran["arithmetic"]) == ("exact", "exact")
    assert "int8" not in ran["layers"]
    on_auto = ("--device", "AUTO", "--precision-hint", "default")
    answer = terminal("predict", int8, made.images, "--output", output, *on_auto)
    assert "The model: asked AUTO, default; executed int8 in 5 layers" in answer.out
    assert SUMS[int8_arithmetic()] in answer.out, "AUTO has the CPU alone to choose here"
    refused = terminal("predict", int8, made.images, "--output", output, "--exact-int8", *on_auto)
    assert refused.status == 2
    assert "How INT8 is computed can be chosen on the CPU only, not on AUTO" in refused.err


def test_a_benchmark_says_what_auto_chose_and_its_sums(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    where = ("--output", tmp_path / "speed")
    command = ("benchmark", made.int8, "--device", "AUTO", "--seconds", "0.1", *where)
    found = json.loads(terminal(*command, "--json").out)
    ran = {(*run["devices"], run["arithmetic"]) for run in found["runs"]}
    assert ran == {("CPU", int8_arithmetic())}
    assert (
        f"int8, {SUMS[int8_arithmetic()]}"
        in terminal("benchmark", made.int8, *where, "--resume").out
    )


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_a_prediction_is_made_as_without_vnni(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    int8 = made.int8
    command = ("predict", int8, made.images, "--output", tmp_path / "found.json")
    ran = terminal(*command, "--saturating-int8", "--json").json["executed"]
    assert (ran["settings"]["int8"], ran["arithmetic"]) == ("saturating", "saturating")
    assert (
        "asked CPU, INT8 without VNNI; executed int8" in terminal(*command, "--saturating-int8").out
    )
    both = terminal(*command, "--saturating-int8", "--exact-int8")
    assert both.status == 2
    assert "INT8 is exact or saturates, not both." in both.err


def test_a_report_is_of_what_was_asked_for(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    models = made.model, made.int8
    output = tmp_path / "ways"
    answer = terminal(
        "report", *models, made.images, "--output", output, "--kind", "two-ways",
        "--device", "AUTO", "--precision-hint", "f32", "--against-exact-int8", "--html",
    )  # fmt: skip
    sentence = processor_sentence(this_processor())
    assert sentence in answer.out
    assert escape(sentence) in (output / "report.html").read_text("utf-8")
    assert answer.status == 0, answer.err
    assert "A: asked AUTO, true f32; executed int8 in 5 layers" in answer.out
    assert "B: asked CPU, exact INT8; executed f32 in 5 layers, INT8 sums exact" in answer.out
    found = json.loads((output / "report.json").read_text("utf-8"))
    assert found["parent"] == found["optimized"], "it is of one model"
    assert found["optimized_executed"]["settings"]["device"] == "AUTO"
    assert (output / "a-detections.json").is_file()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_a_report_runs_as_its_target_computes_unless_another_way_is_asked_for(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    command = ("report", made.model, made.int8, made.images, "--target", "cpu")

    def ran(*more: str) -> dict[str, object]:
        found = terminal(*command, "--output", tmp_path / "-".join(("of", *more)), "--json", *more)
        assert from_json(to_json(found.json["processor"]), Processor) == this_processor()
        executed: dict[str, object] = found.json["optimized_executed"]
        return executed

    assert ran()["arithmetic"] == "saturating"
    assert ran("--kind", "two-ways")["arithmetic"] == "saturating"
    asked = ran("--precision-hint", "default")["settings"]
    assert asked == {"device": "CPU", "precision_hint": "default", "int8": "as_executed"}


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_a_prediction_runs_as_its_target_computes_unless_another_way_is_asked_for(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    command = ("predict", made.int8, made.images, "--output", tmp_path / "f.json")

    def ran(*more: str) -> dict[str, Any]:
        executed: dict[str, Any] = terminal(*command, "--json", *more).json["executed"]
        return executed

    assert ran()["settings"] == to_plain(AS_IT_RUNS)
    there = ran("--target", "cpu")
    assert (there["arithmetic"], there["float_precision"]) == ("saturating", "f32")
    asked = ran("--target", "cpu", "--precision-hint", "f32")["settings"]
    assert asked == to_plain(TRUE_F32)
    refused = terminal(*command, "--target", "cpu", "--exact-int8")
    assert (refused.status, refused.out) == (2, "")
    assert "The target cpu and --exact-int8 both say how INT8 is computed" in refused.err


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="instructions of x86")
def test_a_check_runs_the_optimized_model_only_as_its_target_computes(
    terminal: Terminal, made: Made
) -> None:
    models = made.model, made.int8
    command = ("check", *models, made.images, "--predictions-changed", "0.5", "--json")

    def ran(*more: str) -> list[tuple[str, str]]:
        _, *optimized = json.loads(terminal(*command, *more).out)["executions"]
        return [(one["arithmetic"], one["float_precision"]) for one in optimized]

    assert ran("--target", "cpu") == [("saturating", "f32")]
    assert ran("--target", "cpu_vnni") == [("exact", "f32")]
    assert ran("--target", "this_machine") == [(int8_arithmetic(), default_precision())]


def test_a_check_refuses_sums_that_the_target_of_the_plan_never_has(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    optimized = tmp_path / "for exact sums"
    plan = ("--target", "cpu_vnni", "--subset-size", "4", "--output", optimized)
    assert terminal("optimize", made.model, made.images, *plan).status == 0
    command = ("check", made.model, optimized, made.images, "--size-mb", "9", "--saturating-int8")
    found = terminal(*command)
    assert (found.status, found.out) == (2, "")
    assert (
        "The target cpu_vnni of the model's plan and --saturating-int8 both say how INT8 is "
        "computed, and differ. Leave --saturating-int8 out, or choose another --target."
    ) in found.err
    assert terminal(*command, "--target", "any").status == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--target", "cpu", "--exact-int8"), "both say how INT8 is computed, and differ."),
        (("--target", "cpu_amx", "--saturating-int8"), "and differ."),
        (
            ("--safe-kept", "0.3", "--not-safe-kept", "0.9"),
            "No model can be judged so: safe from 0.3 on is not above not safe below 0.9.",
        ),
        (("--safe-kept", "0.9"), "safe from 0.9 on is not above not safe below 0.94"),
        (("--against-device", "CPU"), "cannot be against another."),
        (("--against-precision-hint", "f32"), "cannot be against another."),
    ],
)
def test_flags_that_contradict_or_do_nothing_are_refused(
    terminal: Terminal, made: Made, tmp_path: Path, flags: tuple[str, ...], said: str
) -> None:
    models = made.model, made.int8
    found = terminal("report", *models, made.images, "--output", tmp_path / "out", *flags)
    assert found.status == 2
    assert said in found.err
    assert not (tmp_path / "out").exists()
