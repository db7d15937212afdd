"""No cell of any CSV file is a formula: the writer, and everything that writes through it."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.detection.detections import DetectionTable
from core.documents.csv import csv_table
from core.inference.settings import Executed, InferenceSettings
from core.metrics.accuracy.annotated import Accuracy, accuracy
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.speed.figures import Spread
from core.metrics.tensors.tensor_distance import TensorDistance
from core.models.plan import QuantizationPlan
from core.profiling.layer_groups import LayerGroup
from core.profiling.layers_csv import layers_csv
from core.profiling.profile import Layer, Profile
from core.project_comparison.comparing import ComparedProject, Pair, ProjectComparison
from core.reports.annotations import tables as measured_tables
from core.reports.predictions import tables as predictions
from core.reports.tensors import layer_table
from core.scorecard.score import MeasuredAp, ModelSpeed, Score, Source
from core.wording.comparison_files import comparison_csv
from core.wording.leaderboard import leaderboard_csv
from launcher.checkout import ROOT
from tests.support.reports import whole
from tests.support.tables import table

EVIL = (
    "=cmd|'-C calc'!A0", "+1+1", "-2+3+cmd", "@SUM(1+1)", "\t=1", "\r=1", "\n=1", "\tplain", " =1",
    "\"=1", "'=1", "a;=1", "a|=1", "a\t=1", "a\n=1", "a\r\n =1", 'a";"=1', "\uff1d1", "a\n\n=1",
)  # fmt: skip
COMPUTED = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def formulas(data: bytes) -> list[str]:
    """Cells of text that a spreadsheet computes, whichever separator it takes."""
    text = data.decode("utf-8", "surrogateescape")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    cells += [cell for separator in ";|\t" for cell in re.split(rf"[{separator}\r\n]", text)]
    return [one for one in cells if is_formula(one)]


def is_formula(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell.startswith(("\t", "\r")) or cell.lstrip(' "')[:1] in COMPUTED
    return False


@pytest.mark.parametrize("text", EVIL)
def test_text_that_a_spreadsheet_would_compute_is_text(text: str) -> None:
    data = csv_table([text, "b"], [[text, text], [1, text]])
    assert not formulas(data)
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert {row[1].replace("'", "") for row in rows[1:]} == {text.replace("'", "")}


def test_control_characters_are_replaced() -> None:
    """They would colour the terminal of who prints the file, or end the text there."""
    assert csv_table(["a\x1b[31m\0red"], [["\x07\x9b\tb"]]) == (
        "a\ufffd[31m\ufffdred\n\ufffd\ufffd\tb\n".encode()
    )


def test_other_cells_are_written_as_they_are() -> None:
    rows = [('two, "2"', -1.5, 3, None), ("a-b=c", float("inf"), True, "it's"), ("", 0.0, 0, "5")]
    found = csv_table(("name", "value", "count", "note"), rows).decode()
    assert found == (
        'name,value,count,note\n"two, ""2""",-1.5,3,\na-b=c,inf,True,it\'s\n,0.0,0,5\n'
    )


def test_names_that_are_no_text_are_written() -> None:
    assert csv_table(["caf\udce9"], []) == b"caf\xe9\n"
    assert csv_table(["half \ud800"], []).decode() == "half \ufffd\n"


def pair() -> tuple[DetectionTable, DetectionTable]:
    rows = [[(10, 10, 60, 60, 0.9, number)] for number in range(len(EVIL))]
    parent = replace(table(*rows, classes=EVIL), image_names=EVIL)
    return parent, replace(parent, class_ids=parent.class_ids[::-1].copy())


def comparison() -> Comparison:
    return compare(*pair())


def profile() -> Profile:
    return Profile(
        model=EVIL[0], precision_hint="default", precision_executed=EVIL[0],
        precision_layers={EVIL[0]: 1}, inferences=1, threads=1,
        latency_ms=Spread(median=1, low=1, high=1), latency_rounds_ms=(1.0,), quantized=True,
        layers=tuple(
            Layer(
                name=evil, type=evil, role="other", time_ms=1, time_low_ms=1, time_high_ms=1,
                precision=evil, output_precision=evil, primitive=evil, originals=(evil, evil),
                original_types=(evil, evil), shape=(1, 2), inputs=(),
            )
            for evil in EVIL
        ),
    )  # fmt: skip


