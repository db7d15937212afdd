"""Everything that is stored or sent between processes comes back as it was."""

import json
import os
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import NotRun
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.capabilities import job_class, jobs
from core.catalogue.entries import catalogue
from core.catalogue.job import DownloadJob, DownloadResult
from core.check.job import CheckJob, CheckSettings
from core.check.limits import CheckLimits
from core.dataset_making.job import (
    CheckDatasetJob,
    CheckDatasetResult,
    CreateDatasetJob,
    CreateDatasetResult,
)
from core.datasets.dataset import Dataset
from core.datasets.facts import DatasetFacts
from core.datasets.source import DatasetSource
from core.deployment.job import PackageJob, PackageResult
from core.errors import InputError, JobCancelled, WorkbenchError
from core.images.augment import Augmentation
from core.importing.job import ImportJob, ImportResult
from core.importing.preview_job import (
    LivePreviewJob,
    PreviewedImage,
    PreviewJob,
    PreviewResult,
)
from core.inference.settings import AS_IT_RUNS
from core.jobs.events import (
    Answer,
    ArtifactWritten,
    Cancelled,
    Failed,
    Keeping,
    LogLine,
    Message,
    Progress,
    Succeeded,
    error_of,
)
from core.jobs.handover import require_file
from core.jobs.job import Job
from core.metrics.comparison.comparison import Thresholds
from core.models.adjusting import Overrides
from core.models.calibration_warnings import FewImages, MissingTypes
from core.models.detector import Detector, Recognition
from core.models.info import ModelInfo, Port
from core.models.plan import AccuracyOutcome, AccuracyTarget, QuantizationPlan, Subgraph
from core.models.preprocessing import Preprocessing
from core.models.stored import ModelCard, StoredModel
from core.optimize.job import OperationsJob, QuantizeJob, QuantizeResult
from core.optimize.operations import Operation, OperationList
from core.predict.job import PredictJob, PredictResult
from core.profiling.job import ProfileJob
from core.profiling.settings import ProfiledModel, ProfileSettings
from core.remarks.remark import remark
from core.reports.export import ExportJob, ExportResult
from core.reports.filters import RowFilter
from core.reports.kind import ReportOptions, ViewState
from core.reports.kinds import KINDS
from core.search.candidates import Candidate, Failure, Reason, SearchState
from core.search.job import CopyModelJob, CopyModelResult, SearchJob
from core.search.settings import SearchSettings
from core.transfer.bundle import Bundle, BundledArtifact, BundledProject
from core.transfer.job import PackProjectJob, PackResult, UnpackProjectJob, UnpackResult
from core.values import Value, from_json, read_json, to_json, to_plain, write_json
from tests.support.benchmarks import ratio_of, result_of, run_of
from tests.support.checks import FAILED, PASSED, UNDECIDED, check_result
from tests.support.runs import IN_F32

ODD = Path("/data/two words/ünï 猫/caf\udce9.xml")
SOURCE = DatasetSource(path=ODD, role="calibration")
PLAN = QuantizationPlan(
    preset="mixed",
    subset_size=7,
    seed=3,
    ignored_parts=("head",),
    ignored_subgraphs=(Subgraph(inputs=("猫",), outputs=("b",)),),
    accuracy=AccuracyTarget(metric="coco_ap", max_drop=0.02),
)
OUTCOME = AccuracyOutcome(
    target=AccuracyTarget(),
    parent=1.0,
    quantized=0.4,
    optimized=0.95,
    reached=True,
    images=20,
    dataset="d",
    held_out=True,
    layers_in_float=7,
    layers=60,
    attempts=9,
    seconds=61.5,
)

NOTICED = remark("x", names=("caf\udce9.jpg", "猫"), count=3, share=0.5, whole=True)
DETECTOR = Detector(
    decoder="yolox-raw",
    options={"grid": True, "largest": 32, "shift": 0.5, "mode": "x"},
    preprocessing=Preprocessing(width=4, height=3, mean=(1.0, 2.0, 3.0), resize="letterbox"),
    class_names=("cat", "猫"),
    confidence=0.5,
    reasons=(NOTICED,),
)

BUNDLED = BundledProject(
    name="猫",
    parent=None,
    model=ODD,
    device="CPU",
    target="any",
    artifacts=(BundledArtifact(kind="predictions", folder=ODD),),
)

