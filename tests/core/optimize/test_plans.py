"""Plans: what they keep in float, what they refuse, and that a model carries its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import nncf
import numpy as np
import openvino as ov
import pytest
from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.errors import InputError, WorkbenchError
from core.inference.arithmetic import int8_arithmetic
from core.inference.executed import default_precision
from core.models.importing import Evidence, import_model
from core.models.plan import QuantizationPlan, Subgraph, Target
from core.models.plan_note import note_plan, plan_of
from core.models.stored import StoredModel
from core.optimize.parameters import Named, advanced_parameters
from core.optimize.quantizing import quantize
from core.optimize.scope import ignored_operations
from core.runtime import openvino_core
from core.targets.target import for_target
from core.values import from_json, to_json
from core.wording.plan_choices import CHOICES
from tests.support import models
from tests.support.images import write_images

HALF = 64
EVERYTHING = QuantizationPlan(
    name='mine <"é">',
    preset="mixed",
    subset_size=2,
    seed=3,
    target="cpu_amx",
    model_type="transformer",
    bias_correction="accurate",
    overflow_fix="all",
    activation_range="mean_quantile",
    weight_range="median_min_max",
    weight_rounding="least_error",
    activation_channels="per_tensor",
    quantizer_propagation="never",
    smooth_attention="0.5",
    smooth_convolutions="0.15",
    quantize_outputs="yes",
    ignored_parts=("last_convolutions",),
    ignored_names=("sigmoid-0",),
    ignored_patterns=("concat",),
    ignored_types=("Multiply", "Swish"),
    ignored_subgraphs=(Subgraph(inputs=("convolution-8",), outputs=("add-8",)),),
)


def yolox() -> ov.Model:
    """A network whose operations are called after their type and number, such as ``add-0``."""
    model = models.yolox()
    numbers: Counter[str] = Counter()
    for op in model.get_ordered_ops():
        kind = op.get_type_name().lower()
        op.set_friendly_name(f"{kind}-{numbers[kind]}")
        numbers[kind] += 1
    return model


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredModel:
    return imported(yolox(), tmp_path_factory.mktemp("plans"), "yolox")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> StoredModel:
    """Quantized in half the time."""
    return imported(models.ssd(), tmp_path_factory.mktemp("small"), "ssd")


def imported(network: ov.Model, folder: Path, name: str) -> StoredModel:
    """A network with three images beside it."""
    write_images(folder / "images", 3)
    model = models.save(network, folder / "model", name, models.CLASSES)
    evidence = Evidence(images=[], class_names=())
    return import_model(model, folder, lambda *_: None, evidence)


def fake_quantized(stored: StoredModel, plan: QuantizationPlan) -> dict[str, int]:
    """The operations that read quantized values, and how many of their inputs do."""
    dataset = open_dataset(stored.xml.parent / "images")
    detector = stored.card.detector
    made = quantize(stored.xml, detector, dataset, plan, lambda *_: None).model
    assert plan_of(made) == for_target(plan)
    found: dict[str, int] = {}
    for op in made.get_ops():
        for port in op.inputs():
            if port.get_source_output().get_node().get_type_name() == "FakeQuantize":
                name = op.get_friendly_name()
                found[name] = found.get(name, 0) + 1
    return found


def test_each_part_of_a_plan_reaches_nncf(stored: StoredModel) -> None:
    usual = fake_quantized(stored, QuantizationPlan(subset_size=2))
    assert {"multiply-1", "convolution-8"} <= usual.keys()
    kept = fake_quantized(stored, EVERYTHING)
    model = openvino_core().read_model(stored.xml)
    left_out = set(ignored_operations(EVERYTHING, model))
    assert {
        "sigmoid-0",
        "concat-3",
        "multiply-1",
        "convolution-8",
        "add-8",
        "convolution-3",
    } <= left_out
    assert "convolution-5" in kept
    assert not left_out & kept.keys()


def test_a_subgraph_is_what_lies_on_the_way() -> None:
    subgraph = Subgraph(inputs=("convolution-5",), outputs=("multiply-4",))
    plan = QuantizationPlan(ignored_subgraphs=(subgraph,))
    assert ignored_operations(plan, yolox()) == (
        "convolution-5",
        "add-5",
        "sigmoid-4",
        "multiply-4",
    )


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (QuantizationPlan(ignored_names=("sigmoid-0", "nowhere")), "names 'nowhere'"),
        (QuantizationPlan(ignored_patterns=("head",)), "'head' matches the name of no operation"),
        (
            QuantizationPlan(ignored_subgraphs=(Subgraph(inputs=("add-8",), outputs=("add-0",)),)),
            "No path leads from add-8 to add-0",
        ),
    ],
)
def test_a_plan_for_another_model_is_refused(
    stored: StoredModel, plan: QuantizationPlan, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        fake_quantized(stored, plan)


OFFERED = [
    (field, one.value)
    for field, choices in CHOICES.items()
    if field in QuantizationPlan.__struct_fields__ and field != "bias_correction"
    for one in choices
]


@pytest.mark.parametrize(("field", "value"), OFFERED)
def test_nncf_takes_every_choice_that_is_offered(
    small: StoredModel, field: str, value: str
) -> None:
    """Ranges per channel were offered, and no target takes them."""
    plan = replace(QuantizationPlan(subset_size=1), **{field: value})
    assert fake_quantized(small, plan)


def test_what_nncf_refuses_is_not_called_an_image_that_cannot_be_read(
    stored: StoredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ValueError("constraints are incompatible\n   with HW capabilities of 'ANY'.")

    monkeypatch.setattr(nncf, "quantize", refused)
    with pytest.raises(WorkbenchError) as said:
        fake_quantized(stored, QuantizationPlan(subset_size=1))
    assert said.value.what == (
        "NNCF cannot quantize yolox with this plan: constraints are incompatible with HW "
        "capabilities of 'ANY'."
    )


@pytest.mark.parametrize("room", ["nncf.odd", "core.odd"])
def test_a_fault_of_nncf_on_an_odd_network_is_said_and_one_of_ours_is_not_taken_for_it(
    stored: StoredModel, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    """As it has one on a product of matrices, one of them turned."""
    there: dict[str, object] = {"__name__": room}
    exec("def quantize(*given, **named): return [][0]", there)
    monkeypatch.setattr(nncf, "quantize", there["quantize"])
    with pytest.raises(WorkbenchError if room == "nncf.odd" else IndexError) as said:
        fake_quantized(stored, QuantizationPlan(subset_size=1))
    if isinstance(said.value, WorkbenchError):
        assert said.value.what == (
            "NNCF cannot quantize yolox with this plan: IndexError: list index out of range."
        )


def test_a_type_that_the_model_lacks_is_named(stored: StoredModel) -> None:
    dataset = open_dataset(stored.xml.parent / "images")
    plan = QuantizationPlan(subset_size=1, ignored_types=("Swish",))
    made = quantize(stored.xml, stored.card.detector, dataset, plan, lambda *_: None)
    assert made.missing_types == ("Swish",)


def test_a_plan_survives_in_the_file_of_its_model(tmp_path: Path) -> None:
    model = models.yolox()
    assert plan_of(model) is None
    note_plan(model, EVERYTHING)
    saved = models.save(model, tmp_path, "noted")
    assert plan_of(ov.Core().read_model(saved)) == EVERYTHING
    assert import_model(saved, tmp_path / "imported").card.plan == EVERYTHING


def test_plans_of_the_first_version_are_read() -> None:
    old = '{"preset":"mixed","subset_size":64,"seed":2}'
    assert from_json(old, QuantizationPlan) == QuantizationPlan(
        preset="mixed", subset_size=64, seed=2
    )
    assert from_json(to_json(EVERYTHING), QuantizationPlan) == EVERYTHING


def full_weights(stored: StoredModel, plan: QuantizationPlan) -> int:
    """How many convolutions have weights beyond half of their 8 bits."""
    dataset = open_dataset(stored.xml.parent / "images")
    made = quantize(stored.xml, stored.card.detector, dataset, plan, lambda *_: None).model
    weights = [op.data for op in made.get_ops() if op.get_element_type() == ov.Type.i8]
    assert weights
    return sum(int(np.abs(one.astype(int)).max()) > HALF for one in weights)


@pytest.mark.parametrize("target", ["any", "cpu"])
def test_weights_use_half_of_their_bits_where_sums_may_saturate(
    stored: StoredModel, target: Target
) -> None:
    plan = QuantizationPlan(subset_size=1, target=target)
    assert full_weights(stored, plan) == 0
    off = full_weights(stored, QuantizationPlan(subset_size=1, target=target, overflow_fix="off"))
    exact = full_weights(stored, QuantizationPlan(subset_size=1, target="cpu_vnni"))
    assert off == exact + 1, "without a target that saturates, the first layer alone is fixed"


def test_this_machine_is_resolved_by_what_it_computes() -> None:
    exact = "cpu_bf16" if default_precision() == "bf16" else "cpu_vnni"
    target = for_target(QuantizationPlan()).target
    assert target == ("cpu" if int8_arithmetic() == "saturating" else exact)
    assert for_target(QuantizationPlan(target="gpu")).target == "gpu"


def test_everything_of_a_plan_is_in_the_recipes_code() -> None:
    """What the script says is what ``nncf.quantize`` gets."""
    for name, one in advanced_parameters(EVERYTHING).items():
        if isinstance(one, Named):
            assert eval(one.code(), {"nncf": nncf}) == one.value(), name
