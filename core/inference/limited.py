"""Detecting as a CPU without VNNI does, on one that has it.

oneDNN reads once, when it is loaded, to which instructions it is limited: so it takes a process of
its own. Without VNNI its INT8 sums saturate; that process finds out by itself whether they do, and
nothing is detected where they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import IN_THE_LOG, InputError, WorkbenchError
from core.folders import temporary_folder
from core.helpers import HelperProcess
from core.inference.arithmetic import int8_arithmetic
from core.inference.limited_conversation import Answer, Detect, Detected, Images, Refused, Standing
from core.inference.predicting import Prediction, none_read
from core.inference.settings import Arithmetic, InferenceSettings, Int8
from core.models.detector import Detector
from core.runtime import LIMIT

WITHOUT_VNNI = "AVX512_CORE"
"""At most AVX-512 without VNNI: AVX2, where the processor has no more, without its VNNI.

Sums are those of AVX2 on YOLOX-nano, whose INT8 they ruin alike; limited to AVX2 itself, OpenVINO
finds no kernels for INT8 matrix products on a processor that has AVX-512.
"""
_TABLE = "detections.npz"


def computable(
    wanted: Sequence[Arithmetic], limited: LimitedDetector, listen: Callable[[], None]
) -> tuple[Arithmetic, ...]:
    """Those of the arithmetics in which this machine can detect, here or in that process."""
    own = int8_arithmetic()

    def can(one: Arithmetic) -> bool:
        return one in (own, "exact") or (one == "saturating" and limited.saturates(listen))

    return tuple(one for one in wanted if can(one))


def asked_for(arithmetic: Arithmetic | None) -> Int8:
    """What to ask for so that sums are so; None leaves them as they are executed."""
    own = int8_arithmetic()
    if arithmetic in (None, own) or (arithmetic == "exact" and own == "float"):
        return "as_executed"
    return "saturating" if arithmetic == "saturating" else "exact"


class LimitedDetector:
    """A process that detects with saturating INT8 sums, begun when it is first needed.

    Close it in the end, or use it as a context. `listen` is called several times a second while it
    is waited for, and may raise to stop.
    """

    def __init__(self, instructions: str = WITHOUT_VNNI) -> None:
        """`instructions` are the most it may use, as oneDNN names them."""
        self._instructions = instructions
        self._process: HelperProcess[Answer] | None = None
        self._saturates = False

    def __enter__(self) -> LimitedDetector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def saturates(self, listen: Callable[[], None] = lambda: None) -> bool:
        """Whether INT8 sums saturate there: limiting instructions does nothing on other CPUs."""
        self._standing(listen)
        return self._saturates

    def predict(
        self,
        xml: Path,
        detector: Detector,
        dataset: Dataset,
        settings: InferenceSettings,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Prediction:
        """As `core.inference.predicting.predict`, with saturating sums; raises as `found` does."""
        made = self.found(xml, detector, dataset, settings, progress)
        if not len(made.table):
            raise none_read(dataset, made.problems)
        return made

    def found(
        self,
        xml: Path,
        detector: Detector,
        dataset: Dataset,
        settings: InferenceSettings,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Prediction:
        """The same, perhaps of no image at all; the model stays compiled for the next question.

        `progress` is called several times a second, and may raise to stop. Raises InputError where
        sums cannot be made to saturate here.
        """
        self._standing(lambda: progress(0))
        if not self._saturates:
            raise InputError(
                "This machine cannot compute INT8 sums that saturate, as they do without VNNI.",
                "Make it on such a machine, or leave the sums as they are executed.",
            )
        with temporary_folder() as folder:
            asked = replace(settings, int8="as_executed")
            plain = replace(dataset, annotations=())
            table = folder / _TABLE
            question = Detect(
                xml=xml, detector=detector, dataset=plain, settings=asked, table=table
            )
            found = self._detected(self._ask(question, progress))
            executed = replace(found.executed, settings=settings)
            return Prediction(DetectionTable.load(table), found.problems, executed)

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _standing(self, listen: Callable[[], None]) -> HelperProcess[Answer]:
        if self._process is not None:
            return self._process
        process = HelperProcess[Answer]("limited", Answer, **{LIMIT: self._instructions})
        self._process = process
        try:
            answer = process.answer(listen)
        except BaseException:
            self.close()
            raise
        if not isinstance(answer, Standing):
            raise self._gone()
        self._saturates = answer.arithmetic == "saturating"
        return process

    def _ask(self, question: Detect, progress: Callable[[int], None]) -> Answer | None:
        """Its answer; who stops waiting for that has no process any more."""
        latest = Images(done=0)

        def listen() -> None:
            progress(latest.done)

        process = self._standing(listen)
        process.send(question)
        try:
            while isinstance(answer := process.answer(listen), Images):
                latest = answer
        except BaseException:
            self.close()
            raise
        return answer

    def _detected(self, answer: Answer | None) -> Detected:
        if isinstance(answer, Detected):
            return answer
        if isinstance(answer, Refused):
            kind = InputError if answer.refused_input else WorkbenchError
            raise kind(answer.what, answer.next_step)
        raise self._gone()

    def _gone(self) -> WorkbenchError:
        self.close()
        return WorkbenchError(
            "The process that detects without VNNI ended unexpectedly.",
            f"Start the job again. {IN_THE_LOG}",
        )
