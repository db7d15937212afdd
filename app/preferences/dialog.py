"""What the user prefers, in one form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLayout,
    QLineEdit,
    QWidget,
)

from app.kit.boxes import across, down
from app.kit.fields import Form, combo, decimal, note, quietly, spin
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import GAP, Theme
from app.kit.widgets import Card, button, label, reserved
from app.project.preferred import LONGEST_NOTABLE, Preferences
from app.workers.machinery import USUAL_DEVICES, Devices
from core.benchmark.settings import MOST_THREADS
from core.sizes import Units

_THEMES: tuple[tuple[Theme, str], ...] = (
    ("system", "System"),
    ("light", "Light"),
    ("dark", "Dark"),
)
_UNITS: tuple[tuple[Units, str], ...] = (
    ("decimal", "MB: 1,000,000 bytes"),
    ("binary", "MiB: 1,048,576 bytes"),
)
F = TypeVar("F", QWidget, QLayout)
_WIDTH, _TITLE_WIDTH, _FIELD_WIDTH = 800, 190, 180  # pixels
_SYSTEM, _NONE, _OWN = "", "none", "own"
_PROXIES = ((_SYSTEM, "System"), (_NONE, "No proxy"), (_OWN, "This one:"))
_LIMITS = (
    (
        "safe_kept",
        "Safe: accuracy kept from",
        "A model that keeps less is not called safe.",
    ),
    (
        "not_safe_kept",
        "Not safe: accuracy kept below",
        "Between both, you are asked to check.",
    ),
    ("most_changed", "Predictions changed up to", "If more of them changed, safe becomes check."),
)


@dataclass(frozen=True)
class Chosen:
    """All that the form says; the workspace is that of the next start."""

    preferences: Preferences
    theme: Theme
    workspace: Path


class PreferencesDialog(QDialog):
    """File > Preferences."""

    chosen = Sends[Chosen]()

    def __init__(
        self, parent: QWidget | None, now: Chosen, is_proxy: Callable[[str], bool]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(_WIDTH)
        self._is_proxy = is_proxy
        self._workspace = now.workspace
        self._device = now.preferences.device
        self._make_fields()
        self.problem = reserved(label(), lines=1)
        self.ok = button("OK", primary=True)
        self.ok.setDefault(True)
        self.cancel = button("Cancel")
        self.usual = button("Restore defaults")
        self._lay_out()
        self._connect()
        self._show(now)

    def show_devices(self, devices: Devices) -> None:
        """Offer these devices, and the chosen one where it is not among them now."""
        before = self.device.currentData() or self._device
        offered = [(device, f"{device} ({title})") for device, title in devices]
        if before not in dict(devices):
            offered.append((before, f"{before} (not on this machine)"))
        with quietly(self.device):
            _fill(self.device, offered)
            self.device.setCurrentIndex(self.device.findData(before))

    def _make_fields(self) -> None:
        self.workspace = QLineEdit()
        self.workspace.setAccessibleName("Workspace folder")
        self.browse = button("Choose…")
        self.theme = combo("Theme")
        _fill(self.theme, _THEMES)
        self.device = combo("Device")
        self.show_devices(USUAL_DEVICES)
        self.threads = spin(0, MOST_THREADS, "Threads")
        self.threads.setSpecialValueText("OpenVINO's choice")
        self.score = decimal("Score threshold", 0.99, 0.05)
        self.limits = {
            field: decimal(title, 100.0, 0.5, digits=1, suffix=" %") for field, title, _ in _LIMITS
        }
        for number in (self.score, *self.limits.values()):
            number.setFixedWidth(120)
        self.units = combo("Units of sizes")
        _fill(self.units, _UNITS)
        self.notifies = QCheckBox("When a job ends that took at least")
        self.notable = spin(0, LONGEST_NOTABLE, "Shortest job that is announced", " s")
        self.proxy_kind = combo("Proxy")
        _fill(self.proxy_kind, _PROXIES)
        for field in (self.theme, self.units, self.device, self.threads, self.proxy_kind):
            field.setFixedWidth(_FIELD_WIDTH)
        self.proxy = QLineEdit()
        self.proxy.setAccessibleName("Address of the proxy")
        self.proxy.setPlaceholderText("proxy.example:3128")

    def _lay_out(self) -> None:
        places = Form()
        folder = across((self.workspace, 1), self.browse, margins=0, spacing=6)
        places.add_field(*_named("Workspace folder", folder))
        places.add_field(*_named("", note("Another folder is used from the next start on.")))
        places.add_field(*_named("Theme", self.theme))
        places.add_field(*_named("Units of sizes", self.units))
        notifying = across(self.notifies, self.notable, 1, margins=0, spacing=6)
        places.add_field(*_named("Desktop notifications", notifying))
        proxy = across(self.proxy_kind, (self.proxy, 1), margins=0, spacing=6)
        places.add_field(*_named("Proxy of downloads", proxy))
        running = Form()
        for title, chosen, meaning in (
            (
                "Device",
                self.device,
                "Benchmarks and reports without a target run on it.",
            ),
            (
                "Threads",
                self.threads,
                "Benchmarks use so many. OpenVINO decides for other work.",
            ),
        ):
            row = across(chosen, (note(meaning), 1), margins=0, spacing=6)
            running.add_field(*_named(title, row))
        judging = Form()
        judging.add_field(*_named("Score threshold", self.score))
        for field, title, meaning in _LIMITS:
            row = across(self.limits[field], (note(meaning), 1), margins=0, spacing=6)
            judging.add_field(*_named(title, row))
        judging.add_field(*_named("", note("A report keeps those that it was made with.")))
        titles = (("Program", places), ("Running models", running), ("New reports", judging))
        cards = [Card(title) for title, _ in titles]
        for card, (_, fields) in zip(cards, titles, strict=True):
            card.box.addLayout(fields)
        below = across(self.usual, 1, self.cancel, self.ok, spacing=6)
        down(*cards, self.problem, below, spacing=GAP, margins=GAP, on=self)

    def _connect(self) -> None:
        self.browse.clicked.connect(self._on_browse)
        self.usual.clicked.connect(self._on_usual)
        self.cancel.clicked.connect(self.reject)
        self.ok.clicked.connect(self._on_ok)
        for line in (self.workspace, self.proxy):
            line.textChanged.connect(self._on_changed)
        for number in (self.score, *self.limits.values()):
            number.valueChanged.connect(self._on_changed)
        self.proxy_kind.currentIndexChanged.connect(self._on_changed)
        self.notifies.toggled.connect(self.notable.setEnabled)

    def _show(self, now: Chosen) -> None:
        preferred = now.preferences
        self.workspace.setText(str(now.workspace))
        self.theme.setCurrentIndex(self.theme.findData(now.theme))
        self._device = preferred.device
        place = self.device.findData(preferred.device)
        if place < 0:
            self.device.addItem(displayable(preferred.device), preferred.device)
            place = self.device.count() - 1
        self.device.setCurrentIndex(place)
        self.threads.setValue(preferred.threads)
        self.score.setValue(preferred.score)
        for field, number in self.limits.items():
            number.setValue(100 * getattr(preferred, field))
        self.units.setCurrentIndex(self.units.findData(preferred.units))
        self.notifies.setChecked(preferred.notifies)
        self.notable.setEnabled(preferred.notifies)
        self.notable.setValue(preferred.notable_seconds)
        kind = preferred.proxy if preferred.proxy in (_SYSTEM, _NONE) else _OWN
        self.proxy_kind.setCurrentIndex(self.proxy_kind.findData(kind))
        self.proxy.setText(preferred.proxy if kind == _OWN else "")
        self._on_changed()

    @property
    def _problem(self) -> str:
        """What keeps the fields from being kept; empty if nothing does."""
        folder = Path(self.workspace.text().strip()).expanduser()
        if not folder.is_absolute():
            return "The workspace needs a whole path."
        if folder.exists() and not folder.is_dir():
            return "The workspace is a file; choose a folder."
        if self.limits["not_safe_kept"].value() >= self.limits["safe_kept"].value():
            return "Safe must lie above not safe."
        if self.proxy_kind.currentData() == _OWN and not self._is_proxy(self.proxy.text().strip()):
            return "The proxy needs an address with a port, such as proxy.example:3128."
        return ""

    def _on_changed(self) -> None:
        self.proxy.setEnabled(self.proxy_kind.currentData() == _OWN)
        problem = self._problem
        self.problem.setText(problem)
        self.ok.setEnabled(not problem)

    def _on_browse(self) -> None:
        start = self.workspace.text()
        folder = QFileDialog.getExistingDirectory(self, "Workspace folder", start)
        if folder:
            self.workspace.setText(folder)

    def _on_usual(self) -> None:
        self._show(Chosen(Preferences(), "system", self._workspace))

    def _on_ok(self) -> None:
        kind = self.proxy_kind.currentData()
        shares = {field: number.value() / 100 for field, number in self.limits.items()}
        preferences = Preferences(
            device=self.device.currentData(),
            threads=self.threads.value(),
            score=self.score.value(),
            proxy=self.proxy.text().strip() if kind == _OWN else kind,
            units=self.units.currentData(),
            notifies=self.notifies.isChecked(),
            notable_seconds=self.notable.value(),
            **{field: round(share, 4) for field, share in shares.items()},
        )
        folder = Path(self.workspace.text().strip()).expanduser()
        self.chosen.emit(Chosen(preferences, self.theme.currentData(), folder))
        self.accept()


def _named(title: str, field: F) -> tuple[QLabel, F]:
    """A row of a form, whose fields stand in one column with those of the other cards."""
    made = label(title, wrap=False)
    made.setFixedWidth(_TITLE_WIDTH)
    return made, field


Value = TypeVar("Value", bound=str)


def _fill(box: QComboBox, choices: Sequence[tuple[Value, str]]) -> None:
    box.clear()
    for value, title in choices:
        box.addItem(displayable(title), value)
