"""What candidates of a search keep of the parent's accuracy, on the held-out images."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.inference.limited import LimitedDetector, asked_for
from core.inference.loading import KeptImages
from core.inference.predicting import Prediction, predict
from core.inference.settings import (
    TRUE_F32,
    Arithmetic,
    Executed,
    InferenceSettings,
    PrecisionHint,
)
from core.metrics.accuracy.accuracy_kept import accuracy_kept
from core.models.same_network import hash_of_network
from core.models.stored import StoredModel, load_stored, read_network
from core.progress import Step
from core.remarks.remark import Remark
from core.search.augmenting import augmented
from core.search.judging_sizes import ByTruth, estimated
from core.search.workshop import KeptAtSize

SEEN = 0.1  # a score from which on the parent is said to find something
_AUGMENTED = "augmented"
_KEPT_BYTES = 2**28  # of held-out images as tensors, between two candidates


@dataclass
class Judge:
    """Detects with each candidate as its card says; models are named by their IR in `folder`.

    `device` is what it detects on; `executed` says how each model ran, as far as it has detected.
    Of models with the same network, as plans give that differ in nothing that is quantized, one
    detects for all.
    To be closed in the end: it writes images below `folder`.
    """

    parent: StoredModel
    held_out: Dataset
    folder: Path
    device: str
    step: Step
    limited: LimitedDetector
    problems: list[Remark] = field(default_factory=list)
    executed: dict[tuple[Path, InferenceSettings], Executed] = field(default_factory=dict)
    _images: KeptImages = field(default_factory=lambda: KeptImages(_KEPT_BYTES))
    _networks: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    _kept: dict[tuple[bytes, InferenceSettings], tuple[float, Path]] = field(default_factory=dict)

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        """An estimate of what is kept of the parent's accuracy in true f32; "" is the parent."""
        reference = self.reference.table
        if not model and hint == "f32":
            return 1.0
        how, network = self._way(hint, arithmetic), self.network(model)
        known = None if network is None else self._kept.get((network, how))
        if known is None:
            known = accuracy_kept(reference, self._found(model, how)), self._stored(model).xml
            if network is not None:
                self._kept[network, how] = known
        kept, xml = known
        self.executed[self._stored(model).xml, how] = self.executed[xml, how]
        return kept

    def network(self, model: str) -> bytes | None:
        """A hash of what a model computes; None where that cannot be told."""
        stored = self._stored(model)  # a worker has every candidate in the same place
        key = hashlib.sha256(stored.xml.read_bytes()).hexdigest(), stored.card.weights_sha256
        if key not in self._networks:
            self._networks[key] = hash_of_network(read_network(stored.xml))
        return self._networks[key]

    def kept_at_size(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> KeptAtSize:
        """The same of a model at another input size, measured where images are annotated."""
        if self._by_truth is not None:
            stored, how = self._stored(model), self._way(hint, arithmetic)
            found = self._by_truth.measured(self._detect(stored, how, self.held_out).table)
            if found is not None:
                return found
        return estimated(self.reference.table, self._found(model, self._way(hint, arithmetic)))

    def close(self) -> None:
        """Remove the augmented images."""
        shutil.rmtree(self.folder / _AUGMENTED, ignore_errors=True)

    @cached_property
    def reference(self) -> Prediction:
        """What the parent finds in the held-out images, in true f32, and how it ran."""
        prediction = self._detect(self.parent, TRUE_F32)
        self.problems.extend(prediction.problems)
        if not (prediction.table.scores >= SEEN).any():
            raise InputError(
                f"{self.parent.card.name} finds nothing in the held-out images, so that there is "
                "nothing to compare with.",
                "Choose images of the kind that the model will see.",
            )
        return prediction

    @cached_property
    def _by_truth(self) -> ByTruth | None:
        """Measures on the held-out images as they are; None where they are not annotated."""
        if not self.held_out.annotated:
            return None
        parent = self._detect(self.parent, TRUE_F32, self.held_out).table
        readable = replace(self.held_out, images=parent.image_names)
        return ByTruth(parent, readable)

    @cached_property
    def _evaluated(self) -> Dataset:
        """The held-out images, augmented where they are few."""
        self.close()  # what a process that died has left behind
        plain = replace(self.held_out, annotations=())
        found, problems = augmented(plain, self.folder / _AUGMENTED, self.step)
        self.problems.extend(problems)
        return found

    def _found(self, model: str, how: InferenceSettings) -> DetectionTable:
        return self._detect(self._stored(model), how).table

    def _stored(self, model: str) -> StoredModel:
        return load_stored(self.folder / model) if model else self.parent

    def _way(self, hint: PrecisionHint, arithmetic: Arithmetic | None) -> InferenceSettings:
        return InferenceSettings(
            device=self.device, precision_hint=hint, int8=asked_for(arithmetic)
        )

    def _detect(
        self, stored: StoredModel, how: InferenceSettings, images: Dataset | None = None
    ) -> Prediction:
        """On the evaluated images, or on these."""
        images = images or self._evaluated
        where = " without VNNI" if how.int8 == "saturating" else ""
        stage, total = f"Detecting on held-out images{where}", len(images.images)
        self.step(stage, 0, total)
        found = predict(
            stored.xml,
            stored.card.detector,
            images,
            how,
            lambda done: self.step(stage, done, total),
            self.limited,
            self._images,
        )
        self.executed[stored.xml, how] = found.executed
        return found
