"""What a job says of some images before all are measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from core.detection.joining import Both
from core.predict.found import SampledParts
from core.remarks.sentences import sentence
from core.reports.annotations.estimating import estimated
from tests.benchmarks.accuracy_speed import made
from tests.support.truth import truth_of

IMAGES, SIZE = 200, 10
NOBODY: Any = None


class Parts(SampledParts):
    """Of two tables."""

    def both(self) -> Iterator[Both]:
        for one in self.images:
            yield TABLES[0].part(one), TABLES[1].part(one)


TABLES = made(IMAGES, seed=1)
SOME = Parts(NOBODY, NOBODY, (0, 2), [range(SIZE), range(20, 20 + SIZE)], IMAGES // SIZE)


def test_both_models_and_their_difference_are_said() -> None:
    (said,) = estimated(truth_of(TABLES[0]), SOME)
    text = sentence(said)
    assert text.startswith("Estimate from 20 of 200 images: AP 1.000 (95% interval ")
    assert " of the parent and 0." in text
    assert " of the optimized model, difference -0." in text
    assert text.endswith("The exact figures are being computed.")


def test_nothing_is_said_where_nothing_is_to_be_found() -> None:
    empty = replace(
        TABLES[0],
        offsets=np.zeros(IMAGES + 1, np.int64),
        boxes=TABLES[0].boxes[:0],
        scores=TABLES[0].scores[:0],
        class_ids=TABLES[0].class_ids[:0],
    )
    assert estimated(truth_of(empty), SOME) == ()
    assert estimated(truth_of(TABLES[0]), None) == ()
