"""A new dataset from images that are dropped or chosen, and augmented images of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.dataset_making.maker import DatasetMaker
from app.dataset_making.presenter import CreatingPresenter
from app.kit.boxes import across, down
from app.kit.fields import Form, decimal, row_label, spin
from app.kit.memory import left_at, start_folder
from app.kit.text import counted, displayable, tooltip
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, dropped_paths, heading, label
from app.workers.decoding import LoadedImage
from core.images.augment import MAX_COPIES, Augmentation
from core.images.listing import IMAGE_SUFFIXES

IMAGE_FILES = "Images (*{})".format(" *".join(sorted(IMAGE_SUFFIXES)))
_ICON = QSize(186, 140)
# Attribute of Augmentation: title, what it does, a value to begin with.
STRENGTHS = {
    "erase": ("Erase", "a rectangle of noise on up to this share of the image", 0.2),
    "noise": ("Noise", "standard deviation, as a share of the full range", 0.05),
    "brightness": ("Brightness", "up to this much brighter or darker", 0.2),
    "contrast": ("Contrast", "up to this much more or less contrast", 0.3),
    "color": ("Colour", "up to this much more or less saturated", 0.5),
}


class CreateDatasetDialog(QDialog):
    """Sources on the left, what is made of each on the right, with an image of it."""

    def __init__(
        self, parent: QWidget | None, maker: DatasetMaker, sources: Sequence[Path] = ()
    ) -> None:
        super().__init__(parent)
        self._maker = maker
        self.setWindowTitle("Create a dataset")
        self.setAcceptDrops(True)
        self.presenter = CreatingPresenter(self)
        self._make_sources()
        self._make_options()
        self.shown = QListWidget()
        self.shown.setViewMode(QListView.ViewMode.IconMode)
        self.shown.setIconSize(_ICON)
        self.shown.setResizeMode(QListView.ResizeMode.Adjust)
        self.shown.setMovement(QListView.Movement.Static)
        self.shown.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.shown.setSpacing(6)
        self.shown.setAccessibleName("Augmented images")
        self.count = label(quiet=True)
        self.cancel = button("Cancel")
        self.cancel.clicked.connect(self.reject)
        self.make = button("Create", primary=True)
        self.make.clicked.connect(self._on_create_clicked)
        for one in (self.cancel, self.add_files, self.add_folder, self.remove):
            one.setAutoDefault(False)
        self._lay_out()
        self.presenter.sources_changed.connect(self._show_sources)
        self.presenter.shown.connect(self._show_augmented)
        self._show_sources(())
        self.presenter.add(sources)

    def done(self, result: int) -> None:
        """Close, and end the thread that makes the images."""
        self.presenter.close()
        super().done(result)

    # Building

    def _make_sources(self) -> None:
        self.sources = QListWidget()
        self.sources.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.sources.setAccessibleName("Images and folders")
        self.sources.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sources.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self.sources.itemSelectionChanged.connect(self._on_selection_changed)
        self.add_files = button("Add images…")
        self.add_files.clicked.connect(self._on_add_files)
        self.add_folder = button("Add a folder…")
        self.add_folder.clicked.connect(self._on_add_folder)
        self.remove = button("Remove")
        self.remove.setEnabled(False)
        self.remove.clicked.connect(self._on_remove)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.name.setPlaceholderText("for example: photos from the yard")

    def _make_options(self) -> None:
        self.flips = {
            "horizontal_flip": QCheckBox("Flip horizontally"),
            "vertical_flip": QCheckBox("Flip vertically"),
        }
        for box in self.flips.values():
            box.toggled.connect(self._on_options_changed)
        self.kinds: dict[str, QCheckBox] = {}
        self.strengths: dict[str, QDoubleSpinBox] = {}
        for key, (title, hint, usual) in STRENGTHS.items():
            self.kinds[key] = QCheckBox(title)
            field = decimal(title)
            field.setRange(0.01, 1.0)
            field.setValue(usual)
            field.setToolTip(tooltip(hint))
            field.setEnabled(False)
            field.valueChanged.connect(self._on_options_changed)
            self.kinds[key].setToolTip(tooltip(hint))
            self.kinds[key].toggled.connect(field.setEnabled)
            self.kinds[key].toggled.connect(self._on_options_changed)
            self.strengths[key] = field
        self.copies: QSpinBox = spin(1, MAX_COPIES, "Copies per kind")
        self.seed: QSpinBox = spin(0, 999_999, "Seed")
        for number in (self.copies, self.seed):
            number.valueChanged.connect(self._on_options_changed)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(heading("Images", 1))
        left.addWidget(label("Drop images and folders here. They are copied.", quiet=True))
        left.addWidget(self.sources, 1)
        left.addLayout(across(self.add_files, self.add_folder, self.remove, 1, spacing=8))
        named = Form()
        named.add_field(row_label("Name"), self.name)
        left.addLayout(named)
        left.addWidget(heading("Augmentation", 1))
        for box in self.flips.values():
            left.addWidget(box)
        options = Form()
        for key, box in self.kinds.items():
            box.setFixedWidth(110)
            options.add_field(box, self.strengths[key])
        options.add_field(row_label("Copies per kind"), self.copies)
        options.add_field(row_label("Seed"), self.seed)
        left.addLayout(options)
        right = down(heading("Preview", 1), (self.shown, 1), spacing=8)
        columns = across((left, 2), (right, 3), spacing=MARGIN)
        bottom = across((self.count, 1), self.cancel, self.make, spacing=GAP)
        down((columns, 1), bottom, spacing=GAP, margins=MARGIN, on=self)
        room = self.screen().availableSize() if self.screen() else QSize(1366, 768)
        self.resize(min(1100, room.width() - 40), min(720, room.height() - 60))

    # What the user does

    def _on_add_files(self) -> None:
        start = str(start_folder("images"))
        chosen, _ = QFileDialog.getOpenFileNames(self, "Add images", start, IMAGE_FILES)
        left_at("images", next(iter(chosen), ""))
        self.presenter.add(Path(name) for name in chosen)

    def _on_add_folder(self) -> None:
        start = str(start_folder("images"))
        chosen = QFileDialog.getExistingDirectory(self, "Add a folder", start)
        left_at("images", chosen)
        if chosen:
            self.presenter.add([Path(chosen)])

    def _on_remove(self) -> None:
        chosen = self.sources.selectedItems()
        self.presenter.remove(item.data(Qt.ItemDataRole.UserRole) for item in chosen)

    def _on_selection_changed(self) -> None:
        self.remove.setEnabled(bool(self.sources.selectedItems()))

    def _on_options_changed(self) -> None:
        self.presenter.set_augmentation(self.augmentation())
        self._show_count()

    def _on_create_clicked(self) -> None:
        sources = self.presenter.sources
        name = self.name.text().strip() or self.name.placeholderText()
        self._maker.create(sources, self.augmentation(), name)
        self.accept()

    def augmentation(self) -> Augmentation:
        """The options as they stand."""
        strengths = {
            key: round(self.strengths[key].value(), 2)
            for key, box in self.kinds.items()
            if box.isChecked()
        }
        return Augmentation(
            horizontal_flip=self.flips["horizontal_flip"].isChecked(),
            vertical_flip=self.flips["vertical_flip"].isChecked(),
            copies=self.copies.value(),
            seed=self.seed.value(),
            **strengths,
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.presenter.add(dropped_paths(event))
        event.acceptProposedAction()

    # What is shown

    def _show_sources(self, sources: tuple[Path, ...]) -> None:
        self.sources.clear()
        for path in sources:
            item = QListWidgetItem(displayable(str(path)))
            item.setData(Qt.ItemDataRole.UserRole, path)
            self.sources.addItem(item)
        self.make.setEnabled(bool(sources))
        self.name.setPlaceholderText(displayable(sources[0].stem) if sources else "")
        self._show_count()

    def _show_count(self) -> None:
        count = self.augmentation().augmented
        if not self.presenter.sources:
            self.count.setText("Add images or folders of them.")
        elif not count:
            self.count.setText("The images are copied as they are.")
        else:
            made = counted(count, "augmented image", "augmented images")
            self.count.setText(f"Each image is copied, and {made} of it added.")

    def _show_augmented(self, shown: tuple[tuple[str, LoadedImage], ...]) -> None:
        self.shown.clear()
        for title, image in shown:
            if image.error:
                self.shown.addItem(displayable(image.error))
                continue
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap.fromImage(image.levels[0]).scaled(
                _ICON * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            pixmap.setDevicePixelRatio(ratio)
            self.shown.addItem(QListWidgetItem(QIcon(pixmap), title.replace("color", "colour")))
