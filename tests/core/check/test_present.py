"""Limits that a project has now: what it meets itself, by its newest reports and benchmark."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.benchmark.service import plan_benchmark
from core.benchmark.settings import BenchmarkSettings
from core.check.deciding import Figure, decide
from core.check.limits import KINDS, LimitName, read_limits
from core.check.measuring import sizes
from core.check.present import Present, present_figures, present_target, starting_limit
from core.errors import InputError
from core.inference.settings import AS_IT_RUNS
from core.metrics.comparison.bootstrap import Interval
from core.models.plan import Target
from core.reports.service import plan_report
from core.targets.target import machine_target
from core.wording.limits_file import limits_file
from tests.core.conftest import Made
from tests.support.jobs import run


@pytest.mark.parametrize(
    ("limit", "low", "high", "allowed"),
    [
        ("accuracy_kept", 0.98765, 0.99, 0.987),
        ("accuracy_kept", 0.9869999999, 0.99, 0.986),
        ("ap_drop", -0.02, 0.00321, 0.0033),
        ("ap_drop", -0.02, -0.01, 0.0),  # a gain is no demand for another one
        ("predictions_changed", 0.02, 0.0501, 0.051),
        ("throughput_ratio", 1.789, 2.0, 1.78),
        ("latency_ms", 4.0, 5.001, 5.01),
        ("size_mb", 2.535414, 2.535414, 2.54),
    ],
)
def test_a_limit_is_met_by_what_it_was_made_from(
    limit: LimitName, low: float, high: float, allowed: float
) -> None:
    figure = Figure(Interval(value=(low + high) / 2, low=low, high=high), "images", 100)
    found = starting_limit(limit, figure)
    assert found == pytest.approx(allowed)
    assert found is not None
    assert decide(limit, found, figure).state == "passed"


@pytest.mark.parametrize(
    ("limit", "low", "high"), [("accuracy_kept", 0.0004, 0.5), ("predictions_changed", 0.2, 0.9996)]
)
def test_what_a_broken_model_has_is_no_limit(limit: LimitName, low: float, high: float) -> None:
    figure = Figure(Interval(value=(low + high) / 2, low=low, high=high), "images", 100)
    assert starting_limit(limit, figure) is None
    text = limits_file("Project", Present({limit: figure, **sizes(2, 1)}, "any")).decode()
    assert f"\n# {limit}: " in text, "a comment, for no limit would be left"
    assert f"\n{limit} = " not in text


def test_of_a_project_that_was_measured(made: Made, tmp_path: Path) -> None:
    workspace, project = made.workspace, made.optimized.id
    before = present_figures(workspace, project, lambda *_: None)
    assert before.figures.keys() == {"size_mb", "size_share"}
    text = limits_file("a\nb = 1", replace(before, target="any")).decode()
    assert "# accuracy_kept: Accuracy kept, at least; not measured yet: make a report" in text
    assert "a�b = 1 has now" in text, "a name is no line of the file"

    run(workspace, plan_report(workspace, project))
    settings = BenchmarkSettings(precision_hints=("default",), seconds=0.5)
    run(workspace, plan_benchmark(workspace, project, settings))
    present = present_figures(workspace, project, lambda *_: None)
    figures = present.figures
    assert figures.keys() == KINDS.keys() - {"ap_drop"}
    path = tmp_path / "limits.toml"
    path.write_bytes(limits_file("Project", present))
    limits = read_limits(path)
    assert limits.given.keys() == figures.keys()
    assert limits.target == machine_target()
    for name, allowed in limits.given.items():
        assert decide(name, allowed, figures[name]).state in ("passed", "undecided")
        assert decide(name, allowed, figures[name]).doubt in (None, "too_few")


def test_limits_are_of_runs_as_the_target_computes(made: Made, tmp_path: Path) -> None:
    workspace, project = made.workspace, made.optimized.id
    other: Target = "cpu_vnni" if machine_target() == "cpu" else "cpu"
    workspace.set_target(project, other)
    run(workspace, plan_report(workspace, project, settings=AS_IT_RUNS))
    present = present_figures(workspace, project, lambda *_: None)
    assert present.otherwise == {"predictions_changed"}, "the accuracy was judged for the target"
    assert "accuracy_kept" in present.figures
    text = limits_file("Project", present).decode()
    assert "# predictions_changed: Predictions changed, at most; the newest report did not" in text

    run(workspace, plan_report(workspace, project))
    present = present_figures(workspace, project, lambda *_: None)
    assert present.otherwise == set()
    assert present.figures.keys() >= {"accuracy_kept", "predictions_changed"}

    workspace.set_target(project, "any")
    present = present_figures(workspace, project, lambda *_: None)
    assert present.otherwise == {"predictions_changed", "accuracy_kept"}, "it was of one way"


def test_limits_are_for_the_target_of_the_project(made: Made) -> None:
    """A build runs elsewhere: this machine is called by what it computes."""
    project = made.optimized.id
    assert made.workspace.project(project).target == "this_machine"
    assert present_target(made.workspace, project) == machine_target()
    made.workspace.set_target(project, "any")
    assert present_target(made.workspace, project) == "any"


def test_a_parent_has_nothing_to_be_held_to(made: Made) -> None:
    with pytest.raises(InputError, match="has no parent"):
        present_figures(made.workspace, made.parent.id, lambda *_: None)