REQUESTS = [
    SearchJob(
        model=ODD,
        dataset=SOURCE,
        folder=ODD,
        settings=SearchSettings(allowed="int8", minutes=0.5),
        resume=True,
    ),
    CopyModelJob(model=ODD),
    PackageJob(model=ODD, dataset=SOURCE, name="n", precision="bf16", zipped=True),
    PackProjectJob(projects=(BUNDLED,), dataset=ODD, file="p.zip", images=False),
    UnpackProjectJob(file=ODD, home=ODD),
    OperationsJob(model=ODD),
    CheckDatasetJob(dataset=SOURCE, against=DatasetSource(path=ODD, role="calibration")),
    ImportJob(model=ODD, datasets=(SOURCE, DatasetSource(path=Path("x")))),
    ImportJob(
        model=ODD,
        overrides=Overrides(
            layout="yolov5", mean=(1, 2, 3), class_names=("猫",), options={"a": True}
        ),
        images=(ODD,),
    ),
    ImportJob(),
    PreviewJob(model=ODD, detector=DETECTOR, images=(ODD, Path("b.png")), draw_from=0.5),
    LivePreviewJob(model=ODD),
    CreateDatasetJob(images=(ODD,), augmentation=Augmentation(erase=0.25, seed=3), name="猫"),
    ExportJob(
        report=ODD,
        format="csv",
        view=ViewState(
            thresholds=Thresholds(score=0.5),
            chosen=RowFilter(name="猫", ranges={"missed": (1, None)}, cell=(None, "猫")),
        ),
    ),
    DownloadJob(entry=catalogue()[0], parts=ODD, timeout_seconds=0.5),
    PredictJob(model=ODD, dataset=SOURCE, settings=AS_IT_RUNS),
    QuantizeJob(
        model=ODD,
        dataset=SOURCE,
        plan=PLAN,
        name="a b",
        evaluated_on=SOURCE,
        compared_on=SOURCE,
    ),
    OperationsJob(model=ODD),
    BenchmarkJob(
        models=(BenchmarkedModel(name="parent", xml=ODD),),
        settings=BenchmarkSettings(seconds=1.5, seed=9),
    ),
    ProfileJob(
        models=(ProfiledModel(name="parent", xml=ODD),), settings=ProfileSettings(seconds=1.5)
    ),
    CheckJob(
        parent=ODD,
        optimized=Path("o.xml"),
        dataset=SOURCE,
        limits=CheckLimits(accuracy_kept=0.98),
        settings=CheckSettings(mapping={"猫": "Cats", "dog": None}),
    ),
    *(
        kind.job(
            parent=ODD,
            optimized=Path("o.xml"),
            dataset=SOURCE,
            options=ReportOptions(
                thresholds=Thresholds(score=0.25, iou=0.6, per_class_limit=5),
                mapping={"猫": "Cats", "dog": None},
                images=3,
            ),
            cache=Path("/cache"),
        )
        for kind in KINDS
    ),
]
MESSAGES = [
    Progress(stage="Detecting", done=3, total=9, seconds_left=1.5),
    Progress(stage="Loading NNCF"),
    LogLine(text='caf\udce9.jpg is cut short\nand "quoted"'),
    ArtifactWritten(kind="model", file="m.xml"),
    Succeeded(),
    Succeeded(stopped=True),
    Keeping(),
    Failed(what="It failed.", next_step="Do something.", refused_input=True),
    Answer(body={"number": 3}),
    Cancelled(),
]
INFO = ModelInfo(
    framework="onnx",
    inputs=(Port(name="x", shape=(1, "?", 3), element_type="f32"),),
    outputs=(),
    operations=3,
    weight_precisions={"f16": 3},
    parameters=3,
    gflops=None,
    size_bytes=9,
    quantized=False,
)
CARD = ModelCard(name="m", source=ODD, info=INFO, detector=DETECTOR, weights_sha256="00", plan=PLAN)
FACTS = DatasetFacts(
    file="d.json",
    name="d",
    root=ODD,
    kind="coco",
    images=3,
    annotated=True,
    boxes=5,
    class_names=("猫",),
    warnings=(NOTICED,),
)
RESULTS: list[Value] = [
    SearchState(
        name="m",
        weights_sha256="0a",
        fingerprint="1b",
        calibration_images=3,
        held_out=("a.png",),
        settings=SearchSettings(),
        candidates=(
            Candidate(
                id="plan-02-f32",
                number=2,
                making="int8",
                precision_hint="f32",
                reason=Reason(code="ignored_part", part="head"),
                failure=Failure(what="NNCF could not.", next_step=""),
            ),
        ),
        stopped="time",
        dataset=ODD,
    ),
    CopyModelResult(model="m.xml"),
    PackageResult(file="n.zip", examples=2, problems=(NOTICED,)),
    PackResult(file="p.zip", files=3, size_bytes=4),
    UnpackResult(
        bundle=Bundle(version=1, made_by="x", projects=(BUNDLED,), dataset=ODD, with_images=True),
        problems=(NOTICED,),
    ),
    CheckDatasetResult(facts=FACTS, shared=("caf\udce9.jpg",)),
    check_result(PASSED, FAILED, UNDECIDED, name="caf\udce9"),
    DownloadResult(model="net.pb", entry=catalogue()[0]),
    ImportResult(
        model=None,
        datasets=(FACTS,),
    ),
    CreateDatasetResult(dataset="d.json", images=1, augmented=2, problems=(NOTICED,)),
    PreviewResult(
        images=(
            PreviewedImage(
                path=ODD,
                width=4,
                height=3,
                boxes=((0.0, 1.0, 2.5, 3.0),),
                scores=(0.5,),
                class_ids=(0,),
            ),
            PreviewedImage(path=ODD, problem="It is cut short."),
        )
    ),
    ExportResult(files=("report.html",)),
    PredictResult(images=1, detections=2, executed=IN_F32, problems=(NOTICED, NOTICED)),
    QuantizeResult(
        model="m.xml",
        images_used=3,
        parent_size_bytes=4,
        size_bytes=1,
        problems=(),
        warnings=(FewImages(dataset="猫", images=3), MissingTypes(types=("Swish",))),
        plan=PLAN,
        outcome=OUTCOME,
    ),
    OperationList(operations=(Operation(name="猫", kind="Add"),), parts={"head": ("猫",)}),
    result_of(
        run_of(precision_hint="default", mode=RunMode(hint="streams", streams=2, batch=4)),
        run_of("optimized", precision_hint="default"),
        ratios=(ratio_of(1.5),),
        not_run=(NotRun(model="猫", precision_hint="f32", mode=RunMode(batch=2), reason="no"),),
    ),
    CARD,
    StoredModel(xml=ODD, card=CARD),
    Recognition(
        confidence=0.5,
        reasons=(NOTICED,),
        preprocessing=Preprocessing(width=1, height=2),
        class_count=3,
    ),
    Dataset(
        name="d",
        root=ODD,
        kind="yolo",
        images=("caf\udce9.jpg", "two words.jpg"),
        class_names=("猫",),
        annotations=(Path("/x"),),
        warnings=(NOTICED,),
    ),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda value: type(value).__name__)
