"""The report on tensors: how far the optimized model's are from its parent's, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.documents.tables import Column, Table
from core.errors import InputError
from core.inference.processor import this_processor
from core.jobs.context import JobContext
from core.jobs.job import RESULT_FILE
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport
from core.models.differences import require_same_ports
from core.models.preprocessing_inside import outside
from core.models.stored import StoredModel, load_stored, read_network
from core.remarks.remark import Remark
from core.remarks.sentences import sentences
from core.reports.kind import AS_MADE, ReportJob, ReportKind, ReportResult, ViewState, about, now
from core.reports.versus import Versus, in_order, most_changed
from core.reports.wording import Headline
from core.values import Plain, read_json, to_plain

if TYPE_CHECKING:
    import openvino as ov
    from markupsafe import Markup

    from core.inference.loading import LoadedImage
    from core.inference.settings import Executed, InferenceSettings
    from core.metrics.tensors.tensor_distance import TensorMeter

_SHOWN = 40  # layers in the chart
_NAMED = 10  # outputs and layers that the terminal shows
_DISTANCES = (
    Column("kind", "Kind", meaning="Type of the operation that makes it."),
    Column(
        "added_error", "Added error", "ratio",
        "The relative error, less the largest one among the layers that it is computed from: what "
        "the layer itself does.",
    ),
    Column(
        "relative_error", "Relative error", "ratio",
        "Root of the mean square difference, over the parent's root mean square.",
    ),
    Column(
        "snr_db", "SNR, dB", "decibel",
        "10 log10 of the parent's mean square over the mean square difference. A dash: equal.",
    ),
    Column("mse", "MSE", "short", "Mean square difference."),
    Column("cosine", "Cosine", "ratio", "Cosine similarity of the two tensors."),
    Column("max_abs", "Largest difference", "short", "Largest absolute difference of two values."),
)  # fmt: skip
LAYER_COLUMNS = (
    Column("name", "Layer", meaning="In the parent and in the optimized model."),
    *_DISTANCES,
    Column("operations", "Operations", in_files=True),
)  # fmt: skip
OUTPUT_COLUMNS = (
    Column("output", "Output", meaning="As the network outputs it; for an SSD, before its NMS."),
    *_DISTANCES,
)


class TensorsResult(ReportResult, tag="tensor-distance"):
    """Which images were chosen by `seed`, and the distances."""

    seed: int
    report: TensorReport


class TensorsJob(ReportJob, tag="report_on_tensors"):
    """Runs both networks on so many images as the options say."""

    def run(self, context: JobContext) -> TensorsResult:
        """See `core.jobs.job.Job`."""
        from core.inference.compiling import compile_for
        from core.inference.loading import load_images
        from core.inference.settings import TRUE_F32
        from core.metrics.tensors.tensor_distance import TensorMeter

        parent, optimized = load_stored(self.parent), load_stored(self.optimized)
        require_same_ports(parent, optimized)
        _require_same_input(parent, optimized)
        dataset = context.open_dataset(self.dataset)
        settings = self.way(optimized, context)
        context.step("Preparing the networks")
        meter = TensorMeter(
            parent.xml, optimized.xml, lambda model: compile_for(model, settings, "LATENCY")
        )
        chosen = dataset.subset(self.options.images, self.options.seed)
        images = load_images(dataset, chosen, parent.card.detector)
        problems = _measured(meter, images, len(chosen), context)
        context.log_problems(tuple(problems))
        if len(problems) == len(chosen):
            raise InputError(
                f"None of the images in {dataset.root} could be read.", *sentences(problems[:1])
            )
        return TensorsResult(
            parent=parent.card.name,
            optimized=optimized.card.name,
            parent_executed=_ran(meter.compiled[0], TRUE_F32, parent),
            optimized_executed=_ran(meter.compiled[1], settings, optimized),
            dataset=dataset.name,
            dataset_root=dataset.root,
            seed=self.options.seed,
            report=meter.report(),
            problems=tuple(problems),
            created=now(),
            processor=this_processor(),
        )

    def way(self, optimized: StoredModel, context: JobContext) -> InferenceSettings:
        """Tensors are read in this process alone, which may have other sums than the target."""
        from core.inference.arithmetic import int8_arithmetic
        from core.inference.settings import InferenceSettings

        found = super().way(optimized, context)
        here = self.settings is not None or found.int8 != "saturating"
        if here or int8_arithmetic() == "saturating":
            return found
        return InferenceSettings(device=self.device)


def _measured(
    meter: TensorMeter, images: Iterable[LoadedImage], total: int, context: JobContext
) -> list[Remark]:
    """Feed the images to the meter; gives why some were left out."""
    stage, problems = "Comparing tensors", list[Remark]()
    context.step(stage, 0, total)
    for done, image in enumerate(images, start=1):
        if image.problem is not None:
            problems.append(image.problem)
        elif image.tensors is not None:
            meter.add(image.tensors)
        context.step(stage, done, total)
    return problems


def _ran(compiled: ov.CompiledModel, settings: InferenceSettings, model: StoredModel) -> Executed:
    from core.inference.executed import executed

    return executed(compiled, settings, quantized=_is_quantized(model.xml))


def _is_quantized(xml: Path) -> bool:
    from core.inference.executed import is_quantized

    return is_quantized(read_network(xml))


def _require_same_input(parent: StoredModel, optimized: StoredModel) -> None:
    """Tensors can be compared only where both networks see the same."""
    one, other = (stored.card.detector.preprocessing for stored in (parent, optimized))
    if one == other:
        return
    what = f"The tensors of {parent.card.name} and {optimized.card.name} cannot be compared: one "
    if outside(one) == outside(other) and outside(one) in (one, other):
        raise InputError(
            f"{what}has its preprocessing inside and takes pixels as they are decoded, the other "
            "takes prepared ones.",
            "Compare their predictions, or models that both have it outside.",
        )
    raise InputError(
        f"{what}takes {one.describe()}, the other {other.describe()}.",
        "Edit the model settings of one of them, or compare their predictions.",
    )


@dataclass(frozen=True)
class TensorsReport:
    """The stored distances are all there is."""

    result: TensorsResult

    @property
    def outputs(self) -> Table:
        """The outputs of the network."""
        found = self.result.report.outputs
        return Table.of_rows(OUTPUT_COLUMNS, ((one.output, *_distances(one)) for one in found))

    @property
    def layers(self) -> Table:
        """The layers, the one that adds most error first."""
        return layer_table(self.result.report.layers)


def layer_table(layers: Sequence[TensorDistance]) -> Table:
    """One row a layer, in this order."""
    rows = ((one.name, *_distances(one), " ".join(one.operations)) for one in layers)
    return Table.of_rows(LAYER_COLUMNS, rows)


def load_tensors(folder: Path) -> TensorsReport:
    """The distances that a job left in `folder`; raises WorkbenchError where they are damaged."""
    return TensorsReport(read_json(folder / RESULT_FILE, TensorsResult))


def _distances(one: TensorDistance) -> tuple[str | float | None, ...]:
    return (
        one.kind, one.added_error, one.relative_error, one.snr_db, one.mse, one.cosine, one.max_abs,
    )  # fmt: skip


class Tensors(ReportKind[TensorsReport]):
    """See `core.reports.kind.ReportKind`."""

    id = "tensor-distance"
    title = "Tensor distance"
    question = (
        "Where in the network does the difference arise, layer by layer? The layers that add most "
        "error are candidates for the ignored scope."
    )
    details = "Relative error of each layer"
    job = TensorsJob
    result = TensorsResult
    options = frozenset({"images", "seed"})
    note = (
        "The relative error of a layer is the root of its mean square difference over the parent's "
        "root mean square; what it adds is that less the largest one among the layers that it is "
        "computed from. What adds most is a candidate for the ignored scope (kept in float)."
    )

    def read(self, folder: Path, view: ViewState = AS_MADE) -> TensorsReport:
        return load_tensors(folder)

    def headline(self, result: TensorsResult) -> Headline:
        images = result.report.images
        known = [one.snr_db for one in result.report.outputs if one.snr_db is not None]
        if not known:
            return Headline(code="equal_outputs", figures={"images": images})
        return Headline(code="lowest_snr", figures={"images": images, "snr_db": min(known)})

    def tables(self, report: TensorsReport) -> dict[str, Table]:
        return {"outputs": report.outputs, "layers": report.layers}

    def summary(self, report: TensorsReport) -> tuple[str | Table, ...]:
        figures = ("kind", "snr_db", "relative_error", "added_error")
        return (
            report.outputs.part(("output", *figures), _NAMED),
            "",
            "Layers that add most error:",
            report.layers.part(("name", *figures), _NAMED),
        )

    def plain(self, report: TensorsReport) -> Plain:
        return {**about(report.result, "report"), **to_plain(report.result.report)}

    def chart(self, report: TensorsReport) -> Markup:
        from core.documents.charts import VERMILION, Series, stacked_bars

        worst = report.result.report.layers[:_SHOWN]
        errors = [round(max(0.0, one.added_error), 4) for one in worst]
        return stacked_bars(
            "Relative error added by layer",
            [one.name for one in worst],
            [Series("error added", VERMILION, errors)],
        )

    def versus(self, first: TensorsReport, second: TensorsReport) -> Versus:
        both = first.result.report, second.result.report
        outputs = [{f"SNR of {o.output}, dB": o.snr_db for o in one.outputs} for one in both]
        layers = [{layer.name: layer.relative_error for layer in one.layers} for one in both]
        return Versus(figures=in_order(*outputs), details=most_changed(*layers))
