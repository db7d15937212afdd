"""The deployment package: a detector that runs without this program.

A folder with the model, its preprocessing and the reading of its outputs as one Python module, a
command for images and videos, a C++ example, requirements, and a self-test with images and what was
found in them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from core.benchmark.recommending import RunSetting
from core.deployment.comparing import LOWEST
from core.deployment.cpp import cpp_source
from core.deployment.extracting import processing_module, running_module
from core.deployment.model_info import note_model_info
from core.detection.detections import Detections, DetectionTable
from core.errors import WorkbenchError
from core.inference.settings import Executed
from core.inference.words import executed_text
from core.metrics.matching.thresholds import ScoreThresholds
from core.models.decoders.registry import decoder_of
from core.models.stored import StoredModel, read_network
from core.optimize.recipe import remake_recipe
from core.parts import distribution
from core.values import Plain, to_plain, write_bytes_whole, write_json

_PYTHON = ("detector.py", "detect.py", "self_test.py")
_REQUIRED = ("openvino", "numpy", "opencv-python")
_WRITTEN_AS_IS = {".jpg", ".jpeg", ".png", ".bmp"}  # what OpenCV reads everywhere


@dataclass(frozen=True, eq=False)
class Example:
    """An image of the self-test, and what each of the package's runs found in it."""

    image: Path
    found: tuple[Detections, ...]


def examples_of(root: Path, tables: Sequence[DetectionTable]) -> list[Example]:
    """Of the images below `root`, which are the same in each run's table."""
    return [
        Example(root / name, tuple(one[number] for one in tables))
        for number, name in enumerate(tables[0].image_names)
    ]


def write_package(
    stored: StoredModel,
    examples: Sequence[Example],
    runs: Sequence[Executed],
    folder: Path,
    precision: str = "",
    scores: ScoreThresholds | None = None,
    made_as: Path | None = None,
    setting: RunSetting | None = None,
    said: Sequence[str] = (),
) -> None:
    """Write the package into the empty `folder`; `runs` are how what `examples` hold was found.

    `precision` is the hint that the package runs with: ``f32``, ``bf16``, ``f16``, or "" for
    OpenVINO's own choice. `scores` are from which on its detections count; None for the usual.
    `made_as` is the model that its recipe makes, where that lies elsewhere; `setting` is how it is
    to run for a goal; `said` are sentences on what was chosen, for who reads the package.
    """
    scores = scores or ScoreThresholds()
    detector = stored.card.detector
    decoder = decoder_of(detector)
    name = stored.xml.stem
    _write_model(stored, folder / "model", scores, setting)
    write_json(folder / "detector.json", _settings(stored, precision, scores, setting))
    _text(folder / "labels.txt", "\n".join(detector.class_names) + "\n")
    _text(folder / "processing.py", processing_module(decoder))
    _text(folder / "running.py", running_module())
    for file in _PYTHON:
        _text(folder / file, _template(file))
    versions = "".join(f"{one}=={distribution(one).version}\n" for one in _REQUIRED)
    _text(folder / "requirements.txt", versions)
    source = cpp_source(detector, f"model/{name}.xml", precision, scores, setting)
    _write_cpp(folder / "cpp", source)
    _write_examples(stored, examples, runs, folder / "self_test")
    recipe = remake_recipe(made_as or stored.xml, folder / "recipe")
    _text(folder / "README.md", _readme(stored, scores, said, recipe=recipe))


def _readme(
    stored: StoredModel, scores: ScoreThresholds, said: Sequence[str], *, recipe: bool
) -> str:
    detector = stored.card.detector
    return Template(_template("README.md")).substitute(
        name=stored.card.name,
        layout=decoder_of(detector).title,
        preprocessing=detector.preprocessing.describe(),
        classes=len(detector.class_names),
        thresholds=thresholds_sentence(scores),
        said="".join(f"\n{one}" for one in said) + "\n" * bool(said),
        recipe=_RECIPE if recipe else "",
        model=f"model/{stored.xml.stem}.xml",
    )


def _write_cpp(folder: Path, source: str) -> None:
    folder.mkdir()
    _text(folder / "main.cpp", source)
    _text(folder / "CMakeLists.txt", _template("cpp/CMakeLists.txt"))


