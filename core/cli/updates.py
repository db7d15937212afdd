"""The command ``updates``."""

from __future__ import annotations

import argparse

from core.cli.command import Command, RunJob
from core.updates import Updates, look
from core.wording.updates import updates_text


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    """It takes none."""


def _run(run: RunJob, options: argparse.Namespace) -> Updates:
    return look()


UPDATES = Command(_add_arguments, _run, updates_text, "updates")