def test_requests(request_: Job) -> None:
    line = to_json(request_)
    assert b"\n" not in line
    assert from_json(line, job_class(line)) == request_


@pytest.mark.parametrize("message", MESSAGES, ids=lambda value: type(value).__name__)
def test_messages(message: Message) -> None:
    line = to_json(message)
    assert b"\n" not in line
    assert from_json(line, Message) == message


@pytest.mark.parametrize("value", RESULTS, ids=lambda value: type(value).__name__)
def test_results_on_disk(value: Value, tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, value)
    assert read_json(path, type(value)) == value
    assert list(tmp_path.iterdir()) == [path]


def test_every_kind_is_there() -> None:
    """Whoever adds a request, message or result adds it to the lists above."""

    def kinds(union: object) -> set[type]:
        return set(union.__args__)  # type: ignore[attr-defined]

    assert {type(value) for value in REQUESTS} == set(jobs())
    assert {type(value) for value in MESSAGES} == kinds(Message)
    results = {get_type_hints(vars(kind)["run"])["return"] for kind in jobs()}
    reports = {kind.result for kind in KINDS}  # these are made by jobs in tests/core/reports
    assert results - {Value} <= {type(value) for value in RESULTS} | reports


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b'{"type": "unheard of"}',
        b'{"type": "progress"}',
        b'{"type": "progress", "stage": 3}',
        b'{"type": "log", "text": "\\udce9"',
        b'{"type": "log", "text": 3, "more": "\\udce9"}',
        b'"caf\\udce9"',
    ],
)
def test_what_is_no_value_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json(line, Message)


