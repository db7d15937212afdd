"""What is copied for whoever helps: facts and errors, and no names in them."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import numpy as np
import pytest

import core
from core import __version__
from core.diagnostics import diagnostics, redacted
from core.inference.processor import Machinery, Processor
from core.parts import installed_parts, licence_text, own_licence, versions

MACHINERY = Machinery(
    devices={"CPU": "Some processor", "AUTO": "OpenVINO chooses"},
    processor=Processor(
        name="Some processor",
        instruction_sets=("AVX2",),
        arithmetic="saturating",
        default_precision="f32",
    ),
)


def test_facts_of_the_machine_and_the_last_errors_are_told(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_text("[10:00:00] Done. 1.0 s in all.\n")
    (tmp_path / "bad.log").write_text(
        "[10:00:00] Reading\nTraceback (most recent call last):\n  File ...\nValueError: no\n"
        "[2026-01-02 10:00:00] Export the report to secret.html\n"
        "[10:00:01] Failed: The images are gone. Choose others. 1.0 s in all.\nmore\n"
    )
    trace = tmp_path / "crash-1.txt"
    trace.write_text("Fatal Python error: Segmentation fault\n")
    text = diagnostics(tmp_path, MACHINERY, {"Qt": "6.9"}, [trace])
    assert f"Detection Workbench: {__version__}, not released: from its sources\n" in text
    assert "Qt: 6.9\n" in text
    assert "Devices: CPU (Some processor), AUTO (OpenVINO chooses)\n" in text
    assert "INT8 sums: saturating" in text
    assert "ValueError: no\n[10:00:01] Failed: The images are gone." in text
    assert "secret" not in text
    assert "good.log" not in text
    assert "Fatal Python error: Segmentation fault" in text


def test_without_logs_and_devices_it_says_so(tmp_path: Path) -> None:
    text = diagnostics(tmp_path / "none", None, {})
    assert "Devices: not known yet" in text
    assert "Last errors\nnone" in text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/home/ann/my models/best one.onnx is damaged.", "<path> is damaged."),
        ("'/home/ann/my models/best one.onnx' is damaged.", "'<path>' is damaged."),
        ('File "C:\\Users\\ann\\x.py", line 3', 'File "<path>", line 3'),
        ("C:\\data\\img.jpg: cut", "<path>: cut"),
        ("12 FPS/core, and/or 3/4", "12 FPS/core, and/or 3/4"),
        ("Optimize secret net to INT8", "Optimize <name> to INT8"),
    ],
)
def test_paths_and_names_are_left_out(text: str, left: str) -> None:
    assert redacted(text, ["secret net"]) == left


def test_paths_of_the_program_are_kept_from_the_package_on() -> None:
    place = Path("core", "jobs", "child.py")
    ours = f'File "{Path(core.__file__).parent.parent / place}", line 3'
    assert redacted(ours) == f'File "<program>{os.sep}{place}", line 3'
    assert redacted(f'"{np.__file__}"').startswith('"<packages>')


def test_the_user_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "annette")
    assert redacted("made by Annette, not by annettes") == "made by <user>, not by annettes"


def test_parts_are_those_that_are_installed_with_their_licences() -> None:
    parts = {part.name.lower(): part for part in installed_parts()}
    assert {"openvino", "nncf", "numpy", "pyside6_essentials"} <= set(parts)
    assert "pytest" not in parts  # of the suite alone
    assert "Apache" in parts["openvino"].licence
    assert all(part.version and part.licence for part in parts.values())
    assert "BSD" in licence_text("numpy") or "Redistribution" in licence_text("numpy")
    assert "Apache License" in own_licence()
    assert {"Detection Workbench", "Python", "OpenVINO", "NNCF", "System"} <= set(versions())