def _settings(
    stored: StoredModel, precision: str, scores: ScoreThresholds, setting: RunSetting | None
) -> Plain:
    """How the package's processing uses the model."""
    detector = stored.card.detector
    decoder = decoder_of(detector)
    return {
        "name": stored.card.name,
        "model": f"model/{stored.xml.stem}.xml",
        "decoder": type(decoder).__name__,
        "layout": decoder.title,
        "options": detector.options,
        "preprocessing": to_plain(detector.preprocessing),
        "extra_inputs": [to_plain(one) for one in detector.extra_inputs],
        "class_names": list(detector.class_names),
        "precision": precision,
        "score_thresholds": to_plain(scores),
        "run": None if setting is None else to_plain(setting),
    }


def thresholds_sentence(scores: ScoreThresholds) -> str:
    """From which score on the package's detections count."""
    own = ", ".join(f"{name} {score:g}" for name, score in scores.classes.items())
    single = f"; of single classes: {own}" if own else ""
    return f"Detections count from score {scores.score:g} on{single}."


_RECIPE = """
## How the model was made

`recipe/recipe.py` makes the same weights again from the parent model and the calibration images:

    pip install nncf
    python recipe/recipe.py PARENT.xml FOLDER_OF_CALIBRATION_IMAGES again.xml
"""


def zip_package(folder: Path, archive: Path) -> None:
    """The folder as a zip file, under its own name; raises WorkbenchError where it cannot be."""
    try:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for path in sorted(folder.rglob("*")):
                file.write(path, path.relative_to(folder.parent))
    except OSError as error:
        raise WorkbenchError(
            f"{archive.name} cannot be written: {error.strerror or error}.",
            "Free some space, or choose another place.",
        ) from error


def _write_model(
    stored: StoredModel, folder: Path, scores: ScoreThresholds, setting: RunSetting | None
) -> None:
    """The model as it is, with what other tools read about it; it takes batches that it is to."""
    import openvino as ov

    from core.models.batch_axis import open_batch

    folder.mkdir()
    model = read_network(stored.xml)
    note_model_info(model, stored.card.detector, scores)
    if setting is not None and setting.batch > 1:
        open_batch(model)
    ov.save_model(model, folder / stored.xml.name, compress_to_fp16=False)


def _write_examples(
    stored: StoredModel, examples: Sequence[Example], runs: Sequence[Executed], folder: Path
) -> None:
    from core.documents.drawing import write_image_file
    from core.images.decode import read_file, read_image

    folder.mkdir()
    names = stored.card.detector.class_names
    listed: list[dict[str, Any]] = []
    for number, example in enumerate(examples, start=1):
        suffix = example.image.suffix.lower()
        if suffix in _WRITTEN_AS_IS:
            file = f"image-{number}{suffix}"
            (folder / file).write_bytes(read_file(example.image))
        else:
            file = f"image-{number}.png"
            write_image_file(folder / file, read_image(example.image))
        found = [_listed(one.where(one.scores >= LOWEST), names) for one in example.found]
        listed.append({"image": file, "detections": found})
    content = {
        "quantized": any(one.arithmetic for one in runs),
        "runs": [_run(one) for one in runs],
        "images": listed,
    }
    write_json(folder / "detections.json", content)


def _run(one: Executed) -> Plain:
    """How what is expected was found: see ``self_test.py``."""
    sums = "" if one.arithmetic is None else one.arithmetic.replace("float", "exact")
    return {"ran": executed_text(one), "precision": one.float_precision, "int8_sums": sums}


def _listed(found: Detections, names: Sequence[str]) -> list[Plain]:
    each = zip(found.boxes.tolist(), found.scores.tolist(), found.class_ids.tolist(), strict=True)
    return [
        {"class_id": class_id, "class_name": names[class_id], "score": score, "box": box}
        for box, score, class_id in each
    ]


def _template(name: str) -> str:
    file = resources.files("resources") / "deployment" / name
    return file.read_text(encoding="utf-8")


def _text(path: Path, text: str) -> None:
    write_bytes_whole(path, text.encode())
