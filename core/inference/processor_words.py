"""A processor's abilities, and what follows from them, in words."""

from __future__ import annotations

from core.inference.processor import Processor

_LIMITS = {
    "SSE41": "SSE 4.1",
    "AVX": "AVX",
    "AVX2": "AVX2",
    "AVX2_VNNI": "AVX2 with VNNI",
    "AVX512_CORE": "AVX-512 without VNNI",
    "AVX512_CORE_VNNI": "AVX-512 with VNNI",
}
_PRECISIONS = {"bf16": "bfloat16", "f16": "float16", "f32": "float32"}
_SUMS = {
    "exact": "INT8 sums are exact",
    "float": "INT8 models are computed in float, where sums are exact",
    "saturating": "INT8 sums saturate, so that an INT8 model may find less than on a CPU with VNNI",
}


def processor_sentence(processor: Processor) -> str:
    """What the processor has, and what that means for a detector; one sentence."""
    named = processor_name(processor)
    precision = _PRECISIONS.get(processor.default_precision, processor.default_precision)
    return f"{named}: {_SUMS[processor.arithmetic]}; the default precision is {precision}."


def processor_name(processor: Processor) -> str:
    """What it calls itself, and what it is able to."""
    return f"{processor.name} ({_abilities(processor)})".replace(" ()", "")


def _abilities(processor: Processor) -> str:
    """Such as ``AVX-512 with VNNI and bfloat16``; empty where the system does not say."""
    if processor.limit:
        return f"limited to {_LIMITS.get(processor.limit, processor.limit)}"
    sets = set(processor.instruction_sets)
    if not sets:
        return ""
    if "NEON" in sets:
        base = "NEON"
        more = ["dot products"] if {"NEON dot product", "NEON INT8"} & sets else []
        more += ["bfloat16"] if "NEON BF16" in sets else []
        return f"{base} with {_joined(more)}" if more else f"{base} without dot products"
    base = "AVX-512" if "AVX-512" in sets else "AVX2" if "AVX2" in sets else "no AVX2"
    more = ["VNNI"] if {"AVX-VNNI", "AVX-512 VNNI"} & sets else []
    more += ["AMX"] if {"AMX INT8", "AMX BF16"} & sets else []
    more += ["bfloat16"] if {"AVX-512 BF16", "AMX BF16"} & sets else []
    return f"{base} with {_joined(more)}" if more else f"{base} without VNNI"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
