"""A processor's abilities, and what follows from them, in one sentence."""

import pytest

from core.inference.processor import Processor, this_processor
from core.inference.processor_words import processor_sentence
from core.inference.settings import Arithmetic


@pytest.mark.parametrize(
    ("sets", "arithmetic", "precision", "limit", "sentence"),
    [
        (
            ("AVX2", "AVX-512", "AVX-512 VNNI", "AVX-512 BF16"),
            "exact",
            "bf16",
            "",
            "Made-up (AVX-512 with VNNI and bfloat16): INT8 sums are exact; the default precision "
            "is bfloat16.",
        ),
        (
            ("AVX2", "AVX-512", "AVX-512 VNNI", "AMX INT8", "AMX BF16"),
            "exact",
            "bf16",
            "",
            "Made-up (AVX-512 with VNNI, AMX and bfloat16): INT8 sums are exact; the default "
            "precision is bfloat16.",
        ),
        (
            ("AVX2",),
            "saturating",
            "f32",
            "",
            "Made-up (AVX2 without VNNI): INT8 sums saturate, so that an INT8 model may find less "
            "than on a CPU with VNNI; the default precision is float32.",
        ),
        (
            ("AVX2", "AVX-512", "AVX-512 VNNI", "AVX-512 BF16"),
            "saturating",
            "f32",
            "AVX2",
            "Made-up (limited to AVX2): INT8 sums saturate, so that an INT8 model may find less "
            "than on a CPU with VNNI; the default precision is float32.",
        ),
        (
            ("NEON", "NEON dot product"),
            "float",
            "f16",
            "",
            "Made-up (NEON with dot products): INT8 models are computed in float, where sums are "
            "exact; the default precision is float16.",
        ),
        ((), "exact", "f32", "", "Made-up: INT8 sums are exact; the default precision is float32."),
    ],
)
def test_it_names_the_abilities_and_what_follows(
    sets: tuple[str, ...], arithmetic: Arithmetic, precision: str, limit: str, sentence: str
) -> None:
    made = Processor(
        name="Made-up",
        instruction_sets=sets,
        arithmetic=arithmetic,
        default_precision=precision,
        limit=limit,
    )
    assert processor_sentence(made) == sentence


def test_this_one_has_a_name_and_a_precision() -> None:
    found = this_processor()
    assert found.name
    assert found.default_precision in ("f32", "bf16", "f16")
    assert processor_sentence(found).startswith(found.name)
