"""The command ``devices``."""

from __future__ import annotations

import argparse

from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.inference.processor import Machinery
from core.inference.processor_words import processor_sentence
from core.values import Plain, to_plain


def _devices(run: RunJob, options: argparse.Namespace) -> Machinery:
    from core.inference.processor import machinery

    return machinery()


def _render_devices(found: Machinery) -> Rendered:
    return [Table(("", ""), list(found.devices.items())), processor_sentence(found.processor)]


def _plain_devices(found: Machinery) -> Plain:
    return {
        "devices": [{"device": device, "name": name} for device, name in found.devices.items()],
        "processor": to_plain(found.processor),
        "sentence": processor_sentence(found.processor),
    }


DEVICES = Command(
    lambda sub: None,
    _devices,
    _render_devices,
    "devices",
    _plain_devices,
)
