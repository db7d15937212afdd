"""What the terminal's commands do: the same jobs as the window's, with files as their result."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.catalogue.describing import described as described_entry
from core.catalogue.downloading import TIMEOUT_SECONDS
from core.catalogue.entries import catalogue, entry_named
from core.catalogue.job import DownloadJob
from core.cli.arguments import require_dataset, require_folder
from core.cli.command import RunJob
from core.cli.imported import imported
from core.cli.models import described, draw_preview, keep_model
from core.cli.plans import describe_plan
from core.cli.search import search_into
from core.dataset_making.job import CreateDatasetJob, CreateDatasetResult
from core.datasets.source import DatasetSource
from core.deployment.job import PackageJob, PackageResult
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.images.augment import Augmentation
from core.inference.compiling import PrecisionHint
from core.jobs.job import RESULT_FILE
from core.models.adjusting import Changes
from core.models.plan import QuantizationPlan
from core.models.stored import StoredModel
from core.optimize.job import QuantizeJob, QuantizeResult
from core.optimize.recipe import remake_recipe
from core.predict.coco_results import coco_results
from core.predict.job import DETECTIONS_FILE, PredictJob, PredictResult
from core.search.settings import SearchSettings
from core.values import Plain, read_json, to_plain, write_json
from core.wording.optimize import outcome_sentence


@dataclass(frozen=True)
class Commands:
    """The commands; each gives its result as plain JSON values."""

    run: RunJob

    def inspect(self, model: Path, dataset: Path | None = None) -> Plain:
        """What the program believes about a model, and why."""
        with imported(self.run, model, dataset) as stored:
            return described(stored)

    def import_model(
        self, model: Path, image: Path | None, output: Path, changes: Changes, score: float
    ) -> Plain:
        """The model in the folder `output`; with an image, what it finds there, as a picture."""
        if image is not None:
            return draw_preview(self.run, model, image, output, changes, score)
        require_folder(output)
        return keep_model(self.run, model, output, changes)

    def predict(
        self, model: Path, dataset: Path, output: Path, precision_hint: PrecisionHint
    ) -> Plain:
        """Detections on a dataset, as COCO results in the file `output`."""
        require_dataset(dataset)
        if output.is_dir():
            raise InputError(f"{output} is a folder.", "Name a file for --output.")
        with imported(self.run, model, dataset) as stored:
            request = PredictJob(
                model=stored.xml,
                dataset=DatasetSource(path=dataset),
                precision_hint=precision_hint,
            )
            folder = self.run(request, stored.xml.parent / "prediction")
            result = read_json(folder / RESULT_FILE, PredictResult)
            output.parent.mkdir(parents=True, exist_ok=True)
            write_json(output, coco_results(DetectionTable.load(folder / DETECTIONS_FILE)))
        return {"output": str(output), **to_plain(result)}

    def plan(self, model: Path | None, options: argparse.Namespace) -> Plain:
        """A plan in words, what it keeps of a model, and perhaps saved."""
        if model is None:
            return describe_plan(self.run, None, options)
        with imported(self.run, model) as stored:
            return describe_plan(self.run, stored, options)

    def optimize(
        self,
        model: Path,
        dataset: Path,
        output: Path,
        plan: QuantizationPlan,
        evaluated_on: Path | None = None,
    ) -> Plain:
        """An INT8 model in the folder `output`."""
        require_dataset(dataset)
        if evaluated_on is not None:
            require_dataset(evaluated_on)
        require_folder(output)
        with imported(self.run, model, dataset) as stored:
            return self.optimize_stored(stored, dataset, output, plan, evaluated_on)

    def search(
        self, model: Path, dataset: Path, output: Path, settings: SearchSettings, resume: bool
    ) -> Plain:
        """The fastest setting that loses nothing, in the folder `output`."""
        require_dataset(dataset)
        require_folder(output)
        with imported(self.run, model, dataset) as stored:
            return search_into(self.run, stored, dataset, output, settings, resume)

    def catalogue_list(self) -> Plain:
        """The detectors of the Open Model Zoo that can be downloaded."""
        return {"models": [described_entry(entry) for entry in catalogue()]}

    def catalogue_get(self, name: str, output: Path) -> Plain:
        """One of them, downloaded into the folder `output`."""
        require_folder(output)
        entry = entry_named(name)
        parts = output.parent / f".{entry.name}.download"  # to go on from, if it breaks off
        request = DownloadJob(entry=entry, parts=parts, timeout_seconds=TIMEOUT_SECONDS)
        folder = self.run(request, output)
        (folder / RESULT_FILE).unlink()  # it says what the catalogue says
        return {**described_entry(entry), "model": str(folder / entry.model_file)}

    def create_dataset(
        self, images: list[Path], output: Path, augmentation: Augmentation, name: str = ""
    ) -> Plain:
        """Images, and variants of them, copied into the folder `output`, which must be empty."""
        require_folder(output)
        if output.is_dir() and any(output.iterdir()):
            raise InputError(f"{output} is not empty.", "Name a new folder for --output.")
        request = CreateDatasetJob(
            images=tuple(path.absolute() for path in images),
            augmentation=augmentation,
            name=name or output.absolute().name,
        )
        folder = self.run(request, output)
        result = read_json(folder / RESULT_FILE, CreateDatasetResult)
        (folder / RESULT_FILE).unlink()  # the dataset's file says the same
        return {**to_plain(result), "dataset": str(folder)}

    def package(
        self, model: Path, dataset: Path, output: Path, precision: Literal["", "f32", "bf16", "f16"]
    ) -> Plain:
        """A deployment package at `output`: a folder that does not exist yet, or a zip file."""
        require_dataset(dataset)
        if output.exists():
            raise InputError(f"{output} exists already.", "Name a new folder or file for --output.")
        with imported(self.run, model, dataset) as stored:
            remake_recipe(model, stored.xml.parent)
            request = PackageJob(
                model=stored.xml,
                dataset=DatasetSource(path=dataset.absolute()),
                name=output.name.removesuffix(".zip"),
                precision=precision,
                zipped=output.suffix.lower() == ".zip",
            )
            made = self.run(request, stored.xml.parent.parent / "package")
            result = read_json(made / RESULT_FILE, PackageResult)
            output.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made / result.file, output)
        return {**to_plain(result), "file": str(output)}

    def optimize_stored(
        self,
        stored: StoredModel,
        dataset: Path,
        output: Path,
        plan: QuantizationPlan,
        evaluated_on: Path | None = None,
    ) -> Plain:
        """An INT8 model of a stored one, in the folder `output`."""
        request = QuantizeJob(
            model=stored.xml,
            dataset=DatasetSource(path=dataset, role="calibration"),
            plan=plan,
            name=f"{stored.card.name}-int8",
            evaluated_on=DatasetSource(path=evaluated_on) if evaluated_on else None,
        )
        folder = self.run(request, output)
        result = read_json(folder / RESULT_FILE, QuantizeResult)
        (folder / RESULT_FILE).unlink()  # the model's card says the same
        return {
            **to_plain(result),
            "preset": plan.preset,
            "subset_size": plan.subset_size,
            "seed": plan.seed,
            "sentence": outcome_sentence(result.outcome) if result.outcome else "",
            "model": str(folder / result.model),
            "size_ratio": result.parent_size_bytes / result.size_bytes,
        }
