"""What is to be done to a model: a value that can be stored and run again."""

from __future__ import annotations

from typing import Literal

from core.models.input_size import InputSize
from core.values import Stored, Value

Part = Literal[
    "first_layer",
    "head",
    "last_convolutions",
    "post_processing",
    "elementwise",
    "depthwise",
    "attention",
    "linear",
]
Preset = Literal["performance", "mixed"]
Target = Literal["this_machine", "any", "cpu", "cpu_vnni", "cpu_bf16", "cpu_amx", "gpu", "npu"]
Arithmetic = Literal["exact", "saturating", "float"]
"""What sums of INT8 products are on a processor; `core.inference.arithmetic` finds it out."""

FloatPrecision = Literal["f32", "bf16"]
"""What a processor computes in by default where it does not compute in INT8."""

OverflowFix = Literal["default", "off", "first_layer", "all"]
PropagationRule = Literal["default", "never", "same", "requantize"]
Smoothing = Literal["default", "off", "0.15", "0.5", "0.95"]
ChannelRanges = Literal["default", "per_tensor"]
ModelType = Literal["default", "transformer"]
Rounding = Literal["nearest", "least_error"]
BiasCorrection = Literal["fast", "accurate", "off"]
RangeEstimator = Literal[
    "default",
    "min_max",
    "mean_min_max",
    "median_min_max",
    "mean_no_outliers_min_max",
    "mean_quantile",
    "histogram",
]
Place = Literal["outside", "inside"]
Metric = Literal["accuracy_kept", "coco_ap", "voc_map"]
Choosing = Literal["tensor_distance", "nncf"]
DEFAULT_SUBSET = 300
USUAL_DROP: dict[Metric, float] = {"accuracy_kept": 0.02, "coco_ap": 0.01, "voc_map": 0.01}


class Subgraph(Value):
    """Everything on the paths from the operations `inputs` to the operations `outputs`."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class AccuracyTarget(Value):
    """How much may be lost, and how long operations are put back into float to keep to it.

    Attributes:
        metric: ``accuracy_kept`` (an estimate of the share of the parent's mAP, which has 1), COCO
            ``coco_ap`` or Pascal VOC ``voc_map`` by the ground truth.
        max_drop: the parent's metric less the optimized model's, at most.
        images: how many images the models are evaluated on at most.
        minutes: after which the best model so far is taken.
        attempts: how many models are made and evaluated at most.
        choosing: how the layers are chosen that stay in float: those that add most error to
            their tensors, or by NNCF's accuracy control, which tries all of them and is slow.
    """

    metric: Metric = "accuracy_kept"
    max_drop: float = USUAL_DROP["accuracy_kept"]
    images: int = 100
    minutes: float = 15.0
    attempts: int = 60
    choosing: Choosing = "tensor_distance"


class AccuracyOutcome(Value):
    """What the method Accuracy-aware came to.

    Attributes:
        parent, quantized, optimized: the metric of the parent, of the model with everything
            quantized, and of the one that was chosen.
        reached: whether that one loses no more than is allowed.
        images, dataset: what it was evaluated on; `held_out` of the calibration images.
        layers_in_float, layers: how many were put back, of how many that were ranked.
        attempts: models that were made and evaluated.
        seconds: that it took.
        ended_early: that it ended before all was tried, because the ``time`` or the ``attempts``
            were used up.
        nncf_stopped_after: seconds after which NNCF's accuracy control was stopped, and tensor
            distance took over; None where it was not.
        arithmetics: of INT8 sums, in the worst of which models were measured: what the target may
            have, as far as the machine could compute it; `not_judged` are those that it could not.
    """

    target: AccuracyTarget
    parent: float
    quantized: float
    optimized: float
    reached: bool
    images: int
    dataset: str
    held_out: bool
    layers_in_float: int
    layers: int
    attempts: int
    seconds: float
    ended_early: Literal["", "time", "attempts"] = ""
    nncf_stopped_after: float | None = None
    arithmetics: tuple[Arithmetic, ...] = ()
    not_judged: tuple[Arithmetic, ...] = ()

    @property
    def drop(self) -> float:
        """The parent's metric less that of the optimized model."""
        return self.parent - self.optimized


class QuantizationPlan(Stored):
    """INT8 quantization with NNCF; the defaults are NNCF's.

    Attributes:
        name: what the user calls it; says nothing about what is done.
        preset: ``performance`` (symmetric activations, fastest) or ``mixed`` (asymmetric
            activations, often closer to the parent).
        subset_size: how many calibration images are used at most.
        seed: decides which images those are, and their order.
        target: where it is to run. ``cpu`` is one without VNNI, whose INT8 sums saturate;
            ``any`` must be right with and without it; ``this_machine`` becomes what the machine is
            that optimizes.
        model_type: ``transformer`` keeps what attention is sensitive to in float.
        bias_correction: makes up for the mean error of each layer, or not.
        overflow_fix: which weights use half of their 8 bits, so that sums of 16 bits do not
            saturate; ``default`` follows from the target.
        activation_range, weight_range: how the range of values is estimated from what was seen.
        weight_rounding: to the ``nearest`` step, as NNCF does, or so that each layer's outputs have
            the ``least_error`` on the calibration images; see `core.optimize.rounding`.
        activation_channels: ``per_tensor`` has one range for all channels in depthwise
            convolutions, too; NNCF gives them one for each channel, and takes those nowhere else.
        quantizer_propagation: whether branches of the network share a quantizer.
        smooth_attention, smooth_convolutions: SmoothQuant's alpha, for matrix products and for
            convolutions; only for a transformer.
        quantize_outputs: whether the outputs are quantized, too.
        ignored_parts: of the ignored scope (what stays in float), parts of the detector, found by
            its structure.
        ignored_names: operations by their names.
        ignored_patterns: operations by regular expressions that a name begins with, as in NNCF.
        ignored_types: operations by type, such as ``Multiply``.
        ignored_subgraphs: all operations between the first ones and the last ones of a subgraph.
        input_size: that the network is brought to before it is quantized; None for its own.
        preprocessing: whether conversion, colours, mean and scale are part of the network that is
            made, which then takes images as they are decoded; they calibrate outside of it.
        nms: whether the reading of its outputs and NMS are part of the network that is made, which
            then lists detections itself; built in after quantization.
        accuracy: what must be kept, for the method Accuracy-aware; None for the method Default.
    """

    name: str = ""
    preset: Preset = "performance"
    subset_size: int = DEFAULT_SUBSET
    seed: int = 0
    target: Target = "this_machine"
    model_type: ModelType = "default"
    bias_correction: BiasCorrection = "fast"
    overflow_fix: OverflowFix = "default"
    activation_range: RangeEstimator = "default"
    weight_range: RangeEstimator = "default"
    weight_rounding: Rounding = "nearest"
    activation_channels: ChannelRanges = "default"
    quantizer_propagation: PropagationRule = "default"
    smooth_attention: Smoothing = "default"
    smooth_convolutions: Smoothing = "default"
    quantize_outputs: Literal["no", "yes"] = "no"
    ignored_parts: tuple[Part, ...] = ()
    ignored_names: tuple[str, ...] = ()
    ignored_patterns: tuple[str, ...] = ()
    ignored_types: tuple[str, ...] = ()
    ignored_subgraphs: tuple[Subgraph, ...] = ()
    input_size: InputSize | None = None
    preprocessing: Place = "outside"
    nms: Place = "outside"
    accuracy: AccuracyTarget | None = None
