"""The work of a search: quantizing, detecting, ranking layers, measuring speed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from core.benchmark.measuring import benchmark
from core.benchmark.pace import Goal
from core.benchmark.settings import THROUGHPUT, BenchmarkedModel, BenchmarkSettings
from core.benchmark.worker_pool import WorkerPool
from core.datasets.dataset import Dataset
from core.errors import WorkbenchError
from core.folders import temporary_folder
from core.inference.compiling import compile_for, executed_precision
from core.inference.limited import LimitedDetector
from core.inference.loading import input_tensors, load_images
from core.inference.settings import Arithmetic, InferenceSettings, PrecisionHint
from core.metrics.speed.figures import Interval
from core.models.input_size import InputSize
from core.models.plan import Part, QuantizationPlan
from core.models.resizing import resized
from core.models.stored import StoredModel, load_stored, read_network
from core.optimize.errors_added import errors_added
from core.optimize.executed_in_float import executed_in_float
from core.optimize.importing_nncf import import_nncf
from core.optimize.quantizing import Quantized, quantize
from core.optimize.rewriting import rewrite
from core.optimize.scope import ignored_operations
from core.optimize.statistics_cache import StatisticsCache
from core.optimize.structure import Structure
from core.optimize.weighed import Weighed
from core.progress import Step
from core.remarks.remark import Remark
from core.runtime import openvino_core
from core.search.candidates import Making
from core.search.judge import Judge
from core.search.plan_changes import Operations, Parts
from core.search.possible_sizes import possible_sizes
from core.search.reproducible import require_reproducible
from core.search.settings import SearchSettings
from core.search.shelf import Shelf, size_of
from core.search.workshop import KeptAtSize, Made, OutOfTimeError, Rivals, Speed

if TYPE_CHECKING:
    import openvino as ov

RANKING_IMAGES = 8
WEIGHING_IMAGES = 3
IDLE_PROCESSES = 4  # that wait for the next measurement
PREPARING = 2  # that read and compile side by side: how long that takes is not asked here
_PARENT = "parent"


@dataclass
class LocalWorkshop:
    """Works on this machine. `step` hears of the work inside a candidate, and may raise to stop.

    `limited` detects where sums are to saturate that do not here. To be closed in the end: it
    writes images below `folder`.
    """

    parent: StoredModel
    dataset: Dataset
    held_out: Dataset
    folder: Path
    settings: SearchSettings
    step: Step
    limited: LimitedDetector
    problems: list[Remark] = field(default_factory=list)
    _known: StatisticsCache = field(default_factory=StatisticsCache)
    _executed: dict[tuple[str, PrecisionHint], str] = field(default_factory=dict)
    _twins: dict[bytes, str] = field(default_factory=dict)
    _measuring: WorkerPool = field(default_factory=lambda: WorkerPool(IDLE_PROCESSES, PREPARING))

    @cached_property
    def judge(self) -> Judge:
        """Tells what candidates keep, on the held-out images."""
        return Judge(
            self.parent,
            replace(self.held_out, annotations=self.dataset.annotations),
            self.folder,
            self.settings.judged_on,
            self.step,
            self.limited,
            self.problems,
        )

    def close(self) -> None:
        """Remove the images that candidates were evaluated on, and end idle processes."""
        self._measuring.close()
        self.judge.close()

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self.parent, self.folder)

    def expect(self, likely: Callable[[], Sequence[QuantizationPlan]]) -> None:
        """Nothing is made here before it is asked for."""

    @cached_property
    def _structure(self) -> Structure:
        return Structure(read_network(self.parent.xml))

    def makings(self) -> tuple[Making, ...]:
        """The parent, and what can be made of it without quantizing activations."""
        if self.parent.card.info.precision == "FP32":
            return ("parent", "fp16_weights", "int8_weights")
        return ("parent", "int8_weights")

    def parts(self) -> Parts:
        """The parts that the parent has, and what of them would be quantized."""
        structure = self._structure
        return {part: frozenset(structure.quantized_of(part)) for part in get_args(Part)}

    def layers(self) -> Operations:
        """The parent's operations with weights, from the input to the outputs."""
        return self._structure.layers

    def quantize(self, identity: str, plan: QuantizationPlan) -> Made:
        """An INT8 model by that plan, on the images that calibrate."""
        return self.shelved(identity, self.quantized(plan), plan)

    def alone(self, model: str, plan: QuantizationPlan) -> bool:
        """The same again with statistics of its own; whether other weights came of it."""
        before = load_stored(self._path(model)).card.weights_sha256
        made = self.quantized(plan, self._known.without_statistics())
        self.shelved(Path(model).parent.name, made, plan)
        return load_stored(self._path(model)).card.weights_sha256 != before

    def quantized(self, plan: QuantizationPlan, known: StatisticsCache | None = None) -> Quantized:
        """The same as a network; by what is `known`, or what all plans here share."""
        parent = self.parent
        known = self._known if known is None else known
        return quantize(parent.xml, parent.card.detector, self.dataset, plan, self.step, known)

    def shelved(self, identity: str, made: Quantized, plan: QuantizationPlan) -> Made:
        """That network, stored as this candidate."""
        return self._shelf.store(identity, made.model, made.detector, plan, made.made_of)

    def input_sizes(self) -> tuple[InputSize, ...]:
        """Those that the network can have."""
        wanted = self.settings.input_sizes
        return () if wanted == "own" else possible_sizes(self.parent, wanted)

    def resize(self, identity: str, size: InputSize) -> Made:
        """The parent as it is, at another input size."""
        model = self._rewritten()
        card = self.parent.card
        return self._shelf.store(identity, model, resized(model, card.detector, size, card.name))

    def compress(self, identity: str, making: Making) -> Made:
        """A model whose weights alone are smaller; the parent itself is taken as it is."""
        if making == "parent":
            return Made(model="", size_bytes=size_of(self.parent.xml))
        model = self._rewritten()
        if making == "int8_weights":
            made = self._shelf.store(identity, import_nncf().compress_weights(model))
            self._require_reproducible(self.folder / made.model)
            return made
        return self._shelf.store(identity, _half(model))

    def _rewritten(self) -> ov.Model:
        """The parent's network, rewritten as those of plans are."""
        model = read_network(self.parent.xml)
        rewrite(model, self.settings.target)
        return model

    def _require_reproducible(self, xml: Path) -> None:
        try:
            loaded = load_images(self.held_out, range(1), self.parent.card.detector)
            inputs = next(iter(input_tensors(loaded, [])), None)
            if inputs is not None:
                require_reproducible(xml, inputs, self.settings.device, self.step)
        except (WorkbenchError, OutOfTimeError):
            shutil.rmtree(xml.parent, ignore_errors=True)
            raise

    def accuracy_kept(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> float:
        """An estimate of what is kept of the parent's accuracy in true f32."""
        return self.judge.accuracy_kept(model, hint, arithmetic)

    def kept_at_size(
        self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
    ) -> KeptAtSize:
        """The same of a model at another input size: measured where images are annotated."""
        return self.judge.kept_at_size(model, hint, arithmetic)

    def executed(self, model: str, hint: PrecisionHint) -> str:
        """The precision that most of the model runs in with this hint."""
        ran = self.judge.executed.get((self._path(model), self._runs(hint)))
        if ran is not None:
            return ran.precision
        if (model, hint) not in self._executed:
            compiled = compile_for(self._path(model), self._runs(hint), "THROUGHPUT")
            self._executed[model, hint] = executed_precision(compiled).name
        return self._executed[model, hint]

    def ranked_layers(self, model: str, plan: QuantizationPlan) -> tuple[Operations, ...]:
        """Operations of each layer that is quantized, that with the most added error first."""
        from core.metrics.tensors.tensor_distance import TensorMeter

        meter = TensorMeter(self.parent.xml, self._path(model))
        kept = ignored_operations(plan, self._structure.model)
        quantized = set(self._structure.layers).difference(kept)
        few = range(min(RANKING_IMAGES, len(self.held_out.images)))
        loaded = load_images(self.held_out, few, self.parent.card.detector)
        for done, tensors in enumerate(input_tensors(loaded, []), start=1):
            meter.add(tensors)
            self.step("Ranking the layers by their error", done, len(few))
        layers = [
            tuple(name for name in layer.operations if name in quantized)
            for layer in meter.report().layers
        ]
        return tuple(names for names in layers if names)

    def weighed_layers(self, model: str) -> tuple[Weighed, ...]:
        """What each layer of a plan's model adds to the error of the last ones, for which work."""
        few = range(min(WEIGHING_IMAGES, len(self.held_out.images)))
        loaded = load_images(self.held_out, few, self.parent.card.detector)
        return errors_added(
            read_network(self._path(model)),
            self._rewritten(),
            input_tensors(loaded, []),
            openvino_core(),
            lambda done, total: self.step("Finding the layers that add most error", done, total),
        )

    def executed_in_float(self, model: str) -> Operations:
        """Operations of a plan's model that are quantized, and computed in float all the same."""
        network = read_network(self._path(model))
        return executed_in_float(network, compile_for(network, self._runs("f32"), "THROUGHPUT"))

    def twin(self, model: str) -> str:
        """The first model with the same network; itself where there is none before it."""
        network = self.judge.network(model)
        return model if network is None else self._twins.setdefault(network, model)

    def speeds(
        self,
        models: Sequence[str],
        hints: Sequence[PrecisionHint],
        seconds: float,
        rivals: Rivals = (),
    ) -> dict[tuple[str, PrecisionHint], Speed]:
        """Every model with every hint in turns, against the parent in true f32."""
        measured = [BenchmarkedModel(name=_PARENT, xml=self.parent.xml)]
        measured += [BenchmarkedModel(name=one, xml=self._path(one)) for one in models if one]
        settings = BenchmarkSettings(
            precision_hints=tuple(hints),
            modes=(THROUGHPUT,),
            seconds=seconds,
            device=self.settings.device,
        )
        groups = tuple(
            frozenset((model or _PARENT, hint) for model, hint in group) for group in rivals
        )
        goal = Goal((_PARENT, "f32"), groups) if groups else None
        result, _ = benchmark(measured, settings, self.step, pool=self._measuring, goal=goal)
        found = {}
        for run in result.runs:
            itself = (run.model, run.precision_hint) == (_PARENT, "f32")
            ratio = result.ratio(run.model, run.precision_hint, _PARENT, "f32")
            model = "" if run.model == _PARENT else run.model
            found[model, run.precision_hint] = Speed(
                precision_executed=run.precision_executed,
                throughput_fps=run.throughput_fps,
                ratio=_one() if itself or ratio is None else ratio.throughput,
                rounds=len(run.throughput_rounds_fps),
                other_load_cores=result.noise.other_load_cores,
            )
        return found

    def _runs(self, hint: PrecisionHint) -> InferenceSettings:
        return InferenceSettings(device=self.settings.device, precision_hint=hint)

    def _path(self, model: str) -> Path:
        return self.folder / model if model else self.parent.xml


def _half(model: ov.Model) -> ov.Model:
    """The model with its weights in FP16, as OpenVINO stores them by default."""
    import openvino as ov

    with temporary_folder() as folder:
        path = folder / "model.xml"
        ov.save_model(model, path, compress_to_fp16=True)
        return openvino_core().read_model(path)


def _one() -> Interval:
    return Interval(value=1.0, low=1.0, high=1.0)
