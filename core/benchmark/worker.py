"""A measuring process: ``python -m core.benchmark.worker``. One model in one mode.

It gets a `Prepare` and then any number of `TakeTurn`, a line of JSON each on standard input,
and answers each; another `Prepare` begins the next measurement. In between it waits for the next
line and computes nothing. When its input ends, it is no longer needed, and leaves.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO

import psutil

from core.benchmark.conversation import Answer, Command, Measured, Prepare, Ready, Refused, TakeTurn
from core.benchmark.feeding import batched, feed_for
from core.benchmark.to_boxes import LEAD_IN_SECONDS, ToBoxes
from core.causes import cause
from core.errors import WorkbenchError
from core.inference.compiling import (
    executed_precision,
    number_property,
    optimal_requests,
    precision_settings,
)
from core.inference.executed import arithmetic_of, executing_devices, is_quantized
from core.models.stored import load_stored, read_network
from core.processes import own_channel
from core.runtime import openvino_core
from core.values import from_json, to_json

if TYPE_CHECKING:
    import openvino as ov

MIN_INFERENCES = 3  # of a turn


class Worker:
    """A compiled model with its requests, full of inputs."""

    def __init__(self, request: Prepare) -> None:
        mode = request.mode
        core = openvino_core()
        started = perf_counter()
        model = read_network(request.xml)
        read = perf_counter()
        self._quantized = is_quantized(model)
        feed = feed_for(request.xml, model, request.images, request.settings.seed)
        model = batched(model, mode.batch)
        prepared = perf_counter()
        self._compiled = core.compile_model(model, request.settings.device, _settings(request))
        compiled = perf_counter()
        self._batch, self._device = mode.batch, request.settings.device
        self._feed = feed.in_batches(mode.batch)
        self._requests = mode.requests or (
            1 if mode.hint == "latency" else optimal_requests(self._compiled)
        )
        self._single = self._compiled.create_infer_request()
        _fill(self._single, self._feed.next())
        first = perf_counter()
        self._single.infer()
        self.ready = self._facts(
            read_ms=(read - started) * 1000,
            compile_ms=(compiled - prepared) * 1000,
            first_inference_ms=(perf_counter() - first) * 1000,
        )
        self._to_boxes = self._pipeline(request) if mode.to_boxes else None
        self._queue = self._many() if self._requests > 1 and not mode.to_boxes else None
        self.turn(TakeTurn(seconds=request.warm_up_seconds))

    def _pipeline(self, request: Prepare) -> ToBoxes:
        detector = load_stored(request.xml).card.detector
        return ToBoxes(self._compiled, self._requests, detector, request.images, request.mode)

    def _many(self) -> ov.AsyncInferQueue:
        """Requests in flight, without a Python callback: an exception in one would abort us."""
        import openvino as ov

        queue = ov.AsyncInferQueue(self._compiled, self._requests)
        for request in queue:
            _fill(request, self._feed.next())
        return queue

    def turn(self, asked: TakeTurn) -> Measured:
        """Measure."""
        if self._to_boxes is not None:
            turn, parts = self._to_boxes.turn(asked)
            return Measured(
                fps=turn.fps,
                latencies_ms=tuple(turn.latencies_ms.tolist()),
                peak_memory_bytes=peak_memory_bytes(),
                parts_ms=parts,
            )
        one = self._queue is None
        fps, latencies = self._one_by_one(asked) if one else self._in_flight(asked)
        return Measured(
            fps=fps, latencies_ms=tuple(latencies), peak_memory_bytes=peak_memory_bytes()
        )

    def _one_by_one(self, asked: TakeTurn) -> tuple[float, list[float]]:
        request, changing = self._single, self._feed.changing
        least = asked.iterations or MIN_INFERENCES
        seconds = 0.0 if asked.iterations else asked.seconds
        start = perf_counter()
        while True:
            request.infer()
            if perf_counter() - start >= LEAD_IN_SECONDS:
                break
        latencies: list[float] = []
        start = now = perf_counter()
        while len(latencies) < least or now - start < seconds:
            if changing:
                _fill(request, self._feed.next())
            request.infer()
            now = perf_counter()
            latencies.append(request.latency)
        return len(latencies) * self._batch / (now - start), latencies

    def _in_flight(self, asked: TakeTurn) -> tuple[float, list[float]]:
        """All requests in flight, restarted as they become free.

        Counted are whole rounds of requests from one completion to another, with the pipeline
        full at both: neither filling nor draining it is measured.
        """
        queue, changing, flying = self._queue, self._feed.changing, self._requests
        assert queue is not None
        least = max(asked.iterations or MIN_INFERENCES, flying)
        seconds = 0.0 if asked.iterations else asked.seconds
        latencies: list[float] = []
        started = 0
        begin = perf_counter()
        since: float | None = None
        while True:
            free = queue.get_idle_request_id()
            now = perf_counter()
            if since is not None:
                latencies.append(queue[free].latency)
                whole = len(latencies) % flying == 0 and len(latencies) >= least
                if whole and now - since >= seconds:
                    break
            elif started >= 2 * flying and now - begin >= LEAD_IN_SECONDS:
                since = now
            if changing:
                _fill(queue[free], self._feed.next())
            queue.start_async()
            started += 1
        queue.wait_all()
        return len(latencies) * self._batch / (now - since), latencies

    def _facts(self, **times: float) -> Ready:
        executed = executed_precision(self._compiled)
        devices = executing_devices(self._compiled, self._device)
        arithmetic = arithmetic_of(executed.layers, devices) if self._quantized else None
        return Ready(
            precision_executed=executed.name,
            precision_layers=executed.layers,
            streams=number_property(self._compiled, "NUM_STREAMS"),
            threads=number_property(self._compiled, "INFERENCE_NUM_THREADS"),
            requests=self._requests,
            devices=devices,
            arithmetic=arithmetic,
            **times,
        )


def main() -> None:
    """Serve one benchmark, and leave at once: library threads must not get a chance to abort."""
    answers = own_channel()
    commands = sys.stdin.buffer
    openvino_core()  # while the others start as well
    worker: Worker | None = None
    for line in commands:
        command: Command = from_json(line, Command)
        answer: Answer
        if isinstance(command, Prepare):
            worker = None  # a model before this one needs no memory any more
            worker, answer = _prepared(command)
        else:
            assert worker is not None
            answer = _turn(worker, command)
        _say(answers, answer)
    os._exit(0)


def _prepared(request: Prepare) -> tuple[Worker | None, Answer]:
    try:
        worker = Worker(request)
    except (RuntimeError, WorkbenchError) as error:
        return None, _refused(error)
    return worker, worker.ready


def _turn(worker: Worker, asked: TakeTurn) -> Answer:
    try:
        return worker.turn(asked)
    except RuntimeError as error:
        return _refused(error)


def _say(answers: BinaryIO, answer: Answer) -> None:
    answers.write(to_json(answer) + b"\n")
    answers.flush()


def _settings(request: Prepare) -> dict[str, Any]:
    mode = request.mode
    if mode.hint == "streams":
        how: dict[str, Any] = {"NUM_STREAMS": str(mode.streams or 1)}
    else:
        how = {"PERFORMANCE_HINT": mode.hint.upper()}
    threads = mode.threads or request.settings.threads
    if threads is not None:
        how["INFERENCE_NUM_THREADS"] = str(threads)
    if mode.pinned is not None:
        how["ENABLE_CPU_PINNING"] = mode.pinned
    return {**how, **precision_settings(request.precision_hint)}


def _fill(request: ov.InferRequest, tensors: list[ov.Tensor]) -> None:
    """Put the inputs in place: they are shared, not copied."""
    for number, tensor in enumerate(tensors):
        request.set_input_tensor(number, tensor)


def peak_memory_bytes() -> int:
    """The most resident memory that this process has had.

    Not of ``getrusage`` on Linux: a process starts there with the peak of the one that made it.
    """
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    memory = psutil.Process().memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))


def _refused(error: BaseException) -> Refused:
    if isinstance(error, WorkbenchError):
        return Refused(why=error.what, next_step=error.next_step)
    return Refused(why=f"{cause(error)}.")
