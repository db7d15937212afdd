"""Turn the committed IR back into a checkpoint, so that training can go on from it.

    python -m sample.from_ir --scenes DIR/1003-images.npy --step 3700 \\
        --output DIR/start.pt

In the IR every batch normalisation is folded into the convolution before it.  The
network in training needs them apart, so each one is given the statistics of what
arrives there and the scale and shift that leave its output as the folded network's.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

# ruff: noqa: E402 - the line that silences usage reports must precede the imports

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # never report usage

import numpy as np
import openvino as ov
import torch
from torch import Tensor, nn

from .model import PIXEL_SCALE, SampleSsd
from .objects import F32, U8
from .train import Run, prepare

_MODEL = Path(__file__).resolve().parents[2] / "resources" / "sample" / "model" / "sample-ssd.xml"
_CONVOLUTIONS = ("Convolution", "GroupConvolution")
_NAME = re.compile(r"__module\.net\.(?P<layer>[\w.]+?)(\.1/aten::batch_norm|/aten::_convolution)")
_FIRST = "to38.0"
_DEPTHWISE_SIZE = 0.15
"""Usual weight of a trained depthwise filter; it has no say in what the network answers."""


def _values(node: ov.Node) -> F32:
    """A weight of the IR, which keeps it as FP16 behind a Convert."""
    source = node if node.get_type_name() == "Constant" else node.input_value(0).get_node()
    return np.asarray(source.data, np.float32)


def folded(model: ov.Model) -> dict[str, tuple[F32, F32]]:
    """Weights ``[O, I, K, K]`` and biases ``[O]`` of each convolution, by PyTorch's name."""
    layers: dict[str, tuple[F32, F32]] = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() not in _CONVOLUTIONS:
            continue
        (reader,) = node.output(0).get_target_inputs()
        add = reader.get_node()
        name = _NAME.match(add.get_friendly_name())
        if add.get_type_name() != "Add" or name is None:
            raise SystemExit(f"{node.get_friendly_name()} is not a layer that export.py writes")
        weights = _values(node.input_value(1).get_node())
        outputs = node.output(0).get_partial_shape()[1].get_length()
        layers[name["layer"]] = (
            weights.reshape(outputs, -1, *weights.shape[-2:]),
            _values(add.input_value(1 - reader.get_index()).get_node()).reshape(-1),
        )
    # The converter folds the input's scale, but not its mean, into the first convolution.
    first, bias = layers[_FIRST]
    layers[_FIRST] = first * PIXEL_SCALE, bias
    return layers


@torch.no_grad()
def unfold(net: SampleSsd, layers: dict[str, tuple[F32, F32]], images: Tensor) -> None:
    """Give ``net`` the folded weights; ``images`` ``[K, 3, 300, 300]`` tell the statistics."""

    def fit(norm: nn.Module, arriving: tuple[Tensor]) -> None:
        assert isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.copy_(arriving[0].mean((0, 2, 3)))
        norm.running_var.copy_(arriving[0].var((0, 2, 3), unbiased=False))
        scale = sizes[norm]
        norm.weight.copy_(scale * (norm.running_var + norm.eps).sqrt())
        norm.bias.copy_(biases[norm] + scale * norm.running_mean)

    sizes: dict[nn.Module, Tensor] = {}
    biases: dict[nn.Module, Tensor] = {}
    for name, (weights, bias) in layers.items():
        layer = net.get_submodule(name)
        value, shift = torch.from_numpy(weights), torch.from_numpy(bias)
        if isinstance(layer, nn.Sequential):
            conv, norm = layer[0], layer[1]
            assert isinstance(conv, nn.Conv2d)
            # A step changes all weights by much the same amount, so filters should be of
            # the size they have in a network that was never folded.
            usual = _DEPTHWISE_SIZE
            if conv.groups == 1:
                usual = math.sqrt(2 / (conv.out_channels * math.prod(conv.kernel_size)))
            size = value.square().mean((1, 2, 3)).sqrt() / usual
            sizes[norm] = torch.where(size > 0, size, 1.0)
            biases[norm] = shift
            conv.weight.copy_(value / sizes[norm][:, None, None, None])
        else:
            assert isinstance(layer, nn.Conv2d) and layer.bias is not None
            layer.weight.copy_(value)
            layer.bias.copy_(shift)
    norms = {module for module in net.modules() if isinstance(module, nn.BatchNorm2d)}
    if norms != set(sizes):
        raise SystemExit("the IR's layers are not those of model.py")
    hooks = [norm.register_forward_pre_hook(fit) for norm in norms]
    net.eval()
    net(prepare(images))
    for hook in hooks:
        hook.remove()


def largest_difference(model: ov.Model, net: SampleSsd, images: Tensor) -> float:
    """How far the network's offsets and scores are from those the IR gives DetectionOutput.

    Final boxes would not do: the IR rounds prior boxes to FP16, so that now and then
    another of two alike boxes survives.
    """
    (detection,) = (
        node for node in model.get_ordered_ops() if node.get_type_name() == "DetectionOutput"
    )
    heads = ov.Model([detection.input_value(i) for i in range(2)], model.get_parameters(), "heads")
    compiled = ov.Core().compile_model(heads, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    worst = 0.0
    for image in images:
        answer = compiled(image[None].float().numpy())
        with torch.no_grad():
            offsets, logits = net(prepare(image[None]))
        scores = answer[1].reshape(len(offsets[0]), -1)[:, 1:]
        worst = max(
            worst,
            float(np.abs(answer[0].reshape(-1, 4) - offsets[0].numpy()).max()),
            float(np.abs(scores - logits[0].sigmoid().numpy()).max()),
        )
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=_MODEL)
    parser.add_argument("--scenes", type=Path, required=True, help="*-images.npy of cache.py")
    parser.add_argument("--count", type=int, default=96, help="scenes for the statistics")
    parser.add_argument("--step", type=int, required=True, help="steps these weights have had")
    parser.add_argument("--width", type=float, default=0.75)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    scenes: U8 = np.load(options.scenes, mmap_mode="r")
    images = np.ascontiguousarray(scenes[: options.count].transpose(0, 3, 1, 2))
    model = ov.Core().read_model(options.model)
    run = Run(options.width, options.decay)
    unfold(run.net, folded(model), torch.from_numpy(images))
    checked = torch.from_numpy(np.ascontiguousarray(scenes[-8:].transpose(0, 3, 1, 2)))
    difference = largest_difference(model, run.net, checked)
    print(f"largest difference from the IR on {len(checked)} scenes: {difference:.6f}")
    if difference > 1e-3:
        raise SystemExit("the network read back does not answer what the IR does")
    run.average.load_state_dict(run.net.state_dict())
    run.step = options.step
    run.save(options.output)


if __name__ == "__main__":
    main()
