"""A plan in NNCF's words."""

from __future__ import annotations

from typing import Any

from core.models.plan import QuantizationPlan, RangeEstimator

RANGES: dict[RangeEstimator, str] = {
    "min_max": "MINMAX",
    "mean_min_max": "MEAN_MINMAX",
    "median_min_max": "MEDIAN_MINMAX",
    "mean_no_outliers_min_max": "MEAN_NO_OUTLIERS_MINMAX",
    "mean_quantile": "MEAN_QUANTILE",
    "histogram": "HISTOGRAM",
}


def nncf_parameters(
    plan: QuantizationPlan, images: int, ignored_names: tuple[str, ...]
) -> dict[str, Any]:
    """The keyword arguments of ``nncf.quantize``, besides the model and the images.

    `ignored_names` are all operations of this model that the plan ignores.
    """
    import nncf

    return {
        "preset": nncf.QuantizationPreset(plan.preset),
        "target_device": nncf.TargetDevice(plan.target_device.upper()),
        "subset_size": images,
        "fast_bias_correction": plan.bias_correction != "accurate",
        "model_type": nncf.ModelType(plan.model_type) if plan.model_type != "default" else None,
        "ignored_scope": nncf.IgnoredScope(
            names=list(ignored_names), types=list(plan.ignored_types), validate=False
        ),
        "advanced_parameters": _advanced(plan),
    }


def _advanced(plan: QuantizationPlan) -> Any:
    from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters

    chosen: dict[str, Any] = {"disable_bias_correction": plan.bias_correction == "off"}
    if plan.activation_range != "default":
        chosen["activations_range_estimator_params"] = _range(plan.activation_range)
    if plan.weight_range != "default":
        chosen["weights_range_estimator_params"] = _range(plan.weight_range)
    return AdvancedQuantizationParameters(**chosen)


def _range(name: RangeEstimator) -> Any:
    from nncf.quantization.range_estimator import RangeEstimatorParametersSet

    return getattr(RangeEstimatorParametersSet, RANGES[name])
