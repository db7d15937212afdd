"""The one table of jobs: what a job's process can do. The helper ``job [KIND]``.

The process imports the one that it is asked for: another capability's libraries take longer to
import than many jobs take.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import msgspec

from core.jobs import child
from core.jobs.job import tag_of
from core.loading import load
from core.values import Value, from_json

_PLACES = {  # by the job's tag: its module, and its class there
    "import": "core.importing.job:ImportJob",
    "preview": "core.importing.preview_job:PreviewJob",
    "live_preview": "core.importing.preview_job:LivePreviewJob",
    "predict": "core.predict.job:PredictJob",
    "quantize": "core.optimize.job:QuantizeJob",
    "operations": "core.optimize.job:OperationsJob",
    "search": "core.search.job:SearchJob",
    "copy_model": "core.search.job:CopyModelJob",
    "benchmark": "core.benchmark.job:BenchmarkJob",
    "sent_benchmark": "core.benchmark.sent:SentBenchmarkJob",
    "profile": "core.profiling.job:ProfileJob",
    "sent_profile": "core.profiling.sent:SentProfileJob",
    "check": "core.check.job:CheckJob",
    "sent_report": "core.reports.sent:SentReportJob",
    "export_report": "core.reports.export:ExportJob",
    "package": "core.deployment.job:PackageJob",
    "self_test": "core.deployment.self_testing:SelfTestJob",
    "sent_self_test": "core.deployment.self_testing:SentSelfTestJob",
    "pack_project": "core.transfer.job:PackProjectJob",
    "export_model": "core.transfer.model_export:ExportModelJob",
    "unpack_project": "core.transfer.job:UnpackProjectJob",
    "download": "core.catalogue.job:DownloadJob",
    "create_dataset": "core.dataset_making.job:CreateDatasetJob",
    "check_machine": "core.machines.job:CheckMachineJob",
    "clear_machine": "core.machines.job:ClearMachineJob",
    "check_dataset": "core.dataset_making.job:CheckDatasetJob",
}

_DETECTING = ("core.runtime:openvino_core", "core.images.opencv")
_ARITHMETIC = "core.inference.arithmetic:int8_arithmetic"  # with OpenVINO's plugin, loaded for it
_IMAGES = ("core.datasets.open", "core.datasets.archives.unpacking", "numpy.random")
_QUANTIZING = (
    *_DETECTING,
    "core.optimize.importing_nncf:import_for_quantizing",
    "core.optimize.quantizing",
    "core.optimize.meanwhile",
    "core.optimize.recipe",
    "core.optimize.loops",
    "core.optimize.slices",
    "core.models.nms_inside",
    "core.models.preprocessing_inside",
    "core.models.decoders.registry:all_decoders",
    *_IMAGES,
    _ARITHMETIC,
)
NEEDED: dict[str, tuple[str, ...]] = {
    "import": (
        *_DETECTING,
        "core.importing.job",
        "core.models.importing",
        "core.models.decoders.registry:all_decoders",
        "numpy.random",
    ),
    "quantize": (*_QUANTIZING, "core.optimize.job"),
    "search": (*_QUANTIZING, "core.search.job", "core.search.search"),
    "predict": (*_DETECTING, "core.predict.job", "core.inference.predicting", _ARITHMETIC),
    "report_on_predictions": (
        *_DETECTING,
        "core.reports.kinds",
        "core.inference.predicting",
        "core.inference.machine",
        "core.datasets.mapping_store",
        "numpy.ma",  # which numpy.unique imports
        "core.models.decoders.registry:all_decoders",
        *_IMAGES,
        _ARITHMETIC,
    ),
}
"""What may be imported for a job before it is asked for: modules, and functions to call there."""


class _Tagged(Value):
    """As much of a request as says which job it is."""

    type: str


def job_class(request: bytes) -> Any:
    """The class of the job that a request asks for; raises msgspec.ValidationError without one."""
    tag = from_json(request, _Tagged).type
    if tag in _PLACES:
        return load(_PLACES[tag])
    for one in _report_jobs():
        if tag_of(one) == tag:
            return one
    raise msgspec.ValidationError(f"no job is called {tag}")


def jobs() -> tuple[type, ...]:
    """The classes of all jobs."""
    return (*map(load, _PLACES.values()), *_report_jobs())


def _report_jobs() -> tuple[Any, ...]:
    from core.reports.kinds import KINDS

    return tuple(kind.job for kind in KINDS)


def _in_words(value: Value) -> str:
    from core.wording.in_words import in_words  # its words are of many capabilities

    return in_words(value)


def get_ready(tag: str) -> None:
    """Import what a job with this tag needs, as far as that is known, before it is asked for."""
    for place in NEEDED.get(tag, ()):
        module, _, name = place.partition(":")
        found = import_module(module)
        if name:
            getattr(found, name)()


def main() -> None:
    """Run the job that standard input names; see `core.jobs.child`."""
    child.main(job_class, _in_words, get_ready)