def test_plain_values_hold_no_paths() -> None:
    assert to_plain(DatasetSource(path=Path("a/b"))) == {
        "path": str(Path("a/b")),
        "role": "validation",
    }


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"gone\.json is missing"):
        read_json(tmp_path / "gone.json", ModelCard)
    (tmp_path / "bad.json").write_bytes(b'{"name": 3, "version": 1}')
    with pytest.raises(WorkbenchError, match=r"bad\.json is damaged"):
        read_json(tmp_path / "bad.json", ModelCard)
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_json(tmp_path, ModelCard)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "value.json"
    write_json(path, PLAN)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_json(path, QuantizationPlan())
    assert read_json(path, QuantizationPlan) == PLAN
    assert list(tmp_path.iterdir()) == [path]


def test_values_do_not_change() -> None:
    with pytest.raises(AttributeError):
        PLAN.seed = 4  # type: ignore[misc]


def test_errors_are_sentences_of_their_kind() -> None:
    refused = error_of(Failed(what="A.", next_step="B.", refused_input=True))
    assert isinstance(refused, InputError)
    assert str(refused) == "A. B."
    failed = error_of(Failed(what="A.", next_step=""))
    assert not isinstance(failed, InputError)
    assert str(failed) == "A."


def test_a_cancel_is_not_caught_as_an_error() -> None:
    assert not issubclass(JobCancelled, Exception)


@pytest.mark.parametrize(
    ("version", "sentence"), [(0, "older version"), (None, "older version"), (99, "newer version")]
)
def test_the_form_of_another_version_is_refused_and_left_alone(
    tmp_path: Path, version: int | None, sentence: str
) -> None:
    path = tmp_path / "search.json"
    state = next(value for value in RESULTS if isinstance(value, SearchState))
    write_json(path, state)
    assert read_json(path, SearchState) == state
    plain = json.loads(path.read_bytes())
    plain.pop("version")
    path.write_text(json.dumps(plain if version is None else plain | {"version": version}))
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match=rf"search\.json was written by an? {sentence}"):
        read_json(path, SearchState)
    assert path.read_bytes() == before


def test_a_plan_that_was_written_by_hand_need_not_say_its_version(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"preset": "mixed"}')
    assert read_json(path, QuantizationPlan, by_hand=True).preset == "mixed"
    path.write_text('{"preset": "mixed", "version": 7}')
    with pytest.raises(WorkbenchError, match="newer version"):
        read_json(path, QuantizationPlan, by_hand=True)


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1, "name": "d", "kind": "folder", "images": [], "root": 5}',
        '{"version": 1, "name": NaN}',
        "[" * 100_000,
        '{"version": 1, "name": "\\ud800", "root": NaN}',
        '{"version": "one"}',
    ],
)
def test_whatever_is_wrong_with_a_stored_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dataset.json"
    path.write_text(text)
    with pytest.raises(WorkbenchError, match=r"dataset\.json is damaged"):
        read_json(path, Dataset)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "dataset.json")
    with pytest.raises(WorkbenchError, match="not a regular file"):
        read_json(tmp_path / "dataset.json", Dataset)


def test_a_text_that_is_not_utf8_is_damaged(tmp_path: Path) -> None:
    """msgspec raises something else for it than for all other damage."""
    path = tmp_path / "result.json"
    path.write_bytes(b'{"name": "o\xf7n"}')
    with pytest.raises(WorkbenchError, match=r"result.json is damaged: it is not UTF-8"):
        read_json(path, dict[str, str])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_nothing_takes_the_place_of_a_pipe_or_a_device(tmp_path: Path) -> None:
    """A file that the user named may be one: root would lose /dev/zero to a plan."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not a regular file"):
        write_json(pipe, {"a": 1})
    with pytest.raises(InputError, match="pipe is not a regular file"):
        require_file(pipe)
    assert pipe.is_fifo()
