"""What of an image is shown, and how: the user's choices, which stay from image to image."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from app.viewer.scene.colours import Colouring
from app.viewer.scene.scene import SAME, BoxStatus, Overlay


class Mode(Enum):
    """How the two models' images are put together."""

    SIDE_BY_SIDE = "Side by side"
    WIPE = "Wipe"
    BLINK = "Blink"


@dataclass(frozen=True)
class Choices:
    """What is shown.

    Attributes:
        only_differences: leave out what both models found alike.
        truth: show the pane of the ground truth, where there is one.
        hidden_statuses, hidden_classes: left out by the legend.
    """

    mode: Mode = Mode.SIDE_BY_SIDE
    colouring: Colouring = Colouring.STATUS
    only_differences: bool = False
    truth: bool = True
    hidden_statuses: frozenset[BoxStatus] = field(default_factory=frozenset)
    hidden_classes: frozenset[int] = field(default_factory=frozenset)

    def shown(self, overlay: Overlay) -> NDArray[np.bool_]:
        """Bool ``[N]``: which boxes of an overlay are to be seen."""
        left_out = set(self.hidden_statuses) | (set(SAME) if self.only_differences else set())
        statuses = np.array([int(status) for status in left_out], np.int64)
        classes = np.array(sorted(self.hidden_classes), np.int64)
        result: NDArray[np.bool_] = ~np.isin(overlay.statuses, statuses)
        return result & ~np.isin(overlay.class_ids, classes)

    def with_status_toggled(self, status: BoxStatus) -> Choices:
        """A status is left out, or shown again."""
        return replace(self, hidden_statuses=self.hidden_statuses ^ {status})

    def with_class_toggled(self, class_id: int) -> Choices:
        """A class is left out, or shown again."""
        return replace(self, hidden_classes=self.hidden_classes ^ {class_id})
