"""Messages of OpenVINO, NNCF and Dask, and what the user reads of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nncf
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.benchmark.feeding import batched
from core.benchmark.result import NotRun
from core.benchmark.settings import RunMode
from core.causes import cause
from core.errors import InputError, unexpected
from core.inference.compiling import compile_for
from core.inference.settings import InferenceSettings, PrecisionHint
from core.runtime import openvino_core
from core.wording.benchmark import not_run
from tests.support import models


def said(provoke: Callable[[], object]) -> str:
    """The clause for what a library raises."""
    with pytest.raises((RuntimeError, nncf.ValidationError)) as caught:
        provoke()
    return cause(caught.value)


def compiled(**properties: str) -> ov.CompiledModel:
    return openvino_core().compile_model(models.embedding(), "CPU", properties)


def test_a_device_that_does_not_exist_is_named() -> None:
    model = models.embedding()
    assert said(lambda: openvino_core().compile_model(model, "FOO")) == (
        "OpenVINO has no device FOO here"
    )


def test_a_precision_that_the_device_does_not_have_is_named() -> None:
    assert said(lambda: compiled(INFERENCE_PRECISION_HINT="i4")) == "the device does not run in i4"


def test_an_input_of_another_shape_tells_both() -> None:
    request = compiled().create_infer_request()
    wrong = np.zeros((1, 3, 8, 9), np.float32)
    assert said(lambda: request.infer([wrong])) == (
        "an input of shape 1,3,8,9 was given, and the network takes 1,3,64,64"
    )


def test_broken_files_of_a_model_are_told_apart(tmp_path: Path) -> None:
    xml = models.save(models.ssd(), tmp_path, "whole")
    weights = xml.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:100])
    assert said(lambda: openvino_core().read_model(xml)) == (
        "the .bin file does not belong to the .xml file"
    )
    xml.write_bytes(xml.read_bytes()[:-20])
    assert said(lambda: openvino_core().read_model(xml)) == "the .xml file is damaged"


def test_channels_that_do_not_fit_are_counted() -> None:
    image = ops.parameter([1, 4, 8, 8], np.float32)
    kernel = ops.constant(np.ones((4, 3, 3, 3), np.float32))
    assert said(lambda: ops.convolution(image, kernel, [1, 1], [0, 0], [0, 0], [1, 1])) == (
        "a convolution gets 4 channels and takes 3"
    )


def test_what_is_not_known_is_its_first_line_that_says_something() -> None:
    stacked = "Exception from src/a.cpp:117:\nException from src/b.cpp:54:\nNo such kernel.\n\n\n"
    assert cause(RuntimeError(stacked)) == "No such kernel"
    assert cause(RuntimeError("Exception from src/a.cpp:117:\n")) == "Exception from src/a.cpp:117"
    assert cause(KeyError()) == "KeyError"
    assert str(unexpected(RuntimeError(stacked), "")) == "Unexpected error: No such kernel."
    empty = said(lambda: nncf.quantize(models.embedding(), nncf.Dataset([])))
    assert empty.startswith("Calibration dataset must not be empty")


def test_a_batch_that_a_network_cannot_take_is_said_so() -> None:
    image = ops.parameter([1, 3, 4, 4], np.float32)
    beside = ops.constant(np.zeros([1, 1, 4, 4], np.float32))  # for one image
    both = ops.concat([image, beside], axis=1)
    with pytest.raises(
        InputError, match=r"^Batch 2 is not possible: the network has a fixed batch\.$"
    ):
        batched(ov.Model([both], [image], "beside"), 2)


def test_a_reason_is_said_once_for_all_modes_and_precisions() -> None:
    reason = "Batch 2 is not possible: the network has a fixed batch."
    hints: tuple[PrecisionHint, ...] = ("f32", "default")
    left_out = [
        NotRun(
            model="fixed",
            precision_hint=hint,
            mode=RunMode(hint="streams", streams=streams, batch=2),
            reason=reason,
        )
        for hint in hints
        for streams in (1, 2, 3, 4)
    ]
    (sentence,) = not_run(left_out)
    assert sentence.count(reason) == 1
    assert "1 stream x batch 2; 2 streams x batch 2" in sentence


def test_a_device_without_a_driver_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"has no device NPU\.7 here"):
        compile_for(models.embedding(), InferenceSettings(device="NPU.7"), "THROUGHPUT")


@pytest.mark.parametrize(
    ("error", "clause"),
    [
        (OSError("ConnectionPool closing"), "the connection was closed"),
        (
            OSError(
                "in <TLS (closed) ConnectionPool.identity local=tls://127.0.0.1:35660 "
                "remote=tls://127.0.0.1:47979>: Stream is closed"
            ),
            "the connection was closed",
        ),
        (
            OSError("Timed out trying to connect to tls://127.0.0.1:37309 after 10 s"),
            "there was no contact for 10 s",
        ),
        (
            ConnectionRefusedError(111, "Connect call failed ('192.0.2.6', 8786)"),
            "nobody listens there",
        ),
        (TimeoutError(), "no answer came in time"),
    ],
)
def test_what_dask_says_of_a_connection_is_said_in_plain_words(
    error: Exception, clause: str
) -> None:
    """As Dask said them while a host was killed, its network cut, and its ssh stopped."""
    assert cause(error) == clause
