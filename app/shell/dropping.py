"""What a drop on the window means, and the highlight that says so while it is over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from app.kit.boxes import down
from app.kit.text import counted, displayable
from app.kit.theme import MARGIN
from app.kit.widgets import heading

_MOST = 100  # entries of a folder of models in folders: all are looked at while it is dragged

DropKind = Literal["projects", "models", "calibration", "images", "dataset", "mixed"]


@dataclass(frozen=True)
class Drop:
    """What is to be done with what was dropped; models may have come with their images."""

    kind: DropKind
    paths: tuple[Path, ...]
    dataset: Path | None = None

    @property
    def sentence(self) -> str:
        """The same, for the user."""
        name, count = displayable(self.paths[0].name), len(self.paths)
        one, many = {
            "projects": (f"Import the project {name}", f"Import {count} projects"),
            "models": (
                f"Make a project of the model {name}",
                f"Make projects of {count} models, one after the other",
            ),
            "calibration": (f"Calibrate on the images of {name}", ""),
            "images": (
                f"Make a dataset of {name}",
                f"Make a dataset of {counted(count, 'file')}",
            ),
            "dataset": (f"Make a project on the images of {name}", ""),
            "mixed": ("", "Drop models, project files or images, one kind at a time"),
        }[self.kind]
        said = one if count == 1 else many
        return said if self.dataset is None else f"{said}, with {displayable(self.dataset.name)}"


def meaning(paths: Sequence[Path], *, calibrates: bool) -> Drop:
    """What these files and folders are; `calibrates` where a dataset would be calibrated on."""
    from core.datasets.source import may_be_dataset
    from core.images.listing import IMAGE_SUFFIXES
    from core.models.sources import holds_model, models_in
    from core.transfer.bundle import SUFFIX

    if all(path.suffix.lower() == SUFFIX for path in paths):
        return Drop("projects", tuple(paths))
    paths = [inner for path in paths for inner in _models_below(path) or (path,)]
    models = [path for path in paths if holds_model(path)]
    named = {model.stem for model in models if model.is_file()}
    others = [path for path in paths if path not in models and path.stem not in named]
    if models and (not others or (len(others) == 1 and may_be_dataset(others[0]))):
        found = tuple(model for path in models for model in models_in(path))
        return Drop("models", found, others[0] if others else None)
    if len(paths) > 1 and (models or any(path.suffix.lower() == SUFFIX for path in paths)):
        return Drop("mixed", tuple(paths))
    first = paths[0]
    if len(paths) > 1 or first.suffix.lower() in IMAGE_SUFFIXES:
        return Drop("images", tuple(paths))
    if first.is_file() and not may_be_dataset(first):
        return Drop("models", (first,))  # what is wrong with it, the import says
    return Drop("calibration" if calibrates else "dataset", (first,))


def _models_below(path: Path) -> tuple[Path, ...]:
    """The folders of a folder whose models lie in a folder each; none where others are there."""
    from core.models.sources import holds_model

    if not path.is_dir() or holds_model(path):
        return ()
    inside = [one for one in islice(path.iterdir(), _MOST + 1) if not one.name.startswith(".")]
    folders = sorted(one for one in inside if one.is_dir())
    whole = 1 < len(folders) <= _MOST and all(map(holds_model, folders))
    return tuple(folders) if whole else ()


class DropHint(QFrame):
    """Lies over `host` while something is dragged over the window, and takes no mouse."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("drophint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = heading()
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        down(1, self.text, 1, margins=MARGIN, on=self)
        self.hide()

    def show_drop(self, drop: Drop) -> None:
        """Say what a drop would do."""
        host = self.parentWidget()
        assert host is not None
        self.text.setText(drop.sentence)
        self.setGeometry(host.rect())
        self.raise_()
        self.show()
