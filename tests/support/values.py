"""A value of every kind that is stored or sent between processes."""

from pathlib import Path

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import NotRun
from core.benchmark.sent import SentBenchmarkJob
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.catalogue.entries import catalogue
from core.catalogue.job import DownloadJob, DownloadResult
from core.check.job import CheckJob
from core.check.limits import CheckLimits
from core.check.settings import CheckSettings
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
from core.deployment.self_testing import SelfTestJob, SelfTestResult, SentSelfTestJob
from core.images.augment import Augmentation
from core.importing.job import ImportJob, ImportResult
from core.importing.preview_job import (
    LivePreviewJob,
    PreviewedImage,
    PreviewJob,
    PreviewResult,
)
from core.inference.machine import Machine as Measured
from core.inference.processor import Machinery, Processor
from core.inference.settings import AS_IT_RUNS
from core.jobs.events import (
    Answer,
    ArtifactWritten,
    Cancelled,
    Failed,
    Joined,
    Keeping,
    LogLine,
    Progress,
    Succeeded,
)
from core.machines.condition import Condition, WorkerChecked
from core.machines.job import CheckMachineJob, ClearMachineJob, MachineChecked, MachineCleared
from core.machines.machine import Machine
from core.machines.program import Program
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
from core.profiling.sent import SentProfileJob
from core.profiling.settings import ProfiledModel, ProfileSettings
from core.remarks.remark import remark
from core.reports.annotations.kind import AnnotationsJob
from core.reports.export import ExportJob, ExportResult
from core.reports.filters import RowFilter
from core.reports.kind import ReportOptions, ViewState
from core.reports.kinds import KINDS
from core.reports.sent import SentReportJob
from core.search.candidates import Candidate, Failure, Reason, SearchState
from core.search.job import CopyModelJob, CopyModelResult, SearchJob
from core.search.settings import SearchSettings
from core.transfer.bundle import Bundle, BundledArtifact, BundledProject
from core.transfer.job import PackProjectJob, PackResult, UnpackProjectJob, UnpackResult
from core.transfer.model_export import ExportModelJob, ExportModelResult
from core.values import Value
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

MACHINE = Machine(
    name="lab",
    address="tls://10.0.0.7:8786",
    number="0" * 32,
    ca=ODD,
    certificate=ODD,
    key=ODD,
    agreed=True,
)
PROCESSOR = Processor(
    name="CPU 猫", instruction_sets=("AVX2",), arithmetic="exact", default_precision="f32"
)
CONDITION = Condition(
    host="a",
    program=Program(version="1", code="0a", system="Linux x86_64"),
    python="3.11.0",
    openvino="2026",
    machinery=Machinery(devices={"CPU": "it"}, processor=PROCESSOR),
    cores=2,
    memory_bytes=2**40,
    disk_bytes=2**50,
    clock=1.5,
)

SENT = [
    SentBenchmarkJob(
        machine=MACHINE,
        job=BenchmarkJob(
            models=(BenchmarkedModel(name="parent", xml=ODD),),
            settings=BenchmarkSettings(seconds=1.5, seed=9),
        ),
    ),
    SentProfileJob(
        machine=MACHINE,
        job=ProfileJob(
            models=(ProfiledModel(name="parent", xml=ODD),), settings=ProfileSettings(seconds=1.5)
        ),
    ),
    SentReportJob(
        machine=MACHINE, job=AnnotationsJob(parent=ODD, optimized=Path("o.xml"), dataset=SOURCE)
    ),
    SentSelfTestJob(machine=MACHINE, job=SelfTestJob(package=ODD)),
]

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
    ExportModelJob(model=ODD, name="n", notes="for the gate"),
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
    CheckMachineJob(machine=MACHINE),
    ClearMachineJob(machine=MACHINE),
    SelfTestJob(package=ODD, device="GPU", precision_hint="f16"),
    *SENT,
    PredictJob(model=ODD, dataset=SOURCE, cache=ODD, machine=MACHINE),
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
    Progress(stage="Unpacking", done=30, total=100, counted=False),
    LogLine(text='caf\udce9.jpg is cut short\nand "quoted"'),
    ArtifactWritten(kind="model", file="m.xml"),
    Succeeded(),
    Succeeded(stopped=True),
    Keeping(),
    Joined(),
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
    SelfTestResult(
        outcome="not_judged",
        lines=("a", "猫"),
        machine=Measured(
            device="CPU",
            device_name="it",
            logical_cores=2,
            openvino="1",
            system="any",
            name="board",
            host="b",
        ),
    ),
    MachineChecked(
        machine="lab",
        address="tls://10.0.0.7:8786",
        workers=(
            WorkerChecked(worker="tls://b:1", condition=None, refused=NOTICED),
            WorkerChecked(worker="tls://a:1", condition=CONDITION, skew_seconds=-1.5),
        ),
    ),
    MachineCleared(freed_bytes=2**40, unreached=1),
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
    ExportModelResult(files=("n.xml", "n.bin")),
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
