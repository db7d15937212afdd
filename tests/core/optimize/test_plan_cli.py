"""Plans in the terminal: looked at, saved, used again, and kept to an accuracy."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from core.models.plan import AccuracyTarget, QuantizationPlan, Subgraph
from core.models.stored import load_stored
from core.values import from_json
from tests.core.conftest import Made
from tests.support import models
from tests.support.blobs import blob_images
from tests.support.resizable import red_finder
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


def test_every_flag_reaches_the_plan(terminal: Terminal, tmp_path: Path) -> None:
    saved = tmp_path / "plans" / "mine.json"
    said = terminal(
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
    assert from_json(json.dumps(said["plan"]), QuantizationPlan) == plan
    assert len(said["differences"]) == 14
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
    said = terminal("plan", *flags)
    assert said.status == 2
    assert words in said.err


@pytest.mark.parametrize("flags", [("--minutes", 6), ("--max-drop", 0.1)])
def test_a_search_says_by_what_else_its_time_and_loss_are_given(
    terminal: Terminal, flags: tuple[object, ...], tmp_path: Path
) -> None:
    said = terminal("optimize", "model.xml", tmp_path, "--search", *flags, "--output", "out")
    assert said.status == 2
    assert "--max-loss" in said.err
    assert "--budget-minutes" in said.err


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"presett": "mixed"}, "presett is not known (did you mean preset?)"),
        ({"accuracy": {"max_dropp": 0.1}}, "accuracy.max_dropp is not known (did you mean"),
        ({"plan": {"preset": "mixed"}}, "plan is not known."),
    ],
)
def test_a_misspelt_setting_of_a_plan_is_refused(
    terminal: Terminal, tmp_path: Path, written: dict[str, object], words: str
) -> None:
    """It would be taken for the default plan, without a word."""
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(written))
    said = terminal("plan", "--plan", plan)
    assert said.status == 2
    assert words in said.err


def test_a_pattern_cannot_keep_the_program_busy(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    """Python's own engine takes longer than 90 s for the first one, and memory for the last."""
    saved = tmp_path / "plan.json"
    patterns = ["(.*)*(.*)*(.*)*x?", "(" * 400 + ")" * 400, "(.?){999}", "(.*)*(.*)*(.*)*!"]
    saved.write_text(json.dumps({"ignored_patterns": patterns}))
    began = time.monotonic()
    said = terminal("plan", made.model, "--plan", saved)
    assert said.status == 2
    assert "The pattern '(.*)*(.*)*(.*)*!' matches the name of no operation" in said.err
    assert time.monotonic() - began < 30  # reading the model included


def test_the_operations_of_a_model(terminal: Terminal, made: Made) -> None:
    said = terminal("plan", made.model, "--ignore-type", "Convolution", "--json").json
    kinds = {one["name"]: one["kind"] for one in said["operations"]}
    assert len(said["parts"]["first_layer"]) == 1
    assert said["ignored"]
    assert {kinds[name] for name in said["ignored"]} == {"Convolution"}


def test_accuracy_aware(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    command = (
        "optimize", made.model, made.images, "--method", "accuracy-aware", "--attempts", 2,
        "--max-drop", 0.0, "--output", tmp_path / "out",
    )  # fmt: skip
    said = terminal(*command, "--json").json
    assert said["outcome"]["attempts"] <= 2
    assert said["outcome"]["images"] == 2
    assert said["outcome"]["reached"] is (said["outcome"]["optimized"] >= 1.0)
    assert said["sentence"].startswith(
        "Reached: accuracy kept" if said["outcome"]["reached"] else "Not reached: agreement"
    )
    assert said["plan"]["accuracy"] is None
    assert said["warnings"][0] == {"type": "few_images", "dataset": "images", "images": 4}
    again = terminal("plan", "--plan", said["model"], "--json").json
    assert again["plan"] == said["plan"]


def test_a_plan_changes_the_input(terminal: Terminal, tmp_path: Path) -> None:
    """Another size, and preprocessing inside: card, plan and a copy that is imported know both."""
    model = models.save(red_finder(), tmp_path / "model", "reds", ["red"])
    images = blob_images(tmp_path / "images")[0].parent
    done = terminal(
        "optimize", model, images, "--input-size", "96x64", "--preprocessing", "inside",
        "--output", tmp_path / "out", "--json",
    ).json  # fmt: skip
    assert done["plan"]["input_size"] == {"width": 96, "height": 64}
    card = load_stored(Path(done["model"])).card
    assert card.info.inputs[0].shape == (1, 64, 96, 3)
    assert card.input_before is not None
    assert (card.input_before.width, card.input_before.element_type) == (64, "f32")
    said = terminal("inspect", done["model"]).out
    assert "96x64" in said
    fixed = models.save(models.ssd(), tmp_path / "fixed", "ssd", models.CLASSES)
    refused = terminal(
        "optimize", fixed, images, "--input-size", "96x96", "--output", tmp_path / "none"
    )
    assert "cannot take images of 96x96" in refused.err
    assert not (tmp_path / "none").exists()
    for flags in (("--input-size", "96"), ("--input-size", "96x96", "--method", "accuracy-aware")):
        assert terminal("plan", *flags).status != 0
