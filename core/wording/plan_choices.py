"""The fields of a quantization plan: their titles, what can be chosen, and what each choice means.

The form and the flags are made of these tables.

Length: tables of words, so that a new field of a plan has all of its words in one file.
"""

from __future__ import annotations

from core.models.plan import Metric, Part
from core.targets.titles import TARGETS
from core.values import Value


class Choice(Value):
    """One value of a plan's field: what the user reads, and what it means."""

    value: str
    title: str
    text: str


PARTS: dict[Part, tuple[str, str]] = {
    "first_layer": ("First layer", "the convolutions that see the image itself"),
    "head": ("Head", "what turns the features of one grid into boxes and scores"),
    "last_convolutions": (
        "Last convolutions",
        "those whose values become boxes and scores",
    ),
    "post_processing": ("Post-processing", "everything after the last convolutions"),
    "elementwise": ("Elementwise", "arithmetic, activation functions, concatenation and pooling"),
    "depthwise": ("Depthwise convolutions", "one filter for each channel"),
    "attention": ("Attention", "products of two activations, and Softmax"),
    "linear": (
        "Fully connected layers",
        "products with weights, as a transformer's decoder has",
    ),
}
"""Title and meaning of each part of a detector."""

CHOICES: dict[str, tuple[Choice, ...]] = {
    "preset": (
        Choice(
            value="performance",
            title="Performance",
            text="Symmetric ranges everywhere: the fastest. Try this first.",
        ),
        Choice(
            value="mixed",
            title="Mixed",
            text="Asymmetric activation ranges: often closer to the parent, a little slower.",
        ),
    ),
    "target": (
        Choice(
            value="this_machine",
            title=TARGETS["this_machine"],
            text="As its processor computes. The plan then says what that is.",
        ),
        Choice(
            value="any",
            title=TARGETS["any"],
            text="Right on every processor: with VNNI and without, in float32 and in bfloat16.",
        ),
        Choice(
            value="cpu",
            title=TARGETS["cpu"],
            text="Its INT8 sums saturate, so that weights use half of their 8 bits. The rest "
            "runs in float32.",
        ),
        Choice(
            value="cpu_vnni",
            title=TARGETS["cpu_vnni"],
            text="Its INT8 sums are exact, as with dot products on ARM. The rest runs in float32.",
        ),
        Choice(
            value="cpu_bf16",
            title=TARGETS["cpu_bf16"],
            text="VNNI and AVX-512 BF16, such as Zen 4: INT8 sums are exact, and the rest runs in "
            "bfloat16. With AMX, the sums are the same.",
        ),
        Choice(
            value="cpu_amx",
            title=TARGETS["cpu_amx"],
            text="Sapphire Rapids and newer: INT8 sums are exact, and the rest runs in bfloat16. "
            "Keeps more additions in float, which is faster there.",
        ),
        Choice(value="gpu", title=TARGETS["gpu"], text="An Intel graphics card."),
        Choice(value="npu", title=TARGETS["npu"], text="An Intel neural processor."),
    ),
    "model_type": (
        Choice(value="default", title="Convolutional", text="Most detectors."),
        Choice(
            value="transformer",
            title="Transformer",
            text="Keeps operations that attention is sensitive to in float. It can also hurt: "
            "measure it.",
        ),
    ),
    "bias_correction": (
        Choice(value="fast", title="Fast", text="Compensates for the mean error of each layer."),
        Choice(
            value="accurate",
            title="Accurate",
            text="Corrects one layer after the other: takes many times longer.",
        ),
        Choice(value="off", title="Off", text="Leaves the biases as they are."),
    ),
    "overflow_fix": (
        Choice(
            value="default",
            title="Default",
            text="All layers where the target may lack VNNI, else the first layer.",
        ),
        Choice(
            value="all",
            title="All layers",
            text="All weights use half of their 8 bits: no sum saturates.",
        ),
        Choice(
            value="first_layer",
            title="First layer",
            text="Only the weights of the first convolutions.",
        ),
        Choice(
            value="off",
            title="Off",
            text="All weights use 8 bits. On a CPU without VNNI this can ruin a model.",
        ),
    ),
    "activation_range": (
        Choice(value="default", title="Default", text="The mean of what each image shows."),
        Choice(
            value="min_max",
            title="All values",
            text="From the smallest to the largest value of all images: clips nothing.",
        ),
        Choice(
            value="mean_min_max",
            title="Mean",
            text="The mean of the images' smallest and largest values.",
        ),
        Choice(
            value="median_min_max",
            title="Median",
            text="Their median: robust to outlier images.",
        ),
        Choice(
            value="mean_no_outliers_min_max",
            title="Mean without outliers",
            text="Their mean, without outlier images.",
        ),
        Choice(
            value="mean_quantile",
            title="Without rare values",
            text="Clips the rarest values of each image. It ruins some detectors.",
        ),
        Choice(
            value="histogram",
            title="Least error",
            text="The range with the least error on a histogram of the values. Slow.",
        ),
    ),
}
CHOICES["weight_range"] = (
    Choice(value="default", title="Default", text="All values of each channel."),
    *CHOICES["activation_range"][1:-1],
)
CHOICES["weight_rounding"] = (
    Choice(value="nearest", title="Nearest", text="Each weight to its nearest step, as NNCF does."),
    Choice(
        value="least_error",
        title="Least error",
        text="So that each layer's outputs stay closest: keeps more, and costs no speed.",
    ),
)
CHOICES["activation_channels"] = (
    Choice(
        value="default",
        title="Default",
        text="Per channel in depthwise convolutions, per tensor elsewhere.",
    ),
    Choice(value="per_tensor", title="Per tensor", text="One range for all channels everywhere."),
)
CHOICES["quantizer_propagation"] = (
    Choice(value="default", title="Default", text="Branches share one quantizer."),
    Choice(value="never", title="Never", text="Each branch has a quantizer of its own."),
    Choice(value="same", title="If all are alike", text="Shared where all branches need the same."),
    Choice(
        value="requantize",
        title="With requantization",
        text="Shared where possible; branches that need more are quantized again.",
    ),
)
_ALPHAS = (
    Choice(value="0.15", title="0.15", text="Moves little into the weights."),
    Choice(value="0.5", title="0.5", text="Activations and weights share it."),
    Choice(value="0.95", title="0.95", text="Moves nearly all into the weights."),
    Choice(value="off", title="Off", text="Nothing is smoothed."),
)
CHOICES["smooth_attention"] = (
    Choice(value="default", title="Default", text="0.95. Only for a transformer."),
    *_ALPHAS,
)
CHOICES["smooth_convolutions"] = (
    Choice(value="default", title="Default", text="Off. Only for a transformer."),
    *_ALPHAS,
)
CHOICES["quantize_outputs"] = (
    Choice(value="no", title="No", text="Boxes and scores stay in float."),
    Choice(value="yes", title="Yes", text="For a runtime that needs INT8 outputs."),
)
CHOICES["preprocessing"] = (
    Choice(value="outside", title="Outside", text="Whoever runs the network prepares its input."),
    Choice(
        value="inside",
        title="In the graph",
        text="The network takes pixels as they are decoded, and converts and scales them itself. "
        "Measure whether that is faster.",
    ),
)
CHOICES["nms"] = (
    Choice(value="outside", title="Outside", text="Whoever runs the network reads its outputs."),
    Choice(
        value="inside",
        title="In the graph",
        text="The network lists boxes, scores and labels itself, after NMS. Measure whether that "
        "is faster.",
    ),
)
PLAN_CHOICES = tuple(CHOICES)
"""Fields of a plan that have choices; the others in `CHOICES` are of its accuracy."""

