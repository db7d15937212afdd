"""What a deployment package carries, used as the package uses it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.datasets.source import DatasetSource
from core.deployment.extracting import processing_module
from core.deployment.job import PackageJob, PackageResult
from core.images.decode import read_image
from core.inference.compiling import compile_for
from core.inference.settings import TRUE_F32
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.jobs.runner import run_job
from core.models.decoders.registry import decoder_by_id
from core.models.detector import Detector
from core.models.importing import import_model
from core.values import read_json, to_plain
from tests.support import models


@cache
def processing(decoder: str) -> ModuleType:
    """The module ``processing.py`` of a package for this layout."""
    module = ModuleType(f"processing_{decoder}".replace("-", "_"))
    sys.modules[module.__name__] = module  # dataclasses look there
    exec(compile(processing_module(decoder_by_id(decoder)), module.__name__, "exec"), vars(module))
    return module


def detections(xml: Path, detector: Detector, image: Path) -> Any:
    """What a package finds in an image, in true f32."""
    module = processing(detector.decoder)
    preprocessing = module.Preprocessing(**to_plain(detector.preprocessing))
    pixels, placement = preprocessing.apply(read_image(image))
    tensors = [pixels]
    for extra in sorted(detector.extra_inputs, key=lambda one: one.index):
        tensors.insert(extra.index, module.ExtraInput(**to_plain(extra)).tensor(preprocessing))
    request = compile_for(xml, TRUE_F32, "LATENCY").create_infer_request()
    request.infer(tensors)
    outputs = [np.array(tensor.data) for tensor in request.output_tensors]
    decoder = getattr(module, type(decoder_by_id(detector.decoder)).__name__)()
    found = decoder.decode(outputs, preprocessing, detector.options, placement)
    return found.where((found.class_ids >= 0) & (found.class_ids < len(detector.class_names)))


def packaged(model: Path, images: Path, folder: Path, zipped: bool = False) -> Path:
    """A package of a stored model, called ``fox finder``; its folder or its zip file."""
    request = PackageJob(
        model=model, dataset=DatasetSource(path=images), name="fox finder", zipped=zipped
    )
    made = run_job(request, folder).require()
    return made / read_json(made / RESULT_FILE, PackageResult).file


def packaged_here(request: PackageJob, folder: Path) -> tuple[Path, PackageResult]:
    """The package and what is said of it, by this process: what it measures can be shortened."""
    folder.mkdir()
    result = request.run(JobContext(folder, lambda message: None, threading.Event()))
    return folder / result.file, result


def stored_yolox(folder: Path) -> Path:
    """A small network with random weights, imported below `folder`."""
    path = models.save(models.yolox(), folder / "model", "fox", models.CLASSES)
    (folder / "stored").mkdir()
    return import_model(path, folder / "stored").xml


def run(package: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """A script of the package, with the program out of its reach; `more` are variables."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | more
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=package, capture_output=True, text=True, env=variables, check=False,
    )  # fmt: skip