def projects() -> ProjectComparison:
    groups = tuple(
        LayerGroup(
            name=evil, what=evil, first=(0,), second=(0,), first_ms=1, second_ms=2,
            first_precision=evil, second_precision=evil,
        )
        for evil in EVIL
    )  # fmt: skip
    return ProjectComparison(
        projects=tuple(
            ComparedProject(title=evil, size_bytes=1, parameters=1, precision=evil) for evil in EVIL
        ),
        ratios=(None,) * (len(EVIL) - 1),
        types=(),
        pairs=(Pair(place=1, groups=groups, in_turns=True),),
    )


def measured() -> Accuracy:
    parent, optimized = pair()
    known = replace(parent, scores=np.ones(len(EVIL), np.float32))
    nothing = replace(table(*[[]] * len(EVIL), classes=EVIL), image_names=EVIL)
    truth = GroundTruth(
        known, np.full(len(EVIL), 1000.0), nothing, np.zeros(0), np.ones(len(EVIL), bool)
    )
    return accuracy(truth, parent, optimized)


def layers() -> tuple[TensorDistance, ...]:
    return tuple(
        TensorDistance(
            name=evil, kind=evil, operations=(evil, evil), output=evil, mse=0.0, snr_db=None,
            cosine=None, max_abs=0.0, relative_error=0.0, added_error=-0.5,
        )
        for evil in EVIL
    )  # fmt: skip


def family() -> list[Score]:
    source, one = Source(project_id=1, artifact_id=1), Spread(median=1, low=1, high=1)
    ran = Executed(
        settings=InferenceSettings(),
        device_name="",
        precision="f32",
        float_precision="f32",
        layers={},
        threads=1,
        arithmetic=None,
    )
    return [
        Score(
            project_id=1, parent_id=1, name=evil, title=evil, state="ready", precision=evil,
            plan=QuantizationPlan(name=evil), problems=(evil, evil),
            ap=MeasuredAp(source=source, ap=1, executed=ran, dataset=evil),
            speed=ModelSpeed(
                source=source, latency_run=0, fps=1, latency_ms=1, fps_spread=one,
                latency_spread_ms=one, precision_hint="default", precision_executed=evil,
                device=evil, device_name=evil, mode=evil, started="",
            ),
        )
        for evil in EVIL
    ]  # fmt: skip


def report_tables() -> list[bytes]:
    accuracy, compared = measured(), comparison()
    tables = (
        whole(predictions.image_table(compared)),
        whole(predictions.row_table(compared)),
        predictions.class_table(compared),
        measured_tables.statistic_table(accuracy),
        measured_tables.class_table(accuracy),
        measured_tables.error_table(accuracy),
        layer_table(layers()),
    )
    return [table.csv() for table in tables]


# Everything that writes CSV: the module, and what it writes of hostile names.
WRITERS: dict[str, Callable[[], list[bytes]]] = {
    "core.profiling.layers_csv": lambda: [layers_csv(profile())],
    "core.wording.comparison_files": lambda: [comparison_csv(projects())],
    "core.wording.leaderboard": lambda: [leaderboard_csv(family())],
    "core.documents.tables": report_tables,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_no_writer_makes_a_formula(writer: str) -> None:
    for data in WRITERS[writer]():
        assert data.count(b"\n") > 1
        assert not formulas(data)


def test_every_writer_is_tested_and_none_goes_its_own_way() -> None:
    through, alone = set(), set()
    for room in ("core", "app"):
        for path in (ROOT / room).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.ImportFrom) and node.module == "core.documents.csv":
                    through |= {module for name in node.names if name.name == "csv_table"}
                if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter"):
                    alone |= {module} if ast.unparse(node.value) == "csv" else set()
    assert through == set(WRITERS)
    assert alone == {"core.documents.csv"}
