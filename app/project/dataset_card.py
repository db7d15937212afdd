"""The dataset of a project: its figures, what to know about it, and its images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.kit.boxes import across
from app.kit.text import counted, displayable
from app.kit.widgets import Card, button, label
from app.project.presenter import ProjectPresenter
from app.project_views import ProjectView
from core.datasets.stored import load_dataset
from core.errors import WorkbenchError
from core.remarks.remark import Remark
from core.remarks.sentences import sentences

if TYPE_CHECKING:
    from app.viewer.strip.thumbnails import ThumbnailView

_TOLD = 5  # problems that are shown before the user asks for all


class DatasetCard(Card):
    """Facts, warnings, images left out, and a strip of images that load as they are seen."""

    def __init__(self, presenter: ProjectPresenter) -> None:
        super().__init__("Dataset")
        self._presenter = presenter
        self.warnings = label(quiet=True, selectable=True)
        self.problems = label(quiet=True, selectable=True)
        self.all_problems = button("Show all", flat=True)
        self.all_problems.clicked.connect(self._on_all_clicked)
        self.mapping = button("Classes of dataset and model…")
        self.mapping.setToolTip("Map each class of the dataset to one of the model")
        self.mapping.clicked.connect(presenter.go.map_classes)
        row = across(self.mapping, self.all_problems, 1)
        self.box.addWidget(self.warnings)
        self.box.addWidget(self.problems)
        self.box.addLayout(row)
        self.strip: ThumbnailView | None = None
        self._shown: Path | None = None
        self._root = Path()
        self._problems: Sequence[Remark] = ()

    def show_project(self, view: ProjectView) -> None:
        """Show the dataset of this project."""
        dataset = view.dataset
        self.set_facts(
            [
                ("Name", displayable(dataset.name)),
                ("Images", f"{dataset.images:,}"),
                ("Annotations", f"{dataset.boxes:,} boxes" if dataset.annotated else "none"),
                ("Folder", displayable(str(dataset.root))),
            ]
        )
        self.warnings.setText(
            "\n".join(f"• {displayable(one)}" for one in sentences(dataset.warnings))
        )
        self.warnings.setVisible(bool(dataset.warnings))
        self.mapping.setVisible(bool(dataset.annotated and dataset.class_names and view.ready))
        self._problems = view.problems
        self._show_problems(_TOLD)
        self._show_images(view.project.dataset)

    def close_workers(self) -> None:
        """End the thread that decodes images."""
        if self.strip is not None:
            self.strip.close_workers()

    def _show_problems(self, most: int) -> None:
        problems = self._problems
        self.problems.setVisible(bool(problems))
        self.all_problems.setVisible(len(problems) > most)
        if not problems:
            return
        title = f"{counted(len(problems), 'image', 'images')} could not be used for the report:"
        lines = [title, *(f"• {displayable(one)}" for one in sentences(problems[:most]))]
        self.problems.setText("\n".join(lines))

    def _on_all_clicked(self) -> None:
        self._show_problems(len(self._problems))

    def _show_images(self, dataset: Path) -> None:
        if dataset == self._shown:
            return
        from app.viewer.strip.thumbnail_items import Thumbnails
        from app.viewer.strip.thumbnails import ThumbnailView

        if self.strip is None:
            self.strip = ThumbnailView(self, strip=True)
            self.strip.setAccessibleName("Images of the dataset")
            self.strip.image_chosen.connect(self._on_image_chosen)
            self.box.insertWidget(2, self.strip)
        self._shown = dataset
        try:
            opened = load_dataset(dataset)
        except WorkbenchError:
            self.strip.show_items(Thumbnails.none())
            return
        self._root = opened.root
        self.strip.show_items(Thumbnails.of_folder(opened.root, opened.images))

    def _on_image_chosen(self, image: int) -> None:
        if self.strip is not None:
            self._presenter.go.open_file.emit(self._root / self.strip.items.names[image])
