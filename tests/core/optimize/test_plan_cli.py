"""Plans in the terminal: looked at, saved, used again, and kept to an accuracy."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from core.models.plan import AccuracyTarget, QuantizationPlan, Subgraph
from core.values import from_json
from tests.core.conftest import Made
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


def test_every_flag_reaches_the_plan(terminal: Terminal, tmp_path: Path) -> None:
    saved = tmp_path / "plans" / "mine.json"
    told = terminal(
        "plan", "--plan-name", "mine", "--preset", "mixed", "--subset-size", 30, "--seed", 4,
        "--target", "cpu_amx", "--model-type", "transformer", "--bias-correction", "off",
        "--activation-range", "histogram", "--weight-range", "min_max",
        "--ignore-part", "head", "--ignore-part", "elementwise",
        "--ignore-name", "a", "--ignore-name", "b",
        "--ignore-pattern", "c.*", "--ignore-type", "Add", "--ignore-subgraph", "d", "e",
        "--metric", "voc-map", "--max-drop", 0.03, "--evaluate-images", 40, "--minutes", 2,
        "--attempts", 7, "--choose-by", "nncf", "--output", saved, "--json",
    ).json  # fmt: skip
    plan = QuantizationPlan(
        name="mine",
        preset="mixed",
        subset_size=30,
        seed=4,
        target="cpu_amx",
        model_type="transformer",
        bias_correction="off",
        activation_range="histogram",
        weight_range="min_max",
        ignored_parts=("head", "elementwise"),
        ignored_names=("a", "b"),
        ignored_patterns=("c.*",),
        ignored_types=("Add",),
        ignored_subgraphs=(Subgraph(inputs=("d",), outputs=("e",)),),
        accuracy=AccuracyTarget(
            metric="voc_map", max_drop=0.03, images=40, minutes=2, attempts=7, choosing="nncf"
        ),
    )
    assert from_json(json.dumps(told["plan"]), QuantizationPlan) == plan
    assert len(told["differences"]) == 14
    assert from_json(saved.read_bytes(), QuantizationPlan) == plan
    changed = terminal("plan", "--plan", saved, "--against", saved, "--seed", 5)
    assert changed.out == "Seed: 5 (instead of: 4)\n"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--smooth-attention", "0.5"), "SmoothQuant of attention (0.5) does nothing"),
        (("--smooth-convolutions", "0.15"), "SmoothQuant of convolutions (0.15) does nothing"),
        (("--subset-size", 0), "The plan's number of calibration images is 0."),
        (("--seed", -1), "The plan's seed is -1. Choose one from 0 to 2147483647."),
        (("--seed", 10**400), "The plan's seed is"),
        (
            ("--ignore-pattern", "("),
            "The pattern '(' is not a regular expression that is supported",
        ),
        (("--ignore-pattern", r"(a)\1"), "references to groups"),
        (("--ignore-pattern", "a" * 1001), "has 1,001 characters"),
        (("--ignore-pattern", "((a{999}){999}){999}"), "invalid repetition size"),
        (("--plan", "nowhere.json"), "There is no file nowhere.json"),
        (("--plan", "nowhere.xml"), "Import the model with --output first"),
        (("--max-drop", 2), "The plan's maximum drop is 2. Choose one from 0 to 1."),
        (("--max-drop", "nan"), "nan is not a number that can be used"),
        (("--method", "accuracy-aware", "--minutes", 0), "The plan's time in minutes is 0."),
        (("--minutes", "inf"), "inf is not a number that can be used"),
        (("--method", "default", "--max-drop", 0.1), "The method 'default' has no accuracy target"),
    ],
)
def test_what_makes_no_sense_is_refused(
    terminal: Terminal, flags: tuple[object, ...], words: str
) -> None:
    told = terminal("plan", *flags)
    assert told.status == 2
    assert words in told.err


def test_a_pattern_cannot_keep_the_program_busy(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    """Python's own engine takes longer than 90 s for the first one, and memory for the last."""
    saved = tmp_path / "plan.json"
    patterns = ["(.*)*(.*)*(.*)*x?", "(" * 400 + ")" * 400, "(.?){999}", "(.*)*(.*)*(.*)*!"]
    saved.write_text(json.dumps({"ignored_patterns": patterns}))
    began = time.monotonic()
    told = terminal("plan", made.model, "--plan", saved)
    assert told.status == 2
    assert "The pattern '(.*)*(.*)*(.*)*!' matches the name of no operation" in told.err
    assert time.monotonic() - began < 30  # reading the model included


def test_the_operations_of_a_model(terminal: Terminal, made: Made) -> None:
    told = terminal("plan", made.model, "--ignore-type", "Convolution", "--json").json
    kinds = {one["name"]: one["kind"] for one in told["operations"]}
    assert len(told["parts"]["first_layer"]) == 1
    assert told["ignored"]
    assert {kinds[name] for name in told["ignored"]} == {"Convolution"}


def test_accuracy_aware(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    command = (
        "optimize", made.model, made.images, "--method", "accuracy-aware", "--attempts", 2,
        "--max-drop", 0.0, "--output", tmp_path / "out",
    )  # fmt: skip
    told = terminal(*command, "--json").json
    assert told["outcome"]["attempts"] <= 2
    assert told["outcome"]["images"] == 2
    assert told["outcome"]["reached"] is (told["outcome"]["optimized"] >= 1.0)
    assert told["sentence"].startswith(
        "Reached: accuracy kept" if told["outcome"]["reached"] else "Not reached: agreement"
    )
    assert told["plan"]["accuracy"] is None
    assert told["warnings"][0] == {"type": "few_images", "dataset": "images", "images": 4}
    again = terminal("plan", "--plan", told["model"], "--json").json
    assert again["plan"] == told["plan"]
