"""The C++ example of a package, compiled and run where there is a compiler and OpenCV for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import openvino as ov
import pytest

from core.benchmark.recommending import RunSetting
from core.deployment.cpp import cpp_source
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.detector import Detector

_OPENCV = Path("/usr/include/opencv4")
_HEADERS = """\
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <future>
#include <map>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <openvino/openvino.hpp>
"""
LOW = ScoreThresholds(score=0.2)
_PARTS = ("core", "imgproc", "imgcodecs", "videoio", "dnn")


@dataclass(frozen=True)
class Found:
    """What the example printed of a detection."""

    score: float
    name: str
    box: tuple[float, ...]


class Compiler:
    """g++, with the headers compiled once."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("g++"):
            pytest.skip("there is no C++ compiler")
        if not _OPENCV.is_dir():
            pytest.skip("OpenCV's headers for C++ are not installed")
        assert ov.__file__ is not None
        self.root = Path(ov.__file__).parent
        self.headers = folder / "all.hpp"
        self.headers.write_text(_HEADERS)
        self._compile("-x", "c++-header", str(self.headers), "-o", f"{self.headers}.gch")

    def found(self, detector: Detector, xml: Path, image: Path) -> list[Found]:
        """What the example for this detector finds in an image, in true f32."""
        done = self.run(self.program(detector, xml), image)
        assert done.returncode == 0, done.stderr
        return [_found(line) for line in done.stdout.splitlines()]

    def program(self, detector: Detector, xml: Path, setting: RunSetting | None = None) -> Path:
        """The example for this detector, beside the model; it runs in true f32."""
        source = xml.with_name("main.cpp")
        source.write_text(cpp_source(detector, str(xml), "f32", LOW, setting), "utf-8")
        program = xml.with_name("detect")
        (library,) = (self.root / "libs").glob("libopenvino.so.*")
        linked = [str(library), *(f"-lopencv_{part}" for part in _PARTS), "-pthread"]
        flags = ("-Wall", "-Wextra", "-Werror", "-include", str(self.headers))
        self._compile(*flags, str(source), "-o", str(program), *linked)
        return program

    def run(self, program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A program that `program` made."""
        paths = {"LD_LIBRARY_PATH": str(self.root / "libs")}
        return subprocess.run(
            [program, *map(str, arguments)],
            capture_output=True, text=True, env=os.environ | paths, check=False,
        )  # fmt: skip

    def _compile(self, *arguments: str) -> None:
        includes = [f"-isystem{_OPENCV}", f"-isystem{self.root / 'include'}"]
        command = ["g++", "-std=c++17", *includes, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:3000]


def _found(line: str) -> Found:
    score, rest = line.split(" ", 1)
    name, *box = rest.rsplit(" ", 4)
    return Found(float(score), name, tuple(map(float, box)))
