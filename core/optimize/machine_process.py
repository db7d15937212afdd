"""The helper ``statistics``: collects calibration statistics, for a job on another machine.

It begins to quantize as that job does, on the first image alone. Where statistics would be
collected, it serves: it collects those of the images that it is given, as often as it is asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.causes import cause
from core.datasets.dataset import Dataset
from core.errors import WorkbenchError
from core.inference.loading import load_images
from core.inference.settings import DEFAULT_DEVICE
from core.jobs.quiet import LightWork
from core.optimize.alike import computing
from core.optimize.machine_conversation import (
    Answer,
    Collect,
    Collected,
    Question,
    Ready,
    Refused,
    SetUp,
)
from core.optimize.part_statistics import hash_of_outputs, names_everywhere, packed, renamed
from core.processes import own_channel
from core.values import from_json, to_json

if TYPE_CHECKING:
    import openvino as ov

    from core.models.detector import Detector
    from core.optimize.calibration import Infer, Network
    from core.optimize.quantizing import CalibrationImages
    from core.optimize.statistics_rest import Outputs


def main() -> None:
    """Serve one session, and leave at once: library threads must not get a chance to abort."""
    serving = Serving()
    try:
        asked: Question = from_json(serving.line(), Question)
        assert isinstance(asked, SetUp)
        serving.quantize(asked)
        serving.say(Refused(what="no statistics were to be collected"))
    except WorkbenchError as error:
        serving.say(Refused(what=error.what))
    except (RuntimeError, OSError, MemoryError) as error:
        serving.say(Refused(what=f"{cause(error)}."))
    os._exit(0)


class Serving:
    """The conversation, and a share of the machine while something is computed."""

    def __init__(self) -> None:
        self._channel = own_channel()
        self._share = LightWork()
        self._asked: SetUp
        self._detector: Detector

    def line(self) -> bytes:
        """What is asked next; the process ends where nobody asks any more."""
        self._share.release()
        line = sys.stdin.buffer.readline()
        if not line:
            os._exit(0)
        self._share.take(lambda: None)
        return line

    def say(self, answer: Answer) -> None:
        """Answer it."""
        self._channel.write(to_json(answer) + b"\n")
        self._channel.flush()

    def quantize(self, asked: SetUp) -> None:
        """As the job at home does it, up to where statistics are collected; never comes back."""
        from core.optimize.quantizing import quantize

        self._asked = asked
        first, detector = asked.first, asked.parent.card.detector
        one = Dataset(name="first", root=first.parent, kind="folder", images=(first.name,))
        quantize(
            asked.parent.xml,
            detector,
            one,
            asked.plan,
            lambda stage, done, total: self._breathe(),
            elsewhere=self._infer,
        )

    def _infer(self, source: CalibrationImages) -> Infer:
        def serve(
            model: ov.Model, images: Iterator[Any], wanted: frozenset[str]
        ) -> Iterator[Outputs]:
            from core.optimize.calibration import network_for

            network, first = network_for(model, next(images), wanted)
            self._detector = source.detector  # at the plan's input size
            names = names_everywhere(first)
            assert names is not None  # else nobody was asked
            self.say(self._ready(network, renamed(first, names)))
            while True:
                asked: Question = from_json(self.line(), Question)
                assert isinstance(asked, Collect)
                self.say(self._collected(network, asked, names))
            yield first

        return serve

    def _ready(self, network: Network, first: Outputs) -> Ready:
        import openvino as ov

        from core.inference.processor import this_processor

        return Ready(
            deciding=computing(self._asked.parent, DEFAULT_DEVICE),
            threads=network.threads,
            first=hash_of_outputs(first),
            processor=this_processor(),
            openvino=str(ov.get_version()),
        )

    def _collected(self, network: Network, asked: Collect, names: dict[str, str]) -> Answer:
        part = Dataset(name="part", root=asked.root, kind="folder", images=asked.images)
        readable: list[bool] = []

        def tensors() -> Iterator[Any]:
            for image in load_images(part, range(len(part.images)), self._detector):
                self._breathe()
                readable.append(image.tensors is not None)
                if image.tensors is not None:
                    yield tuple(image.tensors)

        try:
            found = [renamed(one, names) for one in network.run(tensors())]
            asked.file.write_bytes(packed(readable, found))
        except (RuntimeError, OSError, MemoryError) as error:
            return Refused(what=f"{cause(error)}.")
        return Collected()

    def _breathe(self) -> None:
        """Nothing is computed here while speed is measured on this machine."""
        self._share.breathe(lambda: None)
