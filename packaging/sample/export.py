"""Turn a training checkpoint into OpenVINO IR with DetectionOutput.

python -m sample.export --checkpoint best.pt --output sample-ssd.xml

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

# ruff: noqa: E402 - the line that silences usage reports must precede the imports

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # never report usage

import cv2
import numpy as np
import openvino as ov
import torch
from openvino import opset8, opset13
from torch import Tensor, nn

from .model import INPUT_SIZE, PIXEL_MEAN, PIXEL_SCALE, VARIANCES, SampleSsd, prior_boxes
from .objects import CLASS_NAMES, F32
from .scenes import SceneGenerator
from .train import detect

SCORE_THRESHOLD = 0.05
"""Below, boxes cost DetectionOutput time and add next to nothing to average precision."""
NMS_LIMIT = 0.5
COMPARED_FROM = 0.1
"""Score from which the IR's detections are compared with PyTorch's."""


class ExportedHeads(nn.Module):
    """Flattens the network's answer into the form that DetectionOutput reads."""

    def __init__(self, net: SampleSsd) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Offsets ``[N, P*4]`` and scores ``[N, P*(C+1)]``, column 0 being background."""
        offsets, logits = self.net((image - PIXEL_MEAN) * (1.0 / PIXEL_SCALE))
        scores = torch.sigmoid(logits)
        scores = nn.functional.pad(scores, (1, 0))
        return offsets.flatten(1), scores.flatten(1)


def build_ir(net: SampleSsd) -> ov.Model:
    """IR with input ``image`` [1,3,300,300] (BGR, 0..255) and output [1,1,N,7]."""
    net.eval()
    shape = [1, 3, INPUT_SIZE, INPUT_SIZE]
    with torch.no_grad():
        heads = ov.convert_model(
            ExportedHeads(net), example_input=torch.rand(shape) * 255, input=[shape]
        )
    priors = prior_boxes()
    variances = np.tile(np.asarray(VARIANCES, np.float32), (len(priors), 1))
    proposals = opset13.constant(
        np.stack([priors.reshape(-1), variances.reshape(-1)])[None].astype(np.float32)
    )
    attributes = {
        "background_label_id": 0,
        "top_k": 200,
        "keep_top_k": [100],
        "code_type": "caffe.PriorBoxParameter.CENTER_SIZE",
        "share_location": True,
        "variance_encoded_in_target": False,
        "nms_threshold": NMS_LIMIT,
        "confidence_threshold": SCORE_THRESHOLD,
        "normalized": True,
        "clip_after_nms": True,
        "clip_before_nms": False,
    }
    # opset8: the newest DetectionOutput; its class count follows from the input shapes.
    detection = opset8.detection_output(
        heads.output(0).get_node().input_value(0),
        heads.output(1).get_node().input_value(0),
        proposals,
        attributes,
    )
    detection.set_friendly_name("detection_out")
    result = opset13.result(detection.output(0))
    result.set_friendly_name("detection_out/result")
    detection.output(0).get_tensor().set_names({"detection_out"})
    model = ov.Model([result], heads.get_parameters(), "sample-ssd")
    parameter = model.input(0)
    parameter.get_tensor().set_names({"image"})
    parameter.get_node().set_friendly_name("image")
    model.set_rt_info("ssd", ["model_info", "model_type"])
    model.set_rt_info(" ".join(CLASS_NAMES), ["model_info", "labels"])
    model.set_rt_info(str(SCORE_THRESHOLD), ["model_info", "confidence_threshold"])
    return model


def load_net(checkpoint: Path) -> SampleSsd:
    """The averaged (EMA) network kept in a checkpoint."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = SampleSsd(len(CLASS_NAMES), width=state["width"])
    net.load_state_dict(state["ema"])
    return net.eval()


def largest_difference(model: ov.Model, net: SampleSsd, images: F32) -> float:
    """How far the IR's detections are from PyTorch's own, score or box fraction.

    ``images`` is ``[K, 3, 300, 300]``, BGR, 0..255; detections are matched in order.
    """
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    priors, worst = prior_boxes(), 0.0
    for image in images:
        rows = compiled({"image": image[None]})["detection_out"].reshape(-1, 7)
        rows = rows[rows[:, 2] > COMPARED_FROM]
        with torch.no_grad():
            scaled = (torch.from_numpy(image[None]) - PIXEL_MEAN) / PIXEL_SCALE
            offsets, logits = net(scaled)
        wanted = detect(offsets[0].numpy(), logits[0].numpy(), priors, SCORE_THRESHOLD, NMS_LIMIT)
        wanted = wanted[wanted[:, 1] > COMPARED_FROM]
        wanted[:, 2:] = wanted[:, 2:].clip(0, 1)
        for label in range(len(CLASS_NAMES)):
            mine = rows[rows[:, 1] == label + 1][:, 2:]
            theirs = wanted[wanted[:, 0] == label][:, 1:]
            if len(mine) != len(theirs):
                return 1.0
            mine = mine[np.argsort(-mine[:, 0], kind="stable")]
            worst = max(worst, float(np.abs(mine - theirs).max(initial=0)))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    net = load_net(options.checkpoint)
    model = build_ir(net)
    generator = SceneGenerator(seed=5, views=2, per_class=2, grounds=6)
    scenes = [cv2.resize(generator.scene(i).image, (INPUT_SIZE,) * 2) for i in range(8)]
    images = np.stack(scenes).transpose(0, 3, 1, 2).astype(np.float32)
    difference = largest_difference(model, net, images)
    print(f"largest difference from PyTorch on {len(images)} scenes: {difference:.6f}")
    if difference > 1e-3:
        raise SystemExit("the exported model does not detect what the trained one does")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    ov.save_model(model, options.output, compress_to_fp16=True)
    (options.output.parent / "labels.txt").write_text("\n".join(CLASS_NAMES) + "\n")


if __name__ == "__main__":
    main()
