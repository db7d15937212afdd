"""One of a thing is one: ``1 image is``, never ``1 images are``."""

from __future__ import annotations

import msgspec
import pytest

from core.models.calibration_warnings import (
    AlikeImages,
    CalibrationWarning,
    FewImages,
    SharedImages,
)
from core.wording.optimize import outcome_sentence, warning_sentence
from tests.support.values import OUTCOME

ONE_SHARED = SharedImages(calibration="c", comparison="v", shared=1, total=1, examples=("a",))


@pytest.mark.parametrize(
    ("warning", "start"),
    [
        (ONE_SHARED, "The only image of v is a calibration image, too;"),
        (
            msgspec.structs.replace(ONE_SHARED, total=4),
            "1 of the 4 images of v is among the calibration images of c, too (a);",
        ),
        (
            AlikeImages(images=1, total=9, example=("a", "b")),
            "1 of 9 calibration images is almost like another one, such as a and b, and adds",
        ),
        (FewImages(dataset="c", images=1), "c gives only 1 image for the calibration;"),
    ],
)
def test_a_warning_about_one_image(warning: CalibrationWarning, start: str) -> None:
    assert warning_sentence(warning).startswith(start)


def test_an_outcome_on_one_image() -> None:
    one = msgspec.structs.replace(OUTCOME, images=1, held_out=True)
    assert f"on 1 held-out image of {OUTCOME.dataset}" in outcome_sentence(one)
