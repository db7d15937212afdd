"""A plan in NNCF's words: as values for ``nncf.quantize``, and as code for a recipe."""

from __future__ import annotations

from typing import Any, NamedTuple

from core.models.plan import QuantizationPlan, RangeEstimator, Smoothing, Target

RANGES: dict[RangeEstimator, str] = {
    "min_max": "MINMAX",
    "mean_min_max": "MEAN_MINMAX",
    "median_min_max": "MEDIAN_MINMAX",
    "mean_no_outliers_min_max": "MEAN_NO_OUTLIERS_MINMAX",
    "mean_quantile": "MEAN_QUANTILE",
    "histogram": "HISTOGRAM",
}
DEVICES: dict[Target, str] = {
    "this_machine": "ANY",
    "any": "ANY",
    "cpu": "CPU",
    "cpu_vnni": "CPU",
    "cpu_bf16": "CPU",
    "cpu_amx": "CPU_SPR",
    "gpu": "GPU",
    "npu": "NPU",
}
"""NNCF's devices. `core.targets.target` has said by then what ``this_machine`` is."""

SATURATING: frozenset[Target] = frozenset(("any", "cpu"))
"""Targets whose INT8 sums may saturate."""

_ALPHAS: dict[Smoothing, float] = {"off": -1, "0.15": 0.15, "0.5": 0.5, "0.95": 0.95}
_ATTENTION, _CONVOLUTIONS = 0.95, -1.0  # NNCF's own


class Named(NamedTuple):
    """A member of one of NNCF's enumerations or a value of its classes, by its place there.

    `path` is below `module`; `arguments` make a value of a class, None names a member.
    """

    module: str
    path: str
    arguments: dict[str, Any] | None = None

    def value(self) -> Any:
        """It itself."""
        from importlib import import_module

        found: Any = import_module(self.module)
        for name in self.path.split("."):
            found = getattr(found, name)
        return found if self.arguments is None else found(**self.arguments)

    def code(self) -> str:
        """Python that gives it, after ``import nncf``."""
        place = f"{self.module}.{self.path}"
        if self.arguments is None:
            return place
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{place}({given})"


def nncf_parameters(
    plan: QuantizationPlan, images: int, ignored_names: tuple[str, ...]
) -> dict[str, Any]:
    """The keyword arguments of ``nncf.quantize``, besides the model and the images.

    `ignored_names` are all operations of this model that the plan ignores.
    """
    import nncf
    from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters

    advanced = {
        name: one.value() if isinstance(one, Named) else one
        for name, one in advanced_parameters(plan).items()
    }
    return {
        "preset": nncf.QuantizationPreset(plan.preset),
        "target_device": nncf.TargetDevice(DEVICES[plan.target]),
        "subset_size": images,
        "fast_bias_correction": plan.bias_correction != "accurate",
        "model_type": nncf.ModelType(plan.model_type) if plan.model_type != "default" else None,
        "ignored_scope": nncf.IgnoredScope(
            names=list(ignored_names), types=list(plan.ignored_types), validate=False
        ),
        "advanced_parameters": AdvancedQuantizationParameters(**advanced),
    }


def advanced_parameters(plan: QuantizationPlan) -> dict[str, Any]:
    """The fields of NNCF's ``AdvancedQuantizationParameters`` that the plan sets."""
    advanced = "nncf.quantization.advanced_parameters"
    chosen: dict[str, Any] = {"disable_bias_correction": not _corrects_biases(plan)}
    fix = overflow_fix(plan)
    if fix:
        chosen["overflow_fix"] = Named(advanced, f"OverflowFix.{fix}")
    for key, estimator in (
        ("activations_range_estimator_params", plan.activation_range),
        ("weights_range_estimator_params", plan.weight_range),
    ):
        if estimator != "default":
            ranges = "RangeEstimatorParametersSet"
            module = "nncf.quantization.range_estimator"
            chosen[key] = Named(module, f"{ranges}.{RANGES[estimator]}")
    if plan.activation_channels == "per_tensor":
        channels = {"per_channel": False}
        chosen["activations_quantization_params"] = Named(
            advanced, "QuantizationParameters", channels
        )
    rules = {
        "never": "DO_NOT_MERGE_BRANCHES",
        "same": "MERGE_IF_ALL_BRANCHES_SAME",
        "requantize": "MERGE_WITH_POTENTIAL_REQUANTIZATION",
    }
    if plan.quantizer_propagation in rules:
        rule = f"QuantizerPropagationRule.{rules[plan.quantizer_propagation]}"
        chosen["quantizer_propagation_rule"] = Named(RULES, rule)
    alphas = {
        "matmul": _ALPHAS.get(plan.smooth_attention, _ATTENTION),
        "convolution": _ALPHAS.get(plan.smooth_convolutions, _CONVOLUTIONS),
    }
    if alphas != {"matmul": _ATTENTION, "convolution": _CONVOLUTIONS}:
        chosen["smooth_quant_alphas"] = Named(advanced, "AdvancedSmoothQuantParameters", alphas)
    if plan.quantize_outputs == "yes":
        chosen["quantize_outputs"] = True
    return chosen


def _corrects_biases(plan: QuantizationPlan) -> bool:
    """Whether NNCF does; least-error rounding does what ``fast`` does, by more that it has seen."""
    if plan.weight_rounding == "least_error":
        return plan.bias_correction == "accurate"
    return plan.bias_correction != "off"


RULES = "nncf.common.quantization.quantizer_propagation.structs"


def overflow_fix(plan: QuantizationPlan) -> str:
    """NNCF's name of the plan's overflow fix; "" leaves it to NNCF, which fixes the first layer."""
    names = {"off": "DISABLE", "first_layer": "FIRST_LAYER", "all": "ENABLE"}
    if plan.overflow_fix == "default":
        return "ENABLE" if plan.target in SATURATING else ""
    return names[plan.overflow_fix]