CHOICES["metric"] = (
    Choice(
        value="accuracy_kept",
        title="Accuracy kept",
        text="An estimate of the share of the parent's mAP that is kept; the parent has 1. Needs "
        "no annotations. From 0.98 on a report calls a model safe.",
    ),
    Choice(
        value="coco_ap",
        title="COCO AP",
        text="Against ground truth, at IoU .50 to .95. Needs annotated images.",
    ),
    Choice(
        value="voc_map",
        title="VOC mAP",
        text="Against ground truth, at IoU .50. Needs annotated images.",
    ),
)
CHOICES["choosing"] = (
    Choice(
        value="tensor_distance",
        title="By tensor distance",
        text="Those that add most error to their tensors first: a dozen or two attempts.",
    ),
    Choice(
        value="nncf",
        title="By NNCF's accuracy control",
        text="Tries every group of operations in each round: minutes for a small detector. If it "
        "has not ended after 60% of the time, tensor distance takes over.",
    ),
)

TITLES = {
    "preset": "Preset",
    "subset_size": "Maximum calibration images",
    "seed": "Seed",
    "target": "Target",
    "model_type": "Model type",
    "bias_correction": "Bias correction",
    "overflow_fix": "Overflow fix",
    "activation_range": "Activation range",
    "weight_range": "Weight range",
    "weight_rounding": "Weight rounding",
    "activation_channels": "Activation channels",
    "quantizer_propagation": "Shared quantizers",
    "smooth_attention": "SmoothQuant, attention",
    "smooth_convolutions": "SmoothQuant, convolutions",
    "quantize_outputs": "Quantize outputs",
    "ignored_parts": "Ignored parts",
    "ignored_names": "Ignored operations",
    "ignored_patterns": "Ignored patterns",
    "ignored_types": "Ignored types",
    "ignored_subgraphs": "Ignored subgraphs",
    "input_size": "Input size",
    "preprocessing": "Preprocessing",
    "nms": "NMS",
    "accuracy": "Accuracy target",
}
MEANINGS = {
    "subset_size": "number of calibration images",
    "seed": "random seed: which images calibrate",
    "preset": "whether activations may have asymmetric ranges: mixed",
    "target": "where the model is to run",
    "model_type": "transformer: keep what attention is sensitive to in float",
    "bias_correction": "how the mean error of each layer is compensated",
    "overflow_fix": "which weights use half of their 8 bits, so that no INT8 sum saturates",
    "activation_range": "how ranges are computed from the calibration images",
    "weight_range": "how ranges are computed from the weights",
    "weight_rounding": "least_error: by what keeps each layer's outputs closest",
    "activation_channels": "whether channels of an activation have ranges of their own",
    "quantizer_propagation": "whether branches of the network share quantizers",
    "smooth_attention": "SmoothQuant's alpha for matrix products, of a transformer",
    "smooth_convolutions": "SmoothQuant's alpha for convolutions, of a transformer",
    "quantize_outputs": "whether boxes and scores are quantized, too",
    "preprocessing": "inside: converting and scaling pixels becomes part of the network",
    "nms": "inside: reading the outputs and NMS become part of the network",
}
"""What each field decides, for the help of its flag."""

METRIC_WORDS: dict[Metric, str] = {
    "accuracy_kept": "accuracy kept",
    "coco_ap": "COCO AP",
    "voc_map": "VOC mAP",
}
