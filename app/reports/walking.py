"""The image that is looked at, and the list that next and previous walk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject

from app.kit.signals import Sends

if TYPE_CHECKING:
    from app.viewer.scene.scene import ViewedImage
    from app.viewer.strip.thumbnail_items import Thumbnails
    from core.reports.kind import ReportImages

_AHEAD = (1, -1, 2, 3)  # steps from here to the images that will be asked for next


class ImageWalk(QObject):
    """Walks a list of images of a report; every report that has images shows them by it."""

    image_changed = Sends["ViewedImage | None"]()
    order_changed = Sends["NDArray[np.int64]"]()  # [N], the images in the order walked

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._material: ReportImages | None = None
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)
        self._image: int | None = None
        self._classes: tuple[int, ...] = ()  # ids, the most frequent first

    @property
    def material(self) -> ReportImages | None:
        """What the images are drawn from."""
        return self._material

    @property
    def order(self) -> NDArray[np.int64]:
        """Int64 ``[N]``: the images in the order walked."""
        return self._order

    def set_material(self, material: ReportImages | None) -> None:
        """Show the boxes of this comparison from now on; an image that is looked at follows.

        It must be of the same images as before while one is looked at.
        """
        before, self._material = self._material, material
        if material is not None and (
            before is None or before.comparison.parent is not material.comparison.parent
        ):
            from app.reports.viewed import frequent_first

            self._classes = frequent_first(material.comparison)
        if self._image is not None:
            self.image_changed.emit(self._viewed())

    def show_image(self, image: int | None, order: ArrayLike | None = None) -> None:
        """Look at an image by its number; `order` is the list that next and previous walk."""
        if order is not None:
            self._order = np.asarray(order, np.int64)
            self.order_changed.emit(self._order)
        self._image = image
        self.image_changed.emit(self._viewed())

    def show_next(self, step: int = 1) -> None:
        """Go on by `step` images in the list; stays at its ends."""
        place = self._place()
        if place is not None and 0 <= place + step < len(self._order):
            self.show_image(int(self._order[place + step]))

    def show_next_difference(self) -> None:
        """Go to the next image of the list on which the two models differ, from the top again."""
        image = self._next_difference()
        if image is not None:
            self.show_image(image)

    def neighbours(self) -> list[Path]:
        """Paths of the images that will be asked for next, the likeliest first."""
        place = self._place()
        if place is None:
            return []
        near = (place + step for step in _AHEAD)
        images = [int(self._order[p]) for p in near if 0 <= p < len(self._order)]
        different = self._next_difference()
        if different is not None:
            images.insert(1, different)
        return [self._path(image) for image in dict.fromkeys(images) if image != self._image]

    def _next_difference(self) -> int | None:
        place = self._place()
        if place is None or self._material is None:
            return None
        rows = self._material.comparison.images
        changed = np.zeros(len(self._material.comparison.parent), bool)
        changed[rows.image[rows.different > 0]] = True
        ahead = np.roll(self._order, -place - 1)
        found = np.flatnonzero(changed[ahead])
        return int(ahead[found[0]]) if len(found) else None

    def thumbnails(self) -> Thumbnails:
        """The list that next and previous walk, as thumbnails."""
        from app.reports.viewed import thumbnails_of
        from app.viewer.strip.thumbnail_items import Thumbnails

        if self._material is None:
            return Thumbnails.none()
        shown = self._material
        return thumbnails_of(shown.comparison, shown.root, self._order, shown.called)

    def _place(self) -> int | None:
        if self._image is None:
            return None
        found = np.flatnonzero(self._order == self._image)
        return int(found[0]) if len(found) else None

    def _path(self, image: int) -> Path:
        assert self._material is not None
        return self._material.root / self._material.comparison.parent.image_names[image]

    def _viewed(self) -> ViewedImage | None:
        if self._image is None or self._material is None:
            return None
        from app.reports.viewed import viewed_image
        from core.metrics.accuracy.image_truth import truth_of_image

        comparison, truth = self._material.comparison, self._material.truth
        return viewed_image(
            comparison,
            self._image,
            self._path(self._image),
            position=self._place() or 0,
            total=len(self._order) or 1,
            truth=None
            if truth is None
            else truth_of_image(truth, self._image, comparison.thresholds.iou),
            class_order=self._classes,
            called=self._material.called,
        )
