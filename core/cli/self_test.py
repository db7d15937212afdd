"""The command ``test-package``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.command import DONE, LIMIT_MISSED, UNDECIDED, Command, RunJob
from core.cli.run_arguments import add_device, add_run_on
from core.deployment.self_testing import Outcome, SelfTestResult, self_test_job
from core.deployment.wording import tested_sentence
from core.folders import temporary_folder
from core.jobs.job import read_result
from core.values import Plain, to_plain

_STATUSES: dict[Outcome, int] = {
    "passed": DONE,
    "failed": LIMIT_MISSED,
    "no_device": UNDECIDED,
    "not_judged": UNDECIDED,
}


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "package",
        type=Path,
        help="the folder or the zip file of a package; its own code is run, so that it must be one "
        "that you trust",
    )
    add_device(sub)
    sub.add_argument(
        "--precision-hint",
        choices=("f32", "default", "bf16", "f16"),
        default="",
        help="f32: true f32; default: OpenVINO chooses (default: as the package runs)",
    )
    add_run_on(sub, "test")


def _test(run: RunJob, options: argparse.Namespace) -> SelfTestResult:
    job = self_test_job(options.package, options.device, options.precision_hint, options.run_on)
    with temporary_folder() as folder:
        return read_result(run(job, folder / "tested"), SelfTestResult)


def _render(tested: SelfTestResult) -> str:
    return "\n".join((*tested.lines, tested_sentence(tested)))


def _plain(tested: SelfTestResult) -> Plain:
    plain: Plain = to_plain(tested)
    return plain


TEST_PACKAGE = Command(
    _add_arguments,
    _test,
    _render,
    "test-package detector.zip",
    _plain,
    lambda tested: _STATUSES[tested.outcome],
)
